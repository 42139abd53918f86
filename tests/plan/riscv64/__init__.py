# SPDX-License-Identifier: GPL-2.0-or-later
"""riscv64: made-up kernels, the plans that come of them, and the rules of the boot
protocol (kernel: Documentation/arch/riscv/boot.rst, boot-image-header.rst)."""

import functools
import gzip
import lzma
import struct

import crash
import files as packages
import fixtures
import images
from fixtures import FIXTURES
from real import Real
from rules import (check_content, check_tree_block, is_for_crash, joined, place, require,
                   segment_of)

MIB = 1 << 20
EM_RISCV = 243
BIG_ENDIAN = 1
KERNEL_SIZE, IMAGE_SIZE = 0x25000, 0x38000
OTHER = fixtures.other_board("riscv64")

# name: (machine, arguments, why it is here), all with --arch=riscv64
CASES = {
    "plain": ("riscv64", "-l rv-Image", "the command line in the tree stays"),
    "initrd": ("riscv64", "-l rv-Image --initrd=initrd --append=root=/dev/vda", "the usual load"),
    "two-initrds": ("riscv64", "-l rv-Image --initrd=odd --initrd=initrd", "padded between"),
    "reuse": ("riscv64", "-l rv-Image --reuse-cmdline --append=single", "the running one's line"),
    "two-lines": ("riscv64", "--append=x -l rv-Image --append=quiet --command-line=root=/dev/vda",
                  "--append after --command-line"),
    "reuse-two-lines": ("riscv64", "-l rv-Image --command-line=one --append=two --reuse-cmdline",
                        "after the running one's"),
    "no-cmdline": ("riscv64", "-l rv-Image --command-line=", "none at all"),
    "no-checks": ("riscv64", "-i -l rv-Image --initrd=initrd", "nothing is verified"),
    "mem-min": ("riscv64", "-l rv-Image --mem-min=0x90000000", "only the top"),
    "mem-max": ("riscv64", "-l rv-Image --initrd=initrd --mem-max=0x80ffffff", "only the bottom"),
    "large": ("riscv64", "-l large-Image --initrd=initrd", "past what the running one reserved"),
    "gzip": ("riscv64", "-l rv-Image.gz", "the plan of what is inside"),
    "zboot": ("riscv64", "-t vmlinuz-riscv -l rv-Image.zboot", "what EFI would decompress"),
    "uimage": ("riscv64", "-t uImage -l rv-Image.uImage", "for U-Boot"),
    "uki": ("riscv64", "-t uki -l rv-Image.uki", "kernel, initrd, command line and device tree"),
    "vmlinux": ("riscv64", "-t elf-riscv -l riscv64-vmlinux --initrd=initrd", "as an Image"),
    "dtb": ("riscv64", f"-l rv-Image --dtb={OTHER}/sys/firmware/fdt", "another board's"),
    "dtb-as-initrd": ("riscv64", f"-l rv-Image --initrd={OTHER}-fdt", "after the real tree"),
    "serial": ("riscv64", "-l rv-Image --serial=ttyS0", "a port instead of firmware's console"),
    "crash": ("riscv64-crash", "-p rv-Image --initrd=initrd --append=quiet",
              "into the reservation"),
    "crash-two-parts": ("riscv64-two-parts", "-p rv-Image --initrd=initrd",
                        "loaded high, given both"),
    "crash-one-cell": ("riscv64-one-cell", "-p rv-Image", "addresses of 32 bits in the tree"),
    "crash-vmlinux": ("riscv64-crash", "-p riscv64-vmlinux", "made into an Image as well"),
    "crash-mem-max": ("riscv64-crash", "-p rv-Image --initrd=initrd --mem-max=0xb8bfffff",
                      "in three quarters of the reservation"),
}
ARCHES = {"riscv64": CASES}
BAKED = {"riscv64": {
    "initrd": ("-l rv-Image --initrd=initrd --append=root=/dev/vda", "all parts"),
    "plain": ("-l rv-Image", "the boot loader's command line and initrd"),
    "large": ("-l large-Image --initrd=initrd --initrd=initrd --append=quiet", "the kernel at 4 MiB"),
    "vmlinux": ("-l riscv64-vmlinux --initrd=initrd", "made into an Image"),
    "uki": ("-l rv-Image.uki", "its initrd and command line"),
    "dtb": (f"-l rv-Image --dtb={OTHER}/sys/firmware/fdt --console-serial", "the tree of the board"),
    "address": ("-l rv-Image --initrd=odd --bake-address=0x90000000", "one place"),
}}


def image(size=KERNEL_SIZE, **fields):
    """fields: of the header, text_offset, image_size, flags and version."""
    header = {"text_offset": 2 * MIB, "image_size": IMAGE_SIZE, "flags": 0, "version": 2, **fields}
    return struct.pack("<IIQQQI12x8s4sI", 0x106F5A4D, 0x10D60, header["text_offset"],
                       header["image_size"], header["flags"], header["version"], b"RISCV",
                       b"RSC\x05", 0) + images.BANNER + images.noise(
                           size - 64 - len(images.BANNER), "riscv")


