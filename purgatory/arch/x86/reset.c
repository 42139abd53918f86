/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86: tries three ways to reset the machine.  Every PC supports at least one way. */
#include "purgatory.h"
#include "x86.h"

#define RESET_CONTROL 0xcf9
#define RESET_HARD 0x02 /* the kind of reset */
#define RESET_NOW 0x04 /* starts it */

#define KEYBOARD_STATUS 0x64
#define KEYBOARD_INPUT_FULL 0x02
#define KEYBOARD_PULSE_RESET 0xfe

static void wait_a_little(void)
{
	unsigned int i;

	/* A write to the POST port takes about a microsecond. */
	for (i = 0; i < 50000; i++)
		outb(0x80, 0);
}

void arch_reset(void)
{
	unsigned int i;

	outb(RESET_CONTROL, RESET_HARD);
	outb(0x80, 0);
	outb(RESET_CONTROL, RESET_HARD | RESET_NOW);
	wait_a_little();

	for (i = 0; i < 50000 && inb(KEYBOARD_STATUS) & KEYBOARD_INPUT_FULL; i++)
		;
	outb(KEYBOARD_STATUS, KEYBOARD_PULSE_RESET);
	wait_a_little();

	/* An exception without handlers shuts the CPU down, which resets the machine. */
	load_idt(NULL, 0);
	__asm__ volatile("int3");
}
