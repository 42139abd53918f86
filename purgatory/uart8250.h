/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console on a 16550 UART, or on a port that the arch presents as a 16550. */
#ifndef PURGATORY_UART8250_H
#define PURGATORY_UART8250_H

#include <stdbool.h>
#include <stdint.h>

/* Registers */
#define UART_DATA 0
#define UART_STATUS 5

/* UART_STATUS */
#define UART_HAS_ROOM 0x20
#define UART_IDLE 0x40

/* Writes to the port in the parameters, if there is one; \n becomes \r\n. */
void serial_putchar(char c);

/* The registers of a 16550 in memory. */
uint8_t uart8250_read(unsigned int reg);
void uart8250_write(unsigned int reg, uint8_t value);

/*
 * The rest is implemented once per arch.
 */

/* Sets the port up.  False: the parameters name no port that uart_read() and uart_write() drive. */
bool uart_open(void);

uint8_t uart_read(unsigned int reg);
void uart_write(unsigned int reg, uint8_t value);

#endif
