/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only stage with side effects: the system calls, and what surrounds them
 * (sync, interfaces, reboot).
 */
#ifndef SUBMIT_SUBMIT_H
#define SUBMIT_SUBMIT_H

#include "core/ctx.h"
#include "core/file.h"
#include "core/request.h"
#include "plan/plan.h"

/* A state of the running system, seen by two files, in which kernels of one arch load nothing. */
struct submit_cause {
	const char *present; /* this file exists */
	const char *absent; /* this file does not exist */
	const char *why; /* for the error message */
	const char *next; /* sentence with the remedy */
};

/* The arch of a kexec_load. */
struct submit_arch {
	uint32_t number; /* kexec_arch of struct arch */
	uint32_t running; /* the running kernel's number; 0: unknown */
	const char *running_name; /* for messages */
	const struct submit_cause
		*causes; /* of -EINVAL, up to a why of NULL; NULL: no such cause */
};

/*
 * kexec_load(2) with the plan's segments.  The plan is for the running machine
 * and has passed plan_check().  -EINVAL with the debug flag set is tried once
 * more without it.  A refused call: "kexec_load failed: ", status 255; the
 * caller shows the segments.
 */
int submit_kexec_load(struct ctx *ctx, const struct sysroot *root, const struct plan *plan,
		      const struct submit_arch *arch);

/*
 * Before the load: has the running kernel jump on plan->reboot_cpu.  *before: what is to be
 * written back when that load fails or is undone; NULL: nothing was changed.
 */
int submit_reboot_cpu(struct ctx *ctx, const struct sysroot *root, const struct plan *plan,
		      const char **before);

/* before: that, NULL included.  A failure is a warning. */
void submit_restore_reboot_cpu(struct ctx *ctx, const struct sysroot *root, const char *before);

/* Empties a slot through kexec_load(2).  If nothing is loaded, that is success. */
int submit_unload(struct ctx *ctx, const struct sysroot *root, bool crash,
		  const struct submit_arch *arch);

/* What kexec_file_load(2) gets as a descriptor. */
struct load_part {
	/*
	 * As opened, and still open.  Passed itself where the bytes are all of it and
	 * it is a regular file: only the original has its IMA and EVM attributes.
	 * NULL, a pipe, or bytes peeled out of it: a sealed copy in memory is passed.
	 */
	const struct file *file;
	struct bytes bytes; /* what the kernel is to see; size 0: there is none */
};

struct file_load {
	struct load_part kernel;
	struct load_part initrd;
	/* NULL is passed as "": without even a NUL, some kernels write in front of the buffer. */
	const char *cmdline;
	uint32_t flags; /* KEXEC_FILE_ON_CRASH, _DEBUG, _NO_CMA, _FORCE_DTB */
};

/*
 * kexec_file_load(2).  -EINVAL with a flag that the load can do without is tried
 * once more without all such flags.  A refused call: "kexec_file_load failed: ",
 * or "syscall kexec_file_load not available." for -ENOSYS alone.  Status 253:
 * kexec_load may do (-ENOSYS, -EINVAL, -ENOEXEC, -ENOTSUP); 255: it must not be
 * tried, as when a signature is refused.
 */
int submit_kexec_file_load(struct ctx *ctx, const struct sysroot *root,
			   const struct file_load *load);

/*
 * Empties a slot through kexec_file_load(2).  Nothing loaded is success.  Status
 * 253: there is no such call (-ENOSYS), submit_unload() may do; else 255.
 */
int submit_file_unload(struct ctx *ctx, const struct sysroot *root, bool crash);

/* *loaded: 1 or 0; a negative errno (status 255) when the kernel does not tell. */
int submit_status(struct ctx *ctx, const struct sysroot *root, bool crash, bool *loaded);

/* Is a crash kernel loaded?  false where the running kernel does not tell. */
bool submit_crash_kernel_loaded(struct ctx *ctx, const struct sysroot *root);

/*
 * After a refused load for the crash slot, which held a kernel before: warns if
 * that one is gone.  The running kernel frees it before it looks at the new one.
 * Leaves ctx->err as it is.
 */
void submit_warn_lost_crash_kernel(struct ctx *ctx, const struct sysroot *root);

/*
 * -e: "Nothing has been loaded!" (status 1) unless something is or the kernel
 * does not tell; sync, interfaces down, jump.  Returns only on failure, and the
 * interfaces are down then.
 */
int submit_exec(struct ctx *ctx, const struct sysroot *root, const struct request *req);

/*
 * The bare form: becomes the system's own reboot, which is looked for under
 * root.  Returns only on failure; the image stays loaded.
 */
int submit_system_reboot(struct ctx *ctx, const struct sysroot *root);

/* Takes every interface but loopback down; failures are warnings. */
void submit_interfaces_down(struct ctx *ctx);

/* A call that the kernel refused, as submit_explain() wants it told. */
enum submit_op {
	SUBMIT_LOAD = 1, /* kexec_load */
	SUBMIT_UNLOAD = 2, /* kexec_load without segments */
	SUBMIT_FILE_LOAD = 4, /* kexec_file_load */
	SUBMIT_FILE_UNLOAD = 8,
	SUBMIT_REBOOT = 16,
};

struct submit_call {
	enum submit_op op;
	bool crash; /* the crash slot */
	uint32_t flags; /* as they were passed */
	const struct plan *plan; /* SUBMIT_LOAD only; else NULL */
	const struct submit_arch *arch; /* SUBMIT_LOAD and SUBMIT_UNLOAD; else NULL */
};

/*
 * Reports a refused call: "kexec_load failed: Operation not permitted: WHY",
 * the next step as the hint, status 255.  Looks capabilities, lockdown, sysctls
 * and memory up under root.  errnum: positive.  Returns -errnum.
 */
int submit_explain(struct ctx *ctx, const struct sysroot *root, const struct submit_call *call,
		   int errnum);

#endif
