/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec_file_load on a kernel that is made up here: the functions below stand in
 * front of the C library's, so that no call of this program reaches the real
 * one, and what was passed is looked at while it is open.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "machine_tree.h"

#include "kexec/submit/submit.h"

#ifndef SYS_kexec_file_load
#define SYS_kexec_file_load -1
#endif

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif

#define DEBUG_FLAG 0x8u
#define NO_CMA_FLAG 0x10u
#define FORCE_DTB_FLAG 0x20u

/* What the call saw of one descriptor. */
struct seen {
	int fd;
	int seals; /* -1: a file that has none */
	bool cloexec;
	char name[512]; /* where /proc/self/fd/N points */
	char data[64]; /* the first bytes */
	size_t size;
};

static struct {
	struct tree *tree;
	size_t descriptors; /* open before the test */
	struct file kernel_file, initrd_file;

	int answer[4]; /* errno of each call, 0: it succeeds */
	const char *crash_loaded; /* what sysfs says after the next call */
	size_t calls;
	struct seen kernel, initrd;
	char cmdline[8192];
	unsigned long cmdline_size;
	unsigned long flags[4];

	size_t memfds;
	int memfd_answer[4]; /* errno of each memfd_create, 0: it succeeds */
} kernel;

static void look_at(int fd, struct seen *seen)
{
	char link[64];
	struct stat st;

	*seen = (struct seen){ .fd = fd };
	if (fd < 0)
		return;
	assert_int_equal(fstat(fd, &st), 0);
	seen->size = (size_t)st.st_size;
	seen->seals = fcntl(fd, F_GET_SEALS);
	seen->cloexec = fcntl(fd, F_GETFD) & FD_CLOEXEC;
	assert_true(pread(fd, seen->data, sizeof(seen->data) - 1, 0) >= 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_true(readlink(link, seen->name, sizeof(seen->name) - 1) > 0);
}

long syscall(long number, ...)
{
	va_list ap;
	size_t i = kernel.calls++;
	const char *cmdline;

	assert_int_equal(number, SYS_kexec_file_load);
	assert_true(i < COUNT(kernel.answer));
	va_start(ap, number);
	look_at((int)va_arg(ap, long), &kernel.kernel);
	look_at((int)va_arg(ap, long), &kernel.initrd);
	kernel.cmdline_size = va_arg(ap, unsigned long);
	cmdline = va_arg(ap, const char *);
	kernel.flags[i] = va_arg(ap, unsigned long);
	va_end(ap);
	assert_true(kernel.cmdline_size <= sizeof(kernel.cmdline));
	if (kernel.cmdline_size)
		memcpy(kernel.cmdline, cmdline, kernel.cmdline_size);
	else
		assert_null(cmdline);
	if (kernel.crash_loaded)
		tree_put(kernel.tree, "/sys/kernel/kexec_crash_loaded", kernel.crash_loaded);
	errno = kernel.answer[i];
	return errno ? -1 : 0;
}

int memfd_create(const char *name, unsigned int flags)
{
	int (*next)(const char *, unsigned int) = dlsym(RTLD_NEXT, "memfd_create");
	size_t i = kernel.memfds++;

	assert_true(i < COUNT(kernel.memfd_answer));
	errno = kernel.memfd_answer[i];
	return errno ? -1 : next(name, flags);
}

static size_t count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

#define KERNEL_TEXT "the kernel, as it is in its file"
#define INITRD_TEXT "the initrd, as it is in its file"

static void open_in_tree(struct tree *t, const char *name, struct file *file)
{
	const char *path = sysroot_path(&t->ctx, &t->root, name);

	assert_int_equal(file_open(&t->ctx, path, 0, file), 0);
}

static int make_kernel(void **state)
{
	struct tree *t = tree_empty();

	memset(&kernel, 0, sizeof(kernel));
	kernel.tree = t;
	kernel.descriptors = count_descriptors();
	tree_put(t, "/sys/kernel/kexec_crash_loaded", "0\n");
	tree_put(t, "/boot/vmlinuz", KERNEL_TEXT);
	tree_put(t, "/boot/initrd.img", INITRD_TEXT);
	open_in_tree(t, "/boot/vmlinuz", &kernel.kernel_file);
	open_in_tree(t, "/boot/initrd.img", &kernel.initrd_file);
	*state = t;
	return 0;
}

/* Whatever the test did, no copy in memory is left and no file is closed. */
static int remove_kernel(void **state)
{
	assert_true(fcntl(kernel.kernel_file.fd, F_GETFD) >= 0);
	assert_true(fcntl(kernel.initrd_file.fd, F_GETFD) >= 0);
	file_close(&kernel.kernel_file);
	file_close(&kernel.initrd_file);
	assert_int_equal(count_descriptors(), kernel.descriptors);
	tree_free(*state);
	return 0;
}

static struct load_part whole(const struct file *file)
{
	return (struct load_part){ .file = file, .bytes = file->bytes };
}

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

/* Both files as they are. */
static struct file_load make_load(uint32_t flags)
{
	return (struct file_load){
		.kernel = whole(&kernel.kernel_file),
		.initrd = whole(&kernel.initrd_file),
		.cmdline = "root=/dev/vda1 quiet",
		.flags = flags,
	};
}

static int submit(struct tree *t, const struct file_load *load)
{
	return submit_kexec_file_load(&t->ctx, &t->root, load);
}

static void assert_sealed_copy(const struct seen *seen, const char *name, struct bytes bytes)
{
	char target[64];

	snprintf(target, sizeof(target), "/memfd:%s (deleted)", name);
	assert_string_equal(seen->name, target);
	/* Not more, unless the kernel knows a seal against execution. */
	assert_int_equal(seen->seals & ~F_SEAL_EXEC,
			 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	assert_true(seen->cloexec);
	assert_int_equal(seen->size, bytes.size);
	assert_memory_equal(seen->data, bytes.data,
			    bytes.size < sizeof(seen->data) ? bytes.size : sizeof(seen->data) - 1);
}

static void test_originals(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(0);

	assert_int_equal(submit(t, &load), 0);
	assert_int_equal(kernel.calls, 1);
	assert_int_equal(kernel.kernel.fd, kernel.kernel_file.fd);
	assert_int_equal(kernel.initrd.fd, kernel.initrd_file.fd);
	assert_string_equal(kernel.kernel.data, KERNEL_TEXT);
	assert_string_equal(kernel.initrd.data, INITRD_TEXT);
	assert_string_equal(kernel.cmdline, "root=/dev/vda1 quiet");
	assert_int_equal(kernel.flags[0], 0);
	assert_int_equal(kernel.memfds, 0);
	assert_string_equal(t->log, "debug: kexec_file_load: flags = 0x0\n");
}

static void test_without_initrd(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(KEXEC_FILE_ON_CRASH);

	load.initrd = (struct load_part){ 0 };
	assert_int_equal(submit(t, &load), 0);
	assert_int_equal(kernel.kernel.fd, kernel.kernel_file.fd);
	assert_int_equal(kernel.initrd.fd, -1);
	assert_int_equal(kernel.flags[0], KEXEC_FILE_ON_CRASH | KEXEC_FILE_NO_INITRAMFS);
}

static void test_copies(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(0);

	load.kernel.bytes = text_bytes("the kernel, decompressed");
	load.initrd = (struct load_part){ .bytes = text_bytes("several initrds in a row") };
	assert_int_equal(submit(t, &load), 0);
	assert_sealed_copy(&kernel.kernel, "kernel", load.kernel.bytes);
	assert_sealed_copy(&kernel.initrd, "initrd", load.initrd.bytes);
	assert_int_equal(kernel.flags[0], 0);
	assert_contains(t->log, "the kernel is passed as a copy in memory, 24 bytes");
	assert_contains(t->log, "the initrd is passed as a copy in memory, 24 bytes");
}

/* Content that happens to be as long as the file is not the file. */
static void test_same_size_is_not_the_file(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(0);
	char peeled[] = KERNEL_TEXT;

	peeled[0] = 'T';
	load.kernel.bytes = text_bytes(peeled);
	assert_int_equal(load.kernel.bytes.size, kernel.kernel_file.bytes.size);
	assert_int_equal(submit(t, &load), 0);
	assert_sealed_copy(&kernel.kernel, "kernel", load.kernel.bytes);
}

static void test_part_of_a_file(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(0);

	load.kernel.bytes.size -= 4;
	load.initrd.bytes = bytes_from(load.initrd.bytes, 4);
	assert_int_equal(submit(t, &load), 0);
	assert_sealed_copy(&kernel.kernel, "kernel", load.kernel.bytes);
	assert_sealed_copy(&kernel.initrd, "initrd", load.initrd.bytes);
}

static void load_as_kernel(struct tree *t, const struct file *file)
{
	struct file_load load = make_load(0);

	load.kernel = whole(file);
	assert_int_equal(submit(t, &load), 0);
}

static void test_fifo(void **state)
{
	struct tree *t = *state;
	const char *path = sysroot_path(&t->ctx, &t->root, "/fifo");
	struct file file;
	int status;
	pid_t pid;

	assert_int_equal(mkfifo(path, 0600), 0);
	pid = fork();
	if (!pid) {
		tree_put(t, "/fifo", "through a FIFO");
		_exit(0);
	}
	open_in_tree(t, "/fifo", &file);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	load_as_kernel(t, &file);
	assert_sealed_copy(&kernel.kernel, "kernel", text_bytes("through a FIFO"));
	file_close(&file);
}

/* A regular file that says 0 bytes: the kernel would find it empty. */
static void test_proc_file(void **state)
{
	struct tree *t = *state;
	struct file file;

	assert_int_equal(file_open(&t->ctx, "/proc/version", 0, &file), 0);
	load_as_kernel(t, &file);
	assert_sealed_copy(&kernel.kernel, "kernel", file.bytes);
	file_close(&file);
}

static void test_standard_input(void **state)
{
	struct tree *t = *state;
	int saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	struct file file;
	int ret;

	dup2(kernel.kernel_file.fd, STDIN_FILENO);
	ret = file_open(&t->ctx, "-", 0, &file);
	assert_int_equal(ret, 0);
	load_as_kernel(t, &file);
	assert_int_equal(kernel.kernel.fd, file.fd);
	assert_int_equal(kernel.memfds, 0);
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	} else {
		close(STDIN_FILENO);
	}
	file_close(&file);
}

static void test_file_that_changes(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(0);

	struct timespec same[2];
	struct stat stat;

	/* Times that are set back change ctime. */
	assert_int_equal(fstat(kernel.initrd_file.fd, &stat), 0);
	same[0] = stat.st_atim;
	same[1] = stat.st_mtim;
	nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
	assert_int_equal(utimensat(AT_FDCWD, kernel.initrd_file.name, same, 0), 0);
	assert_int_equal(submit(t, &load), -ESTALE);
	assert_int_equal(kernel.calls, 0);
	assert_contains(t->ctx.err.what, "initrd.img: changed while it was being loaded");
}

static void test_command_lines(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(0);
	char longest[5000];
	static const struct {
		const char *cmdline;
		const char *passed;
	} table[] = { { NULL, "" }, { "", "" }, { "a", "a" }, { "foo bar", "foo bar" } };

	for (size_t i = 0; i < COUNT(table); i++) {
		kernel.calls = 0;
		memset(kernel.cmdline, 'x', sizeof(kernel.cmdline));
		load.cmdline = table[i].cmdline;
		assert_int_equal(submit(t, &load), 0);
		assert_int_equal(kernel.cmdline_size, strlen(table[i].passed) + 1);
		assert_memory_equal(kernel.cmdline, table[i].passed, kernel.cmdline_size);
	}

	/* How long is too long is the kernel's to say. */
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	load.cmdline = longest;
	kernel.calls = 0;
	assert_int_equal(submit(t, &load), 0);
	assert_int_equal(kernel.cmdline_size, sizeof(longest));
	assert_string_equal(kernel.cmdline, longest);
}

static void assert_refusals(struct tree *t, const int *errnums, size_t count, int status)
{
	struct file_load load = make_load(0);
	char text[128];

	for (size_t i = 0; i < count; i++) {
		tree_rewind(t);
		kernel.calls = 0;
		kernel.answer[0] = errnums[i];
		assert_int_equal(submit(t, &load), -errnums[i]);
		assert_int_equal(kernel.calls, 1);
		assert_int_equal(t->ctx.err.code, -errnums[i]);
		assert_int_equal(t->ctx.err.status, status);
		snprintf(text, sizeof(text), "kexec_file_load failed: %s", strerror(errnums[i]));
		assert_memory_equal(t->ctx.err.what, text, strlen(text));
		assert_lacks(t->ctx.err.what, "not available.");
	}
}

static void test_refusals(void **state)
{
	static const int kexec_load_may_do[] = { EINVAL, ENOEXEC, ENOTSUP, EOPNOTSUPP };
	static const int signatures[] = {
		ELIBBAD, EKEYREJECTED, ENOPKG, ENOKEY, EBADMSG, EMSGSIZE, ENODATA, EACCES,
	};
	static const int others[] = {
		EPERM,	EFAULT,	 EADDRNOTAVAIL, ENOMEM, E2BIG, EBUSY,
		ENOENT, ETXTBSY, EBADF,		EFBIG,	EIO,   EXDEV,
	};

	assert_refusals(*state, kexec_load_may_do, COUNT(kexec_load_may_do), 253);
	assert_refusals(*state, signatures, COUNT(signatures), 255);
	assert_refusals(*state, others, COUNT(others), 255);
}

static void test_no_such_call(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(DEBUG_FLAG);

	kernel.answer[0] = ENOSYS;
	assert_int_equal(submit(t, &load), -ENOSYS);
	assert_int_equal(kernel.calls, 1);
	assert_int_equal(t->ctx.err.code, -ENOSYS);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_NO_FILE_CALL);
	assert_string_equal(t->ctx.err.what, "syscall kexec_file_load not available.");
	assert_contains(t->ctx.err.hint, "CONFIG_KEXEC_FILE");
	assert_contains(t->ctx.err.hint, "-c");
}

