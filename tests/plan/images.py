# SPDX-License-Identifier: GPL-2.0-or-later
"""Small kernels that are valid and the same everywhere: a bzImage with every field of
the setup header (kernel: Documentation/arch/x86/boot.rst), a vmlinux (System V ABI,
chapter 5), and numbered noise to fill them and initrds with.  Nobody runs them."""

import hashlib
import struct

SECTOR = 512
SETUP_SECTS = 7
SETUP_SIZE = (SETUP_SECTS + 1) * SECTOR
KERNEL_SIZE = 96 * 1024
VERSION = b"6.99.0-synthetic (nobody@nowhere) #1"
VERSION_OFFSET = 0xC00
HEADER_END = 0x26C

# name: (offset in the file, struct code)
SETUP_HEADER = {
    "setup_sects": (0x1F1, "B"),
    "root_flags": (0x1F2, "H"),
    "syssize": (0x1F4, "I"),
    "ram_size": (0x1F8, "H"),
    "vid_mode": (0x1FA, "H"),
    "root_dev": (0x1FC, "H"),
    "boot_flag": (0x1FE, "H"),
    "jump": (0x200, "B"),
    "jump_distance": (0x201, "B"),
    "magic": (0x202, "I"),
    "version": (0x206, "H"),
    "realmode_swtch": (0x208, "I"),
    "start_sys_seg": (0x20C, "H"),
    "kernel_version": (0x20E, "H"),
    "type_of_loader": (0x210, "B"),
    "loadflags": (0x211, "B"),
    "setup_move_size": (0x212, "H"),
    "code32_start": (0x214, "I"),
    "ramdisk_image": (0x218, "I"),
    "ramdisk_size": (0x21C, "I"),
    "bootsect_kludge": (0x220, "I"),
    "heap_end_ptr": (0x224, "H"),
    "ext_loader_ver": (0x226, "B"),
    "ext_loader_type": (0x227, "B"),
    "cmd_line_ptr": (0x228, "I"),
    "initrd_addr_max": (0x22C, "I"),
    "kernel_alignment": (0x230, "I"),
    "relocatable_kernel": (0x234, "B"),
    "min_alignment": (0x235, "B"),
    "xloadflags": (0x236, "H"),
    "cmdline_size": (0x238, "I"),
    "hardware_subarch": (0x23C, "I"),
    "hardware_subarch_data": (0x240, "Q"),
    "payload_offset": (0x248, "I"),
    "payload_length": (0x24C, "I"),
    "setup_data": (0x250, "Q"),
    "pref_address": (0x258, "Q"),
    "init_size": (0x260, "I"),
    "handover_offset": (0x264, "I"),
    "kernel_info_offset": (0x268, "I"),
}

DEFAULTS = {
    "setup_sects": SETUP_SECTS,
    "root_flags": 1,
    "syssize": KERNEL_SIZE // 16,
    "vid_mode": 0xFFFF,
    "boot_flag": 0xAA55,
    "jump": 0xEB,
    "jump_distance": HEADER_END - 0x202,
    "magic": 0x53726448,  # HdrS
    "version": 0x020F,
    "start_sys_seg": 0x1000,
    "kernel_version": VERSION_OFFSET - 0x200,
    "loadflags": 0x01,  # LOADED_HIGH
    "setup_move_size": 0x8000,
    "code32_start": 0x100000,
    "heap_end_ptr": 0x5BE0,
    "initrd_addr_max": 0x7FFFFFFF,
    "kernel_alignment": 0x200000,
    "relocatable_kernel": 1,
    "min_alignment": 21,
    "xloadflags": 0x007F,
    "cmdline_size": 2047,
    "payload_offset": 0x1000,
    "payload_length": 0x10000,
    "pref_address": 0x1000000,
    "init_size": 0x600000,
    "handover_offset": 0x200,
    "kernel_info_offset": 0x800,
}


def noise(size, seed):
    """size bytes that look random and are the same for the same seed."""
    blocks = (hashlib.sha256(b"%s %d" % (seed.encode(), i)).digest() for i in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def put(image, field, value):
    """Writes a field of the setup header, cut to its size."""
    offset, code = SETUP_HEADER[field]
    size = struct.calcsize("<" + code)
    image[offset:offset + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")


def bzimage(**fields):
    """A 64-bit bzImage; fields replace those of the setup header."""
    image = bytearray(SETUP_SIZE) + bytearray(noise(KERNEL_SIZE, "kernel"))
    image[0:2] = b"MZ"
    image[VERSION_OFFSET:VERSION_OFFSET + len(VERSION)] = VERSION
    for field, value in {**DEFAULTS, **fields}.items():
        put(image, field, value)
    return bytes(image)


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
ET_EXEC, ET_DYN, EM_X86_64 = 2, 3, 62
KERNEL_BASE = 0xFFFFFFFF80000000
BANNER = b"Linux version " + VERSION + b"\0"


def elf(segments, entry, kind=ET_EXEC, machine=EM_X86_64):
    """An ELF64 file of (type, physical address, content, memory size, alignment)s."""
    count = len(segments)
    offset = 0x1000
    headers, contents = b"", b""
    for segment_type, paddr, content, memsz, align in segments:
        headers += struct.pack("<IIQQQQQQ", segment_type, 7, offset,
                               (KERNEL_BASE + paddr) % (1 << 64), paddr, len(content), memsz,
                               align)
        padded = content + bytes(-len(content) % 0x1000)
        contents += padded
        offset += len(padded)
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, kind, machine, 1, entry,
                         EHDR_SIZE, 0, 0, EHDR_SIZE, PHDR_SIZE, count, 64, 0, 0)
    return (header + headers).ljust(0x1000, b"\0") + contents


def vmlinux(kind=ET_EXEC):
    """What a kernel build leaves beside its bzImage: text, data with room for bss, a note."""
    text = noise(0x8000, "text")
    data = BANNER + noise(0x3000 - len(BANNER), "data")
    note = struct.pack("<III8sI", 6, 4, 0x101, b"Linux\0\0\0", 0)
    return elf([(PT_LOAD, 0x1000000, text, 0x8000, 0x200000),
                (PT_LOAD, 0x1200000, data, 0x9000, 0x200000),
                (PT_NOTE, 0x1000000, note, len(note), 4)], 0x1000070, kind)


PE_ALIGN = 512


def pe_header(sections):
    """The first 4096 bytes of a PE file such as a UKI: (name, size, size in the file, offset
    in the file)s."""
    header = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x80)
    coff = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, len(sections), 0, 0, 0, 240, 0x22E)
    optional = struct.pack("<H66xH38xI", 0x20B, 10, 16)    # an EFI application, 16 directories
    table = b"".join(struct.pack("<8sIIII16x", name.encode(), size, 0x1000, raw, offset)
                     for name, size, raw, offset in sections)
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
