/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PL011 (ARM DDI 0183) or a 16550 in memory, by polling.  The line is
 * left as it was set up.  A port that is stuck costs one timeout in all.
 */
#include "purgatory.h"
#include "mmio_serial.h"

#define PL011_FLAGS 0x18
#define PL011_BUSY 0x08
#define PL011_FULL 0x20

#define REG_STATUS 5
#define STATUS_ROOM 0x20
#define STATUS_IDLE 0x40

/* At 0.1 to 1 microsecond a read: several characters at 9600 baud. */
#define POLL_LIMIT 200000

static bool dead;

static bool is_pl011(void)
{
	return purgatory_params.serial_kind == PURGATORY_SERIAL_PL011;
}

static volatile void *mmio(uint64_t offset)
{
	return (volatile void *)(uintptr_t)(purgatory_params.serial_base + offset);
}

static uint32_t read_8250(unsigned int reg)
{
	volatile void *at = mmio((uint64_t)reg << purgatory_params.serial_shift);

	return purgatory_params.serial_shift == 2 ? *(volatile uint32_t *)at
						  : *(volatile uint8_t *)at;
}

static void write_data(uint8_t value)
{
	if (is_pl011() || purgatory_params.serial_shift == 2)
		*(volatile uint32_t *)mmio(0) = value;
	else
		*(volatile uint8_t *)mmio(0) = value;
}

static bool has_room(void)
{
	if (is_pl011())
		return !(*(volatile uint32_t *)mmio(PL011_FLAGS) & PL011_FULL);
	return read_8250(REG_STATUS) & STATUS_ROOM;
}

static bool is_idle(void)
{
	if (is_pl011())
		return !(*(volatile uint32_t *)mmio(PL011_FLAGS) & PL011_BUSY);
	return read_8250(REG_STATUS) & STATUS_IDLE;
}

static void wait_until(bool (*done)(void))
{
	unsigned int i;

	for (i = 0; i < POLL_LIMIT && !dead; i++)
		if (done())
			return;
	dead = true;
}

static bool usable(void)
{
	return !dead && (is_pl011() || purgatory_params.serial_kind == PURGATORY_SERIAL_8250_MMIO);
}

void serial_putchar(char c)
{
	if (!usable())
		return;
	if (c == '\n')
		serial_putchar('\r');
	wait_until(has_room);
	if (!dead)
		write_data((uint8_t)c);
}

void serial_flush(void)
{
	if (usable())
		wait_until(is_idle);
}
