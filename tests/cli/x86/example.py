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
NO_XEN = r"Xen's control domain: cannot open /dev/xen/privcmd: [^\n]+\n[^\n.]+\n\Z"

# As ERRORS of look.py.
ERRORS_OF_LOOKING = {
    # Linux's own answers are never the hypervisor's.
    **{f"Xen's control domain, {arguments}": (DOMAIN, arguments, "", 255, [], NO_XEN)
       for arguments in ("-c -l bzImage", "-s -l bzImage", "-s -p bzImage", "-l bzImage", "-f bzImage",
                         "-u", "-u -p", "-u -c", "-S", "-S -l", "-S -p", "-e",
                         "--load-live-update bzImage")},
    "Xen's control domain, --exec-live-update": (DOMAIN, "--exec-live-update", "", 255, ["sync"],
                                                 NO_XEN),
    "Xen's control domain, -S --json": (DOMAIN, "-S --json", "", 255, [], "cannot open /dev/xen"),
    "Xen's control domain, no action": (
        DOMAIN, "bzImage", "", 1, [],
        r"\Athis is Xen's control domain, whose reboot does not start what is loaded\n.*\n\Z"),
    "Xen's control domain without xenfs": (
        {"sys/hypervisor/properties/features": "000228f0\n"}, "-u", "", 255, [], NO_XEN),
    "Xen's PV guest": ({"sys/hypervisor/guest_type": "PV\n"}, "-c -l bzImage", "", 1, [],
                       r"\Aa paravirtualized \(PV\) guest of Xen cannot start a kernel\n"),
    "Xen's HVM guest": ({"sys/hypervisor/guest_type": "HVM\n"}, "-c -l bzImage", "", 0,
                        ["load", "sync"], None),
    "Xen": ({"proc/xen/capabilities/x": ""}, "-c -l bzImage", "", 1, [],
            "^Cannot read /proc/xen/capabilities: Is a directory"),
    "the CPU": ({"proc/cpuinfo": None, "proc/cpuinfo/x": ""}, "-c -l no-5level", "", 1, [],
                "^warning: Cannot read /proc/cpuinfo: Is a directory[^\0]*5-level"),
    "no CPU": ({"proc/cpuinfo": None}, "-c -l no-5level", "", 0, ["load", "sync"], None),
}

# {CPU: flags in /proc/cpuinfo, how purgatory hashes on it}
HASHING = {
    "with SHA-NI": ("ssse3 sse4_1 avx2 sha_ni", "SHA instructions, 2 streams"),
    "with AVX2": ("ssse3 sse4_1 avx2", "AVX2 instructions, 8 streams"),
    "with SSSE3": ("ssse3", "SSSE3 instructions, 4 streams"),
    "without SSSE3": ("sse2", "portable code"),
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
