/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch: what goes where on x86_64, what purgatory is told, and whether a
 * refusal names what is in the way.  Images are made here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"

#define MIB 0x100000ull
#define GIB 0x40000000ull

struct fixture {
	struct ctx ctx;
	struct request req;
	struct machine machine;
	struct machine_x86 x86;
	struct memory_entry map[2];
	uint8_t file[0x4000];
	struct image image;
	struct plan plan;
	char said[256];
};

static void keep_line(void *data, const char *level, const char *text)
{
	(void)level;
	snprintf(data, 256, "%s", text);
}

/* RAM from 1 MiB to end. */
static void set_ram(struct fixture *f, uint64_t start, uint64_t end)
{
	f->map[1] = (struct memory_entry){ { start, end }, MEMORY_RAM };
	f->machine.ram.count = 0;
	range_set_add(&f->ctx.arena, &f->machine.ram, f->map[0].range);
	range_set_add(&f->ctx.arena, &f->machine.ram, f->map[1].range);
}

/* A bzImage with 512 bytes of boot sector, 512 of setup, 0x2000 of kernel. */
static void make_bzimage(struct fixture *f)
{
	uint8_t *p = f->file;

	memset(p, 0, sizeof(f->file));
	p[0x1f1] = 1;
	put_le32(p + 0x1f4, 0x2000 / 16);
	put_le16(p + 0x1fe, 0xaa55);
	p[0x200] = 0xeb;
	p[0x201] = 0x6a;
	memcpy(p + 0x202, "HdrS", 4);
	put_le16(p + 0x206, 0x020f);
	p[0x211] = 1;
	put_le32(p + 0x22c, 0x7fffffff);
	put_le32(p + 0x230, 16 * MIB);
	p[0x234] = 1;
	p[0x235] = 21;
	put_le16(p + 0x236, 0x7f);
	put_le32(p + 0x238, 2047);
	put_le64(p + 0x258, 16 * MIB);
	put_le32(p + 0x260, 48 * MIB);
	memset(p + 0x400, 0x5a, 0x2000);
	f->image = (struct image){ .name = "bz", .bytes = { p, 0x2400 } };
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->ctx.log = (struct log){ .line = keep_line, .data = f->said };
	f->req.mem_max = UINT64_MAX;
	f->req.dry_run = true;
	f->machine.x86 = &f->x86;
	f->map[0] = (struct memory_entry){ { 0x400, 0x9f000 }, MEMORY_RAM };
	f->machine.map.entry = f->map;
	f->machine.map.count = 2;
	set_ram(f, MIB, GIB);
	make_bzimage(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->ctx.arena);
	free(f);
	return 0;
}

static int make_plan(struct fixture *f)
{
	const struct image_type *type;
	int ret;

	err_clear(&f->ctx.err);
	ret = arch_choose_type(&f->ctx, &arch_x86_64, &f->req, &f->image, &type);
	if (ret)
		return ret;
	f->plan = (struct plan){ .page_size = 4096, .ram = f->machine.ram };
	return type->plan(&f->ctx, &f->req, &f->machine, &f->image, &f->plan);
}

static const struct segment *segment(const struct fixture *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->plan.segments; i++)
		if (!strcmp(f->plan.segment[i].name, name))
			return &f->plan.segment[i];
	fail_msg("no segment %s", name);
	return NULL;
}

/* The error tells: text is in its sentence or in its hint. */
static void assert_says(const struct fixture *f, const char *text)
{
	if (!strstr(f->ctx.err.what, text) && !strstr(f->ctx.err.hint, text))
		fail_msg("'%s' is not in '%s' '%s'", text, f->ctx.err.what, f->ctx.err.hint);
}

static void refused(struct fixture *f, int code, const char *text)
{
	assert_int_equal(make_plan(f), code);
	assert_says(f, text);
}

static const char *make_file(struct fixture *f, const char *text)
{
	char *name = arena_strdup(&f->ctx.arena, "/tmp/test_x86_plan.XXXXXX");
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return name;
}

static void give_initrds(struct fixture *f, const char **names, size_t count)
{
	f->req.initrds = names;
	f->req.initrd_count = count;
}

