/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arch is one const struct and a few functions over plain data.  No header
 * of the host's own arch is used: every arch compiles everywhere.
 */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include <elf.h>

#include "arches.h"
#include "boot/bake_arch.h"
#include "image/image.h"
#include "machine/machine.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "submit/submit.h"

struct arch;
struct kdump_arch;
struct rel_arch;

#define IMAGE_TAKES_ENTRY 0x1 /* --entry-32bit, --real-mode */
#define IMAGE_TAKES_MODULES 0x2 /* --module */
#define IMAGE_TAKES_ELF_ARGS 0x4 /* --args-none, --args-elf */

/*
 * A type of image.  A type with plan NULL cannot be loaded.  It is either known by name only (its
 * probe may be NULL, and recognises nothing), and choosing it is an error; or it is a
 * container: then the contents determine the type, and only peel() uses the probe.
 */
struct image_type {
	const char *name; /* value of -t */
	const char *container; /* name of the layer that peel() removes; NULL: not a container */
	bool (*probe)(struct bytes bytes);
	/* Accepts further images if -t names the type; NULL: no further images. */
	bool (*named_probe)(struct bytes bytes);
	const char *named_hint; /* a sentence for a hint: describes these images, and what to do */
	unsigned int takes; /* IMAGE_TAKES_*: options that are an error with other types */
	/* As in struct image_format, for containers and headers that only this arch has. */
	int (*peel)(struct ctx *ctx, struct image *image, struct bytes *inside);
	const char *(*version)(struct ctx *ctx, struct bytes bytes);
	/*
	 * Adds kernel, initrd and boot parameters to the plan, and purgatory's work: sets
	 * cmdline, kernel_entry, params, purgatory_placement and wants_purgatory.
	 * load_plan() has filled the rest.
	 */
	int (*plan)(struct ctx *ctx, const struct load *load, struct plan *plan);
	/*
	 * Checks that kexec_file_load can take the image, and that the image is complete.  Sets
	 * the largest command line in characters, without the NUL.  -EOPNOTSUPP: only
	 * kexec_load can load this image.  NULL: only kexec_load can load this type.
	 */
	int (*file_check)(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
	/*
	 * Returns the command line inside the kernel, damaged or not; it stays if the
	 * request gives none.  NULL, as pointer or as result: no command line.
	 */
	const char *(*own_cmdline)(struct ctx *ctx, struct bytes bytes);
};

/* Groups of options that only some arches have: lines "#group" of kexec/arch/arches. */
enum arch_options {
	ARCH_OPTIONS_PC = 0x1,
	ARCH_OPTIONS_TREE = 0x2,
	ARCH_OPTIONS_TAGS = 0x4,
	ARCH_OPTIONS_KEPT_INITRD = 0x8,
	ARCH_OPTIONS_OLD_ROOT = 0x10,
	ARCH_OPTIONS_DTB = 0x20,
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
	/* Six fields of the row in kexec/arch/arches, set by the macro ARCH_ROW_name. */
	const char *name; /* value of --arch */
	uint16_t e_machine;
	unsigned int bits; /* word size of the running kernel, and so of purgatory */
	enum byte_order order; /* of the running kernel, and so of purgatory */
	uint32_t kexec_arch; /* in bits 16..31 of the kexec_load flags */
	unsigned int options; /* ARCH_OPTIONS_* */

