/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Printing text that a file or another machine has a say in. */
#ifndef CORE_PRINT_H
#define CORE_PRINT_H

#include <stdio.h>

#include "err.h"

/* Control characters come out as '?': no terminal shall obey a file. */
void print_clean(FILE *out, const char *text);

/* The error and, if there is one, its hint: a line each. */
void err_print(FILE *out, const struct err *err);

#endif
