/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86: exceptions, time, vector registers, and the next kernel's state.
 * Intel SDM volume 3 for the registers, doc/purgatory-abi.md for the state.
 */
#include "purgatory.h"
#include "uart8250.h"
#include "cpuid.h"
#include "x86.h"

#define CR0_MP 0x2ul
#define CR0_EM 0x4ul
#define CR0_TS 0x8ul
#define CR4_SSE 0x600ul /* OSFXSR, OSXMMEXCPT */
#define CR4_OSXSAVE 0x40000ul

#define CPUID_1_EDX_SSE (1u << 25)
#define CPUID_1_ECX_XSAVE (1u << 26)
#define CPUID_1_ECX_AVX (1u << 28)
#define XCR0_X87_SSE_AVX 7u

#define VECTOR_PAGE_FAULT 14

/* Mask of vectors for which the CPU pushes an error code after the return address. */
#define VECTORS_WITH_ERROR_CODE 0x60227d00u

struct idt_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t type;
	uint16_t offset_middle;
#ifdef __x86_64__
	uint32_t offset_high;
	uint32_t reserved;
#endif
};

#define GATE_INTERRUPT 0x8e00

struct table_pointer {
	uint16_t limit;
	uintptr_t base;
} __attribute__((packed));

_Noreturn void exception(uint32_t vector, const uintptr_t *frame);

static struct idt_gate idt[EXCEPTIONS];

void load_idt(const void *base, uint16_t limit)
{
	struct table_pointer p = { .limit = limit, .base = (uintptr_t)base };

	__asm__ volatile("lidt %0" : : "m"(p));
}

void arch_setup(void)
{
	unsigned int i;

	for (i = 0; i < EXCEPTIONS; i++) {
		uintptr_t stub = (uintptr_t)(exception_stubs + i * EXCEPTION_STUB_SIZE);

		idt[i].offset_low = (uint16_t)stub;
		idt[i].selector = CODE_SELECTOR;
		idt[i].type = GATE_INTERRUPT;
		idt[i].offset_middle = (uint16_t)(stub >> 16);
#ifdef __x86_64__
		idt[i].offset_high = (uint32_t)(stub >> 32);
#endif
	}
	load_idt(idt, sizeof(idt) - 1);
	if (purgatory_params.flags & PURGATORY_RESET_VGA)
		vga_reset();
}

_Noreturn void exception(uint32_t vector, const uintptr_t *frame)
{
	unsigned long cr2;

	exception_begin();
	if (VECTORS_WITH_ERROR_CODE >> vector & 1)
		frame++;
	print("purgatory: exception %u at 0x%llx", vector, (unsigned long long)*frame);
	if (vector == VECTOR_PAGE_FAULT) {
		__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
		print(", address 0x%llx is not mapped", (unsigned long long)cr2);
	}
	print("\n");
	stop();
}

void arch_putchar(char c)
{
	if (purgatory_params.flags & PURGATORY_CONSOLE_VGA)
		vga_putchar(c);
	serial_putchar(c);
}

uint64_t arch_ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

uint64_t arch_ticks_per_ms(void)
{
	struct cpuid leaf;
	uint32_t leaves;
	uint64_t rest;

	if (purgatory_params.ticks_per_ms)
		return purgatory_params.ticks_per_ms;
	leaves = cpuid(0).eax;
	if (leaves >= 0x15) {
		/* The counter runs at ebx/eax times a crystal of ecx Hz. */
		leaf = cpuid(0x15);
		if (leaf.eax && leaf.ebx && leaf.ecx)
			return divide((uint64_t)(leaf.ecx / 1000) * leaf.ebx, leaf.eax, &rest);
	}
	if (leaves >= 0x16)
		return (uint64_t)(cpuid(0x16).eax & 0xffff) * 1000; /* base frequency in MHz */
	return 0;
}

static unsigned long saved_cr0, saved_cr4;
static bool has_sse;

static void write_control(unsigned long cr0, unsigned long cr4)
{
	__asm__ volatile("mov %0, %%cr0; mov %1, %%cr4" : : "r"(cr0), "r"(cr4) : "memory");
}

const char *arch_sha256_begin(void)
{
	has_sse = cpuid(1).edx & CPUID_1_EDX_SSE;
	if (has_sse) {
		__asm__ volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r"(saved_cr0), "=r"(saved_cr4));
		write_control((saved_cr0 & ~(CR0_EM | CR0_TS)) | CR0_MP, saved_cr4 | CR4_SSE);
	}
	return "";
}

#ifdef __x86_64__
static uint64_t saved_xcr0;
static bool has_xcr0;

static void write_xcr0(uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

/* Only on CPUs without SHA instructions: hypervisors of encrypted guests do not allow it. */
static void enable_avx(void)
{
	uint32_t low, high;

	if (~cpuid(1).ecx & (CPUID_1_ECX_XSAVE | CPUID_1_ECX_AVX))
		return;
	__asm__ volatile("movq %0, %%cr4" : : "r"(saved_cr4 | CR4_SSE | CR4_OSXSAVE));
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	saved_xcr0 = (uint64_t)high << 32 | low;
	has_xcr0 = true;
	write_xcr0(saved_xcr0 | XCR0_X87_SSE_AVX);
}

static void disable_avx(void)
{
	if (!has_xcr0)
		return;
	__asm__ volatile("vzeroall");
	write_xcr0(saved_xcr0);
	has_xcr0 = false;
}
#else
static void enable_avx(void)
{
}

static void disable_avx(void)
{
}
#endif

bool arch_sha256_engine(unsigned int index, struct sha256_engine *engine)
{
	if (index == 1)
		enable_avx();
	return sha256_accelerated(index, engine);
}

void arch_sha256_end(void)
{
	if (!has_sse)
		return;
	disable_avx();
	clear_vectors();
	write_control(saved_cr0, saved_cr4);
}

static bool at_most(const char *what, uint64_t value, uint64_t limit)
{
	if (value <= limit)
		return true;
	print("purgatory: cannot start a kernel in %u-bit mode: %s is 0x%llx, more than 0x%llx\n",
	      purgatory_params.cpu.x86.mode, what, (unsigned long long)value,
	      (unsigned long long)limit);
	return false;
}

bool arch_state_ok(void)
{
	const struct purgatory_x86_state *state = &purgatory_params.cpu.x86;
	uint64_t highest_end = 1ull << 32, highest_entry = UINT32_MAX;

	switch (state->mode) {
#ifdef __x86_64__
	case PURGATORY_X86_LONG_MODE: return true;
#endif
	case PURGATORY_X86_PROTECTED_MODE: break;
	case PURGATORY_X86_REAL_MODE:
		highest_end = 0xa0000;
		highest_entry = UINT16_MAX;
		break;
	default:
		print("purgatory: cannot start a kernel in %u-bit mode, only in " MODES "\n",
		      state->mode);
		return false;
	}
	return at_most("the end of purgatory", (uintptr_t)purgatory_memory_end, highest_end) &&
	       at_most("the entry", state->ip, highest_entry);
}

const void *arch_final_state(void)
{
	return &purgatory_params.cpu.x86;
}

_Noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}
