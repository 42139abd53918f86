/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loader for a purgatory that is a position-independent executable (System
 * V ABI, chapter 5): checks the file, copies its PT_LOADs, finds the relocation tables.
 */
#include <errno.h>
#include <inttypes.h>

#include "pie.h"

/* Dynamic tags that require work which this loader does not do.  Ignoring them is an error. */
static const struct {
	uint64_t tag;
	const char *why;
} refused_tags[] = {
	{ DT_NEEDED, "DT_NEEDED: it needs a shared library" },
	{ DT_TEXTREL, "DT_TEXTREL: absolute addresses in code; link with -z text" },
	{ DT_INIT, "constructors would not be called" },
	{ DT_FINI, "destructors would not be called" },
	{ DT_INIT_ARRAY, "constructors would not be called" },
	{ DT_FINI_ARRAY, "destructors would not be called" },
	{ DT_PREINIT_ARRAY, "constructors would not be called" },
	{ DT_RELR, "DT_RELR: link without -z pack-relative-relocs" },
	{ 0x6fffe000, "DT_ANDROID_RELR: link without --pack-dyn-relocs" },
	{ 0x6000000f, "DT_ANDROID_REL: link without --pack-dyn-relocs" },
	{ 0x60000011, "DT_ANDROID_RELA: link without --pack-dyn-relocs" },
};

static int check_tag(struct ctx *ctx, const struct elf_dyn *dyn)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused_tags); i++)
		if (refused_tags[i].tag == dyn->tag)
			return err_set(&ctx->err, -ENOEXEC, "dynamic tag 0x%" PRIx64 ": %s",
				       dyn->tag, refused_tags[i].why);
	if (dyn->tag == DT_FLAGS && dyn->value & DF_TEXTREL)
		return err_set(&ctx->err, -ENOEXEC,
			       "dynamic tag 0x%" PRIx64 ": DF_TEXTREL:"
			       " absolute addresses in code; link with -z text",
			       dyn->tag);
	return 0;
}

static int check_table(struct ctx *ctx, const struct purgatory_image *image, struct pie *pie,
		       int index)
{
	/* Tags of a table's address, size and record size. */
	static const uint8_t tags[PIE_TABLES][3] = {
		[PIE_RELA] = { DT_RELA, DT_RELASZ, DT_RELAENT },
		[PIE_REL] = { DT_REL, DT_RELSZ, DT_RELENT },
		[PIE_JMPREL] = { DT_JMPREL, DT_PLTRELSZ, 0 },
	};
	uint64_t kind = index == PIE_JMPREL ? pie->tag[DT_PLTREL] : tags[index][0];
	size_t record = elf_rel_size(&image->elf, kind == DT_RELA);
	uint64_t vaddr = pie->tag[tags[index][0]];
	uint64_t size = pie->tag[tags[index][1]];
	uint64_t entsize = tags[index][2] ? pie->tag[tags[index][2]] : record;

	if (!size)
		return 0;
	pie->table[index].rela = kind == DT_RELA;
	if ((kind != DT_RELA && kind != DT_REL) || entsize != record || size % record ||
	    !pie_loaded_bytes(image, vaddr, size, &pie->table[index].bytes))
		return err_set(&ctx->err, -ENOEXEC,
			       "relocation table (dynamic tag %u): 0x%" PRIx64
			       " bytes at 0x%" PRIx64 ", %" PRIu64 " each, are not records of %zu"
			       " bytes, kind %" PRIu64 ", in the image",
			       tags[index][0], size, vaddr, entsize, record, kind);
	return 0;
}

/* Refuses overlapping tables.  If a word contains its addend, relocating it twice is wrong. */
static int check_overlap(struct ctx *ctx, const struct pie *pie)
{
	struct bytes plt = pie->table[PIE_JMPREL].bytes;

	for (int i = 0; plt.size && i < PIE_JMPREL; i++) {
		struct bytes other = pie->table[i].bytes;

		if (other.size && plt.data < other.data + other.size &&
		    other.data < plt.data + plt.size)
			return err_set(&ctx->err, -ENOEXEC,
				       "its relocation tables overlap (DT_JMPREL)");
	}
	return 0;
}

