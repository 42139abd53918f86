/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/xen/, kexec/machine/xen_domain.c and kexec/submit/xen_slot.c with a hypervisor made here:
 * the arguments of each hypercall, each refusal, and the machine that is made of the answers.
 */
#include "machine_tree.h"

#include <errno.h>
#include <sys/mman.h>

#include "kexec/core/units.h"
#include "kexec/kdump/kdump.h"
#include "kexec/machine/xen_domain.h"
#include "kexec/submit/submit_internal.h"

#define KEXEC_OP 37
#define MEMORY_OP 12
enum { EXEC, GET_RANGE = 3, LOAD, UNLOAD, STATUS };
enum { LAST_PAGE = 2, TABLE = 5, MAP = 10 };

/* As in Xen's public headers, on 64-bit machines. */
struct range_words {
	int32_t range, nr;
	uint64_t size, start;
};
struct segment_words {
	uint64_t buffer, buffer_size, start, size;
};
struct load_words {
	uint8_t type, pad;
	uint16_t machine;
	uint32_t count;
	uint64_t segments, entry;
};

/* Flips the answer for the state at every load and unload, as Xen 4.17 does. */
struct fake {
	struct xen xen;
	int64_t refuse[7]; /* by command: the result, if it is not 0 */
	int64_t refuse_map, refuse_table;
	bool no_mapping;
	bool state[3];
	size_t calls[7];
	uint32_t types[7]; /* of the last call */
	struct load_words load;
	struct segment_words segment[64];
	uint8_t bytes[64][16]; /* the first ones of each buffer */
	struct tree *tree;
};

static const struct e820_entry map[] = {
	{ 0, 0x9fc00, 1 },	    { 0xf0000, 0x10000, 2 }, { MIB, 63 * MIB, 1 },
	{ 64 * MIB, 4096, 3 },	    { 65 * MIB, 4096, 4 },   { 66 * MIB, 4096, 5 },
	{ 67 * MIB, 4096, 7 },	    { 68 * MIB, 4096, 12 },  { 69 * MIB, 4096, 0xefffffff },
	{ 70 * MIB, 4096, 0x1234 }, { 71 * MIB, 0, 1 },
};

static int64_t get_range(struct range_words *words)
{
	static const struct range_words ranges[] = {
		{ 0, 0, 16 * MIB, 32 * MIB }, { 1, 0, 2 * MIB, 60 * MIB },
		{ 2, 0, 500, 0x3000010 },     { 2, 1, 0, 0 },
		{ 2, 2, 400, 0x3001010 },     { 6, 0, 4096, 0x3002000 },
	};

	for (size_t i = 0; i < COUNT(ranges); i++) {
		if (ranges[i].range != words->range || ranges[i].nr != words->nr)
			continue;
		*words = ranges[i];
		return 0;
	}
	return words->range == 2 ? -ERANGE : -EINVAL;
}

static void take_load(struct fake *f, const struct load_words *words)
{
	f->load = *words;
	assert_in_range(words->count, 1, 64);
	memcpy(f->segment, (void *)(uintptr_t)words->segments, words->count * sizeof(*f->segment));
	for (size_t i = 0; i < words->count; i++) {
		uint64_t size = f->segment[i].buffer_size;

		assert_int_equal(!f->segment[i].buffer, !size);
		if (size)
			memcpy(f->bytes[i], (void *)(uintptr_t)f->segment[i].buffer,
			       size < 16 ? size : 16);
	}
}

static int64_t kexec_op(struct fake *f, uint64_t command, void *argument)
{
	uint32_t type = *(uint8_t *)argument;

	assert_in_range(command, 0, 6);
	f->calls[command]++;
	f->types[command] = type;
	if (f->refuse[command])
		return f->refuse[command];
	switch (command) {
	case GET_RANGE: return get_range(argument);
	case LOAD: take_load(f, argument); break;
	case STATUS: return f->state[type];
	default: break;
	}
	if (command == LOAD || command == UNLOAD)
		f->state[type] = !f->state[type];
	return 0;
}

static int64_t memory_op(struct fake *f, uint64_t command, void *argument)
{
	uint32_t *words = argument;
	void *out = command == LAST_PAGE ? NULL : (void *)(uintptr_t)((uint64_t *)argument)[1];

	switch (command) {
	case LAST_PAGE: return (64 * MIB >> 12) - 1;
	case TABLE:
		assert_int_equal(words[0], 1);
		*(uint64_t *)out = 0x4711;
		words[4] = 1;
		return f->refuse_table;
	default: break;
	}
	assert_int_equal(command, MAP);
	assert_true(words[0] > COUNT(map));
	if (f->refuse_map)
		return f->refuse_map;
	words[0] = COUNT(map);
	memcpy(out, map, sizeof(map));
	return 0;
}

