/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pointers to data, to zeroed data and to the end of an array. */
#include "sample.h"

static unsigned char stack[4096] __attribute__((aligned(16)));
static unsigned char *volatile stack_limit = stack + sizeof(stack);

unsigned int counter;
unsigned int *const counter_address = &counter;

unsigned int count(unsigned int value)
{
	if (stack_limit != &stack[sizeof(stack)])
		return 0;
	counter++;
	return value + counter;
}

unsigned int same_text(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}
