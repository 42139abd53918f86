/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's domains, and the machine as its control domain sees it. */
#include "xen_domain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "crash_files.h"
#include "xen/xen.h"

#define FEATURE_DOM0 11 /* XENFEAT_dom0 (Xen: public/features.h) */
#define MAX_CPUS 65536
#define MAX_DOMAIN_LINES 65536
#define LINE_SIZE 80

/* The file of xenfs needs a module and a mount; the bit of the features is always available. */
static bool is_control_domain(struct bytes capabilities, struct bytes features)
{
	return strstr((const char *)capabilities.data, "control_d") ||
	       strtoull((const char *)features.data, NULL, 16) >> FEATURE_DOM0 & 1;
}

int xen_domain(struct ctx *ctx, const struct sysroot *root, enum xen_domain *out)
{
	struct bytes capabilities, features, type;
	int ret = sysroot_read_present(ctx, root, "/proc/xen/capabilities", &capabilities);

	*out = XEN_NONE;
	if (!ret)
		ret = sysroot_read_present(ctx, root, "/sys/hypervisor/properties/features",
					   &features);
	if (!ret)
		ret = sysroot_read_present(ctx, root, "/sys/hypervisor/guest_type", &type);
	if (ret)
		return err_hint(&ctx->err, "kexec must know whether it runs on Xen.");
	if (is_control_domain(capabilities, features))
		*out = XEN_CONTROL_DOMAIN;
	else if (!strncmp((const char *)type.data, "PV\n", 3))
		*out = XEN_PV_GUEST;
	return 0;
}

/* Text in the form of /proc/iomem. */
struct text {
	char *data;
	size_t used;
	size_t room;
};

static void add(struct text *text, struct range range, const char *name)
{
	if (range_empty(range) || text->room - text->used < LINE_SIZE)
		return;
	text->used += (size_t)snprintf(text->data + text->used, LINE_SIZE,
				       "%08" PRIx64 "-%08" PRIx64 " : %s\n", range.start,
				       range.end - 1, name);
}

static const char *e820_name(uint32_t type)
{
	switch (type) {
	case 1: return "System RAM";
	case 3: return "ACPI Tables";
	case 4: return "ACPI Non-volatile Storage";
	case 5: return "Unusable memory";
	case 7: return "Persistent Memory";
	case 12: return "Persistent Memory (legacy)";
	case 0xefffffff: return "Soft Reserved";
	default: return "Reserved";
	}
}

static void add_map(struct text *text, const struct e820_entry *entry, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct range range = { entry[i].start, entry[i].start + entry[i].size };

		add(text, range, e820_name(entry[i].type));
	}
}

/* Leaves out a range that the hypervisor does not report. */
static void add_range(struct xen *xen, struct text *text, enum xen_range which, const char *name)
{
	struct range range;

	if (!xen_get_range(xen, which, 0, &range))
		add(text, range, name);
}

static void add_domains(struct ctx *ctx, struct xen *xen, struct text *text)
{
	struct range_set set = { 0 };
	int ret = xen_domain_memory(ctx, xen, &set);

	if (ret)
		log_debug(&ctx->log, "xen: the memory of the domains is unknown: %s",
			  strerror(-ret));
	for (size_t i = 0; i < set.count; i++)
		add(text, set.range[i], XEN_NAME_DOMAINS);
}

/* A CPU that is off may have no note. */
static void add_notes(struct xen *xen, struct text *text)
{
	struct range range;
	char name[40];

	for (int cpu = 0; cpu < MAX_CPUS && !xen_get_range(xen, XEN_RANGE_CPU, cpu, &range);
	     cpu++) {
		snprintf(name, sizeof(name), XEN_NAME_NOTE "%d", cpu);
		add(text, range, name);
	}
}

