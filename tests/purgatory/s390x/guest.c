/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the s390x purgatory on a bare machine (QEMU's s390-ccw-virtio), as a kernel
 * does that restarts the CPU, that asks for the checksums, and that has crashed,
 * and compares what they find with what was asked (doc/purgatory-abi.md).
 * Results go to the service element's terminal, like purgatory's own lines.
 */
#include "guest.h"

/* Terminal tests of this arch alone. */
enum {
	DAMAGED_CRASH_KERNEL = FIRST_OF_ARCH,
	SMALL_CRASH_AREA,
	ASKED_DAMAGED,
	DAMAGED_BEYOND_31_BITS,
	ASKED_BEYOND_31_BITS,
};

#define LOWCORE 0x2000ul
#define RESERVED 0x10000ul
#define CRASH_SIZE 0x800000ul
#define CRASH_KERNEL_PC 0x10010ul

#define OLD_LOW 0x9000000ul
#define OLD_CRASH 0xa000000ul
#define OLD_LOWCORE 0xb000000ul
#define PREFIX 0xb010000ul

#define CR0_LOW_ADDRESS_PROTECTION (1ul << 28)
#define CR0_CLOCK_COMPARATOR (1ul << 11)

#define BEYOND_31_BITS 0x102002000ul

static struct registers entered;
static void (*enter)(uint64_t) = enter_31bit;

static struct {
	uint16_t length;
	uint8_t function, control[3];
	uint16_t response;
	uint16_t event_length;
	uint8_t type, flags;
	uint16_t reserved;
	union {
		char text[128];
		struct {
			uint16_t length, type;
			uint32_t tag, revision;
			uint16_t general_length, general_type;
			uint8_t general[52];
			uint16_t text_length, text_type, text_flags;
			uint8_t unused[4];
			uint8_t text[128];
		} __attribute__((packed)) message;
	};
} __attribute__((packed, aligned(4096))) block;

static char line[128];
static unsigned int used;

static void send(uint8_t type, size_t size)
{
	block.type = type;
	block.event_length = (uint16_t)(6 + size);
	block.length = (uint16_t)(14 + size);
	service_call(0x00760005, &block);
}

/* To the terminal, or to the operator if there is none. */
static void send_line(void)
{
	/* From ' ' to 'z' */
	static const char ebcdic[] =
		"\x40\x4f\x7f\x7b\x5b\x6c\x50\x7d\x4d\x5d\x5c\x4e\x6b\x60\x4b\x61"
		"\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\x7a\x5e\x4c\x7e\x6e\x6f"
		"\x7c\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xd1\xd2\xd3\xd4\xd5\xd6"
		"\xd7\xd8\xd9\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\x4a\xe0\x5a\x5f\x6d"
		"\x79\x81\x82\x83\x84\x85\x86\x87\x88\x89\x91\x92\x93\x94\x95\x96"
		"\x97\x98\x99\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9";
	unsigned int i;

	memset(&block, 0, sizeof(block));
	memcpy(block.text, line, used);
	send(0x1a, used);
	if (block.response == 0x0020)
		return;
	memset(&block, 0, sizeof(block));
	used--; /* the end of the line */
	for (i = 0; i < used; i++)
		block.message.text[i] = (uint8_t)ebcdic[line[i] - ' '];
	block.message.length = (uint16_t)(12 + 56 + 10 + used);
	block.message.type = 1;
	block.message.tag = 0xd4c4c240;
	block.message.revision = 1;
	block.message.general_length = 56;
	block.message.general_type = 1;
	block.message.text_length = (uint16_t)(10 + used);
	block.message.text_type = 4;
	block.message.text_flags = 0x1000;
	send(0x02, 12 + 56 + 10 + used);
}

void say(const char *s)
{
	for (; *s; s++) {
		line[used++] = *s;
		if (*s != '\n')
			continue;
		send_line();
		used = 0;
	}
}

/* An address that QEMU takes as: the guest is done. */
_Noreturn void power_off(void)
{
	static const uint64_t psw[2] = { 0x0002000180000000, 0xfff };

	for (;;)
		__asm__ volatile("lpswe %0" : : "Q"(psw));
}

void program_fault(void);
static void take_faults(void)
{
	uint64_t *psw = at(0x1d0);

	psw[0] = PSW_64BIT;
	psw[1] = (uint64_t)program_fault;
}

/* Compares words of 8 bytes, and names the first that differs. */
static void expect_same(const char *what, uint64_t a, uint64_t b, uint64_t size)
{
	const uint64_t *x = at(a), *y = at(b);
	uint64_t i;

	for (i = 0; i < size / 8; i++)
		if (x[i] != y[i]) {
			expect_equal(what, a + 8 * i, 0);
			return;
		}
}

static void fill_words(uint64_t address, uint64_t size, uint64_t seed)
{
	uint64_t *p = at(address);

	for (; size; size -= 8) {
		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		*p++ = seed;
	}
}

static void copy_words(uint64_t to, uint64_t from, uint64_t size)
{
	uint64_t *d = at(to), *s = at(from);

	for (; size; size -= 8)
		*d++ = *s++;
}

void set_params(void)
{
	const struct purgatory_header *header = at(base);

	expect_equal("fits into the reserved memory", header->memory_size <= RESERVED - LOWCORE, 1);
	params->serial_kind = PURGATORY_SERIAL_SCLP;
	params->cpu.s390x.psw_mask = PSW_64BIT;
	params->cpu.s390x.pc = (uint64_t)payload;
}

static uint64_t exchange_cr0(uint64_t value)
{
	uint64_t old;

	__asm__ volatile("stctg %%c0,%%c0,%0" : "=Q"(old));
	__asm__ volatile("lctlg %%c0,%%c0,%0" : : "Q"(value));
	return old;
}

void enter_purgatory(void)
{
	seal();
	enter(base);
}

/* Enters purgatory and checks the state that the payload was given. */
void run(void)
{
	uint64_t skip = enter == enter_restarted ? 8 : 0; /* the PSW to restart with */
	uint64_t cr0 = enter == enter_restarted ? 0 : CR0_LOW_ADDRESS_PROTECTION, old_cr0;
	uint32_t i;

	memset(&report, 0x5a, sizeof(report));
	copy_words(OLD_LOWCORE, 0, LOWCORE);
	old_cr0 = exchange_cr0(cr0);
	read_system(&entered);
	enter_purgatory();
	exchange_cr0(old_cr0);

	expect_same("lowcore", skip, OLD_LOWCORE + skip, LOWCORE - skip);
	expect_equal("PSW mask", report.psw_mask, params->cpu.s390x.psw_mask);
	expect_equal("prefix", report.prefix, 0);
	if (enter != enter_restarted)
		for (i = 0; i < 16; i++)
			expect_equal("control register", report.cr[i], entered.cr[i]);
}

static void run_by(void (*way)(uint64_t))
{
	enter = way;
	run();
	enter = enter_31bit;
}

static void test_entries(const struct image *which, uint64_t place)
{
	load(which, place);
	run();
	result("verifies and hands over, entered with 31-bit addresses");
	if (memory_end == LITTLE_MEMORY)
		return;
	load(which, place);
	run_by(enter_restarted);
	result("verifies and hands over, entered by a restart");
}

static void test_addresses(void)
{
	if (BEYOND_31_BITS < memory_end) {
		load_first();
		fill(BEYOND_31_BITS, DATA_A_SIZE, 3);
		add_region(BEYOND_31_BITS, DATA_A_SIZE, "beyond 2 GiB");
		run();
		result("verifies what lies beyond 2 GiB");
	}

	load_first();
	params->cpu.s390x.psw_mask = PSW_31BIT;
	run();
	result("hands over with 31-bit addresses");
}

/* What a crash kernel is made of: offsets from where it was loaded, in no order. */
static const struct {
	uint64_t start, end;
} loaded[] = {
	{ 0x400000, 0x4186a0 }, { 0x7f0201, 0x7f5fff }, /* begins and ends inside a page */
	{ 0xf800, 0x2e171 }, /* begins where purgatory may lie */
	{ 0x4186c0, 0x419005 }, /* begins in the page where another ends */
	{ 0x800, 0x1100 }, /* where the lowcore is saved */
};

#define LOADED (sizeof(loaded) / sizeof(loaded[0]))

static bool is_loaded(uint64_t page)
{
	size_t i;

	for (i = 0; i < LOADED; i++)
		if (page >= RESERVED && page + 4096 > loaded[i].start && page < loaded[i].end)
			return true;
	return false;
}

static void load_crash_kernel(const struct image *which, uint64_t address)
{
	uint64_t crash = address - LOWCORE;
	size_t i;

	fill_words(LOWCORE, CRASH_SIZE - LOWCORE, 11);
	fill_words(crash, CRASH_SIZE, 12);
	memcpy(at(crash + CRASH_KERNEL_PC), entry_point, (size_t)(entry_point_end - entry_point));
	put_image(which, address);
	params->flags = PURGATORY_VERIFY;
	set_params();
	for (i = 0; i < LOADED; i++)
		add_region(crash + loaded[i].start, loaded[i].end - loaded[i].start, "part");
	params->cpu.s390x.pc = CRASH_KERNEL_PC;
	params->cpu.s390x.crash_base = crash;
	params->cpu.s390x.crash_size = CRASH_SIZE;
}

/* Asks as a kernel does: with a prefix, protection of low addresses, an interruption pending. */
static void ask(uint64_t verdict)
{
	const uint64_t now = 0;
	uint64_t old_cr0;
	uint32_t i;

	copy_words(OLD_LOW, LOWCORE, RESERVED - LOWCORE);
	fill_words(PREFIX, LOWCORE, 13);
	copy_words(PREFIX + 0x1d0, 0x1d0, 16);
	copy_words(OLD_LOWCORE, PREFIX, LOWCORE);
	old_cr0 = exchange_cr0(CR0_LOW_ADDRESS_PROTECTION | CR0_CLOCK_COMPARATOR);
	__asm__ volatile("sckc %0" : : "Q"(now));
	read_system(&entered);
	memset(&report, 0x5a, sizeof(report));
	seal();
	check(base, PREFIX);
	exchange_cr0(old_cr0);

	expect_equal("verdict", report.result, verdict);
	expect_same("lowcore", PREFIX, OLD_LOWCORE, LOWCORE);
	expect_same("low memory", LOWCORE, OLD_LOW, RESERVED - LOWCORE);
	expect_equal("prefix", report.prefix, PREFIX);
	/* Of the program mask and the condition code a caller expects nothing. */
	expect_equal("PSW mask", report.psw_mask & ~0x00003f0000000000,
		     entered.psw_mask & ~0x00003f0000000000);
	for (i = 0; i < 16; i++)
		expect_equal("control register", report.cr[i], entered.cr[i]);
	for (i = 6; i < 16; i++)
		if (i != 14)
			expect_equal("register", report.gpr[i], GARBAGE + i);
}

static void run_crash_kernel(void)
{
	const struct purgatory_header *header = at(base);
	uint64_t crash = params->cpu.s390x.crash_base, page, size = header->memory_size;

	copy_words(OLD_LOW, 0, CRASH_SIZE);
	copy_words(OLD_CRASH, crash, CRASH_SIZE);
	run_by(enter_crashed);

	expect_same("crash area, the first pages", crash, OLD_LOW, LOWCORE);
	expect_same("low memory, reserved", LOWCORE, OLD_LOW + LOWCORE, RESERVED - LOWCORE);
	size = (size + 7) & ~7ul;
	expect_same("crash area, after purgatory", base + size, OLD_CRASH + LOWCORE + size,
		    RESERVED - LOWCORE - size);
	for (page = RESERVED; page < CRASH_SIZE; page += 4096) {
		expect_same("crash area", crash + page, OLD_LOW + page, 4096);
		expect_same("low memory", page, (is_loaded(page) ? OLD_CRASH : OLD_LOW) + page,
			    4096);
	}
}

static void test_crash_kernel(const struct image *which, uint64_t address)
{
	load_crash_kernel(which, address);
	ask(0);
	result("finds a crash kernel intact");

	((uint8_t *)at(params->cpu.s390x.crash_base))[0x2e170] ^= 1;
	ask(1);
	result("finds a crash kernel damaged");
	((uint8_t *)at(params->cpu.s390x.crash_base))[0x2e170] ^= 1;
	ask(0);
	result("finds a crash kernel intact again");

	run_crash_kernel();
	result("exchanges memory and starts a crash kernel");
}

static void ask_area(uint64_t base_of_area, uint64_t size)
{
	params->cpu.s390x.crash_base = base_of_area;
	params->cpu.s390x.crash_size = size;
	unseal();
	ask(1);
}

static void test_crash(void)
{
	at_places(test_crash_kernel);
	if (BEYOND_31_BITS < memory_end)
		test_crash_kernel(&images[0], BEYOND_31_BITS);

	load_crash_kernel(&images[0], places[0]);
	params->flags = 0;
	memset(params->piece_digest[0], 0, 32);
	ask(0);
	result("finds nothing to complain of if not asked to verify");
	run_crash_kernel();
	result("starts a crash kernel that was not verified");

	load_crash_kernel(&images[0], places[0]);
	params->region_count = PURGATORY_MAX_REGIONS + 1;
	ask(1);
	result("finds too many regions");

	load_crash_kernel(&images[0], places[0]);
	ask_area(params->cpu.s390x.crash_base, CRASH_SIZE + 1);
	ask_area(params->cpu.s390x.crash_base, RESERVED - 4096);
	ask_area(params->cpu.s390x.crash_base, params->cpu.s390x.crash_base + 4096);
	ask_area(params->cpu.s390x.crash_base - 0x7000, CRASH_SIZE);
	ask_area(params->cpu.s390x.crash_base + 0x8000, CRASH_SIZE);
	result("finds crash areas that cannot be");
}

/* Asks for the checksums, which differ, and ends. */
static void ask_damaged(uint64_t address)
{
	(void)address;
	ask(1);
	power_off();
}

void spoil_machine(unsigned int test)
{
	bool beyond = test == DAMAGED_BEYOND_31_BITS || test == ASKED_BEYOND_31_BITS;
	bool asked = test == ASKED_DAMAGED || test == ASKED_BEYOND_31_BITS;

	if (test == NO_ENTRY)
		params->cpu.s390x.pc = 0;
	if (test < FIRST_OF_ARCH || test >= NO_REGIONS)
		return;
	load_crash_kernel(&images[0], beyond ? BEYOND_31_BITS : places[0]);
	enter = asked ? ask_damaged : enter_crashed;
	if (test == SMALL_CRASH_AREA)
		params->cpu.s390x.crash_size = RESERVED - 4096;
	else
		((uint8_t *)at(params->cpu.s390x.crash_base))[0x400000] ^= 1;
}

void prepare_machine(void)
{
	take_faults();
}

void test_machine(void)
{
	at_places(test_entries);
	test_common();
	test_addresses();
	test_crash();
}
