/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of a ppc64 machine, from the device tree.  On ppc64 /proc/iomem lists neither the
 * kernel nor its reservations (Linux: arch/powerpc/kernel/prom.c; LoPAR).
 */
#include "ppc64_machine.h"

#include <errno.h>
#include <inttypes.h>

#include "machine/livetree.h"
#include "lmb.h"

#define MAX_PAIRS                                                                                  \
	1024 /* in one property: more than any machine has, and a loop over them is short */

struct reader {
	struct livetree tree;
	const struct request *req;
	struct machine *machine;
	struct machine_ppc64 *ppc64;
	size_t address_cells, size_cells; /* of the root: 1 or 2, 32-bit numbers */
	uint64_t memory_end; /* end of memory by mem= */
};

static const char *property(struct reader *r, const char *node, const char *name)
{
	return arena_printf(&r->tree.ctx->arena, "%s/%s", node, name);
}

static void add_entry(struct reader *r, struct range range, int depth, const char *name)
{
	struct iomem *iomem = &r->machine->iomem;

	if (range_empty(range))
		return;
	iomem->entry = arena_grow(&r->tree.ctx->arena, iomem->entry, iomem->count,
				  sizeof(*iomem->entry));
	iomem->entry[iomem->count++] = (struct iomem_entry){ range, depth, name };
}

static void add_ram(struct reader *r, struct range range)
{
	add_entry(r, range_intersect(range, (struct range){ 0, r->memory_end }), 0, "System RAM");
}

static void append_range(struct reader *r, struct range **list, size_t *count, struct range range)
{
	*list = arena_grow(&r->tree.ctx->arena, *list, *count, sizeof(**list));
	(*list)[(*count)++] = range;
}

static int make_range(struct reader *r, const char *name, uint64_t start, uint64_t size,
		      struct range *out)
{
	*out = (struct range){ start, 0 };
	if (!__builtin_add_overflow(start, size, &out->end))
		return 0;
	return livetree_malformed(&r->tree, name,
				  arena_printf(&r->tree.ctx->arena,
					       "0x%" PRIx64 " bytes at 0x%" PRIx64
					       " go past the end of the address space",
					       size, start));
}

/* A missing property means one cell: Linux assumes that, too. */
static int root_cells(struct reader *r, const char *name, size_t *cells)
{
	uint64_t number;
	int ret = livetree_cells(&r->tree, name, 1, &number);

	if (ret)
		return ret;
	*cells = (size_t)number;
	if (number >= 1 && number <= MAX_CELLS)
		return 0;
	return livetree_malformed(&r->tree, name,
				  arena_printf(&r->tree.ctx->arena,
					       "%" PRIu64 " cells, expected 1 or 2", number));
}

/* Calls take() for each address and size in a property of the root's cells. */
static int for_each_pair(struct reader *r, const char *name, struct bytes pairs,
			 void (*take)(struct reader *r, struct range range))
{
	size_t middle = 4 * r->address_cells, step = middle + 4 * r->size_cells;
	struct range range;

	if (!pairs.size || pairs.size % step)
		return livetree_malformed(&r->tree, name,
					  arena_printf(&r->tree.ctx->arena,
						       "%zu bytes, expected pairs of %zu",
						       pairs.size, step));
	if (pairs.size / step > MAX_PAIRS)
		return livetree_malformed(&r->tree, name,
					  arena_printf(&r->tree.ctx->arena,
						       "%zu pairs, at most %d make sense",
						       pairs.size / step, MAX_PAIRS));
	for (size_t at = 0; at < pairs.size; at += step) {
		int ret = make_range(r, name, get_cells(pairs.data + at, r->address_cells),
				     get_cells(pairs.data + at + middle, r->size_cells), &range);

		if (ret)
			return ret;
		take(r, range);
	}
	return 0;
}

