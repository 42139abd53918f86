/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads tar files into a sorted list of members, and makes the headers of new ones. */
#include "tar.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "number.h"
#include "range.h"

/* The header, one block.  Numbers are octal digits with a NUL or a blank after them. */
#define NAME 0
#define NAME_SIZE 100
#define MODE 100
#define UID 108
#define GID 116
#define SIZE 124
#define SIZE_SIZE 12
#define MTIME 136
#define CHECKSUM 148
#define CHECKSUM_SIZE 8
#define TYPE 156
#define MAGIC 257
#define PREFIX 345
#define PREFIX_SIZE 155

struct reader {
	struct ctx *ctx;
	const char *name;
	struct bytes file;
	size_t at; /* of the next header */
	size_t header; /* of the current one, for messages */
	struct tar *tar;
	/* from a pax header, for the next member */
	struct tar_member next;
	bool has_size;
	uint64_t size;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reader *r, const char *fmt, ...)
{
	char why[300];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	return err_set(&r->ctx->err, -ENOEXEC, "%s: tar header at 0x%zx: %s", r->name, r->header,
		       why);
}

static bool parse_octal(const uint8_t *text, size_t size, uint64_t *value)
{
	size_t i = 0;

	*value = 0;
	while (i < size && text[i] == ' ')
		i++;
	if (i == size || text[i] < '0' || text[i] > '7')
		return false;
	for (; i < size && text[i] >= '0' && text[i] <= '7'; i++)
		*value = *value << 3 | (text[i] - (unsigned int)'0');
	return i == size || !text[i] || text[i] == ' ';
}

static uint64_t checksum(const uint8_t *header)
{
	uint64_t sum = CHECKSUM_SIZE * ' ';

	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (i < CHECKSUM || i >= CHECKSUM + CHECKSUM_SIZE)
			sum += header[i];
	return sum;
}

const char *tar_path(struct arena *arena, const char *path)
{
	char *out = arena_strdup(arena, path), *to = out;

	while (*path) {
		size_t size = strcspn(path, "/");

		if (size == 2 && !memcmp(path, "..", 2))
			return NULL;
		if (size && !(size == 1 && *path == '.')) {
			if (to != out)
				*to++ = '/';
			memcpy(to, path, size);
			to += size;
		}
		path += size;
		path += *path == '/';
	}
	*to = '\0';
	return out;
}

static int check_path(struct reader *r, const char *path, const char **out)
{
	if (*path == '/')
		return refuse(r, "the path %.200s is absolute", path);
	*out = tar_path(&r->ctx->arena, path);
	return *out ? 0 : refuse(r, "the path %.200s contains \"..\"", path);
}

static int take_errno(struct reader *r, const char *key, const char *text, int *out)
{
	uint64_t value;

	if (!parse_number(text, 10, &value) || !value || value > 4095)
		return refuse(r, "%s=%.20s: expected an error number", key, text);
	*out = (int)value;
	return 0;
}

static int take_record(struct reader *r, const char *key, const char *value)
{
	if (!strcmp(key, "path"))
		return check_path(r, value, &r->next.path);
	if (!strcmp(key, "KEXEC.open"))
		return take_errno(r, key, value, &r->next.open_error);
	if (!strcmp(key, "KEXEC.read"))
		return take_errno(r, key, value, &r->next.read_error);
	if (!strcmp(key, "KEXEC.offset"))
		return parse_number(value, 10, &r->next.offset)
			       ? 0
			       : refuse(r, "%s=%.20s: expected a number", key, value);
	if (!strcmp(key, "size")) {
		r->has_size = true;
		return parse_number(value, 10, &r->size)
			       ? 0
			       : refuse(r, "%s=%.20s: expected a number", key, value);
	}
	if (!strncmp(key, "GNU.sparse.", 11))
		return refuse(r, "a file with holes");
	return 0; /* times and owners */
}

/* Records of the form "LENGTH KEY=VALUE\n", the length including itself. */
static int take_pax(struct reader *r, struct bytes bytes)
{
	while (bytes.size) {
		const char *text = (const char *)bytes.data, *blank, *equals;
		uint64_t length;
		char *key;
		int ret;

		blank = memchr(text, ' ', bytes.size < 12 ? bytes.size : 12);
		if (!blank ||
		    !parse_number(arena_strndup(&r->ctx->arena, text, (size_t)(blank - text)), 10,
				  &length) ||
		    length > bytes.size || length < (size_t)(blank - text) + 2 ||
		    text[length - 1] != '\n')
			return refuse(r, "a pax record with a wrong length");
		equals = memchr(blank, '=', (size_t)(text + length - blank));
		if (!equals || memchr(text, '\0', length))
			return refuse(r, "a pax record that is not of the form KEY=VALUE");
		key = arena_strndup(&r->ctx->arena, blank + 1, (size_t)(equals - blank - 1));
		ret = take_record(r, key,
				  arena_strndup(&r->ctx->arena, equals + 1,
						(size_t)(text + length - 1 - equals - 1)));
		if (ret)
			return ret;
		bytes = bytes_from(bytes, length);
	}
	return 0;
}

