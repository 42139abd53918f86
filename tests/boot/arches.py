# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machines: the names that QEMU, Debian and Linux have for the parts of each.
(QEMU's system emulation guides; Linux: admin-guide/serial-console.rst.)"""

import dataclasses
import importlib
import pathlib


@dataclasses.dataclass(frozen=True)
class Arch:
    """Properties that all guests of one arch share."""
    name: str
    qemu: str
    machine: str
    cpu: str
    tty: str                # the serial port, for Linux
    words: str              # what else the command line needs
    console: str            # the option that gives purgatory the same port; "": it has it by itself
    kernel: str             # Debian packages
    busybox: str
    firmware: tuple         # (code, variables) of UEFI, wherever they may be packaged
    firmware_package: str
    segments: dict          # {what is damaged: the segment that it is in}
    # the line of the kernel's log that reports a range of RAM
    usable_ram: str = r"  node +\d+: \[mem (0x\w+)-(0x\w+)\]"
    dump: object = None     # format of a dump: vmcore.py's Format; None: the host reads no dump
    method: str = ""        # how purgatory hashes
    starts_with: str = "bios"   # firmware of the tests that name none
    qemu_packages: tuple = ()   # Debian's: program, modules, data; (): QEMU is installed
    memory: int = 512       # MiB
    crash: tuple = ()       # MiB of memory and crashkernel= of a crash test
    left_out: tuple = (0, 0)    # bytes at 0 that a dump lacks: with purgatory's copy, without
    spare_features: str = ""    # of the CPU, if CPUs can be plugged in
    spare_options: tuple = ()
    ram_start: int = 0
    hole: range = range(1 << 62, 1 << 62)   # in RAM, on a machine that a test gives no `low`
    cpu_features: str = ""
    cross: str = ""         # Debian's name of the arch, for util/cross-build; "": built as is
    modules: tuple = ()     # that the kernel needs for the disk
    disk: str = "nvme,serial=disk"
    own_words: bool = True  # kexec adds words to the command line of a crash kernel
    added: str = ""         # pattern of what kexec adds to every command line, with the blanks
    crash_words: str = ""   # of a crash kernel's command line: what makes it fit into its memory
    backup: int = 0         # bytes at 0 that a crash kernel uses: the dump has purgatory's copy
    low: range = range(0)   # blocks there that the host can fill if they are empty
    kernel_bug: str = ""    # text in the log of a first kernel that sometimes fails at the jump
    hidden: int = 0         # bytes of the kernel's RAM that only firmware can read


def of_folders(name):
    """The module of that name in the folder of every arch that has one."""
    here = pathlib.Path(__file__).resolve().parent
    return [importlib.import_module(f"{path.parent.name}.{name}")
            for path in sorted(here.glob(f"*/{name}.py"))]


def native():
    """The machine that runs the kexec of this build."""
    return next(module.ARCH for module in of_folders("machine") if not module.ARCH.cross)
