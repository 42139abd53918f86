/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/arch/s390x: the values that purgatory and the next kernel get, memory that is offline,
 * and whether a refusal names the obstacle.  tests/plan checks the places of segments.
 */
#include "tree_load.h"

#include <elf.h>

#include "kexec/arch/s390x/s390x.h"
#include "kexec/kdump/kdump.h"
#include "kexec/load.h"
#include "make_s390_image.h"

#define BASE 0x60000000ull
#define SIZE 0x10000000ull
#define MEMORY "/sys/devices/system/memory"

struct fixture {
	struct tree *tree;
	uint8_t *file;
	struct image image;
	struct load load;
	struct plan plan;
};

static const char iomem[] = "00000000-5fffffff : System RAM\n"
			    "60000000-6fffffff : Crash kernel\n";

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->tree = tree_empty();
	tree_put(f->tree, "/proc/iomem", iomem);
	tree_put(f->tree, "/proc/cpuinfo", "vendor_id : IBM/S390\nfeatures\t: zarch msa vx \n");
	f->tree->req.mem_max = UINT64_MAX;
	f->file = malloc(MADE_S390_SIZE);
	assert_non_null(f->file);
	make_s390_image(f->file);
	f->image = (struct image){ .name = "image", .bytes = { f->file, MADE_S390_SIZE } };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tree_free(f->tree);
	free(f->file);
	free(f);
	return 0;
}

static int look(struct fixture *f)
{
	struct tree *t = f->tree;
	int ret = tree_read_from(t, &arch_s390x.memory);

	return ret ? ret : tree_load(t, &arch_s390x, &f->image, &f->load);
}

static int make_plan(struct fixture *f)
{
	struct tree *t = f->tree;
	int ret = look(f);

	if (ret)
		return ret;
	f->plan = (struct plan){
		.page_size = arch_s390x.page_size,
		.ram = f->load.machine.ram,
		.mem_min = t->req.mem_min,
		.mem_max = t->req.mem_max,
	};
	if (t->req.crash)
		kdump_bound(&t->ctx, &f->load, &f->plan);
	return f->load.type->plan(&t->ctx, &f->load, &f->plan);
}

static void planned(struct fixture *f)
{
	if (make_plan(f))
		fail_msg("%s", f->tree->ctx.err.what);
}

static void refused(struct fixture *f, int code, const char *words)
{
	const struct err *err = &f->tree->ctx.err;

	assert_int_equal(make_plan(f), code);
	if (!strstr(err->what, words) && !strstr(err->hint, words))
		fail_msg("'%s' is not in '%s' '%s'", words, err->what, err->hint);
}

static uint64_t number(const struct fixture *f, uint64_t address)
{
	return get_be64(f->plan.segment[0].bytes.data + address - 0x10000);
}

static void test_arch_by_uname(void **state)
{
	(void)state;
	assert_ptr_equal(arch_by_uname("s390x"), &arch_s390x);
	assert_null(arch_by_uname("s390"));
	assert_ptr_equal(arch_by_uname32("s390"), &arch_s390x);
}

static void test_state(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_params *params = &f->plan.params;

	planned(f);
	assert_int_equal(f->plan.kernel_entry, 0x10000);
	assert_int_equal(params->cpu.s390x.pc, 0x10000);
	assert_int_equal(params->cpu.s390x.psw_mask, 0x180000000);
	assert_int_equal(params->cpu.s390x.crash_base, 0);
	assert_int_equal(params->cpu.s390x.crash_size, 0);
	assert_int_equal(params->serial_kind, PURGATORY_SERIAL_SCLP);
	assert_int_equal(params->ticks_per_ms, 4096000);
	assert_int_equal(params->flags, PURGATORY_VERIFY);
	assert_non_null(f->plan.purgatory.hash);
	assert_false(f->plan.lists_regions);
	tree_put(f->tree, "/proc/cpuinfo", "features : zarch\n");
	f->tree->req.no_checks = true;
	f->tree->req.on_corrupt = ON_CORRUPT_REBOOT;
	planned(f);
	assert_int_equal(params->flags, PURGATORY_REBOOT);
	assert_null(f->plan.purgatory.hash);
}

