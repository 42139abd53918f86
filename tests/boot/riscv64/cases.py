# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of riscv64."""

import early
from cases import both, corrupted, crash, plain, planned
from riscv64.machine import ARCH

CASES = [
    *both(crash, ARCH, "2 CPUs", cpus=2),
    early.case(ARCH, "riscv64-early", "a panic for lack of a root file system", default=False),
    crash(ARCH, "sv39", "Sv39", words="no4lvl", default=False),
    crash(ARCH, "sv48", "Sv48", words="no5lvl", default=False),
    *both(planned, ARCH, "2 CPUs", cpus=2),
    plain(ARCH, default=False),
    *corrupted(ARCH, "halt"),
]
