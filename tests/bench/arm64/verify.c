/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usage: verify METHOD BYTES TIMES
 * Verifies so many bytes so often by that method: portable, SHA2 or NEON (with -DPEER: peer), for an emulator that counts instructions.  Status 1: a wrong digest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../verify.h"

#define MAX_BYTES 16384

static bool find(const char *name, struct method *method)
{
	method->name = name;
#ifdef PEER
	return !strcmp(name, "peer");
#else
	extern sha256_streams_fn sha256_streams_ce, sha256_streams_neon;

	if (!strcmp(name, "SHA2"))
		sha256_engine_set(&method->engine, name, 2, sha256_streams_ce, NULL);
	else if (!strcmp(name, "NEON"))
		sha256_engine_set(&method->engine, name, 4, sha256_streams_neon,
				  sha256_blocks_generic);
	else
		sha256_portable(&method->engine);
	return true;
#endif
}

int main(int argc, char **argv)
{
	static uint8_t data[MAX_BYTES];
	struct method method;
	bool found = argc == 4 && find(argv[1], &method);
	size_t size = found ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long times = found ? strtoul(argv[3], NULL, 10) : 0;

	if (!size || size > MAX_BYTES || !times) {
		fprintf(stderr, "usage: verify METHOD BYTES TIMES\n");
		return 2;
	}
	fill(data, size);
	expect(data, size);
	while (times--)
		if (verify(&method, data, size))
			return 1;
	return 0;
}
