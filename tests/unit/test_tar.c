/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tar files: trees, members that have no place in a tree, damage; and the secrets of a capture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kexec/capture.h"
#include "kexec/core/file.h"
#include "kexec/core/tar.h"

#define BLOCKS 64

struct archive {
	struct ctx ctx;
	uint8_t data[BLOCKS * TAR_BLOCK];
	size_t size;
	struct tar tar;
};

static void add_member(struct archive *a, struct tar_member member)
{
	struct bytes header = tar_member_header(&a->ctx, &member);

	assert_in_range(a->size + header.size + member.bytes.size, 0, sizeof(a->data) - TAR_BLOCK);
	memcpy(a->data + a->size, header.data, header.size);
	a->size += header.size;
	if (member.bytes.size)
		memcpy(a->data + a->size, member.bytes.data, member.bytes.size);
	a->size += member.bytes.size + tar_padding(&member);
}

static void add_file(struct archive *a, const char *path, const char *text)
{
	add_member(a, (struct tar_member){ .path = path,
					   .bytes = { (const uint8_t *)text, strlen(text) } });
}

static int read_archive(struct archive *a)
{
	return tar_read(&a->ctx, "x.tar", (struct bytes){ a->data, a->size + 2 * TAR_BLOCK },
			&a->tar);
}

/* Sets a byte of the header at offset, and a checksum that fits. */
static void patch(struct archive *a, size_t header, size_t offset, const char *text, size_t size)
{
	uint8_t *h = a->data + header;
	unsigned int sum = 0;

	memcpy(h + offset, text, size);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += h[i];
	for (int i = 6; i-- > 0; sum >>= 3)
		h[148 + i] = (uint8_t)('0' + (sum & 7));
	h[148 + 6] = 0;
}

static void test_tree(void **state)
{
	static const char *const wanted[] = { "a", "a-b", "c" };
	char long_path[300];
	struct archive a = { 0 };
	const struct sysroot root = { .path = "x.tar", .tar = &a.tar };
	struct bytes out;
	char **names;

	(void)state;
	memset(long_path, 'p', sizeof(long_path));
	memcpy(long_path, "c/", 2);
	long_path[sizeof(long_path) - 1] = '\0';
	add_file(&a, "a/b", "inside");
	add_file(&a, "a-b", "beside");
	add_file(&a, long_path, "long");
	add_member(&a, (struct tar_member){ .path = "a/denied", .open_error = EACCES });
	add_member(&a, (struct tar_member){ .path = "a/broken", .read_error = EIO });
	assert_int_equal(read_archive(&a), 0);
	assert_int_equal(sysroot_list(&a.ctx, &root, "/", &names), 0);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(names[i], wanted[i]);
	assert_null(names[3]);
	assert_int_equal(sysroot_read(&a.ctx, &root, "/a/b", &out), 0);
	assert_string_equal((const char *)out.data, "inside");
	assert_int_equal(sysroot_read(&a.ctx, &root, long_path, &out), 0);
	assert_string_equal((const char *)out.data, "long");
	assert_int_equal(sysroot_read(&a.ctx, &root, "/a/denied", &out), -EACCES);
	assert_string_equal(a.ctx.err.what, "Cannot open x.tar/a/denied: Permission denied");
	assert_int_equal(sysroot_read(&a.ctx, &root, "/a/broken", &out), -EIO);
	assert_int_equal(sysroot_read(&a.ctx, &root, "/a", &out), -EISDIR);
	assert_int_equal(sysroot_read(&a.ctx, &root, "/none", &out), -ENOENT);
	assert_int_equal(sysroot_read(&a.ctx, &root, "/a-b/x", &out), -ENOTDIR);
	assert_int_equal(sysroot_read(&a.ctx, &root, "/a/../a-b", &out), -ENOENT);
	assert_int_equal(sysroot_list(&a.ctx, &root, "/a-b", &names), -ENOTDIR);
	assert_true(sysroot_exists(&a.ctx, &root, "/a"));
	assert_false(sysroot_exists(&a.ctx, &root, "/b"));
	arena_free(&a.ctx.arena);
}

/* Only the part of a large file that was read is there. */
static void test_part(void **state)
{
	struct archive a = { 0 };
	const struct sysroot root = { .path = "x.tar", .tar = &a.tar };
	uint8_t data[8];
	size_t got;

	(void)state;
	add_member(&a, (struct tar_member){ .path = "dev/mem",
					    .bytes = { (const uint8_t *)"RSD PTR ", 8 },
					    .offset = 0xf0000 });
	assert_int_equal(read_archive(&a), 0);
	assert_int_equal(sysroot_read_at(&a.ctx, &root, "/dev/mem", 0xf0004, data, 8, &got), 0);
	assert_int_equal(got, 4);
	assert_memory_equal(data, "PTR ", 4);
	assert_int_equal(sysroot_read_at(&a.ctx, &root, "/dev/mem", 0, data, 8, &got), 0);
	assert_int_equal(got, 0);
	assert_int_equal(sysroot_read_at(&a.ctx, &root, "/none", 0, data, 8, &got), -ENOENT);
	arena_free(&a.ctx.arena);
}

