# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64: made-up kernels, the plans that come of them, and the rules of the boot
protocol (kernel: Documentation/arch/arm64/booting.rst)."""

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
from rules import check_content, check_tree_block, is_for_crash, place, require, segment_of

MIB, GIB = 1 << 20, 1 << 30
EM_AARCH64 = 183
BIG_ENDIAN, ANYWHERE = 1, 8
KERNEL_SIZE, IMAGE_SIZE = 0x25000, 0x38000
OLD = {"text_offset": 0x80000, "flags": 2}
OTHER = fixtures.other_board("arm64")

# name: (machine, arguments, why it is here), all with --arch=arm64
CASES = {
    "plain": ("arm64", "-l Image", "the command line in the tree stays"),
    "initrd": ("arm64", "-l Image --initrd=initrd --append=root=/dev/vda", "the usual load"),
    "two-initrds": ("arm64", "-l Image --initrd=odd --initrd=initrd", "padded between"),
    "reuse": ("arm64", "-l Image --reuse-cmdline --append=single", "the running one's line"),
    "no-cmdline": ("arm64", "-l Image --command-line=", "none at all"),
    "no-checks": ("arm64", "-i -l Image --initrd=initrd", "nothing is verified"),
    "mem-min": ("arm64", "-l Image --mem-min=0x60000000", "an old kernel would lose much here"),
    "mem-max": ("arm64", "-l Image --initrd=initrd --mem-max=0x407fffff", "only the bottom"),
    "offset": ("arm64", "-l old-Image --initrd=initrd", "Linux before 5.8, at base + 0x80000"),
    "offset-high": ("arm64", "-l old-Image --mem-min=0x60000000", "and what it loses"),
    "odd-offset": ("arm64", "-l random-Image", "an offset that is no multiple of 64 KiB"),
    "unsized": ("arm64", "-l unsized-Image", "Linux before 3.17"),
    "big-endian": ("arm64", "-l be-Image", "which not every CPU can run"),
    "pages": ("arm64", "-l 16k-Image", "and pages that not every CPU has"),
    "signed": ("arm64", "-l signed-Image", "a signature that has no place in memory"),
    "gzip": ("arm64", "-l Image.gz", "the plan of what is inside"),
    "zboot": ("arm64", "-t vmlinuz -l Image.zboot", "what EFI would decompress"),
    "uimage": ("arm64", "-t uImage -l Image.uImage", "for U-Boot"),
    "uki": ("arm64", "-t uki -l Image.uki", "kernel, initrd, command line and device tree"),
    "uki-dtb": ("arm64", "-l Image.uki --dtb=arm64/sys/firmware/fdt", "the tree asked for"),
    "android": ("arm64", "-l Image.android", "the same, as a telephone has it"),
    "vmlinux": ("arm64", "-l arm64-vmlinux --initrd=initrd", "made into an Image"),
    "dtb": ("arm64", f"-l Image --dtb={OTHER}/sys/firmware/fdt", "another board's"),
    "serial": ("arm64", "-l Image --serial=ttyAMA0", "purgatory speaks"),
    "serial-unknown": ("arm64", "-l Image --serial=ttyS0 --append=quiet", "or cannot"),
    "earlycon": ("arm64", "-l Image --console-serial --append=earlycon", "where the tree says"),
    "earlycon-soc": ("arm64", "-l Image --console-serial --append=earlycon "
                     f"--dtb={OTHER}/sys/firmware/fdt", "a 16550 behind a bus"),
    "crash": ("arm64-crash", "-p Image --initrd=initrd --append=quiet", "into the reservation"),
    "crash-no-symbols": ("arm64-no-symbols", "-p Image", "which the core header does without"),
    "crash-two-parts": ("arm64-two-parts", "-p Image --initrd=initrd", "loaded high, given both"),
    "crash-hotplug": ("arm64-hotplug", "-p Image --hotplug", "room for what comes later"),
    "crash-vmlinux": ("arm64-crash", "-p arm64-vmlinux", "made into an Image as well"),
    "crash-mem-max": ("arm64-crash", "-p Image --initrd=initrd --mem-max=0x76bfffff",
                      "in three quarters of the reservation"),
}
ARCHES = {"arm64": CASES}
BAKED = {"arm64": {
    "initrd": ("-l Image --initrd=initrd --append=root=/dev/vda", "all parts"),
    "plain": ("-l Image", "the boot loader's command line and initrd"),
    "offset": ("-l offset-Image --initrd=initrd", "Linux before 5.8, after 2 MiB"),
    "large": ("-l Image --initrd=initrd --initrd=initrd --append=quiet", "the kernel at 4 MiB"),
    "vmlinux": ("-l arm64-vmlinux --initrd=initrd", "made into an Image"),
    "uki": ("-l Image.uki", "its initrd and command line"),
    "dtb": (f"-l Image --dtb={OTHER}/sys/firmware/fdt --console-serial --append=earlycon",
            "the tree of the board, and its port"),
    "address": ("-l Image --initrd=odd --bake-address=0x80000000 --bake-format=flat", "one place"),
}}


def image(size=KERNEL_SIZE, **fields):
    """fields: of the header, text_offset, image_size and flags."""
    header = {"text_offset": 0, "image_size": IMAGE_SIZE, "flags": ANYWHERE | 2, **fields}
    return struct.pack("<IIQQQQQQ4sI", 0xFA405A4D, 0x14000000, header["text_offset"],
                       header["image_size"], header["flags"], 0, 0, 0, b"ARM\x64",
                       0) + images.BANNER + images.noise(size - 64 - len(images.BANNER), "arm64")


def signed(content):
    """A PE file that ends with a signature.  Its section headers are not filled."""
    data = bytearray(content)
    struct.pack_into("<I", data, 0x3C, 0x200)
    struct.pack_into("<4sHHIIIHH", data, 0x200, b"PE\0\0", 0xAA64, 0, 0, 0, 0, 240, 0x206)
    struct.pack_into("<H106xI32xII", data, 0x218, 0x20B, 16, len(data), 0x600)
    return bytes(data) + images.noise(0x600, "signature")


def vmlinux(content):
    """Two segments; p_paddr holds virtual addresses, as it does in arm64's."""
    base, half = 0xFFFF800008000000, len(content) // 2 & ~0xFFF
    headers = b"".join(
        struct.pack("<IIQQQQQQ", images.PT_LOAD, 7, 0x1000 + at, base + at, base + at,
                    end - at, end - at, 0x10000) for at, end in ((0, half), (half, len(content))))
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, images.ET_DYN, EM_AARCH64,
                         1, base, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    return (header + headers).ljust(0x1000, b"\0") + content


