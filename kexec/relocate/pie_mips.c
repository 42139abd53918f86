/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MIPS (System V ABI, MIPS supplement, "Global Offset Table"): no records exist for the
 * first DT_MIPS_LOCAL_GOTNO words of the GOT, and the loader relocates them.
 */
#include <errno.h>
#include <inttypes.h>

#include "pie.h"

int pie_mips_got(const struct pie_walk *walk)
{
	const uint64_t *tag = walk->pie->arch_tag;
	uint64_t words = tag[DT_MIPS_LOCAL_GOTNO - DT_LOPROC];
	uint64_t symbols = tag[DT_MIPS_SYMTABNO - DT_LOPROC];
	uint64_t first_symbol = tag[DT_MIPS_GOTSYM - DT_LOPROC];
	uint64_t got = walk->pie->tag[DT_PLTGOT];
	size_t size = pie_word_size(walk->image);
	struct bytes bytes;

	if (!words)
		return 0;
	if (first_symbol != symbols)
		return err_set(&walk->ctx->err, -ENOEXEC,
			       "GOT words need symbols (DT_MIPS_GOTSYM %" PRIu64
			       ", DT_MIPS_SYMTABNO %" PRIu64 ")",
			       first_symbol, symbols);
	if (words < 2 || words > PURGATORY_MAX_SIZE / size ||
	    !pie_loaded_bytes(walk->image, got, words * size, &bytes))
		return err_set(&walk->ctx->err, -ENOEXEC,
			       "%" PRIu64 " GOT words at 0x%" PRIx64 " are not in the image", words,
			       got);
	/*
	 * Word 0 belongs to the run-time linker and is not relocated.  Word 1 belongs to it
	 * too if its top bit is set.
	 */
	for (uint64_t i = pie_get_word(walk->image, got + size) >> (size * 8 - 1) ? 2 : 1;
	     i < words; i++)
		pie_put_word(walk, got + i * size,
			     walk->bias + pie_get_word(walk->image, got + i * size));
	return 0;
}
