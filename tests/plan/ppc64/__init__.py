# SPDX-License-Identifier: GPL-2.0-or-later
"""ppc64 in both byte orders: made-up kernels, machines as device trees, the plans that
come of them, and the rules of the boot protocol (kernel: Documentation/arch/powerpc/booting.rst,
arch/powerpc/kernel/prom.c)."""

import gzip
import lzma
import pathlib
import struct

import crash
import files as packages
import fixtures
import images
from fixtures import copy
from real import Real
from rules import check_content, check_digests, is_for_crash, joined, place, require, segment_of

MIB, PAGE = 1 << 20, 0x10000
EM_PPC, EM_PPC64 = 20, 21
LE, BE = "<", ">"
LINEAR = 0xC000000000000000
OTHER = fixtures.other_board("ppc64le")
RUN_AT_LOAD, MAGIC = 0x5C, 0x72756E30
KERNEL_SIZE, MEMORY_SIZE = 0x25000, 0x38000
KERNEL_SECTION, INITRD_SECTION = ".kernel:vmlinux.strip", ".kernel:initrd"
NODE = "proc/device-tree"
BLOCKS = "ibm,dynamic-reconfiguration-memory"

# name: (machine, arguments, why it is here)
LITTLE = {
    "plain": ("ppc64le", "-l ppc64-vmlinux", "nothing but a kernel"),
    "initrd": ("ppc64le", "-l ppc64-vmlinux --initrd=initrd --append=root=/dev/vda",
               "the usual load"),
    "two-initrds": ("ppc64le", "-l ppc64-vmlinux --initrd=odd --initrd=initrd", "padded between"),
    "reuse": ("ppc64le", "-l ppc64-vmlinux --reuse-cmdline --append=single", "this kernel's line"),
    "old-root": ("ppc64-root", "-l ppc64-vmlinux --append='quiet nfsroot=x -- root=y'",
                 "this kernel's root= is added"),
    "no-old-root": ("ppc64-root", "-l ppc64-vmlinux --append=quiet --dt-no-old-root", "or not"),
    "no-checks": ("ppc64le", "-i -l ppc64-vmlinux --initrd=initrd", "nothing is verified"),
    "mem-min": ("ppc64le", "-l ppc64-vmlinux --mem-min=0x60000000", "only the top"),
    "mem-max": ("ppc64le", "-l ppc64-vmlinux --initrd=initrd --mem-max=0x2ffffff", "the bottom"),
    "type": ("ppc64le", "-t elf-ppc64 -l ppc64-vmlinux", "type asked for"),
    "gzip": ("ppc64le", "-l ppc64-vmlinux.gz", "the plan of what is inside"),
    "zimage": ("ppc64le", "-t zImage -l ppc64-vmlinux.zImage", "the kernel in a boot wrapper"),
    "zimage-initrd": ("ppc64le", "-l ppc64-vmlinux.zImage-initrd", "with the initrd that is there"),
    "parts": ("ppc64le", "-l ppc64-parts", "two segments, put together"),
    "large": ("ppc64le", "-l ppc64-large --initrd=initrd", "it moves over where others might be"),
    "big-endian": ("ppc64le", "-l ppc64-be --initrd=initrd", "a kernel of the other order"),
    "dtb": ("ppc64-cpus", f"-l ppc64-vmlinux --dtb={OTHER}/sys/firmware/fdt", "a tree asked for"),
    "dtb-cpu": ("ppc64-cpu-1", "-l ppc64-vmlinux --initrd=initrd "
                f"--devicetreeblob={OTHER}/sys/firmware/fdt", "without the CPU that would jump"),
    "reuseinitrd": ("ppc64-root", "-l ppc64-vmlinux --reuseinitrd", "it stays where it is"),
    "blocks": ("ppc64-blocks", "-l ppc64-vmlinux --initrd=initrd", "memory that may go"),
    "blocks-v2": ("ppc64-blocks-v2", "-l ppc64-vmlinux", "the same, told in runs"),
    "bare": ("ppc64-bare", "-l ppc64-vmlinux --initrd=initrd", "no hypervisor: OPAL, tables"),
    "limit": ("ppc64-limit", "-l ppc64-vmlinux", "mem= keeps the top out"),
    "reboot": ("ppc64le", "-l ppc64-vmlinux --on-corrupt=reboot", "by RTAS"),
    "halt": ("ppc64-bare", "-l ppc64-vmlinux --on-corrupt=reboot", "which is not there"),
    "crash": ("ppc64le", "-p ppc64-vmlinux --initrd=initrd --append=quiet",
              "into the reservation, where RTAS lies"),
    "crash-reuse": ("ppc64-root", "-p ppc64-vmlinux --reuse-cmdline", "without crashkernel="),
    "crash-big-endian": ("ppc64le", "-p ppc64-be", "a header that it can read"),
    "crash-blocks": ("ppc64-blocks-v2", "-p ppc64-vmlinux", "dumped, but not given"),
    "crash-hotplug": ("ppc64-hotplug", "-p ppc64-vmlinux --hotplug", "room for what comes"),
    "crash-bare": ("ppc64-bare", "-p ppc64-vmlinux --initrd=initrd", "OPAL in the reservation"),
    "crash-mem-max": ("ppc64le", "-p ppc64-vmlinux --initrd=initrd --mem-max=0x37ffffff",
                      "in three quarters of the reservation"),
}
BIG = {
    "initrd": ("ppc64le", "-l ppc64-be --initrd=initrd", "the usual load"),
    "little-endian": ("ppc64le", "-l ppc64-vmlinux", "a kernel of the other order"),
    "crash": ("ppc64le", "-p ppc64-be --initrd=initrd", "into the reservation"),
}
ARCHES = {"ppc64le": LITTLE, "ppc64": BIG}
BAKED = {
    "ppc64le": {
        "initrd": ("-l ppc64-vmlinux --initrd=initrd --append=root=/dev/vda", "all parts"),
        "plain": ("-l ppc64-vmlinux", "the boot loader's command line and initrd"),
    },
    "ppc64": {"initrd": ("-l ppc64-be --initrd=initrd", "all parts")},
}