static void test_crash_state(void **state)
{
	struct fixture *f = *state;
	const struct purgatory_params *params = &f->plan.params;

	f->tree->req.crash = true;
	f->image.initrd = (struct bytes){ (const uint8_t *)"initrd", 6 };
	planned(f);
	assert_int_equal(params->cpu.s390x.pc, 0x10010);
	assert_int_equal(params->cpu.s390x.psw_mask, 0x180000000);
	assert_int_equal(params->cpu.s390x.crash_base, BASE);
	assert_int_equal(params->cpu.s390x.crash_size, SIZE);
	assert_true(f->plan.lists_regions);
	assert_int_equal(f->plan.segment[0].range.start, BASE + 0x10000);
	assert_int_equal(f->plan.segment[1].range.start, BASE + 0x800000);
	/* As the kernel will see them. */
	assert_int_equal(number(f, S390_INITRD_START), 0x800000);
	assert_int_equal(number(f, S390_INITRD_SIZE), 6);
	assert_int_equal(number(f, S390_OLDMEM_BASE), BASE);
	assert_int_equal(number(f, S390_OLDMEM_SIZE), SIZE);
	assert_int_equal(f->plan.segments, 2);
}

/* One byte more than the reservation has is too much, one page less is not. */
static void test_crash_room(void **state)
{
	struct fixture *f = *state;
	static uint8_t initrd[0x100001];

	f->tree->req.crash = true;
	tree_put(f->tree, "/proc/iomem",
		 "00000000-7fffffff : System RAM\n60000000-608fffff : Crash kernel\n");
	f->image.initrd = (struct bytes){ initrd, 0x100000 };
	planned(f);
	f->image.initrd.size++;
	refused(f, -EADDRNOTAVAIL, "the crash kernel's reservation at 0x60000000-0x608fffff");
	tree_put(f->tree, "/proc/iomem",
		 "00000000-5fffffff : System RAM\n60000000-60010fff : Crash kernel\n");
	f->image.initrd.size = 0;
	refused(f, -EADDRNOTAVAIL, "not all of it is RAM");
	tree_put(f->tree, "/proc/iomem",
		 "00000000-7fffffff : System RAM\n60000000-60010fff : Crash kernel\n");
	refused(f, -EADDRNOTAVAIL, "the crash kernel's reservation at 0x60000000-0x60010fff");
}

static void test_crash_needs_its_entry(void **state)
{
	struct fixture *f = *state;

	f->tree->req.crash = true;
	f->file[0x1000f] = 0;
	refused(f, -ENOEXEC, "no entry for crash kernels");
	f->tree->req.crash = false;
	planned(f);
}

static void test_reservation_in_the_way(void **state)
{
	struct fixture *f = *state;

	f->tree->req.crash = true;
	tree_put(f->tree, "/proc/iomem",
		 "00000000-7fffffff : System RAM\n10000000-1fffffff : Crash kernel\n");
	planned(f);
	tree_put(f->tree, "/proc/iomem",
		 "00000000-7fffffff : System RAM\n10000000-20000fff : Crash kernel\n");
	refused(f, -ENOTSUP, "0x10000000-0x20000fff does not consist of whole pages, or begins in");
	tree_put(f->tree, "/proc/iomem",
		 "00000000-7fffffff : System RAM\n60000000-600fff7f : Crash kernel\n");
	refused(f, -ENOTSUP, "does not consist of whole pages");
}

static void test_reservation_missing(void **state)
{
	struct fixture *f = *state;

	f->tree->req.crash = true;
	tree_put(f->tree, "/proc/iomem", "00000000-5fffffff : System RAM\n");
	refused(f, -ENODATA, "parameter to kernel, then load again");
	assert_lacks(f->tree->ctx.err.hint, "CONFIG_CRASH_DUMP");
	tree_put(f->tree, "/proc/cmdline", "quiet crashkernel=256M\n");
	refused(f, -ENODATA, "CONFIG_CRASH_DUMP");
}

static void test_command_line(void **state)
{
	struct fixture *f = *state;
	char line[0x1001];

	planned(f);
	assert_string_equal(f->plan.cmdline, "root=/dev/ram0 ro");
	memset(line, 'x', 0x1000);
	line[0x1000] = '\0';
	f->tree->req.command_line = line;
	refused(f, -E2BIG, "4096 characters, the kernel takes 4095");
	line[0xfff] = '\0';
	planned(f);
	assert_memory_equal(f->plan.segment[0].bytes.data + 0x480, line, 0x1000);
	put_u64(ORDER_BE, f->file + 0x10430, 0);
	line[896] = '\0';
	refused(f, -E2BIG, "896 characters, the kernel takes 895");
	line[895] = '\0';
	planned(f);
}

