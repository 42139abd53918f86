/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads by kexec_file_load(2).  The running kernel reads the files itself. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "submit_internal.h"
#include "core/kexec_flags.h"

/* Some architectures have no kexec_file_load.  The number -1 makes the kernel return ENOSYS. */
#ifndef SYS_kexec_file_load
#define SYS_kexec_file_load -1
#define WHY_NOT "Linux has no such call for the machine that this kexec was built for."
#else
#define WHY_NOT                                                                                    \
	"The running kernel was built without CONFIG_KEXEC_FILE, or its architecture has none."
#endif

/* Flags that a load can do without. */
#define OPTIONAL_FLAGS ((uint32_t)(KEXEC_FILE_DEBUG | KEXEC_FILE_NO_CMA | KEXEC_FILE_FORCE_DTB))

struct descriptor {
	int fd; /* -1: the load has no such part */
	bool copy; /* fd is a memfd, which close_part() closes */
};

static int file_call(int kernel, int initrd, const char *cmdline, uint32_t flags)
{
	size_t size = cmdline ? strlen(cmdline) + 1 : 0; /* the kernel counts the NUL */

	if (syscall(SYS_kexec_file_load, (long)kernel, (long)initrd, size, cmdline,
		    (unsigned long)flags))
		return -errno;
	return 0;
}

/*
 * Is the part a whole file that the kernel can read?  The kernel reads regular files only.
 * Files of /proc and /sys report a size of 0, so the kernel takes them for empty.
 */
static bool is_whole_file(const struct load_part *part)
{
	const struct file *file = part->file;
	struct stat stat;

	return file && part->bytes.data == file->bytes.data &&
	       part->bytes.size == file->bytes.size && !fstat(file->fd, &stat) &&
	       S_ISREG(stat.st_mode) && stat.st_size > 0;
}

static int open_part(struct ctx *ctx, const char *name, const struct load_part *part,
		     struct descriptor *out)
{
	*out = (struct descriptor){ .fd = -1 };
	if (!part->bytes.size)
		return 0;
	if (is_whole_file(part)) {
		out->fd = part->file->fd;
		return 0;
	}
	log_debug(&ctx->log,
		  "kexec_file_load: the %s is passed as a copy in memory, %zu bytes, "
		  "without the attributes of its file",
		  name, part->bytes.size);
	out->fd = memfd_with_bytes(ctx, name, part->bytes);
	out->copy = out->fd >= 0;
	return out->copy ? 0 : out->fd;
}

static void close_part(const struct descriptor *part)
{
	if (part->copy)
		close(part->fd);
}

static const char *flag_names(struct arena *arena, uint32_t flags)
{
	const char *names = "";

	for (const struct young_flag *f = young_flags; f->bit; f++)
		if (f->op == SUBMIT_FILE_LOAD && flags & f->bit)
			names = arena_join(arena, names, ", ",
					   arena_printf(arena, "0x%x (%s)", f->bit, f->name));
	return names;
}

/* *flags: in: the wanted flags; out: the flags of the last call. */
static int load_descriptors(struct ctx *ctx, int kernel, int initrd, const char *cmdline,
			    uint32_t *flags)
{
	uint32_t optional = *flags & OPTIONAL_FLAGS;
	const char *names = flag_names(&ctx->arena, optional);
	int ret;

	log_debug(&ctx->log, "kexec_file_load: flags = 0x%x", *flags);
	ret = file_call(kernel, initrd, cmdline, *flags);
	if (ret != -EINVAL || !optional)
		return ret;
	log_debug(&ctx->log,
		  "kexec_file_load: Invalid argument; "
		  "once more without what this kernel may not know: %s",
		  names);
	*flags &= ~optional;
	ret = file_call(kernel, initrd, cmdline, *flags);
	/* The debug flag alone needs no warning: the debug line above reports it. */
	if (!ret && optional != KEXEC_FILE_DEBUG)
		log_warn(&ctx->log,
			 "this kernel does not take all of these flags, none was used: %s", names);
	return ret;
}

static int not_available(struct ctx *ctx, const struct sysroot *root)
{
	/* Before err_set(), because machine_lockdown() clears the error. */
	bool locked = machine_lockdown(ctx, root);

	err_set(&ctx->err, -ENOSYS, "syscall kexec_file_load not available.");
	err_hint(&ctx->err, WHY_NOT " %s",
		 locked ? "As it is locked down, kexec_load cannot help." : "Try kexec_load: -c");
	return err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
}

/*
 * Errors about signatures are missing on purpose: kexec_load checks no signature, so it
 * must not follow a failed check.
 */
static bool kexec_load_may_do(int errnum)
{
	return errnum == EINVAL || errnum == ENOEXEC || errnum == ENOTSUP || errnum == EOPNOTSUPP;
}

static int explain_load(struct ctx *ctx, const struct sysroot *root, const struct submit_call *call,
			int errnum)
{
	if (errnum == ENOSYS)
		return not_available(ctx, root);
	submit_explain(ctx, root, call, errnum);
	if (kexec_load_may_do(errnum))
		err_status(&ctx->err, EXIT_STATUS_NO_FILE_CALL);
	return -errnum;
}

uint32_t submit_file_flags(const struct file_load *load)
{
	return load->flags | (load->initrd.bytes.size ? 0 : KEXEC_FILE_NO_INITRAMFS);
}

int submit_kexec_file_load(struct ctx *ctx, const struct sysroot *root,
			   const struct file_load *load)
{
	struct submit_call call = {
		.op = SUBMIT_FILE_LOAD,
		.crash = load->flags & KEXEC_FILE_ON_CRASH,
		.flags = submit_file_flags(load),
	};
	const char *cmdline = load->cmdline ? load->cmdline : "";
	struct descriptor kernel, initrd;
	int ret;

	ret = open_part(ctx, "kernel", &load->kernel, &kernel);
	if (ret)
		return ret;
	ret = open_part(ctx, "initrd", &load->initrd, &initrd);
	if (!ret)
		ret = files_unchanged(ctx); /* while they were copied as well */
	if (!ret) {
		ret = load_descriptors(ctx, kernel.fd, initrd.fd, cmdline, &call.flags);
		if (ret)
			explain_load(ctx, root, &call, -ret);
	}
	close_part(&initrd);
	close_part(&kernel);
	return ret;
}

int submit_file_unload(struct ctx *ctx, const struct sysroot *root, bool crash)
{
	struct submit_call call = {
		.op = SUBMIT_FILE_UNLOAD,
		.crash = crash,
		.flags = KEXEC_FILE_UNLOAD | (crash ? KEXEC_FILE_ON_CRASH : 0),
	};
	int ret;

	log_debug(&ctx->log, "kexec_file_load: unload, flags = 0x%x", call.flags);
	ret = file_call(-1, -1, NULL, call.flags);
	if (ret == -ENOSYS)
		return not_available(ctx, root);
	return ret ? submit_explain(ctx, root, &call, -ret) : 0;
}
