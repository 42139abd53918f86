/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option table, and how a command line becomes a request (kexec.8). */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "core/number.h"

enum option_id {
	OPT_HELP = 'h',
	OPT_VERSION = 'v',
	OPT_DEBUG = 'd',
	OPT_STATUS = 'S',
	OPT_LOAD = 'l',
	OPT_PANIC = 'p',
	OPT_UNLOAD = 'u',
	OPT_EXEC = 'e',
	OPT_FORCE = 'f',
	OPT_NO_CHECKS = 'i',
	OPT_NO_IFDOWN = 'x',
	OPT_NO_SYNC = 'y',
	OPT_TYPE = 't',
	OPT_FILE_SYSCALL = 's',
	OPT_LOAD_SYSCALL = 'c',
	OPT_AUTO_SYSCALL = 'a',
	OPT_LONG_ONLY = 256,
	OPT_MEM_MIN,
	OPT_MEM_MAX,
	OPT_ENTRY,
	OPT_COMMAND_LINE,
	OPT_APPEND,
	OPT_REUSE_CMDLINE,
	OPT_INITRD,
	OPT_CKR_SIZE,
	OPT_RESET_VGA,
	OPT_CONSOLE_VGA,
	OPT_CONSOLE_SERIAL,
	OPT_SERIAL,
	OPT_BAUD,
	OPT_NOEFI,
	OPT_HOTPLUG,
	OPT_DTB,
	OPT_ATAGS,
	OPT_IMAGE_SIZE,
	OPT_PAGE_OFFSET,
	OPT_NO_OLD_ROOT,
	OPT_REUSE_INITRD,
	OPT_PASS_MEMMAP,
	OPT_REUSE_VIDEO,
	OPT_ARGS_LINUX,
	OPT_ARGS_ELF,
	OPT_ACCEPTED,
	OPT_NO_CMA,
	OPT_FORCE_DTB,
	OPT_PURGATORY,
	OPT_SYSROOT,
	OPT_ARCH,
	OPT_DRY_RUN,
	OPT_JSON,
	OPT_ON_CORRUPT,
	OPT_PENDING, /* known, parsed, and refused: its work is not done yet */
};

enum option_group {
	GROUP_ACTION,
	GROUP_IMAGE,
	GROUP_PLACE,
	GROUP_CALL,
	GROUP_PURGATORY,
	GROUP_CRASH,
	GROUP_X86,
	GROUP_DEVICETREE,
	GROUP_ARM,
	GROUP_KEPT_INITRD,
	GROUP_ROOT,
	GROUP_LOOK,
	GROUPS,
};

static const char *const group_title[GROUPS] = {
	[GROUP_ACTION] = "Actions",
	[GROUP_IMAGE] = "What to load",
	[GROUP_PLACE] = "Where to load it",
	[GROUP_CALL] = "Which system call",
	[GROUP_PURGATORY] = "Purgatory, the code that runs between the two kernels",
	[GROUP_CRASH] = "Crash kernels",
	[GROUP_X86] = "x86 only",
	[GROUP_DEVICETREE] = "Machines with device trees",
	[GROUP_ARM] = "arm (32 bits) only",
	[GROUP_KEPT_INITRD] = "Machines with device trees, but arm (32 bits)",
	[GROUP_ROOT] = "arm (32 bits) and ppc64",
	[GROUP_LOOK] = "Looking before leaping",
};

/* Arches that have a group's options; NULL: all. */
static const char *const group_arches[GROUPS] = {
	[GROUP_X86] = "x86_64 i386",
	[GROUP_DEVICETREE] = "arm64 arm ppc64le ppc64 riscv64",
	[GROUP_ARM] = "arm",
	[GROUP_KEPT_INITRD] = "arm64 ppc64le ppc64 riscv64",
	[GROUP_ROOT] = "arm ppc64le ppc64",
};

/* Where every --append counts, one behind the other; elsewhere it is the last. */
static const char arches_of_all_appends[] = "s390x";

/* Where --append goes behind --command-line, in whatever order they come. */
static const char arches_of_two_lines[] = "riscv64";

#define LOAD_ONLY 0x1 /* means nothing without an image to load */

struct option_entry {
	const char *name;
	const char *arg; /* what the help calls its argument; NULL: takes none */
	enum option_group group;
	int id;
	unsigned int flags;
	const char *help;
};

