# SPDX-License-Identifier: GPL-2.0-or-later
"""loongarch64: kernels, containers and machines that are damaged, or valid but unusual."""

import functools
import gzip
import struct

import bad
from bad_containers import patched, WILD
from harness import FIXTURES

import images
import loongarch64 as la

ENTRY, IMAGE_SIZE, LOAD, MAGIC, PE = 0x08, 0x10, 0x18, 0x38, 0x80
MACHINE, SECTIONS, OPTIONAL, TABLE = PE + 4, PE + 6, PE + 24, PE + 24 + 240
GIB = 1 << 30


def other_image(image):
    return patched(image, MACHINE, "H", 0xAA64)


def headers(bench):
    image = bench.image
    end = la.LINK + len(image)
    bench.accepts("a kernel", "-l", "vmlinux.efi", check=lambda plan: la.check_kernel(plan, image))
    for name, offset, code, value, says in (
            ("image_size 0", IMAGE_SIZE, "Q", 0, "has the image size 0"),
            ("image_size 1", IMAGE_SIZE, "Q", 1, "takes 0x1 bytes of memory, and it has"),
            ("image_size too small", IMAGE_SIZE, "Q", len(image) - 1, "and it has 0x25000"),
            ("image_size 2^63", IMAGE_SIZE, "Q", 1 << 63, "no memory can hold"),
            ("image_size 2^64 - 1", IMAGE_SIZE, "Q", (1 << 64) - 1, "no memory can hold"),
            ("entry 0", ENTRY, "Q", 0, r"\(offset 0x8\) has the entry 0x0:"),
            ("entry before the image", ENTRY, "Q", la.LINK - 4, "has the entry 0x1ffffc:"),
            ("entry after the image", ENTRY, "Q", end, "has the entry 0x225000:"),
            ("odd entry", ENTRY, "Q", la.LINK + 2, "a multiple of 4"),
            ("entry 2^64 - 1", ENTRY, "Q", (1 << 64) - 1, "a multiple of 4"),
            ("load address of 32 KiB", LOAD, "Q", 0x8000, "a multiple of 64 KiB"),
            ("another load address", LOAD, "Q", 0x300000, "has the entry 0x201080"),
            ("the header of the optional header", PE + 20, "H", 8, "optional header of 8 bytes")):
        bench.refuses(name, "-l", bench.write("lies", patched(image, offset, code, value)),
                      says=says + "|^Cannot determine the file type", names="lies", status=255)
    bench.refuses("image_size beyond memory", "-l",
                  bench.write("lies", patched(image, IMAGE_SIZE, "Q", 4 * GIB)),
                  says="not all of it is RAM")
    bench.refuses("a load address without memory", "-l",
                  bench.write("lies", patched(image, ENTRY, "QQQ", 40 * GIB, la.IMAGE_SIZE,
                                              40 * GIB)), says="not all of it is RAM")
    bench.refuses("another machine's kernel", "-l", bench.write("other", other_image(image)),
                  says="^Cannot determine the file type", status=255)
    bench.refuses("the magic number of none", "-l",
                  bench.write("old", patched(image, MAGIC, "I", 0)),
                  says="^Cannot determine the file type", status=255)
    for size in (0, 1, 63, 64, PE, OPTIONAL, TABLE):
        bench.refuses(f"a kernel cut to {size} bytes", "-l", bench.write("cut", image[:size]),
                      says="Cannot determine the file type|is empty|cut short", names="cut")
    bench.refuses("a kernel as elf-loongarch", "-t", "elf-loongarch", "-l", "vmlinux.efi",
                  says="^Wrong file type elf-loongarch, file matches type pei-loongarch",
                  status=255)


def sections(bench):
    for name, offset, value, says in (
            ("outside the image", 8, 0x7FFFFFFF, "its section 0 takes the memory|Cannot determine"),
            ("past the end", 20, 0x7FFFF000, "is not inside its 0x25000 bytes")):
        bench.refuses(f"a section {name}", "-l",
                      bench.write("lies", patched(bench.image, TABLE + offset, "I", value)),
                      says=says, names="lies", status=255)
    bench.refuses("a section too many", "-l",
                  bench.write("lies", patched(bench.image, SECTIONS, "H", 0xFFFF)),
                  says="its section table|Cannot determine", names="lies", status=255)


def containers(bench):
    zboot = images.zboot(gzip.compress(bench.image), "gzip")
    bench.accepts("a zboot image", "-l", bench.write("good", zboot))
    for offset, size in WILD:
        bench.refuses(f"zboot payload, {size:#x} bytes at {offset:#x}", "-l",
                      bench.write("zboot", patched(zboot, 8, "II", offset, size)),
                      says="this zboot image is cut short", names="zboot", status=255)
    for size in (0, 1, 40, 100):
        bench.refuses(f"zboot payload of {size} bytes", "-l",
                      bench.write("zboot", patched(zboot, 12, "I", size)), names="zboot",
                      status=255)
    bench.refuses("zboot of another machine's kernel", "-l",
                  bench.write("zboot", images.zboot(gzip.compress(other_image(bench.image)),
                                                    "gzip")),
                  says="^Cannot determine the file type", status=255)
    bench.refuses("damaged zboot by zstd", "-l",
                  bench.write("zboot", images.zboot(b"\x28\xb5\x2f\xfd" + bench.image, "zstd22")),
                  says="its zboot payload at 0x1000: the zstd data is ", status=255)


