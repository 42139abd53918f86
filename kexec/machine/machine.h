/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot of the facts about the running system that every load needs, taken once through
 * the root directory of the request.  Facts that only some loads need are read later, by
 * functions that take the same root.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/file.h"
#include "core/range.h"
#include "core/request.h"

/* Least restrictive first: if two entries contain one byte, the later type holds. */
enum memory_type {
	MEMORY_RAM,
	MEMORY_SOFT_RESERVED,
	MEMORY_PRAM, /* persistent memory, legacy */
	MEMORY_PMEM,
	MEMORY_ACPI,
	MEMORY_ACPI_NVS,
	MEMORY_OTHER, /* a type of the firmware that kexec does not know: reserved */
	MEMORY_RESERVED,
	MEMORY_UNUSABLE,
};

struct memory_entry {
	struct range range;
	enum memory_type type;
};

/* Entries are sorted by start and do not overlap. */
struct memory_map {
	struct memory_entry *entry;
	size_t count;
	const char *source; /* file or directory that it was read from */
};

/* One line of /proc/iomem. */
struct iomem_entry {
	struct range range;
	int depth; /* nesting, 0 at top level */
	const char *name;
};

struct iomem {
	struct iomem_entry *entry;
	size_t count;
	const char *source; /* NULL: /proc/iomem */
};

static inline const char *iomem_source(const struct iomem *iomem)
{
	return iomem->source ? iomem->source : "/proc/iomem";
}

struct machine_cpu {
	uint32_t number; /* in Linux */
	uint32_t hardware; /* in the device tree */
};

struct request;
struct machine;

/* Sources of an arch's memory map. */
struct machine_source {
	/*
	 * Fills machine->iomem in the form of /proc/iomem, from a source that reports more
	 * than that file does on this arch.  NULL: from /proc/iomem.
	 */
	int (*read_iomem)(struct ctx *ctx, const struct request *req, struct machine *machine);
	/* Prefer /sys/firmware/memmap to iomem, except for a crash load. */
	bool firmware_map;
	uint64_t lowest_ram; /* RAM of that map below this address belongs to the firmware */
	/* For a crash load the reservations are RAM, although iomem need not list them so. */
	bool reservation_is_ram;
};

struct machine {
	const struct sysroot *root;
	struct memory_map map;
	/*
	 * Memory for segments: RAM in map, and in iomem if iomem is readable.  It has no memory that
	 * iomem lists as reserved or as added by a driver ("System RAM (kmem)").  Unless the request
	 * is a crash load, it has no crash reservations.
	 */
	struct range_set ram;
	/*
	 * Bytes that the running kernel manages at most: its RAM and the memory that drivers added,
	 * without crash reservations.  What it reserved for itself at boot is counted as well.
	 */
	uint64_t managed;
	struct iomem iomem; /* count 0: not readable */
	struct range_set crash; /* "Crash kernel" reservations, at the addresses for booting */
	/*
	 * Areas that the kernel lends out until a panic and that the crash kernel may use then
	 * (crashkernel=SIZE,cma).  Nothing is loaded there, and nothing there is dumped.
	 */
	struct range_set crash_cma;
	struct range_set hidden; /* RAM in iomem that faults when it is read; not dumped */
	/* Memory that the firmware and a starting kernel reach; empty: all. */
	struct range reach;
	const char *reach_why; /* name of that range, for messages; NULL: reach is empty */
	const char *kernel_arch; /* machine_kernel_arch() */
	const char *cmdline; /* of the running kernel, without the final newline; NULL: unknown */
	struct bytes cpuinfo; /* text of /proc/cpuinfo, at least of CPU 0; size 0: not read */
	/*
	 * Xen's control domain: the memory map is the machine's, not the kernel's, and the
	 * hypervisor loads.  Set after machine_read_basics().
	 */
	bool xen;
	bool cpuinfo_unknown; /* /proc/cpuinfo exists, but cannot be read */
	uint32_t ticks_per_ms; /* time stamp counter; 0: unknown */
	const void
		*arch; /* read by the arch's own look, of a type that it defines; NULL: nothing */
};

/* Reads what every load needs: command line and CPU.  Missing files are logged at debug level. */
void machine_read_basics(struct ctx *ctx, const struct sysroot *root, struct machine *machine);

