/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that only a crash load needs (Linux: admin-guide/kdump/kdump.rst,
 * fs/proc/kcore.c).
 */
#include "crash_files.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "core/number.h"

#define CPU_DIR "/sys/devices/system/cpu"

/* Reads a file of one line, without the newline.  *text is NULL if the file is missing. */
static int read_optional(struct ctx *ctx, const struct sysroot *root, const char *name,
			 const char **text)
{
	struct bytes bytes;
	int ret = sysroot_read(ctx, root, name, &bytes);

	*text = NULL;
	if (ret == -ENOENT) {
		err_clear(&ctx->err);
		return 0;
	}
	if (ret)
		return ret;
	if (memchr(bytes.data, '\0', bytes.size))
		return err_set(&ctx->err, -EINVAL, "%s: expected a line of text, found a NUL byte",
			       sysroot_path(ctx, root, name));
	if (bytes.size && bytes.data[bytes.size - 1] == '\n')
		bytes.size--;
	*text = arena_strndup(&ctx->arena, (const char *)bytes.data, bytes.size);
	return 0;
}

static bool cpu_number(const char *name, uint64_t *number)
{
	return !strncmp(name, "cpu", 3) && name[3] >= '0' && name[3] <= '9' &&
	       parse_number(name + 3, 10, number);
}

static int compare_cpus(const void *a, const void *b)
{
	uint64_t x = ((const struct crash_cpu *)a)->number;
	uint64_t y = ((const struct crash_cpu *)b)->number;

	return x < y ? -1 : x > y;
}

static int read_cpu(struct ctx *ctx, const struct sysroot *root, const char *dir,
		    struct machine_crash *out)
{
	struct crash_cpu *cpu = &out->cpu[out->cpus];
	const char *name;
	int ret;

	if (!cpu_number(dir, &cpu->number))
		return 0;
	name = arena_printf(&ctx->arena, CPU_DIR "/%s/crash_notes", dir);
	cpu->notes_name = sysroot_path(ctx, root, name);
	ret = read_optional(ctx, root, name, &cpu->notes);
	if (ret || !cpu->notes)
		return ret;
	out->cpus++;
	return read_optional(ctx, root, arena_printf(&ctx->arena, "%s_size", name), &cpu->size);
}

static int read_cpus(struct ctx *ctx, const struct sysroot *root, struct machine_crash *out)
{
	size_t count = 0;
	char **names;
	int ret = sysroot_list(ctx, root, CPU_DIR, &names);

	if (ret == -ENOENT)
		return err_hint(&ctx->err,
				"That directory names the addresses of the CPUs' crash notes: "
				"mount sysfs on /sys.");
	if (ret)
		return ret;
	while (names[count])
		count++;
	out->cpu = arena_array(&ctx->arena, count, sizeof(*out->cpu));
	for (size_t i = 0; i < count; i++) {
		ret = read_cpu(ctx, root, names[i], out);
		if (ret)
			return ret;
	}
	if (out->cpus)
		qsort(out->cpu, out->cpus, sizeof(*out->cpu), compare_cpus);
	return 0;
}

/* Bytes from the start of an ELF file to the end of its program headers; 0: not ELF. */
static size_t elf_head_size(const uint8_t *ehdr, size_t size)
{
	enum byte_order order;
	uint64_t end;

	if (size < sizeof(Elf64_Ehdr) || memcmp(ehdr, ELFMAG, SELFMAG))
		return 0;
	order = ehdr[EI_DATA] == ELFDATA2MSB ? ORDER_BE : ORDER_LE;
	if (ehdr[EI_CLASS] == ELFCLASS32)
		end = get_u32(order, ehdr + offsetof(Elf32_Ehdr, e_phoff)) +
		      (uint64_t)get_u16(order, ehdr + offsetof(Elf32_Ehdr, e_phnum)) *
			      sizeof(Elf32_Phdr);
	else if (__builtin_add_overflow(get_u64(order, ehdr + offsetof(Elf64_Ehdr, e_phoff)),
					get_u16(order, ehdr + offsetof(Elf64_Ehdr, e_phnum)) *
						sizeof(Elf64_Phdr),
					&end))
		return 0;
	/* The kernel puts the program headers directly after the file header. */
	return end >= size && end <= size + UINT16_MAX * sizeof(Elf64_Phdr) ? (size_t)end : 0;
}

/* Reads only the headers: all of memory follows.  Returns NULL, or the reason of a failure. */
static const char *read_kcore_head(struct ctx *ctx, const struct sysroot *root, const char *name,
				   size_t got, const uint8_t *ehdr, struct bytes *out)
{
	size_t size = elf_head_size(ehdr, got);
	uint8_t *head;

	if (!size)
		return "not an ELF file with program headers";
	head = arena_alloc(&ctx->arena, size);
	if (sysroot_read_at(ctx, root, name, 0, head, size, &got) || got != size)
		return "cut short inside the program headers";
	*out = (struct bytes){ head, size };
	return NULL;
}

static void read_kcore(struct ctx *ctx, const struct sysroot *root, struct machine_crash *out)
{
	/* Directories of captured files contain only the start of the file, as kcore.head. */
	static const char *const names[] = { "/proc/kcore", "/proc/kcore.head" };
	uint8_t ehdr[sizeof(Elf64_Ehdr)] = { 0 };
	size_t got, i = 0;
	int ret = sysroot_read_at(ctx, root, names[0], 0, ehdr, sizeof(ehdr), &got);

	if (ret == -ENOENT &&
	    sysroot_read_at(ctx, root, names[1], 0, ehdr, sizeof(ehdr), &got) != -ENOENT) {
		i = 1;
		ret = 0;
	}
	out->kcore_name = sysroot_path(ctx, root, names[i]);
	out->kcore_why = ret ? arena_strdup(&ctx->arena, strerror(-ret))
			     : read_kcore_head(ctx, root, names[i], got, ehdr, &out->kcore);
}

const char *machine_elfcorehdr_size(struct ctx *ctx, const struct sysroot *root)
{
	const char *text;

	if (!read_optional(ctx, root, machine_kexec_file(ctx, root, KEXEC_CRASH_ELFCOREHDR_SIZE),
			   &text))
		return text;
	sysroot_go_without(ctx);
	return NULL;
}

int machine_read_crash(struct ctx *ctx, const struct machine *machine, struct machine_crash *out)
{
	const struct sysroot *root = machine->root;
	int ret;

	*out = (struct machine_crash){ 0 };
	ret = read_cpus(ctx, root, out);
	if (!ret)
		ret = read_optional(ctx, root, "/sys/kernel/vmcoreinfo", &out->vmcoreinfo);
	if (ret)
		return ret;
	read_kcore(ctx, root, out);
	/*
	 * The kernel formats this list line by line, which takes longer than the rest of
	 * the load.  With a kcore, _stext is enough, and it is near the top of the list.
	 */
	if (sysroot_read_until(ctx, root, "/proc/kallsyms", out->kcore.size ? " _stext\n" : NULL,
			       &out->kallsyms))
		sysroot_go_without(ctx);
	return 0;
}
