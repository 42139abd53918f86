/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines as scripts write them, and the requests that they become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kexec/options.h"

#define MAX_ARGS 16

static const struct arch pc = { .name = "pc", .options = ARCH_OPTIONS_PC };
static const struct arch joined = { .name = "joined", .append = APPEND_ALL_JOINED };
static const struct arch both = { .name = "both", .append = APPEND_BOTH_LINES };

struct parsed {
	struct ctx ctx;
	struct request req;
	int warnings;
	int ret;
	char line[256];
};

static void count_warning(void *data, const char *level, const char *text)
{
	(void)text;
	*(int *)data += !strcmp(level, "warning");
}

/* Words are separated by single blanks. */
static struct parsed *parse_on(const struct arch *arch, const char *line)
{
	static struct parsed p;
	struct parse_state *state;
	char *argv[MAX_ARGS + 1] = { NULL };
	int argc = 0;
	char *word;

	memset(&p, 0, sizeof(p));
	p.ctx.log.line = count_warning;
	p.ctx.log.data = &p.warnings;
	strncpy(p.line, line, sizeof(p.line) - 1);
	for (word = strtok(p.line, " "); word && argc < MAX_ARGS; word = strtok(NULL, " "))
		argv[argc++] = word;
	p.ret = options_parse(&p.ctx, argc, argv, &p.req, &state);
	if (!p.ret)
		p.ret = options_check_arch(&p.ctx, arch, state);
	return &p;
}

static struct parsed *parse(const char *line)
{
	return parse_on(&pc, line);
}

static void expect(const char *line, enum action action, bool crash)
{
	struct parsed *p = parse(line);

	if (p->ret || p->req.action != action || p->req.crash != crash)
		fail_msg("'%s': %d (%s), action %d, crash %d", line, p->ret, p->ctx.err.what,
			 p->req.action, p->req.crash);
	arena_free(&p->ctx.arena);
}

static void refuse_on(const struct arch *arch, const char *line, int status, const char *text)
{
	struct parsed *p = parse_on(arch, line);

	if (!p->ret || p->ctx.err.status != status || !strstr(p->ctx.err.what, text))
		fail_msg("'%s': %d, status %d, '%s'", line, p->ret, p->ctx.err.status,
			 p->ctx.err.what);
	arena_free(&p->ctx.arena);
}

static void refuse(const char *line, int status, const char *text)
{
	refuse_on(&pc, line, status, text);
}

/* Words that getopt_long() does not read as options although they look like options. */
static void test_operands(void **state)
{
	(void)state;
	refuse("kexec -l -- K --dry-run", EXIT_STATUS_USAGE, "'--dry-run' after the kernel K");
	refuse("kexec -l -- K -", EXIT_STATUS_USAGE, "'-' after the kernel K");
	refuse("kexec -S -- K -d", EXIT_STATUS_USAGE, "'-d' after the kernel K");
	expect("kexec -l -- -K", ACTION_LOAD, false);
	expect("kexec -l K other", ACTION_LOAD, false);
	expect("kexec -l K -d", ACTION_LOAD, false);
	assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
	refuse("kexec -l K --dry-run", EXIT_STATUS_USAGE, "'--dry-run' after the kernel K");
	expect("kexec -l --dry-run K", ACTION_LOAD, false);
	unsetenv("POSIXLY_CORRECT");
}

