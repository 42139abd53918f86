/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads numbers of CPUs in Linux and in hardware (Linux: ABI/testing/sysfs-devices-system-cpu). */
#include "ppc64_machine.h"

#include <errno.h>

#include "core/number.h"

#define CPU_DIR "/sys/devices/system/cpu"
#define REBOOT_CPU "/sys/kernel/reboot/cpu"
#define MAX_CPUS (1u << 20)

struct cpu_list {
	uint32_t *cpu;
	size_t count;
};

static void add_cpu(struct ctx *ctx, struct cpu_list *list, uint32_t cpu)
{
	list->cpu = arena_grow(&ctx->arena, list->cpu, list->count, sizeof(*list->cpu));
	list->cpu[list->count++] = cpu;
}

/* Parses a list like "0-7,16"; empty if the list is missing, malformed or not ascending. */
static struct cpu_list read_list(struct ctx *ctx, const struct sysroot *root, const char *file)
{
	struct cpu_list list = { 0 };
	uint64_t next = 0, first, last;
	struct bytes text = sysroot_read_optional(ctx, root, file);
	char *word, *rest, *dash;

	rest = arena_strdup(&ctx->arena, (const char *)text.data);
	rest[strcspn(rest, "\n")] = '\0';
	while ((word = strsep(&rest, ","))) {
		dash = strchr(word, '-');
		if (dash)
			*dash = '\0';
		if (!parse_number(word, 10, &first) ||
		    !parse_number(dash ? dash + 1 : word, 10, &last) || first < next ||
		    last < first || last >= MAX_CPUS)
			return (struct cpu_list){ 0 };
		for (next = first; next <= last; next++)
			add_cpu(ctx, &list, (uint32_t)next);
	}
	return list;
}

/* Returns 1: read; 0: no such file. */
static int read_number(struct ctx *ctx, const struct sysroot *root, const char *file, uint32_t *out)
{
	uint64_t number;
	int ret = sysroot_read_number(ctx, root, file, 10, &number);

	if (ret == -ENOENT) {
		err_clear(&ctx->err);
		return 0;
	}
	if (ret)
		return ret;
	*out = (uint32_t)number;
	return 1;
}

static int read_online(struct ctx *ctx, const struct sysroot *root, struct machine_ppc64 *out)
{
	struct cpu_list online = read_list(ctx, root, CPU_DIR "/online");
	int ret = read_number(ctx, root, REBOOT_CPU, &out->reboot_cpu);

	out->cpu = arena_array(&ctx->arena, online.count + 1, sizeof(*out->cpu));
	for (size_t i = 0; ret >= 0 && i < online.count; i++) {
		struct machine_cpu *cpu = &out->cpu[out->cpus];

		cpu->number = online.cpu[i];
		ret = read_number(ctx, root,
				  arena_printf(&ctx->arena, CPU_DIR "/cpu%u/physical_id",
					       cpu->number),
				  &cpu->hardware);
		out->cpus += ret > 0;
	}
	return ret < 0 ? ret : 0;
}

int machine_read_ppc64_cpus(struct ctx *ctx, const struct request *req, const struct sysroot *root,
			    struct machine_ppc64 *out)
{
	size_t possible = read_list(ctx, root, CPU_DIR "/possible").count;
	size_t present = read_list(ctx, root, CPU_DIR "/present").count;

	if (present && possible > present)
		out->absent_cpus = (uint32_t)(possible - present);
	return req->dtb ? read_online(ctx, root, out) : 0;
}
