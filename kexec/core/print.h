/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints text that may come from a file or from another machine. */
#ifndef CORE_PRINT_H
#define CORE_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "err.h"

/*
 * Prints control characters, U+0080 to U+009F among them, and bytes that are not UTF-8 as '?'.
 * A file must not control the terminal.
 */
void print_clean(FILE *out, const char *text);

/* Returns the length of the UTF-8 sequence at s (RFC 3629).  0: the bytes are not valid UTF-8. */
size_t utf8_length(const unsigned char *s);

/*
 * Standard output and standard error, for all text.  The streams of the C library would try again
 * forever if write(2) wrote nothing; for these two streams that is an error.  A line on standard
 * error is one write(2), so that lines of several processes do not mix.
 */
FILE *print_stdout(void);
FILE *print_stderr(void);

/* Writes what print_stdout() still has.  Returns 0, or the errno of the first failed write. */
int print_end(void);

/* Prints the error and, on a second line, the hint if the error has one. */
void err_print(FILE *out, const struct err *err);

/*
 * To be called first.  Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so
 * that no file gets the number of a standard stream: reading from standard input then fails, and
 * so does writing to the other two.  A write beyond the limit of ulimit -f fails with EFBIG; it
 * does not end the process by SIGXFSZ.  false: /dev/null cannot be opened.
 */
bool prepare_streams(void);

#endif
