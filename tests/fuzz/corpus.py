# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts that seeds are made of: files of each format, and the corpus itself.  Importing this
module makes the corpus anew, with the inputs of kept.tree alone.  Needs zstd(1)."""
import bz2
import gzip
import lzma
import pathlib
import shutil
import struct
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "fixtures"))

from fixtures import BUILD, FIXTURES, unpack    # noqa: E402

BANNER = b"Linux version 6.1.0-made (someone) #1\n\0"
CORPUS = BUILD / "fuzz/corpus"
shutil.rmtree(CORPUS, ignore_errors=True)
unpack(HERE / "kept.tree", CORPUS)


def keep(target, name, data):
    directory = CORPUS / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def copy(source, target):
    """The seeds of source, for target too."""
    shutil.copytree(CORPUS / source, CORPUS / target, dirs_exist_ok=True)


def bzimage(protocol=0x020F, jump=0x6A, kernel=0x240):
    f = bytearray(0x400 + kernel)

    def put(offset, fmt, value):
        struct.pack_into("<" + fmt, f, offset, value)

    put(0x1F1, "B", 1)  # setup_sects
    put(0x1F4, "I", kernel // 16)  # syssize
    put(0x1FE, "H", 0xAA55)
    put(0x200, "H", 0xEB | jump << 8)
    put(0x202, "4s", b"HdrS")
    put(0x206, "H", protocol)
    put(0x20E, "H", 0x100)  # version string at 0x300
    put(0x211, "B", 1)
    put(0x22C, "I", 0x7FFFFFFF)
    put(0x230, "I", 0x200000)
    put(0x234, "H", 1 | 21 << 8)  # relocatable, min_alignment
    put(0x236, "H", 0x7F)
    put(0x238, "I", 2047)
    put(0x248, "I", 0x10)  # payload
    put(0x24C, "I", 0x20)
    put(0x258, "Q", 0x1000000)
    put(0x260, "I", 0x10000)
    f[0x300:0x320] = b"6.1.0-made (someone) #1 SMP".ljust(32, b"\0")
    return bytes(f)


def uimage(data, compression):
    fields = [0x27051956, 0, 0, len(data), 0, 0, zlib.crc32(data), 5, 22, 2, compression, b"made"]
    fields[1] = zlib.crc32(struct.pack(">7I4B32s", *fields))
    return struct.pack(">7I4B32s", *fields) + data


def elf(bits, order, kind=2, machine=62, entry=0x100000):
    """Two PT_LOADs and a Linux note; a symbol table, relocations and strings."""
    wide = bits == 64
    ehdr = order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH")
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]).ljust(12, b"\0")
    ehsize = 16 + struct.calcsize(ehdr)
    phsize, shsize = (56, 64) if wide else (32, 40)
    text = BANNER.ljust(64, b"\x90")
    note = struct.pack(order + "III", 6, 4, 0x100) + b"Linux\0\0\0" + b"salt"
    strings = b"\0start\0"
    sym = struct.pack(order + ("IBBHQQ" if wide else "IIIBBH"), *([1, 0x12, 0, 1, 0x10, 4] if wide
                      else [1, 0x10, 4, 0x12, 0, 1]))
    rel = struct.pack(order + ("QQq" if wide else "IIi"), 8, 1 << 32 | 1 if wide else 0x101, 4)
    phoff = ehsize
    body = phoff + 3 * phsize
    offsets, blob = [], b""
    for part in (text, note, strings, sym, rel):
        offsets.append(body + len(blob))
        blob += part + b"\0" * (-len(part) % 8)
    shoff = body + len(blob)

    def phdr(kind_, offset, address, filesz, memsz):
        if wide:
            return struct.pack(order + "IIQQQQQQ", kind_, 7, offset, address, address, filesz,
                               memsz, 4096)
        return struct.pack(order + "IIIIIIII", kind_, offset, address, address, filesz, memsz, 7,
                           4096)

    def shdr(kind_, offset, size, link=0, entsize=0):
        return struct.pack(order + ("IIQQQQIIQQ" if wide else "IIIIIIIIII"), 0, kind_, 0, 0,
                           offset, size, link, 0, 1, entsize)

    head = ident + struct.pack(ehdr, kind, machine, 1, entry, phoff, shoff, 0, ehsize, phsize, 3,
                               shsize, 4, 1)
    return (head + phdr(1, offsets[0], 0x100000, len(text), len(text)) +
            phdr(1, offsets[2], 0x200000, 8, 0x3000) + phdr(4, offsets[1], 0, len(note), len(note)) +
            blob + shdr(0, 0, 0) + shdr(3, offsets[2], len(strings)) +
            shdr(2, offsets[3], len(sym), 1, len(sym)) + shdr(4, offsets[4], len(rel), 2, len(rel)))


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", "--check", *options], input=data, check=True,
                          stdout=subprocess.PIPE).stdout


def lz4(data, *options):
    return subprocess.run(["lz4", "-q", "-c", *options], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def lzop(data):
    """One stored block, with checksums."""
    header = struct.pack(">HHHBBIIIIB", 0x1030, 0x20A0, 0x0940, 1, 5, 1, 0, 0, 0, 0)
    block = struct.pack(">III", len(data), len(data), zlib.adler32(data)) + data
    return (b"\x89LZO\0\r\n\x1a\n" + header + struct.pack(">I", zlib.adler32(header)) + block +
            bytes(4))


def compressed(data):
    return {
        "gzip": gzip.compress(data, 9, mtime=0),
        "xz": lzma.compress(data, check=lzma.CHECK_CRC32, preset=0),
        "lzma": lzma.compress(data, format=lzma.FORMAT_ALONE, preset=0),
        "zstd": zstd(data, "-19"),
        "bzip2": bz2.compress(data, 1),
        "lz4": lz4(data),
        "lz4-legacy": lz4(data, "-l"),
        "lzo": lzop(data),
    }


def android(version, parts, page=2048):
    """An Android boot image of kernel, ramdisk and, if it is of version 2, what else there is."""
    f = bytearray(page if version < 3 else 4096)
    f[:8] = b"ANDROID!"
    struct.pack_into("<I", f, 40, version)
    if version < 3:
        struct.pack_into("<I", f, 36, page)
    f[64:69] = b"quiet"
    for at, part in zip((8, 12) if version > 2 else (8, 16, 24, 1632, 1648), parts):
        struct.pack_into("<I", f, at, len(part))
        f += part + bytes(-len(part) % (page if version < 3 else 4096))
    return bytes(f)


def pe(*sections, wide=True, certificates=(0, 0)):
    """A PE file of (name, content)s."""
    directories = struct.pack("<I32xII88x", 16, *certificates)
    optional = struct.pack("<H34xI16xI48x" if wide else "<H34xI16xI32x", 0x20B if wide else 0x10B,
                           16, 0x100000) + directories
    start = 0x40 + 24 + len(optional) + 40 * len(sections)
    table, contents = b"", b""
    for name, content in sections:
        padded = content + b"\0" * (-len(content) % 16)
        table += struct.pack("<8sIIII16x", name, len(content), 0x1000, len(padded),
                             start + len(contents))
        contents += padded
    coff = struct.pack("<4sHH12xHH", b"PE\0\0", 0x8664, len(sections), len(optional), 0x22E)
    return struct.pack("<2s58xI", b"MZ", 0x40) + coff + optional + table + contents


def zboot(payload, name):
    return struct.pack("<4s4sII8x32sII", b"MZ", b"zimg", 64, len(payload), name, 0x818223CD,
                       64) + payload + b"size"


def devicetree(root, reservations=((0x1000, 0x2000),), version=17):
    """A tree of (name, properties, children) nodes, laid out as dtc does."""
    names, structure = {}, bytearray()

    def add(node):
        name, properties, children = node
        structure.extend(struct.pack(">I", 1) + name + b"\0" * (4 - len(name) % 4))
        for key, value in properties.items():
            at = names.setdefault(key, sum(len(n) + 1 for n in names))
            structure.extend(struct.pack(">III", 3, len(value), at) + value +
                             b"\0" * (-len(value) % 4))
        for child in children:
            add(child)
        structure.extend(struct.pack(">I", 2))

    add(root)
    structure.extend(struct.pack(">I", 9))
    strings = b"".join(n + b"\0" for n in names)
    memory = b"".join(struct.pack(">QQ", *r) for r in (*reservations, (0, 0)))
    at = 40 + len(memory)
    total = at + len(structure) + len(strings)
    return struct.pack(">10I", 0xD00DFEED, total, at, at + len(structure), 40, version, 16, 0,
                       len(strings), len(structure)) + memory + structure + strings


CPIO = b"070701" + b"%08X" * 13 % (1, 0o100644, 0, 0, 1, 0, 5, 0, 0, 0, 0, 2, 0) + b"a\0abcde\0\0\0"


def kdump(machine, symbols, rest, notes=b"426f4000\n", size=b"384\n"):
    iomem = FIXTURES / machine / "proc/iomem"
    iomem = iomem.read_bytes() if iomem.exists() else b""
    return b"\0".join((notes, size, b"0x00000000426f4000 1024\n", symbols, iomem,
                       b'root=/dev/vda dyndbg="a -- b" -- single', rest))


TWO = {b"#address-cells": struct.pack(">I", 2), b"#size-cells": struct.pack(">I", 2)}
OLD = {
    b"bootargs": b"console=ttyAMA0\0",
    b"linux,initrd-start": struct.pack(">I", 0x48000000),
    b"linux,initrd-end": struct.pack(">I", 0x48012345),
    b"kaslr-seed": bytes(8),
    b"rng-seed": bytes(32),
    b"linux,elfcorehdr": struct.pack(">QQ", 0x47F00000, 0x400),
    b"linux,usable-memory-range": struct.pack(">QQ", 0x40000000, 0x8000000),
    b"linux,ima-kexec-buffer": struct.pack(">QQ", 0x49000000, 0x1000),
    b"linux,kho-fdt": struct.pack(">QQ", 0x4A000000, 0x1000),
    b"linux,kho-scratch": struct.pack(">QQ", 0x4B000000, 0x1000),
}

# Of fuzz_devicetree_live.c, in its order.
LIVE = ("#address-cells", "#size-cells", "reserved-ranges", "memory/reg", "memory/compatible",
        "lmb-size", "dynamic-memory", "dynamic-memory-v2", "rtas-base", "rtas-entry", "rtas-size",
        "system-reboot", "opal-base", "opal-size", "opal-entry", "tce-base", "tce-size",
        "kernel-end", "crashkernel-base", "crashkernel-size", "htab-base", "htab-size",
        "initrd-start", "initrd-end", "memory-limit", "stdout-path", "vty/compatible", "vty/reg",
        "timebase", "clock", "mmode/reg", "possible", "present", "block_size_bytes", "state")


def file_list(contents):
    """Files as tree_write() in tree.h takes them; empty: no such file."""
    return b"".join(bytes([len(data)]) + data for data in contents)


def live(arch, files, crash=False):
    """With all arches in the executable; with fewer the byte chooses another arch."""
    assert set(files) <= set(LIVE)
    table = (HERE.parent.parent / "kexec/arch/arches").read_text(encoding="ascii").split("\n")
    names = [row.split()[0] for row in table if row and not row.startswith("#")]
    return bytes([names.index(arch) | crash << 7]) + file_list(files.get(name, b"") for name in LIVE)


def be32(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def be64(*numbers):
    return struct.pack(f">{len(numbers)}Q", *numbers)
