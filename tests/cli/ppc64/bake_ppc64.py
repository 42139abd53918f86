# SPDX-License-Identifier: GPL-2.0-or-later
"""--bake for ppc64, big-endian."""

import bake_ppc64le
import ppc64

MACHINE, ORDER, ALIGN, SKIP = bake_ppc64le.MACHINE, ">", bake_ppc64le.ALIGN, bake_ppc64le.SKIP
PLACE, FIXTURE = bake_ppc64le.PLACE, bake_ppc64le.FIXTURE
KERNEL = ppc64.vmlinux(ORDER)
mistakes = bake_ppc64le.mistakes
