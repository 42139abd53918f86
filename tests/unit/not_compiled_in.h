/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main() of a test whose arch is not compiled in. */
#ifndef TESTS_NOT_COMPILED_IN_H
#define TESTS_NOT_COMPILED_IN_H

static void not_compiled_in(void **state)
{
	(void)state;
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(not_compiled_in) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