/* --- bzImage64 ------------------------------------------------------------- */

static void test_bzimage_places(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "initrd") };
	const struct segment *kernel, *initrd, *bp;
	const struct purgatory_x86_state *cpu = &f->plan.params.cpu.x86;
	size_t i;

	give_initrds(f, names, 1);
	f->req.command_line = "root=/dev/vda";
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->plan.segments, 3);
	kernel = segment(f, "kernel");
	assert_int_equal(kernel->range.start, GIB - 48 * MIB);
	assert_int_equal(kernel->range.end, GIB);
	assert_int_equal(kernel->bytes.size, 0x2000);
	assert_ptr_equal(kernel->bytes.data, f->file + 0x400);
	initrd = segment(f, "initrd");
	assert_int_equal(initrd->range.end, GIB - 48 * MIB);
	assert_int_equal(range_size(initrd->range), 4096);
	assert_string_equal(initrd->file, names[0]);
	bp = segment(f, "boot_params");
	assert_int_equal(bp->range.end, initrd->range.start);
	for (i = 0; i < f->plan.segments; i++)
		assert_true(f->plan.segment[i].sealed);

	assert_int_equal(cpu->mode, PURGATORY_X86_LONG_MODE);
	assert_int_equal(cpu->ip, kernel->range.start + 0x200);
	assert_int_equal(f->plan.kernel_entry, cpu->ip);
	for (i = 0; i < 16; i++)
		assert_int_equal(cpu->reg[i], i == PURGATORY_X86_RSI ? bp->range.start : 0);
	assert_int_equal(f->plan.params.cmdline_end, bp->range.start + 0x1000 + 13);
	assert_string_equal(f->plan.cmdline, "root=/dev/vda");
	assert_int_equal(get_le32(bp->bytes.data + 0x218), initrd->range.start);
	assert_int_equal(get_le32(bp->bytes.data + 0x21c), 6);
	assert_int_equal(get_le32(bp->bytes.data + 0x228), bp->range.start + 0x1000);
	unlink(names[0]);
}

static void test_above_4g(void **state)
{
	struct fixture *f = *state;
	const struct segment *bp;
	uint64_t top = 8 * GIB;

	set_ram(f, MIB, top);
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.end, top);
	bp = segment(f, "boot_params");
	assert_int_equal(get_le32(bp->bytes.data + 0xc8), 1);
	assert_int_equal(f->plan.params.cpu.x86.reg[PURGATORY_X86_RSI], bp->range.start);
}

static void test_kernel_with_32bit_addresses(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "x") };
	struct plan *plan = &f->plan;

	set_ram(f, MIB, 8 * GIB);
	give_initrds(f, names, 1);
	assert_int_equal(make_plan(f), 0);
	/* The probe leaves such images to another type; the rule holds all the same. */
	f->file[0x236] &= (uint8_t)~2;
	*plan = (struct plan){ .page_size = 4096, .ram = f->machine.ram };
	f->req.type = "bzImage64";
	assert_int_equal(arch_x86_64.types[4]->plan(&f->ctx, &f->req, &f->machine, &f->image,
						    plan), 0);
	assert_int_equal(segment(f, "kernel")->range.end, 4 * GIB);
	assert_true(segment(f, "initrd")->range.end <= 4 * GIB);
	assert_true(segment(f, "boot_params")->range.end <= 4 * GIB);
	unlink(names[0]);
}

static void test_alignment(void **state)
{
	struct fixture *f = *state;

	set_ram(f, MIB, 80 * MIB + 0x3000);	/* 32..80 MiB: what it prefers just fits */
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, 32 * MIB);
	assert_int_equal(get_le32(segment(f, "boot_params")->bytes.data + 0x230), 16 * MIB);

	set_ram(f, 25 * MIB, 75 * MIB);		/* 26..74 MiB: only at a multiple of 2 MiB */
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, 26 * MIB);
	assert_int_equal(get_le32(segment(f, "boot_params")->bytes.data + 0x230), 2 * MIB);
	assert_int_equal(get_le32(f->file + 0x230), 16 * MIB);
	assert_int_equal(f->ctx.err.code, 0);

	f->file[0x235] = 24;			/* not aligned any less */
	refused(f, -EADDRNOTAVAIL, "0x1000000");
}

