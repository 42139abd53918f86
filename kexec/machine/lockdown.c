/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the running kernel locked down?  Linux: security/lockdown, kernel_lockdown(7). */
#include <string.h>

#include "machine.h"

const char *machine_lockdown(struct ctx *ctx, const struct sysroot *root)
{
	static const char name[] = "/sys/kernel/security/lockdown";
	struct bytes text;

	if (sysroot_read(ctx, root, name, &text)) {
		err_clear(&ctx->err);
		return NULL;
	}
	if (strstr((const char *)text.data, "[integrity]"))
		return "integrity";
	if (strstr((const char *)text.data, "[confidentiality]"))
		return "confidentiality";
	return NULL;
}
