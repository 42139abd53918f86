/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's files about kexec (Linux: ABI/testing/sysfs-kernel-kexec-kdump). */
#include "machine.h"

#include <errno.h>

static const struct {
	const char *name; /* since Linux 6.19 */
	const char *older; /* before that; later kernels have it as a link for some years */
} names[] = {
	[KEXEC_LOADED] = { "/sys/kernel/kexec/loaded", "/sys/kernel/kexec_loaded" },
	[KEXEC_CRASH_LOADED] = { "/sys/kernel/kexec/crash_loaded",
				 "/sys/kernel/kexec_crash_loaded" },
	[KEXEC_CRASH_ELFCOREHDR_SIZE] = { "/sys/kernel/kexec/crash_elfcorehdr_size",
					  "/sys/kernel/crash_elfcorehdr_size" },
	[KEXEC_CRASH_CMA_RANGES] = { "/sys/kernel/kexec/crash_cma_ranges",
				     "/sys/kernel/kexec_crash_cma_ranges" },
};

const char *machine_kexec_file(struct ctx *ctx, const struct sysroot *root, enum kexec_file file)
{
	bool moved = !sysroot_exists(ctx, root, names[file].older) &&
		     sysroot_exists(ctx, root, names[file].name);

	return moved ? names[file].name : names[file].older;
}

/* Each line is a range as in /proc/iomem, without a name. */
static bool parse_cma(struct ctx *ctx, const char *text, struct range_set *out)
{
	struct range range;

	for (; *text; text += *text == '\n') {
		if (!iomem_parse_range(&text, &range) || (*text && *text != '\n'))
			return false;
		range_set_add(&ctx->arena, out, range);
	}
	return true;
}

void machine_read_crash_cma(struct ctx *ctx, struct machine *machine)
{
	const char *name = machine_kexec_file(ctx, machine->root, KEXEC_CRASH_CMA_RANGES);
	struct bytes text;
	int ret = sysroot_read(ctx, machine->root, name, &text);

	machine->crash_cma = (struct range_set){ 0 };
	if (!ret && parse_cma(ctx, (const char *)text.data, &machine->crash_cma))
		return;
	machine->crash_cma = (struct range_set){ 0 };
	if (ret && ret != -ENOENT)
		log_warn(&ctx->log, "%s; a crash kernel gets no memory of its CMA areas",
			 ctx->err.what);
	else if (!ret)
		log_warn(&ctx->log,
			 "%s%s: expected lines of <hex>-<hex>; a crash kernel gets no memory of "
			 "its CMA areas",
			 machine->root->path, name);
	err_clear(&ctx->err);
}