static void test_optional_flags_are_dropped(void **state)
{
	static const struct {
		uint32_t flags;
		const char *says;
		bool warns; /* something asked for was left out */
	} table[] = {
		{ DEBUG_FLAG, "may not know: 0x8 (debug)\n", false },
		{ NO_CMA_FLAG, "may not know: 0x10 (no-cma)\n", true },
		{ FORCE_DTB_FLAG, "may not know: 0x20 (force-dtb)\n", true },
		{ DEBUG_FLAG | FORCE_DTB_FLAG | KEXEC_FILE_ON_CRASH,
		  "may not know: 0x8 (debug), 0x20 (force-dtb)\n", true },
	};
	struct tree *t = *state;

	for (size_t i = 0; i < COUNT(table); i++) {
		struct file_load load = make_load(table[i].flags);

		tree_rewind(t);
		kernel.calls = 0;
		kernel.answer[0] = EINVAL;
		assert_int_equal(submit(t, &load), 0);
		assert_int_equal(kernel.calls, 2);
		assert_int_equal(kernel.flags[0], table[i].flags);
		assert_int_equal(kernel.flags[1], table[i].flags & KEXEC_FILE_ON_CRASH);
		assert_int_equal(kernel.kernel.fd, kernel.kernel_file.fd);
		assert_int_equal(t->ctx.err.code, 0);
		assert_contains(t->log, table[i].says);
		(table[i].warns ? assert_contains : assert_lacks)(t->log, "warning: ");
	}
}

