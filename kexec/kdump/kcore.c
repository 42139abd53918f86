/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running kernel's mappings of memory, from the program headers of /proc/kcore
 * (Linux: fs/proc/kcore.c).
 */
#include "kdump.h"

#include <errno.h>
#include <inttypes.h>

#include "elf/elf_file.h"

/* PT_LOADs of kcore; memsz 0: not found. */
struct mappings {
	struct elf_phdr image;
	struct elf_phdr ram; /* the first PT_LOAD of RAM with a physical address */
	uint64_t ram_end; /* physical end of the linear map that ram is in */
	uint64_t lowest; /* virtual address */
	bool physical; /* kcore has physical addresses */
};

/* The kernel writes p_paddr -1 for a mapping without one physical address. */
static bool has_physical(const struct elf_file *elf, const struct elf_phdr *phdr)
{
	return phdr->paddr != (elf->is64 ? UINT64_MAX : UINT32_MAX);
}

static struct range virtual_range(const struct elf_phdr *phdr)
{
	struct range r = { phdr->vaddr, 0 };

	if (__builtin_add_overflow(phdr->vaddr, phdr->memsz, &r.end))
		r.end = UINT64_MAX;
	return r;
}

/*
 * The mapping of the kernel image is the smallest that contains _stext: some kernels also
 * list the vmalloc area around the image.  If symbols are hidden, the image is the lowest
 * mapping in its window (modules follow).
 */
static bool is_image(const struct elf_phdr *phdr, const struct range *stext, struct range window,
		     const struct elf_phdr *found)
{
	struct range r = virtual_range(phdr);

	if (!range_contains(window, r))
		return false;
	if (!range_empty(*stext))
		return range_contains(r, *stext) && (!found->memsz || phdr->memsz < found->memsz);
	return !found->memsz || r.start < found->vaddr;
}

/* True if the mapping contains this physical address. */
static bool maps_physical(const struct elf_file *elf, const struct elf_phdr *phdr, uint64_t address)
{
	return has_physical(elf, phdr) && address >= phdr->paddr &&
	       address - phdr->paddr < phdr->memsz;
}

/*
 * With linear_in_window the image and the linear map both map the kernel's code: the smaller of
 * the two is the image.  A single mapping is the linear map.
 */
static void split_window(const struct elf_file *elf, uint64_t code, struct mappings *out)
{
	struct elf_phdr smallest = { 0 };
	unsigned int maps = 0;

	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr phdr = elf_phdr(elf, i);

		if (phdr.type != PT_LOAD || !phdr.memsz || !maps_physical(elf, &phdr, code))
			continue;
		maps++;
		if (!smallest.memsz || phdr.memsz < smallest.memsz)
			smallest = phdr;
	}
	if (maps > 1)
		out->image = smallest;
	for (uint32_t i = 0; i < elf->phnum && !out->ram.memsz; i++) {
		struct elf_phdr phdr = elf_phdr(elf, i);

		if (phdr.type == PT_LOAD && phdr.memsz && has_physical(elf, &phdr) &&
		    phdr.vaddr != out->image.vaddr)
			out->ram = phdr;
	}
	out->physical = out->ram.memsz;
}

/* memsz is not 0. */
static void add_ram(const struct elf_phdr *phdr, struct mappings *out)
{
	uint64_t end;

	if (!out->ram.memsz)
		out->ram = *phdr;
	if (phdr->vaddr - phdr->paddr == out->ram.vaddr - out->ram.paddr &&
	    !__builtin_add_overflow(phdr->paddr, phdr->memsz, &end) && end > out->ram_end)
		out->ram_end = end;
}

static int find_mappings(struct ctx *ctx, const struct machine_crash *crash,
			 const struct kdump_arch *arch, uint64_t code, struct range stext,
			 struct mappings *out)
{
	struct elf_file elf;
	int ret = elf_parse(crash->kcore, &elf, &ctx->err);

	*out = (struct mappings){ .lowest = UINT64_MAX };
	if (ret)
		return ret;
	if (arch->linear_in_window) {
		split_window(&elf, code, out);
		return 0;
	}
	for (uint32_t i = 0; i < elf.phnum; i++) {
		struct elf_phdr phdr = elf_phdr(&elf, i);

		if (phdr.type != PT_LOAD || !phdr.memsz)
			continue;
		out->physical |= phdr.paddr != 0;
		if (is_image(&phdr, &stext, arch->kernel_window, &out->image))
			out->image = phdr;
		else if (has_physical(&elf, &phdr) &&
			 !range_contains(arch->kernel_window, virtual_range(&phdr)))
			add_ram(&phdr, out);
		if (phdr.vaddr < out->lowest)
			out->lowest = phdr.vaddr;
	}
	if (out->image.memsz && !has_physical(&elf, &out->image))
		out->image.paddr = 0;
	return 0;
}

/* The range of the only line of this name; empty: no line, or several. */
static struct range iomem_line(const struct iomem *iomem, const char *name)
{
	struct range found = { 0 };
	size_t lines = 0;

	for (size_t i = 0; i < iomem->count; i++) {
		if (strcmp(iomem->entry[i].name, name))
			continue;
		found = iomem->entry[i].range;
		lines++;
	}
	return lines == 1 ? found : (struct range){ 0 };
}

