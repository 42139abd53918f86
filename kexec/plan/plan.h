/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of a load: contents and places of all segments, with the reason of each place.  It can
 * be printed as text, JSON or a picture of memory, and passed to the kernel.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdio.h>

#include "purgatory_abi.h"
#include "core/bytes.h"
#include "core/ctx.h"
#include "core/json.h"
#include "core/range.h"
#include "core/request.h"
#include "image/image.h"
#include "machine/machine.h"

#define PLAN_MAX_SEGMENTS 16 /* KEXEC_SEGMENT_MAX */
#define PLAN_MAX_LIMITS 8

/* A limit on a segment's place, with its name for error messages. */
struct limit {
	struct range range; /* the segment must lie inside */
	const char *why; /* "--mem-max", "pref_address" ... */
};

enum direction { LOWEST_FIRST, HIGHEST_FIRST };

struct placement {
	uint64_t align; /* power of two, raised to the page size; 0: a page */
	enum direction direction;
	struct limit limit[PLAN_MAX_LIMITS];
	size_t limits;
};

struct segment {
	const char *name; /* "kernel", "initrd", "purgatory", "boot_params" ... */
	const char *file; /* file that the bytes come from; NULL: built here */
	struct bytes bytes; /* contents */
	struct range range; /* page aligned; filled up with zeros after the bytes */
	struct placement placement;
	bool fixed; /* the image dictates the place */
	bool sealed; /* purgatory checks it */
	bool scratch; /* the memory after the bytes may contain anything, not only zeros */
	/* Of a sealed segment, written by plan_seal(). */
	uint64_t piece_size;
	size_t first_piece; /* of plan->params.piece_digest */
	size_t pieces;
};

/* How purgatory hashes, for the estimate. */
struct hash_method {
	const char *name;
	unsigned int ticks; /* per byte, rounded up */
};

/* Facts about purgatory in the plan; kind NULL: no purgatory. */
struct plan_purgatory {
	const char *kind; /* "pie", "rel" */
	const char *file; /* NULL: built in */
	uint64_t address;
	uint64_t image_size;
	uint64_t memory_size;
	unsigned int relocations; /* words changed */
	uint8_t digest[PURGATORY_DIGEST_SIZE]; /* of the image as loaded, with its parameters */
	uint32_t cycles_per_ms; /* of this machine's CPU; 0: unknown */
	const struct hash_method *hash; /* on this machine's CPU; NULL: portable code */
};

struct plan {
	const char *arch;
	const char *image_type;
	const struct image *image; /* for the layers around the kernel; NULL: unknown */
	const char *started_by; /* such as "its 32-bit entry"; NULL: the usual entry of this type */
	const char *kernel; /* file name */
	const char *kernel_version; /* NULL: unknown */
	const char *cmdline;
	/* Of kexec_load(2): low 16 bits and the machine.  Shown for kexec_file_load(2): its flags. */
	uint32_t kexec_flags;
	uint64_t page_size;
	uint64_t entry; /* where the running kernel jumps */
	uint64_t kernel_entry; /* where purgatory jumps */
	struct segment segment[PLAN_MAX_SEGMENTS];
	size_t segments;
	struct range_set ram;
	uint64_t managed; /* as in struct machine */
	/* Limits of every segment, applied by plan_place(), plan_fix() and plan_find(). */
	struct limit reach; /* memory that a starting kernel reaches; why NULL: all memory */
	uint64_t mem_min;
	uint64_t mem_max; /* inclusive; UINT64_MAX: no limit */
	struct limit within; /* why NULL: no limit */
	/* A baked image: all places are the lowest, and the first segment's is above first_above. */
	bool compact;
	uint64_t first_above;
	/* Purgatory's work; relocate/ writes it into the image. */
	struct purgatory_params params;
	struct placement purgatory_placement;
	bool wants_purgatory;
	/* Purgatory moves the regions, so it gets the list even if it checks nothing. */
	bool lists_regions;
	/* The next kernel's first bytes, which replace purgatory's; size 0: nothing is replaced. */
	struct bytes purgatory_head;
	size_t purgatory_head_kept; /* except for that many: the branch to purgatory's code */
	struct plan_purgatory purgatory;
	const struct machine_cpu *reboot_cpu; /* CPU that has to make the jump; NULL: any CPU */
	const char *method; /* system call that submit would use */
	const char *method_why;
};

