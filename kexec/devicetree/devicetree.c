/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a device tree comes from, whether it is whole, and what arches ask of it
 * (Devicetree Specification, chapter 5; devicetree/bindings/arm/psci).
 */
#include "devicetree.h"

#include <errno.h>
#include <libfdt.h>

#include "machine/machine.h"
#include "purgatory_abi.h"

#define LIVE_BLOB "/sys/firmware/fdt"
/* Older ones have other names and padding.  libfdt's check of them is not to be trusted. */
#define OLDEST_VERSION 16
#define HEADER_VERSION 20

static int refuse(struct ctx *ctx)
{
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/* What has to be right before libfdt may look, and which bytes the tree is. */
static int check_header(struct ctx *ctx, const char *name, struct bytes *bytes)
{
	uint32_t size, version;

	if (!bytes_has(*bytes, HEADER_VERSION, sizeof(uint32_t)))
		return err_set(&ctx->err, -ENOEXEC, "%s: not a device tree: only %zu bytes", name,
			       bytes->size);
	if (get_be32(bytes->data) != FDT_MAGIC)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: not a device tree: it begins with 0x%08x instead of 0x%08x",
			       name, get_be32(bytes->data), FDT_MAGIC);
	version = get_be32(bytes->data + HEADER_VERSION);
	if (version < OLDEST_VERSION)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: a device tree of version %u, the oldest known is %d", name,
			       version, OLDEST_VERSION);
	size = get_be32(bytes->data + 4);
	if (size > bytes->size)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: cut off: the header says %u bytes, here are %zu", name, size,
			       bytes->size);
	if (size > DEVICETREE_BUFFER)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: the header says %u bytes, at most %u make sense", name, size,
			       DEVICETREE_BUFFER);
	*bytes = bytes_sub(*bytes, 0, size);
	return 0;
}

/* libfdt wants what the format is made for: a blob at a multiple of 8. */
static int align(struct ctx *ctx, const char *name, struct bytes *bytes)
{
	void *copy;

	if ((uintptr_t)bytes->data % 8 == 0)
		return 0;
	copy = map_anonymous(ctx, bytes->size);
	if (!copy)
		return err_set(&ctx->err, -ENOMEM, "%s: no memory for %zu bytes", name,
			       bytes->size);
	memcpy(copy, bytes->data, bytes->size);
	bytes->data = copy;
	return 0;
}

static const char *reason(int code)
{
	switch (code) {
	case -FDT_ERR_TRUNCATED: return "a part of it reaches behind its end";
	case -FDT_ERR_BADSTRUCTURE: return "its nodes and properties do not fit into each other";
	case -FDT_ERR_BADVERSION: return "it is for readers of another version";
	case -FDT_ERR_BADLAYOUT: return "its parts are not where the format has them";
	default: return "it contradicts itself";
	}
}

/*
 * Where in the structure the first token is that makes no sense by itself; 0: each does.  For
 * a tree whose header is whole.
 */
static unsigned int damaged_at(const void *fdt)
{
	int at = 0, next = 0;

	while (fdt_next_tag(fdt, at, &next) != FDT_END)
		at = next;
	return next < 0 ? fdt_off_dt_struct(fdt) + (unsigned int)at : 0;
}

static int check_blob(struct ctx *ctx, const char *name, struct bytes bytes)
{
	int ret = fdt_check_full(bytes.data, bytes.size), length;
	unsigned int at;

	if (!ret && !fdt_get_name(bytes.data, 0, &length))
		ret = length; /* no root */
	if (!ret)
		return 0;
	at = ret == -FDT_ERR_BADSTRUCTURE ? damaged_at(bytes.data) : 0;
	err_set(&ctx->err, -ENOEXEC, "%s: damaged device tree: %s%s: %s", name, fdt_strerror(ret),
		at ? arena_printf(&ctx->arena, " at offset 0x%x", at) : "", reason(ret));
	return err_hint(&ctx->err, "Copy or compile it again.");
}

int devicetree_check(struct ctx *ctx, const char *name, struct bytes bytes, struct devicetree *out)
{
	int ret = check_header(ctx, name, &bytes);

	if (!ret)
		ret = align(ctx, name, &bytes);
	if (!ret)
		ret = check_blob(ctx, name, bytes);
	if (ret)
		return refuse(ctx);
	*out = (struct devicetree){ name, bytes };
	return 0;
}

