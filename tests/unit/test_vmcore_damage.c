/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmcore-dmesg/ over dumps that are incomplete, damaged or made to deceive. */
#include <time.h>

#include "print_vmcore.h"

/* Every line that the reader needs, with the status that its absence has. */
static void lines_of_vmcoreinfo_are_missed(void **state)
{
	static const struct {
		enum vmcore_kind kind;
		const char *line;
		int status;
	} lines[] = {
		{ KIND_BYTES, "SYMBOL(log_buf)=", 50 },
		{ KIND_BYTES, "SYMBOL(log_end)=", 51 },
		{ KIND_BYTES, "SYMBOL(log_buf_len)=", 52 },
		{ KIND_BYTES, "SYMBOL(logged_chars)=", 53 },
		{ KIND_RECORDS, "SYMBOL(log_buf)=", 60 },
		{ KIND_RECORDS, "SYMBOL(log_buf_len)=", 61 },
		{ KIND_RECORDS, "SYMBOL(log_first_idx)=", 51 }, /* taken for bytes */
		{ KIND_RECORDS, "SYMBOL(log_next_idx)=", 63 },
		{ KIND_RECORDS, "SIZE(printk_log)=", 64 },
		{ KIND_RECORDS, "OFFSET(printk_log.ts_nsec)=", 65 },
		{ KIND_RECORDS, "OFFSET(printk_log.len)=", 66 },
		{ KIND_RECORDS, "OFFSET(printk_log.text_len)=", 67 },
		{ KIND_LOCKLESS, "SYMBOL(prb)=", 50 },
		{ KIND_LOCKLESS, "SIZE(prb_desc)=", 64 },
		{ KIND_LOCKLESS, "SIZE(printk_info)=", 64 },
		{ KIND_LOCKLESS, "OFFSET(printk_ringbuffer.desc_ring)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(printk_ringbuffer.text_data_ring)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_desc_ring.count_bits)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_desc_ring.descs)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_desc_ring.infos)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_desc_ring.head_id)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_desc_ring.tail_id)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_desc.state_var)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_desc.text_blk_lpos)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_data_blk_lpos.begin)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_data_blk_lpos.next)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(printk_info.seq)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(printk_info.ts_nsec)=", 65 },
		{ KIND_LOCKLESS, "OFFSET(printk_info.text_len)=", 67 },
		{ KIND_LOCKLESS, "OFFSET(printk_info.caller_id)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_data_ring.size_bits)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(prb_data_ring.data)=", 66 },
		{ KIND_LOCKLESS, "OFFSET(atomic_long_t.counter)=", 66 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_printed(print_core(made_core(lines[i].kind, i % 2, ORDER_LE, lines[i].line),
					  OUTPUT_TEXT),
			       "", lines[i].status);
}

static void headers_that_lie(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
		int status;
	} bytes[] = {
		{ 0, 'X', 4 },
		{ EI_VERSION, 0, 5 },
		{ EI_CLASS, 3, 6 },
		{ EI_DATA, 0, 7 },
		{ 20, 2, 11 }, /* e_version */
		{ 54, 55, 12 }, /* e_phentsize */
		{ 39, 0x80, 16 }, /* e_phoff */
		{ CORE_NOTE + 4 + 2, 0x20, 50 }, /* the note leaves its segment */
		{ CORE_NOTE + 8, 1, 50 }, /* type of the note */
		{ CORE_NOTE + 12, 'v', 50 }, /* name of the note */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		struct made_core *c = lockless();
		struct bytes file = core_finish(c);

		c->elf.data[bytes[i].offset] = bytes[i].value;
		assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), "", bytes[i].status);
		free(c);
	}
	assert_printed(print_bytes("\177ELF", 4, OUTPUT_TEXT), "", 3);
	assert_printed(print_bytes("", 0, OUTPUT_TEXT), "", 3);
	assert_printed(print_named("/does/not/exist", OUTPUT_TEXT), "", 2);
	assert_printed(print_named("/", OUTPUT_TEXT), "", 3);
}

/* A number that the cut shortened would be another address. */
static void vmcoreinfo_cut_in_a_line(void **state)
{
	struct made_core *c = lockless();
	struct bytes file = core_finish(c);
	const char *symbol = memmem(file.data, file.size, "SYMBOL(prb)=", 12);
	struct result r;

	(void)state;
	r = print_bytes(file.data, (size_t)(symbol + 16 - (const char *)file.data), OUTPUT_TEXT);
	assert_int_equal(r.warnings, 1);
	assert_printed(r, "", 50);
	free(c);
}

