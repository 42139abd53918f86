/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan as text for people, and the segment dump that bug reports quote. */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/print.h"

/* "13.5 MiB" and the like, exact where it can be. */
static void print_size(FILE *out, uint64_t size)
{
	if (size < 10 * 1024)
		fprintf(out, "%" PRIu64 " bytes", size);
	else if (size < 10 * 1024 * 1024)
		fprintf(out, "%.1f KiB", (double)size / 1024);
	else
		fprintf(out, "%.1f MiB", (double)size / (1024 * 1024));
}

static void print_limits(const struct segment *segment, FILE *out)
{
	const struct placement *p = &segment->placement;

	if (segment->fixed) {
		fputs("      the image says where\n", out);
		return;
	}
	fprintf(out, "      %s place aligned to 0x%" PRIx64,
		p->direction == LOWEST_FIRST ? "lowest" : "highest", p->align);
	for (size_t i = 0; i < p->limits; i++) {
		struct range r = p->limit[i].range;

		fputs(i ? ", " : "; ", out);
		if (r.start)
			fprintf(out, "from 0x%" PRIx64, r.start);
		if (r.end != UINT64_MAX)
			fprintf(out, "%sbelow 0x%" PRIx64, r.start ? " " : "", r.end);
		fputs(" (", out);
		print_clean(out, p->limit[i].why);
		putc(')', out);
	}
	fputc('\n', out);
}

static void print_segment(const struct segment *segment, FILE *out)
{
	struct range r = segment->range;

	fprintf(out, "  %-12s 0x%010" PRIx64 "-0x%010" PRIx64 "  ", segment->name, r.start,
		r.end - 1);
	print_size(out, range_size(r));
	fputs(", ", out);
	print_size(out, segment->bytes.size);
	fprintf(out, " of data%s%s", segment->sealed ? ", sealed" : "",
		segment->file ? ", from " : "");
	print_clean(out, segment->file ? segment->file : "");
	putc('\n', out);
	print_limits(segment, out);
}

static void print_purgatory(const struct plan *plan, FILE *out)
{
	const struct plan_purgatory *p = &plan->purgatory;

	if (!p->kind) {
		fputs("purgatory     none\n", out);
		return;
	}
	fprintf(out, "purgatory     %s, ", p->kind);
	print_clean(out, p->file ? p->file : "built in");
	fputs(", ", out);
	print_size(out, p->image_size);
	fprintf(out, " (%" PRIu64 " in memory), %u relocation%s applied\n", p->memory_size,
		p->relocations, p->relocations == 1 ? "" : "s");
}

static void print_verification(const struct plan *plan, FILE *out)
{
	struct plan_cost cost = plan_cost(plan);

	fputs("verification  ", out);
	if (!cost.bytes) {
		fputs("none\n", out);
		return;
	}
	print_size(out, cost.bytes);
	fprintf(out, " of SHA-256, %s, about ", cost.implementation);
	if (cost.ms)
		fprintf(out, "%" PRIu64 " ms\n", cost.ms);
	else
		fprintf(out, "%" PRIu64 " million cycles\n", cost.cycles / 1000000 + 1);
}

static void print_field(FILE *out, const char *name, const char *text)
{
	fprintf(out, "%-13s ", name);
	print_clean(out, text);
	putc('\n', out);
}

void plan_print_text(const struct plan *plan, FILE *out)
{
	print_field(out, "kernel", plan->kernel);
	fprintf(out, "type          %s for %s", plan->image_type, plan->arch);
	for (size_t i = plan->image ? plan->image->layers : 0; i > 0; i--) {
		fputs(", in ", out);
		print_clean(out, plan->image->layer[i - 1]);
	}
	fputc('\n', out);
	if (plan->started_by)
		print_field(out, "started by", plan->started_by);
	if (plan->kernel_version)
		print_field(out, "version", plan->kernel_version);
	print_field(out, "command line", plan->cmdline ? plan->cmdline : "");
	fprintf(out, "system call   %s: ", plan->method);
	print_clean(out, plan->method_why);
	putc('\n', out);
	if (!plan->segments) {
		fputs("segments      unknown\n", out);
		return;
	}
	print_purgatory(plan, out);
	print_verification(plan, out);
	fprintf(out, "entry         0x%" PRIx64 ", then the kernel at 0x%" PRIx64 "\n", plan->entry,
		plan->kernel_entry);
	if (plan->reboot_cpu)
		fprintf(out, "jump by       CPU %u, number %u of the hardware's\n",
			plan->reboot_cpu->number, plan->reboot_cpu->hardware);
	fprintf(out, "segments      %zu of %d\n", plan->segments, PLAN_MAX_SEGMENTS);
	for (size_t i = 0; i < plan->segments; i++)
		print_segment(&plan->segment[i], out);
}

void plan_print_segments(const struct plan *plan, FILE *out)
{
	fprintf(out, "nr_segments = %zu\n", plan->segments);
	for (size_t i = 0; i < plan->segments; i++) {
		const struct segment *s = &plan->segment[i];

		fprintf(out, "segment[%zu].buf   = %p\n", i, (const void *)s->bytes.data);
		fprintf(out, "segment[%zu].bufsz = 0x%zx\n", i, s->bytes.size);
		fprintf(out, "segment[%zu].mem   = 0x%" PRIx64 "\n", i, s->range.start);
		fprintf(out, "segment[%zu].memsz = 0x%" PRIx64 "\n", i, range_size(s->range));
	}
}
