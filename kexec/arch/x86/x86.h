/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the image types of x86: boot_params, and starting Linux. */
#ifndef ARCH_X86_X86_H
#define ARCH_X86_X86_H

#include "arch/arch.h"
#include "bzimage.h"
#include "boot/boot.h"
#include "core/kexec_flags.h"
#include "image/elf_kernel.h"
#include "plan/next_cmdline.h"
#include "x86_machine.h"

#define X86_PAGE_SIZE 4096
#define PURGATORY_X86_RBX 3
#define X86_LOWEST 0x3000 /* firmware keeps data in the pages below */

/*
 * The block is one segment: zero page, command line, slack for purgatory's
 * jump-back word, setup_data nodes, EFI memory map.  The first two members describe
 * the block; the others are offsets in it, 0: no such part.
 */
struct boot_params {
	uint8_t *data;
	size_t size;
	size_t cmdline;
	size_t cmdline_end; /* offset of the NUL */
	size_t setup_data; /* first node; next is an offset, too, until the block has an address */
	size_t efi_map;
};

/* A kernel that takes boot_params. */
struct linux_kernel {
	struct bytes setup_header; /* from 0x1f1 on, in the form for the next kernel */
	uint32_t cmdline_size; /* characters, without the NUL */
	bool takes_efi; /* understands SETUP_EFI */
	uint64_t entry; /* physical */
	unsigned int mode; /* PURGATORY_X86_*_MODE, in which the kernel is entered */
	bool has_64bit; /* a 64-bit kernel, even if it is entered in another mode */
	bool fixed; /* cannot be moved, and the memory that it needs is unknown */
	uint64_t initrd_end; /* the initrd lies below this address */
};

/*
 * Builds the block from the facts in load, without addresses.  map: the next kernel's memory.
 * With --dry-run the random seed is zeros, so that digests in printed plans depend on the
 * input alone.
 */
void boot_params_build(struct ctx *ctx, const struct load *load, const struct linux_kernel *kernel,
		       const struct memory_map *map, const char *cmdline, struct boot_params *bp);

/* Fills in addresses, once: the block's own, and the initrd's bytes ({ 0, 0 }: no initrd). */
void boot_params_set_addresses(struct boot_params *bp, uint64_t address, struct range initrd);

/* Appends size zero bytes at a multiple of align and returns their offset. */
size_t boot_params_append(struct ctx *ctx, struct boot_params *bp, size_t size, size_t align);

/* Puts a node in front of the setup_data list; returns the offset of its data. */
size_t setup_data_add(struct ctx *ctx, struct boot_params *bp, uint32_t type, size_t size);

/* Writes the memory map into the zero page, and entries beyond BP_E820_MAX into setup_data. */
void e820_fill(struct ctx *ctx, const struct memory_map *map, struct boot_params *bp);
/* Adds the EFI tables and runtime map, unless they are missing, unwanted or not supported. */
void efi_fill(struct ctx *ctx, const struct request *req, const struct machine_x86 *x86,
	      bool takes_efi, struct boot_params *bp);

#define EFI_DESCRIPTOR_SIZE 40 /* of version 1; x86_read_efi() rejects other versions */
#define EFI_DESCRIPTOR_VERSION 1
/* Writes an entry of EFI's memory map (UEFI: GetMemoryMap()), except for 4 zero bytes. */
void efi_write_descriptor(uint8_t *out, const struct efi_runtime_region *region);

/* The block of ELF boot notes; the arena owns it. */
struct bytes elf_notes_build(struct ctx *ctx, const char *cmdline);

/*
 * Sets purgatory's work on x86: jump to boot->entry in the mode (PURGATORY_X86_*_MODE) with
 * registers of 0, and purgatory's own stack.  Returns the CPU state, for the registers that are
 * not 0.
 */
struct purgatory_x86_state *x86_enter(const struct load *load, const struct boot *boot,
				      unsigned int mode, struct plan *plan);

/* Limits every segment that is placed from here on to memory below 4 GiB. */
void x86_reach_4g(struct plan *plan);

/* write_cpu() of struct arch: registers have 64 bits, mode has 32, segments have 16. */
void x86_write_cpu(uint8_t *out, const struct purgatory_params *params);

/* way_back() of struct arch.  -EINVAL: no 64-bit kernel can continue at this entry. */
int x86_64_way_back(struct ctx *ctx, const struct machine *machine, uint64_t entry,
		    uint64_t address, struct bytes *out);

