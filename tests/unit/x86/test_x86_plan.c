/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/x86: places of segments, the values that purgatory gets, and whether a
 * refusal names the obstacle.  Images are made here.
 */
#include "x86_plan.h"

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
	assert_int_equal(kernel->bytes.size, MADE_KERNEL);
	assert_ptr_equal(kernel->bytes.data, f->file + MADE_SETUP);
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

static void test_alignment(void **state)
{
	struct fixture *f = *state;

	set_ram(f, MIB, 80 * MIB + 0x3000); /* 32..80 MiB: what it prefers just fits */
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, 32 * MIB);
	assert_int_equal(get_le32(segment(f, "boot_params")->bytes.data + 0x230), 16 * MIB);

	set_ram(f, 25 * MIB, 75 * MIB); /* 26..74 MiB: only at a multiple of 2 MiB */
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.start, 26 * MIB);
	assert_int_equal(get_le32(segment(f, "boot_params")->bytes.data + 0x230), 2 * MIB);
	assert_int_equal(get_le32(f->file + 0x230), 16 * MIB);
	assert_int_equal(f->ctx.err.code, 0);

	f->file[0x235] = 24; /* not aligned any less */
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
	f->req.mem_min = 17 * MIB;
	refused(f, -EADDRNOTAVAIL, "--mem-min does not allow");
	f->req.mem_min = 0;
	put_le64(f->file + 0x258, 16 * MIB + 1);
	refused(f, -EADDRNOTAVAIL, "not page aligned");
	put_le64(f->file + 0x258, 16 * MIB);
	set_ram(f, 17 * MIB, GIB);
	refused(f, -EADDRNOTAVAIL, "Invalid memory segment");
}

static void test_mem_limits(void **state)
{
	struct fixture *f = *state;

	f->req.mem_max = 512 * MIB - 1;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel")->range.end, 512 * MIB);
	assert_true(segment(f, "boot_params")->range.end <= 512 * MIB);
	assert_int_equal(f->plan.mem_max, 512 * MIB - 1);

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
	set_ram(f, MIB, 64 * MIB); /* the kernel takes 16..64 MiB */
	refused(f, -EADDRNOTAVAIL, "initrd above 16 MiB");
	unlink(names[0]);
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
	assert_int_equal(params->flags,
			 PURGATORY_REBOOT | PURGATORY_CONSOLE_VGA | PURGATORY_RESET_VGA);
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

	f->x86.la57 = true;
	assert_int_equal(make_plan(f), 0);
	f->file[0x236] &= (uint8_t)~0x20;
	refused(f, -ENOTSUP, "5-level paging");

	f->image.bytes.size -= 16;
	f->x86.la57 = false;
	refused(f, -ENOEXEC, "cut short");
}

/* --- ELF ------------------------------------------------------------------ */

#define TEXT (16 * MIB)
#define DATA (18 * MIB)

static void use_elf(struct fixture *f, uint16_t type, const char *banner)
{
	f->elf = (struct made_elf){ .is64 = true, .order = ORDER_LE, .size = 0x3800 };
	made_ehdr(&f->elf, type, EM_X86_64);
	MADE_SET(&f->elf, 0, Ehdr, e_entry, TEXT + 0x40);
	made_phdr(&f->elf, 0, PT_LOAD, 0x1000, TEXT, 0x1000, 0x1000);
	made_phdr(&f->elf, 1, PT_LOAD, 0x2000, DATA, 0x1800, 0x5000);
	MADE_SET(&f->elf, made_phdr_offset(&f->elf, 1), Phdr, p_align, 0x200000);
	strcpy((char *)f->elf.data + 0x1100, banner);
	f->image = (struct image){ .name = "elf", .bytes = made_bytes(&f->elf) };
}

static void test_vmlinux(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "x") };
	const struct segment *data, *bp;

	use_elf(f, ET_EXEC, "Linux version 9.9 (me@here)\n");
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
	assert_int_equal(get_le16(bp->bytes.data + 0x1f2), 1);
	assert_true(get_le64(bp->bytes.data + 0x250));

	f->x86.la57 = true;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(strstr(f->said, "5-level"));
	unlink(names[0]);
}

static void test_vmlinux_where_no_ram_is(void **state)
{
	struct fixture *f = *state;

	use_elf(f, ET_EXEC, "Linux version 9.9 (me@here)\n");
	set_ram(f, TEXT + 0x1000, GIB);
	refused(f, -EADDRNOTAVAIL, "Invalid memory segment");
	/* One that can be moved is, as a block. */
	use_elf(f, ET_DYN, "Linux version 9.9 (me@here)\n");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel.0")->range.start, TEXT + 2 * MIB);
	assert_int_equal(segment(f, "kernel.1")->range.start, DATA + 2 * MIB);
	assert_int_equal(f->plan.kernel_entry, TEXT + 2 * MIB + 0x40);
	f->req.mem_min = 512 * MIB;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel.0")->range.start, 512 * MIB);
	/* Not only for want of RAM. */
	set_ram(f, MIB, GIB);
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(segment(f, "kernel.0")->range.start, 512 * MIB);
	use_elf(f, ET_EXEC, "Linux version 9.9 (me@here)\n");
	refused(f, -EADDRNOTAVAIL, "--mem-min");
}

