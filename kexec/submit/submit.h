/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only stage with side effects: the system calls, and the steps around them (sync,
 * interfaces, reboot).
 */
#ifndef SUBMIT_SUBMIT_H
#define SUBMIT_SUBMIT_H

#include <net/if.h>

#include "core/ctx.h"
#include "core/file.h"
#include "core/request.h"
#include "plan/plan.h"
#include "xen/xen.h"

/*
 * A state of the running system in which the kernel of one arch refuses every kexec_load.  It
 * is the cause if one file exists and another file does not.
 */
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
	/* Causes of -EINVAL.  The last entry has why NULL.  NULL: the arch has no such causes. */
	const struct submit_cause *causes;
};

/*
 * Calls kexec_load(2) with the plan's segments.  The plan must be for the running machine
 * and have passed plan_check().  If the kernel returns -EINVAL and the debug flag is set,
 * the call is repeated without the flag.  Error of a refused call: "kexec_load failed: ",
 * status 255; the caller prints the segments.
 */
int submit_kexec_load(struct ctx *ctx, const struct sysroot *root, const struct plan *plan,
		      const struct submit_arch *arch);

/*
 * To be called before the load: makes the running kernel jump on plan->reboot_cpu.  *before:
 * the old value, to be restored when the load fails or is undone; NULL: nothing was changed.
 */
int submit_reboot_cpu(struct ctx *ctx, const struct sysroot *root, const struct plan *plan,
		      const char **before);

/* Writes *before of submit_reboot_cpu() back.  NULL: does nothing.  A failure is a warning. */
void submit_restore_reboot_cpu(struct ctx *ctx, const struct sysroot *root, const char *before);

/* Empties a slot through kexec_load(2).  Emptying an empty slot is a success. */
int submit_unload(struct ctx *ctx, const struct sysroot *root, bool crash,
		  const struct submit_arch *arch);

/* A file that kexec_file_load(2) takes as a descriptor. */
struct load_part {
	/*
	 * The file as opened, still open.  Its own descriptor is passed if it is a regular
	 * file and bytes are its whole contents, because only the file itself has the
	 * IMA and EVM attributes.  Otherwise (NULL, a pipe, or bytes that were taken out of
	 * the file) a sealed copy in memory is passed.
	 */
	const struct file *file;
	struct bytes bytes; /* the bytes that the kernel reads; size 0: the load has no such part */
};

struct file_load {
	struct load_part kernel;
	struct load_part initrd;
	/* NULL: "" is passed.  With a size of 0, some kernels write before the buffer's start. */
	const char *cmdline;
	uint32_t flags; /* KEXEC_FILE_ON_CRASH, _DEBUG, _NO_CMA, _FORCE_DTB */
};

/* The flags of the first call: load->flags, and KEXEC_FILE_NO_INITRAMFS without an initrd. */
uint32_t submit_file_flags(const struct file_load *load);

/*
 * Calls kexec_file_load(2).  If the kernel returns -EINVAL and flags contain optional flags
 * (_DEBUG, _NO_CMA, _FORCE_DTB), the call is repeated without them.  Error of a refused
 * call: "kexec_file_load failed: "; for -ENOSYS "syscall kexec_file_load not available.".
 * A file that changed since it was opened is an error of files_unchanged().
 * Status 253: kexec_load may work (-ENOSYS, -EINVAL, -ENOEXEC, -ENOTSUP, -EOPNOTSUPP).
 * Status 255: kexec_load must not be tried, as when the kernel refuses a signature.
 */
int submit_kexec_file_load(struct ctx *ctx, const struct sysroot *root,
			   const struct file_load *load);

/*
 * Empties a slot through kexec_file_load(2).  Emptying an empty slot is a success.
 * Status 253: the kernel lacks the call (-ENOSYS), and submit_unload() may work.
 * Status 255: every other error.
 */
int submit_file_unload(struct ctx *ctx, const struct sysroot *root, bool crash);

/* *loaded: is the slot filled?  Fails with status 255 if the kernel does not report it. */
int submit_status(struct ctx *ctx, const struct sysroot *root, bool crash, bool *loaded);

/* Is a crash kernel loaded, according to Linux's own files?  false: no, or unknown. */
bool submit_crash_kernel_loaded(struct ctx *ctx, const struct sysroot *root);

/*
 * To be called after a refused load for the crash slot, if the slot was filled before: warns
 * if the old crash kernel is gone.  The running kernel frees the old crash kernel before it
 * checks the new one.  Leaves ctx->err as it is.
 */
void submit_warn_lost_crash_kernel(struct ctx *ctx, const struct sysroot *root);

/*
 * -e: syncs, takes the interfaces down and jumps.  Fails before these steps with "Nothing
 * has been loaded!" (status 1) if the kernel reports that the slot is empty, and without
 * CAP_SYS_BOOT.  Returns after a failure, and 0 after the next kernel returned; the interfaces
 * are up again then.
 */
int submit_exec(struct ctx *ctx, const struct sysroot *root, const struct request *req);

/*
 * kexec without an action option: executes the system's own reboot program, which is
 * searched under root.  Returns only on failure.  The image stays loaded then.
 */
int submit_system_reboot(struct ctx *ctx, const struct sysroot *root);

/* The interfaces that submit_interfaces_down() took down, in this order. */
struct interfaces {
	int fd; /* socket, which submit_interfaces_up() closes; -1: none */
	char (*name)[IF_NAMESIZE];
	size_t count;
};

/* Takes every interface except loopback down.  Failures are warnings. */
void submit_interfaces_down(struct ctx *ctx, struct interfaces *down);

/* Puts them up again, with a warning that names them.  Allocates no memory. */
void submit_interfaces_up(struct ctx *ctx, struct interfaces *down);

/*
 * The slots of Xen's control domain, which are in the hypervisor.  Errors as from the calls above,
 * with status 255, or as from xen_open().  submit_xen_exec() returns 0 for a live update that
 * has begun.
 */
int submit_xen_load(struct ctx *ctx, const struct plan *plan, enum xen_slot slot);
int submit_xen_unload(struct ctx *ctx, enum xen_slot slot);
int submit_xen_status(struct ctx *ctx, enum xen_slot slot, bool *loaded);
int submit_xen_exec(struct ctx *ctx, enum xen_slot slot);

/* A call that the kernel refused, described for submit_explain(). */
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
	uint32_t flags; /* as passed to the kernel */
	const struct plan *plan; /* NULL except for SUBMIT_LOAD */
	const struct submit_arch *arch; /* NULL except for SUBMIT_LOAD and SUBMIT_UNLOAD */
};

/*
 * Reports a refused call with status 255, as "kexec_load failed: Operation not permitted:
 * WHY" with the next step as the hint.  Reads capabilities, lockdown, sysctls and memory
 * under root.  errnum: the positive errno.  Returns -errnum.
 */
int submit_explain(struct ctx *ctx, const struct sysroot *root, const struct submit_call *call,
		   int errnum);

#endif
