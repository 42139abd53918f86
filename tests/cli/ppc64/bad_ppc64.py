# SPDX-License-Identifier: GPL-2.0-or-later
"""ppc64: ELF kernels and boot wrappers that lie, device trees of a machine that are malformed in
every way, command lines that are too long."""

import gzip
import json
import struct

import bad
import harness
from bad_containers import patched

import images
import ppc64
import rules
from ppc64 import BE, BLOCKS, cells, NODE

E_TYPE, E_MACHINE, E_ENTRY, PHDR = 16, 18, 24, 64
P_OFFSET, P_PADDR, P_FILESZ, P_MEMSZ, P_ALIGN = (PHDR + at for at in (8, 24, 32, 40, 48))
LAST = (1 << 64) - 1
CHOSEN = f"{NODE}/chosen"


def kernels(bench):
    kernel = bench.image

    def check(data, arguments="-l"):
        return lambda plan: ppc64.check(plan, bench.machine, data, arguments)

    bench.accepts("a vmlinux", "-l", "vmlinux", check=check(kernel))
    big = ppc64.vmlinux(BE)
    bench.accepts("one of the other order", "-l", bench.write("big", big), check=check(big))
    for name, offset, code, value, says in (
            ("for another arch", E_MACHINE, "H", 183, "^Cannot determine the file type of odd"),
            ("for 32 bits", E_MACHINE, "H", 20, "32-bit PowerPC, and not a zImage"),
            ("of a core", E_TYPE, "H", 4, "the ELF file is of type 4"),
            ("of an object", E_TYPE, "H", 1, "the ELF file is of type 1"),
            ("with its entry elsewhere", E_ENTRY, "Q", 1 << 40, "the ELF entry 0x10000000000"),
            ("beyond the file", P_OFFSET, "Q", 1 << 40, "reach beyond the file's end"),
            ("longer than the file", P_FILESZ, "Q", LAST, "bytes in the file but only"),
            ("without bytes", P_FILESZ, "Q", 0, "in no loadable segment's part"),
            ("with fewer than other CPUs start with", P_FILESZ, "Q", 255, "less than the first 256"),
            ("with less memory than bytes", P_MEMSZ, "Q", 0x1000, "but only 0x1000 in memory"),
            ("too large for any memory", P_MEMSZ, "Q", 1 << 62, "leave the address space"),
            ("larger than this memory", P_MEMSZ, "Q", 1 << 31, "^the first memory node, .*too small: the kernel needs"),
            ("past the end of addresses", P_PADDR, "Q", LAST - 0xFFF, "leave the address space"),
            ("with an odd alignment", P_ALIGN, "Q", 3, "not a power of two"),
            ("with a huge alignment", P_ALIGN, "Q", 1 << 63, "^Could not find|is too small")):
        bench.refuses(f"a vmlinux {name}", "-l",
                      bench.write("odd", patched(kernel, offset, code, value)), says=says,
                      names="odd")
    bench.refuses("an interpreter", "-l", bench.write("odd", patched(kernel, PHDR, "I", 3)),
                  says="interpreter", names="odd", status=255)
    bench.refuses("an ELF header of 32 bits", "-l", bench.write("odd", patched(kernel, 4, "B", 1)),
                  names="odd", status=255)
    for size in (0, 1, 19, 20, 63, 64, 119, 120, ppc64.PAGE, ppc64.PAGE + 255, len(kernel) - 1):
        bench.refuses(f"a vmlinux cut to {size} bytes", "-l", bench.write("cut", kernel[:size]),
                      names="cut")
    bench.refuses("a bzImage", "-l", "bzImage", says="^Cannot determine the file type", status=255)
    bench.refuses("a vmlinux as zImage", "-t", "zImage", "-l", "vmlinux",
                  says="^Wrong file type zImage, file matches type elf-ppc64", status=255)


