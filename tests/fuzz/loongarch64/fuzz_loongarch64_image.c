/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of loongarch64's image and vmlinux: an accepted kernel keeps what its header promises. */
#include <errno.h>

#include "fuzz.h"
#include "kexec/arch/loongarch64/loongarch64.h"

static void check(const struct loongarch64_kernel *kernel)
{
	const struct linux_image *image = &kernel->image;

	must(kernel->entry < image->image_size && image->image_size <= INT64_MAX);
	must(image->text_offset <= LOONGARCH64_PHYSICAL);
	must(!(image->text_offset % LOONGARCH64_IMAGE_ALIGN));
	must(image->kernel.size <= image->image_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes file = { data, size };
	struct loongarch64_kernel kernel, checked;
	struct ctx ctx = { 0 };
	int ret = loongarch64_image_parse(file, &kernel, &ctx.err);

	must_explain(ret, &ctx.err);
	if (!ret) {
		check(&kernel);
		must(loongarch64_image_probe(file) || bytes_match(file, 4, "zimg", 4));
		must(kernel.image.kernel.data == data && kernel.image.kernel.size <= size);
		must(kernel.entry < kernel.image.kernel.size);
	}
	err_clear(&ctx.err);
	ret = loongarch64_vmlinux_parse(&ctx, file, &kernel);
	must_explain(ret, &ctx.err);
	must(ret == -ENOMEM || !loongarch64_vmlinux_check(file, &checked, NULL) == !ret);
	if (!ret)
		check(&kernel);
	arena_free(&ctx.arena);
	return 0;
}
