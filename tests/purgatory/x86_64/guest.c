/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs purgatory on a bare machine, again and again, and compares the state that
 * its payload is handed with what was asked (doc/purgatory-abi.md).  Results go
 * to COM2, purgatory's own console is COM1.
 */
#include "guest.h"

#define COM1 0x3f8
#define COM2 0x2f8

/* Tests from which purgatory does not come back, besides those that all guests have. */
enum terminal {
	UNKNOWN_MODE = 3,
	UNMAPPED_CONSOLE = 7,
};

/* Where the tests put things; purgatory's own places are in the table below. */
#define DATA_A 0x2000000ul
#define DATA_A_SIZE 70001ul
#define DATA_B 0x3000000ul
#define DATA_B_SIZE 64ul
#define DATA_C 0x140000000ul
#define DATA_C_SIZE 50000ul
#define SCRATCH 0x4000000ul
#define UNMAPPED 0x300000000ul
#define HIGH 0xb0000000ul /* not every machine has memory here */

#define STACK_FOR_PAYLOAD 0x5000000ul

const uint64_t places[] = {
	0x1000000,
	0x90000,
	0xbfff0000, /* the last of the memory below 4 GiB */
	0x123456000,
};
const size_t places_count = sizeof(places) / sizeof(places[0]);

static const struct config *config;

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void say(const char *s)
{
	for (; *s; s++) {
		while (!(inb(COM2 + 5) & 0x20))
			;
		outb(COM2, (uint8_t)*s);
	}
}

void load(const struct image *which, uint64_t address)
{
	size_t i;

	put_image(which, address);
	params->flags = PURGATORY_VERIFY;
	params->serial_kind = PURGATORY_SERIAL_8250_IO;
	params->serial_base = COM1;
	params->serial_baud = 115200;
	params->ticks_per_ms = 1000000;
	add_region(DATA_A, DATA_A_SIZE, "kernel");
	add_region(DATA_B, DATA_B_SIZE, "a name of 23 characters");
	for (i = 0; i < 16; i++)
		params->cpu.x86.reg[i] = 0x1122334455667700 + i;
	params->cpu.x86.reg[PURGATORY_X86_RSP] = STACK_FOR_PAYLOAD;
	params->cpu.x86.ip = (uint64_t)payload;
	params->cpu.x86.mode = PURGATORY_X86_LONG_MODE;

	entered_with_sp = 0xdeadbeefcafef00d; /* not even canonical */
}

static void expect_gdt(void)
{
	const uint64_t accessed = 1ull << 40;
	const uint64_t *gdt = at(report.gdt.base);

	expect(report.gdt.limit >= 31, "GDT limit", report.gdt.limit, 31);
	expect(report.gdt.base >= base && report.gdt.base < base + 0x10000, "GDT base",
	       report.gdt.base, base);
	expect_equal("descriptor 0x10", gdt[2] | accessed, 0x00af9b000000ffff);
	expect_equal("descriptor 0x18", gdt[3] | accessed, 0x00cf93000000ffff);
	expect_equal("IDT limit", report.idt.limit, 0);
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	const struct purgatory_header *header = at(base);
	struct purgatory_x86_state want = params->cpu.x86;
	uint64_t sp;
	size_t i;

	memset(&report, 0x5a, sizeof(report));
	enter(base);

	for (i = 0; i < 16; i++)
		if (i != PURGATORY_X86_RSP || want.reg[i])
			expect_equal("register", report.reg[i], want.reg[i]);
	sp = report.reg[PURGATORY_X86_RSP];
	if (!want.reg[PURGATORY_X86_RSP])
		expect(sp > base + header->image_size + 1024 && sp <= base + header->memory_size,
		       "stack inside purgatory", sp, base + header->memory_size);
	expect_equal("RFLAGS", report.flags, 2);
	expect_equal("CR0", report.cr0, entered_with_cr0);
	expect_equal("CR4", report.cr4, entered_with_cr4);
	expect_equal("EFER & LME", report.efer & 0x100, 0x100);
	expect_equal("CS", report.cs, 0x10);
	expect_equal("DS", report.ds, 0x18);
	expect_equal("ES", report.es, 0x18);
	expect_equal("SS", report.ss, 0x18);
	expect_equal("FS", report.fs, 0x18);
	expect_equal("GS", report.gs, 0x18);
	expect_gdt();
}

static void test_place(const struct image *which, uint64_t place)
{
	if (place >= HIGH && !config->high_memory)
		return;
	load(which, place);
	if (config->high_memory)
		add_region(DATA_C, DATA_C_SIZE, "above 4 GiB");
	run();
	result("verifies and hands over the state that was asked for");
}

