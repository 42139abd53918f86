# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of the arches that kexec is cross-built for."""

from arches import ARM, ARM64, PPC64LE, RISCV64, S390X
from cases import (PAUSED, PLANNED, UNLOAD, Case, boots, boots_as_planned, boots_damaged, halts,
                   resets, unloads)
from cases import CRASH as CRASH_SCRIPT
from crash import crashes, crashes_and_tells

EL2 = ",virtualization=on"
MAX = "max,pauth-impdef=on"     # QEMU is slow at the architected pointer authentication
SYSCALL = ("-c",)
LOAD = (*SYSCALL, "--serial=ttyAMA0")
# A zImage moves itself behind the place that it decompresses to; neither may come where
# the initrd is.
ARM_INITRD = 10

METHODS = {"arm64": "SHA2 instructions", "arm": "portable code.*", "ppc64le": "portable code",
           "riscv64": "portable code", "s390x": "portable code"}
MEMORY = {"arm64": 1024, "arm": 512, "ppc64le": 512, "riscv64": 512, "s390x": 512}
CRASH = {"arm64": (448, "160M"), "arm": (448, "128M"), "ppc64le": (512, "224M"),
         "riscv64": (448, "192M"), "s390x": (512, "160M")}


def load(arch):
    """What a load has: the system call that these kernels know, and a console."""
    return (*SYSCALL, arch.console) if arch.console else SYSCALL


def case(arch, name, about, expect=boots, options=None, script=Case.script, **fields):
    fields = {"memory": MEMORY[arch.name], "method": METHODS[arch.name], "seconds": 400, **fields}
    return Case(f"{arch.name}-{name}", f"{arch.name}: {about}", expect,
                load(arch) if options is None else options, script, arch=arch, **fields)


def crash(arch, name, about, **fields):
    memory, reserved = CRASH[arch.name]
    fields = {"expect": crashes, "script": CRASH_SCRIPT, "memory": memory, "crash": reserved,
              "action": "-p", "seconds": 600, "backup": arch.backup > 0, **fields}
    return case(arch, f"crash-{name}", f"a panic, then: {about}", **fields)


def planned(arch, kind, about, **fields):
    return case(arch, kind, about, boots_as_planned(f"purgatory +{kind},"), script=PLANNED,
                **fields)


def both(make, arch, about, **fields):
    """A test with each purgatory."""
    return [make(arch, kind, f"{kind} purgatory, {about}",
                 options=(*load(arch), f"--purgatory={kind}"), **fields)
            for kind in ("pie", "rel")]


def corrupted(arch, *ways):
    """The ways in which purgatory ends where the initrd is damaged, by default and others."""
    return [case(arch, f"corrupt-{name}", f"a bit flipped in the loaded initrd: {about}", expect,
                 (*load(arch), *options), PAUSED, default=name in ways)
            for name, about, expect, options in (
                ("halt", "purgatory says so and halts", halts, ("--on-corrupt=halt",)),
                ("halt-rel", "the same with the rel purgatory", halts,
                 ("--on-corrupt=halt", "--purgatory=rel")),
                ("reboot", "purgatory resets", resets, ("--on-corrupt=reboot",)),
                ("unchecked", "nobody checks", boots_damaged, ("--no-checks",)))]


def plain(arch, **fields):
    return case(arch, "plain", "no option but kernel, initrd and command line", options=(),
                **fields)


