# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of arm: QEMU, Debian's packages, Linux, and the dump."""

from arches import Arch
from vmcore import Format


class ArmFormat(Format):
    bits = 32
    shifts = (20, 12)

    @staticmethod
    def entry(entry, shift):
        """Sections and tables; Arm Architecture Reference Manual for v7, B3.5."""
        if shift == 20:
            section = entry & 3 == 2
            return entry & 3, section, entry & (0xfff00000 if section else 0xfffffc00)
        return entry & 2, True, entry & 0xfffff000


ARCH = Arch(
    name="arm", qemu="qemu-system-arm", machine="virt,highmem=off", cpu="cortex-a15",
    tty="ttyAMA0", words="", console="--serial=ttyAMA0",
    kernel="linux-image-armmp:armhf", busybox="busybox-static:armhf",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "dtb"},
    ram_start=1 << 30, cross="armhf",
    modules=("drivers/virtio/virtio_mmio", "drivers/block/virtio_blk"), disk="virtio-blk-device",
    method="portable code.*", memory=512, crash=(448, "128M"),
    dump=ArmFormat(40, 4, (148, 24, 72 + 15 * 4), None))
