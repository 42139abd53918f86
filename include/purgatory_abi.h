/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The binary interface between a loader (kexec, a boot loader, a kernel) and
 * purgatory.  doc/purgatory-abi.md is the manual.  This header has precedence over the
 * manual.
 *
 * A purgatory image starts with struct purgatory_header.  The header contains the
 * offset of one struct purgatory_params, which the loader fills.  A loader writes
 * nothing else in the image and finds nothing by its name.
 *
 * All fields are in the byte order of the image's machine and naturally
 * aligned; every struct has the same layout on 32-bit and 64-bit machines.
 */
#ifndef PURGATORY_ABI_H
#define PURGATORY_ABI_H

/* The next version is needed when a loader for the older version would misread the image. */
#define PURGATORY_ABI_VERSION 3

#define PURGATORY_MAGIC "PurgPIE\n" /* 8 bytes, no NUL */
#define PURGATORY_MAGIC_SIZE 8

/* Offsets inside struct purgatory_header, for assembly. */
#define PURGATORY_HEADER_MAGIC 16
#define PURGATORY_HEADER_SIZE 64
#define PURGATORY_PARAMS_SIZE 2408

/* One region per segment, and the kernel takes 16 segments. */
#define PURGATORY_MAX_REGIONS 16
/* 24 pieces keep 2, 3, 4 or 8 streams of hashing busy, and up to 16 regions are not cut. */
#define PURGATORY_MAX_PIECES 40
#define PURGATORY_NAME_SIZE 24
#define PURGATORY_DIGEST_SIZE 32

/* purgatory_params.flags */
#define PURGATORY_VERIFY 0x1 /* compare the digests of the regions before the jump */
#define PURGATORY_REBOOT 0x2 /* after a failure reset the machine; else halt */
#define PURGATORY_JUMP_BACK 0x4 /* append kexec_jump_back_entry= at cmdline_end */
#define PURGATORY_CONSOLE_VGA 0x8 /* x86: text memory at 0xb8000 */
#define PURGATORY_RESET_VGA 0x10 /* x86: set text mode 3 first */
#define PURGATORY_PORTABLE_HASH 0x20 /* use no CPU extension for SHA-256 */
#define PURGATORY_PLAIN_MEMORY 0x40 /* arm64: leave the MMU and the data cache off */
#define PURGATORY_CPU_HASHES 0x80 /* riscv64: every CPU has Zknh.  Purgatory cannot ask a CPU. */

/* purgatory_params.serial_kind */
#define PURGATORY_SERIAL_NONE 0
#define PURGATORY_SERIAL_8250_IO 1 /* 16550 in I/O space; serial_base is a port */
#define PURGATORY_SERIAL_8250_MMIO 2
#define PURGATORY_SERIAL_PL011 3
#define PURGATORY_SERIAL_HVTERM 4 /* ppc64: the hypervisor's terminal with number serial_base */
#define PURGATORY_SERIAL_SBI 5 /* riscv64: firmware's console */
#define PURGATORY_SERIAL_SCLP 6 /* s390x: the service element's line mode */

/* x86: purgatory_x86_state.mode, the CPU mode in which the next kernel starts */
#define PURGATORY_X86_LONG_MODE 64
#define PURGATORY_X86_PROTECTED_MODE 32
#define PURGATORY_X86_REAL_MODE 16

/* arm, arm64: the instruction that calls firmware for a reset (PSCI SYSTEM_RESET) */
#define PURGATORY_PSCI_NONE 0
#define PURGATORY_PSCI_HVC 1
#define PURGATORY_PSCI_SMC 2

/*
 * ppc64: the running kernel copies the first PURGATORY_PPC64_HEAD bytes of the image to
 * physical address 0, where the other CPUs continue.  These bytes contain the header.  A
 * loader reads the header, and then replaces these bytes, except for the first
 * PURGATORY_PPC64_BRANCH, by the first bytes of the next kernel.
 */
#define PURGATORY_PPC64_HEAD 256
#define PURGATORY_PPC64_BRANCH 4

#ifndef __ASSEMBLER__

#include <stdint.h>

struct purgatory_header {
	uint8_t entry[16]; /* a branch to the entry code: offset 0 is the entry point */
	char magic[PURGATORY_MAGIC_SIZE];
	uint16_t abi_version;
	uint16_t header_size;
	uint16_t machine; /* ELF e_machine */
	uint16_t align_log2; /* the image runs at multiples of 1 << align_log2 */
	uint32_t image_size; /* bytes of the image, this header included */
	uint32_t memory_size; /* bytes that purgatory uses at run time: image, bss, stack */
	uint32_t params_offset; /* of struct purgatory_params, from offset 0 */
	uint32_t params_size;
	uint64_t applied_bias; /* bias that the image's words are relocated by; 0: not relocated */
	uint64_t reserved;
};

/*
 * The bytes in [start, start + size).  They are hashed in pieces of piece_size bytes, except that
 * the last piece may be shorter.  Regions do not overlap.
 */
struct purgatory_region {
	uint64_t start;
	uint64_t size; /* not 0 */
	uint64_t piece_size; /* not 0 */
	char name[PURGATORY_NAME_SIZE]; /* NUL-terminated, for messages */
};

