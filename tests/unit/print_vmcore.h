/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs vmcore-dmesg's stages over made dumps and keeps what they print and say. */
#ifndef TESTS_PRINT_VMCORE_H
#define TESTS_PRINT_VMCORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "make_vmcore.h"
#include "vmcore-dmesg/dmesg.h"
#include "vmcore-dmesg/vmcoreinfo.h"

#define LOG_RECORDS                                                                                \
	"[    1.000002] one\n"                                                                     \
	"[12345.678901] two\nlines\\x01\\xc3\\xa9\n"                                               \
	"[    2.000000] \n"                                                                        \
	"[    3.000000] wrapped\n"                                                                 \
	"[    4.000000] last \"one\"\n"
#define LOG_BYTES "6>[    1.000002] one\n<30>[12345.678901] two\nlines\\x01\\xc3\\xa9\n<4>no time\n"

static const char *const logs[KINDS] = { LOG_BYTES, LOG_RECORDS, LOG_RECORDS };

struct result {
	int ret;
	int status;
	unsigned int warnings;
	char *out;
	size_t size;
	char what[768];
	char hint[512];
};

static inline void count_warning(void *data, const char *level, const char *text)
{
	unsigned int *warnings = data;

	assert_string_equal(level, "warning");
	assert_true(*text);
	++*warnings;
}

static inline struct result print_named(const char *name, enum output_format format)
{
	struct result r = { 0 };
	struct ctx ctx = { .log = { .line = count_warning, .data = &r.warnings } };
	struct vmcore *core = arena_alloc(&ctx.arena, sizeof(*core));
	FILE *out = open_memstream(&r.out, &r.size);
	struct output output;

	r.ret = vmcore_open(&ctx, name, core);
	if (!r.ret) {
		output_begin(&ctx, &output, out, format);
		r.ret = dmesg_print(&ctx, core, &output);
		output_end(&output);
	}
	vmcore_close(core);
	fclose(out);
	r.status = r.ret ? ctx.err.status : 0;
	memcpy(r.what, ctx.err.what, sizeof(r.what));
	memcpy(r.hint, ctx.err.hint, sizeof(r.hint));
	assert_true(!r.ret || (r.ret < 0 && r.ret == ctx.err.code && *r.what && r.status > 1));
	arena_free(&ctx.arena);
	return r;
}

static inline struct result print_fd(int fd, enum output_format format)
{
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return print_named(name, format);
}

static inline struct result print_bytes(const void *data, size_t size, enum output_format format)
{
	int fd = memfd_create("vmcore", 0);
	struct result r;

	assert_int_equal(write(fd, data, size), size);
	r = print_fd(fd, format);
	close(fd);
	return r;
}

/* Also frees the core. */
static inline struct result print_core(struct made_core *c, enum output_format format)
{
	struct bytes file = core_finish(c);
	struct result r = print_bytes(file.data, file.size, format);

	free(c);
	return r;
}

static inline void assert_printed(struct result r, const char *out, int status)
{
	assert_int_equal(r.status, status);
	assert_string_equal(r.out, out);
	free(r.out);
}

#define EACH_CORE(kind, is64, order)                                                               \
	for (int core_ = 0, kind = 0, is64 = 0, order = 0; core_ < KINDS * 4;                      \
	     core_++, kind = core_ / 4, is64 = core_ & 1, order = core_ >> 1 & 1)

/* Both classes and both orders, in half the time. */
#define EACH_SECOND_CORE(kind, is64, order)                                                        \
	EACH_CORE(kind, is64, order)                                                               \
	if (is64 != order)

static inline struct made_core *lockless(void)
{
	return made_core(KIND_LOCKLESS, true, ORDER_LE, NULL);
}

static inline struct made_core *records(void)
{
	return made_core(KIND_RECORDS, true, ORDER_BE, NULL);
}

#endif
