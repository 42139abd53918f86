/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A baked image that is loaded like a kernel: its header and digests, before anything uses it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "arch/arch.h"
#include "bake.h"
#include "bake_abi.h"
#include "elf/elf_file.h"
#include "image/digest.h"
#include "sha256.h"

#define FIELD(header, get, order, field)                                                           \
	get((order), (header) + offsetof(struct bake_header, field))
#define PURGATORY_FIELD(header, get, order, field)                                                 \
	get((order), (header) + offsetof(struct purgatory_header, field))

bool bake_probe(struct bytes file)
{
	return bytes_match(file, BAKE_HEADER, BAKE_MAGIC, BAKE_MAGIC_SIZE);
}

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

	if (offset < *end || memory < size || offset > limit || memory > limit - offset)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: part %u of the baked image, 0x%" PRIx64 " bytes at 0x%" PRIx64
			       ", is not between 0x%" PRIx64 " and memory_size 0x%" PRIx64,
			       name, index, memory, offset, *end, limit);
	*end = offset + memory;
	return 0;
}

static int check_fields(struct ctx *ctx, const char *name, const uint8_t *header,
			enum byte_order order, uint64_t file_size)
{
	uint16_t version = FIELD(header, get_u16, order, version);
	uint64_t image_size = FIELD(header, get_u64, order, image_size);
	uint32_t count = FIELD(header, get_u32, order, part_count);
	uint64_t end = BAKE_PURGATORY;
	int ret = 0;

	if (version != BAKE_VERSION)
		return err_set(&ctx->err, -ENOTSUP,
			       "%s: baked by %s kexec (version %u, this one knows %u)", name,
			       version > BAKE_VERSION ? "a newer" : "an unknown", version,
			       BAKE_VERSION);
	if (image_size != file_size)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: a baked image of 0x%" PRIx64
			       " bytes, and the file has 0x%" PRIx64,
			       name, image_size, file_size);
	if (count > BAKE_MAX_PARTS)
		return err_set(&ctx->err, -ENOEXEC, "%s: a baked image of %u parts, more than %u",
			       name, count, BAKE_MAX_PARTS);
	for (uint32_t i = 0; !ret && i < count; i++)
		ret = check_part(ctx, name, header, order, i, &end);
	return ret;
}

static void hash(struct sha256 *sum, const struct sha256_engine *engine, struct bytes file,
		 size_t start, size_t end)
{
	sha256_update(sum, engine, file.data + start, end - start);
}

static bool digest_is_right(struct bytes file)
{
	static const uint8_t zeros[SHA256_SIZE];
	const size_t at = BAKE_HEADER + offsetof(struct bake_header, sha256);
	struct sha256_engine engine;
	uint8_t found[SHA256_SIZE];
	struct sha256 sum;

	sha256_fastest(&engine);
	sha256_init(&sum);
	hash(&sum, &engine, file, 0, at);
	sha256_update(&sum, &engine, zeros, sizeof(zeros));
	hash(&sum, &engine, file, at + SHA256_SIZE, file.size);
	sha256_final(&sum, &engine, found);
	return !memcmp(found, file.data + at, SHA256_SIZE);
}

static bool piece_is_right(struct bytes file, uint64_t start, uint64_t size, const uint8_t *digest)
{
	struct sha256_engine engine;
	uint8_t found[SHA256_SIZE];
	struct sha256 sum;

	sha256_fastest(&engine);
	sha256_init(&sum);
	hash(&sum, &engine, file, (size_t)start, (size_t)(start + size));
	sha256_final(&sum, &engine, found);
	return !memcmp(found, digest, SHA256_SIZE);
}

/*
 * Names the damaged piece, by the digests in purgatory's parameters, which may be damaged
 * themselves.
 */
static const char *damage(struct ctx *ctx, struct bytes file, enum byte_order order)
{
	const uint8_t *head = file.data + BAKE_PURGATORY, *params, *digest;
	uint64_t at = PURGATORY_FIELD(head, get_u32, order, params_offset);
	uint32_t count, pieces = 0;

	if (!bytes_has(file, BAKE_PURGATORY + at, sizeof(struct purgatory_params)))
		return NULL;
	params = head + at;
	count = get_u32(order, params + offsetof(struct purgatory_params, region_count));
	digest = params + offsetof(struct purgatory_params, piece_digest);
	for (uint32_t i = 0; i < count && i < PURGATORY_MAX_REGIONS; i++) {
		const uint8_t *region = params + offsetof(struct purgatory_params, region) +
					i * sizeof(struct purgatory_region);
		uint64_t start = get_u64(order, region + offsetof(struct purgatory_region, start));
		uint64_t size = get_u64(order, region + offsetof(struct purgatory_region, size));
		uint64_t most = get_u64(order,
					region + offsetof(struct purgatory_region, piece_size));

		if (!most || !bytes_has(file, start, size))
			return NULL;
		for (uint64_t done = 0; done < size && pieces < PURGATORY_MAX_PIECES;
		     done += most) {
			uint64_t piece = size - done < most ? size - done : most;

			if (!piece_is_right(file, start + done, piece,
					    digest + pieces++ * SHA256_SIZE))
				return arena_printf(
					&ctx->arena, "%s [0x%" PRIx64 ", 0x%" PRIx64 ")",
					arena_strndup(&ctx->arena,
						      (const char *)region +
							      offsetof(struct purgatory_region,
								       name),
						      PURGATORY_NAME_SIZE),
					start + done, start + done + piece);
			if (most > size - done)
				break;
		}
	}
	return NULL;
}

int bake_check(struct ctx *ctx, const char *name, struct bytes file, const struct arch *arch)
{
	const uint8_t *header;
	enum byte_order order;
	const char *what;
	int ret;

	if (!bytes_has(file, BAKE_HEADER, BAKE_HEADER_SIZE) ||
	    !bytes_has(file, BAKE_PURGATORY, PURGATORY_HEADER_SIZE))
		return err_set(&ctx->err, -ENOEXEC, "%s: a baked image that ends in its headers",
			       name);
	header = file.data + BAKE_HEADER;
	order = order_of(header);
	if (FIELD(header, get_u16, order, machine) != arch->e_machine || order != arch->order)
		return err_set(&ctx->err, -ENOEXEC, "%s: a baked image for %s, not for %s", name,
			       elf_machine_name(FIELD(header, get_u16, order, machine)),
			       arch->name);
	ret = check_fields(ctx, name, header, order, file.size);
	if (ret || digest_is_right(file))
		return ret;
	what = damage(ctx, file, order);
	err_set(&ctx->err, -EBADMSG, "%s: %s is damaged", name,
		what ? what : "a byte outside the verified parts");
	return err_hint(&ctx->err, "Write the file again with --bake.");
}