def wrappers(bench):
    good = gzip.compress(bench.image)
    bench.accepts("a zImage", "-l", bench.write("zImage", ppc64.zimage(good)))
    for name, data, says in (
            ("whose kernel is empty", ppc64.zimage(b""), "is empty"),
            ("whose kernel is cut", ppc64.zimage(good[:-9]), "cut short|damaged"),
            ("whose kernel is no kernel", ppc64.zimage(images.noise(5000, "no")), "file type"),
            ("in a zImage", ppc64.zimage(ppc64.zimage(ppc64.zimage(ppc64.zimage(
                ppc64.zimage(good))))), "packed more than 4 times"),
            ("without a kernel", ppc64.elf(BE, [(0x400000, bytes(4096), 4096)], machine=20),
             "32-bit PowerPC, and not a zImage")):
        bench.refuses(f"a zImage {name}", "-l", bench.write("zImage", data), says=says,
                      names="zImage", status=255)
    whole = ppc64.zimage(good)
    for size in range(0, 200, 7):
        bench.refuses(f"a zImage cut to {size}", "-l", bench.write("zImage", whole[:size]),
                      names="zImage")
    shoff, = struct.unpack_from(">Q", whole, 40)
    for at in range(0, 3 * 64, 8):
        odd = whole[:shoff + at] + struct.pack(">Q", LAST - 7) + whole[shoff + at + 8:]
        bench.survives(f"a zImage, {at:#x} of its sections", "-l", bench.write("zImage", odd),
                       names="zImage")


# name: (changes, what is said)
TREES = {
    "no device tree": ({NODE: None}, "There is no .*/proc/device-tree"),
    "no memory node": ({f"{NODE}/memory@0": None}, "/proc/device-tree lists no System RAM"),
    "no kernel's end and no firmware's size": (
        {CHOSEN: None, f"{NODE}/rtas": None, f"{NODE}/rtas/linux,rtas-base": b"\x2f\xff\0\0"},
        "missing: .*/rtas/rtas-size, .*/chosen/linux,kernel-end"),
    "cells of 0": ({f"{NODE}/#address-cells": bytes(4)}, "#address-cells: 0 cells"),
    "cells of 3": ({f"{NODE}/#size-cells": b"\0\0\0\3"}, "#size-cells: 3 cells"),
    "cells of another length": ({f"{NODE}/#size-cells": b"\2"}, "#size-cells: .* found 1"),
    "reg of nothing": ({f"{NODE}/memory@0/reg": b""}, "memory@0/reg: 0 bytes"),
    "reg of a pair and a half": ({f"{NODE}/memory@0/reg": cells(0, 1 << 31, 1 << 32)},
                                 "memory@0/reg: 24 bytes"),
    "reg past the end": ({f"{NODE}/memory@0/reg": cells(4096, LAST)}, "past the end"),
    "reg of no memory": ({f"{NODE}/memory@0/reg": cells(0, 0)}, "lists no System RAM"),
    "a node without reg": ({f"{NODE}/memory@80000000/device_type": b"memory\0"},
                           "memory@80000000/reg: missing, a memory node needs it"),
    "odd reserved-ranges": ({f"{NODE}/reserved-ranges": cells(0, 1, 2)}, "reserved-ranges: 24"),
    "reserved-ranges without end": (
        {f"{NODE}/reserved-ranges": b"".join(cells(16 * i, 1) for i in range(1 << 20, 17 << 16))},
        "reserved-ranges: 65536 pairs, at most 1024"),
    "reg without end": (
        {f"{NODE}/memory@0/reg": b"".join(cells(i << 20, 1 << 19) for i in range(1025))},
        "memory@0/reg: 1025 pairs, at most 1024"),
    "all reserved": ({f"{NODE}/reserved-ranges": cells(0, 1 << 40)}, "lists no System RAM"),
    "a kernel that is everywhere": ({f"{CHOSEN}/linux,kernel-end": cells(LAST)},
                                    "lists no System RAM"),
    "a kernel's end of 3 bytes": ({f"{CHOSEN}/linux,kernel-end": b"abc"}, "found 3"),
    "a reservation without a size": ({f"{CHOSEN}/linux,crashkernel-size": None},
                                     "missing: .*/chosen/linux,crashkernel-size"),
    "a reservation past the end": ({f"{CHOSEN}/linux,crashkernel-size": cells(LAST)},
                                   "past the end"),
    "firmware past the end": ({f"{NODE}/ibm,opal/opal-base-address": cells(LAST),
                               f"{NODE}/ibm,opal/opal-runtime-size": cells(LAST)}, "past the end"),
    "blocks of no size": ({f"{NODE}/{BLOCKS}/ibm,lmb-size": cells(0),
                           f"{NODE}/{BLOCKS}/ibm,dynamic-memory": bytes(4)}, "found zero"),
    "a count of blocks that lies": (
        {**ppc64.blocks("ibm,dynamic-memory", ppc64.MEMORY_BLOCKS),
         f"{NODE}/{BLOCKS}/ibm,dynamic-memory": b"\0\0\0\x09" + b"".join(ppc64.MEMORY_BLOCKS)},
        "9 entries do not fit"),
    "a run of blocks without end": (
        ppc64.blocks("ibm,dynamic-memory-v2", [ppc64.run((1 << 32) - 1, 0, 8)]),
        "more than 1048576 blocks"),
    "a run of blocks past the end": (
        ppc64.blocks("ibm,dynamic-memory-v2", [ppc64.run(2, LAST - 5, 8)]), "past the end"),
    "a directory instead of a property": (
        {f"{NODE}/memory@0/reg": None, f"{NODE}/memory@0/reg/x": b""}, "memory@0/reg"),
}


