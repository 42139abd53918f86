# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels and machines that tests of the command line take on this arch when they are about no
arch in particular."""

import images
import x86

ARCH = "x86_64"
CALL_FLAG = "KEXEC_ARCH_X86_64"     # of kexec_load, as strace prints it
MACHINE = "x86_64"                  # a captured machine, with a reservation for a crash kernel
CRASHED_MACHINE = "x86_64-kdump"    # the same machine, in its crash kernel
KCORE = "kcore/x86_64"              # the head of a /proc/kcore
VMLINUX_TYPE = "elf-x86_64"
FOREIGN_IMAGE = bytes(56) + b"ARM\x64" + bytes(5000)    # a kernel of another arch

kernel, vmlinux = x86.bzimage, x86.vmlinux
check_kernel, check_initrd = x86.check_bzimage, x86.check_initrd


def program(text, start, entry, align=4096):
    """An ELF file that is no Linux kernel: one segment."""
    return x86.elf([(images.PT_LOAD, start, text, len(text), align)], entry)


def files():
    """{name: content} of the kernel files that command lines in the tests name."""
    return {
        "bzImage": kernel(),
        "bzImage32": kernel(xloadflags=0),    # without an entry point for 64 bits
        "vmlinux": vmlinux(),
        "program": program(bytes(4096), 0x1000000, 0x1000000),
        "uki": images.uki((".initrd", b"initrd"), (".linux", kernel())),
    }
