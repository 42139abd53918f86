# SPDX-License-Identifier: GPL-2.0-or-later
import struct

from corpus import (BANNER, CPIO, FIXTURES, TWO, be64, copy, devicetree, kdump, keep, live)

KERNEL = 0xFFFFFFFF80000000

IMAGE = struct.pack("<IIQQQI12x8s4sI", 0x106F5A4D, 0x10D60, 0x200000, 0x20000, 0, 2, b"RISCV",
                    b"RSC\x05", 0x40) + BANNER
keep("riscv_image", "plain", IMAGE)
keep("riscv_image", "short", IMAGE[:0x10] + struct.pack("<Q", 0x41) + IMAGE[0x18:])
keep("riscv_image", "big-endian", IMAGE[:0x18] + b"\1" + IMAGE[0x19:])
head = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 2, 243, 1, KERNEL, 64, 0, 0, 64,
                   56, 2, 64, 0, 0)
keep("riscv_image", "vmlinux", head + b"".join(
    struct.pack("<IIQQQQQQ", 1, 7, 176 + at, KERNEL + at, at, 64, 64, 4096) for at in (0, 64)) +
     IMAGE.ljust(128, b"\0"))

HARTS = [(b"cpu@0", {b"device_type": b"cpu\0", b"riscv,isa": b"rv64imaczicsr_zknh\0"}, []),
         (b"cpu@1", {b"device_type": b"cpu\0", b"riscv,isa-extensions": b"i\0zkn\0"}, [])]
TREE = devicetree(
    (b"", TWO, [(b"cpus", {b"timebase-frequency": struct.pack(">I", 10**7)}, HARTS)]))
copy("devicetree", "riscv_cpus")
for target in "devicetree", "riscv_cpus":
    keep(target, "riscv", TREE)

keep("devicetree_live", "firmware", live("riscv64", {"mmode/reg": be64(1 << 31, 0x80000)}, crash=True))

KCORE = (FIXTURES / "kcore/riscv64").read_bytes()
keep("kdump", "riscv64", kdump("riscv64", b"ffffffff80002000 T _stext\n", KCORE))
keep("kdump", "hidden", kdump("riscv64", b"0000000000000000 T _stext\n", CPIO + bytes(9),
                              b"0", b"-1"))
