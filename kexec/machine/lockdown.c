/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the running system insists on signed code (Linux: security/lockdown,
 * kernel_lockdown(7), filesystems/efivarfs.rst; UEFI, "Globally Defined Variables").
 */
#include <string.h>

#include "machine.h"

const char *machine_lockdown(struct ctx *ctx, const struct sysroot *root)
{
	static const char name[] = "/sys/kernel/security/lockdown";
	struct bytes bytes;
	const char *text;

	if (sysroot_read_present(ctx, root, name, &bytes)) {
		log_warn(&ctx->log, "%s: the kernel is taken for locked down", ctx->err.what);
		err_clear(&ctx->err);
		return "unknown";
	}
	text = (const char *)bytes.data;
	if (strstr(text, "[integrity]"))
		return "integrity";
	if (strstr(text, "[confidentiality]"))
		return "confidentiality";
	return !bytes.size || strstr(text, "[none]") ? NULL : "unknown";
}

#define EFIVAR_ATTRIBUTES 4 /* bytes before the value */

bool machine_secure_boot(struct ctx *ctx, const struct sysroot *root)
{
	static const char name[] =
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	struct bytes value;

	if (sysroot_read_present(ctx, root, name, &value)) {
		log_warn(&ctx->log, "%s: Secure Boot is taken to be on", ctx->err.what);
		err_clear(&ctx->err);
		return true;
	}
	return bytes_match(value, EFIVAR_ATTRIBUTES, "\1", 1);
}
