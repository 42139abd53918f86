/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans for arches that boot with a device tree: the machine is a fixture, the image
 * is made by the test.
 */
#ifndef TESTS_IMAGE_PLAN_H
#define TESTS_IMAGE_PLAN_H

#include <elf.h>
#include <libfdt.h>

#include "kexec/arch/arch.h"
#include "kexec/core/kexec_flags.h"
#include "kexec/kdump/kdump.h"
#include "make_elf.h"
#include "make_devicetree.h"
#include "make_image.h"
#include "tree_load.h"

struct fixture {
	const struct arch *arch;
	struct tree *tree;
	uint8_t file[MADE_IMAGE_SIZE];
	struct made_elf elf;
	struct image image;
	struct range kept_initrd; /* instead of the machine's, if not empty */
	struct load load;
	struct plan plan;
};

/* Its file is still to be filled. */
static inline struct fixture *plan_fixture(const struct arch *arch)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arch = arch;
	f->tree = tree_fixture(arch->name);
	f->tree->req.mem_max = UINT64_MAX;
	f->tree->req.dry_run = true;
	f->image = (struct image){ .name = "Image", .bytes = { f->file, MADE_IMAGE_SIZE } };
	f->elf = (struct made_elf){ .is64 = true, .order = ORDER_LE };
	assert_int_equal(tree_read_from(f->tree, &arch->memory), 0);
	return f;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	tree_free(f->tree);
	free(f);
	return 0;
}

/* The port that stdout-path of the machine's own tree names. */
static inline void stdout_is(const struct fixture *f, uint32_t kind, uint64_t base)
{
	struct ctx *ctx = &f->tree->ctx;
	struct devicetree tree;
	struct tty tty;

	fdt_ok(devicetree_find(ctx, f->tree->req.dtb, &f->tree->root, &tree));
	fdt_ok(devicetree_stdout(ctx, &tree, &tty));
	assert_int_equal(tty.kind, kind);
	assert_int_equal(tty.base, base);
}

/* The look at the machine was taken before: tests change what it found. */
static inline int make_plan(struct fixture *f)
{
	struct tree *t = f->tree;
	struct load *load = &f->load;
	int ret;

	tree_rewind(t);
	ret = tree_load(t, f->arch, &f->image, load);
	if (ret)
		return ret;
	if (!range_empty(f->kept_initrd))
		load->kept_initrd = f->kept_initrd;
	f->plan = (struct plan){
		.arch = f->arch->name,
		.page_size = f->arch->page_size,
		.ram = load->machine.ram,
		.reach = { load->machine.reach, load->machine.reach_why },
		.mem_min = t->req.mem_min,
		.mem_max = t->req.mem_max,
	};
	if (t->req.crash)
		kdump_bound(&t->ctx, load, &f->plan);
	return load->type->plan(&t->ctx, load, &f->plan);
}

static inline void planned(struct fixture *f)
{
	if (make_plan(f))
		fail_msg("%s", f->tree->ctx.err.what);
}

static inline void refused(struct fixture *f, int code, const char *words)
{
	const struct err *err = &f->tree->ctx.err;

	assert_int_equal(make_plan(f), code);
	if (!strstr(err->what, words) && !strstr(err->hint, words))
		fail_msg("'%s' is not in '%s' '%s'", words, err->what, err->hint);
}

static inline const struct segment *segment(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->plan.segments; i++)
		if (!strcmp(f->plan.segment[i].name, name))
			return &f->plan.segment[i];
	fail_msg("no segment %s", name);
	return NULL;
}

/* A property of /chosen in the tree that is loaded. */
static inline const void *chosen(const struct fixture *f, const char *name, int *size)
{
	const void *fdt = segment(f, "dtb")->bytes.data;

	return fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), name, size);
}

static inline void chosen_holds(const struct fixture *f, const char *name, const uint64_t *values,
				size_t count)
{
	int size;
	const uint8_t *data = chosen(f, name, &size);

	assert_non_null(data);
	assert_int_equal(size, count * 8);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(get_be64(data + 8 * i), values[i]);
}

static inline void set_ram(struct fixture *f, struct range one, struct range other)
{
	f->tree->machine.ram.count = 0;
	range_set_add(&f->tree->ctx.arena, &f->tree->machine.ram, one);
	range_set_add(&f->tree->ctx.arena, &f->tree->machine.ram, other);
}

/* The fixture with its kcore, and another /proc/iomem if there is one. */
static inline struct tree *crash_machine(struct fixture *f, const char *iomem)
{
	static const char *const names[] = { "/proc/iomem", "/proc/kallsyms", "/sys/firmware/fdt",
					     "/sys/devices/system/cpu/cpu0/crash_notes",
					     "/sys/kernel/vmcoreinfo" };
	struct tree *t = tree_empty();
	struct arena *arena = &f->tree->ctx.arena;
	struct bytes text;

	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(sysroot_read(&f->tree->ctx, &f->tree->root, names[i], &text), 0);
		tree_put_bytes(t, names[i], text.data, text.size);
	}
	if (iomem)
		tree_put(t, "/proc/iomem", iomem);
	assert_int_equal(sysroot_read(&f->tree->ctx, &f->tree->root,
				      arena_printf(arena, "/../kcore/%s", f->arch->name), &text),
			 0);
	tree_put_bytes(t, "/proc/kcore", text.data, text.size);
	t->req = f->tree->req;
	t->req.crash = true;
	tree_free(f->tree);
	f->tree = t;
	assert_int_equal(tree_read(t, false), 0);
	return t;
}

#endif
