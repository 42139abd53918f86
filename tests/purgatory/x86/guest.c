/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs purgatory on a bare machine, again and again, and compares the state that
 * its payload is handed with what was asked (doc/purgatory-abi.md).  Results go
 * to COM2, purgatory's own console is COM1.
 */
#include "guest.h"

#define COM1 0x3f8
#define COM2 0x2f8

#define DATA_C 0x140000000ul
#define DATA_C_SIZE 50000ul

#define STACK_FOR_PAYLOAD 0x5000000ul

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

void set_params(void)
{
	size_t i;

	params->serial_kind = PURGATORY_SERIAL_8250_IO;
	params->serial_base = COM1;
	params->serial_baud = 115200;
	params->ticks_per_ms = 1000000;
	for (i = 0; i < 16; i++)
		params->cpu.x86.reg[i] = 0x1122334455667700 + i;
	params->cpu.x86.reg[PURGATORY_X86_RSP] = STACK_FOR_PAYLOAD;
	params->cpu.x86.ip = (uint64_t)payload;
	params->cpu.x86.mode = PURGATORY_X86_LONG_MODE;

	entered_with_sp = 0xdeadbeefcafef00d; /* not even canonical */
}

void enter_purgatory(void)
{
	seal();
	enter(base);
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
	enter_purgatory();

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

static void test_high(const struct image *which, uint64_t place)
{
	load(which, place);
	if (DATA_C < memory_end)
		add_region(DATA_C, DATA_C_SIZE, "above 4 GiB");
	run();
	result(HANDS_OVER);
}

static void test_stack(void)
{
	load_first();
	params->cpu.x86.reg[PURGATORY_X86_RSP] = 0;
	run();
	result("provides a stack");
}

static void test_ports_and_screen(void)
{
	uint8_t *mmio = at(SCRATCH);
	const uint16_t *screen = at(0xb8000);

	load_first();
	params->serial_base = 0x80; /* memory of the DMA controller: reads as never idle */
	outb(0x85, 0);
	run();
	result("survives a serial port that is stuck");

	load_first();
	memset(mmio, 0x60, 64);
	params->serial_kind = PURGATORY_SERIAL_8250_MMIO;
	params->serial_base = SCRATCH;
	params->serial_shift = 1;
	run();
	expect_equal("last character", mmio[0], '\n');
	expect_equal("line control", mmio[3 << 1], 3);
	result("writes to a serial port in memory");

	load_first();
	memset(at(0xb8000), 0, 4000);
	params->flags |= PURGATORY_CONSOLE_VGA | PURGATORY_RESET_VGA;
	run();
	expect_equal("screen", screen[80], 0x0700 | 'I');
	expect_equal("screen", screen[81], 0x0700 | '\'');
	expect_equal("screen", screen[160], 0x0700 | 'p');
	result("writes to the screen");
}

static void test_jump_back(void)
{
	static const char want[] = "ro quiet kexec_jump_back_entry=0x0123456789abcdef";
	uint64_t *word = at(SCRATCH + 256);
	char *line = at(SCRATCH);

	load_first();
	memset(line, '#', 256);
	memcpy(line, "ro quiet", 9);
	*word = 0x0123456789abcdef;
	entered_with_sp = (uint64_t)word;
	params->cmdline_end = SCRATCH + 8;
	params->flags |= PURGATORY_JUMP_BACK;
	run();
	expect(same(line, want, sizeof(want)), "command line", (uint8_t)line[8], ' ');
	expect_equal("after the command line", (uint8_t)line[sizeof(want)], '#');
	result("appends the way back to the command line");

	load_first();
	memcpy(line, "ro quiet", 9);
	*word = 0;
	entered_with_sp = (uint64_t)word;
	params->cmdline_end = SCRATCH + 8;
	params->flags |= PURGATORY_JUMP_BACK;
	run();
	expect_equal("end of the command line", (uint8_t)line[8], 0);
	result("appends nothing if there is no way back");
}

void spoil_machine(unsigned int test)
{
	if (test == NO_ENTRY)
		params->cpu.x86.mode = 48; /* no address is refused, but modes are */
}

void prepare_machine(void)
{
	outb(COM2 + 1, 0);
	outb(COM2 + 3, 3);
	__asm__ volatile("movq %%cr0, %0" : "=r"(entered_with_cr0));
	__asm__ volatile("movq %%cr4, %0" : "=r"(entered_with_cr4));
}

/* QEMU's isa-debug-exit device, then Bochs; a machine with neither halts. */
_Noreturn void power_off(void)
{
	const char *s = "Shutdown";

	while (!(inb(COM2 + 5) & 0x40))
		;
	outb(0xf4, 0);
	while (*s)
		outb(0x8900, (uint8_t)*s++);
	for (;;)
		__asm__ volatile("hlt");
}

void test_machine(void)
{
	if (DATA_C < memory_end)
		fill(DATA_C, DATA_C_SIZE, 3);
	at_places(test_high);
	test_common();
	test_stack();
	test_ports_and_screen();
	test_jump_back();

	/* No kernel starts with these bits set, but purgatory must restore what it finds. */
	entered_with_cr0 |= 0xe; /* TS, EM, MP */
	load_first();
	run();
	result("puts CR0 and CR4 back");
}
