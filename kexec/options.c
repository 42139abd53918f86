/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option table, and the parser that makes a request of a command line (kexec.8). */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/option_error.h"
#include "machine/machine.h"
#include "options_rules.h"

/*
 * Adding an option: one row of table[], a field of struct request, a paragraph of kexec.8.
 * A row's group is one of these, which every arch has, or an ARCH_OPTIONS_* bit.
 */
enum option_group {
	GROUP_ACTION = 0x10000,
	GROUP_IMAGE,
	GROUP_PLACE,
	GROUP_CALL,
	GROUP_PURGATORY,
	GROUP_CRASH,
	GROUP_BAKE,
	GROUP_LOOK,
};

enum option_kind {
	KIND_ACTION, /* value: bits ASKED_* */
	KIND_AT_ONCE, /* value: an enum action; the rest of the command line is not read */
	KIND_FLAG,
	KIND_CONST, /* value: the new value of the field, an enum */
	KIND_TEXT,
	KIND_ADDRESS,
	KIND_CODE, /* take() sets the fields */
};

#define LOAD_ONLY 0x1 /* an error unless an image is to be loaded */
#define ANY_CALL METHOD_AUTO
#define LOAD_CALL METHOD_KEXEC_LOAD
#define FILE_CALL METHOD_KEXEC_FILE_LOAD

/* The request, and facts that are needed to complete it. */
struct parse_state {
	struct request *req;
	struct asked asked;
	const struct option_row **arch_options; /* options that only some arches have */
	size_t arch_option_count;
	/* NULL: not given */
	const char *command_lines; /* --command-line and --append, joined by spaces */
	const char *last_lines[2]; /* the last --command-line, the last --append */
};

struct option_row {
	const char *name;
	char letter; /* 0: long option only */
	/* Name of the argument in the help, in brackets if it may be left out; NULL: no argument */
	const char *arg;
	unsigned int group;
	/* kind, field, value and take: written by one of the macros below */
	enum option_kind kind;
	size_t field; /* offset in struct request */
	unsigned int value;
	int (*take)(struct ctx *ctx, char *arg, struct parse_state *state);
	unsigned int flags;
	enum method call; /* the only call that honours the option; ANY_CALL: both */
	const char *help;
};

/* Offset of a field.  A field of another type does not compile. */
#define FIELD(type, f) _Generic(((struct request *)0)->f, type : offsetof(struct request, f))

#define ACTION(bit) KIND_ACTION, 0, bit, NULL
#define AT_ONCE(what) KIND_AT_ONCE, 0, what, NULL
#define FLAG(f) KIND_FLAG, FIELD(bool, f), 0, NULL
#define CONST(f, what) KIND_CONST, FIELD(unsigned int, f), what, NULL
#define TEXT(f) KIND_TEXT, FIELD(const char *, f), 0, NULL
#define ADDRESS(f) KIND_ADDRESS, FIELD(uint64_t, f), 0, NULL
#define CODE(function) KIND_CODE, 0, 0, function
/* take() sets field f, which is_given() compares with its default. */
#define CODE_CONST(function, f) KIND_CODE, FIELD(unsigned int, f), 0, function

static const struct request defaults = {
	.mem_max = UINT64_MAX,
	.serial_base = 0x3f8,
	.purgatory = "pie",
	.sysroot = "",
	.bake_address = UINT64_MAX,
};

static int bad_value(struct ctx *ctx, const char *what, const char *text, const char *expected)
{
	return usage(ctx, "%s '%s': expected %s", what, text, expected);
}

static int parse_address(struct ctx *ctx, const char *name, const char *text, uint64_t *value)
{
	if (parse_number(text, 0, value))
		return 0;
	return bad_value(ctx, arena_printf(&ctx->arena, "Bad value for --%s", name), text,
			 "a number such as 4096 or 0x1000, with nothing after it");
}

/* An I/O port. */
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

static int take_baud(struct ctx *ctx, char *text, struct parse_state *state)
{
	uint64_t value;

	if (!parse_number(text, 0, &value) || value < 9600 || value > 115200 || 115200 % value)
		return bad_value(ctx, "Bad serial port baud rate", text,
				 "9600 to 115200, a divisor of 115200");
	state->req->serial_baud = (uint32_t)value;
	return 0;
}

