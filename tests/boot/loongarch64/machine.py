# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of loongarch64: QEMU, Debian's packages, Linux, and the dump."""

from arches import Arch
from guest import MIB
from vmcore import Format


class LoongarchFormat(Format):
    """The kernel and the linear map of all RAM are in the window of cached memory."""
    window = range(0x9 << 60, 0x9001 << 48)


ARCH = Arch(
    name="loongarch64", qemu="qemu-system-loongarch64", machine="virt", cpu="la464",
    tty="ttyS0", words="", console="--serial=ttyS0",
    kernel="linux-image-loong64:loong64@sid", busybox="busybox-static:loong64@sid",
    firmware=(("/usr/share/qemu-efi-loongarch64/QEMU_EFI.fd",
               "/usr/share/qemu-efi-loongarch64/QEMU_VARS.fd"),),
    firmware_package="qemu-efi-loongarch64@trixie", starts_with="uefi",
    qemu_packages=tuple(f"qemu-system-{part}@bookworm-backports"
                        for part in ("misc", "common", "data")),
    segments={"initrd": "initrd", "command line": "cmdline"},
    hole=range(256 * MIB, 2048 * MIB), cross="loong64",
    modules=("drivers/block/virtio_blk",), disk="virtio-blk-pci",
    added=r"^kexec | initrd=\d+,\d+(?= elfcorehdr=|$)|^kexec_file initrd=0x[0-9a-f]+,0x[0-9a-f]+ ",
    crash_words="cma=0 swiotlb=noforce nr_cpus=1 earlycon=uart8250,mmio,0x1fe001e0",
    kernel_bug="kernel BUG at kernel/sched/core.c",
    method="portable code", memory=1024, crash=(2048, "512M"),
    dump=LoongarchFormat(258, 8, (480, 32, 112 + 33 * 8), None))