/* The next note of a type; moves *p after it. */
static const uint8_t *note(const uint8_t **p, uint32_t type, uint32_t *size)
{
	const uint8_t *n = *p;

	*size = get_le32(n + 4);
	assert_int_equal(get_le32(n), 0);
	assert_int_equal(get_le32(n + 8), type);
	*p = n + 12 + (*size + 3) / 4 * 4;
	return n + 12;
}

/* As a program would that was started with rdi at the block. */
static void check_notes(struct bytes block, const char *cmdline)
{
	const uint8_t *p = block.data + 12;
	uint32_t size, sum = 0;
	size_t i;

	assert_int_equal(get_le32(block.data), 0x0e1fb007);
	assert_int_equal(get_le32(block.data + 4), block.size);
	assert_int_equal(get_le16(block.data + 10), 3);
	for (i = 0; i < block.size; i += 2)
		sum += get_le16(block.data + i);
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	assert_string_equal((const char *)note(&p, 2, &size), "kexec");
	assert_int_equal(size, 6);
	note(&p, 3, &size);
	assert_string_equal((const char *)note(&p, 4, &size), cmdline);
	assert_int_equal(size, strlen(cmdline) + 1);
	assert_ptr_equal(p, block.data + block.size);
}

static void test_other_elf(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_x86_state *cpu = &f->plan.params.cpu.x86;
	const struct segment *notes;
	size_t i;

	use_elf(f, ET_EXEC, "something else");
	f->req.command_line = "test=all";
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->plan.segments, 3);
	notes = segment(f, "boot_notes");
	assert_int_equal(notes->range.start, 0x3000);
	check_notes(notes->bytes, "test=all");
	assert_int_equal(cpu->ip, TEXT + 0x40);
	for (i = 0; i < 16; i++)
		assert_int_equal(cpu->reg[i], i == PURGATORY_X86_RDI ? 0x3000 : 0);
	assert_int_equal(f->plan.params.cmdline_end, 0);
	assert_int_equal(f->plan.params.flags, PURGATORY_VERIFY);

	f->req.command_line = NULL;
	assert_int_equal(make_plan(f), 0);
	check_notes(segment(f, "boot_notes")->bytes, "");

	f->image.initrd = (struct bytes){ f->file, 1 };
	refused(f, -EINVAL, "Ramdisks not supported with generic elf arguments");
}

static void use_elf32(struct fixture *f, const char *banner)
{
	f->elf = (struct made_elf){ .is64 = false, .order = ORDER_LE, .size = 0x2000 };
	made_ehdr(&f->elf, ET_EXEC, EM_386);
	MADE_SET(&f->elf, 0, Ehdr, e_entry, TEXT + 0x40);
	made_phdr(&f->elf, 0, PT_LOAD, 0x1000, TEXT, 0x1000, 0x3000);
	strcpy((char *)f->elf.data + 0x1100, banner);
	f->image = (struct image){ .name = "elf", .bytes = made_bytes(&f->elf) };
}

static void test_elf32(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_x86_state *cpu = &f->plan.params.cpu.x86;
	const struct segment *notes;
	uint64_t stack;

	set_ram(f, MIB, 8 * GIB);
	use_elf32(f, "something else");
	f->req.command_line = "test=all";
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(cpu->mode, PURGATORY_X86_PROTECTED_MODE);
	assert_int_equal(cpu->ip, TEXT + 0x40);
	assert_int_equal(f->plan.reach.range.end, 4 * GIB);
	notes = segment(f, "boot_notes");
	for (size_t i = 0; i < 16; i++)
		assert_true(i == PURGATORY_X86_RSP || !cpu->reg[i]);
	/* As a C function that is called with the address of the notes. */
	stack = cpu->reg[PURGATORY_X86_RSP] - notes->range.start;
	assert_int_equal(stack % 16, 0);
	assert_true(stack >= 4096 && stack + 8 == notes->bytes.size);
	assert_int_equal(get_le32(notes->bytes.data + stack), 0);
	assert_int_equal(get_le32(notes->bytes.data + stack + 4), notes->range.start);
	check_notes((struct bytes){ notes->bytes.data, get_le32(notes->bytes.data + 4) },
		    "test=all");
}

