/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCs: COM1, and the entry of Linux' 64-bit or 32-bit boot protocol. */
#ifdef __x86_64__
#define MACHINE 62
#define MODE PURGATORY_X86_LONG_MODE
#else
#define MACHINE 3
#define MODE PURGATORY_X86_PROTECTED_MODE
#endif

static void set_machine(struct purgatory_params *p, const struct start *s)
{
	p->serial_kind = PURGATORY_SERIAL_8250_IO;
	p->serial_base = 0x3f8;
	p->serial_baud = 115200;
	p->cpu.x86.reg[PURGATORY_X86_RSI] = s->argument;
	p->cpu.x86.ip = s->entry;
	p->cpu.x86.mode = MODE;
}

static void enter(const struct start *s)
{
	__asm__ volatile("jmp *%0" : : "r"(s->place) : "memory");
}
