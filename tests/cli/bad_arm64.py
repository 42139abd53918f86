# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64: Images, uImages and device trees that lie, and such that are only odd."""

import gzip
import json
import shutil
import struct

import bad
from bad_containers import patched, WILD
from harness import FIXTURES

import arm64
import images
import rules

IMAGE_SIZE, FLAGS = 0x10, 0x18
GIB = 1 << 30


class Bench(bad.Bench):
    """Loads for the fixture of an arch."""

    def __init__(self, suite, build, directory, arch, name, image):
        directory.mkdir()
        super().__init__(suite, build, directory)
        self.arch = arch
        self.machine = directory / arch
        shutil.copytree(FIXTURES / arch, self.machine)
        self.image = image
        self.write(name, image)

    def run(self, *args, **kwargs):
        return super().run(f"--arch={self.arch}", *args, **kwargs)

    def machine_with(self, name, **files):
        machine = self.directory / name
        shutil.copytree(FIXTURES / self.arch, machine)
        for path, text in files.items():
            (machine / path.replace("__", "/")).write_text(text, encoding="ascii")
        return machine


def headers(bench):
    image = bench.image

    def check(plan):
        arm64.check_kernel(plan, image)
        arm64.check_tree(plan)

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
                      says=f"wants the kernel {value:#x} bytes behind", names="lies", status=255)
    bench.accepts("image_size 0", "-l", bench.write("old", patched(image, IMAGE_SIZE, "Q", 0)),
                  warns="^warning: old: its header tells no size")
    bench.accepts("the big-endian flag", "-l",
                  bench.write("big", patched(image, FLAGS, "Q", arm64.ANYWHERE | 1)),
                  warns="^warning: big is a big-endian kernel", check=check_big(image))
    pages(bench)
    for size in (0, 1, 63):
        bench.refuses(f"an Image cut to {size} bytes", "-l", bench.write("cut", image[:size]),
                      says="Cannot determine the file type|is empty", names="cut")
    bench.refuses("a bzImage", "-l", "bzImage", says="^Cannot determine the file type",
                  status=255)
    bench.refuses("a vmlinux of x86_64", "-l", bench.write("vmlinux", images.vmlinux()),
                  says="^Cannot determine the file type", status=255)
    bench.refuses("an Image as vmlinux", "-t", "vmlinux", "-l", "Image",
                  says="^Wrong file type vmlinux, file matches type Image", status=255)


def pages(bench):
    """AT_PAGESZ is 6; what stands before it in the auxiliary vector is of no interest."""
    for flags, kib in ((2, 16), (3, 64)):
        kernel = bench.write("pages", patched(bench.image, FLAGS, "Q", arm64.ANYWHERE | flags << 1))
        for running in (4, 16, 64):
            machine = bench.machine_with(f"{kib}-on-{running}")
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
            bench.refuses(f"{what} by {name}", "-l", bench.write("packed", data),
                          says=f"^packed: .*compressed with {name}, ", names="packed", status=255)
    bench.refuses("an Image as vmlinuz", "-t", "vmlinuz", "-l", "Image",
                  says="^Wrong file type vmlinuz, file matches type Image", status=255)
    for name, data, says in (
            ("header CRC", arm64.uimage(payload, 1, header_crc=0), "Header checksum"),
            ("data CRC", arm64.uimage(payload, 1, data_crc=0), "Data checksum"),
            ("cut", arm64.uimage(payload, 1)[:-1], "Image size doesn't match the header"),
            ("of a ramdisk", arm64.uimage(payload, 1, kind=3), "uImage type 3 unsupported"),
            ("for arm", arm64.uimage(payload, 1, machine=2), "uImage arch 2 unsupported"),
            ("by bzip2", arm64.uimage(payload, 2), "unsupported compression method"),
            ("not gzip", arm64.uimage(bench.image, 1), "unsupported compression method"),
            ("damaged gzip", arm64.uimage(payload[:-8] + bytes(8), 1), "damaged")):
        bench.refuses(f"a uImage, {name}", "-l", bench.write("uImage", data), says=says,
                      names="uImage", status=255)


