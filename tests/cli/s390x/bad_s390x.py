# SPDX-License-Identifier: GPL-2.0-or-later
"""s390x: images, ELF kernels and memory blocks that are damaged, or valid but unusual."""

import gzip
import struct

import bad

import s390x

CRASH_IOMEM = s390x.MACHINES["s390x-crash"]["proc/iomem"]
HUGE = (1 << 63, (1 << 64) - 1)


def patched(data, offset, code, *values):
    data = bytearray(data)
    struct.pack_into(">" + code, data, offset, *values)
    return bytes(data)


def rules_for(bench, data, arguments=""):
    return lambda plan: s390x.check_kernel(plan, data, bench.machine, arguments)


def headers(bench):
    image = bench.image
    bench.accepts("an image", "-l", "image", check=rules_for(bench, image))
    for size in (0, 1, 0x10007, 0x1000E):
        bench.refuses(f"an image cut to {size:#x} bytes", "-l", bench.write("cut", image[:size]),
                      says="Cannot determine the file type|is empty", names="cut")
    for size in (0x1000F, 0x10400, 0x10480, 0x11000):
        bench.refuses(f"an image cut to {size:#x} bytes", "-l", bench.write("cut", image[:size]),
                      says=f"this file ends at {size:#x}", names="cut", status=255)
    bench.refuses("an image cut in its command line", "-l", bench.write("cut", image[:0x1147F]),
                  says="0x1000 bytes for a command line at 0x10480", names="cut", status=255)
    for value in (len(image) - s390x.CMDLINE + 1, 1 << 32, *HUGE):
        bench.refuses(f"{value:#x} bytes for a command line", "-l",
                      bench.write("lies", patched(image, s390x.CMDLINE_SIZE, "Q", value)),
                      says=f"{value:#x} bytes for a command line", names="lies", status=255)
    for value in (0, len(image) - 1, len(image), 1 << 32, *HUGE):
        odd = patched(image, s390x.VERSION, "Q", value)
        bench.accepts(f"the version at {value:#x}", "-l", bench.write("odd", odd),
                      check=rules_for(bench, odd))
    escape = patched(image, s390x.CMDLINE, "4s", b"\x1b[2J")
    bench.accepts("a command line inside that is none", "-l", bench.write("odd", escape))
    bench.refuses("a bzImage", "-l", "bzImage", says="^Cannot determine the file type",
                  status=255)
    bench.refuses("a small file as image", "-t", "image", "-l", "initrd",
                  says="^Cannot determine the file type", status=255)


def marks(bench):
    crash = bench.machine_with({"proc/iomem": CRASH_IOMEM})
    old = bench.write("old", s390x.image(mark=bytes(8)))
    bench.refuses("no S390EP", "-l", old, status=255,
                  says="^Cannot determine the file type of old\nIt has no S390EP at 0x10008, "
                  "which Linux has from 3.2 on; --type=image loads an older kernel")
    bench.accepts("no S390EP, by --type", "-t", "image", "-l", old,
                  warns="^warning: old: loaded as a kernel because of --type")
    for name, mark in ("no S390EP", bytes(8)), ("no entry", b"S390EP\0\0"):
        bench.refuses(f"a crash kernel with {name}", "-t", "image", "-p",
                      bench.write("old", s390x.image(mark=mark)), machine=crash,
                      says="no entry for crash kernels", names="old", status=255)


def signatures(bench):
    image = bench.image
    for size in (0, 1, 600):
        bench.accepts(f"a signature of {size} bytes", "-l",
                      bench.write("signed", s390x.signed(image, size)),
                      check=rules_for(bench, image))
    whole = len(s390x.signed(image))
    for claimed in (whole - 39, whole, (1 << 32) - 1):
        bench.refuses(f"a signature that claims {claimed:#x} bytes", "-l",
                      bench.write("lies", s390x.signed(image, claimed=claimed)),
                      says=f"at the end of the file claims {claimed:#x} bytes", names="lies", status=255)
    bench.refuses("a signature of all", "-l",
                  bench.write("lies", s390x.signed(image, claimed=whole - 40)),
                  says="this file ends at 0", names="lies", status=255)


def command_lines(bench):
    for size, data in (4095, bench.image), (895, s390x.image(cmdline_size=0)):
        kernel = bench.write("kernel", data)
        text = "--append=" + size * "x"
        bench.accepts(f"a command line of {size}", "-l", kernel, text,
                      check=rules_for(bench, data, text))
        bench.refuses(f"a command line of {size + 1}", "-l", kernel, text + "x",
                      says=f"{size + 1} characters, the kernel takes {size}$")
        bench.refuses(f"command lines that come to {size + 1}", "-l", kernel,
                      "--append=" + (size - 2) * "x", "--append=yy",
                      says=f"{size + 1} characters, the kernel takes {size}$")


