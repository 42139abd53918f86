/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a baked image.  Its digest of the head is made right, so that the checks after it are
 * reached.
 */
#include "fuzz.h"

#include "kexec/arch/arch.h"
#include "kexec/bake/bake.h"
#include "kexec/image/digest.h"
#include "sha256.h"

/* Of everything up to the first part. */
static void make_digest(uint8_t *image, size_t size)
{
	uint8_t *header = image + BAKE_HEADER,
		*digest = header + offsetof(struct bake_header, sha256);
	uint64_t end = get_le64(header + offsetof(struct bake_header, part) +
				offsetof(struct bake_part, offset));
	struct sha256_engine engine;
	struct sha256 sum;

	if (!get_le32(header + offsetof(struct bake_header, part_count)) || end > size)
		end = size;
	memset(digest, 0, SHA256_SIZE);
	sha256_fastest(&engine);
	sha256_init(&sum);
	sha256_update(&sum, &engine, image, end);
	sha256_final(&sum, &engine, digest);
}

static void try_arch(struct bytes bytes, const struct arch *arch, FILE *out)
{
	struct json json = { .out = out };
	struct ctx ctx = { 0 };
	struct baked baked;
	int ret = bake_check(&ctx, "baked", bytes, arch, &baked);

	must_explain(ret, &ctx.err);
	if (!ret) {
		must(baked.parts <= BAKE_MAX_PARTS && baked.file_size == bytes.size);
		for (size_t i = 0; i < baked.parts; i++)
			must(!baked.part[i].size || inside(bytes, baked.part[i]));
		bake_json(&baked, &json);
	}
	arena_free(&ctx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *out;
	uint8_t *copy = malloc(size + 1);
	struct bytes bytes = { copy, size };
	size_t skip;

	if (!out)
		out = fopen("/dev/null", "w");
	if (size)
		memcpy(copy, data, size);
	skip = purgatory_bake_skip(bytes);
	if (skip != SIZE_MAX) {
		if (bytes_has(bytes, skip + BAKE_PURGATORY, 1))
			make_digest(copy + skip, size - skip);
		for (const struct arch *const *arch = arches; *arch; arch++)
			try_arch(bytes, *arch, out);
	}
	free(copy);
	return 0;
}
