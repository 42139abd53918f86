/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums in image files.  SHA-1 and MD5 show damage, nothing more: neither is a signature. */
#ifndef IMAGE_CHECKSUM_H
#define IMAGE_CHECKSUM_H

#include "core/bytes.h"

#define CHECKSUM_MAX 32 /* bytes of the longest */

/* The CRC of gzip and Ethernet (ISO 3309); crc: of the preceding bytes, 0 for the first. */
uint32_t crc32_of(uint32_t crc, struct bytes bytes);

/*
 * Computes the checksum that mkimage names algorithm: crc32 (big endian), md5, sha1, sha256.
 * Returns its size in bytes; 0: an unknown name.
 */
size_t checksum_of(const char *algorithm, struct bytes bytes, uint8_t out[CHECKSUM_MAX]);

#endif
