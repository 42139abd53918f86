# SPDX-License-Identifier: GPL-2.0-or-later
"""x86_64: a bzImage with the setup header of boot protocol 2.15 (kernel: Documentation/arch/x86/
boot.rst), a vmlinux (System V ABI, chapter 5), the plans for them, and the rules of the 64-bit
boot protocol."""

import gzip
import lzma
import struct
import subprocess

import crash
import files as packages
import fits
import images
import nbi
import rules
from fixtures import FIXTURES, copy
from images import BANNER, EHDR_SIZE, ET_EXEC, noise, PHDR_SIZE, PT_LOAD, PT_NOTE, VERSION
from real import Real
from rules import check_content, is_for_crash, place, require, segment_of
from x86 import i386_crash

LOWEST_INITRD = 0x1000000
PRESERVE_CONTEXT = 2
EM_X86_64 = 62
EM_386 = 3
KERNEL_BASE = 0xFFFFFFFF80000000
TEXT = 0xFFFFFFFF96A00000      # where made-up running kernels have their image
LINEAR = 0xFFFF8F54C0000000    # and memory
SECTOR = 512
SETUP_SECTS = 7
SETUP_SIZE = (SETUP_SECTS + 1) * SECTOR
KERNEL_SIZE = 96 * 1024
VERSION_OFFSET = 0xC00
HEADER_END = 0x26C

# name: (offset in the file, struct code)
SETUP_HEADER = {
    "setup_sects": (0x1F1, "B"),
    "root_flags": (0x1F2, "H"),
    "syssize": (0x1F4, "I"),
    "ram_size": (0x1F8, "H"),
    "vid_mode": (0x1FA, "H"),
    "root_dev": (0x1FC, "H"),
    "boot_flag": (0x1FE, "H"),
    "jump": (0x200, "B"),
    "jump_distance": (0x201, "B"),
    "magic": (0x202, "I"),
    "version": (0x206, "H"),
    "realmode_swtch": (0x208, "I"),
    "start_sys_seg": (0x20C, "H"),
    "kernel_version": (0x20E, "H"),
    "type_of_loader": (0x210, "B"),
    "loadflags": (0x211, "B"),
    "setup_move_size": (0x212, "H"),
    "code32_start": (0x214, "I"),
    "ramdisk_image": (0x218, "I"),
    "ramdisk_size": (0x21C, "I"),
    "bootsect_kludge": (0x220, "I"),
    "heap_end_ptr": (0x224, "H"),
    "ext_loader_ver": (0x226, "B"),
    "ext_loader_type": (0x227, "B"),
    "cmd_line_ptr": (0x228, "I"),
    "initrd_addr_max": (0x22C, "I"),
    "kernel_alignment": (0x230, "I"),
    "relocatable_kernel": (0x234, "B"),
    "min_alignment": (0x235, "B"),
    "xloadflags": (0x236, "H"),
    "cmdline_size": (0x238, "I"),
    "hardware_subarch": (0x23C, "I"),
    "hardware_subarch_data": (0x240, "Q"),
    "payload_offset": (0x248, "I"),
    "payload_length": (0x24C, "I"),
    "setup_data": (0x250, "Q"),
    "pref_address": (0x258, "Q"),
    "init_size": (0x260, "I"),
    "handover_offset": (0x264, "I"),
    "kernel_info_offset": (0x268, "I"),
}

DEFAULTS = {
    "setup_sects": SETUP_SECTS,
    "root_flags": 1,
    "syssize": KERNEL_SIZE // 16,
    "vid_mode": 0xFFFF,
    "boot_flag": 0xAA55,
    "jump": 0xEB,
    "jump_distance": HEADER_END - 0x202,
    "magic": 0x53726448,  # HdrS
    "version": 0x020F,
    "start_sys_seg": 0x1000,
    "kernel_version": VERSION_OFFSET - 0x200,
    "loadflags": 0x01,  # LOADED_HIGH
    "setup_move_size": 0x8000,
    "code32_start": 0x100000,
    "heap_end_ptr": 0x5BE0,
    "initrd_addr_max": 0x7FFFFFFF,
    "kernel_alignment": 0x200000,
    "relocatable_kernel": 1,
    "min_alignment": 21,
    "xloadflags": 0x007F,
    "cmdline_size": 2047,
    "payload_offset": 0x1000,
    "payload_length": 0x10000,
    "pref_address": 0x1000000,
    "init_size": 0x600000,
    "handover_offset": 0x200,
    "kernel_info_offset": 0x800,
}

