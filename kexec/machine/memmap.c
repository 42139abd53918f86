/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory map, from the firmware's own list (Linux:
 * Documentation/ABI/testing/sysfs-firmware-memmap) or from /proc/iomem.
 */
#include "memmap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#define FIRMWARE_MAP "/sys/firmware/memmap"

#define MEMORY_TYPES (MEMORY_UNUSABLE + 1)

/* The first name of a type is the name that is printed. */
static const struct {
	const char *name;
	enum memory_type type;
} type_names[] = {
	{ "System RAM", MEMORY_RAM },
	/* The part of memory above 4 GiB that boot code reaches at a second address */
	{ "System RAM (boot alias)", MEMORY_RAM },
	{ "Reserved", MEMORY_RESERVED },
	/* Code and tables of the firmware, in use as long as the machine runs */
	{ "Firmware", MEMORY_RESERVED },
	{ "ACPI Tables", MEMORY_ACPI },
	{ "ACPI Non-volatile Storage", MEMORY_ACPI_NVS },
	{ "Unusable memory", MEMORY_UNUSABLE },
	{ "Persistent Memory", MEMORY_PMEM },
	{ "Persistent Memory (legacy)", MEMORY_PRAM },
	{ "Soft Reserved", MEMORY_SOFT_RESERVED },
	{ "Unknown E820 type", MEMORY_OTHER },
	{ "Uncached RAM", MEMORY_OTHER },
};

#define TYPE_NAMES ARRAY_SIZE(type_names)

const char *memory_type_name(enum memory_type type)
{
	for (size_t i = 0; i < TYPE_NAMES; i++) {
		if (type_names[i].type == type)
			return type_names[i].name;
	}
	return "Reserved";
}

bool memory_type_by_name(const char *name, enum memory_type *type)
{
	for (size_t i = 0; i < TYPE_NAMES; i++) {
		if (!strcmp(type_names[i].name, name)) {
			*type = type_names[i].type;
			return true;
		}
	}
	/* Kernels write "Reserved" and "reserved". */
	*type = MEMORY_RESERVED;
	return !strcasecmp(name, "reserved");
}

/* An address at which an entry starts (step 1) or ends (step -1). */
struct edge {
	uint64_t addr;
	enum memory_type type;
	int step;
};

static int compare_edges(const void *a, const void *b)
{
	uint64_t x = ((const struct edge *)a)->addr, y = ((const struct edge *)b)->addr;

	return x < y ? -1 : x > y;
}

static void append(struct memory_map *map, struct range range, enum memory_type type)
{
	struct memory_entry *last = map->entry + map->count;

	if (map->count && last[-1].type == type && last[-1].range.end == range.start) {
		last[-1].range.end = range.end;
		return;
	}
	*last = (struct memory_entry){ range, type };
	map->count++;
}

/* Finds the most restrictive type that has an open entry.  open: open entries of each type. */
static bool strictest_open(const int64_t open[MEMORY_TYPES], enum memory_type *type)
{
	for (size_t i = MEMORY_TYPES; i-- > 0;) {
		if (open[i] > 0) {
			*type = (enum memory_type)i;
			return true;
		}
	}
	return false;
}

int memory_map_resolve(struct ctx *ctx, const struct memory_entry *entry, size_t count,
		       struct memory_map *out)
{
	int64_t open[MEMORY_TYPES] = { 0 };
	size_t edges = 2 * count;
	struct edge *edge;
	enum memory_type type;

	out->count = 0;
	if (!count)
		return 0;
	edge = map_anonymous(ctx, edges * sizeof(*edge));
	out->entry = map_anonymous(ctx, edges * sizeof(*out->entry));
	if (!edge || !out->entry)
		return err_set(&ctx->err, -ENOMEM, "out of memory for %zu memory ranges", count);
	for (size_t i = 0; i < count; i++) {
		edge[2 * i] = (struct edge){ entry[i].range.start, entry[i].type, 1 };
		edge[2 * i + 1] = (struct edge){ entry[i].range.end, entry[i].type, -1 };
	}
	qsort(edge, edges, sizeof(*edge), compare_edges);
	for (size_t i = 0; i + 1 < edges; i++) {
		/* Between edges of one address a count may be negative; after them it is not. */
		open[edge[i].type] += edge[i].step;
		if (edge[i].addr < edge[i + 1].addr && strictest_open(open, &type))
			append(out, (struct range){ edge[i].addr, edge[i + 1].addr }, type);
	}
	return 0;
}

