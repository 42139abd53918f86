# SPDX-License-Identifier: GPL-2.0-or-later
"""arm: made-up kernels, the plans that come of them, and the rules of the boot
protocol (kernel: Documentation/arch/arm/booting.rst) and of the decompressor."""

import functools
import re
import struct

import crash
import files as packages
import fixtures
import images
from fixtures import copy, FIXTURES
from real import Real
from rules import check_content, check_digests, is_for_crash, place, require, segment_of

MIB, GIB = 1 << 20, 1 << 30
EM_ARM = 40
LINEAR_END = 0xEF800000
KERNEL_SIZE = 0x25004
OTHER = fixtures.other_board("arm")
EDATA, BSS, TEXT_OFFSET = 0x713210, 0x5E4D4, 0x208000
ATAGS = struct.pack("<14I", 5, 0x54410001, 1, 4096, 0, 4, 0x54410002, 0x40000000, 0x40000000,
                    3, 0x54410009, 0x656C6F, 0, 0)

# name: (machine, arguments, why it is here), all with --arch=arm
CASES = {
    "plain": ("arm", "-l zImage", "the command line in the tree stays"),
    "initrd": ("arm", "-l zImage --initrd=initrd --append=root=/dev/vda", "the usual load"),
    "two-initrds": ("arm", "-l zImage --initrd=odd --initrd=initrd", "padded between"),
    "reuse": ("arm", "-l zImage --reuse-cmdline --append=single", "the running one's line"),
    "no-checks": ("arm", "-i -l zImage --initrd=initrd", "nothing is verified"),
    "mem-min": ("arm", "-l zImage --mem-min=0x42000000", "still in the first 128 MiB"),
    "mem-max": ("arm", "-l zImage --initrd=initrd --mem-max=0x40bfffff", "only the bottom"),
    "large-bss": ("arm", "-l bss-zImage --initrd=initrd", "which is more than the decompressor"),
    "low": ("arm", "-l low-zImage --initrd=initrd", "TEXT_OFFSET as most have it"),
    "old-table": ("arm", "-l old-zImage --initrd=initrd", "Linux before 5.10 does not tell it"),
    "unsized": ("arm", "-l unsized-zImage --initrd=initrd", "nor older ones anything"),
    "image-size": ("arm", "-l unsized-zImage --initrd=initrd --image-size=0x800000", "but users"),
    "image-size-low": ("arm", "-l zImage --initrd=initrd --image-size=0x1000", "who can err"),
    "big-endian": ("arm", "-l be-zImage", "which not every CPU can run"),
    "uimage": ("arm", "-t uImage -l zImage.uImage", "for U-Boot"),
    "android": ("arm", "-l zImage.android", "kernel, ramdisk and command line out of one file"),
    "android-asked": ("arm", "-t zImage -l zImage.android --initrd=odd --append=asked",
                      "what is asked for comes before what is inside"),
    "dtb": ("arm", f"-l zImage --dtb={OTHER}/sys/firmware/fdt", "another board's"),
    "appended": ("arm", "-l dtb-zImage", "a tree after the kernel is not needed"),
    "appended-only": ("arm-no-tree", "-l dtb-zImage --initrd=initrd", "unless there is no other"),
    "atags": ("arm-no-tree", "-l zImage --atags --initrd=initrd", "made of what iomem tells"),
    "atags-running": ("arm-atags", "-l zImage --atags --append=single", "or the running ones"),
    "serial": ("arm", "-l zImage --serial=ttyAMA0 --append=earlycon=pl011,0x9000000", "it speaks"),
    "earlycon": ("arm", "-l zImage --console-serial --append=earlycon", "where the tree says"),
    "earlycon-atags": ("arm-no-tree", "-l zImage --atags --console-serial --append=earlycon",
                       "which there is none"),
    "crash": ("arm", "-p zImage --initrd=initrd --append=quiet", "into the reservation"),
    "crash-plain": ("arm", "-p zImage", "no words but those of the crash"),
    "crash-guess": ("arm-no-symbols", "-p zImage", "where memory is mapped by guess"),
    "crash-split": ("arm-no-symbols", "-p zImage --page-offset=0x80000000", "or by the user"),
    "crash-alias": ("arm-alias", "-p zImage --initrd=initrd", "memory above 4 GiB, and a window"),
    "alias": ("arm-alias", "-l zImage --initrd=initrd", "which is where to load to"),
    "crash-atags": ("arm-atags", "-p zImage --atags", "and no tree"),
    "crash-mem-max": ("arm", "-p zImage --initrd=initrd --mem-max=0x65ffffff",
                      "in three quarters of the reservation"),
}
ARCHES = {"arm": CASES}
BAKED = {"arm": {
    "initrd": ("-l zImage --initrd=initrd --append=root=/dev/vda", "all parts"),
    "plain": ("-l zImage", "the boot loader's command line and initrd"),
    "large-bss": ("-l bss-zImage --initrd=initrd", "the initrd after all that the kernel writes"),
}}