/* Notes that are all zeros, a tebibyte of them. */
static void holes_for_notes_end_soon(void **state)
{
	struct made_core *c = lockless();
	struct bytes file = core_finish(c);
	int fd = memfd_create("vmcore", 0);

	(void)state;
	MADE_SET(&c->elf, made_phdr_offset(&c->elf, 0), Phdr, p_offset, file.size);
	MADE_SET(&c->elf, made_phdr_offset(&c->elf, 0), Phdr, p_filesz, 1ULL << 40);
	assert_int_equal(write(fd, file.data, file.size), file.size);
	assert_int_equal(ftruncate(fd, 1LL << 41), 0);
	assert_printed(print_fd(fd, OUTPUT_TEXT), "", 50);
	close(fd);
	free(c);
}

static void note_too_long_to_be_true(void **state)
{
	struct made_core *c = lockless();
	struct bytes file = core_finish(c);

	(void)state;
	MADE_SET(&c->elf, made_phdr_offset(&c->elf, 0), Phdr, p_filesz, 1 << 30);
	made_put(&c->elf, CORE_NOTE + 4, 4, VMCOREINFO_MAX + 1);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), "", 20);
	free(c);
}

/* More program headers than 16 bits count, and more than anybody has. */
static void extended_header_counts(void **state)
{
	struct made_core *c = lockless();
	struct bytes file = core_finish(c);
	const size_t shdr = 0xc0;

	(void)state;
	MADE_SET(&c->elf, 0, Ehdr, e_phnum, PN_XNUM);
	MADE_SET(&c->elf, 0, Ehdr, e_shoff, shdr);
	MADE_SET(&c->elf, shdr, Shdr, sh_info, 2);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), LOG_RECORDS, 0);
	MADE_SET(&c->elf, shdr, Shdr, sh_info, UINT32_MAX);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), "", 14);
	MADE_SET(&c->elf, shdr, Shdr, sh_info, VMCORE_MAX_PHDRS);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), "", 16);
	MADE_SET(&c->elf, 0, Ehdr, e_shoff, UINT64_MAX);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), "", 10);
	free(c);
}

enum { MANY = VMCORE_MAX_PHDRS };

/* A dump with count program headers at the end of the file, in a hole. */
static int many_headers(struct made_core *c, uint32_t count, uint64_t *table)
{
	struct bytes file = core_finish(c);
	const size_t shdr = 0xc0;
	int fd = memfd_create("vmcore", 0);

	*table = 0x10000;
	MADE_SET(&c->elf, 0, Ehdr, e_phnum, PN_XNUM);
	MADE_SET(&c->elf, 0, Ehdr, e_shoff, shdr);
	MADE_SET(&c->elf, shdr, Shdr, sh_info, count);
	MADE_SET(&c->elf, 0, Ehdr, e_phoff, *table);
	assert_int_equal(write(fd, file.data, file.size), file.size);
	assert_int_equal(ftruncate(fd, (off_t)(*table + (uint64_t)count * sizeof(Elf64_Phdr))), 0);
	return fd;
}

static void copy_header(int fd, const struct made_core *c, unsigned int from, uint64_t table,
			uint32_t to)
{
	assert_int_equal(pwrite(fd, c->elf.data + made_phdr_offset(&c->elf, from),
				sizeof(Elf64_Phdr), (off_t)(table + to * sizeof(Elf64_Phdr))),
			 sizeof(Elf64_Phdr));
}

/* Processor time, which other programs do not change. */
static void assert_soon(clock_t start)
{
	assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
}

/* The log that is not in the dump has 2^31 bytes, in 2^19 pages that no header covers. */
static void empty_headers_cost_nothing(void **state)
{
	struct made_core *c = made_core(KIND_BYTES, true, ORDER_LE, NULL);
	clock_t start = clock();
	struct result r;
	uint64_t table;
	int fd;

	(void)state;
	core_put(c, AT_U32, 4, INT32_MAX - 1);
	core_put(c, AT_U32 + 4, 4, INT32_MAX);
	fd = many_headers(c, MANY, &table);
	copy_header(fd, c, 0, table, MANY / 2);
	copy_header(fd, c, 1, table, MANY - 1);
	r = print_fd(fd, OUTPUT_TEXT);
	assert_int_equal(r.status, 52);
	assert_non_null(strstr(r.out, "12345.678901"));
	assert_soon(start);
	free(r.out);
	close(fd);
	free(c);
}

