/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints text without control characters. */
#include "print.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

size_t utf8_length(const unsigned char *s)
{
	size_t length = 4;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	if (s[0] < 0xf0)
		length = s[0] < 0xe0 ? 2 : 3;
	for (size_t i = 1; i < length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return length;
}

/* Is the character at s, of the length of utf8_length(), a control character? */
static bool is_control(const unsigned char *s, size_t length)
{
	return length == 1 ? s[0] < ' ' || s[0] == 0x7f : s[0] == 0xc2 && s[1] < 0xa0;
}

void print_clean(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		size_t length = utf8_length(s);

		if (!length || is_control(s, length))
			putc('?', out);
		else
			fwrite(s, 1, length, out);
		s += length ? length : 1;
	}
}

struct stream {
	FILE *file;
	int fd;
	int error; /* errno of the first failed write */
	char buffer[4096]; /* static: an error message about memory needs no memory */
};

static ssize_t write_stream(void *cookie, const char *data, size_t size)
{
	struct stream *stream = cookie;

	if (fd_write(stream->fd, (struct bytes){ (const uint8_t *)data, size }))
		return (ssize_t)size;
	if (!stream->error)
		stream->error = errno;
	return 0;
}

static FILE *open_stream(struct stream *stream, int fd, int mode)
{
	const cookie_io_functions_t functions = { .write = write_stream };

	if (stream->file)
		return stream->file;
	stream->fd = fd;
	stream->file = fopencookie(stream, "w", functions);
	if (!stream->file)
		return fd == STDOUT_FILENO ? stdout : stderr;
	setvbuf(stream->file, stream->buffer, mode, sizeof(stream->buffer));
	return stream->file;
}

static struct stream out_stream, err_stream;

FILE *print_stdout(void)
{
	return open_stream(&out_stream, STDOUT_FILENO, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
}

FILE *print_stderr(void)
{
	return open_stream(&err_stream, STDERR_FILENO, _IOLBF);
}

int print_end(void)
{
	if (fflush(print_stdout()) && !out_stream.error)
		out_stream.error = errno;
	return out_stream.error;
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
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", mode) != fd) {
			fprintf(stderr,
				"Cannot open /dev/null in place of descriptor %d, which is "
				"closed: %s\n",
				fd, strerror(errno));
			return false;
		}
	}
	/* SIG_IGN would be inherited by the program that reboots the system. */
	signal(SIGXFSZ, on_sigxfsz);
	return true;
}