/* After verification, before the jump: move [source, source + size) to destination. */
struct purgatory_copy {
	uint64_t source;
	uint64_t destination;
	uint64_t size;
};

/* Registers in hardware encoding order: rax rcx rdx rbx rsp rbp rsi rdi r8..r15. */
struct purgatory_x86_state {
	uint64_t reg[16];
	uint64_t ip;
	uint32_t mode;
	uint16_t segment[6]; /* real mode: es cs ss ds fs gs */
};

/* Linux: arch/arm64/booting.rst */
struct purgatory_arm64_state {
	uint64_t x[4]; /* x0: device tree */
	uint64_t pc;
	uint64_t psci; /* PURGATORY_PSCI_* */
};

/* Linux: arch/arm/booting.rst */
struct purgatory_arm_state {
	uint64_t r[3]; /* r0 is 0, r1 the machine type, r2 the device tree or tag list */
	uint64_t pc;
	uint64_t keep; /* bit n: rn keeps its value of purgatory's entry instead of r[n] */
	uint64_t psci; /* PURGATORY_PSCI_* */
};

/* Linux: arch/powerpc/booting.rst; the kernel starts in big-endian real mode. */
struct purgatory_ppc64_state {
	uint64_t r[7]; /* r3 to r9: device tree, kernel, 0, 0, 0, OPAL's base and entry */
	uint64_t pc;
	uint64_t tree; /* purgatory sets its boot_cpuid_phys to the number of its CPU; 0: no tree */
	uint64_t word_address; /* address of 4 bytes to write before the jump; 0: no such word */
	uint64_t word; /* the bytes, the first in bits 24..31 */
	uint64_t rtas_entry; /* 0: no RTAS */
	uint64_t rtas_base;
	uint64_t rtas_reboot; /* the token of system-reboot */
};

/* Linux: arch/riscv/boot.rst */
struct purgatory_riscv64_state {
	/* a1: device tree; a[0] is ignored: a0 contains the hart id, as at the entry */
	uint64_t a[4];
	uint64_t pc;
};

/*
 * A crash kernel is loaded at crash_base plus its run-time addresses.  Purgatory exchanges the
 * kernel with the memory at the run-time addresses.  Purgatory itself lies between
 * crash_base + 0x2000 and crash_base + 0xffff.
 */
struct purgatory_s390x_state {
	uint64_t psw_mask;
	uint64_t pc;
	uint64_t crash_base;
	uint64_t crash_size; /* 0: no crash kernel, nothing is exchanged */
};

/* Linux: arch/loongarch/booting.rst */
struct purgatory_loongarch64_state {
	uint64_t a[3]; /* a0: booted by EFI, a1: command line, a2: EFI system table */
	uint64_t pc; /* a virtual address: in a window of the running kernel */
	uint64_t keep; /* bit n: a[n] is ignored, and the register keeps its value of the entry */
	uint64_t reset_address; /* physical address of a register whose write resets; 0: none */
	uint64_t reset_value; /* the value to write there */
	uint64_t reset_size; /* size of the register in bytes: 1, 2, 4 or 8 */
};

#define PURGATORY_X86_RSP 4
#define PURGATORY_X86_RSI 6
#define PURGATORY_X86_RDI 7

struct purgatory_params {
	uint32_t flags;
	uint32_t region_count;
	uint32_t piece_count; /* of all regions */
	uint32_t reserved;
	struct purgatory_region region[PURGATORY_MAX_REGIONS];
	struct purgatory_copy copy; /* size 0: nothing to copy */
	uint64_t cmdline_end; /* address of the command line's NUL; 0: no command line */
	uint64_t serial_base; /* port or physical address */
	uint32_t serial_kind;
	uint32_t serial_baud; /* 0: the divisor is not changed */
	uint32_t serial_shift; /* MMIO: log2 of the distance between registers */
	uint32_t ticks_per_ms; /* rate of the CPU's counter; 0: unknown */
	union {
		struct purgatory_x86_state x86;
		struct purgatory_arm64_state arm64;
		struct purgatory_arm_state arm;
		struct purgatory_ppc64_state ppc64;
		struct purgatory_riscv64_state riscv64;
		struct purgatory_s390x_state s390x;
		struct purgatory_loongarch64_state loongarch64;
		uint64_t words[32]; /* all states but x86 consist of 64-bit words */
	} cpu;
	/* SHA-256 of each piece: those of the first region, of the second, and so on. */
	uint8_t piece_digest[PURGATORY_MAX_PIECES][PURGATORY_DIGEST_SIZE];
	/* SHA-256 of the image's image_size bytes as loaded, with zeros in this field. */
	uint8_t digest[PURGATORY_DIGEST_SIZE];
};

/* A negative size stops a compiler of another layout: C99 has no _Static_assert, C++ another name. */
#define PURGATORY_LAYOUT(type, size)                                                               \
	typedef char type##_size[sizeof(struct type) == (size) ? 1 : -1]
PURGATORY_LAYOUT(purgatory_header, PURGATORY_HEADER_SIZE);
PURGATORY_LAYOUT(purgatory_region, 48);
PURGATORY_LAYOUT(purgatory_x86_state, 152);
PURGATORY_LAYOUT(purgatory_params, PURGATORY_PARAMS_SIZE);

#endif /* __ASSEMBLER__ */
#endif
