/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PL011 (DDI 0183) or a 16550 in memory.  The line's settings are kept.  The
 * PL011's registers are presented as those of a 16550 that uart8250.c uses.
 */
#include "purgatory.h"
#include "uart8250.h"

#define PL011_DATA 0
#define PL011_FLAGS 0x18
#define PL011_BUSY 0x08
#define PL011_FULL 0x20

static bool is_pl011(void)
{
	return purgatory_params.serial_kind == PURGATORY_SERIAL_PL011;
}

static volatile uint32_t *pl011(unsigned int offset)
{
	return (volatile uint32_t *)(uintptr_t)(purgatory_params.serial_base + offset);
}

bool uart_open(void)
{
	return is_pl011() || purgatory_params.serial_kind == PURGATORY_SERIAL_8250_MMIO;
}

uint8_t uart_read(unsigned int reg)
{
	uint32_t flags;

	if (!is_pl011())
		return uart8250_read(reg);
	flags = *pl011(PL011_FLAGS);
	return (flags & PL011_FULL ? 0 : UART_HAS_ROOM) | (flags & PL011_BUSY ? 0 : UART_IDLE);
}

void uart_write(unsigned int reg, uint8_t value)
{
	if (is_pl011())
		*pl011(PL011_DATA) = value;
	else
		uart8250_write(reg, value);
}
