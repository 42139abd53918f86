# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machines: what QEMU, Debian and Linux call the parts of each.
(QEMU's system emulation guides; Linux: admin-guide/serial-console.rst.)"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Arch:
    """What is the same for all guests of one arch."""
    name: str
    qemu: str
    machine: str
    cpu: str
    tty: str                # the serial port, for Linux
    words: str              # what else the command line needs
    console: str            # the option that gives purgatory the same port; "": it has it by itself
    kernel: str             # Debian packages
    busybox: str
    firmware: tuple         # (code, variables) of UEFI, wherever they may be packaged
    firmware_package: str
    segments: dict          # {what is damaged: the segment that it is in}
    usable_ram: str         # the line of the kernel's log that tells a range of RAM
    ram_start: int = 0
    cpu_features: str = ""
    cross: str = ""         # Debian's name of the arch that kexec is cross-built for
    modules: tuple = ()     # that the kernel needs for the disk
    disk: str = "nvme,serial=disk"
    own_words: bool = True  # a crash kernel is told more than the command line it was given
    backup: int = 0         # bytes at 0 that a crash kernel uses: the dump has purgatory's copy
    low: range = range(0)   # blocks there that the host can fill if they are empty
    hidden: int = 0         # bytes of the kernel's RAM that only firmware can read


X86_64 = Arch(
    name="x86_64", qemu="qemu-system-x86_64", machine="q35", cpu="qemu64",
    # QEMU 7.2 leaves garbage in EFLAGS after cmpxchg16b; Linux can do without it.
    cpu_features=",-cx16",
    # On a busy host a timer tick is late, for which the kernel would blame the machine.
    tty="ttyS0", words="no_timer_check", console="--console-serial",
    kernel="linux-image-cloud-amd64", busybox="busybox-static",
    firmware=(("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
              ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
              ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd")),
    firmware_package="ovmf",
    segments={"initrd": "initrd", "kernel": "kernel", "command line": "boot_params"},
    # Without the interrupt vectors and the BIOS's page before 640 KiB.
    backup=1 << 20, low=range(0x1000, 0x9f000, 4096),
    usable_ram=r"BIOS-e820: \[mem (0x\w+)-(0x\w+)\] usable")

NODE_RAM = r"  node +\d+: \[mem (0x\w+)-(0x\w+)\]"

ARM64 = Arch(
    name="arm64", qemu="qemu-system-aarch64", machine="virt", cpu="cortex-a57",
    tty="ttyAMA0", words="", console="--serial=ttyAMA0",
    kernel="linux-image-cloud-arm64:arm64", busybox="busybox-static:arm64",
    firmware=(("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
              ("/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw",
               "/usr/share/edk2/aarch64/vars-template-pflash.raw")),
    firmware_package="qemu-efi-aarch64",
    segments={"initrd": "initrd", "command line": "dtb"},
    usable_ram=NODE_RAM, ram_start=1 << 30, cross="arm64", own_words=False)

ARM = Arch(
    name="arm", qemu="qemu-system-arm", machine="virt,highmem=off", cpu="cortex-a15",
    tty="ttyAMA0", words="", console="--serial=ttyAMA0",
    kernel="linux-image-armmp:armhf", busybox="busybox-static:armhf",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "dtb"},
    usable_ram=NODE_RAM, ram_start=1 << 30, cross="armhf",
    modules=("drivers/virtio/virtio_mmio", "drivers/block/virtio_blk"), disk="virtio-blk-device")

PPC64LE = Arch(
    name="ppc64le", qemu="qemu-system-ppc64", machine="pseries,x-vof=on,graphics=off", cpu="power9",
    tty="hvc0", words="", console="",
    kernel="linux-image-powerpc64le:ppc64el", busybox="busybox-static:ppc64el",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "dtb"},
    usable_ram=NODE_RAM, cross="ppc64el",
    modules=("drivers/virtio/virtio", "drivers/virtio/virtio_ring",
             "drivers/virtio/virtio_pci_modern_dev", "drivers/virtio/virtio_pci_legacy_dev",
             "drivers/virtio/virtio_pci", "drivers/block/virtio_blk"),
    # Between the interrupt vectors; the hypervisor writes to 0x7000.
    disk="virtio-blk-pci", backup=64 << 10, low=range(0x100, 0x7000, 64))

RISCV64 = Arch(
    name="riscv64", qemu="qemu-system-riscv64", machine="virt", cpu="rv64",
    tty="ttyS0", words="", console="",
    kernel="linux-image-riscv64:riscv64@trixie", busybox="busybox-static:riscv64@trixie",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "dtb"},
    usable_ram=NODE_RAM, ram_start=1 << 31, cross="riscv64",
    modules=("drivers/block/virtio_blk",), disk="virtio-blk-pci", own_words=False,
    hidden=512 << 10)

S390X = Arch(
    name="s390x", qemu="qemu-system-s390x", machine="s390-ccw-virtio", cpu="qemu",
    tty="ttysclp0", words="", console="",
    kernel="linux-image-s390x:s390x", busybox="busybox-static:s390x",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "kernel"},
    usable_ram=NODE_RAM, cross="s390x", own_words=False,
    disk="virtio-blk-ccw")