/* Adds a limit.  If the array is full, placing the segment fails with -EOVERFLOW. */
void placement_limit(struct placement *p, struct range range, const char *why);

/*
 * Adds a segment and finds its place: inside one RAM range, inside every limit,
 * clear of the segments already there.  memsz >= bytes.size, rounded up to a
 * page.  The bytes stay the caller's (arena or mapping).
 * Errors: -EADDRNOTAVAIL with "Could not find a free area of memory of 0x..
 * bytes" and what each limit left; -E2BIG for a 17th segment.
 * Returns the index of the segment.
 */
int plan_place(struct ctx *ctx, struct plan *plan, const struct segment *wanted, uint64_t memsz);

/*
 * Adds a segment at a fixed page-aligned address, which must be RAM
 * ("Invalid memory segment"), free ("Overlapping memory segments") and within
 * wanted's limits; its alignment and direction do not count.
 */
int plan_fix(struct ctx *ctx, struct plan *plan, const struct segment *wanted, uint64_t start,
	     uint64_t memsz);

/* True if the range, which is not empty, is RAM and inside the limits of every segment. */
bool plan_allows(const struct plan *plan, struct range range);

/* Finds the place that plan_place() would choose, without adding a segment. */
int plan_find(struct ctx *ctx, const struct plan *plan, const char *name,
	      const struct placement *placement, uint64_t memsz, uint64_t *start);

/*
 * Adds segments without bytes for all memory that is in no segment yet.  The running kernel saves
 * the contents of segments, and restores them when the next kernel returns.  -E2BIG: too many.
 */
int plan_save(struct ctx *ctx, struct plan *plan, const struct range_set *memory);

/*
 * Cuts the sealed segments into pieces and writes their digests into plan->params.  Without
 * PURGATORY_VERIFY in plan->params.flags no segment stays sealed, and only
 * plan->lists_regions keeps the regions.
 */
void plan_seal(struct ctx *ctx, struct plan *plan);

/* Do all segments that were sealed still have their digests?  false also if none was sealed. */
bool plan_is_intact(struct ctx *ctx, const struct plan *plan);

/*
 * The digest of number `index` that purgatory will compare: "NAME [0xSTART, 0xEND) HEX", the
 * notation of its messages.  The last is purgatory's own.  NULL: no digest of that number.
 */
const char *plan_digest_text(struct arena *arena, const struct plan *plan, size_t index);

/* Bytes that purgatory will hash. */
uint64_t plan_sealed_bytes(const struct plan *plan);

/* Estimated cost of the verification before the jump (doc/performance.md). */
struct plan_cost {
	uint64_t bytes;
	const char *implementation;
	uint64_t cycles;
	uint64_t ms; /* rounded up; 0 when the clock rate is unknown */
};
struct plan_cost plan_cost(const struct plan *plan);

/* Adds a hint to the error that a load is too large for the kernel.  Returns its code. */
int plan_hint_size(struct ctx *ctx, const char *smaller);

/* Checks for all that kexec_load(2) would refuse, and for faults that it does not notice. */
int plan_check(struct ctx *ctx, const struct plan *plan);

/* doc/plan.md documents both forms. */
void plan_print_text(const struct plan *plan, FILE *out);
/* Writes the keys of the object. */
void plan_json(const struct plan *plan, const struct machine *machine, struct json *json);
/* RAM, reserved memory and segments to scale, width columns wide. */
void plan_print_picture(const struct plan *plan, const struct machine *machine, FILE *out,
			unsigned int width);

/* A picture of memory and segments, SVG 1.1. */
void plan_print_svg(const struct plan *plan, const struct machine *machine, FILE *out);

/* The `nr_segments = ` dump that bug reports quote. */
void plan_print_segments(const struct plan *plan, FILE *out);

#endif
