/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read(2) and write(2), repeated if a signal interrupts them. */
#ifndef CORE_FD_H
#define CORE_FD_H

#include <sys/types.h>

#include "bytes.h"

/* As read(2), but never fails with EINTR. */
ssize_t fd_read(int fd, void *data, size_t size);

/*
 * Reads size bytes at offset and returns how many bytes it read: fewer at the end of the file or
 * after an error.  *error: the errno of a failed read; 0: no error.
 */
size_t fd_read_at(int fd, void *data, size_t size, uint64_t offset, int *error);

/* Writes all bytes.  false: errno contains the error, EIO if write(2) wrote nothing. */
bool fd_write(int fd, struct bytes bytes);

#endif
