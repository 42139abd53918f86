/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a crash load that kexec_load(2) leaves to user space: the ELF core header
 * that becomes /proc/vmcore, the copy of low memory, the crash kernel's memory map and
 * command line (Linux: admin-guide/kdump/kdump.rst).
 *
 * Order of a crash load: machine_read_crash(), kdump_bound(), kdump_place(),
 * kdump_command_line(), boot data with kdump.map, kdump_check_room().
 */
#ifndef KDUMP_KDUMP_H
#define KDUMP_KDUMP_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/range.h"
#include "machine/crash_files.h"
#include "machine/machine.h"
#include "plan/load.h"
#include "plan/plan.h"

/* The memory layout of an arch's kernels, as far as a core header needs it. */
struct kdump_arch {
	bool elf64;
	/*
	 * Crash kernels read core headers of either class.  The request chooses, or elf64 is set
	 * if there is memory to dump above 4 GiB.
	 */
	bool either_class;
	enum byte_order order;
	uint16_t e_machine;
	/*
	 * Virtual addresses at which kernel images are mapped; empty: the image has no mapping
	 * apart from the linear map.
	 */
	struct range kernel_window;
	/*
	 * The linear map may be in kernel_window as well: if two mappings contain "Kernel
	 * code", the smaller is the image.  With one mapping the header has no image.
	 */
	bool linear_in_window;
	/*
	 * Used when /proc/kcore has no physical addresses (Linux before 4.9): its lowest
	 * segment, rounded down to linear_align, maps address 0.
	 */
	uint64_t linear_align;
	uint64_t default_linear; /* virtual address of physical 0 if there is no kcore */
	bool default_known; /* exact value, not a guess: no warning */
	bool default_none; /* no safe default: leave the addresses out of the header */
	/*
	 * The crash kernel needs RAM below this address, so its contents are copied
	 * away first.  0: no backup.
	 */
	uint64_t backup_limit;
	/*
	 * End of the linear map (32-bit), physical; 0: all RAM is mapped.  /proc/kcore has
	 * precedence.
	 */
	uint64_t lowmem_limit;
	uint64_t header_align; /* of the core header's segment, a power of two; 0: a page */
	/* --hotplug: KEXEC_* flag by which the running kernel updates the header. */
	uint32_t hotplug_flag;
};

/* --- parts: they read no files, only the results of machine_read_crash() --- */

/*
 * Physical ranges of the per-CPU notes, in order of CPU number; the arena owns the array.
 * -EINVAL: malformed address or size; the error names the file.
 */
int kdump_cpu_notes(struct ctx *ctx, const struct machine_crash *crash, struct range **notes,
		    size_t *count);

/* Range of the vmcoreinfo note; empty: the kernel has no such note.  -EINVAL: malformed. */
int kdump_vmcoreinfo(struct ctx *ctx, const struct machine_crash *crash, struct range *note);

/* Address of a symbol in the text of /proc/kallsyms; 0: hidden.  false: no such symbol. */
bool kallsyms_find(struct bytes kallsyms, const char *name, uint64_t *address);

struct kernel_map {
	struct range image; /* physical; empty: part of the linear map like all RAM */
	uint64_t image_virt;
	uint64_t linear; /* virtual minus physical address of RAM, modulo 2^64 */
	bool linear_unknown; /* RAM gets no virtual addresses in the header */
	uint64_t linear_end; /* physical end of RAM with virtual addresses; 0: all RAM has them */
};

/*
 * Finds the running kernel's mappings in /proc/kcore or, if kcore does not contain them, by
 * /proc/kallsyms and the "Kernel code" line of iomem.  -ENODATA: no mapping of the kernel
 * image.
 */
int kdump_kernel_map(struct ctx *ctx, const struct machine *machine,
		     const struct machine_crash *crash, const struct kdump_arch *arch,
		     struct kernel_map *out);

/*
 * Memory to dump: all System RAM of iomem, including memory that drivers added, without
 * the crash reservations, the AGP aperture and machine->hidden.
 */
struct range_set kdump_dump_ranges(struct ctx *ctx, const struct machine *machine);

/*
 * From the first to the last piece of dump below limit, with what firmware reserved between them;
 * empty: no such piece.  If iomem has bad memory between two pieces: the larger part.
 */
struct range kdump_backup_source(const struct iomem *iomem, const struct range_set *dump,
				 uint64_t limit);

/* The pieces of dump inside the backup source: RAM for the crash kernel. */
struct range_set kdump_low_ram(struct ctx *ctx, const struct range_set *dump, struct range backup);

