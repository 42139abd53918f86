/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regions of a parameter block.  An even first byte: any numbers, and purgatory judges them as
 * a model with numbers of 128 bits does.  An odd one: sizes of segments, and purgatory accepts the
 * block that kexec makes of them.
 */
#include "fuzz.h"
#include "kexec/plan/plan.h"
#include "purgatory/print.c"
#include "purgatory/purgatory.c"

__extension__ typedef unsigned __int128 wide;

#define ADDRESSES ((wide)1 << 60)

const uint64_t purgatory_head[1], purgatory_image_end[1];

static char seen[512];
static size_t seen_size;

void arch_putchar(char c)
{
	must(seen_size + 1 < sizeof(seen));
	seen[seen_size++] = c;
	seen[seen_size] = '\0';
}

/* The functions below are not reached. */
_Noreturn void arch_halt(void)
{
	abort();
}

void arch_reset(void)
{
}

void arch_setup(void)
{
}

void arch_console_flush(void)
{
}

bool arch_state_ok(void)
{
	abort();
}

const void *arch_final_state(void)
{
	abort();
}

bool arch_sha256_engine(unsigned int index, struct sha256_engine *engine)
{
	(void)index, (void)engine;
	abort();
}

const char *arch_sha256_begin(void)
{
	abort();
}

void arch_sha256_end(void)
{
}

uint64_t arch_ticks(void)
{
	abort();
}

uint64_t arch_ticks_per_ms(void)
{
	abort();
}

static uint8_t next_byte(struct bytes *in)
{
	uint8_t byte = in->size ? in->data[0] : 0;

	*in = bytes_from(*in, in->size ? 1 : 0);
	return byte;
}

/* 16 bits at any place of a word, and numbers one below such a number. */
static uint64_t next_number(struct bytes *in)
{
	uint8_t shift = next_byte(in);
	uint64_t low = next_byte(in), high = next_byte(in);

	return ((high << 8 | low) << (shift & 63)) - (shift >> 6 & 1);
}

static bool disjoint(const struct purgatory_region *a, const struct purgatory_region *b)
{
	return (wide)a->start + a->size <= b->start || (wide)b->start + b->size <= a->start;
}

static bool model_accepts(const struct purgatory_params *params)
{
	wide pieces = 0;

	if (params->region_count < 1 || params->region_count > PURGATORY_MAX_REGIONS)
		return false;
	for (size_t i = 0; i < params->region_count; i++) {
		const struct purgatory_region *region = &params->region[i];

		if (!region->size || !region->piece_size ||
		    (wide)region->start + region->size > ADDRESSES)
			return false;
		pieces += ((wide)region->size + region->piece_size - 1) / region->piece_size;
		for (size_t j = 0; j < i; j++)
			if (!disjoint(region, &params->region[j]))
				return false;
	}
	return pieces <= PURGATORY_MAX_PIECES && pieces == params->piece_count;
}

/* Piece n is [start, start + size) of that region, and is reported with its name. */
static void check_piece(const struct purgatory_region *region, uint32_t n, uint64_t start,
			uint64_t size)
{
	char line[128];

	must((uintptr_t)piece[n].data == start && piece[n].size == size &&
	     piece[n].digest == found[n]);
	found[n][0] = (uint8_t)(purgatory_params.piece_digest[n][0] + 1);
	seen_size = 0;
	must(!piece_intact(n));
	snprintf(line, sizeof(line), " %s [0x%llx, 0x%llx) was damaged\n", region->name,
		 (unsigned long long)start, (unsigned long long)(start + size));
	must(strstr(seen, line));
}

static bool accepts(void)
{
	uint32_t n = 0;

	seen_size = 0;
	if (!regions_ok()) {
		must(strstr(seen, "purgatory: the parameter block is damaged: region "));
		return false;
	}
	must(!seen_size);
	for (size_t i = 0; i < purgatory_params.region_count; i++) {
		const struct purgatory_region *region = &purgatory_params.region[i];
		uint64_t end = region->start + region->size, at = region->start, size;

		for (; at < end; at += size) {
			size = end - at < region->piece_size ? end - at : region->piece_size;
			check_piece(region, n++, at, size);
		}
	}
	must(n == purgatory_params.piece_count);
	return true;
}

static void try_numbers(struct bytes in)
{
	struct purgatory_params *params = &purgatory_params;

	params->region_count = next_byte(&in);
	params->piece_count = next_byte(&in);
	for (size_t i = 0; i < PURGATORY_MAX_REGIONS; i++) {
		struct purgatory_region *region = &params->region[i];

		region->start = next_number(&in);
		region->size = next_number(&in);
		region->piece_size = next_number(&in);
		snprintf(region->name, sizeof(region->name), "r%zu", i);
	}
	must(accepts() == model_accepts(params));
}

/* Listed without verification: nothing is hashed, so the segments need no memory. */
static void try_segments(struct bytes in)
{
	struct plan plan = { .lists_regions = true };
	struct ctx ctx = { 0 };
	uint64_t at = 0x1000;

	while (in.size && plan.segments < PLAN_MAX_SEGMENTS) {
		struct segment *segment = &plan.segment[plan.segments++];
		uint64_t size = next_number(&in) & 0x3ffffff;

		segment->name = "segment";
		segment->sealed = next_byte(&in) & 1;
		segment->bytes.size = size;
		segment->range.start = at;
		at += size;
		segment->range.end = at;
	}
	plan_seal(&ctx, &plan);
	purgatory_params = plan.params;
	must(!plan.params.region_count || accepts());
	arena_free(&ctx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };

	memset(&purgatory_params, 0, sizeof(purgatory_params));
	if (next_byte(&in) & 1)
		try_segments(in);
	else
		try_numbers(in);
	return 0;
}
