/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree that stands for / and a refused system call, for tests of kexec/submit/explain.c. */
#ifndef TESTS_EXPLAIN_TREE_H
#define TESTS_EXPLAIN_TREE_H

#include "machine_tree.h"

#include "kexec/arch/arch.h"
#include "kexec/submit/submit.h"

/* A process that may do everything, on a kernel without restrictions. */
static int make_tree(void **state)
{
	struct tree *t = tree_empty();

	tree_put(t, "/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n");
	tree_put(t, "/proc/self/uid_map", "         0          0 4294967295\n");
	*state = t;
	return 0;
}

static int remove_tree(void **state)
{
	tree_free(*state);
	return 0;
}

static void explain(struct tree *t, struct submit_call call, int errnum)
{
	assert_int_equal(submit_explain(&t->ctx, &t->root, &call, errnum), -errnum);
	assert_int_equal(t->ctx.err.code, -errnum);
	assert_int_equal(t->ctx.err.status, EXIT_STATUS_REFUSED);
}

/* A kexec_load as load.c submits it.  Ends the test if the arch is not compiled in. */
static struct submit_call load_of(struct tree *t, const char *name)
{
	struct submit_arch *arch = arena_alloc(&t->ctx.arena, sizeof(*arch));

	if (!arch_by_name(name))
		skip();
	*arch = arch_for_submit(arch_by_name(name), machine_kernel_arch(&t->ctx, &t->root));
	return (struct submit_call){
		.op = SUBMIT_LOAD,
		.flags = arch->number << 16,
		.arch = arch,
	};
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

#endif
