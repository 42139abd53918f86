/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Combinations of options: the action that they ask for, and those that are refused (kexec.8). */
#include "options_rules.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/number.h"

static int contradiction(struct ctx *ctx, const char *one, const char *other)
{
	err_set(&ctx->err, -EINVAL, "%s contradicts %s", one, other);
	err_hint(&ctx->err, "Give one of the two; nothing was done.");
	return ctx->err.code;
}

/* -e -f without a kernel, as boot menus write it: no shutdown of services, only the jump. */
static bool executes_at_once(const struct asked *asked, const struct request *req)
{
	return asked->last == ASKED_FORCE && asked->actions == (ASKED_EXEC | ASKED_FORCE) &&
	       !req->kernel;
}

/* Refuses a live update together with an action on another slot. */
static int resolve_live_update(struct ctx *ctx, unsigned int actions, struct request *req)
{
	bool load = actions & ASKED_LIVE_LOAD;
	const char *live = load ? "--load-live-update" : "--exec-live-update";
	const struct {
		unsigned int bit;
		const char *option;
	} other[] = { { load ? ASKED_LIVE_EXEC : 0, "--exec-live-update" },
		      { load ? ASKED_EXEC : ASKED_LOAD, load ? "--exec" : "--load" },
		      { ASKED_PANIC, "--load-panic" },
		      { ASKED_FORCE, "--force" },
		      { ASKED_PRESERVE, "--load-preserve-context" } };

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (actions & other[i].bit)
			return contradiction(ctx, live, other[i].option);
	req->live_update = true;
	req->action = load ? ACTION_LOAD : ACTION_EXEC;
	return 0;
}