static int header_path(struct reader *r, const uint8_t *header, const char **out)
{
	struct arena *arena = &r->ctx->arena;
	const char *path = arena_strndup(arena, (const char *)header + NAME, NAME_SIZE);

	if (header[MAGIC + 5] == '\0' && header[PREFIX])
		path = arena_printf(arena, "%s/%s",
				    arena_strndup(arena, (const char *)header + PREFIX,
						  PREFIX_SIZE),
				    path);
	return check_path(r, path, out);
}

static int refuse_type(struct reader *r, uint8_t type, const char *path)
{
	static const char *const names[] = { "a hard link", "a symbolic link", "a device",
					     "a device",    "a directory",     "a FIFO" };

	if (type >= '1' && type <= '6')
		return refuse(r, "%.200s is %s: only files and directories are read", path,
			      names[type - '1']);
	refuse(r, "%.200s has the type 0x%02x, which is not of ustar or pax", path, type);
	return err_hint(&r->ctx->err, "Make the file with tar --format=pax.");
}

static int add_member(struct reader *r, const uint8_t *header, struct bytes content)
{
	struct tar_member *m = &r->next;
	uint8_t type = header[TYPE];
	int ret = m->path ? 0 : header_path(r, header, &m->path);

	if (ret)
		return ret;
	if (type != '0' && type && type != '5')
		return refuse_type(r, type, m->path);
	m->directory = type == '5';
	if (m->directory && content.size)
		return refuse(r, "%.200s is a directory with %zu bytes of contents", m->path,
			      content.size);
	if (!*m->path && !m->directory)
		return refuse(r, "a file without a name");
	m->bytes = content;
	if (*m->path) {
		r->tar->member = arena_grow(&r->ctx->arena, r->tar->member, r->tar->count,
					    sizeof(*m));
		r->tar->member[r->tar->count++] = *m;
	}
	*m = (struct tar_member){ 0 };
	return 0;
}

static int read_header(struct reader *r, const uint8_t *header)
{
	uint64_t sum, size, padded;
	struct bytes content;
	int ret;

	if (memcmp(header + MAGIC, "ustar\0", 6) && memcmp(header + MAGIC, "ustar  ", 7)) {
		refuse(r, "expected \"ustar\" at offset 257");
		return err_hint(&r->ctx->err, "A compressed file has to be unpacked first.");
	}
	if (!parse_octal(header + CHECKSUM, CHECKSUM_SIZE, &sum) || sum != checksum(header))
		return refuse(r, "wrong checksum: the file is damaged");
	if (!parse_octal(header + SIZE, SIZE_SIZE, &size))
		return refuse(r, "the size is not an octal number");
	if (r->has_size && header[TYPE] != 'x' && header[TYPE] != 'g') {
		size = r->size;
		r->has_size = false;
	}
	if (!align_up(size, TAR_BLOCK, &padded) || padded > r->file.size - r->at)
		return refuse(r, "%" PRIu64 " bytes of contents, but only %zu follow: cut off",
			      size, r->file.size - r->at);
	content = (struct bytes){ r->file.data + r->at, (size_t)size };
	r->at += (size_t)padded;
	if (header[TYPE] == 'g')
		return 0; /* such as the commit that git-archive(1) names */
	ret = header[TYPE] == 'x' ? take_pax(r, content) : add_member(r, header, content);
	return ret;
}

static int compare_members(const void *a, const void *b)
{
	return strcmp(((const struct tar_member *)a)->path, ((const struct tar_member *)b)->path);
}

void tar_sort(struct tar *tar)
{
	if (tar->count)
		qsort(tar->member, tar->count, sizeof(*tar->member), compare_members);
}

