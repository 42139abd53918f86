/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zimage_parse(): what it accepts keeps what image.h promises. */
#include "fuzz.h"
#include "kexec/arch/arm/zimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = { data, size };
	struct err err = { 0 };
	struct zimage zimage;
	int ret = zimage_parse(file, &zimage, &err);

	must_explain(ret, &err);
	if (ret)
		return 0;
	must(zimage_probe(file) && zimage.kernel.data == data && zimage.kernel.size);
	must(zimage.kernel.size + zimage.appended.size == size);
	must(!zimage.appended.size || inside(file, zimage.appended));
	must(zimage.kernel_size <= UINT32_MAX && zimage.bss_size <= UINT32_MAX);
	must(zimage.sized || (!zimage.kernel_size && !zimage.bss_size));
	must(zimage.text_offset <= UINT32_MAX && zimage.work_size <= UINT32_MAX + 0x1000ull);
	return 0;
}
