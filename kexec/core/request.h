/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request: the command line as plain data.  options.c fills the request once, and every
 * stage reads it.  Strings point into argv.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch;

enum action {
	ACTION_LOAD_AND_REBOOT, /* no action option: load, then shut the system down and reboot */
	ACTION_LOAD,
	ACTION_LOAD_PANIC,
	ACTION_LOAD_AND_EXEC, /* -f */
	ACTION_EXEC,
	ACTION_LOAD_JUMP_BACK, /* the way back to the kernel that started this one */
	ACTION_UNLOAD,
	ACTION_STATUS,
	ACTION_CAPTURE, /* --capture without a kernel */
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_PRINT_CKR_SIZE,
};

enum method {
	METHOD_AUTO, /* -a */
	METHOD_KEXEC_LOAD, /* -c */
	METHOD_KEXEC_FILE_LOAD, /* -s */
};

/* Form of an ELF image's arguments.  ELF_ARGS_AUTO: the image's contents decide. */
enum elf_args { ELF_ARGS_AUTO, ELF_ARGS_LINUX, ELF_ARGS_NOTES, ELF_ARGS_NONE };

/* --bake-format; 0: not given, as BAKE_LINUX */
enum bake_format { BAKE_DEFAULT, BAKE_LINUX, BAKE_FLAT };

enum on_corrupt { ON_CORRUPT_HALT, ON_CORRUPT_REBOOT };

struct request {
	enum action action;
	bool crash; /* -p: the crash slot (load, unload, status) */
	bool live_update; /* Xen: the slot of a live update (load, execute) */
	bool normal; /* -l was given: the normal slot (status) */
	bool preserve_context; /* load a kernel that can return to the running one */
	enum method method;
	bool no_cma; /* kexec_file_load: KEXEC_FILE_NO_CMA */
	bool force_dtb; /* pass the running kernel's device tree on where it is not the default */
	bool debug;
	bool no_checks;
	bool hotplug; /* crash: the kernel may rewrite the core header */
	bool no_ifdown;
	bool no_sync;

	const char *kernel;
	const char *type; /* -t; NULL: detect it */
	uint64_t mem_min;
	uint64_t mem_max; /* last address, inclusive; UINT64_MAX: no limit */
	uint64_t entry; /* 0: not given */

	/* Built from --append and --command-line by the arch's append_rule.  NULL: not given. */
	const char *command_line;
	bool reuse_cmdline;
	const char *fit_config; /* NULL: the default configuration */
	uint64_t uki_profile; /* 0: the first, which is the default */
	enum elf_args elf_args;
	const char **initrds;
	size_t initrd_count;

	unsigned int core_bits; /* class of a crash load's core header, 32 or 64; 0: not given */

	/* purgatory's console */
	bool console_serial;
	const char *serial; /* as given; NULL: not given */
	uint16_t serial_base; /* I/O port, for an arch that has I/O ports */
	uint32_t serial_baud; /* 0: leave the speed unchanged */

	/* ARCH_OPTIONS_PC */
	bool reset_vga;
	bool console_vga;
	bool noefi;
	bool pass_memmap; /* crash: describe the memory by memmap= parameters */
	bool reuse_video_type;
	bool entry_32bit; /* enter a bzImage in 32-bit mode */
	bool real_mode; /* enter a bzImage in 16-bit mode */
	const char **modules; /* each a file name and, after a blank, a command line */
	size_t module_count;

	/* ARCH_OPTIONS_DTB */
	const char *dtb; /* file name; NULL: use the running kernel's device tree */

	/* ARCH_OPTIONS_KEPT_INITRD */
	bool reuse_initrd; /* keep the running kernel's initrd at its address */

	/* ARCH_OPTIONS_OLD_ROOT */
	bool no_old_root; /* do not add root= of the running kernel */

	/* ARCH_OPTIONS_TAGS */
	bool atags;
	uint64_t image_size; /* 0: not given */
	uint64_t page_offset; /* 0: not given */

	/* options that only this implementation has */
	const char *purgatory; /* "pie", "rel" or a file name */
	const char *sysroot; /* "": read the real /proc and /sys */
	const char *arch; /* --arch; NULL: this machine's arch */
	const struct arch *chosen; /* the arch; NULL: one that this kexec does not know */
	const char *bake; /* --bake: the file to write; NULL: load */
	enum bake_format bake_format;
	uint64_t bake_address; /* UINT64_MAX: anywhere */
	const char *capture; /* --capture: the file to write; NULL: not given */
	bool capture_secrets;
	bool dry_run;
	bool json;
	const char *picture; /* --picture: the SVG file to write; NULL: none */
	enum on_corrupt on_corrupt;
};

#endif