/* The first header that covers an address counts; all others cover it as well. */
static void headers_that_overlap(void **state)
{
	struct made_core *c = lockless();
	clock_t start = clock();
	uint64_t table;
	int fd = many_headers(c, 1 << 15, &table);

	(void)state;
	copy_header(fd, c, 0, table, 0);
	copy_header(fd, c, 1, table, 1);
	/* Other bytes at the same addresses. */
	MADE_SET(&c->elf, made_phdr_offset(&c->elf, 1), Phdr, p_offset, 0);
	for (uint32_t i = 2; i < 1 << 15; i++) {
		MADE_SET(&c->elf, made_phdr_offset(&c->elf, 1), Phdr, p_vaddr, c->base - i);
		MADE_SET(&c->elf, made_phdr_offset(&c->elf, 1), Phdr, p_memsz, 1 << 20);
		copy_header(fd, c, 1, table, i);
	}
	assert_printed(print_fd(fd, OUTPUT_TEXT), LOG_RECORDS, 0);
	assert_soon(start);
	close(fd);
	free(c);
}

/* A million segments with the same 150 notes, of which none is VMCOREINFO. */
static void notes_are_not_read_again_and_again(void **state)
{
	struct made_core *c = lockless();
	clock_t start = clock();
	struct result r;
	uint64_t table;
	int fd;

	(void)state;
	fd = many_headers(c, MANY, &table);
	for (size_t at = 0; at + 16 <= CORE_LOAD - CORE_NOTE; at += 16) {
		const uint8_t note[16] = { 4 }; /* a name of 4 bytes, little endian */

		assert_int_equal(pwrite(fd, note, 16, (off_t)(CORE_NOTE + at)), 16);
	}
	for (uint32_t i = 0; i < MANY; i += MANY / 16384)
		copy_header(fd, c, 0, table, i);
	r = print_fd(fd, OUTPUT_TEXT);
	assert_int_equal(r.warnings, 1);
	assert_printed(r, "", 50);
	assert_soon(start);
	close(fd);
	free(c);
}

/* A text of zeros is memory that the dump leaves out. */
static void zeros_are_no_text_of_records(void **state)
{
	(void)state;
	for (enum vmcore_kind kind = KIND_RECORDS; kind <= KIND_LOCKLESS; kind++) {
		struct made_core *c = made_core(kind, true, ORDER_LE, NULL);
		struct bytes file = core_finish(c);
		char *text = memmem(c->elf.data, c->elf.size, "wrapped", 7);
		struct result r;

		memset(text, 0, 7);
		r = print_bytes(file.data, file.size, OUTPUT_TEXT);
		assert_int_equal(r.warnings, 1);
		assert_printed(r,
			       "[    1.000002] one\n"
			       "[12345.678901] two\nlines\\x01\\xc3\\xa9\n"
			       "[    2.000000] \n"
			       "[    3.000000] \n"
			       "[    4.000000] last \"one\"\n",
			       65);
		free(c);
	}
}

/* Every descriptor claims the same long text: more than the ring has. */
static void records_that_share_their_text(void **state)
{
	struct made_core *c = lockless();
	struct result r;

	(void)state;
	for (size_t i = 0; i < DESC_COUNT; i++) {
		size_t desc = AT_DESCS + i * 4 * c->word, info = AT_INFOS + i * INFO_SIZE;

		core_word(c, desc + 2 * c->word, DATA_SIZE);
		core_word(c, desc + 3 * c->word, 0);
		core_put(c, info + INFO_TEXT_LEN, 2, DATA_SIZE);
	}
	r = print_core(c, OUTPUT_TEXT);
	assert_int_equal(r.status, 68);
	assert_true(r.size < 3 * 4 * DATA_SIZE);
	free(r.out);
}

/* Is every line of out the start of some line of whole? */
static bool lines_of(const char *out, const char *whole)
{
	while (*out) {
		size_t size = strcspn(out, "\n");
		const char *line = whole;

		while (*line && strncmp(line, out, size))
			line += strcspn(line, "\n") + 1;
		if (!*line)
			return false;
		out += size + (out[size] == '\n');
	}
	return true;
}

