/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small linker for a purgatory that `ld -r` wrote (System V ABI, chapter 4): lays the
 * allocated sections out and resolves every relocation.  The relocation types of each arch
 * are in arch/<a>/rel_*.c; the caller passes them in struct purgatory_target.
 */
#include <errno.h>
#include <inttypes.h>

#include "backend.h"

#define HEAD_SECTION ".purgatory.head"
#define LAYER_ALIGN 16

struct rel {
	const struct rel_arch *arch;
	uint64_t *offset; /* per section: offset in the image; NOT_PLACED: not in the image */
	struct bytes section_names;
	uint32_t symtab; /* section number */
	struct bytes symbols;
	struct bytes symbol_names;
};

#define NOT_PLACED UINT64_MAX

const void *rel_find_type(const struct rel_types *types, uint32_t number)
{
	const uint8_t *rows = types->rows;

	for (size_t i = 0; i < types->count; i++) {
		const void *row = rows + i * types->row_size;
		const struct rel_type *type = row;

		if (type->number == number)
			return row;
	}
	return NULL;
}

const char *rel_type_name(const struct rel_arch *arch, uint32_t number)
{
	const struct rel_type *type = rel_find_type(arch->types, number);

	return type ? type->name : NULL;
}

bool rel_fits_signed(uint64_t value, unsigned int bits)
{
	int64_t sign = (int64_t)value >> (bits - 1);

	return sign == 0 || sign == -1;
}

bool rel_fits_unsigned(uint64_t value, unsigned int bits)
{
	return value >> (bits - 1) <= 1;
}

static const char *section_name(const struct purgatory_image *image, uint32_t index)
{
	const struct rel *rel = image->rel;
	const char *name = elf_string(rel->section_names, elf_shdr(&image->elf, index).name);

	return name ? name : "?";
}

/* A section symbol has no name.  It gets the name of its section. */
static const char *symbol_name(const struct purgatory_image *image, const struct elf_sym *sym)
{
	const struct rel *rel = image->rel;
	const char *name = elf_string(rel->symbol_names, sym->name);

	if (ELF64_ST_TYPE(sym->info) == STT_SECTION && sym->shndx < image->elf.shnum)
		return section_name(image, sym->shndx);
	return name ? name : "?";
}

static int check_section(struct ctx *ctx, const struct purgatory_image *image, uint32_t index,
			 const struct elf_shdr *sh)
{
	const char *name = section_name(image, index);
	struct bytes bytes;

	switch (sh->type) {
	case SHT_INIT_ARRAY:
	case SHT_FINI_ARRAY:
	case SHT_PREINIT_ARRAY:
		return err_set(&ctx->err, -ENOEXEC,
			       "section %s: constructors and destructors would not be called",
			       name);
	}
	if (sh->flags & (SHF_TLS | SHF_COMPRESSED))
		return err_set(&ctx->err, -ENOEXEC, "section %s is %s", name,
			       sh->flags & SHF_TLS ? "thread-local: purgatory has no threads"
						   : "compressed");
	if (sh->addralign > 1 && !is_power_of_two(sh->addralign))
		return err_set(&ctx->err, -ENOEXEC,
			       "section %s is aligned to 0x%" PRIx64
			       ", which is not a power of two",
			       name, sh->addralign);
	return elf_section(&image->elf, index, &bytes, &ctx->err);
}

static int place_section(struct ctx *ctx, struct purgatory_image *image, uint32_t index)
{
	struct elf_shdr sh = elf_shdr(&image->elf, index);
	uint64_t align = sh.addralign ? sh.addralign : 1;
	struct rel *rel = image->rel;
	uint64_t start, end;
	int ret;

	ret = check_section(ctx, image, index, &sh);
	if (ret)
		return ret;
	if (!align_up(image->memory_size, align, &start) ||
	    __builtin_add_overflow(start, sh.size, &end) || end > PURGATORY_MAX_SIZE)
		return err_set(&ctx->err, -ENOEXEC,
			       "section %s of 0x%" PRIx64 " bytes makes it larger than 0x%x",
			       section_name(image, index), sh.size, PURGATORY_MAX_SIZE);
	rel->offset[index] = start;
	image->memory_size = end;
	if (sh.type != SHT_NOBITS)
		image->image_size = end;
	if (align > image->align)
		image->align = align;
	return 0;
}

