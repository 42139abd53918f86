# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of loongarch64."""

import re
import struct

import early
from cases import NO_INITRD, both, case, corrupted, crash, load, plain, planned
from guest import MIB
from loongarch64.machine import ARCH


def finds_no_initrd(run):
    """EFI's tables contain an initrd, as they do after a boot of an older kernel; kexec gave none."""
    run.command_ended()
    run.guest.wait("STAGE1 paused")
    table = re.search(r" INITRD=(0x\w+)", "\n".join(run.guest.lines)).group(1)
    run.guest.write_ram(int(table, 16), struct.pack("<QQ", ARCH.hole.stop + 256 * MIB, MIB))
    run.guest.resume()
    run.in_purgatory()
    run.guest.wait("Unable to mount root fs",
                   never="Trying to unpack rootfs image|INITRD: |STAGE2")


CASES = [
    early.case(ARCH, "loongarch64-early", "a panic for lack of a root file system", default=False),
    *both(crash, ARCH, "2 CPUs", cpus=2, default=False),
    planned(ARCH, "pie", "UEFI, ACPI, 2 CPUs", cpus=2, found="efi=yes acpi=yes"),
    planned(ARCH, "rel", "2 CPUs", cpus=2, options=(*load(ARCH), "--purgatory=rel"),
            default=False),
    plain(ARCH, default=False),
    *corrupted(ARCH),
    case(ARCH, "reuse-cmdline", "the first kernel's command line and a word more", reuse=True,
         default=False),
    case(ARCH, "no-initrd", "no initrd, and not that of EFI's tables", finds_no_initrd, script=NO_INITRD,
         default=False),
]