static void take_memory(struct reader *r, struct range range)
{
	struct range *rma = &r->machine->reach;

	if (!range_empty(range) && (range_empty(*rma) || range.start < rma->start))
		*rma = range;
	add_ram(r, range);
}

static void take_reserved(struct reader *r, struct range range)
{
	add_entry(r, range, 1, "Reserved");
	append_range(r, &r->ppc64->reserved, &r->ppc64->reserved_count, range);
}

/* True for the memory of a device, such as a GPU.  A driver adds it to Linux later. */
static bool is_device_memory(struct reader *r, const char *node)
{
	static const char coherent[] = "ibm,coherent-device-memory";
	const char *compatible = "";

	if (livetree_string(&r->tree, property(r, node, "compatible"), &compatible) < 0)
		sysroot_go_without(r->tree.ctx);
	return !strncmp(compatible, coherent, sizeof(coherent) - 1);
}

static int read_memory_node(struct reader *r, const char *node)
{
	const char *name = property(r, node, "reg");
	struct bytes reg;
	int ret;

	if (is_device_memory(r, node))
		return 0;
	ret = livetree_bytes(&r->tree, name, &reg);
	if (!ret)
		return livetree_malformed(&r->tree, name, "missing, a memory node needs it");
	return ret < 0 ? ret : for_each_pair(r, name, reg, take_memory);
}

static int read_blocks(struct reader *r)
{
	struct livetree *tree = &r->tree;
	struct bytes size, memory;
	struct lmbs lmbs;
	bool v2 = false;
	int ret = livetree_bytes(tree, LMB_NODE "/" LMB_SIZE, &size);

	if (ret >= 0)
		ret = livetree_bytes(tree, LMB_NODE "/" LMB_MEMORY, &memory);
	if (!ret) {
		ret = livetree_bytes(tree, LMB_NODE "/" LMB_MEMORY_V2, &memory);
		v2 = true;
	}
	if (ret <= 0)
		return ret;
	ret = lmb_parse(sysroot_path(tree->ctx, tree->root, livetree_path(tree, LMB_NODE)), size,
			memory, v2, &lmbs, &tree->ctx->err);
	for (uint32_t i = 0; !ret && i < lmbs.sets; i++) {
		struct lmb_set set = lmb_set(&lmbs, i);

		if (set.usable)
			add_ram(r, (struct range){ set.start, set.start + lmbs.size * set.blocks });
	}
	return ret;
}

/* Reads a pair of properties.  If base exists, size must exist.  Returns 1: found; 0: no base. */
static int read_pair(struct reader *r, const char *base, const char *size, struct range *out)
{
	uint64_t start = 0, length = 0;
	int ret = livetree_number(&r->tree, base, &start);

	*out = (struct range){ 0 };
	if (ret > 0)
		ret = livetree_needed(&r->tree, size, &length);
	if (ret > 0)
		ret = make_range(r, base, start, length, out);
	else
		return ret;
	return ret ? ret : 1;
}

/* Adds the whole pages that contain the range, because memory is used and dumped in pages. */
static void add_firmware(struct reader *r, struct range range)
{
	struct range pages = { align_down(range.start, PPC64_PAGE_SIZE), 0 };

	if (range_empty(range) || !align_up(range.end, PPC64_PAGE_SIZE, &pages.end))
		return;
	add_entry(r, pages, 1, "Firmware");
	append_range(r, &r->ppc64->firmware, &r->ppc64->firmware_count, pages);
}