/* A kernel loaded lower would move itself up to it, over whatever lies there. */
static void test_never_below_pref_address(void **state)
{
	struct fixture *f = *state;

	set_ram(f, MIB, 63 * MIB);
	refused(f, -EADDRNOTAVAIL, "pref_address");
	set_ram(f, MIB, 64 * MIB);
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, 16 * MIB);

	put_le64(f->file + 0x258, 0);
	set_ram(f, 0xa0000, 48 * MIB + 0xa0000);
	f->file[0x235] = 12;
	refused(f, -EADDRNOTAVAIL, "above 1 MiB");
}

static void test_not_relocatable(void **state)
{
	struct fixture *f = *state;

	f->file[0x234] = 0;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, 16 * MIB);
	set_ram(f, 17 * MIB, GIB);
	refused(f, -EADDRNOTAVAIL, "kernel not relocatable");
}

static void test_mem_limits(void **state)
{
	struct fixture *f = *state;

	f->req.mem_max = 512 * MIB - 1;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.end, 512 * MIB);
	assert_true(segment(f, "boot_params")->range.end <= 512 * MIB);
	assert_int_equal(f->plan.purgatory_placement.limit[1].range.end, 512 * MIB);

	f->req.mem_max = 64 * MIB - 2;
	refused(f, -EADDRNOTAVAIL, "--mem-max");

	f->req.mem_max = UINT64_MAX;
	f->req.mem_min = 900 * MIB;
	assert_int_equal(make_plan(f), 0);
	assert_true(segment(f, "boot_params")->range.start >= 900 * MIB);
	f->req.mem_min = 1000 * MIB;
	refused(f, -EADDRNOTAVAIL, "--mem-min");
}

static void test_initrd_stays_above_16m(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "x") };

	give_initrds(f, names, 1);
	set_ram(f, MIB, 64 * MIB);	/* the kernel takes 16..64 MiB */
	refused(f, -EADDRNOTAVAIL, "initrd above 16 MiB");
	unlink(names[0]);
}

static void test_initrds_are_joined(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "12345"), make_file(f, "abcd"), make_file(f, "z") };
	const struct segment *initrd;

	give_initrds(f, names, 3);
	assert_int_equal(make_plan(f), 0);
	initrd = segment(f, "initrd");
	assert_int_equal(initrd->bytes.size, 13);
	assert_memory_equal(initrd->bytes.data, "12345\0\0\0abcdz", 13);
	assert_non_null(strstr(initrd->file, names[2]));
	unlink(names[1]);
	refused(f, -ENOENT, names[1]);
	unlink(names[0]);
	unlink(names[2]);
}

/* They never take more than the machine has, padding included. */
static void test_initrds_too_large(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "12345"), make_file(f, "abcd") };
	const char *name;
	struct bytes out;

	give_initrds(f, names, 2);
	assert_int_equal(arch_initrd(&f->ctx, &f->req, 12, &out, &name), 0);
	assert_int_equal(out.size, 12);
	assert_int_equal(arch_initrd(&f->ctx, &f->req, 11, &out, &name), -EFBIG);
	assert_says(f, names[1]);
	unlink(names[0]);
	unlink(names[1]);
}

static void test_what_purgatory_is_told(void **state)
{
	struct fixture *f = *state;
	struct purgatory_params *params = &f->plan.params;

	f->req.serial_base = 0x2f8;
	f->req.serial_baud = 9600;
	assert_int_equal(make_plan(f), 0);
	assert_true(f->plan.wants_purgatory);
	assert_int_equal(params->flags, PURGATORY_VERIFY);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_NONE);
	assert_int_equal(f->plan.purgatory_placement.limit[0].range.start, 0x3000);

	f->req.no_checks = f->req.console_vga = f->req.reset_vga = f->req.console_serial = true;
	f->req.on_corrupt = ON_CORRUPT_REBOOT;
	f->machine.ticks_per_ms = 2400000;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(params->flags, PURGATORY_REBOOT | PURGATORY_CONSOLE_VGA |
			 PURGATORY_RESET_VGA);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_8250_IO);
	assert_int_equal(params->serial_base, 0x2f8);
	assert_int_equal(params->serial_baud, 9600);
	assert_int_equal(params->ticks_per_ms, 2400000);
}

