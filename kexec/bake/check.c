/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A baked image that is loaded like a kernel: its header and digests, before anything uses it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "arch/arch.h"
#include "core/array.h"
#include "bake.h"
#include "bake_abi.h"
#include "elf/elf_file.h"
#include "image/digest.h"
#include "sha256.h"

#define FIELD(header, get, order, field)                                                           \
	get((order), (header) + offsetof(struct bake_header, field))
#define PURGATORY_FIELD(header, get, order, field)                                                 \
	get((order), (header) + offsetof(struct purgatory_header, field))

/* The order in which the header's size makes sense. */
static enum byte_order order_of(const uint8_t *header)
{
	return FIELD(header, get_u16, ORDER_LE, header_size) == BAKE_HEADER_SIZE ? ORDER_LE
										 : ORDER_BE;
}

static int check_part(struct ctx *ctx, const char *name, const uint8_t *header,
		      enum byte_order order, uint32_t index, uint64_t *end)
{
	const uint8_t *part = header + offsetof(struct bake_header, part) +
			      index * sizeof(struct bake_part);
	uint64_t offset = get_u64(order, part + offsetof(struct bake_part, offset));
	uint64_t size = get_u64(order, part + offsetof(struct bake_part, size));
	uint64_t memory = get_u64(order, part + offsetof(struct bake_part, memory));
	uint64_t limit = FIELD(header, get_u64, order, memory_size);
	uint64_t contents = FIELD(header, get_u64, order, image_size);

	if (offset < *end || memory < size || offset > limit || memory > limit - offset)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: part %u of the baked image, 0x%" PRIx64 " bytes at 0x%" PRIx64
			       ", is not between 0x%" PRIx64 " and memory_size 0x%" PRIx64,
			       name, index, memory, offset, *end, limit);
	if (size && (offset > contents || size > contents - offset))
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: part %u of the baked image, 0x%" PRIx64
			       " bytes of contents at 0x%" PRIx64
			       ", ends after image_size 0x%" PRIx64,
			       name, index, size, offset, contents);
	*end = offset + memory;
	return 0;
}

static int check_fields(struct ctx *ctx, const char *name, const uint8_t *header,
			enum byte_order order, uint64_t size, uint64_t skip)
{
	uint16_t version = FIELD(header, get_u16, order, version);
	uint64_t image_size = FIELD(header, get_u64, order, image_size);
	uint32_t count = FIELD(header, get_u32, order, part_count);
	const struct {
		const char *name;
		uint64_t value, least, most;
	} fields[] = {
		{ "align_log2", FIELD(header, get_u16, order, align_log2), 12, 30 },
		{ "memory_size", FIELD(header, get_u64, order, memory_size), image_size,
		  UINT64_MAX },
		{ "file_skip", FIELD(header, get_u32, order, file_skip), skip, skip },
		{ "purgatory", FIELD(header, get_u32, order, purgatory), BAKE_PURGATORY,
		  BAKE_PURGATORY },
		{ "part_count", count, 0, BAKE_MAX_PARTS },
	};
	uint64_t end = BAKE_PURGATORY;
	int ret = 0;

	if (version != BAKE_VERSION)
		return err_set(&ctx->err, -ENOTSUP,
			       "%s: baked by %s kexec (version %u, this one knows %u)", name,
			       version > BAKE_VERSION ? "a newer" : "an unknown", version,
			       BAKE_VERSION);
	if (image_size != size)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: a baked image of 0x%" PRIx64
			       " bytes, and the file has 0x%" PRIx64,
			       name, image_size, size);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].value < fields[i].least || fields[i].value > fields[i].most)
			return err_set(&ctx->err, -ENOEXEC,
				       "%s: %s of the baked image is 0x%" PRIx64
				       ", not between 0x%" PRIx64 " and 0x%" PRIx64,
				       name, fields[i].name, fields[i].value, fields[i].least,
				       fields[i].most);
	for (uint32_t i = 0; !ret && i < count; i++)
		ret = check_part(ctx, name, header, order, i, &end);
	return ret;
}