def zimage(words=6, edata=EDATA, bss=BSS, text_offset=TEXT_OFFSET, order="<"):
    """words: length of the table of sizes, 0: no table."""
    table, size_at = 0x1000, KERNEL_SIZE - 7
    data = bytearray(images.BANNER + images.noise(KERNEL_SIZE - len(images.BANNER), "arm"))
    data[:0x40] = bytes(0x40)
    struct.pack_into("<III", data, 0x24, 0x016F2818, 0, KERNEL_SIZE)
    struct.pack_into(order + "I", data, 0x30, 0x04030201)
    if words:
        struct.pack_into("<II", data, 0x34, 0x45454545, table)
        # A table that begins with an entry of an unknown kind.
        entries = [3, 0x12345678, 0, words, 0x5A534C4B, size_at, bss, text_offset, 0x10000]
        entries = entries[:3 + words] + [0]
        struct.pack_into(f"<{len(entries)}I", data, table, *entries)
        struct.pack_into("<I", data, size_at, edata)
    return bytes(data)


uimage = functools.partial(images.uimage, machine=2)


def files(initrd, _):
    dtb = (FIXTURES / "arm/sys/firmware/fdt").read_bytes()
    kernel = zimage()
    return {
        "zImage": kernel,
        "bss-zImage": zimage(bss=16 * MIB),
        "low-zImage": zimage(text_offset=0x8000),
        "old-zImage": zimage(words=4),
        "unsized-zImage": zimage(words=0),
        "be-zImage": zimage(order=">"),
        "dtb-zImage": kernel + dtb,
        "zImage.uImage": uimage(kernel),
        "zImage.android": images.android(kernel, initrd, b"console=ttyS0  " + b"x" * 510),
    }


OWN_INITRDS = {"zImage.android": ["initrd"]}

ALIAS = """\
80000000-bfffffff : System RAM (boot alias)
  a8000000-afffffff : Crash kernel (boot alias)
800000000-83fffffff : System RAM
  800208000-8011fffff : Kernel code
  828000000-82fffffff : Crash kernel
"""
ALIAS_NOTES = {"sys/kernel/vmcoreinfo": "0x801a78000 1024\n",
               **crash.cpus(range(2), 0x80A000000)}

# Files of a machine that differ from those of the fixture; None: no such file.
MACHINES = {
    "arm-no-tree": {"sys/firmware/fdt": None},
    "arm-atags": {"sys/firmware/fdt": None, "proc/atags": ATAGS},
    "arm-no-symbols": {"proc/kallsyms": None},
    "arm-alias": {"proc/iomem": ALIAS, **ALIAS_NOTES},
}


def make_machines(directory):
    for name, changes in MACHINES.items():
        copy(directory / name, "arm", changes)


def sizes(data):
    """(decompressed size, BSS, TEXT_OFFSET), None: unknown."""
    if struct.unpack_from("<I", data, 0x34)[0] != 0x45454545:
        return None
    at, = struct.unpack_from("<I", data, 0x38)
    while struct.unpack_from("<I", data, at + 4)[0] != 0x5A534C4B:
        at += 4 * struct.unpack_from("<I", data, at)[0]
    words, _, size_at, bss = struct.unpack_from("<4I", data, at)
    text_offset = struct.unpack_from("<I", data, at + 16)[0] if words >= 6 else 0x8000
    return struct.unpack_from("<I", data, size_at)[0], bss, text_offset


def memory_start(plan, machine):
    """Where memory begins for the next kernel."""
    iomem = (machine / "proc/iomem").read_text(encoding="ascii")
    if int(plan["flags"], 16) & 1:
        return crash_region(iomem)[0]
    return min(crash.lines(iomem, r"System RAM(?: \(boot alias\))?"))[0]