def cells(*numbers):
    return b"".join(struct.pack(">Q", number) for number in numbers)


def body(order=LE, size=KERNEL_SIZE, word=MAGIC):
    """The content of the segment."""
    data = bytearray(images.noise(size, "ppc64"))
    data[:8] = b"\x48\0\0\x08\x60\0\0\0"
    struct.pack_into(order + "I", data, RUN_AT_LOAD, word)
    data[0x200:0x200 + len(images.BANNER)] = images.BANNER
    return bytes(data)


def elf(order, segments, sections=(), machine=EM_PPC64, kind=images.ET_EXEC, entry=LINEAR):
    """segments: (physical address, bytes, size in memory); sections: (name, bytes)."""
    content, headers, names = b"", b"", b"\0"
    for paddr, data, size in segments:
        headers += struct.pack(order + "IIQQQQQQ", images.PT_LOAD, 7, PAGE + len(content),
                               LINEAR + paddr, paddr, len(data), size, PAGE)
        content += data
    table = bytes(64)
    for name, data in (*sections, (".shstrtab", None)):
        at, names = len(names), names + name.encode() + b"\0"
        data = names if data is None else data
        table += struct.pack(order + "IIQQQQIIQQ", at, 1, 0, 0, PAGE + len(content), len(data), 0,
                             0, 1, 0)
        content += data
    header = struct.pack(order + "4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1 if order == LE else 2, 1,
                         kind, machine, 1, entry, 64, PAGE + len(content), 2, 64, 56,
                         len(segments), 64, len(sections) + 2, len(sections) + 1)
    return (header + headers).ljust(PAGE, b"\0") + content + table


def vmlinux(order=LE, size=KERNEL_SIZE, memory=MEMORY_SIZE, **fields):
    return elf(order, [(0, body(order, size, **fields), memory)])


def zimage(kernel, *more, order=BE, machine=EM_PPC):
    """The wrapper of a 64-bit kernel is a 32-bit program; its content does not matter."""
    data = elf(order, [(0x400000, images.noise(0x2000, "wrapper"), 0x3000)],
               [(KERNEL_SECTION, kernel), *more], machine, entry=LINEAR + 0x400000)
    return data


def files(initrd, _):
    whole, half = body(), 0x10000
    return {
        "ppc64-vmlinux": vmlinux(),
        "ppc64-be": vmlinux(BE),
        "ppc64-large": vmlinux(memory=0x6000000),
        "ppc64-parts": elf(LE, [(0, whole[:half], half),
                                (half, whole[half:], MEMORY_SIZE - half)]),
        "ppc64-vmlinux.gz": gzip.compress(vmlinux()),
        "ppc64-vmlinux.zImage": zimage(gzip.compress(vmlinux())),
        "ppc64-vmlinux.zImage-initrd": zimage(lzma.compress(vmlinux()), (INITRD_SECTION, initrd),
                                              order=LE, machine=EM_PPC64),
    }


OWN_INITRDS = {"ppc64-vmlinux.zImage-initrd": ["initrd"]}


def block(start, flags):
    return struct.pack(">QIIII", start, 0x80000000, 0, 0, flags)


def run(count, start, flags):
    return struct.pack(">IQIII", count, start, 0x80000000, 0, flags)