static bool hashes_to(const uint8_t *expected, const struct bytes *piece, size_t count)
{
	struct sha256_engine engine;
	uint8_t found[SHA256_SIZE];
	struct sha256 sum;

	sha256_fastest(&engine);
	sha256_init(&sum);
	for (size_t i = 0; i < count; i++)
		sha256_update(&sum, &engine, piece[i].data, piece[i].size);
	sha256_final(&sum, &engine, found);
	return !memcmp(found, expected, SHA256_SIZE);
}

/* Start code, header and purgatory.  end: the offset of the first part. */
static bool head_is_right(struct bytes image, size_t end)
{
	static const uint8_t zeros[SHA256_SIZE];
	const uint8_t *digest = image.data + BAKE_HEADER + offsetof(struct bake_header, sha256);
	const struct bytes pieces[] = {
		{ image.data, (size_t)(digest - image.data) },
		{ zeros, sizeof(zeros) },
		{ digest + SHA256_SIZE, (size_t)(image.data + end - digest) - SHA256_SIZE },
	};

	return hashes_to(digest, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

static int check_region(struct ctx *ctx, const char *name, struct bytes image,
			enum byte_order order, const uint8_t *region, const uint8_t **digest,
			const uint8_t *end)
{
	const char *title = arena_strndup(&ctx->arena,
					  (const char *)region +
						  offsetof(struct purgatory_region, name),
					  PURGATORY_NAME_SIZE);
	uint64_t at = get_u64(order, region + offsetof(struct purgatory_region, start));
	uint64_t left = get_u64(order, region + offsetof(struct purgatory_region, size));
	uint64_t most = get_u64(order, region + offsetof(struct purgatory_region, piece_size));

	while (left) {
		uint64_t size = left < most ? left : most;
		struct bytes piece;

		if (!size || *digest == end || !bytes_has(image, at, size))
			return err_set(&ctx->err, -ENOEXEC,
				       "%s: the %s of the baked image, 0x%" PRIx64
				       " bytes at 0x%" PRIx64 ", is not inside, or has no digest",
				       name, title, left, at);
		piece = (struct bytes){ image.data + at, (size_t)size };
		if (!hashes_to(*digest, &piece, 1)) {
			err_set(&ctx->err, -EBADMSG,
				"%s: %s [0x%" PRIx64 ", 0x%" PRIx64 ") is damaged", name, title, at,
				at + size);
			return err_hint(&ctx->err, "Write the file again with --bake.");
		}
		*digest += SHA256_SIZE;
		at += size;
		left -= size;
	}
	return 0;
}

/* The parts, by the digests in purgatory's parameters. */
static int check_regions(struct ctx *ctx, const char *name, struct bytes image,
			 enum byte_order order)
{
	const uint8_t *head = image.data + BAKE_PURGATORY, *params, *digest;
	uint32_t at = PURGATORY_FIELD(head, get_u32, order, params_offset), count;
	int ret = 0;

	if (PURGATORY_FIELD(head, get_u16, order, abi_version) != PURGATORY_ABI_VERSION ||
	    !bytes_has(image, BAKE_PURGATORY + (uint64_t)at, sizeof(struct purgatory_params)))
		return err_set(&ctx->err, -ENOTSUP, "%s: its purgatory is of another version",
			       name);
	params = head + at;
	count = get_u32(order, params + offsetof(struct purgatory_params, region_count));
	digest = params + offsetof(struct purgatory_params, piece_digest);
	for (uint32_t i = 0; !ret && i < count && i < PURGATORY_MAX_REGIONS; i++)
		ret = check_region(ctx, name, image, order,
				   params + offsetof(struct purgatory_params, region) +
					   i * sizeof(struct purgatory_region),
				   &digest, params + offsetof(struct purgatory_params, digest));
	return ret;
}

/* Offset of the first part, at or below the end of the image. */
static size_t first_part(const uint8_t *header, enum byte_order order, struct bytes image)
{
	uint64_t offset = get_u64(order, header + offsetof(struct bake_header, part) +
						 offsetof(struct bake_part, offset));

	return FIELD(header, get_u32, order, part_count) && offset < image.size ? (size_t)offset
										: image.size;
}

/* Does the file lack the bytes that its arch has before the memory image? */
static bool is_flat(struct ctx *ctx, const struct arch *arch, size_t skip)
{
	const struct purgatory_target target = {
		.machine = arch->e_machine,
		.bits = arch->bits,
		.order = arch->order,
	};
	uint64_t memory_size;
	struct bytes front;

	if (skip)
		return false;
	if (!purgatory_front(ctx, &target, &front, &memory_size))
		return front.size != BAKE_PURGATORY;
	err_clear(&ctx->err);
	return false;
}

/* Of a header that was checked. */
static void describe(struct ctx *ctx, const char *name, struct bytes file, struct bytes image,
		     const struct arch *arch, struct baked *baked)
{
	static const char *const nothing[] = { NULL };
	uint8_t *header = arena_alloc(&ctx->arena, BAKE_HEADER_SIZE);
	size_t skip = file.size - image.size;

	memcpy(header, image.data + BAKE_HEADER, BAKE_HEADER_SIZE);
	*baked = (struct baked){
		.file = name,
		.file_size = file.size,
		.address = FIELD(header, get_u64, arch->order, address),
		.align = 1ull << FIELD(header, get_u16, arch->order, align_log2),
		.memory_size = FIELD(header, get_u64, arch->order, memory_size),
		.order = arch->order,
		.header = header,
		.parts = FIELD(header, get_u32, arch->order, part_count),
	};
	baked->format = is_flat(ctx, arch, skip) ? "flat" : "linux";
	baked->starts_as = arch->bake ? bake_starts_as(arch, baked->format) : nothing;
	for (size_t i = 0; i < baked->parts; i++) {
		const uint8_t *part = header + offsetof(struct bake_header, part) +
				      i * sizeof(struct bake_part);

		baked->part[i].size = (size_t)get_u64(arch->order,
						      part + offsetof(struct bake_part, size));
		if (baked->part[i].size)
			baked->part[i].data = image.data +
					      get_u64(arch->order,
						      part + offsetof(struct bake_part, offset));
	}
}

int bake_check(struct ctx *ctx, const char *name, struct bytes file, const struct arch *arch,
	       struct baked *baked)
{
	size_t skip = purgatory_bake_skip(file);
	struct bytes image = { file.data + skip, file.size - skip };
	const uint8_t *header = image.data + BAKE_HEADER;
	enum byte_order order;
	int ret;

	if (!bytes_has(image, BAKE_HEADER, BAKE_HEADER_SIZE) ||
	    !bytes_has(image, BAKE_PURGATORY, PURGATORY_HEADER_SIZE))
		return err_set(&ctx->err, -ENOEXEC, "%s: a baked image that ends in its headers",
			       name);
	order = order_of(header);
	if (FIELD(header, get_u16, order, machine) != arch->e_machine || order != arch->order)
		return err_set(&ctx->err, -ENOEXEC, "%s: a baked image for %s, not for %s", name,
			       elf_machine_name(FIELD(header, get_u16, order, machine)),
			       arch->name);
	ret = check_fields(ctx, name, header, order, image.size, skip);
	if (!ret && !head_is_right(image, first_part(header, order, image))) {
		err_set(&ctx->err, -EBADMSG, "%s: its start code or purgatory is damaged", name);
		return err_hint(&ctx->err, "Write the file again with --bake.");
	}
	if (!ret)
		ret = check_regions(ctx, name, image, order);
	if (!ret)
		describe(ctx, name, file, image, arch, baked);
	return ret;
}