static const struct option_entry table[] = {
	{ "help", NULL, GROUP_ACTION, OPT_HELP, 0, "print this text" },
	{ "version", NULL, GROUP_ACTION, OPT_VERSION, 0, "print the version" },
	{ "load", NULL, GROUP_ACTION, OPT_LOAD, 0, "load KERNEL, to be started by -e or a reboot" },
	{ "load-panic", NULL, GROUP_ACTION, OPT_PANIC, 0,
	  "the crash slot: load a kernel to be started by a panic; with -u, -S: act on that slot" },
	{ "force", NULL, GROUP_ACTION, OPT_FORCE, 0, "load KERNEL and start it at once" },
	{ "exec", NULL, GROUP_ACTION, OPT_EXEC, 0, "start what is loaded" },
	{ "unload", NULL, GROUP_ACTION, OPT_UNLOAD, 0, "unload" },
	{ "status", NULL, GROUP_ACTION, OPT_STATUS, 0,
	  "exit with 1 if the crash slot (with -l: the normal slot) is loaded, 0 if not" },
	{ "print-ckr-size", NULL, GROUP_ACTION, OPT_CKR_SIZE, 0,
	  "print the size of the crash kernel's reserved memory" },
	{ "load-preserve-context", NULL, GROUP_ACTION, OPT_PENDING, 0,
	  "load a kernel that can return to this one" },
	{ "load-jump-back-helper", NULL, GROUP_ACTION, OPT_PENDING, 0,
	  "load only the way back to the first kernel" },
	{ "load-live-update", NULL, GROUP_ACTION, OPT_PENDING, 0, "Xen: load over the hypervisor" },
	{ "exec-live-update", NULL, GROUP_ACTION, OPT_PENDING, 0, "Xen: start the live update" },
	{ "no-ifdown", NULL, GROUP_ACTION, OPT_NO_IFDOWN, 0,
	  "with -e, -f: leave network interfaces up" },
	{ "no-sync", NULL, GROUP_ACTION, OPT_NO_SYNC, 0, "do not write file systems out" },
	{ "debug", NULL, GROUP_ACTION, OPT_DEBUG, 0, "say on stderr what is done and why" },

	{ "type", "TYPE", GROUP_IMAGE, OPT_TYPE, 0, "take KERNEL for an image of this type" },
	{ "command-line", "TEXT", GROUP_IMAGE, OPT_COMMAND_LINE, LOAD_ONLY,
	  "the next kernel's command line" },
	{ "append", "TEXT", GROUP_IMAGE, OPT_APPEND, LOAD_ONLY, "the same" },
	{ "reuse-cmdline", NULL, GROUP_IMAGE, OPT_REUSE_CMDLINE, LOAD_ONLY,
	  "begin it with this kernel's own, BOOT_IMAGE= left out" },
	{ "initrd", "FILE", GROUP_IMAGE, OPT_INITRD, LOAD_ONLY,
	  "initial ramdisk; several are put together in this order" },
	{ "ramdisk", "FILE", GROUP_IMAGE, OPT_INITRD, LOAD_ONLY, "the same" },
	{ "module", "TEXT", GROUP_IMAGE, OPT_PENDING, LOAD_ONLY,
	  "multiboot: a module's file and command line" },
	{ "args-linux", NULL, GROUP_IMAGE, OPT_ARGS_LINUX, LOAD_ONLY,
	  "ELF: Linux boot parameters (found out without it)" },
	{ "args-none", NULL, GROUP_IMAGE, OPT_PENDING, LOAD_ONLY,
	  "ELF: no arguments, no purgatory" },

	{ "mem-min", "ADDR", GROUP_PLACE, OPT_MEM_MIN, 0, "lowest address to use" },
	{ "mem-max", "ADDR", GROUP_PLACE, OPT_MEM_MAX, 0, "highest address to use" },
	{ "entry", "ADDR", GROUP_PLACE, OPT_ENTRY, 0, "jump here instead of to purgatory" },

	{ "kexec-syscall-auto", NULL, GROUP_CALL, OPT_AUTO_SYSCALL, 0,
	  "the one that serves the image and the options (default)" },
	{ "kexec-syscall", NULL, GROUP_CALL, OPT_LOAD_SYSCALL, 0, "kexec_load" },
	{ "kexec-file-syscall", NULL, GROUP_CALL, OPT_FILE_SYSCALL, 0, "kexec_file_load" },
	{ "no-cma", NULL, GROUP_CALL, OPT_NO_CMA, 0, "kexec_file_load: use no CMA memory" },
	{ "force-dtb", NULL, GROUP_CALL, OPT_FORCE_DTB, 0,
	  "kexec_file_load: pass the device tree on" },

	{ "purgatory", "KIND", GROUP_PURGATORY, OPT_PURGATORY, 0,
	  "pie (default), rel (the classic link), or a file" },
	{ "no-checks", NULL, GROUP_PURGATORY, OPT_NO_CHECKS, 0, "verify nothing before the jump" },
	{ "on-corrupt", "WHAT", GROUP_PURGATORY, OPT_ON_CORRUPT, 0,
	  "halt (default) or reboot when a segment was damaged" },

	{ "console-serial", NULL, GROUP_PURGATORY, OPT_CONSOLE_SERIAL, 0,
	  "purgatory speaks on the serial port" },
	{ "serial", "PORT", GROUP_PURGATORY, OPT_SERIAL, 0,
	  "that port; x86: ttyS0 (default), ttyS1 or 0xHHHH; else a tty's name" },
	{ "serial-baud", "BAUD", GROUP_PURGATORY, OPT_BAUD, 0, "its speed (default: as it is)" },

	{ "hotplug", NULL, GROUP_CRASH, OPT_HOTPLUG, LOAD_ONLY,
	  "let the kernel follow CPU and memory hotplug" },
	{ "elf32-core-headers", NULL, GROUP_CRASH, OPT_ACCEPTED, 0, "core headers of 32 bits" },
	{ "elf64-core-headers", NULL, GROUP_CRASH, OPT_ACCEPTED, 0, "core headers of 64 bits" },

	{ "reset-vga", NULL, GROUP_X86, OPT_RESET_VGA, 0, "purgatory sets VGA text mode" },
	{ "console-vga", NULL, GROUP_X86, OPT_CONSOLE_VGA, 0,
	  "purgatory speaks on the VGA screen" },
	{ "noefi", NULL, GROUP_X86, OPT_NOEFI, LOAD_ONLY, "pass no EFI information on" },
	{ "reuse-video-type", NULL, GROUP_X86, OPT_REUSE_VIDEO, LOAD_ONLY,
	  "pass the boot-time video type on unchecked" },
	{ "args-elf", NULL, GROUP_X86, OPT_ARGS_ELF, LOAD_ONLY,
	  "ELF: boot notes (for what is no Linux kernel, found out without it)" },
	{ "pass-memmap-cmdline", NULL, GROUP_X86, OPT_PASS_MEMMAP, LOAD_ONLY,
	  "tell a crash kernel its memory by memmap= words" },
	{ "real-mode", NULL, GROUP_X86, OPT_PENDING, LOAD_ONLY, "enter the kernel in 16-bit mode" },
	{ "entry-32bit", NULL, GROUP_X86, OPT_PENDING, LOAD_ONLY, "enter it in 32-bit mode" },

	{ "dtb", "FILE", GROUP_DEVICETREE, OPT_DTB, LOAD_ONLY,
	  "device tree blob instead of the running kernel's" },
	{ "devicetreeblob", "FILE", GROUP_DEVICETREE, OPT_DTB, LOAD_ONLY, "the same" },

	{ "atags", NULL, GROUP_ARM, OPT_ATAGS, LOAD_ONLY,
	  "describe the machine by a tag list, not by a device tree" },
	{ "image-size", "BYTES", GROUP_ARM, OPT_IMAGE_SIZE, LOAD_ONLY,
	  "memory that the kernel needs once it is unpacked" },
	{ "page-offset", "ADDR", GROUP_ARM, OPT_PAGE_OFFSET, LOAD_ONLY,
	  "the running kernel's PAGE_OFFSET, for the core header" },
	{ "reuseinitrd", NULL, GROUP_KEPT_INITRD, OPT_REUSE_INITRD, LOAD_ONLY,
	  "the initrd of this kernel, which retain_initrd made it keep" },
	{ "dt-no-old-root", NULL, GROUP_ROOT, OPT_NO_OLD_ROOT, 0,
	  "do not add this kernel's root= (arm never does)" },

	{ "dry-run", NULL, GROUP_LOOK, OPT_DRY_RUN, 0,
	  "show what would be loaded where, load nothing" },
	{ "json", NULL, GROUP_LOOK, OPT_JSON, 0, "with --dry-run, -S: as JSON" },
	{ "sysroot", "DIR", GROUP_LOOK, OPT_SYSROOT, 0,
	  "with --dry-run: read /proc and /sys below DIR" },
	{ "arch", "NAME", GROUP_LOOK, OPT_ARCH, 0, "with --dry-run: plan for this machine" },
};

