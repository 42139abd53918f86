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
/* Segments may overlap: a limit on the time for all of them.  No machine has as many notes. */
#define MAX_NOTES (1u << 20)

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

	if (size > VMCOREINFO_MAX)
		return vmcore_error(ctx, core, STATUS_NOTE_SIZE, -EFBIG,
				    "the note VMCOREINFO is said to be %" PRIu32 " bytes long",
				    size);
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

struct note {
	uint32_t name_size, desc_size, type;
	uint64_t name, desc, next; /* file offsets; next: of the note that follows */
};

/* Progress of the search through all segments with notes. */
struct search {
	unsigned int notes; /* looked at so far */
	bool found;
	bool warned; /* damaged dumps may have a million bad segments: one warning */
};

static uint64_t padded(uint32_t size)
{
	return ((uint64_t)size + 3) & ~3ULL;
}

/* Reads the header of a note.  false: no further note in the segment. */
static bool read_note(struct ctx *ctx, struct vmcore *core, struct search *search, uint64_t at,
		      uint64_t end, struct note *note)
{
	uint8_t header[NOTE_HEADER];

	if (input_read(&core->in, at, header, NOTE_HEADER) < NOTE_HEADER) {
		if (!search->warned)
			log_warn(&ctx->log, "%s: cannot read the note at 0x%" PRIx64 ": %s",
				 core->in.name, at, input_why(&core->in));
		search->warned = true;
		return false;
	}
	note->name_size = get_u32(core->order, header);
	note->desc_size = get_u32(core->order, header + 4);
	note->type = get_u32(core->order, header + 8);
	note->name = at + NOTE_HEADER;
	note->desc = note->name + padded(note->name_size);
	note->next = note->desc + padded(note->desc_size);
	if (!note->name_size)
		return false;
	if (note->desc >= note->name && fits(note->desc, note->desc_size, end))
		return true;
	if (!search->warned)
		log_warn(&ctx->log,
			 "%s: the note at 0x%" PRIx64 " reaches beyond its segment's end",
			 core->in.name, at);
	search->warned = true;
	return false;
}

static bool is_vmcoreinfo(struct vmcore *core, const struct note *note)
{
	uint8_t name[sizeof(NOTE_NAME)];

	return !note->type && note->name_size == sizeof(name) &&
	       input_read(&core->in, note->name, name, sizeof(name)) == sizeof(name) &&
	       !memcmp(name, NOTE_NAME, sizeof(name));
}

/* Searches a segment for the note. */
static int walk_notes(struct ctx *ctx, struct vmcore *core, struct search *search,
		      const struct elf_phdr *ph, struct vmcoreinfo *info)
{
	uint64_t at = ph->offset, end;
	struct note note;

	if (__builtin_add_overflow(ph->offset, ph->filesz, &end))
		end = UINT64_MAX;
	while (search->notes < MAX_NOTES && fits(at, NOTE_HEADER, end) &&
	       read_note(ctx, core, search, at, end, &note)) {
		search->notes++;
		search->found = is_vmcoreinfo(core, &note);
		if (search->found)
			return take(ctx, core, note.desc, note.desc_size, info);
		if (note.next < at)
			break;
		at = note.next;
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

static struct linear_map linear_map(const struct vmcoreinfo *info)
{
	struct linear_map map;

	map.known = vmcoreinfo_hex(info, "NUMBER(PAGE_OFFSET)", &map.page_offset) &&
		    (vmcoreinfo_number(info, "NUMBER(PHYS_OFFSET)", &map.phys_offset) ||
		     vmcoreinfo_hex(info, "NUMBER(PHYS_OFFSET)", &map.phys_offset) ||
		     vmcoreinfo_number(info, "NUMBER(phys_ram_base)", &map.phys_offset) ||
		     vmcoreinfo_hex(info, "NUMBER(phys_ram_base)", &map.phys_offset));
	return map;
}

int vmcoreinfo_read(struct ctx *ctx, struct vmcore *core, struct vmcoreinfo *info)
{
	struct search search = { 0 };

	*info = (struct vmcoreinfo){ { NULL, 0 } };
	for (uint32_t i = 0; i < core->phnum && !search.found; i++) {
		if (core->phdrs[i].type == PT_NOTE &&
		    walk_notes(ctx, core, &search, &core->phdrs[i], info))
			return ctx->err.code;
	}
	if (search.notes == MAX_NOTES && !search.found)
		log_warn(&ctx->log, "%s: VMCOREINFO is not among the first %u notes", core->in.name,
			 MAX_NOTES);
	return vmcore_set_linear(ctx, core, linear_map(info));
}
