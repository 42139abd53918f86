# SPDX-License-Identifier: GPL-2.0-or-later
import struct

from corpus import (BANNER, FIXTURES, OLD, TWO, be32, be64, compressed, copy, devicetree, kdump,
                    keep, live)


def kernel(order, machine=21, sections=()):
    """A kernel of one segment after its headers, and sections with names."""
    word = struct.pack(order + "I", 0x72756E30)
    body = (bytes(0x5C) + word + BANNER).ljust(320, b"\x60")
    names, table, contents = b"\0", bytes(64), b""
    for name, data in (*sections, (b".shstrtab", None)):
        at, names = len(names), names + name + b"\0"
        data = names if data is None else data
        table += struct.pack(order + "IIQQQQIIQQ", at, 1, 0, 0, 120 + 320 + len(contents),
                             len(data), 0, 0, 1, 0)
        contents += data
    ident = b"\x7fELF" + bytes([2, 1 if order == "<" else 2, 1]).ljust(12, b"\0")
    base = 0xC000000000000000
    return (ident + struct.pack(order + "HHIQQQIHHHHHH", 2, machine, 1, base, 64,
                                120 + 320 + len(contents), 2, 64, 56, 1, 64, len(sections) + 2,
                                len(sections) + 1) +
            struct.pack(order + "IIQQQQQQ", 1, 7, 120, base, 0, 320, 4096, 65536) + body +
            contents + table)


keep("ppc64_kernel", "le", kernel("<"))
keep("ppc64_kernel", "be", kernel(">"))
keep("ppc64_kernel", "zimage", kernel(">", 20, [(b".kernel:vmlinux.strip", kernel("<")),
                                               (b".kernel:initrd", b"initrd")]))
keep("ppc64_kernel", "empty", kernel("<", 21, [(b".kernel:vmlinux.strip", b"")]))
keep("image", "ppc-zimage", kernel(">", 20, [(b".kernel:vmlinux.strip",
                                             compressed(kernel("<"))["gzip"])]))

BLOCK = struct.pack(">QIIII", 1 << 30, 0x80000000, 0, 0, 8)
RUN = struct.pack(">IQIII", 3, 1 << 30, 0x80000000, 0, 8)
TREES = {}
for name, memory in ((b"", BLOCK), (b"-v2", RUN)):
    TREES["ppc64" + name.decode()] = devicetree((b"", TWO, [
        (b"chosen", {**OLD, b"linux,kernel-end": bytes(8)}, []),
        (b"cpus", {}, [(b"cpu@0", {b"device_type": b"cpu\0", b"linux,pci-domain": bytes(4),
                                   b"ibm,ppc-interrupt-server#s": bytes(8)}, [])]),
        (b"memory@0", {b"reg": struct.pack(">QQ", 0, 1 << 30)}, []),
        (b"ibm,dynamic-reconfiguration-memory",
         {b"ibm,lmb-size": struct.pack(">Q", 1 << 28),
          b"ibm,dynamic-memory" + name: struct.pack(">I", 1) + memory}, [])]))
copy("devicetree", "ppc64_tree")
for name, tree in TREES.items():
    for target in "devicetree", "ppc64_tree":
        keep(target, name, tree)

PSERIES = {
    "#address-cells": be32(2), "#size-cells": be32(2), "memory/reg": be64(0, 1 << 30),
    "lmb-size": be64(1 << 28), "dynamic-memory": be32(1) + BLOCK, "rtas-base": be32(0x2FFF0000),
    "rtas-entry": be32(0x2FFF0000), "rtas-size": be32(0x83C), "system-reboot": be32(0x2004),
    "kernel-end": be64(0x2880000), "crashkernel-base": be64(0x20000000),
    "crashkernel-size": be64(0x10000000), "initrd-start": be64(0x2C90000),
    "initrd-end": be64(0x5F0E600), "memory-limit": be64(0),
    "stdout-path": b"/vdevice/vty@30000000\0", "vty/compatible": b"hvterm1\0",
    "vty/reg": be32(0x30000000), "timebase": be32(512000000), "clock": be32(1000000000),
    "possible": b"0-7\n", "present": b"0-1,4\n"}
keep("devicetree_live", "pseries", live("ppc64le", PSERIES))
keep("devicetree_live", "pseries-v2", live("ppc64", {**PSERIES, "dynamic-memory": b"",
                                                     "dynamic-memory-v2": be32(1) + RUN}))
keep("devicetree_live", "powernv", live("ppc64le", {
    "reserved-ranges": be32(0x30000000, 0x1000), "memory/reg": be32(0, 0x40000000),
    "memory/compatible": b"x\0", "opal-base": be64(0x30000000), "opal-size": be64(0x1000),
    "opal-entry": be64(0x30000100), "tce-base": be64(0x31000000), "tce-size": be32(0x800000),
    "kernel-end": be32(0x2880000), "htab-base": be64(0x32000000), "htab-size": be64(0x100000)}))

keep("lmb", "blocks", be64(1 << 28) + be32(1) + BLOCK)
keep("lmb", "blocks-v2", be64(1 << 28) + be32(1) + RUN)
keep("kdump", "ppc64le", kdump("ppc64le", b"c000000000000000 T _stext\n",
                               (FIXTURES / "ppc64le/proc/kcore.head").read_bytes()))
