/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns the running kernel's device tree into the next kernel's: the edits
 * that Linux makes for kexec_file_load (drivers/of/kexec.c), in its order.
 */
#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>

#include "core/seed.h"
#include "edit.h"
#include "image/flat_tree.h"

/* Room for all that has a fixed size: eight properties, two reservations, /chosen. */
#define EDIT_ROOM 1024
#define KASLR_SEED_SIZE 8
#define RNG_SEED_SIZE 128

int edit_failed(struct edit *e, const char *what, int code)
{
	return err_set(&e->ctx->err, -ENOEXEC, "%s: cannot change %s: %s", e->name, what,
		       fdt_strerror(code));
}

/* A missing property means one cell: Linux assumes that, too. */
static int root_cells(struct edit *e, const char *property, unsigned int *cells)
{
	int size;
	const void *value = fdt_getprop(e->fdt, 0, property, &size);

	*cells = 1;
	if (!value)
		return 0;
	if (size != sizeof(uint32_t))
		return err_set(&e->ctx->err, -ENOEXEC, "%s: the root's %s has %d bytes, not 4",
			       e->name, property, size);
	*cells = get_be32(value);
	if (!*cells || *cells > MAX_CELLS)
		return err_set(&e->ctx->err, -ENOEXEC, "%s: the root's %s is %u, not 1 or 2",
			       e->name, property, *cells);
	return 0;
}

/* libfdt, and so Linux, also finds "/chosen@0" by the name "/chosen". */
int edit_find_chosen(struct edit *e)
{
	e->chosen = fdt_path_offset(e->fdt, "/chosen");
	if (e->chosen == -FDT_ERR_NOTFOUND)
		e->chosen = fdt_add_subnode(e->fdt, 0, "chosen");
	return e->chosen < 0 ? edit_failed(e, "/chosen", e->chosen) : 0;
}

int edit_start(struct edit *e, const struct devicetree *in, uint64_t room)
{
	size_t damaged_at;
	int ret;

	room += in->blob.size;
	if (room > DEVICETREE_BUFFER * 2)
		return err_set(&e->ctx->err, -EFBIG, "%s: %" PRIu64 " bytes with its changes",
			       e->name, room);
	e->fdt = map_anonymous(e->ctx, (size_t)room);
	if (!e->fdt)
		return err_set(&e->ctx->err, -ENOMEM, "%s: no memory for %" PRIu64 " bytes",
			       e->name, room);
	ret = fdt_open_into(in->blob.data, e->fdt, (int)room);
	/* In older versions, strings may lie after the end that the header contains. */
	if (!ret)
		ret = flat_tree_check((struct bytes){ e->fdt, (size_t)room }, &damaged_at);
	if (ret)
		return edit_failed(e, "it", ret);
	ret = root_cells(e, "#address-cells", &e->address_cells);
	if (!ret)
		ret = root_cells(e, "#size-cells", &e->size_cells);
	return ret ? ret : edit_find_chosen(e);
}

int edit_set(struct edit *e, const char *property, const void *value, size_t size)
{
	int ret = fdt_setprop(e->fdt, e->chosen, property, value, (int)size);

	return ret ? edit_failed(e, property, ret) : 0;
}

/* Removes all properties of this name.  A damaged tree may contain several. */
int edit_drop(struct edit *e, const char *property)
{
	int ret;

	do
		ret = fdt_delprop(e->fdt, e->chosen, property);
	while (!ret);
	return ret == -FDT_ERR_NOTFOUND ? 0 : edit_failed(e, property, ret);
}

int edit_reserve(struct edit *e, struct range r)
{
	int ret = fdt_add_mem_rsv(e->fdt, r.start, range_size(r));

	return ret ? edit_failed(e, "the memory reservations", ret) : 0;
}

/* Removes the reservation of exactly these bytes.  false: no such reservation. */
static bool unreserve(struct edit *e, uint64_t start, uint64_t size)
{
	uint64_t address, length;

	for (int i = fdt_num_mem_rsv(e->fdt) - 1; i >= 0; i--)
		if (!fdt_get_mem_rsv(e->fdt, i, &address, &length) && address == start &&
		    length == size)
			return !fdt_del_mem_rsv(e->fdt, i);
	return false;
}

/* Removes a property that names memory of the last boot, and the reservation of this memory. */
static int forget_memory(struct edit *e, const char *property)
{
	unsigned int cells = e->address_cells + e->size_cells;
	int size;
	const uint8_t *value = fdt_getprop(e->fdt, e->chosen, property, &size);

	if (value && (unsigned int)size >= cells * sizeof(uint32_t))
		unreserve(e, get_cells(value, e->address_cells),
			  get_cells(value + e->address_cells * sizeof(uint32_t), e->size_cells));
	return edit_drop(e, property);
}

int edit_forget_last_boot(struct edit *e)
{
	static const char *const properties[] = {
		"linux,elfcorehdr", "linux,usable-memory-range", "linux,ima-kexec-buffer",
		"linux,kho-fdt",    "linux,kho-scratch",
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(properties); i++)
		ret = forget_memory(e, properties[i]);
	return ret;
}

/* kexec reserves the bytes of an initrd.  Firmware may reserve whole pages of any size. */
static void unreserve_old_initrd(struct edit *e)
{
	static const uint64_t grains[] = { 1, 4096, 16384, 65536 };
	const struct devicetree old = { e->name, { e->fdt, fdt_totalsize(e->fdt) } };
	struct range initrd;
	uint64_t size;

	if (!devicetree_initrd(&old, &initrd))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(grains); i++)
		if (align_up(range_size(initrd), grains[i], &size) &&
		    unreserve(e, initrd.start, size))
			return;
}

