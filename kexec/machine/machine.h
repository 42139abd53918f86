/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot of what every load reads of the running system, taken once through the
 * root directory of the request.  What some loads need besides is read later, by
 * functions that are given the same root.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/file.h"
#include "core/range.h"
#include "core/request.h"

/* From the least to the most restrictive: of two that claim one byte the later holds. */
enum memory_type {
	MEMORY_RAM,
	MEMORY_SOFT_RESERVED,
	MEMORY_PRAM, /* persistent memory, legacy */
	MEMORY_PMEM,
	MEMORY_ACPI,
	MEMORY_ACPI_NVS,
	MEMORY_OTHER, /* named by the firmware, unknown to us: reserved */
	MEMORY_RESERVED,
	MEMORY_UNUSABLE,
};

struct memory_entry {
	struct range range;
	enum memory_type type;
};

/* Sorted by start, entries do not overlap. */
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
	uint32_t number; /* Linux's */
	uint32_t hardware; /* as the device tree has it */
};

/* What tells memory, where more than one does. */
enum memory_source {
	MEMORY_FROM_IOMEM,
	/* /sys/firmware/memmap, but iomem for a crash load. */
	MEMORY_FROM_FIRMWARE,
	/* The device tree (ppc64), as if iomem had told it. */
	MEMORY_FROM_DEVICE_TREE,
};

struct machine {
	const struct sysroot *root;
	struct memory_map map;
	/*
	 * Where segments may go: the RAM of map, without what iomem calls reserved or
	 * brought by a driver ("System RAM (kmem)") and, unless the request is a crash
	 * load, without the crash reservations.
	 */
	struct range_set ram;
	struct iomem iomem; /* count 0: not readable */
	struct range_set crash; /* "Crash kernel" reservations, at the addresses for booting */
	struct range_set hidden; /* RAM by iomem, but reading it is a fault; not worth a dump */
	struct range initrd; /* the running kernel's, if it is to be kept; else empty */
	const char *cmdline; /* of the running kernel, without newline; NULL */
	struct bytes cpuinfo; /* text of /proc/cpuinfo, CPU 0 at least; size 0: not readable */
	uint32_t ticks_per_ms; /* time stamp counter; 0: unknown */
	/* Only what the arch asked for; else NULL. */
	struct machine_x86 *x86;
	struct machine_ppc64 *ppc64;
};

/* One entry of /sys/firmware/efi/runtime-map. */
struct efi_runtime_region {
	uint32_t type;
	uint64_t phys_addr;
	uint64_t virt_addr;
	uint64_t num_pages;
	uint64_t attribute;
};

#define EDD_MAX_DRIVES 6
#define EDD_MAX_SIGNATURES 16
#define EDD_RECORD_SIZE 82

struct machine_x86 {
	/* The running kernel's boot_params; size 0 or 4096. */
	struct bytes boot_params;

	/* EFI; efi_present is false when anything needed is missing. */
	bool efi_present;
	uint64_t efi_fw_vendor;
	uint64_t efi_runtime;
	uint64_t efi_config_table;
	uint64_t efi_smbios;
	struct efi_runtime_region *efi_map;
	size_t efi_map_count;

	uint64_t acpi_rsdp; /* 0: unknown */

	/* EDD records as boot_params wants them. */
	uint8_t edd[EDD_MAX_DRIVES][EDD_RECORD_SIZE];
	size_t edd_count;
	uint32_t edd_signature[EDD_MAX_SIGNATURES];
	size_t edd_signature_count;

	/* struct screen_info for the next kernel; all zero: there is no screen. */
	uint8_t screen_info[64];

	bool la57; /* the running kernel uses 5-level paging */
	bool sha_instructions; /* the CPU has those that purgatory hashes with */
};

/*
 * Reads memory map, iomem, command line.  Missing or malformed files that the
 * load cannot do without are errors; the rest are warnings or debug lines.
 * "Could not get memory layout" (status 255) when there is no usable map.
 */
int machine_read(struct ctx *ctx, const struct request *req, const struct sysroot *root,
		 enum memory_source source, struct machine *machine);

/*
 * Fills machine->x86: boot_params, EFI, RSDP, EDD, screen, paging.  -ENOTSUP where
 * the kernel is not the one that owns the machine (Xen).
 */
int machine_read_x86(struct ctx *ctx, const struct request *req, struct machine *machine);

/*
 * Takes what /sys/devices/system/memory calls offline out of machine->ram: on s390x
 * /proc/iomem keeps it.  Nothing where the kernel does not tell; -EINVAL: malformed.
 */
int machine_read_offline(struct ctx *ctx, struct machine *machine);

/*
 * The level at which the running kernel is locked down, "integrity" or
 * "confidentiality", which both allow signed images only; NULL: it is not, or does not tell.
 */
const char *machine_lockdown(struct ctx *ctx, const struct sysroot *root);

/* Does firmware start signed code only?  false where there is no EFI, or it does not tell. */
bool machine_secure_boot(struct ctx *ctx, const struct sysroot *root);

/* Bytes in a page of the running kernel, of 64 bits and little endian; 0: it does not tell. */
uint64_t machine_page_size(struct ctx *ctx, const struct sysroot *root);

/*
 * How ACPI says firmware is called (the FADT's ARM_BOOT_ARCH): PURGATORY_PSCI_*;
 * PURGATORY_PSCI_NONE where it does not.
 */
unsigned int machine_acpi_psci(struct ctx *ctx, const struct sysroot *root);

/* The white space between words, as isspace() has it in the C locale. */
#define CMDLINE_BLANKS " \t\n\r\v\f"

/*
 * Is there a parameter of this name, with or without a value?  Words end at white
 * space outside double quotes; behind "--" they are for init.  cmdline may be NULL.
 */
bool cmdline_has_param(const char *cmdline, const char *name);

/* The word with it, which ends at cmdline_word_end(); NULL: there is none. */
const char *cmdline_find_param(const char *cmdline, const char *name);

/* Where the word that text starts with ends: at white space outside double quotes. */
const char *cmdline_word_end(const char *text);

/*
 * The parts of machine_read(), pure over their text; names are for messages.
 * Malformed text: -EINVAL with the line.  -EPERM: only zeros, as the kernel shows to
 * all but root.  No RAM in a map: -ENODATA.
 */
int iomem_parse(struct ctx *ctx, const char *name, struct bytes text, struct iomem *out);
int memory_map_from_firmware(struct ctx *ctx, const struct sysroot *root, struct memory_map *out);
int memory_map_from_iomem(struct ctx *ctx, const struct iomem *iomem, struct memory_map *out);

const char *memory_type_name(enum memory_type type);

#endif
