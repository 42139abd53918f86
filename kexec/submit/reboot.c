/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts the loaded kernel, at once by reboot(2) or through the system's own shutdown.
 */
#include "submit_internal.h"

#include <errno.h>
#include <linux/reboot.h>
#include <signal.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "machine/xen_domain.h"

/*
 * Fails if nothing is loaded.  Succeeds if the running kernel, or an old Xen, does not report its
 * status.
 */
static int require_loaded(struct ctx *ctx, const struct sysroot *root, bool xen)
{
	bool loaded;
	int ret = submit_status(ctx, root, false, &loaded);

	if (ret && xen && ret != -ENOSYS)
		return ret;
	if (ret) {
		err_clear(&ctx->err);
		return 0;
	}
	if (loaded)
		return 0;
	err_set(&ctx->err, -ENOENT, "Nothing has been loaded!");
	return err_hint(&ctx->err, "Load a kernel first: kexec -l KERNEL");
}

/* The domain continues to run after a live update is scheduled: its interfaces stay up. */
static int start_live_update(struct ctx *ctx, const struct request *req, bool xen)
{
	if (!xen)
		return err_set(&ctx->err, -ENOTSUP, "--exec-live-update only works under xen.");
	if (!req->no_sync)
		sync();
	return submit_xen_exec(ctx, XEN_SLOT_LIVE_UPDATE);
}

/* Returns 0 after a kernel that was loaded with --load-preserve-context returned. */
static int jump(struct ctx *ctx, const struct sysroot *root, bool xen)
{
	const struct submit_call call = { .op = SUBMIT_REBOOT };

	if (xen)
		return submit_xen_exec(ctx, XEN_SLOT_NORMAL);
	if (!reboot((int)LINUX_REBOOT_CMD_KEXEC))
		return 0;
	return submit_explain(ctx, root, &call, errno);
}

int submit_exec(struct ctx *ctx, const struct sysroot *root, const struct request *req)
{
	struct submit_call call = { .op = SUBMIT_REBOOT };
	struct interfaces down = { .fd = -1 };
	enum xen_domain domain;
	sigset_t all, before;
	int ret = xen_domain(ctx, root, &domain);
	bool xen = domain == XEN_CONTROL_DOMAIN;

	if (ret)
		return ret;
	if (req->live_update)
		return start_live_update(ctx, req, xen);
	ret = require_loaded(ctx, root, xen);
	if (ret)
		return ret;
	if (!xen && lacks_boot_right(ctx, root))
		return submit_explain(ctx, root, &call, EPERM);
	if (!req->no_sync)
		sync();
	/* A signal that ends kexec has to wait until the interfaces are up again. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!req->no_ifdown)
		submit_interfaces_down(ctx, &down);
	ret = jump(ctx, root, xen);
	submit_interfaces_up(ctx, &down);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int submit_system_reboot(struct ctx *ctx, const struct sysroot *root)
{
	static char *const systemctl[] = { "systemctl", "kexec", NULL };
	static char *const shutdown[] = { "shutdown", "-r", "now", NULL };
	static const struct {
		const char *path;
		char *const *argv;
	} programs[] = {
		/* systemctl first: systemd's `shutdown -r` may reboot through the firmware. */
		{ "/bin/systemctl", systemctl }, { "/usr/bin/systemctl", systemctl },
		{ "/sbin/shutdown", shutdown },	 { "/etc/shutdown", shutdown },
		{ "/bin/shutdown", shutdown },
	};
	bool systemd = sysroot_exists(ctx, root, "/run/systemd/system");
	int errnum = ENOENT;
	int ret = require_loaded(ctx, root, false);

	if (ret)
		return ret;
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		if (programs[i].argv == systemctl && !systemd)
			continue;
		execv(sysroot_path(ctx, root, programs[i].path), programs[i].argv);
		if (errno != ENOENT)
			errnum = errno;
	}
	err_set(&ctx->err, -errnum, "shutdown: %s", strerror(errnum));
	err_hint(&ctx->err, "The kernel is loaded and stays so: reboot by other means, "
			    "or run kexec -e.");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}
