/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcore-dmesg: prints the log of a crashed kernel from a dump (vmcore-dmesg.8). */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "core/option_error.h"
#include "core/print.h"
#include "dmesg.h"
#include "status.h"

struct request {
	const char *file;
	enum output_format format;
	bool help, version;
};

static void print_usage(FILE *out, const char *program)
{
	fputs("usage: ", out);
	print_clean(out, program);
	fputs(" [-r|--raw] [--json] <kernel core file>\n", out);
}

static void print_help(FILE *out, const char *program)
{
	print_usage(out, program);
	fputs("Prints the log of a crashed kernel out of its dump: /proc/vmcore, a copy of it,\n"
	      "or - for standard input.\n"
	      "\n"
	      "  -r, --raw      every line with its <facility and level>\n"
	      "      --json     an array of records\n"
	      "  -h, --help     print this text\n"
	      "  -V, --version  print the version\n",
	      out);
}

static void print_bad_option(char **argv, const struct option *options)
{
	struct arena arena = { 0 };

	print_clean(print_stderr(), option_error(&arena, argv, options, false));
	putc('\n', print_stderr());
	arena_free(&arena);
}

#define LONG_JSON 256 /* no letter */

static int parse(int argc, char **argv, struct request *req)
{
	static const struct option options[] = {
		{ "raw", no_argument, NULL, 'r' },
		{ "json", no_argument, NULL, LONG_JSON },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*req = (struct request){ .format = OUTPUT_TEXT };
	opterr = 0;
	while ((c = getopt_long(argc, argv, "rhV", options, NULL)) != -1) {
		switch (c) {
		case 'r': req->format = OUTPUT_RAW; break;
		case LONG_JSON: req->format = OUTPUT_JSON; break;
		case 'h': req->help = true; break;
		case 'V': req->version = true; break;
		default: print_bad_option(argv, options); return -EINVAL;
		}
	}
	if (req->help || req->version)
		return 0;
	req->file = argv[optind];
	return argc - optind == 1 ? 0 : -EINVAL;
}

static void print_line(void *data, const char *level, const char *text)
{
	(void)data;
	fprintf(print_stderr(), "%s: ", level);
	print_clean(print_stderr(), text);
	putc('\n', print_stderr());
}

static int run(const struct request *req)
{
	struct ctx ctx = { .log = { .line = print_line } };
	struct output output;
	struct vmcore *core;
	int ret;

	core = arena_alloc(&ctx.arena, sizeof(*core));
	ret = vmcore_open(&ctx, req->file, core);
	if (!ret) {
		output_begin(&ctx, &output, print_stdout(), req->format);
		ret = dmesg_print(&ctx, core, &output);
		output_end(&output);
	}
	vmcore_close(core);
	fflush(print_stdout());
	if (ret)
		err_print(print_stderr(), &ctx.err);
	ret = ret ? ctx.err.status : 0;
	arena_free(&ctx.arena);
	return ret;
}

int main(int argc, char **argv)
{
	struct request req;
	int ret = 0, error;

	if (!prepare_streams())
		return STATUS_WRITE;
	if (parse(argc, argv, &req)) {
		print_usage(print_stderr(), argc ? argv[0] : "vmcore-dmesg");
		return STATUS_USAGE;
	}
	if (req.help)
		print_help(print_stdout(), argv[0]);
	else if (req.version)
		fputs("vmcore-dmesg (kexec-tools " PACKAGE_VERSION ", kexec-pie)\n",
		      print_stdout());
	else
		ret = run(&req);
	error = print_end();
	if (error) {
		fprintf(print_stderr(), "Cannot write to standard output: %s\n", strerror(error));
		ret = STATUS_WRITE;
	}
	return ret;
}
