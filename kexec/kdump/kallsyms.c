/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a symbol in /proc/kallsyms, whose lines are "<address> <type> <name>[\t[<module>]]". */
#include "kdump.h"

#include <string.h>

#include "core/number.h"

/* If name is the third word of a line that starts with an address, sets *address. */
static bool line_address(struct bytes text, const char *name, uint64_t *address)
{
	const char *start = (const char *)text.data;
	const char *newline = memrchr(start, '\n', (size_t)(name - start));
	const char *line = newline ? newline + 1 : start;
	char digits[17];
	size_t size = (size_t)(name - line);

	/* Between address and name: a blank, the type, a blank. */
	if (size < 4 || size - 3 >= sizeof(digits) || name[-1] != ' ' || name[-3] != ' ')
		return false;
	memcpy(digits, line, size - 3);
	digits[size - 3] = '\0';
	return parse_number(digits, 16, address);
}

bool kallsyms_find(struct bytes kallsyms, const char *name, uint64_t *address)
{
	const char *p = (const char *)kallsyms.data, *end = p + kallsyms.size;
	size_t size = strlen(name);

	while (kallsyms.size && (p = memmem(p, (size_t)(end - p), name, size))) {
		const char *after = p + size;

		if ((after == end || *after == '\n' || *after == '\t') &&
		    line_address(kallsyms, p, address))
			return true;
		p = after;
	}
	return false;
}