uimage = functools.partial(images.uimage, machine=22)


def files(initrd, _):
    dtb = (FIXTURES / OTHER / "sys/firmware/fdt").read_bytes()
    kernel = image()
    return {
        "Image": kernel,
        "old-Image": image(**OLD),
        "offset-Image": image(text_offset=OLD["text_offset"]),
        "random-Image": image(text_offset=0x83000, flags=2),
        "unsized-Image": image(text_offset=0x1234567, image_size=0, flags=0),
        "be-Image": image(flags=ANYWHERE | 2 | BIG_ENDIAN),
        "16k-Image": image(flags=ANYWHERE | 4),
        "signed-Image": signed(image(image_size=KERNEL_SIZE)),
        "Image.gz": gzip.compress(kernel),
        "Image.zboot": images.zboot(gzip.compress(kernel), "gzip"),
        "Image.uImage": uimage(lzma.compress(kernel, format=lzma.FORMAT_ALONE), 3),
        "Image.android": images.android(gzip.compress(kernel), initrd, b"root=/dev/vda", dtb, 2),
        "Image.uki": images.uki((".cmdline", b"root=/dev/vda"), (".initrd", initrd),
                                (".dtb", dtb), (".linux", kernel)),
        "arm64-vmlinux": vmlinux(kernel),
    }


OWN_INITRDS = {"Image.uki": ["initrd"], "Image.android": ["initrd"]}
LOADED = {"arm64-vmlinux": lambda contents: contents["Image"]}


def two_parts(iomem):
    return iomem.replace("  6ac00000-7abfffff : Crash kernel\n",
                         "  50000000-57ffffff : Crash kernel\n"
                         "  70000000-7abfffff : Crash kernel\n")


# Arguments of crash.make_machine().
CRASH_MACHINES = {
    "arm64-crash": {},
    "arm64-no-symbols": {"files": {"proc/kallsyms": ""}},
    "arm64-two-parts": {"iomem": two_parts},
    "arm64-hotplug": {"files": {"sys/kernel/crash_elfcorehdr_size": "65536\n"}},
}


def make_machines(directory):
    kcore = (FIXTURES / "kcore/arm64").read_bytes()
    for name, machine in CRASH_MACHINES.items():
        crash.make_machine(directory / name, "arm64", lambda _: kcore, **machine)


def header_of(data):
    """text_offset and image_size, as they count."""
    text_offset, size = struct.unpack_from("<QQ", data, 8)
    return (text_offset, size) if size else (0x80000, max(len(data), 16 * MIB))


def check_kernel(plan, data):
    """data: the Image; a vmlinux was made of it."""
    kernel = segment_of(plan, "kernel")
    start, end = place(kernel)
    text_offset, size = header_of(data)
    check_content(kernel, data if len(data) <= size else data[:size])
    require((start - text_offset) % (2 * MIB) == 0, "the kernel is text_offset after 2 MiB")
    require(end - start >= size, "the kernel has image_size bytes of memory")
    require(int(plan["kernel_entry"], 16) == start, "the entry is the image's first byte")
    anywhere = size and struct.unpack_from("<Q", data, 0x18)[0] & ANYWHERE
    require(anywhere or place(segment_of(plan, "dtb"))[1] <= start - text_offset + 512 * MIB,
            "an old kernel's tree lies within 512 MiB of it")


def check_initrd(plan):
    start, end = place(segment_of(plan, "initrd"))
    low, high = place(segment_of(plan, "kernel"))
    require(start >= high, "the initrd lies above the kernel")
    require(end <= low // GIB * GIB + 32 * GIB, "kernel and initrd lie within 32 GiB")


def mapping_of(machine):
    code, = crash.lines((machine / "proc/iomem").read_text(encoding="ascii"), "Kernel code")
    return crash.mapping_of(machine, lambda loads: min(
        (load for load in loads if load[1] <= code[0] < load[1] + load[2]),
        key=lambda load: load[2]))


def check(plan, machine, kernel, _):
    check_kernel(plan, kernel)
    check_tree_block(plan)
    if any(segment["name"] == "initrd" for segment in plan["segments"]):
        check_initrd(plan)
    if is_for_crash(plan):
        crash.check(plan, machine, mapping_of(machine), words=False)


REAL = [Real("Image", "arm64", lambda: packages.debian_kernel("linux-image-arm64:arm64"),
             ("", "--mem-min=0x60000000"))]
