# SPDX-License-Identifier: GPL-2.0-or-later
"""--bake for arm64: a kernel, and the Image header of the baked file."""

import struct

import images

MACHINE, ORDER, ALIGN, SKIP = 183, "<", 2 << 20, 0
MAGIC = b"ARM\x64"
MEMORY = (3 << 20) + 0x10000


def make_kernel():
    head = bytearray(struct.pack("<IIQQQ", 0, 0, 0, MEMORY, 0xa).ljust(64, b"\0"))
    head[56:60] = MAGIC
    return bytes(head) + images.noise((3 << 20) - 64, "kernel")


KERNEL = make_kernel()
# {why: (kernel, error)}
REFUSED = {"Linux before 4.6": (KERNEL[:24] + bytes(8) + KERNEL[32:], "^kernel: Linux before 4.6 uses no memory before")}


def mistakes(image, baked, initrd, line):
    if baked[56:60] != MAGIC or struct.unpack_from("<QQ", baked, 8) != (0, image.memory_size):
        yield "Linux' header"
    if list(image.parts) != ["initrd", "handover", "command line", "kernel"]:
        yield f"the parts {list(image.parts)}"
    elif [image.contents(part) for part in ("kernel", "initrd", "command line")] != \
            [KERNEL, initrd, line.encode() + b"\0"]:
        yield "the contents of a part"
    offset, _, memory = image.parts["kernel"]
    if offset % ALIGN or memory < MEMORY or offset + memory != image.memory_size:
        yield "the kernel is not last, or at no multiple of 2 MiB"
    if image.parts["handover"][2] < 0x140000:
        yield "the room for the boot data"
