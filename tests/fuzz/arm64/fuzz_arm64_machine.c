/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that only arm64 reads: ACPI's fixed table and the auxiliary vector.  Input: tree_write(). */
#include "kexec/arch/arm64/arm64.h"
#include "purgatory_abi.h"
#include "tree.h"

static struct tree_file files[] = {
	{ .name = "/sys/firmware/acpi/tables/FACP" },
	{ .name = "/proc/self/auxv" },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sysroot root = { .path = tree_path };
	struct ctx ctx = { 0 };

	tree_write(files, sizeof(files) / sizeof(*files), (struct bytes){ data, size });
	must(arm64_acpi_psci(&ctx, &root) <= PURGATORY_PSCI_SMC);
	arm64_page_size(&ctx, &root);
	must(!ctx.err.code);
	arena_free(&ctx.arena);
	return 0;
}
