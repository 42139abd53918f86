/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct bytes is a view of memory that it does not own.  The functions read and
 * write numbers of a given byte order.  Every parser of files uses them.
 */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "array.h"

struct bytes {
	const uint8_t *data;
	size_t size;
};

/* Is [offset, offset + size) inside the view?  Never overflows. */
static inline bool bytes_has(struct bytes b, uint64_t offset, uint64_t size)
{
	return offset <= b.size && size <= b.size - offset;
}

/* The view of [offset, offset + size); the caller has checked bytes_has(). */
static inline struct bytes bytes_sub(struct bytes b, uint64_t offset, uint64_t size)
{
	return (struct bytes){ b.data + offset, (size_t)size };
}

static inline struct bytes bytes_from(struct bytes b, uint64_t offset)
{
	return bytes_sub(b, offset, b.size - offset);
}

/* Does the view contain these bytes at offset? */
static inline bool bytes_match(struct bytes b, uint64_t offset, const void *magic, size_t size)
{
	return bytes_has(b, offset, size) && !memcmp(b.data + offset, magic, size);
}

static inline uint16_t get_le16(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t get_le32(const void *p)
{
	return get_le16(p) | (uint32_t)get_le16((const uint8_t *)p + 2) << 16;
}

static inline uint64_t get_le64(const void *p)
{
	return get_le32(p) | (uint64_t)get_le32((const uint8_t *)p + 4) << 32;
}

static inline uint16_t get_be16(const void *p)
{
	return __builtin_bswap16(get_le16(p));
}

static inline uint32_t get_be32(const void *p)
{
	return __builtin_bswap32(get_le32(p));
}

static inline uint64_t get_be64(const void *p)
{
	return __builtin_bswap64(get_le64(p));
}

/*
 * Largest count of cells of a number in a device tree.  A cell has 32 bits.  An address on
 * some buses, such as PCI, has more cells and is not a number.
 */
#define MAX_CELLS 2

/* Reads a number of 1 to MAX_CELLS cells. */
static inline uint64_t get_cells(const void *p, uint64_t cells)
{
	return cells == 1 ? get_be32(p) : get_be64(p);
}

/* Reads a number of 1 to MAX_CELLS cells at *p and moves *p past the number. */
static inline uint64_t take_cells(const uint8_t **p, unsigned int cells)
{
	uint64_t value = get_cells(*p, cells);

	*p += cells * sizeof(uint32_t);
	return value;
}

static inline void put_le16(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

static inline void put_le32(void *p, uint32_t v)
{
	put_le16(p, (uint16_t)v);
	put_le16((uint8_t *)p + 2, (uint16_t)(v >> 16));
}

static inline void put_le64(void *p, uint64_t v)
{
	put_le32(p, (uint32_t)v);
	put_le32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}

/* Byte order that is known only at run time, of ELF files and purgatory parameters. */
enum byte_order { ORDER_LE, ORDER_BE };

static inline uint16_t get_u16(enum byte_order order, const void *p)
{
	return order == ORDER_LE ? get_le16(p) : get_be16(p);
}

static inline uint32_t get_u32(enum byte_order order, const void *p)
{
	return order == ORDER_LE ? get_le32(p) : get_be32(p);
}

static inline uint64_t get_u64(enum byte_order order, const void *p)
{
	return order == ORDER_LE ? get_le64(p) : get_be64(p);
}

static inline void put_u16(enum byte_order order, void *p, uint16_t v)
{
	put_le16(p, order == ORDER_LE ? v : __builtin_bswap16(v));
}

static inline void put_u32(enum byte_order order, void *p, uint32_t v)
{
	put_le32(p, order == ORDER_LE ? v : __builtin_bswap32(v));
}

static inline void put_u64(enum byte_order order, void *p, uint64_t v)
{
	put_le64(p, order == ORDER_LE ? v : __builtin_bswap64(v));
}

#endif
