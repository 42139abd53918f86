/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's serial port, and the entry of Linux that was booted by EFI. */
#define MACHINE 258
#define CACHED 0x9000000000000000 /* the window of cached memory */

static void set_machine(struct purgatory_params *p, const struct start *s)
{
	p->serial_kind = PURGATORY_SERIAL_8250_MMIO;
	p->serial_base = 0x1fe001e0;
	p->cpu.loongarch64.a[0] = 1;
	p->cpu.loongarch64.a[2] = s->argument; /* the system table */
	p->cpu.loongarch64.pc = CACHED | s->entry;
}

static void enter(const struct start *s)
{
	uint64_t address = CACHED | (uint64_t)s->place;

	__asm__ volatile("dbar 0; ibar 0; jr %0" : : "r"(address) : "memory");
}
