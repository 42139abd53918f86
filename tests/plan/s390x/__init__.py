# SPDX-License-Identifier: GPL-2.0-or-later
"""s390x: made-up kernels, the plans that come of them, and the rules of Linux's
arch/s390/boot/head.S and arch/s390/include/asm/setup.h."""

import gzip
import struct

import crash
import files as packages
import images
from fixtures import copy
from real import Real
from rules import check_content, is_for_crash, place, require, segment_of

MIB, GIB = 1 << 20, 1 << 30
EM_S390 = 22
START, KDUMP_ENTRY, END_OF_PARAMETERS = 0x10000, 0x10010, 0x12000
INITRD_START, INITRD_SIZE, OLDMEM_BASE, OLDMEM_SIZE = 0x10408, 0x10410, 0x10418, 0x10420
VERSION, CMDLINE_SIZE, CMDLINE = 0x10428, 0x10430, 0x10480
KERNEL_SIZE, BSS_SIZE = 0x25004, 0x3000
BUILT_IN = b"root=/dev/ram0 ro"

# name: (machine, arguments, why it is here), all with --arch=s390x
CASES = {
    "plain": ("s390x", "-l image", "the command line inside stays"),
    "initrd": ("s390x", "-l image --initrd=initrd --append=root=/dev/dasda1", "the usual load"),
    "two-initrds": ("s390x", "-l image --initrd=odd --initrd=initrd", "padded between"),
    "appends": ("s390x", "--append=one -l image --command-line=two --reuse-cmdline --append=",
                "every one counts, after what is reused"),
    "no-cmdline": ("s390x", "-l image --command-line=", "none at all"),
    "no-checks": ("s390x", "-i -l image --initrd=initrd", "nothing is verified"),
    "mem-max": ("s390x", "-l image --initrd=odd --mem-max=0x8fffff", "only the bottom"),
    "offline": ("s390x-offline", "-l image --initrd=initrd", "a block that is switched off"),
    "far": ("s390x-far", "-l image --initrd=initrd", "an initrd above 4 GiB, purgatory below 2"),
    "big": ("s390x", "-l big-image --initrd=initrd", "the initrd is after the image"),
    "old": ("s390x", "-t image -l old-image --initrd=initrd", "a kernel without a mark"),
    "short-cmdline": ("s390x", "-l 896-image --append=quiet", "Linux before 5.17"),
    "signed": ("s390x", "-l signed-image", "a signature that is of no use in memory"),
    "gzip": ("s390x", "-l image.gz", "the plan of what is inside"),
    "vmlinux": ("s390x", "-l s390x-vmlinux --initrd=initrd", "an ELF kernel, bss included"),
    "serial": ("s390x", "-l image --serial=ttyS0", "purgatory's console is the platform's"),
    "crash": ("s390x-crash", "-p image --initrd=initrd --append=quiet", "into the reservation"),
    "crash-reuse": ("s390x-crash", "-p image --reuse-cmdline --hotplug", "without crashkernel="),
    "crash-no-checks": ("s390x-crash", "-i -p image --initrd=odd", "nothing is verified"),
    "crash-vmlinux": ("s390x-crash", "-p s390x-vmlinux", "bytes for all that is exchanged"),
}
ARCHES = {"s390x": CASES}


def image(size=KERNEL_SIZE, mark=b"S390EP\0\1", cmdline_size=0x1000):
    data = bytearray(images.noise(size, "s390x"))
    struct.pack_into(">QQ", data, 0, 0x0008000080000200, 0)
    data[START:START + 4] = b"\xa7\xf4\0\x10"
    data[START + 8:START + 16] = mark
    data[KDUMP_ENTRY:KDUMP_ENTRY + 4] = b"\xa7\xf4\0\xd0"
    data[0x10400:END_OF_PARAMETERS] = bytes(END_OF_PARAMETERS - 0x10400)
    struct.pack_into(">QQ", data, VERSION, END_OF_PARAMETERS, cmdline_size)
    data[CMDLINE:CMDLINE + len(BUILT_IN)] = BUILT_IN
    version = images.VERSION + b"\0"
    data[END_OF_PARAMETERS:END_OF_PARAMETERS + len(version)] = version
    return bytes(data)


def signed(content, size=600, claimed=None):
    """As the kernel's sign-file leaves it."""
    return (content + images.noise(size, "signature") +
            struct.pack(">BBBBB3xI", 0, 0, 2, 0, 0, size if claimed is None else claimed) +
            b"~Module signature appended~\n")