static void test_actions(void **state)
{
	(void)state;
	expect("kexec K", ACTION_LOAD_AND_REBOOT, false);
	expect("kexec -l K", ACTION_LOAD, false);
	expect("kexec K -l", ACTION_LOAD, false);
	expect("kexec -e", ACTION_EXEC, false);
	expect("kexec -f K", ACTION_LOAD_AND_EXEC, false);
	expect("kexec -e -f K", ACTION_LOAD_AND_EXEC, false);
	expect("kexec -e -f", ACTION_EXEC, false);
	expect("kexec -fe", ACTION_EXEC, false);
	expect("kexec -l -f K", ACTION_LOAD_AND_EXEC, false);
	expect("kexec -f -l K", ACTION_LOAD, false);
	expect("kexec -l -e K", ACTION_EXEC, false);
	expect("kexec -e -l K", ACTION_LOAD, false);
	expect("kexec -p K", ACTION_LOAD_PANIC, true);
	expect("kexec -p -l K", ACTION_LOAD_PANIC, true);
	expect("kexec -l K -p --hotplug", ACTION_LOAD_PANIC, true);
	expect("kexec -u", ACTION_UNLOAD, false);
	expect("kexec -p -u", ACTION_UNLOAD, true);
	expect("kexec -u -p", ACTION_UNLOAD, true);
	expect("kexec -a -p -u", ACTION_UNLOAD, true);
	expect("kexec -s -p -u", ACTION_UNLOAD, true);
	expect("kexec -S", ACTION_STATUS, false);
	expect("kexec -S -e -u -l", ACTION_STATUS, false);
	expect("kexec -h --bogus", ACTION_HELP, false);
	expect("kexec -e -v", ACTION_VERSION, false);
	expect("kexec --print-ckr-size", ACTION_PRINT_CKR_SIZE, false);
}

static void test_kernels_not_loaded(void **state)
{
	static const char *const lines[] = { "kexec -e K", "kexec -l -e K", "kexec -e -l K" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct parsed *p = parse(lines[i]);

		assert_int_equal(p->ret, 0);
		assert_int_equal(p->warnings, 1);
		arena_free(&p->ctx.arena);
	}
}

static void test_crash_option_without_crash_load(void **state)
{
	static const char *const lines[] = { "kexec -l K --pass-memmap-cmdline",
					     "kexec --pass-memmap-cmdline -f K",
					     "kexec -p K --pass-memmap-cmdline" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct parsed *p = parse(lines[i]);
		bool crash = i == 2;

		assert_int_equal(p->ret, 0);
		assert_int_equal(p->warnings, !crash);
		assert_int_equal(p->req.pass_memmap, crash);
		arena_free(&p->ctx.arena);
	}
}

static void test_contradictions(void **state)
{
	(void)state;
	refuse("kexec -u -l K", 1, "contradicts");
	refuse("kexec -u -f K", 1, "contradicts");
	refuse("kexec -e -u", 1, "contradicts");
	refuse("kexec -p -f K", 1, "contradicts");
	refuse("kexec -f -p K", 1, "contradicts");
	refuse("kexec -p -e", 1, "contradicts");
	refuse("kexec -e --append=x", 1, "--append means nothing here");
	refuse("kexec -u --noefi", 1, "--noefi means nothing here");
	refuse("kexec -l", 255, "No kernel specified");
	refuse("kexec -f", 255, "No kernel specified");
	refuse("kexec -l -e -f", 255, "No kernel specified");
	refuse("kexec", 255, "No kernel specified");
	refuse("kexec -l K --sysroot=/x", 1, "--dry-run");
	refuse("kexec -l K --json", 1, "--dry-run");
	refuse("kexec -e --dry-run", 1, "kernel to load");
	refuse("kexec -l K --mem-min=2 --mem-max=1", 1, "above --mem-max");
	refuse("kexec -p", 255, "No kernel specified");
	refuse("kexec -l K --hotplug", 1, "--hotplug goes with --load-panic");
	refuse("kexec -u --pass-memmap-cmdline", 1, "--pass-memmap-cmdline means nothing here");
	refuse("kexec -l K --real-mode --entry-32bit", 1, "--real-mode contradicts --entry-32bit");
	refuse("kexec -l - --initrd=-", 1, "- is given 2 times");
	refuse("kexec -p K --initrd=- --initrd=F --initrd=-", 1, "- is given 2 times");
}