# The first 2 GiB are those of memory@0; of the others two blocks are there, and one is taken.
MEMORY_BLOCKS = [block(start, 0xA0) for start in range(0, 0x80000000, 0x20000000)] + [
    block(0x80000000, 8), block(0xA0000000, 8), block(0xC0000000, 0x88), block(0xE0000000, 0)]
MEMORY_RUNS = [run(4, 0, 0xA0), run(2, 0x80000000, 8), run(1, 0xC0000000, 0x88),
               run(1, 0xE0000000, 0)]


def table(entries):
    return struct.pack(">I", len(entries)) + b"".join(entries)


def blocks(name, entries):
    return {f"{NODE}/{BLOCKS}/ibm,lmb-size": cells(0x20000000),
            f"{NODE}/{BLOCKS}/{name}": table(entries)}


CPUS = "sys/devices/system/cpu"


def cpus(first, second):
    """Hardware's numbers of the two."""
    return {"sys/kernel/reboot/cpu": b"0\n", f"{CPUS}/cpu0/physical_id": b"%d\n" % first,
            f"{CPUS}/cpu1/physical_id": b"%d\n" % second}


# Files that differ from the fixture's; None: a file or directory that is not there.
MACHINES = {
    "ppc64-root": {"proc/cmdline": b"quiet root=/dev/sda2 ro retain_initrd crashkernel=512M\n"},
    "ppc64-blocks": blocks("ibm,dynamic-memory", MEMORY_BLOCKS),
    "ppc64-blocks-v2": blocks("ibm,dynamic-memory-v2", MEMORY_RUNS),
    "ppc64-limit": {f"{NODE}/chosen/linux,memory-limit": cells(0x7FFF0000)},
    "ppc64-hotplug": {"sys/kernel/crash_elfcorehdr_size": b"65536\n",
                      "sys/devices/system/cpu/possible": b"0-3\n"},
    "ppc64-cpus": cpus(0, 1),
    "ppc64-cpu-1": cpus(8, 1),
    "ppc64-bare": {
        f"{NODE}/rtas": None,
        f"{NODE}/memory@0/reg": cells(0, 0x40000000, 0x40000000, 0x40000000),
        f"{NODE}/memory@2000000000000/reg": cells(0x2000000000000, 0x40000000),
        f"{NODE}/memory@2000000000000/compatible": b"ibm,coherent-device-memory-v1\0",
        f"{NODE}/ibm,opal/opal-base-address": cells(0x30000000),
        f"{NODE}/ibm,opal/opal-runtime-size": cells(0x1D01234),
        f"{NODE}/ibm,opal/opal-entry-address": cells(0x300050B0),
        f"{NODE}/pci@800000020000000/linux,tce-base": cells(0x3FFE0000),
        f"{NODE}/pci@800000020000000/linux,tce-size": struct.pack(">I", 0x20000),
        f"{NODE}/chosen/linux,htab-base": cells(0x7E000000),
        f"{NODE}/chosen/linux,htab-size": cells(0x1000000),
        f"{NODE}/chosen/linux,initrd-start": struct.pack(">I", 0x2C90000),
        f"{NODE}/reserved-ranges": cells(0x3FFF0000, 0x10000, 0x70000000, 0x1000),
    },
}


def make_machines(directory):
    for name, changes in MACHINES.items():
        copy(directory / name, "ppc64le", changes)


def number(path, default=None):
    return int.from_bytes(path.read_bytes(), "big") if path.exists() else default


def pair(node, base, size):
    start = number(node / base)
    return [] if start is None else [(start, start + number(node / size))]


def ranges(data):
    numbers = [value for value, in struct.iter_unpack(">Q", data)]
    return [(start, start + size) for start, size in zip(numbers[::2], numbers[1::2])]


