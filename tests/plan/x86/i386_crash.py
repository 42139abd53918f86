# SPDX-License-Identifier: GPL-2.0-or-later
"""The ELF core header of a 32-bit kernel's crash load, made a second time from the same files."""

import struct

import crash
import images

EM_386 = 3
GUESS = (0xC0000000, 0x38000000)    # without /proc/kcore
PHDR_SIZE = 32


def linear_map(machine):
    """(virtual address of address 0, physical end)."""
    for name in ("kcore", "kcore.head"):
        path = machine / "proc" / name
        if path.exists():
            data = path.read_bytes()
            count, = struct.unpack_from("<H", data, 44)
            loads = [struct.unpack_from("<8I", data, 52 + PHDR_SIZE * i) for i in range(count)]
            return next((vaddr - paddr, paddr + size)
                        for kind, _, vaddr, paddr, _, size, _, _ in loads
                        if kind == images.PT_LOAD and paddr != 0xFFFFFFFF)
    return GUESS


def core(segments):
    """As crash.core(), with 32-bit fields."""
    header = struct.pack("<4sBBB9xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, 4, EM_386, 1, 0, 52, 0, 0,
                         52, PHDR_SIZE, len(segments), 0, 0, 0)
    return header + b"".join(struct.pack("<8I", kind, offset, vaddr & 0xFFFFFFFF, paddr, size,
                                         size, flags, 0)
                             for kind, flags, offset, vaddr, paddr, size in segments)


def header(arguments):
    """A function as crash.check() takes it."""
    def make(machine, backup):
        ram = crash.dumped((machine / "proc/iomem").read_text(), [])
        offset, end = linear_map(machine)
        segments = [(images.PT_NOTE, 0, address, 0, address, size)
                    for address, size in crash.notes(machine)]
        for low, high in crash.without(ram, [(at, at) for at in (crash.LOW, end)]):
            moved = backup + low - ram[0][0] if high <= crash.LOW else low
            segments.append((images.PT_LOAD, 7, moved,
                             crash.NO_ADDRESS if low >= end else low + offset, low, high - low))
        wide = "--elf64" in arguments or "--elf32" not in arguments and ram[-1][1] > 1 << 32
        content = crash.core(segments, EM_386) if wide else core(segments)
        return content + bytes(-len(content) % 1024)
    return make