static int read_dynamic(struct ctx *ctx, const struct purgatory_image *image, uint32_t index,
			struct pie *pie)
{
	struct elf_dyn dyn = { .tag = 1 };
	struct bytes table;
	int ret;

	ret = elf_segment(&image->elf, index, &table, &ctx->err);
	for (uint64_t i = 0; !ret && dyn.tag != DT_NULL; i++) {
		if (!elf_dyn(&image->elf, table, i, &dyn))
			return err_set(&ctx->err, -ENOEXEC,
				       "the dynamic section of 0x%zx bytes has no end (DT_NULL)",
				       table.size);
		if (dyn.tag < PIE_TAGS)
			pie->tag[dyn.tag] = dyn.value;
		else if (dyn.tag - DT_LOPROC < PIE_TAGS)
			pie->arch_tag[dyn.tag - DT_LOPROC] = dyn.value;
		ret = check_tag(ctx, &dyn);
	}
	for (int i = 0; !ret && i < PIE_TABLES; i++)
		ret = check_table(ctx, image, pie, i);
	return ret ? ret : check_overlap(ctx, pie);
}

/* Checks one program header, and adds its segment to [link_base, *end) and to the image's size. */
static int measure_segment(struct ctx *ctx, struct purgatory_image *image, uint32_t index,
			   uint64_t *end)
{
	struct elf_phdr ph = elf_phdr(&image->elf, index);
	bool first = !*end;
	struct bytes bytes;
	int ret;

	if (ph.type == PT_INTERP || ph.type == PT_TLS)
		return err_set(&ctx->err, -ENOEXEC, "program header %u is %s", index,
			       ph.type == PT_TLS ? "PT_TLS: purgatory has no threads"
						 : "PT_INTERP: link with --no-dynamic-linker");
	if (ph.type != PT_LOAD)
		return 0;
	ret = elf_segment(&image->elf, index, &bytes, &ctx->err);
	if (ret || !ph.memsz)
		return ret;
	if (ph.align > 1 && !is_power_of_two(ph.align))
		return err_set(&ctx->err, -ENOEXEC,
			       "program header %u is aligned to 0x%" PRIx64
			       ", which is not a power of two",
			       index, ph.align);
	if (!first && ph.vaddr < *end)
		return err_set(&ctx->err, -ENOEXEC,
			       "program header %u at 0x%" PRIx64
			       " overlaps the previous segment, which ends at 0x%" PRIx64,
			       index, ph.vaddr, *end);
	if (ph.align > image->align)
		image->align = ph.align;
	if (first)
		image->link_base = ph.vaddr;
	*end = ph.vaddr + ph.memsz;
	image->memory_size = *end - image->link_base;
	if (ph.filesz)
		image->image_size = ph.vaddr + ph.filesz - image->link_base;
	if (image->memory_size > PURGATORY_MAX_SIZE)
		return err_set(&ctx->err, -ENOEXEC,
			       "it spans 0x%" PRIx64 " bytes of memory; no"
			       " purgatory needs more than 0x%x",
			       image->memory_size, PURGATORY_MAX_SIZE);
	return 0;
}

static int lay_out(struct ctx *ctx, struct purgatory_image *image)
{
	uint64_t end = 0;
	int ret;

	image->align = PURGATORY_MIN_ALIGN;
	for (uint32_t i = 0; i < image->elf.phnum; i++) {
		ret = measure_segment(ctx, image, i, &end);
		if (ret)
			return ret;
	}
	if (!image->image_size)
		return err_set(&ctx->err, -ENOEXEC, "it has nothing to load (no PT_LOAD)");
	if (image->link_base & (image->align - 1))
		return err_set(&ctx->err, -ENOEXEC,
			       "it is linked at 0x%" PRIx64
			       ", not a multiple of its alignment 0x%" PRIx64,
			       image->link_base, image->align);
	image->data = arena_alloc(&ctx->arena, (size_t)image->image_size);
	for (uint32_t i = 0; i < image->elf.phnum; i++) {
		struct elf_phdr ph = elf_phdr(&image->elf, i);

		if (ph.type == PT_LOAD && ph.filesz)
			memcpy(image->data + (ph.vaddr - image->link_base),
			       image->elf.bytes.data + ph.offset, (size_t)ph.filesz);
	}
	return 0;
}

