/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/cpuinfo, as Linux prints it (c_show() of each arch). */
#include "cpuinfo.h"

#include <ctype.h>

/* Finds the value of the first line of the form "key<tabs>: value". */
static bool find_field(struct bytes text, const char *key, struct bytes *value)
{
	size_t key_size = strlen(key);

	while (text.size) {
		const uint8_t *newline = memchr(text.data, '\n', text.size);
		size_t size = newline ? (size_t)(newline - text.data) : text.size;
		const uint8_t *colon = memchr(text.data, ':', size);
		size_t used = colon ? (size_t)(colon - text.data) : 0;

		while (used && isspace(text.data[used - 1]))
			used--;
		if (colon && used == key_size && !memcmp(text.data, key, used)) {
			*value = bytes_sub(text, (uint64_t)(colon + 1 - text.data),
					   size - (size_t)(colon + 1 - text.data));
			return true;
		}
		text = bytes_from(text, newline ? size + 1 : size);
	}
	return false;
}

bool cpuinfo_has_flag(struct bytes cpuinfo, const char *flag)
{
	size_t size = strlen(flag), start = 0;
	struct bytes flags;

	if (!find_field(cpuinfo, "flags", &flags) && !find_field(cpuinfo, "Features", &flags) &&
	    !find_field(cpuinfo, "features", &flags))
		return false;
	for (size_t i = 0; i <= flags.size; i++) {
		if (i < flags.size && flags.data[i] != ' ')
			continue;
		if (i - start == size && !memcmp(flags.data + start, flag, size))
			return true;
		start = i + 1;
	}
	return false;
}

/*
 * Parses a decimal number with an optional fraction and blanks before it, like " 2000.25", in
 * thousandths.  Digits after the third of the fraction are dropped.  false: not such a number.
 */
static bool parse_thousandths(struct bytes text, uint64_t *value)
{
	size_t i = 0;

	while (i < text.size && text.data[i] == ' ')
		i++;
	if (i == text.size || !isdigit(text.data[i]))
		return false;
	for (*value = 0; i < text.size && isdigit(text.data[i]); i++) {
		if (*value > UINT32_MAX)
			return false;
		*value = *value * 10 + (uint64_t)(text.data[i] - '0');
	}
	*value *= 1000;
	if (i == text.size)
		return true;
	if (text.data[i++] != '.')
		return false;
	for (uint64_t unit = 100; i < text.size; i++, unit /= 10) {
		if (!isdigit(text.data[i]))
			return false;
		*value += unit * (uint64_t)(text.data[i] - '0');
	}
	return true;
}

uint32_t cpuinfo_ticks_per_ms(struct bytes cpuinfo)
{
	struct bytes field;
	uint64_t value;

	if (!cpuinfo_has_flag(cpuinfo, "tsc"))
		return 0;
	/*
	 * "cpu MHz" is the present clock rate, which power saving changes.  bogomips is
	 * preferred: the delay loop counts the time stamp counter, so one bogomips is
	 * 500,000 ticks per second, and a thousandth is half a tick per millisecond.
	 */
	if (find_field(cpuinfo, "bogomips", &field) && parse_thousandths(field, &value))
		value /= 2;
	else if (!find_field(cpuinfo, "cpu MHz", &field) || !parse_thousandths(field, &value))
		return 0;
	return value <= UINT32_MAX ? (uint32_t)value : 0;
}