static void refused(const char *path, size_t offset, const char *patched, size_t size,
		    const char *sentence)
{
	struct archive a = { 0 };

	add_file(&a, "first", "1");
	add_file(&a, path, "text");
	patch(&a, 2 * TAR_BLOCK, offset, patched, size);
	assert_int_equal(read_archive(&a), -ENOEXEC);
	assert_non_null(strstr(a.ctx.err.what, sentence));
	assert_non_null(strstr(a.ctx.err.what, "x.tar"));
	arena_free(&a.ctx.arena);
}

static void test_members_refused(void **state)
{
	(void)state;
	refused("x", 0, "/x", 3, "0x400: the path /x is absolute");
	refused("x", 0, "..", 3, "the path .. contains \"..\"");
	refused("x", 0, "a/../x", 7, "contains \"..\"");
	refused("x", 0, "first", 6, "contains first twice");
	refused("x", 0, "first/x", 8, "first is a file, and other members lie below it");
	refused("x", 0, "", 1, "a file without a name");
	refused("x", 156, "1", 1, "x is a hard link");
	refused("x", 156, "2", 1, "x is a symbolic link");
	refused("x", 156, "3", 1, "x is a device");
	refused("x", 156, "4", 1, "x is a device");
	refused("x", 156, "6", 1, "x is a FIFO");
	refused("x", 156, "L", 1, "type 0x4c");
	refused("x", 156, "5", 1, "x is a directory with 4 bytes");
	refused("x", 156, "x", 1, "a pax record with a wrong length");
	refused("x", 257, "xxxxx", 5, "expected \"ustar\"");
	refused("x", 124, "\x80\0\0\0\0\0\0\0\0\0\0\4", 12, "the size is not an octal number");
	refused("x", 124, "77777777777", 12, "8589934591 bytes of contents");
	refused("x", 124, "00000003001", 12,
		"1537 bytes of contents, but only 1536 follow: cut off");
}

static void test_damage(void **state)
{
	struct archive a = { 0 };

	(void)state;
	add_file(&a, "x", "text");
	a.data[1] ^= 1;
	assert_int_equal(read_archive(&a), -ENOEXEC);
	assert_non_null(strstr(a.ctx.err.what, "wrong checksum"));
	a.data[1] ^= 1;
	for (size_t size = 0; size < a.size + TAR_BLOCK; size += 100) {
		struct bytes cut = { a.data, size };

		assert_int_equal(tar_read(&a.ctx, "x.tar", cut, &a.tar), -ENOEXEC);
		assert_non_null(strstr(a.ctx.err.what, "cut off"));
	}
	assert_int_equal(read_archive(&a), 0);
	arena_free(&a.ctx.arena);
}

static void masked(const char *line, const char *wanted)
{
	struct arena arena = { NULL };
	char *text = arena_strdup(&arena, line);

	assert_int_equal(capture_mask_line(&arena, text, strlen(text)), strcmp(line, wanted) != 0);
	assert_string_equal(text, wanted);
	arena_free(&arena);
}

static void test_passwords(void **state)
{
	(void)state;
	masked("root=/dev/sda1 ro quiet", "root=/dev/sda1 ro quiet");
	masked("crashkernel=0-2G:64M,2G-:128M@16M", "crashkernel=0-2G:64M,2G-:128M@16M");
	masked("ip=10.0.0.1::10.0.0.2 rootpass", "ip=10.0.0.1::10.0.0.2 rootpass");
	masked("a rd.iscsi.Password=geheim b", "a rd.iscsi.Password=xxxxxx b");
	masked("luks.key=\"two words\" b=c", "luks.key=\"xxxxxxxxx\" b=c");
	masked("systemd.set_credential=a:b\n", "systemd.set_credential=xxx\n");
	masked("ks=https://me:pw@host/p@th", "ks=https://xxxxx@host/p@th");
	masked("netroot=iscsi:me:pw@10.0.0.1::", "netroot=iscsi:xxxxx@10.0.0.1::");
	masked("ks=https://host/p@th", "ks=https://host/p@th");
	masked("", "");
}

static void test_seeds(void **state)
{
	static const char base[] = "sys/firmware/devicetree/base/chosen/";
	struct ctx ctx = { 0 };
	struct tar_member m = { .path = arena_printf(&ctx.arena, "%srng-seed", base),
				.bytes = { (const uint8_t *)"1234", 4 } };

	(void)state;
	assert_false(capture_mask(&ctx, true, &m));
	assert_memory_equal(m.bytes.data, "1234", 4);
	assert_true(capture_mask(&ctx, false, &m));
	assert_memory_equal(m.bytes.data, "\0\0\0\0", 4);
	m = (struct tar_member){ .path = arena_printf(&ctx.arena, "%sbootargs", base),
				 .bytes = { (const uint8_t *)"a password=b", 13 } };
	assert_true(capture_mask(&ctx, false, &m));
	assert_string_equal((const char *)m.bytes.data, "a password=x");
	m = (struct tar_member){ .path = "sys/firmware/fdt",
				 .bytes = { (const uint8_t *)"damaged", 7 } };
	assert_true(capture_mask(&ctx, false, &m));
	assert_int_equal(m.bytes.size, 0);
	assert_int_equal(m.open_error, ENODATA);
	arena_free(&ctx.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),	  cmocka_unit_test(test_part),
		cmocka_unit_test(test_damage),	  cmocka_unit_test(test_members_refused),
		cmocka_unit_test(test_passwords), cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