static int from_file(struct ctx *ctx, const char *name, struct devicetree *out)
{
	struct file file;

	if (file_open(ctx, name, 0, &file)) {
		err_prefix(&ctx->err, "--dtb");
		return refuse(ctx);
	}
	file_close(&file);
	return devicetree_check(ctx, name, file.bytes, out);
}

int devicetree_find(struct ctx *ctx, const char *dtb, const struct sysroot *root,
		    struct devicetree *out)
{
	struct bytes bytes;
	int ret;

	if (dtb)
		return from_file(ctx, dtb, out);
	ret = sysroot_read(ctx, root, LIVE_BLOB, &bytes);
	if (!ret)
		return devicetree_check(ctx, sysroot_path(ctx, root, LIVE_BLOB), bytes, out);
	if (ret != -ENOENT)
		log_warn(&ctx->log, "%s: the next kernel's device tree is put together from /proc",
			 ctx->err.what);
	err_clear(&ctx->err);
	ret = devicetree_flatten(ctx, root, out);
	if (ret != -ENOENT)
		return ret;
	err_clear(&ctx->err);
	err_set(&ctx->err, -ENOENT, "No device tree: there is no %s and no /proc/device-tree",
		LIVE_BLOB);
	err_hint(&ctx->err, "--dtb=FILE gives one.");
	return refuse(ctx);
}

/* Of 4 or 8 bytes, whatever the root's cells are. */
static bool chosen_address(const void *fdt, const char *name, uint64_t *address)
{
	int size, chosen = fdt_path_offset(fdt, "/chosen");
	const uint8_t *value = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, name, &size);

	if (!value || (size != 4 && size != 8))
		return false;
	*address = get_cells(value, (unsigned int)size / 4);
	return true;
}

bool devicetree_initrd(const struct devicetree *tree, struct range *initrd)
{
	return chosen_address(tree->blob.data, "linux,initrd-start", &initrd->start) &&
	       chosen_address(tree->blob.data, "linux,initrd-end", &initrd->end) &&
	       !range_empty(*initrd);
}

const char *devicetree_bootargs(const struct devicetree *tree)
{
	const void *fdt = tree->blob.data;

	return fdt_stringlist_get(fdt, fdt_path_offset(fdt, "/chosen"), "bootargs", 0, NULL);
}

unsigned int devicetree_psci(const struct devicetree *tree)
{
	/* SYSTEM_RESET came with 0.2; a 1.0 that is no 0.2 as well is rare, but allowed. */
	static const char *const versions[] = { "arm,psci-0.2", "arm,psci-1.0" };
	const void *fdt = tree->blob.data;

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		int node = fdt_node_offset_by_compatible(fdt, -1, versions[i]);
		const char *method = fdt_stringlist_get(fdt, node, "method", 0, NULL);

		if (method && !strcmp(method, "hvc"))
			return PURGATORY_PSCI_HVC;
		if (method && !strcmp(method, "smc"))
			return PURGATORY_PSCI_SMC;
	}
	return PURGATORY_PSCI_NONE;
}

static bool all_zeros(const uint8_t *data, int size)
{
	for (int i = 0; i < size; i++)
		if (data[i])
			return false;
	return true;
}

static bool tells_memory(const struct devicetree *tree)
{
	static const char type[] = "memory";
	const void *fdt = tree->blob.data;
	int node = -1, size;

	if (fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "linux,uefi-system-table", NULL))
		return true;
	for (;;) {
		const void *reg;

		node = fdt_node_offset_by_prop_value(fdt, node, "device_type", type, sizeof(type));
		if (node < 0)
			return false;
		reg = fdt_getprop(fdt, node, "reg", &size);
		if (reg && !all_zeros(reg, size))
			return true;
	}
}

int devicetree_check_memory(struct ctx *ctx, const struct devicetree *tree, const char *cmdline)
{
	if (tells_memory(tree) || cmdline_has_param(cmdline, "mem"))
		return 0;
	err_set(&ctx->err, -ENODATA,
		"%s tells no memory: a node with the device_type memory and a reg is expected",
		tree->name);
	return err_hint(&ctx->err, "A boot loader would add it. /sys/firmware/fdt is the tree that "
				   "it gave to the running kernel.");
}

bool devicetree_same_board(const struct devicetree *one, const struct devicetree *other)
{
	const void *fdt = one->blob.data;
	const char *board;

	for (int i = 0; (board = fdt_stringlist_get(fdt, 0, "compatible", i, NULL)); i++)
		if (fdt_stringlist_search(other->blob.data, 0, "compatible", board) >= 0)
			return true;
	return false;
}
