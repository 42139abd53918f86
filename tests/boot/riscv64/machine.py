# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of riscv64: QEMU, Debian's packages, Linux, and the dump."""

import copy

from arches import Arch
from vmcore import Format


class RiscvFormat(Format):
    def of(self, info):
        """Sv39, Sv48 or Sv57."""
        form = copy.copy(self)
        form.bits = int(info["NUMBER(VA_BITS)"])
        form.shifts = tuple(range(form.bits - 9, 11, -9))
        return form

    @staticmethod
    def entry(entry, shift):
        """A leaf can be read, written or executed; RISC-V privileged architecture, 10.3."""
        return entry & 1, entry & 0xe, (entry >> 10 & (1 << 44) - 1) << 12


ARCH = Arch(
    name="riscv64", qemu="qemu-system-riscv64", machine="virt", cpu="rv64",
    tty="ttyS0", words="", console="",
    kernel="linux-image-riscv64:riscv64@trixie", busybox="busybox-static:riscv64@trixie",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "dtb"},
    ram_start=1 << 31, cross="riscv64",
    modules=("drivers/block/virtio_blk",), disk="virtio-blk-pci", own_words=False,
    hidden=512 << 10,
    method="portable code", memory=512, crash=(448, "192M"),
    dump=RiscvFormat(243, 8, (376, 32, 112), 0xffffffff80000000))
