/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats text for the console. */
#include <stdarg.h>

#include "purgatory.h"

void format_hex(char *out, uint64_t value, unsigned int digits)
{
	while (digits--) {
		out[digits] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}

/* Divides bit by bit.  32-bit compilers call a library for 64-bit / and %. */
uint64_t divide(uint64_t value, uint64_t by, uint64_t *rest)
{
	uint64_t quotient = 0;
	unsigned int i;

	for (i = 0, *rest = 0; i < 64; i++, value <<= 1) {
		*rest = *rest << 1 | value >> 63;
		quotient <<= 1;
		if (*rest >= by) {
			*rest -= by;
			quotient |= 1;
		}
	}
	return quotient;
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
	uint64_t rest;

	for (rest = value >> 4; rest; rest >>= 4)
		digits++;
	format_hex(text, value, digits);
	text[digits] = '\0';
	put_string(text);
}

static void put_decimal(uint64_t value)
{
	char text[21];
	char *p = text + sizeof(text) - 1;
	uint64_t digit;

	*p = '\0';
	do {
		value = divide(value, 10, &digit);
		*--p = (char)('0' + digit);
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
