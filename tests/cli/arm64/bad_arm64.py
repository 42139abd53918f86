# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64: Images, uImages and device trees that are damaged, or valid but unusual."""

import bz2
import gzip
import struct

import bad
import harness
from bad_containers import patched, WILD
from harness import example
from trees import device_trees
from vmlinuxes import vmlinuxes

import arm64
import images
import rules

IMAGE_SIZE, FLAGS = 0x10, 0x18
GIB = 1 << 30


def headers(bench):
    image = bench.image

    def check(plan):
        arm64.check_kernel(plan, image)
        arm64.check_tree_block(plan)

    bench.accepts("an Image", "-l", "Image", check=check)
    for value in (1, len(image) - 1):
        bench.refuses(f"image_size {value:#x}", "-l",
                      bench.write("lies", patched(image, IMAGE_SIZE, "Q", value)),
                      says=f"takes {value:#x} bytes of memory, and it has {len(image):#x}",
                      names="lies", status=255)
    for value in (1 << 63, (1 << 64) - 1):
        bench.refuses(f"image_size {value:#x}", "-l",
                      bench.write("lies", patched(image, IMAGE_SIZE, "Q", value)),
                      says="no memory can hold", names="lies", status=255)
    bench.refuses("image_size beyond memory", "-l",
                  bench.write("lies", patched(image, IMAGE_SIZE, "Q", 4 * GIB)),
                  says="^Could not find a free area of memory of 0x100000000 bytes for the kernel")
    for value in (0x200000, 0x800, 1 << 63):
        bench.refuses(f"text_offset {value:#x}", "-l",
                      bench.write("lies", patched(image, 8, "Q", value)),
                      says=f"has the text offset {value:#x}: a multiple", names="lies", status=255)
    bench.accepts("image_size 0", "-l", bench.write("old", patched(image, IMAGE_SIZE, "Q", 0)),
                  warns="^warning: old: its header has no size field")
    bench.accepts("the big-endian flag", "-l",
                  bench.write("big", patched(image, FLAGS, "Q", arm64.ANYWHERE | 1)),
                  warns="^warning: big is a big-endian kernel", check=check_big(image))
    pages(bench)
    for size in (0, 1, 63):
        bench.refuses(f"an Image cut to {size} bytes", "-l", bench.write("cut", image[:size]),
                      says="Cannot determine the file type|is empty", names="cut")
    bench.refuses("a bzImage", "-l", "bzImage", says="^Cannot determine the file type",
                  status=255)
    bench.refuses("a vmlinux of another arch", "-l", bench.write("vmlinux", example.vmlinux()),
                  says="^Cannot determine the file type", status=255)
    bench.refuses("an Image as vmlinux", "-t", "vmlinux", "-l", "Image",
                  says="^Wrong file type vmlinux, file matches type Image", status=255)


def pages(bench):
    """AT_PAGESZ is 6; the auxiliary vector has other entries before it."""
    for flags, kib in ((2, 16), (3, 64)):
        kernel = bench.write("pages", patched(bench.image, FLAGS, "Q", arm64.ANYWHERE | flags << 1))
        for running in (4, 16, 64):
            machine = bench.machine_with({})
            (machine / "proc/self").mkdir()
            (machine / "proc/self/auxv").write_bytes(
                struct.pack("<8Q", 33, 6, 16, 6, 6, running << 10, 0, 0))
            bench.accepts(f"pages of {kib} KiB where {running} run", "-l", kernel, machine=machine,
                          warns="" if running == kib else f"^warning: pages is .* of {kib} KiB")
        (machine / "proc/self/auxv").write_bytes(struct.pack("<Q", 6))
        bench.accepts(f"pages of {kib} KiB and half a vector", "-l", kernel, machine=machine,
                      warns=f"^warning: pages is .* of {kib} KiB")


def check_big(image):
    return lambda plan: arm64.check_kernel(plan, patched(image, FLAGS, "Q", arm64.ANYWHERE | 1))


