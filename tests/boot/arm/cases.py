# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of arm."""

import struct

import baked
import early
from cases import PAUSED, UNLOAD, both, case, crash, halts, load, planned, resets, unloads
from arm.machine import ARCH

EL2 = ",virtualization=on"
LOAD = load(ARCH)
# MiB.  A zImage moves itself after the place that it decompresses to; both places must not
# overlap the initrd.
INITRD = 10



def stub(address):
    """ldr r3, .+8; bx r3"""
    return struct.pack("<III", 0xe59f3000, 0xe12fff13, address)


BAKED = {"stub": stub, "memory": 768, "words": "earlycon=pl011,0x9000000"}

CASES = [
    *(baked.baked(ARCH, name, about, expect, place=place, flip=flip, default=not name, **BAKED)
      for name, about, expect, place, flip in (
          ("", "at 0x50000000", baked.starts, 0x50000000, False),
          ("-58000000", "at 0x58000000", baked.starts, 0x58000000, False),
          ("-60000000", "at 0x60000000", baked.starts, 0x60000000, False),
          ("-damaged", "of which the initrd is damaged", baked.finds_damage, 0x50000000, True),
          ("-misplaced", "at no multiple of its alignment", baked.refuses_place, 0x54000000, False))),
    *both(crash, ARCH, "2 CPUs", cpus=2),
    early.case(ARCH, "arm-early", "a panic for lack of a root file system", default=False),
    crash(ARCH, "highmem", "1 GiB, of which 760 MiB are mapped", memory=1024, unmapped=True,
          seconds=1200, default=False),
    *both(planned, ARCH, f"{INITRD} MiB of initrd", big=INITRD),
    case(ARCH, "plain", "no option but kernel, initrd and command line", options=(), method="",
         default=False),
    case(ARCH, "smp", "2 CPUs", cpus=2),
    case(ARCH, "hyp", "HYP mode, 2 CPUs", machine=EL2, cpus=2, found="level=HYP", default=False),
    case(ARCH, "unload", "unload, after which there is nothing to jump to", unloads,
         script=UNLOAD, default=False),
    case(ARCH, "corrupt-halt", "a bit flipped in the loaded initrd: purgatory says so and halts",
         halts, (*LOAD, "--on-corrupt=halt"), PAUSED),
    case(ARCH, "corrupt-reboot", "a bit flipped in the loaded initrd: purgatory resets", resets,
         (*LOAD, "--on-corrupt=reboot"), PAUSED),
    case(ARCH, "reuse-cmdline", "the first kernel's command line and a word more", reuse=True,
         default=False),
]
