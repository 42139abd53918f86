/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "starter.h"
#include "starter_machine.h" /* MACHINE, set_machine(), enter() */

void start_verified(const struct start *s)
{
	struct purgatory_header h;
	struct purgatory_params *p;

	memcpy(&h, s->purgatory, sizeof(h));
	if (memcmp(h.magic, PURGATORY_MAGIC, PURGATORY_MAGIC_SIZE) ||
	    h.abi_version != PURGATORY_ABI_VERSION || h.machine != MACHINE ||
	    h.memory_size > s->room || (uintptr_t)s->place % ((uintptr_t)1 << h.align_log2))
		return;
	memcpy(s->place, s->purgatory, h.image_size);
	p = (struct purgatory_params *)(s->place + h.params_offset); /* all zeros */
	p->flags = PURGATORY_VERIFY;
	p->region_count = 1;
	p->piece_count = 1;
	p->region[0].start = s->kernel;
	p->region[0].size = s->size;
	p->region[0].piece_size = s->size;
	memcpy(p->region[0].name, "kernel", sizeof("kernel"));
	memcpy(p->piece_digest[0], s->digest, PURGATORY_DIGEST_SIZE);
	set_machine(p, s);
	sha256(s->place, h.image_size, p->digest); /* last; p->digest is still all zeros */
	enter(s);
}
