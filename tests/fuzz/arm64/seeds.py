# SPDX-License-Identifier: GPL-2.0-or-later
import gzip
import struct

from corpus import BANNER, FIXTURES, android, file_list, kdump, keep, pe, uimage

IMAGE = struct.pack("<IIQQQQQQ4sI", 0xFA405A4D, 0x14000000, 0, 0x20000, 0xA, 0, 0, 0, b"ARM\x64",
                    0x40) + BANNER
keep("arm64_image", "anywhere", IMAGE)
keep("arm64_image", "offset", IMAGE[:8] + struct.pack("<QQQ", 0x80000, 0x30000, 2) + IMAGE[32:])
keep("arm64_image", "unsized", IMAGE[:8] + bytes(24) + IMAGE[32:])
for name, size, certificates in (("signed", 0x180, (0x180, 8)), ("signed-short", 0x100, (0x180, 8)),
                                 ("signed-from-0", 0x180, (0, 0x188))):
    signed = pe((b".text", b"x" * 9), certificates=certificates)
    keep("arm64_image", name, IMAGE[:16] + struct.pack("<QQ", size, 10) + IMAGE[32:0x3C] +
         signed[0x3C:].ljust(0x180 - 0x3C, b"\0")[:0x180 - 0x3C] + b"signatur")
for name, data in (("uimage", IMAGE), ("uimage-gzip", gzip.compress(IMAGE, mtime=0))):
    keep("arm64_image", name, uimage(data, "gzip" in name))
    keep("image", name, uimage(data, "gzip" in name))
    keep("arm64_image", name + "-cut", uimage(data, "gzip" in name)[:-3])
for version in range(5):
    keep("android", f"version-{version}", android(version, (IMAGE, b"ramdisk", b"s", b"o", b"dtb")))
keep("android", "small-pages", android(0, (IMAGE, b"ramdisk"), page=1024))
keep("image", "android-gzip", android(0, (gzip.compress(IMAGE, mtime=0), b"ramdisk")))

keep("kdump", "arm64", kdump("arm64", b"ffffbe7469010000 T _stext\n",
                             (FIXTURES / "kcore/arm64").read_bytes()))
keep("arm64_machine", "usual", file_list([
    b"FACP".ljust(8, b"\0") + b"\6".ljust(121, b"\0") + b"\3\0\1",
    struct.pack("<6Q", 33, 6, 6, 4096, 0, 0)]))
