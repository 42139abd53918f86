/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/image/elf_kernel.c: where segments and entry go, what is refused, how
 * Linux is distinguished from other programs; both classes and byte orders.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "kexec/image/elf_flatten.h"
#include "kexec/image/elf_kernel.h"
#include "example.h"
#include "make_elf.h"

/* A kernel that is linked high, loaded low and entered by a physical address. */
enum {
	TEXT_FILE = 0x1000,
	TEXT_SIZE = 0x800,
	TEXT_PHYSICAL = 0x1000000,
	DATA_FILE = 0x2000,
	DATA_SIZE = 0x100,
	DATA_MEMORY = 0x5000,
	DATA_PHYSICAL = 0x1200000,
	NOTE_FILE = 0x3000,
	NOTE_SIZE = 0x40,
	FILE_SIZE = 0x4000,
};

#define TEXT_VIRTUAL 0x81000000u
#define BANNER "Linux version 6.1.0-made (someone) #1\n"

static void set_phdr(struct made_elf *m, unsigned int i, uint32_t type, uint64_t offset,
		     uint64_t vaddr, uint64_t paddr, uint64_t filesz, uint64_t memsz)
{
	made_phdr(m, i, type, offset, vaddr, filesz, memsz);
	MADE_SET(m, made_phdr_offset(m, i), Phdr, p_paddr, paddr);
}

static void make_kernel(struct made_elf *m, bool is64, enum byte_order order)
{
	memset(m, 0, sizeof(*m));
	m->is64 = is64;
	m->order = order;
	m->size = FILE_SIZE;
	made_ehdr(m, ET_EXEC, is64 ? EXAMPLE_LE64 : EXAMPLE_LE32);
	MADE_SET(m, 0, Ehdr, e_entry, TEXT_PHYSICAL + 0x10);
	set_phdr(m, 0, PT_LOAD, TEXT_FILE, TEXT_VIRTUAL, TEXT_PHYSICAL, TEXT_SIZE, TEXT_SIZE);
	set_phdr(m, 1, PT_LOAD, DATA_FILE, TEXT_VIRTUAL + 0x200000, DATA_PHYSICAL, DATA_SIZE,
		 DATA_MEMORY);
	set_phdr(m, 2, PT_NOTE, NOTE_FILE, 0, 0, NOTE_SIZE, NOTE_SIZE);
	MADE_SET(m, made_phdr_offset(m, 1), Phdr, p_align, 0x200000);
}

static int parse(const struct made_elf *m, struct elf_kernel *out, struct err *err)
{
	/* On the heap and cut to size, so that reading past the end is seen. */
	uint8_t *copy = malloc(m->size ? m->size : 1);
	int ret;

	memcpy(copy, m->data, m->size);
	*err = (struct err){ 0 };
	ret = elf_kernel_parse((struct bytes){ copy, m->size }, out, err);
	assert_int_equal(ret, ret ? err->code : 0);
	if (ret)
		assert_true(err->what[0]);
	free(copy);
	return ret;
}

static void expect_refused(const struct made_elf *m, const char *words)
{
	struct elf_kernel k;
	struct err err;

	if (parse(m, &k, &err) != -ENOEXEC || !strstr(err.what, words))
		fail_msg("wanted '%s', got %d '%s'", words, err.code, err.what);
}

static void add_note(struct made_elf *m, const char *name, uint32_t desc_size)
{
	made_put(m, NOTE_FILE, 4, strlen(name) + 1);
	made_put(m, NOTE_FILE + 4, 4, desc_size);
	made_put(m, NOTE_FILE + 8, 4, 0x100);
	strcpy((char *)m->data + NOTE_FILE + 12, name);
}

#define for_each_kind(m)                                                                           \
	for (int kind_ = 0; kind_ < 4 && (make_kernel(m, kind_ & 1, kind_ >> 1), true); kind_++)