static void test_unknown_options(void **state)
{
	(void)state;
	refuse("kexec --bogus=1 K", 1, "kexec: unrecognized option '--bogus=1'");
	refuse("kexec K --no=1", 1,
	       "kexec: option '--no=1' is ambiguous; possibilities: '--no-ifdown' '--no-sync'");
	refuse("kexec --loa", 1, "kexec: option '--loa' is ambiguous; possibilities: '--load'");
	refuse("kexec --load=1", 1, "kexec: option '--load' doesn't allow an argument");
	refuse("kexec -l K --app", 1, "kexec: option '--append' requires an argument");
	refuse("kexec -lZ K", 1, "kexec: invalid option -- 'Z'");
	refuse("kexec -l: K", 1, "kexec: invalid option -- ':'");
	refuse("kexec -lt", 1, "kexec: option requires an argument -- 't'");
}

static void test_getopt_as_scripts_use_it(void **state)
{
	struct parsed *p;

	(void)state;
	p = parse("kexec vmlinuz -ld --init=i1 --initrd i2 --append=a --command-line b -c -a "
		  "--ramdisk=i3");
	assert_int_equal(p->ret, 0);
	assert_string_equal(p->req.kernel, "vmlinuz");
	assert_true(p->req.debug);
	assert_int_equal(p->req.action, ACTION_LOAD);
	assert_int_equal(p->req.initrd_count, 3);
	assert_string_equal(p->req.initrds[0], "i1");
	assert_string_equal(p->req.initrds[2], "i3");
	assert_string_equal(p->req.command_line, "b");
	assert_int_equal(p->req.method, METHOD_AUTO);
	arena_free(&p->ctx.arena);

	p = parse("kexec -l -- --append");
	assert_int_equal(p->ret, 0);
	assert_string_equal(p->req.kernel, "--append");
	arena_free(&p->ctx.arena);

	p = parse("kexec -l one two");
	assert_int_equal(p->ret, 0);
	assert_string_equal(p->req.kernel, "one");
	assert_int_equal(p->warnings, 1);
	arena_free(&p->ctx.arena);

	p = parse("kexec -Sl");
	assert_int_equal(p->ret, 0);
	assert_true(p->req.normal);
	arena_free(&p->ctx.arena);

	p = parse("kexec -l K -a -s -c");
	assert_int_equal(p->ret, 0);
	assert_int_equal(p->req.method, METHOD_KEXEC_LOAD);
	arena_free(&p->ctx.arena);
}

static void test_values(void **state)
{
	struct parsed *p;

	(void)state;
	p = parse("kexec -l K --mem-min=0x100000 --mem-max=4095 --mem-max=0x3fffffff --entry=010 "
		  "--serial=0x3e8 "
		  "--serial-baud=9600 --on-corrupt=reboot");
	assert_int_equal(p->ret, 0);
	assert_int_equal(p->req.mem_min, 0x100000);
	assert_int_equal(p->req.mem_max, 0x3fffffff);
	assert_int_equal(p->req.entry, 8);
	assert_int_equal(p->req.serial_base, 0x3e8);
	assert_int_equal(p->req.serial_baud, 9600);
	assert_int_equal(p->req.on_corrupt, ON_CORRUPT_REBOOT);
	arena_free(&p->ctx.arena);

	refuse("kexec -l K --mem-min=1M", 1, "Bad value for --mem-min '1M'");
	refuse("kexec -l K --mem-max=-1", 1, "Bad value");
	refuse("kexec -l K --entry=0x10000000000000000", 1, "Bad value");
	refuse("kexec -l K --mem-min=", 1, "Bad value");
	refuse("kexec -l K --serial=ttyS9", 1, "Bad serial port base 'ttyS9'");
	refuse("kexec -l K --serial=0x10000", 1, "Bad serial port base");
	refuse("kexec -l K --serial-baud=0", 1, "Bad serial port baud rate '0'");
	refuse("kexec -l K --serial-baud=abc", 1, "Bad serial port baud rate");
	refuse("kexec -l K --serial-baud=50000", 1, "Bad serial port baud rate");
	refuse("kexec -l K --on-corrupt=ignore", 1, "halt or reboot");
}

