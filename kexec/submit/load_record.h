/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of a load: which files, command line and call filled a slot.  The kernel
 * only reports that a slot is filled.  /run/kexec contains one file per slot.  -S --json
 * prints it, and an unload uses it to restore /sys/kernel/reboot/cpu.  No load depends on
 * it, so every failure here is only a debug line.
 */
#ifndef SUBMIT_RECORD_H
#define SUBMIT_RECORD_H

#include "sha256.h"
#include "core/ctx.h"
#include "core/file.h"

/* A string that is NULL: unknown, or the load has no such property. */
struct load_record {
	const char *kernel; /* file name */
	const char *kernel_version;
	const char *command_line;
	const char **initrds;
	size_t initrd_count;
	const char *method; /* system call */
	const char *purgatory; /* "pie", "rel", or "kernel": the running kernel's own */
	const char *reboot_cpu; /* /sys/kernel/reboot/cpu before the load; NULL: not changed */
	/* Set by record_write() alone. */
	const char *time; /* UTC, ISO 8601 */
	const char *tool; /* name and version of this program */
	const char *file_id; /* device, inode, size and mtime of the file called kernel */
};

/*
 * Replaces the slot's record after a load.  File names are made absolute, and links in
 * them resolved.  "-", and a name that cannot be resolved, stays as it is.  If the new
 * record cannot be written, the old one is removed.
 */
void record_write(struct ctx *ctx, const struct sysroot *root, bool crash,
		  const struct load_record *record);

/* Removes the record of a slot that was emptied.  A missing record is no error. */
void record_remove(struct ctx *ctx, const struct sysroot *root, bool crash);

/*
 * Reads the slot's record.  false: no record, or a record that cannot be trusted: it is
 * malformed, longer than 1 MiB, no regular file, or writable by users other than root and
 * the caller.
 */
bool record_read(struct ctx *ctx, const struct sysroot *root, bool crash,
		 struct load_record *record);

/*
 * Reads the kernel file of the record and computes its SHA-256.  It is computed here,
 * so that a load does not wait for it.  false: the file is gone, cannot be read, or was
 * changed since the load.
 */
bool record_digest(struct ctx *ctx, const struct sysroot *root, const struct load_record *record,
		   uint8_t digest[SHA256_SIZE]);

#endif
