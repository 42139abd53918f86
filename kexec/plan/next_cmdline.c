/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next kernel's command line.  Parameters end at white space outside double
 * quotes, as the kernel itself reads them (kernel: admin-guide/kernel-parameters.rst).
 */
#include "arch/arch.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Is it `name=...`, or `"name=..."`? */
static bool parameter_is(const char *parameter, size_t length, const char *name)
{
	size_t n = strlen(name);

	if (length && *parameter == '"') {
		parameter++;
		length--;
	}
	return length > n && !strncmp(parameter, name, n) && parameter[n] == '=';
}

/* Those that describe how the running kernel was started, not how it should run. */
static bool is_dropped(const char *parameter, size_t length, bool crash)
{
	return parameter_is(parameter, length, "BOOT_IMAGE") ||
	       (crash && parameter_is(parameter, length, "crashkernel"));
}

/* The kept parameters of line, one space between them; room is strlen(line) + 1. */
static void filter_line(char *out, const char *line, bool crash)
{
	size_t used = 0;

	while (*line) {
		size_t length = (size_t)(cmdline_word_end(line) - line);

		if (length && !is_dropped(line, length, crash)) {
			if (used)
				out[used++] = ' ';
			memcpy(out + used, line, length);
			used += length;
		}
		line += length;
		while (isspace((unsigned char)*line))
			line++;
	}
	out[used] = '\0';
}

static int reuse(struct ctx *ctx, const struct request *req, const struct machine *machine,
		 const char **out)
{
	char *line;

	if (!machine->cmdline) {
		err_set(&ctx->err, -ENOENT,
			"--reuse-cmdline: the running kernel's command line could not be read");
		return err_hint(&ctx->err, "Is /proc mounted?  --command-line gives one instead.");
	}
	line = arena_alloc(&ctx->arena, strlen(machine->cmdline) + 1);
	filter_line(line, machine->cmdline, req->crash);
	*out = line;
	return 0;
}

void arch_choose_cmdline(struct ctx *ctx, const struct request *req, const struct machine *machine,
			 struct image *image)
{
	const char *level;

	if (!image->cmdline || (!req->command_line && !req->reuse_cmdline))
		return;
	level = machine_lockdown(ctx, machine->root);
	if (!level && !machine_secure_boot(ctx, machine->root)) {
		image->cmdline = NULL;
		return;
	}
	/* Where only signed code may run, the line that was signed with it is part of it. */
	log_warn(&ctx->log,
		 "%s: the command line inside it is used, not the one that was asked for: %s%s",
		 image->name, level ? "the kernel is locked down, level " : "Secure Boot is on",
		 level ? level : "");
}

int arch_command_line(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct image *image, uint64_t limit, const char **out)
{
	const char *added = req->command_line ? req->command_line : "";
	const char *reused = "";
	size_t length;
	int ret;

	if (image->cmdline) {
		added = image->cmdline;
	} else if (req->reuse_cmdline) {
		ret = reuse(ctx, req, machine, &reused);
		if (ret < 0)
			return ret;
	}
	*out = arena_printf(&ctx->arena, "%s%s%s", reused, *reused && *added ? " " : "", added);
	length = strlen(*out);
	if (length <= limit)
		return 0;
	err_set(&ctx->err, -E2BIG, "The command line has %zu characters, the kernel takes %" PRIu64,
		length, limit);
	if (image->cmdline)
		return err_hint(&ctx->err, "It is the one inside %s.", image->name);
	if (!req->reuse_cmdline)
		return ctx->err.code;
	return err_hint(&ctx->err, "%zu of them come from --reuse-cmdline.", strlen(reused));
}
