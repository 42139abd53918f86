# SPDX-License-Identifier: GPL-2.0-or-later
"""Made-up machines with a crash reservation, on which both tools find all that a
crash load needs: a captured one, and one with many CPUs and ranges of memory."""

import struct

from fixtures import FIXTURES, copy

KCORE_SIZE = 64 << 10    # the peer reads so much
NOTES_OFFSET, NOTES_SIZE = 0x200, 0x2f74    # in the fixture's program header 0
IMAGE_VADDR = 64 + 56 + 16    # offset of program header 1's p_vaddr
HIGH_RAM, STRIDE, HOLE = 8 << 30, 256 << 20, 1 << 20


def kernel_start():
    """Address of _stext in this machine's /proc/kallsyms, which kexec reads; 0: hidden."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        return next((int(line.split()[0], 16) for line in file if line.split()[2] == "_stext"), 0)


def kcore():
    """The captured headers, with the kernel image where kallsyms says and a valid note."""
    head = bytearray((FIXTURES / "kcore/x86_64").read_bytes()[:NOTES_OFFSET])
    if kernel_start():
        struct.pack_into("<Q", head, IMAGE_VADDR, kernel_start() & -(2 << 20))
    head += struct.pack("<III8s", 5, NOTES_SIZE - 20, 1, b"CORE")
    return bytes(head) + bytes(KCORE_SIZE - len(head))


def crash_machine(directory):
    copy(directory, "x86_64", {"proc/kcore": kcore(), "proc/kallsyms": ""})
    (directory / "run").mkdir()
    return directory


def memory_lines(count):
    """(start, end, name) of RAM with holes between; ends are inclusive, as in sysfs."""
    for start in range(HIGH_RAM, HIGH_RAM + count * STRIDE, STRIDE):
        yield start, start + STRIDE - HOLE - 1, "System RAM"
        yield start + STRIDE - HOLE, start + STRIDE - 1, "Reserved"


def large_machine(directory, cpus, ranges):
    crash_machine(directory)
    cpu_dir = directory / "sys/devices/system/cpu"
    for name in ("online", "possible", "present"):
        (cpu_dir / name).write_text(f"0-{cpus - 1}\n")
    for cpu in range(cpus):
        (cpu_dir / f"cpu{cpu}").mkdir(exist_ok=True)
        (cpu_dir / f"cpu{cpu}/crash_notes").write_text(f"{(64 << 20) + cpu * 1024:x}\n")
        (cpu_dir / f"cpu{cpu}/crash_notes_size").write_text("368\n")
    cpuinfo = directory / "proc/cpuinfo"
    cpuinfo.write_text((cpuinfo.read_text().split("\n\n")[0] + "\n\n") * cpus)
    iomem = directory / "proc/iomem"
    *lines, last = iomem.read_text().splitlines(keepends=True)
    for number, (start, end, name) in enumerate(memory_lines(ranges)):
        lines.append(f"{start:x}-{end:x} : {name}\n")
        entry = directory / f"sys/firmware/memmap/{100 + number}"
        entry.mkdir()
        for file, content in (("start", f"{start:#x}"), ("end", f"{end:#x}"), ("type", name)):
            (entry / file).write_text(content + "\n")
    iomem.write_text("".join([*lines, last]))
    return directory
