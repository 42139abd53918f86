/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from one kernel to the next: verify the loaded segments, copy memory,
 * hand over.  doc/purgatory-abi.md describes these steps for loaders.
 */
#include "purgatory.h"

/* In .data, although all zeros: a loader can only write to bytes that the file contains. */
struct purgatory_params purgatory_params
	__attribute__((section(".data.purgatory_params"), aligned(16))) = { 0 };

/*
 * Each comparison of digests adds CHECKED and the digests' difference.  The exit subtracts
 * CHECKED for each digest that had to be compared, and adds the rest to the address of the next
 * kernel's state.  The rest is 0, unless digests differed or damaged code skipped a comparison:
 * then the exit does not find the state.  CHECKED is odd, and its multiples up to 63 are large,
 * so that most CPUs fault at the wrong address.
 */
#define CHECKED (UINTPTR_MAX / 64 * 31 + 2)
static uintptr_t proof;

_Noreturn void stop(void)
{
	bool reset = purgatory_params.flags & PURGATORY_REBOOT;

	print("purgatory: %s\n", reset ? "resetting the machine" : "halted");
	arch_console_flush();
	if (reset) {
		arch_reset();
		print("purgatory: this machine cannot be reset: halted\n");
		arch_console_flush();
	}
	arch_halt();
}

static void print_digest(const char *label, const uint8_t digest[SHA256_SIZE])
{
	char text[2 * SHA256_SIZE + 1];
	size_t i;

	for (i = 0; i < SHA256_SIZE; i++)
		format_hex(text + 2 * i, digest[i], 2);
	text[2 * SHA256_SIZE] = '\0';
	print("  %s %s\n", label, text);
}

static void print_digests(const uint8_t *expected, const uint8_t *found)
{
	print_digest("expected", expected);
	print_digest("found   ", found);
}

/* Compares in two ways that have no code in common, so that no single bit spoils both. */
static bool same(const uint8_t *expected, const uint8_t *found)
{
	const uintptr_t *a = (const uintptr_t *)expected, *b = (const uintptr_t *)found;
	size_t i;

	proof += CHECKED;
	for (i = 0; i < SHA256_SIZE / sizeof(*a); i++)
		proof += a[i] ^ b[i];
	return memcmp(expected, found, SHA256_SIZE) == 0;
}

void image_digest(uint8_t digest[SHA256_SIZE])
{
	const uint8_t *start = (const uint8_t *)purgatory_head;
	const uint8_t *end = (const uint8_t *)purgatory_image_end;
	const uint8_t *field = purgatory_params.digest;
	static const uint8_t zeros[SHA256_SIZE];
	struct sha256_engine engine;
	struct sha256 ctx;

	sha256_portable(&engine);
	sha256_init(&ctx);
	sha256_update(&ctx, &engine, start, (size_t)(field - start));
	sha256_update(&ctx, &engine, zeros, SHA256_SIZE);
	field += SHA256_SIZE;
	sha256_update(&ctx, &engine, field, (size_t)(end - field));
	sha256_final(&ctx, &engine, digest);
}

static bool self_intact(void)
{
	uint8_t found[SHA256_SIZE] __attribute__((aligned(8)));

	image_digest(found);
	if (same(purgatory_params.digest, found))
		return true;

	print("purgatory itself is damaged: [0x%llx, 0x%llx), the next kernel is not started\n",
	      (unsigned long long)(uintptr_t)purgatory_head,
	      (unsigned long long)(uintptr_t)purgatory_image_end);
	print_digests(purgatory_params.digest, found);
	return false;
}

static struct sha256_batch batch;
static struct sha256_message piece[PURGATORY_MAX_PIECES];
static uint8_t found[PURGATORY_MAX_PIECES][SHA256_SIZE] __attribute__((aligned(8)));

/* Most machines have fewer bits of physical addresses, and none has more than 60. */
static bool is_memory(uint64_t address)
{
	return address == (uintptr_t)address && !(address >> 60);
}

/* Cuts the region.  Returns the number of the piece after its last one, 0: it is not valid. */
static uint32_t cut(const struct purgatory_region *region, uint32_t n)
{
	uint64_t done, size, end = region->start + region->size;

	if (!region->piece_size || end <= region->start || !is_memory(end - 1))
		return 0;
	for (done = 0; done < region->size; done += size) {
		size = region->size - done;
		if (size > region->piece_size)
			size = region->piece_size;
		if (n == PURGATORY_MAX_PIECES)
			return 0;
		piece[n].data = (const void *)(uintptr_t)(region->start + done);
		piece[n].size = (size_t)size;
		piece[n].digest = found[n];
		n++;
	}
	return n;
}

static bool overlap(const struct purgatory_region *a, const struct purgatory_region *b)
{
	return a->start < b->start + b->size && b->start < a->start + a->size;
}

