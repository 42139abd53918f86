# SPDX-License-Identifier: GPL-2.0-or-later
"""Baked images (doc/bake-abi.md): a boot loader starts one, and nobody has run kexec before."""

import os
import pathlib
import subprocess
import tempfile

import files
from cases import BANNER, SECOND_KERNEL, case, starts_elsewhere
from guest import Failure


def bake(run, image):
    """What the arch's kernel, an initrd and a command line become."""
    (run.directory / "initrd0").write_bytes(run.initrds[0])
    baked = run.directory / "baked"
    command = [run.build / "sbin/kexec", "-l", image, f"--initrd={run.directory / 'initrd0'}",
               f"--command-line={run.command_line}", f"--arch={run.case.arch.name}",
               "--console-serial", *run.case.options, f"--bake={baked}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode or not baked.exists():
        raise Failure(f"kexec --bake: status {result.returncode}: {result.stderr}")
    return baked


def starts(run):
    """Purgatory verifies, and initrd and command line arrive."""
    run.guest.wait(BANNER, never=SECOND_KERNEL)
    run.guest.wait(r"purgatory: verified \d regions, ", never=SECOND_KERNEL)
    starts_elsewhere(run)


def refuses_place(run):
    run.guest.wait(r"bake: loaded at 0x[0-9a-f]+, must be a multiple of 0x[0-9a-f]+00000$",
                   never=SECOND_KERNEL)
    run.guest.wait("purgatory: halted", never=SECOND_KERNEL)


def finds_damage(run):
    """A bit flipped in the file."""
    run.guest.wait(r"sha256 digests do not match: initrd \[", never=SECOND_KERNEL)
    run.guest.wait("purgatory: halted", never=SECOND_KERNEL)


def resets(run):
    """The same with --on-corrupt=reboot: the start code has found the call of firmware."""
    run.guest.wait(r"sha256 digests do not match: initrd \[", never=SECOND_KERNEL)
    run.guest.wait("purgatory: resetting the machine", never=SECOND_KERNEL)
    run.guest.wait_for_reset(never=SECOND_KERNEL)


def baked(arch, name, about, expect=starts, **fields):
    fields = {"script": "", "options": (), "seconds": 200, "bake": bake, **fields}
    return case(arch, f"baked{name}", f"a baked image, {about}", expect, **fields)


def inside(arch, *options):
    """A container of a case: the file in which kernel, initrd and command line are baked."""
    def make(kernel, initrds, command_line):
        build = pathlib.Path(os.environ.get("BUILD", files.TOP / "build"))
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            (directory / "initrd").write_bytes(initrds[0])
            subprocess.run([build / "sbin/kexec", "-l", kernel,
                            f"--initrd={directory / 'initrd'}", f"--command-line={command_line}",
                            f"--arch={arch.name}", *options, f"--bake={directory / 'baked'}"],
                           check=True, stdout=subprocess.DEVNULL)
            return {"/kernel": (directory / "baked").read_bytes()}
    return make


def u_boot(build):
    """A function of place: Debian's U-Boot of that name."""
    def program(_):
        package, = files.fetch("u-boot-qemu")
        return (package / f"usr/lib/u-boot/{build}/u-boot.bin").read_bytes()
    return program


def booti(run):
    """U-Boot starts the image with the tree that it has itself."""
    run.guest.wait("^Net:")
    run.guest.pass_time(1)
    run.guest.type("\n")    # stops the autoboot
    run.guest.pass_time(1)
    run.guest.type(f"booti {run.case.place:#x} - ${{fdtcontroladdr}}\n")
    run.guest.wait("Starting kernel ...")
    starts(run)


def from_u_boot(arch, build, place, **fields):
    return baked(arch, "-u-boot", "started by booti of U-Boot", booti, stub=u_boot(build), place=place,
                 default=False, **fields)


def everywhere(arch, stub, *places, **fields):
    """The cases of an arch.  stub(address): a kernel that jumps there, with the registers it gets."""
    return [baked(arch, "", "started by QEMU like a kernel", **fields),
            baked(arch, "-damaged", "of which the initrd is damaged", finds_damage, stub=stub,
                  place=places[0], flip=True, default=False, **fields),
            baked(arch, "-misplaced", "at no multiple of its alignment", refuses_place, stub=stub,
                  place=places[0] + 0x1000, default=False, **fields),
            *(baked(arch, f"-{place:x}", f"at 0x{place:x}", stub=stub, place=place,
                    default=False, **fields) for place in places)]