static void test_refusals(void **state)
{
	struct fixture *f = *state;
	char line[2049];

	memset(line, 'x', 2048);
	line[2048] = '\0';
	f->req.command_line = line;
	refused(f, -E2BIG, "2048 characters");
	f->req.command_line = line + 1;
	assert_int_equal(make_plan(f), 0);

	f->req.crash = true;
	refused(f, -ENOTSUP, "-p");
	f->req.crash = false;

	f->x86.la57 = true;
	assert_int_equal(make_plan(f), 0);
	f->file[0x236] &= (uint8_t)~0x20;
	refused(f, -ENOTSUP, "5-level paging");

	f->image.bytes.size = 0x23f0;
	f->x86.la57 = false;
	refused(f, -ENOEXEC, "cut short");
}

/* --- ELF ------------------------------------------------------------------ */

#define TEXT (16 * MIB)
#define DATA (18 * MIB)

static void make_elf(struct fixture *f, uint16_t type, const char *banner)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)f->file;
	Elf64_Phdr *ph = (Elf64_Phdr *)(eh + 1);

	memset(f->file, 0, sizeof(f->file));
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_ident[EI_VERSION] = EV_CURRENT;
	eh->e_type = type;
	eh->e_machine = EM_X86_64;
	eh->e_version = EV_CURRENT;
	eh->e_entry = TEXT + 0x40;
	eh->e_phoff = sizeof(*eh);
	eh->e_ehsize = sizeof(*eh);
	eh->e_phentsize = sizeof(*ph);
	eh->e_phnum = 2;
	ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x1000, .p_vaddr = TEXT, .p_paddr = TEXT,
			      .p_filesz = 0x1000, .p_memsz = 0x1000, .p_align = 0x200000 };
	ph[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x2000, .p_vaddr = DATA, .p_paddr = DATA,
			      .p_filesz = 0x1800, .p_memsz = 0x5000, .p_align = 0x200000 };
	strcpy((char *)f->file + 0x1100, banner);
	f->image = (struct image){ .name = "elf", .bytes = { f->file, 0x3800 } };
}

static void test_vmlinux(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "x") };
	const struct segment *data, *bp;

	make_elf(f, ET_EXEC, "Linux version 9.9 (me@here)\n");
	give_initrds(f, names, 1);
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->plan.segments, 4);
	assert_int_equal(segment(f, "kernel.0")->range.start, TEXT);
	data = segment(f, "kernel.1");
	assert_int_equal(data->range.start, DATA);
	assert_int_equal(data->range.end, DATA + 0x5000);
	assert_int_equal(data->bytes.size, 0x1800);
	assert_true(data->fixed && data->sealed);
	assert_int_equal(f->plan.kernel_entry, TEXT + 0x40);
	bp = segment(f, "boot_params");
	assert_int_equal(f->plan.params.cpu.x86.reg[PURGATORY_X86_RSI], bp->range.start);
	assert_memory_equal(bp->bytes.data + 0x202, "HdrS", 4);
	assert_true(get_le16(bp->bytes.data + 0x206) >= 0x020c);
	assert_int_equal(get_le16(bp->bytes.data + 0x1fe), 0xaa55);
	assert_true(get_le64(bp->bytes.data + 0x250));

	f->x86.la57 = true;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(strstr(f->said, "5-level"));
	unlink(names[0]);
}

static void test_vmlinux_where_no_ram_is(void **state)
{
	struct fixture *f = *state;

	make_elf(f, ET_EXEC, "Linux version 9.9 (me@here)\n");
	set_ram(f, TEXT + 0x1000, GIB);
	refused(f, -EADDRNOTAVAIL, "Invalid memory segment");
	/* One that can be moved is, as a block. */
	make_elf(f, ET_DYN, "Linux version 9.9 (me@here)\n");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel.0")->range.start, TEXT + 2 * MIB);
	assert_int_equal(segment(f, "kernel.1")->range.start, DATA + 2 * MIB);
	assert_int_equal(f->plan.kernel_entry, TEXT + 2 * MIB + 0x40);
	f->req.mem_min = 512 * MIB;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel.0")->range.start, 512 * MIB);
}