enum layer { LAYER_HEAD, LAYER_BYTES, LAYER_ZEROS, LAYERS };

static enum layer section_layer(const struct purgatory_image *image, uint32_t index,
				const struct elf_shdr *sh)
{
	if (sh->type == SHT_NOBITS)
		return LAYER_ZEROS;
	return strcmp(section_name(image, index), HEAD_SECTION) ? LAYER_BYTES : LAYER_HEAD;
}

/*
 * Pads the layer as purgatory.lds does.  Purgatory zeroes its bss in steps of several bytes,
 * so the bss must begin and end at a multiple of LAYER_ALIGN.
 */
static void end_layer(enum layer layer, struct purgatory_image *image)
{
	if (layer == LAYER_HEAD)
		return;
	image->memory_size = (image->memory_size + LAYER_ALIGN - 1) & ~(uint64_t)(LAYER_ALIGN - 1);
	if (layer == LAYER_BYTES)
		image->image_size = image->memory_size;
}

static int lay_out(struct ctx *ctx, struct purgatory_image *image)
{
	const struct elf_file *elf = &image->elf;
	struct rel *rel = image->rel;
	struct bytes bytes;
	int ret;

	image->align = PURGATORY_MIN_ALIGN;
	rel->offset = arena_array(&ctx->arena, elf->shnum, sizeof(*rel->offset));
	for (uint32_t i = 0; i < elf->shnum; i++)
		rel->offset[i] = NOT_PLACED;
	for (enum layer layer = LAYER_HEAD; layer < LAYERS; layer++) {
		for (uint32_t i = 0; i < elf->shnum; i++) {
			struct elf_shdr sh = elf_shdr(elf, i);

			if (!(sh.flags & SHF_ALLOC) || section_layer(image, i, &sh) != layer)
				continue;
			ret = place_section(ctx, image, i);
			if (ret)
				return ret;
		}
		end_layer(layer, image);
	}
	image->data = arena_alloc(&ctx->arena, (size_t)image->image_size);
	for (uint32_t i = 0; i < elf->shnum; i++)
		if (rel->offset[i] != NOT_PLACED && !elf_section(elf, i, &bytes, &ctx->err) &&
		    bytes.size)
			memcpy(image->data + rel->offset[i], bytes.data, bytes.size);
	return 0;
}

/* Finds symbols that this linker defines.  false: not such a symbol. */
static bool provided_symbol(const char *name, const struct purgatory_image *image, uint64_t *offset)
{
	const struct rel *rel = image->rel;

	if (!strcmp(name, "purgatory_image_end"))
		*offset = image->image_size;
	else if (!strcmp(name, "purgatory_memory_end"))
		*offset = image->memory_size;
	else if (rel->arch->toc &&
		 (!strcmp(name, ".TOC.") || !strcmp(name, "_GLOBAL_OFFSET_TABLE_")))
		*offset = rel->arch->toc;
	else
		return false;
	return true;
}

/* Computes the run-time address of a symbol, for an image at address. */
static int symbol_value(struct ctx *ctx, const struct purgatory_image *image, uint64_t address,
			const struct elf_sym *sym, uint64_t *value)
{
	const struct rel *rel = image->rel;
	const char *name = symbol_name(image, sym);
	uint64_t offset;

	switch (sym->shndx) {
	case SHN_UNDEF:
		if (!provided_symbol(name, image, &offset))
			return err_set(&ctx->err, -ENOEXEC, "symbol %s is not defined", name);
		*value = address + offset;
		return 0;
	case SHN_ABS: *value = sym->value; return 0;
	case SHN_COMMON:
		return err_set(&ctx->err, -ENOEXEC,
			       "symbol %s is a common block; compile with -fno-common", name);
	}
	if (sym->shndx >= SHN_LORESERVE || sym->shndx >= image->elf.shnum ||
	    rel->offset[sym->shndx] == NOT_PLACED)
		return err_set(&ctx->err, -ENOEXEC,
			       "symbol %s lies in section %u, which is not loaded", name,
			       sym->shndx);
	*value = address + rel->offset[sym->shndx] + sym->value;
	return 0;
}

