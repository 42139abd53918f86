/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints text without control characters. */
#include "print.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/*
 * Returns the size in bytes of the control character at text.  U+0080 to U+009f are control
 * characters too.  0: not a control character.
 */
static size_t control_length(const char *text)
{
	unsigned char c = (unsigned char)text[0], next = (unsigned char)text[1];

	if (c < ' ' || c == 0x7f)
		return 1;
	return c == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}

void print_clean(FILE *out, const char *text)
{
	while (*text) {
		size_t control = control_length(text);

		putc(control ? '?' : *text, out);
		text += control ? control : 1;
	}
}

void err_print(FILE *out, const struct err *err)
{
	print_clean(out, err->what);
	putc('\n', out);
	if (!err->hint[0])
		return;
	print_clean(out, err->hint);
	putc('\n', out);
}

static void on_sigxfsz(int sig)
{
	(void)sig;
}

bool prepare_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		/* open(2) returns the lowest descriptor that is free, which is fd. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode) != fd)
			return false;
	}
	/* SIG_IGN would be inherited by the program that reboots the system. */
	signal(SIGXFSZ, on_sigxfsz);
	return true;
}
