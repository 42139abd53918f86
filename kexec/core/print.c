/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text without control characters. */
#include "print.h"

void print_clean(FILE *out, const char *text)
{
	for (; *text; text++)
		putc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
}
