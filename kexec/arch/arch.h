/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arch is one const struct and a few functions over plain data.  No header
 * of the host's own arch is used: every arch compiles everywhere.
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include <elf.h>

#include "arches.h"
#include "image/image.h"
#include "machine/machine.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "submit/submit.h"

struct arch;
struct kdump_arch;
struct rel_arch;

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
	 * Adds kernel, initrd and boot parameters to the plan, and purgatory's work: sets
	 * cmdline, kernel_entry, params, purgatory_placement and wants_purgatory.
	 * load_plan() has filled the rest.
	 */
	int (*plan)(struct ctx *ctx, const struct load *load, struct plan *plan);
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
	/* The arch's row of kexec/arch/arches: ARCH_ROW_name sets the five. */
	const char *name; /* as --arch takes it */
	uint16_t e_machine;
	unsigned int bits; /* word size of the running kernel, and so of purgatory */
	enum byte_order order; /* of the running kernel, and so of purgatory */
	uint32_t kexec_arch; /* in bits 16..31 of the kexec_load flags */

	/* Machine fields of uname(2), NULL-terminated; a * stands for anything. */
	const char *const *uname;
	/* The same of what its kernels say to programs under a 32-bit personality; NULL. */
	const char *const *uname32;
	uint8_t uimage; /* number of the arch in uImages; 0: its uImages are not checked */
	uint64_t page_size;
	unsigned int options; /* ARCH_OPTIONS_* */
	enum append_rule append;
	struct machine_source memory;
	/* --dtb with a call that does not take it is an error, elsewhere a warning. */
	bool insists_on_dtb;
	bool makes_core_header; /* crash kernels do so themselves, without help of the loader */
	/*
	 * Reads what only this arch's plan needs of the running system, and stores it in load
	 * (machine.arch, tree, tty ...).  Called for kexec_load alone, once the rest of load is
	 * filled.  NULL: nothing.
	 */
	int (*look)(struct ctx *ctx, struct load *load);
	/*
	 * The command line that stays where the request gives none, so that kexec_file_load can
	 * be given it.  NULL, here or returned: the running kernel has none.
	 */
	const char *(*kept_cmdline)(struct ctx *ctx, const struct sysroot *root);
	/* For the core header of a crash load.  NULL: no header, or it depends on the machine. */
	const struct kdump_arch *kdump;
	const struct rel_arch *rel; /* relocation types of its purgatory.rel */
	/* Writes purgatory's CPU state into its image.  NULL: the state consists of 64-bit words. */
	void (*write_cpu)(uint8_t *out, const struct purgatory_params *params);
	/* States in which its kernels refuse kexec_load with EINVAL; the last why is NULL. */
	const struct submit_cause *load_causes;
	const struct image_type *const *types; /* in probe order, NULL-terminated */
};

/* All that are compiled in, NULL-terminated. */
extern const struct arch *const arches[];

#define DECLARE_ARCH(name)                                                                         \
	extern const struct arch arch_##name;                                                      \
	extern const struct rel_arch rel_arch_##name;
FOR_EACH_ROW(DECLARE_ARCH)
#undef DECLARE_ARCH

/* By name, or by uname -m; NULL. */
const struct arch *arch_by_name(const char *name);
const struct arch *arch_by_uname(const char *machine);

/* The arch whose kernels may say so although they are of 64 bits; NULL. */
const struct arch *arch_by_uname32(const char *machine);

/* The arch of a kexec_load, and the running kernel's own as /proc/sys/kernel/arch names it. */
struct submit_arch arch_for_submit(struct ctx *ctx, const struct sysroot *root,
				   const struct arch *arch);

/* The formats of all arches, for struct image_rules. */
const struct image_format *arch_image_formats(struct ctx *ctx);

/*
 * Chooses the type of an image: -t's (req->type), if its probe accepts the bytes, else the
 * first whose probe does; never a container.  Status 255: "Unsupported kernel type", "Wrong
 * file type", "Cannot determine the file type of", a uImage for another arch; status 1: a
 * type that is not supported yet.
 */
int arch_choose_type(struct ctx *ctx, const struct arch *arch, const struct request *req,
		     const struct image *image, const struct image_type **out);

#endif