static void cut_at_every_byte(void **state)
{
	(void)state;
	EACH_SECOND_CORE(kind, is64, order)
	{
		struct made_core *c = made_core((enum vmcore_kind)kind, is64,
						(enum byte_order)order, NULL);
		struct bytes file = core_finish(c);
		int fd = memfd_create("vmcore", 0);
		size_t size, partly = 0;

		assert_int_equal(write(fd, file.data, file.size), file.size);
		for (size = file.size; size--;) {
			struct result r;

			assert_int_equal(ftruncate(fd, (off_t)size), 0);
			r = print_fd(fd, OUTPUT_TEXT);
			if (!r.status)
				assert_string_equal(r.out, logs[kind]);
			assert_true(r.status || size > CORE_LOAD + AT_BUF);
			/* The last bytes of the log of bytes may be the first ones. */
			if (kind != KIND_BYTES)
				assert_true(lines_of(r.out, logs[kind]));
			partly += r.status && r.size;
			free(r.out);
		}
		/* What was there before the cut was printed. */
		assert_true(partly > 32);
		close(fd);
		free(c);
	}
}

static void gaps_leave_the_rest(void **state)
{
	struct made_core *c = lockless();
	size_t load = made_phdr_offset(&c->elf, 1), size = AT_BUF + 64 + 8 + 3;
	struct bytes file = core_finish(c);
	struct result r;

	(void)state;
	/* The text of the second record ends in the middle, the last is not there at all. */
	MADE_SET(&c->elf, load, Phdr, p_filesz, size);
	MADE_SET(&c->elf, load, Phdr, p_memsz, size);
	r = print_bytes(file.data, file.size, OUTPUT_TEXT);
	assert_int_equal(r.warnings, 2);
	assert_printed(r,
		       "[    1.000002] one\n"
		       "[12345.678901] two\n"
		       "[    2.000000] \n"
		       "[    3.000000] wrapped\n"
		       "[    4.000000] \n",
		       65);
	free(c);
}

/* The buffer lies in two headers with a hole between them. */
static void hole_before_the_wrap(void **state)
{
	struct made_core *c = records();
	size_t load = made_phdr_offset(&c->elf, 1), size = AT_BUF + 128 + 4;
	struct bytes file = core_finish(c);
	struct result r;

	(void)state;
	MADE_SET(&c->elf, load, Phdr, p_filesz, size);
	MADE_SET(&c->elf, load, Phdr, p_memsz, size);
	r = print_bytes(file.data, file.size, OUTPUT_TEXT);
	assert_int_equal(r.warnings, 1);
	assert_printed(r, "[    3.000000] wrapped\n[    4.000000] last \"one\"\n", 65);
	free(c);
}

static void lockless_rings_that_lie(void **state)
{
	struct made_core *c;
	size_t i;

	(void)state;
	for (i = 27; i < 300; i += 37) {
		c = lockless();
		core_put(c, AT_PRB + 8, 4, i); /* count_bits */
		assert_printed(print_core(c, OUTPUT_TEXT), "", 64);
		c = lockless();
		core_put(c, AT_PRB + 9 * 8, 4, i + 5); /* size_bits */
		assert_printed(print_core(c, OUTPUT_TEXT), "", 64);
	}
	/* A head that is not among the descriptors after the tail. */
	c = lockless();
	core_word(c, AT_PRB + 4 * 8, 12345);
	assert_printed(print_core(c, OUTPUT_TEXT), LOG_RECORDS, 68);
	/* Bits of a state in an id. */
	c = lockless();
	core_word(c, AT_PRB + 5 * 8, UINT64_MAX - 1);
	assert_printed(print_core(c, OUTPUT_TEXT), LOG_RECORDS, 0);
	/* A descriptor of another lap, still readable and about to be taken. */
	c = lockless();
	core_word(c, AT_DESCS + 6 * 32 + 8, 2ULL << 62 | 6);
	assert_printed(print_core(c, OUTPUT_TEXT), strchr(LOG_RECORDS, '\n') + 1, 65);
	c = lockless();
	core_word(c, AT_DESCS + 6 * 32 + 8, 3ULL << 62 | 6);
	assert_printed(print_core(c, OUTPUT_TEXT), strchr(LOG_RECORDS, '\n') + 1, 0);
	/* Text longer than its block, and a block too short for its id. */
	c = lockless();
	core_put(c, AT_INFOS + 6 * INFO_SIZE + INFO_TEXT_LEN, 2, 65535);
	core_word(c, AT_DESCS + 6 * 32 + 16, (uint64_t)-256 + 32 + 8 + 3);
	assert_printed(print_core(c, OUTPUT_TEXT), LOG_RECORDS, 0);
	c = lockless();
	core_word(c, AT_DESCS + 6 * 32 + 16, (uint64_t)-256 + 32 + 7);
	assert_printed(print_core(c, OUTPUT_TEXT),
		       "[    1.000002] \n[12345.678901] two\nlines\\x01\\xc3\\xa9\n"
		       "[    2.000000] \n[    3.000000] wrapped\n[    4.000000] last \"one\"\n",
		       65);
}

