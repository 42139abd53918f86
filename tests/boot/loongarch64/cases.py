# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of loongarch64."""

from cases import BARE, both, case, corrupted, crash, finds_no_initrd, load, plain, planned
from loongarch64.machine import ARCH

CASES = [
    *both(crash, ARCH, "2 CPUs", cpus=2, default=False),
    planned(ARCH, "pie", "UEFI, ACPI, 2 CPUs", cpus=2, found="efi=yes acpi=yes"),
    planned(ARCH, "rel", "2 CPUs", cpus=2, options=(*load(ARCH), "--purgatory=rel"),
            default=False),
    plain(ARCH, default=False),
    *corrupted(ARCH),
    case(ARCH, "reuse-cmdline", "the first kernel's command line and a word more", reuse=True,
         default=False),
    case(ARCH, "no-initrd", "no initrd, and no stale one", finds_no_initrd, script=BARE,
         default=False),
]
