/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/submit/explain.c and status.c over small trees that stand for / : each
 * cause of a refusal is found where it holds and not where it does not.
 */
#include "example.h"
#include "explain_tree.h"

/* A word of the sentence of each cause. */
static const char *const eperm_causes[] = {
	"CAP_SYS_BOOT",
	"user namespace",
	"kexec_load_disabled",
	"kexec_load_limit_reboot",
	"kexec_load_limit_panic",
	"locked down",
	"seccomp",
	"security module",
};

/* The sentence names exactly the causes in list (NULL-terminated). */
static void assert_causes(struct tree *t, const char *const *list)
{
	for (size_t i = 0; i < COUNT(eperm_causes); i++) {
		bool wanted = false;

		for (const char *const *name = list; *name; name++)
			wanted |= !strcmp(*name, eperm_causes[i]);
		(wanted ? assert_contains : assert_lacks)(t->ctx.err.what, eperm_causes[i]);
	}
	assert_true(t->ctx.err.hint[0]);
}

#define CAUSES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct submit_call load = { .op = SUBMIT_LOAD, .flags = 62u << 16 };
static const struct submit_call crash_load = { SUBMIT_LOAD, true, 62u << 16 | 1, NULL, NULL };
static const struct submit_call unload = { .op = SUBMIT_UNLOAD, .flags = 62u << 16 };
static const struct submit_call file_load = { .op = SUBMIT_FILE_LOAD };
static const struct submit_call file_unload = { .op = SUBMIT_FILE_UNLOAD, .flags = 1 };
static const struct submit_call jump = { .op = SUBMIT_REBOOT };

static void test_openings(void **state)
{
	struct tree *t = *state;
	static const struct {
		const struct submit_call *call;
		const char *opening;
	} table[] = {
		{ &load, "kexec_load failed: Device or resource busy" },
		{ &unload, "kexec unload failed: Device or resource busy" },
		{ &file_load, "kexec_file_load failed: Device or resource busy" },
		{ &file_unload, "kexec_file_load(unload) failed: Device or resource busy" },
		{ &jump, "kexec failed: Device or resource busy" },
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		explain(t, *table[i].call, EBUSY);
		assert_int_equal(strncmp(t->ctx.err.what, table[i].opening,
					 strlen(table[i].opening)),
				 0);
	}
}

