/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/x86/bzimage.c: every field of the setup header at its edges, every
 * truncation, and a real kernel (KEXEC_TEST_KERNEL names one).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kexec/arch/x86/bzimage.h"
#include "kexec/core/range.h"
#include "make_bzimage.h"
#include "peel.h"

/* Parses a copy on the heap, so that a read after its end is caught. */
static int parse(const uint8_t *data, size_t size, struct bzimage *out, struct err *err)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct bytes bytes = { copy, size };
	int ret;

	memcpy(copy, data, size);
	*err = (struct err){ 0 };
	ret = bzimage_parse(bytes, out, err);
	if (!ret) {
		assert_true(bzimage_probe(bytes));
		assert_int_equal(out->setup_size + out->kernel.size, size);
		assert_true(out->setup_header.data == copy + 0x1f1);
		assert_in_range(out->setup_header.size, 0x33, 0x290 - 0x1f1);
		assert_true(is_power_of_two(out->kernel_alignment));
		assert_in_range(out->min_alignment, 12, 31);
		assert_true(1u << out->min_alignment <= out->kernel_alignment);
		assert_true(out->init_size >= out->kernel.size);
		assert_true(out->pref_address + out->init_size > out->pref_address);
		if (out->version)
			assert_true((const uint8_t *)out->version + out->version_size <
				    copy + size);
	} else {
		assert_int_equal(ret, -ENOEXEC);
		assert_true(err->what[0]);
	}
	free(copy);
	return ret;
}

static void reads_every_field(void **state)
{
	uint8_t f[MADE_BZIMAGE_SIZE];
	struct bytes bytes = { f, sizeof(f) };
	struct bzimage b;
	struct err err = { 0 };

	(void)state;
	make_bzimage(f);
	assert_true(bzimage_probe(bytes));
	assert_true(bzimage64_probe(bytes));
	assert_int_equal(bzimage_parse(bytes, &b, &err), 0);
	assert_ptr_equal(b.setup_header.data, f + 0x1f1);
	assert_int_equal(b.setup_header.size, 0x26c - 0x1f1);
	assert_ptr_equal(b.kernel.data, f + MADE_SETUP);
	assert_int_equal(b.kernel.size, MADE_KERNEL);
	assert_int_equal(b.protocol, 0x020f);
	assert_int_equal(b.xloadflags, 0x7f);
	assert_true(b.relocatable);
	assert_int_equal(b.setup_size, MADE_SETUP);
	assert_int_equal(b.kernel_alignment, 0x200000);
	assert_int_equal(b.min_alignment, 21);
	assert_int_equal(b.cmdline_size, 2047);
	assert_int_equal(b.pref_address, 0x1000000);
	assert_int_equal(b.init_size, 0x10000);
	assert_int_equal(b.version_size, sizeof(MADE_VERSION) - 1);
	assert_memory_equal(b.version, MADE_VERSION, sizeof(MADE_VERSION));
}

static void refuses_every_truncation(void **state)
{
	uint8_t f[MADE_BZIMAGE_SIZE + 100];
	struct bzimage b;
	struct err err;

	(void)state;
	memset(f, 0xee, sizeof(f));
	make_bzimage(f);
	/* syssize counts whole paragraphs: the last one need not be. */
	for (size_t size = 0; size <= MADE_BZIMAGE_SIZE - 16; size++) {
		assert_int_equal(parse(f, size, &b, &err), -ENOEXEC);
		if (size >= 1024)
			assert_non_null(strstr(err.what, "cut short"));
	}
	/* A signature may follow. */
	for (size_t size = MADE_BZIMAGE_SIZE - 15; size <= sizeof(f); size++)
		assert_int_equal(parse(f, size, &b, &err), 0);
}

struct field_case {
	const char *name;
	uint16_t offset;
	uint8_t size;
	uint64_t value;
	const char *refused; /* words of the error; NULL: accepted */
};

