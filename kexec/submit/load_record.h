/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was loaded into a slot: the kernel only tells that something was.  Kept
 * below /run/kexec, a file per slot, for -S --json, and for an unload to undo what the
 * load changed besides; no load depends on it, so whatever fails here is a debug line.
 */
#ifndef SUBMIT_RECORD_H
#define SUBMIT_RECORD_H

#include "sha256.h"
#include "core/ctx.h"
#include "core/file.h"

/* NULL: unknown, or there is none. */
struct load_record {
	const char *kernel; /* file name */
	const char *kernel_version;
	const char *command_line;
	const char **initrds;
	size_t initrd_count;
	const char *method; /* system call */
	const char *purgatory; /* "pie", "rel", or "kernel": the running kernel's own */
	const char *reboot_cpu; /* /sys/kernel/reboot/cpu before; NULL: it was not changed */
	/* Set by record_write() alone. */
	const char *time; /* UTC, ISO 8601 */
	const char *tool; /* name and version of this program */
	const char *file_id; /* which file kernel was, and which state of it */
};

/*
 * Replaces the slot's record after a load.  Names are made absolute, links in them
 * resolved; one that names no file ("-", a pipe) stays as it is.  When it cannot be
 * written, there is no record.
 */
void record_write(struct ctx *ctx, const struct sysroot *root, bool crash,
		  const struct load_record *record);

/* The slot was emptied.  No record is fine. */
void record_remove(struct ctx *ctx, const struct sysroot *root, bool crash);

/*
 * false where there is none, or one that cannot be trusted: malformed, longer
 * than 1 MiB, no regular file, or changeable by others than root and the caller.
 */
bool record_read(struct ctx *ctx, const struct sysroot *root, bool crash,
		 struct load_record *record);

/*
 * SHA-256 of the kernel's file, which is read now: a load need not wait for it.
 * false where that file is gone or was changed since the load.
 */
bool record_digest(struct ctx *ctx, const struct sysroot *root, const struct load_record *record,
		   uint8_t digest[SHA256_SIZE]);

#endif
