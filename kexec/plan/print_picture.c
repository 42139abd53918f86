/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory drawn to scale: a row of the machine's memory, and a row of the segments.  A segment
 * too small for the scale still gets one column.
 */
#include "plan.h"

#include <inttypes.h>
#include <string.h>

#define MIN_WIDTH 40
#define MAX_WIDTH 160

struct canvas {
	uint64_t top; /* address at the right edge, exclusive */
	unsigned int width;
	char row[MAX_WIDTH + 1];
};

static unsigned int column(const struct canvas *canvas, uint64_t addr)
{
	double at = (double)addr / (double)canvas->top * canvas->width;

	return at >= canvas->width ? canvas->width - 1 : (unsigned int)at;
}

static void draw(struct canvas *canvas, struct range r, char mark)
{
	unsigned int from, to;

	if (r.start >= canvas->top)
		return;
	if (r.end > canvas->top)
		r.end = canvas->top;
	from = column(canvas, r.start);
	to = column(canvas, r.end - 1);
	memset(canvas->row + from, mark, to - from + 1);
}

static void clear(struct canvas *canvas)
{
	memset(canvas->row, ' ', canvas->width);
	canvas->row[canvas->width] = '\0';
}

static void print_size_short(FILE *out, uint64_t size)
{
	static const char *const unit[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" };
	unsigned int u = 0;

	while (size >= 10240 && u < 5) {
		size = (size + 512) / 1024;
		u++;
	}
	fprintf(out, "%" PRIu64 " %s", size, unit[u]);
}

static void draw_memory(struct canvas *canvas, const struct machine *machine, FILE *out)
{
	clear(canvas);
	for (size_t i = 0; i < machine->map.count; i++)
		if (machine->map.entry[i].type == MEMORY_RAM)
			draw(canvas, machine->map.entry[i].range, '=');
	/* Reserved memory is small, so it is drawn last: RAM must not cover it. */
	for (size_t i = 0; i < machine->map.count; i++)
		if (machine->map.entry[i].type != MEMORY_RAM)
			draw(canvas, machine->map.entry[i].range, 'x');
	for (size_t i = 0; i < machine->crash.count; i++)
		draw(canvas, machine->crash.range[i], 'c');
	fprintf(out, "  |%s|  = RAM  x reserved  c crash kernel's\n", canvas->row);
}

static void draw_segments(struct canvas *canvas, const struct plan *plan, FILE *out)
{
	clear(canvas);
	for (size_t i = 0; i < plan->segments; i++)
		draw(canvas, plan->segment[i].range, (char)('A' + (char)i));
	fprintf(out, "  |%s|\n", canvas->row);
	for (size_t i = 0; i < plan->segments; i++) {
		fprintf(out, "   %c %-12s ", 'A' + (char)i, plan->segment[i].name);
		print_size_short(out, range_size(plan->segment[i].range));
		fprintf(out, " at 0x%" PRIx64 "\n", plan->segment[i].range.start);
	}
}

void plan_print_picture(const struct plan *plan, const struct machine *machine, FILE *out,
			unsigned int width)
{
	struct canvas canvas = { .width = width };
	const struct range_set *ram = &machine->ram;

	if (!ram->count)
		return;
	canvas.width = width < MIN_WIDTH ? MIN_WIDTH : width > MAX_WIDTH ? MAX_WIDTH : width;
	canvas.top = ram->range[ram->count - 1].end;
	fprintf(out, "memory from 0 to ");
	print_size_short(out, canvas.top);
	fprintf(out, ", to scale:\n");
	draw_memory(&canvas, machine, out);
	draw_segments(&canvas, plan, out);
}
