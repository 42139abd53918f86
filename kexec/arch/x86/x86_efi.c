/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the EFI data for the next kernel.  SetVirtualAddressMap() works once per boot, so the
 * next kernel gets the mappings of the running kernel (Linux:
 * Documentation/ABI/testing/sysfs-firmware-efi, sysfs-firmware-efi-runtime-map).
 */
#include "x86_machine.h"

#include <errno.h>
#include <inttypes.h>

#include "core/number.h"

#define EFI_DIR "/sys/firmware/efi/"
#define RUNTIME_MAP EFI_DIR "runtime-map"
#define SYSTAB EFI_DIR "systab"

#define EFI_PAGE_SIZE 4096

static int find_in_systab(struct ctx *ctx, const char *line, const char *key, uint64_t *address)
{
	size_t size = strlen(key);

	for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char *value;

		if (strncmp(line, key, size) || line[size] != '=')
			continue;
		line += size + 1;
		value = arena_strndup(&ctx->arena, line, strcspn(line, " \r\n"));
		if (parse_number(value, 0, address))
			return 0;
		return err_set(&ctx->err, -EINVAL,
			       "%s: expected an address after '%s=', "
			       "found '%.40s'",
			       SYSTAB, key, value);
	}
	return err_set(&ctx->err, -ENOENT, "%s has no line '%s='", SYSTAB, key);
}

int x86_systab_address(struct ctx *ctx, const struct sysroot *root, const char *key,
		       uint64_t *address)
{
	struct bytes text;
	int ret = sysroot_read(ctx, root, SYSTAB, &text);

	return ret ? ret : find_in_systab(ctx, (const char *)text.data, key, address);
}

static int read_region(struct ctx *ctx, const struct sysroot *root, const char *name,
		       struct efi_runtime_region *region)
{
	static const char *const fields[] = {
		"type", "phys_addr", "virt_addr", "num_pages", "attribute",
	};
	uint64_t value[5], size, end;

	for (size_t i = 0; i < 5; i++) {
		const char *file = arena_printf(&ctx->arena, "%s/%s/%s", RUNTIME_MAP, name,
						fields[i]);
		int ret = sysroot_read_number(ctx, root, file, 0, &value[i]);

		if (ret)
			return ret;
	}
	if (value[0] > UINT32_MAX || __builtin_mul_overflow(value[3], EFI_PAGE_SIZE, &size) ||
	    __builtin_add_overflow(value[1], size, &end))
		return err_set(&ctx->err, -EINVAL,
			       "%s%s/%s: type 0x%" PRIx64 ", 0x%" PRIx64 " pages at 0x%" PRIx64
			       ": expected 32 bits, and pages below 2^64",
			       root->path, RUNTIME_MAP, name, value[0], value[3], value[1]);
	*region = (struct efi_runtime_region){
		(uint32_t)value[0], value[1], value[2], value[3], value[4],
	};
	return 0;
}

static int read_runtime_map(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	size_t count = 0;
	char **names;
	int ret = sysroot_list(ctx, root, RUNTIME_MAP, &names);

	if (ret)
		return ret;
	while (names[count])
		count++;
	if (!count)
		return err_set(&ctx->err, -ENODATA, "%s%s is empty", root->path, RUNTIME_MAP);
	x86->efi_map = arena_array(&ctx->arena, count, sizeof(*x86->efi_map));
	for (size_t i = 0; i < count; i++) {
		ret = read_region(ctx, root, names[i], &x86->efi_map[i]);
		if (ret)
			return ret;
	}
	x86->efi_map_count = count;
	return 0;
}

/* Checks that the running kernel was started by EFI, and got a memory map that kexec can read. */
static int check_efi_info(struct ctx *ctx, struct bytes boot_params)
{
	const uint8_t *info;
	uint32_t version;

	if (!boot_params.size)
		return err_set(&ctx->err, -ENOENT, "the running kernel's boot_params are unknown");
	info = boot_params.data + BP_EFI_INFO;
	if (memcmp(info, "EL64", 4) && memcmp(info, "EL32", 4))
		return err_set(&ctx->err, -ENODEV, "the running kernel was not started by EFI");
	version = get_le32(info + EFI_INFO_MEMDESC_VERSION);
	if (version != 1)
		return err_set(&ctx->err, -EINVAL,
			       "efi memory descriptor version %" PRIu32 " is not supported!",
			       version);
	if (!get_le32(info + EFI_INFO_MEMMAP_SIZE))
		return err_set(&ctx->err, -ENODATA, "the running kernel has no EFI memory map");
	return 0;
}

static int read_addresses(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	int ret = sysroot_read_number(ctx, root, EFI_DIR "fw_vendor", 0, &x86->efi_fw_vendor);

	if (!ret)
		ret = sysroot_read_number(ctx, root, EFI_DIR "runtime", 0, &x86->efi_runtime);
	if (!ret)
		ret = sysroot_read_number(ctx, root, EFI_DIR "config_table", 0,
					  &x86->efi_config_table);
	return ret;
}

void x86_read_efi(struct ctx *ctx, const struct sysroot *root, struct machine_x86 *x86)
{
	int ret = check_efi_info(ctx, x86->boot_params);

	if (!ret)
		ret = read_addresses(ctx, root, x86);
	if (!ret)
		ret = read_runtime_map(ctx, root, x86);
	if (ret) {
		/* A machine without EFI is no fault.  read_boot_params() has warned already. */
		if (ret == -ENODEV || !x86->boot_params.size)
			log_debug(&ctx->log, "EFI is not passed on: %s", ctx->err.what);
		else
			log_warn(&ctx->log,
				 "EFI is not passed on, the next kernel runs without "
				 "its services: %s",
				 ctx->err.what);
		err_clear(&ctx->err);
		return;
	}
	x86->efi_present = true;
	/* The address is optional.  With 0 the next kernel keeps the firmware's SMBIOS entry. */
	if (x86_systab_address(ctx, root, "SMBIOS", &x86->efi_smbios)) {
		err_prefix(&ctx->err, "address of SMBIOS unknown");
		sysroot_go_without(ctx);
		x86->efi_smbios = 0;
	}
}