/* Copies are there for the second call too; NO_INITRAMFS is no option. */
static void test_second_call_has_all_of_the_first(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(DEBUG_FLAG);

	load.kernel.bytes = text_bytes("the kernel, decompressed");
	load.initrd = (struct load_part){ 0 };
	kernel.answer[0] = EINVAL;
	assert_int_equal(submit(t, &load), 0);
	assert_int_equal(kernel.flags[0], DEBUG_FLAG | KEXEC_FILE_NO_INITRAMFS);
	assert_int_equal(kernel.flags[1], KEXEC_FILE_NO_INITRAMFS);
	assert_sealed_copy(&kernel.kernel, "kernel", load.kernel.bytes);
	assert_int_equal(kernel.memfds, 1);
	assert_string_equal(kernel.cmdline, load.cmdline);
}

static void test_optional_flags_are_not_blamed(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(DEBUG_FLAG | NO_CMA_FLAG);

	kernel.answer[0] = kernel.answer[1] = EINVAL;
	assert_int_equal(submit(t, &load), -EINVAL);
	assert_int_equal(kernel.calls, 2);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_NO_FILE_CALL);
	assert_lacks(t->ctx.err.what, "flag");
	assert_lacks(t->log, "warning: ");

	/* The second answer is the one that counts. */
	kernel.calls = 0;
	kernel.answer[1] = EKEYREJECTED;
	assert_int_equal(submit(t, &load), -EKEYREJECTED);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
}

