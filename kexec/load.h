/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a request to what is submitted. */
#ifndef LOAD_H
#define LOAD_H

#include "arch/arch.h"
#include "core/ctx.h"
#include "core/file.h"
#include "core/request.h"
#include "submit/submit.h"

/* --arch's, or this machine's. */
int load_choose_arch(struct ctx *ctx, const struct request *req, const struct arch **arch);

/* What tells the reservations for crash kernels: that arch's source, where it knows them. */
enum memory_source load_reservation_source(struct ctx *ctx, const struct request *req);

/* What both system calls begin with.  Zeroed by the caller, file descriptors -1. */
struct load {
	const struct request *req;
	const struct arch *arch;
	struct machine machine;
	struct file file; /* the kernel, open as long as the load lasts */
	struct image image;
	const struct image_type *type;
	enum method method; /* the call to try: never METHOD_AUTO */
	const char *method_why;
	const char *tried_first; /* why the kernel refused the other call; NULL */
	const char *reboot_cpu_before; /* as submit_reboot_cpu() has it */
	struct file initrd; /* fd -1, or what files.initrd refers to */
	struct file_load files;
};

#define LOAD_NOTHING                                                                               \
	{                                                                                          \
		.file = { .fd = -1 }, .initrd = {.fd = -1 }                                        \
	}

/* Reads machine and kernel and chooses the call. */
int load_look(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	      struct load *load);

/*
 * Sets load->method: -c's or -s's, else kexec_file_load, unless it cannot take the
 * image, or an option asks for what only kexec_load does on a kernel that is not
 * locked down.  Warns of options that the call does not honour; -EINVAL for those
 * without which the next kernel would be another than was asked for.
 */
int load_choose_call(struct ctx *ctx, struct load *load);

/* Again for a load->method that was changed since. */
void load_warn_of_unused(struct ctx *ctx, const struct load *load);

/* As the plan and messages call it; not for METHOD_AUTO. */
const char *method_name(enum method method);

/* For kexec_load: every stage but the last. */
int load_plan(struct ctx *ctx, const struct load *load, struct plan *plan);

/*
 * For kexec_file_load: load->files, checked.  Status 253: the call cannot take
 * this, kexec_load may.
 */
int load_files(struct ctx *ctx, struct load *load);

/*
 * After the load: what -S --json will tell of it.  purgatory: as in struct
 * load_record.
 */
void load_keep_record(struct ctx *ctx, const struct load *load, const char *cmdline,
		      const char *purgatory);

/* Closes the files; the bytes stay. */
void load_end(struct load *load);

#endif
