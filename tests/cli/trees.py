# SPDX-License-Identifier: GPL-2.0-or-later
"""Device trees that are damaged, of another board, or contain unusual values; and a small tree
to damage."""

import json
import struct

from bad_containers import patched
from fixtures import other_board
from harness import FIXTURES

import rules

GIB = 1 << 30


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
    """Nothing is loaded where the next kernel's tree reserves memory and /proc/iomem does not: a
    reservation for the place of each segment in turn."""
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


def device_trees(bench):
    other = other_board(bench.arch)
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
        # The offset points past the end, or back to itself.
        bench.refuses(f"--dtb with a property of {size:#x} bytes", "-l", "Image",
                      "--dtb=" + bench.write("odd", small[:at] + struct.pack(">I", size) +
                                             small[at + 4:]),
                      says=": damaged device tree: FDT_ERR_BADSTRUCTURE at offset 0x[45]",
                      names="odd", status=255)
    names = bytes(256 << 10)
    long = bytearray(small + names)
    for offset in 4, 32:    # the sizes of all and of the names, which come last
        struct.pack_into(">I", long, offset,
                         struct.unpack_from(">I", small, offset)[0] + len(names))
    bench.refuses("--dtb with 256 KiB of names", "-l", "Image", "--dtb=" + bench.write("odd", long),
                  says="bytes of property names, at most 262144 make sense", names="odd", status=255)
    no_memory = "--dtb=" + bench.write("empty", small.replace(b"memory", b"nobody"))
    bench.refuses("--dtb without memory", "-l", "Image", no_memory, says="^empty contains no memory node",
                  names="empty")
    bench.accepts("--dtb without memory, which the command line tells", "-l", "Image", no_memory,
                  "--append=mem=1G", warns="another board|^$")
    keeps_off(bench, "Image")
    none = bench.machine_with({"sys/firmware/fdt": None})
    bench.refuses("no device tree at all", "-l", "Image", machine=none, says="^No device tree")