	/* Patterns for the machine field of uname(2), NULL-terminated; * matches any text. */
	const char *const *uname;
	/* Patterns for that field under a 32-bit personality; NULL: no patterns. */
	const char *const *uname32;
	uint8_t uimage; /* number of the arch in uImages; 0: its uImages are not checked */
	uint64_t page_size;
	enum append_rule append;
	bool no_file_call; /* Linux lacks kexec_file_load here, although types have file_check */
	struct machine_source memory;
	/* --dtb with a call that ignores it is an error, instead of a warning. */
	bool insists_on_dtb;
	/*
	 * Why the dump of a crash kernel loaded by kexec_file_load may be useless: kexec_load is
	 * the default then.  NULL: it is not.
	 */
	const char *file_crash_unsafe;
	bool makes_core_header; /* crash kernels make their core header themselves */
	/*
	 * Set if the kernel's page tables for the jump map all memory; those of a crash load lie in
	 * the reservation.  The CPU flag for pages of 1 GiB in them.
	 */
	const char *huge_page_flag;
	/*
	 * Reads what only this arch's plan needs of the running system, and stores it in load
	 * (machine.arch, tree, tty ...).  Called for kexec_load alone, once the rest of load is
	 * filled.  NULL: nothing.
	 */
	int (*look)(struct ctx *ctx, struct load *load);
	/*
	 * Returns the running kernel's command line for kexec_file_load; it stays if the request
	 * gives none.  NULL, as pointer or as result: no command line stays.
	 */
	const char *(*kept_cmdline)(struct ctx *ctx, const struct sysroot *root);
	/*
	 * Changes the next kernel's command line for kexec_file_load: removes words that the
	 * running kernel adds itself.  As amend_cmdline() of struct boot.  NULL: no change.
	 */
	int (*amend_file_cmdline)(struct ctx *ctx, const struct load *load, uint64_t limit,
				  const char **cmdline);
	/* For the core header of a crash load.  NULL: no header, or it depends on the machine. */
	const struct kdump_arch *kdump;
	const struct bake_arch *bake; /* NULL: the arch has no baked images */
	const struct rel_arch *rel; /* relocation types of its purgatory.rel */
	/* Writes purgatory's CPU state into its image.  NULL: the state consists of 64-bit words. */
	void (*write_cpu)(uint8_t *out, const struct purgatory_params *params);
	/*
	 * Makes the segment for --load-jump-back-helper, in whole pages.  Its code begins at its
	 * start, and returns to the kernel that started the running one, at entry.  address: of
	 * the segment; the size does not depend on it.  NULL: the running kernel itself can jump
	 * to entry.
	 */
	int (*way_back)(struct ctx *ctx, const struct machine *machine, uint64_t entry,
			uint64_t address, struct bytes *out);
	/* States in which its kernels refuse kexec_load with EINVAL; the last why is NULL. */
	const struct submit_cause *load_causes;
	const struct image_type *const *types; /* in probe order, NULL-terminated */
};

/* All arches that are compiled in, NULL-terminated. */
extern const struct arch *const arches[];

#define DECLARE_ARCH(name)                                                                         \
	extern const struct arch arch_##name;                                                      \
	extern const struct rel_arch rel_arch_##name;
FOR_EACH_ROW(DECLARE_ARCH)
#undef DECLARE_ARCH

/* The arch of that name, or of that machine field of uname(2); NULL: unknown. */
const struct arch *arch_by_name(const char *name);
const struct arch *arch_by_uname(const char *machine);

/* The 64-bit arch that reports this machine under a 32-bit personality; NULL: no such arch. */
const struct arch *arch_by_uname32(const char *machine);

/* May kexec_file_load take images of this type? */
static inline bool arch_has_file_call(const struct arch *arch, const struct image_type *type)
{
	return type->file_check && !arch->no_file_call;
}

/* The arch of a kexec_load.  kernel_arch: that of the running kernel (struct machine). */
struct submit_arch arch_for_submit(const struct arch *arch, const char *kernel_arch);

/* The formats of all arches, for struct image_rules. */
const struct image_format *arch_image_formats(struct ctx *ctx);

/*
 * Chooses the type of an image: that of -t (req->type) if its probe accepts the bytes, an
 * error if not; without -t the first type whose probe accepts them.  Never a container.
 * Status 255: "Unsupported kernel type", "Wrong file type", "Cannot determine the file type
 * of", a uImage for another arch; status 1: a type that is not supported yet, or an option that
 * has no meaning for the type.
 */
int arch_choose_type(struct ctx *ctx, const struct arch *arch, const struct request *req,
		     const struct image *image, const struct image_type **out);

#endif
