/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: a 16550 UART by polling (National Semiconductor PC16550D data sheet),
 * in I/O space or in memory.  A port that is stuck costs one timeout in all.
 */
#include "purgatory.h"
#include "x86.h"

#define REG_DATA 0
#define REG_DIVISOR_LOW 0
#define REG_DIVISOR_HIGH 1
#define REG_INTERRUPTS 1
#define REG_FIFO 2
#define REG_LINE 3
#define REG_MODEM 4
#define REG_STATUS 5

#define LINE_8N1 0x03
#define LINE_DIVISOR_ACCESS 0x80
#define MODEM_DTR_RTS 0x03
#define STATUS_ROOM 0x20
#define STATUS_IDLE 0x40

#define BAUD_BASE 115200u

/* At about a microsecond a read: several characters at 300 baud. */
#define POLL_LIMIT 200000

static bool ready, dead;

static volatile void *mmio_register(unsigned int reg)
{
	return (volatile void *)(uintptr_t)(purgatory_params.serial_base +
					    ((uint64_t)reg << purgatory_params.serial_shift));
}

static void uart_write(unsigned int reg, uint8_t value)
{
	if (purgatory_params.serial_kind == PURGATORY_SERIAL_8250_IO)
		outb((uint16_t)(purgatory_params.serial_base + reg), value);
	else if (purgatory_params.serial_shift == 2)
		*(volatile uint32_t *)mmio_register(reg) = value;
	else
		*(volatile uint8_t *)mmio_register(reg) = value;
}

static uint8_t uart_read(unsigned int reg)
{
	volatile uint8_t *byte = mmio_register(reg);
	volatile uint32_t *word = mmio_register(reg);

	if (purgatory_params.serial_kind == PURGATORY_SERIAL_8250_IO)
		return inb((uint16_t)(purgatory_params.serial_base + reg));
	return purgatory_params.serial_shift == 2 ? (uint8_t)*word : *byte;
}

static void uart_wait(uint8_t status)
{
	unsigned int i;

	for (i = 0; i < POLL_LIMIT && !dead; i++)
		if (uart_read(REG_STATUS) & status)
			return;
	dead = true;
}

static void uart_setup(void)
{
	uint32_t baud = purgatory_params.serial_baud;
	uint32_t divisor = baud ? BAUD_BASE / baud : 0;

	ready = true;
	uart_write(REG_LINE, LINE_8N1);
	uart_write(REG_INTERRUPTS, 0);
	uart_write(REG_FIFO, 0);
	uart_write(REG_MODEM, MODEM_DTR_RTS);
	if (!divisor)
		return;
	uart_write(REG_LINE, LINE_8N1 | LINE_DIVISOR_ACCESS);
	uart_write(REG_DIVISOR_LOW, (uint8_t)divisor);
	uart_write(REG_DIVISOR_HIGH, (uint8_t)(divisor >> 8));
	uart_write(REG_LINE, LINE_8N1);
}

static bool usable(void)
{
	uint32_t kind = purgatory_params.serial_kind;

	return !dead && (kind == PURGATORY_SERIAL_8250_IO || kind == PURGATORY_SERIAL_8250_MMIO);
}

void serial_putchar(char c)
{
	if (!usable())
		return;
	if (!ready)
		uart_setup();
	if (c == '\n')
		serial_putchar('\r');
	uart_wait(STATUS_ROOM);
	if (!dead)
		uart_write(REG_DATA, (uint8_t)c);
}

void serial_flush(void)
{
	if (usable() && ready)
		uart_wait(STATUS_IDLE);
}
