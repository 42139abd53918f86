/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load_look_again() of kexec/look.c: it completes a second load for kexec_load and leaves the first
 * as it is, byte for byte, with the ranges and entries that the first points to.
 */
#include "kexec/load.h"
#include "machine_tree.h"

struct copy {
	struct load load;
	void *ram, *map, *iomem, *crash, *hidden;
};

static void *copied(const void *data, size_t count, size_t size)
{
	void *copy = malloc(count * size + 1);

	assert_non_null(copy);
	if (count)
		memcpy(copy, data, count * size);
	return copy;
}

static void copy_load(struct copy *copy, const struct load *load)
{
	const struct machine *m = &load->machine;

	*copy = (struct copy){
		.ram = copied(m->ram.range, m->ram.count, sizeof(*m->ram.range)),
		.map = copied(m->map.entry, m->map.count, sizeof(*m->map.entry)),
		.iomem = copied(m->iomem.entry, m->iomem.count, sizeof(*m->iomem.entry)),
		.crash = copied(m->crash.range, m->crash.count, sizeof(*m->crash.range)),
		.hidden = copied(m->hidden.range, m->hidden.count, sizeof(*m->hidden.range)),
	};
	memcpy(&copy->load, load, sizeof(*load)); /* with the padding */
}

static void unchanged_list(const void *data, void *copy, size_t count, size_t size)
{
	if (count)
		assert_memory_equal(data, copy, count * size);
	free(copy);
}

static void unchanged(const struct load *load, const struct copy *copy)
{
	const struct machine *m = &load->machine;

	assert_memory_equal(load, &copy->load, sizeof(*load));
	unchanged_list(m->ram.range, copy->ram, m->ram.count, sizeof(*m->ram.range));
	unchanged_list(m->map.entry, copy->map, m->map.count, sizeof(*m->map.entry));
	unchanged_list(m->iomem.entry, copy->iomem, m->iomem.count, sizeof(*m->iomem.entry));
	unchanged_list(m->crash.range, copy->crash, m->crash.count, sizeof(*m->crash.range));
	unchanged_list(m->hidden.range, copy->hidden, m->hidden.count, sizeof(*m->hidden.range));
}

/* A load for kexec_file_load after the first look, as far as the second look needs it. */
static struct load first_look(struct tree *t, const struct arch *arch, bool memory)
{
	struct load load = {
		.req = &t->req,
		.arch = arch,
		.root = &t->root,
		.file.fd = -1,
		.initrd.file.fd = -1,
		.method = METHOD_KEXEC_FILE_LOAD,
		.method_why = "first",
	};

	tree_rewind(t);
	t->machine = (struct machine){ 0 };
	machine_read_basics(&t->ctx, &t->root, &t->machine);
	if (memory)
		assert_int_equal(machine_read_memory(&t->ctx, &t->req, &arch->memory, &t->machine),
				 0);
	load.machine = t->machine;
	return load;
}

static struct load look_again(struct tree *t, const struct load *first)
{
	struct load again;
	struct copy copy;

	copy_load(&copy, first);
	if (load_look_again(&t->ctx, first, "why", "tried", &again))
		fail_msg("%s: %s", first->arch->name, t->ctx.err.what);
	unchanged(first, &copy);
	assert_int_equal(again.method, METHOD_KEXEC_LOAD);
	assert_string_equal(again.method_why, "why");
	assert_string_equal(again.tried_first, "tried");
	assert_ptr_equal(again.req, first->req);
	assert_true(again.machine.ram.count && again.machine.map.count);
	return again;
}

static void every_arch(void **state)
{
	unsigned int machines = 0;

	(void)state;
	for (size_t i = 0; arches[i]; i++) {
		struct tree *t = tree_fixture_with(arches[i]->name, "");

		if (!t)
			continue;
		machines++;
		for (int memory = 0; memory < 2; memory++) {
			struct load first = first_look(t, arches[i], memory), again;

			again = look_again(t, &first);
			assert_null(again.crash);
		}
		tree_free(t);
	}
	assert_true(machines);
}

/* The first look at a crash load has read the memory; the second reads the kernel's notes. */
static void crash(void **state)
{
	(void)state;
	for (size_t i = 0; arches[i]; i++) {
		struct tree *t = tree_fixture_with(arches[i]->name, "");
		struct load first, again;

		if (!t)
			continue;
		t->req.crash = true;
		first = first_look(t, arches[i], true);
		again = look_again(t, &first);
		assert_true(!again.crash == arches[i]->makes_core_header);
		tree_free(t);
	}
}

static int take_memory(struct ctx *ctx, struct load *load)
{
	const struct range *ram = load->machine.ram.range;
	struct range middle = { ram->start + 0x1000, ram->end - 0x1000 };

	range_set_subtract(&ctx->arena, &load->machine.ram, middle);
	range_set_subtract(&ctx->arena, &load->machine.ram, (struct range){ 0, middle.start });
	load->machine.arch = load->root;
	return 0;
}

/* The look of an arch takes memory out of the second load alone. */
static void look_that_takes_memory(void **state)
{
	(void)state;
	for (size_t i = 0; arches[i]; i++) {
		struct tree *t = tree_fixture_with(arches[i]->name, "");
		struct arch arch = *arches[i];
		struct load first, again;

		if (!t)
			continue;
		arch.look = take_memory;
		first = first_look(t, &arch, true);
		again = look_again(t, &first);
		assert_ptr_equal(again.machine.arch, &t->root);
		assert_true(range_set_size(&again.machine.ram) <
			    range_set_size(&first.machine.ram));
		tree_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_arch),
		cmocka_unit_test(crash),
		cmocka_unit_test(look_that_takes_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