static void loads_by_physical_address(void **state)
{
	struct made_elf m;
	struct elf_kernel k;
	struct err err;

	(void)state;
	for_each_kind(&m)
	{
		assert_int_equal(parse(&m, &k, &err), 0);
		assert_int_equal(k.physical.start, TEXT_PHYSICAL);
		assert_int_equal(k.physical.end, DATA_PHYSICAL + DATA_MEMORY);
		assert_int_equal(k.align, 0x200000);
		assert_int_equal(k.entry_physical, TEXT_PHYSICAL + 0x10);
		assert_false(k.relocatable);
		assert_false(k.is_linux);
		/* A segment without memory counts for nothing, wherever it would be. */
		set_phdr(&m, 3, PT_LOAD, 0, 0, 0x123, 0, 0);
		assert_int_equal(parse(&m, &k, &err), 0);
		assert_int_equal(k.physical.start, TEXT_PHYSICAL);
		MADE_SET(&m, 0, Ehdr, e_type, ET_DYN);
		assert_int_equal(parse(&m, &k, &err), 0);
		assert_true(k.relocatable);
	}
}

static void translates_a_virtual_entry(void **state)
{
	struct made_elf m;
	struct elf_kernel k;
	struct err err;

	(void)state;
	for_each_kind(&m)
	{
		MADE_SET(&m, 0, Ehdr, e_entry, TEXT_VIRTUAL + 0x20);
		assert_int_equal(parse(&m, &k, &err), 0);
		assert_int_equal(k.entry_physical, TEXT_PHYSICAL + 0x20);
		/* The first and the last byte of the file part, and what is next to them. */
		MADE_SET(&m, 0, Ehdr, e_entry, TEXT_PHYSICAL);
		assert_int_equal(parse(&m, &k, &err), 0);
		MADE_SET(&m, 0, Ehdr, e_entry, TEXT_PHYSICAL + TEXT_SIZE - 1);
		assert_int_equal(parse(&m, &k, &err), 0);
		MADE_SET(&m, 0, Ehdr, e_entry, TEXT_PHYSICAL + TEXT_SIZE);
		expect_refused(&m, "entry 0x1000800");
		MADE_SET(&m, 0, Ehdr, e_entry, DATA_PHYSICAL + DATA_SIZE);
		expect_refused(&m, "entry 0x1200100");
		MADE_SET(&m, 0, Ehdr, e_entry, 0);
		expect_refused(&m, "entry 0x0 ");
	}
}

/* A per-CPU segment linked at virtual 0 must not capture a physical entry. */
static void physical_entry_comes_first(void **state)
{
	struct made_elf m;
	struct elf_kernel k;
	struct err err;

	(void)state;
	make_kernel(&m, true, ORDER_LE);
	set_phdr(&m, 0, PT_LOAD, DATA_FILE, 0, DATA_PHYSICAL, DATA_SIZE, DATA_SIZE);
	set_phdr(&m, 1, PT_LOAD, TEXT_FILE, TEXT_VIRTUAL, 0, TEXT_SIZE, TEXT_SIZE);
	MADE_SET(&m, 0, Ehdr, e_entry, 0x10);
	assert_int_equal(parse(&m, &k, &err), 0);
	assert_int_equal(k.entry_physical, 0x10);
	assert_int_equal(k.physical.start, 0);
	assert_int_equal(k.physical.end, DATA_PHYSICAL + DATA_SIZE);
}

