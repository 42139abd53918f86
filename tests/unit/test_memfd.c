/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/submit/memfd.c on kernels of several ages and with writes that are cut
 * short: the functions below stand in front of the C library's.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "machine_tree.h"

#include "kexec/submit/submit_internal.h"

#define NOEXEC_SEAL 0x8u
#define TEXT "what the file shall hold"

static const struct bytes text = { (const uint8_t *)TEXT, sizeof(TEXT) - 1 };

static struct {
	int lowest; /* descriptor that the test gets when nothing leaked */
	size_t memfds;
	unsigned int memfd_flags; /* of the last */
	bool refuses_noexec_seal; /* a kernel before 6.3 */
	int memfd_errno;
	size_t writes;
	struct {
		int errnum;
		size_t limit; /* 0: the whole write is done */
	} write_answer[4];
	bool refuses_seals;
} kernel;

int memfd_create(const char *name, unsigned int flags)
{
	int (*next)(const char *, unsigned int) = dlsym(RTLD_NEXT, "memfd_create");

	kernel.memfds++;
	kernel.memfd_flags = flags;
	errno = kernel.refuses_noexec_seal && (flags & NOEXEC_SEAL) ? EINVAL : kernel.memfd_errno;
	if (errno)
		return -1;
	/* The tests' own kernel may be an old one. */
	flags &= ~NOEXEC_SEAL;
	return next(name, kernel.refuses_seals ? flags & ~MFD_ALLOW_SEALING : flags);
}

ssize_t write(int fd, const void *data, size_t size)
{
	ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
	size_t i = kernel.writes++;

	if (i < COUNT(kernel.write_answer)) {
		errno = kernel.write_answer[i].errnum;
		if (errno)
			return -1;
		if (kernel.write_answer[i].limit && size > kernel.write_answer[i].limit)
			size = kernel.write_answer[i].limit;
	}
	return next(fd, data, size);
}

static int lowest_descriptor(void)
{
	int fd = dup(STDOUT_FILENO);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

static int make_kernel(void **state)
{
	*state = tree_empty();
	memset(&kernel, 0, sizeof(kernel));
	kernel.lowest = lowest_descriptor();
	return 0;
}

static int remove_kernel(void **state)
{
	assert_int_equal(lowest_descriptor(), kernel.lowest);
	tree_free(*state);
	return 0;
}

/* Makes one, and looks at all that can be seen of it. */
static void assert_made(struct tree *t)
{
	int fd = memfd_with_bytes(&t->ctx, "initrd", text);
	char link[64], name[64] = "", data[64] = "";

	assert_int_equal(fd, kernel.lowest);
	assert_int_equal(pread(fd, data, sizeof(data), 0), text.size);
	assert_string_equal(data, TEXT);
	assert_int_equal(fcntl(fd, F_GET_SEALS),
			 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_true(readlink(link, name, sizeof(name) - 1) > 0);
	assert_string_equal(name, "/memfd:initrd (deleted)");
	close(fd);
}

static void test_content_and_seals(void **state)
{
	assert_made(*state);
}

/* With vm.memfd_noexec=2 a memfd without this flag is refused. */
static void test_noexec_flag(void **state)
{
	assert_made(*state);
	assert_int_equal(kernel.memfds, 1);
	assert_int_equal(kernel.memfd_flags, MFD_CLOEXEC | MFD_ALLOW_SEALING | NOEXEC_SEAL);

	kernel.refuses_noexec_seal = true;
	assert_made(*state);
	assert_int_equal(kernel.memfds, 3);
	assert_int_equal(kernel.memfd_flags, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static void test_short_writes(void **state)
{
	kernel.write_answer[0].limit = 1;
	kernel.write_answer[1].errnum = EINTR;
	kernel.write_answer[2].limit = 10;
	assert_made(*state);
	assert_int_equal(kernel.writes, 4);
}

static void test_failures(void **state)
{
	static const struct {
		int memfd_errno;
		int write_errno;
		int status;
		const char *says;
	} table[] = {
		{ ENOSYS, 0, 253, "memfd_create: Function not implemented" },
		{ EPERM, 0, 255, "memfd_create: Operation not permitted" },
		{ EMFILE, 0, 255, "memfd_create: Too many open files" },
		{ 0, ENOSPC, 255, "write: No space left on device" },
		{ 0, ENOMEM, 255, "write: Cannot allocate memory" },
	};
	struct tree *t = *state;

	for (size_t i = 0; i < COUNT(table); i++) {
		kernel.memfd_errno = table[i].memfd_errno;
		kernel.writes = 0;
		kernel.write_answer[0].limit = 3;
		kernel.write_answer[1].errnum = table[i].write_errno;
		assert_int_equal(memfd_with_bytes(&t->ctx, "initrd", text),
				 -table[i].memfd_errno - table[i].write_errno);
		assert_int_equal(t->ctx.err.status, table[i].status);
		assert_contains(t->ctx.err.what, "Cannot copy the initrd into memory");
		assert_contains(t->ctx.err.what, table[i].says);
		assert_contains(t->ctx.err.hint, "-c");
	}
}

static void test_seals_refused(void **state)
{
	struct tree *t = *state;

	kernel.refuses_seals = true;
	assert_int_equal(memfd_with_bytes(&t->ctx, "initrd", text), -EPERM);
	assert_contains(t->ctx.err.what, "F_ADD_SEALS");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_kernel, remove_kernel)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_content_and_seals), TEST(test_noexec_flag),	TEST(test_short_writes),
		TEST(test_failures),	      TEST(test_seals_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