static void test_other_elf(void **state)
{
	struct fixture *f = *state;

	make_elf(f, ET_EXEC, "something else");
	refused(f, -ENOTSUP, "not supported yet");
}

/* --- types ----------------------------------------------------------------- */

struct choice {
	const char *asked;
	const char *want;	/* NULL: refused with status and text */
	int status;
	const char *text;
};

static void check_choices(struct fixture *f, const struct choice *choice, size_t count)
{
	const struct image_type *type;
	size_t i;

	for (i = 0; i < count; i++, choice++) {
		f->req.type = choice->asked;
		err_clear(&f->ctx.err);
		if (choice->want) {
			assert_int_equal(arch_choose_type(&f->ctx, &arch_x86_64, &f->req, &f->image,
							  &type), 0);
			assert_string_equal(type->name, choice->want);
			continue;
		}
		assert_true(arch_choose_type(&f->ctx, &arch_x86_64, &f->req, &f->image, &type) < 0);
		assert_int_equal(f->ctx.err.status, choice->status);
		assert_says(f, choice->text);
	}
}

static void test_types_of_bzimage(void **state)
{
	static const struct choice choices[] = {
		{ NULL, "bzImage64", 0, NULL },
		{ "bzImage64", "bzImage64", 0, NULL },
		{ "bzImage", NULL, 1, "type bzImage is not supported yet" },
		{ "uki", NULL, 1, "type uki is not supported yet" },
		{ "elf-x86_64", NULL, 255,
		  "Wrong file type elf-x86_64, file matches type bzImage64" },
		{ "bzImage-x86", NULL, 255, "Unsupported kernel type bzImage-x86" },
	};
	static const struct choice without_64bit_entry[] = {
		{ NULL, NULL, 1, "type bzImage is not supported yet" },
		{ "bzImage64", NULL, 255, "Wrong file type bzImage64, file matches type bzImage" },
	};

	check_choices(*state, choices, sizeof(choices) / sizeof(*choices));
	((struct fixture *)*state)->file[0x236] = 0;
	check_choices(*state, without_64bit_entry, 2);
}

static void test_types_of_others(void **state)
{
	static const struct choice elf64[] = {
		{ NULL, "elf-x86_64", 0, NULL },
		{ "bzImage64", NULL, 255, "Wrong file type bzImage64, file matches type elf-x86_64" },
	};
	static const struct choice elf32[] = {
		{ NULL, NULL, 1, "type elf-x86 is not supported yet" },
	};
	static const struct choice text[] = {
		{ NULL, NULL, 255, "Cannot determine the file type of elf" },
		{ "bzImage64", NULL, 255, "Cannot determine the file type of elf" },
	};
	struct fixture *f = *state;

	make_elf(f, ET_EXEC, "");
	check_choices(f, elf64, 2);
	f->file[EI_CLASS] = ELFCLASS32;
	put_le16(f->file + 18, EM_386);
	check_choices(f, elf32, 1);
	memset(f->file, 'x', sizeof(f->file));
	check_choices(f, text, 2);
}

static void test_arches(void **state)
{
	(void)state;
	assert_ptr_equal(arch_by_name("x86_64"), &arch_x86_64);
	assert_ptr_equal(arch_by_uname("x86_64"), &arch_x86_64);
	assert_null(arch_by_name("x86"));
	assert_null(arch_by_uname("i686"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bzimage_places),
		TEST(test_above_4g),
		TEST(test_kernel_with_32bit_addresses),
		TEST(test_alignment),
		TEST(test_never_below_pref_address),
		TEST(test_not_relocatable),
		TEST(test_mem_limits),
		TEST(test_initrd_stays_above_16m),
		TEST(test_initrds_are_joined),
		TEST(test_initrds_too_large),
		TEST(test_what_purgatory_is_told),
		TEST(test_refusals),
		TEST(test_vmlinux),
		TEST(test_vmlinux_where_no_ram_is),
		TEST(test_other_elf),
		TEST(test_types_of_bzimage),
		TEST(test_types_of_others),
		TEST(test_arches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