static void linear_map(struct ctx *ctx, const struct kdump_arch *arch, const struct mappings *found,
		       struct kernel_map *out)
{
	out->linear_end = arch->lowmem_limit;
	if (found->physical && found->ram.memsz) {
		out->linear = found->ram.vaddr - found->ram.paddr;
		if (arch->lowmem_limit)
			out->linear_end = found->ram_end;
		return;
	}
	if (!found->physical && found->lowest != UINT64_MAX && arch->linear_align) {
		out->linear = align_down(found->lowest, arch->linear_align);
		return;
	}
	out->linear = arch->default_linear;
	if (arch->default_known)
		return;
	out->linear_unknown = arch->default_none;
	if (out->linear_unknown) {
		log_warn(&ctx->log, "where the kernel maps memory is unknown: the dump will have "
				    "virtual addresses for the kernel image only");
		return;
	}
	log_warn(&ctx->log,
		 "where the kernel maps memory is unknown: virtual addresses in the dump "
		 "start at 0x%" PRIx64 " by guess",
		 out->linear);
}

static int no_image(struct ctx *ctx, const struct machine_crash *crash, const char *why,
		    bool hidden)
{
	err_set(&ctx->err, -ENODATA, "Can't find kernel text map area from kcore (%s: %s)",
		crash->kcore_name, why ? why : "no segment holds the kernel");
	return err_hint(&ctx->err, "%s",
			hidden ? "Addresses in /proc/kallsyms are enough: set the sysctl "
				 "kernel.kptr_restrict below 2."
			       : "");
}

/* Images start at multiples of this, virtually and physically. */
#define IMAGE_ALIGN (2u << 20)

/*
 * Without kcore: virtual addresses are those of the symbols, the physical address is that of
 * "Kernel code" in iomem.  That line starts at _text, or at _stext if whole pages of a header
 * are between the two.
 */
static bool image_from_symbols(const struct machine_crash *crash, uint64_t physical, uint64_t stext,
			       struct kernel_map *out)
{
	uint64_t start, end;

	if (!physical || !kallsyms_find(crash->kallsyms, "_text", &start) ||
	    !kallsyms_find(crash->kallsyms, "_end", &end) || !start || end <= start)
		return false;
	if (stext > start && stext - start < IMAGE_ALIGN &&
	    (physical - start) % IMAGE_ALIGN == stext - start)
		physical -= stext - start;
	out->image_virt = start;
	out->image = (struct range){ physical, physical };
	return !__builtin_add_overflow(physical, end - start, &out->image.end);
}

/* Some kernels list the whole image in one line of iomem; it starts with the text. */
static bool image_from_iomem(const struct iomem *iomem, uint64_t stext, struct kernel_map *out)
{
	out->image = iomem_line(iomem, "Kernel image");
	out->image_virt = stext;
	return stext && !range_empty(out->image);
}

static bool image_from_kcore(const struct elf_phdr *image, uint64_t physical,
			     struct kernel_map *out)
{
	out->image.start = image->paddr ? image->paddr : physical;
	out->image_virt = image->vaddr;
	return image->memsz && out->image.start &&
	       !__builtin_add_overflow(out->image.start, image->memsz, &out->image.end);
}

/* Tries the sources in turn; if none of them has the image, *out is not changed. */
static bool find_image(const struct machine *machine, const struct machine_crash *crash,
		       const struct mappings *found, uint64_t physical, uint64_t stext,
		       struct kernel_map *out)
{
	struct kernel_map map = { 0 };

	if (!image_from_kcore(&found->image, physical, &map) &&
	    !image_from_symbols(crash, physical, stext, &map) &&
	    !image_from_iomem(&machine->iomem, stext, &map))
		return false;
	*out = map;
	return true;
}

int kdump_kernel_map(struct ctx *ctx, const struct machine *machine,
		     const struct machine_crash *crash, const struct kdump_arch *arch,
		     struct kernel_map *out)
{
	struct mappings found = { .lowest = UINT64_MAX };
	uint64_t physical = iomem_line(&machine->iomem, "Kernel code").start, address = 0;
	bool hidden = kallsyms_find(crash->kallsyms, "_stext", &address) && !address;
	struct range stext = { address, address ? address + 1 : 0 };
	const char *why = crash->kcore_why;

	*out = (struct kernel_map){ 0 };
	if (!address)
		log_debug(&ctx->log,
			  "/proc/kallsyms shows no address of _stext (kernel.kptr_restrict?)");
	if (crash->kcore.size && find_mappings(ctx, crash, arch, physical, stext, &found)) {
		why = arena_strdup(&ctx->arena, ctx->err.what);
		err_clear(&ctx->err);
	}
	if (!range_empty(arch->kernel_window) &&
	    !find_image(machine, crash, &found, physical, address, out)) {
		if (!arch->linear_in_window || !found.ram.memsz)
			return no_image(ctx, crash, why, hidden);
		log_debug(&ctx->log, "%s: the kernel's image has no mapping of its own",
			  crash->kcore_name);
	}
	linear_map(ctx, arch, &found, out);
	return 0;
}