static void test_one_try_only(void **state)
{
	struct tree *t = *state;
	struct file_load with_debug = make_load(DEBUG_FLAG);
	struct file_load without = make_load(KEXEC_FILE_ON_CRASH);

	kernel.answer[0] = EPERM;
	assert_int_equal(submit(t, &with_debug), -EPERM);
	assert_int_equal(kernel.calls, 1);
	kernel.answer[1] = EINVAL;
	assert_int_equal(submit(t, &without), -EINVAL);
	assert_int_equal(kernel.calls, 2);
}

static void test_crash_load_is_explained_as_one(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(KEXEC_FILE_ON_CRASH);

	kernel.answer[0] = EADDRNOTAVAIL;
	submit(t, &load);
	assert_contains(t->ctx.err.hint, "crashkernel=");
}

static void test_no_copy(void **state)
{
	struct tree *t = *state;
	struct file_load load = make_load(KEXEC_FILE_ON_CRASH);

	load.kernel.bytes = text_bytes("the kernel, decompressed");
	load.initrd = (struct load_part){ .bytes = text_bytes("several initrds in a row") };
	kernel.memfd_answer[0] = ENOSYS;
	assert_int_equal(submit(t, &load), -ENOSYS);
	assert_contains(t->ctx.err.what, "Cannot copy the kernel into memory");
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_NO_FILE_CALL);

	/* The kernel's copy is there already when the initrd's fails. */
	kernel.memfd_answer[2] = EMFILE;
	assert_int_equal(submit(t, &load), -EMFILE);
	assert_int_equal(kernel.memfds, 3);
	assert_contains(t->ctx.err.what, "Cannot copy the initrd into memory");
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_int_equal(kernel.calls, 0);
}