#define ENTRIES (sizeof(table) / sizeof(table[0]))

/* getopt_long returns OPT_LONG_ONLY + index for every long option. */
static const char short_options[] = "hvdSlpuefixyt:sca";

static void help_line(FILE *out, const struct option_entry *o)
{
	char left[64];

	if (o->id < OPT_LONG_ONLY)
		snprintf(left, sizeof(left), "-%c, --%s", o->id, o->name);
	else
		snprintf(left, sizeof(left), "    --%s", o->name);
	if (o->arg)
		snprintf(left + strlen(left), sizeof(left) - strlen(left), "=%s", o->arg);
	fprintf(out, "  %-29s %s%s\n", left, o->help,
		o->id == OPT_PENDING ? " (not done yet)" : "");
}

void options_help(FILE *out)
{
	size_t g, i;

	fputs("Usage: kexec [OPTION...] [KERNEL]\n"
	      "Loads another kernel into this one and starts it without firmware.\n"
	      "Without an action: load KERNEL, then have the system reboot into it.\n",
	      out);
	for (g = 0; g < GROUPS; g++) {
		fprintf(out, "\n%s:\n", group_title[g]);
		for (i = 0; i < ENTRIES; i++)
			if (table[i].group == g)
				help_line(out, &table[i]);
	}
	fputs("\nADDR may be decimal, 0x hexadecimal or 0 octal.  See kexec(8).\n", out);
}

