/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv_image_parse(), and elf_make_image() of a vmlinux: what they accept keeps what image.h
 * promises.
 */
#include "fuzz.h"
#include "kexec/arch/riscv64/riscv_image.h"
#include "kexec/image/elf_flatten.h"

static void parse(struct bytes file)
{
	struct err err = { 0 };
	struct linux_image image;
	int ret = riscv_image_parse(file, &image, &err);

	must_explain(ret, &err);
	if (ret)
		return;
	must(riscv_image_probe(file) && image.kernel.data == file.data);
	must(image.kernel.size && image.kernel.size <= file.size);
	must(image.kernel.size <= image.image_size && image.image_size <= INT64_MAX);
	must(!image.text_offset && !(image.flags & LINUX_IMAGE_BIG_ENDIAN));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes file = { data, size }, flat;
	struct ctx ctx = { 0 };
	int ret = elf_make_image(&ctx, file, riscv_image_probe, &flat);

	must_explain(ret, &ctx.err);
	if (!ret) {
		must(riscv_image_probe(flat));
		parse(flat);
	}
	parse(file);
	arena_free(&ctx.arena);
	return 0;
}
