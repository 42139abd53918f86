/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Multiboot 2: its header and its information block (GNU: Multiboot2 Specification 2.0). */
#include "multiboot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/units.h"
#include "x86.h"

#define SEARCHED 32768
#define MAGIC 0xe85250d6u
#define ARCH_I386 0 /* 32-bit protected mode */
#define TAG_ALIGN 8

/* u32 magic, architecture, size, checksum; then tags: u16 type, u16 flags, u32 size, contents. */
#define HEADER_LENGTH 8
#define HEADER_SIZE 16
#define TAG_SIZE 8
#define OPTIONAL 0x1

enum header_tag {
	TAG_END,
	TAG_REQUEST,
	TAG_ADDRESSES,
	TAG_ENTRY,
	TAG_CONSOLE,
	TAG_SCREEN,
	TAG_MODULE_ALIGN,
	TAG_EFI_BOOT_SERVICES,
	TAG_ENTRY_EFI32,
	TAG_ENTRY_EFI64,
	TAG_RELOCATABLE,
};

enum info_tag {
	INFO_END,
	INFO_CMDLINE,
	INFO_LOADER_NAME,
	INFO_MODULE,
	INFO_MEMORY,
	INFO_BOOT_DEVICE,
	INFO_MMAP,
	INFO_SCREEN = 8,
	INFO_EFI32_TABLE = 11,
	INFO_EFI64_TABLE = 12,
	INFO_SMBIOS = 13,
	INFO_RSDP_OLD = 14,
	INFO_RSDP_NEW = 15,
	INFO_EFI_MAP = 17,
	INFO_LOAD_BASE = 21,
};

#define MMAP_ENTRY_SIZE 24
#define SMBIOS_HEAD 8 /* u8 major, minor, 6 bytes */
#define EFI_INFO_SYSTAB 0x04
#define EFI_INFO_SYSTAB_HI 0x18
#define EFI_WRITE_BACK 0x8 /* EFI_MEMORY_WB: the memory can be cached */

static bool find(struct bytes bytes, uint64_t *offset)
{
	for (uint64_t at = 0; at < SEARCHED && bytes_has(bytes, at, HEADER_SIZE); at += TAG_ALIGN) {
		const uint8_t *p = bytes.data + at;

		*offset = at;
		if (get_le32(p) == MAGIC &&
		    get_le32(p) + get_le32(p + 4) + get_le32(p + 8) + get_le32(p + 12) == 0)
			return true;
	}
	return false;
}

bool multiboot2_probe(struct bytes bytes)
{
	struct multiboot ignored;
	uint64_t at;

	return find(bytes, &at) && !multiboot_is_baked(bytes) &&
	       (multiboot_is_elf(bytes) ||
		(!multiboot2_parse(bytes, &ignored, NULL) && ignored.bytes.size));
}

static int read_addresses(struct bytes file, const uint8_t *p, struct multiboot *out,
			  struct err *err)
{
	const struct multiboot_addresses addresses = { get_le32(p), get_le32(p + 4),
						       get_le32(p + 8), get_le32(p + 12) };

	return multiboot_set_addresses(file, &addresses, out, err);
}

static int read_window(const uint8_t *p, struct multiboot *out, struct err *err)
{
	out->relocatable = true;
	/* The second number is the last address. */
	out->window = (struct range){ get_le32(p), get_le32(p + 4) + 1ull };
	out->align = get_le32(p + 8);
	out->highest = get_le32(p + 12) == 2;
	if (!range_empty(out->window) && (!out->align || is_power_of_two(out->align)))
		return 0;
	return err_set(err, -ENOEXEC,
		       "its multiboot 2 header asks for a place in 0x%" PRIx64 "-0x%" PRIx64
		       ", aligned to 0x%" PRIx32,
		       out->window.start, out->window.end - 1, out->align);
}

/* Refuses a request for a tag of the information block that is unknown. */
static int check_request(struct bytes tag, struct err *err)
{
	for (size_t at = TAG_SIZE; at + 4 <= tag.size; at += 4)
		if (get_le32(tag.data + at) > INFO_LOAD_BASE)
			return err_set(err, -ENOEXEC,
				       "its multiboot 2 header requires information of the unknown "
				       "type %" PRIu32,
				       get_le32(tag.data + at));
	return 0;
}

