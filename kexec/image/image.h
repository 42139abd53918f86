/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel file, peeled: containers and compression are taken off in a loop
 * until a kernel is left.  One file per format; parsers are pure functions over
 * bytes.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/file.h"
#include "core/range.h"
#include "elf/elf_file.h"

#define IMAGE_MAX_LAYERS 4

struct image {
	const char *name; /* of the file, for messages */
	struct bytes bytes; /* the innermost: what the type's probe sees */
	const char *layer[IMAGE_MAX_LAYERS]; /* containers taken off, outermost first */
	size_t layers;
	const char *version; /* of the kernel, if it says; NULL */
	uint8_t uimage_machine; /* UIMAGE_* that a uImage was made for; 0: it was in none */
	/* What a container brings along, for loads that ask for nothing else; size 0: it does not. */
	struct bytes ucode; /* an initrd that goes before any other */
	struct bytes initrd;
	struct bytes dtb;
	const char *cmdline; /* NULL: none */
	/* Set once the initrds asked for are open: initrd holds them, all of them. */
	const char *initrd_name;
};

/*
 * Opens and peels.  limit: more decompressed bytes than this are refused (the
 * machine's RAM).  A damaged container is an error, never taken for a kernel.
 */
int image_open(struct ctx *ctx, const char *name, uint64_t limit, struct file *file,
	       struct image *image);

/* The peeling alone, for tests and fuzzers. */
int image_peel(struct ctx *ctx, const char *name, struct bytes bytes, uint64_t limit,
	       struct image *image);

/* Was it inside a container of this name, such as "uki"? */
bool image_was_in(const struct image *image, const char *layer);

/* EFI zboot: a compressed kernel in a PE file (Linux: libstub/zboot-header.S). */
struct zboot {
	uint32_t offset; /* of the payload */
	struct bytes payload;
	char compression[33]; /* as the header calls it: "gzip", "zstd22", "xzkern"; untrusted */
};

/* MZ and zimg: cheap, no error. */
bool zboot_probe(struct bytes bytes);
/* -ENOEXEC where the payload is not in the file. */
int zboot_parse(struct bytes bytes, struct zboot *out, struct err *err);

/* What mkimage makes for U-Boot: a kernel behind a header with checksums. */
struct uimage {
	struct bytes data;
	uint8_t machine; /* UIMAGE_* */
	const char *compression; /* "none", "gzip", ...; NULL: a number that nobody uses */
};

#define UIMAGE_ARM 2
#define UIMAGE_ARM64 22
#define UIMAGE_PPC 7
#define UIMAGE_RISCV 26

/* The magic number: cheap, no error. */
bool uimage_probe(struct bytes bytes);
/* -ENOEXEC: a wrong checksum, data not in the file, no Linux kernel. */
int uimage_parse(struct bytes bytes, struct uimage *out, struct err *err);

/*
 * A unified kernel image: what its sections hold, size 0 where there is no such
 * section.  Of a UKI with profiles it is the first profile, as it boots by default.
 */
struct uki {
	struct bytes kernel; /* .linux */
	struct bytes initrd;
	struct bytes ucode;
	struct bytes cmdline;
	struct bytes dtb; /* the first, if there are more */
	struct bytes uname;
};

/*
 * 1: a UKI.  0: another PE file, such as a kernel that UEFI can start.  -ENOEXEC:
 * damaged headers, or a section that is not in the file.
 */
int uki_parse(struct bytes bytes, struct uki *out, struct err *err);

/* An Android boot image: what its header tells of; size 0 where there is no such part. */
struct android_image {
	struct bytes kernel;
	struct bytes ramdisk;
	struct bytes dtb;
	struct bytes cmdline[2]; /* one text in two fields, each up to a NUL or its end */
};

/* ANDROID!: cheap, no error. */
bool android_probe(struct bytes bytes);
/* -ENOEXEC: no kernel, an impossible page size, a part that is not in the file. */
int android_parse(struct bytes bytes, struct android_image *out, struct err *err);

