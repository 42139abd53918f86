/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc_zimage_parse(), and ppc64_kernel_parse() of what is in it: what they accept keeps what
 * their headers promise.
 */
#include "fuzz.h"
#include "kexec/arch/ppc64/ppc64.h"
#include "kexec/arch/ppc64/ppc_zimage.h"

static void parse(struct bytes file)
{
	struct ctx ctx = { 0 };
	struct ppc64_kernel kernel;
	uint64_t size;
	int ret = ppc64_kernel_parse(&ctx, file, &kernel);

	must_explain(ret, &ctx.err);
	if (!ret) {
		must(kernel.bytes.size >= PURGATORY_PPC64_HEAD);
		must(kernel.bytes.size <= kernel.memory_size);
		must(is_power_of_two(kernel.align) && kernel.align >= PPC64_PAGE_SIZE);
		must(!ppc64_file_check(file, kernel.order, &size, &ctx.err) && size == 2047);
	}
	arena_free(&ctx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = { data, size }, kernel = { 0 }, initrd = { 0 };
	struct err err = { 0 };
	int ret = ppc_zimage_parse(file, &kernel, &initrd, &err);

	must_explain(ret > 0 ? 0 : ret, &err);
	if (ret > 0) {
		must(kernel.size && inside(file, kernel));
		must(!initrd.size || inside(file, initrd));
		parse(kernel);
	}
	parse(file);
	return 0;
}
