/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A picture of memory as SVG 1.1: at the left memory to scale from 0 at the top, at the right a box
 * for each segment, in the order of addresses, with the reason for its place.
 */
#include "plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/print.h"

#define WIDTH 1180
#define TOP 96
#define COLUMN_LEFT 170
#define COLUMN_RIGHT 250
#define BOX_LEFT 340
#define BOX_WIDTH (WIDTH - BOX_LEFT - 20)
#define LINE 17
#define LABEL_DISTANCE 14
#define MIN_HEIGHT 420

struct picture {
	FILE *out;
	uint64_t top; /* of memory, exclusive */
	unsigned int height; /* of the column */
};

/* As print_clean(), with XML's characters escaped. */
static void print_xml(FILE *out, const char *text)
{
	for (const char *s = text; *s;) {
		size_t plain = strcspn(s, "<>&\"");
		char *part = strndup(s, plain);

		if (part)
			print_clean(out, part);
		free(part);
		s += plain;
		if (*s)
			fprintf(out, "&#%d;", *s++);
	}
}

static void print_size(FILE *out, uint64_t size)
{
	static const char *const unit[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)size;
	unsigned int u = 0;

	while (value >= 1024 && u < 4) {
		value /= 1024;
		u++;
	}
	fprintf(out, value < 10 && u ? "%.1f %s" : "%.0f %s", value, unit[u]);
}

static double place(const struct picture *p, uint64_t address)
{
	return TOP + (double)address / (double)p->top * p->height;
}

/* A rectangle of the column, at least a line high.  A browser shows title under the pointer. */
static void draw(const struct picture *p, struct range r, const char *colour, const char *title)
{
	double from, to;

	if (r.start >= p->top)
		return;
	from = place(p, r.start);
	to = place(p, r.end < p->top ? r.end : p->top);
	fprintf(p->out, "<rect x='%d' y='%.2f' width='%d' height='%.2f' fill='%s'><title>",
		COLUMN_LEFT, from, COLUMN_RIGHT - COLUMN_LEFT, to - from < 1 ? 1 : to - from,
		colour);
	print_xml(p->out, title);
	fprintf(p->out, " 0x%" PRIx64 "-0x%" PRIx64 "</title></rect>\n", r.start, r.end - 1);
}

static void label(const struct picture *p, uint64_t address, double *last)
{
	double y = place(p, address);

	if (y < *last + LABEL_DISTANCE)
		return;
	*last = y;
	fprintf(p->out, "<text x='%d' y='%.2f' text-anchor='end' class='a'>0x%" PRIx64 "</text>\n",
		COLUMN_LEFT - 8, y + 4, address);
}

static void draw_memory(const struct picture *p, const struct machine *machine)
{
	const struct memory_map *map = &machine->map;
	double last = 0;

	fprintf(p->out,
		"<rect x='%d' y='%d' width='%d' height='%u' fill='#f4f4f4' stroke='#888'/>\n",
		COLUMN_LEFT, TOP, COLUMN_RIGHT - COLUMN_LEFT, p->height);
	for (size_t i = 0; i < map->count; i++)
		if (map->entry[i].type == MEMORY_RAM)
			draw(p, map->entry[i].range, "#b7dfb0", "RAM");
	/* Reserved memory is small, so it is drawn last: RAM must not cover it. */
	for (size_t i = 0; i < map->count; i++)
		if (map->entry[i].type != MEMORY_RAM)
			draw(p, map->entry[i].range, "#9a9a9a", "reserved");
	for (size_t i = 0; i < machine->crash.count; i++)
		draw(p, machine->crash.range[i], "#f3a83b", "crash kernel's");
	for (size_t i = 0; i < map->count; i++)
		if (map->entry[i].type == MEMORY_RAM) {
			label(p, map->entry[i].range.start, &last);
			if (map->entry[i].range.end < p->top)
				label(p, map->entry[i].range.end, &last);
		}
	label(p, p->top, &last);
}

static unsigned int lines_of(const struct segment *s)
{
	return 3 + (s->fixed ? 0 : (unsigned int)s->placement.limits);
}

static void print_limit(FILE *out, const struct limit *limit)
{
	if (limit->range.start)
		fprintf(out, "from 0x%" PRIx64 " ", limit->range.start);
	if (limit->range.end != UINT64_MAX)
		fprintf(out, "below 0x%" PRIx64 " ", limit->range.end);
	putc('(', out);
	print_xml(out, limit->why);
	putc(')', out);
}

static void begin_line(const struct picture *p, unsigned int *y, const char *class)
{
	*y += LINE;
	fprintf(p->out, "<text x='%d' y='%u' class='%s'>", BOX_LEFT + 12, *y, class);
}

static void end_line(const struct picture *p)
{
	fputs("</text>\n", p->out);
}

