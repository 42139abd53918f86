/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image_peel(): layer by layer down to a kernel, within one limit. */
#include "fuzz.h"
#include "tests/unit/peel.h"

#define LIMIT (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx ctx = { 0 };
	struct image image;
	int ret = peel_file(&ctx, (struct bytes){ data, size }, LIMIT, &image);

	must_explain(ret, &ctx.err);
	if (ret) {
		must(!strncmp(ctx.err.what, "FILE: ", 6));
	} else {
		must(image.layers <= IMAGE_MAX_LAYERS);
		must(image.bytes.size <= (size > LIMIT ? size : LIMIT));
		must(image.layers || image.bytes.data == data);
		for (const char *v = image.version; v && *v; v++)
			must(*v >= ' ' && *v <= '~');
	}
	arena_free(&ctx.arena);
	return 0;
}
