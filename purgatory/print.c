/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for the console. */
#include <stdarg.h>

#include "purgatory.h"

void format_hex(char *out, uint64_t value, unsigned int digits)
{
	while (digits--) {
		out[digits] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}

static void put_string(const char *s)
{
	while (*s)
		arch_putchar(*s++);
}

static void put_hex(uint64_t value)
{
	char text[17];
	unsigned int digits = 1;

	while (digits < 16 && value >> (4 * digits))
		digits++;
	format_hex(text, value, digits);
	text[digits] = '\0';
	put_string(text);
}

static void put_decimal(uint64_t value)
{
	char text[21];
	char *p = text + sizeof(text) - 1;

	*p = '\0';
	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put_string(p);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	for (; *format; format++) {
		uint64_t value;
		bool wide;

		if (*format != '%') {
			arch_putchar(*format);
			continue;
		}
		if (*++format == 's') {
			put_string(va_arg(args, const char *));
			continue;
		}
		wide = *format == 'l';
		if (wide)
			format += 2;
		value = wide ? va_arg(args, unsigned long long) : va_arg(args, unsigned int);
		if (*format == 'x')
			put_hex(value);
		else
			put_decimal(value);
	}
	va_end(args);
}