static int usage_error(struct ctx *ctx)
{
	return err_hint(&ctx->err, "Try 'kexec --help'.");
}

static int bad_value(struct ctx *ctx, const char *what, const char *text, const char *expected)
{
	err_set(&ctx->err, -EINVAL, "%s '%s': expected %s", what, text, expected);
	return usage_error(ctx);
}

static int parse_address(struct ctx *ctx, const char *name, const char *text, uint64_t *value)
{
	if (parse_number(text, 0, value))
		return 0;
	return bad_value(ctx, arena_printf(&ctx->arena, "Bad value for --%s", name), text,
			 "an address such as 0x1000000, with nothing behind it");
}

/* x86: an I/O port. */
static int parse_serial_port(struct ctx *ctx, const char *text, uint16_t *base)
{
	uint64_t value;

	if (!strcmp(text, "ttyS0"))
		*base = 0x3f8;
	else if (!strcmp(text, "ttyS1"))
		*base = 0x2f8;
	else if (!strncmp(text, "0x", 2) && parse_number(text, 16, &value) && value < 0x10000)
		*base = (uint16_t)value;
	else
		return bad_value(ctx, "Bad serial port base", text,
				 "ttyS0, ttyS1 or 0xHHHH below 0x10000");
	return 0;
}

static int parse_baud(struct ctx *ctx, const char *text, uint32_t *baud)
{
	uint64_t value;

	if (!parse_number(text, 0, &value) || value < 9600 || value > 115200 || 115200 % value)
		return bad_value(ctx, "Bad serial port baud rate", text,
				 "9600 to 115200, a divisor of 115200");
	*baud = (uint32_t)value;
	return 0;
}

static int parse_on_corrupt(struct ctx *ctx, const char *text, enum on_corrupt *what)
{
	if (!strcmp(text, "halt"))
		*what = ON_CORRUPT_HALT;
	else if (!strcmp(text, "reboot"))
		*what = ON_CORRUPT_REBOOT;
	else
		return bad_value(ctx, "Bad value for --on-corrupt", text, "halt or reboot");
	return 0;
}

/* What the actions of a command line add up to, before it is resolved. */
struct actions {
	bool load, panic, force, exec, unload, status;
	int last; /* the last of -l, -f, -e */
	const struct option_entry *load_only; /* an option that needs a load */
};

