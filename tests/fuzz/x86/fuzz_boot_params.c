/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What x86 reads of the running system and makes boot_params of: the first 4096
 * bytes are the running kernel's boot_params, then come the texts of the files
 * below and the command line, each ended by a NUL.
 */
#include "kexec/arch/x86/x86.h"
#include "kexec/arch/x86/zero_page.h"
#include "tree.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SETUP_HEADER 0x1f1
#define BOOT_PARAMS "/sys/kernel/boot_params/data"
#define EFI "/sys/firmware/efi/"
#define DRIVE "/sys/firmware/edd/int13_dev80/"

static struct tree_file files[] = {
	{ .name = EFI "systab" },
	{ .name = EFI "fw_vendor" },
	{ .name = EFI "runtime" },
	{ .name = EFI "config_table" },
	{ .name = EFI "runtime-map/0/type" },
	{ .name = EFI "runtime-map/0/phys_addr" },
	{ .name = EFI "runtime-map/0/virt_addr" },
	{ .name = EFI "runtime-map/0/num_pages" },
	{ .name = EFI "runtime-map/0/attribute" },
	{ .name = "/proc/fb" },
	{ .name = DRIVE "version" },
	{ .name = DRIVE "mbr_signature" },
	{ .name = DRIVE "legacy_max_cylinder" },
	{ .name = DRIVE "legacy_max_head" },
	{ .name = DRIVE "legacy_sectors_per_track" },
	{ .name = DRIVE "extensions" },
	{ .name = DRIVE "raw_data" },
};

static struct tree_file boot_params = { .name = BOOT_PARAMS };

/* Takes the text up to the next NUL; *size does not count that. */
static const char *next_text(struct bytes *rest, size_t *size)
{
	const char *text = (const char *)rest->data;

	*size = strnlen(text, rest->size);
	*rest = bytes_from(*rest, *size < rest->size ? *size + 1 : *size);
	return text;
}

/* Writes the tree; returns the command line. */
static char *write_tree(struct ctx *ctx, struct bytes in)
{
	size_t page = in.size < ZERO_PAGE_SIZE ? in.size : ZERO_PAGE_SIZE, size;
	const char *text;

	tree_put(&boot_params, in.data, page);
	in = bytes_from(in, page);
	for (size_t i = 0; i < COUNT(files); i++) {
		text = next_text(&in, &size);
		tree_put(&files[i], text, size);
	}
	text = next_text(&in, &size);
	return arena_strndup(&ctx->arena, text, size);
}

/* Reads the block back as the next kernel does, which trusts it. */
static void check(const struct boot_params *bp, uint64_t address, const char *cmdline)
{
	uint64_t at = get_le64(bp->data + HDR_SETUP_DATA);
	int nodes = 0;

	must(bp->size >= ZERO_PAGE_SIZE);
	must(bp->cmdline_end < bp->size);
	must(!strcmp((const char *)bp->data + bp->cmdline, cmdline));
	must(get_le32(bp->data + HDR_CMD_LINE_PTR) == (uint32_t)(address + bp->cmdline));
	for (; at; nodes++) {
		uint64_t offset = at - address;

		must(nodes < 16 && offset < bp->size && bp->size - offset >= 16);
		must(get_le32(bp->data + offset + 12) <= bp->size - offset - 16);
		at = get_le64(bp->data + offset);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_entry map[] = { { { 0x1000, 0x9f000 }, MEMORY_RAM },
					     { { 0x100000, 0x40000000 }, MEMORY_RAM } };
	const uint64_t address = 0x3ffd1000;
	const struct request req = { .dry_run = true };
	const struct sysroot root = { .path = tree_path };
	struct ctx ctx = { 0 };
	struct load load = {
		.arch = &arch_x86_64,
		.req = &req,
		.root = &root,
		.machine = { .root = &root, .map = { map, 2, "made" } },
	};
	struct linux_kernel kernel = { .cmdline_size = 2047, .takes_efi = true };
	uint8_t header[0x270 - SETUP_HEADER] = { 0 };
	struct boot_params bp;
	const char *cmdline;
	int ret;

	tree_make();
	cmdline = write_tree(&ctx, (struct bytes){ data, size });
	ret = x86_look(&ctx, &load);
	must_explain(ret, &ctx.err);
	if (!ret) {
		/* The header of the kernel that runs, as good or bad as it is. */
		if (size > SETUP_HEADER)
			memcpy(header, data + SETUP_HEADER,
			       size < 0x270 ? size - SETUP_HEADER : sizeof(header));
		kernel.setup_header = (struct bytes){ header, sizeof(header) };
		boot_params_build(&ctx, &load, &kernel, &load.machine.map, cmdline, &bp);
		boot_params_set_addresses(&bp, address, (struct range){ 0, 0 });
		check(&bp, address, cmdline);
	}
	arena_free(&ctx.arena);
	return 0;
}