static void refuses_what_cannot_be_loaded(void **state)
{
	struct made_elf m;

	(void)state;
	for_each_kind(&m)
	{
		size_t data = made_phdr_offset(&m, 1);

		MADE_SET(&m, data, Phdr, p_paddr, TEXT_PHYSICAL);
		expect_refused(
			&m,
			"segments 0 [0x1000000, 0x1000800) and 1 [0x1000000, 0x1005000) overlap");
		MADE_SET(&m, data, Phdr, p_paddr, TEXT_PHYSICAL - DATA_MEMORY + 0x1000);
		expect_refused(&m, "overlap");
		MADE_SET(&m, data, Phdr, p_paddr, DATA_PHYSICAL);
		MADE_SET(&m, data, Phdr, p_align, 3);
		expect_refused(&m, "aligned to 0x3");
		MADE_SET(&m, data, Phdr, p_align, 0);
		MADE_SET(&m, data, Phdr, p_type, PT_INTERP);
		expect_refused(&m, "Requires an ELF interpreter");
		MADE_SET(&m, data, Phdr, p_type, PT_NULL);
		MADE_SET(&m, made_phdr_offset(&m, 0), Phdr, p_memsz, 0);
		MADE_SET(&m, made_phdr_offset(&m, 0), Phdr, p_filesz, 0);
		expect_refused(&m, "no loadable segment");
	}
	for_each_kind(&m)
	{
		MADE_SET(&m, 0, Ehdr, e_type, ET_REL);
		expect_refused(&m, "type 1");
		MADE_SET(&m, 0, Ehdr, e_type, ET_CORE);
		expect_refused(&m, "type 4");
		MADE_SET(&m, 0, Ehdr, e_type, ET_EXEC);
		MADE_SET(&m, 0, Ehdr, e_phnum, 0);
		expect_refused(&m, "no loadable segment");
	}
}

/* Whole pages of a kernel: PT_LOADs that share a page are one run. */
static void splits_into_pages(void **state)
{
	struct made_elf m;
	struct elf_kernel k;
	struct ctx ctx = { 0 };
	struct elf_pages pages[ELF_KERNEL_MAX_LOADS];
	size_t count;

	(void)state;
	for_each_kind(&m)
	{
		const size_t data = made_phdr_offset(&m, 1);

		memset(m.data + TEXT_FILE, 0x11, TEXT_SIZE);
		memset(m.data + DATA_FILE, 0x22, DATA_SIZE);
		assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &ctx.err), 0);
		assert_int_equal(elf_split_pages(&ctx, &k.elf, 4096, 1, pages, &count), 0);
		assert_int_equal(count, 2);
		assert_ptr_equal(pages[0].bytes.data, m.data + TEXT_FILE);
		assert_int_equal(pages[0].bytes.size, TEXT_SIZE);
		assert_int_equal(pages[1].range.end, DATA_PHYSICAL + DATA_MEMORY);

		/* After the text in its page: zeros between them, and the text is not copied twice. */
		MADE_SET(&m, data, Phdr, p_paddr, TEXT_PHYSICAL + TEXT_SIZE + 8);
		assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &ctx.err), 0);
		assert_int_equal(elf_split_pages(&ctx, &k.elf, 4096, 9, pages, &count), 0);
		assert_int_equal(count, 1);
		assert_int_equal(pages[0].index, 0);
		assert_int_equal(pages[0].range.start, TEXT_PHYSICAL);
		assert_int_equal(pages[0].range.end, TEXT_PHYSICAL + 0x6000);
		assert_int_equal(pages[0].bytes.size, TEXT_SIZE + 8 + DATA_SIZE);
		assert_int_equal(pages[0].bytes.data[TEXT_SIZE - 1], 0x11);
		assert_int_equal(pages[0].bytes.data[TEXT_SIZE + 7], 0);
		assert_int_equal(pages[0].bytes.data[TEXT_SIZE + 8], 0x22);

		/* Adjacent pages: one run only if there are too many. */
		MADE_SET(&m, data, Phdr, p_paddr, TEXT_PHYSICAL + 0x1000);
		assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &ctx.err), 0);
		assert_int_equal(elf_split_pages(&ctx, &k.elf, 4096, 2, pages, &count), 0);
		assert_int_equal(count, 2);
		assert_int_equal(elf_split_pages(&ctx, &k.elf, 4096, 1, pages, &count), 0);
		assert_int_equal(count, 1);
		assert_int_equal(pages[0].bytes.size, 0x1000 + DATA_SIZE);
	}
	make_kernel(&m, true, ORDER_LE);
	MADE_SET(&m, made_phdr_offset(&m, 1), Phdr, p_paddr, UINT64_MAX - DATA_MEMORY - 1);
	assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &ctx.err), 0);
	assert_int_equal(elf_split_pages(&ctx, &k.elf, 4096, 9, pages, &count), -ENOEXEC);
	arena_free(&ctx.arena);
}