static void take_action(int id, struct actions *actions)
{
	if (id == OPT_LOAD || id == OPT_FORCE || id == OPT_EXEC)
		actions->last = id;
	actions->load |= id == OPT_LOAD;
	actions->panic |= id == OPT_PANIC;
	actions->force |= id == OPT_FORCE;
	actions->exec |= id == OPT_EXEC;
	actions->unload |= id == OPT_UNLOAD;
	actions->status |= id == OPT_STATUS;
}

/* Options without an argument that set one field. */
static bool take_flag(int id, struct request *req)
{
	switch (id) {
	case OPT_DEBUG: req->debug = true; break;
	case OPT_NO_CHECKS: req->no_checks = true; break;
	case OPT_NO_IFDOWN: req->no_ifdown = true; break;
	case OPT_NO_SYNC: req->no_sync = true; break;
	case OPT_REUSE_CMDLINE: req->reuse_cmdline = true; break;
	case OPT_LOAD_SYSCALL: req->method = METHOD_KEXEC_LOAD; break;
	case OPT_FILE_SYSCALL: req->method = METHOD_KEXEC_FILE_LOAD; break;
	case OPT_AUTO_SYSCALL: req->method = METHOD_AUTO; break;
	case OPT_NO_CMA: req->no_cma = true; break;
	case OPT_FORCE_DTB: req->force_dtb = true; break;
	case OPT_RESET_VGA: req->reset_vga = true; break;
	case OPT_CONSOLE_VGA: req->console_vga = true; break;
	case OPT_CONSOLE_SERIAL: req->console_serial = true; break;
	case OPT_NOEFI: req->noefi = true; break;
	case OPT_HOTPLUG: req->hotplug = true; break;
	case OPT_ATAGS: req->atags = true; break;
	case OPT_NO_OLD_ROOT: req->no_old_root = true; break;
	case OPT_REUSE_INITRD: req->reuse_initrd = true; break;
	case OPT_PASS_MEMMAP: req->pass_memmap = true; break;
	case OPT_REUSE_VIDEO: req->reuse_video_type = true; break;
	case OPT_DRY_RUN: req->dry_run = true; break;
	case OPT_JSON: req->json = true; break;
	case OPT_ARGS_LINUX: req->elf_args = ELF_ARGS_LINUX; break;
	case OPT_ARGS_ELF: req->elf_args = ELF_ARGS_NOTES; break;
	case OPT_ACCEPTED: break;
	default: return false;
	}
	return true;
}

/* One behind the other; each may be NULL, for not given. */
static const char *join_lines(struct ctx *ctx, const char *first, const char *second)
{
	if (!first || !second)
		return first ? first : second;
	return arena_printf(&ctx->arena, "%s%s%s", first, *first && *second ? " " : "", second);
}

static void take_command_line(struct ctx *ctx, const char *arg, bool append, struct request *req)
{
	req->command_lines = join_lines(ctx, req->command_lines, arg);
	req->command_line = arg;
	req->last_lines[append] = arg;
}

static int take_argument(struct ctx *ctx, const struct option_entry *o, char *arg,
			 struct request *req)
{
	switch (o->id) {
	case OPT_TYPE: req->type = arg; return 0;
	case OPT_COMMAND_LINE: take_command_line(ctx, arg, false, req); return 0;
	case OPT_APPEND: take_command_line(ctx, arg, true, req); return 0;
	case OPT_INITRD: req->initrds[req->initrd_count++] = arg; return 0;
	case OPT_MEM_MIN: return parse_address(ctx, o->name, arg, &req->mem_min);
	case OPT_MEM_MAX: return parse_address(ctx, o->name, arg, &req->mem_max);
	case OPT_ENTRY: return parse_address(ctx, o->name, arg, &req->entry);
	case OPT_SERIAL: req->serial = arg; return 0;
	case OPT_DTB: req->dtb = arg; return 0;
	case OPT_IMAGE_SIZE: return parse_address(ctx, o->name, arg, &req->image_size);
	case OPT_PAGE_OFFSET: return parse_address(ctx, o->name, arg, &req->page_offset);
	case OPT_BAUD: return parse_baud(ctx, arg, &req->serial_baud);
	case OPT_PURGATORY: req->purgatory = arg; return 0;
	case OPT_SYSROOT: req->sysroot = arg; return 0;
	case OPT_ARCH: req->arch = arg; return 0;
	default: return parse_on_corrupt(ctx, arg, &req->on_corrupt);
	}
}