def trees(bench):
    for name, (changes, says) in TREES.items():
        machine = bench.machine_with(changes)
        for action in ("-l", "-p"):
            bench.refuses(f"{name}, {action}", action, "vmlinux", machine=machine, says=says)
    many = {f"{NODE}/reserved-ranges": b"".join(cells((i << 16) + 0x10000000, 16)
                                                for i in range(1024))}
    bench.accepts("as many reserved-ranges as make sense", "-l", "vmlinux",
                  machine=bench.machine_with(many))
    none = {f"{CHOSEN}/linux,crashkernel-base": None, f"{CHOSEN}/linux,crashkernel-size": None}
    bench.refuses("no reservation", "-p", "vmlinux", machine=bench.machine_with(none),
                  says="^Memory for crashkernel is not reserved")
    far = {f"{CHOSEN}/linux,crashkernel-base": cells(1 << 40)}
    bench.refuses("a reservation that is no memory", "-p", "vmlinux",
                  machine=bench.machine_with(far), says=r"\(/proc/device-tree\) is not RAM")
    outside = {f"{NODE}/memory@0/reg": cells(0, 0x10000000),
               f"{NODE}/memory@10000000/reg": cells(0x10000000, 0x70000000)}
    bench.refuses("a reservation outside of the first memory node", "-p", "vmlinux",
                  machine=bench.machine_with(outside), says=r"the first memory node, .*\(RMA\)")
    small = {f"{NODE}/memory@0/reg": cells(0, 0x2A00000, 0x40000000, 0x40000000)}
    bench.refuses("an initrd that is too large", "-l", "vmlinux", "--initrd",
                  bench.write("large", bytes(4 << 20)), machine=bench.machine_with(small),
                  says="^the first memory node, .*too small: the initrd needs 4096 KiB, and "
                       "1280 KiB are free")
    for size in range(1, 40, 6):
        bench.survives(f"stdout-path of {size} bytes", "-l", "vmlinux", names="stdout-path",
                       machine=bench.machine_with({f"{CHOSEN}/stdout-path": b"/x" * size + b"\0"}))


def blobs(bench):
    """--dtb under its two names: the CPU that makes the jump must be in the tree."""
    fdt = str(harness.FIXTURES / ppc64.OTHER / "sys/firmware/fdt")    # of CPUs 0 and 1
    for option in ("--dtb", "--devicetreeblob"):
        bench.refuses(f"{option} that is not there", "-l", "vmlinux", f"{option}=none",
                      says="^--dtb: Cannot open `none'")
        bench.refuses(f"{option} that is a kernel", "-l", "vmlinux", f"{option}=vmlinux",
                      names="vmlinux", status=255)
        bench.refuses(f"{option} with kexec_file_load", "-s", "-l", "vmlinux", f"{option}={fdt}",
                      says="^--dtb not supported with kexec_file_load", status=1)
    bench.refuses("--reuseinitrd with kexec_file_load", "-s", "-l", "vmlinux", "--reuseinitrd",
                  machine=bench.machine_with(ppc64.MACHINES["ppc64-root"]),
                  says="^--reuseinitrd not supported with kexec_file_load", status=1)
    locked = {"sys/kernel/security/lockdown": b"none [integrity] confidentiality\n"}
    bench.refuses("--dtb with a kernel that is locked down", "-a", "-l", "vmlinux", f"--dtb={fdt}",
                  machine=bench.machine_with(locked), says="^--dtb not supported with", status=1)
    none = "can't find a valid boot CPU inside the FDT: none of the "
    for name, changes, says in (
            ("no CPU of this machine", ppc64.cpus(8, 9), none + "2 CPUs that are online is in it"),
            ("a CPU of this machine, but offline",
             {**ppc64.cpus(8, 1), f"{ppc64.CPUS}/online": b"0\n"}, none + "1 CPUs that are online is in it"),
            ("no CPUs that are known", {f"{ppc64.CPUS}/online": b"1-0\n"}, none + "0 "),
            ("a physical_id that is no number",
             {**ppc64.cpus(0, 1), f"{ppc64.CPUS}/cpu1/physical_id": b"one\n"},
             "cpu1/physical_id: expected a number, found 'one'"),
            ("a reboot CPU that is no number",
             {**ppc64.cpus(0, 1), "sys/kernel/reboot/cpu": b"\n"},
             "reboot/cpu: expected a number, found ''")):
        machine = bench.machine_with(changes)
        bench.refuses(f"--dtb with {name}", "-l", "vmlinux", f"--dtb={fdt}", machine=machine,
                      says=says)
        bench.accepts(f"no --dtb with {name}", "-l", "vmlinux", machine=machine)
    bench.accepts("--dtb for a crash kernel with no CPU of this machine", "-p", "vmlinux",
                  f"--dtb={fdt}", machine=bench.machine_with(ppc64.cpus(8, 9)), warns="another machine")


