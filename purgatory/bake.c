/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start of a baked image; see bake.h. */
#include "bake.h"

#include "purgatory.h"

_Noreturn void bake_fail(const char *why)
{
	print("bake: %s\n", why);
	stop();
}

const struct bake_part *bake_part(const char *name)
{
	uint32_t i;
	size_t k;

	for (i = 0; i < bake_header.part_count && i < BAKE_MAX_PARTS; i++) {
		const struct bake_part *part = &bake_header.part[i];

		for (k = 0; name[k] && part->name[k] == name[k]; k++)
			;
		if (!name[k] && !part->name[k])
			return part;
	}
	return NULL;
}

static void check_place(uint64_t base)
{
	uintptr_t align = (uintptr_t)1 << bake_header.align_log2;

	if (base & (align - 1)) {
		print("bake: loaded at 0x%llx, must be a multiple of 0x%llx\n",
		      (unsigned long long)base, (unsigned long long)align);
		stop();
	}
	if (bake_header.address != BAKE_ANYWHERE && bake_header.address != base) {
		print("bake: loaded at 0x%llx, must be at 0x%llx\n", (unsigned long long)base,
		      (unsigned long long)bake_header.address);
		stop();
	}
}

void bake_check_above(uint64_t end)
{
	uint64_t base = (uintptr_t)bake_image;

	if (base >= end)
		return;
	print("bake: loaded at 0x%llx, must be at or above 0x%llx\n", (unsigned long long)base,
	      (unsigned long long)end);
	stop();
}

/* Purgatory's parameters contain the addresses that they have at bake_header.applied_base. */
static void move_parameters(uint64_t delta)
{
	struct purgatory_params *params = &purgatory_params;
	uint32_t i;

	for (i = 0; i < params->region_count && i < PURGATORY_MAX_REGIONS; i++)
		params->region[i].start += delta;
	if (params->copy.size) {
		params->copy.source += delta;
		params->copy.destination += delta;
	}
}

void bake_start(const void *starter)
{
	struct purgatory_params *params = &purgatory_params;
	uint64_t base = (uintptr_t)bake_image;
	uint8_t digest[SHA256_SIZE];

	/* GCC for ppc64 would put the address of a field into a table of pointers. */
	__asm__("" : "+r"(params));
	arch_setup();
	check_place(base);
	move_parameters(base - bake_header.applied_base);
	bake_arch_state(base - bake_header.applied_base, bake_boot_data(base, starter));
	bake_header.applied_base = base;
	image_digest(digest);
	memcpy(params->digest, digest, SHA256_SIZE);
	bake_arch_sync(bake_image, (uintptr_t)purgatory_image_end - (uintptr_t)bake_image);
}