def containers(bench):
    payload = gzip.compress(bench.image)
    zboot = images.zboot(payload, "gzip")
    for offset, size in WILD:
        bench.refuses(f"zboot payload, {size:#x} bytes at {offset:#x}", "-l",
                      bench.write("zboot", patched(zboot, 8, "II", offset, size)),
                      says="this zboot image is cut short", names="zboot", status=255)
    for name, magic in (("lz4", b"\x02\x21\x4c\x18"), ("lzo", b"\x89LZO\0\r\n\x1a\n")):
        packed = magic + bench.image
        for what, data in (("zboot", images.zboot(packed, name)), ("a file", packed),
                           ("a uImage", arm64.uimage(packed, 5 if name == "lz4" else 4))):
            bench.refuses(f"damaged {what} by {name}", "-l", bench.write("packed", data),
                          says=f"^packed: .*the {name} data is ", names="packed", status=255)
    for name, number, compress in (("bzip2", 2, bz2.compress), ("lzo", 4, images.lzop)):
        packed = compress(bench.image)
        for what, data in (("zboot", images.zboot(packed, name)), ("a file", packed),
                           ("a uImage", arm64.uimage(packed, number))):
            bench.accepts(f"{what} by {name}", "-l", bench.write("packed", data))
    bench.refuses("an Image as vmlinuz", "-t", "vmlinuz", "-l", "Image",
                  says="^Wrong file type vmlinuz, file matches type Image", status=255)
    for name, data, says in (
            ("header CRC", arm64.uimage(payload, 1, header_crc=0), "Header checksum"),
            ("data CRC", arm64.uimage(payload, 1, data_crc=0), "Data checksum"),
            ("cut", arm64.uimage(payload, 1)[:-1], "Image size doesn't match the header"),
            ("of a ramdisk", arm64.uimage(payload, 1, kind=3), "uImage type 3 unsupported"),
            ("for another arch", arm64.uimage(payload, 1, machine=2), "uImage arch 2 unsupported"),
            ("by bzip2", arm64.uimage(payload, 2), "unsupported compression method"),
            ("not gzip", arm64.uimage(bench.image, 1), "unsupported compression method"),
            ("damaged gzip", arm64.uimage(payload[:-8] + bytes(8), 1), "damaged")):
        bench.refuses(f"a uImage, {name}", "-l", bench.write("uImage", data), says=says,
                      names="uImage", status=255)


def initrds(bench):
    """A wrapper for U-Boot is checked and removed; no kernel unpacks another kernel."""
    def wrapped(**crc):
        return arm64.uimage(bench.initrd, kind=3, **crc)

    check = lambda plan: rules.check_initrd(plan, bench.initrd)
    for call in ["-c"], []:
        bench.accepts(f"an initrd for U-Boot {call}", *call, "-l", "Image", "--initrd",
                      bench.write("uInitrd", wrapped()), check=check)
    bench.accepts("two initrds for U-Boot", "-l", "Image", "--initrd=uInitrd",
                  "--initrd=uInitrd", check=lambda plan: rules.check_initrd(plan, bench.initrd,
                                                                            bench.initrd))
    bench.accepts("an initrd for U-Boot in a boot image", "-l", bench.write(
        "boot.img", images.android(bench.image, wrapped())), check=check)
    for name, data, says in (
            ("header CRC", wrapped(header_crc=0), "Header checksum"),
            ("data CRC", wrapped(data_crc=0), "Data checksum"),
            ("cut", wrapped()[:-1], "Image size doesn't match the header"),
            ("of a kernel", arm64.uimage(bench.image), "uImage type 2 unsupported: ramdisks are 3")):
        bench.refuses(f"an initrd for U-Boot, {name}", "-l", "Image", "--initrd",
                      bench.write("uInitrd", data), says=f"^initrd: uInitrd: {says}", status=1)
    for kind, data in (
            ("a FIT image, or a device tree", struct.pack(">II", 0xD00DFEED, 48) + bytes(40)),
            ("a PE file, a UKI or a kernel", images.uki((".linux", bench.image))),
            ("an ELF file", arm64.vmlinux(bench.image)), ("a kernel", bench.image)):
        bench.accepts(f"{kind} as an initrd", "-l", "Image", "--initrd", bench.write("odd", data),
                      warns=f"^warning: initrd odd is {kind}: no kernel unpacks it$",
                      check=lambda plan, data=data: rules.check_initrd(plan, data))


def own_tree(bench):
    """Only kexec_load passes the device tree of an image on."""
    tree = (harness.FIXTURES / "arm64/sys/firmware/fdt").read_bytes()
    tree = tree.replace(b"console=ttyAMA0", b"console=inside0")

    def takes(console):
        return lambda plan: rules.require(plan["command_line"].startswith(f"console={console} "),
                                          f"the command line is that of the tree with {console}")

    uki = bench.write("tree.uki", images.uki((".dtb", tree), (".linux", bench.image)))
    for kernel in uki, bench.write("tree.img", images.android(bench.image, dtb=tree, version=2)):
        bench.accepts(f"the tree inside {kernel}", "-l", kernel, check=lambda plan: rules.require(
            plan["method"] == "kexec_load", "the call is kexec_load"))
        warning = f"warning: the device tree inside {kernel} has no effect with kexec_file_load"
        bench.accepts(f"the tree inside {kernel}, -c", "-c", "-l", kernel, check=takes("inside0"))
        bench.accepts(f"the tree inside {kernel}, -s", "-s", "-l", kernel, warns="^" + warning,
                      check=takes("ttyAMA0"))
        bench.accepts(f"the tree inside {kernel}, locked down", "-l", kernel, warns="^" + warning,
                      machine=bench.machine_with({"sys/kernel/security/lockdown":
                                                  "none [integrity] confidentiality\n"}))
    for name in bench.write("given.dtb", tree), "missing.dtb":
        bench.accepts(f"--dtb={name}, -s", "-s", "-l", "Image", f"--dtb={name}",
                      warns="^warning: --dtb has no effect with kexec_file_load: [^\n]*\n$",
                      check=takes("ttyAMA0"))
    bench.accepts("a UKI without a tree", "-l", bench.write(
        "uki", images.uki((".linux", bench.image))), check=lambda plan: rules.require(
            plan["method"] == "kexec_file_load", "the call is kexec_file_load"))