static int read_rtas(struct reader *r, const char *node)
{
	struct machine_ppc64 *out = r->ppc64;
	uint64_t base = 0, size = 0;
	struct range range = { 0 };
	int ret = livetree_needed(&r->tree, property(r, node, "linux,rtas-base"), &base);

	if (ret >= 0)
		ret = livetree_needed(&r->tree, property(r, node, "rtas-size"), &size);
	if (ret >= 0)
		ret = make_range(r, node, base, size, &range);
	add_firmware(r, range);
	out->rtas_base = out->rtas_entry = base;
	if (ret >= 0)
		ret = livetree_number(&r->tree, property(r, node, "linux,rtas-entry"),
				      &out->rtas_entry);
	if (ret >= 0)
		ret = livetree_number(&r->tree, property(r, node, "system-reboot"),
				      &out->rtas_reboot);
	if (!out->rtas_reboot) /* purgatory calls RTAS only to reset */
		out->rtas_entry = 0;
	return ret < 0 ? ret : 0;
}

static int read_opal(struct reader *r, const char *node)
{
	struct machine_ppc64 *out = r->ppc64;
	struct range range = { 0 };
	uint64_t size = 0;
	int ret = livetree_needed(&r->tree, property(r, node, "opal-base-address"),
				  &out->opal_base);

	if (ret >= 0)
		ret = livetree_needed(&r->tree, property(r, node, "opal-runtime-size"), &size);
	if (ret >= 0)
		ret = make_range(r, node, out->opal_base, size, &range);
	add_firmware(r, range);
	if (ret >= 0)
		ret = livetree_number(&r->tree, property(r, node, "opal-entry-address"),
				      &out->opal_entry);
	return ret < 0 ? ret : 0;
}

/* Reads the place of a bridge's DMA tables, on machines without a hypervisor. */
static int read_bridge(struct reader *r, const char *node)
{
	struct range range;
	int ret = read_pair(r, property(r, node, "linux,tce-base"),
			    property(r, node, "linux,tce-size"), &range);

	add_firmware(r, range);
	return ret < 0 ? ret : 0;
}

static bool starts_with(const char *name, const char *start)
{
	return !strncmp(name, start, strlen(start));
}

static int read_node(struct reader *r, const char *name)
{
	if (!strcmp(name, "memory") || starts_with(name, "memory@"))
		return read_memory_node(r, name);
	if (starts_with(name, "rtas"))
		return read_rtas(r, name);
	if (!strcmp(name, "ibm,opal") || starts_with(name, "ibm,opal@"))
		return read_opal(r, name);
	if (starts_with(name, "pci@"))
		return read_bridge(r, name);
	return 0;
}

static int read_root(struct reader *r)
{
	struct bytes pairs = { 0 };
	char **names;
	int ret = root_cells(r, "#address-cells", &r->address_cells);

	if (!ret)
		ret = root_cells(r, "#size-cells", &r->size_cells);
	if (!ret)
		ret = livetree_list(&r->tree, "", &names);
	for (size_t i = 0; !ret && names[i]; i++)
		ret = read_node(r, names[i]);
	if (!ret)
		ret = read_blocks(r);
	if (!ret)
		ret = livetree_bytes(&r->tree, "reserved-ranges", &pairs);
	if (ret > 0)
		ret = for_each_pair(r, "reserved-ranges", pairs, take_reserved);
	return ret;
}

/* Reads the places of the running kernel, its crash reservation, hash table and initrd. */
static int read_chosen(struct reader *r)
{
	struct range kernel = { 0 }, crash = { 0 }, hash = { 0 }, *initrd = &r->ppc64->initrd;
	int ret = livetree_needed(&r->tree, "chosen/linux,kernel-end", &kernel.end);

	if (ret >= 0)
		ret = read_pair(r, "chosen/linux,crashkernel-base", "chosen/linux,crashkernel-size",
				&crash);
	if (ret >= 0)
		ret = read_pair(r, "chosen/linux,htab-base", "chosen/linux,htab-size", &hash);
	if (ret >= 0)
		ret = livetree_number(&r->tree, "chosen/linux,initrd-start", &initrd->start);
	if (ret >= 0)
		ret = livetree_number(&r->tree, "chosen/linux,initrd-end", &initrd->end);
	if (ret < 0)
		return ret;
	add_entry(r, kernel, 1, "Reserved");
	if (r->req->reuse_initrd)
		add_entry(r, *initrd, 1, "Reserved");
	add_entry(r, hash, 1, "Reserved");
	add_entry(r, crash, 1, "Crash kernel");
	return 0;
}