int xen_describe(struct ctx *ctx, struct xen *xen, struct bytes *out)
{
	struct text text = { 0 };
	struct e820_entry *entry;
	struct range crash;
	size_t count;
	int ret = xen_memory_map(ctx, xen, &entry, &count);

	if (ret) {
		err_set(&ctx->err, ret, "Xen does not report the machine's memory map: %s",
			strerror(-ret));
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	ret = xen_get_range(xen, XEN_RANGE_CRASH, 0, &crash);
	if (ret) {
		err_set(&ctx->err, ret,
			"Xen does not report the reservation for a crash kernel: %s",
			ret == -ENOSYS ? "it was built without kexec" : strerror(-ret));
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	text.room = (count + MAX_CPUS + MAX_DOMAIN_LINES) * LINE_SIZE;
	text.data = map_anonymous(ctx, text.room);
	if (!text.data)
		return err_set(&ctx->err, -ENOMEM, "out of memory for Xen's memory map");
	add_map(&text, entry, count);
	add(&text, crash, "Crash kernel");
	add_range(xen, &text, XEN_RANGE_XEN, XEN_NAME_IMAGE);
	add_range(xen, &text, XEN_RANGE_VMCOREINFO, XEN_NAME_VMCOREINFO);
	add_range(xen, &text, XEN_RANGE_LIVE_UPDATE, XEN_NAME_LIVE_UPDATE);
	add_domains(ctx, xen, &text);
	add_notes(xen, &text);
	*out = (struct bytes){ (const uint8_t *)text.data, text.used };
	return 0;
}

static int ask(struct ctx *ctx, struct bytes *out)
{
	struct xen xen;
	int ret = xen_open(ctx, &xen);

	if (ret)
		return ret;
	ret = xen_describe(ctx, &xen, out);
	xen_close(&xen);
	return ret;
}

static void log_lines(struct ctx *ctx, struct bytes text)
{
	const char *line = (const char *)text.data;
	const char *end = line + text.size;

	while (ctx->log.debug && line < end) {
		size_t size = strcspn(line, "\n");

		log_debug(&ctx->log, "xen: %.*s", (int)size, line);
		line += size + 1;
	}
}

int xen_read_iomem(struct ctx *ctx, const struct request *req, struct machine *machine)
{
	const char *name = "Xen's memory map";
	struct bytes text;
	int ret;

	(void)req;
	if (*machine->root->path) {
		name = sysroot_path(ctx, machine->root, XEN_CAPTURED);
		ret = sysroot_read(ctx, machine->root, XEN_CAPTURED, &text);
		if (ret)
			return err_hint(&ctx->err,
					"The hypervisor of a captured machine cannot be asked; "
					"kexec -d prints these lines there, after \"xen: \".");
	} else {
		ret = ask(ctx, &text);
		if (!ret)
			sysroot_record(ctx, machine->root, XEN_CAPTURED, text);
	}
	if (!ret)
		ret = iomem_parse(ctx, name, text, &machine->iomem);
	if (ret)
		return ret;
	machine->iomem.source = name;
	log_lines(ctx, text);
	return 0;
}

struct range xen_named_range(const struct iomem *iomem, const char *name)
{
	for (size_t i = 0; i < iomem->count; i++)
		if (!strcmp(iomem->entry[i].name, name))
			return iomem->entry[i].range;
	return (struct range){ 0 };
}

void xen_keep_used(struct ctx *ctx, struct machine *machine)
{
	const struct iomem *iomem = &machine->iomem;
	struct arena *arena = &ctx->arena;
	struct range_set used = { 0 };
	uint64_t end = MIB;

	for (size_t i = 0; i < iomem->count; i++)
		if (!strcmp(iomem->entry[i].name, XEN_NAME_DOMAINS))
			range_set_add(arena, &used, iomem->entry[i].range);
	/* Nothing is copied to the reservation before the jump, so a crash kernel in it stays. */
	if (!used.count)
		used = range_set_copy(arena, &machine->crash);
	if (!used.count) {
		log_warn(&ctx->log,
			 "the memory that Xen does not use for copies is unknown: Xen may "
			 "damage the image; crashkernel= on Xen's command line prevents it");
		return;
	}
	for (size_t i = 0; i < used.count; i++) {
		range_set_subtract(arena, &machine->ram,
				   (struct range){ end, used.range[i].start });
		end = used.range[i].end > MIB ? used.range[i].end : MIB;
	}
	range_set_subtract(arena, &machine->ram, (struct range){ end, UINT64_MAX });
}

static const char *hex(struct ctx *ctx, uint64_t value)
{
	return arena_printf(&ctx->arena, "%" PRIx64, value);
}

void xen_read_crash(struct ctx *ctx, const struct machine *machine, struct machine_crash *out)
{
	const struct iomem *iomem = &machine->iomem;
	struct range info = xen_named_range(iomem, XEN_NAME_VMCOREINFO);

	*out = (struct machine_crash){ .hypervisor = true };
	out->cpu = arena_array(&ctx->arena, iomem->count + 1, sizeof(*out->cpu));
	for (size_t i = 0; i < iomem->count; i++) {
		const struct iomem_entry *entry = &iomem->entry[i];
		struct crash_cpu *cpu = &out->cpu[out->cpus];

		if (strncmp(entry->name, XEN_NAME_NOTE, strlen(XEN_NAME_NOTE)))
			continue;
		cpu->number = out->cpus++;
		cpu->notes_name = entry->name;
		cpu->notes = hex(ctx, entry->range.start);
		cpu->size = arena_printf(&ctx->arena, "%" PRIu64, range_size(entry->range));
	}
	if (!range_empty(info))
		out->vmcoreinfo = arena_printf(&ctx->arena, "%s %s", hex(ctx, info.start),
					       hex(ctx, range_size(info)));
}