def vmlinux(content, entry=START, **fields):
    """Two segments and bss.  fields: machine, klass, order and kind of the ELF header."""
    half = 0x18800
    headers = b"".join(
        struct.pack(">IIQQQQQQ", images.PT_LOAD, 7, 0x1000 + at, at, at, end - at,
                    end - at + bss, 0x1000)
        for at, end, bss in ((0, half, 0), (half, len(content), BSS_SIZE)))
    header = struct.pack(">4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", fields.get("klass", 2),
                         fields.get("order", 2), 1, fields.get("kind", images.ET_EXEC),
                         fields.get("machine", EM_S390), 1, entry, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    return (header + headers).ljust(0x1000, b"\0") + content


def files(*_):
    kernel = image()
    return {
        "image": kernel,
        "big-image": image()[:END_OF_PARAMETERS].ljust(9 * MIB + 1, b"k"),
        "old-image": image(mark=bytes(8)),
        "896-image": image(cmdline_size=0),
        "signed-image": signed(kernel),
        "image.gz": gzip.compress(kernel),
        "s390x-vmlinux": vmlinux(kernel),
    }


# Content in memory of kernel files that are not loaded byte for byte.
LOADED = {
    "image.gz": lambda contents: contents["image"],
    "signed-image": lambda contents: contents["image"],
    "s390x-vmlinux": lambda contents: contents["image"] + bytes(BSS_SIZE),
}

MEMORY = "sys/devices/system/memory"
# Files of a machine that differ from those of the fixture.
MACHINES = {
    "s390x-offline": {f"{MEMORY}/block_size_bytes": "800000\n",
                      f"{MEMORY}/memory1/state": "offline\n"},
    "s390x-far": {"proc/iomem": "00000000-0080ffff : System RAM\n"
                                "200000000-2ffffffff : System RAM\n"},
    "s390x-crash": {"proc/iomem": "00000000-7fffffff : System RAM\n"
                                  "  00100000-00ae0fff : Kernel code\n"
                                  "  60000000-6fffffff : Crash kernel\n"},
}


def make_machines(directory):
    for name, changes in MACHINES.items():
        copy(directory / name, "s390x", changes)


def number(data, address):
    return struct.unpack_from(">Q", data, address)[0]


def expected(plan, data, machine, asked):
    """The image's bytes from START on, with what has to be put into it."""
    data, base, oldmem = bytearray(data), 0, (0, 0)
    if is_for_crash(plan):
        (base, end), = crash.lines((machine / "proc/iomem").read_text(encoding="ascii"),
                                   "Crash kernel")
        oldmem = base, end - base
    initrd = next((s for s in plan["segments"] if s["name"] == "initrd"), None)
    start, size = (place(initrd)[0] - base, initrd["data_size"]) if initrd else (0, 0)
    struct.pack_into(">QQQQ", data, INITRD_START, start, size, *oldmem)
    text = plan["command_line"].encode() + b"\0"
    if asked:
        data[CMDLINE:CMDLINE + len(text)] = text
    require(data[CMDLINE:CMDLINE + len(text)] == text, "the command line is the image's")
    require(len(text) <= (number(data, CMDLINE_SIZE) or 896), "the command line fits")
    return bytes(data[START:]), base


def check_kernel(plan, data, machine, arguments):
    """data: content of the kernel file in memory."""
    asked = any(word in arguments for word in ("--append", "--command-line", "--reuse"))
    content, base = expected(plan, data, machine, asked)
    kernel, for_crash = segment_of(plan, "kernel"), is_for_crash(plan)
    start, end = place(kernel)
    check_content(kernel, content)
    require(start == base + START, "the kernel lies where it will run")
    require(int(plan["kernel_entry"], 16) == base + (KDUMP_ENTRY if for_crash else START),
            "the entry is the kernel's")
    low, high = place(segment_of(plan, "purgatory"))
    if for_crash:
        require(base + 0x2000 <= low and high <= base + START, "purgatory lies below the kernel")
        require("elfcorehdr" not in plan["command_line"], "the crash kernel makes its own header")
        require("crashkernel" not in plan["command_line"], "and reserves nothing")
    else:
        require(high <= 2 * GIB, "purgatory lies below 2 GiB")
        require(max(end, 8 * MIB) <= low, "purgatory leaves what is after the kernel alone")


def check_initrd(plan, machine):
    base = place(segment_of(plan, "kernel"))[0] - START
    start, end = place(segment_of(plan, "initrd"))
    require(start >= base + 8 * MIB, "the initrd lies above 8 MiB")
    require(start % MIB == 0, "the initrd lies at a multiple of 1 MiB")
    require(start >= place(segment_of(plan, "kernel"))[1], "the initrd lies above the kernel")
    check_online(machine, start, end)


def check_online(machine, start, end):
    size = int((machine / MEMORY / "block_size_bytes").read_text(encoding="ascii"), 16)
    for block in range(start // size, (end - 1) // size + 1):
        state = machine / MEMORY / f"memory{block}/state"
        require(not state.exists() or state.read_text(encoding="ascii") == "online\n",
                "nothing lies in memory that is offline")


def check(plan, machine, kernel, arguments):
    check_kernel(plan, kernel, machine, arguments)
    if any(segment["name"] == "initrd" for segment in plan["segments"]):
        check_initrd(plan, machine)


REAL = [Real("image", "s390x", lambda: packages.debian_kernel("linux-image-s390x:s390x"),
             ("", "--mem-max=0x3fffffff"))]
