/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks up parameters of a kernel command line (Linux:
 * Documentation/admin-guide/kernel-parameters.rst).
 */
#include "machine.h"

#include <ctype.h>

/* The kernel treats dashes and underscores in parameter names as equal. */
static bool same_name(const char *word, const char *name, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char a = word[i] == '-' ? '_' : word[i];
		char b = name[i] == '-' ? '_' : name[i];

		if (a != b)
			return false;
	}
	return true;
}

const char *cmdline_word_end(const char *text)
{
	bool quoted = false;

	for (; *text && (quoted || !isspace((unsigned char)*text)); text++)
		quoted ^= *text == '"';
	return text;
}

const char *cmdline_find_param(const char *cmdline, const char *name)
{
	size_t size = strlen(name);

	while (cmdline && *cmdline) {
		const char *word = cmdline + strspn(cmdline, CMDLINE_BLANKS);
		const char *end = cmdline_word_end(word);
		const char *start = *word == '"' ? word + 1 : word;

		/* The words after "--" are for init. */
		if (end - word == 2 && !memcmp(word, "--", 2))
			return NULL;
		if (strcspn(start, "=\"" CMDLINE_BLANKS) == size && same_name(start, name, size))
			return word;
		cmdline = end;
	}
	return NULL;
}

bool cmdline_has_param(const char *cmdline, const char *name)
{
	return cmdline_find_param(cmdline, name);
}
