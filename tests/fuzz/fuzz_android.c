/* SPDX-License-Identifier: GPL-2.0-or-later */
/* android_parse(): whatever the header says, what is found lies in the file. */
#include "fuzz.h"
#include "kexec/image/android.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = { data, size };
	struct err err = { 0 };
	struct android_image image;
	int ret = android_parse(file, &image, &err);

	must_explain(ret, &err);
	if (ret)
		return 0;
	const struct bytes parts[] = { image.kernel, image.ramdisk, image.dtb, image.cmdline[0],
				       image.cmdline[1] };

	must(android_probe(file) && image.kernel.size && image.cmdline[0].size);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		must(!parts[i].size || inside(file, parts[i]));
	return 0;
}
