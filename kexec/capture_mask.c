/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets in what a capture contains: random seeds in device trees, passwords on command lines,
 * addresses of the process.  kexec.8 documents the rules.
 */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "capture.h"
#ifdef HAVE_LIBFDT
#include <libfdt.h>

#include "devicetree/devicetree.h"
#endif

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

static bool is_secret_name(struct arena *arena, const char *name, size_t size)
{
	static const char *const parts[] = { "pass", "pwd",	   "secret", "token",
					     "psk",  "credential", "auth" };
	char *lower = arena_strndup(arena, name, size);

	for (char *c = lower; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(lower, parts[i]))
			return true;
	return ends_with(lower, "key");
}

/* Quotation marks stay, so that the words stay the same.  Returns whether anything changed. */
static bool cross_out(char *text, size_t size)
{
	bool changed = false;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"' || text[i] == 'x')
			continue;
		text[i] = 'x';
		changed = true;
	}
	return changed;
}

/* The user and the password in "...START user:password@host...". */
static bool mask_login(char *value, size_t size, const char *start)
{
	char *at = memmem(value, size, start, strlen(start)), *end = value + size, *login, *stop;

	if (!at)
		return false;
	login = at + strlen(start);
	stop = memchr(login, '/', (size_t)(end - login));
	at = memrchr(login, '@', (size_t)((stop ? stop : end) - login));
	return at && cross_out(login, (size_t)(at - login));
}

static bool mask_word(struct arena *arena, char *word, size_t size)
{
	char *value = memchr(word, '=', size);
	bool masked;

	if (!value)
		return mask_login(word, size, "://");
	value++;
	size -= (size_t)(value - word);
	if (is_secret_name(arena, word, (size_t)(value - word) - 1))
		return cross_out(value, size);
	masked = mask_login(value, size, "://");
	return mask_login(value, size, "iscsi:") || masked;
}

/* Words end at white space that is not between quotation marks, and at bytes that are no text. */
bool capture_mask_line(struct arena *arena, char *text, size_t size)
{
	size_t start = 0;
	bool quoted = false, masked = false;

	for (size_t i = 0; i <= size; i++) {
		unsigned char c = i < size ? (unsigned char)text[i] : '\0';

		if (c == '"')
			quoted = !quoted;
		if (c > ' ' || (c == ' ' && quoted))
			continue;
		masked |= mask_word(arena, text + start, i - start);
		start = i + 1;
		quoted = false;
	}
	return masked;
}

static bool is_seed(const char *name)
{
	return !strcmp(name, "rng-seed") || !strcmp(name, "kaslr-seed");
}

static bool clear(void *data, size_t size)
{
	uint8_t *byte = data;
	bool changed = false;

	for (size_t i = 0; i < size; i++) {
		changed |= byte[i] != 0;
		byte[i] = 0;
	}
	return changed;
}

static bool mask_property(struct arena *arena, const char *name, void *value, size_t size)
{
	if (is_seed(name))
		return clear(value, size);
	return !strcmp(name, "bootargs") && capture_mask_line(arena, value, size);
}

static bool leave_out(struct tar_member *member)
{
	member->bytes.size = 0;
	member->open_error = ENODATA;
	return true;
}

#ifdef HAVE_LIBFDT

static bool mask_tree(struct ctx *ctx, struct tar_member *member)
{
	struct devicetree tree;
	bool masked = false;
	int prop, node = 0;
	uint8_t *blob;

	if (devicetree_check(ctx, member->path, member->bytes, &tree)) {
		err_clear(&ctx->err);
		return leave_out(member);
	}
	blob = arena_alloc(&ctx->arena, tree.blob.size);
	memcpy(blob, tree.blob.data, tree.blob.size);
	for (; node >= 0; node = fdt_next_node(blob, node, NULL)) {
		fdt_for_each_property_offset(prop, blob, node)
		{
			const char *name;
			int size;
			const void *value = fdt_getprop_by_offset(blob, prop, &name, &size);

			if (value)
				masked |= mask_property(&ctx->arena, name,
							blob + ((const uint8_t *)value - blob),
							(size_t)size);
		}
	}
	member->bytes = (struct bytes){ blob, tree.blob.size };
	return masked;
}

#else

static bool mask_tree(struct ctx *ctx, struct tar_member *member)
{
	(void)ctx;
	return leave_out(member);
}

#endif

/* All but the page size are addresses and random bytes of this process. */
static bool mask_auxv(uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 16 <= size; at += 16)
		if (get_le64(data + at) != AT_PAGESZ)
			clear(data + at, 16);
	return false;
}

bool capture_mask(struct ctx *ctx, bool secrets, struct tar_member *member)
{
	const char *path = member->path, *name = strrchr(path, '/');
	size_t size = member->bytes.size;
	uint8_t *copy;

	if (!size || (secrets && strcmp(path, "proc/self/auxv")))
		return false;
	if (!strcmp(path, "sys/firmware/fdt"))
		return mask_tree(ctx, member);
	copy = arena_alloc(&ctx->arena, size);
	memcpy(copy, member->bytes.data, size);
	member->bytes.data = copy;
	if (!strcmp(path, "proc/cmdline") || !strcmp(path, "proc/atags"))
		return capture_mask_line(&ctx->arena, (char *)copy, size);
	if (!strcmp(path, "proc/self/auxv"))
		return mask_auxv(copy, size);
	if (strncmp(path, "proc/device-tree/", 17) && strncmp(path, "sys/firmware/devicetree/", 24))
		return false;
	return mask_property(&ctx->arena, name + 1, copy, size);
}