static const struct field_case field_cases[] = {
	{ "setup_sects", 0x1f1, 1, 0, "real-mode part alone has 2560" }, /* means 4 */
	{ "setup_sects", 0x1f1, 1, 2, "cut short" },
	{ "setup_sects", 0x1f1, 1, 3, "cut short" },
	{ "setup_sects", 0x1f1, 1, 4, "real-mode part alone" },
	{ "setup_sects", 0x1f1, 1, 0x7f, "real-mode part alone has 65536" },
	{ "setup_sects", 0x1f1, 1, 0x80, "real-mode part alone has 66048" },
	{ "setup_sects", 0x1f1, 1, 0xff, "real-mode part alone has 131072" },
	{ "syssize", 0x1f4, 4, 0, NULL },
	{ "syssize", 0x1f4, 4, 1, NULL },
	{ "syssize", 0x1f4, 4, MADE_KERNEL / 16 + 1, "says 2576" },
	{ "syssize", 0x1f4, 4, 0x10000000, "says 4294968320" }, /* 2^32 bytes */
	{ "syssize", 0x1f4, 4, 0x7fffffff, "cut short" },
	{ "syssize", 0x1f4, 4, 0x80000000, "cut short" },
	{ "syssize", 0x1f4, 4, 0xffffffff, "cut short" },
	{ "boot_flag", 0x1fe, 2, 0, "not a bzImage" },
	{ "boot_flag", 0x1fe, 2, 0x55aa, "not a bzImage" },
	{ "jump", 0x200, 1, 0xe9, "jump bytes e9" },
	{ "header end", 0x201, 1, 0, "ends at 0x202" },
	{ "header end", 0x201, 1, 1, "ends at 0x203" },
	{ "header end", 0x201, 1, 0x69, "ends at 0x26b" },
	{ "header end", 0x201, 1, 0x7f, NULL },
	{ "header end", 0x201, 1, 0x80, NULL },
	{ "header end", 0x201, 1, 0xff, NULL },
	{ "magic", 0x202, 4, 0, "not a bzImage" },
	{ "version", 0x206, 2, 0, "not a bzImage" },
	{ "version", 0x206, 2, 1, "not a bzImage" },
	{ "version", 0x206, 2, 0x01ff, "not a bzImage" },
	{ "version", 0x206, 2, 0x7fff, NULL },
	{ "version", 0x206, 2, 0x8000, NULL },
	{ "version", 0x206, 2, 0xffff, NULL },
	{ "kernel_version", 0x20e, 2, 0, NULL },
	{ "kernel_version", 0x20e, 2, 1, NULL },
	{ "kernel_version", 0x20e, 2, 0x1ff, NULL },
	{ "kernel_version", 0x20e, 2, 0x200, NULL },
	{ "kernel_version", 0x20e, 2, 0x7fff, NULL },
	{ "kernel_version", 0x20e, 2, 0xffff, NULL },
	{ "loadflags", 0x211, 1, 0, "LOADED_HIGH" },
	{ "loadflags", 0x211, 1, 0xfe, "LOADED_HIGH" },
	{ "loadflags", 0x211, 1, 0xff, NULL },
	{ "initrd_addr_max", 0x22c, 4, 0, NULL },
	{ "initrd_addr_max", 0x22c, 4, 0xffffffff, NULL },
	{ "kernel_alignment", 0x230, 4, 0, "kernel_alignment is 0x0, not" },
	{ "kernel_alignment", 0x230, 4, 1, "min_alignment is 2^21" },
	{ "kernel_alignment", 0x230, 4, 3, "kernel_alignment is 0x3, not" },
	{ "kernel_alignment", 0x230, 4, 0x100000, "min_alignment is 2^21" },
	{ "kernel_alignment", 0x230, 4, 0x7fffffff, "not a power of two" },
	{ "kernel_alignment", 0x230, 4, 0x80000000, NULL },
	{ "kernel_alignment", 0x230, 4, 0xffffffff, "not a power of two" },
	{ "relocatable_kernel", 0x234, 1, 0, NULL },
	{ "relocatable_kernel", 0x234, 1, 0xff, NULL },
	{ "min_alignment", 0x235, 1, 0, NULL },
	{ "min_alignment", 0x235, 1, 1, NULL },
	{ "min_alignment", 0x235, 1, 22, "min_alignment is 2^22" },
	{ "min_alignment", 0x235, 1, 0x7f, "min_alignment is 2^127" },
	{ "min_alignment", 0x235, 1, 0x80, "min_alignment is 2^128" },
	{ "min_alignment", 0x235, 1, 0xff, "min_alignment is 2^255" },
	{ "xloadflags", 0x236, 2, 0, NULL },
	{ "xloadflags", 0x236, 2, 0xffff, NULL },
	{ "cmdline_size", 0x238, 4, 0, NULL },
	{ "cmdline_size", 0x238, 4, 0xffffffff, NULL },
	{ "payload_offset", 0x248, 4, 0, NULL },
	{ "payload_offset", 0x248, 4, MADE_KERNEL - 0x100, NULL },
	{ "payload_offset", 0x248, 4, MADE_KERNEL - 0xff, "payload" },
	{ "payload_offset", 0x248, 4, 0x7fffffff, "payload" },
	{ "payload_offset", 0x248, 4, 0x80000000, "payload" },
	{ "payload_offset", 0x248, 4, 0xffffff00, "payload" }, /* the sum wraps to 0 */
	{ "payload_offset", 0x248, 4, 0xffffffff, "payload" },
	{ "payload_length", 0x24c, 4, 0, NULL },
	{ "payload_length", 0x24c, 4, MADE_KERNEL - 0x210, NULL },
	{ "payload_length", 0x24c, 4, MADE_KERNEL - 0x20f, "payload" },
	{ "payload_length", 0x24c, 4, 0xfffffdf0, "payload" },
	{ "payload_length", 0x24c, 4, 0xffffffff, "payload" },
	{ "setup_data", 0x250, 8, UINT64_MAX, NULL },
	{ "pref_address", 0x258, 8, 0, NULL },
	{ "pref_address", 0x258, 8, 1, NULL },
	{ "pref_address", 0x258, 8, INT64_MAX, NULL },
	{ "pref_address", 0x258, 8, UINT64_C(1) << 63, NULL },
	{ "pref_address", 0x258, 8, UINT64_MAX - 0xffff, "beyond the address space" },
	{ "pref_address", 0x258, 8, UINT64_MAX, "beyond the address space" },
	{ "init_size", 0x260, 4, 0, NULL },
	{ "init_size", 0x260, 4, 1, NULL },
	{ "init_size", 0x260, 4, 0x7fffffff, NULL },
	{ "init_size", 0x260, 4, 0x80000000, NULL },
	{ "init_size", 0x260, 4, 0xffffffff, NULL },
	{ "handover_offset", 0x264, 4, 0xffffffff, NULL },
	{ "kernel_info_offset", 0x268, 4, 0xffffffff, NULL },
};

