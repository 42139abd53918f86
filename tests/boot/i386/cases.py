# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of i386."""

from cases import UNLOAD, both, case, corrupted, crash, planned, unloads
from i386.machine import ARCH
from x86 import payload

PAE = "linux-image-686-pae:i386"
WIDE_CPU = "qemu64"    # more than 32 bits of physical addresses

CASES = [
    payload.case(ARCH, "i386-payload", "every convention, from a 32-bit kernel", payload.STARTS_32,
                 default=False),
    *both(crash, ARCH, "2 CPUs", cpus=2),
    crash(ARCH, "pae", "PAE, 1 GiB of which 16 MiB lie above 4 GiB", package=PAE, cpus=2,
          cpu=WIDE_CPU, low=1008, memory=1024, unmapped=True, elf_word=8),
    *both(planned, ARCH, "2 CPUs", cpus=2),
    case(ARCH, "pae", "PAE", package=PAE, cpu=WIDE_CPU, default=False),
    case(ARCH, "unload", "unload, after which there is nothing to jump to", unloads,
         script=UNLOAD),
    *corrupted(ARCH, "halt"),
]
