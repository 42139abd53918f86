/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64_image_parse() and uimage_parse(): what they accept keeps what image.h promises. */
#include "fuzz.h"
#include "kexec/arch/arm64/arm64_image.h"
#include "kexec/image/uimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = { data, size };
	struct err err = { 0 };
	struct linux_image image;
	struct uimage uimage;
	int ret = arm64_image_parse(file, &image, &err);

	must_explain(ret, &err);
	if (!ret) {
		must(arm64_image_probe(file) && image.kernel.data == data);
		must(image.kernel.size && image.kernel.size <= size);
		must(image.kernel.size <= image.image_size);
		must(image.text_offset < LINUX_IMAGE_ALIGN && image.text_offset % 4096 == 0);
		must(image.text_offset + image.image_size <= INT64_MAX);
		must(image.sized == (get_le64(data + 0x10) != 0));
	}
	err_clear(&err);
	ret = uimage_parse(file, UIMAGE_KERNEL, &uimage, &err);
	must_explain(ret, &err);
	if (!ret)
		must(uimage_probe(file) && uimage.data.size && inside(file, uimage.data));
	return 0;
}
