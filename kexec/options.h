/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table serves the parser, the help and the choice of the system call. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>

#include "arch/arch.h"
#include "core/ctx.h"
#include "core/request.h"

/*
 * Parses argv, which getopt_long(3) permutes, and resolves the action.  A command line
 * that contradicts itself, is malformed or uses an option that is not done yet is an
 * error.  The request points to the strings of argv.  getopt_long() prints its own
 * errors on stderr.
 */
int options_parse(struct ctx *ctx, int argc, char **argv, struct request *req);

/*
 * Completes the request for the arch; the request is final afterwards.  An option that
 * the arch does not have is an error.
 */
int options_check_arch(struct ctx *ctx, const struct arch *arch, struct request *req);

/*
 * The next option of the request that only this call honours, by name; NULL: no more.
 * *row: 0 at first.
 */
const char *options_of_call(const struct request *req, enum method call, size_t *row);

void options_help(FILE *out);

#endif
