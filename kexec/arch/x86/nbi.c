/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header and the records of a tagged image (Draft Net Boot Image Proposal 0.3). */
#include "nbi.h"

#include <errno.h>
#include <inttypes.h>

#define WORD 4u /* bytes; lengths are in words */
#define RECORD_SIZE 16u

#define FLAGS 4
#define LOCATION 8 /* u16 bx, u16 ds */
#define ENTRY 12 /* u16 ip, u16 cs; or u32 */
#define FLAG_RETURNS 0x100u
#define FLAG_32BIT 0x80000000u
#define FLAGS_RESERVED 0x7ffffe00u

#define RECORD_FLAGS 3 /* u8 */
#define RECORD_LOAD 4
#define RECORD_IMAGE 8
#define RECORD_MEMORY 12
#define RECORD_MODE 0x3
#define RECORD_LAST 0x4
#define RECORD_RESERVED 0xf8

enum mode { ABSOLUTE, AFTER_PREVIOUS, BEFORE_END_OF_MEMORY, BEFORE_PREVIOUS };

static const uint8_t magic[] = { 0x36, 0x13, 0x03, 0x1b };

bool nbi_probe(struct bytes bytes)
{
	return bytes.size >= NBI_HEADER_SIZE && bytes_match(bytes, 0, magic, sizeof(magic));
}

/* Length of a header or record, with the vendor's words after its own words, which must be 4. */
static int length(struct bytes file, uint32_t at, uint32_t *out, struct err *err)
{
	uint8_t byte = file.data[at];

	*out = RECORD_SIZE + ((uint32_t)byte >> 4) * WORD;
	if ((byte & 0xf) * WORD == RECORD_SIZE)
		return 0;
	return err_set(err, -ENOEXEC,
		       "this NBI's byte 0x%" PRIx32 " gives its header or a record %u words, 4 are "
		       "expected",
		       at, byte & 0xfu);
}

static uint32_t linear(uint16_t offset, uint16_t segment)
{
	return ((uint32_t)segment << 4) + offset;
}

static int read_header(struct bytes file, struct nbi *out, uint32_t *size, struct err *err)
{
	uint32_t flags = get_le32(file.data + FLAGS), at;
	int ret = length(file, FLAGS, size, err);

	if (ret)
		return ret;
	if (flags & FLAG_RETURNS)
		return err_set(err, -ENOTSUP,
			       "this NBI returns to its loader (flags 0x%" PRIx32
			       ", bit 8), which does not exist after a kexec",
			       flags);
	if (flags & FLAGS_RESERVED)
		return err_set(err, -ENOTSUP,
			       "this NBI's flags 0x%" PRIx32 " contain unknown bits: bits 9 to 30 "
			       "must be 0",
			       flags);
	out->is_32bit = flags & FLAG_32BIT;
	out->bx = get_le16(file.data + LOCATION);
	out->ds = get_le16(file.data + LOCATION + 2);
	out->ip = get_le16(file.data + ENTRY);
	out->cs = get_le16(file.data + ENTRY + 2);
	out->entry = out->is_32bit ? get_le32(file.data + ENTRY) : linear(out->ip, out->cs);
	at = linear(out->bx, out->ds);
	out->part[out->parts++] = (struct nbi_part){
		.range = { at, (uint64_t)at + NBI_HEADER_SIZE },
		.size = NBI_HEADER_SIZE,
	};
	return 0;
}

/* The address of a segment.  Record 0 is part 1: part 0 is the header. */
static int find_start(const struct nbi *nbi, size_t record, uint8_t flags, uint32_t load,
		      uint64_t *start, struct err *err)
{
	struct range previous = nbi->part[nbi->parts - 1].range;
	enum mode mode = flags & RECORD_MODE;

	if (flags & RECORD_RESERVED)
		return err_set(
			err, -ENOTSUP,
			"this NBI's record %zu has the flags 0x%x, which contain unknown bits: "
			"bits 3 to 7 must be 0",
			record, flags);
	if (mode == BEFORE_END_OF_MEMORY)
		return err_set(err, -ENOTSUP,
			       "this NBI's record %zu counts its address from the end of memory, "
			       "which may be another kernel's or a device's",
			       record);
	if (mode != ABSOLUTE && !record)
		return err_set(err, -ENOEXEC,
			       "this NBI's record 0 counts its address from the segment before it, "
			       "and it is the first");
	*start = load;
	if (mode == AFTER_PREVIOUS)
		*start = previous.end + load;
	if (mode == BEFORE_PREVIOUS)
		*start = previous.start - load;
	return 0;
}

