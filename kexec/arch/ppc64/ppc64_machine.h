/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a ppc64 machine tells in its device tree alone (Linux: arch/powerpc/kernel/prom.c,
 * machine_kexec_64.c; LoPAR).
 */
#ifndef MACHINE_PPC64_H
#define MACHINE_PPC64_H

#include "machine/machine.h"

#define PPC64_PAGE_SIZE 0x10000 /* the largest of the kernel's */

struct machine_ppc64 {
	/* Firmware's own memory, in whole pages: the next kernel needs it, a crash kernel, too. */
	struct range *firmware;
	size_t firmware_count;
	struct range *reserved; /* reserved-ranges of the root */
	size_t reserved_count;
	struct range initrd; /* the running kernel's; empty: not told */
	uint64_t rtas_entry; /* 0: there is no RTAS */
	uint64_t rtas_base;
	uint64_t rtas_reboot; /* the token of system-reboot */
	uint64_t opal_base; /* 0: there is no OPAL */
	uint64_t opal_entry;
	uint32_t ticks_per_ms; /* of the timebase; 0: unknown */
	uint32_t cycles_per_ms; /* of the CPU; 0: unknown */
	uint32_t absent_cpus; /* possible ones, threads, that are not present */
	/* Those online whose hardware's number is known; with --dtb only. */
	struct machine_cpu *cpu;
	size_t cpus;
	uint32_t reboot_cpu; /* the one that the running kernel jumps on, if it is online */
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
 * ppc64_cpus.c: fills absent_cpus and what follows it.  Files that are not there leave zeros;
 * -EINVAL: one that should hold a number.
 */
int machine_read_ppc64_cpus(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			    struct machine_ppc64 *out);

#endif
