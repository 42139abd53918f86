# SPDX-License-Identifier: GPL-2.0-or-later
"""--bake for ppc64, little-endian: a kernel, and the ELF headers of the baked file."""

import struct

import ppc64

MACHINE, ORDER, ALIGN, SKIP = 21, "<", 64 << 10, 0
PLACE, FIXTURE = 0x8000000, "ppc64le"
KERNEL = ppc64.vmlinux(ORDER)


def mistakes(image, baked, initrd, line):
    order, data = image.order, 1 if image.order == "<" else 2
    if baked[:7] != bytes((0x7f, 0x45, 0x4c, 0x46, 2, data, 1)) or \
            struct.unpack_from(order + "HHI3Q", baked, 16) != (2, MACHINE, 1, 0xa00, 0x40, 0x80):
        yield "the ELF header"
    if struct.unpack_from(order + "II6Q", baked, 0x40) != \
            (1, 7, 0, 0, 0, image.image_size, image.memory_size, ALIGN):
        yield "the program header"
    if list(image.parts) != ["initrd", "handover", "command line", "kernel"]:
        yield f"the parts {list(image.parts)}"
    elif [image.contents(part) for part in ("kernel", "initrd", "command line")] != \
            [ppc64.body(order), initrd, line.encode() + b"\0"]:
        yield "the contents of a part"
    offset, _, memory = image.parts["kernel"]
    if offset % ALIGN or memory < ppc64.MEMORY_SIZE or offset + memory != image.memory_size:
        yield "the kernel is not last, or at no multiple of 64 KiB"
