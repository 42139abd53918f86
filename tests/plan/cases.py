# SPDX-License-Identifier: GPL-2.0-or-later
"""The golden plans: machine, files and options of each.  File names are relative to a
directory that prepare() fills, so that they look the same everywhere."""

import gzip
import lzma
import os
import pathlib
import shutil
import subprocess

import arm
import arm64
import crash
import images
import ppc64
import riscv64
import s390x
from fixtures import FIXTURES

HERE = pathlib.Path(__file__).resolve().parent

# Those that need not be compiled in.
ARCHES = {"arm64": arm64, "arm": arm, "ppc64le": ppc64.LITTLE, "ppc64": ppc64.BIG,
          "riscv64": riscv64, "s390x": s390x}

# name: (machine, arguments, why it is here)
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
    "crash-words": ("crash", "-p bzImage --append='quiet -- single' --pass-memmap-cmdline",
                    "its memory on the command line"),
    "crash-vmlinux": ("crash", "-p pie-vmlinux --append=quiet", "a relocatable one moves there"),
    "crash-two-parts": ("crash-two-parts", "-p bzImage --initrd=initrd", "loaded high, given both"),
    "crash-many-cpus": ("crash-many-cpus", "-p bzImage", "300 of them, numbered with gaps"),
    "crash-hotplug": ("crash-hotplug", "-p bzImage --hotplug", "room for what comes later"),
    "crash-pieces": ("crash-pieces", "-p bzImage", "10,000 ranges of RAM: a header of 560 KB"),
    "old-protocol": ("x86_64", "-l old-bzImage", "boot protocol 2.12"),
    **{f"{arch}-{name}": (machine, f"--arch={arch} {arguments}", why)
       for arch, made in ARCHES.items() for name, (machine, arguments, why) in made.CASES.items()},
}

# RAM of machines that differ from the fixture x86_64 in nothing else.
RAM = {
    "high": [(0x1000, 0x9FBFF), (0x100000, 0x7FFFFFFF), (0x100000000, 0x27FFFFFFF)],
    "moved": [(0x1000, 0x9FBFF), (0x20000000, 0x3FFFFFFF)],
    "tight": [(0x1000, 0x9FBFF), (0x100000, 0xFFFFFF), (0x1100000, 0x19FFFFF)],
}


def make_machine(directory, ram):
    """A copy of the fixture x86_64 with other RAM, told by /proc/iomem alone."""
    shutil.copytree(FIXTURES / "x86_64", directory, ignore=shutil.ignore_patterns("memmap"))
    lines = [f"{first:08x}-{last:08x} : System RAM\n" for first, last in ram]
    (directory / "proc/iomem").write_text("".join(lines), encoding="ascii")


def make_locked_machine(directory):
    """A copy of the fixture x86_64 whose kernel starts signed code only."""
    shutil.copytree(FIXTURES / "x86_64", directory)
    (directory / "sys/kernel/security").mkdir()
    (directory / "sys/kernel/security/lockdown").write_text("none [integrity] confidentiality\n",
                                                            encoding="ascii")


def two_parts(iomem):
    return iomem.replace("  6f000000-7effffff : Crash kernel\n",
                         "  10000000-17ffffff : Crash kernel\n"
                         "  6f000000-76ffffff : Crash kernel\n")


def pieces(count):
    """Adds a page of RAM in every second page from 4 GiB on."""
    return lambda iomem: iomem + "".join(
        f"{start:x}-{start + 0xfff:x} : System RAM\n"
        for start in range(1 << 32, (1 << 32) + count * 0x2000, 0x2000))


