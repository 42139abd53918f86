# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of ppc64le."""

import early
from cases import both, case, corrupted, crash, plain, planned
from ppc64.machine import ARCH

CASES = [
    early.case(ARCH, "ppc64le-early", "a panic for lack of a root file system", default=False),
    *both(crash, ARCH, "2 CPUs", cpus=2),
    *both(planned, ARCH, "2 CPUs", cpus=2),
    plain(ARCH, default=False),
    case(ARCH, "dtb", "the running kernel's tree as --dtb", cpus=2,
         options=("-c", "--dtb=/sys/firmware/fdt"), default=False),
    *corrupted(ARCH, "halt"),
    case(ARCH, "slof", "the whole firmware", machine=",x-vof=off", default=False),
]