def vmlinuxes(bench, vmlinux, check):
    bench.write("vmlinux", vmlinux)
    bench.accepts("a vmlinux", "-l", "vmlinux", check=lambda plan: check(plan, bench.image))
    entry, = struct.unpack_from("<Q", vmlinux, 24)
    for value in (1, entry - 1, entry + 4, entry + 0x10000000, (1 << 64) - 1):
        bench.refuses(f"a vmlinux with its entry at {value:#x}", "-l",
                      bench.write("odd", patched(vmlinux, 24, "Q", value)),
                      says=f"the ELF entry {value:#x} is ", names="odd", status=255)
    for vaddr in (0, (1 << 64) - 0x1000, (entry + 4 * GIB) % (1 << 64)):
        bench.refuses(f"a vmlinux with a segment at {vaddr:#x}", "-l",
                      bench.write("odd", patched(vmlinux, 64 + 56 + 16, "Q", vaddr)),
                      says="too far apart|leave the address space", names="odd", status=255)
    bench.refuses("a vmlinux that is an object", "-l",
                  bench.write("odd", patched(vmlinux, 16, "H", 1)), says="of type 1, neither",
                  names="odd", status=255)
    bench.refuses("a vmlinux for an interpreter", "-l",
                  bench.write("odd", patched(vmlinux, 64, "I", images.PT_INTERP)),
                  says="Requires an ELF interpreter", names="odd", status=255)
    for size in range(0, 200, 11):
        bench.refuses(f"a vmlinux cut to {size} bytes", "-l",
                      bench.write("cut", vmlinux[:size]), names="cut")


def tree(address=1, size=1, reserved=(), compatible=b"linux,dummy-virt\0", memory=GIB):
    """A blob with a GiB of memory from there on, in cells of these sizes; reserved: of
    (start, size)."""
    strings = b"#address-cells\0#size-cells\0compatible\0device_type\0reg\0"

    def cells(value, count):
        return (value % (1 << 32 * count)).to_bytes(4 * count, "big")

    def prop(name, value):
        return (struct.pack(">III", 3, len(value), strings.index(name + b"\0")) + value +
                bytes(-len(value) % 4))

    nodes = (cells(1, 1) + bytes(4) + prop(b"#address-cells", cells(address, 1)) +
             prop(b"#size-cells", cells(size, 1)) + prop(b"compatible", compatible) +
             cells(1, 1) + b"memory\0\0" + prop(b"device_type", b"memory\0") +
             prop(b"reg", cells(memory, address) + cells(GIB, size)) + cells(2, 1) * 2 +
             cells(9, 1))
    block = b"".join(struct.pack(">QQ", *entry) for entry in reserved) + bytes(16)
    at = 40 + len(block)
    return struct.pack(">10I", 0xD00DFEED, at + len(nodes) + len(strings), at, at + len(nodes), 40,
                       17, 16, 0, len(strings), len(nodes)) + block + nodes + strings


def reservations(count):
    return [(0x7F000000 + 0x2000 * i, 0x1000) for i in range(count)]


def keeps_off(bench, kernel):
    """Nothing is loaded where the next kernel's tree sets memory aside, though /proc/iomem does
    not tell so: here, where each segment would go."""
    whole = json.loads(bench.run("-l", kernel, "--initrd=initrd").out)
    for segment in whole["segments"]:
        start, end = rules.place(segment)
        blob = tree(2, 2, [(start, end - start)], memory=start)

        def check(plan, start=start, end=end):
            for other in plan["segments"]:
                low, high = rules.place(other)
                rules.require(high <= start or end <= low, f"{other['name']}: is not in reserved memory")

        bench.accepts(f"memory reserved where the {segment['name']} would go", "-l", kernel,
                      "--initrd=initrd", "--dtb=" + bench.write("reserved", blob), check=check,
                      warns="^$|^warning: reserved is the device tree of another board")


