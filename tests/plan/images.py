# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of kernel files that several arches share: numbered noise to fill them and initrds with,
the ELF format's tables, and containers (UKI, zboot, Android, uImage).  Nobody runs them."""

import hashlib
import struct
import zlib

VERSION = b"6.99.0-synthetic (nobody@nowhere) #1"
def noise(size, seed):
    """size bytes that look random and are the same for the same seed."""
    blocks = (hashlib.sha256(b"%s %d" % (seed.encode(), i)).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


# name: (offset in the header, struct code), for class 64
ELF_HEADER = {
    "ei_mag": (0, "I"), "ei_class": (4, "B"), "ei_data": (5, "B"), "ei_version": (6, "B"),
    "e_type": (16, "H"), "e_machine": (18, "H"), "e_version": (20, "I"), "e_entry": (24, "Q"),
    "e_phoff": (32, "Q"), "e_shoff": (40, "Q"), "e_flags": (48, "I"), "e_ehsize": (52, "H"),
    "e_phentsize": (54, "H"), "e_phnum": (56, "H"), "e_shentsize": (58, "H"),
    "e_shnum": (60, "H"), "e_shstrndx": (62, "H"),
}
PROGRAM_HEADER = {
    "p_type": (0, "I"), "p_flags": (4, "I"), "p_offset": (8, "Q"), "p_vaddr": (16, "Q"),
    "p_paddr": (24, "Q"), "p_filesz": (32, "Q"), "p_memsz": (40, "Q"), "p_align": (48, "Q"),
}
EHDR_SIZE = 64
PHDR_SIZE = 56
PT_LOAD, PT_INTERP, PT_NOTE = 1, 3, 4
ET_EXEC, ET_DYN = 2, 3
BANNER = b"Linux version " + VERSION + b"\0"


PE_ALIGN = 512


def pe_header(sections):
    """The first 4096 bytes of a PE file such as a UKI: (name, size, size in the file, offset
    in the file)s."""
    header = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, len(sections), 0, 0, 0, 240, 0x22E)
    address, table = 0x1000, b""
    for name, size, raw, offset in sections:
        table += struct.pack("<8sIIII16x", name.encode(), size, address, raw, offset)
        address = min(address + size + 0xFFF & ~0xFFF, 0xFFFFFFFF)
    # An EFI application, 16 directories.
    optional = struct.pack("<H34xI16xI8xH38xI", 0x20B, PE_ALIGN, address, 10, 16)
    return (header.ljust(0x80, b"\0") + coff + optional.ljust(240, b"\0") +
            table).ljust(0x1000, b"\0")


def uki(*sections):
    """A unified kernel image of (name, content)s in this order, the kernel as ".linux"."""
    headers, contents = [], b""
    for name, content in ((".text", noise(2000, "stub")), *sections):
        padded = content + bytes(-len(content) % PE_ALIGN)
        headers.append((name, len(content), len(padded), 0x1000 + len(contents)))
        contents += padded
    return pe_header(headers) + contents


def zboot(payload, compression):
    """An EFI zboot image of a compressed kernel.  What follows the payload belongs to the
    decompressor: first the size that only gzip has in its own format."""
    header = struct.pack("<4s4sII8x32sII", b"MZ", b"zimg", 0x1000, len(payload),
                         compression.encode(), 0x818223CD, 0x40)
    return header.ljust(0x1000, b"\0") + payload + noise(1000, "decompressor")


def lzop(data, block=1 << 18):
    """A file of lzop, stored: each block with the size twice, and its Adler-32 checksum."""
    header = struct.pack(">HHHBBIIIIB", 0x1030, 0x20A0, 0x0940, 1, 5, 1, 0, 0, 0, 0)
    blocks = b"".join(struct.pack(">III", len(part), len(part), zlib.adler32(part)) + part
                      for part in (data[at:at + block] for at in range(0, len(data), block)))
    return b"\x89LZO\0\r\n\x1a\n" + header + struct.pack(
        ">I", zlib.adler32(header)) + blocks + bytes(4)


def android(kernel, ramdisk=b"", cmdline=b"", dtb=b"", version=0, page=2048):
    """An Android boot image.  Versions 0 to 2 have a second stage as well, and 2 has a dtb."""
    if version >= 3:
        page, parts = 4096, (kernel, ramdisk)
        header = struct.pack("<8sIIII16xI1536s", b"ANDROID!", len(kernel), len(ramdisk), 0, 1580,
                             version, cmdline)
    else:
        second = noise(100, "second stage")
        parts = (kernel, ramdisk, second) + ((b"", dtb) if version == 2 else ())
        header = struct.pack("<8s10I16s512s32s1024sIQIIQ", b"ANDROID!", len(kernel), 0x10008000,
                             len(ramdisk), 0x11000000, len(second), 0x10F00000, 0x10000100, page,
                             version, 0, b"made", cmdline[:512], b"", cmdline[512:], 0, 0, 1660,
                             len(dtb), 0x11F00000)
    return b"".join(part + bytes(-len(part) % page) for part in (header, *parts))


def uimage(data, compression=0, *, machine, kind=2, **crc):
    """A U-Boot image (U-Boot: include/image.h, which numbers compressions, arches and kinds).
    crc: header_crc, data_crc: wrong values in place of the right ones."""
    fields = [0x27051956, 0, 0x5F000000, len(data), 0x80000, 0x80000,
              crc.get("data_crc", zlib.crc32(data)), 5, machine, kind, compression, b"made"]
    fields[1] = crc.get("header_crc", zlib.crc32(struct.pack(">7I4B32s", *fields)))
    return struct.pack(">7I4B32s", *fields) + data
