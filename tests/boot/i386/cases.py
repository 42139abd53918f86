# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of i386."""

import dataclasses

import early
import files
from cases import PLANNED, both, boots_as_planned, case, corrupted, crash, load, planned
from guest import Failure
from i386.machine import ARCH
from x86 import payload
from x86.machine import ARCH as PC

PAE = "linux-image-686-pae:i386"
WIDE_CPU = "qemu64"    # more than 32 bits of physical addresses

# Programs of 32 bits on a 64-bit kernel: kexec itself, or all others
ON_64 = dataclasses.replace(PC, name="i386", busybox=ARCH.busybox, cross=ARCH.cross,
                            method="portable code")
UNDER_64 = dataclasses.replace(PC, busybox=ARCH.busybox)


def kernel(arch):
    """The second kernel: Debian's for another arch than the first."""
    return lambda _: files.debian_kernel(arch.kernel)


UNLOAD = "{load}; run kexec -S -l; run kexec -u; run kexec -S -l; run kexec -e"


def unloads(run):
    for status in (0, 1, 0, 0):
        run.command_ended(status)
    printed = " ".join(run.command_ended(1))
    if "Nothing has been loaded!" not in printed:
        raise Failure(f"kexec -e with nothing loaded said: {printed}")


CASES = [
    payload.case(ARCH, "i386-payload", "every convention, from a 32-bit kernel", payload.STARTS_32,
                 default=False),
    payload.case(ON_64, "i386-payload-on-64", "a kexec of 32 bits on a 64-bit kernel",
                 [start for start in payload.STARTS if "-s " not in start.options], default=False),
    *both(crash, ARCH, "2 CPUs", cpus=2),
    early.case(ARCH, "i386-early", "a panic for lack of a root file system", default=False),
    crash(ARCH, "pae", "PAE, 1 GiB of which 16 MiB lie above 4 GiB", package=PAE, cpus=2,
          cpu=WIDE_CPU, low=1008, memory=1024, unmapped=True, elf_word=8),
    *both(planned, ARCH, "2 CPUs", cpus=2),
    case(ARCH, "pae", "PAE", package=PAE, cpu=WIDE_CPU, default=False),
    case(ARCH, "unload", "-S -l before and after -u; then there is nothing to jump to", unloads,
         script=UNLOAD),
    *corrupted(ARCH, "halt"),
    case(ON_64, "on-64", "on a 64-bit kernel, no option but kernel, initrd and command line",
         options=(), cpus=2),
    case(ON_64, "on-64-rel", "the same with the rel purgatory, under linux32",
         boots_as_planned("purgatory +rel,"), (*load(ON_64), "--purgatory=rel"),
         "alias run='run linux32'\n" + PLANNED, default=False),
    crash(ON_64, "on-64", "on a 64-bit kernel", crash="160M"),
    case(ARCH, "to-64", "a 64-bit kernel from a 32-bit one, 2 CPUs", kernel=kernel(PC),
         cpu=WIDE_CPU, cpus=2),
    case(UNDER_64, "to-32", "a 32-bit kernel from a 64-bit one, 2 CPUs", kernel=kernel(ARCH),
         cpus=2),
]
