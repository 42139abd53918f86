/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/kdump/{ranges,memmap,initrd_size,room}.c: what is dumped and what the crash
 * kernel may use, against a map with one byte per page; whether it fits.
 */
#include "kexec/kdump/kdump.h"
#include "example.h"
#include "machine_tree.h"
#include "make_elf.h"

#define MIB 0x100000ull
#define PAGES 64
#define LAST_PAGE ((struct range){ PAGES << 12, (PAGES + 1) << 12 })

static void add_line(struct machine *m, uint64_t start, uint64_t end, const char *name)
{
	m->iomem.entry[m->iomem.count++] = (struct iomem_entry){ .range = { start, end },
								 .name = name };
}

static struct range random_pages(void)
{
	uint64_t a = (uint64_t)rand() % PAGES, b = a + 1 + (uint64_t)rand() % (PAGES - a);

	return (struct range){ a << 12, b << 12 };
}

static void paint(char *model, struct range r, char what)
{
	for (uint64_t p = r.start >> 12; p < r.end >> 12; p++)
		model[p] = what;
}

static void assert_dump(const struct range_set *set, const char *model)
{
	char have[PAGES + 1] = { 0 };

	for (size_t i = 0; i < set->count; i++)
		paint(have, set->range[i], 'd');
	assert_memory_equal(have, model, sizeof(have));
}

/*
 * RAM, crash reservations and an aperture anywhere, over each other in any way:
 * the dump is RAM that is neither of the others, and what the crash kernel gets is the
 * reservations and the backup without what lies there for it.
 */
static void test_against_model(void **state)
{
	static const char *const names[] = { "System RAM", "System RAM (kmem)", "GART",
					     "PCI Bus 0000:00" };
	struct iomem_entry entry[12];

	(void)state;
	srand(3);
	for (int round = 0; round < 3000; round++) {
		struct ctx ctx = { 0 };
		struct machine m = { .iomem.entry = entry };
		char dump[PAGES + 1] = { 0 }, use[PAGES + 1] = { 0 }, got[PAGES + 1] = { 0 };
		struct range backup, copy = random_pages(), header = random_pages();
		struct range_set set, low;
		struct memory_map map;

		for (int i = rand() % 10; i >= 0; i--) {
			struct range r = random_pages();

			add_line(&m, r.start, r.end, names[rand() % 4]);
		}
		for (size_t k = 0; k < 2; k++) {
			for (size_t i = 0; i < m.iomem.count; i++) {
				bool gart = !strcmp(entry[i].name, "GART");

				if (k ? gart : !strncmp(entry[i].name, "System RAM", 10))
					paint(dump, entry[i].range, gart ? 0 : 'd');
			}
		}
		for (int i = rand() % 3; i > 0; i--) {
			struct range r = random_pages();

			range_set_add(&ctx.arena, &m.crash, r);
			paint(dump, r, 0);
			paint(use, r, 'u');
		}
		/* A map without RAM would be refused. */
		add_line(&m, LAST_PAGE.start, LAST_PAGE.end, "System RAM");
		range_set_add(&ctx.arena, &m.crash, LAST_PAGE);
		paint(use, LAST_PAGE, 'u');
		set = kdump_dump_ranges(&ctx, &m);
		assert_dump(&set, dump);

		backup = kdump_backup_source(&m.iomem, &set, 16 << 12);
		low = kdump_low_ram(&ctx, &set, backup);
		for (uint64_t p = 0; p < 16; p++)
			use[p] = dump[p] == 'd' ? 'u' : use[p];
		paint(use, copy, 0);
		paint(use, header, 0);
		assert_int_equal(kdump_memory_map(&ctx, &m, &low, copy, header, &map), 0);
		for (size_t i = 0; i < map.count; i++)
			paint(got, map.entry[i].range, 'u');
		assert_memory_equal(got, use, sizeof(got));
		arena_free(&ctx.arena);
	}
}

