/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec_test's reports on the host: all but the machine below them, whose memory is made up. */
#ifndef TESTS_KEXEC_TEST_H
#define TESTS_KEXEC_TEST_H

#include "kexec_test/x86/boot_params.c"
#include "kexec_test/x86/console.c"
#include "kexec_test/x86/multiboot.c"
#include "kexec_test/x86/program_args.c"
#include "kexec_test/x86/report.c"
#include "purgatory/print.c"

/* The same bytes at both addresses. */
#define PLACE 0x100000u
#define HIGH_PLACE 0x100000000u

static const uint8_t *memory;
static uint64_t memory_size;

bool peek(uint64_t address, uint64_t size, const uint8_t **out)
{
	uint64_t at = address - (address < HIGH_PLACE ? PLACE : HIGH_PLACE);

	if (size && at < memory_size && size <= memory_size - at) {
		*out = memory + at;
		return true;
	}
	print("cannot be read\n");
	return false;
}

uint64_t read_efer(void)
{
	return 0;
}

#endif
