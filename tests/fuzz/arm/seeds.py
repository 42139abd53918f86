# SPDX-License-Identifier: GPL-2.0-or-later
import struct

from corpus import keep


def zimage(*sizes, appended=b""):
    table = struct.pack("<3I", 3, 1, 0)
    if sizes:
        table += struct.pack(f"<{2 + len(sizes)}I", 2 + len(sizes), 0x5A534C4B, *sizes)
    size = 0x40 + len(table) + 8
    return struct.pack("<36x7I", 0x016F2818, 0, size, 0x04030201, 0x45454545, 0x40,
                       0) + table + struct.pack("<II", 0, 0x60000) + appended


for name, data in (("sizes", zimage(0x68, 0x3000, 0x8000, 0x10000)),
                   ("old-sizes", zimage(0x60, 0x3000)), ("no-sizes", zimage()),
                   ("appended", zimage(appended=b"\xd0\x0d\xfe\xed"))):
    keep("zimage", name, data)
    keep("zimage", name + "-cut", data[:0x50])
keep("image", "zimage", zimage(0x68, 0x3000, 0x8000, 0x10000))

keep("atags", "usual", struct.pack("<5I3I2I2I", 5, 0x54410001, 0, 4096, 0, 3, 0x54410009, 0x6C72, 0,
                                   0, 0, 0))
keep("atags", "no-core-tag", bytes(8))