static void test_backup_source(void **state)
{
	struct ctx ctx = { 0 };
	struct range_set set = { 0 }, low;
	struct iomem_entry entry[2];
	struct machine m = { .iomem.entry = entry };
	const struct iomem *iomem = &m.iomem;

	(void)state;
	assert_true(range_empty(kdump_backup_source(iomem, &set, 0xa0000)));
	range_set_add(&ctx.arena, &set, (struct range){ 0xa0000, 0x200000 });
	assert_true(range_empty(kdump_backup_source(iomem, &set, 0xa0000)));
	range_set_add(&ctx.arena, &set, (struct range){ 0x59000, 0x9f000 });
	assert_range(kdump_backup_source(iomem, &set, 0xa0000), 0x59000, 0x9f000);
	range_set_add(&ctx.arena, &set, (struct range){ 0x9f000, 0xa0000 });
	assert_range(kdump_backup_source(iomem, &set, 0xa0000), 0x59000, 0xa0000);
	/* All pieces: firmware often leaves something between them. */
	range_set_add(&ctx.arena, &set, (struct range){ 0x1000, 0x58000 });
	assert_range(kdump_backup_source(iomem, &set, 0xa0000), 0x1000, 0xa0000);
	assert_true(range_empty(kdump_backup_source(iomem, &set, 0)));
	low = kdump_low_ram(&ctx, &set, (struct range){ 0x1000, 0xa0000 });
	assert_int_equal(low.count, 2);
	assert_range(low.range[0], 0x1000, 0x58000);
	assert_range(low.range[1], 0x59000, 0xa0000);
	/* Bad memory is not read: the larger part. */
	add_line(&m, 0x58000, 0x59000, "Reserved");
	assert_range(kdump_backup_source(iomem, &set, 0xa0000), 0x1000, 0xa0000);
	add_line(&m, 0x58000, 0x58800, "Unusable memory");
	assert_range(kdump_backup_source(iomem, &set, 0xa0000), 0x1000, 0x58000);
	range_set_subtract(&ctx.arena, &set, (struct range){ 0x1000, 0x20000 });
	assert_range(kdump_backup_source(iomem, &set, 0xa0000), 0x59000, 0xa0000);
	arena_free(&ctx.arena);
}

/* 10,000 RAM ranges, a reservation over half of them. */
static void test_many_ranges(void **state)
{
	struct ctx ctx = { 0 };
	struct machine m = { .iomem.entry = calloc(10001, sizeof(struct iomem_entry)) };
	struct range_set set;
	struct memory_map map;

	(void)state;
	for (uint64_t i = 0; i < 10000; i++)
		add_line(&m, i * MIB, i * MIB + 0x1000, i % 2 ? "System RAM" : "ACPI Tables");
	add_line(&m, 5000 * MIB, 10000 * MIB, "Crash kernel");
	range_set_add(&ctx.arena, &m.crash, m.iomem.entry[10000].range);
	set = kdump_dump_ranges(&ctx, &m);
	assert_int_equal(set.count, 2500);
	assert_int_equal(kdump_memory_map(&ctx, &m, &(struct range_set){ 0 }, (struct range){ 0 },
					  (struct range){ 0 }, &map),
			 0);
	/* Tables below, tables and the RAM between them above. */
	assert_int_equal(map.count, 2500 + 5000);
	free(m.iomem.entry);
	arena_free(&ctx.arena);
}

struct room_test {
	struct tree *tree;
	struct machine machine;
	struct iomem_entry entry[2];
	struct plan plan;
	const char *huge_page_flag;
	uint8_t initrd[20]; /* the end of a gzip file says how long it was */
};

