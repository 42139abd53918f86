/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmcore-dmesg/ over dumps of all formats, classes and byte orders.  With a
 * directory as argument it writes those dumps there, as seeds for the fuzzer.
 */
#include "print_vmcore.h"

static void every_format_as_text(void **state)
{
	(void)state;
	EACH_CORE(kind, is64, order)
	{
		struct result r = print_core(made_core((enum vmcore_kind)kind, is64,
						       (enum byte_order)order, NULL),
					     OUTPUT_TEXT);

		assert_int_equal(r.warnings, 0);
		assert_printed(r, logs[kind], 0);
	}
}

static void raw_has_levels_on_every_line(void **state)
{
	(void)state;
	assert_printed(print_core(made_core(KIND_RECORDS, false, ORDER_BE, NULL), OUTPUT_RAW),
		       "<30>[    1.000002] one\n"
		       "<30>[12345.678901] two\n<30>[12345.678901] lines\\x01\\xc3\\xa9\n"
		       "<30>[    2.000000] \n"
		       "<30>[    3.000000] wrapped\n"
		       "<30>[    4.000000] last \"one\"\n",
		       0);
	assert_printed(print_core(made_core(KIND_LOCKLESS, true, ORDER_BE, NULL), OUTPUT_RAW),
		       "<54>[    1.000002] one\n"
		       "<62>[12345.678901] two\n<62>[12345.678901] lines\\x01\\xc3\\xa9\n"
		       "<6>[    2.000000] \n"
		       "<14>[    3.000000] wrapped\n"
		       "<22>[    4.000000] last \"one\"\n",
		       0);
	assert_printed(print_core(made_core(KIND_BYTES, true, ORDER_LE, NULL), OUTPUT_RAW),
		       LOG_BYTES, 0);
}

/* Values as they stand in JSON. */
struct json_record {
	const char *seq, *ns, *level, *facility, *caller, *text;
};

static void assert_json(struct made_core *c, const struct json_record *records, size_t count)
{
	struct result r = print_core(c, OUTPUT_JSON);
	char *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	fputs("[", out);
	for (i = 0; i < count; i++)
		fprintf(out,
			"%s\n  {\n    \"seq\": %s,\n    \"ts_nsec\": %s,\n    \"level\": %s,\n"
			"    \"facility\": %s,\n    \"caller_id\": %s,\n    \"text\": %s\n  }",
			i ? "," : "", records[i].seq, records[i].ns, records[i].level,
			records[i].facility, records[i].caller, records[i].text);
	fputs("\n]\n", out);
	fclose(out);
	assert_printed(r, text, 0);
	free(text);
}

static void json_has_what_is_known(void **state)
{
	static const struct json_record of_lockless[] = {
		{ "106", "1000002999", "6", "6", "\"T42\"", "\"one\"" },
		{ "107", "12345678901234", "6", "7", "\"C3\"",
		  "\"two\\u000alines\\\\x01\\\\xc3\\\\xa9\"" },
		{ "100", "2000000000", "6", "0", "\"T42\"", "\"\"" },
		{ "101", "3000000000", "6", "1", "\"C3\"", "\"wrapped\"" },
		{ "102", "4000000000", "6", "2", "\"T42\"", "\"last \\\"one\\\"\"" },
	};
	static const struct json_record of_bytes[] = {
		{ "null", "null", "null", "null", "null", "\"6>[    1.000002] one\"" },
		{ "null", "12345678901000", "6", "3", "null", "\"two\"" },
		{ "null", "null", "null", "null", "null", "\"lines\\\\x01\\\\xc3\\\\xa9\"" },
		{ "null", "null", "4", "0", "null", "\"no time\"" },
	};

	(void)state;
	assert_json(made_core(KIND_LOCKLESS, true, ORDER_BE, NULL), of_lockless,
		    sizeof(of_lockless) / sizeof(of_lockless[0]));
	assert_json(made_core(KIND_BYTES, false, ORDER_LE, NULL), of_bytes,
		    sizeof(of_bytes) / sizeof(of_bytes[0]));
}

/* From 5.1 on records may say who wrote them; before 3.11 the struct had a shorter name. */
static void older_and_newer_records(void **state)
{
	struct made_core *c = made_core(KIND_RECORDS, true, ORDER_LE, "SIZE(printk_log)");
	struct result r;

	(void)state;
	core_line(c, "SIZE(log)=%d", RECORD_SIZE);
	core_line(c, "OFFSET(printk_log.caller_id)=%d", 4); /* inside the time: 0 */
	r = print_core(c, OUTPUT_JSON);
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(r.out, "\"caller_id\": \"T0\""));
	free(r.out);
}

static void other_formats_are_named(void **state)
{
	static const struct {
		const char *start, *says;
	} files[] = {
		{ "KDUMP   .......................", "makedumpfile" },
		{ "DISKDUMP.......................", "diskdump" },
		{ "makedumpfile\0..................", "flattened" },
		{ "\037\213............................", "gzip" },
		{ "\3757zXZ\0........................", "xz" },
		{ "\050\265\057\375............................", "zstd" },
	};
	struct result r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		r = print_bytes(files[i].start, 24, OUTPUT_TEXT);
		assert_non_null(strstr(r.what, files[i].says));
		assert_true(*r.hint);
		assert_printed(r, "", 4);
	}
}

