/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flat_tree.h"

#ifdef HAVE_LIBFDT

#include <libfdt.h>

#define TOKEN 4 /* bytes; tokens lie at multiples of it */

/* Size of the token at the start of the view, with its name or value; 0: invalid. */
static uint64_t token_size(struct bytes rest)
{
	const uint8_t *end;

	if (rest.size < TOKEN)
		return 0;
	switch (get_be32(rest.data)) {
	case FDT_NOP:
	case FDT_END_NODE:
	case FDT_END: return TOKEN;
	case FDT_BEGIN_NODE:
		end = memchr(rest.data + TOKEN, 0, rest.size - TOKEN);
		return end ? (uint64_t)(end + 1 - rest.data) : 0;
	case FDT_PROP:
		if (rest.size < sizeof(struct fdt_property) ||
		    !bytes_has(rest, sizeof(struct fdt_property), get_be32(rest.data + TOKEN)))
			return 0;
		return sizeof(struct fdt_property) + get_be32(rest.data + TOKEN);
	default: return 0;
	}
}

/* Offset of the first invalid token; 0: all tokens up to FDT_END are valid. */
static size_t first_damaged(struct bytes blob, uint64_t at)
{
	uint64_t size;

	for (;; at += (size + TOKEN - 1) / TOKEN * TOKEN) {
		size = at < blob.size ? token_size(bytes_from(blob, at)) : 0;
		if (!size)
			return (size_t)at;
		if (get_be32(blob.data + at) == FDT_END)
			return 0;
	}
}

int flat_tree_check(struct bytes blob, size_t *damaged_at)
{
	int ret;

	*damaged_at = 0;
	if (blob.size < sizeof(struct fdt_header))
		return -FDT_ERR_TRUNCATED;
	ret = fdt_check_header(blob.data);
	if (!ret)
		*damaged_at = first_damaged(blob, fdt_off_dt_struct(blob.data));
	if (*damaged_at)
		return -FDT_ERR_BADSTRUCTURE;
	return ret ? ret : fdt_check_full(blob.data, blob.size);
}

#endif
