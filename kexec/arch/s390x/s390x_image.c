/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads an image unchanged; checks it for kexec_file_load (Linux: machine_kexec_file.c). */
#include "s390x.h"

#include <errno.h>

int s390x_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	return s390x_plan_boot(ctx, load, load->image.bytes, plan);
}

int s390x_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct s390_image header;
	int ret = s390_image_parse(bytes, &header, err);

	/* The running kernel's loader requires a byte after the NUL. */
	if (!ret)
		*cmdline_size = header.cmdline_size ? header.cmdline_size - 1 : 0;
	return ret;
}

const char *s390x_image_own_cmdline(struct ctx *ctx, struct bytes bytes)
{
	struct s390_image header;

	if (s390_image_parse(bytes, &header, NULL))
		return NULL;
	return arena_strndup(&ctx->arena, (const char *)header.own_cmdline.data,
			     header.own_cmdline.size);
}
