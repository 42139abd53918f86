/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a tagged image: a far call in real mode with the far address of the header on the stack,
 * or a call in 32-bit mode with three addresses on the stack: Etherboot's own header, the image's
 * header, and the answer of the BOOTP server (Draft Net Boot Image Proposal 0.3).
 */
#include "nbi.h"

#include <elf.h>
#include <errno.h>

#include "plan/next_cmdline.h"
#include "x86.h"

/*
 * The block: code to return to, then zeros in place of Etherboot's header and of the BOOTP answer,
 * then a stack, whose last words are the arguments.
 */
#define ETHERBOOT 0x10
#define BOOTP 0x20
#define STACK_END 0x2000
#define FAR_ARGUMENTS 12
#define ARGUMENTS 16

/* In 16-bit and in 32-bit mode: cli; hlt; jump to hlt. */
static const uint8_t halt[] = { 0xfa, 0xf4, 0xeb, 0xfd };

static void put_far(uint8_t *to, uint16_t offset, uint64_t linear)
{
	put_le16(to, offset);
	put_le16(to + 2, (uint16_t)(linear >> 4));
}

static int describe(struct ctx *ctx, const struct load *load, const struct boot *boot,
		    const struct boot_info *info, struct bytes *out)
{
	const struct nbi *nbi = boot->kernel;
	uint8_t *block, *top;

	(void)load;
	out->size = STACK_END;
	out->data = block = arena_alloc(&ctx->arena, STACK_END);
	memcpy(block, halt, sizeof(halt));
	if (nbi->is_32bit) {
		top = block + STACK_END - ARGUMENTS;
		put_le32(top, (uint32_t)info->data);
		put_le32(top + 4, (uint32_t)info->data + ETHERBOOT);
		put_le32(top + 8, (uint32_t)nbi->part[0].range.start);
		put_le32(top + 12, (uint32_t)info->data + BOOTP);
		return 0;
	}
	top = block + STACK_END - FAR_ARGUMENTS;
	put_far(top, 0, info->data);
	put_le16(top + 4, nbi->bx);
	put_le16(top + 6, nbi->ds);
	put_far(top + 8, BOOTP, info->data);
	return 0;
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	enum { ES, CS, SS, DS, FS, GS };
	const struct nbi *nbi = boot->kernel;
	struct purgatory_x86_state *state;

	(void)ctx;
	if (nbi->is_32bit) {
		state = x86_enter(load, boot, PURGATORY_X86_PROTECTED_MODE, plan);
		state->reg[PURGATORY_X86_RSP] = info->data + STACK_END - ARGUMENTS;
		return;
	}
	state = x86_enter(load, boot, PURGATORY_X86_REAL_MODE, plan);
	state->ip = nbi->ip;
	for (size_t i = 0; i < ARRAY_SIZE(state->segment); i++)
		state->segment[i] = nbi->ds;
	state->segment[CS] = nbi->cs;
	state->segment[SS] = (uint16_t)(info->data >> 4);
	state->reg[PURGATORY_X86_RBX] = nbi->bx;
	state->reg[PURGATORY_X86_RSP] = STACK_END - FAR_ARGUMENTS;
}

#define PUT32(record, field, value) put_le32((record) + offsetof(Elf32_Phdr, field), value)

/* The image as an ELF program, because segments of ELF programs may share pages. */
static struct bytes make_elf(struct ctx *ctx, struct bytes file, const struct nbi *nbi)
{
	uint32_t table = sizeof(Elf32_Ehdr);
	uint32_t content = table + (uint32_t)(nbi->parts * sizeof(Elf32_Phdr));
	size_t size = content + file.size;
	uint8_t *elf = map_anonymous(ctx, size), *record;

