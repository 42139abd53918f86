/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of a load: which files, command line and call filled a slot.  The kernel
 * only reports that a slot is filled.  /run/kexec contains one file per slot.  -S --json
 * prints it, and an unload uses it to restore /sys/kernel/reboot/cpu.  A load works without a
 * record.
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
	const char *digests; /* those that purgatory compares, lines of plan_digest_text() */
	const char *reboot_cpu; /* /sys/kernel/reboot/cpu before the load; NULL: not changed */
	/* Set by record_prepare() alone. */
	const char *time; /* UTC, ISO 8601 */
	const char *tool; /* name and version of this program */
	const char *file_id; /* device, inode, size and times of the file called kernel */
};

/*
 * A change of a slot.  The old record is taken away before the system call and put back if the
 * call fails, under a lock: no reader and no run that is killed between these steps leaves the
 * record of another load than the one in the slot.
 */
struct record_change {
	bool crash;
	int lock; /* -1: no lock, and no new record */
	bool foreign; /* the directory belongs to others and is left alone */
	bool taken; /* the old record was renamed to aside */
	const char *name, *aside, *unfinished; /* paths */
	struct bytes text; /* the new record */
	struct load_record earlier; /* the old record; all NULL: not known */
};

/*
 * To be called before the system call.  Status 255: -EBUSY: another kexec holds the lock for
 * long; other errors: the old record cannot be taken away, and would be wrong after the call.
 * That no new record can be written is no error.
 */
int record_begin(struct ctx *ctx, const struct sysroot *root, bool crash,
		 struct record_change *change);

/* For a load whose slot has no record: record_end() does nothing. */
void record_none(struct record_change *change);

/*
 * Composes the new record, before the system call, so that nothing needs memory after it.  File
 * names are made absolute, and links in them resolved.  "-", and a name that cannot be
 * resolved, stays as it is.
 */
void record_prepare(struct ctx *ctx, const struct load_record *record,
		    struct record_change *change);

enum record_outcome {
	RECORD_OLD, /* the call failed: the old record holds */
	RECORD_NEW, /* the load of record_prepare() is in the slot */
	RECORD_NONE, /* the slot is empty, or its contents are not to be trusted */
};

/* To be called after the system call, and after each failure that follows record_begin(). */
void record_end(struct ctx *ctx, struct record_change *change, enum record_outcome outcome);

/* Removes the record of a slot that the kernel emptied.  A missing record is no error. */
void record_remove(struct ctx *ctx, const struct sysroot *root, bool crash);

/*
 * Reads the slot's record.  false: no record, or a record that cannot be trusted: it is
 * malformed, not whole, longer than 1 MiB, no regular file, or writable by users other than root
 * and the caller.
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
