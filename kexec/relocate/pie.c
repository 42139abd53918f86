/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loader for a purgatory that is a position-independent executable (System
 * V ABI, chapter 5): copies its PT_LOADs and adds the bias to the words that
 * the linker left.  What an arch may leave is one row in table.c.
 */
#include <errno.h>
#include <inttypes.h>

#include "internal.h"

struct table {
	struct bytes bytes;
	bool rela;
};

enum { TABLE_RELA, TABLE_REL, TABLE_JMPREL, TABLES };

struct pie {
	const struct pie_arch *arch;
	struct table table[TABLES];
	uint64_t pltgot;
	uint64_t symtab;		/* hppa */
	bool has_symtab;
	uint64_t got_first, got_end;	/* MIPS: local GOT words, as indices */
};

/* One walk over the relocations: the first only checks. */
struct walk {
	struct ctx *ctx;
	struct purgatory_image *image;
	const struct pie *pie;
	uint64_t bias;
	bool apply;
};

static size_t word_size(const struct purgatory_image *image)
{
	return image->elf.is64 ? 8 : 4;
}

/* The file's bytes that are loaded at [vaddr, vaddr + size), if one PT_LOAD has them all. */
static bool loaded_bytes(const struct purgatory_image *image, uint64_t vaddr, uint64_t size,
			 struct bytes *out)
{
	const struct elf_file *elf = &image->elf;

	for (uint32_t i = 0; i < elf->phnum; i++) {
		struct elf_phdr ph = elf_phdr(elf, i);
		struct bytes segment = { elf->bytes.data + ph.offset, (size_t)ph.filesz };

		if (ph.type != PT_LOAD || vaddr < ph.vaddr ||
		    !bytes_has(segment, vaddr - ph.vaddr, size))
			continue;
		*out = bytes_sub(segment, vaddr - ph.vaddr, size);
		return true;
	}
	return false;
}

static uint64_t get_word(const struct purgatory_image *image, uint64_t vaddr)
{
	const uint8_t *p = image->data + (vaddr - image->link_base);

	return image->elf.is64 ? get_u64(image->elf.order, p) : get_u32(image->elf.order, p);
}

static void put_word(const struct walk *walk, uint64_t vaddr, uint64_t value)
{
	struct purgatory_image *image = walk->image;
	uint8_t *p = image->data + (vaddr - image->link_base);

	image->relocations++;
	if (!walk->apply)
		return;
	if (image->elf.is64)
		put_u64(image->elf.order, p, value);
	else
		put_u32(image->elf.order, p, (uint32_t)value);
}

static int bad_record(const struct walk *walk, const struct elf_rel *rel, const char *why)
{
	return err_set(&walk->ctx->err, -ENOEXEC, "relocation of type %u, symbol %u, at 0x%" PRIx64
		       " of a purgatory for %s: %s", rel->type, rel->sym, rel->offset,
		       elf_machine_name(walk->image->elf.machine), why);
}

/* hppa, R_PARISC_DIR32 and PLABEL32: the value of a symbol that .dynsym still holds. */
static int dynamic_symbol(const struct walk *walk, const struct elf_rel *rel, uint64_t *value)
{
	size_t size = elf_sym_size(&walk->image->elf);
	struct elf_sym sym;
	struct bytes entry;
	uint64_t vaddr;

	*value = 0;
	if (!rel->sym)
		return 0;
	vaddr = walk->pie->symtab + rel->sym * (uint64_t)size;
	if (!walk->pie->has_symtab || !loaded_bytes(walk->image, vaddr, size, &entry))
		return bad_record(walk, rel, "its symbol is not in the image (DT_SYMTAB)");
	elf_sym(&walk->image->elf, entry, 0, &sym);
	if (sym.shndx == SHN_UNDEF)
		return bad_record(walk, rel, "its symbol is undefined");
	*value = sym.value;
	return 0;
}

static int relocate_hppa(const struct walk *walk, const struct elf_rel *rel, uint64_t addend)
{
	struct bytes target;
	uint64_t value;
	int ret;

	if (rel->type != R_PARISC_DIR32 && rel->type != R_PARISC_PLABEL32 &&
	    rel->type != R_PARISC_IPLT)
		return bad_record(walk, rel, "a type that this arch must not leave");
	ret = dynamic_symbol(walk, rel, &value);
	if (ret)
		return ret;
	if (rel->type == R_PARISC_IPLT) {
		/* A function descriptor: code address, then the GOT pointer. */
		if (!loaded_bytes(walk->image, rel->offset, 8, &target))
			return bad_record(walk, rel, "its second word is outside the image");
		put_word(walk, rel->offset + 4, walk->bias + walk->pie->pltgot);
	}
	put_word(walk, rel->offset, walk->bias + value + addend);
	return 0;
}

