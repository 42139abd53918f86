/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table of pointers to functions here and elsewhere, and to text. */
#include "sample.h"

static unsigned int twice(unsigned int value)
{
	return value + value;
}

static unsigned int increment(unsigned int value)
{
	return value + 1;
}

const struct step steps[STEPS] = {
	{ "double", twice, 6 },
	{ "increment", increment, 7 },
	{ "count", count, 8 },
};
