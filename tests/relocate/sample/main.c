/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows every pointer; the exit status reports whether all of them were right. */
#include "purgatory_abi.h"
#include "sample.h"

#define ALL_RIGHT 42

struct purgatory_params purgatory_params __attribute__((aligned(8))) = {
	.flags = PURGATORY_VERIFY,
};

static const char *const names[STEPS] = { "double", "increment", "count" };

unsigned int sample_main(void)
{
	unsigned int value = 3;

	/* Not up to a null pointer: gcc 12 for sh drops the test of one to a function. */
	for (unsigned int i = 0; i < STEPS; i++) {
		value = steps[i].run(value);
		if (value != steps[i].expected || !same_text(steps[i].name, names[i]))
			return i + 1;
	}
	if (*counter_address != 1 || counter_address != &counter)
		return 11;
	if (purgatory_params.flags != PURGATORY_VERIFY)
		return 12;
	return ALL_RIGHT;
}
