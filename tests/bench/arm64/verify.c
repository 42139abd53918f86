/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: verify METHOD BYTES TIMES
 * Verifies so many bytes so often by that method, portable or accelerated (with -DPEER
 * there is one), for an emulator that counts instructions.  Status 1: a wrong digest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../verify.h"

#define MAX_BYTES 4096

static const struct method *find(const char *name)
{
#ifdef PEER
	static const struct method methods[] = { { "peer", NULL } };
#else
	extern sha256_blocks_fn sha256_blocks_ce;
	static const struct method methods[] = { { "portable", sha256_blocks_generic },
						 { "accelerated", sha256_blocks_ce } };
#endif

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (!strcmp(methods[i].name, name))
			return &methods[i];
	return NULL;
}

int main(int argc, char **argv)
{
	static uint8_t data[MAX_BYTES];
	const struct method *method = argc == 4 ? find(argv[1]) : NULL;
	size_t size = method ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long times = method ? strtoul(argv[3], NULL, 10) : 0;

	if (!size || size > MAX_BYTES || !times) {
		fprintf(stderr, "usage: verify METHOD BYTES TIMES\n");
		return 2;
	}
	fill(data, size);
	expect(data, size);
	while (times--)
		if (verify(method, data, size))
			return 1;
	return 0;
}