static void describe(const struct picture *p, const struct segment *s, unsigned int y)
{
	begin_line(p, &y, "n");
	print_xml(p->out, s->name);
	fputs(" &#183; ", p->out);
	print_size(p->out, range_size(s->range));
	fputs(s->sealed ? " &#183; verified by purgatory" : "", p->out);
	end_line(p);
	begin_line(p, &y, "a");
	fprintf(p->out, "0x%" PRIx64 "-0x%" PRIx64, s->range.start, s->range.end - 1);
	if (s->file) {
		fputs(", from ", p->out);
		print_xml(p->out, s->file);
	}
	end_line(p);
	begin_line(p, &y, "w");
	if (s->fixed)
		fputs("here because the image contains the address", p->out);
	else
		fprintf(p->out, "here because it is the %s free place aligned to 0x%" PRIx64 "%s",
			s->placement.direction == LOWEST_FIRST ? "lowest" : "highest",
			s->placement.align, s->placement.limits ? " and" : "");
	end_line(p);
	for (size_t i = 0; !s->fixed && i < s->placement.limits; i++) {
		begin_line(p, &y, "w");
		print_limit(p->out, &s->placement.limit[i]);
		end_line(p);
	}
}

static void draw_segment(const struct picture *p, const struct segment *s, unsigned int y)
{
	unsigned int height = lines_of(s) * LINE + 10;
	double from = place(p, s->range.start), to = place(p, s->range.end);

	draw(p, s->range, "#3b6fb6", s->name);
	fprintf(p->out,
		"<path d='M%d %.2f L%d %u L%d %u L%d %.2f Z' fill='#3b6fb6' "
		"fill-opacity='0.18'/>\n",
		COLUMN_RIGHT, from, BOX_LEFT, y, BOX_LEFT, y + height, COLUMN_RIGHT,
		to - from < 1 ? from + 1 : to);
	fprintf(p->out,
		"<rect x='%d' y='%u' width='%d' height='%u' rx='4' fill='#eef3fa' "
		"stroke='#3b6fb6'/>\n",
		BOX_LEFT, y, BOX_WIDTH, height);
	describe(p, s, y);
}

static int compare_start(const void *a, const void *b)
{
	const struct segment *const *x = a, *const *y = b;

	return (*x)->range.start < (*y)->range.start ? -1 : (*x)->range.start > (*y)->range.start;
}

static void draw_legend(const struct picture *p)
{
	static const struct {
		const char *colour, *text;
	} entry[] = { { "#b7dfb0", "RAM" },
		      { "#9a9a9a", "reserved" },
		      { "#f3a83b", "crash kernel's" },
		      { "#3b6fb6", "loaded" } };

	for (unsigned int i = 0; i < sizeof(entry) / sizeof(entry[0]); i++)
		fprintf(p->out,
			"<rect x='%u' y='62' width='14' height='14' fill='%s'/>"
			"<text x='%u' y='74' class='a'>%s</text>\n",
			BOX_LEFT + 130 * i, entry[i].colour, BOX_LEFT + 20 + 130 * i,
			entry[i].text);
}

static void draw_title(const struct picture *p, const struct plan *plan)
{
	fputs("<text x='20' y='30' class='t'>", p->out);
	print_xml(p->out, plan->kernel);
	fputs("</text>\n<text x='20' y='50' class='a'>", p->out);
	fprintf(p->out, "%s for %s", plan->image_type, plan->arch);
	if (plan->kernel_version) {
		fputs(", ", p->out);
		print_xml(p->out, plan->kernel_version);
	}
	fputs("; memory from 0 to ", p->out);
	print_size(p->out, p->top);
	fputs("</text>\n", p->out);
}

void plan_print_svg(const struct plan *plan, const struct machine *machine, FILE *out)
{
	const struct range_set *ram = &machine->ram;
	const struct segment *sorted[PLAN_MAX_SEGMENTS] = { NULL };
	struct picture p = { .out = out, .top = ram->count ? ram->range[ram->count - 1].end : 1 };
	unsigned int y = TOP;

	for (size_t i = 0; i < plan->segments; i++) {
		sorted[i] = &plan->segment[i];
		if (sorted[i]->range.end > p.top)
			p.top = sorted[i]->range.end;
		p.height += lines_of(sorted[i]) * LINE + 20;
	}
	qsort(sorted, plan->segments, sizeof(sorted[0]), compare_start);
	if (p.height < MIN_HEIGHT)
		p.height = MIN_HEIGHT;
	fprintf(out,
		"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %u' width='%d' "
		"height='%u'>\n"
		"<style>text{font-family:sans-serif;fill:#222}.t{font-size:20px;font-weight:bold}"
		".n{font-size:14px;font-weight:bold}.a{font-size:12px;font-family:monospace}"
		".w{font-size:12px;fill:#555}</style>\n"
		"<rect width='100%%' height='100%%' fill='#fff'/>\n",
		WIDTH, TOP + p.height + 20, WIDTH, TOP + p.height + 20);
	draw_title(&p, plan);
	draw_legend(&p);
	draw_memory(&p, machine);
	for (size_t i = 0; i < plan->segments; i++) {
		draw_segment(&p, sorted[i], y);
		y += lines_of(sorted[i]) * LINE + 20;
	}
	fputs("</svg>\n", out);
}