/* Refuses undefined symbols, also if no relocation refers to them. */
static int check_symbols(struct ctx *ctx, const struct purgatory_image *image)
{
	const struct rel *rel = image->rel;
	struct elf_sym sym;
	uint64_t value;
	int ret;

	for (uint64_t i = 1; elf_sym(&image->elf, rel->symbols, i, &sym); i++) {
		if (sym.shndx != SHN_UNDEF && sym.shndx != SHN_COMMON)
			continue;
		ret = symbol_value(ctx, image, 0, &sym, &value);
		if (ret)
			return ret;
	}
	return 0;
}

static int find_symbols(struct ctx *ctx, struct purgatory_image *image)
{
	const struct elf_file *elf = &image->elf;
	struct rel *rel = image->rel;
	int ret;

	for (uint32_t i = 0; i < elf->shnum; i++) {
		struct elf_shdr sh = elf_shdr(elf, i);

		if (sh.type != SHT_SYMTAB)
			continue;
		if (rel->symtab || sh.link >= elf->shnum || sh.entsize != elf_sym_size(elf))
			return err_set(&ctx->err, -ENOEXEC,
				       "section %u is a second symbol table,"
				       " or has no string table, or symbols of %" PRIu64 " bytes",
				       i, sh.entsize);
		rel->symtab = i;
		ret = elf_section(elf, i, &rel->symbols, &ctx->err);
		if (!ret)
			ret = elf_section(elf, sh.link, &rel->symbol_names, &ctx->err);
		if (ret)
			return ret;
	}
	if (!rel->symtab)
		return err_set(&ctx->err, -ENOEXEC, "it has no symbol table (stripped?)");
	return 0;
}

static int rel_parse(struct ctx *ctx, struct bytes file, const struct purgatory_target *target,
		     struct purgatory_image *image)
{
	struct rel *rel = arena_alloc(&ctx->arena, sizeof(*rel));
	const struct elf_file *elf = &image->elf;
	const struct rel_arch *arch = target->rel;
	uint16_t machine = target->machine;
	int ret;

	image->rel = rel;
	ret = elf_parse(file, &image->elf, &ctx->err);
	if (ret)
		return ret;
	rel->arch = arch;
	if (elf->machine != machine)
		return err_set(&ctx->err, -ENOEXEC,
			       "it is for %s (machine %u), not a purgatory for %s",
			       elf_machine_name(elf->machine), elf->machine,
			       elf_machine_name(machine));
	if (!arch || arch->machine != machine || arch->is64 != elf->is64 ||
	    arch->order != elf->order)
		return err_set(&ctx->err, -ENOEXEC,
			       "relocatable objects of %s (%s, %s-endian) are not supported",
			       elf_machine_name(machine), elf->is64 ? "64 bits" : "32 bits",
			       elf->order == ORDER_LE ? "little" : "big");
	if (elf->type != ET_REL)
		return err_set(&ctx->err, -ENOEXEC,
			       "ELF type %u instead of 1, a relocatable object", elf->type);
	if (elf->shstrndx < elf->shnum) {
		ret = elf_section(elf, elf->shstrndx, &rel->section_names, &ctx->err);
		if (ret)
			return ret;
	}
	ret = lay_out(ctx, image);
	if (ret)
		return ret;
	ret = purgatory_magic_check(ctx, image);
	if (ret)
		return ret;
	ret = find_symbols(ctx, image);
	return ret ? ret : check_symbols(ctx, image);
}