def whole_pages(found):
    return [(start // PAGE * PAGE, -(-end // PAGE) * PAGE) for start, end in found]


def without(found, holes):
    for low, high in holes:
        found = [piece for start, end in found
                 for piece in ((start, min(end, low)), (max(start, high), end))
                 if piece[0] < piece[1]]
    return found


class Memory:
    """The content of a machine's tree, read a second time."""

    def __init__(self, machine):
        tree = pathlib.Path(machine) / NODE
        nodes = [ranges((node / "reg").read_bytes()) for node in tree.glob("memory@*")
                 if not (node / "compatible").exists()]
        self.rma = min(first for node in nodes for first in node)
        limit = number(tree / "chosen/linux,memory-limit") or 1 << 64
        ram = [piece for node in nodes for piece in node]
        if (tree / BLOCKS).exists():
            ram += [(0x80000000, 0xC0000000)]
        self.ram = joined((start, min(end, limit)) for start, end in ram)
        self.crash = pair(tree / "chosen", "linux,crashkernel-base", "linux,crashkernel-size")
        self.firmware = (pair(tree / "rtas", "linux,rtas-base", "rtas-size") +
                         pair(tree / "ibm,opal", "opal-base-address", "opal-runtime-size") +
                         pair(tree / "pci@800000020000000", "linux,tce-base", "linux,tce-size"))
        self.taken = ([(0, number(tree / "chosen/linux,kernel-end"))] +
                      pair(tree / "chosen", "linux,htab-base", "linux,htab-size"))
        if (tree / "reserved-ranges").exists():
            self.taken += ranges((tree / "reserved-ranges").read_bytes())

    def dumped(self):
        inside = [(max(start, low), min(end, high)) for start, end in whole_pages(self.firmware)
                  for low, high in self.crash if start < high and low < end]
        return joined(without(self.ram, self.crash) + inside)


def core_header(machine, backup, order):
    """order: of the kernel that is going to read it."""
    segments = [(images.PT_NOTE, 0, address, 0, address, size)
                for address, size in crash.notes(machine)]
    for start, end in without(Memory(machine).dumped(), [(PAGE, PAGE)]):
        segments.append((images.PT_LOAD, 7, start or backup, LINEAR + start, start, end - start))
    header = struct.pack(order + "4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1 if order == LE else 2, 1,
                         4, EM_PPC64, 1, 0, 64, 0, 0, 64, 56, len(segments), 0, 0, 0)
    header += b"".join(struct.pack(order + "IIQQQQQQ", kind, flags, offset, vaddr, paddr, size,
                                   size, 0)
                       for kind, flags, offset, vaddr, paddr, size in segments)
    return header + bytes(-len(header) % 1024)


def check_crash(plan, machine, order):
    (low, high), = Memory(machine).crash
    backup, header = segment_of(plan, "backup"), segment_of(plan, "elfcorehdr")
    wanted = core_header(machine, place(backup)[0], order)
    require(all(low <= place(s)[0] and place(s)[1] <= high for s in plan["segments"]),
            "all segments lie in the reservation")
    require(place(backup)[1] - place(backup)[0] == PAGE, "64 KiB are copied away")
    require(f"elfcorehdr={place(header)[0] // 1024}K" in plan["command_line"].split(),
            "the command line tells where the core header is")
    require(header["data_size"] == len(wanted), f"the core header has {len(wanted)} bytes")
    if header["sealed"]:
        check_digests(header, wanted)


def check_places(plan, machine, size):
    """size: of the kernel, which moves itself to address 0."""
    memory, on_crash = Memory(machine), is_for_crash(plan)
    low, high = memory.rma
    for segment in plan["segments"]:
        first, last = place(segment)
        name = segment["name"]
        require(first % PAGE == 0 and last % PAGE == 0, f"{name}: is made of pages of 64 KiB")
        require(low <= first and last <= high, f"{name}: lies in the first memory node")
        for taken in (memory.firmware, memory.taken, [] if on_crash else memory.crash):
            require(without([(first, last)], taken) == [(first, last)],
                    f"{name}: leaves what is in use alone")
        require(on_crash or name == "kernel" or first >= size,
                f"{name}: lies above the memory that the kernel moves itself to")


def check(plan, machine, kernel, arguments):
    """kernel: the vmlinux."""
    order = LE if kernel[5] == 1 else BE
    segment = segment_of(plan, "kernel")
    start, end = place(segment)
    phoff, = struct.unpack_from(order + "Q", kernel, 32)
    count, = struct.unpack_from(order + "H", kernel, 56)
    loads = [struct.unpack_from(order + "IIQQQQQQ", kernel, phoff + 56 * i) for i in range(count)]
    loads = [load for load in loads if load[0] == images.PT_LOAD]
    data = b"".join(kernel[load[2]:load[2] + load[5]] for load in loads)
    size = max(load[4] + load[6] for load in loads)
    check_content(segment, data)
    require(plan["image_type"] == "elf-ppc64", "the type is elf-ppc64")
    require(end - start >= size, "the kernel has all its memory")
    require(int(plan["kernel_entry"], 16) == start, "the entry is the image's first byte")
    require(plan["memory_source"] == "/proc/device-tree", "the device tree tells memory")
    check_places(plan, machine, size)
    require((" -p " in f" {arguments} ") == is_for_crash(plan),
            "the flag KEXEC_ON_CRASH is set for a crash load")
    if is_for_crash(plan):
        check_crash(plan, machine, order)


def debian_kernel():
    return packages.one(packages.fetch("linux-image-powerpc64le:ppc64el")[0], "boot/vmlinux-*")


REAL = [Real("vmlinux", "ppc64le", debian_kernel, ("", "--mem-min=0x40000000"))]