static int take_on_corrupt(struct ctx *ctx, char *text, struct parse_state *state)
{
	if (!strcmp(text, "halt"))
		state->req->on_corrupt = ON_CORRUPT_HALT;
	else if (!strcmp(text, "reboot"))
		state->req->on_corrupt = ON_CORRUPT_REBOOT;
	else
		return bad_value(ctx, "Bad value for --on-corrupt", text, "halt or reboot");
	return 0;
}

static int take_bake_format(struct ctx *ctx, char *text, struct parse_state *state)
{
	if (!strcmp(text, "linux"))
		state->req->bake_format = BAKE_LINUX;
	else if (!strcmp(text, "flat"))
		state->req->bake_format = BAKE_FLAT;
	else
		return bad_value(ctx, "Bad value for --bake-format", text, "linux or flat");
	return 0;
}

static int take_capture(struct ctx *ctx, char *file, struct parse_state *state)
{
	(void)ctx;
	state->req->capture = file ? file : "kexec-capture.tar";
	return 0;
}

static int add_line(struct ctx *ctx, const char *text, bool append, struct parse_state *state)
{
	state->command_lines = cmdline_join(&ctx->arena, state->command_lines, text);
	state->req->command_line = text;
	state->last_lines[append] = text;
	return 0;
}

static int take_command_line(struct ctx *ctx, char *text, struct parse_state *state)
{
	return add_line(ctx, text, false, state);
}

static int take_append(struct ctx *ctx, char *text, struct parse_state *state)
{
	return add_line(ctx, text, true, state);
}

static int take_initrd(struct ctx *ctx, char *file, struct parse_state *state)
{
	(void)ctx;
	state->req->initrds[state->req->initrd_count++] = file;
	return 0;
}

static int take_module(struct ctx *ctx, char *text, struct parse_state *state)
{
	(void)ctx;
	state->req->modules[state->req->module_count++] = text;
	return 0;
}

