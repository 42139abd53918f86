/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device trees as input.  libfdt is not compiled with checks: the input lies at the end of
 * accessible memory instead.
 */
#ifndef TESTS_FUZZ_BLOB_H
#define TESTS_FUZZ_BLOB_H

#include <libfdt.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "kexec/devicetree/devicetree.h"

#define ROOM (1u << 20)
#define PAGE 4096u

/* A copy that ends, but for alignment, where the guard begins. */
static inline struct bytes guarded(const uint8_t *data, size_t size)
{
	static uint8_t *area;

	if (!area) {
		area = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
		must(area != MAP_FAILED && !mprotect(area + ROOM, PAGE, PROT_NONE));
	}
	must(size <= ROOM);
	uint8_t *copy = area + ((ROOM - size) & ~7u);

	if (size)
		memcpy(copy, data, size);
	return (struct bytes){ copy, size };
}

static inline bool is_reserved(const void *fdt, struct range r)
{
	uint64_t address, size;

	for (int i = fdt_num_mem_rsv(fdt) - 1; i >= 0; i--)
		if (!fdt_get_mem_rsv(fdt, i, &address, &size) && address == r.start &&
		    size == range_size(r))
			return true;
	return false;
}

#endif
