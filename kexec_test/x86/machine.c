/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access to the machine: memory, serial port, screen, and the end of the program. */
#include "payload.h"

#define COM1 0x3f8
#define UART_STATUS 5
#define UART_EMPTY 0x20
#define POLL_LIMIT 1000000

#define SCREEN 0xb8000
#define SCREEN_SIZE 4000

#define PAGE 4096ull
#define PRESENT 0x1
#define LARGE_PAGE 0x80
#define ADDRESS_MASK 0x000ffffffffff000ull
#define CR4_LA57 0x1000

#define MSR_EFER 0xc0000080
#define CPUID_LONG_MODE (1u << 29) /* leaf 0x80000001, edx */
#define RESET_PORT 0xcf9
#define EXIT_PORT 0xf4 /* QEMU: isa-debug-exit */

/* purgatory/vga.c */
void vga_putchar(char c);

void run_32(const struct state *found, uint32_t entry, uint32_t distance);
void run_64(struct state *state, uint64_t entry);

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

#ifdef __x86_64__
static uint64_t read_cr3(void)
{
	uint64_t cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	return cr3;
}

static bool has_5_levels(void)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	return cr4 & CR4_LA57;
}

/* Page tables are read at their physical addresses: loaders map their page tables there. */
static bool is_mapped(uint64_t address)
{
	uint64_t table = read_cr3() & ADDRESS_MASK;
	unsigned int shift = has_5_levels() ? 48 : 39;

	if (address >> (shift + 8))
		return false;
	for (;; shift -= 9) {
		uint64_t entry = ((const uint64_t *)table)[address >> shift & 511];

		if (!(entry & PRESENT))
			return false;
		/* The page must be mapped at its own address. */
		if (shift == 12 || (entry & LARGE_PAGE && shift <= 30))
			return ((entry & ADDRESS_MASK) ^ address) >> shift == 0;
		table = entry & ADDRESS_MASK;
	}
}
#else
static bool is_mapped(uint64_t address)
{
	return address < 1ull << 32;
}
#endif

static bool all_mapped(uint64_t address, uint64_t size)
{
	uint64_t last = address + size - 1;

	if (last < address)
		return false;
	if (sizeof(uintptr_t) == 4)
		return is_mapped(last);
	for (address &= -PAGE; address <= last; address += PAGE)
		if (!is_mapped(address))
			return false;
	return true;
}

bool peek(uint64_t address, uint64_t size, const uint8_t **out)
{
	*out = (const uint8_t *)(uintptr_t)address;
	if (size && all_mapped(address, size))
		return true;
	print("0x%llx bytes at 0x%llx cannot be read\n", (unsigned long long)size,
	      (unsigned long long)address);
	return false;
}

static void serial_write(uint8_t byte)
{
	static bool dead;
	unsigned int i;

	for (i = 0; !dead && !(inb(COM1 + UART_STATUS) & UART_EMPTY); i++)
		dead = i == POLL_LIMIT;
	if (!dead)
		outb(COM1, byte);
}

void console_write(char c)
{
	if (c == '\n')
		serial_write('\r');
	serial_write((uint8_t)c);
	if (all_mapped(SCREEN, SCREEN_SIZE))
		vga_putchar(c);
}

static _Noreturn void end(void)
{
	unsigned int i;

	print(ending == END_EXIT    ? "Leaving.\n"
	      : ending == END_RESET ? "Resetting.\n"
				    : "Halting.\n");
	for (i = 0; i < POLL_LIMIT && !(inb(COM1 + UART_STATUS) & UART_EMPTY << 1); i++)
		;
	if (ending == END_EXIT)
		outb(EXIT_PORT, 0);
	if (ending == END_RESET) {
		outb(RESET_PORT, 2);
		outb(RESET_PORT, 6);
	}
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Clears the bits that a mode did not write. */
static void cut(struct state *state, uint64_t mask)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		state->reg[i] &= mask;
	for (; i < 16; i++)
		state->reg[i] = 0;
	state->flags &= mask;
	state->cr0 &= mask;
	state->cr3 &= mask;
	state->cr4 &= mask;
	state->gdt.base &= mask;
	state->idt.base &= mask;
}

/* Hides the address from the compiler, which treats pointers to the first page as null pointers. */
static volatile uint32_t *word_at(uintptr_t address)
{
	__asm__("" : "+r"(address));
	return (volatile uint32_t *)address;
}

static uint32_t try_a20(void)
{
	volatile uint32_t *low = word_at(A20_LOW), *high = word_at(A20_HIGH);
	uint32_t found, kept_low = *low, kept_high = *high;

	*low = A20_MARK;
	*high = 0;
	found = *low;
	*high = kept_high;
	*low = kept_low;
	return found;
}

/* Every CPU with long mode has EFER; on an older CPU, reading EFER is an exception. */
uint64_t read_efer(void)
{
	uint32_t eax = 0x80000000, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (eax < 0x80000001)
		return 0;
	eax = 0x80000001;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	if (!(edx & CPUID_LONG_MODE))
		return 0;
	__asm__ volatile("rdmsr" : "=a"(eax), "=d"(edx) : "c"(MSR_EFER));
	return (uint64_t)edx << 32 | eax;
}

void run_32(const struct state *found, uint32_t entry, uint32_t distance)
{
	struct state state = *found;
	uint64_t boot_params = 0;

	cut(&state, UINT32_MAX);
	if (state.reg[RBX] == FROM_REAL_MODE) {
		boot_params = state.reg[RSI];
		state = *(const struct state *)(uintptr_t)state.reg[RBP];
		cut(&state, UINT32_MAX);
	} else {
		state.a20 = try_a20();
	}
	report(&state, entry, distance, boot_params);
	end();
}

void run_64(struct state *state, uint64_t entry)
{
	state->a20 = is_mapped(A20_LOW) && is_mapped(A20_HIGH) ? try_a20() : A20_MARK;
	report(state, entry, 0, 0);
	end();
}