static struct room_test *room_setup(uint64_t reserved, uint64_t loaded)
{
	struct room_test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->tree = tree_at("");
	t->machine.iomem.entry = t->entry;
	add_line(&t->machine, 0, 512 * MIB, "System RAM");
	range_set_add(&t->tree->ctx.arena, &t->machine.crash,
		      (struct range){ 512 * MIB, 512 * MIB + reserved });
	t->machine.ram = range_set_copy(&t->tree->ctx.arena, &t->machine.crash);
	memcpy(t->initrd, "\x1f\x8b\x08", 3);
	t->plan.segments = 2;
	t->plan.segment[0].name = "initrd";
	t->plan.segment[0].bytes = (struct bytes){ t->initrd, sizeof(t->initrd) };
	t->plan.segment[0].range = (struct range){ 512 * MIB, 512 * MIB + 0x1000 };
	t->plan.segment[1].name = "kernel";
	t->plan.segment[1].range = (struct range){ 512 * MIB + 0x1000, 512 * MIB + loaded };
	return t;
}

static void room_free(struct room_test *t)
{
	tree_free(t->tree);
	free(t);
}

/* The kernel takes segments only in the last line, even where it touches another. */
static void test_reservation(void **state)
{
	struct room_test *t = room_setup(256 * MIB, 0);
	struct ctx *ctx = &t->tree->ctx;
	struct range load;

	(void)state;
	assert_int_equal(kdump_reservation(ctx, &t->machine, &load), 0);
	assert_range(load, 512 * MIB, 768 * MIB);
	add_line(&t->machine, 640 * MIB, 768 * MIB, "Crash kernel");
	assert_int_equal(kdump_reservation(ctx, &t->machine, &load), 0);
	assert_range(load, 640 * MIB, 768 * MIB);
	/* Of one that was given back a byte may be left. */
	t->machine.crash.range[0] = (struct range){ 0, 1 };
	assert_int_equal(kdump_reservation(ctx, &t->machine, &load), -ENODATA);
	assert_string_equal(ctx->err.what, "Memory for crashkernel is not reserved");
	t->machine.crash.range[0] = (struct range){ 800 * MIB, 900 * MIB };
	assert_int_equal(kdump_reservation(ctx, &t->machine, &load), -ENODATA);
	assert_contains(ctx->err.what, "0x32000000-0x383fffff (/proc/iomem) is not RAM");
	room_free(t);
}

static int check_room(struct room_test *t, uint64_t unpacked)
{
	struct load load;
	int ret;

	put_le32(t->initrd + sizeof(t->initrd) - 4, (uint32_t)unpacked);
	tree_rewind(t->tree);
	load = (struct load){ .req = &t->tree->req, .machine = t->machine };
	ret = kdump_reservation(&t->tree->ctx, &load.machine, &load.reservation);
	return ret ? ret : kdump_check_room(&t->tree->ctx, &load, &t->plan, t->huge_page_flag);
}

static void test_room(void **state)
{
	struct room_test *t = room_setup(256 * MIB, 80 * MIB);

	(void)state;
	/* 16 MiB, and a 64th for page structs. */
	assert_int_equal(check_room(t, 156 * MIB), 0);
	assert_contains(t->tree->log, "0 of 256 MiB are left");
	assert_lacks(t->tree->log, "run out");
	assert_int_equal(check_room(t, 156 * MIB + 1), 0);
	assert_contains(t->tree->log, "256 MiB are reserved; the load takes 80, its initrd "
				      "unpacked about 157, the kernel itself about 20: "
				      "crashkernel=257M would do");
	/* The low reservation is the crash kernel's, too. */
	range_set_add(&t->tree->ctx.arena, &t->machine.crash,
		      (struct range){ 256 * MIB, 320 * MIB });
	assert_int_equal(check_room(t, 156 * MIB + 1), 0);
	assert_contains(t->tree->log, "62 of 320 MiB are left");
	t->machine.crash.count = 0;
	assert_int_equal(check_room(t, 0), -ENODATA);
	room_free(t);
}

