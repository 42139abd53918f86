/* SPDX-License-Identifier: GPL-2.0-or-later */
/* strtoull() without its leniency. */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

bool parse_number(const char *text, int base, uint64_t *value)
{
	unsigned long long number;
	char *end;

	if (!isxdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	number = strtoull(text, &end, base);
	if (errno || *end || end == text)
		return false;
	*value = number;
	return true;
}
