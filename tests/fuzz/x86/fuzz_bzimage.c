/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bzimage_parse(): what it accepts keeps what image.h promises. */
#include "fuzz.h"
#include "kexec/arch/x86/bzimage.h"
#include "kexec/core/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = { data, size };
	struct err err = { 0 };
	struct bzimage b;
	int ret = bzimage_parse(file, &b, &err);

	must_explain(ret, &err);
	if (ret)
		return 0;
	must(bzimage_probe(file));
	must(b.setup_size + b.kernel.size == size && inside(file, b.kernel));
	must(inside(file, b.setup_header) && b.setup_header.size <= 0x290 - 0x1f1);
	must(is_power_of_two(b.kernel_alignment) && b.kernel_alignment >= 4096);
	must(b.relocatable || b.kernel_alignment == 4096);
	must(b.min_alignment >= 12 && b.min_alignment < 32 &&
	     1u << b.min_alignment <= b.kernel_alignment);
	must(b.init_size >= b.kernel.size);
	must(b.pref_address + b.init_size > b.pref_address);
	must(!bzimage64_probe(file) || b.kernel.size > 0x200);
	if (b.version)
		must(inside(bytes_sub(file, 0, b.setup_size),
			    (struct bytes){ (const uint8_t *)b.version, b.version_size + 1 }) &&
		     !b.version[b.version_size]);
	return 0;
}
