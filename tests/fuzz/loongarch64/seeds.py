# SPDX-License-Identifier: GPL-2.0-or-later
import struct

from corpus import BANNER, FIXTURES, kdump, keep

WINDOW = 0x9000000000000000
LINK = 0x200000

SECTION = struct.pack("<8sIIII16x", b".text", 0x60, 0x1000, 0x60, 0x180)
PE = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x6264, 1, 0, 0, 0, 240, 0x206) + struct.pack(
    "<H34xI16xI8xH38xI", 0x20B, 0x20, 0x20000, 10, 16).ljust(240, b"\0") + SECTION
IMAGE = (struct.pack("<IIQQQ24xII", 0x5A4D, 0, LINK + 0x180, 0x20000, LINK, 0x818223CD, 0x40) +
         PE).ljust(0x180, b"\0") + BANNER.ljust(0x60, b"\0")
keep("loongarch64_image", "plain", IMAGE)
keep("loongarch64_image", "entry", IMAGE[:8] + struct.pack("<Q", WINDOW + LINK) + IMAGE[16:])
keep("loongarch64_image", "zboot", IMAGE[:4] + b"zimg" + IMAGE[8:])
keep("loongarch64_image", "short", IMAGE[:0x100])
HEAD = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 2, 258, 1, WINDOW + LINK, 64,
                   0x100, 0, 64, 56, 1, 64, 3, 1)
LOAD = struct.pack("<IIQQQQQQ", 1, 7, 0x80, WINDOW + LINK, WINDOW + LINK, 0x40, 0x1000, 0x10000)
SECTIONS = bytes(64) + b"".join(
    struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, at, size, 0, 0, 1, 0)
    for name, kind, at, size in ((0, 3, 0x1C0, 0x10), (1, 1, 0x80, 8)))
keep("loongarch64_image", "vmlinux", (HEAD + LOAD).ljust(0x100, b"\0") + SECTIONS + b"\0.la_abs\0"
     .ljust(0x10, b"\0"))

KCORE = (FIXTURES / "loongarch64/proc/kcore").read_bytes()
keep("kdump", "loongarch64", kdump("loongarch64", b"9000000000220000 T _stext\n", KCORE))