static int rel_load(struct ctx *ctx, const char *name, struct bytes file,
		    const struct purgatory_target *target, struct purgatory_image *out)
{
	*out = (struct purgatory_image){ .name = name, .format = &purgatory_rel };
	if (!rel_parse(ctx, file, target, out))
		return 0;
	err_hint(&ctx->err, "Use the purgatory that needs no linking here: --purgatory=pie");
	return err_prefix(&ctx->err, "%s", name);
}

/* The section that a relocation section changes, and the relocation records. */
struct target {
	uint32_t section;
	struct bytes records;
	uint64_t offset; /* of the section in the image */
	uint64_t size;
	uint64_t address; /* of the image at run time */
};

static int report(struct ctx *ctx, const struct purgatory_image *image, const struct target *target,
		  const struct elf_rel *record, const struct elf_sym *sym,
		  const struct rel_site *site, int code)
{
	const struct rel *rel = image->rel;
	const char *type = rel_type_name(rel->arch, record->type);
	const char *machine = elf_machine_name(image->elf.machine);
	const char *name = symbol_name(image, sym);
	const char *section = section_name(image, target->section);

	if (!type)
		type = "type";
	if (code == -ERANGE)
		return err_set(&ctx->err, code,
			       "relocation %s (%u) of symbol %s at %s+0x%" PRIx64
			       ": value 0x%" PRIx64 " does not fit",
			       type, record->type, name, section, record->offset, site->result);
	if (code == -EFBIG)
		return err_set(&ctx->err, -ENOEXEC,
			       "relocation %s (%u) of symbol %s at %s+0x%" PRIx64
			       " reaches beyond the section's 0x%" PRIx64 " bytes",
			       type, record->type, name, section, record->offset, target->size);
	if (code == -ENOEXEC)
		return err_set(&ctx->err, code,
			       "relocation %s (%u) of symbol %s at %s+0x%" PRIx64 " %s", type,
			       record->type, name, section, record->offset, site->why);
	return err_set(&ctx->err, -ENOEXEC,
		       "relocation %s (%u) of symbol %s at %s+0x%" PRIx64
		       " is of a type that kexec does not support for %s",
		       type, record->type, name, section, record->offset, machine);
}

/* Computes S + A of a record.  *sym: the record's symbol, for messages. */
static int record_value(struct ctx *ctx, const struct purgatory_image *image,
			const struct target *target, const struct elf_rel *record,
			struct elf_sym *sym, uint64_t *value)
{
	const struct rel *rel = image->rel;
	int ret;

	*sym = (struct elf_sym){ .shndx = SHN_ABS };
	*value = 0;
	if (record->sym) {
		if (!elf_sym(&image->elf, rel->symbols, record->sym, sym))
			return err_set(&ctx->err, -ENOEXEC,
				       "relocation at %s+0x%" PRIx64
				       " refers to symbol %u, which does not exist",
				       section_name(image, target->section), record->offset,
				       record->sym);
		ret = symbol_value(ctx, image, target->address, sym, value);
		if (ret)
			return ret;
	}
	*value += (uint64_t)record->addend;
	return 0;
}

/*
 * *value: in: the address of a label; out: S + A - P of the record of that type at the label.
 * -ENOENT: no such record.
 */
static int follow_label(struct ctx *ctx, const struct purgatory_image *image,
			const struct target *target, uint32_t type, uint64_t *value)
{
	const struct rel *rel = image->rel;
	uint64_t label = *value;
	struct elf_rel record;
	struct elf_sym sym;
	int ret;

	for (uint64_t i = 0; elf_rel(&image->elf, target->records, rel->arch->rela, i, &record);
	     i++) {
		if (record.type != type ||
		    target->address + target->offset + record.offset != label)
			continue;
		ret = record_value(ctx, image, target, &record, &sym, value);
		*value -= label;
		return ret;
	}
	return -ENOENT;
}