static void test_elf_arguments(void **state)
{
	static const struct {
		const char *line;
		enum elf_args args;
	} cases[] = {
		{ "kexec -l K", ELF_ARGS_AUTO },
		{ "kexec -l K --args-linux", ELF_ARGS_LINUX },
		{ "kexec --args-linux -l K --args-elf", ELF_ARGS_NOTES },
	};
	struct parsed *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p = parse(cases[i].line);
		assert_int_equal(p->ret, 0);
		assert_int_equal(p->req.elf_args, cases[i].args);
		arena_free(&p->ctx.arena);
	}
	p = parse("kexec -l K --args-none --module=a --module=b");
	assert_int_equal(p->ret, 0);
	assert_int_equal(p->req.elf_args, ELF_ARGS_NONE);
	assert_int_equal(p->req.module_count, 2);
	assert_string_equal(p->req.modules[0], "a");
	arena_free(&p->ctx.arena);
	refuse("kexec -l - --module=-", 1, "- is given 2 times");
	refuse("kexec -u --real-mode", 1, "--real-mode means nothing here");
	refuse("kexec -u --load-live-update", 1, "--unload contradicts --load-live-update");
	refuse("kexec --exec-live-update -u", 1, "--unload contradicts --exec-live-update");
	refuse("kexec -S --module=x", 1, "--module means nothing here");
	refuse("kexec -l K --load-jump-back-helper", 1, "contradicts --load");
	refuse_on(&joined, "kexec -l K --real-mode", 1, "--real-mode is an option for");
	refuse_on(&joined, "kexec -l K --entry-32bit --module=x", 1, "--entry-32bit is an option");
	refuse_on(NULL, "kexec -e --load-jump-back-helper", 1, "contradicts --exec");
	expect("kexec -l K --load-live-update", ACTION_LOAD, false);
	expect("kexec --exec-live-update -e", ACTION_EXEC, false);
	p = parse("kexec --exec-live-update");
	assert_true(p->req.live_update);
	arena_free(&p->ctx.arena);
	refuse("kexec -p K --load-live-update", 1, "contradicts --load-panic");
	refuse("kexec --exec-live-update -f K", 1, "contradicts --force");
	expect("kexec -l K --atags --real-mode -h", ACTION_HELP, false);
}

static void test_order_never_matters(void **state)
{
	static const char *const words[] = {
		"-l", "K", "--append=X", "--noefi", "--reuse-video-type", "-d", "-i"
	};
	unsigned int round;

	(void)state;
	srand(3);
	for (round = 0; round < 200; round++) {
		const char *order[7];
		char line[256] = "kexec";
		struct parsed *p;
		size_t i;

		memcpy(order, words, sizeof(order));
		for (i = 6; i; i--) {
			size_t k = (size_t)rand() % (i + 1);
			const char *swap = order[i];

			order[i] = order[k];
			order[k] = swap;
		}
		for (i = 0; i < 7; i++) {
			strcat(line, " ");
			strcat(line, order[i]);
		}
		p = parse(line);
		assert_int_equal(p->ret, 0);
		assert_string_equal(p->req.command_line, "X");
		assert_true(p->req.noefi && p->req.reuse_video_type && p->req.debug &&
			    p->req.no_checks);
		assert_int_equal(p->req.action, ACTION_LOAD);
		arena_free(&p->ctx.arena);
	}
}

static void expect_line(const struct arch *arch, const char *options, const char *wanted)
{
	char line[128];
	struct parsed *p;

	snprintf(line, sizeof(line), "kexec -l K %s", options);
	p = parse_on(arch, line);
	if (p->ret || !p->req.command_line || strcmp(p->req.command_line, wanted))
		fail_msg("%s, '%s': %d, '%s'", arch->name, line, p->ret, p->req.command_line);
	arena_free(&p->ctx.arena);
}

