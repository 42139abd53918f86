/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Combinations of options.  The parser in options.c reads them one by one. */
#ifndef OPTIONS_RULES_H
#define OPTIONS_RULES_H

#include "core/ctx.h"
#include "core/request.h"

enum action_bit {
	ASKED_LOAD = 0x1,
	ASKED_PANIC = 0x2,
	ASKED_FORCE = 0x4,
	ASKED_EXEC = 0x8,
	ASKED_UNLOAD = 0x10,
	ASKED_STATUS = 0x20,
	ASKED_LIVE_LOAD = 0x40,
	ASKED_LIVE_EXEC = 0x80,
	ASKED_PRESERVE = 0x100, /* with ASKED_LOAD */
	ASKED_JUMP_BACK = 0x200,
};

struct asked {
	unsigned int actions; /* ASKED_* */
	unsigned int last; /* the last of -l, -f, -e; 0: not given */
	const char *load_only; /* name of an option that needs a load; NULL: not given */
};

/* A macro, so that the compiler checks the format. */
#define usage(ctx, ...)                                                                            \
	(err_set(&(ctx)->err, -EINVAL, __VA_ARGS__), err_hint(&(ctx)->err, "Try 'kexec --help'."))

/*
 * Sets the action in the request.  -S overrides all actions; -u with -p unloads.  Of -l, -f
 * and -e the last one counts.  -EINVAL: two actions contradict each other.
 */
int options_resolve_action(struct ctx *ctx, const struct asked *asked, struct request *req);

/*
 * Checks the request of a resolved action, and drops from it what has no effect, with a
 * warning.  -EINVAL: a combination that means nothing.
 */
int options_check_request(struct ctx *ctx, const struct asked *asked, struct request *req);

#endif
