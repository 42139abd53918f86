# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of i386."""

from cases import both, planned
from i386.machine import ARCH
from x86 import payload

CASES = [
    payload.case(ARCH, "i386-payload", "every convention, from a 32-bit kernel", payload.STARTS_32,
                 default=False),
    *both(planned, ARCH, "2 CPUs", cpus=2),
]
