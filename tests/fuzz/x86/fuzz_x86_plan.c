/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans for any image of a PC.  The first byte has the options, the second the number of modules,
 * the memory and the running kernel; the image follows.
 */
#include "fuzz.h"
#include "kexec/arch/x86/multiboot.h"
#include "kexec/arch/x86/nbi.h"
#include "kexec/arch/x86/x86.h"

#define PROTECTED_END (4ull << 30)

/* The bytes at a physical address, up to the end of their segment. */
static struct bytes at(const struct plan *plan, uint64_t address)
{
	for (size_t i = 0; i < plan->segments; i++) {
		const struct segment *s = &plan->segment[i];

		if (s->range.start <= address && address - s->range.start < s->bytes.size)
			return bytes_from(s->bytes, address - s->range.start);
	}
	must(!"an address in no segment");
	return (struct bytes){ 0 };
}

static void check_text(const struct plan *plan, uint64_t address)
{
	struct bytes text = at(plan, address);

	must(strnlen((const char *)text.data, text.size) < text.size);
}

static void check_module(const struct plan *plan, const uint8_t *p)
{
	uint32_t start = get_le32(p), end = get_le32(p + 4);

	must(start < end && start % 4096 == 0 && at(plan, start).size >= end - start);
}

static void check_multiboot1(const struct plan *plan, struct bytes info)
{
	uint32_t flags = get_le32(info.data), count = get_le32(info.data + 20);

	must(info.size >= 120);
	check_text(plan, get_le32(info.data + 16));
	check_text(plan, get_le32(info.data + 64));
	must(at(plan, get_le32(info.data + 48)).size >= get_le32(info.data + 44));
	must(!count == !(flags & 8));
	for (uint32_t i = 0; i < count; i++) {
		struct bytes module = at(plan, get_le32(info.data + 24) + 16 * i);

		check_module(plan, module.data);
		check_text(plan, get_le32(module.data + 8));
	}
}

static void check_multiboot2(const struct plan *plan, struct bytes info)
{
	uint32_t size, offset = 8;

	must(get_le32(info.data) == info.size);
	for (; get_le32(info.data + offset); offset += (size + 7) & ~7u) {
		size = get_le32(info.data + offset + 4);
		must(size >= 8 && bytes_has(info, offset, size + 8));
		if (get_le32(info.data + offset) == 3)
			check_module(plan, info.data + offset + 8);
	}
	must(offset + 8 == info.size);
}

/* struct hvm_start_info */
static void check_pvh(const struct plan *plan, struct bytes info)
{
	must(info.size > 56 && get_le32(info.data) == 0x336ec578);
	check_text(plan, get_le64(info.data + 24));
	must(at(plan, get_le64(info.data + 40)).size >= get_le32(info.data + 48) * 24);
}

/* The words on the stack are the last of the segment. */
static void check_nbi(const struct plan *plan)
{
	const struct purgatory_x86_state *state = &plan->params.cpu.x86;
	bool real = state->mode == 16;
	uint64_t stack = (real ? (uint64_t)state->segment[2] * 16 : 0) +
			 state->reg[PURGATORY_X86_RSP];

	must(plan->kernel_entry ==
	     (real ? (uint64_t)state->segment[1] * 16 + state->ip : state->ip));
	at(plan, plan->kernel_entry);
	must(at(plan, stack).size == (real ? 12 : 16));
}

static void check_mode(const struct plan *plan, const struct arch *arch)
{
	const struct purgatory_x86_state *state = &plan->params.cpu.x86;
	uint64_t top = 0;

	for (size_t i = 0; i < plan->segments; i++)
		if (plan->segment[i].range.end > top)
			top = plan->segment[i].range.end;
	must(!plan->wants_purgatory || state->mode == 64 || top <= PROTECTED_END);
	must(arch->bits == 64 || (state->mode != 64 && top <= PROTECTED_END));
	if (state->mode == 16)
		must(at(plan, (uint64_t)state->segment[1] * 16 + state->ip).size >
		     state->reg[PURGATORY_X86_RSP] - 0x200);
	else
		at(plan, plan->kernel_entry);
	if (state->reg[0] == 0x2badb002)
		check_multiboot1(plan, at(plan, state->reg[3]));
	if (!state->reg[0] && state->reg[3])
		check_pvh(plan, at(plan, state->reg[3]));
	if (state->reg[0] == 0x36d76289)
		check_multiboot2(plan, at(plan, state->reg[3]));
}

static int make_plan(struct ctx *ctx, struct load *load, struct plan *plan)
{
	int ret = arch_choose_type(ctx, load->arch, load->req, &load->image, &load->type);

	return ret ? ret : load->type->plan(ctx, load, plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory_entry map[] = { { { 0x400, 0x9f000 }, MEMORY_RAM },
					     { { 0x100000, 0x8000000 }, MEMORY_RAM },
					     { { 1ull << 32, 5ull << 30 }, MEMORY_RAM } };
	const struct module modules[] = { { "one x", { (const uint8_t *)"ONE", 3 } },
					  { "two", { (const uint8_t *)"TWO", 3 } } };
	const struct machine_x86 x86 = { .screen_info = { [0xf] = 1 } };
	struct request req = { .dry_run = true, .mem_max = UINT64_MAX, .kernel = "K" };
	struct load load = { .req = &req, .arch = &arch_x86_64, .module = modules };
	struct plan plan = { .page_size = 4096, .mem_max = UINT64_MAX };
	struct ctx ctx = { 0 };
	int ret;

	if (size < 2)
		return 0;
	req.real_mode = data[0] & 1;
	req.entry_32bit = data[0] & 2;
	req.elf_args = data[0] >> 2 & 3;
	req.command_line = data[0] & 0x10 ? "quiet" : NULL;
	req.type = data[0] & 0x20 ? "multiboot-x86" : NULL;
	load.arch = data[1] & 8 ? &arch_i386 : &arch_x86_64;
	load.modules = req.module_count = data[1] % 3;
	load.image = (struct image){ .name = "K", .bytes = { data + 2, size - 2 } };
	load.machine.arch = &x86;
	load.machine.map = (struct memory_map){ map, data[1] & 4 ? 3 : 2, "made" };
	for (size_t i = 0; i < load.machine.map.count; i++)
		range_set_add(&ctx.arena, &plan.ram, map[i].range);
	load.machine.ram = plan.ram;
	ret = make_plan(&ctx, &load, &plan);
	must_explain(ret, &ctx.err);
	if (!ret && load.type->plan == nbi_plan)
		check_nbi(&plan);
	else if (!ret)
		check_mode(&plan, load.arch);
	arena_free(&ctx.arena);
	return 0;
}