static int rel_relocate_record(struct ctx *ctx, struct purgatory_image *image,
			       const struct target *target, const struct elf_rel *record)
{
	const struct rel *rel = image->rel;
	uint32_t labelled = rel->arch->labelled ? rel->arch->labelled(record->type) : 0;
	struct rel_site site = {
		.toc = target->address + rel->arch->toc,
		.type = record->type,
		.order = rel->arch->order,
	};
	struct elf_sym sym;
	int ret;

	ret = record_value(ctx, image, target, record, &sym, &site.value);
	if (!ret && labelled)
		ret = follow_label(ctx, image, target, labelled, &site.value);
	if (ret == -ENOENT) {
		site.why =
			"needs a second relocation at the address of its symbol, which is missing";
		return report(ctx, image, target, record, &sym, &site, -ENOEXEC);
	}
	if (ret)
		return ret;
	if (record->offset > target->size)
		return report(ctx, image, target, record, &sym, NULL, -EFBIG);
	site.bytes = image->data + target->offset + record->offset;
	site.room = target->size - record->offset;
	site.place = target->address + target->offset + record->offset;
	site.other = sym.other;
	ret = rel->arch->apply(&site);
	if (ret < 0)
		return report(ctx, image, target, record, &sym, &site, ret);
	image->relocations += (unsigned int)ret;
	return 0;
}

/*
 * Checks relocation section index and fills target.  If the section that it changes is not
 * loaded, target->records stays empty.
 */
static int find_target(struct ctx *ctx, const struct purgatory_image *image, uint32_t index,
		       struct target *target)
{
	const struct elf_file *elf = &image->elf;
	struct elf_shdr sh = elf_shdr(elf, index);
	const struct rel *rel = image->rel;
	bool rela = sh.type == SHT_RELA;
	struct elf_shdr into;

	if (sh.info >= elf->shnum)
		return err_set(&ctx->err, -ENOEXEC, "section %u relocates section %u of %u", index,
			       sh.info, elf->shnum);
	if (rel->offset[sh.info] == NOT_PLACED)
		return 0;
	into = elf_shdr(elf, sh.info);
	if (into.type == SHT_NOBITS || rela != rel->arch->rela || sh.link != rel->symtab ||
	    sh.entsize != elf_rel_size(elf, rela))
		return err_set(&ctx->err, -ENOEXEC,
			       "section %u (%s) is not a relocation table for %s of %s objects",
			       index, section_name(image, index), section_name(image, sh.info),
			       elf_machine_name(elf->machine));
	target->section = sh.info;
	target->offset = rel->offset[sh.info];
	target->size = into.size;
	return elf_section(elf, index, &target->records, &ctx->err);
}

static int relocate_section(struct ctx *ctx, struct purgatory_image *image, uint64_t address,
			    uint32_t index)
{
	struct target target = { .address = address };
	const struct rel *rel = image->rel;
	struct elf_rel record;
	int ret;

	ret = find_target(ctx, image, index, &target);
	for (uint64_t i = 0;
	     !ret && elf_rel(&image->elf, target.records, rel->arch->rela, i, &record); i++)
		ret = rel_relocate_record(ctx, image, &target, &record);
	return ret;
}

static int rel_relocate(struct ctx *ctx, struct purgatory_image *image, uint64_t address)
{
	uint64_t end;
	int ret;

	if (address & (image->align - 1) ||
	    __builtin_add_overflow(address, image->memory_size, &end))
		return err_set(&ctx->err, -EINVAL,
			       "%s: 0x%" PRIx64 " bytes cannot be placed at 0x%" PRIx64
			       ": expected a multiple of 0x%" PRIx64,
			       image->name, image->memory_size, address, image->align);
	image->relocations = 0;
	for (uint32_t i = 0; i < image->elf.shnum; i++) {
		struct elf_shdr sh = elf_shdr(&image->elf, i);

		if (sh.type != SHT_RELA && sh.type != SHT_REL)
			continue;
		ret = relocate_section(ctx, image, address, i);
		if (ret) {
			err_hint(&ctx->err, "Use the purgatory that needs no linking here:"
					    " --purgatory=pie");
			return err_prefix(&ctx->err, "%s", image->name);
		}
	}
	return 0;
}

const struct purgatory_format purgatory_rel = {
	.kind = "rel",
	.load = rel_load,
	.relocate = rel_relocate,
};