def lines(bench):
    for length, fits in ((2047, True), (2048, False), (100000, False)):
        line = "x" * length
        if fits:
            bench.accepts(f"a line of {length}", "-l", "vmlinux", f"--append={line}")
        else:
            bench.refuses(f"a line of {length}", "-l", "vmlinux", f"--append={line}",
                          says=f"has {length} characters, the kernel takes 2047")
    bench.refuses("a line with no room for a crash kernel's words", "-p", "vmlinux",
                  "--append=" + "x" * 2040, says="^Command line overflow: .* takes 2047")
    for option in ("--pass-memmap-cmdline", "--args-elf"):
        bench.refuses(f"{option}, another arch's", "-p", "vmlinux", option,
                      says=f"^{option} is an option for [a-z0-9_ ]+, this machine is ppc64le")
    bench.refuses("a crash kernel that must not stay", "-p",
                  bench.write("fixed", ppc64.vmlinux(word=0)), names="fixed",
                  says="CONFIG_RELOCATABLE", status=255)
    swapped = int.from_bytes(ppc64.MAGIC.to_bytes(4, "big"), "little")
    bench.refuses("a word of the other order", "-p",
                  bench.write("other", ppc64.vmlinux(word=swapped)), names="other",
                  says="CONFIG_RELOCATABLE", status=255)


def reservations(bench):
    """--print-ckr-size and -S report the reservations that the device tree contains."""
    where = ["--arch=ppc64le", f"--sysroot={bench.machine}"]
    result = harness.run([bench.kexec, *where, "--print-ckr-size"], bench.directory, bad.ENV)
    bench.suite.check("--print-ckr-size for ppc64le",
                      None if result.out == f"{0x20000000}\n" else "not what the tree says", result)
    result = harness.run([bench.kexec, "-S", "--json", *where], bench.directory, bad.ENV)
    found = json.loads(result.out)["crash"]["reservations"]
    wanted = [{"start": "0x20000000", "end": "0x40000000", "size": 0x20000000}]
    bench.suite.check("-S --json for ppc64le",
                      None if found == wanted else "not what the tree says", result)


def crash_calls(bench):
    """A big-endian kernel's own loader lets the crash kernel move over the memory to be dumped."""
    bench.write("big", ppc64.vmlinux(BE))
    unsafe = "^warning: a crash kernel loaded by kexec_file_load is unsafe here: a big-endian"
    for name, arguments, method, warns in (
            ("-p", ("--arch=ppc64", "-p", "big"), "kexec_load", ""),
            ("-s -p", ("--arch=ppc64", "-s", "-p", "big"), "kexec_file_load", unsafe),
            ("-l", ("--arch=ppc64", "-l", "big"), "kexec_file_load", ""),
            ("-p, little endian", ("-p", "vmlinux"), "kexec_file_load", "")):
        def check(plan, method=method):
            rules.require(plan["method"] == method, f"the call is {method}")

        bench.accepts(f"the call of {name}", *arguments, check=check, warns=warns)


def run(suite, build, directory):
    bad.run_arch(suite, build, directory, "ppc64le", "vmlinux", ppc64.vmlinux(), (
        kernels, wrappers, trees, blobs, lines, reservations, crash_calls))