# name: (machine, arguments, why it is here), all with --arch=x86_64
CASES = {
    "plain": ("x86_64", "-l bzImage", "nothing but a kernel"),
    "efi": ("x86_64-efi", "-l bzImage --append=quiet", "EFI information goes into boot_params"),
    "noefi": ("x86_64-efi", "-l bzImage --append=quiet --noefi", "and without it"),
    "no-xlf-efi": ("x86_64-efi", "-l noefi-bzImage --append=quiet", "nor to who cannot take it"),
    "kdump": ("x86_64-kdump", "-l bzImage", "from a crash kernel, where most memory is taboo"),
    "i386-machine": ("i386", "-l bzImage", "a snapshot that a 32-bit kernel shows"),
    "type": ("x86_64", "-c -t bzImage64 -l bzImage", "type and call asked for"),
    "initrd": ("x86_64", "-l bzImage --initrd=initrd --append=root=/dev/vda", "the usual load"),
    "two-initrds": ("x86_64", "-l bzImage --initrd=odd --ramdisk=initrd", "padded between"),
    "reuse": ("x86_64", "-l bzImage --reuse-cmdline", "the running kernel's line"),
    "reuse-append": ("x86_64", "-l bzImage --append=single --reuse-cmdline", "with more words"),
    "mem-min": ("x86_64", "-l bzImage --initrd=initrd --mem-min=0x7f000000", "only the top"),
    "mem-max": ("x86_64", "-l bzImage --initrd=initrd --mem-max=0x1fffffff", "only the bottom"),
    "window": ("x86_64", "-l bzImage --mem-min=0x10000000 --mem-max=0x10ffffff", "a narrow one"),
    "entry": ("x86_64", "-l bzImage --entry=0x100000", "an entry of the user's, and a warning"),
    "no-checks": ("x86_64", "-i -l bzImage --initrd=initrd", "nothing is verified"),
    "consoles": ("x86_64", "-l bzImage --console-serial --serial=ttyS1 --serial-baud=115200 "
                 "--console-vga --reset-vga", "purgatory's options change no place"),
    "gzip": ("x86_64", "-l bzImage.gz", "the plan of what is inside"),
    "xz": ("x86_64", "-l bzImage.xz", "the same"),
    "lzma": ("x86_64", "-l bzImage.lzma", "the same"),
    "zstd": ("x86_64", "-l bzImage.zst", "the same"),
    "twice": ("x86_64", "-l bzImage.xz.gz", "compressed two times"),
    "zboot": ("x86_64", "-l bzImage.zboot", "what a PE file decompresses by itself"),
    "uki": ("x86_64", "-l bzImage.uki", "kernel, initrd and command line out of one file"),
    "uki-gzip": ("x86_64", "-t uki -l bzImage.uki.gz", "the same, and the type of old"),
    "uki-profiles": ("x86_64", "-l bzImage.profiles", "the first profile, and microcode"),
    "uki-second-profile": ("x86_64", "-l bzImage.modes@1", "a profile by its number"),
    "uki-addons": ("x86_64", "-l bzImage.addons", "a UKI extended by its add-ons"),
    "uki-addons-overridden": ("x86_64", "-l bzImage.addons --append=asked --initrd=initrd",
                              "what is asked for replaces the add-ons' parts as well"),
    "uki-overridden": ("x86_64", "-t bzImage64 -l bzImage.uki --initrd=odd --append=asked",
                       "what is asked for comes before what is inside"),
    "uki-reuse": ("x86_64", "-l bzImage.uki --reuse-cmdline", "and so does the running one"),
    "uki-locked": ("locked", "-c -l bzImage.uki --append=asked", "unless it has to be signed"),
    "vmlinux": ("x86_64", "-l vmlinux --initrd=initrd --append=quiet", "an ELF kernel, in place"),
    "vmlinux-gzip": ("x86_64", "-l vmlinux.gz --args-linux", "the old option changes nothing"),
    "vmlinux-moved": ("moved", "-l pie-vmlinux", "its place is taken: a relocatable one moves"),
    "above-4g": ("high", "-l bzImage --initrd=initrd", "memory above 4 GiB is used"),
    "below-4g": ("high", "-l bzImage --mem-max=0xffffffff", "unless told not to"),
    "not-relocatable": ("high", "-l fixed-bzImage", "a kernel that insists on its address"),
    "low-alignment": ("tight", "-l aligned-bzImage", "less than kernel_alignment, when need be"),
    "crash": ("crash", "-p bzImage --initrd=initrd --append=quiet", "into the reservation"),
    "crash-efi": ("crash-efi", "-p bzImage --initrd=initrd --reuse-cmdline",
                  "RAM in many pieces, and EFI"),
    "crash-no-low": ("crash-no-low", "-p bzImage", "no memory below 1 MiB: nothing to copy"),
    "crash-low-crossing": ("crash-low-crossing", "-p bzImage",
                           "low memory across 640 KiB: the part below is copied"),
    "crash-low-pieces": ("crash-low-pieces", "-p bzImage --pass-memmap-cmdline",
                         "firmware leaves something between pieces of low memory"),
    "crash-words": ("crash", "-p bzImage --append='quiet -- single' --pass-memmap-cmdline",
                    "its memory on the command line"),
    "crash-vmlinux": ("crash", "-p pie-vmlinux --append=quiet", "a relocatable one moves there"),
    "crash-two-parts": ("crash-two-parts", "-p bzImage --initrd=initrd", "loaded high, given both"),
    "crash-many-cpus": ("crash-many-cpus", "-p bzImage", "300 of them, numbered with gaps"),
    "crash-cma": ("crash-cma", "-p bzImage --pass-memmap-cmdline --hotplug --append=x",
                  "memory lent until a panic; the names of files since Linux 6.19"),
    "crash-hotplug": ("crash-hotplug", "-p bzImage --hotplug", "room for what comes later"),
    "crash-pieces": ("crash-pieces", "-p bzImage", "10,000 ranges of RAM: a header of 560 KB"),
    "entry-32bit": ("high", "-l bzImage --entry-32bit --initrd=initrd --append=quiet",
                    "all below 4 GiB, and the initrd below initrd_addr_max"),
    "type-bzImage": ("high", "-t bzImage -l bzImage", "the type of old means the 32-bit entry"),
    "only-32bit": ("high", "-l i386-bzImage --initrd=initrd", "the kernel has no other entry"),
    "only-low": ("high", "-l low-bzImage --initrd=initrd", "a 64-bit entry, but not above 4 GiB"),
    "protocol-2.00": ("high", "-l ancient-bzImage --initrd=initrd --append=quiet",
                      "at 1 MiB, its command line found by the offset of old"),
    "real-mode": ("high", "-l bzImage --real-mode --initrd=initrd --append=quiet",
                  "setup code, stack and command line in one block"),
    "real-mode-2.01": ("high", "-l old-setup-bzImage --real-mode --append=quiet",
                       "the command line follows the stack"),
    "real-mode-efi": ("x86_64-efi", "-l bzImage --real-mode", "a warning: there is no BIOS"),
    "elf32": ("high", "-l elf32 --append=test", "a program of 32 bits: boot notes and a stack"),
    "vmlinux32": ("high", "-l vmlinux32 --initrd=initrd", "a Linux of 32 bits"),
    "args-none": ("x86_64", "-l vmlinux --args-none", "nothing but the program"),
    "args-none-32": ("x86_64", "-l elf32 --args-none", "purgatory leaves 64-bit mode for it"),
    "mb1": ("x86_64-efi", "-l mb1 --append=quiet --module='initrd first' --module=bzImage.gz "
            "--reuse-cmdline", "multiboot 1: modules, unpacked, and the firmware's screen"),
    "mb1-flat": ("high", "-l mb1-flat --console-vga", "an image that says itself where it goes"),
    "mb1-elf64": ("x86_64", "-l mb1-elf64", "has 64 bits, so the header does not count"),
    "mb1-elf64-type": ("x86_64", "-t multiboot-x86 -l mb1-elf64", "unless the type is asked for"),
    "mb1-type": ("x86_64", "-t elf-x86 -l mb1", "without its header"),
    "mb2": ("high", "-l mb2 --module=initrd", "multiboot 2"),
    "mb2-moved": ("moved", "-l mb2-movable", "as high as its header allows"),
    "mb2-elf64": ("x86_64", "-l mb2-elf64 --module='initrd a b'", "multiboot 2 comes first"),
    "xen": ("x86_64-xen", "-l bzImage --initrd=initrd --append=quiet",
            "Xen's control domain: memory that domains have"),
    "xen-crash": ("x86_64-xen", "-p bzImage --initrd=initrd --append=quiet",
                  "the dump of a hypervisor"),
    "pvh": ("high", "-l pvh --initrd=initrd --append=quiet", "the entry of a note of Xen"),
    "dtb": ("x86_64", "-l bzImage --dtb=tree", "a device tree in setup_data"),
    "dtb-real-mode": ("x86_64", "-l bzImage --dtb=tree --real-mode --append=quiet",
                      "the same for the 16-bit entry"),
    "dtb-running": ("with-tree", "-l bzImage --force-dtb", "the running kernel's device tree"),
    "nbi": ("x86_64", "-l tagged", "a tagged image with a 16-bit entry"),
    "nbi-32bit": ("high", "-t nbi-x86 -l tagged32", "one with a 32-bit entry"),
    "beoboot": ("x86_64", "-l bzImage.beoboot", "kernel, initrd and command line in a container"),
    "beoboot-type": ("x86_64", "-t beoboot-x86 -l bzImage.beoboot --real-mode --append=asked",
                     "the type of old, and another line"),
    "crash-32bit": ("crash", "-p bzImage --entry-32bit --initrd=initrd", "in the reservation"),
    "crash-only-32bit": ("crash-low", "-p i386-bzImage --initrd=initrd", "a 32-bit crash kernel"),
    "old-protocol": ("x86_64", "-l old-bzImage", "boot protocol 2.12"),
    "crash-mem-max": ("crash", "-p bzImage --initrd=initrd --mem-max=0x7affffff",
                      "in three quarters of the reservation"),
    "preserve": ("x86_64", "--load-preserve-context bzImage --initrd=initrd "
                 "--mem-max=0x1fffffff --append=quiet", "a kernel that returns"),
    "preserve-efi": ("x86_64-efi", "--load-preserve-context bzImage --mem-max=0x1fffffff",
                     "memory in pieces"),
    "preserve-none": ("x86_64", "--load-preserve-context vmlinux --args-none "
                      "--mem-min=0x1000000 --mem-max=0x2ffffff", "a program that returns"),
}