static void test_unload(void **state)
{
	struct tree *t = *state;

	assert_int_equal(submit_file_unload(&t->ctx, &t->root, false), 0);
	assert_int_equal(submit_file_unload(&t->ctx, &t->root, true), 0);
	assert_int_equal(kernel.flags[0], KEXEC_FILE_UNLOAD);
	assert_int_equal(kernel.flags[1], KEXEC_FILE_UNLOAD | KEXEC_FILE_ON_CRASH);
	assert_int_equal(kernel.kernel.fd, -1);
	assert_int_equal(kernel.initrd.fd, -1);
	assert_int_equal(kernel.cmdline_size, 0);
}

static void test_unload_refused(void **state)
{
	static const int errnums[] = { EPERM, EBUSY, EINVAL, ENOEXEC, ENOTSUP, ENOMEM };
	struct tree *t = *state;
	char text[128];

	for (size_t i = 0; i < COUNT(errnums); i++) {
		kernel.calls = 0;
		kernel.answer[0] = errnums[i];
		assert_int_equal(submit_file_unload(&t->ctx, &t->root, false), -errnums[i]);
		assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
		snprintf(text, sizeof(text), "kexec_file_load(unload) failed: %s",
			 strerror(errnums[i]));
		assert_memory_equal(t->ctx.err.what, text, strlen(text));
	}

	kernel.calls = 0;
	kernel.answer[0] = ENOSYS;
	assert_int_equal(submit_file_unload(&t->ctx, &t->root, false), -ENOSYS);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_NO_FILE_CALL);
	assert_string_equal(t->ctx.err.what, "syscall kexec_file_load not available.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_kernel, remove_kernel)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_originals),
		TEST(test_without_initrd),
		TEST(test_copies),
		TEST(test_same_size_is_not_the_file),
		TEST(test_part_of_a_file),
		TEST(test_fifo),
		TEST(test_proc_file),
		TEST(test_standard_input),
		TEST(test_file_that_changes),
		TEST(test_command_lines),
		TEST(test_refusals),
		TEST(test_no_such_call),
		TEST(test_optional_flags_are_dropped),
		TEST(test_second_call_has_all_of_the_first),
		TEST(test_optional_flags_are_not_blamed),
		TEST(test_one_try_only),
		TEST(test_crash_load_is_explained_as_one),
		TEST(test_no_copy),
		TEST(test_unload),
		TEST(test_unload_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
