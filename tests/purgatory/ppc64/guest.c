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

/* Tests from which purgatory does not come back, besides those that all guests have. */
enum terminal {
	NO_ENTRY = 3,
	NO_RTAS = 9,
	RTAS_TOO_HIGH,
	RTAS_COMES_BACK,
	UNALIGNED_ENTRY,
};

#define DATA_A 0x2000000ul
#define DATA_A_SIZE 70001ul
#define DATA_B 0x3000ff0ul
#define DATA_B_SIZE 64ul
#define TREE 0x3800000ul
#define TREE_SIZE 96ul
#define TREE_VERSION 20
#define TREE_BOOT_CPU 28
#define WORD (TREE + 0x41)
#define WORD_BYTES 0x72756e31
#define SCRATCH 0x4000000ul
#define NO_MEMORY (1ul << 40)
#define CPU 0x2a0b0c0dul
#define RTAS_BASE 0x12345678ul
#define BEHIND 64 /* bytes that do not belong to purgatory */
/* QEMU's tokens */
#define RTAS_POWER_OFF 0x2003
#define RTAS_REBOOT 0x2004

const uint64_t places[] = { 0x1000000, 0x3ffff000, 0x123456000 };
const size_t places_count = sizeof(places) / sizeof(places[0]);

static uint64_t end; /* of the image */
static unsigned int terminal;

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

static _Noreturn void power_off(void)
{
	static const uint32_t args[] = { RTAS_POWER_OFF, 2, 1, 0, 0, 0 };

	hcall(H_RTAS, (uint64_t)args, 0, 0, 0);
	for (;;)
		;
}

void guest_fault(uint64_t srr0, uint64_t srr1);
void guest_fault(uint64_t srr0, uint64_t srr1)
{
	say("not ok - an exception, SRR0 and SRR1: ");
	say_hex(srr0);
	say(" ");
	say_hex(srr1);
	say("\n");
	power_off();
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

/* Behind the first instruction there is the head of the next kernel. */
void load(const struct image *which, uint64_t address)
{
	put_image(which, address);
	end = base + own32(((const struct purgatory_header *)at(base))->memory_size);
	memset(at(end), 0xa5, BEHIND);
	params->flags = own32(PURGATORY_VERIFY);
	params->serial_kind = own32(PURGATORY_SERIAL_HVTERM);
	params->serial_base = own64(TERMINAL);
	params->ticks_per_ms = own32(512000);
	set_state(&params->cpu.ppc64);
	make_tree(17);
	add_region(DATA_A, DATA_A_SIZE, "kernel");
	add_region(DATA_B, DATA_B_SIZE, "a name of 23 characters");
	add_region(TREE, TREE_SIZE, "tree");
	fill(base + PURGATORY_PPC64_BRANCH, PURGATORY_PPC64_HEAD - PURGATORY_PPC64_BRANCH, 4);
}

/* What purgatory must not write: what other CPUs execute, where that comes from, what follows. */
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
	for (i = 0; i < BEHIND; i++)
		expect_equal("byte behind the image", *(uint8_t *)at(end + i), 0xa5);
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
	enter(base, swapped ? msr | MSR_LE : msr, CPU);

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

static void test_place(const struct image *which, uint64_t place)
{
	load(which, place);
	run();
	result("verifies and hands over the state that was asked for");
}

static void test_options(void)
{
	load(&images[0], places[0]);
	params->flags = 0;
	memset(params->region[0].digest, 0, 32);
	run();
	result("verifies nothing if not asked to");

	load(&images[0], places[0]);
	params->serial_kind = own32(PURGATORY_SERIAL_NONE);
	run();
	result("runs without a console");

	load(&images[0], places[0]);
	params->serial_base = own64(0x12345678);
	run();
	result("survives a console that there is not");

	load(&images[0], places[0]);
	params->region_count = 0;
	while (own32(params->region_count) < PURGATORY_MAX_REGIONS)
		add_region(DATA_A + own32(params->region_count), own32(params->region_count) * 13,
			   "many");
	params->ticks_per_ms = 0;
	run();
	result("verifies 16 regions of odd sizes and addresses");

	/* Its bss and data are dirty, as when a blob is entered again. */
	run();
	result("runs again where it ran");
}

static void test_handover(void)
{
	load(&images[0], places[0]);
	make_tree(1);
	params->region_count = own32(2);
	run();
	result("leaves a tree alone that is too old to name the CPU");

	load(&images[0], places[0]);
	params->cpu.ppc64.tree = 0;
	run();
	result("does without a tree");

	load(&images[0], places[0]);
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
	if (terminal == RTAS_COMES_BACK)
		args[3] = (uint32_t)-1;
	else
		hcall(H_RTAS, (uint64_t)args, 0, 0, 0);
}

/* Purgatory must end these by itself; coming back is the failure. */
static void test_terminal(void)
{
	uint64_t msr = read_msr();

	load(&images[0], places[terminal == RTAS_TOO_HIGH ? 2 : 0]);
	spoil(terminal, NO_MEMORY, SCRATCH);
	switch (terminal) {
	case NO_RTAS:
		params->cpu.ppc64.rtas_entry = 0;
		/* fall through */
	case RTAS_TOO_HIGH:
	case RTAS_COMES_BACK: spoil(FIRST_DAMAGED_REBOOT, NO_MEMORY, SCRATCH); break;
	case NO_ENTRY: params->cpu.ppc64.pc = 0; break;
	case UNALIGNED_ENTRY: params->cpu.ppc64.pc = own64(0x123456789abcd002); break;
	}
	say("entering purgatory\n");
	enter(base, swapped ? msr | MSR_LE : msr, CPU);
	say("not ok - purgatory came back\n");
	power_off();
}

void main(void);
void main(void)
{
	terminal = (unsigned int)*(volatile uint64_t *)CONFIG_ADDRESS;
	fill(DATA_A, DATA_A_SIZE, 1);
	fill(DATA_B, DATA_B_SIZE, 2);
	if (terminal)
		test_terminal();
	at_places(test_place);
	test_options();
	test_handover();
	test_copies(SCRATCH);
	test_copy(0, SCRATCH, 0x10000);
	say("done\n");
	power_off();
}