# The same for --arch=i386
I386_CASES = {
    "i386-plain": ("i386", "-l i386-bzImage --initrd=initrd", "a 32-bit kernel from another"),
    "i386-pae": ("i386-pae", "-l i386-bzImage --initrd=initrd", "the same, with PAE"),
    "i386-64bit": ("i386-pae", "-l bzImage --initrd=initrd", "a 64-bit kernel"),
    "i386-real-mode": ("i386", "-l bzImage --real-mode", "by its 16-bit entry"),
    "i386-elf": ("i386", "-l vmlinux32 --initrd=initrd", "a Linux in an ELF file"),
    "i386-multiboot": ("i386", "-l mb-both --module=initrd", "version 1 before version 2"),
    "i386-multiboot2": ("i386", "-t multiboot2-x86 -l mb-both", "version 2 asked for"),
    "i386-beoboot": ("i386", "-l bzImage.beoboot", "in a container"),
    "i386-efi": ("x86_64-efi", "-l bzImage", "no EFI from a 32-bit kernel"),
    "i386-crash": ("i386-crash", "-p i386-bzImage --initrd=initrd", "a 32-bit core header"),
    "i386-crash-64bit": ("i386-crash", "-p bzImage --elf64-core-headers", "64 bits asked for"),
    "i386-preserve": ("i386", "--load-preserve-context i386-bzImage --mem-max=0x0fffffff",
                      "a kernel that returns"),
    "i386-crash-guess": ("i386", "-p i386-bzImage", "where memory is mapped by guess"),
    "i386-crash-pae": ("i386-pae", "-p i386-bzImage --initrd=initrd --pass-memmap-cmdline",
                       "memory above 4 GiB"),
}
ARCHES = {"x86_64": CASES, "i386": I386_CASES}
BAKED = {"x86_64": {
    "initrd": ("-l bzImage --initrd=initrd --append=root=/dev/vda", "all parts"),
    "plain": ("-l bzImage", "the boot loader's command line and initrd"),
    "uki": ("-l bzImage.uki", "its initrd and command line"),
    "flat": ("-l bzImage --initrd=odd --bake-format=flat --bake-address=0x40000000", "one place"),
}}
NAMES_WITHOUT_ARCH = True