static const struct option_row table[] = {
	{ "help", 'h', NULL, GROUP_ACTION, AT_ONCE(ACTION_HELP), 0, ANY_CALL, "print this text" },
	{ "version", 'v', NULL, GROUP_ACTION, AT_ONCE(ACTION_VERSION), 0, ANY_CALL,
	  "print the version" },
	{ "load", 'l', NULL, GROUP_ACTION, ACTION(ASKED_LOAD), 0, ANY_CALL,
	  "load KERNEL, to be started by -e or a reboot" },
	{ "load-panic", 'p', NULL, GROUP_ACTION, ACTION(ASKED_PANIC), 0, ANY_CALL,
	  "the crash slot: load a kernel to be started by a panic; with -u, -S: act on that slot" },
	{ "force", 'f', NULL, GROUP_ACTION, ACTION(ASKED_FORCE), 0, ANY_CALL,
	  "load KERNEL and start it at once" },
	{ "exec", 'e', NULL, GROUP_ACTION, ACTION(ASKED_EXEC), 0, ANY_CALL,
	  "start the loaded kernel" },
	{ "unload", 'u', NULL, GROUP_ACTION, ACTION(ASKED_UNLOAD), 0, ANY_CALL,
	  "unload the kernel" },
	{ "status", 'S', NULL, GROUP_ACTION, ACTION(ASKED_STATUS), 0, ANY_CALL,
	  "exit with 1 if the crash slot (with -l: the normal slot) is loaded, 0 if not" },
	{ "print-ckr-size", 0, NULL, GROUP_ACTION, AT_ONCE(ACTION_PRINT_CKR_SIZE), 0, ANY_CALL,
	  "print the size of the crash kernel's reserved memory" },
	{ "load-live-update", 0, NULL, GROUP_ACTION, ACTION(ASKED_LIVE_LOAD), 0, ANY_CALL,
	  "Xen: load over the hypervisor" },
	{ "exec-live-update", 0, NULL, GROUP_ACTION, ACTION(ASKED_LIVE_EXEC), 0, ANY_CALL,
	  "Xen: start the live update" },
	{ "no-ifdown", 'x', NULL, GROUP_ACTION, FLAG(no_ifdown), 0, ANY_CALL,
	  "with -e, -f: leave network interfaces up" },
	{ "no-sync", 'y', NULL, GROUP_ACTION, FLAG(no_sync), 0, ANY_CALL,
	  "do not write file systems out" },
	{ "debug", 'd', NULL, GROUP_ACTION, FLAG(debug), 0, ANY_CALL,
	  "print on stderr what is done and why" },

	{ "type", 't', "TYPE", GROUP_IMAGE, TEXT(type), 0, ANY_CALL,
	  "load KERNEL as an image of this type" },
	{ "command-line", 0, "TEXT", GROUP_IMAGE, CODE(take_command_line), LOAD_ONLY, ANY_CALL,
	  "the next kernel's command line" },
	{ "append", 0, "TEXT", GROUP_IMAGE, CODE(take_append), LOAD_ONLY, ANY_CALL,
	  "same as --command-line" },
	{ "reuse-cmdline", 0, NULL, GROUP_IMAGE, FLAG(reuse_cmdline), LOAD_ONLY, ANY_CALL,
	  "begin the command line with this kernel's, without BOOT_IMAGE=" },
	{ "initrd", 0, "FILE", GROUP_IMAGE, CODE(take_initrd), LOAD_ONLY, ANY_CALL,
	  "initial ramdisk; several are joined in this order" },
	{ "ramdisk", 0, "FILE", GROUP_IMAGE, CODE(take_initrd), LOAD_ONLY, ANY_CALL,
	  "same as --initrd" },
	{ "fit-config", 0, "NAME", GROUP_IMAGE, TEXT(fit_config), LOAD_ONLY, ANY_CALL,
	  "FIT: the configuration to load (default: that of the file)" },
	{ "profile", 0, "NUMBER", GROUP_IMAGE, ADDRESS(uki_profile), LOAD_ONLY, ANY_CALL,
	  "UKI: the profile to load (default: 0, the first)" },
	{ "args-linux", 0, NULL, GROUP_IMAGE, CONST(elf_args, ELF_ARGS_LINUX), LOAD_ONLY, ANY_CALL,
	  "ELF: Linux boot parameters (the default for a Linux kernel)" },

	{ "mem-min", 0, "ADDR", GROUP_PLACE, ADDRESS(mem_min), 0, LOAD_CALL,
	  "lowest address to use" },
	{ "mem-max", 0, "ADDR", GROUP_PLACE, ADDRESS(mem_max), 0, LOAD_CALL,
	  "highest address to use" },
	{ "entry", 0, "ADDR", GROUP_PLACE, ADDRESS(entry), 0, LOAD_CALL,
	  "jump to this address instead of to purgatory" },

	{ "kexec-syscall-auto", 'a', NULL, GROUP_CALL, CONST(method, METHOD_AUTO), 0, ANY_CALL,
	  "the call that supports the image and the options (default)" },
	{ "kexec-syscall", 'c', NULL, GROUP_CALL, CONST(method, METHOD_KEXEC_LOAD), 0, ANY_CALL,
	  "kexec_load" },
	{ "kexec-file-syscall", 's', NULL, GROUP_CALL, CONST(method, METHOD_KEXEC_FILE_LOAD), 0,
	  ANY_CALL, "kexec_file_load" },
	{ "no-cma", 0, NULL, GROUP_CALL, FLAG(no_cma), 0, FILE_CALL,
	  "kexec_file_load: use no CMA memory" },
	{ "force-dtb", 0, NULL, GROUP_CALL, FLAG(force_dtb), 0, ANY_CALL,
	  "pass the running kernel's device tree on" },

	{ "purgatory", 0, "pie|rel|FILE", GROUP_PURGATORY, TEXT(purgatory), 0, LOAD_CALL,
	  "pie (default), rel (the classic link), or a file" },
	{ "no-checks", 'i', NULL, GROUP_PURGATORY, FLAG(no_checks), 0, LOAD_CALL,
	  "do not verify the segments before the jump" },
	{ "on-corrupt", 0, "halt|reboot", GROUP_PURGATORY, CODE_CONST(take_on_corrupt, on_corrupt),
	  0, LOAD_CALL, "halt (default) or reboot after a segment was damaged" },

	{ "console-serial", 0, NULL, GROUP_PURGATORY, FLAG(console_serial), 0, LOAD_CALL,
	  "purgatory prints on the serial port" },
	{ "serial", 0, "ttyS0|ttyS1|PORT", GROUP_PURGATORY, TEXT(serial), 0, LOAD_CALL,
	  "the serial port: ttyS0 (default), ttyS1 or 0xHHHH; with a device tree: a tty's name" },
	{ "serial-baud", 0, "BAUD", GROUP_PURGATORY, CODE_CONST(take_baud, serial_baud), 0,
	  LOAD_CALL, "speed of the serial port (default: unchanged)" },

	{ "hotplug", 0, NULL, GROUP_CRASH, FLAG(hotplug), LOAD_ONLY, ANY_CALL,
	  "let the kernel update the core header after CPU and memory hotplug" },
	{ "elf32-core-headers", 0, NULL, GROUP_CRASH, CONST(core_bits, 32), 0, ANY_CALL,
	  "32-bit kernels: 32-bit core headers" },
	{ "elf64-core-headers", 0, NULL, GROUP_CRASH, CONST(core_bits, 64), 0, ANY_CALL,
	  "32-bit kernels: 64-bit core headers" },

	{ "load-preserve-context", 0, NULL, ARCH_OPTIONS_PC, ACTION(ASKED_LOAD | ASKED_PRESERVE), 0,
	  ANY_CALL, "load KERNEL into memory up to --mem-max; it can return to this kernel" },
	{ "load-jump-back-helper", 0, NULL, ARCH_OPTIONS_PC, ACTION(ASKED_JUMP_BACK), 0, ANY_CALL,
	  "load code that returns to the kernel that started this one, at --entry" },
	{ "reset-vga", 0, NULL, ARCH_OPTIONS_PC, FLAG(reset_vga), 0, LOAD_CALL,
	  "purgatory sets VGA text mode" },
	{ "console-vga", 0, NULL, ARCH_OPTIONS_PC, FLAG(console_vga), 0, LOAD_CALL,
	  "purgatory prints on the VGA screen" },
	{ "noefi", 0, NULL, ARCH_OPTIONS_PC, FLAG(noefi), LOAD_ONLY, LOAD_CALL,
	  "pass no EFI information on" },
	{ "reuse-video-type", 0, NULL, ARCH_OPTIONS_PC, FLAG(reuse_video_type), LOAD_ONLY,
	  LOAD_CALL, "pass the boot-time video type on unchecked" },
	{ "args-elf", 0, NULL, ARCH_OPTIONS_PC, CONST(elf_args, ELF_ARGS_NOTES), LOAD_ONLY,
	  ANY_CALL, "ELF: boot notes (the default for other kernels than Linux)" },
	{ "args-none", 0, NULL, ARCH_OPTIONS_PC, CONST(elf_args, ELF_ARGS_NONE), LOAD_ONLY,
	  ANY_CALL, "ELF: no arguments, no purgatory" },
	{ "module", 0, "TEXT", ARCH_OPTIONS_PC, CODE(take_module), LOAD_ONLY, ANY_CALL,
	  "multiboot: a file and its command line; may be repeated" },
	{ "pass-memmap-cmdline", 0, NULL, ARCH_OPTIONS_PC, FLAG(pass_memmap), LOAD_ONLY, LOAD_CALL,
	  "describe the memory of a crash kernel by memmap= parameters" },
	{ "real-mode", 0, NULL, ARCH_OPTIONS_PC, FLAG(real_mode), LOAD_ONLY, LOAD_CALL,
	  "enter a bzImage in 16-bit mode" },
	{ "entry-32bit", 0, NULL, ARCH_OPTIONS_PC, FLAG(entry_32bit), LOAD_ONLY, LOAD_CALL,
	  "enter a bzImage in 32-bit mode" },

	{ "dtb", 0, "FILE", ARCH_OPTIONS_DTB, TEXT(dtb), LOAD_ONLY, LOAD_CALL,
	  "device tree blob instead of the running kernel's" },
	{ "devicetreeblob", 0, "FILE", ARCH_OPTIONS_DTB, TEXT(dtb), LOAD_ONLY, ANY_CALL,
	  "same as --dtb" },

	{ "atags", 0, NULL, ARCH_OPTIONS_TAGS, FLAG(atags), LOAD_ONLY, ANY_CALL,
	  "describe the machine by a tag list, not by a device tree" },
	{ "image-size", 0, "BYTES", ARCH_OPTIONS_TAGS, ADDRESS(image_size), LOAD_ONLY, ANY_CALL,
	  "memory that the kernel needs after it is unpacked" },
	{ "page-offset", 0, "ADDR", ARCH_OPTIONS_TAGS, ADDRESS(page_offset), LOAD_ONLY, ANY_CALL,
	  "the running kernel's PAGE_OFFSET, for the core header" },
	{ "reuseinitrd", 0, NULL, ARCH_OPTIONS_KEPT_INITRD, FLAG(reuse_initrd), LOAD_ONLY,
	  LOAD_CALL, "reuse the initrd of this kernel, which was booted with retain_initrd" },
	{ "dt-no-old-root", 0, NULL, ARCH_OPTIONS_OLD_ROOT, FLAG(no_old_root), 0, ANY_CALL,
	  "do not add this kernel's root=" },

	{ "bake", 0, "FILE", GROUP_BAKE, TEXT(bake), LOAD_ONLY, ANY_CALL,
	  "write FILE, which a boot loader starts like KERNEL; load nothing" },
	{ "bake-format", 0, "linux|flat", GROUP_BAKE, CODE(take_bake_format), LOAD_ONLY, ANY_CALL,
	  "linux (default), or flat: the memory image alone" },
	{ "bake-address", 0, "ADDR", GROUP_BAKE, ADDRESS(bake_address), LOAD_ONLY, ANY_CALL,
	  "the image runs at this address only" },

	{ "dry-run", 0, NULL, GROUP_LOOK, FLAG(dry_run), 0, ANY_CALL,
	  "show what would be loaded where; load nothing" },
	{ "json", 0, NULL, GROUP_LOOK, FLAG(json), 0, ANY_CALL,
	  "with --dry-run, --bake, -S: as JSON" },
	{ "picture", 0, "FILE", GROUP_LOOK, TEXT(picture), 0, ANY_CALL,
	  "with --dry-run: draw memory and segments as SVG in FILE" },
	{ "sysroot", 0, "DIR", GROUP_LOOK, TEXT(sysroot), 0, ANY_CALL,
	  "with --dry-run: read /proc and /sys below DIR, or in a tar file" },
	{ "arch", 0, "ARCH", GROUP_LOOK, TEXT(arch), 0, ANY_CALL,
	  "with --dry-run, --bake: plan for this machine" },
	{ "capture", 0, "[FILE]", GROUP_LOOK, CODE(take_capture), 0, ANY_CALL,
	  "write what kexec reads of this machine to FILE, a tar file; load nothing" },
	{ "capture-secrets", 0, NULL, GROUP_LOOK, FLAG(capture_secrets), 0, ANY_CALL,
	  "with --capture: do not mask seeds and passwords" },
};