static int relocate_one(const struct walk *walk, const struct elf_rel *rel, bool rela)
{
	uint64_t addend = (uint64_t)rel->addend;
	struct bytes target;

	if (rel->type == 0)
		return 0;
	if (!loaded_bytes(walk->image, rel->offset, word_size(walk->image), &target))
		return bad_record(walk, rel, "it would change a word outside the loaded bytes");
	if (!rela)
		addend = get_word(walk->image, rel->offset);
	if (walk->pie->arch->hppa_types)
		return relocate_hppa(walk, rel, addend);
	if (rel->type != walk->pie->arch->relative)
		return bad_record(walk, rel, "a type that the linker must not leave");
	if (rel->sym)
		return bad_record(walk, rel, "it must not need a symbol");
	put_word(walk, rel->offset, walk->bias + addend);
	return 0;
}

static int relocate_all(const struct walk *walk)
{
	const struct pie *pie = walk->pie;
	struct elf_rel rel;
	int ret;

	walk->image->relocations = 0;
	for (int i = 0; i < TABLES; i++) {
		const struct table *t = &pie->table[i];

		for (uint64_t n = 0; elf_rel(&walk->image->elf, t->bytes, t->rela, n, &rel); n++) {
			ret = relocate_one(walk, &rel, t->rela);
			if (ret)
				return ret;
		}
	}
	for (uint64_t n = pie->got_first; n < pie->got_end; n++) {
		uint64_t vaddr = pie->pltgot + n * word_size(walk->image);

		put_word(walk, vaddr, walk->bias + get_word(walk->image, vaddr));
	}
	return 0;
}

/* Dynamic tags that ask for work which this loader does not do, and must not skip. */
static const char *refused_tag(const struct elf_dyn *dyn)
{
	switch (dyn->tag) {
	case DT_NEEDED:
		return "DT_NEEDED: it wants a shared library";
	case DT_TEXTREL:
		return "DT_TEXTREL: it has absolute addresses in code; link with -z text";
	case DT_FLAGS:
		return dyn->value & DF_TEXTREL ? "DF_TEXTREL: it has absolute addresses in code;"
						 " link with -z text" : NULL;
	case DT_INIT:
	case DT_FINI:
	case DT_INIT_ARRAY:
	case DT_FINI_ARRAY:
	case DT_PREINIT_ARRAY:
		return "it has constructors or destructors, which nobody would call";
	case DT_RELR:
	case 0x6fffe000: /* DT_ANDROID_RELR */
		return "DT_RELR: link without -z pack-relative-relocs";
	case 0x6000000f: /* DT_ANDROID_REL */
	case 0x60000011: /* DT_ANDROID_RELA */
		return "packed relocations: link without --pack-dyn-relocs";
	default:
		return NULL;
	}
}

/* What the dynamic section says, before any of it is believed. */
struct dynamic {
	struct {
		uint64_t vaddr, size, entsize;
	} table[TABLES];
	uint64_t jmprel_kind;
	uint64_t mips_local_gotno, mips_gotsym, mips_symtabno;
};

static void dynamic_tag(const struct elf_dyn *dyn, struct dynamic *d, struct pie *pie)
{
	switch (dyn->tag) {
	case DT_RELA:
		d->table[TABLE_RELA].vaddr = dyn->value;
		break;
	case DT_RELASZ:
		d->table[TABLE_RELA].size = dyn->value;
		break;
	case DT_RELAENT:
		d->table[TABLE_RELA].entsize = dyn->value;
		break;
	case DT_REL:
		d->table[TABLE_REL].vaddr = dyn->value;
		break;
	case DT_RELSZ:
		d->table[TABLE_REL].size = dyn->value;
		break;
	case DT_RELENT:
		d->table[TABLE_REL].entsize = dyn->value;
		break;
	case DT_JMPREL:
		d->table[TABLE_JMPREL].vaddr = dyn->value;
		break;
	case DT_PLTRELSZ:
		d->table[TABLE_JMPREL].size = dyn->value;
		break;
	case DT_PLTREL:
		d->jmprel_kind = dyn->value;
		break;
	case DT_PLTGOT:
		pie->pltgot = dyn->value;
		break;
	case DT_SYMTAB:
		pie->symtab = dyn->value;
		pie->has_symtab = true;
		break;
	case DT_MIPS_LOCAL_GOTNO:
		d->mips_local_gotno = dyn->value;
		break;
	case DT_MIPS_GOTSYM:
		d->mips_gotsym = dyn->value;
		break;
	case DT_MIPS_SYMTABNO:
		d->mips_symtabno = dyn->value;
		break;
	}
}