/* Index of the first member whose path is not before the text. */
static size_t lower_bound(const struct tar *tar, const char *text)
{
	size_t low = 0, high = tar->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(tar->member[middle].path, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool begins_at(const struct tar *tar, size_t at, const char *start)
{
	return at < tar->count && !strncmp(tar->member[at].path, start, strlen(start));
}

static int check_tree(struct reader *r)
{
	const struct tar *tar = r->tar;

	for (size_t i = 0; i < tar->count; i++) {
		const char *path = tar->member[i].path;
		const char *inside = arena_printf(&r->ctx->arena, "%s/", path);

		if (i && !strcmp(path, tar->member[i - 1].path))
			return err_set(&r->ctx->err, -ENOEXEC, "%s: contains %.200s twice", r->name,
				       path);
		if (!tar->member[i].directory && begins_at(tar, lower_bound(tar, inside), inside))
			return err_set(&r->ctx->err, -ENOEXEC,
				       "%s: %.200s is a file, and other members lie below it",
				       r->name, path);
	}
	return 0;
}

int tar_read(struct ctx *ctx, const char *name, struct bytes bytes, struct tar *tar)
{
	static const uint8_t zeros[TAR_BLOCK];
	struct reader r = { .ctx = ctx, .name = name, .file = bytes, .tar = tar };
	int ret = 0;

	*tar = (struct tar){ 0 };
	while (!ret) {
		const uint8_t *header = bytes.data + r.at;

		r.header = r.at;
		if (bytes.size - r.at < TAR_BLOCK)
			return refuse(&r, "the end of the archive is missing: cut off");
		if (!memcmp(header, zeros, TAR_BLOCK))
			break;
		r.at += TAR_BLOCK;
		ret = read_header(&r, header);
	}
	if (ret)
		return ret;
	tar_sort(tar);
	return check_tree(&r);
}

const struct tar_member *tar_find(struct ctx *ctx, const struct tar *tar, const char *path)
{
	static const struct tar_member directory = { .directory = true };
	size_t at = lower_bound(tar, path);
	const char *inside;

	if (!*path)
		return &directory;
	if (at < tar->count && !strcmp(tar->member[at].path, path))
		return &tar->member[at];
	inside = arena_printf(&ctx->arena, "%s/", path);
	return begins_at(tar, lower_bound(tar, inside), inside) ? &directory : NULL;
}

bool tar_next(struct ctx *ctx, const struct tar *tar, const char *directory, size_t *at,
	      const char **name)
{
	const char *inside = *directory ? arena_printf(&ctx->arena, "%s/", directory) : "";
	size_t skip = strlen(inside);

	if (!*at)
		*at = lower_bound(tar, inside);
	while (begins_at(tar, *at, inside)) {
		const char *path = tar->member[*at].path;
		size_t size = skip + strcspn(path + skip, "/");
		const char *child = arena_strndup(&ctx->arena, path, size);

		*name = child + skip;
		++*at;
		if (!path[size])
			return true;
		/* After all members below the child: "0" is the character after "/". */
		*at = lower_bound(tar, arena_printf(&ctx->arena, "%s0", child));
		/* A member of its own comes before them, maybe with "child-" between them. */
		if (!tar_find(ctx, tar, child)->path)
			return true;
	}
	return false;
}

static void put_octal(uint8_t *to, size_t size, uint64_t value)
{
	for (size_t i = size - 1; i-- > 0; value >>= 3)
		to[i] = (uint8_t)('0' + (value & 7));
}

static void fill_header(uint8_t *header, const char *path, char type, uint64_t size)
{
	memcpy(header + NAME, path, strnlen(path, NAME_SIZE));
	put_octal(header + MODE, 8, type == '5' ? 0755 : 0644);
	put_octal(header + UID, 8, 0);
	put_octal(header + GID, 8, 0);
	put_octal(header + SIZE, SIZE_SIZE, size);
	put_octal(header + MTIME, 12, 0);
	header[TYPE] = (uint8_t)type;
	memcpy(header + MAGIC, "ustar", 6);
	memcpy(header + MAGIC + 6, "00", 2);
	put_octal(header + CHECKSUM, 7, checksum(header));
	header[CHECKSUM + 7] = ' ';
}

static const char *pax_record(struct arena *arena, const char *records, const char *key,
			      const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, size = rest + 1;

	/* The length counts its own digits. */
	while (size != rest + (size_t)snprintf(NULL, 0, "%zu", size))
		size = rest + (size_t)snprintf(NULL, 0, "%zu", size);
	return arena_printf(arena, "%s%zu %s=%s\n", records, size, key, value);
}

static const char *pax_number(struct arena *arena, const char *records, const char *key,
			      uint64_t value)
{
	return value ? pax_record(arena, records, key, arena_printf(arena, "%" PRIu64, value))
		     : records;
}

static size_t padding(uint64_t size)
{
	return (size_t)(-size % TAR_BLOCK);
}

size_t tar_padding(const struct tar_member *member)
{
	return padding(member->bytes.size);
}

struct bytes tar_member_header(struct ctx *ctx, const struct tar_member *member)
{
	struct arena *arena = &ctx->arena;
	const char *records = "";
	size_t size = 0;
	uint8_t *out;

	if (strlen(member->path) > NAME_SIZE)
		records = pax_record(arena, records, "path", member->path);
	records = pax_number(arena, records, "KEXEC.open", (uint64_t)member->open_error);
	records = pax_number(arena, records, "KEXEC.read", (uint64_t)member->read_error);
	records = pax_number(arena, records, "KEXEC.offset", member->offset);
	if (*records)
		size = TAR_BLOCK + strlen(records) + padding(strlen(records));
	out = arena_alloc(arena, size + TAR_BLOCK);
	if (*records) {
		fill_header(out, "pax_header", 'x', strlen(records));
		memcpy(out + TAR_BLOCK, records, strlen(records));
	}
	fill_header(out + size, member->path, member->directory ? '5' : '0', member->bytes.size);
	return (struct bytes){ out, size + TAR_BLOCK };
}
