/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/iomem, as kernel/resource.c of Linux prints it: one line per resource. */
#include "machine.h"

#include <errno.h>

/* Blanks by which the kernel indents each level. */
#define INDENT 2

/* Parses hexadecimal digits of at most 64 bits; moves *text past them. */
static bool parse_hex(const char **text, uint64_t *value)
{
	const char *start = *text;
	uint64_t number = 0;
	int digit;

	for (;; (*text)++) {
		char c = **text;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		else if (c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		else
			break;
		if (number >> 60)
			return false;
		number = number << 4 | (uint64_t)digit;
	}
	*value = number;
	return *text > start;
}

static bool parse_separator(const char **text, const char *separator)
{
	size_t size = strlen(separator);

	if (strncmp(*text, separator, size))
		return false;
	*text += size;
	return true;
}

/* Sets *ordered to false if the range ends before it starts. */
static bool parse_range(const char **text, struct range *range, bool *ordered)
{
	uint64_t last;

	if (!parse_hex(text, &range->start) || !parse_separator(text, "-") ||
	    !parse_hex(text, &last))
		return false;
	*ordered = last >= range->start;
	range->end = last == UINT64_MAX ? last : last + 1;
	return true;
}

bool iomem_parse_range(const char **text, struct range *range)
{
	bool ordered;

	return parse_range(text, range, &ordered) && ordered;
}

/* Returns NULL, or a description of the fault in the line. */
static const char *parse_line(const char *line, size_t size, struct iomem_entry *entry)
{
	size_t blanks = strspn(line, " ");
	const char *p = line + blanks;
	bool ordered;

	if (strlen(line) != size)
		return "a NUL byte in the line";
	if (blanks % INDENT)
		return "indentation is not a multiple of two blanks";
	if (!parse_range(&p, &entry->range, &ordered) || !parse_separator(&p, " : "))
		return "expected '<hex>-<hex> : <name>'";
	if (!ordered)
		return "the range ends before it starts";
	entry->depth = (int)(blanks / INDENT);
	entry->name = p;
	return NULL;
}

static size_t count_lines(struct bytes text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.size; i++)
		lines += text.data[i] == '\n';
	return lines;
}

/* True if every address is 0, as the kernel shows the file to unprivileged readers. */
static bool addresses_hidden(const struct iomem *iomem)
{
	for (size_t i = 0; i < iomem->count; i++) {
		if (iomem->entry[i].range.start || iomem->entry[i].range.end != 1)
			return false;
	}
	return iomem->count > 0;
}

/* Lines that could not be parsed. */
struct skipped {
	size_t lines;
	const char *first; /* description of the first one; NULL: no such line */
	bool reservation; /* one of them may be a reservation for a crash kernel */
};

static void skip_line(struct ctx *ctx, const char *line, size_t number, const char *wrong,
		      struct skipped *skipped)
{
	const char *name = strstr(line, " : ");

	if (!skipped->lines++)
		skipped->first = arena_printf(&ctx->arena, "line %zu: %s: '%.60s'", number, wrong,
					      line);
	if (!name || !strncmp(name, " : Crash kernel", 15))
		skipped->reservation = true;
}

/* Splits text into lines in place; the names of entries point into text. */
static void parse_lines(struct ctx *ctx, char *text, size_t size, struct iomem *out,
			struct skipped *skipped)
{
	char *end = text + size;
	size_t number = 1;

	for (char *line = text; line < end; number++) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *next = newline ? newline + 1 : end;
		size_t length = (size_t)((newline ? newline : end) - line);
		const char *wrong;

		line[length] = '\0';
		wrong = length ? parse_line(line, length, &out->entry[out->count]) : NULL;
		if (wrong)
			skip_line(ctx, line, number, wrong, skipped);
		else if (length)
			out->count++;
		line = next;
	}
}

static void warn_of_skipped(struct ctx *ctx, const char *name, const struct skipped *skipped)
{
	const char *more = "";

	if (skipped->lines > 1)
		more = arena_printf(&ctx->arena, ", and %zu more lines", skipped->lines - 1);
	log_warn(&ctx->log, "%s, %s is skipped%s%s", name, skipped->first, more,
		 skipped->reservation ? ": where memory is reserved for a crash kernel may be wrong"
				      : "");
}

bool iomem_is_managed_ram(const char *name)
{
	return !strncmp(name, "System RAM", 10) && strcmp(name, "System RAM (boot alias)");
}

int iomem_parse(struct ctx *ctx, const char *name, struct bytes text, struct iomem *out)
{
	size_t lines = count_lines(text), entries, size;
	char *copy;
	struct skipped skipped = { 0 };

	*out = (struct iomem){ 0 };
	if (__builtin_mul_overflow(lines, sizeof(*out->entry), &entries) ||
	    __builtin_add_overflow(entries, text.size + 1, &size))
		return err_set(&ctx->err, -EFBIG, "%s: too long", name);
	out->entry = map_anonymous(ctx, size);
	if (!out->entry)
		return err_set(&ctx->err, -ENOMEM, "%s: out of memory for %zu lines", name, lines);
	copy = (char *)out->entry + entries;
	if (text.size)
		memcpy(copy, text.data, text.size);
	parse_lines(ctx, copy, text.size, out, &skipped);
	if (skipped.lines && !out->count)
		return err_set(&ctx->err, -EINVAL, "%s, %s", name, skipped.first);
	if (skipped.lines)
		warn_of_skipped(ctx, name, &skipped);
	if (addresses_hidden(out)) {
		out->count = 0;
		err_set(&ctx->err, -EPERM, "%s: all addresses are zero", name);
		return err_hint(&ctx->err,
				"The kernel shows them to root only (CAP_SYS_ADMIN in the "
				"initial user namespace): run kexec as root.");
	}
	return 0;
}