static void test_pvh(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "initrd") };
	const struct purgatory_x86_state *cpu = &f->plan.params.cpu.x86;
	const uint8_t *info, *module, *map;
	uint64_t base;

	use_elf(f, ET_EXEC, "something else");
	f->elf.size = 0x3900;
	made_phdr(&f->elf, 2, PT_NOTE, 0x3800, 0, 20, 0);
	MADE_SET(&f->elf, made_phdr_offset(&f->elf, 2), Phdr, p_align, 4);
	put_le32(f->elf.data + 0x3800, 4);
	put_le32(f->elf.data + 0x3804, 4);
	put_le32(f->elf.data + 0x3808, 18);
	memcpy(f->elf.data + 0x380c, "Xen", 4);
	put_le32(f->elf.data + 0x3810, TEXT + 0x80);
	f->image.bytes = made_bytes(&f->elf);
	set_ram(f, MIB, 8 * GIB);
	give_initrds(f, names, 1);
	f->req.command_line = "quiet";
	f->x86.acpi_rsdp = 0xf1234;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(cpu->mode, PURGATORY_X86_PROTECTED_MODE);
	assert_int_equal(cpu->ip, TEXT + 0x80);
	base = segment(f, "start_info")->range.start;
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(cpu->reg[i], i == 3 ? base : 0);
	info = segment(f, "start_info")->bytes.data;
	assert_int_equal(get_le32(info), 0x336ec578);
	assert_int_equal(get_le32(info + 4), 1);
	assert_int_equal(get_le32(info + 12), 1);
	module = info + (get_le64(info + 16) - base);
	assert_int_equal(get_le64(module), segment(f, "initrd")->range.start);
	assert_int_equal(get_le64(module + 8), 6);
	assert_true(segment(f, "initrd")->range.end <= 4 * GIB);
	assert_string_equal((const char *)info + (get_le64(info + 24) - base), "quiet");
	assert_int_equal(get_le64(info + 32), 0xf1234);
	map = info + (get_le64(info + 40) - base);
	assert_int_equal(get_le32(info + 48), 2);
	assert_int_equal(get_le64(map + 24), MIB);
	assert_int_equal(get_le64(map + 32), 8 * GIB - MIB);
	assert_int_equal(get_le32(map + 40), 1);
	f->req.elf_args = ELF_ARGS_LINUX;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(cpu->mode, PURGATORY_X86_LONG_MODE);
	f->req.elf_args = ELF_ARGS_AUTO;
	give_initrds(f, NULL, 0);
	put_le32(f->elf.data + 0x3810, TEXT + 0x1000); /* outside */
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(cpu->mode, PURGATORY_X86_LONG_MODE);
	assert_non_null(segment(f, "boot_notes"));
	unlink(names[0]);
}

static void test_vmlinux_of_32_bits(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { make_file(f, "x") };

	set_ram(f, MIB, 8 * GIB);
	use_elf32(f, "Linux version 9.9 (me@here)\n");
	give_initrds(f, names, 1);
	f->x86.la57 = true;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->said[0], 0);
	assert_int_equal(f->plan.params.cpu.x86.mode, PURGATORY_X86_PROTECTED_MODE);
	assert_int_equal(f->plan.params.cpu.x86.reg[PURGATORY_X86_RSI],
			 segment(f, "boot_params")->range.start);
	assert_int_equal(segment(f, "boot_params")->range.start, 0x3000);
	assert_int_equal(segment(f, "initrd")->range.end, 0x38000000);
	unlink(names[0]);
}

static void test_no_arguments(void **state)
{
	struct fixture *f = *state;

	f->req.elf_args = ELF_ARGS_NONE;
	use_elf(f, ET_EXEC, "something else");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->plan.segments, 2);
	assert_false(f->plan.wants_purgatory);
	assert_int_equal(f->plan.kernel_entry, TEXT + 0x40);
	assert_int_equal(f->said[0], 0);
	f->req.console_serial = true;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(strstr(f->said, "--console-serial has no effect with --args-none"));
	f->req.reset_vga = true;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(strstr(f->said, "--reset-vga has no effect with --args-none"));
	f->req.console_serial = f->req.reset_vga = false;
	f->req.force_dtb = true;
	assert_int_equal(make_plan(f), 0);
	assert_non_null(strstr(f->said, "--force-dtb has no effect"));
	f->req.force_dtb = false;
	f->said[0] = '\0';
	/* The running kernel cannot enter 32-bit mode. */
	use_elf32(f, "something else");
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(f->said[0], 0);
	assert_int_equal(f->plan.segments, 1);
	assert_true(f->plan.wants_purgatory);
	assert_int_equal(f->plan.params.cpu.x86.mode, PURGATORY_X86_PROTECTED_MODE);
	f->req.command_line = "quiet";
	refused(f, -EINVAL, "neither a command line nor an initrd");
	f->req.command_line = NULL;
	f->req.crash = true;
	refused(f, -ENOTSUP, "only Linux can save a crash dump");
	f->req.crash = false;
	use_bzimage(f);
	refused(f, -EINVAL, "--args-none means nothing for bz, an image of type bzImage64");
	f->req.elf_args = ELF_ARGS_AUTO;
	f->req.module_count = 1;
	refused(f, -EINVAL, "--module means nothing for bz, an image of type bzImage64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bzimage_places),
		TEST(test_above_4g),
		TEST(test_alignment),
		TEST(test_never_below_pref_address),
		TEST(test_not_relocatable),
		TEST(test_mem_limits),
		TEST(test_initrd_stays_above_16m),
		TEST(test_what_purgatory_is_told),
		TEST(test_refusals),
		TEST(test_vmlinux),
		TEST(test_vmlinux_where_no_ram_is),
		TEST(test_other_elf),
		TEST(test_elf32),
		TEST(test_pvh),
		TEST(test_vmlinux_of_32_bits),
		TEST(test_no_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
