/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explains why the kernel refused a call and what to do next.  A table contains the
 * errors with one cause.  EPERM and EINVAL have many causes: functions look for them in
 * the state of the system.
 * kexec_load(2), reboot(2), kernel: admin-guide/sysctl/kernel.rst.
 */
#include "submit_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/kexec_flags.h"

#define CAP_SYS_BOOT 22

struct lookup {
	struct ctx *ctx;
	const struct sysroot *root;
	const struct submit_call *call;
	const char *why; /* NULL: nothing found yet */
	const char *next;
};

/* Adds a cause.  All causes are reported, because each of them stops the call. */
static void found(struct lookup *l, const char *why, const char *next)
{
	struct arena *arena = &l->ctx->arena;

	l->why = arena_join(arena, l->why, "; and ", why);
	l->next = arena_join(arena, l->next, " ", next);
}

/* The value of a "Name:  value" line; NULL: no line of that name. */
static const char *field(const char *text, const char *name)
{
	size_t size = strlen(name);

	while (text) {
		if (!strncmp(text, name, size) && text[size] == ':')
			return text + size + 1;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return NULL;
}

bool lacks_boot_right(struct ctx *ctx, const struct sysroot *root)
{
	struct bytes text = sysroot_read_optional(ctx, root, "/proc/self/status");
	const char *caps = field((const char *)text.data, "CapEff");

	return caps && !(strtoull(caps, NULL, 16) & 1ull << CAP_SYS_BOOT);
}

static const char *read_text(struct lookup *l, const char *name)
{
	return (const char *)sysroot_read_optional(l->ctx, l->root, name).data;
}

static void find_privilege(struct lookup *l)
{
	const char *map = read_text(l, "/proc/self/uid_map");
	unsigned int inside, outside, count;

	if (lacks_boot_right(l->ctx, l->root)) {
		found(l, "this process lacks the capability CAP_SYS_BOOT",
		      "Run kexec as root, outside of containers.");
		return;
	}
	if (sscanf(map, "%u %u %u", &inside, &outside, &count) == 3 &&
	    (inside || outside || count != UINT32_MAX))
		found(l, "this process runs in a user namespace, whose root may not do that",
		      "Run kexec outside of the container.");
}

static void find_sysctls(struct lookup *l)
{
	const char *limit = l->call->crash ? "/proc/sys/kernel/kexec_load_limit_panic"
					   : "/proc/sys/kernel/kexec_load_limit_reboot";
	const char *text = read_text(l, limit);
	char *end;

	if (atoi(read_text(l, "/proc/sys/kernel/kexec_load_disabled")) == 1)
		found(l, "the sysctl kernel.kexec_load_disabled is 1",
		      "That lasts until the next boot; /etc/sysctl.d may hold what sets it.");
	/* A limit of -1 means no limit. */
	if (strtol(text, &end, 10) == 0 && end != text)
		found(l,
		      arena_printf(&l->ctx->arena,
				   "the sysctl kernel.%s is 0: the loads that "
				   "it allows are used up",
				   strrchr(limit, '/') + 1),
		      "Only the next boot raises that limit again.");
}

static void find_lockdown(struct lookup *l)
{
	const char *level = machine_lockdown(l->ctx, l->root);
	const char *next;

	if (!level || l->call->op == SUBMIT_FILE_UNLOAD)
		return;
	switch (l->call->op) {
	case SUBMIT_LOAD:
		next = "Only kexec_file_load (-s) can load here, and only a signed kernel.";
		break;
	case SUBMIT_UNLOAD: next = "Only kexec_file_load (-s) can unload here."; break;
	default:
		next = "Load a kernel that is signed with a key that this one trusts, "
		       "such as your distribution's.";
	}
	found(l,
	      arena_printf(&l->ctx->arena,
			   "the kernel is locked down (%s), as under Secure "
			   "Boot, and takes signed images only",
			   level),
	      next);
}

static void find_filter(struct lookup *l)
{
	const char *seccomp = field(read_text(l, "/proc/self/status"), "Seccomp");

	if (seccomp && atoi(seccomp) != 0)
		found(l, "a seccomp filter is in force and may forbid it",
		      "Run kexec outside of the container or of the service's sandbox.");
	else
		found(l, "a security module (LoadPin, SELinux or another) may forbid it",
		      "The kernel log and the audit log have its reason: dmesg | tail");
}

static void look_eperm(struct lookup *l)
{
	find_privilege(l);
	if (l->call->op != SUBMIT_REBOOT) {
		find_sysctls(l);
		find_lockdown(l);
	}
	if (!l->why)
		find_filter(l);
}

static void find_flags(struct lookup *l)
{
	for (const struct young_flag *f = young_flags; f->bit; f++) {
		if (f->op != l->call->op || !(l->call->flags & f->bit))
			continue;
		found(l,
		      arena_printf(&l->ctx->arena,
				   "this kernel may not know the flag 0x%" PRIx32 " (%s: %s)",
				   f->bit, f->name, f->needs),
		      f->bit == KEXEC_PRESERVE_CONTEXT ? "Boot a kernel that was built with it."
						       : "Try without that option.");
	}
}

static void find_arch(struct lookup *l)
{
	const struct submit_arch *arch = l->call->arch;

	if (arch && arch->number && arch->running && arch->number != arch->running)
		found(l,
		      arena_printf(&l->ctx->arena,
				   "the call names architecture %" PRIu32
				   ", the running kernel is %s (%" PRIu32 ")",
				   arch->number, arch->running_name, arch->running),
		      "Use a kexec built for the running kernel, and no setarch or linux32.");
}

static void find_half_of_ram(struct lookup *l)
{
	const char *total = field(read_text(l, "/proc/meminfo"), "MemTotal");
	uint64_t ram = total ? strtoull(total, NULL, 10) << 10 : 0, sum = 0;

	if (!l->call->plan || !ram)
		return;
	for (size_t i = 0; i < l->call->plan->segments; i++)
		sum += range_size(l->call->plan->segment[i].range);
	if (sum > ram / 2)
		found(l,
		      arena_printf(&l->ctx->arena,
				   "the segments take %" PRIu64 " MiB, "
				   "more than half of the memory of %" PRIu64 " MiB",
				   sum >> 20, ram >> 20),
		      "Use a smaller initrd.");
}

static void find_causes_of_arch(struct lookup *l)
{
	const struct submit_arch *arch = l->call->arch;
	const struct submit_cause *cause = arch ? arch->causes : NULL;

	if (l->call->op != SUBMIT_LOAD)
		return;
	for (; cause && cause->why; cause++)
		if (sysroot_exists(l->ctx, l->root, cause->present) &&
		    !sysroot_exists(l->ctx, l->root, cause->absent))
			found(l, cause->why, cause->next);
}

static void look_einval(struct lookup *l)
{
	find_flags(l);
	find_arch(l);
	find_half_of_ram(l);
	find_causes_of_arch(l);
	if (!l->why)
		found(l,
		      "the kernel finds the request inconsistent, "
		      "or cannot kexec on this machine",
		      "The kernel log may say why: dmesg | tail");
}

static void look_einval_file_load(struct lookup *l)
{
	find_flags(l);
	if (!l->why)
		found(l,
		      "the kernel's own loader refused the image, the initrd "
		      "or the command line",
		      "The kernel log (dmesg | tail) may say why.");
}

/* PROC_PID_INIT_INO of the kernel */
#define INITIAL_PID_NAMESPACE "pid:[4026531836]"

static void look_einval_reboot(struct lookup *l)
{
	const char *path = sysroot_path(l->ctx, l->root, "/proc/self/ns/pid");
	char link[32] = "";

	if (readlink(path, link, sizeof(link) - 1) > 0 && strcmp(link, INITIAL_PID_NAMESPACE))
		found(l, "this process is in a PID namespace of its own",
		      "Run kexec -e outside of the container.");
	else
		found(l, "nothing is loaded, or the kernel was built without kexec",
		      "Load a kernel first: kexec -l KERNEL");
}

enum slot { ANY_SLOT, CRASH_SLOT };

struct row {
	int errnum;
	unsigned int ops;
	enum slot slot;
	void (*look)(struct lookup *l); /* NULL: why and next are the explanation */
	const char *why;
	const char *next;
};

#define LOADS (SUBMIT_LOAD | SUBMIT_FILE_LOAD)
#define FILE_CALLS (SUBMIT_FILE_LOAD | SUBMIT_FILE_UNLOAD)
#define KEXEC_CALLS (SUBMIT_LOAD | SUBMIT_UNLOAD)
#define ALL_CALLS (KEXEC_CALLS | FILE_CALLS | SUBMIT_REBOOT)

/* row_for() takes the first row that matches. */
static const struct row rows[] = {
	{ EPERM, ALL_CALLS, ANY_SLOT, look_eperm, NULL, NULL },
	{ EINVAL, SUBMIT_FILE_LOAD, ANY_SLOT, look_einval_file_load, NULL, NULL },
	{ EINVAL, SUBMIT_REBOOT, ANY_SLOT, look_einval_reboot, NULL, NULL },
	{ EINVAL, ALL_CALLS, ANY_SLOT, look_einval, NULL, NULL },

	{ EBUSY, ALL_CALLS, ANY_SLOT, NULL,
	  "another kexec call, or a change of the crash reservation, is going on",
	  "Wait until it is done, then try again." },
	{ ENOSYS, KEXEC_CALLS, ANY_SLOT, NULL, "the kernel was built without CONFIG_KEXEC",
	  "Boot a kernel that has it; with CONFIG_KEXEC_FILE, kexec_file_load (-s) does it." },
	{ EADDRNOTAVAIL, LOADS, CRASH_SLOT, NULL,
	  "the image does not fit into the memory that is reserved for the crash kernel",
	  "Reserve more: crashkernel=SIZE on the command line of the running kernel, and reboot." },
	{ EADDRNOTAVAIL, SUBMIT_LOAD, ANY_SLOT, NULL,
	  "a segment is not page aligned, or lies where this kernel cannot put it",
	  "Try a lower place: --mem-max=ADDRESS" },
	{ EADDRNOTAVAIL, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the kernel found no free place for a part of the image", "Use a smaller initrd." },
	{ ENOMEM, LOADS, CRASH_SLOT, NULL,
	  "the crash reservation has no room left for the kernel's own pages, or memory is short",
	  "Reserve more: crashkernel=SIZE on the command line of the running kernel, and reboot." },
	{ ENOMEM, LOADS, ANY_SLOT, NULL, "the kernel has no memory left to keep the image in",
	  "Free some memory, or use a smaller initrd." },
	{ EFAULT, SUBMIT_LOAD, ANY_SLOT, NULL,
	  "bytes of a segment cannot be read, as when a file shrinks while it is loaded",
	  "Try again when nothing writes to the kernel and initrd files." },
	{ EFAULT, SUBMIT_FILE_LOAD, ANY_SLOT, NULL, "the kernel cannot read the command line",
	  "The kernel log may say why: dmesg | tail" },
	{ EACCES, SUBMIT_LOAD, ANY_SLOT, NULL,
	  "an integrity policy (IMA, Secure Boot) wants to check the kernel file, "
	  "which kexec_load does not show",
	  "Only kexec_file_load (-s) can load here, and only a signed kernel." },
	{ EACCES, SUBMIT_UNLOAD, ANY_SLOT, NULL,
	  "an integrity policy (IMA, Secure Boot) does not allow the call kexec_load",
	  "Only kexec_file_load (-s) can unload here." },
	{ EACCES, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the integrity policy (IMA) does not accept the kernel or the initrd file",
	  "Sign the files as the policy demands; the audit log names the one refused." },
	{ EOPNOTSUPP, SUBMIT_LOAD, ANY_SLOT, NULL,
	  "the running kernel, or the way in which it was started, rules kexec out",
	  "The kernel log may say why (dmesg | tail); no kexec from a shared segment (NSS)." },
	{ EOPNOTSUPP, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the kernel's own loader does not take this kind of image or signature",
	  "The kernel log (dmesg | tail) may say why." },
	{ ENOEXEC, SUBMIT_LOAD, ANY_SLOT, NULL,
	  "the kernel's check for this architecture does not accept the image",
	  "The kernel log may say why: dmesg | tail" },
	{ ENOEXEC, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the kernel has no loader of its own for this format",
	  "Use an image of a format that it loads, such as a 64-bit bzImage." },

	{ EBADF, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the kernel or the initrd is not open for reading", "Make the files readable for root." },
	{ ETXTBSY, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the kernel or the initrd file is open for writing",
	  "Wait until whatever writes it (fuser FILE) is done, then try again." },
	{ EFBIG, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the kernel or the initrd file is larger than the kernel reads",
	  "Use a smaller initrd." },
	{ EIO, SUBMIT_FILE_LOAD, ANY_SLOT, NULL, "the kernel or the initrd file cannot be read",
	  "The kernel log has the device's error: dmesg | tail" },
	{ ENODATA, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the image is not signed and this kernel takes signed ones only",
	  "Load a kernel that is signed with a key that this one trusts." },
	{ ENOKEY, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the image is signed with a key that this kernel does not have",
	  "Enroll the key (platform or machine keyring), or load a kernel signed with one "
	  "that is there." },
	{ EKEYREJECTED, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the signature does not fit the image, its key was revoked, "
	  "or this kernel checks no signatures of this kind of image",
	  "Install the kernel anew; signing it must be the last change to the file." },
	{ ENOPKG, SUBMIT_FILE_LOAD, ANY_SLOT, NULL,
	  "the running kernel lacks the hash or cipher that the image is signed with",
	  "Load its crypto module, or sign with another algorithm." },
	{ EBADMSG, SUBMIT_FILE_LOAD, ANY_SLOT, NULL, "the signature of the image is malformed",
	  "Sign the kernel anew." },
	{ EMSGSIZE, SUBMIT_FILE_LOAD, ANY_SLOT, NULL, "the signature of the image is cut short",
	  "Sign the kernel anew." },
	{ ELIBBAD, SUBMIT_FILE_LOAD, ANY_SLOT, NULL, "the PE headers of the image are malformed",
	  "Install the kernel anew." },
};

static const struct row *row_for(const struct submit_call *call, int errnum)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if (row->errnum == errnum && (row->ops & call->op) &&
		    (row->slot == ANY_SLOT || call->crash))
			return row;
	}
	return NULL;
}

/* Suggests kexec_load, unless a signature, a missing privilege or a lack of room is the cause. */
static void offer_kexec_load(struct lookup *l, int errnum)
{
	switch (errnum) {
	case EADDRNOTAVAIL:
		if (l->call->crash)
			return;
		break;
	case EINVAL:
	case ENOEXEC:
	case EOPNOTSUPP:
	case EBADF:
	case EFBIG: break;
	default: return;
	}
	/* A kernel that is locked down refuses every kexec_load. */
	if (l->call->op == SUBMIT_FILE_LOAD && !machine_lockdown(l->ctx, l->root))
		l->next = arena_printf(&l->ctx->arena, "%s Or try kexec_load: -c", l->next);
}

/* Start of the error message.  Scripts match it. */
static const char *opening(enum submit_op op)
{
	switch (op) {
	case SUBMIT_LOAD: return "kexec_load failed";
	case SUBMIT_UNLOAD: return "kexec unload failed";
	case SUBMIT_FILE_LOAD: return "kexec_file_load failed";
	case SUBMIT_FILE_UNLOAD: return "kexec_file_load(unload) failed";
	case SUBMIT_REBOOT: break;
	}
	return "kexec failed";
}

int submit_explain(struct ctx *ctx, const struct sysroot *root, const struct submit_call *call,
		   int errnum)
{
	struct lookup l = { .ctx = ctx, .root = root, .call = call };
	const struct row *row = row_for(call, errnum);

	if (row && row->look)
		row->look(&l);
	else if (row)
		found(&l, row->why, row->next);
	offer_kexec_load(&l, errnum);

	err_set(&ctx->err, -errnum, "%s: %s%s%s", opening(call->op), strerror(errnum),
		l.why ? ": " : "", l.why ? l.why : "");
	err_hint(&ctx->err, "%s", l.next ? l.next : "The kernel log may say why: dmesg | tail");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}