/* What the ELF core header describes. */
struct core_header {
	const struct kdump_arch *arch;
	const struct range *cpu_notes;
	size_t cpus;
	struct range vmcoreinfo; /* empty: no such note */
	struct kernel_map map;
	const struct range_set *ram;
	struct range backup; /* memory whose bytes will lie at backup_copy; may be empty */
	uint64_t backup_copy;
};

/*
 * The header's bytes, padded to a multiple of 1 KiB.  -E2BIG: more than 65534
 * program headers; -ERANGE: memory above 4 GiB in a 32-bit header.
 */
int kdump_core_header(struct ctx *ctx, const struct core_header *in, struct bytes *out);

/* --- the whole --- */

struct kdump {
	struct range_set dump;
	struct range backup; /* low memory to copy; empty: no backup */
	uint64_t backup_copy; /* address of the backup segment */
	uint64_t elfcorehdr; /* address of the core header */
	struct range header; /* core header, and the room in which the kernel can rewrite it */
	struct memory_map map; /* memory map for the crash kernel */
};

/* The reservation that the kernel loads into, without one that touches it; empty: none. */
struct range kdump_last_reservation(const struct machine *machine);

/*
 * Finds the reservation to load into: the last one.  (An earlier one is for DMA below 4 GiB.)
 * -ENODATA, status 1: nothing is reserved.
 */
int kdump_reservation(struct ctx *ctx, const struct machine *machine, struct range *load);

/* Makes it a plan of a crash load: every segment must be inside load->reservation. */
void kdump_bound(struct ctx *ctx, const struct load *load, struct plan *plan);

/*
 * Checks that --hotplug is possible.  elfcorehdr_size: of machine_elfcorehdr_size().
 * -ENOTSUP: the kernel cannot rewrite the header; -EINVAL: malformed.
 */
int kdump_check_hotplug(struct ctx *ctx, const char *elfcorehdr_size);

/*
 * Adds the backup and elfcorehdr segments to the plan, sets purgatory's copy job and the
 * flags of --hotplug, fills *out.  load->crash is not NULL.  With --load-preserve-context there
 * is no backup, and the header describes the memory that is not in load->lent.  Without
 * arch->backup_limit low memory is dumped in place, and the crash kernel does not use it.
 * -ENOTSUP: --hotplug, and the kernel lacks CONFIG_CRASH_HOTPLUG.
 */
int kdump_place(struct ctx *ctx, const struct load *load, const struct kdump_arch *arch,
		struct plan *plan, struct kdump *out);

/*
 * The crash kernel's memory map.  RAM: all reservations and low, without the backup copy and the
 * header.  Entries of other types are those of iomem.
 */
int kdump_memory_map(struct ctx *ctx, const struct machine *machine, const struct range_set *low,
		     struct range backup_copy, struct range header, struct memory_map *out);

struct kdump_words {
	uint64_t acpi_rsdp; /* 0: the crash kernel finds it without help */
	uint64_t elfcorehdr;
	uint64_t mem; /* value of mem= in bytes; 0: no mem= */
	const struct memory_map
		*memmap; /* entries of memmap= (--pass-memmap-cmdline); NULL: no memmap= */
};

/*
 * Adds the words that a crash kernel needs to the command line, before a "--" if there is
 * one.  limit: characters that the kernel takes, without the NUL.  -E2BIG: the line is
 * longer; the error names both numbers.
 */
int kdump_command_line(struct ctx *ctx, const char *cmdline, uint64_t limit,
		       const struct kdump_words *words, const char **out);

/*
 * Bytes that an initrd takes after unpacking: exact for plain archives, from the size field of
 * gzip files, estimated for other compressed data.
 */
uint64_t kdump_initrd_unpacked(struct bytes initrd);

/*
 * Checks that the crash kernel has room to run, once all segments are in the plan.  A
 * warning with numbers: the segments, the unpacked "initrd" segment and the kernel's own
 * needs exceed the reservations, or the running kernel's own pages may not fit.  -ENOSPC: no room
 * for the pages that it certainly needs.  huge_page_flag: of struct arch.
 */
int kdump_check_room(struct ctx *ctx, const struct load *load, const struct plan *plan,
		     const char *huge_page_flag);

/*
 * For kexec_file_load, before the running kernel drops the old image.  -ENOSPC: the kernel's
 * loaded part and the initrd are larger than the reservation.
 */
int kdump_check_files(struct ctx *ctx, const struct load *load);

#endif
