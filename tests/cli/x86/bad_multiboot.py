# SPDX-License-Identifier: GPL-2.0-or-later
"""ELF32 programs, multiboot headers and modules that cannot be loaded."""

import struct
import time

import bad
import nbi

import x86
from x86 import elf32, multiboot1, multiboot2, words

IMAGE = 0x200000


def flat(*addresses, flags=0x10000):
    return multiboot1(flags, *addresses).ljust(0x1000, b"\0")


# name: (content, what the error says)
FILES = {
    "an entry outside": (elf32(entry=0x900), "ELF entry 0x900 is in no loadable segment"),
    "no RAM for an ELF32": (elf32(paddr=0x90000000), "Invalid memory segment 0x90000000"),
    "an ELF32 at the end of 4 GiB": (elf32(paddr=0xFFFFC000), ""),
    "an ELF32 cut short": (elf32()[:0x1800], ""),
    "an ELF32 header cut short": (elf32()[:60], ""),
    "unknown flags": (elf32(multiboot1(0xFFF8)), "0xfff8 of them are required and unknown"),
    "a load address after the header": (flat(IMAGE, IMAGE + 0x1000, 0, 0, IMAGE),
                                        "the file does not begin there"),
    "a load address before the file": (flat(IMAGE, IMAGE - 0x1000, 0, 0, IMAGE),
                                       "the file does not begin there"),
    "a load address in a page": (flat(IMAGE + 8, IMAGE + 8, 0, 0, IMAGE + 8), "does not begin at a page"),
    "an end before the start": (flat(IMAGE, IMAGE, 1, 0, IMAGE), "multiboot header loads"),
    "an end after the file": (flat(IMAGE, IMAGE, IMAGE + 0x1001, 0, IMAGE),
                              "multiboot header loads 0x200000-0x201001"),
    "bss before the end": (flat(IMAGE, IMAGE, IMAGE + 0x1000, IMAGE + 0xFFF, IMAGE),
                           "end of memory at 0x200fff"),
    "an end at 4 GiB": (flat(0xFFFFF000, 0xFFFFF000, 0, 0, 0xFFFFF000), "multiboot header"),
    "bss of 3 GiB": (flat(IMAGE, IMAGE, 0, 0xFFFFF000, IMAGE), "Invalid memory segment"),
    "an entry in the bss": (flat(IMAGE, IMAGE, IMAGE + 0x800, 0, IMAGE + 0x800),
                            "multiboot entry 0x200800 is not in"),
    "an image at 0": (flat(0, 0, 0, 0, 0), "Invalid memory segment 0x0"),
    "addresses cut short": (multiboot1(0x10000, 0, 0, 0), "cut short|Cannot determine"),
    "a tag of size 0": (elf32(multiboot2((4, 0, b"")).replace(struct.pack("<HHI", 4, 0, 8),
                                                             struct.pack("<HHI", 4, 0, 0))),
                        "has 0x0 bytes, expected 8 or more"),
    "a tag past the end": (elf32(multiboot2((4, 0, b"")).replace(
        struct.pack("<HHI", 4, 0, 8), struct.pack("<HHI", 4, 0, 0xFFFFFFF8))), "0xfffffff8 bytes"),
    "a short tag": (elf32(multiboot2((2, 0, b"1234"))), "a tag of type 2 .* has 12 bytes"),
    "a required tag that is unknown": (elf32(multiboot2((77, 0, b""))), "unknown feature .type 77"),
    "a request that is unknown": (elf32(multiboot2((1, 0, words(1, 1000)))), "unknown type 1000"),
    "EFI boot services": (elf32(multiboot2((7, 0, b""))), "EFI boot services, which have ended"),
    "another architecture": (elf32(multiboot2(arch=4)), "architecture 4"),
    "an entry of multiboot 2 outside": (elf32(multiboot2((3, 0, words(1)))), "the entry 0x1"),
    "a window without memory": (elf32(multiboot2((10, 0, words(0xA0000000, 0xAFFFFFFF, 4096, 0)))),
                                "free area.*\n.*multiboot 2 header"),
    "a window upside down": (elf32(multiboot2((10, 0, words(0x2000, 0x1000, 4096, 0)))),
                             "asks for a place"),
}


def beoboot_files(bench):
    good = x86.beoboot(bench.kernel, b"quiet\0", bench.initrd)
    bench.accepts("beoboot", "-l", bench.write("beo", good))
    for name, content, says in (
            ("cut short", good[:-1], "beoboot image is cut short"),
            ("with a kernel of 4 GiB", good[:8] + b"\xff" * 4 + good[12:], "cut short"),
            ("with another kernel", good[:8] + words(2000) + good[12:30] + good[31:],
             "are not a bzImage"),
            ("for another machine", good[:4] + b"\2" + good[5:], "Cannot determine"),
            ("of 16 bytes", good[:16], "cut short")):
        bench.refuses(f"beoboot {name}", "-l", bench.write("beo", content), says=says,
                      names="beo")


