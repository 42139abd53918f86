/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the memory of a crashed kernel from an ELF core file. */
#include "vmcore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/file.h"
#include "elf/elf_field.h"
#include "status.h"

int vmcore_error(struct ctx *ctx, const struct vmcore *core, int status, int code, const char *fmt,
		 ...)
{
	char text[sizeof(ctx->err.what)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(&ctx->err, code, "%s: %s", core->in.name, text);
	return err_status(&ctx->err, status);
}

/* Reports a file that is not ELF, and the format of a dump that must be converted first. */
static int refuse_other_format(struct ctx *ctx, struct bytes head, const char *name)
{
	static const struct {
		const char *magic;
		uint8_t size;
		const char *what, *hint;
	} formats[] = {
		{ "KDUMP   ", 8, "a dump that makedumpfile has compressed",
		  "Take the log out of it with: makedumpfile --dump-dmesg DUMP FILE" },
		{ "DISKDUMP", 8, "a dump in diskdump's compressed format",
		  "Take the log out of it with: makedumpfile --dump-dmesg DUMP FILE" },
		{ "makedumpfile", 13, "a dump in makedumpfile's flattened format",
		  "Put it together first: makedumpfile -R DUMP < FLATTENED" },
		{ "\037\213", 2, "compressed with gzip", "Try: gzip -dc FILE | vmcore-dmesg -" },
		{ "\3757zXZ", 6, "compressed with xz", "Try: xz -dc FILE | vmcore-dmesg -" },
		{ "\050\265\057\375", 4, "compressed with zstd",
		  "Try: zstd -dc FILE | vmcore-dmesg -" },
	};

	err_set(&ctx->err, -ENOEXEC, "%s: not an ELF file, so no vmcore", name);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!bytes_match(head, 0, formats[i].magic, formats[i].size))
			continue;
		err_set(&ctx->err, -ENOEXEC, "%s: not an ELF file but %s, which is not read here",
			name, formats[i].what);
		err_hint(&ctx->err, "%s", formats[i].hint);
	}
	return err_status(&ctx->err, STATUS_NO_ELF);
}