/*
 * Name of the running kernel's arch in /proc/sys/kernel/arch (Linux 6.1); "": unknown.  uname(2)
 * reports the arch that personality(2) has set.
 */
const char *machine_kernel_arch(struct ctx *ctx, const struct sysroot *root);

/*
 * Reads the memory map and the reservations, after machine_read_basics().  A missing or
 * malformed file that has a fallback causes a warning.  -ENODATA with status 255 ("Could not
 * get memory layout"): no usable map.
 */
int machine_read_memory(struct ctx *ctx, const struct request *req,
			const struct machine_source *source, struct machine *machine);

enum kexec_file {
	KEXEC_LOADED,
	KEXEC_CRASH_LOADED,
	KEXEC_CRASH_ELFCOREHDR_SIZE,
	KEXEC_CRASH_CMA_RANGES,
};

/* Name of the kernel's file: the one since Linux 6.19 if it exists alone, else the older one. */
const char *machine_kexec_file(struct ctx *ctx, const struct sysroot *root, enum kexec_file file);

/* Sets machine->crash_cma; empty: no such areas.  A file that cannot be read causes a warning. */
void machine_read_crash_cma(struct ctx *ctx, struct machine *machine);

/*
 * The level at which the running kernel is locked down: "integrity" or "confidentiality".
 * Both allow only signed images.  "unknown": the file cannot be read, or it names no level that
 * kexec knows; the kernel counts as locked down.  NULL: not locked down, or a kernel without
 * lockdown.
 */
const char *machine_lockdown(struct ctx *ctx, const struct sysroot *root);

/* State of the running system that only kexec_file_load passes on to the next kernel. */
struct handover {
	const char *lost[4]; /* with kexec_load; noun phrases for messages, ended by NULL */
	bool preserves; /* a part of it was preserved for the next kernel on purpose (kho=on) */
};

/* After machine_read_basics().  crash: for a crash kernel. */
void machine_read_handover(struct ctx *ctx, const struct machine *machine, bool crash,
			   struct handover *out);

/*
 * True: the firmware starts only signed code, or the variable cannot be read, which causes a
 * warning.  false: Secure Boot is off, or no EFI.
 */
bool machine_secure_boot(struct ctx *ctx, const struct sysroot *root);

/* White space between words: the characters of isspace() in the C locale. */
#define CMDLINE_BLANKS " \t\n\r\v\f"

/*
 * True if a parameter of this name exists, with or without a value.  Words end at white
 * space outside double quotes; words after "--" are for init.  cmdline may be NULL.
 */
bool cmdline_has_param(const char *cmdline, const char *name);

/* The word of that parameter, which ends at cmdline_word_end(); NULL: no such parameter. */
const char *cmdline_find_param(const char *cmdline, const char *name);

/* The end of the word at text: white space outside double quotes, or the final NUL. */
const char *cmdline_word_end(const char *text);

/* Length of the part for the kernel: up to the blanks before the word "--", or all of it. */
size_t cmdline_kernel_part(const char *cmdline);

/*
 * Both command lines as one: the kernel's words of both, then "--" and the words for init of
 * both.  The arena owns it.  NULL: no line; the result is the other one.
 */
const char *cmdline_join(struct arena *arena, const char *first, const char *second);

/*
 * The parts of machine_read_memory().  name: file name for messages.  Malformed lines are
 * skipped, with a warning.  -EINVAL: there is no other line; -EPERM: all addresses are zero, as
 * the kernel shows them to unprivileged readers; -ENODATA: no RAM in the map.
 */
int iomem_parse(struct ctx *ctx, const char *name, struct bytes text, struct iomem *out);
/* "System RAM", or memory that a driver added, like "System RAM (kmem)"; not another address of it. */
bool iomem_is_managed_ram(const char *name);
/* Parses "<hex>-<hex>", the last address included, and moves *text past it. */
bool iomem_parse_range(const char **text, struct range *range);
int memory_map_from_firmware(struct ctx *ctx, const struct sysroot *root, struct memory_map *out);
int memory_map_from_iomem(struct ctx *ctx, const struct iomem *iomem, struct memory_map *out);

const char *memory_type_name(enum memory_type type);

#endif
