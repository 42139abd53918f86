/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The add-ons of a UKI (systemd-stub(7), Companion Files). */
#include "uki_addons.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "core/file.h"

#define SUFFIX ".addon.efi"

/* Length of NAME in NAME+LEFT-DONE.efi or NAME+LEFT.efi; without a counter, of the whole name. */
static size_t before_counter(const char *name)
{
	const char *plus = strrchr(name, '+');
	size_t digits = plus ? strspn(plus + 1, "0123456789") : 0;
	const char *end;

	if (!digits)
		return strlen(name);
	end = plus + 1 + digits;
	if (*end == '-') {
		digits = strspn(end + 1, "0123456789");
		end += digits + 1;
	}
	return digits && !strcmp(end, ".efi") ? (size_t)(plus - name) : strlen(name);
}

static const char *directory_of(struct ctx *ctx, const char *kernel)
{
	size_t size = before_counter(kernel);

	return arena_printf(&ctx->arena, "%.*s%s.extra.d", (int)size, kernel,
			    kernel[size] ? ".efi" : "");
}

static bool is_addon(const char *name)
{
	size_t size = strlen(name), suffix = sizeof(SUFFIX) - 1;

	return size > suffix && !strcasecmp(name + size - suffix, SUFFIX);
}

static int open_one(struct ctx *ctx, const char *name, uint64_t limit, struct uki_addon *out)
{
	*out = (struct uki_addon){ .name = name };
	return file_read(ctx, name, limit, &out->file) ? err_prefix(&ctx->err, "add-on") : 0;
}

int uki_addons_open(struct ctx *ctx, const char *kernel, uint64_t limit, struct uki_addon **out,
		    size_t *count)
{
	static const struct sysroot here = { .path = "" };
	const char *directory = directory_of(ctx, kernel);
	char **name;
	int ret = sysroot_list(ctx, &here, directory, &name);

	*out = NULL;
	*count = 0;
	if (ret == -ENOENT || ret == -ENOTDIR) {
		err_clear(&ctx->err);
		return 0;
	}
	for (; !ret && *name; name++) {
		if (!is_addon(*name))
			continue;
		*out = arena_grow(&ctx->arena, *out, *count, sizeof(**out));
		ret = open_one(ctx, arena_printf(&ctx->arena, "%s/%s", directory, *name), limit,
			       &(*out)[(*count)++]);
	}
	return ret;
}
