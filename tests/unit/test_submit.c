/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/submit/ on a kernel that is made up here: the functions below stand in
 * front of the C library's, so that no call of this program reaches the real
 * one.
 */
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <sys/reboot.h>
#include <sys/syscall.h>

#include "machine_tree.h"

#include "kexec/submit/submit.h"

#define ARCH_NUMBER 62u

static const struct submit_arch arch = { .number = ARCH_NUMBER };
#define DEBUG_FLAG 0x10u

static struct {
	struct tree *tree;
	int answer[4]; /* errno of each kexec_load, 0: it succeeds */
	const char *crash_loaded; /* what sysfs says after the next kexec_load */
	size_t loads;
	unsigned long flags[4];
	unsigned long entry;
	unsigned long count;
	struct kexec_segment segment[16];
	char calls[256];
} kernel;

static void note(const char *call)
{
	size_t used = strlen(kernel.calls);

	snprintf(kernel.calls + used, sizeof(kernel.calls) - used, "%s ", call);
}

long syscall(long number, ...)
{
	va_list ap;
	size_t i = kernel.loads++;

	assert_int_equal(number, SYS_kexec_load);
	assert_true(i < COUNT(kernel.answer));
	note("kexec_load");
	va_start(ap, number);
	kernel.entry = va_arg(ap, unsigned long);
	kernel.count = va_arg(ap, unsigned long);
	assert_true(kernel.count <= COUNT(kernel.segment));
	if (kernel.count)
		memcpy(kernel.segment, va_arg(ap, const void *),
		       kernel.count * sizeof(kernel.segment[0]));
	else
		assert_null(va_arg(ap, const void *));
	kernel.flags[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (kernel.crash_loaded)
		tree_put(kernel.tree, "/sys/kernel/kexec_crash_loaded", kernel.crash_loaded);
	errno = kernel.answer[i];
	return errno ? -1 : 0;
}

int reboot(int how)
{
	note(how == (int)LINUX_REBOOT_CMD_KEXEC ? "reboot-kexec" : "reboot-otherwise");
	errno = EINVAL;
	return -1;
}

void sync(void)
{
	note("sync");
}

int execv(const char *path, char *const argv[])
{
	assert_memory_equal(path, kernel.tree->path, strlen(kernel.tree->path));
	note(path + strlen(kernel.tree->path));
	for (argv++; *argv; argv++)
		note(*argv);
	errno = access(path, X_OK) ? errno : EACCES;
	return -1;
}

static int make_kernel(void **state)
{
	struct tree *t = tree_empty();

	memset(&kernel, 0, sizeof(kernel));
	kernel.tree = t;
	tree_put(t, "/sys/kernel/kexec_loaded", "0\n");
	tree_put(t, "/sys/kernel/kexec_crash_loaded", "0\n");
	*state = t;
	return 0;
}

static int remove_kernel(void **state)
{
	tree_free(*state);
	return 0;
}

static const uint8_t some_bytes[5000];

static struct plan make_plan(uint32_t low_flags)
{
	struct plan plan = {
		.kexec_flags = ARCH_NUMBER << 16 | low_flags,
		.page_size = 4096,
		.entry = 0x3ff00000,
		.segments = 2,
	};

	plan.segment[0].name = "kernel";
	plan.segment[0].bytes = (struct bytes){ some_bytes, sizeof(some_bytes) };
	plan.segment[0].range = (struct range){ 0x1000000, 0x1400000 };
	plan.segment[1].name = "purgatory";
	plan.segment[1].bytes = (struct bytes){ some_bytes, 10 };
	plan.segment[1].range = (struct range){ 0x3ff00000, 0x3ff02000 };
	return plan;
}

static void test_load_passes_the_plan(void **state)
{
	struct tree *t = *state;
	struct plan plan = make_plan(0);

	assert_int_equal(submit_kexec_load(&t->ctx, &t->root, &plan, &arch), 0);
	assert_string_equal(kernel.calls, "kexec_load ");
	assert_int_equal(kernel.flags[0], 0x3e0000);
	assert_int_equal(kernel.entry, 0x3ff00000);
	assert_int_equal(kernel.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_ptr_equal(kernel.segment[i].buf, some_bytes);
		assert_int_equal(kernel.segment[i].bufsz, plan.segment[i].bytes.size);
		assert_int_equal((uintptr_t)kernel.segment[i].mem, plan.segment[i].range.start);
		assert_int_equal(kernel.segment[i].memsz, range_size(plan.segment[i].range));
	}
	assert_string_equal(t->log, "");
}

static void test_debug_flag_is_dropped(void **state)
{
	struct tree *t = *state;
	struct plan plan = make_plan(DEBUG_FLAG);

	kernel.answer[0] = EINVAL;
	assert_int_equal(submit_kexec_load(&t->ctx, &t->root, &plan, &arch), 0);
	assert_int_equal(kernel.loads, 2);
	assert_int_equal(kernel.flags[0], 0x3e0010);
	assert_int_equal(kernel.flags[1], 0x3e0000);
	assert_contains(t->log, "without the debug flag");
}

static void test_debug_flag_is_not_blamed(void **state)
{
	struct tree *t = *state;
	struct plan plan = make_plan(DEBUG_FLAG);

	kernel.answer[0] = kernel.answer[1] = EINVAL;
	assert_int_equal(submit_kexec_load(&t->ctx, &t->root, &plan, &arch), -EINVAL);
	assert_int_equal(kernel.loads, 2);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_contains(t->ctx.err.what, "kexec_load failed: Invalid argument");
	assert_lacks(t->ctx.err.what, "flag");
}

static void test_one_try_only(void **state)
{
	struct tree *t = *state;
	struct plan with_debug = make_plan(DEBUG_FLAG), without = make_plan(0);

	kernel.answer[0] = EPERM;
	assert_int_equal(submit_kexec_load(&t->ctx, &t->root, &with_debug, &arch), -EPERM);
	assert_int_equal(kernel.loads, 1);
	kernel.answer[1] = EINVAL;
	assert_int_equal(submit_kexec_load(&t->ctx, &t->root, &without, &arch), -EINVAL);
	assert_int_equal(kernel.loads, 2);
}

static void expect_file(struct tree *t, const char *name, const char *text)
{
	struct bytes bytes;

	assert_int_equal(sysroot_read(&t->ctx, &t->root, name, &bytes), 0);
	assert_string_equal((const char *)bytes.data, text);
}

/* A file keeps what a longer write left; sysfs does not. */
static void test_reboot_cpu(void **state)
{
	static const char file[] = "/sys/kernel/reboot/cpu";
	const struct machine_cpu cpu = { 12, 96 };
	struct tree *t = *state;
	struct plan plan = make_plan(0);
	const char *before = "?";

	assert_int_equal(submit_reboot_cpu(&t->ctx, &t->root, &plan, &before), 0);
	assert_null(before);
	submit_restore_reboot_cpu(&t->ctx, &t->root, before);
	plan.reboot_cpu = &cpu;
	assert_int_equal(submit_reboot_cpu(&t->ctx, &t->root, &plan, &before), -ENOENT);
	assert_null(before);
	assert_contains(t->ctx.err.what, "CPU 12 has to make the jump");
	assert_contains(t->ctx.err.hint, "jumps on CPU 0");
	tree_put(t, file, "40\n");
	assert_int_equal(submit_reboot_cpu(&t->ctx, &t->root, &plan, &before), 0);
	expect_file(t, file, "12\n");
	submit_restore_reboot_cpu(&t->ctx, &t->root, before);
	expect_file(t, file, "40\n");
	assert_string_equal(t->log, "");
	tree_delete(t, file);
	submit_restore_reboot_cpu(&t->ctx, &t->root, before);
	assert_contains(t->log, "cannot write 40");
}

static void test_lost_crash_kernel(void **state)
{
	static const struct {
		const char *before, *after;
		bool loaded, warns;
	} table[] = {
		{ "1\n", "0\n", true, true },
		{ "1\n", "1\n", true, false },
		{ "0\n", "0\n", false, true },
		{ "?\n", "1\n", false, false },
	};
	struct tree *t = *state;
	const char *record = sysroot_path(&t->ctx, &t->root, "/run/kexec/crash");

	umask(022);
	for (size_t i = 0; i < COUNT(table); i++) {
		tree_rewind(t);
		tree_put(t, "/run/kexec/crash", "");
		tree_put(t, "/sys/kernel/kexec_crash_loaded", table[i].before);
		assert_int_equal(submit_crash_kernel_loaded(&t->ctx, &t->root), table[i].loaded);
		assert_int_equal(t->ctx.err.code, 0);
		tree_put(t, "/sys/kernel/kexec_crash_loaded", table[i].after);
		err_set(&t->ctx.err, -ENOMEM, "the load's own error");
		submit_warn_lost_crash_kernel(&t->ctx, &t->root);
		if (table[i].warns)
			assert_contains(t->log, "warning: the crash kernel");
		else
			assert_string_equal(t->log, "");
		assert_string_equal(t->ctx.err.what, "the load's own error");
		assert_int_equal(access(record, F_OK), table[i].warns ? -1 : 0);
	}
}

static void test_crash_load_is_explained_as_one(void **state)
{
	struct tree *t = *state;
	struct plan plan = make_plan(KEXEC_ON_CRASH);

	kernel.answer[0] = EADDRNOTAVAIL;
	submit_kexec_load(&t->ctx, &t->root, &plan, &arch);
	assert_contains(t->ctx.err.hint, "crashkernel=");
}

static void test_unload(void **state)
{
	struct tree *t = *state;

	assert_int_equal(submit_unload(&t->ctx, &t->root, false, &arch), 0);
	assert_int_equal(submit_unload(&t->ctx, &t->root, true, &arch), 0);
	assert_int_equal(kernel.count, 0);
	assert_int_equal(kernel.entry, 0);
	assert_int_equal(kernel.flags[0], 0x3e0000);
	assert_int_equal(kernel.flags[1], 0x3e0001);

	kernel.answer[2] = EBUSY;
	assert_int_equal(submit_unload(&t->ctx, &t->root, false, &arch), -EBUSY);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_contains(t->ctx.err.what, "kexec unload failed: ");
}

static void test_exec(void **state)
{
	struct tree *t = *state;
	struct request req = { .no_ifdown = true };

	assert_int_not_equal(submit_exec(&t->ctx, &t->root, &req), 0);
	assert_string_equal(t->ctx.err.what, "Nothing has been loaded!");
	assert_int_equal(t->ctx.err.status, 1);
	assert_string_equal(kernel.calls, "");

	tree_put(t, "/sys/kernel/kexec_loaded", "1\n");
	assert_int_equal(submit_exec(&t->ctx, &t->root, &req), -EINVAL);
	assert_string_equal(kernel.calls, "sync reboot-kexec ");
	assert_contains(t->ctx.err.what, "kexec failed: Invalid argument");
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);

	/* Not knowing is no reason to stay. */
	tree_delete(t, "/sys/kernel/kexec_loaded");
	kernel.calls[0] = '\0';
	req.no_sync = true;
	assert_int_equal(submit_exec(&t->ctx, &t->root, &req), -EINVAL);
	assert_string_equal(kernel.calls, "reboot-kexec ");
}