def device_trees(bench, other):
    fdt = (FIXTURES / bench.arch / "sys/firmware/fdt").read_bytes()[:16384]
    fdt = fdt[:4] + struct.pack(">I", len(fdt)) + fdt[8:]
    bench.write("dtb", fdt)
    bench.accepts("--dtb", "-l", "Image", "--dtb=dtb")
    bench.accepts("--dtb of another board", "-l", "Image",
                  f"--dtb={FIXTURES / other}/sys/firmware/fdt",
                  warns=f"^warning: .*{other}/sys/firmware/fdt is the device tree of another board")
    bench.refuses("--dtb that is not there", "-l", "Image", "--dtb=none",
                  says="^--dtb: Cannot open `none.: No such file", names="none", status=255)
    bench.refuses("--dtb that is a kernel", "-l", "Image", "--dtb=Image", names="Image")
    for offset in range(0, 40, 4):
        bench.survives(f"--dtb, {offset:#x} of the header", "-l", "Image",
                       "--dtb=" + bench.write("odd", patched(fdt, offset, "I", 0xFFFFFFF0)),
                       names="odd")
    for size in (0, 3, 39, 40, 64, 4096, len(fdt) // 2, len(fdt) - 1):
        bench.refuses(f"--dtb cut to {size} bytes", "-l", "Image",
                      "--dtb=" + bench.write("cut", fdt[:size]), names="cut")
    small = tree()
    at = small.index(b"\0\0\0\3") + 4
    for size in (0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF):
        # It leads behind the end, or back to where it stands.
        bench.refuses(f"--dtb with a property of {size:#x} bytes", "-l", "Image",
                      "--dtb=" + bench.write("odd", small[:at] + struct.pack(">I", size) +
                                             small[at + 4:]),
                      says=": damaged device tree: FDT_ERR_BADSTRUCTURE at offset 0x[45]",
                      names="odd", status=255)
    no_memory = "--dtb=" + bench.write("empty", small.replace(b"memory", b"nobody"))
    bench.refuses("--dtb without memory", "-l", "Image", no_memory, says="^empty contains no memory node",
                  names="empty")
    bench.accepts("--dtb without memory, which the command line tells", "-l", "Image", no_memory,
                  "--append=mem=1G", warns="another board|^$")
    keeps_off(bench, "Image")
    none = bench.machine_with("none")
    (none / "sys/firmware/fdt").unlink()
    bench.refuses("no device tree at all", "-l", "Image", machine=none, says="^No device tree")


def memory(bench):
    """What /proc/iomem calls reserved, in whatever way it nests, stays as it is."""
    for name, lines, says in (
            ("reserved across the end of RAM", "  7f000000-80ffffff : reserved\n", ""),
            ("reserved beside RAM", "7f000000-80ffffff : reserved\n", ""),
            ("all of it reserved", "  40000000-7fffffff : reserved\n",
             "Could not find a free area of memory|Could not get memory layout")):
        machine = bench.machine_with(name.replace(" ", "-"), proc__iomem=(
            "40000000-7fffffff : System RAM\n  40210000-4185ffff : Kernel code\n" + lines))
        if says:
            bench.refuses(name, "-l", "Image", machine=machine, says=says)
        else:
            bench.accepts(name, "-l", "Image", "--mem-min=0x7e000000", machine=machine,
                          check=below(0x7F000000))
    far = bench.machine_with("far", proc__iomem=(
        "40000000-4003ffff : System RAM\n1000000000-103fffffff : System RAM\n"))
    bench.refuses("an initrd 32 GiB from the kernel", "-l", "Image", "--initrd=initrd",
                  machine=far, says="initrd within 32 GiB of the kernel")


def below(limit):
    def check(plan):
        for segment in plan["segments"]:
            arm64.require(arm64.place(segment)[1] <= limit, "what is reserved is left alone")
    return check


def run(suite, build, directory):
    bench = Bench(suite, build, directory / "arm64-bench", "arm64", "Image", arm64.image())
    if "not compiled in" in bench.run("-l", "Image").err:
        return
    for part in (headers, containers, memory):
        part(bench)
    device_trees(bench, "riscv64")
    vmlinuxes(bench, arm64.vmlinux(bench.image), arm64.check_kernel)
