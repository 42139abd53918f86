/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random bytes, from getrandom(2). */
#include "seed.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool random_seed(struct log *log, bool dry_run, void *seed, size_t size)
{
	ssize_t got;

	memset(seed, 0, size);
	if (dry_run)
		return true;
	got = getrandom(seed, size, GRND_NONBLOCK);
	if (got == (ssize_t)size)
		return true;
	log_warn(log, "no random seed for the next kernel, which may start with less entropy: %s",
		 got < 0 ? strerror(errno) : "too few bytes");
	return false;
}