static int read_tag(struct bytes file, struct bytes tag, struct multiboot *out, struct err *err)
{
	static const uint8_t sizes[] = {
		[TAG_ADDRESSES] = 24, [TAG_ENTRY] = 12, [TAG_RELOCATABLE] = 24
	};
	uint16_t type = get_le16(tag.data);
	bool optional = get_le16(tag.data + 2) & OPTIONAL;

	if (type < ARRAY_SIZE(sizes) && tag.size < sizes[type])
		return err_set(err, -ENOEXEC,
			       "a tag of type %u in its multiboot 2 header has %zu bytes, expected "
			       "%u",
			       type, tag.size, sizes[type]);
	switch (type) {
	case TAG_REQUEST: return optional ? 0 : check_request(tag, err);
	case TAG_ADDRESSES: return read_addresses(file, tag.data + TAG_SIZE, out, err);
	case TAG_ENTRY: out->entry = get_le32(tag.data + TAG_SIZE); return 0;
	case TAG_SCREEN: out->wants_screen = true; return 0;
	case TAG_RELOCATABLE: return read_window(tag.data + TAG_SIZE, out, err);
	case TAG_CONSOLE:
	case TAG_MODULE_ALIGN:
		return 0; /* every module is aligned to a page */
	/* For loaders that leave EFI's boot services running. */
	case TAG_ENTRY_EFI32:
	case TAG_ENTRY_EFI64: out->takes_efi_entry = true; return 0;
	default: break;
	}
	if (optional)
		return 0;
	return err_set(err, -ENOEXEC, "its multiboot 2 header requires %s (type %u)",
		       type == TAG_EFI_BOOT_SERVICES ? "EFI boot services, which have ended"
						     : "an unknown feature",
		       type);
}

int multiboot2_parse(struct bytes bytes, struct multiboot *out, struct err *err)
{
	struct bytes header;
	uint64_t at = HEADER_SIZE, size;
	int ret;

	*out = (struct multiboot){ 0 };
	if (!find(bytes, &out->offset))
		return err_set(err, -ENOEXEC, "no multiboot 2 header in its first %d bytes",
			       SEARCHED);
	header = bytes_from(bytes, out->offset);
	size = get_le32(header.data + HEADER_LENGTH);
	if (get_le32(header.data + 4) != ARCH_I386)
		return err_set(err, -ENOEXEC,
			       "its multiboot 2 header is for architecture %" PRIu32
			       ", expected 0, i386",
			       get_le32(header.data + 4));
	if (size < header.size)
		header.size = (size_t)size;
	for (;; at = round_up(at + size, TAG_ALIGN)) {
		if (!bytes_has(header, at, TAG_SIZE))
			return err_set(err, -ENOEXEC,
				       "its multiboot 2 header at 0x%" PRIx64
				       " has no end tag in 0x%zx bytes",
				       out->offset, header.size);
		size = get_le32(header.data + at + 4);
		if (size < TAG_SIZE || !bytes_has(header, at, size))
			return err_set(err, -ENOEXEC,
				       "a tag at 0x%" PRIx64
				       " in its multiboot 2 header has 0x%" PRIx64
				       " bytes, expected %d or more, up to 0x%zx",
				       out->offset + at, size, TAG_SIZE,
				       (size_t)(header.size - at));
		if (get_le16(header.data + at) == TAG_END)
			break;
		ret = read_tag(bytes, bytes_sub(header, at, size), out, err);
		if (ret)
			return ret;
	}
	if (out->bytes.size || multiboot_is_elf(bytes))
		return 0;
	return err_set(err, -ENOEXEC,
		       "its multiboot 2 header at 0x%" PRIx64
		       " has no addresses, and it is not an ELF file",
		       out->offset);
}

/* The block while it is written.  data NULL: only the size is computed. */
struct block {
	uint8_t *data;
	size_t used;
	struct bytes efi_map;
};

