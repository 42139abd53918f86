/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs purgatory on a bare machine, again and again, and compares the state that
 * its payload is handed with what was asked (doc/purgatory-abi.md).  Results go
 * to COM2, purgatory's own console is COM1.
 */
#include "guest.h"

#define COM1 0x3f8
#define COM2 0x2f8

#define DATA_C_SIZE 50000ul

#ifdef __x86_64__
#define LONG_MODE true
#define SP_AT_ENTRY 0xdeadbeefcafef00d /* not even canonical */
#define VECTORS 16
#define WAY_BACK "0123456789abcdef"
#else
#define LONG_MODE false
#define SP_AT_ENTRY 0x5800000
#define VECTORS 8
#define WAY_BACK "89abcdef"
#endif

#define CR4_MCE 0x40

#define STACK_FOR_PAYLOAD 0x5000000ul
#define STACK_FOR_PAYLOAD16 0x8e000ul

/* guest.lds */
extern const char payload16_segment[];

/* Terminal tests */
enum {
	PURGATORY_ABOVE_4G = FIRST_OF_ARCH,
	ENTRY_ABOVE_4G,
	PURGATORY_ABOVE_LOW,
	ENTRY_ABOVE_64K,
};

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
	params->cpu.x86.ip = (uintptr_t)payload;
	params->cpu.x86.mode = LONG_MODE ? PURGATORY_X86_LONG_MODE : PURGATORY_X86_PROTECTED_MODE;
	entered_with_sp = SP_AT_ENTRY;
}

void enter_purgatory(void)
{
	seal();
	enter(base);
}

/* What this CPU has. */
static bool has_sse, has_avx, has_sha, has_avx2;
static uint64_t entered_with_xcr0 = 1; /* x87 */
static uint8_t vectors[VECTORS * 32], vectors_found[VECTORS * 32];

static void find_features(void)
{
	uint32_t leaves = 0, eax = 1, ebx, ecx, edx;

	__asm__("cpuid" : "+a"(leaves), "=b"(ebx), "=c"(ecx), "=d"(edx) : "c"(0));
	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "c"(0));
	has_sse = edx >> 25 & 1;
	has_avx = ecx >> 28 & 1 && ecx >> 26 & 1;
	if (leaves < 7)
		return;
	eax = 7;
	__asm__("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "c"(0));
	has_avx2 = ebx >> 5 & 1;
	has_sha = ebx >> 29 & 1;
}

static uint64_t swap_xcr0(uint64_t value)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
	return (uint64_t)high << 32 | low;
}

/* Moves the vector registers with the control registers that this needs.  Returns XCR0 before. */
static uint64_t move_vectors(bool store, void *memory, uint64_t xcr0_after)
{
	uintptr_t cr0, cr4;
	uint64_t xcr0 = entered_with_xcr0;

	if (!has_sse)
		return xcr0;
	__asm__ volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
	__asm__ volatile("mov %0, %%cr0; mov %1, %%cr4"
			 :
			 : "r"(cr0 & ~0xcul), "r"(cr4 | (has_avx ? 0x40600 : 0x600)));
	if (has_avx) {
		xcr0 = swap_xcr0(7);
		store ? vectors_store_avx(memory) : vectors_load_avx(memory);
		swap_xcr0(xcr0_after);
	} else {
		store ? vectors_store_sse(memory) : vectors_load_sse(memory);
	}
	__asm__ volatile("mov %0, %%cr0; mov %1, %%cr4" : : "r"(cr0), "r"(cr4));
	return xcr0;
}

/*
 * Verification leaves zeros in the registers that it used: in all of SSE, and in the upper half
 * of AVX's only after AVX2 hashed.
 */
static void expect_vectors(uint64_t xcr0)
{
	bool verified = params->flags & PURGATORY_VERIFY;
	bool with_avx2 = LONG_MODE && has_avx2 && !has_sha &&
			 !(params->flags & PURGATORY_PORTABLE_HASH);
	size_t i, size = has_avx ? 32 : 16;

	expect_equal("XCR0", xcr0, entered_with_xcr0);
	for (i = 0; has_sse && i < VECTORS * size; i++) {
		bool zero = verified && (i % size < 16 || with_avx2);

		expect_equal("byte of a vector register", vectors_found[i], zero ? 0 : vectors[i]);
	}
}

static void expect_gdt(uint64_t code)
{
	const uint64_t accessed = 1ull << 40;
	const uint64_t *gdt = at(report.gdt.base);

	expect(report.gdt.limit >= 31, "GDT limit", report.gdt.limit, 31);
	expect(report.gdt.base >= base && report.gdt.base < base + 0x10000, "GDT base",
	       report.gdt.base, base);
	expect_equal("descriptor 0x10", gdt[2] | accessed, code);
	expect_equal("descriptor 0x18", gdt[3] | accessed, 0x00cf93000000ffff);
}