#define ROWS (sizeof(table) / sizeof(table[0]))

/* getopt_long() returns this plus the index of the row for a long option. */
#define LONG_OPTION 256

static bool is_optional(const struct option_row *o)
{
	return o->arg[0] == '[';
}

static void help_line(FILE *out, const struct option_row *o)
{
	char left[64];

	if (o->letter)
		snprintf(left, sizeof(left), "-%c, --%s", o->letter, o->name);
	else
		snprintf(left, sizeof(left), "    --%s", o->name);
	if (o->arg && is_optional(o))
		snprintf(left + strlen(left), sizeof(left) - strlen(left), "[=%s", o->arg + 1);
	else if (o->arg)
		snprintf(left + strlen(left), sizeof(left) - strlen(left), "=%s", o->arg);
	fprintf(out, "  %-29s %s\n", left, o->help);
}

static bool is_of_arches(const struct option_row *o)
{
	return o->group < GROUP_ACTION;
}

static const char *title_of(const struct option_row *o)
{
	static const char *const titles[] = {
		"Actions",
		"Kernel, command line, initrd",
		"Memory",
		"System call",
		"Purgatory, the code that runs between the two kernels",
		"Crash kernels",
		"Baked images",
		"Dry run",
	};

	return is_of_arches(o) ? arch_option_group(o->group)->title
			       : titles[o->group - GROUP_ACTION];
}

