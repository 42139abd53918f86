/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Multiboot 1 and 2: headers, places, and the information block as a kernel reads it. */
#include "x86_plan.h"
#include "kexec/arch/x86/multiboot.h"
#include "kexec/machine/xen_domain.h"

#define TEXT (16 * MIB)
#define HEADER 0x1000 /* offset in the file: the start of the image */
#define IMAGE_SIZE 0x1800
#define MAGIC_1 0x1badb002u
#define MAGIC_2 0xe85250d6u

static void words(struct fixture *f, size_t at, const uint32_t *word, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_le32(f->elf.data + at + 4 * i, word[i]);
}
#define WORDS(f, at, ...)                                                                          \
	words(f, at, (const uint32_t[]){ __VA_ARGS__ },                                            \
	      ARRAY_SIZE(((const uint32_t[]){ __VA_ARGS__ })))

static void use_elf(struct fixture *f, bool is64)
{
	f->elf = (struct made_elf){ .is64 = is64, .order = ORDER_LE, .size = HEADER + IMAGE_SIZE };
	made_ehdr(&f->elf, ET_EXEC, is64 ? EM_X86_64 : EM_386);
	MADE_SET(&f->elf, 0, Ehdr, e_entry, TEXT + 0x400);
	made_phdr(&f->elf, 0, PT_LOAD, HEADER, TEXT, IMAGE_SIZE, 0x5000);
	f->image = (struct image){ .name = "K", .bytes = made_bytes(&f->elf) };
	f->req.kernel = "/boot/K";
}

static void use_multiboot1(struct fixture *f, uint32_t flags)
{
	use_elf(f, false);
	WORDS(f, HEADER, MAGIC_1, flags, -(MAGIC_1 + flags));
}

/* The image says itself where it goes. */
static void use_flat(struct fixture *f, uint32_t header, uint32_t load, uint32_t load_end,
		     uint32_t bss_end, uint32_t entry)
{
	use_multiboot1(f, 0x10000);
	f->elf.data[0] = 0;
	WORDS(f, HEADER + 12, header, load, load_end, bss_end, entry);
}

/* The words of tags follow the header. */
static void close_header(struct fixture *f, uint32_t size)
{
	WORDS(f, HEADER, MAGIC_2, 0, size, -(MAGIC_2 + size));
}

static void use_multiboot2(struct fixture *f)
{
	use_elf(f, false);
	WORDS(f, HEADER + 16, 0, 8);
	close_header(f, 24);
}

static void give_modules(struct fixture *f, struct module *module, size_t count)
{
	f->modules = module;
	f->module_count = count;
}

static const struct purgatory_x86_state *cpu(const struct fixture *f)
{
	return &f->plan.params.cpu.x86;
}

/* The bytes at a physical address, inside a segment. */
static const uint8_t *at(const struct fixture *f, uint64_t address)
{
	for (size_t i = 0; i < f->plan.segments; i++) {
		const struct segment *s = &f->plan.segment[i];

		if (s->range.start <= address && address - s->range.start < s->bytes.size)
			return s->bytes.data + (address - s->range.start);
	}
	fail_msg("nothing at 0x%llx", (unsigned long long)address);
	return NULL;
}

static const char *text_at(const struct fixture *f, uint64_t address)
{
	return (const char *)at(f, address);
}

static const uint8_t *enters(struct fixture *f, uint64_t entry, uint32_t magic)
{
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(cpu(f)->mode, PURGATORY_X86_PROTECTED_MODE);
	assert_int_equal(cpu(f)->ip, entry);
	assert_int_equal(f->plan.kernel_entry, entry);
	assert_int_equal(cpu(f)->reg[0], magic);
	assert_int_equal(f->plan.reach.range.end, 4 * GIB);
	for (size_t i = 0; i < 16; i++)
		assert_true(i == 0 || i == 3 || !cpu(f)->reg[i]);
	return at(f, cpu(f)->reg[3]);
}

