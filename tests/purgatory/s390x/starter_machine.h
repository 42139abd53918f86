/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service element's console, and a kernel that starts with 64-bit addresses. */
#define MACHINE 22

static void set_machine(struct purgatory_params *p, const struct start *s)
{
	p->serial_kind = PURGATORY_SERIAL_SCLP;
	p->cpu.s390x.psw_mask = 0x0000000180000000;
	p->cpu.s390x.pc = s->entry;
}

static void enter(const struct start *s)
{
	__asm__ volatile("br %0" : : "a"(s->place) : "memory");
}