void options_help(FILE *out)
{
	fputs("Usage: kexec [OPTION...] [KERNEL]\n"
	      "Loads another kernel into this one and starts it without firmware.\n"
	      "Without an action: load KERNEL, then have the system reboot into it.\n",
	      out);
	for (size_t i = 0; i < ROWS; i++) {
		if (!i || table[i].group != table[i - 1].group)
			fprintf(out, "\n%s:\n", title_of(&table[i]));
		help_line(out, &table[i]);
	}
	fputs("\nADDR may be decimal, 0x hexadecimal or 0 octal.  See kexec(8).\n", out);
}

static void take_action(unsigned int bits, struct parse_state *state)
{
	unsigned int load = bits & (ASKED_LOAD | ASKED_FORCE | ASKED_EXEC);

	state->asked.actions |= bits;
	if (load)
		state->asked.last = load;
}

static int take_one(struct ctx *ctx, const struct option_row *o, char *arg,
		    struct parse_state *state)
{
	void *field = (char *)state->req + o->field;

	if (o->flags & LOAD_ONLY)
		state->asked.load_only = o->name;
	if (is_of_arches(o))
		state->arch_options[state->arch_option_count++] = o;
	switch (o->kind) {
	case KIND_ACTION: take_action(o->value, state); return 0;
	case KIND_FLAG: *(bool *)field = true; return 0;
	case KIND_CONST: *(unsigned int *)field = o->value; return 0;
	case KIND_TEXT: *(const char **)field = arg; return 0;
	case KIND_ADDRESS: return parse_address(ctx, o->name, arg, field);
	case KIND_CODE: return o->take(ctx, arg, state);
	case KIND_AT_ONCE: break;
	}
	return 0;
}

