# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of ppc64le."""

import dataclasses
import re
import struct

import baked
import early
from cases import SECOND_KERNEL, Failure, both, case, corrupted, crash, plain, planned, starts_elsewhere
from ppc64.machine import ARCH

# QEMU's own skiboot, which hands over a flattened tree.  Purgatory has no console there.
POWERNV = dataclasses.replace(ARCH, machine="powernv9")


def stub(address):
    """A vmlinux: lis r12, high; ori r12, r12, low; mtctr r12; bctr.  OPAL starts it in big endian."""
    address += 0xa00    # the start code
    code = struct.pack(">IIII", 0x3d800000 | address >> 16, 0x618c0000 | address & 0xffff, 0x7d8903a6, 0x4e800420)
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 2, 21, 1, 0x78, 0x40, 0, 2, 0x40, 0x38, 1, 0, 0, 0)
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 0x88, 0x88, 0x10000) + code


def halts_silently(run):
    """The only sign is that the CPU stays in the loop in which purgatory halts."""
    run.guest.wait("INIT: Starting kernel at", never=SECOND_KERNEL)
    found = []
    while len(found) < 4 or max(found[-4:]) - min(found[-4:]) > 8:
        run.guest.pass_time(0.5)
        run.guest.silent_for(0.5, never=SECOND_KERNEL)
        registers = run.guest.ask_monitor("human-monitor-command", **{"command-line": "info registers"})
        found.append(int(re.search(r"NIP ([0-9a-f]+)", registers).group(1), 16) - run.case.place)
        if not 0xa00 <= found[-1] < 0x8000:
            raise Failure(f"the CPU is at 0x{found[-1]:x} in the image")


CASES = [
    baked.baked(POWERNV, "", "started by skiboot", starts_elsewhere, memory=1024),
    *(baked.baked(POWERNV, f"-{place:x}", f"at 0x{place:x}", starts_elsewhere, stub=stub, place=place,
                  memory=1024, default=False) for place in (0x8000000, 0x10000000, 0x38000000)),
    *(baked.baked(POWERNV, f"-{name}", about, halts_silently, stub=stub, place=place, flip=flip, memory=1024,
                  default=False)
      for name, about, place, flip in (
          ("damaged", "of which the initrd is damaged", 0x10000000, True),
          ("misplaced", "at no multiple of its alignment", 0x10001000, False),
          ("low", "where the kernel moves itself to", 0x2000000, False))),
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