def vmlinuxes(bench):
    vmlinux = s390x.vmlinux(bench.image)
    bench.accepts("a vmlinux", "-l", bench.write("vmlinux", vmlinux),
                  check=rules_for(bench, bench.image + bytes(s390x.BSS_SIZE)))
    for entry in (1, 0x10010, 0x100000, *HUGE):
        bench.refuses(f"a vmlinux with its entry at {entry:#x}", "-l",
                      bench.write("odd", s390x.vmlinux(bench.image, entry)),
                      says=f"the ELF entry is {entry:#x}, s390 kernels start at 0x10000",
                      names="odd", status=255)
    for name, fields, says in (
            ("of another machine", {"machine": 62}, "Cannot determine the file type"),
            ("of 32 bits", {"klass": 1}, "is 32-bit, big endian"),
            ("little endian", {"order": 1},
             "Cannot determine the file type of odd\nIt is a damaged ELF file: "),
            ("that is an object", {"kind": 1}, "of type 1, neither")):
        bench.refuses(f"a vmlinux {name}", "-l",
                      bench.write("odd", s390x.vmlinux(bench.image, **fields)), says=says,
                      names="odd", status=255)
    for paddr in (1 << 30, 1 << 62, *HUGE):
        bench.refuses(f"a vmlinux with a segment at {paddr:#x}", "-l",
                      bench.write("odd", patched(vmlinux, 64 + 56 + 24, "Q", paddr)),
                      says="too far apart|leave the address space", names="odd", status=255)
    for memsz in (1 << 30, *HUGE):
        bench.refuses(f"a vmlinux with {memsz:#x} bytes of bss", "-l",
                      bench.write("odd", patched(vmlinux, 64 + 56 + 40, "Q", memsz)),
                      says="too far apart|leave the address space", names="odd", status=255)
    bench.refuses("a vmlinux for an interpreter", "-l",
                  bench.write("odd", patched(vmlinux, 64, "I", 3)), says="ELF interpreter",
                  names="odd", status=255)
    for size in range(0, 200, 11):
        bench.refuses(f"a vmlinux cut to {size} bytes", "-l",
                      bench.write("cut", vmlinux[:size]), names="cut")
    bench.refuses("a vmlinux without its head", "-l",
                  bench.write("odd", patched(vmlinux, 64, "I", 0)), says="no S390EP for 0x10008",
                  names="odd", status=255)
    bench.refuses("a vmlinux with nothing", "-l",
                  bench.write("odd", patched(vmlinux, 56, "H", 0)), says="no S390EP for 0x10008",
                  names="odd", status=255)


def crashes(bench):
    """The reservation is what bounds everything."""
    def machine(last):
        return bench.machine_with({"proc/iomem": CRASH_IOMEM.replace("6fffffff", last)})

    crash = bench.machine_with({"proc/iomem": CRASH_IOMEM})
    packed = bench.write("image.gz", gzip.compress(bench.image))
    bench.accepts("a crash kernel", "-p", packed, "--initrd=initrd", machine=crash,
                  check=lambda plan: s390x.check_kernel(plan, bench.image, crash, ""))
    bench.refuses("no reservation", "-p", "image",
                  says=r"then load again\. It was given crashkernel=: .* without CONFIG_CRASH_DUMP")
    for name, last in ("page", "60000fff"), ("purgatory", "6000ffff"), ("part", "60024fff"):
        bench.refuses(f"room for a {name}", "-c", "-p", "image", machine=machine(last),
                      says="^the kernel must lie at 0x60010000-0x60025fff, which the crash "
                      f"kernel's reservation at 0x60000000-0x{last} does not allow\nReserving more with")
    bench.accepts("little room for the running kernel's pages", "-c", "-p", "image",
                  machine=machine("60025fff"),
                  warns="^warning: the running kernel may refuse the load, .* leave 28 KiB; ")
    bench.refuses("no room for an initrd", "-p", "image", "--initrd=initrd",
                  machine=machine("6080bfff"), says="for the initrd", names="initrd")
    bench.refuses("purgatory elsewhere", "-p", "image", "--mem-min=0x60010000",
                  machine=crash, says="purgatory in the 56 KiB below a crash kernel")
    bench.refuses("a reservation that is no RAM", "-p", "image", "--mem-max=0x5fffffff",
                  machine=crash, says=r"--mem-max does not allow\n\Z", names="image")


def memory(bench):
    """Blocks that are offline, and files that do not say."""
    state, size = f"{s390x.MEMORY}/memory0/state", f"{s390x.MEMORY}/block_size_bytes"
    bench.refuses("the kernel's memory offline", "-l", "image",
                  machine=bench.machine_with({state: "offline\n"}),
                  says="not all of it is RAM", names="image")
    for text in ("", "x", "0", "3", "-1", "1" + 16 * "0"):
        bench.refuses(f"blocks of {text!r} bytes", "-l", "image",
                      machine=bench.machine_with({size: text}),
                      says="block_size_bytes: ")
    bench.accepts("no memory blocks", "-l", "image",
                  machine=bench.machine_with({s390x.MEMORY: None}))
    high = bench.machine_with({"proc/iomem": "100000000-17fffffff : System RAM\n"})
    bench.refuses("no low memory", "-l", "image", machine=high, says="not all of it is RAM",
                  names="image")
    tight = bench.machine_with({"proc/iomem": "00000000-00025fff : System RAM\n"
                                                "80000000-ffffffff : System RAM\n"})
    bench.refuses("no memory for purgatory below 2 GiB", "-l", "image", machine=tight,
                  says="purgatory below 2 GiB")


def run(suite, build, directory):
    bad.run_arch(suite, build, directory, "s390x", "image", s390x.image(), (
        headers, marks, signatures, command_lines, vmlinuxes, crashes, memory))
