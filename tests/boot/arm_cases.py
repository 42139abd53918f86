# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of arm64 and arm."""

import dataclasses

import cases
from arches import ARM64
from cases import (LOADED, PAUSED, PLANNED, Case, boots, boots_as_planned, boots_damaged,
                   crash_case, halts, resets, unloads)

ARM64_SHA2 = "SHA2 instructions"
BOTH = ("pie", "rel")
LOAD = ("-c", ARM64.console)


def arm64_case(name, about, expect=boots, options=LOAD, script=Case.script, **fields):
    fields = {"memory": 1024, "method": ARM64_SHA2, "seconds": 300, **fields}
    return Case(f"arm64-{name}", f"arm64: {about}", expect, options, script, arch=ARM64, **fields)


def arm64_crash(name, about, options=LOAD, script=cases.CRASH, **fields):
    fields = {"memory": 448, "crash": "160M", "method": ARM64_SHA2, "seconds": 360, **fields}
    case = crash_case(f"arm64-crash-{name}", about, options, script, arch=ARM64, **fields)
    return dataclasses.replace(case, about=f"arm64: {case.about}")


CASES = [
    arm64_case("big-initrd", "an initrd of 300 MiB", big=300, memory=2048, seconds=900),
    *(arm64_crash(kind, f"{kind} purgatory" + ", 2 CPUs" * (kind == "pie"),
                  (*LOAD, f"--purgatory={kind}"), cpus=1 + (kind == "pie")) for kind in BOTH),
    *(arm64_case(kind, f"{kind} purgatory, EL1", boots_as_planned(f"purgatory +{kind},"),
                 (*LOAD, f"--purgatory={kind}"), PLANNED) for kind in BOTH),
    arm64_case("plain", "no option but kernel, initrd and command line", options=(), method=""),
    arm64_case("full", "Debian's kernel for any machine", package="linux-image-arm64:arm64",
               default=False),
    arm64_case("el2", "EL2, no VHE", machine=",virtualization=on"),
    arm64_case("vhe", "EL2 with VHE, cpu max", machine=",virtualization=on",
               cpu="max,pauth-impdef=on"),
    arm64_case("max", "EL1, cpu max", cpu="max,pauth-impdef=on", default=False),
    arm64_case("el3", "EL2 below EL3, cpu max, 2 CPUs", machine=",virtualization=on,secure=on",
               cpu="max,pauth-impdef=on", cpus=2, default=False),
    arm64_case("smp", "2 CPUs", cpus=2),
    arm64_case("uefi", "UEFI, ACPI", firmware="uefi"),
    arm64_case("uefi-smp", "UEFI, ACPI, rel purgatory, 2 CPUs", firmware="uefi", cpus=2,
               options=(*LOAD, "--purgatory=rel"), default=False),
    arm64_case("unload", "unload, after which there is nothing to jump to", unloads,
               script="{load}\n" + LOADED + "run kexec -u\n" + LOADED + "run kexec -e"),
    arm64_case("corrupt-halt", "a bit flipped in the loaded initrd: purgatory says so and halts",
               halts, (*LOAD, "--on-corrupt=halt"), PAUSED),
    arm64_case("corrupt-reboot", "a bit flipped in the loaded initrd: purgatory resets", resets,
               (*LOAD, "--on-corrupt=reboot"), PAUSED),
    arm64_case("corrupt-reboot-el2", "the same at EL2", resets, (*LOAD, "--on-corrupt=reboot"),
               PAUSED, machine=",virtualization=on", default=False),
    arm64_case("corrupt-cmdline", "a bit flipped in the loaded command line", halts, LOAD, PAUSED,
               damaged="command line", default=False),
    arm64_case("corrupt-halt-rel", "corrupt-halt with the rel purgatory", halts,
               (*LOAD, "--on-corrupt=halt", "--purgatory=rel"), PAUSED, default=False),
    arm64_case("corrupt-unchecked", "a bit flipped in the loaded initrd, and nobody checks",
               boots_damaged, ("-c", "--no-checks"), PAUSED, default=False),
    arm64_crash("el2", "EL2, no VHE", machine=",virtualization=on", default=False),
    arm64_crash("corrupt", "a bit flipped in the loaded initrd", script=cases.CRASH,
                expect=halts, default=False),
    arm64_case("gzip", "an Image compressed by gzip", kernel="vmlinuz.gz", default=False),
    arm64_case("initrds", "two --initrd", initrds=2, default=False),
]
