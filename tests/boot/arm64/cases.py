# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of arm64."""

import struct

import baked
import early
from cases import (PAUSED, UNLOAD, boots_damaged, both, case,
                   crash, halts, load, planned, resets, unloads)
from arm64.machine import ARCH

EL2 = ",virtualization=on"
MAX = "max,pauth-impdef=on"     # QEMU is slow at the architected pointer authentication
LOAD = load(ARCH)



def stub(address):
    """ldr x1, .+8; br x1"""
    return struct.pack("<IIQ", 0x58000041, 0xd61f0020, address)


CASES = [
    *baked.everywhere(ARCH, stub, 0x50000000, 0x6aa00000, 0x7c000000,
                      words="earlycon=pl011,0x9000000"),
    baked.baked(ARCH, "-resets", "of which the initrd is damaged: purgatory resets", baked.resets,
                stub=stub, place=0x50000000, flip=True, default=False,
                options=("--on-corrupt=reboot",), words="earlycon=pl011,0x9000000"),
    case(ARCH, "load-baked", "kexec loads a baked image", container=baked.inside(ARCH), default=False),
    baked.from_u_boot(ARCH, "qemu_arm64", 0x50000000, firmware="rom",
                      words="earlycon=pl011,0x9000000"),
    case(ARCH, "big-initrd", "an initrd of 300 MiB", big=300, memory=2048, seconds=900),
    *both(crash, ARCH, "2 CPUs", cpus=2),
    *both(planned, ARCH, "EL1", found="level=EL1"),
    case(ARCH, "plain", "no option but kernel, initrd and command line", options=(), method=""),
    case(ARCH, "full", "Debian's kernel for any machine", package="linux-image-arm64:arm64",
         default=False),
    case(ARCH, "el2", "EL2 without VHE", machine=EL2, found="level=EL2"),
    case(ARCH, "vhe", "EL2 with VHE, cpu max, 2 CPUs", machine=EL2, cpu=MAX, cpus=2,
         found="level=EL2+VHE"),
    case(ARCH, "smp", "EL1, 2 CPUs", cpus=2, found="cpus=2 level=EL1"),
    case(ARCH, "max", "EL1, cpu max", cpu=MAX, found="level=EL1", default=False),
    case(ARCH, "el2-smp", "EL2 without VHE, 2 CPUs, rel purgatory", machine=EL2, cpus=2,
         found="level=EL2", options=(*LOAD, "--purgatory=rel"), default=False),
    case(ARCH, "uefi", "UEFI, ACPI", firmware="uefi", found="efi=yes acpi=yes"),
    case(ARCH, "uefi-tree", "UEFI and a device tree", firmware="uefi", machine=",acpi=off",
         found="efi=yes acpi=no", default=False),
    case(ARCH, "uefi-smp", "UEFI, 2 CPUs, EL2, rel purgatory", firmware="uefi", cpus=2,
         machine=EL2, found="efi=yes level=EL2", options=(*LOAD, "--purgatory=rel"), default=False),
    case(ARCH, "unload", "unload, after which there is nothing to jump to", unloads,
         script=UNLOAD),
    case(ARCH, "corrupt-halt", "a bit flipped in the loaded initrd: purgatory says so and halts",
         halts, (*LOAD, "--on-corrupt=halt"), PAUSED),
    case(ARCH, "corrupt-halt-rel", "corrupt-halt with the rel purgatory", halts,
         (*LOAD, "--on-corrupt=halt", "--purgatory=rel"), PAUSED, default=False),
    case(ARCH, "corrupt-reboot", "a bit flipped in the loaded initrd: purgatory resets", resets,
         (*LOAD, "--on-corrupt=reboot"), PAUSED),
    case(ARCH, "corrupt-reboot-el2", "the same at EL2", resets, (*LOAD, "--on-corrupt=reboot"),
         PAUSED, machine=EL2, default=False),
    case(ARCH, "corrupt-cmdline", "a bit flipped in the loaded command line", halts,
         script=PAUSED, damaged="command line", default=False),
    case(ARCH, "corrupt-unchecked", "a bit flipped in the loaded initrd, and nobody checks",
         boots_damaged, ("-c", "--no-checks"), PAUSED, default=False),
    crash(ARCH, "el2", "EL2 without VHE", machine=EL2, found="level=EL2", default=False),
    early.case(ARCH, "arm64-early", "a panic for lack of a root file system", default=False),
    crash(ARCH, "corrupt", "a bit flipped in the loaded initrd", expect=halts, default=False),
    case(ARCH, "gzip", "an Image compressed by gzip", kernel="vmlinuz.gz", default=False),
    case(ARCH, "initrds", "two --initrd", initrds=2, default=False),
    case(ARCH, "reuse-cmdline", "the first kernel's command line and a word more", reuse=True,
         default=False),
    case(ARCH, "file-load", "kexec_file_load", options=("-s",), method="", package="small:arm64",
         default=False),
    crash(ARCH, "file-load", "kexec_file_load", options=("-s",), package="small:arm64",
          default=False),
]
