/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware's console (SBI), and the entry of Linux.  The kernel gets the hart's id in a0. */
#define MACHINE 243

static void set_machine(struct purgatory_params *p, const struct start *s)
{
	p->serial_kind = PURGATORY_SERIAL_SBI;
	p->cpu.riscv64.a[1] = s->argument;
	p->cpu.riscv64.pc = s->entry;
}

static void enter(const struct start *s)
{
	register uint64_t hart __asm__("a0") = s->cpu;

	__asm__ volatile("fence.i; jr %0" : : "r"(s->place), "r"(hart) : "memory");
}
