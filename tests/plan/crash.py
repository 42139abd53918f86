# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines for crash loads, and the ELF core header that must come of them, made a second
time from the same files (kernel: fs/proc/vmcore.c, Documentation/admin-guide/kdump/).
What a load with --load-panic must keep to besides rules.py."""

import pathlib
import re
import struct
import subprocess

import images
from fixtures import copy, FIXTURES
from rules import check_digests, is_for_crash, joined, place, require, segment_of

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
CPUS = "sys/devices/system/cpu"
LOW = 0xA0000                  # the crash kernel needs what lies below
NO_ADDRESS = (1 << 64) - 1
WINDOW = (0xFFFFFFFF80000000, 0xFFFFFFFFC0000000)


def lines(iomem, pattern):
    """[start, end) of the lines of /proc/iomem whose name the pattern matches."""
    found = re.findall(rf"^ *([0-9a-f]+)-([0-9a-f]+) : {pattern}$", iomem, re.M)
    return [(int(first, 16), int(last, 16) + 1) for first, last in found]


def image_of(iomem):
    """The kernel's image: "Kernel code" and its like are its parts."""
    parts = lines(iomem, "Kernel (?:code|rodata|data|bss)")
    return min(parts)[0], max(end for _, end in parts)


def core(segments, machine):
    """Head of a core file of (type, flags, offset, vaddr, paddr, size)s."""
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 4, machine, 1, 0, 64, 0, 0,
                         64, 56, len(segments), 0, 0, 0)
    return header + b"".join(struct.pack("<IIQQQQQQ", kind, flags, offset, vaddr, paddr, size,
                                         size, 0)
                             for kind, flags, offset, vaddr, paddr, size in segments)


def make_machine(directory, fixture, core_file, iomem=lambda text: text, files=None):
    """A copy of a fixture that can load a crash kernel.  core_file: returns the head of /proc/kcore
    for the text of /proc/iomem; iomem: changes that text."""
    text = iomem((FIXTURES / fixture / "proc/iomem").read_text(encoding="ascii"))
    return copy(directory, fixture, {"proc/iomem": text, "proc/kcore": core_file(text),
                                     **(files or {})})


def cpus(numbers, first=0x1000000):
    """Files of CPUs that keep their notes one page after the other."""
    files = {}
    for i, number in enumerate(numbers):
        files[f"{CPUS}/cpu{number}/crash_notes"] = f"{first + i * 0x1000:x}\n"
        files[f"{CPUS}/cpu{number}/crash_notes_size"] = "368\n"
    return files


def notes(machine):
    """(address, size) of every note, in order of CPU number and vmcoreinfo last."""
    found = []
    for path in machine.glob(f"{CPUS}/cpu*/crash_notes"):
        number = re.fullmatch(r"cpu(\d+)", path.parent.name)
        if number:
            size = path.with_name("crash_notes_size")
            found.append((int(number[1]), int(path.read_text(), 16),
                          int(size.read_text()) if size.exists() else 1024))
    result = [(address, size) for _, address, size in sorted(found)]
    vmcoreinfo = machine / "sys/kernel/vmcoreinfo"
    if vmcoreinfo.exists():
        result.append(tuple(int(word, 16) for word in vmcoreinfo.read_text().split()))
    return result


def without(ranges, holes):
    for low, high in holes:
        ranges = [piece for start, end in ranges
                  for piece in ((start, min(end, low)), (max(start, high), end))
                  if piece[0] < piece[1]]
    return ranges


def lent(machine):
    """[start, end) of the areas that a crash kernel may use besides the reservation."""
    path = machine / "sys/kernel/kexec/crash_cma_ranges"
    return lines(re.sub("$", " : lent", path.read_text(), flags=re.M), "lent") if path.exists() else []


def dumped(iomem, holes):
    ram = joined(lines(iomem, r"System RAM(?: \(.*)?"))
    return without(ram, lines(iomem, "Crash kernel") + lines(iomem, "GART") + holes)


def in_window(loads):
    """The kernel's image by its virtual address."""
    return min(load for load in loads if WINDOW[0] <= load[0] and load[0] + load[2] <= WINDOW[1])


def mapping_of(machine, find_image=in_window):
    """((physical start, size, virtual start) of the image, where address 0 is mapped).
    find_image: finds the image among (virtual start, physical start, size)s."""
    data = (machine / "proc/kcore").read_bytes()
    count, = struct.unpack_from("<H", data, 56)
    loads = [struct.unpack_from("<IIQQQQQQ", data, 64 + 56 * i) for i in range(count)]
    loads = [(vaddr, paddr, size) for kind, _, _, vaddr, paddr, size, _, _ in loads if kind == 1]
    image = find_image(loads)
    ram = next(load for load in loads if load[1] != NO_ADDRESS and load != image)
    return (image[1], image[2], image[0]), (ram[0] - ram[1]) % (1 << 64)


def core_header(machine, backup_copy, mapping, e_machine):
    """The bytes; backup_copy: where the memory below LOW will be, None: where it is."""
    iomem = (machine / "proc/iomem").read_text(encoding="latin-1")
    (start, size, vaddr), linear = mapping or mapping_of(machine)
    segments = [(images.PT_NOTE, 0, address, 0, address, length)
                for address, length in notes(machine)]
    segments.append((images.PT_LOAD, 7, start, vaddr, start, size))
    ram = dumped(iomem, lent(machine))
    for low, high in without(ram, [(LOW, LOW)]):
        moved = backup_copy is not None and high <= LOW
        segments.append((images.PT_LOAD, 7, backup_copy + low - ram[0][0] if moved else low,
                         (linear + low) % (1 << 64), low, high - low))
    header = core(segments, e_machine)
    return header + bytes(-len(header) % 1024)


def check(plan, machine, mapping=None, words=True, make_header=None):
    """Rules for a plan of --load-panic.  mapping: as mapping_of() returns it; words: the command
    line says where the core header is, a device tree does not; make_header: makes the core header
    of the machine and the address of the backup."""
    machine = pathlib.Path(machine)
    iomem = (machine / "proc/iomem").read_text(encoding="latin-1")
    names = [segment["name"] for segment in plan["segments"]]
    backup = place(segment_of(plan, "backup"))[0] if "backup" in names else None
    segment = segment_of(plan, "elfcorehdr")
    if make_header:
        header = make_header(machine, backup)
    else:
        e_machine = int(subprocess.run([TOP / "util/arches", "get", plan["arch"], "kexec"],
                                       check=True, text=True, stdout=subprocess.PIPE).stdout)
        header = core_header(machine, backup, mapping, e_machine)
    low, high = max(lines(iomem, "Crash kernel"))
    require(is_for_crash(plan), "the flag KEXEC_ON_CRASH is set")
    require(all(low <= place(s)[0] and place(s)[1] <= high for s in plan["segments"]),
            "all segments lie in the last reservation")
    require(not words or
            f"elfcorehdr={place(segment)[0] // 1024}K" in plan["command_line"].split(),
            "the command line tells where the core header is")
    require("memmap=exactmap" not in plan["command_line"] or
            all(f"memmap={(end - start) // 1024}K@{start // 1024}K" in plan["command_line"]
                for start, end in lent(machine)), "memory lent to the crash kernel is its RAM")
    require(segment["data_size"] == len(header), f"the core header has {len(header)} bytes")
    # A part that the kernel is going to change has no digest.
    if segment["sealed"]:
        check_digests(segment, header)
