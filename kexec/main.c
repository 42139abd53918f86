/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec: parses the request, dispatches to the action, prints (doc/architecture.md).  No
 * other file prints, except for status.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "core/fd.h"
#include "core/new_file.h"
#include "core/print.h"
#include "kdump/kdump.h"
#include "load.h"
#include "options.h"
#include "status.h"
#include "submit/submit.h"

#define PROGRESS_AFTER_MS 500

/* Progress is shown on a terminal, and only for work that takes long. */
struct progress {
	int64_t started_ms;
	const char *work;
	bool shown;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void end_progress(struct progress *progress)
{
	if (progress->shown) {
		fputs("\r\033[K", print_stderr());
		fflush(print_stderr());
	}
	progress->shown = false;
	progress->work = NULL;
}

static void print_progress(void *data, const char *work, uint64_t done, uint64_t total)
{
	struct progress *progress = data;
	FILE *out = print_stderr();

	if (!progress->work || strcmp(progress->work, work)) {
		end_progress(progress);
		progress->work = work;
		progress->started_ms = now_ms();
	}
	if (now_ms() - progress->started_ms < PROGRESS_AFTER_MS)
		return;
	progress->shown = true;
	putc('\r', out);
	print_clean(out, work);
	if (total)
		fprintf(out, ": %d%%\033[K", (int)(done * 100 / total));
	else
		fprintf(out, ": %d MiB\033[K", (int)(done >> 20));
	fflush(out);
}

static void print_line(void *data, const char *level, const char *text)
{
	end_progress(data);
	fprintf(print_stderr(), "%s: ", level);
	print_clean(print_stderr(), text);
	putc('\n', print_stderr());
}

/* A mapped file was truncated: its missing pages cannot be read. */
static void on_sigbus(int sig)
{
	static const char text[] =
		"A file was cut short while it was being read; nothing was loaded.\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_STATUS_REFUSED);
	_exit(EXIT_STATUS_USAGE);
}

static void print_json(const struct load *load, const struct plan *plan, const struct baked *baked)
{
	struct json json = { .out = print_stdout() };

	json_begin_object(&json, NULL);
	plan_json(plan, &load->machine, &json);
	if (baked)
		bake_json(baked, &json);
	json_end_object(&json);
	json_end(&json);
}

/* The text is made in memory, because a stream of the C library would try again without end. */
static int write_picture(struct ctx *ctx, const struct load *load, const struct plan *plan)
{
	struct new_file file;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret = out ? 0 : err_set(&ctx->err, -errno, "--picture: %s", strerror(errno));

	if (ret)
		return ret;
	plan_print_svg(plan, &load->machine, out);
	if (fclose(out))
		ret = err_set(&ctx->err, -ENOMEM, "--picture: %s", strerror(ENOMEM));
	if (!ret)
		ret = new_file_begin(ctx, load->req->picture, &file);
	if (!ret) {
		if (!fd_write(file.fd, (struct bytes){ (const uint8_t *)text, size }))
			ret = err_set(&ctx->err, -errno, "%s: %s", file.name, strerror(errno));
		ret = new_file_end(ctx, &file, ret, 0644);
	}
	free(text);
	return ret;
}

static int show_plan(struct ctx *ctx, const struct load *load, const struct plan *plan,
		     const struct baked *baked)
{
	int ret = load->req->picture ? write_picture(ctx, load, plan) : 0;
	struct winsize size;

	end_progress(ctx->log.data);
	if (ret || (load->req->picture && !strcmp(load->req->picture, "-")))
		return ret;
	if (load->req->json) {
		print_json(load, plan, baked);
		return 0;
	}
	plan_print_text(plan, print_stdout());
	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		size.ws_col = 80;
	putc('\n', print_stdout());
	plan_print_picture(plan, &load->machine, print_stdout(),
			   size.ws_col > 44 ? size.ws_col - 44u : 0);
	return 0;
}

/* Such as "2 MiB".  size: a power of two, at least 1 KiB. */
static void print_block(FILE *out, uint64_t size)
{
	if (size >> 20)
		fprintf(out, "%" PRIu64 " MiB", size >> 20);
	else
		fprintf(out, "%" PRIu64 " KiB", size >> 10);
}

static void show_baked(const struct load *load, const struct baked *baked)
{
	const uint64_t tenth = (1 << 20) / 10;
	FILE *out = print_stdout();

	if (!strcmp(baked->file, "-"))
		return;
	print_clean(out, baked->file);
	fprintf(out, ": baked for %s, %.1f MB, needs %.1f MiB at ", load->arch->name,
		(double)baked->file_size / 1e6,
		(double)((baked->memory_size + tenth - 1) / tenth) / 10);
	if (baked->address == BAKE_ANYWHERE) {
		fputs("any multiple of ", out);
		print_block(out, baked->align);
	} else {
		fprintf(out, "0x%" PRIx64, baked->address);
	}
	fputs("; starts as: ", out);
	for (size_t i = 0; baked->starts_as[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", baked->starts_as[i]);
	putc('\n', out);
}

static void show_call(const struct plan *plan)
{
	plan_print_segments(plan, print_stderr());
	fprintf(print_stderr(), "kexec_load: entry = 0x%llx flags = 0x%x\n",
		(unsigned long long)plan->entry, plan->kexec_flags);
}

/* Bug reports need the segments as well. */
static void show_refused(const struct plan *plan)
{
	fprintf(print_stderr(), "entry       = 0x%llx flags = 0x%x\n",
		(unsigned long long)plan->entry, plan->kexec_flags);
	plan_print_segments(plan, print_stderr());
}

static int run_load(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		    struct load_report *report)
{
	int ret = load_run(ctx, req, root, report);

	if (ret || req->dry_run || req->bake)
		return ret;
	switch (req->action) {
	case ACTION_LOAD_AND_EXEC: return submit_exec(ctx, root, req);
	case ACTION_LOAD_AND_REBOOT: return submit_system_reboot(ctx, root);
	default:
		/* A crash kernel changes nothing about the next reboot. */
		if (req->action == ACTION_LOAD && !req->no_sync)
			sync();
		return 0;
	}
}

static int run_print_ckr_size(struct ctx *ctx, const struct request *req,
			      const struct sysroot *root)
{
	struct machine machine;
	int ret = load_read_reservations(ctx, req, root, &machine);

	if (ret)
		return ret;
	fprintf(print_stdout(), "%" PRIu64 "\n", range_size(kdump_last_reservation(&machine)));
	return 0;
}

/* Loads and unloads fail on machines that this kexec does not know; other actions need no arch. */
static int check_arch(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		      struct parse_state *state)
{
	const struct arch *arch;
	int ret = load_choose_arch(ctx, req, root, &arch);

	if (ret && (req->action <= ACTION_LOAD_AND_EXEC || req->action == ACTION_UNLOAD ||
		    req->action == ACTION_CAPTURE || req->action == ACTION_LOAD_JUMP_BACK))
		return ret;
	if (ret)
		err_clear(&ctx->err);
	return options_check_arch(ctx, ret ? NULL : arch, state);
}

static void show_capture(struct ctx *ctx, const struct request *req,
			 const struct capture_report *report)
{
	FILE *out = print_stderr();

	end_progress(ctx->log.data);
	print_clean(out, req->capture);
	fprintf(out, ": %zu files", report->files);
	if (req->capture_secrets)
		fputs(", secrets not masked", out);
	else
		fprintf(out, ", %zu with secrets masked", report->masked);
	if (report->unreadable) {
		fprintf(out, ", %zu could not be read (", report->unreadable);
		print_clean(out, report->first_unreadable);
		fputs(report->unreadable > 1 ? ", ...)" : ")", out);
	}
	putc('\n', out);
}

/* The capture is written also if the load fails, which may be the reason for it. */
static int run_capture(struct ctx *ctx, const struct request *req, struct sysroot *root,
		       char **argv, struct load_report *report)
{
	struct recorder recorder = { 0 };
	struct capture_report captured;
	struct err failed;
	int ret = 0;

	root->recorder = &recorder;
	sysroot_read_optional(ctx, root, "/proc/version");
	if (req->action == ACTION_CAPTURE)
		load_look_at_system(ctx, req, root);
	else
		ret = run_load(ctx, req, root, report);
	failed = ctx->err;
	err_clear(&ctx->err);
	if (capture_write(ctx, req, root, argv, &captured)) {
		if (ret)
			log_warn(&ctx->log, "%s", failed.what);
		return ctx->err.code;
	}
	show_capture(ctx, req, &captured);
	ctx->err = failed;
	return ret;
}

/* Returns the exit status; negative: failed, ctx->err has the error. */
static int run(struct ctx *ctx, int argc, char **argv, struct request *req,
	       struct load_report *report)
{
	struct sysroot root;
	struct parse_state *state;
	int ret = options_parse(ctx, argc, argv, req, &state);

	if (!ret)
		ret = sysroot_open(ctx, req->sysroot, &root);
	if (!ret)
		ret = check_arch(ctx, req, &root, state);
	if (ret)
		return ret;
	ctx->log.debug = req->debug;
	if (req->capture && (req->action <= ACTION_LOAD_AND_EXEC || req->action == ACTION_CAPTURE))
		return run_capture(ctx, req, &root, argv, report);
	switch (req->action) {
	case ACTION_HELP: options_help(print_stdout()); return 0;
	case ACTION_VERSION:
		fputs("kexec-tools " PACKAGE_VERSION " (kexec-pie)\n", print_stdout());
		return 0;
	case ACTION_PRINT_CKR_SIZE: return run_print_ckr_size(ctx, req, &root);
	case ACTION_STATUS: return print_status(ctx, req, &root);
	case ACTION_UNLOAD: return load_undo(ctx, req, &root);
	case ACTION_EXEC: return submit_exec(ctx, &root, req);
	case ACTION_LOAD_JUMP_BACK: return load_jump_back(ctx, req, &root, report);
	default: return run_load(ctx, req, &root, report);
	}
}

/* Returns the exit status.  ret: that of run(). */
static int finish(const struct ctx *ctx, const struct request *req, int ret)
{
	/* -S: the exit status 1 means "loaded". */
	int failed = req->action == ACTION_STATUS ? EXIT_STATUS_REFUSED : EXIT_STATUS_USAGE;
	int error = print_end();

	if (error)
		fprintf(print_stderr(), "Cannot write to standard output: %s\n", strerror(error));
	if (ret < 0)
		return req->action == ACTION_STATUS ? failed : ctx->err.status;
	return error ? failed : ret;
}

int main(int argc, char **argv)
{
	struct progress progress = { 0 };
	struct ctx ctx = { .log = { .line = print_line, .data = &progress } };
	struct load_report report = { .show_plan = show_plan,
				      .show_call = show_call,
				      .show_baked = show_baked };
	struct request req = { 0 };
	int ret;

	if (!prepare_streams())
		return EXIT_STATUS_REFUSED;
	if (isatty(STDERR_FILENO))
		ctx.log.progress = print_progress;
	signal(SIGBUS, on_sigbus);
	ret = run(&ctx, argc, argv, &req, &report);
	end_progress(&progress);
	if (ret < 0) {
		err_print(print_stderr(), &ctx.err);
		if (report.refused)
			show_refused(report.refused);
	}
	ret = finish(&ctx, &req, ret);
	arena_free(&ctx.arena);
	return ret;
}