static void expect_segments(const uint16_t segment[6])
{
	static const char names[6][3] = { "ES", "CS", "SS", "DS", "FS", "GS" };
	unsigned int i;

	for (i = 0; i < 6; i++)
		expect_equal(names[i], report.segment[i], segment[i]);
}

static void expect_real_mode(void)
{
	expect_equal("masks of the interrupt controllers", report.masks, 0);
	expect_equal("ticks of the BIOS", report_ticks, 2);
	expect_equal("low memory of the BIOS", report.low_memory, *(uint16_t *)at(BIOS_LOW_MEMORY));
}

/* Enters purgatory and looks at every register that the payload saw. */
void run(void)
{
	static const uint16_t flat[] = { 0x18, 0x10, 0x18, 0x18, 0x18, 0x18 };
	const struct purgatory_header *header = at(base);
	struct purgatory_x86_state want = params->cpu.x86;
	bool wide = want.mode == PURGATORY_X86_LONG_MODE;
	bool real = want.mode == PURGATORY_X86_REAL_MODE;
	uint64_t sp, bits = wide ? UINT64_MAX : UINT32_MAX;
	unsigned int i;

	memset(&report, wide ? 0x5a : 0, sizeof(report));
	report_efer = 0;
	move_vectors(false, vectors, entered_with_xcr0);
	enter_purgatory();
	expect_vectors(move_vectors(true, vectors_found, entered_with_xcr0));

	for (i = 0; i < (wide ? 16 : 8); i++)
		if (i != PURGATORY_X86_RSP || want.reg[i] || real)
			expect_equal("register", report.reg[i], want.reg[i] & bits);
	sp = report.reg[PURGATORY_X86_RSP];
	if (!want.reg[PURGATORY_X86_RSP] && !real)
		expect(sp > base + header->image_size + 1024 && sp <= base + header->memory_size,
		       "stack inside purgatory", sp, base + header->memory_size);
	expect_equal("RFLAGS", report.flags, 2);
	expect_segments(real ? want.segment : flat);
	expect_equal("IDT limit", report.idt.limit, real ? 0x3ff : 0);
	expect_equal("IDT base", report.idt.base, 0);
	expect_equal("EFER & LME", report_efer & 0x100, wide ? 0x100 : 0);
	if (!real)
		expect_gdt(wide ? 0x00af9b000000ffff : 0x00cf9b000000ffff);
	if (wide) {
		expect_equal("CR0", report.cr0, entered_with_cr0);
		expect_equal("CR4", report.cr4, entered_with_cr4);
		return;
	}
	expect_equal("CR0", report.cr0, (entered_with_cr0 & 0x60000000) | (real ? 0x10 : 0x11));
	expect_equal("CR4", report.cr4, entered_with_cr4 & CR4_MCE);
	expect_equal("EFER", report_efer, 0);
	expect_equal("LDT", report.ldt, 0);
	expect_equal("memory at 0x600 after a write at 1 MiB + 0x600", report.a20, A20_MARK);
	if (real)
		expect_real_mode();
}

static void test_high(const struct image *which, uint64_t place)
{
	load(which, place);
	if (DATA_C < memory_end)
		add_region(DATA_C, DATA_C_SIZE, "above 4 GiB");
	run();
	result(HANDS_OVER);
}

static void set_mode_32(void)
{
	params->cpu.x86.mode = PURGATORY_X86_PROTECTED_MODE;
	params->cpu.x86.ip = (uintptr_t)payload32;
}

static void set_mode_16(void)
{
	static const uint16_t segment[] = { 0x1234, 0,	    STACK_FOR_PAYLOAD16 >> 4,
					    0x2345, 0x3456, 0xfedc };
	struct purgatory_x86_state *state = &params->cpu.x86;

	state->mode = PURGATORY_X86_REAL_MODE;
	memcpy(state->segment, segment, sizeof(segment));
	state->segment[1] = (uint16_t)((uintptr_t)payload16_segment - 0x10);
	state->ip = 0x100;
	state->reg[PURGATORY_X86_RSP] = 0xabcd1000;
}

/* As Linux leaves the interrupt controllers and the timer when it uses neither. */
static void spoil_legacy_devices(void)
{
	static const uint8_t writes[][2] = {
		{ 0x20, 0x11 }, { 0x21, 0x30 }, { 0x21, 0x04 }, { 0x21, 0x01 }, { 0xa0, 0x11 },
		{ 0xa1, 0x38 }, { 0xa1, 0x02 }, { 0xa1, 0x01 }, { 0x21, 0xff }, { 0xa1, 0xff },
		{ 0x43, 0x30 }, { 0x40, 0x00 }, { 0x40, 0x00 },
	};
	size_t i;

	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		outb(writes[i][0], writes[i][1]);
}

