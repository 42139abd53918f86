/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/arch/arm64/acpi_psci.c: firmware's way of resetting the machine, by FADTs that are made here. */
#include "machine_tree.h"
#include "kexec/arch/arm64/arm64.h"
#include "purgatory_abi.h"

#define FADT "/sys/firmware/acpi/tables/FACP"
#define FADT_SIZE 268 /* of ACPI 5.1 */

static unsigned int psci_of(struct tree *t, const void *fadt, size_t size)
{
	tree_put_bytes(t, FADT, fadt, size);
	return arm64_acpi_psci(&t->ctx, &t->root);
}

static void psci(void **state)
{
	static const struct {
		uint8_t revision, minor, flags;
		unsigned int psci;
	} cases[] = {
		{ 5, 1, 1, PURGATORY_PSCI_SMC },  { 5, 1, 3, PURGATORY_PSCI_HVC },
		{ 6, 0, 1, PURGATORY_PSCI_SMC },  { 6, 5, 3, PURGATORY_PSCI_HVC },
		{ 5, 1, 2, PURGATORY_PSCI_NONE }, { 6, 3, 0, PURGATORY_PSCI_NONE },
		{ 5, 0, 1, PURGATORY_PSCI_NONE }, { 5, 0x10, 3, PURGATORY_PSCI_NONE },
		{ 4, 9, 1, PURGATORY_PSCI_NONE }, { 1, 1, 3, PURGATORY_PSCI_NONE },
	};
	struct tree *t = tree_empty();
	uint8_t fadt[FADT_SIZE] = "FACP";

	(void)state;
	assert_int_equal(arm64_acpi_psci(&t->ctx, &t->root), PURGATORY_PSCI_NONE);
	assert_int_equal(t->ctx.err.code, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		fadt[8] = cases[i].revision;
		fadt[129] = cases[i].flags;
		fadt[131] = cases[i].minor;
		assert_int_equal(psci_of(t, fadt, sizeof(fadt)), cases[i].psci);
	}
	tree_free(t);
}

static void cut_off(void **state)
{
	struct tree *t = tree_empty();
	uint8_t fadt[FADT_SIZE] = "FACP";

	(void)state;
	fadt[8] = 6;
	fadt[129] = 3;
	for (size_t size = 0; size < sizeof(fadt); size++)
		assert_int_equal(psci_of(t, fadt, size),
				 size > 131 ? PURGATORY_PSCI_HVC : PURGATORY_PSCI_NONE);
	fadt[0] = 'f';
	assert_int_equal(psci_of(t, fadt, sizeof(fadt)), PURGATORY_PSCI_NONE);
	tree_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(psci), cmocka_unit_test(cut_off) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
