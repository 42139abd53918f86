/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64: selectors and offsets that assembly and C share, and port access. */
#ifndef PURGATORY_X86_H
#define PURGATORY_X86_H

/* Selectors of the 64-bit boot protocol of Linux */
#define CODE_SELECTOR 0x10
#define DATA_SELECTOR 0x18

/* struct purgatory_x86_state */
#define STATE_RSP 32
#define STATE_IP 128

/* Number of exceptions of the architecture, and distance of their entry stubs */
#define EXCEPTIONS 32
#define EXCEPTION_STUB_SIZE 8
#define EXCEPTION_NMI 2

#ifndef __ASSEMBLER__

#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void vga_putchar(char c);
void vga_reset(void);

#endif /* __ASSEMBLER__ */
#endif