	if (!elf)
		return (struct bytes){ 0 };
	record = elf + table;
	memcpy(elf, ELFMAG, SELFMAG);
	elf[EI_CLASS] = ELFCLASS32;
	elf[EI_DATA] = ELFDATA2LSB;
	elf[EI_VERSION] = EV_CURRENT;
	put_le16(elf + offsetof(Elf32_Ehdr, e_type), ET_EXEC);
	put_le16(elf + offsetof(Elf32_Ehdr, e_machine), EM_386);
	put_le32(elf + offsetof(Elf32_Ehdr, e_version), EV_CURRENT);
	put_le32(elf + offsetof(Elf32_Ehdr, e_entry), nbi->entry);
	put_le32(elf + offsetof(Elf32_Ehdr, e_phoff), table);
	put_le16(elf + offsetof(Elf32_Ehdr, e_ehsize), sizeof(Elf32_Ehdr));
	put_le16(elf + offsetof(Elf32_Ehdr, e_phentsize), sizeof(Elf32_Phdr));
	put_le16(elf + offsetof(Elf32_Ehdr, e_phnum), (uint16_t)nbi->parts);
	for (size_t i = 0; i < nbi->parts; i++, record += sizeof(Elf32_Phdr)) {
		const struct nbi_part *part = &nbi->part[i];

		PUT32(record, p_type, PT_LOAD);
		PUT32(record, p_offset, content + part->offset);
		PUT32(record, p_paddr, (uint32_t)part->range.start);
		PUT32(record, p_filesz, part->size);
		PUT32(record, p_memsz, (uint32_t)range_size(part->range));
	}
	memcpy(elf + content, file.data, file.size);
	return (struct bytes){ elf, size };
}

static int place(struct ctx *ctx, const struct load *load, const struct nbi *nbi, struct plan *plan)
{
	struct bytes file = load->image.bytes, bytes;
	struct elf_kernel elf;
	uint64_t bias;
	int ret;

	/* Bytes after the last segment are padding, and offsets have 32 bits. */
	file.size = nbi->part[nbi->parts - 1].offset + nbi->part[nbi->parts - 1].size;
	bytes = make_elf(ctx, file, nbi);
	if (!bytes.size)
		return err_set(&ctx->err, -ENOMEM, "%s: no memory for %zu bytes", load->image.name,
			       file.size);
	ret = elf_kernel_parse(bytes, &elf, &ctx->err);
	return ret ? ret : x86_place_elf(ctx, load, &elf, &(struct placement){ 0 }, plan, &bias);
}

static int check(struct ctx *ctx, const struct load *load, const struct nbi *nbi)
{
	int ret = x86_check_not_linux(ctx, load);

	if (ret)
		return ret;
	if (next_cmdline_given(load) || load->initrd.bytes.size)
		return err_set(&ctx->err, -EINVAL,
			       "%s: an NBI contains its command line and initrd: leave out the "
			       "options for them",
			       load->image.name);
	if (!nbi->is_32bit)
		x86_warn_of_efi(ctx, load);
	return 0;
}

int nbi_plan(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct nbi nbi;
	struct boot boot = {
		.data = { .name = "nbi_stack", .sealed = true },
		.describe = describe,
		.enter = enter,
		.kernel = &nbi,
	};
	int ret = nbi_parse(load->image.bytes, &nbi, &ctx->err);

	if (!ret)
		ret = check(ctx, load, &nbi);
	if (ret)
		return ret;
	boot.entry = nbi.entry;
	plan->started_by = nbi.is_32bit ? "its 32-bit entry" : "its 16-bit entry, in real mode";
	x86_reach_4g(plan);
	ret = place(ctx, load, &nbi, plan);
	if (ret)
		return ret;
	x86_limit_places(&boot, "nbi_stack above 0x3000");
	if (!nbi.is_32bit) {
		x86_limit_low(&boot.data.placement, "nbi_stack below 640 KiB");
		x86_limit_low(&boot.purgatory, "purgatory below 640 KiB");
	}
	return boot_plan(ctx, load, &boot, plan);
}
