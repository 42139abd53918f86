/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory functions that a freestanding compiler may call.  Compiled without the
 * replacement of loops by calls, because these functions would call themselves.
 */
#include "purgatory.h"

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *d = to;
	const uint8_t *s = from;
	size_t i;

	/* A move to higher addresses starts at the end, to read each byte before it is overwritten. */
	if ((uintptr_t)d - (uintptr_t)s < size) {
		while (size--)
			d[size] = s[size];
	} else {
		for (i = 0; i < size; i++)
			d[i] = s[i];
	}
	return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
	return memmove(to, from, size);
}

void *memset(void *to, int byte, size_t size)
{
	uint8_t *d = to;

	while (size--)
		d[size] = (uint8_t)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;
	size_t i;

	for (i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}