static int resolve_jump_back(struct ctx *ctx, unsigned int actions, struct request *req)
{
	static const struct {
		unsigned int bit;
		const char *option;
	} others[] = {
		{ ASKED_PRESERVE, "--load-preserve-context" },
		{ ASKED_LOAD, "--load" },
		{ ASKED_PANIC, "--load-panic" },
		{ ASKED_FORCE, "--force" },
		{ ASKED_EXEC, "--exec" },
		{ ASKED_UNLOAD, "--unload" },
		{ ASKED_LIVE_LOAD, "--load-live-update" },
		{ ASKED_LIVE_EXEC, "--exec-live-update" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (actions & others[i].bit)
			return contradiction(ctx, "--load-jump-back-helper", others[i].option);
	req->action = ACTION_LOAD_JUMP_BACK;
	return 0;
}

int options_resolve_action(struct ctx *ctx, const struct asked *asked, struct request *req)
{
	unsigned int actions = asked->actions;
	const char *start = actions & ASKED_FORCE ? "--force" : "--exec";

	req->crash = actions & ASKED_PANIC;
	req->normal = actions & ASKED_LOAD;
	req->preserve_context = actions & ASKED_PRESERVE;
	if (actions & ASKED_STATUS) {
		req->action = ACTION_STATUS;
		return 0;
	}
	if (actions & ASKED_JUMP_BACK)
		return resolve_jump_back(ctx, actions, req);
	if (actions & ASKED_UNLOAD) {
		req->action = ACTION_UNLOAD;
		if (actions & ASKED_LOAD)
			return contradiction(ctx, "--unload", "--load");
		if (actions & (ASKED_FORCE | ASKED_EXEC))
			return contradiction(ctx, "--unload", start);
		if (actions & (ASKED_LIVE_LOAD | ASKED_LIVE_EXEC))
			return contradiction(ctx, "--unload",
					     actions & ASKED_LIVE_LOAD ? "--load-live-update"
								       : "--exec-live-update");
		return 0;
	}
	if (actions & (ASKED_LIVE_LOAD | ASKED_LIVE_EXEC))
		return resolve_live_update(ctx, actions, req);
	if (actions & ASKED_PANIC && actions & (ASKED_FORCE | ASKED_EXEC))
		return contradiction(ctx, "--load-panic", start);
	if (actions & ASKED_PANIC && actions & ASKED_PRESERVE)
		return contradiction(ctx, "--load-panic", "--load-preserve-context");
	if (actions & ASKED_PANIC)
		req->action = ACTION_LOAD_PANIC;
	else if (asked->last == ASKED_EXEC || executes_at_once(asked, req))
		req->action = ACTION_EXEC;
	else if (asked->last == ASKED_FORCE)
		req->action = ACTION_LOAD_AND_EXEC;
	else if (asked->last == ASKED_LOAD)
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

/* A pipe is empty when it is read a second time. */
static int check_stdin(struct ctx *ctx, const struct request *req)
{
	unsigned int uses = is_stdin(req->kernel);

	uses += is_stdin(req->dtb);
	for (size_t i = 0; i < req->module_count; i++)
		uses += req->modules[i][0] == '-' && strchr(" ", req->modules[i][1]);
	for (size_t i = 0; i < req->initrd_count; i++)
		uses += is_stdin(req->initrds[i]);
	if (uses < 2)
		return 0;
	return usage(ctx, "- is given %u times: standard input is a single file", uses);
}

/*
 * Splits KERNEL@NUMBER, the form of boot menus for a profile of a UKI.  A file whose name has this
 * form takes precedence.
 */
static int split_profile(struct ctx *ctx, struct request *req)
{
	static const struct sysroot here = { .path = "" };
	const char *at = strrchr(req->kernel, '@');
	const char *file = at ? arena_strndup(&ctx->arena, req->kernel, (size_t)(at - req->kernel))
			      : NULL;
	uint64_t number;

	if (!at || !parse_number(at + 1, 10, &number) || sysroot_exists(ctx, &here, req->kernel) ||
	    !sysroot_exists(ctx, &here, file))
		return 0;
	if (req->uki_profile && req->uki_profile != number)
		return contradiction(ctx, "--profile", req->kernel);
	req->kernel = file;
	req->uki_profile = number;
	return 0;
}

static void warn_of_last_action(struct ctx *ctx, const struct asked *asked,
				const struct request *req)
{
	if (req->action == ACTION_EXEC && req->kernel)
		log_warn(&ctx->log,
			 "%s: %s is not loaded; the kernel that is loaded already is started",
			 asked->actions & (ASKED_LOAD | ASKED_FORCE) ? "--exec came last"
								     : "--exec loads nothing",
			 req->kernel);
	if (req->action == ACTION_LOAD && asked->actions & (ASKED_EXEC | ASKED_FORCE))
		log_warn(&ctx->log, "--load came last: %s is loaded, not started", req->kernel);
}

/* A combination of options that is refused as "--OPTION TEXT". */
struct rule {
	bool broken;
	const char *option;
	const char *text;
};

static int check_rules(struct ctx *ctx, const struct asked *asked, const struct request *req)
{
	static const char other_machine[] =
		"goes with --dry-run: it describes another machine than this one";
	static const char arch_option[] =
		"goes with --dry-run or --bake: it describes another machine than this one";
	bool load = is_load(req->action), status = req->action == ACTION_STATUS;
	bool capture = req->action == ACTION_CAPTURE;
	bool real = !status && !capture &&
		    !(load && (req->dry_run || req->bake)); /* the action concerns this machine */
	bool normal = load && req->action != ACTION_LOAD_PANIC;
	const struct rule rules[] = {
		{ *req->sysroot && real, "sysroot", other_machine },
		{ req->arch && real, "arch", arch_option },
		{ req->capture && !load && !capture, "capture",
		  "goes with a kernel to load, or alone" },
		{ req->capture && !*req->capture, "capture", "needs the name of a file" },
		{ req->capture && !strcmp(req->capture, "-"), "capture",
		  "writes a file, not standard output" },
		{ req->capture_secrets && !req->capture, "capture-secrets", "goes with --capture" },
		{ req->dry_run && !load && !status && !capture, "dry-run",
		  "goes with a kernel to load" },
		{ req->json && !req->dry_run && !req->bake && !status, "json",
		  "goes with --dry-run, --bake or --status" },
		{ req->picture && !req->dry_run, "picture", "goes with --dry-run" },
		{ req->picture && status, "picture", "goes with a kernel to load" },
		{ req->bake_format && !req->bake, "bake-format", "goes with --bake" },
		{ req->bake_address != UINT64_MAX && !req->bake, "bake-address",
		  "goes with --bake" },
		{ req->hotplug && normal, "hotplug", "goes with --load-panic" },
	};

	if (!load && asked->load_only)
		return usage(ctx, "--%s means nothing here: no image is to be loaded",
			     asked->load_only);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].broken)
			return usage(ctx, "--%s %s", rules[i].option, rules[i].text);
	return 0;
}

/* Requires the range for a kernel that returns, and the address to return to. */
static int check_jump(struct ctx *ctx, const struct request *req)
{
	if (req->preserve_context && is_load(req->action) && req->mem_max == UINT64_MAX) {
		err_set(&ctx->err, -EINVAL, "Please specify memory range used by kexeced kernel");
		return err_hint(
			&ctx->err,
			"--mem-max=ADDRESS is the last byte that the loaded kernel may use.");
	}
	if (req->preserve_context && req->real_mode)
		return contradiction(ctx, "--load-preserve-context", "--real-mode");
	if (req->action != ACTION_LOAD_JUMP_BACK)
		return 0;
	if (req->kernel)
		return usage(ctx, "--load-jump-back-helper loads no kernel, but %s is given",
			     req->kernel);
	if (req->method == METHOD_KEXEC_FILE_LOAD)
		return usage(ctx,
			     "--load-jump-back-helper not supported with kexec_file_load (-s)");
	if (req->entry)
		return 0;
	err_set(&ctx->err, -EINVAL, "Please specify jump back entry in command line");
	err_hint(&ctx->err,
		 "--entry=ADDRESS, the value of kexec_jump_back_entry= in /proc/cmdline.");
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/* A baked image starts on any machine, so nothing of this one may get into it. */
static int check_bake(struct ctx *ctx, const struct request *req)
{
	const struct {
		bool given;
		const char *option;
	} here[] = {
		{ req->action == ACTION_LOAD_AND_EXEC, "force" },
		{ req->method == METHOD_KEXEC_FILE_LOAD, "kexec-file-syscall" },
		{ req->reuse_cmdline, "reuse-cmdline" },
		{ req->reuse_initrd, "reuseinitrd" },
		{ req->hotplug, "hotplug" },
		{ req->mem_min, "mem-min" },
		{ req->mem_max != UINT64_MAX, "mem-max" },
		{ req->entry, "entry" },
		{ req->preserve_context, "load-preserve-context" },
		{ *req->sysroot, "sysroot" },
		{ req->capture, "capture" },
	};

	for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++)
		if (here[i].given)
			return usage(ctx,
				     "--bake makes a file for any machine: --%s describes this one",
				     here[i].option);
	if (req->no_checks)
		return usage(ctx,
			     "--bake contradicts --no-checks: a baked image is always verified");
	if (strcmp(req->purgatory, "pie"))
		return usage(ctx,
			     "--bake contradicts --purgatory=%s: a baked image has the purgatory "
			     "that was linked with its start code",
			     req->purgatory);
	if (req->crash)
		return usage(ctx, "--bake makes no crash image: it goes with --load");
	if (!strcmp(req->bake, "-") && req->json && !req->dry_run)
		return usage(ctx, "--bake=- contradicts --json: both go to standard output");
	if (!strcmp(req->bake, "-") && isatty(STDOUT_FILENO))
		return usage(ctx, "--bake=-: standard output is a terminal");
	return 0;
}

int options_check_request(struct ctx *ctx, const struct asked *asked, struct request *req)
{
	bool load;
	int ret;

	if (req->capture && !asked->actions && !req->kernel)
		req->action = ACTION_CAPTURE;
	load = is_load(req->action);
	if (load && req->capture && !req->bake) /* it plans, and loads nothing */
		req->dry_run = true;
	if (load && !req->kernel) {
		usage(ctx, "No kernel specified");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	warn_of_last_action(ctx, asked, req);
	if (req->real_mode && req->entry_32bit)
		return contradiction(ctx, "--real-mode", "--entry-32bit");
	ret = check_rules(ctx, asked, req);
	if (!ret && req->bake)
		ret = check_bake(ctx, req);
	if (!ret)
		ret = check_jump(ctx, req);
	if (ret)
		return ret;
	if (req->pass_memmap && req->action != ACTION_LOAD_PANIC) {
		log_warn(&ctx->log, "--pass-memmap-cmdline has no effect without --load-panic");
		req->pass_memmap = false;
	}
	if (req->mem_min > req->mem_max)
		return usage(ctx, "--mem-min 0x%llx is above --mem-max 0x%llx",
			     (unsigned long long)req->mem_min, (unsigned long long)req->mem_max);
	if (!load)
		return 0;
	ret = check_stdin(ctx, req);
	return ret ? ret : split_profile(ctx, req);
}
