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

size_t cmdline_kernel_part(const char *cmdline)
{
	const char *word = cmdline;
	size_t used = 0;

	while (*word) {
		const char *end;

		while (isspace((unsigned char)*word))
			word++;
		end = cmdline_word_end(word);
		if (end - word == 2 && !memcmp(word, "--", 2))
			return used;
		if (end > word)
			used = (size_t)(end - cmdline);
		word = end;
	}
	return strlen(cmdline);
}

/* The words for init: after the word "--" that follows the kernel's part; "": no such words. */
static const char *init_part(const char *rest)
{
	rest += strspn(rest, CMDLINE_BLANKS);
	rest += *rest ? 2 : 0;
	return rest + strspn(rest, CMDLINE_BLANKS);
}

const char *cmdline_join(struct arena *arena, const char *first, const char *second)
{
	size_t kept, second_kept;
	const char *init;

	if (!first || !second)
		return first ? first : second;
	kept = cmdline_kernel_part(first);
	init = init_part(first + kept);
	if (!*init)
		return arena_join(arena, arena_strndup(arena, first, kept), " ", second);
	second_kept = cmdline_kernel_part(second);
	init = arena_join(arena, init, " ", init_part(second + second_kept));
	first = arena_join(arena, arena_strndup(arena, first, kept), " ",
			   arena_strndup(arena, second, second_kept));
	return arena_join(arena, first, " ", arena_printf(arena, "-- %s", init));
}
