/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the test guests of all arches share: images put down with their parameters,
 * what was expected compared with what is found, and results told.  Addresses are
 * physical, and the same for the guest.
 */
#ifndef SHARED_H
#define SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "purgatory_abi.h"
#include "sha256.h"

/* A purgatory image, already relocated to `address`; 0: it runs anywhere. */
struct image {
	const char *name;
	const uint8_t *start, *end;
	uintptr_t address;
};

extern const struct image images[], images_end[];

/*
 * What the guest of each arch has.
 */

/* Where images are put; the script has the same list.  The first suits every test. */
extern const uint64_t places[];
extern const size_t places_count;

/* To the report, with "\n" at the end of each line. */
void say(const char *s);

/* put_image(), with parameters that suit most tests. */
void load(const struct image *which, uint64_t address);

/* Enters the image that was loaded and looks at all that it was to do; comes back. */
void run(void);

/*
 * What they share.
 */

extern const struct image *image; /* under test */
extern uint64_t base; /* where it was put */
extern struct purgatory_params *params; /* its own, in its byte order */
extern bool swapped; /* which is not the guest's */
extern const char *mode; /* of the machine: for result(), ", " included; "" */

/* To purgatory's byte order, and from it. */
uint32_t own32(uint32_t value);
uint64_t own64(uint64_t value);

/* A pointer that the compiler must not think about: address 0 may be memory. */
void *at(uint64_t address);

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
bool same(const void *a, const void *b, size_t size);

/* As many digits as an address has. */
void say_hex(uint64_t value);

/* Note a failure of the test that is under way, with both numbers. */
void expect(bool good, const char *what, uint64_t got, uint64_t wanted);
void expect_equal(const char *what, uint64_t got, uint64_t wanted);

/* Ends a test: one line, ok unless something was not as expected since the last. */
void result(const char *name);

/* Bytes that depend on the seed alone. */
void fill(uint64_t address, uint64_t size, uint32_t seed);

void digest_of(uint64_t start, uint64_t size, uint8_t digest[SHA256_SIZE]);

/* Copies the image to memory full of garbage; sets image, base, swapped and params. */
void put_image(const struct image *which, uint64_t address);

/* One more in params, with the digest of what is there. */
void add_region(uint64_t start, uint64_t size, const char *name);

/* Expects every region to be what add_region() found. */
void expect_intact(void);

/* Calls test() for each image at each place where it can run. */
void at_places(void (*test)(const struct image *which, uint64_t place));

/* Has purgatory copy; source, destination and the byte behind that are no place of an image's. */
void test_copy(uint64_t source, uint64_t destination, uint64_t size);

/* The same within 256 KiB at scratch: apart, and overlapping in both directions. */
void test_copies(uint64_t scratch);

/*
 * Tests from which purgatory does not come back, with the same numbers on all machines;
 * run.sh knows them.
 */
enum spoiled {
	FIRST_DAMAGED = 1,
	FIRST_DAMAGED_REBOOT = 2,
	TOO_MANY = 4, /* regions */
	COPY_OF_NOTHING = 5,
	COPY_OF_NOTHING_REBOOT = 6,
	BOTH_DAMAGED = 8,
};

/*
 * What these change of an image with two regions; other tests: nothing.  A copy goes from
 * where no memory is to scratch.
 */
void spoil(unsigned int test, uint64_t no_memory, uint64_t scratch);

#endif
