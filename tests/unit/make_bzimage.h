/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest bzImage of protocol 2.15 whose fields all agree, for tests to spoil. */
#ifndef TESTS_MAKE_BZIMAGE_H
#define TESTS_MAKE_BZIMAGE_H

#include "kexec/core/bytes.h"

#define MADE_SETUP 0x400
#define MADE_KERNEL 0x600
#define MADE_BZIMAGE_SIZE (MADE_SETUP + MADE_KERNEL)
#define MADE_VERSION "6.1.0-made (someone) #1 SMP"
#define MADE_VERSION_AT 0x300

static inline void make_bzimage(uint8_t *f)
{
	memset(f, 0x5a, MADE_BZIMAGE_SIZE);
	memset(f, 0, MADE_SETUP);
	f[0x1f1] = 1; /* setup_sects */
	put_le32(f + 0x1f4, MADE_KERNEL / 16); /* syssize */
	put_le16(f + 0x1fe, 0xaa55);
	put_le16(f + 0x200, 0x6aeb); /* jump: the header ends at 0x26c */
	memcpy(f + 0x202, "HdrS", 4);
	put_le16(f + 0x206, 0x020f);
	put_le16(f + 0x20e, MADE_VERSION_AT - 0x200);
	f[0x211] = 0x01; /* loadflags: LOADED_HIGH */
	put_le32(f + 0x22c, 0x7fffffff); /* initrd_addr_max */
	put_le32(f + 0x230, 0x200000); /* kernel_alignment */
	f[0x234] = 1; /* relocatable_kernel */
	f[0x235] = 21; /* min_alignment */
	put_le16(f + 0x236, 0x007f); /* xloadflags */
	put_le32(f + 0x238, 2047); /* cmdline_size */
	put_le32(f + 0x248, 0x210); /* payload_offset */
	put_le32(f + 0x24c, 0x100); /* payload_length */
	put_le64(f + 0x258, 0x1000000); /* pref_address */
	put_le32(f + 0x260, 0x10000); /* init_size */
	memcpy(f + MADE_VERSION_AT, MADE_VERSION, sizeof(MADE_VERSION));
}

#endif