static void test_multiboot1(void **state)
{
	struct fixture *f = *state;
	struct module module[] = {
		{ "/boot/one first", { (const uint8_t *)"ONE", 3 } },
		{ "two", { (const uint8_t *)"TWO!", 4 } },
	};
	const uint8_t *info, *map, *list;

	use_multiboot1(f, 0x3);
	give_modules(f, module, 2);
	f->req.command_line = "quiet";
	info = enters(f, TEXT + 0x400, 0x2badb002);
	assert_string_equal(f->plan.started_by,
			    "its multiboot 1 header at 0x1000; -t elf-x86 starts it without");
	assert_int_equal(segment(f, "kernel.0")->range.start, TEXT);
	assert_int_equal(range_size(segment(f, "kernel.0")->range), 0x5000);
	assert_int_equal(get_le32(info), 0x1 | 0x4 | 0x8 | 0x40 | 0x200);
	assert_int_equal(get_le32(info + 4), 0x9f000 / 1024);
	assert_int_equal(get_le32(info + 8), (GIB - MIB) / 1024);
	assert_string_equal(text_at(f, get_le32(info + 16)), "/boot/K quiet");
	assert_string_equal(text_at(f, get_le32(info + 64)), "kexec " PACKAGE_VERSION);
	assert_int_equal(get_le32(info + 44), 48);
	map = at(f, get_le32(info + 48));
	assert_int_equal(get_le32(map), 20);
	assert_int_equal(get_le64(map + 4), 0); /* not the map's 0x400 */
	assert_int_equal(get_le64(map + 12), 0x9f000);
	assert_int_equal(get_le32(map + 20), 1);
	assert_int_equal(get_le64(map + 24 + 4), MIB);
	assert_int_equal(get_le32(info + 20), 2);
	list = at(f, get_le32(info + 24));
	for (size_t i = 0; i < 2; i++, list += 16) {
		assert_int_equal(get_le32(list) % 4096, 0);
		assert_int_equal(get_le32(list + 4) - get_le32(list), module[i].bytes.size);
		assert_memory_equal(at(f, get_le32(list)), module[i].bytes.data,
				    module[i].bytes.size);
		assert_string_equal(text_at(f, get_le32(list + 8)), module[i].text);
	}
	assert_int_equal(segment(f, "modules")->range.start, MIB);
	assert_true(segment(f, "modules")->sealed && segment(f, "multiboot_info")->sealed);
}

static void test_multiboot1_alone(void **state)
{
	struct fixture *f = *state;
	const uint8_t *info;

	use_multiboot1(f, 0x3);
	info = enters(f, TEXT + 0x400, 0x2badb002);
	assert_int_equal(f->plan.segments, 2);
	assert_int_equal(get_le32(info) & 0x1008, 0);
	assert_int_equal(get_le32(info + 20), 0);
	assert_string_equal(text_at(f, get_le32(info + 16)), "/boot/K");
	f->req.type = "elf-x86";
	assert_int_equal(make_plan(f), 0);
	assert_non_null(segment(f, "boot_notes"));
	/* An ELF64 file is one with 64 bits, unless the type is asked for. */
	use_elf(f, true);
	WORDS(f, HEADER, MAGIC_1, 3, -(MAGIC_1 + 3));
	f->req.type = NULL;
	assert_int_equal(make_plan(f), 0);
	assert_int_equal(cpu(f)->mode, PURGATORY_X86_LONG_MODE);
	f->req.type = "multiboot-x86";
	enters(f, TEXT + 0x400, 0x2badb002);
}

static void set_screen(struct fixture *f)
{
	static const uint8_t colors[] = { 5, 11, 6, 5, 5, 0 }; /* sizes and positions */
	uint8_t *screen = f->x86.screen_info;

	screen[0xf] = 0x70;
	put_le16(screen + 0x12, 1024);
	put_le16(screen + 0x14, 768);
	put_le16(screen + 0x16, 16);
	put_le32(screen + 0x18, 0x80000000);
	put_le16(screen + 0x24, 2048);
	memcpy(screen + 0x26, colors, sizeof(colors));
	put_le32(screen + 0x36, 2);
	put_le32(screen + 0x3a, 0x40);
}

