# SPDX-License-Identifier: GPL-2.0-or-later
"""--bake for arm: a kernel, and the zImage header of the baked file."""

import struct

import arm

MACHINE, ORDER, ALIGN, SKIP = 40, "<", 128 << 20, 0
PLACE = 0x48000000
KERNEL = arm.zimage()


def mistakes(image, baked, initrd, line):
    if struct.unpack_from("<IIII", baked, 0x24) != (0x016f2818, 0, image.image_size, 0x04030201):
        yield "Linux' header"
    if set(image.parts) != {"kernel", "initrd", "command line", "handover"}:
        yield f"the parts {list(image.parts)}"
    elif [image.contents(part) for part in ("kernel", "initrd", "command line")] != \
            [KERNEL, initrd, line.encode() + b"\0"]:
        yield "the contents of a part"
    if image.parts["kernel"][0] != 2 << 20:
        yield "the kernel is not at 2 MiB"
    handover, size, memory = image.parts["handover"]
    if size or memory < 0x140000 or handover + memory != image.memory_size:
        yield "the boot data are not last, or have contents"
    if image.image_size > image.parts["kernel"][0] + image.parts["kernel"][1] + len(initrd) + 8192:
        yield "the file has a hole"
    # Memory that the kernel and its decompressor write, and then the initrd's place.
    if handover < arm.EDATA + arm.BSS + len(initrd):
        yield "the boot data are in memory that the kernel or its initrd uses"