# Arguments of crash.make_machine().
CRASH_MACHINES = {
    "crash": {},
    "crash-efi": {"fixture": "x86_64-efi"},
    "crash-two-parts": {"iomem": two_parts},
    "crash-many-cpus": {"files": crash.cpus(range(2, 901, 3))},
    "crash-hotplug": {"files": {"sys/kernel/crash_elfcorehdr_size": "917616\n"}},
    "crash-pieces": {"iomem": pieces(10000)},
    **{name: {"fixture": "arm64", **changes} for name, changes in arm64.CRASH_MACHINES.items()},
    **{name: {"fixture": "riscv64", **changes}
       for name, changes in riscv64.CRASH_MACHINES.items()},
}


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def files():
    bzimage, vmlinux = images.bzimage(), images.vmlinux()
    initrd, odd = images.noise(0x123456, "initrd"), images.noise(10001, "odd")
    uki = images.uki((".osrel", b"ID=made"), (".cmdline", b"root=/dev/vda quiet\n\0"),
                     (".initrd", initrd), (".linux", bzimage))
    return {
        "bzImage": bzimage,
        "noefi-bzImage": images.bzimage(xloadflags=0x6F),
        "fixed-bzImage": images.bzimage(relocatable_kernel=0),
        "aligned-bzImage": images.bzimage(kernel_alignment=0x1000000, min_alignment=20),
        "old-bzImage": images.bzimage(version=0x020C),
        "bzImage.gz": gzip.compress(bzimage),
        "bzImage.xz": lzma.compress(bzimage),
        "bzImage.lzma": lzma.compress(bzimage, format=lzma.FORMAT_ALONE),
        "bzImage.zst": zstd(bzimage),
        "bzImage.xz.gz": gzip.compress(lzma.compress(bzimage)),
        "bzImage.zboot": images.zboot(zstd(bzimage), "zstd22"),
        "bzImage.uki": uki,
        "bzImage.uki.gz": gzip.compress(uki),
        "bzImage.profiles": images.uki(
            (".cmdline", b"base"), (".initrd", initrd), (".linux", lzma.compress(bzimage)),
            (".profile", b"ID=first"), (".ucode", odd), (".cmdline", b"first"),
            (".profile", b"ID=second"), (".initrd", b"second"), (".cmdline", b"second")),
        "vmlinux": vmlinux,
        "vmlinux.gz": gzip.compress(vmlinux),
        "pie-vmlinux": images.vmlinux(images.ET_DYN),
        "initrd": initrd,
        "odd": odd,
        **arm64.files(initrd, (FIXTURES / "riscv64/sys/firmware/fdt").read_bytes()),
        **ppc64.files(initrd),
        **arm.files(initrd, (FIXTURES / "arm64/sys/firmware/fdt").read_bytes()),
        **s390x.files(),
        **riscv64.files(initrd, (FIXTURES / "arm64/sys/firmware/fdt").read_bytes()),
    }


def prepare(directory):
    """Fills directory with all files and machines; returns the files' contents by name."""
    contents = files()
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    for name in os.listdir(FIXTURES):
        if (FIXTURES / name).is_dir():
            (directory / name).symlink_to(FIXTURES / name)
    for name, ram in RAM.items():
        make_machine(directory / name, ram)
    make_locked_machine(directory / "locked")
    for name, machine in CRASH_MACHINES.items():
        crash.make_machine(directory / name, **machine)
    for name, changes in arm.MACHINES.items():
        arm.make_machine(directory / name, changes)
    for name, changes in ppc64.MACHINES.items():
        ppc64.make_machine(directory / name, changes)
    for name, changes in s390x.MACHINES.items():
        s390x.make_machine(directory / name, changes)
    return contents


def inner(name, contents):
    """The content of a kernel file without its compression and containers."""
    if name in s390x.LOADED:
        return s390x.LOADED[name](contents)
    name = name.split(".")[0]
    return contents[{"arm64-vmlinux": "Image", "riscv64-vmlinux": "rv-Image"}.get(name, name)]


# The initrds inside kernel files.
OWN_INITRDS = {
    "bzImage.uki": ["initrd"],
    "bzImage.uki.gz": ["initrd"],
    "bzImage.profiles": ["odd", "initrd"],
    "Image.uki": ["initrd"],
    "Image.android": ["initrd"],
    "zImage.android": ["initrd"],
    "rv-Image.uki": ["initrd"],
    **ppc64.OWN_INITRDS,
}
