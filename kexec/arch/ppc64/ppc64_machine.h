/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts about a ppc64 machine that only its device tree contains (Linux:
 * arch/powerpc/kernel/prom.c, machine_kexec_64.c; LoPAR).
 */
#ifndef ARCH_PPC64_PPC64_MACHINE_H
#define ARCH_PPC64_PPC64_MACHINE_H

#include "machine/machine.h"

#define PPC64_PAGE_SIZE 0x10000 /* the largest page size of Linux */

struct machine_ppc64 {
	/* Firmware's own memory, in whole pages.  Every next kernel needs its contents. */
	struct range *firmware;
	size_t firmware_count;
	struct range *reserved; /* reserved-ranges of the root */
	size_t reserved_count;
	struct range initrd; /* the running kernel's; empty: unknown */
	uint64_t rtas_entry; /* 0: no RTAS */
	uint64_t rtas_base;
	uint64_t rtas_reboot; /* the token of system-reboot */
	uint64_t opal_base; /* 0: no OPAL */
	uint64_t opal_entry;
	uint32_t ticks_per_ms; /* of the timebase; 0: unknown */
	uint32_t cycles_per_ms; /* of the CPU; 0: unknown */
	uint32_t absent_cpus; /* CPU threads that are possible, but not present */
	/* Online CPUs whose hardware number is known; only with --dtb. */
	struct machine_cpu *cpu;
	size_t cpus;
	uint32_t reboot_cpu; /* the running kernel jumps on this CPU, if it is online */
	bool hvterm; /* the console is a hypervisor's terminal */
	uint32_t hvterm_number;
};

/*
 * Fills machine->iomem, with the names of /proc/iomem ("System RAM", "Crash kernel",
 * "Reserved") and "Firmware"; machine->reach with the lowest memory node; machine->arch with
 * a struct machine_ppc64.  read_iomem() of struct machine_source.
 * -ENODATA: properties are missing; -ENOEXEC: malformed properties.
 */
int machine_read_ppc64(struct ctx *ctx, const struct request *req, struct machine *machine);

/*
 * ppc64_cpus.c: fills absent_cpus and the fields after it.  Missing files leave zeros;
 * -EINVAL: a file that should contain a number.
 */
int machine_read_ppc64_cpus(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			    struct machine_ppc64 *out);

#endif