static int check_tables(struct ctx *ctx, const struct purgatory_image *image, struct dynamic *d,
			struct pie *pie)
{
	static const char *const name[TABLES] = { "DT_RELA", "DT_REL", "DT_JMPREL" };
	size_t record;

	if (d->table[TABLE_JMPREL].size && d->jmprel_kind != DT_RELA && d->jmprel_kind != DT_REL)
		return err_set(&ctx->err, -ENOEXEC, "DT_PLTREL is 0x%" PRIx64
			       ", neither DT_REL nor DT_RELA", d->jmprel_kind);
	pie->table[TABLE_RELA].rela = true;
	pie->table[TABLE_JMPREL].rela = d->jmprel_kind == DT_RELA;
	d->table[TABLE_JMPREL].entsize = elf_rel_size(&image->elf, d->jmprel_kind == DT_RELA);
	for (int i = 0; i < TABLES; i++) {
		struct table *t = &pie->table[i];

		if (!d->table[i].size)
			continue;
		record = elf_rel_size(&image->elf, t->rela);
		if (d->table[i].entsize != record || d->table[i].size % record ||
		    !loaded_bytes(image, d->table[i].vaddr, d->table[i].size, &t->bytes))
			return err_set(&ctx->err, -ENOEXEC, "%s: 0x%" PRIx64 " bytes of %" PRIu64
				       " each at 0x%" PRIx64 " are no table of %zu-byte records in"
				       " the image", name[i], d->table[i].size, d->table[i].entsize,
				       d->table[i].vaddr, record);
	}
	return 0;
}

/* MIPS ABI: the loader relocates the first DT_MIPS_LOCAL_GOTNO words of the GOT by itself. */
static int check_mips_got(struct ctx *ctx, const struct purgatory_image *image,
			  const struct dynamic *d, struct pie *pie)
{
	size_t word = word_size(image);
	struct bytes got;

	if (!d->mips_local_gotno)
		return 0;
	if (d->mips_gotsym != d->mips_symtabno)
		return err_set(&ctx->err, -ENOEXEC, "%" PRIu64 " MIPS GOT entries need a symbol"
			       " (DT_MIPS_GOTSYM %" PRIu64 ", DT_MIPS_SYMTABNO %" PRIu64 ")",
			       d->mips_symtabno - d->mips_gotsym, d->mips_gotsym, d->mips_symtabno);
	if (d->mips_local_gotno < 2 || d->mips_local_gotno > PURGATORY_MAX_SIZE / word ||
	    !loaded_bytes(image, pie->pltgot, d->mips_local_gotno * word, &got))
		return err_set(&ctx->err, -ENOEXEC, "%" PRIu64 " MIPS GOT words at 0x%" PRIx64
			       " are not in the image", d->mips_local_gotno, pie->pltgot);
	/* Words 0 and 1 are the run-time linker's; word 1 only if its top bit says so. */
	pie->got_first = get_word(image, pie->pltgot + word) >> (word * 8 - 1) ? 2 : 1;
	pie->got_end = d->mips_local_gotno;
	return 0;
}

static int read_dynamic(struct ctx *ctx, const struct purgatory_image *image, uint32_t index,
			struct pie *pie)
{
	struct dynamic d = { .jmprel_kind = 0 };
	const char *refused;
	struct elf_dyn dyn;
	struct bytes table;
	int ret;

	ret = elf_segment(&image->elf, index, &table, &ctx->err);
	if (ret)
		return ret;
	for (uint64_t i = 0; elf_dyn(&image->elf, table, i, &dyn); i++) {
		if (dyn.tag == DT_NULL) {
			ret = check_tables(ctx, image, &d, pie);
			if (!ret && pie->arch->mips_got)
				ret = check_mips_got(ctx, image, &d, pie);
			return ret;
		}
		refused = refused_tag(&dyn);
		if (refused)
			return err_set(&ctx->err, -ENOEXEC, "dynamic tag 0x%" PRIx64 ": %s",
				       dyn.tag, refused);
		dynamic_tag(&dyn, &d, pie);
	}
	return err_set(&ctx->err, -ENOEXEC, "the dynamic section of 0x%zx bytes has no end (DT_NULL)",
		       table.size);
}

