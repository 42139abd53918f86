/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies the boot loader's device tree and adds properties to /chosen (Devicetree Specification,
 * chapter 5).  A property before another one of the same name is the one that counts.
 */
#include "bake.h"

#include "purgatory.h"

#define MAGIC 0xd00dfeed
#define HEADER_SIZE 40
#define RESERVATION_SIZE 16
#define VERSION 17

enum header_word {
	WORD_MAGIC,
	WORD_TOTAL_SIZE,
	WORD_STRUCT,
	WORD_STRINGS,
	WORD_RESERVATIONS,
	WORD_VERSION,
	WORD_COMPATIBLE,
	WORD_CPU,
	WORD_STRINGS_SIZE,
	WORD_STRUCT_SIZE,
};

enum token { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4, END = 9 };

static const char names[] = "bootargs\0linux,initrd-start\0linux,initrd-end";
#define NAME_BOOTARGS 0
#define NAME_START 9
#define NAME_END 28

struct writer {
	uint8_t *start;
	size_t size, room; /* size may be larger than room: then bytes are missing */
};

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 24);
	p[1] = (uint8_t)(value >> 16);
	p[2] = (uint8_t)(value >> 8);
	p[3] = (uint8_t)value;
}

static size_t align4(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/* Zeros follow up to a multiple of 4. */
static void write(struct writer *w, const void *data, size_t size)
{
	size_t all = align4(size);

	if (w->size <= w->room && all <= w->room - w->size) {
		memcpy(w->start + w->size, data, size);
		memset(w->start + w->size + size, 0, all - size);
		w->size += all;
	} else {
		w->size = SIZE_MAX;
	}
}

static void write32(struct writer *w, uint32_t value)
{
	uint8_t bytes[4];

	put32(bytes, value);
	write(w, bytes, 4);
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static void write_property(struct writer *w, uint32_t name, const void *data, size_t size)
{
	write32(w, PROPERTY);
	write32(w, (uint32_t)size);
	write32(w, name);
	write(w, data, size);
}

static void write_address(struct writer *w, uint32_t name, uint64_t address)
{
	uint8_t bytes[8];

	put32(bytes, (uint32_t)(address >> 32));
	put32(bytes + 4, (uint32_t)address);
	write_property(w, name, bytes, 8);
}

static void write_chosen(struct writer *w, const struct bake_chosen *chosen, uint32_t first_name)
{
	if (chosen->bootargs)
		write_property(w, first_name + NAME_BOOTARGS, chosen->bootargs,
			       length(chosen->bootargs) + 1);
	if (chosen->initrd_start == chosen->initrd_end)
		return;
	write_address(w, first_name + NAME_START, chosen->initrd_start);
	write_address(w, first_name + NAME_END, chosen->initrd_end);
}

/* Size of the token at p with its contents; 0: it does not end before p + left. */
static size_t token_size(const uint8_t *p, size_t left)
{
	size_t size = 4;

	switch (get32(p)) {
	case BEGIN_NODE:
		while (size < left && p[size])
			size++;
		return size < left ? align4(size + 1) : 0;
	case PROPERTY:
		if (left < 12 || get32(p + 4) > left - 12)
			return 0;
		return align4(12 + (size_t)get32(p + 4));
	default: return 4;
	}
}

/* With or without a unit address: Linux takes the first one. */
static bool is_chosen(const uint8_t *name, size_t left)
{
	static const char chosen[] = "chosen";
	size_t i = 0;

	while (i < left && chosen[i] && name[i] == (uint8_t)chosen[i])
		i++;
	return i < left && !chosen[i] && (!name[i] || name[i] == '@');
}

/* p: a multiple of 4 bytes, the structure block.  Copies it up to its end token. */
static const char *copy_structure(const uint8_t *p, size_t left, const struct bake_chosen *chosen,
				  uint32_t first_name, struct writer *w)
{
	unsigned int depth = 0;
	bool done = false;
	size_t size;

	for (; left >= 4; p += size, left -= size) {
		uint32_t token = get32(p);

		size = token_size(p, left);
		if (!size || size > left)
			return "a node or property does not end inside the device tree";
		if (token == END_NODE && depth == 1 && !done) {
			write32(w, BEGIN_NODE);
			write(w, "chosen", 7);
			write_chosen(w, chosen, first_name);
			write32(w, END_NODE);
			done = true;
		}
		write(w, p, size);
		switch (token) {
		case BEGIN_NODE:
			if (++depth == 2 && !done && is_chosen(p + 4, size - 4)) {
				write_chosen(w, chosen, first_name);
				done = true;
			}
			break;
		case END_NODE:
			if (!depth--)
				return "a node of the device tree ends before it begins";
			break;
		case PROPERTY:
			if (!depth)
				return "a property of the device tree is outside all nodes";
			break;
		case NOP: break;
		case END:
			if (depth)
				return "a node of the device tree does not end";
			return done ? NULL : "the device tree has no root node";
		default: return "the device tree contains an unknown token";
		}
	}
	return "the device tree has no end";
}

static bool block_inside(uint32_t offset, uint32_t size, uint32_t total)
{
	return offset >= HEADER_SIZE && offset <= total && size <= total - offset;
}

size_t bake_tree_size(const void *from, size_t most)
{
	uint32_t size = (uintptr_t)from % 4 ? 0 : get32((const uint8_t *)from + 4);

	return size < most ? size : most;
}

const char *bake_tree(const void *from, const struct bake_chosen *chosen, void *to, size_t room,
		      size_t *size)
{
	struct writer w = { to, HEADER_SIZE, room };
	const uint8_t *tree = from, *p;
	uint32_t word[10], struct_at, strings_at, at;
	const char *error;
	size_t i;

	if (!tree || (uintptr_t)tree % 4)
		return "the boot loader passed no device tree";
	for (i = 0; i < 10; i++)
		word[i] = get32(tree + 4 * i);
	if (word[WORD_MAGIC] != MAGIC)
		return "the boot loader's device tree has a wrong magic number";
	if (word[WORD_VERSION] < VERSION || word[WORD_COMPATIBLE] > VERSION)
		return "the device tree has an unknown version";
	if (!block_inside(word[WORD_STRUCT], word[WORD_STRUCT_SIZE], word[WORD_TOTAL_SIZE]) ||
	    !block_inside(word[WORD_STRINGS], word[WORD_STRINGS_SIZE], word[WORD_TOTAL_SIZE]) ||
	    !block_inside(word[WORD_RESERVATIONS], RESERVATION_SIZE, word[WORD_TOTAL_SIZE]) ||
	    word[WORD_STRUCT] % 4 || room < HEADER_SIZE)
		return "a block of the device tree is outside the tree";

	for (at = word[WORD_RESERVATIONS];; at += RESERVATION_SIZE) {
		if (!block_inside(at, RESERVATION_SIZE, word[WORD_TOTAL_SIZE]))
			return "the device tree's memory reservations have no end";
		p = tree + at;
		write(&w, p, RESERVATION_SIZE);
		for (i = 8; i < RESERVATION_SIZE && !p[i]; i++)
			;
		if (i == RESERVATION_SIZE) /* a size of 0 */
			break;
	}
	struct_at = (uint32_t)w.size;
	error = copy_structure(tree + word[WORD_STRUCT], word[WORD_STRUCT_SIZE], chosen,
			       word[WORD_STRINGS_SIZE], &w);
	if (error)
		return error;
	strings_at = (uint32_t)w.size;
	if (w.size > room || word[WORD_STRINGS_SIZE] > room - w.size ||
	    sizeof(names) > room - w.size - word[WORD_STRINGS_SIZE])
		return "the device tree is larger than the room for it";
	memcpy(w.start + w.size, tree + word[WORD_STRINGS], word[WORD_STRINGS_SIZE]);
	w.size += word[WORD_STRINGS_SIZE];
	memcpy(w.start + w.size, names, sizeof(names));
	w.size += sizeof(names);

	word[WORD_TOTAL_SIZE] = (uint32_t)w.size;
	word[WORD_STRUCT] = struct_at;
	word[WORD_STRUCT_SIZE] = strings_at - struct_at;
	word[WORD_STRINGS] = strings_at;
	word[WORD_STRINGS_SIZE] += (uint32_t)sizeof(names);
	word[WORD_RESERVATIONS] = HEADER_SIZE;
	for (i = 0; i < 10; i++)
		put32(w.start + 4 * i, word[i]);
	*size = w.size;
	return NULL;
}

#ifdef BAKE_PSCI

/* Is text, with its NUL, at the start of the left bytes at p? */
static bool starts_with(const uint8_t *p, size_t left, const char *text)
{
	size_t i = 0;

	while (i < left && p[i] == (uint8_t)text[i])
		if (!text[i++])
			return true;
	return false;
}

/* p: a property.  Does its list of strings contain text? */
static bool lists(const uint8_t *p, const char *text)
{
	size_t size = get32(p + 4), at = 0;

	while (at < size && !starts_with(p + 12 + at, size - at, text))
		while (at < size && p[12 + at++])
			;
	return at < size;
}

unsigned int bake_tree_psci(const void *tree)
{
	const uint8_t *header = tree, *strings = header + get32(header + 4 * WORD_STRINGS);
	const uint8_t *p = header + get32(header + 4 * WORD_STRUCT);
	size_t strings_size = get32(header + 4 * WORD_STRINGS_SIZE);
	size_t left = get32(header + 4 * WORD_STRUCT_SIZE), size;
	unsigned int call = PURGATORY_PSCI_NONE;
	bool is_psci = false;

	for (; left >= 4; p += size, left -= size) {
		uint32_t token = get32(p), name;

		size = token_size(p, left);
		if (!size || size > left)
			break;
		if (token == NOP)
			continue;
		if (token != PROPERTY) { /* of a node, properties come first */
			if (is_psci && call != PURGATORY_PSCI_NONE)
				return call;
			is_psci = false;
			call = PURGATORY_PSCI_NONE;
			continue;
		}
		name = get32(p + 8);
		if (name >= strings_size)
			continue;
		if (starts_with(strings + name, strings_size - name, "compatible"))
			is_psci = lists(p, "arm,psci-0.2") || lists(p, "arm,psci-1.0");
		else if (starts_with(strings + name, strings_size - name, "method"))
			call = lists(p, "hvc")	 ? PURGATORY_PSCI_HVC
			       : lists(p, "smc") ? PURGATORY_PSCI_SMC
						 : PURGATORY_PSCI_NONE;
	}
	return PURGATORY_PSCI_NONE;
}

#endif