static void too_many_segments(void **state)
{
	struct made_elf m;
	struct elf_kernel k;
	struct err err;

	(void)state;
	make_kernel(&m, true, ORDER_LE);
	for (unsigned int i = 0; i <= ELF_KERNEL_MAX_LOADS; i++) {
		uint64_t address = TEXT_PHYSICAL + i * 0x1000;

		if (i > 0)
			assert_int_equal(parse(&m, &k, &err), 0);
		set_phdr(&m, i, PT_LOAD, 0, address, address, 0x1000, 0x1000);
	}
	expect_refused(&m, "more than 64");
}

/* Each field of a program header at its edges: refused with words, or kept inside the file. */
static void survives_every_edge(void **state)
{
	static const uint64_t values[] = {
		0,
		1,
		0xfff,
		0x1000,
		0x7fffffff,
		0x80000000,
		0xfffff000,
		0xffffffff,
		0x100000000,
		INT64_MAX,
		UINT64_C(1) << 63,
		UINT64_MAX - 0xfff,
		UINT64_MAX,
	};
	struct made_elf m;
	int accepted = 0, refused = 0;

	(void)state;
	for_each_kind(&m)
	{
		size_t phdr = made_phdr_offset(&m, 1);
		struct made_elf good = m;

		for (size_t field = 0; field < MADE_SIZE(&m, Phdr); field += 4) {
			for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
				struct elf_kernel k;
				struct err err;

				m = good;
				made_put(&m, phdr + field, 4, values[i]);
				if (m.is64 && field >= 8)
					made_put(&m, phdr + (field & ~7u), 8, values[i]);
				if (parse(&m, &k, &err)) {
					refused++;
					continue;
				}
				accepted++;
				assert_true(k.physical.start < k.physical.end);
				assert_true(is_power_of_two(k.align) && k.align >= 4096);
				assert_true(k.entry_physical >= k.physical.start &&
					    k.entry_physical < k.physical.end);
			}
		}
	}
	assert_true(accepted > 50);
	assert_true(refused > 50);
}

static void refuses_every_truncation(void **state)
{
	struct made_elf m;
	struct elf_kernel k;
	struct err err;

	(void)state;
	for_each_kind(&m)
	{
		for (m.size = 0; m.size < NOTE_FILE + NOTE_SIZE; m.size++)
			assert_int_equal(parse(&m, &k, &err), -ENOEXEC);
		assert_int_equal(parse(&m, &k, &err), 0);
	}
}

static void linux_is_known_by_its_banner(void **state)
{
	struct made_elf m;
	struct elf_kernel k;
	struct err err;

	(void)state;
	for_each_kind(&m)
	{
		memcpy(m.data + DATA_FILE + 5, BANNER, sizeof(BANNER));
		assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &err), 0);
		assert_true(k.is_linux);
		assert_int_equal(k.version_size, sizeof(BANNER) - 2);
		assert_memory_equal(k.version, BANNER, k.version_size);
		/* Words of another program, then the banner, which ends with the segment. */
		memcpy(m.data + DATA_FILE, "Linux version %s, Linux version ", 32);
		memcpy(m.data + DATA_FILE + DATA_SIZE - 17, "Linux version 6.1x", 18);
		assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &err), 0);
		assert_int_equal(k.version_size, 17);
		memcpy(m.data + DATA_FILE + DATA_SIZE - 17, "...Linux version 6", 18);
		assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &err), 0);
		assert_false(k.is_linux);
		/* Not in what is loaded. */
		memcpy(m.data + DATA_FILE + DATA_SIZE, BANNER, sizeof(BANNER));
		assert_int_equal(elf_kernel_parse(made_bytes(&m), &k, &err), 0);
		assert_false(k.is_linux);
	}
}