static void pipes_are_read_to_their_end(void **state)
{
	struct made_core *c = lockless();
	struct bytes file = core_finish(c);
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], file.data, file.size), file.size);
	close(fds[1]);
	assert_printed(print_fd(fds[0], OUTPUT_TEXT), LOG_RECORDS, 0);
	close(fds[0]);
	free(c);
}

/* A kernel of 32 bits with physical addresses of more. */
static void words_of_four_bytes_in_64_bit_cores(void **state)
{
	static const uint16_t machines[] = { EM_386, EXAMPLE_LE32, EM_PPC };
	struct made_core *c = made_core(KIND_LOCKLESS, false, ORDER_LE, NULL);
	struct made_core *wide = lockless();

	(void)state;
	core_finish(c);
	memcpy(wide->elf.data + CORE_NOTE, c->elf.data + CORE_NOTE, c->elf.size - CORE_NOTE);
	MADE_SET(&wide->elf, made_phdr_offset(&wide->elf, 1), Phdr, p_vaddr, c->base);
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		MADE_SET(&wide->elf, 0, Ehdr, e_machine, machines[i]);
		assert_printed(print_bytes(wide->elf.data, wide->elf.size, OUTPUT_TEXT),
			       LOG_RECORDS, 0);
	}
	free(c);
	free(wide);
}

static void direct_map_by_physical_addresses(void **state)
{
	static const struct {
		const char *line;
		uint64_t physical;
		int status;
	} maps[] = {
		{ "NUMBER(PHYS_OFFSET)=2147483648", 0x81000000, 0 },
		{ "NUMBER(PHYS_OFFSET)=0x80000000", 0x81000000, 0 },
		{ "NUMBER(PHYS_OFFSET)=-2147483648", 0xffffffff81000000, 0 },
		{ "NUMBER(phys_ram_base)=0a000000", 0x0b000000, 0 },
		{ "NUMBER(phys_ram_base)=80000000x", 0x81000000, 30 },
		{ "NUMBER(PHYS_OFFSET)=0x80000000", 0x82000000, 30 },
		{ "", 0x81000000, 30 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct made_core *c = lockless();
		size_t load = made_phdr_offset(&c->elf, 1);
		struct bytes file;

		core_line(c, "NUMBER(PAGE_OFFSET)=0xffffffff80000000");
		core_line(c, "%s", maps[i].line);
		file = core_finish(c);
		MADE_SET(&c->elf, load, Phdr, p_vaddr, 0);
		MADE_SET(&c->elf, load, Phdr, p_paddr, maps[i].physical);
		assert_printed(print_bytes(file.data, file.size, OUTPUT_TEXT),
			       maps[i].status ? "" : LOG_RECORDS, maps[i].status);
		free(c);
	}
}

/* What a header covers beyond its bytes in the file is zero, not missing. */
static void memory_without_file_bytes(void **state)
{
	struct made_core *c = made_core(KIND_BYTES, true, ORDER_LE, NULL);
	struct bytes file = core_finish(c);
	struct result r;

	(void)state;
	MADE_SET(&c->elf, made_phdr_offset(&c->elf, 1), Phdr, p_filesz, AT_BUF + 32);
	r = print_bytes(file.data, file.size, OUTPUT_TEXT);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.size, 32 + 32 * 4);
	assert_int_equal(r.out[30], LOG_BYTES[30]);
	assert_memory_equal(r.out + 31, "\\x00\\x00", 8);
	free(r.out);
	free(c);
}

static int write_seeds(const char *directory)
{
	static const char *const names[KINDS] = { "bytes", "records", "lockless" };

	EACH_CORE(kind, is64, order)
	{
		struct made_core *c = made_core((enum vmcore_kind)kind, is64,
						(enum byte_order)order, NULL);
		struct bytes file = core_finish(c);
		char name[4096];
		FILE *out;

		snprintf(name, sizeof(name), "%s/%s-%d-%s", directory, names[kind], is64 ? 64 : 32,
			 order == ORDER_LE ? "le" : "be");
		out = fopen(name, "wb");
		if (!out || fwrite(file.data, 1, file.size, out) != file.size || fclose(out))
			return 1;
		free(c);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_as_text),
		cmocka_unit_test(raw_has_levels_on_every_line),
		cmocka_unit_test(json_has_what_is_known),
		cmocka_unit_test(older_and_newer_records),
		cmocka_unit_test(other_formats_are_named),
		cmocka_unit_test(pipes_are_read_to_their_end),
		cmocka_unit_test(words_of_four_bytes_in_64_bit_cores),
		cmocka_unit_test(direct_map_by_physical_addresses),
		cmocka_unit_test(memory_without_file_bytes),
	};

	if (argc == 2)
		return write_seeds(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