def crash_region(iomem):
    alias = crash.lines(iomem, r"Crash kernel \(boot alias\)")
    return max(alias or crash.lines(iomem, "Crash kernel"))


def check_kernel(plan, machine, data):
    kernel = segment_of(plan, "kernel")
    start, end = place(kernel)
    size, = struct.unpack_from("<I", data, 0x2C)
    check_content(kernel, data[:size])
    require(end - start >= size + 4, "a word of zeros is after the zImage")
    require(int(plan["kernel_entry"], 16) == start, "the entry is the zImage's first byte")
    memory, run = memory_start(plan, machine), size + 0x11000
    written = [start + run]
    told = sizes(data)
    if told:
        edata, bss, text_offset = told
        for base in start // (128 * MIB) * 128 * MIB, -(-memory // (2 * MIB)) * 2 * MIB:
            written.append(base + text_offset + edata + max(bss, run))
    for segment in plan["segments"]:
        low, high = place(segment)
        require(high <= memory + 512 * MIB or segment["name"] == "elfcorehdr",
                f"{segment['name']}: lies in memory that every kernel maps")
        if segment["name"] == "atags":
            require(low == start - 0x7000, "the tag list is where kernels expect it")
        elif segment["name"] != "kernel":
            require(low >= max(written), f"{segment['name']}: the decompressor does not write it")


def core_header(machine, is64, linear):
    """The core header's bytes, made a second time."""
    iomem = (machine / "proc/iomem").read_text(encoding="ascii")
    segments = [(images.PT_NOTE, 0, address, 0, address, size)
                for address, size in crash.notes(machine)]
    for low, high in crash.without(crash.lines(iomem, "System RAM"),
                                   crash.lines(iomem, "Crash kernel")):
        # Behind it the kernel has its vmalloc area.
        limit = (LINEAR_END - linear) % (1 << 64)
        if low < limit:
            segments.append((images.PT_LOAD, 7, low, (linear + low) % (1 << 64), low,
                             min(high, limit) - low))
        if high > limit:
            low = max(low, limit)
            segments.append((images.PT_LOAD, 7, low, (1 << (64 if is64 else 32)) - 1, low,
                             high - low))
    if is64:
        header = crash.core(segments, EM_ARM)
    else:
        header = struct.pack("<4sBBB9xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, 4, EM_ARM, 1, 0, 52, 0,
                             0, 52, 32, len(segments), 0, 0, 0)
        header += b"".join(
            struct.pack("<8I", kind, offset, vaddr, paddr, size, size, flags, 0)
            for kind, flags, offset, vaddr, paddr, size in segments)
    return header + bytes(-len(header) % 1024)


def check_crash(plan, machine, arguments):
    iomem = (machine / "proc/iomem").read_text(encoding="ascii")
    ram = crash.lines(iomem, "System RAM")
    split = re.search(r"--page-offset=(\w+)", arguments)
    linear = (int(split[1], 16) if split else 0xC0000000) - ram[0][0]
    is64 = ram[-1][1] > 4 * GIB
    header = core_header(machine, is64, linear)
    segment = segment_of(plan, "elfcorehdr")
    low, high = crash_region(iomem)
    start, _ = place(segment)
    check_digests(segment, header)
    require(start % ((2 if is64 else 1) * MIB) == 0, "the core header begins a section")
    require(plan["command_line"].split()[-2:] ==
            [f"elfcorehdr={start // 1024}K", f"mem={(start - low) // 1024}K"],
            "the command line tells where it is, and the memory below it")
    for segment in plan["segments"]:
        require(low <= place(segment)[0] and place(segment)[1] <= high,
                f"{segment['name']}: lies in the reservation")
        require(segment["name"] == "elfcorehdr" or place(segment)[1] <= start,
                f"{segment['name']}: lies below the core header")


def check(plan, machine, kernel, arguments):
    check_kernel(plan, machine, kernel)
    if is_for_crash(plan):
        check_crash(plan, machine, arguments)


# A zImage has its version in the compressed part.
REAL = [Real("zImage", "arm", lambda: packages.debian_kernel("linux-image-armmp:armhf"),
             ("", "--mem-min=0x44000000"), shows_version=False)]