static void linux_is_known_by_its_notes(void **state)
{
	static const struct {
		uint32_t name_size, desc_size;
		bool found; /* a "Linux" note follows, if these sizes lead to it */
	} first[] = {
		{ 4, 4, true },
		{ 1, 5, false },
		{ 0, 8, true },
		{ 8, 0, true },
		{ 0x7fffffff, 0, false },
		{ 0xffffffff, 4, false },
		{ 4, 0xffffffff, false },
		{ 0xffffffff, 0xffffffff, false },
		{ 0x80000000, 0x80000000, false },
	};
	struct made_elf m;
	struct elf_kernel k;
	struct err err;

	(void)state;
	for_each_kind(&m)
	{
		add_note(&m, "Linux", 4);
		assert_int_equal(parse(&m, &k, &err), 0);
		assert_true(k.is_linux);
		assert_null(k.version);
		add_note(&m, "NetBSD", 4);
		assert_int_equal(parse(&m, &k, &err), 0);
		assert_false(k.is_linux);
		for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
			memset(m.data + NOTE_FILE, 0, NOTE_SIZE);
			add_note(&m, "Linux", 0);
			memmove(m.data + NOTE_FILE + 20, m.data + NOTE_FILE, 20);
			memcpy(m.data + NOTE_FILE + 12, "GNU", 4);
			made_put(&m, NOTE_FILE, 4, first[i].name_size);
			made_put(&m, NOTE_FILE + 4, 4, first[i].desc_size);
			assert_int_equal(parse(&m, &k, &err), 0);
			assert_int_equal(k.is_linux, first[i].found);
		}
		/* A note cut by the end of its segment, which is the file's. */
		add_note(&m, "Linux", 4);
		for (size_t size = 0; size < 12 + 6; size++) {
			MADE_SET(&m, made_phdr_offset(&m, 2), Phdr, p_filesz, size);
			m.size = NOTE_FILE + size;
			assert_int_equal(parse(&m, &k, &err), 0);
			assert_false(k.is_linux);
		}
	}
}

static void probe_looks_at_magic_and_machine(void **state)
{
	struct made_elf m;

	(void)state;
	for_each_kind(&m)
	{
		assert_true(elf_kernel_probe(made_bytes(&m), m.is64 ? EXAMPLE_LE64 : EXAMPLE_LE32));
		assert_false(elf_kernel_probe(made_bytes(&m), EXAMPLE_BE64));
		assert_int_equal(elf_kernel_probe_le(made_bytes(&m),
						     m.is64 ? EXAMPLE_LE64 : EXAMPLE_LE32),
				 m.order == ORDER_LE);
		m.size = 51;
		assert_false(
			elf_kernel_probe(made_bytes(&m), m.is64 ? EXAMPLE_LE64 : EXAMPLE_LE32));
		m.size = FILE_SIZE;
		m.data[0] = 0;
		assert_false(
			elf_kernel_probe(made_bytes(&m), m.is64 ? EXAMPLE_LE64 : EXAMPLE_LE32));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_by_physical_address),
		cmocka_unit_test(translates_a_virtual_entry),
		cmocka_unit_test(physical_entry_comes_first),
		cmocka_unit_test(refuses_what_cannot_be_loaded),
		cmocka_unit_test(splits_into_pages),
		cmocka_unit_test(too_many_segments),
		cmocka_unit_test(survives_every_edge),
		cmocka_unit_test(refuses_every_truncation),
		cmocka_unit_test(linux_is_known_by_its_banner),
		cmocka_unit_test(linux_is_known_by_its_notes),
		cmocka_unit_test(probe_looks_at_magic_and_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