def appended_trees(bench):
    """Boot loaders of phones read their device trees from the end of the kernel's file."""
    tree = (harness.FIXTURES / "arm64/sys/firmware/fdt").read_bytes()
    none = bench.machine_with({"sys/firmware/fdt": None, "proc/device-tree": None})
    packed = gzip.compress(bench.image)

    def loads(plan, method=None):
        kernel, = (segment for segment in plan["segments"] if segment["name"] == "kernel")
        rules.check_content(kernel, bench.image)
        rules.require(method in (None, plan["method"]), f"the call is {method}")

    for name, data in ("an Image", bench.image), ("a compressed Image", packed):
        for count in 1, 2, 3:
            bench.accepts(f"{name} with {count} trees", "-l",
                          bench.write("trees", data + count * tree),
                          check=lambda plan: loads(plan, "kexec_file_load"))
        bench.accepts(f"{name} with the only tree", "-l", bench.write("trees", data + tree),
                      machine=none, check=lambda plan: loads(plan, "kexec_load"))
        bench.accepts(f"{name} with the only trees", "-l", bench.write("both", data + 2 * tree),
                      machine=none, check=lambda plan: loads(plan, "kexec_load"),
                      warns="^warning: both has 2 device trees: the first is used, --dtb names")
        bench.accepts(f"{name} with the only tree, -s", "-s", "-l", "trees", machine=none,
                      warns="^warning: the device tree inside trees has no effect with kexec_file",
                      check=loads)
    bench.accepts("a boot image with two trees", "-l", bench.write("boot.img", images.android(
        bench.image, dtb=2 * tree, version=2)), check=loads,
                  warns="^warning: boot.img has 2 device trees: the first is used, --dtb names")
    bench.accepts("a boot image of a compressed kernel with a tree", "-l", bench.write(
        "boot.img", images.android(packed + tree, bench.initrd)), check=loads)
    for name, after, says in (
            ("a cut tree", tree[:-1], "bytes after the end of the gzip data"),
            ("a tree and a byte", tree + b"x", "bytes after the end of the gzip data"),
            ("a byte and a tree", b"x" + tree, "1 bytes after the end of the gzip data"),
            ("a tree of 8 bytes", struct.pack(">II", 0xD00DFEED, 8), "8 bytes after the end")):
        bench.refuses(f"a compressed Image with {name}", "-l",
                      bench.write("trees", packed + after), says=says, names="trees", status=255)
    lies = struct.pack(">II", 0xD00DFEED, len(tree)) + bytes(len(tree) - 8)
    bench.refuses("a compressed Image with what only looks like a tree", "-l",
                  bench.write("trees", packed + lies), machine=none, says="trees .appended.*: ",
                  names="trees")


def memory(bench):
    """Nothing is placed in ranges that /proc/iomem calls reserved, however they are nested."""
    for name, lines, says in (
            ("reserved across the end of RAM", "  7f000000-80ffffff : reserved\n", ""),
            ("reserved beside RAM", "7f000000-80ffffff : reserved\n", ""),
            ("all of it reserved", "  40000000-7fffffff : reserved\n",
             "Could not find a free area of memory|Could not get memory layout")):
        machine = bench.machine_with({"proc/iomem": (
            "40000000-7fffffff : System RAM\n  40210000-4185ffff : Kernel code\n" + lines)})
        if says:
            bench.refuses(name, "-l", "Image", machine=machine, says=says)
        else:
            bench.accepts(name, "-l", "Image", "--mem-min=0x7e000000", machine=machine,
                          check=below(0x7F000000))
    far = bench.machine_with({"proc/iomem": (
        "40000000-4003ffff : System RAM\n1000000000-103fffffff : System RAM\n")})
    bench.refuses("an initrd 32 GiB from the kernel", "-l", "Image", "--initrd=initrd",
                  machine=far, says="initrd within 32 GiB of the kernel")


def below(limit):
    def check(plan):
        for segment in plan["segments"]:
            arm64.require(arm64.place(segment)[1] <= limit, "what is reserved is left alone")
    return check


def run(suite, build, directory):
    bad.run_arch(suite, build, directory, "arm64", "Image", arm64.image(), (
        headers, containers, initrds, own_tree, appended_trees, memory, device_trees,
        lambda bench: vmlinuxes(bench, arm64.vmlinux(bench.image), arm64.check_kernel)))
