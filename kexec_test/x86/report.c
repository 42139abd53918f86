/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report: the state of the CPU, and then the loader's tables. */
#include "payload.h"

#define DESCRIPTOR_SIZE 8

static void print_registers(const struct state *state)
{
	static const char names[16][4] = { "ax", "bx", "cx",  "dx",  "si",  "di",  "sp",  "bp",
					   "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15" };
	static const uint8_t number[8] = { RAX, RBX, RCX, RDX, RSI, RDI, RSP, RBP };
	bool wide = state->mode == 64;
	unsigned int i;

	for (i = 0; i < (wide ? 16u : 8u); i++) {
		print("%s%s: ", i >= 8 ? "" : wide ? "r" : "e", names[i]);
		print_register(state->reg[i < 8 ? number[i] : i], wide ? 16 : 8);
		print("%s", i % 4 == 3 ? "\n" : " ");
	}
	print_field(wide ? "rflags" : "eflags", state->flags, 8);
}

static void print_segments(const struct state *state)
{
	static const char names[6][3] = { "es", "cs", "ss", "ds", "fs", "gs" };
	unsigned int i;

	for (i = 0; i < 6; i++) {
		print("%s: ", names[i]);
		print_hex(state->segment[i], 4);
		print("%s", i == 5 ? "\n" : " ");
	}
}

static void print_table_register(const char *name, uint16_t limit, uint64_t base, bool wide)
{
	print("%s: ", name);
	print_register(limit, 8);
	print(" ");
	print_register(base, wide ? 16 : 8);
	print("\n");
}

static void print_control(const struct state *state)
{
	unsigned int digits = state->mode == 64 ? 16 : 8;

	print_field("cr0", state->cr0, digits);
	print_field("cr3", state->cr3, digits);
	print_field("cr4", state->cr4, digits);
	print_field("efer", read_efer(), 16);
	print_table_register("idt", state->idt.limit, state->idt.base, digits == 16);
	print_table_register("gdt", state->gdt.limit, state->gdt.base, digits == 16);
	print("a20: %s\n", state->a20 == A20_MARK ? "on" : "off");
	if (state->mode == 16) {
		print_field("interrupt masks", state->masks, 4);
		print("Base memory size: ");
		print_hex(state->low_memory, 4);
		print("\n");
		return;
	}
	print_field("ldt", state->ldt, 4);
	print_field("tr", state->tr, 4);
}

static void print_descriptor(const struct state *state, uint16_t selector)
{
	unsigned int offset = selector & 0xfff8u;
	const uint8_t *p;

	print("descriptor ");
	print_hex(selector, 4);
	print(": ");
	if (selector & 4 || offset + DESCRIPTOR_SIZE - 1 > state->gdt.limit) {
		print("not in the gdt\n");
		return;
	}
	if (!peek(state->gdt.base + offset, DESCRIPTOR_SIZE, &p))
		return;
	print_hex(u64_at(p), 16);
	print("\n");
}

/* Prints the descriptor of each selector in use, once. */
static void print_descriptors(const struct state *state)
{
	unsigned int i, j;

	for (i = 0; i < 6; i++) {
		for (j = 0; j < i && state->segment[j] != state->segment[i]; j++)
			;
		if (j == i)
			print_descriptor(state, state->segment[i]);
	}
}

/* A C function's caller leaves a return address here, and in 32-bit mode an argument. */
static void print_stack(const struct state *state, uint64_t word[2])
{
	unsigned int size = state->mode / 8;
	const uint8_t *p;

	word[0] = word[1] = 0;
	if (!peek(state->reg[RSP], 2 * size, &p))
		return;
	word[0] = size == 8 ? u64_at(p) : u32_at(p);
	word[1] = size == 8 ? u64_at(p + 8) : u32_at(p + 4);
	print("stack: ");
	print_hex(word[0], 2 * size);
	print(" ");
	print_hex(word[1], 2 * size);
	print("\n");
}

/* Chooses the tables by the magic number in eax, else by the registers and the stack. */
static void print_tables(const struct state *state, uint64_t argument)
{
	if (state->mode == 32 && state->reg[RAX] == MULTIBOOT_MAGIC) {
		print_multiboot(state->reg[RBX]);
		return;
	}
	if (state->mode == 32 && state->reg[RAX] == MULTIBOOT2_MAGIC) {
		print_multiboot2(state->reg[RBX]);
		return;
	}
	if ((state->reg[RBX] && print_pvh(state->reg[RBX])) ||
	    (state->reg[RSI] && print_boot_params(state->reg[RSI])) ||
	    (state->reg[RDI] && print_boot_notes(state->reg[RDI])) ||
	    (argument && print_boot_notes(argument)))
		return;
	print("arguments: none\n");
}

void report(const struct state *state, uint64_t entry, uint32_t distance, uint64_t boot_params)
{
	uint64_t word[2];

	print("kexec_test %s starting...\n", PACKAGE_VERSION);
	print("entered at 0x%llx in %u-bit mode%s\n", (unsigned long long)entry,
	      (unsigned int)state->mode,
	      distance == ENTRY_PVH	     ? " for PVH"
	      : distance == ENTRY_MULTIBOOT2 ? " for multiboot 2"
					     : "");
	print_registers(state);
	print_segments(state);
	print_control(state);
	if (boot_params) {
		print_boot_params(boot_params);
		return;
	}
	print_descriptors(state);
	print_stack(state, word);
	print_tables(state, state->mode == 32 ? word[1] : 0);
}