static void huge_rings_end_soon(void **state)
{
	struct made_core *c = lockless();
	size_t load = made_phdr_offset(&c->elf, 1);
	struct bytes file;

	(void)state;
	core_put(c, AT_PRB + 8, 4, 26);
	core_word(c, AT_PRB + 4 * 8, 1 << 25);
	core_word(c, AT_PRB + 5 * 8, 0);
	file = core_finish(c);
	MADE_SET(&c->elf, load, Phdr, p_memsz, 1ULL << 40);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT),
		       "[    2.000000] \n[    3.000000] wrapped\n[    4.000000] last \"one\"\n",
		       68);
	free(c);
}

static void records_that_lie(void **state)
{
	const char *first = "[    1.000002] one\n";
	struct made_core *c;

	(void)state;
	c = records();
	core_put(c, AT_U32, 4, 0); /* log_buf_len */
	assert_printed(print_core(c, OUTPUT_TEXT), "", 61);
	c = records();
	core_put(c, AT_U32, 4, UINT32_MAX);
	assert_printed(print_core(c, OUTPUT_TEXT), "", 61);
	c = records();
	core_put(c, AT_U32 + 4, 4, RECORDS_SIZE - 8); /* log_first_idx: no room for a header */
	assert_printed(print_core(c, OUTPUT_TEXT), "", 69);
	c = records();
	core_put(c, AT_U32 + 4, 4, 0xfffffff0);
	assert_printed(print_core(c, OUTPUT_TEXT), "", 69);
	c = records();
	core_put(c, AT_U32 + 8, 4, 4); /* log_next_idx: inside a record */
	assert_printed(print_core(c, OUTPUT_TEXT),
		       "[    1.000002] one\n[12345.678901] two\nlines\\x01\\xc3\\xa9\n"
		       "[    2.000000] \n[    3.000000] wrapped\n",
		       68);
	c = records();
	core_put(c, AT_BUF + 128 + 24 + 8, 2, 12); /* the second record: shorter than a header */
	assert_printed(print_core(c, OUTPUT_TEXT), first, 69);
	c = records();
	core_put(c, AT_BUF + 128 + 24 + 8, 2, 0x200); /* leaves the buffer */
	assert_printed(print_core(c, OUTPUT_TEXT), first, 69);
	c = records();
	core_put(c, AT_BUF + 128 + 24 + 10, 2, 0x100); /* text longer than the record */
	assert_printed(print_core(c, OUTPUT_TEXT), first, 69);
	c = records();
	core_put(c, AT_U32 + 4, 4, 0); /* a wrap where there can be none */
	core_put(c, AT_BUF + 28 + 8, 2, 0);
	assert_printed(print_core(c, OUTPUT_TEXT), "[    3.000000] wrapped\n", 68);
	c = records();
	core_put(c, AT_BUF + 8, 2, 0); /* a second wrap */
	assert_printed(print_core(c, OUTPUT_TEXT),
		       "[    1.000002] one\n[12345.678901] two\nlines\\x01\\xc3\\xa9\n"
		       "[    2.000000] \n",
		       68);
}

static void numbers_of_the_log_of_bytes(void **state)
{
	struct made_core *c;

	(void)state;
	c = made_core(KIND_BYTES, true, ORDER_BE, NULL);
	core_put(c, AT_U32 + 4, 4, 0);
	assert_printed(print_core(c, OUTPUT_TEXT), "", 52);
	c = made_core(KIND_BYTES, true, ORDER_BE, NULL);
	core_put(c, AT_U32 + 4, 4, UINT32_MAX); /* negative */
	assert_printed(print_core(c, OUTPUT_TEXT), "", 52);
	c = made_core(KIND_BYTES, true, ORDER_BE, NULL);
	core_put(c, AT_U32, 4, 5); /* not yet round */
	assert_printed(print_core(c, OUTPUT_TEXT), "\n6>[ ", 0);
	c = made_core(KIND_BYTES, true, ORDER_BE, NULL);
	core_put(c, AT_U32, 4, 64); /* just round */
	core_put(c, AT_BUF, 1, '<');
	assert_printed(
		print_core(c, OUTPUT_TEXT),
		"<6>[    1.000002] one\n<30>[12345.678901] two\nlines\\x01\\xc3\\xa9\n<4>no time",
		0);
}

