/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs ppc64 purgatories of either byte order on a bare machine (QEMU's pseries)
 * and compares the state that the payload is handed with what was asked
 * (doc/purgatory-abi.md).  The hypervisor has a terminal for the results and
 * one for purgatory.  This guest is big-endian: what it shares with a
 * little-endian purgatory goes through own32() and own64().
 */
#include "guest.h"

#define H_PUT_TERM_CHAR 0x58
#define H_RTAS 0xf000 /* QEMU's */
#define TERMINAL 0x71000001
#define REPORT_TERMINAL 0x71000002

/* Terminal tests of this arch alone. */
enum {
	NO_RTAS = FIRST_OF_ARCH,
	RTAS_TOO_HIGH,
	RTAS_COMES_BACK,
	UNALIGNED_ENTRY,
};

#define TREE 0x3800000ul
#define TREE_SIZE 96ul
#define TREE_VERSION 20
#define TREE_BOOT_CPU 28
#define WORD (TREE + 0x41)
#define WORD_BYTES 0x72756e31
#define CPU 0x2a0b0c0dul
#define RTAS_BASE 0x12345678ul
#define AFTER 64 /* bytes that do not belong to purgatory */
/* QEMU's tokens */
#define RTAS_POWER_OFF 0x2003
#define RTAS_REBOOT 0x2004

static uint64_t end; /* of the image */
static bool rtas_comes_back;

void say(const char *s)
{
	union {
		char text[16];
		uint64_t words[2];
	} chunk;
	uint64_t size;

	while (*s) {
		for (size = 0; size < sizeof(chunk) && *s; size++)
			chunk.text[size] = *s++;
		hcall(H_PUT_TERM_CHAR, REPORT_TERMINAL, size, chunk.words[0], chunk.words[1]);
	}
}

_Noreturn void power_off(void)
{
	static const uint32_t args[] = { RTAS_POWER_OFF, 2, 1, 0, 0, 0 };

	hcall(H_RTAS, (uint64_t)args, 0, 0, 0);
	for (;;)
		;
}

static uint32_t word_at(uint64_t address)
{
	uint32_t value;

	memcpy(&value, at(address), sizeof(value));
	return value;
}

static void set_word(uint64_t address, uint32_t value)
{
	memcpy(at(address), &value, sizeof(value));
}

static void make_tree(uint32_t version)
{
	fill(TREE, TREE_SIZE, 3);
	set_word(TREE + TREE_VERSION, version);
}

static void set_state(struct purgatory_ppc64_state *state)
{
	uint64_t i;

	for (i = 0; i < 7; i++)
		state->r[i] = own64(0x1122334455667700 + i);
	state->pc = own64((uint64_t)payload);
	state->tree = own64(TREE);
	state->word_address = own64(WORD);
	state->word = own64(WORD_BYTES);
	state->rtas_entry = own64((uint64_t)rtas);
	state->rtas_base = own64(RTAS_BASE);
	state->rtas_reboot = own64(RTAS_REBOOT);
}

/* After the first instruction, the image contains the head of the next kernel. */
void set_params(void)
{
	end = base + own32(((const struct purgatory_header *)at(base))->memory_size);
	memset(at(end), 0xa5, AFTER);
	params->serial_kind = own32(PURGATORY_SERIAL_HVTERM);
	params->serial_base = own64(TERMINAL);
	params->ticks_per_ms = own32(512000);
	set_state(&params->cpu.ppc64);
	make_tree(17);
	add_region(TREE, TREE_SIZE, "tree");
	fill(base + PURGATORY_PPC64_BRANCH, PURGATORY_PPC64_HEAD - PURGATORY_PPC64_BRANCH, 4);
}

void enter_purgatory(void)
{
	uint64_t msr = read_msr();

	seal();
	enter(base, swapped ? msr | MSR_LE : msr, CPU);
}

/* Purgatory must not write to the code of other CPUs, its source, and memory after the image. */
static void expect_untouched(void)
{
	uint8_t head[PURGATORY_PPC64_HEAD];
	uint64_t i;

	fill((uint64_t)head, PURGATORY_PPC64_HEAD - PURGATORY_PPC64_BRANCH, 4);
	expect_equal("head of the image",
		     same(head, at(base + PURGATORY_PPC64_BRANCH),
			  PURGATORY_PPC64_HEAD - PURGATORY_PPC64_BRANCH),
		     1);
	for (i = 0; i < 4 * LOW_WORDS; i += 4)
		expect_equal("word at the start of memory", word_at((uint64_t)at(i)), LOW_WORD);
	for (i = 0; i < AFTER; i++)
		expect_equal("byte after the image", *(uint8_t *)at(end + i), 0xa5);
}

/* Enters purgatory and looks at all that it was to do, and not to do. */
void run(void)
{
	const struct purgatory_ppc64_state *state = &params->cpu.ppc64;
	uint32_t cpu = word_at(TREE + TREE_BOOT_CPU), word = word_at(WORD);
	bool has_cpu = state->tree && word_at(TREE + TREE_VERSION) >= 2;
	uint64_t msr = read_msr();
	uint32_t i;

	memset(&report, 0x5a, sizeof(report));
	enter_purgatory();

	for (i = 0; i < 7; i++)
		expect_equal("register", report.r[i], own64(state->r[i]));
	expect_equal("MSR", report.msr, msr);
	expect_equal("boot CPU of the tree", word_at(TREE + TREE_BOOT_CPU), has_cpu ? CPU : cpu);
	expect_equal("word", word_at(WORD), state->word_address ? WORD_BYTES : word);
	expect_untouched();
	set_word(TREE + TREE_BOOT_CPU, cpu);
	set_word(WORD, word);
	if (own32(params->flags) & PURGATORY_VERIFY)
		expect_intact();
}

static void test_handover(void)
{
	load_first();
	params->serial_base = own64(0x12345678);
	run();
	result("survives a console that there is not");

	load_first();
	make_tree(1);
	params->region_count = own32(2);
	params->piece_count = own32(2);
	run();
	result("leaves a tree alone that is too old to name the CPU");

	load_first();
	params->cpu.ppc64.tree = 0;
	run();
	result("does without a tree");

	load_first();
	params->cpu.ppc64.word_address = 0;
	run();
	result("does without a word to write");
}

/* Like the firmware that it stands for, it says nothing if it was called as it should be. */
void rtas_called(uint32_t *args, uint64_t rtas_base, uint64_t msr);
void rtas_called(uint32_t *args, uint64_t rtas_base, uint64_t msr)
{
	expect_equal("RTAS: MSR", msr & (1ul << MSR_SF_SHIFT | MSR_LE | MSR_IR | MSR_DR | MSR_EE),
		     0);
	expect_equal("RTAS: base", rtas_base, RTAS_BASE);
	expect_equal("RTAS: token", args[0], RTAS_REBOOT);
	expect_equal("RTAS: inputs", args[1], 0);
	expect_equal("RTAS: outputs", args[2], 1);
	if (rtas_comes_back)
		args[3] = (uint32_t)-1;
	else
		hcall(H_RTAS, (uint64_t)args, 0, 0, 0);
}

void spoil_machine(unsigned int test)
{
	switch (test) {
	case NO_RTAS:
		params->cpu.ppc64.rtas_entry = 0;
		spoil(FIRST_DAMAGED_REBOOT);
		break;
	case RTAS_TOO_HIGH:
		load(&images[0], places[2]);
		spoil(FIRST_DAMAGED_REBOOT);
		break;
	case RTAS_COMES_BACK:
		rtas_comes_back = true;
		spoil(FIRST_DAMAGED_REBOOT);
		break;
	case NO_ENTRY: params->cpu.ppc64.pc = 0; break;
	case UNALIGNED_ENTRY: params->cpu.ppc64.pc = own64(0x123456789abcd002); break;
	}
}

void prepare_machine(void)
{
}

void test_machine(void)
{
	at_places(test_place);
	test_common();
	test_handover();
	test_copy(0, SCRATCH, 0x10000);
}