static void test_command_lines(void **state)
{
	const char *lines = "--append=a --command-line=c --append=b --command-line=d --append=";

	(void)state;
	expect_line(&pc, lines, "");
	expect_line(&joined, lines, "a c b d");
	expect_line(&both, lines, "d");
	expect_line(&both, "--append=a --command-line=c --append=b", "c b");
	expect_line(&both, "--append=a --command-line=", "a");
	expect_line(&both, "--append=a --append=b", "b");
	expect_line(&both, "--command-line=c", "c");
}

static bool list_has(const char *list, const char *word)
{
	char padded[128], wanted[64];

	snprintf(padded, sizeof(padded), " %s ", list);
	snprintf(wanted, sizeof(wanted), " %s ", word);
	return strstr(padded, wanted);
}

/* The errors name exactly the arches that have a group of options. */
static void test_groups_name_their_arches(void **state)
{
	unsigned int group;
	size_t i;

	(void)state;
	for (i = 0; arches[i]; i++)
		for (group = ARCH_OPTIONS_PC; group <= ARCH_OPTIONS_OLD_ROOT; group <<= 1)
			assert_int_equal(!!(arches[i]->options & group),
					 list_has(arch_option_group(group)->arches,
						  arches[i]->name));
}

static void expect_call(const struct arch *arch, const char *options, enum method call,
			const char *first, const char *second)
{
	const char *wanted[] = { first, second, NULL };
	char line[128];
	struct parsed *p;
	size_t row = 0, i = 0;
	const char *name;

	snprintf(line, sizeof(line), "kexec -l K %s", options);
	p = parse_on(arch, line);
	assert_int_equal(p->ret, 0);
	while ((name = options_of_call(&p->req, call, &row))) {
		assert_non_null(wanted[i]);
		assert_string_equal(name, wanted[i++]);
	}
	assert_null(wanted[i]);
	arena_free(&p->ctx.arena);
}

static void test_calls(void **state)
{
	static const struct arch tree = { .name = "tree",
					  .options = ARCH_OPTIONS_TREE | ARCH_OPTIONS_DTB };

	(void)state;
	expect_call(&pc, "-d --purgatory=pie --on-corrupt=halt --entry=0", METHOD_KEXEC_LOAD, NULL,
		    NULL);
	expect_call(&pc, "--purgatory=rel --on-corrupt=reboot", METHOD_KEXEC_LOAD, "purgatory",
		    "on-corrupt");
	expect_call(&pc, "--mem-max=1 -i", METHOD_KEXEC_LOAD, "mem-max", "no-checks");
	expect_call(&pc, "--no-cma --force-dtb -i", METHOD_KEXEC_FILE_LOAD, "no-cma", NULL);
	expect_call(&pc, "--serial=ttyS1", METHOD_KEXEC_LOAD, "serial", NULL);
	expect_call(&pc, "--serial=ttyS1 --console-serial", METHOD_KEXEC_LOAD, "console-serial",
		    "serial");
	expect_call(&pc, "--serial-baud=9600 --reuse-video-type", METHOD_KEXEC_LOAD, "serial-baud",
		    "reuse-video-type");
	expect_call(&pc, "--console-serial", METHOD_KEXEC_LOAD, "console-serial", NULL);
	expect_call(&tree, "--serial=ttyS1", METHOD_KEXEC_LOAD, "serial", NULL);
	expect_call(&tree, "--devicetreeblob=F", METHOD_KEXEC_LOAD, "dtb", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_kernels_not_loaded),
		cmocka_unit_test(test_crash_option_without_crash_load),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_getopt_as_scripts_use_it),
		cmocka_unit_test(test_unknown_options),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_elf_arguments),
		cmocka_unit_test(test_order_never_matters),
		cmocka_unit_test(test_command_lines),
		cmocka_unit_test(test_groups_name_their_arches),
		cmocka_unit_test(test_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