static int check_part(const struct nbi *nbi, const struct nbi_part *part, struct bytes file,
		      size_t record, struct err *err)
{
	if (part->range.end > UINT32_MAX + 1ull || part->range.end < part->range.start)
		return err_set(err, -ENOEXEC,
			       "this NBI's record %zu loads 0x%" PRIx64 " bytes to 0x%" PRIx64
			       ", which is not below 4 GiB",
			       record, range_size(part->range), part->range.start);
	if (part->size > range_size(part->range))
		return err_set(err, -ENOEXEC,
			       "this NBI's record %zu has 0x%" PRIx32
			       " bytes for a memory of 0x%" PRIx64,
			       record, part->size, range_size(part->range));
	if (!bytes_has(file, part->offset, part->size))
		return err_set(err, -ENOEXEC,
			       "this NBI is cut short: 0x%zx bytes, its record %zu needs 0x%" PRIx32
			       " from 0x%" PRIx32 " on",
			       file.size, record, part->size, part->offset);
	for (size_t i = 0; i < nbi->parts; i++)
		if (range_overlaps(nbi->part[i].range, part->range))
			return err_set(err, -ENOEXEC,
				       "this NBI's record %zu, 0x%" PRIx64 "-0x%" PRIx64
				       ", overlaps the %s at 0x%" PRIx64,
				       record, part->range.start, part->range.end - 1,
				       i ? "segment" : "header", nbi->part[i].range.start);
	return 0;
}

/* *at: offset of the record, then of the next record.  *offset: likewise for the contents. */
static int read_record(struct bytes file, struct nbi *out, size_t record, uint32_t *at,
		       uint32_t *offset, bool *last, struct err *err)
{
	struct nbi_part part = { .offset = *offset };
	const uint8_t *p = file.data + *at;
	uint32_t size;
	int ret;

	if (*at + RECORD_SIZE > NBI_HEADER_SIZE)
		return err_set(err, -ENOEXEC,
			       "this NBI's record %zu at 0x%" PRIx32 " is not inside the first 512 "
			       "bytes, and no record before it is marked as the last",
			       record, *at);
	ret = length(file, *at, &size, err);
	if (!ret)
		ret = find_start(out, record, p[RECORD_FLAGS], get_le32(p + RECORD_LOAD),
				 &part.range.start, err);
	if (ret)
		return ret;
	part.size = get_le32(p + RECORD_IMAGE);
	part.range.end = part.range.start + get_le32(p + RECORD_MEMORY);
	ret = check_part(out, &part, file, record, err);
	if (ret)
		return ret;
	out->part[out->parts++] = part;
	*at += size;
	*offset += part.size;
	*last = p[RECORD_FLAGS] & RECORD_LAST;
	return 0;
}

static int check_entry(const struct nbi *nbi, struct err *err)
{
	for (size_t i = 0; i < nbi->parts; i++)
		if (nbi->entry >= nbi->part[i].range.start &&
		    nbi->entry - nbi->part[i].range.start < nbi->part[i].size)
			return 0;
	return err_set(err, -ENOEXEC,
		       "this NBI's entry 0x%" PRIx32
		       " is in no segment's part of the file, nor in its header",
		       nbi->entry);
}

int nbi_parse(struct bytes bytes, struct nbi *out, struct err *err)
{
	uint32_t at, offset = NBI_HEADER_SIZE;
	bool last = false;
	int ret;

	*out = (struct nbi){ 0 };
	if (!nbi_probe(bytes))
		return err_set(err, -ENOEXEC,
			       "not an NBI: 512 bytes or more that begin with 36 13 03 1b are "
			       "expected");
	ret = read_header(bytes, out, &at, err);
	for (size_t i = 0; !ret && !last; i++)
		ret = read_record(bytes, out, i, &at, &offset, &last, err);
	return ret ? ret : check_entry(out, err);
}
