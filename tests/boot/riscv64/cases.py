# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of riscv64."""

import struct

import baked
import early
from cases import both, corrupted, crash, plain, planned
from riscv64.machine import ARCH


def stub(address):
    """auipc t0, 0; ld t0, 16(t0); jr t0; nop"""
    return struct.pack("<IIIIQ", 0x00000297, 0x0102b283, 0x00028067, 0x00000013, address)


CASES = [
    *baked.everywhere(ARCH, stub, 0x90000000, 0x9aa00000, 0x86400000),
    *both(crash, ARCH, "2 CPUs", cpus=2),
    baked.from_u_boot(ARCH, "qemu-riscv64_smode", 0x84000000, words="earlycon=sbi"),
    early.case(ARCH, "riscv64-early", "a panic for lack of a root file system", default=False),
    crash(ARCH, "sv39", "Sv39", words="no4lvl", default=False),
    crash(ARCH, "sv48", "Sv48", words="no5lvl", default=False),
    *both(planned, ARCH, "2 CPUs", cpus=2),
    plain(ARCH, default=False),
    *corrupted(ARCH, "halt"),
]
