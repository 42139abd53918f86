/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A 16550 UART (National Semiconductor PC16550D data sheet) by polling.  After one
 * timeout the port is not used again.
 */
#include "purgatory.h"
#include "uart8250.h"

/* A read takes 0.1 to 1 microsecond, so the timeout is several characters at 9600 baud. */
#define POLL_LIMIT 200000

static bool dead;

static volatile void *mmio(unsigned int reg)
{
	return (volatile void *)(uintptr_t)(DEVICE_WINDOW + purgatory_params.serial_base +
					    ((uint64_t)reg << purgatory_params.serial_shift));
}

uint8_t uart8250_read(unsigned int reg)
{
	volatile uint8_t *byte = mmio(reg);
	volatile uint32_t *word = mmio(reg);

	return purgatory_params.serial_shift == 2 ? (uint8_t)*word : *byte;
}

void uart8250_write(unsigned int reg, uint8_t value)
{
	if (purgatory_params.serial_shift == 2)
		*(volatile uint32_t *)mmio(reg) = value;
	else
		*(volatile uint8_t *)mmio(reg) = value;
}

static void wait_for(uint8_t status)
{
	unsigned int i;

	for (i = 0; i < POLL_LIMIT; i++)
		if (uart_read(UART_STATUS) & status)
			return;
	dead = true;
}

void serial_putchar(char c)
{
	if (c == '\n')
		serial_putchar('\r');
	if (dead || !uart_open())
		return;
	wait_for(UART_HAS_ROOM);
	if (!dead)
		uart_write(UART_DATA, (uint8_t)c);
}

void arch_console_flush(void)
{
	if (!dead && uart_open())
		wait_for(UART_IDLE);
}
