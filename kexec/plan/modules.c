/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules are one segment, each at the start of a page: the kernel takes few segments, and a
 * hypervisor may have many modules.
 */
#include "modules.h"

#include <errno.h>
#include <inttypes.h>

#include "compress/compress.h"

#define MAX_MODULES 256

static int open_one(struct ctx *ctx, const char *name, uint64_t limit, struct bytes *bytes)
{
	const struct decompressor *format;
	int ret = file_read(ctx, name, limit, bytes);

	if (ret)
		return ret;
	format = compress_probe(*bytes);
	if (!format)
		return 0;
	ret = decompress(ctx, format, *bytes, limit, bytes);
	return ret ? err_prefix(&ctx->err, "%s", name) : 0;
}

int modules_open(struct ctx *ctx, struct load *load, uint64_t limit)
{
	const struct request *req = load->req;
	struct module *module = arena_array(&ctx->arena, req->module_count + 1, sizeof(*module));

	load->module = module;
	load->modules = req->module_count;
	if (load->modules > MAX_MODULES)
		return err_set(&ctx->err, -E2BIG, "%zu modules were given, at most %d are loaded",
			       load->modules, MAX_MODULES);
	for (size_t i = 0; i < load->modules; i++, module++) {
		const char *text = req->modules[i];
		const char *name = arena_strndup(&ctx->arena, text, strcspn(text, " "));
		int ret;

		module->text = text;
		if (!*name)
			return err_set(&ctx->err, -EINVAL,
				       "--module '%s': expected a file name, and after a blank the "
				       "command line",
				       text);
		ret = open_one(ctx, name, limit, &module->bytes);
		if (ret)
			return err_prefix(&ctx->err, "module");
		limit -= module->bytes.size;
	}
	return 0;
}

/* Joins the modules' bytes; each module begins at a page.  place: offsets. */
static int join(struct ctx *ctx, const struct load *load, uint64_t page_size, struct range *place,
		struct bytes *out)
{
	uint64_t size = 0;
	uint8_t *area;

	for (size_t i = 0; i < load->modules; i++) {
		place[i].start = round_up(size, page_size);
		size = place[i].end = place[i].start + load->module[i].bytes.size;
	}
	area = size ? map_anonymous(ctx, (size_t)size) : NULL;
	if (!area)
		return err_set(&ctx->err, -ENOMEM, "No memory for modules of %" PRIu64 " bytes",
			       size);
	for (size_t i = 0; i < load->modules; i++)
		memcpy(area + place[i].start, load->module[i].bytes.data,
		       load->module[i].bytes.size);
	*out = (struct bytes){ area, (size_t)size };
	return 0;
}

int modules_place(struct ctx *ctx, const struct load *load, const struct placement *placement,
		  struct range *place, struct plan *plan)
{
	struct segment segment = { .name = "modules", .placement = *placement, .sealed = true };
	uint64_t start;
	int ret;

	if (!load->modules)
		return 0;
	ret = join(ctx, load, plan->page_size, place, &segment.bytes);
	if (!ret)
		ret = plan_place(ctx, plan, &segment, segment.bytes.size);
	if (ret < 0)
		return ret;
	start = plan->segment[ret].range.start;
	for (size_t i = 0; i < load->modules; i++) {
		place[i].start += start;
		place[i].end += start;
	}
	return 0;
}
