/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls through Linux's devices, and memory for their arguments. */
#include "hypercall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/err.h"

#define PRIVCMD "/dev/xen/privcmd"
#define BUFFERS "/dev/xen/hypercall" /* Linux 4.18 */

/* struct privcmd_hypercall; not every system has the header. */
struct hypercall {
	uint64_t number;
	uint64_t argument[5];
};
#define IOCTL_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))

static int64_t call_by_ioctl(struct xen *xen, uint64_t number, uint64_t first, uint64_t second)
{
	struct hypercall call = { number, { first, second } };
	long ret = ioctl(xen->privcmd, IOCTL_HYPERCALL, &call);

	return ret < 0 ? -errno : ret;
}

/* struct privcmd_mmap_entry and struct privcmd_mmap */
struct map_entry {
	uint64_t address;
	uint64_t page;
	uint64_t pages;
};
struct map {
	int32_t count;
	uint16_t domain;
	struct map_entry *entry;
};
#define IOCTL_MAP _IOC(_IOC_NONE, 'P', 2, sizeof(struct map))
#define DOMAIN_XEN 0x7ff2 /* DOMID_XEN: the hypervisor */

static void *map_by_ioctl(struct xen *xen, const uint64_t *page, size_t count)
{
	size_t size = count * XEN_EXTENT;
	void *memory = mmap(NULL, size, PROT_READ, MAP_SHARED, xen->privcmd, 0);
	struct map_entry *entry = calloc(count, sizeof(*entry));
	struct map map = { (int32_t)count, DOMAIN_XEN, entry };
	bool mapped = memory != MAP_FAILED && entry;

	for (size_t i = 0; mapped && i < count; i++)
		entry[i] = (struct map_entry){ (uintptr_t)memory + i * XEN_EXTENT, page[i],
					       XEN_EXTENT / 4096 };
	mapped = mapped && !ioctl(xen->privcmd, IOCTL_MAP, &map);
	free(entry);
	if (mapped)
		return memory;
	if (memory != MAP_FAILED)
		munmap(memory, size);
	return NULL;
}

int xen_open(struct ctx *ctx, struct xen *xen)
{
	*xen = (struct xen){
		.privcmd = -1, .buffers = -1, .call = call_by_ioctl, .map = map_by_ioctl
	};
	if (sizeof(void *) != 8) {
		err_set(&ctx->err, -ENOTSUP, "a 32-bit kexec cannot make hypercalls");
		err_hint(&ctx->err, "Use a kexec built for the running kernel.");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	xen->privcmd = open(PRIVCMD, O_RDWR | O_CLOEXEC);
	if (xen->privcmd < 0) {
		int error = errno;

		err_set(&ctx->err, -error, "Xen's control domain: cannot open %s: %s", PRIVCMD,
			strerror(error));
		err_hint(&ctx->err, "%s",
			 error == EACCES || error == EPERM
				 ? "Run kexec as root."
				 : "Load the module xen-privcmd: modprobe xen-privcmd");
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	xen->buffers = open(BUFFERS, O_RDWR | O_CLOEXEC);
	return 0;
}

void xen_close(struct xen *xen)
{
	if (xen->privcmd >= 0)
		close(xen->privcmd);
	if (xen->buffers >= 0)
		close(xen->buffers);
}

/*
 * Memory that stays in place while the hypervisor reads it.  Linux may move pages of ordinary
 * memory, even locked pages, and the hypercall would fail then.
 */
void *hypercall_memory(struct xen *xen, size_t size)
{
	void *memory;

	if (xen->buffers >= 0)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, xen->buffers, 0);
	else
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, size, MADV_DONTFORK);
	return memory;
}

void hypercall_free(void *memory, size_t size)
{
	munmap(memory, size);
}

int64_t hypercall(struct xen *xen, uint64_t number, uint64_t command, void *argument, size_t size)
{
	void *copy = hypercall_memory(xen, size);
	int64_t ret;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, argument, size);
	ret = xen->call(xen, number, command, (uintptr_t)copy);
	memcpy(argument, copy, size);
	hypercall_free(copy, size);
	return ret;
}
