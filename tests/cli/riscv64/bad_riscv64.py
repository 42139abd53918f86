# SPDX-License-Identifier: GPL-2.0-or-later
"""riscv64: Images, vmlinuxes and device trees that are damaged, or valid but unusual."""

import gzip
import struct

import bad
from bad_containers import patched, WILD
from harness import FIXTURES
from trees import device_trees
import vmlinuxes as common

import images
import riscv64

IMAGE_SIZE, FLAGS, VERSION, MAGIC, MAGIC2 = 0x10, 0x18, 0x20, 0x30, 0x38
GIB = 1 << 30


def other_image(image):
    """The image with the magic number of an arch whose header is the same but for that."""
    return patched(patched(image, MAGIC, "Q", 0), MAGIC2, "4s", b"ARM\x64")


def headers(bench):
    image = bench.image

    def check(plan):
        riscv64.check_kernel(plan, image)
        riscv64.check_tree(plan)

    bench.accepts("an Image", "-l", "Image", check=check)
    for name, offset, code, value, says in (
            ("image_size 0", IMAGE_SIZE, "Q", 0, "has the image size 0"),
            ("image_size 1", IMAGE_SIZE, "Q", 1, "takes 0x1 bytes of memory, and it has"),
            ("image_size too small", IMAGE_SIZE, "Q", len(image) - 1, "and it has 0x25000"),
            ("image_size 2^63", IMAGE_SIZE, "Q", 1 << 63, "no memory can hold"),
            ("image_size 2^64 - 1", IMAGE_SIZE, "Q", (1 << 64) - 1, "no memory can hold"),
            ("the big-endian flag", FLAGS, "Q", 1, "says big endian"),
            ("version 0.1", VERSION, "I", 1, "is of version 0x1")):
        bench.refuses(name, "-l", bench.write("lies", patched(image, offset, code, value)),
                      says=says, names="lies", status=255)
    bench.refuses("image_size beyond memory", "-l",
                  bench.write("lies", patched(image, IMAGE_SIZE, "Q", 4 * GIB)),
                  says="^Could not find a free area of memory of 0x100000000 bytes for the kernel")
    bench.refuses("the old magic number alone", "-l",
                  bench.write("old", patched(image, MAGIC2, "I", 0)),
                  says="^Cannot determine the file type", status=255)
    for value in (0, 0x80000, 1, (1 << 64) - 1):
        bench.accepts(f"text_offset {value:#x}", "-l",
                      bench.write("odd", patched(image, 8, "Q", value)))
    for size in (0, 1, 63):
        bench.refuses(f"an Image cut to {size} bytes", "-l", bench.write("cut", image[:size]),
                      says="Cannot determine the file type|is empty", names="cut")
    bench.refuses("another arch's Image", "-l", bench.write("other", other_image(image)),
                  says="^Cannot determine the file type", status=255)
    bench.refuses("an Image as elf-riscv", "-t", "elf-riscv", "-l", "Image",
                  says="^Wrong file type elf-riscv, file matches type image-riscv", status=255)


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
    bench.refuses("zboot of another arch's Image", "-l",
                  bench.write("zboot", images.zboot(gzip.compress(other_image(bench.image)),
                                                    "gzip")),
                  says="^Cannot determine the file type", status=255)
    bench.refuses("damaged zboot by lz4", "-l",
                  bench.write("zboot", images.zboot(b"\x02\x21\x4c\x18" + bench.image, "lz4")),
                  says="its zboot payload at 0x1000: the lz4 data is ", status=255)
    bench.refuses("a uImage for another arch", "-l",
                  bench.write("uImage", riscv64.uimage(bench.image, machine=22)),
                  says="uImage arch 22 unsupported", names="uImage", status=255)


def vmlinuxes(bench):
    vmlinux = riscv64.vmlinux(bench.image)
    common.vmlinuxes(bench, vmlinux, riscv64.check_kernel)
    for name, offset, code, value, says in (
            ("of another arch", 18, "H", 183, "^Cannot determine the file type"),
            ("without headers", 56, "H", 0, "no loadable segment")):
        bench.refuses(f"a vmlinux {name}", "-l",
                      bench.write("odd", patched(vmlinux, offset, code, value)), says=says,
                      names="odd", status=255)
    narrow = struct.pack("<4sBBB9xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, 2, 243, 1, 0, 52, 0, 0,
                         52, 32, 0, 40, 0, 0)
    bench.refuses("a vmlinux of 32 bits", "-l", bench.write("narrow", narrow + bench.image),
                  says="a kernel of 32 bits, little endian", names="narrow", status=255)
    big = struct.pack(">4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 2, 1, 2, 243, 1, 0, 64, 0, 0, 64,
                      56, 0, 64, 0, 0)
    bench.refuses("a big-endian vmlinux", "-l", bench.write("big", big + bench.image),
                  says="machine 243, 64 bits, big endian", names="big", status=255)


def chosen(bench):
    """Device trees whose cells are odd, and a command line that is one too long."""
    fdt = (FIXTURES / "riscv64/sys/firmware/fdt").read_bytes()
    one = riscv64.one_cell(fdt)
    bench.accepts("one cell", "-l", "Image", "--initrd=initrd", "--dtb=" + bench.write("one", one))
    cells = one.index(struct.pack(">III", 3, 4, one.index(b"#address-cells\0", 64) -
                                  struct.unpack_from(">I", one, 12)[0])) + 12
    for value in (0, 3, 0xFFFFFFFF):
        odd = one[:cells] + struct.pack(">I", value) + one[cells + 4:]
        bench.refuses(f"{value} cells", "-l", "Image", "--dtb=" + bench.write("odd", odd),
                      says=f"the root's #address-cells is {value}, not 1 or 2", names="odd",
                      status=255)
    bench.accepts("1023 characters", "-l", "Image", "--append=" + "x" * 1023)
    bench.refuses("1024 characters", "-l", "Image", "--append=" + "x" * 1024,
                  says="^The command line has 1024 characters, the kernel takes 1023")


def run(suite, build, directory):
    bad.run_arch(suite, build, directory, "riscv64", "Image", riscv64.image(), (
        headers, containers, vmlinuxes, chosen, device_trees))
