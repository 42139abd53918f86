# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of ppc64le: QEMU, Debian's packages, Linux, and the dump."""

from arches import Arch
from vmcore import Format


class Ppc64Format(Format):
    """Radix trees of 64 KiB pages."""
    bits = 52
    shifts = (39, 30, 21, 16)
    tables_order = "big"

    @staticmethod
    def entry(entry, shift):
        """Bit 0 is the highest: valid, and leaf; Power ISA 3.0B, III 5.7.10.2."""
        leaf = entry >> 62 & 1
        return entry >> 63, leaf, entry & (0x01fffffffffff000 if leaf else 0x0fffffffffffff00)


ARCH = Arch(
    name="ppc64le", qemu="qemu-system-ppc64", machine="pseries,x-vof=on,graphics=off", cpu="power9",
    tty="hvc0", words="", console="",
    kernel="linux-image-powerpc64le:ppc64el", busybox="busybox-static:ppc64el",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "dtb"},
    cross="ppc64el",
    modules=("drivers/virtio/virtio", "drivers/virtio/virtio_ring",
             "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci_legacy_dev",
             "drivers/virtio/virtio_pci", "drivers/block/virtio_blk"),
    # Between the interrupt vectors; the hypervisor writes to 0x7000.
    disk="virtio-blk-pci", backup=64 << 10, low=range(0x100, 0x7000, 64),
    method="portable code", memory=512, crash=(512, "224M"),
    dump=Ppc64Format(21, 8, (504, 32, 112 + 32 * 8), None))
