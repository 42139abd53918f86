# SPDX-License-Identifier: GPL-2.0-or-later
"""loongarch64: made-up kernels, the plans that come of them, and the rules of the boot
protocol (kernel: Documentation/arch/loongarch/booting.rst, arch/loongarch/kernel/machine_kexec.c)."""

import gzip
import lzma
import struct
import subprocess

import crash
import files as packages
import images
from fixtures import copy, FIXTURES
from real import Real
from rules import check_content, is_for_crash, place, require, segment_of

MIB = 1 << 20
EM_LOONGARCH, PE_LOONGARCH64 = 258, 0x6264
WINDOW = 0x9000000000000000
LINK, ENTRY = 2 * MIB, 0x1080    # address of the first byte, and distance of the entry from it
KERNEL_SIZE, IMAGE_SIZE = 0x25000, 0x38000
CMDLINE_ROOM = 4096

# name: (machine, arguments, why it is here), all with --arch=loongarch64
EFI = "loongarch64"
CASES = {
    "plain": (EFI, "-l la-Image", "no word but kexec's own"),
    "initrd": (EFI, "-l la-Image --initrd=initrd --append=root=/dev/vda", "the usual load"),
    "two-initrds": (EFI, "-l la-Image --initrd=odd --initrd=initrd", "padded between"),
    "reuse": (EFI, "-l la-Image --initrd=initrd --reuse-cmdline --append=single",
              "without the old initrd="),
    "for-init": (EFI, "-l la-Image --initrd=initrd --append='quiet -- rescue'",
                 "the address before the words for init"),
    "no-checks": (EFI, "-i -l la-Image --initrd=initrd", "nothing is verified"),
    "mem-max": (EFI, "-l la-Image --initrd=initrd --mem-max=0xfffffff", "only the bottom"),
    "large": (EFI, "-l la-large-Image --initrd=initrd", "over what the running one reserved"),
    "gzip": (EFI, "-l la-Image.gz", "the plan of what is inside"),
    "zboot": (EFI, "-t pez-loongarch -l la-Image.zboot", "what EFI would decompress"),
    "uki": (EFI, "-t uki -l la-Image.uki", "kernel, initrd and command line"),
    "vmlinux": (EFI, "-t elf-loongarch -l loongarch64-vmlinux --initrd=initrd",
                "as memory has it"),
    "serial": (EFI, "-l la-Image --serial=ttyS0", "a port with registers in memory"),
    "fdt": ("loongarch64-fdt", "-l la-Image --initrd=initrd", "a device tree instead of ACPI"),
    "crash": (EFI, "-p la-Image --initrd=initrd --append=quiet", "into the reservation"),
    "crash-two-parts": ("loongarch64-two-parts", "-p la-Image --initrd=initrd",
                        "loaded high, given both"),
    "crash-lent": ("loongarch64-lent", "-p la-Image --initrd=initrd",
                   "with memory that is lent until a panic"),
    "crash-vmlinux": (EFI, "-p loongarch64-vmlinux", "as memory has it"),
    "crash-mem-max": (EFI, "-p la-Image --initrd=initrd --mem-max=0xebffffff",
                      "in three quarters of the reservation"),
}
ARCHES = {"loongarch64": CASES}


def image(size=KERNEL_SIZE, image_size=IMAGE_SIZE, **fields):
    """fields: of the header, entry, load and machine."""
    header = bytearray(images.pe_header([(".text", size - 0x1000, size - 0x1000, 0x1000)]))
    struct.pack_into("<IIQQQ", header, 0, 0x5A4D, 0, fields.get("entry", LINK + ENTRY), image_size,
                     fields.get("load", LINK))
    struct.pack_into("<I", header, 0x38, 0x818223CD)
    struct.pack_into("<H", header, 0x84, fields.get("machine", PE_LOONGARCH64))
    return bytes(header) + images.BANNER + images.noise(size - len(header) - len(images.BANNER),
                                                        "loongarch")


def vmlinux(content):
    """One segment, whose physical addresses are in the window; stripped of section headers."""
    base = WINDOW + LINK
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, images.ET_EXEC,
                         EM_LOONGARCH, 1, base + ENTRY, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    load = struct.pack("<IIQQQQQQ", images.PT_LOAD, 7, 0x10000, base, base, len(content),
                       IMAGE_SIZE, 0x10000)
    return (header + load).ljust(0x10000, b"\0") + content


def files(initrd, _):
    kernel = image()
    return {
        "la-Image": kernel,
        "la-large-Image": image(image_size=0x5A00000),
        "la-Image.gz": gzip.compress(kernel),
        "la-Image.zboot": images.zboot(lzma.compress(kernel, format=lzma.FORMAT_ALONE), "lzma"),
        "la-Image.uki": images.uki((".cmdline", b"root=/dev/vda"), (".initrd", initrd),
                                   (".linux", kernel)),
        "loongarch64-vmlinux": vmlinux(kernel),
    }


OWN_INITRDS = {"la-Image.uki": ["initrd"]}
LOADED = {"loongarch64-vmlinux": lambda contents: contents["la-Image"]}