/* Does the option have a value other than its default? */
static bool is_given(const struct option_row *o, const struct request *req)
{
	const void *field = (const char *)req + o->field;
	const void *usual = (const char *)&defaults + o->field;
	const char *text, *usual_text;

	switch (o->kind) {
	case KIND_FLAG: return *(const bool *)field;
	case KIND_ADDRESS: return *(const uint64_t *)field != *(const uint64_t *)usual;
	case KIND_TEXT:
		text = *(const char *const *)field;
		usual_text = *(const char *const *)usual;
		return text && (!usual_text || strcmp(text, usual_text));
	default: return *(const unsigned int *)field != *(const unsigned int *)usual;
	}
}

static size_t field_size(const struct option_row *o)
{
	switch (o->kind) {
	case KIND_FLAG: return sizeof(bool);
	case KIND_ADDRESS: return sizeof(uint64_t);
	case KIND_TEXT: return sizeof(const char *);
	default: return sizeof(unsigned int);
	}
}

const char *options_of_call(const struct request *req, enum method call, size_t *row)
{
	while (*row < ROWS) {
		const struct option_row *o = &table[(*row)++];

		if (o->call != call || !is_given(o, req))
			continue;
		/* The name of a tty implies --console-serial: --serial has a row of its own. */
		if (o->field == offsetof(struct request, console_serial) && req->serial &&
		    !(req->chosen->options & ARCH_OPTIONS_PC))
			continue;
		return o->name;
	}
	return NULL;
}

void options_drop(struct request *req, enum method call)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct option_row *o = &table[i];

		if (o->call == call)
			memcpy((char *)req + o->field, (const char *)&defaults + o->field,
			       field_size(o));
	}
}

/* getopt_long() leaves options in place after -- and, if POSIXLY_CORRECT is set, after the kernel. */
static int refuse_option_as_operand(struct ctx *ctx, const char *operand, const char *kernel)
{
	err_set(&ctx->err, -EINVAL, "'%s' after the kernel %s is not read as an option", operand,
		kernel);
	return err_hint(&ctx->err, "%s; nothing was done.",
			getenv("POSIXLY_CORRECT")
				? "POSIXLY_CORRECT is set: place options before the kernel"
				: "Place options before --");
}

