/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console of arches whose serial ports are in memory. */
#ifndef PURGATORY_MMIO_SERIAL_H
#define PURGATORY_MMIO_SERIAL_H

/* Writes to the port that the parameters name, if they name one; \n becomes \r\n. */
void serial_putchar(char c);

/* Returns once the last character has left, or cannot leave. */
void serial_flush(void);

#endif
