# SPDX-License-Identifier: GPL-2.0-or-later
"""--bake for x86_64: a bzImage, and the headers of the baked file: bzImage, multiboot 1 and 2."""

import struct

import images

MACHINE, ORDER, ALIGN, SKIP = 62, "<", 2 << 20, 4096
MEMORY = 5 << 20
SETUP, SETUP_END = 0x1f1, 0x26c
EFI_KEXEC, LEVELS = 0x10, 0x60
LOWEST = 16 << 20


def make_kernel():
    kernel = bytearray(images.noise((3 << 20) + 1024, "kernel"))
    kernel[:1024] = bytes(1024)
    for form, at, value in (
            ("B", 0x1f1, 1), ("I", 0x1f4, (3 << 20) // 16), ("H", 0x1fe, 0xaa55), ("H", 0x200, 0x6aeb),
            ("4s", 0x202, b"HdrS"), ("H", 0x206, 0x20f), ("B", 0x211, 1), ("I", 0x22c, 0x7fffffff),
            ("I", 0x230, 16 << 20), ("B", 0x234, 1), ("B", 0x235, 21), ("H", 0x236, 3 | EFI_KEXEC | LEVELS),
            ("I", 0x238, 2047), ("Q", 0x258, 16 << 20), ("I", 0x260, MEMORY)):
        struct.pack_into("<" + form, kernel, at, value)
    return bytes(kernel)


KERNEL = make_kernel()


def field(baked, form, at):
    return struct.unpack_from("<" + form, baked, at)[0]


def tags(baked, at):
    """{type: contents} of a multiboot 2 header's tags."""
    found, end, at = {}, at + field(baked, "I", at + 8), at + 16
    while at < end:
        kind, _, size = struct.unpack_from("<HHI", baked, at)
        found[kind] = baked[at + 8:at + size]
        at += size + 7 & ~7
    return found


def multiboot_mistakes(image, baked, start):
    ends = start + image.image_size, start + image.memory_size
    at = baked.find(struct.pack("<I", 0x1badb002), 0, 8192)
    one = struct.unpack_from("<8I", baked, at)
    if at < SKIP or at % 4 or one[1] != 0x10002 or sum(one[:3]) & 0xffffffff or \
            one[3:7] != (start + at - SKIP, start, *ends):
        yield "the multiboot 1 header"
    at = baked.find(struct.pack("<I", 0xe85250d6), 0, 32768)
    two = struct.unpack_from("<4I", baked, at)
    found = tags(baked, at)
    if at < SKIP or at % 8 or two[1] or sum(two) & 0xffffffff or list(found) != [2, 3, 10, 0] or \
            struct.unpack("<4I", found[2]) != (start + at - SKIP, start, *ends):
        yield "the multiboot 2 header"
    elif struct.unpack("<I", found[3])[0] != one[7] or not start < one[7] < start + 0x800 or \
            struct.unpack("<4I", found[10]) != (start, 0xffffffff, ALIGN, 1):
        yield "the multiboot entry, or the places of the image"


def mistakes(image, baked, initrd, line):
    start = LOWEST
    if (field(baked, "H", 0x1fe), field(baked, "H", 0x200), baked[0x202:0x206], field(baked, "H", 0x206),
            baked[0x1f1], baked[0x211], field(baked, "I", 0x230), baked[0x234], baked[0x235]) != \
            (0xaa55, 0x6aeb, b"HdrS", 0x20f, 7, 1, ALIGN, 1, 21):
        yield "the setup header"
    if field(baked, "H", 0x236) != 3 | EFI_KEXEC | LEVELS:
        yield "xloadflags"
    if (field(baked, "I", 0x1f4), field(baked, "Q", 0x258), field(baked, "I", 0x260)) != \
            ((image.image_size + 15) // 16, start, image.memory_size):
        yield "syssize, pref_address or init_size"
    version = baked[0x200 + field(baked, "H", 0x20e):].split(b"\0")[0]
    if not version.startswith(b"baked "):
        yield f"version {version}"
    info = SKIP + field(baked, "I", 0x268)
    if baked[info:info + 4] != b"LToP" or field(baked, "I", info + 8) != 16:
        yield "kernel_info"
    if b"needs a boot loader that uses the 32-bit or 64-bit protocol" not in baked[:SKIP]:
        yield "the text of the 16-bit entry"
    if set(image.parts) != {"setup header", "initrd", "handover", "command line", "kernel"} or \
            list(image.parts)[-1] != "kernel":
        yield f"the parts {list(image.parts)}"
    elif [image.contents(part) for part in ("kernel", "initrd", "command line")] != \
            [KERNEL[1024:], initrd, line.encode() + b"\0"]:
        yield "the contents of a part"
    elif image.contents("setup header") != KERNEL[SETUP:0x230] + struct.pack("<I", ALIGN) + \
            KERNEL[0x234:SETUP_END]:
        yield "the kernel's setup header"
    offset, _, memory = image.parts["kernel"]
    if offset % ALIGN or memory < MEMORY or offset + memory != image.memory_size:
        yield "the kernel is not last, or at no multiple of 2 MiB"
    if image.parts["handover"][2] < 0x50000:
        yield "the room for the boot data"
    yield from multiboot_mistakes(image, baked, start)


def changed(at, form, value):
    kernel = bytearray(KERNEL)
    struct.pack_into("<" + form, kernel, at, value)
    return bytes(kernel)


REFUSED = {why: (kernel, says, *options) for why, kernel, options, says in (
    ("no 64-bit entry", changed(0x236, "H", 0), [], "no kernel without a 64-bit entry"),
    ("only below 4 GiB", changed(0x236, "H", 1), [], "no kernel without a 64-bit entry"),
    ("not relocatable", changed(0x234, "B", 0), [], "no kernel that is not relocatable"),
    ("alignment of 16 MiB", changed(0x235, "B", 24), [], r"it runs at multiples of 2\^24"),
    ("2 GiB", changed(0x260, "I", 0x7fffffff), [], "the baked image needs 0x[0-9a-f]+ bytes of memory, and"),
    ("--real-mode", KERNEL, ["--real-mode"], "--bake contradicts --real-mode"),
    ("--entry-32bit", KERNEL, ["--entry-32bit"], "--bake contradicts --entry-32bit"),
    ("--dtb", KERNEL, ["--dtb=initrd"], "--dtb: baked images of x86_64 have no device tree"),
    ("multiboot", struct.pack("<8I", 0x1badb002, 0x10000, 0x100000000 - 0x1badb002 - 0x10000, 1 << 20, 1 << 20,
                              (1 << 20) + 4096, (1 << 20) + 4096, 1 << 20).ljust(4096, b"\0"), [],
     "--bake takes a bzImage, and its type is multiboot-x86"))}
