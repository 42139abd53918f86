/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec: request, machine, image, plan, purgatory, submit, in this order
 * (doc/architecture.md).  Nothing else prints but status.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "core/print.h"
#include "load.h"
#include "options.h"
#include "status.h"
#include "submit/load_record.h"
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
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
	progress->work = NULL;
}

static void print_progress(void *data, const char *work, uint64_t done, uint64_t total)
{
	struct progress *progress = data;

	if (!progress->work || strcmp(progress->work, work)) {
		end_progress(progress);
		progress->work = work;
		progress->started_ms = now_ms();
	}
	if (now_ms() - progress->started_ms < PROGRESS_AFTER_MS)
		return;
	progress->shown = true;
	if (total)
		fprintf(stderr, "\r%s: %d%%\033[K", work, (int)(done * 100 / total));
	else
		fprintf(stderr, "\r%s: %d MiB\033[K", work, (int)(done >> 20));
}

static void print_line(void *data, const char *level, const char *text)
{
	end_progress(data);
	fprintf(stderr, "%s: ", level);
	print_clean(stderr, text);
	putc('\n', stderr);
}

/* A mapped file that somebody truncates: its pages are gone when they are read. */
static void on_sigbus(int sig)
{
	static const char text[] =
		"A file was cut short while it was being read; nothing was loaded.\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_STATUS_REFUSED);
	_exit(EXIT_STATUS_USAGE);
}

static void show_plan(const struct request *req, const struct machine *machine,
		      const struct plan *plan)
{
	struct winsize size;

	if (req->json) {
		plan_print_json(plan, machine, stdout);
		return;
	}
	plan_print_text(plan, stdout);
	if (isatty(STDOUT_FILENO)) {
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
			size.ws_col = 80;
		putchar('\n');
		plan_print_picture(plan, machine, stdout, size.ws_col > 44 ? size.ws_col - 44u : 0);
	}
}

/* When both calls fail, both have their say. */
static int failed(struct ctx *ctx, const struct load *load, int ret)
{
	if (load->tried_first)
		log_warn(&ctx->log, "tried first: %s", load->tried_first);
	return ret;
}

/* Returns an exit status where the kernel refused: bug reports want the segments, too. */
static int submit_plan(struct ctx *ctx, const struct load *load, const struct sysroot *root,
		       const struct plan *plan)
{
	unsigned long long entry = plan->entry;
	int ret = files_unchanged(ctx);

	if (ret)
		return failed(ctx, load, ret);
	if (load->req->debug) {
		plan_print_segments(plan, stderr);
		fprintf(stderr, "kexec_load: entry = 0x%llx flags = 0x%x\n", entry,
			plan->kexec_flags);
	}
	ret = submit_kexec_load(ctx, root, plan);
	if (!ret)
		return 0;
	failed(ctx, load, ret);
	err_print(stderr, &ctx->err);
	fprintf(stderr, "entry       = 0x%llx flags = 0x%x\n", entry, plan->kexec_flags);
	plan_print_segments(plan, stderr);
	return ctx->err.status;
}

static int load_by_plan(struct ctx *ctx, struct load *load, const struct sysroot *root)
{
	struct plan *plan = arena_alloc(&ctx->arena, sizeof(*plan));
	int ret = load_plan(ctx, load, plan);

	end_progress(ctx->log.data);
	if (ret)
		return failed(ctx, load, ret);
	if (load->req->dry_run) {
		show_plan(load->req, &load->machine, plan);
		return 0;
	}
	ret = submit_reboot_cpu(ctx, root, plan, &load->reboot_cpu_before);
	if (ret)
		return failed(ctx, load, ret);
	ret = submit_plan(ctx, load, root, plan);
	if (ret)
		submit_restore_reboot_cpu(ctx, root, load->reboot_cpu_before);
	else
		load_keep_record(ctx, load, plan->cmdline, plan->purgatory.kind);
	return ret;
}

static int submit_files(struct ctx *ctx, const struct load *load, const struct sysroot *root)
{
	int ret = files_unchanged(ctx);

	if (!ret)
		ret = submit_kexec_file_load(ctx, root, &load->files);
	if (!ret)
		load_keep_record(ctx, load, load->files.cmdline, "kernel");
	return ret;
}

/* called: the kernel itself refused kexec_file_load. */
static int fall_back(struct ctx *ctx, struct load *load, const struct sysroot *root, bool called)
{
	const char *first = arena_strdup(&ctx->arena, ctx->err.what);

	log_debug(&ctx->log, "%s; kexec_load is tried", first);
	load->tried_first = called ? first : NULL;
	load->method = METHOD_KEXEC_LOAD;
	load->method_why = arena_printf(&ctx->arena, "kexec_file_load cannot (%s)", first);
	load_warn_of_unused(ctx, load);
	err_clear(&ctx->err);
	return load_by_plan(ctx, load, root);
}

