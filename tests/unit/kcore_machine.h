/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with /proc/kcore, from tests/fixtures/kcore.tree, and the kernel map read from it. */
#ifndef TESTS_KCORE_MACHINE_H
#define TESTS_KCORE_MACHINE_H

#include <elf.h>

#include "kexec/arch/arch.h"
#include "kexec/kdump/kdump.h"
#include "machine_tree.h"

struct kcore_test {
	struct tree *tree;
	struct machine_crash crash;
	struct kernel_map map;
};

static struct bytes fixture(const char *name)
{
	static uint8_t data[4096];
	const char *build = getenv("BUILD");
	char path[256];
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/fixtures/kcore/%s", build ? build : "build", name);
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(data, 1, sizeof(data), f);
	assert_int_equal(fclose(f), 0);
	return (struct bytes){ data, size };
}

/* The machine whose kcore is the fixture of that name. */
static struct kcore_test kcore_machine(const char *name, const char *iomem, const char *kallsyms)
{
	struct kcore_test t = { .tree = tree_empty() };
	struct bytes kcore = fixture(name);

	tree_put(t.tree, "/proc/iomem", iomem);
	tree_put(t.tree, "/proc/kallsyms", kallsyms);
	tree_put(t.tree, "/sys/devices/system/cpu/cpu0/crash_notes", "3fa39400\n");
	tree_put_bytes(t.tree, "/proc/kcore", kcore.data, kcore.size);
	return t;
}

static int map_kernel(struct kcore_test *t, const struct kdump_arch *arch)
{
	struct tree *tree = t->tree;

	assert_int_equal(tree_read(tree, false), 0);
	assert_int_equal(machine_read_crash(&tree->ctx, &tree->machine, &t->crash), 0);
	return kdump_kernel_map(&tree->ctx, &tree->machine, &t->crash, arch, &t->map);
}

#endif
