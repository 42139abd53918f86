/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The common part of the test guests of all arches: places an image with its parameters,
 * enters it, compares the result, and reports.  Physical and virtual addresses are equal.
 */
#ifndef GUEST_COMMON_H
#define GUEST_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "purgatory_abi.h"
#include "sha256.h"

#define DATA_A_SIZE 70001ul
#define DATA_B_SIZE 64ul
#define HANDS_OVER "verifies and hands over the state that was asked for"

/* The word at CONFIG_ADDRESS, which the host writes. */
#define CONFIG_TEST 0xff /* 0: all tests that come back; else enum terminal */
#define CONFIG_LITTLE_MEMORY 0x100 /* the machine has less than LITTLE_MEMORY bytes */
#ifndef LITTLE_MEMORY
#define LITTLE_MEMORY UINT64_MAX
#endif
/* Registers 1 to 3 after a run, of a 16550 in memory of 0x60 bytes. */
#ifndef FIRST_REGISTERS
#define FIRST_REGISTERS 0x60606000
#endif

/* A purgatory image, already relocated to `address`; 0: it runs anywhere. */
struct image {
	const char *name;
	const uint8_t *start, *end;
	uintptr_t address;
};

extern const struct image images[], images_end[];

/*
 * Provided by each arch, besides the addresses DATA_A, DATA_B, SCRATCH and UNMAPPED, and
 * CONSOLES, the set of memory-mapped serial kinds that its purgatory can write to.
 */

/* Called first.  Sets registers as a kernel that has ended may leave them. */
void prepare_machine(void);

/* Sets the parameters that depend on the arch: console and CPU state. */
void set_params(void);

/* Enters the image that was loaded. */
void enter_purgatory(void);

/* Enters the image that was loaded and checks the state that the payload was given. */
void run(void);

/* Runs all tests that come back. */
void test_machine(void);

/* Changes the loaded image for a terminal test of this arch. */
void spoil_machine(unsigned int test);

/* Writes to the report, with "\n" at the end of each line. */
void say(const char *s);

_Noreturn void power_off(void);

/*
 * Common to all arches.
 */

/* Addresses at which images are placed.  Every test can run at the first. */
extern const uint64_t places[];
extern uint64_t memory_end; /* LITTLE_MEMORY, or UINT64_MAX: all memory that tests use exists */
extern const struct image *image; /* under test */
extern uint64_t base; /* address of the image under test */
extern struct purgatory_params *params; /* in the image under test, in its byte order */
extern bool swapped; /* the image's byte order is not the guest's */
extern const char *mode; /* of the machine, printed by result(), begins with ", "; or "" */

/* Called by start.S. */
void main(void);

/* Called by the guest's exception vectors, with the registers that describe the exception. */
void guest_fault(uintptr_t a, uintptr_t b, uintptr_t c);

/* Convert to and from purgatory's byte order. */
uint32_t own32(uint32_t value);
uint64_t own64(uint64_t value);

/* A pointer that the compiler must not reason about: address 0 may be memory. */
void *at(uint64_t address);

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
bool same(const void *a, const void *b, size_t size);

/* Prints as many digits as an address has. */
void say_hex(uint64_t value);

/* Record a failure of the current test, with both numbers. */
void expect(bool good, const char *what, uint64_t got, uint64_t wanted);
void expect_equal(const char *what, uint64_t got, uint64_t wanted);

/* Ends a test: prints one line, "ok" if no check has failed since the last line. */
void result(const char *name);

/* Fills memory with bytes that depend on the seed alone. */
void fill(uint64_t address, uint64_t size, uint32_t seed);

void digest_of(uint64_t start, uint64_t size, uint8_t digest[SHA256_SIZE]);

/* Copies the image to memory full of garbage; sets image, base, swapped and params. */
void put_image(const struct image *which, uint64_t address);

/* Moves the image with its memory as it now is to a place where it does not overlap itself. */
void move_image(uint64_t address);

/* put_image(), with two regions and parameters that suit most tests. */
void load(const struct image *which, uint64_t address);
void load_first(void);

/* Adds a region to params, with the digests of its present content, as one piece or several. */
void add_region(uint64_t start, uint64_t size, const char *name);
void add_cut_region(uint64_t start, uint64_t size, uint64_t piece_size, const char *name);
void remove_regions(void);

/*
 * Writes the image's own digest, once after it was put into memory: entering it again must
 * find it unchanged.  unseal() comes after a change of params between two entries.
 */
void seal(void);
void unseal(void);

/* Expects every region to have the content that add_region() found. */
void expect_intact(void);

/* Calls test() for each image at each place where it can run. */
void at_places(void (*test)(const struct image *which, uint64_t place));

void test_place(const struct image *which, uint64_t place);

/* Options, consoles and copies. */
void test_common(void);

/* Purgatory copies; the ranges and the byte after the destination are outside the image. */
void test_copy(uint64_t source, uint64_t destination, uint64_t size);

/*
 * Terminal tests, from which purgatory does not come back.  The host knows the numbers,
 * and adds those that only one arch has, from FIRST_OF_ARCH on.
 */
enum terminal {
	FIRST_DAMAGED = 1,
	FIRST_DAMAGED_REBOOT,
	NO_ENTRY, /* implemented by each arch */
	TOO_MANY, /* regions */
	COPY_OF_NOTHING,
	COPY_OF_NOTHING_REBOOT,
	UNMAPPED_CONSOLE,
	BOTH_DAMAGED,
	FIRST_OF_ARCH,
	/* Of guests.sh and flips.py */
	NO_REGIONS = 0x80,
	SELF_DAMAGED,
	CPU_STATE_DAMAGED,
	FLIPS, /* comes back: stops in a debugger at enter_purgatory() and at the payload */
	/* Damaged parameter blocks, and a damaged piece. */
	NO_PIECE_SIZE,
	SMALL_PIECES,
	EMPTY_REGION,
	WRAPPING_REGION,
	HUGE_REGION,
	OVERLAPPING_REGIONS,
	WRONG_PIECE_COUNT,
	PIECE_DAMAGED,
	/* starter.c enters purgatory, which starts this guest again. */
	STARTER,
	STARTER_DAMAGED,
};

/* Changes the loaded image, which has at least two regions, for a terminal test of all arches. */
void spoil(unsigned int test);

#endif
