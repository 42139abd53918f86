/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --capture: what kexec read of a machine as a tar file, which --sysroot replays (kexec.8). */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "core/ctx.h"
#include "core/file.h"
#include "core/request.h"

/* The member that describes the capture: lines of a keyword and its value. */
#define CAPTURE_ABOUT "kexec-capture"

struct capture_report {
	size_t files;
	size_t masked; /* files with secrets that are masked or left out */
	size_t unreadable;
	const char *first_unreadable; /* path and reason */
};

/*
 * Writes all that root's recorder has to the file of --capture.  argv: the command line of kexec,
 * ending with NULL.  The same reads give the same bytes.
 */
int capture_write(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		  char **argv, struct capture_report *report);

/* Name of the arch in a capture; NULL: root is no capture. */
const char *capture_arch(struct ctx *ctx, const struct sysroot *root);

/*
 * Replaces the secrets in the bytes of a member by bytes of the same number.  Returns false if it
 * contains none.  A damaged device tree is left out as a whole.  secrets: they stay, but not what
 * differs from run to run.
 */
bool capture_mask(struct ctx *ctx, bool secrets, struct tar_member *member);

/* Crosses out the passwords in a command line.  Returns false if it contains none. */
bool capture_mask_line(struct arena *arena, char *text, size_t size);

#endif
