# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of ppc64le."""

import early
from cases import both, case, corrupted, crash, plain, planned
from ppc64.machine import ARCH

CASES = [
    # The tree has the end of the kernel, which a crash load needs, only after the built-in drivers.
    early.case(ARCH, "ppc64le-early", "the kernel's call comes too early, and /init calls again",
               first=early.with_init, expect=early.script_loads, words="kexec_early", default=False),
    *both(crash, ARCH, "2 CPUs", cpus=2),
    *both(planned, ARCH, "2 CPUs", cpus=2),
    plain(ARCH, default=False),
    case(ARCH, "dtb", "the running kernel's tree as --dtb", cpus=2,
         options=("-c", "--dtb=/sys/firmware/fdt"), default=False),
    *corrupted(ARCH, "halt"),
    case(ARCH, "slof", "the whole firmware", machine=",x-vof=off", default=False),
]