/* Checks one program header and widens [link_base, *end) and the image by it. */
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
		return err_set(&ctx->err, -ENOEXEC, "program header %u is aligned to 0x%" PRIx64
			       ", no power of two", index, ph.align);
	if (!first && ph.vaddr < *end)
		return err_set(&ctx->err, -ENOEXEC, "program header %u at 0x%" PRIx64
			       " overlaps the one before, which ends at 0x%" PRIx64, index, ph.vaddr,
			       *end);
	if (ph.align > image->align)
		image->align = ph.align;
	if (first)
		image->link_base = ph.vaddr;
	*end = ph.vaddr + ph.memsz;
	image->memory_size = *end - image->link_base;
	if (ph.filesz)
		image->image_size = ph.vaddr + ph.filesz - image->link_base;
	if (image->memory_size > PURGATORY_MAX_SIZE)
		return err_set(&ctx->err, -ENOEXEC, "it spans 0x%" PRIx64 " bytes of memory; no"
			       " purgatory needs more than 0x%x", image->memory_size,
			       PURGATORY_MAX_SIZE);
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
		return err_set(&ctx->err, -ENOEXEC, "it is linked at 0x%" PRIx64
			       ", no multiple of its alignment 0x%" PRIx64, image->link_base,
			       image->align);
	image->data = arena_alloc(&ctx->arena, image->image_size);
	for (uint32_t i = 0; i < image->elf.phnum; i++) {
		struct elf_phdr ph = elf_phdr(&image->elf, i);

		if (ph.type == PT_LOAD && ph.filesz)
			memcpy(image->data + (ph.vaddr - image->link_base),
			       image->elf.bytes.data + ph.offset, ph.filesz);
	}
	return 0;
}

static int check_entry(struct ctx *ctx, const struct purgatory_image *image)
{
	int ret = purgatory_magic_check(ctx, image);

	if (ret)
		return ret;
	if (image->elf.entry != image->link_base)
		return err_set(&ctx->err, -ENOEXEC, "its entry point 0x%" PRIx64
			       " is not its first byte, 0x%" PRIx64, image->elf.entry,
			       image->link_base);
	return 0;
}

static int load(struct ctx *ctx, struct bytes file, uint16_t machine, struct purgatory_image *image)
{
	struct pie *pie = arena_alloc(&ctx->arena, sizeof(*pie));
	const struct elf_file *elf = &image->elf;
	int ret;

	image->backend = pie;
	ret = elf_parse(file, &image->elf, &ctx->err);
	if (ret)
		return ret;
	pie->arch = pie_arch_find(elf);
	if (elf->machine != machine || !pie->arch)
		return err_set(&ctx->err, -ENOEXEC, "it is for %s (machine %u, %s, %s-endian), not a"
			       " purgatory for %s", elf_machine_name(elf->machine), elf->machine,
			       elf->is64 ? "64 bits" : "32 bits",
			       elf->order == ORDER_LE ? "little" : "big",
			       elf_machine_name(machine));
	if (elf->type != ET_DYN)
		return err_set(&ctx->err, -ENOEXEC, "ELF type %u instead of 3, a position-independent"
			       " executable", elf->type);
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
	ret = relocate_all(&(struct walk){ ctx, image, pie, 0, false });
	return ret ? ret : check_entry(ctx, image);
}

int pie_load(struct ctx *ctx, const char *name, struct bytes file, uint16_t machine,
	     struct purgatory_image *out)
{
	*out = (struct purgatory_image){ .name = name, .kind = "pie" };
	if (!load(ctx, file, machine, out))
		return 0;
	err_hint(&ctx->err, "Build purgatory with this tree's flags and linker script, or use the"
		 " built-in one: --purgatory=pie");
	return err_prefix(&ctx->err, "%s", name);
}

int pie_relocate(struct ctx *ctx, struct purgatory_image *image, uint64_t address)
{
	const struct pie *pie = image->backend;
	uint64_t bias = address - image->link_base;
	uint64_t end;
	int ret;

	if (address & (image->align - 1))
		return err_set(&ctx->err, -EINVAL, "%s: address 0x%" PRIx64
			       " is no multiple of 0x%" PRIx64, image->name, address, image->align);
	if (__builtin_add_overflow(address, image->memory_size, &end) ||
	    (!image->elf.is64 && end > 1ULL << 32))
		return err_set(&ctx->err, -ERANGE, "%s: 0x%" PRIx64 " bytes at 0x%" PRIx64
			       " leave the machine's address space", image->name,
			       image->memory_size, address);
	ret = relocate_all(&(struct walk){ ctx, image, pie, bias, true });
	if (ret)
		return err_prefix(&ctx->err, "%s", image->name);
	/* Tells the image's own relocation routine that nothing is left to do. */
	put_u64(image->elf.order, image->data + offsetof(struct purgatory_header, applied_bias),
		bias);
	return 0;
}
