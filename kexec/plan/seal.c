/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digests of the segments.  Each covers the bytes of a segment, without the zeros after them.
 */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/digest.h"

#define CHUNK (4u << 20)

static void digest(struct ctx *ctx, sha256_blocks_fn *blocks, struct segment *segment,
		   uint64_t *done, uint64_t total)
{
	struct sha256 sha;
	size_t offset, size;

	sha256_init(&sha);
	for (offset = 0; offset < segment->bytes.size; offset += size) {
		size = segment->bytes.size - offset;
		if (size > CHUNK)
			size = CHUNK;
		sha256_update(&sha, blocks, segment->bytes.data + offset, size);
		*done += size;
		log_progress(&ctx->log, "checksums", *done, total);
	}
	sha256_final(&sha, blocks, segment->digest);
}

void plan_seal(struct ctx *ctx, struct plan *plan)
{
	sha256_blocks_fn *blocks = sha256_fastest();
	bool verify = plan->params.flags & PURGATORY_VERIFY;
	uint64_t done = 0, total = plan_sealed_bytes(plan);
	struct purgatory_region *region;

	plan->params.region_count = 0;
	for (size_t i = 0; i < plan->segments; i++) {
		struct segment *segment = &plan->segment[i];

		if (!segment->sealed || (!verify && !plan->lists_regions)) {
			segment->sealed = false;
			continue;
		}
		/* Hashing takes most of a load's time: skip it if nothing compares the digests. */
		segment->sealed = verify;
		if (verify)
			digest(ctx, blocks, segment, &done, total);
		region = &plan->params.region[plan->params.region_count++];
		region->start = segment->range.start;
		region->size = segment->bytes.size;
		memcpy(region->digest, segment->digest, sizeof(region->digest));
		snprintf(region->name, sizeof(region->name), "%s", segment->name);
	}
}

bool plan_is_intact(struct ctx *ctx, const struct plan *plan)
{
	sha256_blocks_fn *blocks = sha256_fastest();
	uint64_t done = 0, total = plan_sealed_bytes(plan);

	for (size_t i = 0; i < plan->segments; i++) {
		struct segment now = plan->segment[i];

		if (!now.sealed)
			continue;
		digest(ctx, blocks, &now, &done, total);
		if (memcmp(now.digest, plan->segment[i].digest, sizeof(now.digest)))
			return false;
	}
	return total;
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
	size_t regions = plan->params.flags & PURGATORY_VERIFY ? plan->params.region_count : 0;
	const struct purgatory_region *region = &plan->params.region[index];

	if (!plan->purgatory.kind || index > regions)
		return NULL;
	if (index == regions)
		return digest_text(arena, "purgatory", plan->purgatory.address,
				   plan->purgatory.image_size, plan->purgatory.digest);
	return digest_text(arena, region->name, region->start, region->size, region->digest);
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
 * up: 1.6 with SHA instructions, 6.7 to 7.0 in portable C (gcc, clang).
 */
#define TICKS_ACCELERATED 2
#define TICKS_PORTABLE 8

struct plan_cost plan_cost(const struct plan *plan)
{
	struct plan_cost cost = { 0 };
	uint32_t rate = plan->purgatory.cycles_per_ms;

	if (!(plan->params.flags & PURGATORY_VERIFY))
		return cost;
	cost.bytes = plan_sealed_bytes(plan);
	cost.implementation = plan->purgatory.accelerated ? "SHA instructions" : "portable C";
	cost.cycles = cost.bytes *
		      (plan->purgatory.accelerated ? TICKS_ACCELERATED : TICKS_PORTABLE);
	if (rate)
		cost.ms = cost.cycles / rate + 1;
	return cost;
}