/* Cuts all regions, and checks that there is something to verify and that the numbers agree. */
static bool regions_ok(void)
{
	const struct purgatory_region *region = purgatory_params.region;
	uint32_t i = 0, j, pieces = 0, count = purgatory_params.region_count;

	if (!count || count > PURGATORY_MAX_REGIONS)
		goto damaged;
	for (; i < count; i++) {
		pieces = cut(&region[i], pieces);
		if (!pieces)
			goto damaged;
		for (j = 0; j < i; j++)
			if (overlap(&region[i], &region[j]))
				goto damaged;
	}
	if (pieces == purgatory_params.piece_count)
		return true;
damaged:
	print("purgatory: the parameter block is damaged: region %u of %u, %u of %u pieces\n", i,
	      count, pieces, purgatory_params.piece_count);
	return false;
}

static bool piece_intact(uint32_t n)
{
	const struct purgatory_region *region = purgatory_params.region;
	uintptr_t start = (uintptr_t)piece[n].data;

	if (same(purgatory_params.piece_digest[n], found[n]))
		return true;
	while (start - region->start >= region->size)
		region++;
	print("sha256 digests do not match: %s [0x%llx, 0x%llx) was damaged\n", region->name,
	      (unsigned long long)start, (unsigned long long)start + piece[n].size);
	print_digests(purgatory_params.piece_digest[n], found[n]);
	return false;
}

static void choose_engine(struct sha256_engine *engine)
{
	unsigned int i, count = HASH_ENGINES;

	if (purgatory_params.flags & PURGATORY_PORTABLE_HASH)
		count = 0;
	for (i = 0; i < count; i++) {
		if (!arch_sha256_engine(i, engine))
			continue;
		if (sha256_is_right(engine, &batch))
			return;
		print("purgatory: %s of this CPU hash wrongly and are not used\n", engine->name);
	}
	sha256_portable(engine);
}

static void print_verified(uint64_t bytes, const struct sha256_engine *engine, const char *remark,
			   uint64_t ticks)
{
	uint64_t per_ms = arch_ticks_per_ms(), rest;

	print("purgatory: verified %u regions, %llu bytes, with %s", purgatory_params.region_count,
	      (unsigned long long)bytes, engine->name);
	if (engine->streams > 1)
		print(", %u streams", engine->streams);
	print("%s", remark);
	if (ticks)
		print(" in %llu %s",
		      (unsigned long long)divide(ticks, per_ms ? per_ms : 1000000, &rest),
		      per_ms ? "ms" : "Mcycles");
	print("\n");
}

static bool regions_intact(bool report_success)
{
	uint32_t i, damaged = 0, pieces = purgatory_params.piece_count;
	struct sha256_engine engine;
	uint64_t bytes = 0, start;
	const char *remark;

	if (!regions_ok())
		return false;
	remark = arch_sha256_begin();
	choose_engine(&engine);
	start = arch_ticks();
	sha256_batch_begin(&batch, &engine, piece, pieces);
	while (sha256_batch_step(&batch, SIZE_MAX))
		;
	start = arch_ticks() - start;
	arch_sha256_end();

	for (i = 0; i < pieces; i++) {
		damaged += !piece_intact(i);
		bytes += piece[i].size;
	}
	if (damaged) {
		print("purgatory: %u of %u pieces damaged, the next kernel is not started\n",
		      damaged, pieces);
		return false;
	}
	if (report_success)
		print_verified(bytes, &engine, remark, start);
	return true;
}

bool ready(bool report_success)
{
	return self_intact() && arch_state_ok() &&
	       (!(purgatory_params.flags & PURGATORY_VERIFY) || regions_intact(report_success));
}

/* The loader leaves 42 bytes free after the command line for this word. */
static void append_jump_back(const uintptr_t *entry_sp)
{
	static const char word[] = " kexec_jump_back_entry=0x";
	char *end = (char *)(uintptr_t)purgatory_params.cmdline_end;

	if (!end || !(purgatory_params.flags & PURGATORY_JUMP_BACK) || !*entry_sp)
		return;
	memcpy(end, word, sizeof(word) - 1);
	end += sizeof(word) - 1;
	format_hex(end, *entry_sp, 2 * sizeof(*entry_sp));
	end[2 * sizeof(*entry_sp)] = '\0';
}

const void *purgatory(const uintptr_t *entry_sp)
{
	const struct purgatory_copy *copy = &purgatory_params.copy;
	bool verify = purgatory_params.flags & PURGATORY_VERIFY;
	uintptr_t digests = 1 + (verify ? purgatory_params.piece_count : 0);

	arch_setup();
	print("I'm in purgatory\n");
	if (!ready(true))
		stop();
	if (copy->size)
		memmove((void *)(uintptr_t)copy->destination, (const void *)(uintptr_t)copy->source,
			(size_t)copy->size);
	append_jump_back(entry_sp);
	arch_console_flush();
	return (const uint8_t *)arch_final_state() + (proof - digests * CHECKED);
}
