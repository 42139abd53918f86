/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Android boot images: kernel, ramdisk and command line in one file, each from the start of a
 * page on (Android: system/tools/mkbootimg/include/bootimg/bootimg.h, versions 0 to 4).
 */
#include <errno.h>
#include <inttypes.h>

#include "android.h"
#include "core/range.h"

#define MAGIC "ANDROID!"
#define MAGIC_SIZE 8

/* Offsets in the header; sizes are u32. */
enum {
	KERNEL_SIZE = 8,
	VERSION = 40,
	HEADER_SIZE = 2048, /* no version's is larger, and no page smaller */
};

/* Of versions 0 to 2. */
enum {
	RAMDISK_SIZE = 16,
	SECOND_SIZE = 24,
	PAGE_SIZE = 36,
	COMMAND_LINE = 64,
	COMMAND_LINE_SIZE = 512,
	MORE_COMMAND_LINE = 608,
	MORE_COMMAND_LINE_SIZE = 1024,
	RECOVERY_DTBO_SIZE = 1632, /* since version 1 */
	DTB_SIZE = 1648, /* since version 2 */
};

/* Of versions 3 and 4. */
enum {
	V3_RAMDISK_SIZE = 12,
	V3_COMMAND_LINE = 44,
	V3_COMMAND_LINE_SIZE = 1536,
	V3_PAGE_SIZE = 4096,
};

/* Where version 0 has no version, some have a number that is larger than any. */
#define NEWEST_VERSION 4

struct cursor {
	struct bytes file;
	uint64_t at;
	uint32_t page;
};

bool android_probe(struct bytes bytes)
{
	return bytes_match(bytes, 0, MAGIC, MAGIC_SIZE);
}

static int take(struct cursor *cursor, uint32_t size, const char *what, struct bytes *out,
		struct err *err)
{
	struct bytes ignored;

	if (!out)
		out = &ignored;
	*out = (struct bytes){ 0 };
	if (!size)
		return 0;
	if (!bytes_has(cursor->file, cursor->at, size)) {
		err_set(err, -ENOEXEC,
			"Android image size is incorrect: its %s, [0x%" PRIx64 ", 0x%" PRIx64
			"), is not inside its 0x%zx bytes",
			what, cursor->at, cursor->at + size, cursor->file.size);
		return err_hint(err, "Copy or build the file again.");
	}
	*out = bytes_sub(cursor->file, cursor->at, size);
	cursor->at = round_up(cursor->at + size, cursor->page);
	return 0;
}

static int parse_v0(struct bytes file, uint32_t version, struct android_image *out, struct err *err)
{
	const uint8_t *header = file.data;
	uint32_t page = get_le32(header + PAGE_SIZE);
	struct cursor cursor = { file, page, page };
	int ret;

	if (page < HEADER_SIZE || !is_power_of_two(page))
		return err_set(err, -ENOEXEC,
			       "this Android image (offset 0x%x) says pages of %" PRIu32
			       " bytes: a power of two from %d on is expected",
			       PAGE_SIZE, page, HEADER_SIZE);
	out->cmdline[0] = bytes_sub(file, COMMAND_LINE, COMMAND_LINE_SIZE);
	out->cmdline[1] = bytes_sub(file, MORE_COMMAND_LINE, MORE_COMMAND_LINE_SIZE);
	ret = take(&cursor, get_le32(header + KERNEL_SIZE), "kernel", &out->kernel, err);
	if (!ret)
		ret = take(&cursor, get_le32(header + RAMDISK_SIZE), "ramdisk", &out->ramdisk, err);
	if (ret || version < 2)
		return ret;
	ret = take(&cursor, get_le32(header + SECOND_SIZE), "second stage", NULL, err);
	if (!ret)
		ret = take(&cursor, get_le32(header + RECOVERY_DTBO_SIZE), "recovery dtbo", NULL,
			   err);
	return ret ? ret : take(&cursor, get_le32(header + DTB_SIZE), "dtb", &out->dtb, err);
}

static int parse_v3(struct bytes file, struct android_image *out, struct err *err)
{
	struct cursor cursor = { file, V3_PAGE_SIZE, V3_PAGE_SIZE };
	int ret;

	out->cmdline[0] = bytes_sub(file, V3_COMMAND_LINE, V3_COMMAND_LINE_SIZE);
	ret = take(&cursor, get_le32(file.data + KERNEL_SIZE), "kernel", &out->kernel, err);
	if (ret)
		return ret;
	return take(&cursor, get_le32(file.data + V3_RAMDISK_SIZE), "ramdisk", &out->ramdisk, err);
}

int android_parse(struct bytes bytes, struct android_image *out, struct err *err)
{
	uint32_t version;
	int ret;

	*out = (struct android_image){ 0 };
	if (!android_probe(bytes) || !bytes_has(bytes, 0, HEADER_SIZE))
		return err_set(err, -ENOEXEC,
			       "not an Android image: %d bytes or more that begin with " MAGIC
			       " are expected",
			       HEADER_SIZE);
	version = get_le32(bytes.data + VERSION);
	if (version > NEWEST_VERSION)
		version = 0;
	ret = version < 3 ? parse_v0(bytes, version, out, err) : parse_v3(bytes, out, err);
	if (!ret && !out->kernel.size)
		return err_set(err, -ENOEXEC, "this Android image (offset 0x%x) has no kernel",
			       KERNEL_SIZE);
	return ret;
}
