/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was asked on the command line: plain data, filled once by options.c and
 * read by every stage.  Strings point into argv.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum action {
	ACTION_LOAD_AND_REBOOT, /* no action option: load, then the system's reboot */
	ACTION_LOAD,
	ACTION_LOAD_PANIC,
	ACTION_LOAD_AND_EXEC, /* -f */
	ACTION_EXEC,
	ACTION_UNLOAD,
	ACTION_STATUS,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_PRINT_CKR_SIZE,
};

enum method {
	METHOD_AUTO, /* -a */
	METHOD_KEXEC_LOAD, /* -c */
	METHOD_KEXEC_FILE_LOAD, /* -s */
};

/* How arguments reach an ELF image; found out by looking at it, unless asked for. */
enum elf_args { ELF_ARGS_AUTO, ELF_ARGS_LINUX, ELF_ARGS_NOTES };

enum on_corrupt { ON_CORRUPT_HALT, ON_CORRUPT_REBOOT };

/* An option that only some arches have. */
struct arch_option {
	const char *name;
	unsigned int group; /* ARCH_OPTIONS_* */
};

struct request {
	enum action action;
	bool crash; /* -p: the crash slot (load, unload, status) */
	bool normal; /* -l was given: the normal slot (status) */
	enum method method;
	bool no_cma; /* kexec_file_load's flags of these names */
	bool force_dtb;
	bool debug;
	bool no_checks;
	bool hotplug; /* crash: the kernel may rewrite the core header */
	bool no_ifdown;
	bool no_sync;

	const char *kernel;
	const char *type; /* -t, NULL: find out */
	uint64_t mem_min;
	uint64_t mem_max; /* inclusive, as on the command line; UINT64_MAX: none */
	uint64_t entry; /* 0: not given */

	const char *command_line; /* --append or --command-line, the last one; NULL */
	const char *command_lines; /* all of them, a space between; NULL */
	const char *last_lines[2]; /* of --command-line, and of --append; NULL */
	bool reuse_cmdline;
	enum elf_args elf_args;
	const char **initrds;
	size_t initrd_count;

	/* purgatory's console */
	bool console_serial;
	const char *serial; /* as given; NULL */
	uint16_t serial_base; /* x86: its port */
	uint32_t serial_baud; /* 0: leave it alone */

	struct arch_option *arch_options;
	size_t arch_option_count;

	/* x86 */
	bool reset_vga;
	bool console_vga;
	bool noefi;
	bool pass_memmap; /* crash: memory as memmap= words */
	bool reuse_video_type;

	/* machines with device trees */
	const char *dtb; /* NULL: the running kernel's */
	bool reuse_initrd; /* the running kernel's, where it lies; not arm */

	/* ppc64 */
	bool no_old_root; /* root= of the running kernel is not for the next */

	/* arm */
	bool atags;
	uint64_t image_size; /* 0: not given */
	uint64_t page_offset; /* 0: not given */

	/* of this implementation */
	const char *purgatory; /* "pie", "rel" or a file name */
	const char *sysroot; /* "" for / */
	const char *arch; /* --arch, NULL: this machine's */
	bool dry_run;
	bool json;
	enum on_corrupt on_corrupt;
};

#endif