def vmlinux(content):
    """Two segments; p_paddr counts from 0."""
    base, half = 0xFFFFFFFF80000000, len(content) // 2 & ~0xFFF
    headers = b"".join(
        struct.pack("<IIQQQQQQ", images.PT_LOAD, 7, 0x1000 + at, base + at, at, end - at, end - at,
                    0x1000) for at, end in ((0, half), (half, len(content))))
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, images.ET_EXEC, EM_RISCV,
                         1, base, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    return (header + headers).ljust(0x1000, b"\0") + content


uimage = functools.partial(images.uimage, machine=26)


def files(initrd, _):
    dtb = (FIXTURES / OTHER / "sys/firmware/fdt").read_bytes()
    kernel = image()
    return {
        "rv-Image": kernel,
        "large-Image": image(image_size=0x1E6B000),
        "rv-Image.gz": gzip.compress(kernel),
        "rv-Image.zboot": images.zboot(gzip.compress(kernel), "gzip"),
        "rv-Image.uImage": uimage(lzma.compress(kernel, format=lzma.FORMAT_ALONE), 3),
        "rv-Image.uki": images.uki((".cmdline", b"root=/dev/vda"), (".initrd", initrd),
                                   (".dtb", dtb), (".linux", kernel)),
        "riscv64-vmlinux": vmlinux(kernel),
        f"{OTHER}-fdt": dtb,
    }


OWN_INITRDS = {"rv-Image.uki": ["initrd"]}
LOADED = {"riscv64-vmlinux": lambda contents: contents["rv-Image"]}


def two_parts(iomem):
    return iomem.replace("  acc00000-bcbfffff : Crash kernel\n",
                         "  90000000-97ffffff : Crash kernel\n"
                         "  acc00000-bcbfffff : Crash kernel\n")


def one_cell(fdt):
    """The tree whose root says that addresses and sizes have 32 bits: its first properties."""
    strings, = struct.unpack_from(">I", fdt, 12)
    for name in (b"#address-cells\0", b"#size-cells\0"):
        record = struct.pack(">III", 3, 4, fdt.index(name, strings) - strings)
        at = fdt.index(record)
        fdt = fdt[:at + 12] + struct.pack(">I", 1) + fdt[at + 16:]
    return fdt


# Arguments of crash.make_machine().
CRASH_MACHINES = {
    "riscv64-crash": {},
    "riscv64-two-parts": {"iomem": two_parts},
    "riscv64-one-cell": {"files": {
        "sys/firmware/fdt": one_cell((FIXTURES / "riscv64/sys/firmware/fdt").read_bytes())}},
}


def make_machines(directory):
    kcore = (FIXTURES / "kcore/riscv64").read_bytes()
    for name, machine in CRASH_MACHINES.items():
        crash.make_machine(directory / name, "riscv64", lambda _: kcore, **machine)


def memory_for(plan, size):
    """Where memory is free for as much, at a multiple of 2 MiB: the lowest such place."""
    taken = [place(entry) for entry in plan["memory"] if entry["type"] != "System RAM"]
    for low, high in joined(place(entry) for entry in plan["memory"]
                            if entry["type"] == "System RAM"):
        for start in range(-(-low // (2 * MIB)) * 2 * MIB, high - size + 1, 2 * MIB):
            if not any(start < end and first < start + size for first, end in taken):
                return start
    return None


def check_kernel(plan, data):
    """data: the Image; a vmlinux was made of it."""
    kernel = segment_of(plan, "kernel")
    start, end = place(kernel)
    size, = struct.unpack_from("<Q", data, 16)
    check_content(kernel, data)
    require(start % (2 * MIB) == 0, "the kernel lies at a multiple of 2 MiB")
    require(end - start >= size, "the kernel has image_size bytes of memory")
    require(int(plan["kernel_entry"], 16) == start, "the entry is the image's first byte")
    limits = kernel["placement"].get("limits")
    require(limits or start == memory_for(plan, size), "the kernel lies as low as it can")


def check_tree(plan):
    """The running kernel takes the first segment that begins like a tree for the tree."""
    check_tree_block(plan)
    names = [segment["name"] for segment in plan["segments"]]
    require(names[:2] == ["kernel", "dtb"], "only the kernel comes before the device tree")


def check_initrd(plan):
    require(place(segment_of(plan, "initrd"))[0] >= place(segment_of(plan, "kernel"))[1],
            "the initrd lies above the kernel")


def check(plan, machine, kernel, _):
    check_kernel(plan, kernel)
    check_tree(plan)
    if any(segment["name"] == "initrd" for segment in plan["segments"]):
        check_initrd(plan)
    if is_for_crash(plan):
        crash.check(plan, machine, words=False)


def debian_kernel():
    return packages.one(packages.fetch("linux-image-riscv64:riscv64@trixie")[0], "boot/vmlinux-*")


REAL = [Real("Image", "riscv64", debian_kernel, ("", "--mem-min=0x90000000"))]