static int take_operands(struct ctx *ctx, int argc, char **argv, struct request *req)
{
	if (optind < argc)
		req->kernel = argv[optind++];
	for (; optind < argc; optind++) {
		if (argv[optind][0] == '-')
			return refuse_option_as_operand(ctx, argv[optind], req->kernel);
		log_warn(&ctx->log, "'%s' is ignored: the kernel is %s", argv[optind], req->kernel);
	}
	return 0;
}

static int finish(struct ctx *ctx, struct parse_state *state)
{
	int ret = options_resolve_action(ctx, &state->asked, state->req);

	return ret ? ret : options_check_request(ctx, &state->asked, state->req);
}

/* letters: room for 2 * ROWS + 2 characters; options: room for ROWS + 1 entries. */
static void fill_getopt(char *letters, struct option *options)
{
	*letters++ = ':'; /* a missing argument has a return value of its own */
	for (size_t i = 0; i < ROWS; i++) {
		options[i] = (struct option){ .name = table[i].name,
					      .has_arg = !table[i].arg ? no_argument
							 : is_optional(&table[i])
								 ? optional_argument
								 : required_argument,
					      .val = LONG_OPTION + (int)i };
		if (!table[i].letter)
			continue;
		*letters++ = table[i].letter;
		if (table[i].arg)
			*letters++ = ':';
	}
}

/* The row of a value that getopt_long() returned; NULL: unknown option. */
static const struct option_row *row_of(int c)
{
	if (c >= LONG_OPTION)
		return &table[c - LONG_OPTION];
	for (size_t i = 0; i < ROWS; i++)
		if (table[i].letter && table[i].letter == c)
			return &table[i];
	return NULL;
}

int options_parse(struct ctx *ctx, int argc, char **argv, struct request *req,
		  struct parse_state **state)
{
	struct option options[ROWS + 1] = { 0 };
	char letters[2 * ROWS + 2] = "";
	struct parse_state *s = arena_array(&ctx->arena, 1, sizeof(*s));
	int c, ret = 0;

	*state = s;
	*req = defaults;
	*s = (struct parse_state){ .req = req };
	req->initrds = arena_array(&ctx->arena, (size_t)argc, sizeof(*req->initrds));
	req->modules = arena_array(&ctx->arena, (size_t)argc, sizeof(*req->modules));
	s->arch_options = arena_array(&ctx->arena, (size_t)argc, sizeof(*s->arch_options));
	fill_getopt(letters, options);
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		const struct option_row *o = row_of(c);

		if (ret) {
			/* After an error only -S counts, because the exit status 1 has a meaning there. */
			s->asked.actions |= o && o->kind == KIND_ACTION ? o->value : 0;
			continue;
		}
		if (o && o->kind == KIND_AT_ONCE) {
			req->action = o->value;
			s->arch_option_count = 0;
			return 0;
		}
		ret = o ? take_one(ctx, o, optarg, s)
			: usage(ctx, "%s", option_error(&ctx->arena, argv, options, c == ':'));
	}
	if (!ret)
		ret = take_operands(ctx, argc, argv, req);
	if (!ret)
		return finish(ctx, s);
	if (s->asked.actions & ASKED_STATUS)
		req->action = ACTION_STATUS;
	return ret;
}

int options_check_arch(struct ctx *ctx, const struct arch *arch, struct parse_state *state)
{
	struct request *req = state->req;

	req->chosen = arch;
	for (size_t i = 0; arch && i < state->arch_option_count; i++) {
		const struct option_row *option = state->arch_options[i];

		if (!(arch->options & option->group))
			return usage(ctx, "--%s is an option for %s, this machine is %s",
				     option->name, arch_option_group(option->group)->arches,
				     arch->name);
	}
	if (!arch)
		return 0;
	if (arch->append == APPEND_ALL_JOINED)
		req->command_line = state->command_lines;
	if (arch->append == APPEND_BOTH_LINES)
		req->command_line = cmdline_join(&ctx->arena, state->last_lines[false],
						 state->last_lines[true]);
	if (req->serial && arch->options & ARCH_OPTIONS_PC)
		return parse_serial_port(ctx, req->serial, &req->serial_base);
	req->console_serial |= req->serial != NULL; /* --serial names a tty here */
	return 0;
}
