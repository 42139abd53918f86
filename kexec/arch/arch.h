/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arch is one const struct and a few functions over plain data.  No header
 * of the host's own arch is used: every arch compiles everywhere.
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "image/image.h"
#include "machine/machine.h"
#include "plan/plan.h"

struct arch;
struct kdump_arch;

/*
 * A type whose plan is NULL is known by name only: choosing it is an error that
 * says so.  Its probe may be NULL too, which recognises nothing.  Or it is a
 * container: then the type is that of what was in it, and only peel() needs the probe.
 */
struct image_type {
	const char *name; /* as -t takes it */
	const char *container; /* name of the layer that was taken off; NULL: it is a kernel */
	bool (*probe)(struct bytes bytes);
	/* What -t makes acceptable besides; NULL: nothing. */
	bool (*named_probe)(struct bytes bytes);
	const char *named_hint; /* a sentence: what the others have and what is to be done */
	/* Of struct image_format: a container that no other arch has, a version in the header. */
	int (*peel)(struct ctx *ctx, struct image *image, struct bytes *inside);
	const char *(*version)(struct ctx *ctx, struct bytes bytes);
	/*
	 * Adds kernel, initrd and boot parameters to the plan and says what
	 * purgatory is to do.  load_plan() has filled arch, image_type, kernel,
	 * kexec_flags, page_size and ram; this sets kernel_version, cmdline,
	 * kernel_entry, params, purgatory_placement, wants_purgatory.
	 */
	int (*plan)(struct ctx *ctx, const struct request *req, const struct machine *machine,
		    const struct image *image, struct plan *plan);
	/*
	 * Is the image whole?  Sets how many characters of command line kexec_file_load
	 * takes with it, without the NUL.  -EOPNOTSUPP: kexec_load takes it, the kernel's
	 * own loader does not.  NULL: that takes no image of the type.
	 */
	int (*file_check)(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
	/*
	 * The command line inside a kernel that passed file_check, which stays where none
	 * is asked for.  NULL, here or returned: it has none.
	 */
	const char *(*own_cmdline)(struct ctx *ctx, struct bytes bytes);
};

/* Groups of options that only some arches have. */
enum arch_options {
	ARCH_OPTIONS_PC = 0x1,
	ARCH_OPTIONS_TREE = 0x2,
	ARCH_OPTIONS_TAGS = 0x4,
	ARCH_OPTIONS_KEPT_INITRD = 0x8,
	ARCH_OPTIONS_OLD_ROOT = 0x10,
};

struct arch_option_group {
	unsigned int group; /* ARCH_OPTIONS_* */
	const char *title; /* in the help */
	const char *arches; /* separated by spaces, compiled in or not */
};

/* group: one bit. */
const struct arch_option_group *arch_option_group(unsigned int group);

/* The next kernel's command line where --append and --command-line are repeated. */
enum append_rule {
	APPEND_LAST_WINS,
	APPEND_ALL_JOINED,
	APPEND_BOTH_LINES, /* the last --command-line, then the last --append */
};

struct arch {
	const char *name; /* as --arch takes it and as purgatory/arch/ is called */
	/* Machine fields of uname(2), NULL-terminated; a * stands for anything. */
	const char *const *uname;
	/* The same of what its kernels say to programs under a 32-bit personality; NULL. */
	const char *const *uname32;
	uint16_t e_machine;
	enum byte_order order; /* of the running kernel, and so of purgatory */
	uint32_t kexec_arch; /* in bits 16..31 of the kexec_load flags */
	uint64_t page_size;
	unsigned int options; /* ARCH_OPTIONS_* */
	enum append_rule append;
	enum memory_source memory;
	/* --dtb with a call that does not take it is an error, elsewhere a warning. */
	bool insists_on_dtb;
	/* What machine_read() does not read; NULL: nothing. */
	int (*read_machine)(struct ctx *ctx, const struct request *req, struct machine *machine);
	/*
	 * The command line that stays where none is asked for, so that kexec_file_load can
	 * be given it.  NULL, here or returned: there is none.
	 */
	const char *(*kept_cmdline)(struct ctx *ctx, const struct machine *machine);
	/* For the core header of a crash load; NULL: there is none, or it depends on the machine. */
	const struct kdump_arch *kdump;
	const struct image_type *const *types; /* in probe order, NULL-terminated */
};

/* All that are compiled in, NULL-terminated. */
extern const struct arch *const arches[];

extern const struct arch arch_x86_64, arch_arm64, arch_arm, arch_ppc64le, arch_ppc64, arch_riscv64,
	arch_s390x;

/* By name, or by uname -m; NULL. */
const struct arch *arch_by_name(const char *name);
const struct arch *arch_by_uname(const char *machine);

/* The arch whose kernels may say so although they are of 64 bits; NULL. */
const struct arch *arch_by_uname32(const char *machine);

/* The formats of all arches, for struct image_rules. */
const struct image_format *arch_image_formats(struct ctx *ctx);

/*
 * Which type is the image?  -t's, if its probe accepts the bytes, else the first
 * whose probe does; never a container.  Status 255: "Unsupported kernel type", "Wrong file type",
 * "Cannot determine the file type of"; status 1: a type not supported yet.
 */
int arch_choose_type(struct ctx *ctx, const struct arch *arch, const struct request *req,
		     const struct image *image, const struct image_type **out);

/* Adds --mem-min and --mem-max, where given, to what bounds a segment. */
void arch_limit_placement(const struct request *req, struct placement *placement);

/* PURGATORY_* that the request asks for on every arch: verify or not, halt or reset. */
uint32_t arch_purgatory_flags(const struct request *req);

/* -ENOEXEC: the image came in a uImage that was made for another arch than `number`. */
int arch_check_uimage(struct ctx *ctx, const struct image *image, const char *arch,
		      unsigned int number);

/*
 * The initrd files of the request, or else what the image brings along, as one run
 * of bytes: mapped where there is one, put together as boot loaders do (each
 * starting at a multiple of 4) where there are several.  size 0: there is none.
 * limit: largest total in bytes, the machine's RAM.  name: for messages, all files.
 */
int arch_initrd(struct ctx *ctx, const struct request *req, const struct image *image,
		uint64_t limit, struct bytes *out, const char **name);

/*
 * The same as a segment of the plan, where the placement, --mem-min and --mem-max allow.
 * *initrd: where its bytes lie, without what else is in the last page; empty: there is none.
 */
int arch_place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct image *image, const struct placement *placement,
		      struct plan *plan, struct range *initrd);

/*
 * Forgets the command line that the image brings along where another is asked for,
 * unless nothing but signed code may run: that is warned about.
 */
void arch_choose_cmdline(struct ctx *ctx, const struct request *req, const struct machine *machine,
			 struct image *image);

/*
 * The command line of the next kernel: the image's own, or else --reuse-cmdline's
 * part (BOOT_IMAGE and, for a crash load, crashkernel parameters taken out), a
 * space, --append's.
 * limit: characters that the next kernel takes, without the NUL; a longer line
 * is an error with both numbers.
 */
int arch_command_line(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct image *image, uint64_t limit, const char **out);

#endif
