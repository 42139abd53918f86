/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device trees for tests: made up with libfdt, unpacked into directories, compared. */
#ifndef TESTS_MAKE_DEVICETREE_H
#define TESTS_MAKE_DEVICETREE_H

#include <libfdt.h>
#include <sys/mman.h>

#include "arches.h"
#include "kexec/devicetree/devicetree.h"
#include "machine_tree.h"

#define LIVE_BLOB "/sys/firmware/fdt"
#define MADE_TREE_SIZE 65536

#define fdt_ok(call) assert_int_equal(call, 0)

/* An empty tree with room for edits by libfdt; of 2-cell addresses and sizes unless 0. */
static inline void *make_devicetree(struct ctx *ctx, uint32_t cells)
{
	void *fdt = arena_alloc(&ctx->arena, MADE_TREE_SIZE);

	fdt_ok(fdt_create_empty_tree(fdt, MADE_TREE_SIZE));
	if (cells) {
		fdt_ok(fdt_setprop_u32(fdt, 0, "#address-cells", cells));
		fdt_ok(fdt_setprop_u32(fdt, 0, "#size-cells", cells));
	}
	return fdt;
}

/* A node that makes the tree whole; reg has 2 cells whatever the root says. */
static inline void made_memory(void *fdt)
{
	int node = fdt_add_subnode(fdt, 0, "memory");

	fdt_ok(fdt_setprop_string(fdt, node, "device_type", "memory"));
	fdt_ok(fdt_setprop_u64(fdt, node, "reg", 0x4000000040000000));
}

static inline int made_chosen(void *fdt)
{
	int node = fdt_path_offset(fdt, "/chosen");

	return node >= 0 ? node : fdt_add_subnode(fdt, 0, "chosen");
}

/* A packed copy: the tree itself can be changed further. */
static inline struct bytes made_tree_bytes(struct ctx *ctx, const void *fdt)
{
	void *copy = arena_alloc(&ctx->arena, fdt_totalsize(fdt));

	memcpy(copy, fdt, fdt_totalsize(fdt));
	fdt_ok(fdt_pack(copy));
	return (struct bytes){ copy, fdt_totalsize(copy) };
}

/*
 * A copy whose end is, but for alignment, the end of accessible memory: libfdt is not
 * compiled with checks, and only the copy catches a read after the blob.
 */
struct guarded {
	uint8_t *area;
	size_t size;
	struct bytes bytes;
};

static inline struct guarded guard(struct bytes bytes)
{
	size_t page = (size_t)getpagesize();
	size_t room = (bytes.size + page - 1) / page * page;
	struct guarded g = { .size = room + page };

	g.area = mmap(NULL, g.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(g.area, MAP_FAILED);
	assert_int_equal(mprotect(g.area + room, page, PROT_NONE), 0);
	g.bytes = (struct bytes){ g.area + ((room - bytes.size) & ~(size_t)7), bytes.size };
	memcpy((uint8_t *)g.bytes.data, bytes.data, bytes.size);
	return g;
}

static inline void put_cell(struct bytes bytes, size_t offset, uint32_t value)
{
	put_u32(ORDER_BE, (uint8_t *)bytes.data + offset, value);
}

static inline void unguard(struct guarded g)
{
	assert_int_equal(munmap(g.area, g.size), 0);
}

/* The message of a failure belongs into the test's output. */
static inline struct devicetree expect_tree(struct ctx *ctx, struct bytes bytes)
{
	struct devicetree tree = { 0 };

	if (devicetree_check(ctx, "TREE", bytes, &tree))
		fail_msg("%s", ctx->err.what);
	return tree;
}

static inline void tree_path(const void *fdt, int node, char *path, size_t size)
{
	fdt_ok(fdt_get_path(fdt, node, path, (int)size));
}

/* Has b every node of a, with every property alike?  except: a path to leave out, or NULL. */
static inline void assert_has_all_of(const void *a, const void *b, const char *except)
{
	int node, depth = 0, property;
	char path[1024];

	for (node = 0; node >= 0 && depth >= 0; node = fdt_next_node(a, node, &depth)) {
		int other;

		tree_path(a, node, path, sizeof(path));
		if (except && !strcmp(path, except))
			continue;
		other = fdt_path_offset(b, path);
		if (other < 0)
			fail_msg("%s is missing", path);
		fdt_for_each_property_offset(property, a, node)
		{
			const char *name;
			int size, other_size;
			const void *value = fdt_getprop_by_offset(a, property, &name, &size);
			const void *other_value = fdt_getprop(b, other, name, &other_size);

			if (!other_value || size != other_size ||
			    memcmp(value, other_value, (size_t)size))
				fail_msg("%s/%s is missing or differs", path, name);
		}
	}
}

static inline void assert_same_tree(const void *a, const void *b, const char *except)
{
	assert_has_all_of(a, b, except);
	assert_has_all_of(b, a, except);
}

static inline bool has_reservation(const void *fdt, uint64_t start, uint64_t size)
{
	uint64_t address, length;

	for (int i = 0; i < fdt_num_mem_rsv(fdt); i++) {
		fdt_ok(fdt_get_mem_rsv(fdt, i, &address, &length));
		if (address == start && length == size)
			return true;
	}
	return false;
}

/* Calls check for each captured machine that has a device tree as a file. */
static inline void for_each_tree_machine(struct tree *t,
					 void (*check)(struct tree *t, struct tree *machine))
{
#define NAME(name) #name,
	static const char *const names[] = { FOR_EACH_ROW(NAME) };
#undef NAME
	unsigned int checked = 0;

	for (size_t i = 0; i < COUNT(names); i++) {
		struct tree *machine = tree_fixture_with(names[i], LIVE_BLOB);

		if (!machine)
			continue;
		check(t, machine);
		tree_free(machine);
		checked++;
	}
	assert_true(checked >= 3);
}

/* The tree as Linux shows it: directories with files, and a file "name" in each. */
static inline void unpack_devicetree(struct tree *t, const void *fdt, const char *where)
{
	int node, depth = 0, property;
	char path[1024], file[1536];

	for (node = 0; node >= 0 && depth >= 0; node = fdt_next_node(fdt, node, &depth)) {
		tree_path(fdt, node, path, sizeof(path));
		snprintf(file, sizeof(file), "%s%s/name", where, node ? path : "");
		tree_put_bytes(t, file, "made", 5);
		fdt_for_each_property_offset(property, fdt, node)
		{
			const char *name;
			int size;
			const void *value = fdt_getprop_by_offset(fdt, property, &name, &size);

			snprintf(file, sizeof(file), "%s%s/%s", where, node ? path : "", name);
			tree_put_bytes(t, file, value, (size_t)size);
		}
	}
}

#endif
