/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports whether a slot is filled.  Kernel: ABI/testing/sysfs-kernel-kexec-kdump. */
#include <errno.h>
#include <stdlib.h>

#include "load_record.h"
#include "machine/xen_domain.h"
#include "submit.h"

static const char *loaded_file(struct ctx *ctx, const struct sysroot *root, bool crash)
{
	return machine_kexec_file(ctx, root, crash ? KEXEC_CRASH_LOADED : KEXEC_LOADED);
}

/* Linux's own files do not describe the hypervisor's slots. */
static int status_of_xen(struct ctx *ctx, const struct sysroot *root, bool crash, bool *loaded)
{
	if (!*root->path)
		return submit_xen_status(ctx, crash ? XEN_SLOT_CRASH : XEN_SLOT_NORMAL, loaded);
	err_set(&ctx->err, -ENOTSUP,
		"Cannot tell whether a %skernel is loaded: %s is Xen's control domain, whose "
		"hypervisor cannot be asked",
		crash ? "crash " : "", root->path);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

int submit_status(struct ctx *ctx, const struct sysroot *root, bool crash, bool *loaded)
{
	enum xen_domain domain;
	const char *name;
	uint64_t value;
	int ret = xen_domain(ctx, root, &domain);

	if (ret)
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	if (domain == XEN_CONTROL_DOMAIN)
		return status_of_xen(ctx, root, crash, loaded);
	name = loaded_file(ctx, root, crash);
	ret = sysroot_read_number(ctx, root, name, 10, &value);
	if (!ret) {
		*loaded = value != 0;
		return 0;
	}
	if (ret == -ENOENT) {
		err_set(&ctx->err, ret,
			"Cannot tell whether a %skernel is loaded: "
			"there is no %s%s",
			crash ? "crash " : "", root->path, name);
		err_hint(&ctx->err, "Mount sysfs on /sys; if it is there, the running kernel "
				    "was built without CONFIG_KEXEC and CONFIG_KEXEC_FILE.");
	}
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

bool submit_crash_kernel_loaded(struct ctx *ctx, const struct sysroot *root)
{
	struct bytes text = sysroot_read_optional(ctx, root, loaded_file(ctx, root, true));

	return atoi((const char *)text.data) != 0;
}

void submit_warn_lost_crash_kernel(struct ctx *ctx, const struct sysroot *root)
{
	if (submit_crash_kernel_loaded(ctx, root))
		return;
	log_warn(&ctx->log, "the crash kernel that was loaded before is gone: "
			    "nothing catches a panic until one is loaded");
	record_remove(ctx, root, true);
}
