# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of i386: QEMU, Debian's packages, Linux, and the dump."""

import dataclasses

from vmcore import Format
from x86.machine import ARCH as PC


class I386Format(Format):
    """Tables of two levels, with entries of a word."""
    bits = 32
    shifts = (22, 12)

    @staticmethod
    def entry(entry, shift):
        """(is there anything, is it the last level, address); Intel SDM volume 3, 4.3 and 4.4."""
        return entry & 1, shift == 12 or shift < 30 and entry & 1 << 7, entry & 0x000ffffffffff000

    def of(self, info):
        return PAE if info.get("CONFIG_X86_PAE") == "y" else self


class PaeFormat(I386Format):
    shifts = (30, 21, 12)
    entry_size = 8


LAYOUT = (3, 4, (144, 24, 72 + 12 * 4), None)
PAE = PaeFormat(*LAYOUT)
ARCH = dataclasses.replace(
    PC, name="i386", cpu="qemu32", cpu_features="",
    kernel="linux-image-686:i386", busybox="busybox-static:i386", cross="i386",
    modules=("drivers/virtio/virtio", "drivers/virtio/virtio_ring",
             "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci_legacy_dev",
             "drivers/virtio/virtio_pci", "drivers/block/virtio_blk"),
    disk="virtio-blk-pci", method="portable code", memory=512, crash=(512, "128M"),
    firmware=(), spare_features="", spare_options=(),
    dump=I386Format(*LAYOUT))
