/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A load from end to end, and the parts that other actions share with it. */
#ifndef LOAD_H
#define LOAD_H

#include "arch/arch.h"
#include "bake/bake.h"
#include "core/ctx.h"
#include "core/request.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "submit/submit.h"

/* Finds --arch's arch, or that of the capture in root, or this machine's.  Status 255: not compiled in. */
int load_choose_arch(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		     const struct arch **arch);

/*
 * Reads the reservations for crash kernels into machine->crash: from the arch's own source
 * if it has one, else from /proc/iomem.
 */
int load_read_reservations(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			   struct machine *machine);

/*
 * look.c: reads the kernel and the running system and chooses the call.  For kexec_file_load
 * only what that call needs is read: a load for the next reboot works without /proc/iomem.
 * load_close() closes the files, after an error as well; the bytes stay.
 */
int load_look(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	      struct load *load);
void load_close(struct load *load);

/*
 * look.c: for --capture without a kernel, reads all that a load may read of the system, for every
 * image type of the arch.  Nothing is an error: root's recorder has what is unreadable.
 */
void load_look_at_system(struct ctx *ctx, const struct request *req, const struct sysroot *root);

/*
 * look.c: reads what kexec_load needs in addition, into a second load for that call; the first is
 * not changed.  why, tried_first: as in struct load.
 */
int load_look_again(struct ctx *ctx, const struct load *first, const char *why,
		    const char *tried_first, struct load *load);

/*
 * method.c: sets load->method: -c's or -s's, else kexec_file_load, unless it cannot take
 * the image, or an option asks for what only kexec_load does on a kernel that is not
 * locked down.  Warns of options that the call does not honour; -EINVAL for those
 * without which the next kernel would be another than was asked for.
 */
int load_choose_call(struct ctx *ctx, struct load *load);

/* method.c: warns of options that load->method does not honour. */
void load_warn_of_unused(struct ctx *ctx, const struct load *load);

/* method.c: name of the call in plans and messages. */
const char *load_method_name(const struct load *load);

/* Makes and checks the plan: every stage of kexec_load before the call. */
int load_plan(struct ctx *ctx, const struct load *load, struct plan *plan);

/*
 * Makes and checks the arguments of kexec_file_load.  Status 253: the call cannot take this load,
 * kexec_load may.
 */
int load_files(struct ctx *ctx, const struct load *load, struct file_load *files);

/* Callbacks and results for output; load_run() itself does not print. */
struct load_report {
	/*
	 * For --dry-run, and for --bake with --json: the plan, the load that it was made from, and
	 * the baked image that it makes or loads; NULL: no baked image.  An error ends the run.
	 */
	int (*show_plan)(struct ctx *ctx, const struct load *load, const struct plan *plan,
			 const struct baked *baked);
	/* For -d: the arguments of kexec_load, before the call. */
	void (*show_call)(const struct plan *plan);
	/* For --bake: the file was written. */
	void (*show_baked)(const struct load *load, const struct baked *baked);
	const struct plan *refused; /* out: kexec_load refused this plan; NULL: it did not */
};

/*
 * Does a whole load, --dry-run included: looks, plans or checks, submits, falls back from
 * kexec_file_load to kexec_load, keeps the record.
 */
int load_run(struct ctx *ctx, const struct request *req, const struct sysroot *root,
	     struct load_report *report);

/*
 * Loads code that returns to the kernel that started the running one, at req->entry.  Status 255: a
 * kernel is loaded, or the state of the slot is unknown.
 */
int load_jump_back(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		   struct load_report *report);

/* Unloads the request's slot, and undoes other changes of the load (record, reboot CPU). */
int load_undo(struct ctx *ctx, const struct request *req, const struct sysroot *root);

#endif
