/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digest.h"

/* Replaced on arches whose folder in purgatory/arch contains sha256_select.c. */
__attribute__((weak)) bool sha256_accelerated(unsigned int index, struct sha256_engine *engine)
{
	(void)index;
	(void)engine;
	return false;
}

void sha256_fastest(struct sha256_engine *engine)
{
	struct sha256_batch batch;

	for (unsigned int i = 0; i < SHA256_ACCELERATED; i++)
		if (sha256_accelerated(i, engine) && sha256_is_right(engine, &batch))
			return;
	sha256_portable(engine);
}