int edit_initrd(struct edit *e, struct range initrd)
{
	uint8_t start[8], end[8];
	int ret;

	unreserve_old_initrd(e);
	ret = edit_drop(e, "linux,initrd-start");
	if (!ret)
		ret = edit_drop(e, "linux,initrd-end");
	if (ret || range_empty(initrd))
		return ret;
	put_u64(ORDER_BE, start, initrd.start);
	put_u64(ORDER_BE, end, initrd.end);
	ret = edit_set(e, "linux,initrd-start", start, sizeof(start));
	if (!ret)
		ret = edit_set(e, "linux,initrd-end", end, sizeof(end));
	return ret ? ret : edit_reserve(e, initrd);
}

static bool put_number(uint8_t *value, unsigned int cells, uint64_t number)
{
	if (cells == 1)
		put_u32(ORDER_BE, value, (uint32_t)number);
	else
		put_u64(ORDER_BE, value, number);
	return cells == 2 || number <= UINT32_MAX;
}

int edit_put_pair(struct edit *e, const char *property, struct range r, uint8_t *value,
		  size_t *size)
{
	size_t middle = e->address_cells * sizeof(uint32_t);

	*size = middle + e->size_cells * sizeof(uint32_t);
	if (put_number(value, e->address_cells, r.start) &&
	    put_number(value + middle, e->size_cells, range_size(r)))
		return 0;
	err_set(&e->ctx->err, -EOVERFLOW,
		"%s: %s: 0x%" PRIx64 " with 0x%" PRIx64
		" bytes does not fit into the root's %u address and %u size cells",
		e->name, property, r.start, range_size(r), e->address_cells, e->size_cells);
	return err_hint(&e->ctx->err,
			"One cell ends at 4 GiB: crashkernel= must reserve memory below 4 GiB.");
}

static int append_range(struct edit *e, const char *property, struct range r)
{
	uint8_t pair[EDIT_PAIR_SIZE];
	size_t size;
	int ret = edit_put_pair(e, property, r, pair, &size);

	if (ret)
		return ret;
	ret = fdt_appendprop(e->fdt, e->chosen, property, pair, (int)size);
	return ret ? edit_failed(e, property, ret) : 0;
}

static int add_crash(struct edit *e, const struct devicetree_changes *changes)
{
	int ret = 0;

	if (!range_empty(changes->elfcorehdr)) {
		ret = append_range(e, "linux,elfcorehdr", changes->elfcorehdr);
		if (!ret)
			ret = edit_reserve(e, changes->elfcorehdr);
	}
	for (size_t i = 0; !ret && i < changes->usable_count; i++)
		ret = append_range(e, "linux,usable-memory-range", changes->usable[i]);
	return ret;
}

int edit_bootargs(struct edit *e, const char *bootargs)
{
	if (!bootargs)
		return 0;
	return *bootargs ? edit_set(e, "bootargs", bootargs, strlen(bootargs) + 1)
			 : edit_drop(e, "bootargs");
}

/* The running kernel has used the old seeds, so the next kernel gets new seeds or no seeds. */
int edit_seeds(struct edit *e, bool dry_run)
{
	uint8_t seed[KASLR_SEED_SIZE + RNG_SEED_SIZE];
	int ret = edit_drop(e, "kaslr-seed");

	if (!ret)
		ret = edit_drop(e, "rng-seed");
	if (ret)
		return ret;
	if (!random_seed(&e->ctx->log, dry_run, seed, sizeof(seed)))
		return 0;
	ret = edit_set(e, "kaslr-seed", seed, KASLR_SEED_SIZE);
	return ret ? ret : edit_set(e, "rng-seed", seed + KASLR_SEED_SIZE, RNG_SEED_SIZE);
}

int edit_finish(struct edit *e, uint32_t limit, struct bytes *out)
{
	int ret = fdt_pack(e->fdt);

	if (ret)
		return edit_failed(e, "it", ret);
	if (fdt_totalsize(e->fdt) > limit)
		return err_set(&e->ctx->err, -EFBIG,
			       "%s: %u bytes with its changes, kernels take at most %u", e->name,
			       fdt_totalsize(e->fdt), limit);
	*out = (struct bytes){ e->fdt, fdt_totalsize(e->fdt) };
	return 0;
}

static uint64_t room_for(const struct devicetree_changes *changes)
{
	return EDIT_ROOM + (changes->bootargs ? strlen(changes->bootargs) : 0) +
	       changes->usable_count * EDIT_PAIR_SIZE;
}

int devicetree_change(struct ctx *ctx, const struct devicetree *in,
		      const struct devicetree_changes *changes, struct bytes *out)
{
	struct edit e = { .ctx = ctx, .name = in->name };
	int ret = edit_start(&e, in, room_for(changes));

	if (!ret)
		ret = edit_forget_last_boot(&e);
	if (!ret)
		ret = edit_initrd(&e, changes->initrd);
	if (!ret)
		ret = add_crash(&e, changes);
	if (!ret)
		ret = edit_bootargs(&e, changes->bootargs);
	if (!ret)
		ret = edit_seeds(&e, changes->dry_run);
	if (!ret)
		ret = edit_set(&e, "linux,booted-from-kexec", NULL, 0);
	if (!ret)
		ret = edit_finish(&e, DEVICETREE_MAX, out);
	return ret ? err_status(&ctx->err, EXIT_STATUS_REFUSED) : 0;
}
