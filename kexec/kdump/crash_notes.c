/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses at which the kernel will save the CPUs' registers (Linux:
 * ABI/testing/sysfs-devices-system-cpu).
 */
#include "kdump.h"

#include <errno.h>
#include <string.h>

#include "core/number.h"
#include "notes.h"

#define OLD_NOTES_SIZE 1024 /* size in kernels without crash_notes_size */

bool notes_word(const char **text, int base, uint64_t *value)
{
	char word[24];
	const char *start = *text + strspn(*text, " \t\n");
	size_t size = strcspn(start, " \t\n");

	if (size >= sizeof(word))
		return false;
	memcpy(word, start, size);
	word[size] = '\0';
	*text = start + size;
	return parse_number(word, base, value);
}

bool notes_end(const char *text)
{
	return !text[strspn(text, " \t\n")];
}

bool notes_range(uint64_t start, uint64_t size, struct range *range)
{
	range->start = start;
	return start && size && !__builtin_add_overflow(start, size, &range->end);
}

static int cpu_notes(struct ctx *ctx, const struct crash_cpu *cpu, struct range *notes)
{
	const char *p = cpu->notes, *q = cpu->size;
	uint64_t address, size = OLD_NOTES_SIZE;

	if (!notes_word(&p, 16, &address) || !notes_end(p))
		return err_set(&ctx->err, -EINVAL,
			       "%s: expected a hexadecimal address, found '%.40s'", cpu->notes_name,
			       cpu->notes);
	if (q && (!notes_word(&q, 10, &size) || !notes_end(q)))
		return err_set(&ctx->err, -EINVAL,
			       "%s_size: expected a decimal size, found '%.40s'", cpu->notes_name,
			       cpu->size);
	if (!notes_range(address, size, notes))
		return err_set(&ctx->err, -EINVAL,
			       "%s: no place for notes: address '%.40s', size '%.40s'",
			       cpu->notes_name, cpu->notes, q ? cpu->size : "not given");
	return 0;
}

int kdump_cpu_notes(struct ctx *ctx, const struct machine_crash *crash, struct range **notes,
		    size_t *count)
{
	*count = crash->cpus;
	*notes = arena_array(&ctx->arena, crash->cpus, sizeof(**notes));
	for (size_t i = 0; i < crash->cpus; i++) {
		int ret = cpu_notes(ctx, &crash->cpu[i], &(*notes)[i]);

		if (ret)
			return ret;
	}
	if (!crash->cpus)
		log_warn(&ctx->log, "no CPU has crash notes: the dump will lack all registers");
	return 0;
}