/* Limits boot data and purgatory to memory above the first pages, which firmware keeps. */
void x86_limit_places(struct boot *boot, const char *why_data);

#define LOW_640K 0xa0000
#define X86_LOW_MEMORY_END 0x38000000ull /* a 32-bit kernel maps the first 896 MiB of memory */
/* Limits a placement to memory below 640 KiB. */
void x86_limit_low(struct placement *placement, const char *why);

/* Fields of struct kdump_arch */
#define X86_BACKUP_LIMIT LOW_640K /* other CPUs start below */
/* Linux 6.6 and later accept this flag.  The flag of the other arches needs Linux 6.10. */
#define X86_HOTPLUG_FLAG KEXEC_UPDATE_ELFCOREHDR

/* Limits the initrd to [16 MiB, end). */
void x86_limit_initrd(struct boot *boot, uint64_t end);

/*
 * Refuses a crash kernel that cannot be moved and lies outside the reservation: adds a hint to
 * the error.  Returns -EADDRINUSE.  -EADDRNOTAVAIL would suggest a larger reservation, which
 * does not help.
 */
int x86_refuse_fixed(struct ctx *ctx, const char *what_helps);

/*
 * For programs other than Linux: refuses a crash load, a device tree, and a load that returns and
 * finds the address on the command line.
 */
int x86_check_not_linux(struct ctx *ctx, const struct load *load);

/*
 * Refuses a load that has to return if the program's word size is not that of the running kernel:
 * program and kernel jump in the mode in which they were entered.
 */
int x86_check_way_back(struct ctx *ctx, const struct load *load, unsigned int bits);

/* -ENOTSUP: there is a device tree, and the kernel's boot protocol cannot pass it. */
int x86_check_protocol_for_tree(struct ctx *ctx, const struct load *load, uint16_t protocol);

/*
 * Adds the segments of an ELF program.  A relocatable program whose addresses are not free, or not
 * inside the limits of window, is moved into window.  *bias: the distance, modulo 2^64.
 */
int x86_place_elf(struct ctx *ctx, const struct load *load, const struct elf_kernel *elf,
		  const struct placement *window, struct plan *plan, uint64_t *bias);

/* Is the physical address in a loadable segment's part of the file? */
bool x86_elf_contains(const struct elf_kernel *elf, uint64_t address);

/* Finds the PVH entry, a physical address.  false: no PVH entry, or outside the segments. */
bool pvh_entry(const struct elf_kernel *elf, uint64_t *entry);

/* Adds all but the program's own segments.  entry: its address after a move. */
int pvh_plan(struct ctx *ctx, const struct load *load, uint64_t entry, struct plan *plan);

/* Adds all but the kernel's own segments: core header, initrd, boot_params, purgatory's work. */
int x86_plan_boot(struct ctx *ctx, const struct load *load, const struct linux_kernel *kernel,
		  struct plan *plan);

/* x86_plan_boot() for the 16-bit entry: setup code and command line replace boot_params. */
int real_mode_plan(struct ctx *ctx, const struct load *load, const struct bzimage *bz,
		   const struct linux_kernel *kernel, struct plan *plan);

/* Warns if EFI started the machine: code in real mode needs a BIOS. */
void x86_warn_of_efi(struct ctx *ctx, const struct load *load);

/* --- baked images --- */

extern const struct bake_arch x86_64_bake;

/* A part of x86_look().  -ENOTSUP: a kernel or an option that does not go with --bake. */
int x86_look_for_bake(struct ctx *ctx, const struct load *load);

/* *align: of the kernel.  -ENOTSUP: the kernel is of a kind that cannot be baked. */
int bzimage_bake_kernel(struct ctx *ctx, const struct load *load, const struct bzimage *bz,
			uint32_t *align);

/* Adds the part with the kernel's setup header. */
int bzimage_bake_header(struct ctx *ctx, struct bytes header, struct plan *plan);

/* Zeros where the start code makes boot_params. */
struct bytes x86_bake_room(struct ctx *ctx);

/* Members of struct image_type (arch.h). */
bool elf64_probe(struct bytes bytes);
bool elf32_probe(struct bytes bytes);
int elf_plan(struct ctx *ctx, const struct load *load, struct plan *plan);
int bzimage_file_check(struct bytes bytes, uint64_t *cmdline_size, struct err *err);
int bzimage_plan(struct ctx *ctx, const struct load *load, struct plan *plan);

#endif
