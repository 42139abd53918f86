/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fit_parse(): whatever the tree says, the parts lie in the file. */
#include "fuzz.h"
#include "kexec/image/fit.h"

static void check(struct bytes bytes, const char *config)
{
	struct ctx ctx = { 0 };
	struct fit fit;
	int ret = fit_parse(&ctx, "FILE", bytes, config, &fit);

	must(ret <= 1);
	must_explain(ret < 0 ? ret : 0, &ctx.err);
	must(ret <= 0 || fit.kernel.bytes.size);
	if (ret > 0) {
		must(inside(bytes, fit.kernel.bytes));
		must(!fit.ramdisk.bytes.size || inside(bytes, fit.ramdisk.bytes));
		must(!fit.dtb.bytes.size || inside(bytes, fit.dtb.bytes));
	}
	arena_free(&ctx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size };

	if (!fit_probe(bytes))
		return 0;
	check(bytes, NULL);
	check(bytes, "conf-2");
	return 0;
}
