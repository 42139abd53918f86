/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86: a 16550 UART in I/O space or in memory, set up before the first
 * character (National Semiconductor PC16550D data sheet).
 */
#include "purgatory.h"
#include "uart8250.h"
#include "x86.h"

#define UART_DIVISOR_LOW 0
#define UART_DIVISOR_HIGH 1
#define UART_INTERRUPTS 1
#define UART_FIFO 2
#define UART_LINE 3
#define UART_MODEM 4

#define LINE_8N1 0x03
#define LINE_DIVISOR_ACCESS 0x80
#define MODEM_DTR_RTS 0x03

#define BAUD_BASE 115200u

static bool in_io_space(void)
{
	return purgatory_params.serial_kind == PURGATORY_SERIAL_8250_IO;
}

static uint16_t port(unsigned int reg)
{
	return (uint16_t)(purgatory_params.serial_base + reg);
}

uint8_t uart_read(unsigned int reg)
{
	return in_io_space() ? inb(port(reg)) : uart8250_read(reg);
}

void uart_write(unsigned int reg, uint8_t value)
{
	if (in_io_space())
		outb(port(reg), value);
	else
		uart8250_write(reg, value);
}

static void setup(void)
{
	uint32_t baud = purgatory_params.serial_baud;
	uint32_t divisor = baud ? BAUD_BASE / baud : 0;

	uart_write(UART_LINE, LINE_8N1);
	uart_write(UART_INTERRUPTS, 0);
	uart_write(UART_FIFO, 0);
	uart_write(UART_MODEM, MODEM_DTR_RTS);
	if (!divisor)
		return;
	uart_write(UART_LINE, LINE_8N1 | LINE_DIVISOR_ACCESS);
	uart_write(UART_DIVISOR_LOW, (uint8_t)divisor);
	uart_write(UART_DIVISOR_HIGH, (uint8_t)(divisor >> 8));
	uart_write(UART_LINE, LINE_8N1);
}

bool uart_open(void)
{
	static bool ready;

	if (!in_io_space() && purgatory_params.serial_kind != PURGATORY_SERIAL_8250_MMIO)
		return false;
	if (!ready)
		setup();
	ready = true;
	return true;
}
