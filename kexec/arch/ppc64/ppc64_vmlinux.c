/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc64's vmlinux, of either byte order.  The entry is the first byte, at any address.  The
 * kernel moves itself to address 0, unless its word run_at_load is 1 (Linux:
 * arch/powerpc/kernel/head_64.S, arch/powerpc/booting.rst).
 */
#include "ppc64.h"

#include <errno.h>
#include <inttypes.h>

#include "boot/baked.h"
#include "core/units.h"
#include "image/elf_flatten.h"
#include "image/elf_kernel.h"

#define RUN_AT_LOAD_MAGIC 0x72756e30 /* "run0" */

/* Finds the kernel's bytes.  Nearly every kernel has one segment, whose bytes are not copied. */
static int take_bytes(struct ctx *ctx, const struct elf_kernel *elf, struct bytes *out)
{
	for (uint32_t i = 0; i < elf->elf.phnum; i++) {
		struct elf_phdr ph = elf_phdr(&elf->elf, i);

		if (ph.type == PT_LOAD && ph.paddr == elf->physical.start &&
		    ph.memsz == range_size(elf->physical))
			return elf_segment(&elf->elf, i, out, &ctx->err);
	}
	return elf_lay_out(ctx, &elf->elf, elf->physical, true, out);
}

static int check_elf(const struct elf_file *elf, struct err *err)
{
	if (elf->machine == EM_PPC64 && elf->is64)
		return 0;
	if (elf->machine != EM_PPC && elf->machine != EM_PPC64)
		return err_set(err, -ENOEXEC, "the ELF file is for %s, not for ppc64",
			       elf_machine_name(elf->machine));
	err_set(err, -ENOEXEC,
		"the ELF file is for 32-bit PowerPC, and not a zImage with a kernel (section "
		"`.kernel:vmlinux.strip')");
	return err_hint(err, "Load the vmlinux.");
}

/* Checks headers and PT_LOADs.  The kernel's first byte, which is the entry, must start a page. */
static int parse_elf(struct bytes bytes, struct elf_kernel *elf, struct err *err)
{
	int ret = elf_parse(bytes, &elf->elf, err);

	if (!ret)
		ret = check_elf(&elf->elf, err);
	if (!ret)
		ret = elf_kernel_parse(bytes, elf, err);
	if (ret || !(elf->physical.start % PAGE_4K))
		return ret;
	return err_set(err, -ENOEXEC,
		       "the ELF segments begin at physical 0x%" PRIx64
		       ", which is not the start of a page",
		       elf->physical.start);
}

int ppc64_kernel_parse(struct ctx *ctx, struct bytes bytes, struct ppc64_kernel *out)
{
	struct elf_kernel elf;
	uint32_t word;
	int ret = parse_elf(bytes, &elf, &ctx->err);

	*out = (struct ppc64_kernel){ 0 };
	if (!ret)
		ret = take_bytes(ctx, &elf, &out->bytes);
	if (ret)
		return ret;
	if (out->bytes.size < PURGATORY_PPC64_HEAD)
		return err_set(&ctx->err, -ENOEXEC,
			       "the kernel has %zu bytes, less than the first %u, in which the "
			       "other CPUs start",
			       out->bytes.size, PURGATORY_PPC64_HEAD);
	word = get_u32(elf.elf.order, out->bytes.data + PPC64_RUN_AT_LOAD);
	out->memory_size = range_size(elf.physical);
	out->align = elf.align > PPC64_PAGE_SIZE ? elf.align : PPC64_PAGE_SIZE;
	out->order = elf.elf.order;
	out->stays = word == RUN_AT_LOAD_MAGIC || word == 1;
	return 0;
}

/* Its start code lies above the memory that the kernel in it moves itself to. */
static int plan_baked(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct placement placement = { 0 };
	struct ppc64_kernel kernel;
	struct baked_kernel baked;
	uint64_t entry;
	int ret;

	baked_read(load, load->arch->order, &baked);
	if (baked.bytes.size < PURGATORY_PPC64_HEAD)
		return err_set(&ctx->err, -ENOEXEC, "a baked image without a kernel");
	kernel = (struct ppc64_kernel){
		.bytes = baked.bytes,
		.memory_size = baked.memory_size,
		.order = load->arch->order,
	};
	placement_limit(&placement, (struct range){ kernel.memory_size, UINT64_MAX },
			"above the memory that the kernel moves itself to");
	ret = baked_place(ctx, load, &baked, &placement, plan, &entry);
	return ret ? ret : ppc64_plan_boot(ctx, load, &kernel, entry, plan);
}

int ppc64_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct segment segment = { .name = "kernel", .file = load->image.name, .sealed = true };
	struct ppc64_kernel kernel;
	int ret;

	if (baked_probe(load->image.bytes))
		return plan_baked(ctx, load, plan);
	ret = ppc64_kernel_parse(ctx, load->image.bytes, &kernel);
	if (ret)
		return ret;
	if (load->req->crash && !kernel.stays)
		return err_set(&ctx->err, -ENOEXEC,
			       "it cannot run where a crash kernel is loaded: it was built without "
			       "CONFIG_RELOCATABLE");
	segment.bytes = kernel.bytes;
	segment.placement.align = kernel.align;
	ret = plan_place(ctx, plan, &segment, kernel.memory_size);
	if (ret < 0)
		return ret;
	return ppc64_plan_boot(ctx, load, &kernel, plan->segment[ret].range.start, plan);
}

/* Checks a kernel as the running kernel's loader does. */
int ppc64_file_check(struct bytes bytes, enum byte_order order, uint64_t *cmdline_size,
		     struct err *err)
{
	struct elf_kernel elf;
	int ret = parse_elf(bytes, &elf, err);

	if (ret)
		return ret;
	if (baked_probe(bytes))
		return err_set(err, -EOPNOTSUPP,
			       "a baked image, which the running kernel would start at its first "
			       "byte");
	*cmdline_size = PPC64_CMDLINE_SIZE;
	if (elf.elf.order == order)
		return 0;
	err_set(err, -EOPNOTSUPP,
		"it is a %s-endian kernel, which the running kernel does not load",
		elf.elf.order == ORDER_LE ? "little" : "big");
	return err_hint(err, "Use kexec_load: -c instead of -s.");
}