def modules(bench):
    many = ["--module=initrd"] * 10000
    start = time.monotonic()
    bench.refuses("10,000 modules", "-l", "mb", *many, says="^10000 modules were given")
    bench.suite.check("10,000 modules: the time", time.monotonic() - start > 5 and "5 seconds")
    bench.accepts("200 modules", "-l", "mb", *["--module=initrd x"] * 200)
    with open(bench.directory / "giant", "wb") as giant:
        giant.truncate(300 << 20)
    for name, arguments, says in (
            ("a module larger than the machine", ["--module=giant"], "module: giant: "),
            ("modules larger than the machine", ["--module=initrd"] * 100 + ["--module=giant"],
             "module: giant: "),
            ("no such module", ["--module=nowhere quiet"], "module: .*nowhere"),
            ("a module without a name", ["--module= quiet"], "expected a file name"),
            ("an empty module text", ["--module="], "expected a file name"),
            ("a damaged module", ["--module=cut.gz"], "module: cut.gz"),
            ("an initrd for multiboot", ["--initrd=initrd"], "takes no initrd"),
            ("--args-none for multiboot", ["--args-none"], "--args-none means nothing for mb"),
            ("--entry-32bit for multiboot", ["--entry-32bit"], "--entry-32bit means nothing")):
        bench.refuses(name, "-l", "mb", *arguments, says=says, names="",
                      machine=bench.small)
    bench.accepts("--args-linux with a bzImage", "-l", "bzImage", "--args-linux")
    for option in "--module=initrd", "--args-none", "--args-elf":
        bench.refuses(f"{option} with a bzImage", "-l", "bzImage", option,
                      says=f"^{option.split('=')[0]} means nothing for bzImage", names="bzImage")
    bench.refuses("multiboot for a crash", "-p", "mb", says="only Linux can save a crash dump",
                  names="mb")
    bench.refuses("--args-none with a command line", "-l", "elf", "--args-none", "--append=x",
                  says="neither a command line", names="")


def tagged_images(bench):
    program = (nbi.ABSOLUTE | nbi.LAST, 0x10000, b"program" * 99, 0x2000)
    good = nbi.image(0x10000000, [program])
    bench.accepts("an NBI", "-l", bench.write("nbi", good))
    bench.accepts("an NBI by its type", "-t", "nbi-x86", "-l", "nbi")
    for options, says in (("-l nbi --append=x", "leave out the options for them"),
                          ("-l nbi --initrd=initrd", "leave out the options for them"),
                          ("-p nbi", "only Linux can save a crash dump"),
                          ("-l nbi --mem-min=0x100000", "--mem-min|Invalid memory"),
                          ("-t nbi-x86 -l bzImage", "^Wrong file type nbi-x86")):
        bench.refuses(f"an NBI, {options}", *options.split(), says=says)
    for name, content, says in (
            ("cut short", good[:-1], "this NBI is cut short: 0x4b4 bytes"),
            ("without its records", good[:16].ljust(512, b"\0"), "byte 0x10 gives"),
            ("outside RAM", nbi.image(0x10000000, [program[:1] + (0xC0000000,) + program[2:]]),
             "entry 0x10000 is in no segment"),
            ("in the BIOS", nbi.image(0xF0000000, [program[:1] + (0xF0000,) + program[2:]]),
             "nbi: kernel.1: Invalid memory segment"),
            ("on its header", nbi.image(0x20000000, [program[:1] + (0x21000,) + program[2:]]),
             "overlaps the header")):
        bench.refuses(f"an NBI {name}", "-l", bench.write("nbi", content), says=says, names="nbi",
                      status=255 if "BIOS" not in name else None)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    bench.write("mb", elf32(multiboot1(3)))
    bench.write("elf", elf32())
    bench.write("cut.gz", bytes.fromhex("1f8b0800000000000003") + b"xx")
    for name, (content, says) in FILES.items():
        bench.refuses(name, "-l", bench.write("edited", content), says=says, names="edited")
    whole = elf32(multiboot2((10, 1, words(0, 0xFFFFFFFF, 0, 0)), (5, 1, words(0, 0, 0))))
    header = 0x1000
    for at in range(0, 64, 4):
        for value in 0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF:
            for name, content in (("2", whole), ("1", elf32(multiboot1(0x10003, IMAGE, IMAGE, 0, 0,
                                                                        IMAGE)))):
                edited = bytearray(content)
                struct.pack_into("<I", edited, header + at, value)
                bench.survives(f"multiboot {name} with {value:#x} at {at}", "-l",
                               bench.write("edited", bytes(edited)), names="edited")
    modules(bench)
    beoboot_files(bench)
    tagged_images(bench)