static void test_eperm_capability(void **state)
{
	struct tree *t = *state;

	/* All but bit 22. */
	tree_put(t, "/proc/self/status", "Name:\tx\nCapEff:\t000001ffffbfffff\nSeccomp:\t2\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("CAP_SYS_BOOT"));
	explain(t, jump, EPERM);
	assert_causes(t, CAUSES("CAP_SYS_BOOT"));

	tree_put(t, "/proc/self/status", "Name:\tx\nCapEff:\t0000000000400000\nSeccomp:\t0\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("security module"));
}

static void test_eperm_user_namespace(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/proc/self/uid_map", "         0       1000          1\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("user namespace"));

	tree_put(t, "/proc/self/uid_map", "         0          0          1\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("user namespace"));
}

static void test_eperm_sysctls(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/proc/sys/kernel/kexec_load_disabled", "0\n");
	tree_put(t, "/proc/sys/kernel/kexec_load_limit_reboot", "-1\n");
	tree_put(t, "/proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("security module"));

	tree_put(t, "/proc/sys/kernel/kexec_load_disabled", "1\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("kexec_load_disabled"));
	/* Starting what is loaded stays allowed. */
	explain(t, jump, EPERM);
	assert_causes(t, CAUSES("security module"));

	tree_put(t, "/proc/sys/kernel/kexec_load_disabled", "0\n");
	tree_put(t, "/proc/sys/kernel/kexec_load_limit_reboot", "0\n");
	tree_put(t, "/proc/sys/kernel/kexec_load_limit_panic", "2\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("kexec_load_limit_reboot"));
	explain(t, crash_load, EPERM);
	assert_causes(t, CAUSES("security module"));

	tree_put(t, "/proc/sys/kernel/kexec_load_limit_panic", "0\n");
	explain(t, crash_load, EPERM);
	assert_causes(t, CAUSES("kexec_load_limit_panic"));

	tree_put(t, "/proc/sys/kernel/kexec_load_limit_panic", "\n");
	explain(t, crash_load, EPERM);
	assert_causes(t, CAUSES("security module"));
}

static void test_eperm_lockdown(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("security module"));

	tree_put(t, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("locked down"));
	assert_contains(t->ctx.err.what, "(integrity)");
	assert_contains(t->ctx.err.hint, "-s");
	explain(t, unload, EPERM);
	assert_contains(t->ctx.err.hint, "kexec_file_load (-s) can unload");

	tree_put(t, "/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	explain(t, file_load, EPERM);
	assert_causes(t, CAUSES("locked down"));
	assert_contains(t->ctx.err.what, "(confidentiality)");
	assert_lacks(t->ctx.err.hint, "-s");
	explain(t, file_unload, EPERM);
	assert_causes(t, CAUSES("security module"));
	explain(t, jump, EPERM);
	assert_causes(t, CAUSES("security module"));
}

static void test_eperm_several(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/proc/self/status", "CapEff:\t0000000000000000\n");
	tree_put(t, "/proc/sys/kernel/kexec_load_disabled", "1\n");
	tree_put(t, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("CAP_SYS_BOOT", "kexec_load_disabled", "locked down"));
}

static void test_eperm_filters(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/proc/self/status", "CapEff:\t000001ffffffffff\nSeccomp:\t2\n");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("seccomp"));

	/* Nothing can be read at all: the sentence does not claim to know. */
	tree_delete(t, "/proc");
	explain(t, load, EPERM);
	assert_causes(t, CAUSES("security module"));
	assert_contains(t->ctx.err.what, "may");
}

static void test_einval_flags(void **state)
{
	struct tree *t = *state;
	static const struct {
		enum submit_op op;
		uint32_t flag;
		const char *says;
	} table[] = {
		{ SUBMIT_LOAD, 0x2, "0x2 (preserve context" },
		{ SUBMIT_LOAD, 0x4, "0x4 (hotplug: Linux 6.6" },
		{ SUBMIT_LOAD, 0x8, "0x8 (hotplug: Linux 6.10" },
		{ SUBMIT_LOAD, 0x10, "0x10 (debug" },
		{ SUBMIT_FILE_LOAD, 0x8, "0x8 (debug: Linux 6.8" },
		{ SUBMIT_FILE_LOAD, 0x10, "0x10 (no-cma: Linux 6.17" },
		{ SUBMIT_FILE_LOAD, 0x20, "0x20 (force-dtb: Linux 6.17" },
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct submit_call call = { .op = table[i].op, .flags = table[i].flag };

		explain(t, call, EINVAL);
		assert_contains(t->ctx.err.what, table[i].says);
	}
	explain(t, crash_load, EINVAL);
	assert_lacks(t->ctx.err.what, "flag");
	/* 0x2 and 0x4 are as old as the call. */
	explain(t, (struct submit_call){ .op = SUBMIT_FILE_LOAD, .flags = 0x6 }, EINVAL);
	assert_lacks(t->ctx.err.what, "flag");
}

static void test_einval_arch(void **state)
{
	static const char *const name = EXAMPLE_LE64_NAME, *const other = EXAMPLE_BE64_NAME;
	struct tree *t = *state;
	char words[100];

	explain(t, load_of(t, other), EINVAL);
	assert_lacks(t->ctx.err.what, "architecture");

	tree_put(t, "/proc/sys/kernel/arch", EXAMPLE_LE64_NAME "\n");
	explain(t, load_of(t, other), EINVAL);
	snprintf(words, sizeof(words), "architecture %u, the running kernel is %s (%u)",
		 EXAMPLE_BE64, name, EXAMPLE_LE64);
	assert_contains(t->ctx.err.what, words);
	explain(t, load_of(t, name), EINVAL);
	assert_lacks(t->ctx.err.what, "architecture");
	explain(t, (struct submit_call){ .op = SUBMIT_LOAD }, EINVAL);
	assert_lacks(t->ctx.err.what, "architecture");

	tree_put(t, "/proc/sys/kernel/arch", "pdp11\n");
	explain(t, load_of(t, other), EINVAL);
	assert_lacks(t->ctx.err.what, "architecture");
}

static void test_einval_half_of_ram(void **state)
{
	struct tree *t = *state;
	struct plan plan = { .segments = 2 };
	struct submit_call call = load;

	call.plan = &plan;
	plan.segment[0].range = (struct range){ 0x100000, 0x100000 + (256ull << 20) };
	plan.segment[1].range = (struct range){ 0x40000000, 0x40000000 + (256ull << 20) };

	tree_put(t, "/proc/meminfo", "MemTotal:        1048576 kB\nMemFree:  1 kB\n");
	explain(t, call, EINVAL);
	assert_lacks(t->ctx.err.what, "half");

	plan.segment[1].range.end += 0x1000;
	explain(t, call, EINVAL);
	assert_contains(t->ctx.err.what, "512 MiB, more than half of the memory of 1024 MiB");
	call.plan = NULL;
	explain(t, call, EINVAL);
	assert_lacks(t->ctx.err.what, "half");
}

static void test_einval_reboot(void **state)
{
	struct tree *t = *state;
	char path[512];

	explain(t, jump, EINVAL);
	assert_contains(t->ctx.err.what, "nothing is loaded");

	tree_put(t, "/proc/self/ns/x", "");
	snprintf(path, sizeof(path), "%s/proc/self/ns/pid", t->path);
	assert_int_equal(symlink("pid:[4026531836]", path), 0);
	explain(t, jump, EINVAL);
	assert_contains(t->ctx.err.what, "nothing is loaded");

	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("pid:[4026532201]", path), 0);
	explain(t, jump, EINVAL);
	assert_contains(t->ctx.err.what, "PID namespace");
}

static void test_table(void **state)
{
	struct tree *t = *state;
	static const struct {
		const struct submit_call *call;
		int errnum;
		const char *why;
		const char *next;
	} table[] = {
		{ &load, ENOSYS, "CONFIG_KEXEC", "-s" },
		{ &load, EADDRNOTAVAIL, "page aligned", "--mem-max" },
		{ &crash_load, EADDRNOTAVAIL, "reserved for the crash kernel", "crashkernel=" },
		{ &file_load, EADDRNOTAVAIL, "no free place", "-c" },
		{ &load, ENOMEM, "no memory left", "initrd" },
		{ &crash_load, ENOMEM, "crash reservation", "crashkernel=" },
		{ &load, EFAULT, "shrinks", "again" },
		{ &load, EACCES, "integrity policy", "-s" },
		{ &file_load, EACCES, "IMA", "audit" },
		{ &file_load, ENOEXEC, "format", "-c" },
		{ &file_load, ETXTBSY, "writing", "again" },
		{ &file_load, ENODATA, "not signed", "signed" },
		{ &file_load, ENOKEY, "does not have", "Enroll" },
		{ &file_load, EKEYREJECTED, "does not fit", "anew" },
		{ &file_load, ENOPKG, "lacks the hash", "module" },
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		explain(t, *table[i].call, table[i].errnum);
		assert_contains(t->ctx.err.what, strerror(table[i].errnum));
		assert_contains(t->ctx.err.what, table[i].why);
		assert_contains(t->ctx.err.hint, table[i].next);
	}
}

/* A signature that fails is no reason to load the image unchecked. */
static void test_signature_errors_do_not_lead_to_kexec_load(void **state)
{
	struct tree *t = *state;
	static const int errnums[] = {
		ENODATA, ENOKEY, EKEYREJECTED, ENOPKG, EBADMSG, EMSGSIZE, ELIBBAD, EACCES,
	};

	for (size_t i = 0; i < COUNT(errnums); i++) {
		explain(t, file_load, errnums[i]);
		assert_lacks(t->ctx.err.hint, "-c");
	}
}

static void test_unknown_errno(void **state)
{
	struct tree *t = *state;

	explain(t, load, EXDEV);
	assert_string_equal(t->ctx.err.what, "kexec_load failed: Invalid cross-device link");
	assert_contains(t->ctx.err.hint, "dmesg");
}

static void test_status(void **state)
{
	struct tree *t = *state;
	bool loaded = true;

	assert_int_equal(submit_status(&t->ctx, &t->root, false, &loaded), -ENOENT);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
	assert_contains(t->ctx.err.what, "/sys/kernel/kexec_loaded");

	/* The names of Linux 6.19, without the old ones. */
	tree_put(t, "/sys/kernel/kexec/loaded", "1\n");
	tree_put(t, "/sys/kernel/kexec/crash_loaded", "0\n");
	assert_int_equal(submit_status(&t->ctx, &t->root, false, &loaded), 0);
	assert_true(loaded);
	assert_int_equal(submit_status(&t->ctx, &t->root, true, &loaded), 0);
	assert_false(loaded);

	tree_put(t, "/sys/kernel/kexec_loaded", "0\n");
	tree_put(t, "/sys/kernel/kexec_crash_loaded", "1\n");
	assert_int_equal(submit_status(&t->ctx, &t->root, false, &loaded), 0);
	assert_false(loaded);
	assert_int_equal(submit_status(&t->ctx, &t->root, true, &loaded), 0);
	assert_true(loaded);

	tree_put(t, "/sys/kernel/kexec_loaded", "maybe\n");
	assert_int_equal(submit_status(&t->ctx, &t->root, false, &loaded), -EINVAL);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_openings),
		TEST(test_eperm_capability),
		TEST(test_eperm_user_namespace),
		TEST(test_eperm_sysctls),
		TEST(test_eperm_lockdown),
		TEST(test_eperm_several),
		TEST(test_eperm_filters),
		TEST(test_einval_flags),
		TEST(test_einval_arch),
		TEST(test_einval_half_of_ram),
		TEST(test_einval_reboot),
		TEST(test_table),
		TEST(test_signature_errors_do_not_lead_to_kexec_load),
		TEST(test_unknown_errno),
		TEST(test_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
