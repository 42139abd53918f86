/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcore-dmesg over any file: it ends, and what it prints is bounded by what is there. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "vmcore-dmesg/dmesg.h"

static int print(struct ctx *ctx, const char *name, enum output_format format)
{
	struct vmcore *core = arena_alloc(&ctx->arena, sizeof(*core));
	struct output output;
	char *text;
	size_t text_size;
	FILE *out;
	int ret = vmcore_open(ctx, name, core);

	if (!ret) {
		out = open_memstream(&text, &text_size);
		must(out);
		output_begin(ctx, &output, out, format);
		ret = dmesg_print(ctx, core, &output);
		output_end(&output);
		must(!fclose(out));
		free(text);
	}
	vmcore_close(core);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx ctx = { 0 };
	char name[32];
	int fd = memfd_create("vmcore", MFD_CLOEXEC);
	int ret;

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	ret = print(&ctx, name, (enum output_format)(size % 3));
	close(fd);
	must_explain(ret, &ctx.err);
	must(!ret || ctx.err.status > 1);
	arena_free(&ctx.arena);
	return 0;
}
