/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A baked image as JSON; the keys are in doc/plan.md. */
#include <inttypes.h>

#include "bake.h"
#include "image/checksum.h"
#include "sha256.h"

#define HEADER(baked, get, field)                                                                  \
	get((baked)->order, (baked)->header + offsetof(struct bake_header, field))

static const uint8_t *part_field(const struct baked *baked, size_t index, size_t offset)
{
	return baked->header + offsetof(struct bake_header, part) +
	       index * sizeof(struct bake_part) + offset;
}

uint64_t bake_part_offset(const struct baked *baked, size_t index)
{
	return get_u64(baked->order, part_field(baked, index, offsetof(struct bake_part, offset)));
}

static void json_entry(struct json *json, const char *key, uint32_t offset)
{
	if (offset)
		json_hex(json, key, offset);
	else
		json_string(json, key, NULL);
}

static void json_part(struct json *json, const struct baked *baked, size_t index)
{
	char name[sizeof(((struct bake_part *)0)->name) + 1] = "";
	uint8_t digest[CHECKSUM_MAX];

	memcpy(name, part_field(baked, index, 0), sizeof(name) - 1);
	json_begin_object(json, NULL);
	json_string(json, "name", name);
	json_hex(json, "offset", bake_part_offset(baked, index));
	json_u64(json, "size", baked->part[index].size);
	json_u64(json, "memory_size",
		 get_u64(baked->order,
			 part_field(baked, index, offsetof(struct bake_part, memory))));
	if (baked->part[index].size)
		json_hex_bytes(json, "sha256", digest,
			       checksum_of("sha256", baked->part[index], digest));
	else
		json_string(json, "sha256", NULL);
	json_end_object(json);
}

void bake_json(const struct baked *baked, struct json *json)
{
	json_begin_object(json, "bake");
	json_string(json, "file", baked->file);
	json_string(json, "format", baked->format);
	json_u64(json, "version", HEADER(baked, get_u16, version));
	if (baked->address == BAKE_ANYWHERE)
		json_string(json, "address", NULL);
	else
		json_hex(json, "address", baked->address);
	json_hex(json, "align", baked->align);
	json_u64(json, "file_size", baked->file_size);
	json_u64(json, "image_size", HEADER(baked, get_u64, image_size));
	json_u64(json, "memory_size", baked->memory_size);
	json_begin_array(json, "shapes");
	for (size_t i = 0; baked->starts_as[i]; i++)
		json_string(json, NULL, baked->starts_as[i]);
	json_end_array(json);
	json_begin_object(json, "entries");
	json_entry(json, "start", HEADER(baked, get_u32, entry_start));
	json_entry(json, "prepare", HEADER(baked, get_u32, entry_prepare));
	json_entry(json, "crash", HEADER(baked, get_u32, entry_crash));
	json_end_object(json);
	json_begin_array(json, "parts");
	for (size_t i = 0; i < baked->parts; i++)
		json_part(json, baked, i);
	json_end_array(json);
	json_hex_bytes(json, "sha256", baked->header + offsetof(struct bake_header, sha256),
		       SHA256_SIZE);
	json_end_object(json);
}