/* Adds a tag; returns its contents.  NULL: only the size is computed. */
static uint8_t *add(struct block *block, enum info_tag type, size_t size)
{
	uint8_t *p = block->data ? block->data + block->used : NULL;

	block->used += round_up(TAG_SIZE + size, TAG_ALIGN);
	if (!p)
		return NULL;
	put_le32(p, type);
	put_le32(p + 4, (uint32_t)(TAG_SIZE + size));
	return p + TAG_SIZE;
}

static void add_bytes(struct block *block, enum info_tag type, const void *bytes, size_t size)
{
	uint8_t *p = add(block, type, size);

	if (p)
		memcpy(p, bytes, size);
}

static void add_text(struct block *block, enum info_tag type, const char *text)
{
	add_bytes(block, type, text, strlen(text) + 1);
}

static void add_words(struct block *block, enum info_tag type, uint32_t one, uint32_t two)
{
	uint8_t words[8];

	put_le32(words, one);
	put_le32(words + 4, two);
	add_bytes(block, type, words, sizeof(words));
}

static void add_map(struct block *block, const struct memory_map *map)
{
	uint8_t *p = add(block, INFO_MMAP, 8 + map->count * MMAP_ENTRY_SIZE);
	uint32_t lower, upper;

	if (p)
		put_le32(p, MMAP_ENTRY_SIZE);
	for (size_t i = 0; p && i < map->count; i++) {
		struct range range = multiboot_range(&map->entry[i]);
		uint8_t *entry = p + 8 + i * MMAP_ENTRY_SIZE;

		put_le64(entry, range.start);
		put_le64(entry + 8, range_size(range));
		put_le32(entry + 16, multiboot_memory_type(map->entry[i].type));
	}
	multiboot_basic_memory(map, &lower, &upper);
	add_words(block, INFO_MEMORY, lower, upper);
}

static void add_modules(struct block *block, const struct multiboot_info *info)
{
	for (size_t i = 0; i < info->load->modules; i++) {
		const char *text = info->load->module[i].text;
		uint8_t *p = add(block, INFO_MODULE, 8 + strlen(text) + 1);

		if (!p)
			continue;
		put_le32(p, (uint32_t)info->module[i].start);
		put_le32(p + 4, (uint32_t)info->module[i].end);
		memcpy(p + 8, text, strlen(text) + 1);
	}
}

/* EFI's type of memory that the next kernel may use; 0: reserved, or in EFI's own entry. */
static uint32_t efi_type(enum memory_type type)
{
	switch (type) {
	case MEMORY_RAM: return 7; /* EfiConventionalMemory */
	case MEMORY_ACPI: return 9; /* EfiACPIReclaimMemory */
	case MEMORY_ACPI_NVS: return 10; /* EfiACPIMemoryNVS */
	default: return 0;
	}
}

static int by_address(const void *a, const void *b)
{
	const struct efi_runtime_region *one = a, *two = b;

	return (one->phys_addr > two->phys_addr) - (one->phys_addr < two->phys_addr);
}

/*
 * Makes a map in EFI's form.  The running kernel keeps the entries of the runtime services'
 * regions; the other entries come from the firmware's memory map.  The boot services' memory is
 * free.
 */
static struct bytes make_efi_map(struct ctx *ctx, const struct load *load)
{
	const struct machine_x86 *x86 = load->machine.arch;
	const struct memory_map *map = &load->machine.map;
	size_t count = x86->efi_map_count;
	struct efi_runtime_region *region;
	uint8_t *out;

	region = arena_array(&ctx->arena, count + map->count + 1, sizeof(*region));
	for (size_t i = 0; i < count; i++)
		region[i] = x86->efi_map[i];
	for (size_t i = 0; i < map->count; i++) {
		struct range range = multiboot_range(&map->entry[i]);
		uint64_t start = round_up(range.start, PAGE_4K);
		uint64_t end = align_down(range.end, PAGE_4K);
		uint32_t type = efi_type(map->entry[i].type);

		if (type && start < end)
			region[count++] = (struct efi_runtime_region){
				.type = type,
				.phys_addr = start,
				.num_pages = (end - start) / PAGE_4K,
				.attribute = EFI_WRITE_BACK,
			};
	}
	qsort(region, count, sizeof(*region), by_address);
	out = arena_array(&ctx->arena, count, EFI_DESCRIPTOR_SIZE);
	for (size_t i = 0; i < count; i++)
		efi_write_descriptor(out + i * EFI_DESCRIPTOR_SIZE, &region[i]);
	return (struct bytes){ out, count * EFI_DESCRIPTOR_SIZE };
}