/* bzImage: the setup header, checked against the file (kernel: x86/boot.rst). */
struct bzimage {
	struct bytes setup_header; /* file bytes from 0x1f1 to the header's end */
	struct bytes kernel; /* the protected-mode part, and a signature if there is one */
	uint16_t protocol; /* 0x020f is 2.15 */
	uint16_t xloadflags;
	bool relocatable;
	uint32_t setup_size; /* bytes of the real-mode part, boot sector included */
	/* Powers of two, at least a page; a page if the kernel is not relocatable. */
	uint32_t kernel_alignment;
	uint8_t min_alignment; /* log2 */
	uint32_t cmdline_size; /* characters, without the NUL */
	uint64_t pref_address; /* 0x100000 if the kernel has no preference */
	uint32_t init_size; /* at least kernel.size */
	const char *version; /* kernel's version string inside the file, or NULL */
	size_t version_size;
};

/* HdrS, 0xAA55, protocol >= 2.00, LOADED_HIGH: cheap, no error. */
bool bzimage_probe(struct bytes bytes);
/* The above and a 64-bit entry (protocol >= 2.12, xloadflags bits 0 and 1). */
bool bzimage64_probe(struct bytes bytes);
/* Every field checked; -ENOEXEC with the numbers for a truncated or inconsistent file. */
int bzimage_parse(struct bytes bytes, struct bzimage *out, struct err *err);

/* arm64's and riscv's Image: its header, checked against the file. */
struct linux_image {
	struct bytes kernel; /* without a signature that does not fit into its memory */
	uint64_t text_offset; /* distance of the image from a multiple of LINUX_IMAGE_ALIGN */
	uint64_t image_size; /* bytes of memory, at least kernel.size */
	uint64_t flags; /* LINUX_IMAGE_BIG_ENDIAN, ARM64_IMAGE_* */
	bool sized; /* false: the header is of Linux before 3.17, the numbers are by rule of thumb */
};

#define LINUX_IMAGE_ALIGN (2u << 20)
#define LINUX_IMAGE_BIG_ENDIAN 0x1
#define ARM64_IMAGE_ANYWHERE 0x8 /* also uses memory below itself */
/* 0: not told, 1: 4 KiB, 2: 16 KiB, 3: 64 KiB */
#define ARM64_IMAGE_PAGE_SIZE(flags) ((unsigned int)((flags) >> 1 & 3))

/* "ARM\x64", "RSC\x05" in its place: cheap, no error. */
bool arm64_image_probe(struct bytes bytes);
bool riscv_image_probe(struct bytes bytes);
/* -ENOEXEC with the numbers where the header contradicts the file or itself. */
int arm64_image_parse(struct bytes bytes, struct linux_image *out, struct err *err);
int riscv_image_parse(struct bytes bytes, struct linux_image *out, struct err *err);

/*
 * The bytes of an ELF file's PT_LOADs, each as far from the first byte as its address, the
 * physical or the virtual one, is from extent.start; zeros between, up to the last that the
 * file has.  The caller has checked that each lies in extent and in the file.  -ENOMEM.
 */
int image_lay_out(struct ctx *ctx, const struct elf_file *elf, struct range extent, bool physical,
		  struct bytes *out);

/*
 * The Image that objcopy would make of an ELF kernel whose entry is the Image header: the
 * bytes of its loadable segments, by virtual address, from the entry on.  -ENOEXEC: the
 * probe does not accept what is there.
 */
int image_flatten(struct ctx *ctx, struct bytes vmlinux, bool (*probe)(struct bytes),
		  struct bytes *out);

/* arm's zImage: the header, checked against the file (Linux: arch/arm/booting.rst). */
struct zimage {
	struct bytes kernel; /* what decompresses itself */
	struct bytes appended; /* what the file has behind it: a device tree, or anything */
	bool big_endian;
	bool sized; /* false: the kernel does not tell the next two */
	uint64_t kernel_size; /* decompressed, bytes in memory */
	uint64_t bss_size; /* behind them */
	uint64_t text_offset; /* of the decompressed kernel from the start of memory */
	uint64_t work_size; /* stack and heap behind the zImage while it decompresses */
};