static int check_entry(struct ctx *ctx, const struct purgatory_image *image)
{
	int ret = purgatory_magic_check(ctx, image);

	if (ret)
		return ret;
	if (image->elf.entry != image->link_base)
		return err_set(&ctx->err, -ENOEXEC,
			       "its entry point 0x%" PRIx64 " is not its first byte, 0x%" PRIx64,
			       image->elf.entry, image->link_base);
	return 0;
}

static int pie_parse(struct ctx *ctx, struct bytes file, uint16_t machine,
		     struct purgatory_image *image)
{
	struct pie *pie = arena_alloc(&ctx->arena, sizeof(*pie));
	const struct elf_file *elf = &image->elf;
	int ret;

	image->pie = pie;
	ret = elf_parse(file, &image->elf, &ctx->err);
	if (ret)
		return ret;
	pie->arch = pie_arch_find(elf);
	if (elf->machine != machine || !pie->arch)
		return err_set(&ctx->err, -ENOEXEC,
			       "it is for %s (machine %u, %s, %s-endian), not a purgatory for %s",
			       elf_machine_name(elf->machine), elf->machine,
			       elf->is64 ? "64 bits" : "32 bits",
			       elf->order == ORDER_LE ? "little" : "big",
			       elf_machine_name(machine));
	if (elf->type != ET_DYN)
		return err_set(&ctx->err, -ENOEXEC,
			       "ELF type %u instead of 3, a position-independent executable",
			       elf->type);
	ret = lay_out(ctx, image);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < elf->phnum; i++) {
		if (elf_phdr(elf, i).type != PT_DYNAMIC)
			continue;
		ret = read_dynamic(ctx, image, i, pie);
		if (ret)
			return ret;
	}
	ret = pie_relocate_words(&(struct pie_walk){ ctx, image, pie, 0, false });
	return ret ? ret : check_entry(ctx, image);
}

static int pie_load(struct ctx *ctx, const char *name, struct bytes file,
		    const struct purgatory_target *target, struct purgatory_image *out)
{
	*out = (struct purgatory_image){ .name = name, .format = &purgatory_pie };
	if (!pie_parse(ctx, file, target->machine, out))
		return 0;
	err_hint(&ctx->err, "Build purgatory with this tree's flags and linker script, or use the"
			    " built-in one: --purgatory=pie");
	return err_prefix(&ctx->err, "%s", name);
}

static int pie_relocate(struct ctx *ctx, struct purgatory_image *image, uint64_t address)
{
	const struct pie *pie = image->pie;
	uint64_t bias = address - image->link_base;
	uint64_t end;
	int ret;

	if (address & (image->align - 1))
		return err_set(&ctx->err, -EINVAL,
			       "%s: address 0x%" PRIx64 " is not a multiple of 0x%" PRIx64,
			       image->name, address, image->align);
	if (__builtin_add_overflow(address, image->memory_size, &end) ||
	    (!image->elf.is64 && end > 1ULL << 32))
		return err_set(&ctx->err, -ERANGE,
			       "%s: 0x%" PRIx64 " bytes at 0x%" PRIx64
			       " leave the machine's address space",
			       image->name, image->memory_size, address);
	ret = pie_relocate_words(&(struct pie_walk){ ctx, image, pie, bias, true });
	if (ret)
		return err_prefix(&ctx->err, "%s", image->name);
	/* An image whose header contains the bias does not relocate itself. */
	put_u64(image->elf.order, image->data + offsetof(struct purgatory_header, applied_bias),
		bias);
	return 0;
}

const struct purgatory_format purgatory_pie = {
	.kind = "pie",
	.load = pie_load,
	.relocate = pie_relocate,
};
