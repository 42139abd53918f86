# SPDX-License-Identifier: GPL-2.0-or-later
"""Baked images of x86_64, started by a stub, by GRUB and by kexec."""

import functools
import os
import pathlib
import subprocess
import tempfile

import baked
import cases
import files
from x86 import programs
from x86.machine import ARCH

BUILD = pathlib.Path(os.environ.get("BUILD", files.TOP / "build"))
HERE = pathlib.Path(__file__).resolve().parent
UNSUPPORTED = "This image needs a boot loader that uses the 32-bit or 64-bit protocol"
BAKED = functools.partial(baked.baked, ARCH)
FLAT = ("--bake-format=flat",)


def stub(address):
    """The program, which passes QEMU's memory map on."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        out = directory / "stub"
        subprocess.run(["gcc", "-m64", "-nostdlib", "-static", f"-DPLACE={address:#x}", "-Wl,-N",
                        "-Wl,--build-id=none", "-Wl,-Ttext=0x100000", "-Wl,-e,start", "-o", out,
                        HERE / "bake_stub.S"], check=True, stderr=subprocess.PIPE)
        return out.read_bytes()


def grub(command, firmware):
    """A case that GRUB starts by its command."""
    make = programs.grub_bios if firmware == "bios" else programs.grub_uefi
    return BAKED(f"-{command}-{firmware}", f"started by {command} of GRUB, {firmware.upper()}",
                 disk=make(command), firmware=firmware,
                 default=(command, firmware) == ("multiboot2", "uefi"))


def needs_boot_loader(run):
    run.guest.wait(UNSUPPORTED, never=cases.SECOND_KERNEL)
    run.guest.silent_for(3, never=cases.SECOND_KERNEL)


def verified_twice(run):
    """kexec's purgatory verifies the image, and that of the image its parts."""
    run.command_ended()
    for _ in range(2):
        run.guest.wait(r"purgatory: verified \d regions, ", never=cases.SECOND_KERNEL)
    cases.starts_elsewhere(run)


def in_kernel(kernel, initrds, line):
    """The guest's kexec gets no other file."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        (directory / "initrd").write_bytes(initrds[0])
        subprocess.run([BUILD / "sbin/kexec", "-l", kernel, f"--initrd={directory / 'initrd'}",
                        f"--command-line={line}", "--arch=x86_64", "--console-serial",
                        f"--bake={directory / 'baked'}"], check=True, stdout=subprocess.PIPE)
        return {"/kernel": (directory / "baked").read_bytes()}


CASES = [
    *(BAKED(f"-{place:x}", f"at 0x{place:x}", stub=stub, place=place, default=place == 0x2000000,
            options=FLAT, **more)
      for place, more in ((0x2000000, {}), (0x10000000, {}), (0x104000000, {"low": 192}))),
    BAKED("-damaged", "of which the initrd is damaged", baked.finds_damage, stub=stub, place=0x2000000,
          flip=True, options=FLAT, default=False),
    BAKED("-misplaced", "at no multiple of its alignment", baked.refuses_place, stub=stub,
          place=0x2001000, options=FLAT, default=False),
    BAKED("-qemu", "started by QEMU, by its 16-bit entry", needs_boot_loader, machine=",graphics=off",
          default=False),
    *(grub(*how) for how in (("linux", "bios"), ("multiboot", "bios"), ("multiboot2", "bios"),
                             ("linux", "uefi"), ("multiboot2", "uefi"))),
    cases.Case("x86_64-baked-kexec", "a baked image, loaded by kexec", verified_twice,
               ("-c", "--console-serial"), arch=ARCH, container=in_kernel, default=False),
]