static int read_ident(struct ctx *ctx, struct vmcore *core)
{
	uint8_t ident[EI_NIDENT];
	struct bytes head = { ident, 0 };
	const char *name = core->in.name;

	head.size = input_read(&core->in, 0, ident, sizeof(ident));
	if (head.size < sizeof(ident))
		return vmcore_error(ctx, core, STATUS_IDENT_READ, -EIO,
				    "cannot read the ELF identification: %s", input_why(&core->in));
	if (!elf_magic(head))
		return refuse_other_format(ctx, head, name);
	if (ident[EI_VERSION] != EV_CURRENT)
		return vmcore_error(ctx, core, STATUS_IDENT_VERSION, -ENOEXEC,
				    "ELF version %u instead of 1", ident[EI_VERSION]);
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return vmcore_error(ctx, core, STATUS_CLASS, -ENOEXEC,
				    "ELF class %u is neither 1 (32 bits) nor 2 (64 bits)",
				    ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return vmcore_error(ctx, core, STATUS_ORDER, -ENOEXEC,
				    "ELF byte order %u is neither 1 (little) nor 2 (big)",
				    ident[EI_DATA]);
	core->is64 = ident[EI_CLASS] == ELFCLASS64;
	core->order = ident[EI_DATA] == ELFDATA2LSB ? ORDER_LE : ORDER_BE;
	return 0;
}

/* Section header 0 contains a count that does not fit in the 16 bits of the file header. */
static int extended_phnum(struct ctx *ctx, struct vmcore *core, uint64_t shoff, uint64_t *phnum)
{
	uint8_t shdr[sizeof(Elf64_Shdr)];
	size_t size = ELF_RECORD_SIZE(core, Shdr);

	if (input_read(&core->in, shoff, shdr, size) < size)
		return vmcore_error(
			ctx, core, STATUS_HEADER_READ, -EIO,
			"cannot read the number of program headers from section header 0 at "
			"0x%" PRIx64 ": %s",
			shoff, input_why(&core->in));
	*phnum = ELF_FIELD(core, shdr, Shdr, sh_info);
	return 0;
}

static int no_memory(struct ctx *ctx, const struct vmcore *core, uint64_t phnum)
{
	return vmcore_error(ctx, core, STATUS_PHDR_MEMORY, -ENOMEM,
			    "no memory for %" PRIu64 " program headers", phnum);
}

static bool is_used(const struct elf_phdr *ph)
{
	return ph->type == PT_LOAD ? covered_size(ph) : ph->type == PT_NOTE && ph->filesz;
}

static int read_phdrs(struct ctx *ctx, struct vmcore *core, uint64_t phoff, uint64_t phnum)
{
	uint8_t raw[sizeof(Elf64_Phdr)];
	size_t size = ELF_RECORD_SIZE(core, Phdr);
	const struct elf_file one = {
		.bytes = { raw, size }, .is64 = core->is64, .order = core->order, .phnum = 1
	};
	uint64_t at;

	if (!phnum)
		return 0;
	if (phnum <= VMCORE_MAX_PHDRS)
		core->phdrs = map_anonymous(ctx, (size_t)phnum * sizeof(*core->phdrs));
	if (!core->phdrs)
		return no_memory(ctx, core, phnum);
	for (uint64_t i = 0; i < phnum; i++) {
		if (__builtin_add_overflow(phoff, i * size, &at) ||
		    input_read(&core->in, at, raw, size) < size)
			return vmcore_error(ctx, core, STATUS_PHDR_READ, -EIO,
					    "cannot read program header %" PRIu64 " of %" PRIu64
					    " in the table at 0x%" PRIx64 ": %s",
					    i, phnum, phoff, input_why(&core->in));
		core->phdrs[core->phnum] = elf_phdr(&one, 0);
		core->phnum += is_used(&core->phdrs[core->phnum]);
	}
	return address_index_make(ctx, core->phdrs, core->phnum, ADDRESS_VIRTUAL, &core->by_virtual)
		       ? 0
		       : no_memory(ctx, core, core->phnum);
}

static int read_headers(struct ctx *ctx, struct vmcore *core)
{
	uint8_t ehdr[sizeof(Elf64_Ehdr)];
	size_t size = ELF_RECORD_SIZE(core, Ehdr);
	uint64_t phnum, value;

	if (input_read(&core->in, 0, ehdr, size) < size)
		return vmcore_error(ctx, core, STATUS_HEADER_READ, -EIO,
				    "cannot read the ELF file header: %s", input_why(&core->in));
	value = ELF_FIELD(core, ehdr, Ehdr, e_version);
	if (value != EV_CURRENT)
		return vmcore_error(ctx, core, STATUS_VERSION, -ENOEXEC,
				    "ELF file version %" PRIu64 " instead of 1", value);
	value = ELF_FIELD(core, ehdr, Ehdr, e_phentsize);
	if (value != ELF_RECORD_SIZE(core, Phdr))
		return vmcore_error(ctx, core, STATUS_PHENTSIZE, -ENOEXEC,
				    "program headers are said to be %" PRIu64
				    " bytes each instead of %zu",
				    value, ELF_RECORD_SIZE(core, Phdr));
	core->machine = (uint16_t)ELF_FIELD(core, ehdr, Ehdr, e_machine);
	phnum = ELF_FIELD(core, ehdr, Ehdr, e_phnum);
	if (phnum == PN_XNUM &&
	    extended_phnum(ctx, core, ELF_FIELD(core, ehdr, Ehdr, e_shoff), &phnum))
		return ctx->err.code;
	return read_phdrs(ctx, core, ELF_FIELD(core, ehdr, Ehdr, e_phoff), phnum);
}

/* A 32-bit kernel writes a 64-bit core file if its physical addresses have more than 32 bits. */
static size_t word_size(const struct vmcore *core)
{
	if (!core->is64)
		return 4;
	return core->machine == EM_386 || core->machine == EM_ARM || core->machine == EM_PPC ? 4
											     : 8;
}

int vmcore_open(struct ctx *ctx, const char *name, struct vmcore *core)
{
	int ret;

	memset(core, 0, sizeof(*core));
	ret = input_open(ctx, name, &core->in);
	if (!ret)
		ret = read_ident(ctx, core);
	if (!ret)
		ret = read_headers(ctx, core);
	core->word_size = word_size(core);
	return ret;
}

void vmcore_close(struct vmcore *core)
{
	input_close(&core->in);
}

int vmcore_set_linear(struct ctx *ctx, struct vmcore *core, struct linear_map linear)
{
	core->linear = linear;
	if (!linear.known ||
	    address_index_make(ctx, core->phdrs, core->phnum, ADDRESS_PHYSICAL, &core->by_physical))
		return 0;
	return no_memory(ctx, core, core->phnum);
}

/* Finds the header that covers a virtual address.  *inside: offset of the address in it. */
static const struct elf_phdr *find(struct vmcore *core, uint64_t address, uint64_t *inside)
{
	const struct elf_phdr *ph;
	uint64_t physical;
	uint32_t i;

	if (address_index_find(&core->by_virtual, address, &i)) {
		ph = &core->phdrs[i];
		*inside = address - ph->vaddr;
		return ph;
	}
	if (!core->linear.known || address < core->linear.page_offset)
		return NULL;
	physical = address - core->linear.page_offset + core->linear.phys_offset;
	if (!address_index_find(&core->by_physical, physical, &i))
		return NULL;
	ph = &core->phdrs[i];
	*inside = physical - ph->paddr;
	return ph;
}

static size_t clamp(uint64_t size, size_t limit)
{
	return size < limit ? (size_t)size : limit;
}

size_t vmcore_read(struct vmcore *core, uint64_t address, void *buf, size_t size)
{
	uint8_t *out = buf;
	size_t done = 0, chunk, got;
	const struct elf_phdr *ph;
	uint64_t inside, offset;

	while (done < size) {
		core->failure = (struct read_failure){ .address = address + done };
		ph = find(core, address + done, &inside);
		if (!ph)
			break;
		if (inside >= ph->filesz) {
			chunk = clamp(ph->memsz - inside, size - done);
			memset(out + done, 0, chunk);
			done += chunk;
			continue;
		}
		chunk = clamp(ph->filesz - inside, size - done);
		core->in.error = 0;
		got = 0;
		if (!__builtin_add_overflow(ph->offset, inside, &offset))
			got = input_read(&core->in, offset, out + done, chunk);
		done += got;
		if (got == chunk)
			continue;
		core->failure = (struct read_failure){ true, address + done, offset + got,
						       core->in.error };
		break;
	}
	return done;
}

bool vmcore_number(struct vmcore *core, uint64_t address, size_t size, uint64_t *value)
{
	uint8_t raw[8];

	if (vmcore_read(core, address, raw, size) < size)
		return false;
	*value = elf_number(core->order, raw, size);
	return true;
}

const char *vmcore_why(struct ctx *ctx, const struct vmcore *core)
{
	const struct read_failure *f = &core->failure;

	if (!f->mapped)
		return arena_printf(&ctx->arena, "no program header covers address 0x%" PRIx64,
				    f->address);
	return arena_printf(&ctx->arena,
			    "address 0x%" PRIx64 " should be at file offset 0x%" PRIx64 ", but %s",
			    f->address, f->offset,
			    f->error ? strerror(f->error) : "the file ends before");
}

int vmcore_fail(struct ctx *ctx, const struct vmcore *core, const char *what, int status)
{
	err_set(&ctx->err, -EIO, "%s: cannot read %s: %s", core->in.name, what,
		vmcore_why(ctx, core));
	if (core->failure.mapped)
		err_hint(&ctx->err, "Is the dump complete?");
	return err_status(&ctx->err, core->failure.mapped ? status : STATUS_UNMAPPED);
}
