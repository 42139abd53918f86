/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for a crash kernel's command line (Linux: admin-guide/kernel-parameters.rst). */
#include "kdump.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/units.h"

#define SMALLEST_RAM_KIB 100 /* smaller ranges get no memmap= */
#define WORD_ROOM 64 /* two numbers of 64 bits and the words around them */
#define OTHER_WORDS 4 /* than memmap= of a range */

/* The character of memmap= between size and start; 0: the type gets no memmap=. */
static char memmap_separator(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM: return '@';
	case MEMORY_ACPI:
	case MEMORY_ACPI_NVS: return '#';
	case MEMORY_PRAM: return '!';
	default: return 0;
	}
}

/* Prints at *end, which has room for WORD_ROOM characters, and moves *end. */
__attribute__((format(printf, 2, 3))) static void add_word(char **end, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*end += vsnprintf(*end, WORD_ROOM, format, args);
	va_end(args);
}

static void add_memmap_word(char **end, const struct memory_entry *entry)
{
	char separator = memmap_separator(entry->type);
	uint64_t first = entry->range.start / KIB, last = entry->range.end / KIB;

	if (!separator)
		return;
	/* Tables are rounded outwards: they must be whole.  Other memory is rounded inwards. */
	if (separator == '#')
		last += entry->range.end % KIB != 0;
	else
		first += entry->range.start % KIB != 0;
	if (last <= first || (separator == '@' && last - first < SMALLEST_RAM_KIB))
		return;
	add_word(end, " memmap=%" PRIu64 "K%c%" PRIu64 "K", last - first, separator, first);
}

/* The words, each with a blank before it. */
static const char *make_words(struct ctx *ctx, const struct kdump_words *words)
{
	size_t count = OTHER_WORDS + (words->memmap ? words->memmap->count : 0);
	char *text = arena_array(&ctx->arena, count, WORD_ROOM), *end = text;

	if (words->acpi_rsdp)
		add_word(&end, " acpi_rsdp=0x%" PRIx64, words->acpi_rsdp);
	add_word(&end, " elfcorehdr=%" PRIu64 "K", words->elfcorehdr / KIB);
	if (words->mem)
		add_word(&end, " mem=%" PRIu64 "K", words->mem / KIB);
	if (!words->memmap)
		return text;
	add_word(&end, " memmap=exactmap");
	for (size_t i = 0; i < words->memmap->count; i++)
		add_memmap_word(&end, &words->memmap->entry[i]);
	return text;
}

int kdump_command_line(struct ctx *ctx, const char *cmdline, uint64_t limit,
		       const struct kdump_words *words, const char **out)
{
	const char *added = make_words(ctx, words);
	size_t length;

	*out = cmdline_join(&ctx->arena, cmdline, added + 1);
	length = strlen(*out);
	if (length <= limit)
		return 0;
	err_set(&ctx->err, -E2BIG,
		"Command line overflow: it has %zu characters with the %zu that a crash kernel "
		"needs, the kernel takes %" PRIu64,
		length, length - strlen(cmdline), limit);
	return err_hint(&ctx->err, words->memmap ? "Without --pass-memmap-cmdline it is shorter."
						 : "Shorten --append or --command-line.");
}