static int64_t call(struct xen *xen, uint64_t number, uint64_t first, uint64_t second)
{
	struct fake *f = xen->data;

	if (number == MEMORY_OP)
		return memory_op(f, first, (void *)(uintptr_t)second);
	assert_int_equal(number, KEXEC_OP);
	return kexec_op(f, first, (void *)(uintptr_t)second);
}

/* Domains have the pages of 4 to 8 MiB, 10 to 11 MiB, 20 to 28 MiB. */
static void *map_table(struct xen *xen, const uint64_t *page, size_t count)
{
	struct fake *f = xen->data;
	uint64_t *table;

	assert_int_equal(count, 1);
	assert_int_equal(*page, 0x4711);
	if (f->no_mapping)
		return NULL;
	table = mmap(NULL, 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(table, MAP_FAILED);
	for (uint64_t i = 0; i < 64 * MIB >> 12; i++) {
		uint64_t at = i >> 8; /* MiB */
		bool used = (at >= 4 && at < 8) || at == 10 || (at >= 20 && at < 28);

		table[i] = used ? i : at & 1 ? UINT64_MAX : 0x5555555555555555;
	}
	return table;
}

static int make(void **state)
{
	struct fake *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->xen = (struct xen){ .privcmd = -1, .buffers = -1, .call = call, .map = map_table };
	f->xen.data = f;
	f->tree = tree_empty();
	*state = f;
	return 0;
}

static int drop(void **state)
{
	struct fake *f = *state;

	tree_free(f->tree);
	free(f);
	return 0;
}

static void test_iomem(void **state)
{
	static const char *const lines[] = {
		"00000000-0009fbff : System RAM\n",
		"000f0000-000fffff : Reserved\n",
		"04000000-04000fff : ACPI Tables\n",
		"04100000-04100fff : ACPI Non-volatile Storage\n",
		"04200000-04200fff : Unusable memory\n",
		"04300000-04300fff : Persistent Memory\n",
		"04400000-04400fff : Persistent Memory (legacy)\n",
		"04500000-04500fff : Soft Reserved\n",
		"04600000-04600fff : Reserved\n",
		"02000000-02ffffff : Crash kernel\n",
		"03c00000-03dfffff : Xen\n",
		"03002000-03002fff : Xen vmcoreinfo\n",
		"00400000-007fffff : Xen domains\n",
		"01400000-01bfffff : Xen domains\n",
		"03000010-03000203 : Xen crash note 0\n",
		"03001010-0300119f : Xen crash note 2\n",
	};
	struct fake *f = *state;
	struct ctx *ctx = &f->tree->ctx;
	struct bytes text;

	assert_int_equal(xen_describe(ctx, &f->xen, &text), 0);
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_contains((const char *)text.data, lines[i]);
	assert_lacks((const char *)text.data, "00a00000");
	assert_lacks((const char *)text.data, "live update");
	f->no_mapping = true;
	assert_int_equal(xen_describe(ctx, &f->xen, &text), 0);
	assert_lacks((const char *)text.data, "Xen domains");
	f->refuse_table = -EPERM;
	assert_int_equal(xen_describe(ctx, &f->xen, &text), 0);
	assert_lacks((const char *)text.data, "Xen domains");
	f->refuse[GET_RANGE] = -ENOSYS;
	assert_int_equal(xen_describe(ctx, &f->xen, &text), -ENOSYS);
	assert_contains(ctx->err.what, "built without kexec");
	assert_int_equal(ctx->err.status, EXIT_STATUS_REFUSED);
	f->refuse_map = -EPERM;
	assert_int_equal(xen_describe(ctx, &f->xen, &text), -EPERM);
	assert_contains(ctx->err.what, "memory map: Operation not permitted");
}

static struct machine *read_captured(struct fake *f, bool crash, bool mapping)
{
	struct tree *t = f->tree;
	const struct machine_source source = { .read_iomem = xen_read_iomem };
	struct bytes text;

	f->no_mapping = !mapping;
	assert_int_equal(xen_describe(&t->ctx, &f->xen, &text), 0);
	tree_put_bytes(t, XEN_CAPTURED, text.data, text.size);
	t->req.crash = crash;
	t->req.mem_max = UINT64_MAX;
	t->machine = (struct machine){ .root = &t->root, .kernel_arch = "", .xen = true };
	assert_int_equal(machine_read_memory(&t->ctx, &t->req, &source, &t->machine), 0);
	if (!crash)
		xen_keep_used(&t->ctx, &t->machine);
	return &t->machine;
}

static void check_ram(const struct machine *machine, const struct range *expected, size_t count)
{
	assert_int_equal(machine->ram.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(machine->ram.range[i].start, expected[i].start);
		assert_int_equal(machine->ram.range[i].end, expected[i].end);
	}
}

static void test_memory_for_segments(void **state)
{
	static const struct range domains[] = { { 0, 0x9fc00 },
						{ 4 * MIB, 8 * MIB },
						{ 20 * MIB, 28 * MIB } };
	static const struct range reserved[] = { { 0, 0x9fc00 }, { 32 * MIB, 48 * MIB } };
	static const struct range all[] = { { 0, 0x9fc00 }, { MIB, 64 * MIB } };
	struct fake *f = *state;

	check_ram(read_captured(f, false, true), domains, 3);
	assert_int_equal(f->tree->machine.managed, 0x9fc00 + 63 * MIB - 16 * MIB);
	check_ram(read_captured(f, false, false), reserved, 2);
	check_ram(read_captured(f, true, true), all, 2);
	assert_lacks(f->tree->log, "damage");
	tree_put(f->tree, XEN_CAPTURED, "00100000-03ffffff : System RAM\n");
	f->tree->req.crash = false;
	f->tree->machine = (struct machine){ .root = &f->tree->root, .xen = true };
	assert_int_equal(machine_read_memory(&f->tree->ctx, &f->tree->req,
					     &(struct machine_source){
						     .read_iomem = xen_read_iomem },
					     &f->tree->machine),
			 0);
	/* --print-ckr-size ends here, and loads no image. */
	assert_lacks(f->tree->log, "damage");
	xen_keep_used(&f->tree->ctx, &f->tree->machine);
	check_ram(&f->tree->machine, &all[1], 1);
	assert_contains(f->tree->log, "may damage the image");
}

static void test_crash_facts(void **state)
{
	struct fake *f = *state;
	struct machine *machine = read_captured(f, true, true);
	struct machine_crash crash;
	struct range *notes, info;
	size_t count;

	xen_read_crash(&f->tree->ctx, machine, &crash);
	assert_true(crash.hypervisor);
	assert_int_equal(kdump_cpu_notes(&f->tree->ctx, &crash, &notes, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(notes[0].start, 0x3000010);
	assert_int_equal(notes[0].end, 0x3000010 + 500);
	assert_int_equal(notes[1].start, 0x3001010);
	assert_int_equal(kdump_vmcoreinfo(&f->tree->ctx, &crash, &info), 0);
	assert_int_equal(info.start, 0x3002000);
	assert_int_equal(info.end, 0x3003000);
}

static void test_domains(void **state)
{
	static const struct {
		const char *name, *text;
		enum xen_domain domain;
	} table[] = {
		{ "/proc/xen/capabilities", "control_d\n", XEN_CONTROL_DOMAIN },
		{ "/proc/xen/capabilities", "\n", XEN_NONE },
		{ "/sys/hypervisor/properties/features", "000228f0\n", XEN_CONTROL_DOMAIN },
		{ "/sys/hypervisor/properties/features", "000220f0\n", XEN_NONE },
		{ "/sys/hypervisor/guest_type", "PV\n", XEN_PV_GUEST },
		{ "/sys/hypervisor/guest_type", "PVH\n", XEN_NONE },
		{ "/sys/hypervisor/guest_type", "HVM\n", XEN_NONE },
	};
	enum xen_domain domain;
	struct fake *f = *state;

	tree_put(f->tree, "/sys/hypervisor/guest_type/x", "");
	assert_int_equal(xen_domain(&f->tree->ctx, &f->tree->root, &domain), -EISDIR);
	assert_contains(f->tree->ctx.err.what, "/sys/hypervisor/guest_type: Is a directory");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tree *t = tree_empty();

		tree_put(t, table[i].name, table[i].text);
		assert_int_equal(xen_domain(&t->ctx, &t->root, &domain), 0);
		assert_int_equal(domain, table[i].domain);
		tree_free(t);
	}
}

static struct plan *plan_of(struct tree *t)
{
	static const uint8_t bytes[] = "0123456789abcdef";
	static const struct segment segments[] = {
		{ .bytes = { bytes, 16 }, .range = { 16 * MIB, 20 * MIB }, .scratch = true },
		{ .bytes = { bytes + 1, 15 }, .range = { 0x4000, 0x6000 } },
		{ .range = { 8 * MIB, 9 * MIB } },
	};
	struct plan *plan = arena_alloc(&t->ctx.arena, sizeof(*plan));

	*plan = (struct plan){ .segments = COUNT(segments),
			       .kexec_flags = 62u << 16,
			       .entry = 0x4010,
			       .page_size = 4096 };
	memcpy(plan->segment, segments, sizeof(segments));
	return plan;
}

static void test_load(void **state)
{
	static const struct segment_words expected[] = {
		{ 0, 0, 0, 0x4000 },
		{ 1, 15, 0x4000, 0x2000 },
		{ 0, 0, 0x6000, 0x100000 - 0x6000 },
		{ 1, 1, 8 * MIB, MIB },
		{ 1, 16, 16 * MIB, 4096 },
		{ 0, 0, 16 * MIB + 4096, 4 * MIB - 4096 },
	};
	struct fake *f = *state;
	struct ctx *ctx = &f->tree->ctx;
	struct plan *plan = plan_of(f->tree);

	assert_int_equal(xen_load_plan(ctx, &f->xen, XEN_SLOT_CRASH, plan), 0);
	assert_int_equal(f->load.type, 1);
	assert_int_equal(f->load.machine, 62);
	assert_int_equal(f->load.entry, 0x4010);
	assert_int_equal(f->load.count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(f->segment[i].start, expected[i].start);
		assert_int_equal(f->segment[i].size, expected[i].size);
		assert_int_equal(f->segment[i].buffer_size, expected[i].buffer_size);
	}
	assert_memory_equal(f->bytes[1], "123456789abcdef", 15);
	assert_int_equal(f->bytes[3][0], 0);
	assert_memory_equal(f->bytes[4], "0123456789abcdef", 16);
	/* A second load makes Xen's answer wrong, a third one right. */
	assert_int_equal(f->calls[LOAD], 1);
	assert_int_equal(xen_load_plan(ctx, &f->xen, XEN_SLOT_CRASH, plan), 0);
	assert_int_equal(f->calls[LOAD], 3);
	assert_int_equal(xen_status(&f->xen, XEN_SLOT_CRASH), 1);
	assert_int_equal(xen_status(&f->xen, XEN_SLOT_NORMAL), 0);
	assert_int_equal(xen_unload_slot(ctx, &f->xen, XEN_SLOT_CRASH), 0);
	assert_int_equal(f->types[UNLOAD], 1);
	assert_int_equal(f->calls[UNLOAD], 1);
	assert_int_equal(xen_unload_slot(ctx, &f->xen, XEN_SLOT_CRASH), 0);
	assert_int_equal(f->calls[UNLOAD], 3);
	assert_int_equal(xen_status(&f->xen, XEN_SLOT_CRASH), 0);
	assert_int_equal(xen_exec(&f->xen, XEN_SLOT_LIVE_UPDATE), 0);
	assert_int_equal(f->types[EXEC], 2);
}

static void test_refusals(void **state)
{
	static const struct {
		int error;
		const char *why;
	} table[] = {
		{ EPERM, "does not allow this domain" },
		{ ENOSYS, "built without kexec" },
		{ EINVAL, "does not take such" },
		{ ENOMEM, "memory for a copy" },
		{ EADDRNOTAVAIL, "place of a seg" },
		{ EBUSY, "another kexec" },
		{ EFAULT, "Bad address" },
	};
	struct fake *f = *state;
	struct ctx *ctx = &f->tree->ctx;
	struct plan *plan = plan_of(f->tree);

	for (size_t i = 0; i < COUNT(table); i++) {
		f->refuse[LOAD] = f->refuse[UNLOAD] = -table[i].error;
		assert_int_equal(xen_load_plan(ctx, &f->xen, 0, plan), -table[i].error);
		assert_contains(ctx->err.what, "kexec_load failed: ");
		assert_contains(ctx->err.what, table[i].why);
		assert_int_equal(ctx->err.status, EXIT_STATUS_REFUSED);
		assert_int_equal(xen_unload_slot(ctx, &f->xen, 0), -table[i].error);
		assert_contains(ctx->err.what, "kexec unload failed: ");
		assert_contains(ctx->err.what, table[i].why);
	}
	f->refuse[LOAD] = -EINVAL;
	assert_int_equal(xen_load_plan(ctx, &f->xen, XEN_SLOT_LIVE_UPDATE, plan), -EINVAL);
	assert_contains(ctx->err.what, "this Xen has no live update");
	/* A Xen that cannot be asked for the state loads once. */
	f->refuse[LOAD] = 0;
	f->refuse[STATUS] = -ENOSYS;
	f->calls[LOAD] = 0;
	assert_int_equal(xen_load_plan(ctx, &f->xen, 0, plan), 0);
	assert_int_equal(f->calls[LOAD], 1);
	plan->segments = PLAN_MAX_SEGMENTS;
	for (uint64_t i = 0; i < PLAN_MAX_SEGMENTS; i++)
		plan->segment[i].range = (struct range){ 0x4000 + i * 0x4000, 0x5000 + i * 0x4000 };
	assert_int_equal(xen_load_plan(ctx, &f->xen, 0, plan), -E2BIG);
	assert_contains(ctx->err.what, "33 segments, 17 of them");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_iomem),	TEST(test_memory_for_segments),
		TEST(test_crash_facts), TEST(test_domains),
		TEST(test_load),	TEST(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
