/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tag list, older than device trees (Linux: arch/arm/include/uapi/asm/setup.h). */
#include "arm.h"

#include <errno.h>
#include <inttypes.h>

#define ATAG_NONE 0
#define ATAG_CORE 0x54410001u
#define ATAG_MEM 0x54410002u
#define ATAG_INITRD 0x54410005u
#define ATAG_INITRD2 0x54420005u
#define ATAG_CMDLINE 0x54410009u

#define LIST_MAX 0x3000 /* the kernel's page tables follow */
#define WORD 4u
#define HEADER (2 * WORD) /* size in words, tag */

struct list {
	uint8_t *data;
	size_t used;
	bool full;
};

/* size: bytes of data after the header, padded with zeros to whole words. */
static uint8_t *add(struct list *list, uint32_t tag, size_t size)
{
	size_t whole = HEADER + (size + WORD - 1) / WORD * WORD;
	uint8_t *at = list->data + list->used;

	/* The tag that ends the list is a header. */
	if (size > LIST_MAX || list->used + whole + HEADER > LIST_MAX) {
		list->full = true;
		return NULL;
	}
	put_le32(at, (uint32_t)(whole / WORD));
	put_le32(at + WORD, tag);
	list->used += whole;
	return at + HEADER;
}

static void add_bytes(struct list *list, uint32_t tag, const void *bytes, size_t size)
{
	uint8_t *data = add(list, tag, size);

	if (data)
		memcpy(data, bytes, size);
}

static void add_range(struct list *list, uint32_t tag, uint64_t first, uint64_t second)
{
	uint8_t pair[2 * WORD];

	put_le32(pair, (uint32_t)first);
	put_le32(pair + WORD, (uint32_t)second);
	add_bytes(list, tag, pair, sizeof(pair));
}

static bool is_replaced(uint32_t tag)
{
	return tag == ATAG_INITRD || tag == ATAG_INITRD2 || tag == ATAG_CMDLINE;
}

static int copy_running(struct ctx *ctx, const char *name, struct bytes bytes, struct list *list)
{
	uint64_t at = 0;

	while (bytes_has(bytes, at, HEADER)) {
		uint32_t words = get_le32(bytes.data + at), tag = get_le32(bytes.data + at + WORD);
		uint64_t size = (uint64_t)words * WORD;

		if (!at && tag != ATAG_CORE)
			break;
		if (tag == ATAG_NONE)
			return 0;
		if (size < HEADER || !bytes_has(bytes, at, size))
			break;
		if (!is_replaced(tag))
			add_bytes(list, tag, bytes.data + at + HEADER, (size_t)size - HEADER);
		at += size;
	}
	return err_set(&ctx->err, -EINVAL, "%s: not a list of tags: damaged at %" PRIu64, name, at);
}

/* Adds the tags that every boot loader must pass. */
static void describe_machine(const struct machine *machine, struct list *list)
{
	add(list, ATAG_CORE, 0);
	for (size_t i = 0; i < machine->map.count; i++) {
		struct range r = machine->map.entry[i].range;

		if (machine->map.entry[i].type == MEMORY_RAM && r.end <= 1ull << 32)
			add_range(list, ATAG_MEM, range_size(r), r.start);
	}
}

int arm_atags(struct ctx *ctx, const struct load *load, const char *cmdline, struct range initrd,
	      struct bytes *out)
{
	const struct machine_arm *machine = load->machine.arch;
	struct list list = { .data = arena_alloc(&ctx->arena, LIST_MAX) };
	int ret = 0;

	if (machine->atags.size)
		ret = copy_running(ctx, machine->atags_name, machine->atags, &list);
	else
		describe_machine(&load->machine, &list);
	if (ret)
		return ret;
	if (!range_empty(initrd))
		add_range(&list, ATAG_INITRD2, initrd.start, range_size(initrd));
	if (*cmdline)
		add_bytes(&list, ATAG_CMDLINE, cmdline, strlen(cmdline) + 1);
	if (list.full)
		return err_set(&ctx->err, -E2BIG,
			       "the tag list is longer than its place of %d bytes", LIST_MAX);
	/* Zeros end the list.  The arena's memory is zero. */
	*out = (struct bytes){ list.data, list.used + HEADER };
	return 0;
}
