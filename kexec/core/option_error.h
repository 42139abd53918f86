/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of getopt_long(3), which prints control characters of the command line itself. */
#ifndef CORE_OPTION_ERROR_H
#define CORE_OPTION_ERROR_H

#include <getopt.h>
#include <stdbool.h>

#include "arena.h"

/*
 * To be called after getopt_long() returned '?' or ':', with opterr 0.  Returns the words that
 * the C library prints otherwise, as scripts look for them; the caller prints them by
 * print_clean().  A value in options is above 255, or a letter that getopt_long() accepts.
 * lacks_argument: an argument is missing.
 */
const char *option_error(struct arena *arena, char **argv, const struct option *options,
			 bool lacks_argument);

#endif
