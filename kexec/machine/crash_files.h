/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the running system that only a crash load reads, as text; kdump/ parses
 * them (Linux: admin-guide/kdump/kdump.rst, ABI/testing/sysfs-devices-system-cpu).
 */
#ifndef MACHINE_CRASH_FILES_H
#define MACHINE_CRASH_FILES_H

#include "machine.h"

/* The place where the kernel will save the registers of one CPU. */
struct crash_cpu {
	uint64_t number;
	const char *notes_name; /* name of the crash_notes file, for messages */
	const char *notes; /* text of crash_notes */
	const char *size; /* text of crash_notes_size; NULL: no such file */
};

struct machine_crash {
	struct crash_cpu *cpu; /* sorted by number; CPUs without crash_notes are left out */
	size_t cpus;
	const char *vmcoreinfo; /* NULL: no such file */
	bool hypervisor; /* the dump is Xen's: the kernel's own mappings do not describe it */
	const char *kcore_name;
	struct bytes kcore; /* file header and program headers; size 0: not readable */
	const char *kcore_why; /* reason why kcore is not readable */
	struct bytes kallsyms; /* with a kcore, only up to _stext; size 0: not readable */
};

/*
 * Reads the files under machine->root.  The CPUs are those that the directory lists: their
 * numbers may have gaps.  Errors: /sys/devices/system/cpu is missing; a file of one line
 * exists, but cannot be read or is not text.
 */
int machine_read_crash(struct ctx *ctx, const struct machine *machine, struct machine_crash *out);

/*
 * Size of the room in which the kernel can rewrite the core header, as text; NULL: the
 * kernel cannot rewrite it.
 */
const char *machine_elfcorehdr_size(struct ctx *ctx, const struct sysroot *root);

#endif