CASES = [
    case(ARM64, "big-initrd", "an initrd of 300 MiB", big=300, memory=2048, seconds=900),
    *both(crash, ARM64, "2 CPUs", cpus=2),
    *both(planned, ARM64, "EL1", found="level=EL1"),
    case(ARM64, "plain", "no option but kernel, initrd and command line", options=(), method=""),
    case(ARM64, "full", "Debian's kernel for any machine", package="linux-image-arm64:arm64",
         default=False),
    case(ARM64, "el2", "EL2 without VHE", machine=EL2, found="level=EL2"),
    case(ARM64, "vhe", "EL2 with VHE, cpu max, 2 CPUs", machine=EL2, cpu=MAX, cpus=2,
         found="level=EL2+VHE"),
    case(ARM64, "smp", "EL1, 2 CPUs", cpus=2, found="cpus=2 level=EL1"),
    case(ARM64, "max", "EL1, cpu max", cpu=MAX, found="level=EL1", default=False),
    case(ARM64, "el2-smp", "EL2 without VHE, 2 CPUs, rel purgatory", machine=EL2, cpus=2,
         found="level=EL2", options=(*LOAD, "--purgatory=rel"), default=False),
    case(ARM64, "uefi", "UEFI, ACPI", firmware="uefi", found="efi=yes acpi=yes"),
    case(ARM64, "uefi-tree", "UEFI and a device tree", firmware="uefi", machine=",acpi=off",
         found="efi=yes acpi=no", default=False),
    case(ARM64, "uefi-smp", "UEFI, 2 CPUs, EL2, rel purgatory", firmware="uefi", cpus=2,
         machine=EL2, found="efi=yes level=EL2", options=(*LOAD, "--purgatory=rel"), default=False),
    case(ARM64, "unload", "unload, after which there is nothing to jump to", unloads,
         script=UNLOAD),
    case(ARM64, "corrupt-halt", "a bit flipped in the loaded initrd: purgatory says so and halts",
         halts, (*LOAD, "--on-corrupt=halt"), PAUSED),
    case(ARM64, "corrupt-halt-rel", "corrupt-halt with the rel purgatory", halts,
         (*LOAD, "--on-corrupt=halt", "--purgatory=rel"), PAUSED, default=False),
    case(ARM64, "corrupt-reboot", "a bit flipped in the loaded initrd: purgatory resets", resets,
         (*LOAD, "--on-corrupt=reboot"), PAUSED),
    case(ARM64, "corrupt-reboot-el2", "the same at EL2", resets, (*LOAD, "--on-corrupt=reboot"),
         PAUSED, machine=EL2, default=False),
    case(ARM64, "corrupt-cmdline", "a bit flipped in the loaded command line", halts,
         script=PAUSED, damaged="command line", default=False),
    case(ARM64, "corrupt-unchecked", "a bit flipped in the loaded initrd, and nobody checks",
         boots_damaged, ("-c", "--no-checks"), PAUSED, default=False),
    crash(ARM64, "el2", "EL2 without VHE", machine=EL2, found="level=EL2", default=False),
    crash(ARM64, "corrupt", "a bit flipped in the loaded initrd", expect=halts, default=False),
    case(ARM64, "gzip", "an Image compressed by gzip", kernel="vmlinuz.gz", default=False),
    case(ARM64, "initrds", "two --initrd", initrds=2, default=False),
    case(ARM64, "reuse-cmdline", "the first kernel's command line and a word more", reuse=True,
         default=False),
    case(ARM64, "file-load", "kexec_file_load", options=("-s",), method="", package="small:arm64",
         default=False),
    crash(ARM64, "file-load", "kexec_file_load", options=("-s",), package="small:arm64",
          default=False),
    *both(crash, ARM, "2 CPUs", cpus=2),
    crash(ARM, "highmem", "1 GiB, of which 760 MiB are mapped", memory=1024, unmapped=True,
          seconds=1200, default=False),
    *both(planned, ARM, f"{ARM_INITRD} MiB of initrd", big=ARM_INITRD),
    case(ARM, "plain", "no option but kernel, initrd and command line", options=(), method="",
         default=False),
    case(ARM, "smp", "2 CPUs", cpus=2),
    case(ARM, "hyp", "HYP mode, 2 CPUs", machine=EL2, cpus=2, found="level=HYP", default=False),
    case(ARM, "unload", "unload, after which there is nothing to jump to", unloads,
         script=UNLOAD, default=False),
    case(ARM, "corrupt-halt", "a bit flipped in the loaded initrd: purgatory says so and halts",
         halts, (*LOAD, "--on-corrupt=halt"), PAUSED),
    case(ARM, "corrupt-reboot", "a bit flipped in the loaded initrd: purgatory resets", resets,
         (*LOAD, "--on-corrupt=reboot"), PAUSED),
    case(ARM, "reuse-cmdline", "the first kernel's command line and a word more", reuse=True,
         default=False),
    *both(crash, PPC64LE, "2 CPUs", cpus=2),
    *both(planned, PPC64LE, "2 CPUs", cpus=2),
    plain(PPC64LE, default=False),
    case(PPC64LE, "dtb", "the running kernel's tree as --dtb", cpus=2,
         options=("-c", "--dtb=/sys/firmware/fdt"), default=False),
    *corrupted(PPC64LE, "halt"),
    case(PPC64LE, "slof", "the whole firmware", machine=",x-vof=off", default=False),
    *both(crash, RISCV64, "2 CPUs", cpus=2),
    crash(RISCV64, "sv39", "Sv39", words="no4lvl", default=False),
    crash(RISCV64, "sv48", "Sv48", words="no5lvl", default=False),
    *both(planned, RISCV64, "2 CPUs", cpus=2),
    plain(RISCV64, default=False),
    *corrupted(RISCV64, "halt"),
    *both(planned, S390X, "2 CPUs", cpus=2),
    crash(S390X, "pie", "pie purgatory", expect=crashes_and_tells, package="small:s390x",
          default=False),
    crash(S390X, "rel", "rel purgatory", expect=crashes_and_tells, package="small:s390x",
          options=(*load(S390X), "--purgatory=rel"), default=False),
    case(S390X, "file-load", "kexec_file_load", options=("-s",), method="",
         package="small:s390x", default=False),
    plain(S390X, default=False),
    *corrupted(S390X, "halt"),
]
