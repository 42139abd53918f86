/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/cpuinfo, as Linux prints it (c_show() of each arch). */
#include "cpuinfo.h"

#include <ctype.h>

/* The value of the first "key<tabs>: value" line. */
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

/* A decimal number such as " 2000.25", in thousandths; false for anything else. */
static bool parse_thousandths(struct bytes text, uint64_t *value)
{
	uint64_t number = 0;
	int places = -1;
	bool digits = false;

	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (c == ' ' && !digits)
			continue;
		if (c == '.' && places < 0) {
			places = 0;
			continue;
		}
		if (!isdigit(c) || number > UINT32_MAX)
			return false;
		digits = true;
		if (places == 3)
			continue;
		number = number * 10 + (uint64_t)(c - '0');
		places += places >= 0;
	}
	for (places = places < 0 ? 0 : places; places < 3; places++)
		number *= 10;
	*value = number;
	return digits;
}

uint32_t cpuinfo_ticks_per_ms(struct bytes cpuinfo)
{
	struct bytes field;
	uint64_t value;

	if (!cpuinfo_has_flag(cpuinfo, "tsc"))
		return 0;
	/*
	 * "cpu MHz" is the clock of the moment, which power saving changes.  The
	 * delay loop counts the time stamp counter, so a bogomips is 500,000 ticks
	 * per second, and thousandths of it are half ticks per millisecond.
	 */
	if (find_field(cpuinfo, "bogomips", &field) && parse_thousandths(field, &value))
		value /= 2;
	else if (!find_field(cpuinfo, "cpu MHz", &field) || !parse_thousandths(field, &value))
		return 0;
	return value <= UINT32_MAX ? (uint32_t)value : 0;
}
