/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as a file (memfd_create(2)), for a system call that takes descriptors only.  The
 * file is sealed, so that the kernel reads the bytes that were checked.
 */
#include "submit_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/fd.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x8u
#endif

/*
 * The sysctl vm.memfd_noexec may demand MFD_NOEXEC_SEAL.  Linux before 6.3 does not know the
 * flag and returns EINVAL.
 */
static int create(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

static int failed(struct ctx *ctx, const char *name, const char *step)
{
	int ret = -errno;

	err_set(&ctx->err, ret, "Cannot copy the %s into memory for kexec_file_load: %s: %s", name,
		step, strerror(-ret));
	err_hint(&ctx->err, "Try kexec_load: -c");
	return err_status(&ctx->err,
			  ret == -ENOSYS ? EXIT_STATUS_NO_FILE_CALL : EXIT_STATUS_REFUSED);
}

int memfd_with_bytes(struct ctx *ctx, const char *name, struct bytes bytes)
{
	int fd = create(name), ret;

	if (fd < 0)
		return failed(ctx, name, "memfd_create");
	if (!fd_write(fd, bytes))
		ret = failed(ctx, name, "write");
	else if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE))
		ret = failed(ctx, name, "fcntl(F_ADD_SEALS)");
	else
		return fd;
	close(fd);
	return ret;
}