/* From the address on, as both formats have it. */
static void check_screen(const uint8_t *p)
{
	static const uint8_t colors[] = { 11, 5, 5, 6, 0, 5 };

	assert_int_equal(get_le64(p), 0x4080000000);
	assert_int_equal(get_le32(p + 8), 2048);
	assert_int_equal(get_le32(p + 12), 1024);
	assert_int_equal(get_le32(p + 16), 768);
	assert_int_equal(p[20], 16);
	assert_int_equal(p[21], 1);
	assert_memory_equal(p + 24, colors, sizeof(colors));
}

static void test_screen(void **state)
{
	struct fixture *f = *state;
	const uint8_t *info;

	set_screen(f);
	use_multiboot1(f, 0x3);
	assert_int_equal(get_le32(enters(f, TEXT + 0x400, 0x2badb002)) & 0x1000, 0);
	use_multiboot1(f, 0x4);
	info = enters(f, TEXT + 0x400, 0x2badb002);
	assert_int_equal(get_le32(info) & 0x1000, 0x1000);
	check_screen(info + 88);
	f->req.reset_vga = true;
	info = enters(f, TEXT + 0x400, 0x2badb002);
	assert_int_equal(get_le64(info + 88), 0xb8000);
	assert_int_equal(info[109], 2);
	f->req.reset_vga = false;
	memset(f->x86.screen_info, 0, sizeof(f->x86.screen_info));
	assert_int_equal(get_le32(enters(f, TEXT + 0x400, 0x2badb002)) & 0x1000, 0);
}

static void test_flat(void **state)
{
	struct fixture *f = *state;
	const struct segment *kernel;

	use_flat(f, 2 * MIB + 0x10, 2 * MIB, 2 * MIB + 0x1000, 2 * MIB + 0x9000, 2 * MIB + 0x20);
	enters(f, 2 * MIB + 0x20, 0x2badb002);
	kernel = segment(f, "kernel");
	assert_ptr_equal(kernel->bytes.data, f->elf.data + HEADER - 0x10);
	assert_int_equal(kernel->bytes.size, 0x1000);
	assert_int_equal(kernel->range.start, 2 * MIB);
	assert_int_equal(kernel->range.end, 2 * MIB + 0x9000);
	/* To the end of the file, without memory after it. */
	use_flat(f, 2 * MIB, 2 * MIB, 0, 0, 2 * MIB);
	enters(f, 2 * MIB, 0x2badb002);
	assert_int_equal(segment(f, "kernel")->bytes.size, IMAGE_SIZE);
	assert_int_equal(range_size(segment(f, "kernel")->range), 0x2000);
}

