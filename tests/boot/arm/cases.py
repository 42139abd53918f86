# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of arm."""

import early
from cases import PAUSED, UNLOAD, both, case, crash, halts, load, planned, resets, unloads
from arm.machine import ARCH

EL2 = ",virtualization=on"
LOAD = load(ARCH)
# MiB.  A zImage moves itself after the place that it decompresses to; both places must not
# overlap the initrd.
INITRD = 10

CASES = [
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
