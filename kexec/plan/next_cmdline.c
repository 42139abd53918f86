/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next kernel's command line.  Parameters end at white space outside double
 * quotes, as the kernel itself reads them (kernel: admin-guide/kernel-parameters.rst).
 */
#include "next_cmdline.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* True for `name=...` and `"name=..."`. */
static bool parameter_is(const char *parameter, size_t length, const char *name)
{
	size_t n = strlen(name);

	if (length && *parameter == '"') {
		parameter++;
		length--;
	}
	return length > n && !strncmp(parameter, name, n) && parameter[n] == '=';
}

/* True for parameters that describe how the running kernel was started, not how it runs. */
static bool is_dropped(const char *parameter, size_t length, bool crash)
{
	return parameter_is(parameter, length, "BOOT_IMAGE") ||
	       parameter_is(parameter, length, "kexec_jump_back_entry") ||
	       (crash && parameter_is(parameter, length, "crashkernel"));
}

/* Copies the kept parameters, one space between them; out has room for strlen(line) + 1. */
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

const char *next_cmdline_filter(struct ctx *ctx, const char *running, bool crash)
{
	char *line = arena_alloc(&ctx->arena, strlen(running) + 1);

	filter_line(line, running, crash);
	return line;
}

static int reuse(struct ctx *ctx, const struct load *load, const char **out)
{
	const char *running = load->machine.cmdline;

	if (!running) {
		err_set(&ctx->err, -ENOENT,
			"--reuse-cmdline: the running kernel's command line could not be read");
		return err_hint(&ctx->err, "Is /proc mounted?  --command-line gives one instead.");
	}
	*out = next_cmdline_filter(ctx, running, load->req->crash);
	return 0;
}

static bool replaces_cmdline(const struct load *load)
{
	return load->image.cmdline && (load->req->command_line || load->req->reuse_cmdline);
}

bool next_replaces_part(const struct load *load)
{
	const struct image *image = &load->image;

	return replaces_cmdline(load) || (image->dtb.size && load->req->dtb) ||
	       (image_has_initrd(image) && load->req->initrd_count);
}

bool next_keeps_inside(struct ctx *ctx, const struct load *load, const char *part)
{
	const char *lockdown = load->lockdown;

	if (!lockdown && !load->secure_boot)
		return false;
	log_warn(&ctx->log, "%s: the %s inside it is used, not the one that was asked for: %s%s",
		 load->image.name, part,
		 lockdown ? "the kernel is locked down, level " : "Secure Boot is on",
		 lockdown ? lockdown : "");
	return true;
}

const char *next_cmdline_of_image(struct ctx *ctx, const struct load *load)
{
	if (replaces_cmdline(load) && !next_keeps_inside(ctx, load, "command line"))
		return NULL;
	return load->image.cmdline;
}

bool next_cmdline_given(const struct load *load)
{
	return load->req->command_line || load->req->reuse_cmdline || load->own_cmdline;
}

int next_cmdline(struct ctx *ctx, const struct load *load, uint64_t limit, const char **out)
{
	const char *added = load->req->command_line ? load->req->command_line : "";
	const char *reused = "";
	size_t length;
	int ret;

	if (load->own_cmdline) {
		added = load->own_cmdline;
	} else if (load->req->reuse_cmdline) {
		ret = reuse(ctx, load, &reused);
		if (ret)
			return ret;
	}
	*out = cmdline_join(&ctx->arena, reused, added);
	length = strlen(*out);
	if (length <= limit)
		return 0;
	err_set(&ctx->err, -E2BIG, "The command line has %zu characters, the kernel takes %" PRIu64,
		length, limit);
	if (load->own_cmdline)
		return err_hint(&ctx->err, "It is the one inside %s.", load->image.name);
	if (!load->req->reuse_cmdline)
		return ctx->err.code;
	return err_hint(&ctx->err, "%zu of them come from --reuse-cmdline.", strlen(reused));
}
