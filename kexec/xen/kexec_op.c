/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec_op and the memory map (Xen: public/xen.h, public/kexec.h, public/memory.h). */
#include "hypercall.h"

#include <errno.h>
#include <string.h>

#define MEMORY_OP 12
#define MAXIMUM_RAM_PAGE 2
#define MACHPHYS_MFN_LIST 5
#define MACHINE_MEMORY_MAP 10
#define MAX_TABLE (1u << 20) /* extents: memory of 2^50 bytes */
#define MAX_ENTRIES 4096

#define KEXEC_OP 37
enum command { EXEC, GET_RANGE = 3, LOAD, UNLOAD, STATUS };

/* The structs of 64-bit domains.  Handles are addresses in this process. */
struct range_argument {
	int32_t range;
	int32_t nr;
	uint64_t size;
	uint64_t start;
};

struct segment_argument {
	uint64_t buffer;
	uint64_t buffer_size;
	uint64_t start;
	uint64_t size;
};

struct load_argument {
	uint8_t type;
	uint8_t pad;
	uint16_t machine;
	uint32_t count;
	uint64_t segments;
	uint64_t entry;
};

struct map_argument {
	uint32_t count;
	uint32_t pad;
	uint64_t entries;
};

int xen_get_range(struct xen *xen, enum xen_range which, int cpu, struct range *out)
{
	struct range_argument argument = { .range = (int32_t)which, .nr = cpu };
	int64_t ret = hypercall(xen, KEXEC_OP, GET_RANGE, &argument, sizeof(argument));

	*out = (struct range){ 0 };
	if (ret)
		return ret < 0 ? (int)ret : -EINVAL;
	out->start = argument.start;
	return __builtin_add_overflow(argument.start, argument.size, &out->end) ? -EOVERFLOW : 0;
}

int xen_memory_map(struct ctx *ctx, struct xen *xen, struct e820_entry **entry, size_t *count)
{
	const size_t size = MAX_ENTRIES * sizeof(**entry);
	struct map_argument argument = { .count = MAX_ENTRIES };
	void *memory = hypercall_memory(xen, size);
	int64_t ret;

	if (!memory)
		return -ENOMEM;
	argument.entries = (uintptr_t)memory;
	ret = hypercall(xen, MEMORY_OP, MACHINE_MEMORY_MAP, &argument, sizeof(argument));
	if (!ret && argument.count > MAX_ENTRIES)
		ret = -E2BIG;
	if (!ret) {
		*count = argument.count;
		*entry = arena_array(&ctx->arena, argument.count + 1, sizeof(**entry));
		memcpy(*entry, memory, argument.count * sizeof(**entry));
	}
	hypercall_free(memory, size);
	return (int)ret;
}

struct extents_argument {
	uint32_t max;
	uint32_t pad;
	uint64_t pages;
	uint32_t count;
	uint32_t pad2;
};

/* Lists the extents of the table that contains a word for each page of the machine. */
static int list_extents(struct xen *xen, uint64_t *page, size_t count)
{
	struct extents_argument argument = { .max = (uint32_t)count };
	void *memory = hypercall_memory(xen, count * sizeof(*page));
	int64_t ret;

	if (!memory)
		return -ENOMEM;
	argument.pages = (uintptr_t)memory;
	ret = hypercall(xen, MEMORY_OP, MACHPHYS_MFN_LIST, &argument, sizeof(argument));
	memcpy(page, memory, count * sizeof(*page));
	hypercall_free(memory, count * sizeof(*page));
	return ret ? (int)ret : argument.count == count ? 0 : -EINVAL;
}

/* Does the page with this word belong to a domain?  The word is its number in the domain. */
static bool belongs(uint64_t word)
{
	return word < 1ull << 40;
}

static void add_pages(struct ctx *ctx, struct range_set *out, uint64_t first, uint64_t end)
{
	if (end - first >= XEN_EXTENT / 4096)
		range_set_add(&ctx->arena, out, (struct range){ first * 4096, end * 4096 });
}

static void add_domain_pages(struct ctx *ctx, const uint64_t *table, uint64_t pages,
			     struct range_set *out)
{
	uint64_t first = 0;

	for (uint64_t i = 0; i < pages; i++) {
		if (belongs(table[i]))
			continue;
		add_pages(ctx, out, first, i);
		first = i + 1;
	}
	add_pages(ctx, out, first, pages);
}

int xen_domain_memory(struct ctx *ctx, struct xen *xen, struct range_set *out)
{
	int64_t last = xen->call(xen, MEMORY_OP, MAXIMUM_RAM_PAGE, 0);
	uint64_t pages = (uint64_t)last + 1, count, *page;
	const uint64_t *table;
	int ret;

	if (last < 0)
		return (int)last;
	count = (pages * sizeof(*page) + XEN_EXTENT - 1) / XEN_EXTENT;
	if (count > MAX_TABLE)
		return -E2BIG;
	page = arena_array(&ctx->arena, count, sizeof(*page));
	ret = list_extents(xen, page, count);
	if (ret)
		return ret;
	table = xen->map(xen, page, count);
	if (!table)
		return -ENOTSUP;
	add_domain_pages(ctx, table, pages, out);
	hypercall_free((void *)(uintptr_t)table, count * XEN_EXTENT);
	return 0;
}

/* Segments, and after them their bytes. */
static void fill(uint8_t *memory, const struct xen_segment *segment, size_t count)
{
	struct segment_argument *out = (struct segment_argument *)memory;
	uint8_t *copy = memory + count * sizeof(*out);

	for (size_t i = 0; i < count; i++) {
		struct bytes bytes = segment[i].bytes;

		out[i] = (struct segment_argument){ .start = segment[i].range.start,
						    .size = range_size(segment[i].range) };
		if (!bytes.data)
			continue;
		memcpy(copy, bytes.data, bytes.size);
		out[i].buffer = (uintptr_t)copy;
		out[i].buffer_size = segment[i].bytes.size;
		copy += out[i].buffer_size;
	}
}

int xen_load(struct xen *xen, enum xen_slot slot, uint16_t machine, uint64_t entry,
	     const struct xen_segment *segment, size_t count)
{
	struct load_argument argument = {
		.type = (uint8_t)slot, .machine = machine, .count = (uint32_t)count, .entry = entry
	};
	size_t size = count * sizeof(struct segment_argument);
	uint8_t *memory;
	int64_t ret;

	for (size_t i = 0; i < count; i++)
		if (__builtin_add_overflow(size, segment[i].bytes.size, &size))
			return -E2BIG;
	memory = hypercall_memory(xen, size);
	if (!memory)
		return -ENOMEM;
	fill(memory, segment, count);
	argument.segments = (uintptr_t)memory;
	ret = hypercall(xen, KEXEC_OP, LOAD, &argument, sizeof(argument));
	hypercall_free(memory, size);
	return (int)ret;
}

int xen_unload(struct xen *xen, enum xen_slot slot)
{
	uint8_t argument = (uint8_t)slot;

	return (int)hypercall(xen, KEXEC_OP, UNLOAD, &argument, sizeof(argument));
}

int xen_status(struct xen *xen, enum xen_slot slot)
{
	uint8_t argument = (uint8_t)slot;

	return (int)hypercall(xen, KEXEC_OP, STATUS, &argument, sizeof(argument));
}

int xen_exec(struct xen *xen, enum xen_slot slot)
{
	int32_t argument = (int32_t)slot;

	return (int)hypercall(xen, KEXEC_OP, EXEC, &argument, sizeof(argument));
}
