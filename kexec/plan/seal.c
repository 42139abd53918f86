/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digests of the segments.  Each covers the bytes of a segment, without the zeros after them.
 */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "image/digest.h"
#include "core/units.h"

/* How many pieces of `size` bytes. */
static size_t count_pieces(uint64_t bytes, uint64_t size)
{
	return (size_t)(bytes / size + (bytes % size != 0));
}

#define STEP (64u << 10) /* blocks of a stream between two reports of progress */

/*
 * Large segments are cut: purgatory and this file hash several pieces at the same time.  24 pieces
 * divide evenly among 2, 3, 4 or 8.  Smaller pieces than this are not worth their padding.
 */
#define PIECES 24
#define SMALLEST_PIECE 0x40000

_Static_assert(PIECES + PLAN_MAX_SEGMENTS <= PURGATORY_MAX_PIECES, "PURGATORY_MAX_PIECES");

/* Number of pieces of the segments that are larger than one. */
static size_t count_cut(const struct plan *plan, uint64_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->segments; i++) {
		const struct segment *segment = &plan->segment[i];

		if (segment->sealed && segment->bytes.size > size)
			count += count_pieces(segment->bytes.size, size);
	}
	return count;
}

/* A size that gives no more than PIECES, and is at most 1/256 or a page larger than necessary. */
static uint64_t choose_piece_size(const struct plan *plan)
{
	uint64_t size = round_up(plan_sealed_bytes(plan) / PIECES, PAGE_4K);

	if (size < SMALLEST_PIECE)
		size = SMALLEST_PIECE;
	while (count_cut(plan, size) > PIECES)
		size += round_up(size / 256, PAGE_4K);
	return size;
}

/* Writes the digests of all pieces. */
static void hash(struct ctx *ctx, const struct plan *plan, uint8_t (*digest)[SHA256_SIZE])
{
	struct sha256_message message[PURGATORY_MAX_PIECES];
	uint64_t done = 0, step, total = plan_sealed_bytes(plan);
	struct sha256_engine engine;
	struct sha256_batch batch;
	size_t count = 0;

	for (size_t i = 0; i < plan->segments; i++) {
		const struct segment *segment = &plan->segment[i];

		for (size_t n = 0; segment->sealed && n < segment->pieces; n++) {
			size_t at = n * (size_t)segment->piece_size;
			struct bytes rest = bytes_from(segment->bytes, at);

			message[count] = (struct sha256_message){
				.data = rest.data,
				.size = rest.size < segment->piece_size ? rest.size
									: segment->piece_size,
				.digest = digest[count],
			};
			count++;
		}
	}
	sha256_fastest(&engine);
	sha256_batch_begin(&batch, &engine, message, count);
	while ((step = sha256_batch_step(&batch, STEP))) {
		done += step;
		/* Padding counts as well. */
		log_progress(&ctx->log, "checksums", done < total ? done : total, total);
	}
}

static void list_region(struct plan *plan, struct segment *segment, uint64_t piece_size)
{
	struct purgatory_params *params = &plan->params;
	struct purgatory_region *region = &params->region[params->region_count++];

	segment->piece_size = piece_size;
	segment->first_piece = params->piece_count;
	segment->pieces = count_pieces(segment->bytes.size, piece_size);
	params->piece_count += (uint32_t)segment->pieces;
	region->start = segment->range.start;
	region->size = segment->bytes.size;
	region->piece_size = piece_size;
	snprintf(region->name, sizeof(region->name), "%s", segment->name);
}

void plan_seal(struct ctx *ctx, struct plan *plan)
{
	bool verify = plan->params.flags & PURGATORY_VERIFY;
	uint64_t piece_size = choose_piece_size(plan);

	plan->params.region_count = plan->params.piece_count = 0;
	for (size_t i = 0; i < plan->segments; i++) {
		struct segment *segment = &plan->segment[i];
		bool listed = segment->sealed && segment->bytes.size &&
			      (verify || plan->lists_regions);

		/* Hashing takes most of a load's time: skip it if nothing compares the digests. */
		segment->sealed = listed && verify;
		if (listed)
			list_region(plan, segment, piece_size);
	}
	if (verify)
		hash(ctx, plan, plan->params.piece_digest);
}

bool plan_is_intact(struct ctx *ctx, const struct plan *plan)
{
	uint8_t now[PURGATORY_MAX_PIECES][SHA256_SIZE];
	size_t count = plan->params.piece_count;

	if (!plan_sealed_bytes(plan))
		return false;
	hash(ctx, plan, now);
	return !memcmp(now, plan->params.piece_digest, count * sizeof(now[0]));
}

static const char *digest_text(struct arena *arena, const char *name, uint64_t start, uint64_t size,
			       const uint8_t digest[SHA256_SIZE])
{
	char hex[2 * SHA256_SIZE + 1];

	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return arena_printf(arena, "%s [0x%" PRIx64 ", 0x%" PRIx64 ") %s", name, start,
			    start + size, hex);
}

const char *plan_digest_text(struct arena *arena, const struct plan *plan, size_t index)
{
	const struct purgatory_params *params = &plan->params;
	const struct purgatory_region *region = params->region;
	size_t pieces = params->flags & PURGATORY_VERIFY ? params->piece_count : 0, n = index,
	       count;
	uint64_t start, left;

	if (!plan->purgatory.kind || index > pieces)
		return NULL;
	if (index == pieces)
		return digest_text(arena, "purgatory", plan->purgatory.address,
				   plan->purgatory.image_size, plan->purgatory.digest);
	for (; n >= (count = count_pieces(region->size, region->piece_size)); region++)
		n -= count;
	start = n * region->piece_size;
	left = region->size - start;
	return digest_text(arena, region->name, region->start + start,
			   left < region->piece_size ? left : region->piece_size,
			   params->piece_digest[index]);
}

uint64_t plan_sealed_bytes(const struct plan *plan)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->segments; i++)
		if (plan->segment[i].sealed)
			sum += plan->segment[i].bytes.size;
	return sum;
}

/*
 * Ticks of the time stamp counter per byte, measured by tests/bench and rounded
 * up: 6.7 to 7.0 in portable C (gcc, clang), 8.9 where it is compiled for size.
 */
static const struct hash_method portable = { "portable code", 9 };

struct plan_cost plan_cost(const struct plan *plan)
{
	struct plan_cost cost = { 0 };
	const struct hash_method *hash = plan->purgatory.hash ? plan->purgatory.hash : &portable;
	uint32_t rate = plan->purgatory.cycles_per_ms;

	if (!(plan->params.flags & PURGATORY_VERIFY))
		return cost;
	cost.bytes = plan_sealed_bytes(plan);
	cost.implementation = hash->name;
	cost.cycles = cost.bytes * hash->ticks;
	if (rate)
		cost.ms = cost.cycles / rate + 1;
	return cost;
}
