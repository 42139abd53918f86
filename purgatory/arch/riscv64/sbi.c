/* SPDX-License-Identifier: GPL-2.0-or-later */
/* riscv64: console and reset by firmware (RISC-V Supervisor Binary Interface, 2.0). */
#include "purgatory.h"
#include "riscv64.h"

enum extension {
	LEGACY_PUTCHAR = 1,
	LEGACY_SHUTDOWN = 8,
	BASE = 0x10,
	DEBUG_CONSOLE = 0x4442434e, /* "DBCN" */
	SYSTEM_RESET = 0x53525354, /* "SRST" */
};

#define BASE_PROBE 3
#define DEBUG_CONSOLE_WRITE_BYTE 2
#define SYSTEM_RESET_NOW 0
#define COLD_REBOOT 1

struct result {
	uint64_t error; /* 0: success.  Legacy calls return nothing but this. */
	uint64_t value;
};

static struct result call(enum extension extension, uint64_t function, uint64_t argument)
{
	register uint64_t a0 __asm__("a0") = argument;
	register uint64_t a1 __asm__("a1") = 0;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
	return (struct result){ a0, a1 };
}

/* Firmware that lacks even the base extension returns an error. */
static bool has(enum extension extension)
{
	struct result r = call(BASE, BASE_PROBE, extension);

	return r.error == 0 && r.value != 0;
}

static void put(char c)
{
	static enum extension console;

	if (!console)
		console = has(DEBUG_CONSOLE) ? DEBUG_CONSOLE : LEGACY_PUTCHAR;
	call(console, DEBUG_CONSOLE_WRITE_BYTE, (uint8_t)c);
}

void sbi_putchar(char c)
{
	if (c == '\n')
		put('\r');
	put(c);
}

void sbi_reset(void)
{
	if (has(SYSTEM_RESET))
		call(SYSTEM_RESET, SYSTEM_RESET_NOW, COLD_REBOOT); /* a1 = 0: no reason */
	call(LEGACY_SHUTDOWN, 0, 0);
}
