/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every decompressor, with a limit that its output must respect. */
#include "fuzz.h"
#include "kexec/compress/compress.h"

#define LIMIT (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size }, out;
	const struct decompressor *format = compress_probe(in);
	struct ctx ctx = { 0 };
	int ret;

	if (!format)
		return 0;
	ret = decompress(&ctx, format, in, LIMIT, &out);
	must_explain(ret, &ctx.err);
	if (!ret) {
		must(out.size <= LIMIT);
		/* Touch both ends: they must be mapped. */
		must(!out.size || out.data[0] + out.data[out.size - 1] >= 0);
	}
	arena_free(&ctx.arena);
	return 0;
}
