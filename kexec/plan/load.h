/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input of a load: the request, and all facts about the kernel and the running system that
 * the load needs.  load_look() fills it; every later stage
 * takes it as const.
 */
#ifndef PLAN_LOAD_H
#define PLAN_LOAD_H

#include "core/file.h"
#include "core/range.h"
#include "core/request.h"
#include "image/image.h"
#include "machine/machine.h"
#include "machine/tty.h"

struct arch;
struct baked;
struct devicetree;
struct image_type;
struct machine_crash;

/* The initrds of the request, or of the image's container, as one run of bytes. */
struct initrd {
	struct file file; /* the file that contains the bytes; fd -1: no single file */
	struct bytes bytes; /* size 0: no initrd */
	const char *name; /* for messages: all files */
};

/* A file that is loaded with the kernel, such as a module of a multiboot kernel. */
struct module {
	const char *text; /* as given: file name and command line */
	struct bytes bytes; /* unpacked */
};

struct load {
	const struct request *req;
	const struct arch *arch;
	const struct sysroot *root;

	/* --- the kernel --- */
	const struct image_type *type;
	struct file file; /* open as long as the load lasts */
	struct image image;
	const struct baked *baked; /* the kernel is this baked image; NULL: it is no baked image */
	/* The command line inside the image, if it is the one to use.  NULL: the request's. */
	const char *own_cmdline;
	struct initrd initrd;
	const struct module *module;
	size_t modules;

	/* --- the system call --- */
	enum method method; /* never METHOD_AUTO */
	const char *method_why;
	bool file_call_left; /* kexec_file_load may take the image and has not refused: for hints */
	const char
		*tried_first; /* why the running kernel refused kexec_file_load; NULL: not tried */

	/* --- the running system --- */
	struct machine machine;
	const char *lockdown; /* level, which allows signed code only; NULL: not locked down */
	/* Secure Boot is on, or unknown.  Looked at only if a decision depends on it. */
	bool secure_boot;
	struct handover handover;
	/* kexec_file_load: command line that stays if the request gives none; NULL: no such line. */
	const char *kept_cmdline;
	/* Crash loads: the reservation to load into.  Empty: another load, or no memory map. */
	struct range reservation;
	/*
	 * --load-preserve-context: the memory that the next kernel may use, in whole pages.  The
	 * running kernel saves its contents and restores them.  Empty: another load.
	 */
	struct range_set lent;
	/* --hotplug: size that the kernel asks for its core header, as text; NULL: no such file. */
	const char *elfcorehdr_size;

	/* --- for kexec_load alone --- */
	const struct machine_crash *crash; /* crash loads; else NULL */
	/* The next kernel's tree, before it is changed.  NULL: no_tree says why there is none. */
	const struct devicetree *tree;
	const struct err *no_tree;
	struct range kept_initrd; /* --reuseinitrd: the running kernel's, physical; else empty */
	struct tty tty; /* --serial: the port of that name, kind PURGATORY_SERIAL_NONE: not found */
	const char *tty_why; /* why it was not found */
};

#endif