def put(image, field, value):
    """Writes a field of the setup header, cut to its size."""
    offset, code = SETUP_HEADER[field]
    size = struct.calcsize("<" + code)
    image[offset:offset + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")


def bzimage(**fields):
    """A 64-bit bzImage; fields replace those of the setup header."""
    image = bytearray(SETUP_SIZE) + bytearray(noise(KERNEL_SIZE, "kernel"))
    image[0:2] = b"MZ"
    image[VERSION_OFFSET:VERSION_OFFSET + len(VERSION)] = VERSION
    for field, value in {**DEFAULTS, **fields}.items():
        put(image, field, value)
    return bytes(image)


def elf(segments, entry, kind=ET_EXEC, machine=EM_X86_64):
    """An ELF64 file of (type, physical address, content, memory size, alignment)s."""
    count = len(segments)
    offset = 0x1000
    headers, contents = b"", b""
    for segment_type, paddr, content, memsz, align in segments:
        headers += struct.pack("<IIQQQQQQ", segment_type, 7, offset,
                               (KERNEL_BASE + paddr) % (1 << 64), paddr, len(content), memsz,
                               align)
        padded = content + bytes(-len(content) % 0x1000)
        contents += padded
        offset += len(padded)
    header = struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, kind, machine, 1, entry,
                         EHDR_SIZE, 0, 0, EHDR_SIZE, PHDR_SIZE, count, 64, 0, 0)
    return (header + headers).ljust(0x1000, b"\0") + contents


def vmlinux(kind=ET_EXEC):
    """An ELF kernel as a kernel build makes it: text, data with room for bss, a note."""
    text = noise(0x8000, "text")
    data = BANNER + noise(0x3000 - len(BANNER), "data")
    note = struct.pack("<III8sI", 6, 4, 0x101, b"Linux\0\0\0", 0)
    return elf([(PT_LOAD, 0x1000000, text, 0x8000, 0x200000),
                (PT_LOAD, 0x1200000, data, 0x9000, 0x200000),
                (PT_NOTE, 0x1000000, note, len(note), 4)], 0x1000070, kind)


