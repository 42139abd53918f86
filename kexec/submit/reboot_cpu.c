/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets the CPU that jumps to the next kernel or reboots: /sys/kernel/reboot/cpu (Linux:
 * ABI/testing/sysfs-kernel-reboot).
 */
#include "submit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define REBOOT_CPU "/sys/kernel/reboot/cpu"

/* Returns 0 or a positive errno. */
static int write_cpu(struct ctx *ctx, const struct sysroot *root, const char *text)
{
	int fd = open(sysroot_path(ctx, root, REBOOT_CPU), O_WRONLY | O_CLOEXEC);
	int why = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		why = errno;
	if (fd >= 0)
		close(fd);
	return why;
}

int submit_reboot_cpu(struct ctx *ctx, const struct sysroot *root, const struct plan *plan,
		      const char **before)
{
	struct bytes old;
	int why;

	*before = NULL;
	if (!plan->reboot_cpu)
		return 0;
	if (sysroot_read(ctx, root, REBOOT_CPU, &old)) {
		err_prefix(&ctx->err, "CPU %u has to make the jump", plan->reboot_cpu->number);
		return err_hint(&ctx->err, "This kernel jumps on CPU 0, which the device tree "
					   "must have then.");
	}
	why = write_cpu(ctx, root, arena_printf(&ctx->arena, "%u", plan->reboot_cpu->number));
	if (why)
		return err_set(&ctx->err, -why, "Cannot write %u to " REBOOT_CPU ": %s",
			       plan->reboot_cpu->number, strerror(why));
	*before = arena_strndup(&ctx->arena, (const char *)old.data,
				strcspn((const char *)old.data, "\n"));
	return 0;
}

void submit_restore_reboot_cpu(struct ctx *ctx, const struct sysroot *root, const char *before)
{
	int why = before ? write_cpu(ctx, root, before) : 0;

	if (why)
		log_warn(&ctx->log, "cannot write %s back to " REBOOT_CPU ": %s", before,
			 strerror(why));
}
