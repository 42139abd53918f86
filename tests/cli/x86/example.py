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

# Numbers of system calls, for tests that make them fail.
SYSTEM_CALLS = {"read": 0, "write": 1, "mmap": 9, "brk": 12, "mremap": 25, "kexec_load": 246,
                "openat": 257, "kexec_file_load": 320}

DOMAIN = {"proc/xen/capabilities": "control_d\n"}
NO_LOAD_ON_XEN = "^this is Xen's control domain"

# As ERRORS of look.py.
ERRORS_OF_LOOKING = {
    "Xen's control domain, -c": (DOMAIN, "-c -l bzImage", "", 1, [], NO_LOAD_ON_XEN),
    "Xen's control domain, -s": (DOMAIN, "-s -l bzImage", "", 1, [], NO_LOAD_ON_XEN),
    "Xen's control domain, -s -p": (DOMAIN, "-s -p bzImage", "", 1, [], NO_LOAD_ON_XEN),
    "Xen's control domain, default": (DOMAIN, "-l bzImage", "", 1, [], NO_LOAD_ON_XEN),
    "Xen": ({"proc/xen/capabilities/x": ""}, "-c -l bzImage", "", 1, [],
            "^Cannot read /proc/xen/capabilities: Is a directory"),
    "the CPU": ({"proc/cpuinfo": None, "proc/cpuinfo/x": ""}, "-c -l no-5level", "", 1, [],
                "^warning: Cannot read /proc/cpuinfo: Is a directory[^\0]*5-level"),
    "no CPU": ({"proc/cpuinfo": None}, "-c -l no-5level", "", 0, ["load", "sync"], None),
}

kernel, vmlinux = x86.bzimage, x86.vmlinux
check_kernel, check_initrd = x86.check_bzimage, x86.check_initrd


def program(text, start, entry, align=4096):
    """An ELF file that is no Linux kernel: one segment."""
    return x86.elf([(images.PT_LOAD, start, text, len(text), align)], entry)


def files():
    """{name: content} of the kernel files that command lines in the tests name."""
    return {
        "bzImage": kernel(),
        "no-5level": kernel(xloadflags=0x1F),
        "bzImage32": kernel(xloadflags=0),    # without an entry point for 64 bits
        "vmlinux": vmlinux(),
        "program": program(bytes(4096), 0x1000000, 0x1000000),
        "uki": images.uki((".initrd", b"initrd"), (".linux", kernel())),
    }
