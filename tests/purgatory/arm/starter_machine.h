/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PL011 (QEMU's virt), and the entry of Linux for machines with a device tree. */
#define MACHINE 40

static void set_machine(struct purgatory_params *p, const struct start *s)
{
	p->serial_kind = PURGATORY_SERIAL_PL011;
	p->serial_base = 0x09000000;
	p->cpu.arm.r[1] = 0xffffffff;
	p->cpu.arm.r[2] = s->argument;
	p->cpu.arm.pc = s->entry;
}

/* With MMU and data cache off: what was written is in memory.  ICIALLU empties the other cache. */
static void enter(const struct start *s)
{
	__asm__ volatile("dsb; mcr p15, 0, %0, c7, c5, 0; dsb; isb; bx %0"
			 :
			 : "r"(s->place)
			 : "memory");
}