/* The magic number: cheap, no error. */
bool zimage_probe(struct bytes bytes);
/* -ENOEXEC with the numbers: shorter than it says, or a table that is not in it. */
int zimage_parse(struct bytes bytes, struct zimage *out, struct err *err);

/*
 * s390's image: memory from address 0 on.  What lies below S390_IMAGE_START is for other
 * ways to boot (Linux: arch/s390/boot/head.S, include/asm/setup.h).
 */
struct s390_image {
	struct bytes kernel; /* from address 0 on, without a signature behind it */
	struct bytes own_cmdline; /* text that it takes where it is given none; may be empty */
	uint64_t cmdline_size; /* characters that it has room for, without the NUL */
	bool marked; /* false: no S390EP, Linux before 3.2 or no kernel at all */
	bool kdump_entry; /* at S390_IMAGE_KDUMP_ENTRY */
	struct bytes version; /* text; empty: it does not say */
};

#define S390_IMAGE_START 0x10000 /* where it is entered */
#define S390_IMAGE_KDUMP_ENTRY 0x10010
/* Where it finds its parameters; 64-bit big-endian numbers. */
#define S390_INITRD_START 0x10408
#define S390_INITRD_SIZE 0x10410
#define S390_OLDMEM_BASE 0x10418
#define S390_OLDMEM_SIZE 0x10420
#define S390_COMMAND_LINE 0x10480

/* "S390EP" in its place: cheap, no error. */
bool s390_image_probe(struct bytes bytes);
/* Might it be one of a time before that mark?  Nearly anything might. */
bool s390_image_old_probe(struct bytes bytes);
/* -ENOEXEC with the numbers: cut short, or fields that the file contradicts. */
int s390_image_parse(struct bytes bytes, struct s390_image *out, struct err *err);

/*
 * PowerPC's zImage, an ELF program that unpacks itself (Linux: arch/powerpc/bootwrapper.rst).
 * 1: one, and what its sections hold, perhaps no initrd.  0: another file.  -ENOEXEC: damaged.
 */
int ppc_zimage_parse(struct bytes bytes, struct bytes *kernel, struct bytes *initrd,
		     struct err *err);

/* An ELF kernel: executable, PT_LOADs by physical address. */
struct elf_kernel {
	struct elf_file elf;
	struct range physical; /* from the lowest p_paddr to the highest end */
	uint64_t align; /* largest p_align of the PT_LOADs, at least a page */
	bool relocatable; /* ET_DYN */
	uint64_t entry_physical; /* e_entry as a physical address */
	bool is_linux; /* has a Linux note or version string: speaks boot_params */
	const char *version; /* "Linux version ..." text, NULL */
	size_t version_size;
};

/* Is this an ELF file for the machine?  Cheap; whether it can be a kernel, elf_kernel_parse() says. */
bool elf_kernel_probe(struct bytes bytes, uint16_t machine);
/*
 * -ENOEXEC for what cannot be loaded: no PT_LOAD or more than
 * ELF_KERNEL_MAX_LOADS, a physical address that is not page aligned, segments
 * that overlap, an entry in none of them, PT_INTERP.
 */
int elf_kernel_parse(struct bytes bytes, struct elf_kernel *out, struct err *err);

/* -ENOEXEC for ELF files that no kernel is: objects, core dumps, programs. */
int elf_kernel_check_type(const struct elf_file *elf, struct err *err);

#define ELF_KERNEL_MAX_LOADS 64

/*
 * Finds the text that every Linux kernel has in itself, "Linux version 6.1.0
 * (...", up to its newline; it lies in bytes.
 */
bool linux_banner(struct bytes bytes, const char **text, size_t *size);

#define LINUX_BANNER "Linux version "
#define LINUX_BANNER_MAX 512

#endif
