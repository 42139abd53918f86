/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The setup header of an x86 bzImage (Linux: arch/x86/boot.rst),
 * checked against the file that contains it.
 */
#include <errno.h>
#include <inttypes.h>

#include "bzimage.h"
#include "core/range.h"
#include "core/units.h"
#include "image/banner.h"
#include "zero_page.h"

#define MIN_FILE_SIZE 1024
#define SECTOR 512
#define PARAGRAPH 16 /* unit of syssize */
#define MIN_LOAD_ADDRESS 0x100000
#define DEFAULT_CMDLINE_SIZE 255
#define DEFAULT_INITRD_ADDR_MAX 0x37ffffff
#define XLF_64BIT_ENTRY (XLF_KERNEL_64 | XLF_CAN_BE_LOADED_ABOVE_4G)
#define ENTRY_64_OFFSET 0x200

/* Smallest end offset of the setup header, by protocol. */
static const struct {
	uint16_t protocol;
	uint16_t end;
} header_ends[] = {
	{ 0x020f, 0x26c }, { 0x020b, 0x268 }, { 0x020a, 0x264 }, { 0x0209, 0x258 },
	{ 0x0208, 0x250 }, { 0x0207, 0x248 }, { 0x0206, 0x23c }, { 0x0205, 0x235 },
	{ 0x0203, 0x230 }, { 0x0202, 0x22c }, { 0x0201, 0x226 }, { 0x0200, 0x224 },
};

bool bzimage_probe(struct bytes bytes)
{
	return bytes.size >= MIN_FILE_SIZE && bytes_match(bytes, HDR_MAGIC, "HdrS", 4) &&
	       get_le16(bytes.data + HDR_BOOT_FLAG) == BOOT_FLAG &&
	       get_le16(bytes.data + HDR_VERSION) >= 0x0200 &&
	       (bytes.data[HDR_LOADFLAGS] & LOADFLAGS_LOADED_HIGH);
}

bool bzimage64_probe(struct bytes bytes)
{
	return bzimage_probe(bytes) && get_le16(bytes.data + HDR_VERSION) >= 0x020c &&
	       (get_le16(bytes.data + HDR_XLOADFLAGS) & XLF_64BIT_ENTRY) == XLF_64BIT_ENTRY;
}

static int cut_short(struct err *err, size_t size, const char *what, uint64_t needed)
{
	err_set(err, -ENOEXEC, "this bzImage is cut short: %zu bytes, its %s %" PRIu64, size, what,
		needed);
	return err_hint(err, "Copy or install the kernel again.");
}

/* Splits the file into real-mode part and protected-mode part.  Both must be complete. */
static int split(struct bytes file, struct bzimage *out, struct err *err)
{
	uint32_t sectors = file.data[HDR_SETUP_SECTS] ? file.data[HDR_SETUP_SECTS] : 4;
	uint64_t protected_size;

	out->setup_size = (sectors + 1) * SECTOR;
	if (file.size <= out->setup_size)
		return cut_short(err, file.size, "real-mode part alone has", out->setup_size);
	out->kernel = bytes_from(file, out->setup_size);
	if (out->kernel.size > UINT32_MAX)
		return err_set(err, -ENOEXEC,
			       "this bzImage has a protected-mode part of %zu bytes, more than the "
			       "boot protocol can describe",
			       out->kernel.size);
	if (out->protocol < 0x0204) /* syssize has only 16 bits: too few for any kernel */
		return 0;
	/* syssize is rounded up: the last paragraph may be partial.  A signature may follow. */
	protected_size = (uint64_t)get_le32(file.data + HDR_SYSSIZE) * PARAGRAPH;
	if (round_up(out->kernel.size, PARAGRAPH) < protected_size)
		return cut_short(err, file.size, "setup header (setup_sects, syssize) says",
				 out->setup_size + protected_size);
	return 0;
}

static int find_header(struct bytes file, struct bzimage *out, struct err *err)
{
	uint32_t end = HDR_MAGIC + file.data[HDR_JUMP + 1];
	size_t i = 0;

	while (header_ends[i].protocol > out->protocol)
		i++;
	if (file.data[HDR_JUMP] != 0xeb || end < header_ends[i].end)
		return err_set(err, -ENOEXEC,
			       "the bzImage's setup header ends at 0x%" PRIx32
			       " (jump bytes %02x %02x at 0x200), boot protocol %u.%02u needs 0x%x",
			       end, file.data[HDR_JUMP], file.data[HDR_JUMP + 1],
			       out->protocol >> 8, out->protocol & 0xffu, header_ends[i].end);
	/* In boot_params, other fields follow here.  No known header is that long. */
	if (end > BP_EDD_SIGNATURE)
		end = BP_EDD_SIGNATURE;
	out->setup_header = bytes_sub(file, HDR_SETUP_SECTS, end - HDR_SETUP_SECTS);
	return 0;
}

