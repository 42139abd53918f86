/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read of the running system and needs no files to be parsed: cpuinfo, command line,
 * logical memory blocks (a size of 8 bytes, then the table).
 */
#include "fuzz.h"
#include "kexec/machine/cpuinfo.h"
#include "kexec/arch/ppc64/lmb.h"
#include "kexec/machine/machine.h"
#include "kexec/machine/tty.h"
#include "purgatory_abi.h"

static void read_cpuinfo(struct bytes text)
{
	must(!cpuinfo_ticks_per_ms(text) || cpuinfo_has_flag(text, "tsc"));
}

static void read_cmdline(struct bytes bytes)
{
	struct ctx ctx = { 0 };
	const char *line = arena_strndup(&ctx.arena, (const char *)bytes.data, bytes.size);
	const char *end = line + strlen(line), *word = cmdline_find_param(line, "earlycon");
	struct tty tty = { 0 };

	must(!word == !cmdline_has_param(line, "earlycon"));
	must(!word || (!strncmp(word + (*word == '"'), "earlycon", 8) &&
		       cmdline_word_end(word) >= word + 8 && cmdline_word_end(word) <= end));
	must(word || !tty_earlycon_of_firmware(line));
	/* Words in quotes are not looked into, and a later one may have a value. */
	if (word && *word != '"' && cmdline_word_end(word) == word + 8)
		must(tty_earlycon_of_firmware(line));
	if (tty_from_earlycon(&ctx, line, &tty))
		must(word && tty.kind != PURGATORY_SERIAL_NONE && tty.base && tty.shift <= 2);
	arena_free(&ctx.arena);
}

static void read_blocks(struct bytes size, struct bytes memory, bool v2)
{
	struct err err = { 0 };
	struct lmbs lmbs;
	uint64_t blocks = 0, bytes, end;
	int ret = lmb_parse("/" LMB_NODE, size, memory, v2, &lmbs, &err);

	must_explain(ret, &err);
	for (uint32_t i = 0; !ret && i < lmbs.sets; i++) {
		struct lmb_set set = lmb_set(&lmbs, i);

		must(!__builtin_mul_overflow(lmbs.size, set.blocks, &bytes));
		must(!__builtin_add_overflow(set.start, bytes, &end));
		blocks += set.blocks;
	}
	must(ret || (lmbs.size && blocks == lmbs.blocks && blocks <= LMB_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	size_t head = size < 8 ? size : 8;

	read_cpuinfo(in);
	read_cmdline(in);
	for (int v2 = 0; v2 < 2; v2++)
		read_blocks(bytes_sub(in, 0, head), bytes_from(in, head), v2);
	return 0;
}
