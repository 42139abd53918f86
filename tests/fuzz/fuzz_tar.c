/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tar_read() and the reads of a tree in memory: names stay below it, contents inside the file. */
#include <string.h>

#include "fuzz.h"
#include "kexec/core/file.h"
#include "kexec/core/tar.h"

static void check_member(struct ctx *ctx, const struct tar *tar, struct bytes file,
			 const struct tar_member *m)
{
	struct bytes header;

	must(*m->path && *m->path != '/');
	must(!strstr(m->path, "/../") && strncmp(m->path, "../", 3) && strcmp(m->path, ".."));
	must(!m->bytes.size || inside(file, m->bytes));
	must(!m->directory || !m->bytes.size);
	must(tar_find(ctx, tar, m->path) == m);
	header = tar_member_header(ctx, m);
	must(header.size % TAR_BLOCK == 0 && (m->bytes.size + tar_padding(m)) % TAR_BLOCK == 0);
}

/* Every member is found once from the root on.  Returns how many have a header of their own. */
static size_t walk(struct ctx *ctx, const struct tar *tar, const char *directory,
		   unsigned int depth)
{
	const char *name, *path;
	size_t at = 0, count = 0;

	while (tar_next(ctx, tar, directory, &at, &name)) {
		const struct tar_member *m;

		must(*name && !strchr(name, '/'));
		path = *directory ? arena_printf(&ctx->arena, "%s/%s", directory, name) : name;
		m = tar_find(ctx, tar, path);
		must(m);
		count += m->path != NULL;
		if (m->directory && depth < 64)
			count += walk(ctx, tar, path, depth + 1);
	}
	return count;
}

static bool is_deep(const struct tar *tar)
{
	for (size_t i = 0; i < tar->count; i++) {
		size_t depth = 0;

		for (const char *c = tar->member[i].path; *c; c++)
			depth += *c == '/';
		if (depth >= 64)
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx ctx = { 0 };
	struct bytes file = { data, size }, out;
	struct sysroot root = { .path = "TAR" };
	struct tar tar;
	char **names;
	int ret = tar_read(&ctx, "TAR", file, &tar);

	must_explain(ret, &ctx.err);
	if (!ret) {
		root.tar = &tar;
		for (size_t i = 0; i < tar.count; i++) {
			check_member(&ctx, &tar, file, &tar.member[i]);
			err_clear(&ctx.err);
			ret = sysroot_read(&ctx, &root, tar.member[i].path, &out);
			must_explain(ret, &ctx.err);
			must(ret || (out.size == tar.member[i].bytes.size && !out.data[out.size]));
		}
		must(is_deep(&tar) || walk(&ctx, &tar, "", 0) == tar.count);
		err_clear(&ctx.err);
		must(!sysroot_list(&ctx, &root, "/", &names));
	}
	arena_free(&ctx.arena);
	return 0;
}
