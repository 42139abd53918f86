/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only a crash load reads of the running system, as text; kdump/ makes
 * sense of it.  (Linux: admin-guide/kdump/kdump.rst, ABI/testing/sysfs-devices-system-cpu.)
 */
#ifndef MACHINE_CRASH_H
#define MACHINE_CRASH_H

#include "machine.h"

/* Where the kernel will save one CPU's registers. */
struct crash_cpu {
	uint64_t number;
	const char *notes_name; /* of the file, for messages */
	const char *notes; /* its text */
	const char *size; /* text of crash_notes_size; NULL: no such file */
};

struct machine_crash {
	struct crash_cpu *cpu; /* by number; CPUs without crash_notes are left out */
	size_t cpus;
	const char *vmcoreinfo; /* NULL: no such file */
	const char *kcore_name;
	struct bytes kcore; /* file header and program headers; size 0: not to be had */
	const char *kcore_why; /* why not */
	struct bytes kallsyms; /* up to _stext where there is a kcore; size 0: not readable */
};

/*
 * Reads them under machine->root.  CPUs come from the directory, not from a count:
 * their numbers may have gaps.  Errors: /sys/devices/system/cpu is missing; one of the
 * files of a line exists and cannot be read, or is no text.
 */
int machine_read_crash(struct ctx *ctx, const struct machine *machine, struct machine_crash *out);

/* The room that a kernel wants for rewriting the core header, as text; NULL: it cannot. */
const char *machine_elfcorehdr_size(struct ctx *ctx, const struct sysroot *root);

#endif
