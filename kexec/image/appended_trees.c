/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device trees after a kernel (Devicetree Specification, chapter 5.2: the header). */
#include "appended_trees.h"

#define MAGIC 0xd00dfeedu
#define TOTALSIZE 4
#define HEADER_SIZE 40
#define LARGEST_TREE (2u << 20)

static bool is_tree(struct bytes bytes, size_t start, size_t end)
{
	return get_be32(bytes.data + start) == MAGIC &&
	       get_be32(bytes.data + start + TOTALSIZE) == end - start;
}

/* Returns the start of the tree that ends at end; end: no tree ends there. */
static size_t tree_before(struct bytes bytes, size_t end)
{
	size_t lowest = end > LARGEST_TREE ? end - LARGEST_TREE : 0;
	size_t limit = end < HEADER_SIZE ? 0 : end - HEADER_SIZE + 1;

	while (limit > lowest) {
		const uint8_t *found = memrchr(bytes.data + lowest, MAGIC >> 24, limit - lowest);

		if (!found)
			break;
		limit = (size_t)(found - bytes.data);
		if (is_tree(bytes, limit, end))
			return limit;
	}
	return end;
}

struct bytes appended_trees(struct bytes bytes, size_t *count)
{
	size_t start = bytes.size, before = tree_before(bytes, start);

	for (*count = 0; before < start && before; before = tree_before(bytes, start)) {
		start = before;
		++*count;
	}
	return bytes_from(bytes, start);
}
