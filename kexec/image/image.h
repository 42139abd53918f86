/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel file, peeled: containers and compression are taken off in a loop until a kernel
 * is left.  There is one file for each format, and parsers are pure functions over bytes.
 * Formats that only one arch has are in its folder: the caller passes their rows.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "core/bytes.h"
#include "core/ctx.h"
#include "core/file.h"

#define IMAGE_MAX_LAYERS 4

/* A file that extends a UKI.  The caller of image_open() sets name and file. */
struct uki_addon {
	const char *name;
	struct bytes file;
	/* Microcode precedes the UKI's; the initrd follows the UKI's.  size 0: no such part. */
	struct bytes ucode;
	struct bytes initrd;
};

struct image {
	const char *name; /* of the file, for messages */
	struct bytes bytes; /* the innermost layer: the probe of an image type sees it */
	const char *layer[IMAGE_MAX_LAYERS]; /* names of the layers taken off, outermost first */
	size_t layers;
	const char *fit_config; /* of image_rules */
	uint64_t uki_profile; /* of image_rules */
	struct uki_addon *addon; /* of image_rules */
	size_t addons;
	uint64_t room; /* bytes that decompression may still add: all layers stay in memory */
	const char *version; /* of the kernel; NULL: unknown */
	uint8_t uimage_machine; /* of the uImage it was in (uimage.h); 0: it was in none */
	/* Contents of a container, for loads that ask for nothing else; size 0: no such part. */
	struct bytes ucode; /* an initrd that goes before any other */
	struct bytes initrd;
	struct bytes dtb;
	struct bytes trees; /* device trees that follow the kernel, or its compressed data */
	size_t tree_count;
	const char *cmdline; /* NULL: none */
	/* Set once the initrds asked for are open: initrd holds them, all of them. */
	const char *initrd_name;
};

/* A file format: that of a kernel, or that of a container with a kernel in it. */
struct image_format {
	const char *name; /* of a container: as struct image has it among its layers */
	bool (*probe)(struct bytes bytes); /* cheap, no error */
	/*
	 * Finds the kernel in a container that the probe accepts, and sets the fields of image
	 * that the container has contents for.  1: *inside is the kernel.  0: not this format
	 * after all.  -ENOEXEC: damaged.  NULL: the format is a kernel's.
	 */
	int (*peel)(struct ctx *ctx, struct image *image, struct bytes *inside);
	/* The version that a kernel's header contains; NULL, here or returned: none. */
	const char *(*version)(struct ctx *ctx, struct bytes bytes);
};

struct image_rules {
	const struct image_format *formats; /* of single arches; the last has no probe */
	/* Total of decompressed bytes, and size of a file that is not ELF: the memory. */
	uint64_t limit;
	const char *fit_config; /* configuration of a FIT image; NULL: its default */
	uint64_t uki_profile; /* number of the profile of a UKI */
	struct uki_addon *addon; /* in the order of their use; image_open() sets their parts */
	size_t addons;
};

/*
 * Opens and peels.  -EFBIG: more bytes than the limit; -ELOOP: more than IMAGE_MAX_LAYERS.  A
 * damaged container is an error, too: it is never taken for a kernel.
 */
int image_open(struct ctx *ctx, const char *name, const struct image_rules *rules,
	       struct file *file, struct image *image);

/* The peeling alone, for tests and fuzzers. */
int image_peel(struct ctx *ctx, const char *name, struct bytes bytes,
	       const struct image_rules *rules, struct image *image);

/*
 * The kind of a file that is a kernel or a container of one, as "a kernel"; NULL: it is neither.
 * formats: as in struct image_rules.
 */
const char *image_kind(const struct image_format *formats, struct bytes bytes);

/* True if the image or one of its add-ons contains an initrd. */
bool image_has_initrd(const struct image *image);

/* True if a container of this name, such as "uki", was taken off. */
bool image_was_in(const struct image *image, const char *layer);

#endif