def elf32(text=b"", paddr=0x1000000, entry=None, memory=0x9000):
    """An ELF32 program for i386: one segment, with a start that the caller gives."""
    content = text + noise(0x4000 - len(text), "program")
    entry = paddr + 0x70 if entry is None else entry
    header = struct.pack("<4sBBB9xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, ET_EXEC, EM_386, 1, entry,
                         52, 0, 0, 52, 32, 1, 40, 0, 0)
    header += struct.pack("<IIIIIIII", PT_LOAD, 0x1000, paddr, paddr, len(content), memory, 7,
                          0x1000)
    return header.ljust(0x1000, b"\0") + content


MULTIBOOT1, MULTIBOOT2 = 0x1BADB002, 0xE85250D6


def multiboot1(flags, *addresses):
    """The header: flags, and the five addresses of an image that is not ELF."""
    return struct.pack(f"<III{len(addresses)}I", MULTIBOOT1, flags,
                       -(MULTIBOOT1 + flags) % (1 << 32), *addresses)


def multiboot2(*tags, arch=0):
    """The header: (type, flags, content)s, and the end tag."""
    body = b""
    for kind, flags, content in (*tags, (0, 0, b"")):
        tag = struct.pack("<HHI", kind, flags, 8 + len(content)) + content
        body += tag + bytes(-len(tag) % 8)
    size = 16 + len(body)
    return struct.pack("<IIII", MULTIBOOT2, arch, size,
                       -(MULTIBOOT2 + arch + size) % (1 << 32)) + body


def beoboot(kernel, cmdline, initrd):
    return struct.pack("<4sBBHII", b"BeoB", 1, 1, len(cmdline), len(kernel),
                       len(initrd)) + cmdline + kernel + initrd


def words(*numbers):
    return struct.pack(f"<{len(numbers)}I", *numbers)


def multiboot_files():
    movable = multiboot2((6, 0, b""), (5, 1, words(0, 0, 0)), (1, 1, words(4, 6)),
                         (10, 0, words(0x1000000, 0x3FFFFFFF, 0x200000, 2)))
    flat = multiboot1(0x10003, 0x200000, 0x200000, 0x204000, 0x20C000, 0x200040)
    return {
        "elf32": elf32(),
        "vmlinux32": elf32(BANNER),
        "mb1": elf32(multiboot1(0x7)),
        "mb1-flat": flat + noise(0x4000 - len(flat), "flat"),
        "mb1-elf64": elf([(PT_LOAD, 0x1000000, multiboot1(0x3).ljust(0x1000, b"\0"), 0x8000,
                           0x1000)], 0x1000070),
        "mb2": elf32(multiboot2()),
        "mb-both": elf32(multiboot1(0x3) + bytes(4) + multiboot2()),
        "mb2-movable": elf32(movable),
        "mb2-elf64": elf([(PT_LOAD, 0x1000000, movable.ljust(0x1000, b"\0"), 0x8000, 0x200000)],
                         0x1000200),
    }


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def files(initrd, odd):
    bz, elf_kernel = bzimage(), vmlinux()
    uki = images.uki((".osrel", b"ID=made"), (".cmdline", b"root=/dev/vda quiet\n\0"),
                     (".initrd", initrd), (".linux", bz))
    return {
        "bzImage": bz,
        "noefi-bzImage": bzimage(xloadflags=0x6F),
        "fixed-bzImage": bzimage(relocatable_kernel=0),
        "aligned-bzImage": bzimage(kernel_alignment=0x1000000, min_alignment=20),
        "old-bzImage": bzimage(version=0x020C),
        "i386-bzImage": bzimage(xloadflags=0x04, kernel_alignment=0x1000000, min_alignment=13),
        "low-bzImage": bzimage(xloadflags=0x01),
        "ancient-bzImage": bzimage(version=0x0200, jump_distance=0x22),
        "old-setup-bzImage": bzimage(version=0x0201, jump_distance=0x24),
        "bzImage.gz": gzip.compress(bz),
        "bzImage.xz": lzma.compress(bz),
        "bzImage.lzma": lzma.compress(bz, format=lzma.FORMAT_ALONE),
        "bzImage.zst": zstd(bz),
        "bzImage.xz.gz": gzip.compress(lzma.compress(bz)),
        "bzImage.zboot": images.zboot(zstd(bz), "zstd22"),
        "bzImage.uki": uki,
        "bzImage.uki.gz": gzip.compress(uki),
        "bzImage.profiles": images.uki(
            (".cmdline", b"base"), (".initrd", initrd), (".linux", lzma.compress(bz)),
            (".profile", b"ID=first"), (".ucode", odd), (".cmdline", b"first"),
            (".profile", b"ID=second"), (".initrd", b"second"), (".cmdline", b"second")),
        "bzImage.modes": images.uki((".initrd", initrd), (".linux", bz), (".profile", b"ID=run"),
                                    (".cmdline", b"run"), (".profile", b"ID=repair"),
                                    (".cmdline", b"repair")),
        "bzImage.addons": images.uki((".cmdline", b"own"), (".initrd", initrd),
                                     (".uname", b"6.99"), (".linux", bz)),
        "bzImage.addons.extra.d/10.addon.efi": images.uki(
            (".cmdline", b"first\n"), (".ucode", odd), (".uname", b"6.99")),
        "bzImage.addons.extra.d/5.addon.efi": images.uki((".cmdline", b"last"), (".initrd", odd)),
        "bzImage.addons.extra.d/6.addon.efi": images.uki((".cmdline", b"x"), (".uname", b"6.98")),
        "bzImage.addons.extra.d/not-one.efi": b"x",
        "vmlinux": elf_kernel,
        "vmlinux.gz": gzip.compress(elf_kernel),
        "pie-vmlinux": vmlinux(images.ET_DYN),
        **multiboot_files(),
        "pvh": elf([(PT_LOAD, 0x1000000, b"program", 0x8000, 0x1000),
                    (PT_NOTE, 0x1000000, struct.pack("<III4sI", 4, 4, 18, b"Xen\0", 0x1000004), 20,
                     4)], 0x1000000),
        "tree": fits.flattened({"model": "made"}),
        "tagged": nbi.image(0x10000000, [
            (nbi.ABSOLUTE, 0x10000, noise(5000, "program"), 0x2000),
            (nbi.AFTER, 0x123, b"after it", 0x400), (nbi.LAST, 0x100000, initrd, 0)]),
        "tagged32": nbi.image(0x200010, [(nbi.LAST, 0x200010, noise(5000, "program"), 0)],
                              nbi.FLAG_32BIT),
        "bzImage.beoboot": beoboot(bz, b"root=/dev/vda\0", initrd),
    }


