/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ppc64: the hypervisor's terminal (PAPR, H_PUT_TERM_CHAR).  A call sends a line or
 * 16 characters.  After one timeout the terminal is not used again.
 */
#include "purgatory.h"
#include "ppc64.h"

/* Each call takes a microsecond or more. */
#define TRIES 200000

static uint8_t pending[TERMINAL_CHUNK];
static size_t pending_size;
static bool dead;

static bool usable(void)
{
	return !dead && purgatory_params.serial_kind == PURGATORY_SERIAL_HVTERM;
}

void arch_console_flush(void)
{
	unsigned int i;

	for (i = 0; pending_size && i < TRIES; i++)
		if (terminal_write(purgatory_params.serial_base, pending, pending_size))
			pending_size = 0;
	dead = pending_size;
	pending_size = 0;
}

void arch_putchar(char c)
{
	if (!usable())
		return;
	if (c == '\n')
		arch_putchar('\r');
	pending[pending_size++] = (uint8_t)c;
	if (c == '\n' || pending_size == TERMINAL_CHUNK)
		arch_console_flush();
}