static int load_by_either(struct ctx *ctx, struct load *load, const struct sysroot *root)
{
	bool called;
	int ret;

	if (load->method == METHOD_KEXEC_LOAD)
		return load_by_plan(ctx, load, root);
	ret = load_files(ctx, load);
	/* The kernel keeps its places to itself; what kexec_load would do is shown. */
	if (!ret && load->req->dry_run)
		return load_by_plan(ctx, load, root);
	called = !ret;
	if (called)
		ret = submit_files(ctx, load, root);
	if (ret && load->req->method == METHOD_AUTO && ctx->err.status == EXIT_STATUS_NO_FILE_CALL)
		return fall_back(ctx, load, root, called);
	return ret;
}

static int load(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	struct load *load = arena_alloc(&ctx->arena, sizeof(*load));
	bool had_crash_kernel = req->crash && !req->dry_run &&
				submit_crash_kernel_loaded(ctx, root);
	int ret;

	*load = (struct load)LOAD_NOTHING;
	ret = load_look(ctx, req, root, load);
	if (!ret)
		ret = load_by_either(ctx, load, root);
	if (ret && had_crash_kernel)
		submit_warn_lost_crash_kernel(ctx, root);
	load_end(load);
	return ret;
}

static int run_load(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	int ret = load(ctx, req, root);

	if (ret || req->dry_run)
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

/* -a: only where there is no kexec_file_load at all does kexec_load follow. */
static int unload_by_either(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			    uint32_t kexec_arch)
{
	const char *first;
	int ret = submit_file_unload(ctx, root, req->crash);

	if (!ret || req->method != METHOD_AUTO || ctx->err.status != EXIT_STATUS_NO_FILE_CALL)
		return ret;
	first = arena_strdup(&ctx->arena, ctx->err.what);
	err_clear(&ctx->err);
	ret = submit_unload(ctx, root, req->crash, kexec_arch);
	if (ret)
		log_warn(&ctx->log, "tried first: %s", first);
	return ret;
}

static int run_unload(struct ctx *ctx, const struct request *req, const struct sysroot *root)
{
	struct load_record record;
	const struct arch *arch;
	int ret = load_choose_arch(ctx, req, &arch);

	if (ret)
		return ret;
	if (req->method == METHOD_KEXEC_LOAD)
		ret = submit_unload(ctx, root, req->crash, arch->kexec_arch);
	else
		ret = unload_by_either(ctx, req, root, arch->kexec_arch);
	if (ret)
		return ret;
	if (record_read(ctx, root, req->crash, &record))
		submit_restore_reboot_cpu(ctx, root, record.reboot_cpu);
	record_remove(ctx, root, req->crash);
	return 0;
}

static int run_print_ckr_size(struct ctx *ctx, const struct request *req,
			      const struct sysroot *root)
{
	const struct range_set *crash;
	struct machine machine = { 0 };
	int ret = machine_read(ctx, req, root, load_reservation_source(ctx, req), &machine);

	if (ret)
		return ret;
	crash = &machine.crash;
	printf("%llu\n",
	       crash->count ? (unsigned long long)range_size(crash->range[crash->count - 1]) : 0);
	return 0;
}

/* Actions that need no arch of ours work on any machine. */
static int check_arch(struct ctx *ctx, struct request *req)
{
	const struct arch *arch;

	if (!load_choose_arch(ctx, req, &arch))
		return options_check_arch(ctx, arch, req);
	err_clear(&ctx->err);
	return 0;
}

/* Negative: failed, ctx->err says why.  Else the exit status. */
static int run(struct ctx *ctx, int argc, char **argv)
{
	struct sysroot root;
	struct request req;
	int ret = options_parse(ctx, argc, argv, &req);

	if (!ret)
		ret = check_arch(ctx, &req);
	if (ret)
		return ret;
	root.path = req.sysroot;
	ctx->log.debug = req.debug;
	switch (req.action) {
	case ACTION_HELP: options_help(stdout); return 0;
	case ACTION_VERSION: puts("kexec-tools " PACKAGE_VERSION " (kexec-pie)"); return 0;
	case ACTION_PRINT_CKR_SIZE: return run_print_ckr_size(ctx, &req, &root);
	case ACTION_STATUS: return print_status(ctx, &req, &root);
	case ACTION_UNLOAD: return run_unload(ctx, &req, &root);
	case ACTION_EXEC: return submit_exec(ctx, &root, &req);
	default: return run_load(ctx, &req, &root);
	}
}

int main(int argc, char **argv)
{
	struct progress progress = { 0 };
	struct ctx ctx = { .log = { .line = print_line, .data = &progress } };
	int ret;

	if (isatty(STDERR_FILENO))
		ctx.log.progress = print_progress;
	signal(SIGBUS, on_sigbus);
	ret = run(&ctx, argc, argv);
	end_progress(&progress);
	if (ret < 0) {
		err_print(stderr, &ctx.err);
		ret = ctx.err.status;
	}
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "Cannot write to standard output: %s\n", strerror(errno));
		if (!ret)
			ret = EXIT_STATUS_USAGE;
	}
	arena_free(&ctx.arena);
	return ret;
}
