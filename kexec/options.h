/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table serves the parser, the help and the choice of the system call. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>

#include "arch/arch.h"
#include "core/ctx.h"
#include "core/request.h"

/* The request and the parser's notes; private to options.c. */
struct parse_state;

/*
 * Parses argv, which getopt_long(3) permutes, and resolves the action.  *state is for
 * options_check_arch() and belongs to the arena.  The request points to the strings of argv.
 * -EINVAL: the command line contradicts itself or is malformed.
 */
int options_parse(struct ctx *ctx, int argc, char **argv, struct request *req,
		  struct parse_state **state);

/*
 * Completes the request for the arch and enters the arch there; the request is final afterwards.
 * arch NULL: the arch is unknown, and the action needs no arch.  -EINVAL: the arch does not have
 * an option of the command line.  -ENOSYS: an option is not implemented yet.
 */
int options_check_arch(struct ctx *ctx, const struct arch *arch, struct parse_state *state);

/*
 * Name of the next option of the request that only this call honours; NULL: no more.
 * *row: 0 before the first call, then maintained here.
 */
const char *options_of_call(const struct request *req, enum method call, size_t *row);

/* Resets the options that only this call honours. */
void options_drop(struct request *req, enum method call);

void options_help(FILE *out);

#endif
