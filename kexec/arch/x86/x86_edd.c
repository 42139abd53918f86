/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BIOS Enhanced Disk Drive records, converted back into the form of boot_params
 * (Linux: drivers/firmware/edd.c, include/uapi/linux/edd.h).
 */
#include "x86_machine.h"

#include <errno.h>
#include <inttypes.h>

#include "core/number.h"

#define EDD_DIR "/sys/firmware/edd"
#define DRIVE_PREFIX "int13_dev"

/* struct edd_info */
#define EDD_DEVICE 0
#define EDD_VERSION 1
#define EDD_INTERFACE 2
#define EDD_CYLINDER 4
#define EDD_HEAD 6
#define EDD_SECTORS 7
#define EDD_PARAMS 8
#define EDD_PARAMS_SIZE (EDD_RECORD_SIZE - EDD_PARAMS)

struct drive {
	struct ctx *ctx;
	const struct sysroot *root;
	const char *dir;
};

static const char *drive_file(const struct drive *drive, const char *name)
{
	return arena_printf(&drive->ctx->arena, "%s/%s", drive->dir, name);
}

/* A missing file is 0: the kernel leaves out values that the BIOS did not report. */
static int read_optional(const struct drive *drive, const char *name, int base, uint64_t max,
			 uint64_t *value)
{
	const char *file = drive_file(drive, name);
	int ret = sysroot_read_number(drive->ctx, drive->root, file, base, value);

	if (ret == -ENOENT) {
		err_clear(&drive->ctx->err);
		*value = 0;
		return 0;
	}
	if (!ret && *value > max)
		return err_set(&drive->ctx->err, -ERANGE, "%s%s: %" PRIu64 " is more than %" PRIu64,
			       drive->root->path, file, *value, max);
	return ret;
}

static int read_extensions(const struct drive *drive, uint16_t *bits)
{
	static const char *const names[] = {
		"Fixed disk access",
		"Device locking and ejecting",
		"Enhanced Disk Drive support",
		"64-bit extensions",
	};
	struct bytes text;
	int ret = sysroot_read(drive->ctx, drive->root, drive_file(drive, "extensions"), &text);

	*bits = 0;
	if (ret)
		return ret;
	for (int i = 0; i < 4; i++) {
		if (strstr((const char *)text.data, names[i]))
			*bits |= (uint16_t)(1 << i);
	}
	return 0;
}

/* The first word of raw_data is its length.  Faulty BIOSes report more than the record's size. */
static int read_params(const struct drive *drive, uint8_t *params)
{
	const char *file = drive_file(drive, "raw_data");
	struct bytes raw;
	size_t length;
	int ret = sysroot_read(drive->ctx, drive->root, file, &raw);

	if (ret)
		return ret;
	length = raw.size < 2 ? 2 : get_le16(raw.data);
	if (length > EDD_PARAMS_SIZE)
		length = EDD_PARAMS_SIZE;
	if (raw.size < length || raw.size > EDD_PARAMS_SIZE)
		return err_set(&drive->ctx->err, -EINVAL,
			       "%s%s: found %zu bytes, expected %zu to %d", drive->root->path, file,
			       raw.size, length, EDD_PARAMS_SIZE);
	memcpy(params, raw.data, raw.size);
	return 0;
}

static int read_record(const struct drive *drive, uint8_t device, uint8_t version,
		       uint8_t record[EDD_RECORD_SIZE])
{
	uint64_t cylinder, head, sectors;
	uint16_t interface;
	int ret = read_optional(drive, "legacy_max_cylinder", 10, UINT16_MAX, &cylinder);

	if (!ret)
		ret = read_optional(drive, "legacy_max_head", 10, UINT8_MAX, &head);
	if (!ret)
		ret = read_optional(drive, "legacy_sectors_per_track", 10, UINT8_MAX, &sectors);
	if (!ret)
		ret = read_extensions(drive, &interface);
	if (!ret)
		ret = read_params(drive, record + EDD_PARAMS);
	if (ret)
		return ret;
	record[EDD_DEVICE] = device;
	record[EDD_VERSION] = version;
	put_le16(record + EDD_INTERFACE, interface);
	put_le16(record + EDD_CYLINDER, (uint16_t)cylinder);
	record[EDD_HEAD] = (uint8_t)head;
	record[EDD_SECTORS] = (uint8_t)sectors;
	return 0;
}

static int read_signature(const struct drive *drive, struct machine_x86 *x86)
{
	uint64_t signature;
	int ret;

	if (!sysroot_exists(drive->ctx, drive->root, drive_file(drive, "mbr_signature")))
		return 0;
	ret = read_optional(drive, "mbr_signature", 0, UINT32_MAX, &signature);
	if (!ret && x86->edd_signature_count < EDD_MAX_SIGNATURES)
		x86->edd_signature[x86->edd_signature_count++] = (uint32_t)signature;
	return ret;
}

static int read_drive(struct ctx *ctx, const struct sysroot *root, const char *name,
		      struct machine_x86 *x86)
{
	struct drive drive = { ctx, root, arena_printf(&ctx->arena, "%s/%s", EDD_DIR, name) };
	uint64_t device, version = 0;
	int ret;

	if (!parse_number(name + strlen(DRIVE_PREFIX), 16, &device) || device > UINT8_MAX)
		return err_set(&ctx->err, -EINVAL, "%s%s: expected a name such as %s80", root->path,
			       drive.dir, DRIVE_PREFIX);
	ret = read_signature(&drive, x86);
	if (!ret)
		ret = read_optional(&drive, "version", 0, UINT8_MAX, &version);
	/* A drive without a version has a signature at most, and no record. */
	if (ret || !version)
		return ret;
	if (x86->edd_count == EDD_MAX_DRIVES) {
		log_debug(&ctx->log, "%s: boot_params have room for %d drives", name,
			  EDD_MAX_DRIVES);
		return 0;
	}
	ret = read_record(&drive, (uint8_t)device, (uint8_t)version, x86->edd[x86->edd_count]);
	if (!ret)
		x86->edd_count++;
	return ret;
}

static int read_drives(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	char **names;
	int ret = sysroot_list(ctx, root, EDD_DIR, &names);

	if (ret == -ENOENT) {
		err_clear(&ctx->err);
		return 0;
	}
	for (; !ret && *names; names++) {
		if (!strncmp(*names, DRIVE_PREFIX, strlen(DRIVE_PREFIX)))
			ret = read_drive(ctx, root, *names, x86);
	}
	return ret;
}

void x86_read_edd(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	if (!read_drives(ctx, root, x86))
		return;
	log_warn(&ctx->log, "The BIOS disk records are not passed on: %s", ctx->err.what);
	err_clear(&ctx->err);
	/* Half a list would shift drives to other numbers. */
	memset(x86->edd, 0, sizeof(x86->edd));
	memset(x86->edd_signature, 0, sizeof(x86->edd_signature));
	x86->edd_count = 0;
	x86->edd_signature_count = 0;
}