/* Memory that a dump leaves out is no text: a page of zeros, or two gigabytes of them. */
static void zeros_are_no_log_of_bytes(void **state)
{
	(void)state;
	for (int format = OUTPUT_TEXT; format <= OUTPUT_JSON; format++) {
		struct made_core *c = made_core(KIND_BYTES, true, ORDER_LE, NULL);
		size_t load = made_phdr_offset(&c->elf, 1);
		struct bytes file;
		struct result r;

		core_put(c, AT_U32, 4, INT32_MAX - 1);
		core_put(c, AT_U32 + 4, 4, INT32_MAX);
		file = core_finish(c);
		MADE_SET(&c->elf, load, Phdr, p_memsz, 1ULL << 40);
		r = print_bytes(file.data, file.size, (enum output_format)format);
		assert_int_equal(r.status, 52);
		assert_int_equal(r.warnings, 10);
		assert_non_null(strstr(r.out, "12345"));
		assert_true(r.size < 1 << 16);
		free(r.out);
		free(c);
	}
}

/* Statuses of numbers that VMCOREINFO points beside the file's end, and beside everything. */
static void pointers_beside_the_dump(void **state)
{
	struct made_core *c = lockless();
	struct bytes file = core_finish(c);

	(void)state;
	assert_printed(print_bytes(file.data, CORE_LOAD + AT_POINTER, OUTPUT_TEXT), "", 40);
	assert_printed(print_bytes(file.data, CORE_LOAD + AT_PRB + 11, OUTPUT_TEXT), "", 41);
	MADE_SET(&c->elf, made_phdr_offset(&c->elf, 1), Phdr, p_offset, UINT64_MAX - 4);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), "", 40);
	MADE_SET(&c->elf, made_phdr_offset(&c->elf, 1), Phdr, p_offset, CORE_LOAD);
	core_word(c, AT_POINTER, 0x1000);
	assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT), "", 30);
	free(c);
}

/* Whatever a byte becomes, the end is an end: no crash, no endless walk, an error that speaks. */
static void every_byte_damaged(void **state)
{
	static const uint8_t values[] = { 0x01, 0xff };
	size_t at, i;

	(void)state;
	EACH_SECOND_CORE(kind, is64, order)
	{
		struct made_core *c = made_core((enum vmcore_kind)kind, is64,
						(enum byte_order)order, NULL);
		struct bytes file = core_finish(c);
		int fd = memfd_create("vmcore", 0);

		assert_int_equal(write(fd, file.data, file.size), file.size);
		for (at = 0; at < file.size; at++) {
			if (at > CORE_TEXT + c->text_size && at < CORE_LOAD)
				continue;
			for (i = 0; i < sizeof(values); i++) {
				struct result r;

				assert_int_equal(pwrite(fd, &values[i], 1, (off_t)at), 1);
				r = print_fd(fd, i % 2 ? OUTPUT_RAW : OUTPUT_JSON);
				assert_true(r.size < 1 << 20);
				free(r.out);
			}
			assert_int_equal(pwrite(fd, file.data + at, 1, (off_t)at), 1);
		}
		close(fd);
		free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_vmcoreinfo_are_missed),
		cmocka_unit_test(headers_that_lie),
		cmocka_unit_test(vmcoreinfo_cut_in_a_line),
		cmocka_unit_test(holes_for_notes_end_soon),
		cmocka_unit_test(note_too_long_to_be_true),
		cmocka_unit_test(extended_header_counts),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(gaps_leave_the_rest),
		cmocka_unit_test(hole_before_the_wrap),
		cmocka_unit_test(lockless_rings_that_lie),
		cmocka_unit_test(huge_rings_end_soon),
		cmocka_unit_test(records_that_lie),
		cmocka_unit_test(empty_headers_cost_nothing),
		cmocka_unit_test(headers_that_overlap),
		cmocka_unit_test(notes_are_not_read_again_and_again),
		cmocka_unit_test(zeros_are_no_text_of_records),
		cmocka_unit_test(records_that_share_their_text),
		cmocka_unit_test(numbers_of_the_log_of_bytes),
		cmocka_unit_test(zeros_are_no_log_of_bytes),
		cmocka_unit_test(pointers_beside_the_dump),
		cmocka_unit_test(every_byte_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
