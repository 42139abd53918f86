/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serial ports whose registers are in memory, for purgatory's console. */
#ifndef MACHINE_TTY_H
#define MACHINE_TTY_H

#include "core/ctx.h"
#include "core/file.h"

struct tty {
	uint32_t kind; /* PURGATORY_SERIAL_* */
	uint32_t shift; /* log2 of the distance between registers */
	uint64_t base; /* physical address */
};

/* Width of the accesses to registers.  Purgatory uses words if registers are 4 bytes apart. */
enum tty_width {
	TTY_BYTES,
	TTY_WORDS, /* 32-bit, little-endian */
	TTY_OTHER, /* not supported: 16-bit, big-endian */
};

/*
 * Checks that purgatory can drive the port.  name: for messages.  -ENXIO: base cannot be the
 * address of registers; -ENOTSUP: registers of that width and distance are not supported.
 */
int tty_check(struct ctx *ctx, const char *name, const struct tty *tty, enum tty_width width);

/*
 * Finds the port of /sys/class/tty/NAME.  -ENOENT: no tty of that name; -ENOTSUP: purgatory
 * has no driver for the port; -ENXIO: the port has no registers in memory.
 */
int tty_find(struct ctx *ctx, const struct sysroot *root, const char *name, struct tty *out);

/* Finds the first earlycon= parameter with a known kind and an address.  cmdline may be NULL. */
bool tty_from_earlycon(struct ctx *ctx, const char *cmdline, struct tty *out);

/* True if an earlycon parameter has no value: it means the port that firmware names. */
bool tty_earlycon_of_firmware(const char *cmdline);

#endif
