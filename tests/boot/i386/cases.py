# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of i386."""

from cases import both, planned
from i386.machine import ARCH

CASES = [
    *both(planned, ARCH, "2 CPUs", cpus=2),
]