/* The kernel's own loader refuses what fills all of the room. */
static void test_file_check(void **state)
{
	struct fixture *f = *state;
	struct tree *t = f->tree;
	uint64_t size;

	assert_int_equal(s390x_image_file_check(f->image.bytes, &size, &t->ctx.err), 0);
	assert_int_equal(size, 0xffe);
	assert_string_equal(s390x_image_own_cmdline(&t->ctx, f->image.bytes), "root=/dev/ram0 ro");
	f->image.bytes.size = 0x11000;
	assert_int_equal(s390x_image_file_check(f->image.bytes, &size, &t->ctx.err), -ENOEXEC);
	assert_null(s390x_image_own_cmdline(&t->ctx, f->image.bytes));
}

/* What kexec_file_load is given, where nothing is asked for and where nothing is wanted. */
static void test_file_cmdline(void **state)
{
	struct fixture *f = *state;
	struct tree *t = f->tree;
	struct file_load files;

	assert_int_equal(look(f), 0);
	f->load.kept_cmdline = f->load.type->own_cmdline(&t->ctx, f->image.bytes);
	assert_int_equal(load_files(&t->ctx, &f->load, &files), 0);
	assert_string_equal(files.cmdline, "root=/dev/ram0 ro");
	t->req.command_line = "";
	f->load.kept_cmdline = NULL;
	assert_int_equal(load_files(&t->ctx, &f->load, &files), 0);
	assert_string_equal(files.cmdline, "");
}

/* The image as one ELF segment, with 0x3000 bytes of bss. */
#define ELF_HEADERS (sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr))

static uint8_t *make_vmlinux(const struct fixture *f)
{
	uint8_t *elf = calloc(1, ELF_HEADERS + MADE_S390_SIZE), *ph = elf + sizeof(Elf64_Ehdr);

	assert_non_null(elf);
	memcpy(elf, ELFMAG, SELFMAG);
	elf[EI_CLASS] = ELFCLASS64;
	elf[EI_DATA] = ELFDATA2MSB;
	elf[EI_VERSION] = EV_CURRENT;
	put_u16(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_type), ET_EXEC);
	put_u16(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_machine), EM_S390);
	put_u32(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_version), EV_CURRENT);
	put_u64(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_entry), 0x10000);
	put_u64(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_phoff), sizeof(Elf64_Ehdr));
	put_u16(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_ehsize), sizeof(Elf64_Ehdr));
	put_u16(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_phentsize), sizeof(Elf64_Phdr));
	put_u16(ORDER_BE, elf + offsetof(Elf64_Ehdr, e_phnum), 1);
	put_u32(ORDER_BE, ph + offsetof(Elf64_Phdr, p_type), PT_LOAD);
	put_u64(ORDER_BE, ph + offsetof(Elf64_Phdr, p_offset), ELF_HEADERS);
	put_u64(ORDER_BE, ph + offsetof(Elf64_Phdr, p_filesz), MADE_S390_SIZE);
	put_u64(ORDER_BE, ph + offsetof(Elf64_Phdr, p_memsz), MADE_S390_SIZE + 0x3000);
	memcpy(elf + ELF_HEADERS, f->file, MADE_S390_SIZE);
	return elf;
}