static void test_multiboot1_refusals(void **state)
{
	static const struct {
		uint32_t header, load, load_end, bss_end, entry;
		const char *says;
	} flat[] = {
		{ 0x200000, 0x200800, 0x202000, 0, 0x200800, "the file does not begin there" },
		{ 0x200000, 0x1fe000, 0x202000, 0, 0x200800, "the file does not begin there" },
		{ 0x200800, 0x200800, 0x202000, 0, 0x200800,
		  "or the image does not begin at a page" },
		{ 0x200000, 0x200000, 0x1fffff, 0, 0x200000, "of a file with 0x1800 bytes" },
		{ 0x200000, 0x200000, 0x200000, 0, 0x200000, "of a file with 0x1800 bytes" },
		{ 0x200000, 0x200000, 0x201801, 0, 0x200000, "of a file with 0x1800 bytes" },
		{ 0x200000, 0x200000, 0x201800, 0x2017ff, 0x200000, "end of memory at 0x2017ff" },
		{ 0xfffff000, 0xfffff000, 0, 0, 0xfffff000, "an image in 0xfffff000-0x100000800" },
		{ 0x200000, 0x200000, 0x201800, 0, 0x201800, "entry 0x201800 is not in" },
		{ 0x200000, 0x200000, 0x201800, 0, 0x1fffff, "entry 0x1fffff is not in" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(flat); i++) {
		use_flat(f, flat[i].header, flat[i].load, flat[i].load_end, flat[i].bss_end,
			 flat[i].entry);
		refused(f, -ENOEXEC, flat[i].says);
	}
	use_multiboot1(f, 0x8);
	refused(f, -ENOEXEC, "0x8 of them are required and unknown");
	use_multiboot1(f, 0x3);
	f->req.crash = true;
	refused(f, -ENOTSUP, "only Linux can save a crash dump");
	f->req.crash = false;
	f->image.initrd = (struct bytes){ f->file, 1 };
	refused(f, -EINVAL, "takes no initrd");
	f->image.initrd.size = 0;
	for (enum elf_args args = ELF_ARGS_AUTO; args <= ELF_ARGS_NONE; args++) {
		f->req.elf_args = args;
		if (args != ELF_ARGS_AUTO)
			refused(f, -EINVAL, "The file is of type elf-x86, too: -t elf-x86.");
	}
	f->req.elf_args = ELF_ARGS_AUTO;
	f->req.real_mode = true;
	refused(f, -EINVAL, "--real-mode means nothing for K, an image of type multiboot-x86");
	assert_string_equal(f->ctx.err.hint, "");
	f->req.real_mode = false;
	use_multiboot1(f, 0x3);
	f->elf.data[0] = 0; /* neither ELF nor addresses */
	refused(f, -ENOEXEC, "Cannot determine the file type");
	f->elf.size = HEADER + 16;
	use_flat(f, 0x200000, 0x200000, 0, 0, 0x200000);
	f->image.bytes.size = HEADER + 16;
	refused(f, -ENOEXEC, "is cut short");
}

/* The contents of a tag in the information block; NULL: it has none. */
static const uint8_t *tag(const uint8_t *info, uint32_t type, uint32_t *size)
{
	uint32_t total = get_le32(info), end = 8;
	const uint8_t *found = NULL;

	while (get_le32(info + end)) {
		if (get_le32(info + end) == type && !found) {
			found = info + end + 8;
			*size = get_le32(info + end + 4) - 8;
		}
		end += (get_le32(info + end + 4) + 7) / 8 * 8;
		assert_true(end + 8 <= total);
	}
	assert_int_equal(end + 8, total);
	return found;
}

static void test_multiboot2(void **state)
{
	static const uint8_t rsdp[36] = "RSD PTR ";
	struct fixture *f = *state;
	struct module module = { "one first", { (const uint8_t *)"ONE", 3 } };
	const uint8_t *info, *p;
	uint32_t size;

	use_multiboot2(f);
	give_modules(f, &module, 1);
	info = enters(f, TEXT + 0x400, 0x36d76289);
	assert_int_equal(cpu(f)->reg[3] % 8, 0);
	assert_string_equal((const char *)tag(info, 1, &size), "/boot/K");
	assert_string_equal((const char *)tag(info, 2, &size), "kexec " PACKAGE_VERSION);
	p = tag(info, 3, &size);
	assert_memory_equal(at(f, get_le32(p)), "ONE", 3);
	assert_int_equal(get_le32(p + 4), get_le32(p) + 3);
	assert_string_equal((const char *)p + 8, "one first");
	p = tag(info, 4, &size);
	assert_int_equal(get_le32(p), 0x9f000 / 1024);
	assert_int_equal(get_le32(p + 4), (GIB - MIB) / 1024);
	p = tag(info, 6, &size);
	assert_int_equal(size, 8 + 2 * 24);
	assert_int_equal(get_le32(p), 24);
	assert_int_equal(get_le64(p + 8), 0);
	assert_int_equal(get_le64(p + 8 + 8), 0x9f000);
	assert_int_equal(get_le32(p + 8 + 16), 1);
	for (uint32_t type = 8; type < 22; type++)
		assert_null(tag(info, type, &size));
	f->x86.rsdp = (struct bytes){ rsdp, 36 };
	p = tag(enters(f, TEXT + 0x400, 0x36d76289), 15, &size);
	assert_memory_equal(p, rsdp, 36);
	assert_int_equal(size, 36);
	f->x86.rsdp.size = 20;
	assert_non_null(tag(enters(f, TEXT + 0x400, 0x36d76289), 14, &size));
	assert_int_equal(size, 20);
}

static void test_multiboot2_tags(void **state)
{
	struct fixture *f = *state;
	uint8_t page[ZERO_PAGE_SIZE] = { 0 };
	const uint8_t *info, *p;
	uint32_t size;

	set_screen(f);
	memcpy(page + BP_EFI_INFO, "EL64", 4);
	put_le32(page + BP_EFI_INFO + 4, 0x7f000000);
	f->x86.boot_params = (struct bytes){ page, sizeof(page) };
	f->x86.efi_present = true;
	use_multiboot2(f);
	/* Screen, module alignment, an entry of its own, an optional tag, information, a move. */
	WORDS(f, HEADER + 16, 5, 20, 0, 0, 0, 0, 6, 8, 3, 12, TEXT + 0x800, 0, 0x10063, 8, 1, 16, 4,
	      6, 10, 24, 32 * MIB, 48 * MIB - 1, 2 * MIB, 1, 0, 8);
	close_header(f, 16 + 26 * 4);
	/* The link address is outside of the window. */
	info = enters(f, 32 * MIB + 0x800, 0x36d76289);
	check_screen(tag(info, 8, &size));
	p = tag(info, 21, &size);
	assert_int_equal(get_le32(p), 32 * MIB);
	p = tag(info, 12, &size);
	assert_int_equal(get_le64(p), 0x7f000000);
	f->req.noefi = true;
	assert_null(tag(enters(f, 32 * MIB + 0x800, 0x36d76289), 12, &size));
	f->req.noefi = false;
	put_le32(f->elf.data + HEADER + 16 + 6 * 4, 9); /* an entry for EFI */
	close_header(f, 16 + 26 * 4);
	assert_null(tag(enters(f, 32 * MIB + 0x800, 0x36d76289), 12, &size));
	put_le32(f->elf.data + HEADER + 16 + 23 * 4, 2); /* the highest place */
	enters(f, 46 * MIB + 0x800, 0x36d76289);
	put_le32(f->elf.data + HEADER + 16 + 20 * 4, MIB);
	enters(f, TEXT + 0x800, 0x36d76289);
	set_ram(f, 20 * MIB, GIB);
	enters(f, 46 * MIB + 0x800, 0x36d76289);
}

/* The words of an entry of EFI's memory map: type, address, virtual address, pages, attributes. */
static void check_descriptor(const uint8_t *p, uint32_t type, uint64_t address, uint64_t virtual,
			     uint64_t pages, uint64_t attribute)
{
	assert_int_equal(get_le64(p), type); /* and 4 zero bytes */
	assert_int_equal(get_le64(p + 8), address);
	assert_int_equal(get_le64(p + 16), virtual);
	assert_int_equal(get_le64(p + 24), pages);
	assert_int_equal(get_le64(p + 32), attribute);
}

static void test_multiboot2_efi(void **state)
{
	struct efi_runtime_region region[] = {
		{ 6, 0x7f000000, 0xfffffffeff000000, 16, 0x800000000000000f },
		{ 5, 0x100000, 0xfffffffe00000000, 1, 0x800000000000000f },
	};
	struct fixture *f = *state;
	uint8_t page[ZERO_PAGE_SIZE] = { 0 };
	struct memory_entry map[] = {
		{ { 0x400, 0x9fc00 }, MEMORY_RAM },
		{ { 2 * MIB, GIB }, MEMORY_RAM },
		{ { GIB, GIB + 0x2000 }, MEMORY_ACPI },
		{ { GIB + 0x2000, GIB + 0x3000 }, MEMORY_ACPI_NVS },
		{ { GIB + 0x3000, GIB + 0x4000 }, MEMORY_RESERVED },
		{ { GIB + 0x4000, GIB + 0x4fff }, MEMORY_RAM }, /* no whole page */
	};
	const uint8_t *p;
	uint32_t size;

	memcpy(page + BP_EFI_INFO, "EL64", 4);
	put_le32(page + BP_EFI_INFO + 4, 0x7f000000);
	put_le32(page + BP_EFI_INFO + 0x18, 0x12);
	f->x86.boot_params = (struct bytes){ page, sizeof(page) };
	f->x86.efi_present = true;
	f->x86.efi_map = region;
	f->x86.efi_map_count = ARRAY_SIZE(region);
	f->machine.map.entry = map;
	f->machine.map.count = ARRAY_SIZE(map);
	use_multiboot2(f);
	p = tag(enters(f, TEXT + 0x400, 0x36d76289), 12, &size);
	assert_int_equal(size, 8);
	assert_int_equal(get_le64(p), 0x127f000000);
	p = tag(enters(f, TEXT + 0x400, 0x36d76289), 17, &size);
	assert_int_equal(size, 8 + 6 * 40);
	assert_int_equal(get_le32(p), 40);
	assert_int_equal(get_le32(p + 4), 1);
	check_descriptor(p + 8, 7, 0, 0, 0x9f, 8);
	check_descriptor(p + 48, 5, 0x100000, 0xfffffffe00000000, 1, 0x800000000000000f);
	check_descriptor(p + 88, 7, 2 * MIB, 0, (GIB - 2 * MIB) / 4096, 8);
	check_descriptor(p + 128, 9, GIB, 0, 2, 8);
	check_descriptor(p + 168, 10, GIB + 0x2000, 0, 1, 8);
	check_descriptor(p + 208, 6, 0x7f000000, 0xfffffffeff000000, 16, 0x800000000000000f);
	memcpy(page + BP_EFI_INFO, "EL32", 4);
	p = tag(enters(f, TEXT + 0x400, 0x36d76289), 11, &size);
	assert_int_equal(size, 4);
	assert_int_equal(get_le32(p), 0x7f000000);
	f->req.noefi = true;
	assert_null(tag(enters(f, TEXT + 0x400, 0x36d76289), 17, &size));
}

static void test_multiboot2_smbios(void **state)
{
	struct fixture *f = *state;
	const uint8_t *p;
	uint32_t size;

	f->x86.smbios = (struct bytes){ (const uint8_t *)"structures", 10 };
	f->x86.smbios_version[0] = 2;
	f->x86.smbios_version[1] = 8;
	use_multiboot2(f);
	p = tag(enters(f, TEXT + 0x400, 0x36d76289), 13, &size);
	assert_int_equal(size, 8 + 10);
	assert_int_equal(get_le64(p), 0x802);
	assert_memory_equal(p + 8, "structures", 10);
}

static void test_live_update(void **state)
{
	struct iomem_entry entries[] = { { { 40 * MIB, 43 * MIB }, 0, XEN_NAME_IMAGE },
					 { { 96 * MIB, 97 * MIB }, 0, "" } };
	struct fixture *f = *state;
	const uint8_t *info;
	uint32_t size;

	f->req.live_update = true;
	f->req.command_line = "quiet";
	f->machine.iomem = (struct iomem){ entries, 2, "Xen's memory map" };
	use_multiboot2(f);
	refused(f, -ENOEXEC, "does not allow a move");
	WORDS(f, HEADER + 16, 10, 24, 32 * MIB, 64 * MIB - 1, 2 * MIB, 2, 0, 8);
	close_header(f, 16 + 8 * 4);
	refused(f, -ENOTSUP, "this Xen has no live update");
	entries[1].name = XEN_NAME_LIVE_UPDATE;
	info = enters(f, 40 * MIB + 0x400, 0x36d76289);
	assert_string_equal((const char *)tag(info, 1, &size),
			    "/boot/K quiet liveupdate=1M@0x6000000");
	for (size_t i = 0; i < f->plan.segments; i++) {
		const struct segment *s = &f->plan.segment[i];

		if (strncmp(s->name, "kernel", 6))
			assert_in_range(s->range.start, 96 * MIB + 4096, 97 * MIB - 1);
	}
}

static void test_multiboot2_flat(void **state)
{
	struct fixture *f = *state;

	use_multiboot2(f);
	f->elf.data[0] = 0;
	refused(f, -ENOEXEC, "Cannot determine the file type");
	WORDS(f, HEADER + 16, 2, 24, 2 * MIB, UINT32_MAX, 0, 0, 3, 12, 2 * MIB + 0x100, 0, 0, 8);
	close_header(f, 16 + 12 * 4);
	enters(f, 2 * MIB + 0x100, 0x36d76289);
	/* The file begins a page before the header. */
	assert_int_equal(segment(f, "kernel")->range.start, 2 * MIB - HEADER);
	assert_ptr_equal(segment(f, "kernel")->bytes.data, f->elf.data);
}

static void test_multiboot2_refusals(void **state)
{
	static const struct {
		uint32_t word[8];
		const char *says;
	} cases[] = {
		{ { 4, 0, 0, 8 }, "has 0x0 bytes, expected 8 or more" },
		{ { 4, 7, 0, 8 }, "has 0x7 bytes" },
		{ { 4, 33, 0, 8 }, "has 0x21 bytes" },
		{ { 4, 0xffffffff, 0, 8 }, "has 0xffffffff bytes" },
		{ { 4, 8, 4, 24 }, "has no end tag" },
		{ { 3, 8, 0, 8 }, "a tag of type 3 in its multiboot 2 header has 8 bytes" },
		{ { 10, 16, 0, 0, 0, 8 }, "a tag of type 10" },
		{ { 3, 12, 1, 0, 0, 8 }, "has the entry 0x1, which is in no" },
		{ { 7, 8, 0, 8 }, "requires EFI boot services" },
		{ { 99, 8, 0, 8 }, "requires an unknown feature (type 99)" },
		{ { 1, 12, 22, 0, 0, 8 }, "information of the unknown type 22" },
		{ { 10, 24, 0x200000, 0x100000, 0x1000, 0, 0, 8 }, "asks for a place" },
		{ { 10, 24, 0x200000, 0x400000, 3, 0, 0, 8 }, "aligned to 0x3" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		use_multiboot2(f);
		words(f, HEADER + 16, cases[i].word, 8);
		close_header(f, 16 + 32);
		refused(f, -ENOEXEC, cases[i].says);
	}
	use_multiboot2(f);
	WORDS(f, HEADER, MAGIC_2, 4, 24, -(MAGIC_2 + 4 + 24));
	refused(f, -ENOEXEC, "for architecture 4");
	use_multiboot2(f);
	close_header(f, 16);
	refused(f, -ENOEXEC, "has no end tag");
	use_multiboot2(f);
	WORDS(f, HEADER + 16, 10, 24, MIB, 2 * MIB, 4096, 0, 0, 8);
	close_header(f, 16 + 32);
	set_ram(f, 20 * MIB, GIB);
	refused(f, -EADDRNOTAVAIL, "its multiboot 2 header");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_multiboot1),
		TEST(test_multiboot1_alone),
		TEST(test_screen),
		TEST(test_flat),
		TEST(test_multiboot1_refusals),
		TEST(test_multiboot2),
		TEST(test_multiboot2_tags),
		TEST(test_multiboot2_efi),
		TEST(test_multiboot2_smbios),
		TEST(test_live_update),
		TEST(test_multiboot2_flat),
		TEST(test_multiboot2_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
