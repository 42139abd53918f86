/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest s390 image whose fields all agree, for tests to spoil. */
#ifndef TESTS_MAKE_S390_IMAGE_H
#define TESTS_MAKE_S390_IMAGE_H

#include "kexec/arch/s390x/s390_image.h"
#include "kexec/core/bytes.h"
#include "kexec/core/range.h"

#define MADE_S390_SIZE 0x11480 /* its command line ends with it */
#define MADE_S390_VERSION 0x11000
#define MADE_S390_SIGNATURE 100 /* bytes after the image */
#define MADE_S390_SIGNED_SIZE (MADE_S390_SIZE + MADE_S390_SIGNATURE + 12 + 28)

static inline void make_s390_image(uint8_t *f)
{
	memset(f, 0x5a, MADE_S390_SIZE);
	memcpy(f + 0x10008, "S390EP\0\1", 8);
	memset(f + 0x10400, 0, 0x80);
	put_u64(ORDER_BE, f + 0x10428, MADE_S390_VERSION);
	put_u64(ORDER_BE, f + 0x10430, 0x1000);
	memcpy(f + S390_COMMAND_LINE, "root=/dev/ram0 ro", 18);
	memcpy(f + MADE_S390_VERSION, "6.1.0 (made)", 13);
}

/* Of MADE_S390_SIGNED_SIZE bytes. */
static inline void make_signed_s390_image(uint8_t *f, uint32_t claimed)
{
	uint8_t *end = f + MADE_S390_SIGNED_SIZE;

	make_s390_image(f);
	memset(f + MADE_S390_SIZE, 0x33, MADE_S390_SIGNATURE);
	memset(end - 40, 0, 12);
	put_u32(ORDER_BE, end - 32, claimed);
	memcpy(end - 28, "~Module signature appended~\n", 28);
}

#endif
