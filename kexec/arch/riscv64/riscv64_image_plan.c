/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans an Image, or a vmlinux that is converted to an Image (Linux: arch/riscv/boot.rst). */
#include "riscv64.h"

#include <errno.h>

#include "image/elf_flatten.h"
#include "image/elf_kernel.h"

static int plan_image(struct ctx *ctx, const struct load *load, struct bytes bytes,
		      struct plan *plan)
{
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		/* Lowest first: Linux before 6.4 never uses memory below itself. */
		.placement = { .align = LINUX_IMAGE_ALIGN, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	struct linux_image header;
	struct devicetree tree;
	int ret = riscv_image_parse(bytes, &header, &ctx->err);

	if (ret)
		return ret;
	segment.bytes = header.kernel;
	ret = tree_choose(ctx, load, (struct bytes){ 0 }, plan, &tree);
	if (ret)
		return ret;
	ret = plan_place(ctx, plan, &segment, header.image_size);
	if (ret < 0)
		return ret;
	return riscv64_plan_boot(ctx, load, plan->segment[ret].range, &tree, plan);
}

int riscv64_image_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	return plan_image(ctx, load, load->image.bytes, plan);
}

static int parse_vmlinux(struct bytes vmlinux, struct elf_file *elf, struct err *err)
{
	int ret = elf_parse(vmlinux, elf, err);

	if (ret || (elf->is64 && elf->order == ORDER_LE))
		return ret;
	return err_set(err, -ENOEXEC,
		       "a kernel of %d bits, %s endian: riscv64 has 64 bits and is little endian",
		       elf->is64 ? 64 : 32, elf->order == ORDER_LE ? "little" : "big");
}

int riscv64_vmlinux_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct elf_file elf;
	struct bytes flat;
	int ret = parse_vmlinux(load->image.bytes, &elf, &ctx->err);

	if (!ret)
		ret = elf_make_image(ctx, load->image.bytes, riscv_image_probe, &flat);
	return ret ? ret : plan_image(ctx, load, flat, plan);
}

int riscv64_image_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct linux_image header;

	*cmdline_size = RISCV64_CMDLINE_SIZE;
	return riscv_image_parse(bytes, &header, err);
}

int riscv64_vmlinux_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err)
{
	struct elf_file elf;
	struct bytes ignored;
	int ret = parse_vmlinux(bytes, &elf, err);

	if (!ret)
		ret = elf_kernel_check_type(&elf, err);
	for (uint32_t i = 0; !ret && i < elf.phnum; i++)
		ret = elf_segment(&elf, i, &ignored, err);
	*cmdline_size = RISCV64_CMDLINE_SIZE;
	return ret;
}
