/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of a serial port, from the attributes of a tty in sysfs (Linux:
 * ABI/testing/sysfs-tty) or from an earlycon= parameter (admin-guide/kernel-parameters.rst).
 */
#include "tty.h"

#include <errno.h>
#include <string.h>

#include "purgatory_abi.h"
#include "core/number.h"
#include "machine.h"

#define TTYS "/sys/class/tty"

/* io_type, UPIO_* of Linux */
#define IO_PORT 0
#define IO_MEM 2
#define IO_MEM32 3

#define MAX_SHIFT 3

/* Kind of port of the Linux driver that uses this name. */
static uint32_t kind_by_name(const char *name)
{
	if (!strncmp(name, "ttyAMA", 6))
		return PURGATORY_SERIAL_PL011;
	return strncmp(name, "ttyS", 4) ? PURGATORY_SERIAL_NONE : PURGATORY_SERIAL_8250_MMIO;
}

static int read_attribute(struct ctx *ctx, const struct sysroot *root, const char *tty,
			  const char *attribute, uint64_t *value)
{
	return sysroot_read_number(ctx, root,
				   arena_printf(&ctx->arena, TTYS "/%s/%s", tty, attribute), 0,
				   value);
}

/* Attributes differ by kernel: io_type is missing before Linux 5.11, so there is a default. */
static int read_optional(struct ctx *ctx, const struct sysroot *root, const char *tty,
			 const char *attribute, uint64_t otherwise, uint64_t *value)
{
	int ret = read_attribute(ctx, root, tty, attribute, value);

	if (ret != -ENOENT)
		return ret;
	err_clear(&ctx->err);
	*value = otherwise;
	return 0;
}

/*
 * True if the base can be the address of registers.  With a wrong base purgatory's first
 * character would fault.  No CPU has more than 52 address bits.
 */
static bool has_registers(const struct tty *tty)
{
	bool words = tty->kind == PURGATORY_SERIAL_PL011 || tty->shift == 2;

	return tty->base && !(words && tty->base % 4) && !(tty->base >> 52);
}

int tty_check(struct ctx *ctx, const char *name, const struct tty *tty, enum tty_width width)
{
	bool fits = (width == TTY_WORDS && tty->shift == 2) ||
		    (width == TTY_BYTES && tty->shift <= MAX_SHIFT);

	if (!has_registers(tty))
		return err_set(&ctx->err, -ENXIO, "%s has no registers in memory", name);
	if (tty->kind == PURGATORY_SERIAL_8250_MMIO && !fits)
		return err_set(
			&ctx->err, -ENOTSUP,
			"purgatory cannot print on %s: it supports registers of one byte, or "
			"little-endian ones of 32 bits that are 4 bytes apart",
			name);
	return 0;
}

int tty_find(struct ctx *ctx, const struct sysroot *root, const char *name, struct tty *out)
{
	uint64_t io_type, shift = 0;
	int ret;

	*out = (struct tty){ .kind = kind_by_name(name) };
	if (strchr(name, '/') || !*name)
		return err_set(&ctx->err, -EINVAL, "'%s' is not the name of a tty, like ttyAMA0",
			       name);
	if (!sysroot_exists(ctx, root, arena_printf(&ctx->arena, TTYS "/%s", name)))
		return err_set(&ctx->err, -ENOENT, "there is no tty '%s' in %s" TTYS, name,
			       root->path);
	if (!out->kind)
		return err_set(&ctx->err, -ENOTSUP,
			       "purgatory has no driver for %s: it knows the PL011 (ttyAMA) and "
			       "the 16550 (ttyS)",
			       name);
	ret = read_attribute(ctx, root, name, "iomem_base", &out->base);
	if (ret)
		return ret;
	ret = read_optional(ctx, root, name, "io_type", out->base ? IO_MEM : IO_PORT, &io_type);
	if (ret)
		return ret;
	if (io_type == IO_PORT)
		return err_set(&ctx->err, -ENXIO, "%s has no registers in memory", name);
	if (out->kind == PURGATORY_SERIAL_8250_MMIO)
		ret = read_optional(ctx, root, name, "iomem_reg_shift", io_type == IO_MEM32 ? 2 : 0,
				    &shift);
	if (ret)
		return ret;
	out->shift = (uint32_t)shift;
	return tty_check(ctx, name, out,
			 io_type == IO_MEM32 ? TTY_WORDS
			 : io_type == IO_MEM ? TTY_BYTES
					     : TTY_OTHER);
}

/* The text before the address in an earlycon= parameter, and the port that it means. */
static const struct earlycon {
	const char *prefix;
	uint32_t kind;
	uint32_t shift;
} earlycons[] = {
	{ "pl011,mmio32,", PURGATORY_SERIAL_PL011, 0 },
	{ "pl011,", PURGATORY_SERIAL_PL011, 0 },
	{ "uart8250,mmio32,", PURGATORY_SERIAL_8250_MMIO, 2 },
	{ "uart8250,mmio,", PURGATORY_SERIAL_8250_MMIO, 0 },
	{ "uart8250,", PURGATORY_SERIAL_8250_MMIO, 0 },
	{ "uart,mmio32,", PURGATORY_SERIAL_8250_MMIO, 2 },
	{ "uart,mmio,", PURGATORY_SERIAL_8250_MMIO, 0 },
	{ "uart,", PURGATORY_SERIAL_8250_MMIO, 0 },
	{ "ns16550a,mmio32,", PURGATORY_SERIAL_8250_MMIO, 2 },
	{ "ns16550a,mmio,", PURGATORY_SERIAL_8250_MMIO, 0 },
};

static bool parse_earlycon(struct ctx *ctx, const char *text, size_t size, struct tty *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(earlycons); i++) {
		const struct earlycon *e = &earlycons[i];
		size_t skip = strlen(e->prefix);
		char *address;

		if (size <= skip || memcmp(text, e->prefix, skip))
			continue;
		/* Speed and parity follow the address; purgatory leaves them as they are. */
		address = arena_strndup(&ctx->arena, text + skip, size - skip);
		address[strcspn(address, ",")] = '\0';
		*out = (struct tty){ .kind = e->kind, .shift = e->shift };
		return parse_number(address, 0, &out->base) && has_registers(out);
	}
	return false;
}

/*
 * Finds the next parameter and moves *word past it.  Returns its length; 0: no more
 * parameters.  *word may be NULL.
 */
static size_t next_word(const char **word, const char **param)
{
	size_t size;

	if (!*word)
		return 0;
	*param = *word + strspn(*word, CMDLINE_BLANKS);
	*word = cmdline_word_end(*param);
	size = (size_t)(*word - *param);
	/* The words after "--" are for init. */
	return size == 2 && !memcmp(*param, "--", 2) ? 0 : size;
}

bool tty_from_earlycon(struct ctx *ctx, const char *cmdline, struct tty *out)
{
	static const char name[] = "earlycon=";
	const size_t skip = sizeof(name) - 1;
	const char *param;
	size_t size;

	while ((size = next_word(&cmdline, &param)))
		if (size > skip && !memcmp(param, name, skip) &&
		    parse_earlycon(ctx, param + skip, size - skip, out))
			return true;
	return false;
}

bool tty_earlycon_of_firmware(const char *cmdline)
{
	static const char name[] = "earlycon=";
	const size_t whole = sizeof(name) - 1;
	const char *param;
	size_t size;

	while ((size = next_word(&cmdline, &param)))
		if ((size == whole || size == whole - 1) && !memcmp(param, name, size))
			return true;
	return false;
}
