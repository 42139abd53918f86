/* SPDX-License-Identifier: GPL-2.0-or-later */
/* read(2) and write(2), repeated if a signal interrupts them. */
#include "fd.h"

#include <errno.h>
#include <unistd.h>

ssize_t fd_read(int fd, void *data, size_t size)
{
	ssize_t got;

	do
		got = read(fd, data, size);
	while (got < 0 && errno == EINTR);
	return got;
}

size_t fd_read_at(int fd, void *data, size_t size, uint64_t offset, int *error)
{
	size_t used = 0;

	*error = 0;
	while (used < size) {
		ssize_t got = pread(fd, (uint8_t *)data + used, size - used,
				    (off_t)(offset + used));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			*error = errno;
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	return used;
}

/* Linux takes longer for one large write(2) to a file than for many of this size. */
#define WRITE_SIZE (1u << 20)

bool fd_write(int fd, struct bytes bytes)
{
	while (bytes.size) {
		ssize_t put = write(fd, bytes.data,
				    bytes.size < WRITE_SIZE ? bytes.size : WRITE_SIZE);

		if (put < 0 && errno == EINTR)
			continue;
		if (!put)
			errno = EIO;
		if (put <= 0)
			return false;
		bytes = bytes_from(bytes, (uint64_t)put);
	}
	return true;
}
