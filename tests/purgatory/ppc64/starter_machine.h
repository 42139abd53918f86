/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's terminal (QEMU's pseries), and the entry of Linux with a flattened device tree. */
#define MACHINE 21

/* The bit LE of MSR for purgatory's byte order, by default this code's own. */
#ifndef PURGATORY_MSR_LE
#define PURGATORY_MSR_LE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#endif

static void set_machine(struct purgatory_params *p, const struct start *s)
{
	p->serial_kind = PURGATORY_SERIAL_HVTERM;
	p->serial_base = 0x71000001;
	p->cpu.ppc64.r[0] = s->argument;
	p->cpu.ppc64.r[1] = s->entry;
	p->cpu.ppc64.pc = s->entry;
	p->cpu.ppc64.tree = s->argument; /* gets the number of this CPU */
}

static void enter(const struct start *s)
{
	register uint64_t cpu __asm__("r3") = s->cpu;
	uint64_t msr;
	size_t i;

	for (i = 0; i < s->room; i += 32)
		__asm__ volatile("dcbst 0, %0; sync; icbi 0, %0" : : "r"(s->place + i) : "memory");
	__asm__ volatile("mfmsr %0" : "=r"(msr));
	msr = (msr & ~1ull) | PURGATORY_MSR_LE;
	__asm__ volatile("sync; isync; mtsrr0 %0; mtsrr1 %1; rfid"
			 :
			 : "r"(s->place), "r"(msr), "r"(cpu)
			 : "memory");
}
