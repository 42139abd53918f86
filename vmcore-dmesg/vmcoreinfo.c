/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the note VMCOREINFO and looks keys up in it. */
#include "vmcoreinfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/number.h"
#include "status.h"

#define NOTE_NAME "VMCOREINFO"
#define NOTE_HEADER 12u /* namesz, descsz and type, of 4 bytes each in either class */
#define KEY_MAX 96u

static bool fits(uint64_t at, uint64_t size, uint64_t end)
{
	return at <= end && size <= end - at;
}

/* Reads the text of the note.  If the file ends early, the text ends after its last whole line. */
static int take(struct ctx *ctx, struct vmcore *core, uint64_t offset, uint32_t size,
		struct vmcoreinfo *info)
{
	uint8_t *text;
	size_t got;

	if (size > VMCOREINFO_MAX) {
		err_set(&ctx->err, -EFBIG,
			"%s: the note VMCOREINFO is said to be %" PRIu32 " bytes long",
			core->in.name, size);
		return err_status(&ctx->err, STATUS_NOTE_SIZE);
	}
	text = arena_alloc(&ctx->arena, size);
	got = input_read(&core->in, offset, text, size);
	if (got < size) {
		log_warn(&ctx->log,
			 "%s: the note VMCOREINFO is cut short after %zu of %" PRIu32 " bytes",
			 core->in.name, got, size);
		while (got && text[got - 1] != '\n')
			got--;
	}
	info->text = (struct bytes){ text, strnlen((const char *)text, got) };
	return 0;
}

/* Searches a segment for the note.  Notes are padded to 4 bytes.  A note without name is the end. */
static int walk_notes(struct ctx *ctx, struct vmcore *core, uint64_t at, uint64_t end,
		      struct vmcoreinfo *info)
{
	uint8_t header[NOTE_HEADER], name[sizeof(NOTE_NAME)];
	uint32_t namesz, descsz;
	uint64_t desc;

	while (!info->text.size && fits(at, NOTE_HEADER, end)) {
		if (input_read(&core->in, at, header, NOTE_HEADER) < NOTE_HEADER) {
			log_warn(&ctx->log, "%s: cannot read the note at 0x%" PRIx64 ": %s",
				 core->in.name, at,
				 core->in.error ? strerror(core->in.error)
						: "the file ends before");
			return 0;
		}
		namesz = get_u32(core->order, header);
		descsz = get_u32(core->order, header + 4);
		if (!namesz)
			return 0;
		at += NOTE_HEADER;
		desc = at + (((uint64_t)namesz + 3) & ~3ULL);
		if (desc < at || !fits(desc, descsz, end)) {
			log_warn(&ctx->log,
				 "%s: the note at 0x%" PRIx64 " reaches beyond its "
				 "segment's end",
				 core->in.name, at - NOTE_HEADER);
			return 0;
		}
		if (!get_u32(core->order, header + 8) && namesz == sizeof(name) &&
		    input_read(&core->in, at, name, sizeof(name)) == sizeof(name) &&
		    !memcmp(name, NOTE_NAME, sizeof(name)) && take(ctx, core, desc, descsz, info))
			return ctx->err.code;
		at = desc + (((uint64_t)descsz + 3) & ~3ULL);
		if (at < desc)
			return 0;
	}
	return 0;
}

bool vmcoreinfo_find(const struct vmcoreinfo *info, const char *key, struct bytes *value)
{
	struct bytes rest = info->text, line;
	size_t size = strlen(key);
	const uint8_t *newline;
	bool found = false;

	while (rest.size) {
		newline = memchr(rest.data, '\n', rest.size);
		line = bytes_sub(rest, 0, newline ? (uint64_t)(newline - rest.data) : rest.size);
		rest = bytes_from(rest, line.size + (newline ? 1 : 0));
		if (!bytes_match(line, 0, key, size) || !bytes_match(line, size, "=", 1))
			continue;
		*value = bytes_from(line, size + 1);
		found = true;
	}
	return found;
}

static bool find_number(const struct vmcoreinfo *info, const char *key, int base, uint64_t *number)
{
	char text[32];
	struct bytes value;
	size_t sign, hex;

	if (!vmcoreinfo_find(info, key, &value) || value.size >= sizeof(text))
		return false;
	memcpy(text, value.data, value.size);
	text[value.size] = '\0';
	sign = text[0] == '-';
	hex = strncmp(text + sign, "0x", 2) ? 0 : 2;
	if (!parse_number(text + sign + hex, hex ? 16 : base, number))
		return false;
	if (sign)
		*number = -*number;
	return true;
}

bool vmcoreinfo_hex(const struct vmcoreinfo *info, const char *key, uint64_t *value)
{
	return find_number(info, key, 16, value);
}

bool vmcoreinfo_symbol(const struct vmcoreinfo *info, const char *name, uint64_t *address)
{
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "SYMBOL(%s)", name);
	return vmcoreinfo_hex(info, key, address);
}

bool vmcoreinfo_number(const struct vmcoreinfo *info, const char *key, uint64_t *value)
{
	return find_number(info, key, 10, value);
}

static void set_linear_map(const struct vmcoreinfo *info, struct linear_map *map)
{
	map->known = vmcoreinfo_hex(info, "NUMBER(PAGE_OFFSET)", &map->page_offset) &&
		     (vmcoreinfo_number(info, "NUMBER(PHYS_OFFSET)", &map->phys_offset) ||
		      vmcoreinfo_hex(info, "NUMBER(PHYS_OFFSET)", &map->phys_offset) ||
		      vmcoreinfo_number(info, "NUMBER(phys_ram_base)", &map->phys_offset) ||
		      vmcoreinfo_hex(info, "NUMBER(phys_ram_base)", &map->phys_offset));
}

int vmcoreinfo_read(struct ctx *ctx, struct vmcore *core, struct vmcoreinfo *info)
{
	const struct elf_phdr *ph;
	uint64_t end;
	uint32_t i;

	*info = (struct vmcoreinfo){ { NULL, 0 } };
	for (i = 0; i < core->phnum && !info->text.size; i++) {
		ph = &core->phdrs[i];
		if (ph->type != PT_NOTE)
			continue;
		if (__builtin_add_overflow(ph->offset, ph->filesz, &end))
			end = UINT64_MAX;
		if (walk_notes(ctx, core, ph->offset, end, info))
			return ctx->err.code;
	}
	set_linear_map(info, &core->linear);
	return 0;
}
