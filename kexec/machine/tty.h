/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serial ports whose registers lie in memory, for purgatory to speak on. */
#ifndef MACHINE_TTY_H
#define MACHINE_TTY_H

#include "core/ctx.h"
#include "core/file.h"

struct tty {
	uint32_t kind; /* PURGATORY_SERIAL_* */
	uint32_t shift; /* log2 of the distance between registers */
	uint64_t base; /* physical address */
};

/*
 * Can purgatory drive it?  width: bytes of a register, 0 for big-endian ones.  name: for
 * messages.  -ENXIO: no such address; -ENOTSUP: no such registers.
 */
int tty_check(struct ctx *ctx, const char *name, const struct tty *tty, unsigned int width);

/*
 * The port behind /sys/class/tty/NAME.  -ENOENT: there is none of that name; -ENOTSUP:
 * purgatory does not know such; -ENXIO: it has no registers in memory.
 */
int tty_find(struct ctx *ctx, const struct sysroot *root, const char *name, struct tty *out);

/* The first earlycon= parameter with a kind of port and an address; cmdline may be NULL. */
bool tty_from_earlycon(struct ctx *ctx, const char *cmdline, struct tty *out);

/* Is there an earlycon parameter without a value?  It means the port that firmware names. */
bool tty_earlycon_of_firmware(const char *cmdline);

#endif
