/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kexec_load(2) leaves to user space when a crash kernel is loaded: the ELF
 * core header that becomes /proc/vmcore, the copy of low memory, the memory that
 * the crash kernel may use, its command line (Linux: admin-guide/kdump/kdump.rst).
 *
 * Order of a crash load: kdump_bound(), machine_read_crash(), kdump_place(),
 * kdump_command_line(); the crash kernel is told kdump.map; kdump_check_room() at
 * the end.
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

/* How an arch lays its kernel out, as far as a core header needs it. */
struct kdump_arch {
	bool elf64;
	enum byte_order order;
	uint16_t e_machine;
	/*
	 * Where the kernel image is mapped when it is mapped apart from the linear
	 * map; empty: it is not.
	 */
	struct range kernel_window;
	/*
	 * The linear map may be in kernel_window, too: of two that map "Kernel code" the
	 * smaller is the image.  A kernel that lists one alone has a header without image.
	 */
	bool linear_in_window;
	/*
	 * Used when /proc/kcore has no physical addresses (Linux before 4.9): its lowest
	 * segment, rounded down to linear_align, maps address 0.
	 */
	uint64_t linear_align;
	uint64_t default_linear; /* where address 0 is mapped if there is no kcore */
	bool default_known; /* exact value, not a guess: no warning */
	bool default_none; /* no safe default: leave the addresses out of the header */
	/*
	 * The crash kernel needs RAM below this address, so its contents are copied
	 * away first.  0: no backup.
	 */
	uint64_t backup_limit;
	uint64_t lowmem_limit; /* no linear map from here on (32-bit); 0: all is mapped */
	uint64_t header_align; /* of the core header's segment, a power of two; 0: a page */
	/* --hotplug: KEXEC_* flag by which the running kernel updates the header. */
	uint32_t hotplug_flag;
};

/* What helps when the header cannot be made; a clause without its full stop. */
#define KDUMP_USE_FILE_CALL                                                                        \
	"Load with -s (kexec_file_load), where the kernel writes the core header itself"

/* --- parts, pure over what machine_read_crash() found --- */

/*
 * Physical places of the per-CPU notes, in order of CPU number; the arena owns
 * them.  -EINVAL names the file of a malformed address or size.
 */
int kdump_cpu_notes(struct ctx *ctx, const struct machine_crash *crash, struct range **notes,
		    size_t *count);

/* The place of the vmcoreinfo note; empty where the kernel has none.  -EINVAL: malformed. */
int kdump_vmcoreinfo(struct ctx *ctx, const struct machine_crash *crash, struct range *note);

/* Address of a symbol in the text of /proc/kallsyms; 0: hidden.  false: not there. */
bool kallsyms_find(struct bytes kallsyms, const char *name, uint64_t *address);

struct kernel_map {
	struct range image; /* physical; empty: part of the linear map like all RAM */
	uint64_t image_virt;
	uint64_t linear; /* virtual minus physical address of RAM, modulo 2^64 */
	bool linear_unknown; /* RAM has no virtual addresses */
};

/*
 * How the running kernel's memory is mapped, from /proc/kcore, with /proc/kallsyms
 * and the "Kernel code" line of iomem where kcore does not say.  -ENODATA: the
 * kernel's own mapping cannot be found.
 */
int kdump_kernel_map(struct ctx *ctx, const struct machine *machine,
		     const struct machine_crash *crash, const struct kdump_arch *arch,
		     struct kernel_map *out);

/*
 * What is to be dumped: all System RAM of iomem, memory that drivers brought
 * included, without the crash reservations and the AGP aperture.
 */
struct range_set kdump_dump_ranges(struct ctx *ctx, const struct machine *machine);

/* The part below limit of the first range that has one; empty: none. */
struct range kdump_backup_source(const struct range_set *dump, uint64_t limit);

/* What the ELF core header describes. */
struct core_header {
	const struct kdump_arch *arch;
	const struct range *cpu_notes;
	size_t cpus;
	struct range vmcoreinfo; /* empty: none */
	struct kernel_map map;
	const struct range_set *ram;
	struct range backup; /* part of ram whose bytes will lie at backup_copy; may be empty */
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
	struct range backup; /* empty: none */
	uint64_t backup_copy; /* its segment's address */
	uint64_t elfcorehdr; /* address */
	struct range header; /* the header's place: its bytes, and room that the kernel asked for */
	struct memory_map map; /* memory as the crash kernel is to see it */
};

/*
 * The reservation to load into: the last, where there is another for DMA below
 * 4 GiB.  -ENODATA, status 1, where nothing is reserved.
 */
int kdump_reservation(struct ctx *ctx, const struct machine *machine, struct range *load);

/* Makes the plan one for the crash slot: every segment inside load->reservation. */
void kdump_bound(struct ctx *ctx, const struct load *load, struct plan *plan);

/*
 * elfcorehdr_size: machine_elfcorehdr_size().  -ENOTSUP: the kernel cannot rewrite the
 * header; -EINVAL: malformed.
 */
int kdump_check_hotplug(struct ctx *ctx, const char *elfcorehdr_size);

/*
 * Adds the backup and elfcorehdr segments to the plan, sets purgatory's copy job and the
 * flags of --hotplug, fills *out.  Wants load->crash.  Without arch->backup_limit low memory
 * is dumped in place, and the crash kernel does not use it.
 * -ENOTSUP: --hotplug, and the kernel lacks CONFIG_CRASH_HOTPLUG.
 */
int kdump_place(struct ctx *ctx, const struct load *load, const struct kdump_arch *arch,
		struct plan *plan, struct kdump *out);

/*
 * The crash kernel's memory: all reservations and the backup source, without the
 * segments of backup copy and header; what is no RAM as iomem has it.
 */
int kdump_memory_map(struct ctx *ctx, const struct machine *machine, struct range backup,
		     struct range backup_copy, struct range header, struct memory_map *out);

struct kdump_words {
	uint64_t acpi_rsdp; /* 0: the crash kernel finds it without help */
	uint64_t elfcorehdr;
	uint64_t mem; /* bytes of memory to use; 0: not told */
	const struct memory_map *memmap; /* spelled out as memmap= (--pass-memmap-cmdline); NULL */
};

/*
 * The command line with the words a crash kernel needs, in front of "--" if there
 * is one.  limit: characters that the kernel takes, without the NUL; -E2BIG with
 * both numbers.
 */
int kdump_command_line(struct ctx *ctx, const char *cmdline, uint64_t limit,
		       const struct kdump_words *words, const char **out);

/* Bytes that an initrd takes once unpacked: archives as they say, the rest by rule of thumb. */
uint64_t kdump_initrd_unpacked(struct bytes initrd);

/*
 * Checks that the crash kernel has room to run, once all segments are in the plan.  A
 * warning with numbers: the segments, the unpacked "initrd" segment and the kernel's own
 * needs exceed the reservations.  -ENOSPC: no room is left for the running kernel's pages.
 */
int kdump_check_room(struct ctx *ctx, const struct load *load, const struct plan *plan);

/*
 * For kexec_file_load, before the running kernel drops the old image.  -ENOSPC: kernel and
 * initrd are larger than the reservation.
 */
int kdump_check_files(struct ctx *ctx, const struct load *load);

#endif
