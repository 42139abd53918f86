/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Removes offline memory blocks from the memory map (Linux:
 * ABI/testing/sysfs-devices-memory, admin-guide/mm/memory-hotplug.rst).
 */
#include "s390x.h"

#include <errno.h>
#include <inttypes.h>

#include "core/number.h"

#define MEMORY_DIR "/sys/devices/system/memory"

/* True for names of blocks: "memory12", but not "block_size_bytes". */
static bool block_number(const char *name, uint64_t *number)
{
	return !strncmp(name, "memory", 6) && parse_number(name + 6, 10, number);
}

static bool is_offline(struct ctx *ctx, const struct sysroot *root, const char *name)
{
	struct bytes state;

	if (!sysroot_read(ctx, root, arena_printf(&ctx->arena, MEMORY_DIR "/%s/state", name),
			  &state))
		return bytes_match(state, 0, "offline", 7);
	sysroot_go_without(ctx);
	return false;
}

static int block_size(struct ctx *ctx, const struct sysroot *root, uint64_t *size)
{
	const char *name = MEMORY_DIR "/block_size_bytes";
	int ret = sysroot_read_number(ctx, root, name, 16, size);

	if (!ret && !is_power_of_two(*size))
		ret = err_set(&ctx->err, -EINVAL, "%s%s: 0x%" PRIx64 " is not a power of two",
			      root->path, name, *size);
	return ret;
}

int s390x_remove_offline(struct ctx *ctx, struct machine *machine)
{
	char **names;
	uint64_t size;
	int ret = sysroot_list(ctx, machine->root, MEMORY_DIR, &names);

	if (!ret)
		ret = block_size(ctx, machine->root, &size);
	if (ret == -ENOENT) {
		log_debug(&ctx->log, "no memory blocks: %s", ctx->err.what);
		err_clear(&ctx->err);
		return 0;
	}
	for (; !ret && *names; names++) {
		struct range block;
		uint64_t number;

		if (!block_number(*names, &number) || !is_offline(ctx, machine->root, *names))
			continue;
		if (__builtin_mul_overflow(number, size, &block.start) ||
		    __builtin_add_overflow(block.start, size, &block.end))
			return err_set(&ctx->err, -EINVAL,
				       "%s" MEMORY_DIR "/%s: the block is beyond 64-bit addresses",
				       machine->root->path, *names);
		range_set_subtract(&ctx->arena, &machine->ram, block);
	}
	return ret;
}