static void test_system_reboot(void **state)
{
	struct tree *t = *state;

	assert_int_not_equal(submit_system_reboot(&t->ctx, &t->root), 0);
	assert_string_equal(t->ctx.err.what, "Nothing has been loaded!");
	assert_string_equal(kernel.calls, "");

	tree_put(t, "/sys/kernel/kexec_loaded", "1\n");
	assert_int_equal(submit_system_reboot(&t->ctx, &t->root), -ENOENT);
	assert_string_equal(kernel.calls, "/sbin/shutdown -r now /etc/shutdown -r now "
					  "/bin/shutdown -r now ");
	assert_string_equal(t->ctx.err.what, "shutdown: No such file or directory");
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);

	tree_put(t, "/run/systemd/system/x", "");
	/* A failure that says more than "not there" is the one reported. */
	tree_put(t, "/sbin/shutdown", "not to be executed");
	kernel.calls[0] = '\0';
	assert_int_equal(submit_system_reboot(&t->ctx, &t->root), -EACCES);
	assert_string_equal(kernel.calls,
			    "/bin/systemctl kexec /usr/bin/systemctl kexec "
			    "/sbin/shutdown -r now /etc/shutdown -r now /bin/shutdown -r now ");
	assert_string_equal(t->ctx.err.what, "shutdown: Permission denied");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_kernel, remove_kernel)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_load_passes_the_plan),
		TEST(test_debug_flag_is_dropped),
		TEST(test_debug_flag_is_not_blamed),
		TEST(test_one_try_only),
		TEST(test_reboot_cpu),
		TEST(test_lost_crash_kernel),
		TEST(test_crash_load_is_explained_as_one),
		TEST(test_unload),
		TEST(test_exec),
		TEST(test_system_reboot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