static void test_control_pages(void **state)
{
	struct room_test *t = room_setup(256 * MIB, 256 * MIB - 0x10000);

	(void)state;
	assert_int_equal(check_room(t, 0), 0);
	assert_lacks(t->tree->log, "may refuse the load");
	t->plan.segment[1].range.end += 0x1000;
	assert_int_equal(check_room(t, 0), 0);
	assert_contains(t->tree->log, "may refuse the load, and then no crash kernel is loaded: of "
				      "the reservation's 262144 KiB the segments leave 60 KiB; the "
				      "kernel needs at least 4 KiB for itself, and up to 64 KiB");
	t->plan.segment[1].range.end += 0xe000;
	assert_int_equal(check_room(t, 0), 0);
	t->plan.segment[1].range.end += 0x1000;
	assert_int_equal(check_room(t, 0), -ENOSPC);
	assert_contains(t->tree->ctx.err.what, "has 262144 KiB, the segments take 262144 KiB, "
					       "and 4 KiB must stay free");
	/* Only some kernels map all memory for the jump. */
	t->plan.segment[1].range.end -= 0x10000;
	add_line(&t->machine, 1ull << 32, (1ull << 32) + (1ull << 40), "System RAM");
	assert_int_equal(check_room(t, 0), 0);
	assert_lacks(t->tree->log, "may refuse the load");
	room_free(t);
}

/* 12 TiB, and 512 MiB below 4 GiB: 12,289 GiB in 25 blocks of 512 GiB. */
static void test_page_tables(void **state)
{
	static const char with[] = "flags\t\t: fpu huge tsc\n", without[] = "flags\t\t: fpu\n";
	const uint64_t upper = 25 * 4, lower = 12289 * 4; /* KiB */
	struct room_test *t = room_setup(256 * MIB, 256 * MIB - ((64 + 25 * 4 + 12289 * 4) << 10));

	(void)state;
	assert_int_equal(upper + lower, 49256);
	t->huge_page_flag = "huge";
	add_line(&t->machine, 1ull << 32, (1ull << 32) + (12ull << 40), "System RAM");
	assert_int_equal(check_room(t, 0), 0);
	assert_lacks(t->tree->log, "may refuse the load");
	t->plan.segment[1].range.end += 0x1000;
	assert_int_equal(check_room(t, 0), 0);
	assert_contains(t->tree->log,
			"leave 49316 KiB; the kernel needs at least 104 KiB for "
			"itself, and up to 49320 KiB if its page tables have no pages "
			"of 1 GiB");
	/* The same with the flag; without it the tables are certain. */
	t->machine.cpuinfo = (struct bytes){ (const uint8_t *)with, sizeof(with) - 1 };
	assert_int_equal(check_room(t, 0), 0);
	assert_contains(t->tree->log, "at least 104 KiB");
	t->machine.cpuinfo = (struct bytes){ (const uint8_t *)without, sizeof(without) - 1 };
	assert_int_equal(check_room(t, 0), 0);
	assert_contains(t->tree->log, "at least 49260 KiB for itself, and up to 49320 KiB");
	t->plan.segment[1].range.end += 0xf000;
	assert_int_equal(check_room(t, 0), -ENOSPC);
	assert_contains(t->tree->ctx.err.what, "and 49260 KiB must stay free");
	t->machine.cpuinfo = (struct bytes){ (const uint8_t *)with, sizeof(with) - 1 };
	assert_int_equal(check_room(t, 0), 0);
	t->plan.segment[1].range.end = 768 * MIB - (104 << 10);
	assert_int_equal(check_room(t, 0), 0);
	t->plan.segment[1].range.end += 0x1000;
	assert_int_equal(check_room(t, 0), -ENOSPC);
	assert_contains(t->tree->ctx.err.what, "and 104 KiB must stay free");
	room_free(t);
}

