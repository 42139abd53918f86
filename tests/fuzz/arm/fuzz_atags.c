/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's tag list (/proc/atags), and the list made of it for the next kernel. */
#include "fuzz.h"
#include "kexec/arch/arm/arm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct machine_arm arm = { .atags_name = "/proc/atags", .atags = { data, size } };
	struct request req = { 0 };
	struct load load = { .req = &req, .machine.arch = &arm };
	struct ctx ctx = { 0 };
	struct bytes list;
	int ret = arm_atags(&ctx, &load, "quiet", (struct range){ 0x1000, 0x2000 }, &list);

	must_explain(ret, &ctx.err);
	if (!ret) {
		/* The core tag is the first, nothing is the last. */
		must(list.size >= 16 && list.size % 4 == 0);
		must(get_le32(list.data + 4) == 0x54410001);
		must(!get_le64(list.data + list.size - 8));
	}
	arena_free(&ctx.arena);
	return 0;
}
