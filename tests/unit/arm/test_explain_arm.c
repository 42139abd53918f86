/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/arm/arm.c: load_causes, as kexec/submit/explain.c reports them. */
#include "explain_tree.h"

/* A second CPU that cannot be switched off. */
static void test_einval_cpus_for_ever(void **state)
{
	static const char words[] = "cannot switch off the other CPUs";
	struct tree *t = *state;
	struct submit_call arm = load_of(t, "arm"), other = arm;
	struct submit_arch no_causes = { .number = arm.arch->number };

	other.arch = &no_causes;
	explain(t, arm, EINVAL);
	assert_lacks(t->ctx.err.what, words);
	tree_put(t, "/sys/devices/system/cpu/cpu1/crash_notes", "0\n");
	explain(t, arm, EINVAL);
	assert_contains(t->ctx.err.what, words);
	assert_contains(t->ctx.err.hint, "nr_cpus=1");
	explain(t, other, EINVAL);
	assert_lacks(t->ctx.err.what, words);
	tree_put(t, "/sys/devices/system/cpu/cpu1/online", "1\n");
	explain(t, arm, EINVAL);
	assert_lacks(t->ctx.err.what, words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_einval_cpus_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
