# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of Debian's packages.  Each function takes the image of the first
kernel, as cases.KERNELS do, and returns the file to load."""

import io
import os
import re
import subprocess
import tarfile
import tempfile

import files

# The library that grub-mkimage needs and that not every system has.
GRUB_PACKAGES = ("grub-common", "libdevmapper1.02.1")
GRUB_MODULES = ("normal", "configfile", "memdisk", "tar")
DISK_MODULES = ("normal", "part_msdos", "fat", "linux", "multiboot2", "serial", "terminal", "search",
                "search_fs_file", "boot")
MENU_ENTRY = "an entry of the menu"


def of_package(package, *patterns):
    return lambda image: files.one(files.fetch(package)[0], *patterns)


memtest_6 = of_package("memtest86+", "boot/memtest86+ia32.bin")
memtest_newest = of_package("memtest86+@sid", "boot/mt86+x64")
ipxe = of_package("ipxe", "boot/ipxe.lkrn")
multiboot_example = of_package("multiboot", "usr/lib/multiboot/examples/kernel")
invaders = of_package("grub-invaders", "boot/invaders.exec")


def vmlinux_32(image):
    """Debian's 32-bit kernel as an ELF program."""
    return files.vmlinux_of(files.debian_kernel("linux-image-686:i386"))


def vmlinux_pvh(image):
    """The first kernel's ELF program, which no longer says that it is Linux: kexec takes its PVH
    entry."""
    elf = files.vmlinux_of(image).replace(b"Linux version ", b"Other version ")
    return re.sub(rb"(?s)(\x06\0\0\0.{8})Linux\0", rb"\1Other\0", elf)


def _memdisk():
    """A tar archive with a menu."""
    out = io.BytesIO()
    menu = f"set timeout=-1\nmenuentry '{MENU_ENTRY}' {{ true; }}\n".encode()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("menu.cfg")
        entry.size = len(menu)
        archive.addfile(entry, io.BytesIO(menu))
    return out.getvalue()


def _grub(package, platform, early, *modules, memdisk=b""):
    """early: commands that GRUB carries out first."""
    common, library, directory = files.fetch(*GRUB_PACKAGES, package)
    libraries = files.one(library, "lib/*-linux-gnu")
    with tempfile.TemporaryDirectory(prefix="kexec-grub-") as scratch:
        for name, content in (("memdisk", memdisk), ("early", early.encode())):
            with open(f"{scratch}/{name}", "wb") as file:
                file.write(content)
        subprocess.run([files.one(common, "bin/grub-mkimage"), "-O", platform,
                        "-d", files.one(directory, f"lib/grub/{platform}"), "-p", "(memdisk)",
                        "-c", f"{scratch}/early", *(["-m", f"{scratch}/memdisk"] if memdisk else []),
                        "-o", f"{scratch}/image", *modules], check=True,
                       env=dict(os.environ, LD_LIBRARY_PATH=str(libraries)))
        with open(f"{scratch}/image", "rb") as file:
            return file.read()


def _grub_menu(package, platform, *modules):
    """A GRUB that shows its own menu."""
    return _grub(package, platform, "normal (memdisk)/menu.cfg\n", *GRUB_MODULES, *modules,
                 memdisk=_memdisk())


def _grub_disk(package, platform, command, *modules):
    """A GRUB that starts the file "baked" of a FAT disk by that command."""
    return _grub(package, platform, "serial\nterminal_output serial\nsearch --file --set=root /baked\n"
                 f"{command} /baked words=of-grub\nboot\n", *DISK_MODULES, *modules)


def grub_bios(command):
    """GRUB for a BIOS, which QEMU starts by multiboot: a function of the disk's directory."""
    def make(folder):
        image = folder.parent / "grub"
        image.write_bytes(_grub_disk("grub-pc-bin", "i386-pc", command, "biosdisk", "multiboot"))
        return image
    return make


def grub_uefi(command):
    """GRUB that firmware finds on the disk."""
    def make(folder):
        place = folder / "EFI/BOOT/BOOTX64.EFI"
        place.parent.mkdir(parents=True)
        place.write_bytes(_grub_disk("grub-efi-amd64-bin", "x86_64-efi", command))
    return make


def grub_pc(image):
    """GRUB for a BIOS: its image has a multiboot 1 header with addresses."""
    return _grub_menu("grub-pc-bin", "i386-pc", "biosdisk")


def grub_pc_linux(image):
    """The same with the setup code that makes a Linux kernel of it (protocol 2.03)."""
    directory, = files.fetch("grub-pc-bin")
    return files.one(directory, "lib/grub/i386-pc/lnxboot.img").read_bytes() + grub_pc(image)


def grub_coreboot(image):
    """GRUB as coreboot's payload: a 32-bit ELF program, and a multiboot 1 kernel."""
    return _grub_menu("grub-coreboot-bin", "i386-coreboot")
