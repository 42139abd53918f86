# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes tagged images (Draft Net Boot Image Proposal 0.3)."""

import struct

SECTOR = 512
HEADER = 0x22000    # address of the first sector
ABSOLUTE, AFTER, LAST = 0, 1, 4
FLAG_32BIT = 0x80000000


def image(entry, records, flags=0):
    """records: (mode, address or distance, content, size of memory or 0)"""
    header = struct.pack("<IIHHI", 0x1B031336, 4 | flags, 0, HEADER >> 4, entry)
    for mode, address, content, memory in records:
        header += struct.pack("<BBBBIII", 4, 0, 0, mode, address, len(content),
                              memory or len(content))
    return header.ljust(SECTOR, b"\0") + b"".join(content for _, _, content, _ in records)
