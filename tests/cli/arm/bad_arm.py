# SPDX-License-Identifier: GPL-2.0-or-later
"""arm: zImages, tag lists and device trees that are damaged, or valid but unusual."""

import struct

import bad
from bad_containers import patched, WILD
from harness import example
from trees import keeps_off, reservations, tree

import arm
import images

START, END, TABLE_MAGIC, TABLE = 0x28, 0x2C, 0x34, 0x38
# arm.zimage() has its table here: an entry of 3 words, then that of the sizes.
ENTRY = 0x1000
SIZES = ENTRY + 12
GIB = 1 << 30


def checked(bench, image, machine=None):
    return lambda plan: arm.check_kernel(plan, machine or bench.machine, image)


def headers(bench):
    image = bench.image
    bench.accepts("a zImage", "-l", "zImage", check=checked(bench, image))
    for start, end in ((1, 0), (0, 0x33), (0x1000, 0x1033), (1 << 31, 0), (0xFFFFFFFF, 4)):
        bench.refuses(f"a zImage from {start:#x} to {end:#x}", "-l",
                      bench.write("lies", patched(image, START, "II", start, end)),
                      says="has an end .* that does not fit its start", names="lies", status=255)
    for end in (len(image) + 1, 1 << 31, 0xFFFFFFFF):
        bench.refuses(f"a zImage that ends at {end:#x}", "-l",
                      bench.write("lies", patched(image, END, "I", end)),
                      says="^lies: zImage is truncated|truncated", names="lies", status=255)
    for size in (0, 1, 0x33, 0x34, 0x40, 0x1000, len(image) // 2, len(image) - 1):
        bench.refuses(f"a zImage cut to {size:#x} bytes", "-l", bench.write("cut", image[:size]),
                      says="truncated|Cannot determine the file type|is empty", names="cut")
    for name, data in (("a bzImage", bench.kernel), ("a vmlinux", example.vmlinux()),
                       ("zeros", bytes(4096)), ("an Image of 64 bits",
                                                 bytes(56) + b"ARM\x64" + bytes(5000))):
        bench.refuses(name, "-l", bench.write("other", data),
                      says="^Cannot determine the file type", names="other", status=255)
        bench.refuses(f"{name} as zImage", "-t", "zImage", "-l", "other",
                      says="^Cannot determine the file type", names="other", status=255)


def tables(bench):
    """The table of the memory that is written before the kernel runs."""
    image = bench.image
    for offset in (len(image) - 3, len(image), 0xFFFFFFFC, 0xFFFFFFFF):
        bench.refuses(f"a table at {offset:#x}", "-l",
                      bench.write("table", patched(image, TABLE, "I", offset)),
                      says="extension table .* is damaged", names="table", status=255)
    for words in (1, len(image) // 4, 0x40000000, 0xFFFFFFFF):
        bench.refuses(f"an entry of {words:#x} words", "-l",
                      bench.write("table", patched(image, ENTRY, "I", words)),
                      says="extension table .* is damaged", names="table", status=255)
    for words in (2, 3):
        bench.refuses(f"sizes of {words} words", "-l",
                      bench.write("table", patched(image, SIZES, "I", words)),
                      says="at least 4 are expected", names="table", status=255)
    for at in (len(image) - 3, len(image), 0xFFFFFFFF):
        bench.refuses(f"a size that stands at {at:#x}", "-l",
                      bench.write("table", patched(image, SIZES + 8, "I", at)),
                      says="after the end", names="table", status=255)
    # BSS, TEXT_OFFSET, room for the decompressor, and the size itself
    for name, offset in (("BSS", SIZES + 12), ("TEXT_OFFSET", SIZES + 16), ("heap", SIZES + 20),
                         ("size", len(image) - 7)):
        for value in (512 << 20, 1 << 31, 0xFFFFFFFF):
            bench.refuses(f"{name} {value:#x}", "-l",
                          bench.write("huge", patched(image, offset, "I", value)),
                          says="^Could not find a free area of memory")
        small = patched(image, offset, "I", 0)
        bench.accepts(f"{name} 0", "-l", bench.write("little", small),
                      check=checked(bench, small) if name != "heap" else None)
    # More than anybody knows of, and none at all.
    long = patched(image, SIZES, "I", 7)
    bench.accepts("sizes of 7 words", "-l", bench.write("long", long), check=checked(bench, long))
    none = patched(image, TABLE_MAGIC, "I", 0)
    bench.accepts("no table", "-l", bench.write("none", none), check=checked(bench, none))


def device_trees(bench):
    options = ("-l", "zImage", "--initrd=initrd")
    for address, size in ((1, 1), (2, 1), (1, 2), (2, 2)):
        dtb = "--dtb=" + bench.write("tree", tree(address, size))
        bench.accepts(f"a tree of {address} and {size} cells", *options, dtb,
                      check=checked(bench, bench.image))
        bench.accepts(f"{address} and {size} cells, crash", "-p", "zImage", dtb)
    for address, size in ((0, 1), (3, 1), (1, 0), (1, 3)):
        bench.refuses(f"a tree of {address} and {size} cells", *options,
                      "--dtb=" + bench.write("odd", tree(address, size)),
                      says="the root's #(address|size)-cells is", names="odd", status=255)
    for count in (64, 4096):
        bench.accepts(f"a tree with {count} reservations", *options,
                      "--dtb=" + bench.write("reserved", tree(reserved=reservations(count))),
                      check=checked(bench, bench.image))
    keeps_off(bench, "zImage")
    bench.refuses("a tree of more than a MiB", *options,
                  "--dtb=" + bench.write("large", tree(reserved=reservations(70000))),
                  says="the device tree has [0-9]+ bytes, arm kernels take")
    bench.accepts("a tree of another board", *options,
                  "--dtb=" + bench.write("other", tree(compatible=b"other\0")),
                  warns="^warning: other is the device tree of another board")


def appended(bench):
    """A tree after the kernel counts where the machine has no tree."""
    blob = tree()
    none = bench.machine_with({"sys/firmware/fdt": None})
    bench.refuses("no device tree at all", "-l", "zImage", machine=none, says="^No device tree")
    whole = bench.write("whole", bench.image + blob)
    bench.accepts("a tree after the kernel", "-l", whole, machine=none,
                  check=checked(bench, bench.image, none))
    for size in (1, 3, 4, 7, 20, 39, 40, len(blob) // 2, len(blob) - 1):
        cut = bench.write("cut", bench.image + blob[:size])
        bench.refuses(f"a tree cut to {size} bytes after the kernel", "-l", cut, machine=none,
                      says=r"^.*cut \(appended\)", names="cut", status=255)
        bench.accepts(f"{size} bytes after the kernel that nobody needs", "-l", cut,
                      check=checked(bench, bench.image))
    bench.refuses("a tree after the kernel that claims 4 GiB", "-l",
                  bench.write("lies", bench.image + blob[:4] + b"\xff" * 4 + blob[8:]),
                  machine=none, says="lies .appended.*: cut off", names="lies", status=255)


CORE = struct.pack("<5I", 5, 0x54410001, 1, 4096, 0)


def tag_lists(bench):
    def with_atags(content):
        return bench.machine_with({"sys/firmware/fdt": None, "proc/atags": content})

    load = ("-l", "zImage", "--atags")
    mem = struct.pack("<4I", 4, 0x54410002, GIB, GIB)
    whole = with_atags(CORE + mem + bytes(8))
    bench.accepts("the running kernel's tags", *load, "--initrd=initrd", "--append=quiet",
                  machine=whole, check=checked(bench, bench.image, whole))
    for name, content in (
            ("no words", bytes(4)), ("no end", CORE + mem), ("no core", mem + bytes(8)),
            ("a tag of 0 words", CORE + struct.pack("<2I", 0, 0x54410002) + bytes(8)),
            ("a tag of 1 word", CORE + struct.pack("<2I", 1, 0x54410002) + bytes(8)),
            ("a tag beyond the end", CORE + struct.pack("<2I", 99, 0x54410002) + bytes(8)),
            ("a tag of 16 GiB", CORE + struct.pack("<2I", 0xFFFFFFFF, 0x54410002) + bytes(8)),
            ("no tags", b"console=ttyAMA0 root=/dev/vda\n")):
        bench.refuses(f"tags: {name}", *load, machine=with_atags(content),
                      says="proc/atags: not a list of tags: damaged at", names="proc/atags")
    bench.refuses("tags: more than there is room for", *load,
                  machine=with_atags(CORE + mem * 1000 + bytes(8)),
                  says="^the tag list is longer than its place of 12288 bytes")
    bench.refuses("tags and a tree", *load, "--dtb=" + bench.write("tree", tree()),
                  says="^You can only use ATAGs if you don't specify a dtb")
    bench.refuses("tags and a long command line", *load, "--append=" + "x" * 1024,
                  says="1024 characters, the kernel takes 1023")
    bench.accepts("tags and the longest command line", *load, "--append=" + "x" * 1023)
    bench.accepts("tags and an appended tree", "-l", bench.write("both", bench.image + tree()),
                  "--atags", machine=whole, check=checked(bench, bench.image, whole))
    bench.accepts("tags for a crash kernel", "-p", "zImage", "--atags")


def odd_options(bench):
    unsized = patched(bench.image, TABLE_MAGIC, "I", 0)
    bench.write("unsized", unsized)
    for value in ("0xffffffff", "0x20000000"):
        bench.refuses(f"--image-size={value}", "-l", "unsized", f"--image-size={value}",
                      says="^Could not find a free area of memory")
    bench.accepts("--image-size=0", "-l", "unsized", "--image-size=0", check=checked(bench, unsized))
    for value in ("x", "-1", "", "0x100000000000000000"):
        bench.refuses(f"--image-size={value}", "-l", "unsized", f"--image-size={value}",
                      says="image-size")
    for value in ("x", "", "0x100000000000000000"):
        bench.refuses(f"--page-offset={value}", "-p", "zImage", f"--page-offset={value}",
                      says="page-offset")
    bench.refuses("--mem-min after 128 MiB", "-l", "zImage", "--mem-min=0x48000000",
                  says="^Could not find a free area of memory.*kernel")


def reservations_anywhere(bench):
    iomem = (bench.machine / "proc/iomem").read_text(encoding="ascii")
    for start, warns in ((0x58000000, ""), (0x60100000, "0x60000000 on"),
                         (0x5FF00000, "0x58000000 on")):
        machine = bench.machine_with({"proc/iomem": iomem.replace(
            "60000000-67ffffff : Crash", f"{start:x}-{start + 0x7ffffff:x} : Crash")})
        bench.accepts(f"a reservation at {start:#x}", "-p", "zImage", machine=machine,
                      check=checked(bench, bench.image, machine),
                      warns=warns and f"^warning: .* multiple of 128 MiB: .* from {warns}")
    machine = bench.machine_with({"proc/iomem": iomem.replace(
        "  60000000-67ffffff : Crash kernel\n", "") + "100000000-13fffffff : System RAM\n"
        "  118000000-11fffffff : Crash kernel\n"})
    bench.refuses("a reservation above 4 GiB", "-p", "zImage", machine=machine,
                  says="0x118000000-0x11fffffff .* is inaccessible at boot: it is not below 4 GiB")


def containers(bench):
    image = bench.image
    good = arm.uimage(image)
    bench.accepts("a uImage", "-l", bench.write("uImage", good), check=checked(bench, image))
    for name, data, says in (
            ("header CRC", arm.uimage(image, header_crc=0), "Header checksum"),
            ("data CRC", arm.uimage(image, data_crc=0), "Data checksum"),
            ("a bit of the data", good[:-1] + bytes([good[-1] ^ 1]), "Data checksum"),
            ("cut", good[:-1], "Image size doesn't match the header"),
            ("of a ramdisk", arm.uimage(image, kind=3), "uImage type 3 unsupported"),
            ("for another arch", arm.uimage(image, machine=22), "uImage arch 22 unsupported"),
            ("around zeros", arm.uimage(bytes(4096)), "not a zImage|Cannot determine"),
            ("around a cut zImage", arm.uimage(image[:4096]), "truncated")):
        bench.refuses(f"a uImage, {name}", "-l", bench.write("bad", data), says=says, names="bad",
                      status=255)
    for offset, size in WILD:
        bench.survives(f"a uImage of {size:#x} bytes at {offset:#x}", "-l",
                       bench.write("odd", good[:12] + struct.pack(">II", size, offset) +
                                   good[20:]), names="odd")


def android(bench):
    image = bench.image
    good = images.android(image, b"ramdisk" * 99, b"quiet")
    bench.accepts("an Android image", "-l", bench.write("boot.img", good),
                  check=checked(bench, image))
    for name, data, says in (
            ("cut in its header", good[:2047], "not an Android image"),
            ("cut in its kernel", good[:len(image)], "its kernel, .* is not inside"),
            ("cut in its ramdisk", good[:len(image) + 2048], "its ramdisk, .* is not inside"),
            ("with pages of 0 bytes", patched(good, 36, "I", 0), "says pages of 0 bytes"),
            ("with pages of 2 GiB", patched(good, 36, "I", 1 << 31), "its kernel, .* is not inside"),
            ("with odd pages", patched(good, 36, "I", 2049), "says pages of 2049 bytes"),
            ("with a kernel of 4 GiB", patched(good, 8, "I", (1 << 32) - 1), "its kernel, "),
            ("with a ramdisk of 4 GiB", patched(good, 16, "I", (1 << 32) - 1), "its ramdisk, "),
            ("without a kernel", patched(good, 8, "I", 0), "has no kernel"),
            ("around a text", images.android(b"text" * 999), "Cannot determine the file type"),
            ("around a cut zImage", images.android(image[:-1]), "truncated"),
            ("with a long command line", images.android(image, cmdline=b"x" * 1024),
             "1024 characters, the kernel takes 1023")):
        bench.refuses(f"an Android image {name}", "-l", bench.write("bad", data), says=says,
                      names="bad")


def run(suite, build, directory):
    bad.run_arch(suite, build, directory, "arm", "zImage", arm.zimage(), (
        headers, tables, device_trees, appended, tag_lists, odd_options, reservations_anywhere,
        containers, android))