def vmlinuxes(bench):
    vmlinux = la.vmlinux(bench.image)
    bench.accepts("a vmlinux", "-l", bench.write("vmlinux", vmlinux),
                  check=lambda plan: la.check_kernel(plan, bench.image))
    for name, offset, code, value, says in (
            ("of another machine", 18, "H", 243, "^Cannot determine the file type"),
            ("without headers", 56, "H", 0, "no loadable segment"),
            ("that is an object", 16, "H", 1, "of type 1, neither"),
            ("for an interpreter", 64, "I", images.PT_INTERP, "Requires an ELF interpreter"),
            ("with its entry at 1", 24, "Q", 1, "the ELF entry 0x1 is "),
            ("past its end", 64 + 8, "Q", 1 << 40, "beyond the file's end"),
            ("with memory of 2 GiB", 64 + 40, "Q", 2 * GIB, "too far apart"),
            ("at no page", 64 + 24, "Q", la.WINDOW + la.LINK + 0x1000, "multiple of 64 KiB"),
            ("at the end of memory", 64 + 24, "Q", (1 << 64) - 0x10000, "address space")):
        bench.refuses(f"a vmlinux {name}", "-l",
                      bench.write("odd", patched(vmlinux, offset, code, value)), says=says,
                      names="odd", status=255)
    narrow = struct.pack("<4sBBB9xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, 2, la.EM_LOONGARCH, 1, 0,
                         52, 0, 0, 52, 32, 0, 40, 0, 0)
    bench.refuses("a vmlinux of 32 bits", "-l", bench.write("narrow", narrow + bench.image),
                  says="a kernel of 32 bits, little endian", names="narrow", status=255)
    big = struct.pack(">4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 2, 1, 2, la.EM_LOONGARCH, 1, 0, 64,
                      0, 0, 64, 56, 0, 64, 0, 0)
    bench.refuses("a big-endian vmlinux", "-l", bench.write("big", big + bench.image),
                  says="64 bits, big endian", names="big", status=255)
    for size in range(0, 200, 11):
        bench.refuses(f"a vmlinux cut to {size} bytes", "-l", bench.write("cut", vmlinux[:size]),
                      names="cut")


def fixed_vmlinux(bench):
    """Section headers without the sections of a kernel that can be moved."""
    vmlinux = la.vmlinux(bench.image)
    names = b"\0.text\0.la_abs\0"
    header = functools.partial(struct.pack, "<IIQQQQIIQQ")
    for name, at, refused in (("cannot", 1, True), ("can", 7, False)):
        table = bytes(64) + header(0, 3, 0, 0, len(vmlinux), len(names), 0, 0, 1, 0) + header(
            at, 1, 6, 0, 0x10000, 8, 0, 0, 1, 0)
        content = patched(patched(vmlinux, 40, "Q", len(vmlinux) + 64), 58, "HHH", 64, 3,
                          1) + names.ljust(64, b"\0") + table
        file = bench.write(f"vmlinux-{name}", content)
        bench.accepts(f"a vmlinux that {name} be moved", "-l", file)
        if refused:
            bench.refuses(f"a crash kernel that {name} be moved", "-p", file,
                          says="built without CONFIG_RELOCATABLE", names=file,
                          machine=bench.machine)
        else:
            bench.accepts(f"a crash kernel that {name} be moved", "-c", "-p", file)


def lines(bench):
    """The longest command line, and memory words that do not fit."""
    bench.accepts("4078 characters", "-l", "vmlinux.efi", "--append=" + "x" * 4078)
    bench.refuses("4079 characters", "-c", "-l", "vmlinux.efi", "--append=" + "x" * 4079,
                  says="^Command line overflow: it has 4096 characters with the 17 that kexec adds")
    bench.refuses("4096 characters", "-c", "-l", "vmlinux.efi", "--append=" + "x" * 4096,
                  says="^The command line has 4096 characters, the kernel takes 4095")
    bench.refuses("no room for the crash kernel's words", "-c", "-p", "vmlinux.efi",
                  "--append=" + "x" * 4060, says="^Command line overflow: it has 41")
    iomem = (FIXTURES / "loongarch64/proc/iomem").read_text(encoding="ascii")
    for name, text, says in (
            ("no System RAM", "00000000-0fffffff : Reserved\n", "Could not get memory layout"),
            ("no reservation", iomem.replace("Crash kernel", "Other"), "reserved"),
            ("a reservation of 512 KiB", "80000000-8fffffff : System RAM\n"
             "  80000000-8007ffff : Crash kernel\n", "Could not find a free area of memory")):
        bench.refuses(name, "-p", "vmlinux.efi", says=says,
                      machine=bench.machine_with({"proc/iomem": text}))


def run(suite, build, directory):
    bad.run_arch(suite, build, directory, "loongarch64", "vmlinux.efi", la.image(), (
        headers, sections, containers, vmlinuxes, fixed_vmlinux, lines))