static void test_vmlinux(void **state)
{
	struct fixture *f = *state;
	struct ctx *ctx = &f->tree->ctx;
	uint8_t *elf = make_vmlinux(f);
	struct bytes bytes = { elf, ELF_HEADERS + MADE_S390_SIZE };
	uint64_t size;

	f->image.bytes = bytes;
	planned(f);
	assert_int_equal(f->plan.segment[0].bytes.size, MADE_S390_SIZE + 0x3000 - 0x10000);
	assert_string_equal(f->plan.cmdline, "root=/dev/ram0 ro");
	assert_int_equal(s390x_vmlinux_file_check(bytes, &size, &ctx->err), 0);
	assert_int_equal(size, 0xffe);
	assert_string_equal(s390x_vmlinux_own_cmdline(ctx, bytes), "root=/dev/ram0 ro");
	/* kexec_load finds the parameters by their address, the kernel's loader does not. */
	put_u64(ORDER_BE, elf + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_paddr), 0x10000);
	put_u64(ORDER_BE, elf + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_offset),
		ELF_HEADERS + 0x10000);
	put_u64(ORDER_BE, elf + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz),
		MADE_S390_SIZE - 0x10000);
	planned(f);
	assert_int_equal(s390x_vmlinux_file_check(bytes, &size, &ctx->err), -EOPNOTSUPP);
	assert_contains(ctx->err.hint, "-c");
	assert_null(s390x_vmlinux_own_cmdline(ctx, bytes));
	free(elf);
}

static void test_type_for_old_images(void **state)
{
	struct fixture *f = *state;

	f->file[0x10008] = 0;
	refused(f, -ENOEXEC, "Cannot determine the file type");
	f->tree->req.type = "image";
	planned(f);
	assert_contains(f->tree->log, "warning: image: loaded as a kernel because of --type");
	f->tree->req.type = "vmlinux";
	refused(f, -ENOEXEC, "Cannot determine the file type");
}

static void test_warnings(void **state)
{
	struct fixture *f = *state;

	planned(f);
	assert_lacks(f->tree->log, "no effect");
	f->tree->req.serial = "ttyS0";
	f->tree->req.hotplug = true;
	planned(f);
	assert_contains(f->tree->log, "--serial has no effect");
	assert_contains(f->tree->log, "--hotplug has no effect");
}

/* --- memory that is offline ------------------------------------------------------ */

static void test_offline_blocks(void **state)
{
	struct fixture *f = *state;
	const struct range_set *ram = &f->load.machine.ram;

	tree_put(f->tree, MEMORY "/block_size_bytes", "10000000\n");
	tree_put(f->tree, MEMORY "/memory1/state", "offline\n");
	tree_put(f->tree, MEMORY "/memory2/state", "online\n");
	tree_put(f->tree, MEMORY "/memory3/state", "going-offline\n");
	tree_put(f->tree, MEMORY "/memory5/phys_device", "0\n");
	tree_put(f->tree, MEMORY "/memory-less/state", "offline\n");
	tree_put(f->tree, MEMORY "/memory4294967296/state", "offline\n");
	assert_int_equal(look(f), 0);
	assert_int_equal(ram->count, 2);
	assert_range(ram->range[0], 0, 0x10000000);
	assert_range(ram->range[1], 0x20000000, BASE);
}

static void test_offline_unknown(void **state)
{
	struct fixture *f = *state;
	const struct range_set *ram = &f->load.machine.ram;

	assert_int_equal(look(f), 0);
	assert_range(ram->range[0], 0, BASE);
	tree_put(f->tree, MEMORY "/memory1/state", "offline\n");
	assert_int_equal(look(f), 0);
	assert_range(ram->range[0], 0, BASE);
}

static void test_offline_malformed(void **state)
{
	static const char *const sizes[] = { "", "x\n", "0\n", "30000000\n", "-1\n" };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		tree_put(f->tree, MEMORY "/block_size_bytes", sizes[i]);
		assert_int_equal(look(f), -EINVAL);
		assert_contains(f->tree->ctx.err.what, MEMORY "/block_size_bytes");
	}
	tree_put(f->tree, MEMORY "/block_size_bytes", "8000000000000000\n");
	tree_put(f->tree, MEMORY "/memory2/state", "offline\n");
	assert_int_equal(look(f), -EINVAL);
	assert_contains(f->tree->ctx.err.what, MEMORY "/memory2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_arch_by_uname),
		TEST(test_state),
		TEST(test_crash_state),
		TEST(test_crash_room),
		TEST(test_crash_needs_its_entry),
		TEST(test_reservation_missing),
		TEST(test_reservation_in_the_way),
		TEST(test_command_line),
		TEST(test_file_check),
		TEST(test_file_cmdline),
		TEST(test_vmlinux),
		TEST(test_type_for_old_images),
		TEST(test_warnings),
		TEST(test_offline_blocks),
		TEST(test_offline_unknown),
		TEST(test_offline_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