static void test_options(const struct image *which)
{
	uint8_t *mmio = at(SCRATCH);
	const uint16_t *screen = at(0xb8000);

	load(which, 0x1000000);
	params->cpu.x86.reg[PURGATORY_X86_RSP] = 0;
	run();
	result("provides a stack");

	load(which, 0x1000000);
	params->flags = 0;
	memset(params->region[0].digest, 0, 32);
	run();
	result("verifies nothing if not asked to");

	load(which, 0x1000000);
	params->flags |= PURGATORY_PORTABLE_HASH;
	run();
	result("verifies with portable code");

	load(which, 0x1000000);
	params->ticks_per_ms = 0;
	params->region_count = 0;
	while (params->region_count < PURGATORY_MAX_REGIONS)
		add_region(DATA_A + params->region_count, params->region_count * 13, "many");
	run();
	result("verifies 16 regions of odd sizes and addresses");

	/* Its bss and data are dirty, as when a blob is entered again. */
	run();
	result("runs again where it ran");

	load(which, 0x1000000);
	params->serial_kind = PURGATORY_SERIAL_NONE;
	run();
	result("runs without a console");

	load(which, 0x1000000);
	params->serial_base = 0x80; /* memory of the DMA controller: reads as never idle */
	outb(0x85, 0);
	run();
	result("survives a serial port that is stuck");

	load(which, 0x1000000);
	memset(mmio, 0x60, 64);
	params->serial_kind = PURGATORY_SERIAL_8250_MMIO;
	params->serial_base = SCRATCH;
	params->serial_shift = 1;
	run();
	expect_equal("last character", mmio[0], '\n');
	expect_equal("line control", mmio[3 << 1], 3);
	result("writes to a serial port in memory");

	load(which, 0x1000000);
	memset(mmio, 0x60, 64);
	params->serial_kind = PURGATORY_SERIAL_8250_MMIO;
	params->serial_base = SCRATCH;
	params->serial_shift = 2;
	run();
	expect_equal("last character", *(uint32_t *)mmio, '\n');
	result("writes 32-bit registers in memory");

	load(which, 0x1000000);
	memset(at(0xb8000), 0, 4000);
	params->flags |= PURGATORY_CONSOLE_VGA | PURGATORY_RESET_VGA;
	run();
	expect_equal("screen", screen[80], 0x0700 | 'I');
	expect_equal("screen", screen[81], 0x0700 | '\'');
	expect_equal("screen", screen[160], 0x0700 | 'p');
	result("writes to the screen");
}

static void test_jump_back(const struct image *which)
{
	static const char want[] = "ro quiet kexec_jump_back_entry=0x0123456789abcdef";
	uint64_t *word = at(SCRATCH + 256);
	char *line = at(SCRATCH);

	load(which, 0x1000000);
	memset(line, '#', 256);
	memcpy(line, "ro quiet", 9);
	*word = 0x0123456789abcdef;
	entered_with_sp = (uint64_t)word;
	params->cmdline_end = SCRATCH + 8;
	params->flags |= PURGATORY_JUMP_BACK;
	run();
	expect(same(line, want, sizeof(want)), "command line", (uint8_t)line[8], ' ');
	expect_equal("behind the command line", (uint8_t)line[sizeof(want)], '#');
	result("appends the way back to the command line");

	load(which, 0x1000000);
	memcpy(line, "ro quiet", 9);
	*word = 0;
	entered_with_sp = (uint64_t)word;
	params->cmdline_end = SCRATCH + 8;
	params->flags |= PURGATORY_JUMP_BACK;
	run();
	expect_equal("end of the command line", (uint8_t)line[8], 0);
	result("appends nothing if there is no way back");
}

/* Purgatory must end these by itself; coming back is the failure. */
static void test_terminal(unsigned int test)
{
	load(&images[0], 0x1000000);
	spoil(test, UNMAPPED, SCRATCH);
	switch (test) {
	case UNKNOWN_MODE: params->cpu.x86.mode = 48; break;
	case UNMAPPED_CONSOLE:
		params->serial_kind = PURGATORY_SERIAL_8250_MMIO;
		params->serial_base = UNMAPPED;
		params->flags |= PURGATORY_REBOOT;
		break;
	}
	say("entering purgatory\n");
	enter(base);
	say("not ok - purgatory came back\n");
}

static void read_control(void)
{
	__asm__ volatile("movq %%cr0, %0" : "=r"(entered_with_cr0));
	__asm__ volatile("movq %%cr4, %0" : "=r"(entered_with_cr4));
}

/* QEMU's isa-debug-exit device, then Bochs; a machine that knows neither goes on. */
static void power_off(void)
{
	const char *s = "Shutdown";

	while (!(inb(COM2 + 5) & 0x40))
		;
	outb(0xf4, 0);
	while (*s)
		outb(0x8900, (uint8_t)*s++);
}

void main(void);
void main(void)
{
	config = at(CONFIG_ADDRESS);
	outb(COM2 + 1, 0);
	outb(COM2 + 3, 3);
	read_control();
	fill(DATA_A, DATA_A_SIZE, 1);
	fill(DATA_B, DATA_B_SIZE, 2);
	if (config->high_memory)
		fill(DATA_C, DATA_C_SIZE, 3);

	if (config->test) {
		test_terminal(config->test);
	} else {
		at_places(test_place);
		test_options(&images[0]);
		test_copies(SCRATCH);
		test_jump_back(&images[0]);

		/* As no kernel does it, but what is found must be put back. */
		entered_with_cr0 |= 0xe; /* TS, EM, MP */
		load(&images[0], 0x1000000);
		run();
		result("puts CR0 and CR4 back");
		say("done\n");
		power_off();
	}
	for (;;)
		__asm__ volatile("hlt");
}