static void checks_every_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(field_cases) / sizeof(*field_cases); i++) {
		const struct field_case *c = &field_cases[i];
		uint8_t f[MADE_BZIMAGE_SIZE];
		struct bzimage b;
		struct err err;
		int ret;

		make_bzimage(f);
		for (size_t k = 0; k < c->size; k++)
			f[c->offset + k] = (uint8_t)(c->value >> 8 * k);
		ret = parse(f, sizeof(f), &b, &err);
		if (!ret == !!c->refused || (c->refused && !strstr(err.what, c->refused)))
			fail_msg("%s = %#llx: %s, wanted %s", c->name, (unsigned long long)c->value,
				 ret ? err.what : "accepted",
				 c->refused ? c->refused : "acceptance");
	}
}

/* No value of any byte of the header makes the parser break its promises (see parse()). */
static void keeps_its_promises(void **state)
{
	uint8_t f[MADE_BZIMAGE_SIZE];
	struct bzimage b;
	struct err err;
	int accepted = 0;

	(void)state;
	make_bzimage(f);
	for (size_t at = 0x1f1; at < 0x26c; at++) {
		uint8_t good = f[at];

		for (unsigned int value = 0; value < 256; value++) {
			f[at] = (uint8_t)value;
			accepted += !parse(f, sizeof(f), &b, &err);
		}
		f[at] = good;
	}
	assert_in_range(accepted, 1, 256 * (0x26c - 0x1f1) - 1);
}