int memory_map_reserve_rest(struct ctx *ctx, const struct range_set *ram, struct memory_map *map)
{
	struct range_set rest = { 0 };
	struct memory_entry *entry;
	size_t count = map->count;

	for (size_t i = 0; i < map->count; i++) {
		if (map->entry[i].type == MEMORY_RAM)
			range_set_add(&ctx->arena, &rest, map->entry[i].range);
	}
	for (size_t i = 0; i < ram->count; i++)
		range_set_subtract(&ctx->arena, &rest, ram->range[i]);
	entry = arena_array(&ctx->arena, count + rest.count, sizeof(*entry));
	if (count)
		memcpy(entry, map->entry, count * sizeof(*entry));
	for (size_t i = 0; i < rest.count; i++)
		entry[count++] = (struct memory_entry){ rest.range[i], MEMORY_RESERVED };
	return memory_map_resolve(ctx, entry, count, map);
}

void memory_map_clip_ram(struct memory_map *map, uint64_t limit)
{
	size_t kept = 0;

	for (size_t i = 0; i < map->count; i++) {
		struct memory_entry entry = map->entry[i];

		if (entry.type == MEMORY_RAM && entry.range.start < limit)
			entry.range.start = limit;
		if (!range_empty(entry.range))
			map->entry[kept++] = entry;
	}
	map->count = kept;
}

/* Resolves the entries; a map without RAM is an error. */
static int finish(struct ctx *ctx, const struct memory_entry *entry, size_t count,
		  struct memory_map *out)
{
	int ret = memory_map_resolve(ctx, entry, count, out);

	if (ret)
		return ret;
	for (size_t i = 0; i < out->count; i++) {
		if (out->entry[i].type == MEMORY_RAM)
			return 0;
	}
	return err_set(&ctx->err, -ENODATA, "%s lists no System RAM", out->source);
}

static int read_firmware_type(struct ctx *ctx, const struct sysroot *root, const char *file,
			      enum memory_type *type)
{
	struct bytes text;
	char *name;
	int ret = sysroot_read(ctx, root, file, &text);

	if (ret)
		return ret;
	name = arena_strdup(&ctx->arena, (const char *)text.data);
	name[strcspn(name, "\n")] = '\0';
	if (!*name)
		return err_set(&ctx->err, -EINVAL, "%s%s: expected a memory type, found nothing",
			       root->path, file);
	if (memory_type_by_name(name, type))
		return 0;
	*type = MEMORY_OTHER;
	log_warn(&ctx->log,
		 "%s%s: unknown memory type '%.60s' is taken for reserved; please "
		 "report it",
		 root->path, file, name);
	return 0;
}

static int read_firmware_entry(struct ctx *ctx, const struct sysroot *root, const char *name,
			       struct memory_entry *entry)
{
	const char *dir = arena_printf(&ctx->arena, "%s/%s", FIRMWARE_MAP, name);
	uint64_t first, last;
	int ret;

	ret = sysroot_read_number(ctx, root, arena_printf(&ctx->arena, "%s/start", dir), 0, &first);
	if (!ret)
		ret = sysroot_read_number(ctx, root, arena_printf(&ctx->arena, "%s/end", dir), 0,
					  &last);
	if (!ret)
		ret = read_firmware_type(ctx, root, arena_printf(&ctx->arena, "%s/type", dir),
					 &entry->type);
	if (ret)
		return ret;
	if (last < first)
		return err_set(&ctx->err, -EINVAL,
			       "%s%s: the range ends (0x%" PRIx64 ") before it starts (0x%" PRIx64
			       ")",
			       root->path, dir, last, first);
	entry->range = (struct range){ first, last == UINT64_MAX ? last : last + 1 };
	return 0;
}

int memory_map_from_firmware(struct ctx *ctx, const struct sysroot *root, struct memory_map *out)
{
	struct memory_entry *entry;
	size_t count = 0;
	char **names;
	int ret;

	*out = (struct memory_map){ .source = sysroot_path(ctx, root, FIRMWARE_MAP) };
	ret = sysroot_list(ctx, root, FIRMWARE_MAP, &names);
	if (ret)
		return ret;
	while (names[count])
		count++;
	entry = arena_array(&ctx->arena, count, sizeof(*entry));
	for (size_t i = 0; i < count; i++) {
		ret = read_firmware_entry(ctx, root, names[i], &entry[i]);
		if (ret)
			return ret;
	}
	return finish(ctx, entry, count, out);
}

int memory_map_from_iomem(struct ctx *ctx, const struct iomem *iomem, struct memory_map *out)
{
	struct memory_entry *entry;
	size_t count = 0;

	*out = (struct memory_map){ .source = iomem_source(iomem) };
	if (!iomem->count)
		return finish(ctx, NULL, 0, out);
	entry = map_anonymous(ctx, iomem->count * sizeof(*entry));
	if (!entry)
		return err_set(&ctx->err, -ENOMEM, "out of memory for %zu memory ranges",
			       iomem->count);
	for (size_t i = 0; i < iomem->count; i++) {
		enum memory_type type;

		if (memory_type_by_name(iomem->entry[i].name, &type))
			entry[count++] = (struct memory_entry){ iomem->entry[i].range, type };
	}
	return finish(ctx, entry, count, out);
}
