/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of the running system: /proc/cpuinfo, command line. */
#include "fuzz.h"
#include "kexec/machine/cpuinfo.h"
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
	/* Words in quotes are not looked into, and a later word may have a value. */
	if (word && *word != '"' && cmdline_word_end(word) == word + 8)
		must(tty_earlycon_of_firmware(line));
	if (tty_from_earlycon(&ctx, line, &tty))
		must(word && tty.kind != PURGATORY_SERIAL_NONE && tty.base && tty.shift <= 2);
	arena_free(&ctx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };

	read_cpuinfo(in);
	read_cmdline(in);
	return 0;
}