static const struct option_entry *entry_by_letter(int letter)
{
	size_t i;

	for (i = 0; i < ENTRIES; i++)
		if (table[i].id == letter)
			return &table[i];
	return NULL;
}

static int contradiction(struct ctx *ctx, const char *one, const char *other)
{
	err_set(&ctx->err, -EINVAL, "%s contradicts %s", one, other);
	err_hint(&ctx->err, "Give one of the two; nothing was done.");
	return ctx->err.code;
}

/* -S reads a slot and nothing else; then -u; then the last of -l, -f, -e. */
static int resolve_action(struct ctx *ctx, const struct actions *a, struct request *req)
{
	req->crash = a->panic;
	req->normal = a->load;
	if (a->status) {
		req->action = ACTION_STATUS;
		return 0;
	}
	if (a->unload) {
		req->action = ACTION_UNLOAD;
		if (a->load || a->force || a->exec)
			return contradiction(ctx, "--unload",
					     a->load	? "--load"
					     : a->force ? "--force"
							: "--exec");
		return 0;
	}
	if (a->panic && (a->force || a->exec))
		return contradiction(ctx, "--load-panic", a->force ? "--force" : "--exec");
	if (a->panic)
		req->action = ACTION_LOAD_PANIC;
	else if (a->last == OPT_EXEC)
		req->action = ACTION_EXEC;
	else if (a->last == OPT_FORCE)
		req->action = ACTION_LOAD_AND_EXEC;
	else if (a->last == OPT_LOAD)
		req->action = ACTION_LOAD;
	else
		req->action = ACTION_LOAD_AND_REBOOT;
	return 0;
}

static bool is_load(enum action action)
{
	return action <= ACTION_LOAD_AND_EXEC;
}

static bool is_stdin(const char *name)
{
	return name && !strcmp(name, "-");
}

/* A pipe would be empty the second time, and a file be taken for two things. */
static int check_stdin(struct ctx *ctx, const struct request *req)
{
	unsigned int uses = is_stdin(req->kernel);

	uses += is_stdin(req->dtb);
	for (size_t i = 0; i < req->initrd_count; i++)
		uses += is_stdin(req->initrds[i]);
	if (uses < 2)
		return 0;
	err_set(&ctx->err, -EINVAL, "- is given %u times: standard input is one file only", uses);
	return usage_error(ctx);
}

