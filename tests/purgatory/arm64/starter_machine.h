/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PL011 (QEMU's virt), and the entry of Linux. */
#define MACHINE 183

static void set_machine(struct purgatory_params *p, const struct start *s)
{
	p->serial_kind = PURGATORY_SERIAL_PL011;
	p->serial_base = 0x09000000;
	p->cpu.arm64.x[0] = s->argument;
	p->cpu.arm64.pc = s->entry;
}

/* With the MMU off: what was written is in memory. */
static void enter(const struct start *s)
{
	__asm__ volatile("dsb sy; ic iallu; dsb sy; isb; br %0" : : "r"(s->place) : "memory");
}