/* Of an ELF kernel only the segments are loaded, not its debugging information. */
static void test_files(void **state)
{
	struct room_test *t = room_setup(64 * MIB, 0);
	static uint8_t image[70 * MIB], initrd[60 * MIB];
	struct made_elf *elf = calloc(1, sizeof(*elf));
	struct load load = {
		.machine = t->machine,
		.reservation = t->machine.crash.range[0],
		.image.bytes = { image, sizeof(image) },
		.initrd.bytes = { initrd, 4 * MIB },
	};

	(void)state;
	assert_int_equal(kdump_check_files(&t->tree->ctx, &load), -ENOSPC);
	assert_contains(t->tree->ctx.err.what, "the kernel (70 MiB) and the initrd (4 MiB) are "
					       "larger than the reservation");
	elf->is64 = true;
	made_ehdr(elf, ET_EXEC, EXAMPLE_LE64);
	made_phdr(elf, 0, PT_LOAD, 0x1000, 0x1000, 0x1000, 30 * MIB);
	made_phdr(elf, 1, PT_LOAD, 0x1000, 0x1000, 0x1000, 30 * MIB);
	memcpy(image, elf->data, 0x1000);
	assert_int_equal(kdump_check_files(&t->tree->ctx, &load), 0);
	load.initrd.bytes.size++;
	assert_int_equal(kdump_check_files(&t->tree->ctx, &load), -ENOSPC);
	assert_contains(t->tree->ctx.err.what, "the kernel (60 MiB) and the initrd (5 MiB)");
	free(elf);
	room_free(t);
}

static size_t put_member(uint8_t *at, const char *name, const char *data)
{
	size_t header = 110 + strlen(name) + 1;

	sprintf((char *)at, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1,
		0100644, 0, 0, 1, 0, strlen(data), 0, 0, 0, 0, strlen(name) + 1, 0);
	strcpy((char *)at + 110, name);
	header = (header + 3) & ~3ul;
	memcpy(at + header, data, strlen(data));
	return (header + strlen(data) + 3) & ~3ul;
}

static void test_initrd_size(void **state)
{
	static uint8_t b[4096];
	size_t size = put_member(b, "early", "0123456789");
	/* gzip of 5,000 bytes would end so. */
	const uint8_t gzip[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 0x88, 0x13, 0, 0 };
	const uint8_t xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0, 0, 0, 0, 0, 0, 0 };

	(void)state;
	assert_int_equal(kdump_initrd_unpacked((struct bytes){ b, 0 }), 0);
	size += put_member(b + size, "TRAILER!!!", "");
	assert_int_equal(kdump_initrd_unpacked((struct bytes){ b, size }), 10);
	size += 512;
	assert_int_equal(kdump_initrd_unpacked((struct bytes){ b, size }), 10);
	size += put_member(b + size, "second", "abc");
	size += put_member(b + size, "TRAILER!!!", "");
	assert_int_equal(kdump_initrd_unpacked((struct bytes){ b, size }), 13);
	memcpy(b + size, gzip, sizeof(gzip));
	assert_int_equal(kdump_initrd_unpacked((struct bytes){ b, size + sizeof(gzip) }), 5013);
	/* A size modulo 2^32 that is smaller than the file proves nothing. */
	b[size + sizeof(gzip) - 3] = 0;
	b[size + sizeof(gzip) - 4] = sizeof(gzip) - 1;
	assert_int_equal(kdump_initrd_unpacked((struct bytes){ b, size + sizeof(gzip) }),
			 13 + 3 * sizeof(gzip));
	memcpy(b + size, xz, sizeof(xz));
	assert_int_equal(kdump_initrd_unpacked((struct bytes){ b, size + sizeof(xz) }),
			 13 + 3 * sizeof(xz));
	for (size_t cut = 0; cut < size; cut++)
		assert_in_range(kdump_initrd_unpacked((struct bytes){ b, cut }), 0, 3 * cut + 13);
	memset(b, 'f', 500);
	memcpy(b, "070701", 6);
	assert_in_range(kdump_initrd_unpacked((struct bytes){ b, 500 }), 0xffffffff, 0xffffffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model), cmocka_unit_test(test_backup_source),
		cmocka_unit_test(test_many_ranges),   cmocka_unit_test(test_room),
		cmocka_unit_test(test_control_pages), cmocka_unit_test(test_initrd_size),
		cmocka_unit_test(test_reservation),   cmocka_unit_test(test_page_tables),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
