/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table makes the parser, the help and the checks. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>

#include "core/ctx.h"
#include "core/request.h"

/*
 * Parses argv (permuting it as getopt_long(3) does) and resolves which action
 * it asks for.  What contradicts itself, is malformed or not done yet is refused
 * before anything happens; argv's strings are kept, not copied.  getopt's own
 * complaints go to stderr.
 */
int options_parse(struct ctx *ctx, int argc, char **argv, struct request *req);

/*
 * The second half, once the arch is known: refuses options of other arches, makes a
 * port of x86's --serial, and one line of several where they add up (s390x).
 */
int options_check_arch(struct ctx *ctx, const char *arch, struct request *req);

void options_help(FILE *out);

#endif