OWN_INITRDS = {"bzImage.beoboot": ["initrd"],
               "bzImage.uki": ["initrd"], "bzImage.uki.gz": ["initrd"],
               "bzImage.profiles": ["odd", "initrd"], "bzImage.modes": ["initrd"],
               "bzImage.addons": ["odd", "initrd", "odd"]}

# RAM of machines that differ from the fixture x86_64 in nothing else.
RAM = {
    "high": [(0x1000, 0x9FBFF), (0x100000, 0x7FFFFFFF), (0x100000000, 0x27FFFFFFF)],
    "moved": [(0x1000, 0x9FBFF), (0x20000000, 0x3FFFFFFF)],
    "tight": [(0x1000, 0x9FBFF), (0x100000, 0xFFFFFF), (0x1100000, 0x19FFFFF)],
}
LOCKDOWN = {"sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}


def kcore(iomem):
    """The head of /proc/kcore, in the order of Linux 6.1."""
    start, end = crash.image_of(iomem)
    load = images.PT_LOAD
    return crash.core([(images.PT_NOTE, 0, 0x200, 0, 0, 0),
                       (load, 7, 0, TEXT, start, end - start),
                       (load, 7, 0, 0xFFFFA5C000000000, crash.NO_ADDRESS, 0x1FFFFFFFFFFF),
                       (load, 7, 0, 0xFFFFFFFFC0000000, crash.NO_ADDRESS, 0x3F000000)] +
                      [(load, 7, 0, LINEAR + first, first, last - first)
                       for first, last in crash.lines(iomem, "System RAM")], EM_X86_64)


def two_parts(iomem):
    return iomem.replace("  6f000000-7effffff : Crash kernel\n",
                         "  10000000-17ffffff : Crash kernel\n"
                         "  6f000000-76ffffff : Crash kernel\n")


def low_pieces(iomem):
    """As EFI machines have them: the first piece is too small for a crash kernel's other CPUs."""
    return iomem.replace("00001000-0009fbff : System RAM\n",
                         "00001000-00002fff : System RAM\n"
                         "00003000-00003fff : Reserved\n"
                         "00004000-00057fff : System RAM\n"
                         "00058000-00058fff : Reserved\n"
                         "00059000-0009e7ff : System RAM\n")


def low_memory(line):
    """One line in place of low memory and what follows it up to 768 KiB."""
    return lambda iomem: iomem.replace("00001000-0009fbff : System RAM\n"
                                       "0009fc00-0009ffff : Reserved\n"
                                       "000a0000-000bffff : PCI Bus 0000:00\n", line)


def pieces(count):
    """Adds a page of RAM in every second page from 4 GiB on."""
    return lambda iomem: iomem + "".join(
        f"{start:x}-{start + 0xfff:x} : System RAM\n"
        for start in range(1 << 32, (1 << 32) + count * 0x2000, 0x2000))


def low_reservation(iomem):
    return iomem.replace("  6f000000-7effffff : Crash kernel\n",
                         "  20000000-2fffffff : Crash kernel\n")


# Arguments of crash.make_machine().
CRASH_MACHINES = {
    "crash": {},
    "crash-low": {"iomem": low_reservation},
    "crash-efi": {"fixture": "x86_64-efi"},
    "crash-two-parts": {"iomem": two_parts},
    "crash-low-pieces": {"iomem": low_pieces},
    "crash-no-low": {"iomem": low_memory("00001000-000bffff : Reserved\n")},
    "crash-low-crossing": {"iomem": low_memory("00001000-000bffff : System RAM\n")},
    "crash-many-cpus": {"files": crash.cpus(range(2, 901, 3))},
    "crash-hotplug": {"files": {"sys/kernel/crash_elfcorehdr_size": "917616\n"}},
    "crash-cma": {"files": {"sys/kernel/kexec/crash_elfcorehdr_size": "917616\n",
                            "sys/kernel/kexec/crash_cma_ranges":
                                "20000000-2fffffff\n40000000-4fffffff\n"}},
    "crash-pieces": {"iomem": pieces(10000)},
}


def make_machines(directory):
    for name, ram in RAM.items():
        lines = [f"{first:08x}-{last:08x} : System RAM\n" for first, last in ram]
        copy(directory / name, "x86_64", {"sys/firmware/memmap": None,
                                          "proc/iomem": "".join(lines)})
    copy(directory / "locked", "x86_64", LOCKDOWN)
    copy(directory / "with-tree", "x86_64", {"sys/firmware/fdt":
                                            fits.flattened({"model": "running"})})
    copy(directory / "i386-crash", "i386",
         {"proc/kcore": (FIXTURES / "kcore/i386").read_bytes()})
    for name, machine in CRASH_MACHINES.items():
        crash.make_machine(directory / name, **{"fixture": "x86_64", "core_file": kcore, **machine})


def check_bzimage(plan, data):
    """data: the bzImage, without compression."""
    kernel = segment_of(plan, "kernel")
    start, end = place(kernel)
    alignment, = struct.unpack_from("<I", data, 0x230)
    relocatable, min_alignment = data[0x234], data[0x235]
    pref_address, init_size = struct.unpack_from("<QI", data, 0x258)
    protocol, = struct.unpack_from("<H", data, 0x206)
    xloadflags = struct.unpack_from("<H", data, 0x236)[0] if protocol >= 0x20C else 0
    relocatable = relocatable and protocol >= 0x205
    setup = ((data[0x1F1] or 4) + 1) * 512
    check_content(kernel, data[setup:])
    if protocol >= 0x20A:
        require(end - start >= init_size, "the kernel has init_size bytes of memory")
    else:
        pref_address = min_alignment = 0
    pref_address = max(pref_address, 0x100000)
    require(start >= pref_address, "the kernel lies at or above pref_address")
    if relocatable:
        least = min(alignment, 1 << min_alignment) if min_alignment else alignment
        require(start % least == 0, "the kernel is aligned as it can be")
    else:
        require(start == pref_address, "a kernel that cannot be moved is where it wants to be")
    started_by, entry = plan.get("started_by", "its 64-bit entry"), int(plan["kernel_entry"], 16)
    if started_by != "its 64-bit entry":
        require(all(place(segment)[1] <= 1 << 32 for segment in plan["segments"]),
                "every segment lies below 4 GiB")
    if "16-bit" in started_by:
        block, end = place(segment_of(plan, "kernel_setup"))
        require(entry == block + 0x200, "the entry follows the boot sector")
        require(end <= 0xA0000 and place(segment_of(plan, "purgatory"))[1] <= 0xA0000,
                "setup code and purgatory lie below 640 KiB")
    elif "32-bit" in started_by:
        require(entry == start, "the entry is the 32-bit one")
    else:
        require(xloadflags & 1 and entry == start + 0x200, "the entry is the 64-bit one")
    require(xloadflags & 1 or start + init_size * (protocol >= 0x20A) <= 0x38000000,
            "a 32-bit kernel lies in memory that it maps")


def loads_of(data):
    """(physical address, content, size in memory) of each loadable segment."""
    if data[4] == 1:
        phoff, = struct.unpack_from("<I", data, 28)
        count, = struct.unpack_from("<H", data, 44)
        headers = [struct.unpack_from("<IIIIII", data, phoff + 32 * i) for i in range(count)]
        headers = [(kind, offset, paddr, filesz, memsz)
                   for kind, offset, _, paddr, filesz, memsz in headers]
    else:
        phoff, = struct.unpack_from("<Q", data, 32)
        count, = struct.unpack_from("<H", data, 56)
        headers = [struct.unpack_from("<IIQQQQQQ", data, phoff + 56 * i) for i in range(count)]
        headers = [(kind, offset, paddr, filesz, memsz)
                   for kind, _, offset, _, paddr, filesz, memsz, _ in headers]
    return [(paddr, data[offset:offset + filesz], memsz)
            for kind, offset, paddr, filesz, memsz in headers if kind == images.PT_LOAD and memsz]


def check_elf(plan, data):
    """data: an ELF program, without compression."""
    loads = loads_of(data)
    require(plan["image_type"] in ("elf-x86_64", "elf-x86", "multiboot-x86", "multiboot2-x86"),
            "the type is one of ELF files")
    segments = [segment for segment in plan["segments"] if segment["name"].startswith("kernel.")]
    bias = min(place(segment)[0] for segment in segments) - (min(loads)[0] & ~0xFFF)
    for segment in segments:
        check_loads(segment, loads, bias)
    require(not loads, "each PT_LOAD is in one segment, and all are moved alike")
    require(not bias or data[16] == images.ET_DYN or plan["image_type"] == "multiboot2-x86",
            "only a position-independent kernel is moved")


def check_loads(segment, loads, bias):
    """The segment contains the PT_LOADs at its addresses, which are removed from loads."""
    start, end = place(segment)
    content = bytearray()
    for load in list(loads):
        paddr, part, memsz = load
        at = paddr + bias - start
        if 0 <= at < end - start:
            require(at + memsz <= end - start, f"{segment['name']}: has p_memsz bytes of memory")
            content += bytes(max(0, at + len(part) - len(content)))
            content[at:at + len(part)] = part
            loads.remove(load)
    check_content(segment, bytes(content))


def check_initrd(plan, *contents):
    rules.check_initrd(plan, *contents)
    require(place(segment_of(plan, "initrd"))[0] >= LOWEST_INITRD, "the initrd lies above 16 MiB")


def check_flat(plan, data):
    """data: the test's own multiboot 1 image with addresses."""
    kernel = segment_of(plan, "kernel")
    require(place(kernel) == (0x200000, 0x20C000), "the kernel lies where its header says")
    check_content(kernel, data)


def check_nbi(plan, kernel):
    """The header and the segments lie where the image says."""
    ds, = struct.unpack_from("<H", kernel, 10)
    header = [segment for segment in plan["segments"] if place(segment)[0] == ds << 4]
    require(header, "the header lies at its address")
    check_content(header[0], kernel[:512])
    low = [segment for segment in plan["segments"] if segment["name"] in ("nbi_stack", "purgatory")]
    require(kernel[7] & 0x80 or all(place(segment)[1] <= 0xA0000 for segment in low),
            "code in real mode has its stack and its loader below 640 KiB")


def check_lent(plan):
    """Every page that the next kernel takes for RAM is in a segment, which the kernel restores."""
    require(rules.joined(place(segment) for segment in plan["segments"]) ==
            [place(entry) for entry in plan["memory"] if entry["type"] == "System RAM"],
            "the segments are all of the next kernel's RAM")
    require(plan["segments"][-1]["name"] == "saved", "some of it is in no other segment")


def check(plan, machine, kernel, arguments):
    if kernel[:4] == b"\x7fELF":
        check_elf(plan, kernel)
    elif plan["image_type"] == "nbi-x86":
        check_nbi(plan, kernel)
    else:
        (check_flat if kernel[:4] == words(MULTIBOOT1) else check_bzimage)(plan, kernel)
    if plan["image_type"] in ("elf-x86", "multiboot-x86", "multiboot2-x86",
                              "nbi-x86"):
        require(all(place(segment)[1] <= 1 << 32 for segment in plan["segments"]),
                "every segment lies below 4 GiB")
    require(all(place(segment)[0] >= LOWEST_INITRD for segment in plan["segments"]
                if segment["name"] == "initrd"), "the initrd lies above 16 MiB")
    if is_for_crash(plan):
        crash.check(plan, machine, make_header=i386_crash.header(arguments)
                    if plan["arch"] == "i386" else None)
    # The running kernel enters purgatory in its own mode, and passes 32-bit addresses.
    require(plan["arch"] != "i386" or all(place(segment)[1] <= 1 << 32
                                          for segment in plan["segments"]),
            "every segment lies below 4 GiB")
    if plan["method"] == "kexec_load" and int(plan["flags"], 16) & PRESERVE_CONTEXT:
        check_lent(plan)


def debian_kernel():
    return packages.debian_kernel("linux-image-cloud-amd64")


LIMITS = ("", "--mem-max=0x5fffffff", "--mem-min=0x4000000")
REAL = [Real("bzImage", machine, debian_kernel, LIMITS)
        for machine in ("x86_64", "x86_64-efi", "high")]
REAL.append(Real("vmlinux", "x86_64", lambda: packages.vmlinux_of(debian_kernel())))
