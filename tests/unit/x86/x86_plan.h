/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with 1 GiB and a bzImage for it, both made here, and the plan for them. */
#ifndef TESTS_X86_PLAN_H
#define TESTS_X86_PLAN_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "make_bzimage.h"
#include "make_elf.h"
#include "kexec/arch/x86/x86_machine.h"
#include "kexec/plan/initrd.h"
#include "kexec/plan/load.h"

#define MIB 0x100000ull
#define GIB 0x40000000ull

struct fixture {
	struct ctx ctx;
	struct request req;
	struct sysroot root;
	struct machine machine;
	struct machine_x86 x86;
	struct memory_entry map[2];
	uint8_t file[MADE_BZIMAGE_SIZE];
	struct made_elf elf;
	struct image image;
	const struct module *modules;
	size_t module_count;
	struct load load;
	struct plan plan;
	char said[256];
};

static inline void keep_line(void *data, const char *level, const char *text)
{
	(void)level;
	snprintf(data, 256, "%s", text);
}

/* RAM from 1 MiB to end. */
static inline void set_ram(struct fixture *f, uint64_t start, uint64_t end)
{
	f->map[1] = (struct memory_entry){ { start, end }, MEMORY_RAM };
	f->machine.ram.count = 0;
	range_set_add(&f->ctx.arena, &f->machine.ram, f->map[0].range);
	range_set_add(&f->ctx.arena, &f->machine.ram, f->map[1].range);
}

/* One that prefers more than it needs. */
static inline void use_bzimage(struct fixture *f)
{
	make_bzimage(f->file);
	put_le32(f->file + 0x230, 16 * MIB);
	put_le32(f->file + 0x260, 48 * MIB);
	f->image = (struct image){ .name = "bz", .bytes = { f->file, MADE_BZIMAGE_SIZE } };
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->ctx.log = (struct log){ .line = keep_line, .data = f->said };
	f->req.mem_max = UINT64_MAX;
	f->req.dry_run = true;
	f->machine.arch = &f->x86;
	f->root.path = "";
	f->map[0] = (struct memory_entry){ { 0x400, 0x9f000 }, MEMORY_RAM };
	f->machine.map.entry = f->map;
	f->machine.map.count = 2;
	set_ram(f, MIB, GIB);
	use_bzimage(f);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->ctx.arena);
	free(f);
	return 0;
}

static inline int make_plan(struct fixture *f)
{
	const struct image_type *type;
	int ret;

	err_clear(&f->ctx.err);
	ret = arch_choose_type(&f->ctx, &arch_x86_64, &f->req, &f->image, &type);
	if (ret)
		return ret;
	f->load = (struct load){
		.req = &f->req,
		.arch = &arch_x86_64,
		.type = type,
		.root = &f->root,
		.machine = f->machine,
		.image = f->image,
		.own_cmdline = f->image.cmdline,
		.module = f->modules,
		.modules = f->module_count,
		.method = f->req.method,
	};
	ret = initrd_open(&f->ctx, &f->load, arch_image_formats(&f->ctx),
			  range_set_size(&f->machine.ram), &f->load.initrd);
	if (ret)
		return ret;
	f->plan = (struct plan){
		.page_size = 4096,
		.ram = f->machine.ram,
		.mem_min = f->req.mem_min,
		.mem_max = f->req.mem_max,
	};
	return type->plan(&f->ctx, &f->load, &f->plan);
}

static inline const struct segment *segment(const struct fixture *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->plan.segments; i++)
		if (!strcmp(f->plan.segment[i].name, name))
			return &f->plan.segment[i];
	fail_msg("no segment %s", name);
	return NULL;
}

/* The error contains text, in its sentence or in its hint. */
static inline void assert_says(const struct fixture *f, const char *text)
{
	if (!strstr(f->ctx.err.what, text) && !strstr(f->ctx.err.hint, text))
		fail_msg("'%s' is not in '%s' '%s'", text, f->ctx.err.what, f->ctx.err.hint);
}

static inline void refused(struct fixture *f, int code, const char *text)
{
	assert_int_equal(make_plan(f), code);
	assert_says(f, text);
}

static inline const char *make_file(struct fixture *f, const char *text)
{
	char *name = arena_strdup(&f->ctx.arena, "/tmp/test_x86_plan.XXXXXX");
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return name;
}

static inline void give_initrds(struct fixture *f, const char **names, size_t count)
{
	f->req.initrds = names;
	f->req.initrd_count = count;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