static void test_mode_32(const struct image *which, uint64_t place)
{
	if (place >= 1ull << 32)
		return;
	load(which, place);
	set_mode_32();
	run();
	result("starts a kernel in 32-bit mode");

	load(which, place);
	set_mode_32();
	params->cpu.x86.reg[PURGATORY_X86_RSP] = 0;
	run();
	run();
	result("starts it again, with a stack of purgatory's own");
}

static void test_mode_16(const struct image *which, uint64_t place)
{
	if (place >= 0xa0000)
		return;
	spoil_legacy_devices();
	load(which, place);
	set_mode_16();
	run();
	result("starts a kernel in real mode");
	run();
	result("starts it again");
}

static void test_modes(void)
{
	const struct image *i;

	at_places(test_mode_32);
	at_places(test_mode_16);
	for (i = images; i < images_end; i++)
		if (!i->address)
			test_mode_16(i, 0x95000);

	/* Bits that no kernel sets, except for MCE. */
	entered_with_cr0 |= 0x4003e; /* AM, NE, TS, EM, MP */
	entered_with_cr4 |= CR4_MCE | 0x1c; /* PSE, DE, TSD */
	if (LONG_MODE)
		entered_with_cr4 |= 0x780; /* OSXMMEXCPT, OSFXSR, PCE, PGE */
	load_first();
	set_mode_32();
	run();
	result("keeps of CR4 only MCE, for 32-bit mode");
	load(images, places[1]);
	set_mode_16();
	run();
	result("keeps of CR4 only MCE, for real mode");
	prepare_machine();
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
	static const char want[] = "ro quiet kexec_jump_back_entry=0x" WAY_BACK;
	uintptr_t *word = at(SCRATCH + 256);
	char *line = at(SCRATCH);

	load_first();
	memset(line, '#', 256);
	memcpy(line, "ro quiet", 9);
	*word = (uintptr_t)0x0123456789abcdef;
	entered_with_sp = (uintptr_t)word;
	params->cmdline_end = SCRATCH + 8;
	params->flags |= PURGATORY_JUMP_BACK;
	run();
	expect(same(line, want, sizeof(want)), "command line", (uint8_t)line[8], ' ');
	expect_equal("after the command line", (uint8_t)line[sizeof(want)], '#');
	result("appends the way back to the command line");

	load_first();
	memcpy(line, "ro quiet", 9);
	*word = 0;
	entered_with_sp = (uintptr_t)word;
	params->cmdline_end = SCRATCH + 8;
	params->flags |= PURGATORY_JUMP_BACK;
	run();
	expect_equal("end of the command line", (uint8_t)line[8], 0);
	result("appends nothing if there is no way back");
}

/* Without paging, few addresses fault.  The next write to this one is a debug exception. */
static void watch(uintptr_t address)
{
	uintptr_t enable = 0x10401;

	if (!LONG_MODE)
		__asm__ volatile("mov %0, %%dr0; mov %1, %%dr7" : : "r"(address), "r"(enable));
}

void spoil_machine(unsigned int test)
{
	switch (test) {
	case COPY_OF_NOTHING:
	case COPY_OF_NOTHING_REBOOT: watch(SCRATCH); break;
	case UNMAPPED_CONSOLE:
		watch(0xb8000 + 160); /* the first character */
		params->flags |= LONG_MODE ? 0 : PURGATORY_CONSOLE_VGA;
		break;
	case NO_ENTRY: params->cpu.x86.mode = 48; break;
	case PURGATORY_ABOVE_4G:
		load(images, 0x123456000);
		set_mode_32();
		break;
	case ENTRY_ABOVE_4G:
		set_mode_32();
		params->cpu.x86.ip = 1ull << 32;
		break;
	case PURGATORY_ABOVE_LOW: set_mode_16(); break;
	case ENTRY_ABOVE_64K:
		load(images, places[1]);
		set_mode_16();
		params->cpu.x86.ip = 1 << 16;
		break;
	}
}

void prepare_machine(void)
{
	uintptr_t cr0, cr4;

	outb(COM2 + 1, 0);
	outb(COM2 + 3, 3);
	__asm__ volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
	entered_with_cr0 = cr0;
	entered_with_cr4 = cr4;
	find_features();
	fill((uintptr_t)vectors, sizeof(vectors), 4);
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
	test_modes();

	if (has_avx) {
		entered_with_xcr0 = 7;
		load_first();
		run();
		result("puts XCR0 back");
	}
	/* No kernel starts with these bits set, but purgatory must restore what it finds. */
	if (!LONG_MODE)
		return;
	entered_with_cr0 |= 0xe; /* TS, EM, MP */
	load_first();
	run();
	result("puts CR0 and CR4 back");
}
