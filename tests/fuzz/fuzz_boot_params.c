/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What x86 reads of the running system and makes boot_params of: the first 4096
 * bytes are the running kernel's boot_params, then come the texts of the files
 * below and the command line, each ended by a NUL.
 */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "kexec/arch/x86/x86.h"
#include "kexec/arch/x86/zero_page.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SETUP_HEADER 0x1f1
#define BOOT_PARAMS "/sys/kernel/boot_params/data"
#define EFI "/sys/firmware/efi/"
#define DRIVE "/sys/firmware/edd/int13_dev80/"

static const char *const files[] = {
	EFI "systab",
	EFI "fw_vendor",
	EFI "runtime",
	EFI "config_table",
	EFI "runtime-map/0/type",
	EFI "runtime-map/0/phys_addr",
	EFI "runtime-map/0/virt_addr",
	EFI "runtime-map/0/num_pages",
	EFI "runtime-map/0/attribute",
	"/proc/fb",
	DRIVE "version",
	DRIVE "mbr_signature",
	DRIVE "legacy_max_cylinder",
	DRIVE "legacy_max_head",
	DRIVE "legacy_sectors_per_track",
	DRIVE "extensions",
	DRIVE "raw_data",
};

static char root_path[] = "/tmp/fuzz_boot_params.XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void remove_tree(void)
{
	nftw(root_path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* What stands in each file; writing only what differs makes most of the speed. */
static struct {
	void *data;
	size_t size;
} written[1 + COUNT(files)];

static void put_file(size_t index, const char *name, const void *data, size_t size)
{
	char path[256];
	FILE *f;

	if (written[index].data && written[index].size == size &&
	    !memcmp(written[index].data, data, size))
		return;
	written[index].data = realloc(written[index].data, size + 1);
	memcpy(written[index].data, data, size);
	written[index].size = size;

	snprintf(path, sizeof(path), "%s%s", root_path, name);
	for (char *p = path + sizeof(root_path); (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(path, 0700);
	}
	f = fopen(path, "w");
	must(f && fwrite(data, 1, size, f) == size && !fclose(f));
}

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

	put_file(COUNT(files), BOOT_PARAMS, in.data, page);
	in = bytes_from(in, page);
	for (size_t i = 0; i < COUNT(files); i++) {
		text = next_text(&in, &size);
		put_file(i, files[i], text, size);
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
	static bool ready;
	const uint64_t address = 0x3ffd1000;
	const struct request req = { .dry_run = true };
	const struct sysroot root = { root_path };
	struct ctx ctx = { 0 };
	struct machine machine = { .root = &root, .map = { map, 2, "made" } };
	struct linux_kernel kernel = { .cmdline_size = 2047, .takes_efi = true };
	uint8_t header[0x270 - SETUP_HEADER] = { 0 };
	struct boot_params bp;
	const char *cmdline;
	int ret;

	if (!ready) {
		must(mkdtemp(root_path));
		atexit(remove_tree);
		ready = true;
	}
	cmdline = write_tree(&ctx, (struct bytes){ data, size });
	ret = machine_read_x86(&ctx, &req, &machine);
	must_explain(ret, &ctx.err);
	if (!ret) {
		/* The header of the kernel that runs, as good or bad as it is. */
		if (size > SETUP_HEADER)
			memcpy(header, data + SETUP_HEADER,
			       size < 0x270 ? size - SETUP_HEADER : sizeof(header));
		kernel.setup_header = (struct bytes){ header, sizeof(header) };
		boot_params_build(&ctx, &req, &machine, &kernel, cmdline, &bp);
		boot_params_set_addresses(&bp, address, (struct range){ 0, 0 });
		check(&bp, address, cmdline);
	}
	arena_free(&ctx.arena);
	return 0;
}