def make_machines(directory):
    iomem = (FIXTURES / EFI / "proc/iomem").read_text(encoding="ascii")
    copy(directory / "loongarch64-fdt", EFI, {"sys/firmware/fdt": "tree"})
    copy(directory / "loongarch64-lent", EFI,
         {"sys/kernel/kexec/crash_cma_ranges": "90000000-93ffffff\n"})
    copy(directory / "loongarch64-two-parts", EFI, {"proc/iomem": iomem.replace(
        "0bef0000-0d95ffff : System RAM\n",
        "0bef0000-0d95ffff : System RAM\n  0c000000-0cffffff : Crash kernel\n")})


def unpacked(data):
    """The kernel inside Debian's zboot, whose payload is padded after its signature."""
    if data[4:8] != b"zimg":
        return data
    offset, size = struct.unpack_from("<II", data, 8)
    data = subprocess.run(["zstd", "-dcq"], input=data[offset:offset + size], check=True,
                          stdout=subprocess.PIPE).stdout
    at, length = struct.unpack_from("<II", data, struct.unpack_from("<I", data, 0x3C)[0] + 24 + 144)
    return data[:at + length] if length else data


def check_kernel(plan, data):
    """data: the PE image; a vmlinux has the same contents."""
    kernel = segment_of(plan, "kernel")
    start, end = place(kernel)
    entry, size, link = struct.unpack_from("<QQQ", data, 8)
    check_content(kernel, data)
    require(end - start >= size, "the kernel has image_size bytes of memory")
    require(int(plan["kernel_entry"], 16) - start == entry - link, "the entry is that of the header")
    require(is_for_crash(plan) or start == link, "the kernel lies where it is linked to")
    require(not is_for_crash(plan) or (start - link) % (2 * MIB) == 0,
            "the crash kernel lies a multiple of 2 MiB from there")


def words(plan, machine):
    """The words that a load adds to the command line."""
    found = []
    names = [segment["name"] for segment in plan["segments"]]
    if "initrd" in names:
        initrd = segment_of(plan, "initrd")
        found.append(f"initrd={place(initrd)[0]},{initrd['data_size']}")
    else:
        found.append("initrd=0,0")  # not that of EFI's tables
    if is_for_crash(plan):
        header = segment_of(plan, "elfcorehdr")
        iomem = (machine / "proc/iomem").read_text(encoding="ascii")
        found.append(f"elfcorehdr={header['data_size'] // 1024}K@{place(header)[0] // 1024}K")
        reserved = sorted(crash.lines(iomem, "Crash kernel"))
        found += [f"mem={(high - low) // 1024}K@{low // 1024}K" for low, high in
                  reserved[-1:] + sorted(reserved[:-1] + crash.lent(machine))]
    return found


def check_cmdline(plan, machine):
    """The running kernel copies it out of the first segment that begins with "kexec"."""
    segment = segment_of(plan, "cmdline")
    line = plan["command_line"].encode()
    require([s["name"] for s in plan["segments"]][:2] == ["kernel", "cmdline"],
            "only the kernel comes before the command line")
    require(line.startswith(b"kexec ") and len(line) < CMDLINE_ROOM, "it begins with kexec")
    check_content(segment, line.ljust(CMDLINE_ROOM, b"\0"))
    found = [word for word in plan["command_line"].split(" -- ")[0].split()
             if word.startswith(("initrd=", "elfcorehdr=", "mem="))]
    require(found == words(plan, machine), "the words say where initrd and core header are")


def check_crash(plan, machine):
    iomem = (machine / "proc/iomem").read_text(encoding="ascii")
    low, high = max(crash.lines(iomem, "Crash kernel"))
    header = segment_of(plan, "elfcorehdr")
    segments = [(images.PT_NOTE, 0, address, 0, address, length)
                for address, length in crash.notes(machine)]
    segments += [(images.PT_LOAD, 7, first, WINDOW + first, first, last - first)
                 for first, last in crash.dumped(iomem, crash.lent(machine))]
    wanted = crash.core(segments, EM_LOONGARCH)
    wanted += bytes(-len(wanted) % 1024)
    require(all(low <= place(s)[0] and place(s)[1] <= high - MIB for s in plan["segments"]),
            "all segments lie in the last reservation, below its last MiB")
    check_content(header, wanted)


def check(plan, machine, kernel, _):
    check_kernel(plan, unpacked(kernel))
    check_cmdline(plan, machine)
    start = place(segment_of(plan, "kernel"))[1]
    for segment in plan["segments"]:
        require(segment["name"] == "kernel" or place(segment)[0] >= start or
                segment["name"] == "elfcorehdr", f"{segment['name']}: lies above the kernel")
        require(place(segment)[0] % 0x10000 == 0, f"{segment['name']}: starts a page of 64 KiB")
    if is_for_crash(plan):
        check_crash(plan, machine)


REAL = [Real("vmlinuz", "loongarch64",
             lambda: packages.debian_kernel("linux-image-loong64:loong64@sid"),
             ("", "-t pez-loongarch"))]
