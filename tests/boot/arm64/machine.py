# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of arm64: QEMU, Debian's packages, Linux, and the dump."""

from arches import Arch
from vmcore import Format


class Arm64Format(Format):
    @staticmethod
    def entry(entry, shift):
        """Arm Architecture Reference Manual, D8.3: a table or page has bit 1, a block has not."""
        return entry & 1, shift == 12 or not entry & 2, entry & 0x0000fffffffff000


ARCH = Arch(
    name="arm64", qemu="qemu-system-aarch64", machine="virt", cpu="cortex-a57",
    tty="ttyAMA0", words="", console="--serial=ttyAMA0",
    kernel="linux-image-cloud-arm64:arm64", busybox="busybox-static:arm64",
    firmware=(("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
              ("/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw",
               "/usr/share/edk2/aarch64/vars-template-pflash.raw")),
    firmware_package="qemu-efi-aarch64",
    segments={"initrd": "initrd", "command line": "dtb"},
    ram_start=1 << 30, cross="arm64", own_words=False,
    method="SHA2 instructions, 2 streams", memory=1024, crash=(448, "160M"),
    dump=Arm64Format(183, 8, (392, 32, 112 + 32 * 8), 0xffff800000000000))
