# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of x86_64: QEMU, Debian's packages, Linux, and the dump."""

from arches import Arch
from guest import MIB
from vmcore import PAGE, Format


class X86Format(Format):
    @staticmethod
    def entry(entry, shift):
        """(is there anything, is it the last level, address); Intel SDM volume 3, 4.5."""
        return entry & 1, shift == 12 or shift < 39 and entry & 1 << 7, entry & 0x000ffffffffff000


ARCH = Arch(
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
    usable_ram=r"BIOS-e820: \[mem (0x\w+)-(0x\w+)\] usable",
    method="", memory=512, crash=(512, "160M"),
    dump=X86Format(62, 8, (336, 32, 112 + 16 * 8), 0xffffffff80000000, "init_top_pgt"),
    # Without its own copy, the kernel leaves out the first MiB; page 0 never is RAM.
    left_out=(PAGE, MIB),
    # Linux takes an absent CPU for pluggable only on a hypervisor that it knows
    # (arch/x86/kernel/acpi/boot.c).  It does not know TCG; it knows VMware by this string.
    spare_features=",-hypervisor", spare_options=("-smbios", "type=1,serial=VMware-"))