/*
 * The system table makes a kernel with an entry for EFI assume that EFI's boot services run and
 * that the loader used the wrong entry: Xen then halts without a message.
 */
static bool gets_efi(const struct multiboot_info *info)
{
	const struct machine_x86 *x86 = info->load->machine.arch;

	return x86->efi_present && !info->load->req->noefi && !info->header->takes_efi_entry &&
	       x86->boot_params.size == ZERO_PAGE_SIZE;
}

static void add_efi(struct block *block, const struct machine_x86 *x86)
{
	const uint8_t *efi = x86->boot_params.data + BP_EFI_INFO;
	uint8_t *p;

	if (memcmp(efi, "EL64", 4))
		add_bytes(block, INFO_EFI32_TABLE, efi + EFI_INFO_SYSTAB, 4);
	else
		add_words(block, INFO_EFI64_TABLE, get_le32(efi + EFI_INFO_SYSTAB),
			  get_le32(efi + EFI_INFO_SYSTAB_HI));
	p = add(block, INFO_EFI_MAP, 8 + block->efi_map.size);
	if (!p)
		return;
	put_le32(p, EFI_DESCRIPTOR_SIZE);
	put_le32(p + 4, EFI_DESCRIPTOR_VERSION);
	memcpy(p + 8, block->efi_map.data, block->efi_map.size);
}

static void add_smbios(struct block *block, const struct machine_x86 *x86)
{
	uint8_t *p = add(block, INFO_SMBIOS, SMBIOS_HEAD + x86->smbios.size);

	if (!p)
		return;
	memcpy(p, x86->smbios_version, sizeof(x86->smbios_version));
	memcpy(p + SMBIOS_HEAD, x86->smbios.data, x86->smbios.size);
}

static void add_firmware(struct block *block, const struct multiboot_info *info)
{
	const struct machine_x86 *x86 = info->load->machine.arch;
	struct bytes rsdp = x86->rsdp;

	if (rsdp.size)
		add_bytes(block, rsdp.size > RSDP_OLD_SIZE ? INFO_RSDP_NEW : INFO_RSDP_OLD,
			  rsdp.data, rsdp.size);
	if (x86->smbios.size)
		add_smbios(block, x86);
	if (gets_efi(info))
		add_efi(block, x86);
}

static void add_all(struct block *block, const struct multiboot_info *info)
{
	uint8_t screen[MULTIBOOT_SCREEN_SIZE] = { 0 }, base[4];

	add_text(block, INFO_CMDLINE, info->cmdline);
	add_text(block, INFO_LOADER_NAME, MULTIBOOT_LOADER);
	add_map(block, &info->load->machine.map);
	add_modules(block, info);
	if (info->header->wants_screen && multiboot_screen(info->load, screen))
		add_bytes(block, INFO_SCREEN, screen, sizeof(screen));
	add_firmware(block, info);
	if (info->header->relocatable) {
		put_le32(base, (uint32_t)info->load_base);
		add_bytes(block, INFO_LOAD_BASE, base, sizeof(base));
	}
	add(block, INFO_END, 0);
}

struct bytes multiboot2_info(struct ctx *ctx, const struct multiboot_info *info)
{
	struct block block = { .used = TAG_SIZE };

	if (gets_efi(info))
		block.efi_map = make_efi_map(ctx, info->load);
	add_all(&block, info);
	block.data = arena_alloc(&ctx->arena, block.used);
	put_le32(block.data, (uint32_t)block.used);
	block.used = TAG_SIZE;
	add_all(&block, info);
	return (struct bytes){ block.data, block.used };
}