static int read_memory_limit(struct reader *r)
{
	uint64_t limit = 0;
	int ret = livetree_number(&r->tree, "chosen/linux,memory-limit", &limit);

	r->memory_end = limit ? limit : UINT64_MAX;
	return ret < 0 ? ret : 0;
}

/* Reads the number of the console's terminal in the hypervisor: the node's address in reg. */
static int read_console(struct reader *r)
{
	const char *path = NULL, *compatible = "";
	uint64_t number;
	int ret = livetree_string(&r->tree, "chosen/stdout-path", &path);

	if (!ret)
		ret = livetree_string(&r->tree, "chosen/linux,stdout-path", &path);
	if (ret <= 0 || *path != '/' || strstr(path, ".."))
		return ret < 0 ? ret : 0;
	path = arena_strndup(&r->tree.ctx->arena, path + 1, strcspn(path + 1, ":"));
	ret = livetree_string(&r->tree, property(r, path, "compatible"), &compatible);
	if (ret <= 0 || (strcmp(compatible, "hvterm1") && strcmp(compatible, "hvterm-protocol")))
		return ret < 0 ? ret : 0;
	ret = livetree_number(&r->tree, property(r, path, "reg"), &number);
	if (ret <= 0)
		return ret;
	r->ppc64->hvterm = true;
	r->ppc64->hvterm_number = (uint32_t)number;
	return 0;
}

/* Reads the clocks of one CPU.  All CPUs have the same clocks. */
static int read_clocks(struct reader *r)
{
	uint64_t timebase = 0, clock = 0;
	char **names;
	int ret = livetree_list(&r->tree, "cpus", &names);

	if (ret == -ENOENT) {
		err_clear(&r->tree.ctx->err);
		return 0;
	}
	for (size_t i = 0; ret >= 0 && !timebase && names[i]; i++) {
		const char *node = property(r, "cpus", names[i]);

		ret = livetree_number(&r->tree, property(r, node, "timebase-frequency"), &timebase);
		if (ret >= 0)
			ret = livetree_number(&r->tree, property(r, node, "clock-frequency"),
					      &clock);
	}
	r->ppc64->ticks_per_ms = (uint32_t)(timebase / 1000);
	r->ppc64->cycles_per_ms = (uint32_t)(clock / 1000);
	return ret < 0 ? ret : 0;
}

int machine_read_ppc64(struct ctx *ctx, const struct request *req, struct machine *machine)
{
	struct reader r = { .req = req, .machine = machine };
	int ret = livetree_open(ctx, machine->root, &r.tree);

	machine->iomem.source = "/proc/device-tree";
	machine->arch = r.ppc64 = arena_alloc(&ctx->arena, sizeof(*r.ppc64));
	if (!ret)
		ret = read_memory_limit(&r);
	if (!ret)
		ret = read_root(&r);
	if (!ret)
		ret = read_chosen(&r);
	if (!ret)
		ret = read_console(&r);
	if (!ret)
		ret = read_clocks(&r);
	if (!ret)
		ret = machine_read_ppc64_cpus(ctx, req, machine->root, r.ppc64);
	machine->reach_why = arena_printf(&ctx->arena,
					  "the first memory node, 0x%" PRIx64 "-0x%" PRIx64
					  " (RMA)",
					  machine->reach.start, machine->reach.end - 1);
	if (ret)
		return ret;
	if (!r.tree.missing)
		return 0;
	err_set(&ctx->err, -ENODATA, "missing: %s", r.tree.missing);
	return err_hint(&ctx->err, "The running kernel's device tree must contain them: was this "
				   "kernel built with CONFIG_KEXEC?");
}