/* Fields that a protocol does not have are not read, whatever stands there. */
static void old_protocols_have_fewer_fields(void **state)
{
	static const struct {
		uint16_t protocol;
		uint8_t jump;
	} protocols[] = {
		{ 0x0200, 0x22 }, { 0x0201, 0x24 }, { 0x0202, 0x2a }, { 0x0203, 0x2e },
		{ 0x0204, 0x2e }, { 0x0205, 0x33 }, { 0x0206, 0x3a }, { 0x0207, 0x46 },
		{ 0x0208, 0x4e }, { 0x0209, 0x56 }, { 0x020a, 0x62 }, { 0x020b, 0x66 },
		{ 0x020c, 0x66 }, { 0x020d, 0x66 }, { 0x020e, 0x66 }, { 0x020f, 0x6a },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		uint16_t protocol = protocols[i].protocol;
		size_t end = 0x202u + protocols[i].jump;
		uint8_t f[MADE_BZIMAGE_SIZE];
		struct bzimage b;
		struct err err;

		make_bzimage(f);
		put_le16(f + 0x206, protocol);
		f[0x201] = protocols[i].jump;
		memset(f + end, 0xff, MADE_VERSION_AT - end);
		if (protocol < 0x0204)
			memset(f + 0x1f4, 0xff, 4);
		assert_int_equal(parse(f, sizeof(f), &b, &err), 0);
		assert_int_equal(b.setup_header.size, end - 0x1f1);
		assert_int_equal(b.relocatable, protocol >= 0x0205);
		assert_int_equal(b.kernel_alignment, protocol < 0x0205 ? 4096 : 0x200000);
		assert_int_equal(b.cmdline_size, protocol < 0x0206 ? 255 : 2047);
		assert_int_equal(b.pref_address, protocol < 0x020a ? 0x100000 : 0x1000000);
		assert_int_equal(b.init_size, protocol < 0x020a ? MADE_KERNEL : 0x10000);
		assert_int_equal(b.xloadflags, protocol < 0x020c ? 0 : 0x7f);
		assert_int_equal(bzimage64_probe((struct bytes){ f, sizeof(f) }),
				 protocol >= 0x020c);

		f[0x201]--;
		assert_int_equal(parse(f, sizeof(f), &b, &err), -ENOEXEC);
		assert_non_null(strstr(err.what, "setup header ends at"));
	}
}

static void entry64_needs_both_flags_and_room(void **state)
{
	uint8_t f[MADE_BZIMAGE_SIZE];
	struct bytes bytes = { f, sizeof(f) };
	struct bzimage b;
	struct err err;

	(void)state;
	make_bzimage(f);
	for (uint16_t flags = 0; flags < 4; flags++) {
		put_le16(f + 0x236, flags);
		assert_int_equal(bzimage64_probe(bytes), flags == 3);
	}
	put_le32(f + 0x1f4, 0);
	put_le32(f + 0x248, 0);
	put_le32(f + 0x24c, 0);
	assert_int_equal(parse(f, MADE_SETUP + 0x201, &b, &err), 0);
	assert_int_equal(parse(f, MADE_SETUP + 0x200, &b, &err), -ENOEXEC);
	assert_non_null(strstr(err.what, "64-bit entry"));
	put_le16(f + 0x236, 0);
	assert_int_equal(parse(f, MADE_SETUP + 0x200, &b, &err), 0);
}

static void version_ends_inside_the_setup(void **state)
{
	uint8_t f[MADE_BZIMAGE_SIZE];
	struct bzimage b;
	struct err err;

	(void)state;
	make_bzimage(f);
	put_le16(f + 0x20e, 0x1fe);
	memcpy(f + 0x3fe, "6", 2);
	assert_int_equal(parse(f, sizeof(f), &b, &err), 0);
	assert_int_equal(b.version_size, 1);
	f[0x3ff] = '.';
	assert_int_equal(parse(f, sizeof(f), &b, &err), 0);
	assert_null(b.version);
}

static void reads_a_real_kernel(void **state)
{
	const char *name = getenv("KEXEC_TEST_KERNEL");
	struct ctx ctx = { 0 };
	struct image_rules rules;
	struct image image;
	struct file file;
	struct bzimage b;
	struct bytes cut;

	(void)state;
	if (!name)
		skip();
	rules = peel_rules(&ctx, UINT64_C(1) << 32);
	if (image_open(&ctx, name, &rules, &file, &image))
		fail_msg("%s", ctx.err.what);
	assert_true(bzimage_probe(image.bytes));
	if (bzimage_parse(image.bytes, &b, &ctx.err))
		fail_msg("%s", ctx.err.what);
	assert_non_null(b.version);
	assert_in_range(b.version[0], '2', '9');
	assert_true(b.init_size > b.kernel.size);
	cut = bytes_sub(image.bytes, 0, image.bytes.size / 14);
	assert_int_equal(bzimage_parse(cut, &b, &ctx.err), -ENOEXEC);
	assert_non_null(strstr(ctx.err.what, "cut short"));
	file_close(&file);
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_field),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(checks_every_field),
		cmocka_unit_test(keeps_its_promises),
		cmocka_unit_test(old_protocols_have_fewer_fields),
		cmocka_unit_test(entry64_needs_both_flags_and_room),
		cmocka_unit_test(version_ends_inside_the_setup),
		cmocka_unit_test(reads_a_real_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