static int read_alignment(struct bytes file, struct bzimage *out, struct err *err)
{
	uint32_t align = get_le32(file.data + HDR_KERNEL_ALIGNMENT);
	uint8_t min = file.data[HDR_MIN_ALIGNMENT];

	out->kernel_alignment = PAGE_4K;
	out->min_alignment = (uint8_t)__builtin_ctz(PAGE_4K);
	out->relocatable = out->protocol >= 0x0205 && file.data[HDR_RELOCATABLE_KERNEL];
	if (!out->relocatable)
		return 0;
	if (!is_power_of_two(align))
		return err_set(err, -ENOEXEC,
			       "the bzImage's kernel_alignment is 0x%" PRIx32
			       ", not a power of two",
			       align);
	if (align > PAGE_4K)
		out->kernel_alignment = align;
	if (out->protocol < 0x020a || !min)
		min = (uint8_t)__builtin_ctz(align);
	if (min > __builtin_ctz(align))
		return err_set(err, -ENOEXEC,
			       "the bzImage's min_alignment is 2^%u, more than its "
			       "kernel_alignment of 0x%" PRIx32,
			       min, align);
	if (min > out->min_alignment)
		out->min_alignment = min;
	return 0;
}

static int read_placement(struct bytes file, struct bzimage *out, struct err *err)
{
	uint64_t end;

	out->pref_address = MIN_LOAD_ADDRESS;
	out->init_size = 0;
	if (out->protocol >= 0x020a) {
		uint64_t pref = get_le64(file.data + HDR_PREF_ADDRESS);

		if (pref)
			out->pref_address = pref;
		out->init_size = get_le32(file.data + HDR_INIT_SIZE);
	}
	if (out->init_size < out->kernel.size)
		out->init_size = (uint32_t)out->kernel.size;
	if (__builtin_add_overflow(out->pref_address, out->init_size, &end))
		return err_set(err, -ENOEXEC,
			       "the bzImage's pref_address 0x%" PRIx64
			       " plus its init_size 0x%" PRIx32 " is beyond the address space",
			       out->pref_address, out->init_size);
	return 0;
}

static int check_payload(struct bytes file, const struct bzimage *out, struct err *err)
{
	uint32_t offset, length;

	if (out->protocol < 0x0208)
		return 0;
	offset = get_le32(file.data + HDR_PAYLOAD_OFFSET);
	length = get_le32(file.data + HDR_PAYLOAD_LENGTH);
	if (bytes_has(out->kernel, offset, length))
		return 0;
	return err_set(err, -ENOEXEC,
		       "the bzImage's payload, 0x%" PRIx32 " bytes at 0x%" PRIx32
		       ", is not inside its protected-mode part of 0x%zx bytes",
		       length, offset, out->kernel.size);
}

static void find_version(struct bytes file, struct bzimage *out)
{
	uint16_t pointer = get_le16(file.data + HDR_KERNEL_VERSION);
	uint32_t offset = 0x200u + pointer;
	size_t size;

	if (!pointer || offset >= out->setup_size)
		return;
	size = strnlen((const char *)file.data + offset, out->setup_size - offset);
	if (!size || offset + size == out->setup_size)
		return;
	out->version = (const char *)file.data + offset;
	out->version_size = size;
}

int bzimage_parse(struct bytes bytes, struct bzimage *out, struct err *err)
{
	int ret;

	*out = (struct bzimage){ 0 };
	if (!bzimage_probe(bytes))
		return err_set(
			err, -ENOEXEC,
			"not a bzImage: %d bytes or more with 0xaa55 at 0x1fe, HdrS at 0x202, "
			"protocol 2.00 or later and the LOADED_HIGH flag are expected",
			MIN_FILE_SIZE);
	out->protocol = get_le16(bytes.data + HDR_VERSION);
	if (out->protocol >= 0x020c)
		out->xloadflags = get_le16(bytes.data + HDR_XLOADFLAGS);
	ret = split(bytes, out, err);
	if (!ret)
		ret = find_header(bytes, out, err);
	if (!ret)
		ret = read_alignment(bytes, out, err);
	if (!ret)
		ret = read_placement(bytes, out, err);
	if (!ret)
		ret = check_payload(bytes, out, err);
	if (ret)
		return ret;
	if ((out->xloadflags & XLF_KERNEL_64) && out->kernel.size <= ENTRY_64_OFFSET)
		return err_set(err, -ENOEXEC,
			       "the bzImage claims a 64-bit entry at 0x200, but its protected-mode "
			       "part has only 0x%zx bytes",
			       out->kernel.size);
	out->cmdline_size = out->protocol >= 0x0206 ? get_le32(bytes.data + HDR_CMDLINE_SIZE)
						    : DEFAULT_CMDLINE_SIZE;
	out->initrd_addr_max = out->protocol >= 0x0203 ? get_le32(bytes.data + HDR_INITRD_ADDR_MAX)
						       : DEFAULT_INITRD_ADDR_MAX;
	find_version(bytes, out);
	return 0;
}

const char *bzimage_version(struct ctx *ctx, struct bytes bytes)
{
	struct bzimage b;

	if (bzimage_parse(bytes, &b, NULL) || !b.version)
		return NULL;
	return printable_text(ctx, b.version, b.version_size);
}
