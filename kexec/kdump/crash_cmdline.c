/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words for a crash kernel's command line (Linux: admin-guide/kernel-parameters.rst). */
#include "kdump.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/units.h"

#define SMALLEST_RAM_KIB 100 /* smaller ranges get no memmap= */

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

static void print_memmap_word(FILE *out, const struct memory_entry *entry)
{
	char separator = memmap_separator(entry->type);
	uint64_t start = entry->range.start / KIB, end = entry->range.end / KIB;

	if (!separator)
		return;
	/* Tables are rounded outwards: they must be whole.  Other memory is rounded inwards. */
	if (separator == '#')
		end += entry->range.end % KIB != 0;
	else
		start += entry->range.start % KIB != 0;
	if (end <= start || (separator == '@' && end - start < SMALLEST_RAM_KIB))
		return;
	fprintf(out, " memmap=%" PRIu64 "K%c%" PRIu64 "K", end - start, separator, start);
}

static void print_words(FILE *out, const struct kdump_words *words)
{
	if (words->acpi_rsdp)
		fprintf(out, " acpi_rsdp=0x%" PRIx64, words->acpi_rsdp);
	fprintf(out, " elfcorehdr=%" PRIu64 "K", words->elfcorehdr / KIB);
	if (words->mem)
		fprintf(out, " mem=%" PRIu64 "K", words->mem / KIB);
	if (!words->memmap)
		return;
	fputs(" memmap=exactmap", out);
	for (size_t i = 0; i < words->memmap->count; i++)
		print_memmap_word(out, &words->memmap->entry[i]);
}

/* Length of the part for the kernel: up to the blanks before a word "--", or all. */
static size_t kernel_part(const char *cmdline)
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

int kdump_command_line(struct ctx *ctx, const char *cmdline, uint64_t limit,
		       const struct kdump_words *words, const char **out)
{
	size_t kept = kernel_part(cmdline), size, length;
	const char *added, *rest = cmdline + kept;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return err_set(&ctx->err, -ENOMEM, "no memory for the command line");
	print_words(f, words);
	if (fclose(f)) {
		free(text);
		return err_set(&ctx->err, -ENOMEM, "no memory for the command line");
	}
	added = arena_strdup(&ctx->arena, text);
	free(text);
	*out = arena_printf(&ctx->arena, "%.*s%s%s%s", (int)kept, cmdline, kept ? added : added + 1,
			    *rest && !isspace((unsigned char)*rest) ? " " : "", rest);
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