static int check_request(struct ctx *ctx, const struct actions *a, struct request *req)
{
	bool load = is_load(req->action);

	if (!load && a->load_only) {
		err_set(&ctx->err, -EINVAL, "--%s means nothing here: no image is to be loaded",
			a->load_only->name);
		return usage_error(ctx);
	}
	if (load && !req->kernel) {
		err_set(&ctx->err, -EINVAL, "No kernel specified");
		usage_error(ctx);
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	if (req->action == ACTION_EXEC && req->kernel)
		log_warn(&ctx->log, "%s: %s is not loaded, what is loaded already is started",
			 a->load || a->force ? "--exec came last" : "--exec loads nothing",
			 req->kernel);
	if (req->action == ACTION_LOAD && (a->exec || a->force))
		log_warn(&ctx->log, "--load came last: %s is loaded, not started", req->kernel);
	if ((*req->sysroot || req->arch) && !(load && req->dry_run) &&
	    req->action != ACTION_STATUS) {
		err_set(&ctx->err, -EINVAL,
			"--%s goes with --dry-run: it describes another machine "
			"than this one",
			*req->sysroot ? "sysroot" : "arch");
		return usage_error(ctx);
	}
	if (req->dry_run && !load && req->action != ACTION_STATUS) {
		err_set(&ctx->err, -EINVAL, "--dry-run goes with a kernel to load");
		return usage_error(ctx);
	}
	if (req->json && !req->dry_run && req->action != ACTION_STATUS) {
		err_set(&ctx->err, -EINVAL, "--json goes with --dry-run or --status");
		return usage_error(ctx);
	}
	if (load && req->action != ACTION_LOAD_PANIC && (req->hotplug || req->pass_memmap)) {
		err_set(&ctx->err, -EINVAL, "--%s goes with --load-panic",
			req->hotplug ? "hotplug" : "pass-memmap-cmdline");
		return usage_error(ctx);
	}
	if (req->mem_min > req->mem_max) {
		err_set(&ctx->err, -EINVAL, "--mem-min 0x%llx is above --mem-max 0x%llx",
			(unsigned long long)req->mem_min, (unsigned long long)req->mem_max);
		return usage_error(ctx);
	}
	return load ? check_stdin(ctx, req) : 0;
}

static void take_operands(struct ctx *ctx, int argc, char **argv, struct request *req)
{
	if (optind < argc)
		req->kernel = argv[optind++];
	for (; optind < argc; optind++)
		log_warn(&ctx->log, "'%s' is ignored: the kernel is %s", argv[optind], req->kernel);
}

static int pending(struct ctx *ctx, const char *name)
{
	err_set(&ctx->err, -ENOSYS, "--%s is not done yet in this version", name);
	return err_hint(&ctx->err, "Nothing was loaded or changed.");
}

int options_parse(struct ctx *ctx, int argc, char **argv, struct request *req)
{
	struct option options[ENTRIES + 1] = { 0 };
	struct actions actions = { 0 };
	const struct option_entry *o, *refused = NULL;
	size_t i;
	int c, ret;

	*req = (struct request){
		.mem_max = UINT64_MAX, .serial_base = 0x3f8, .purgatory = "pie", .sysroot = ""
	};
	req->initrds = arena_array(&ctx->arena, (size_t)argc, sizeof(*req->initrds));
	req->arch_options = arena_array(&ctx->arena, (size_t)argc, sizeof(*req->arch_options));
	for (i = 0; i < ENTRIES; i++)
		options[i] = (struct option){ table[i].name,
					      table[i].arg ? required_argument : no_argument, NULL,
					      OPT_LONG_ONLY + (int)i };
	optind = 0;
	while ((c = getopt_long(argc, argv, short_options, options, NULL)) != -1) {
		o = c >= OPT_LONG_ONLY ? &table[c - OPT_LONG_ONLY] : entry_by_letter(c);
		if (!o) {
			/* getopt has said on stderr what is wrong. */
			err_set(&ctx->err, -EINVAL, "Try 'kexec --help'.");
			return ctx->err.code;
		}
		if (o->id == OPT_HELP || o->id == OPT_VERSION || o->id == OPT_CKR_SIZE) {
			req->action = o->id == OPT_HELP	     ? ACTION_HELP
				      : o->id == OPT_VERSION ? ACTION_VERSION
							     : ACTION_PRINT_CKR_SIZE;
			return 0;
		}
		if (o->flags & LOAD_ONLY)
			actions.load_only = o;
		if (group_arches[o->group])
			req->arch_options[req->arch_option_count++] = (struct arch_option){
				o->name, group_arches[o->group]
			};
		if (o->id == OPT_PENDING)
			refused = o;
		else if (o->arg && (ret = take_argument(ctx, o, optarg, req)))
			return ret;
		else if (!o->arg && !take_flag(o->id, req))
			take_action(o->id, &actions);
	}
	take_operands(ctx, argc, argv, req);
	ret = resolve_action(ctx, &actions, req);
	if (!ret)
		ret = refused ? pending(ctx, refused->name) : 0;
	return ret ? ret : check_request(ctx, &actions, req);
}

/* Is word one of those in list, which spaces separate? */
static bool list_has(const char *list, const char *word)
{
	size_t size = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word))) {
		if ((at == list || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return true;
		at += size;
	}
	return false;
}

int options_check_arch(struct ctx *ctx, const char *arch, struct request *req)
{
	size_t i;

	for (i = 0; i < req->arch_option_count; i++) {
		const struct arch_option *option = &req->arch_options[i];

		if (list_has(option->arches, arch))
			continue;
		err_set(&ctx->err, -EINVAL, "--%s is an option for %s, this machine is %s",
			option->name, option->arches, arch);
		return usage_error(ctx);
	}
	if (list_has(arches_of_all_appends, arch))
		req->command_line = req->command_lines;
	if (list_has(arches_of_two_lines, arch))
		req->command_line = join_lines(ctx, req->last_lines[false], req->last_lines[true]);
	if (req->serial && list_has(group_arches[GROUP_X86], arch))
		return parse_serial_port(ctx, req->serial, &req->serial_base);
	req->console_serial |= req->serial != NULL; /* a tty's name says enough */
	return 0;
}
