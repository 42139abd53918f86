# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that are no files, damaged archives, and files that are no kernel."""

import bz2
import gzip
import lzma
import os
import struct
import subprocess
import zlib

import bad
import harness
from harness import example

import images

MIB = 1 << 20


def endless(part):
    while True:
        yield part


def sparse(bench, name, size):
    with open(bench.directory / name, "wb") as out:
        out.truncate(size)
    return name


# (name, what the error says)
NO_FILES = [
    ("missing", "^(initrd: )?Cannot open `(./)?missing': No such file or directory"),
    ("directory", "it is a directory"),
    ("empty", "it is empty"),
    ("loop", "Too many levels of symbolic links"),
    ("bzImage/kernel", "Not a directory"),
    ("n" * 300, "File name too long"),
    ("/dev/zero", "no end"),
    ("/dev/null", "/dev/null"),
    ("/dev/full", "no end"),
    ("/dev/random", "no end"),
    ("/proc/self/mem", "Input/output error"),
]


def special_files(bench):
    (bench.directory / "directory").mkdir()
    (bench.directory / "loop").symlink_to("loop")
    bench.write("empty", b"")
    for name, says in NO_FILES:
        bench.refuses(f"kernel {name[:20]}", "-l", name, says=says, names=name, status=1)
        bench.refuses(f"initrd {name[:20]}", "-l", "bzImage", f"--initrd={name}", says=says,
                      names=name, status=1)
        bench.refuses(f"second initrd {name[:20]}", "-l", "bzImage", "--initrd=initrd",
                      f"--initrd={name}", says=says, names=name, status=1)
    bench.refuses("a mistyped option after the kernel", "-l", "bzImage", "-initrd",
                  says="invalid option|Cannot open|contradicts")


def pipes(bench):
    kernel = example.kernel()
    with bench.fifo(kernel) as name:
        bench.accepts("kernel from a FIFO", "-l", name,
                      check=lambda plan: example.check_kernel(plan, kernel))
    with bench.fifo(gzip.compress(kernel)) as name:
        bench.accepts("compressed kernel from a FIFO", "-l", name,
                      check=lambda plan: example.check_kernel(plan, kernel))
    with bench.fifo(bench.initrd) as name:
        bench.accepts("initrd from a FIFO", "-l", "bzImage", f"--initrd={name}",
                      check=lambda plan: example.check_initrd(plan, bench.initrd))
    with bench.fifo(b"") as name:
        bench.refuses("FIFO with nothing", "-l", name, says="it is empty", names=name)
    with bench.fifo(kernel[:3000]) as name:
        bench.refuses("half a kernel from a FIFO", "-l", name, says="cut short", names=name)
    for kind in "kernel", "initrd":
        with bench.fifo(endless(bytes(MIB))) as name:
            args = ["-l", name] if kind == "kernel" else ["-l", "bzImage", f"--initrd={name}"]
            bench.refuses(f"endless FIFO as {kind}", *args, says="longer than [0-9]+ bytes",
                          names=name, machine=bench.small)
    with open(bench.directory / "bzImage", "rb") as stdin:
        bench.accepts("kernel from standard input", "-l", "-", stdin=stdin,
                      check=lambda plan: example.check_kernel(plan, kernel))
    with open(bench.directory / "initrd", "rb") as stdin:
        bench.accepts("initrd from standard input", "-l", "bzImage", "--initrd=-", stdin=stdin,
                      check=lambda plan: example.check_initrd(plan, bench.initrd))
    with open(bench.directory / "bzImage", "rb") as stdin:
        # /dev/fd/0 of a file is the file, from its beginning.
        bench.accepts("kernel from /dev/fd/0", "-l", "/dev/fd/0", stdin=stdin,
                      check=lambda plan: example.check_kernel(plan, kernel))
    bench.refuses("nothing on standard input", "-l", "-", says="^Cannot read -: ")


def sizes(bench):
    """Files larger than memory: refused by their size, without reading them."""
    for name, size in ("3g", 3 << 30), ("1e", 1 << 60):
        try:
            sparse(bench, name, size)
        except OSError:
            continue    # larger than this file system's files may be
        bench.refuses(f"kernel of {name}", "-l", name, says="longer than", names=name)
        bench.refuses(f"initrd of {name}", "-l", "bzImage", f"--initrd={name}",
                      says="longer than", names=name)
        (bench.directory / name).unlink()
    # Of an ELF kernel the segments are loaded, not the debugging information after them.
    bench.write("vmlinux", example.vmlinux())
    os.truncate(bench.directory / "vmlinux", 3 << 30)
    bench.accepts("an ELF kernel of 3g, most of it not loaded", "-c", "-l", "vmlinux")
    (bench.directory / "vmlinux").unlink()
    sparse(bench, "40m", 40 * MIB)
    bench.refuses("initrds that are larger together", "-l", "bzImage", "--initrd=40m",
                  "--initrd=40m", says="larger than the machine's memory", names="40m",
                  machine=bench.small)
    bench.refuses("initrd over half of the memory", "-l", "bzImage", "--initrd=40m",
                  says="Could not find a free area|more than half", machine=bench.small)
    bench.refuses("a kernel without room", "-l", "bzImage", "--mem-max=0x1100000",
                  says="Could not find a free area of memory of 0x600000 bytes")
    bench.refuses("an initrd without room", "-l", "bzImage", "--initrd=40m",
                  "--mem-max=0x2ffffff", says="Could not find a free area of memory of 0x2800000")


def packed(program, data, *options):
    return subprocess.run([program, "-q", "-c", *options], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def zstd(data, *options):
    return packed("zstd", data, *options)


def lz4_legacy(data):
    return packed("lz4", data, "-l")


COMPRESSORS = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "zst": zstd,
    "bz2": bz2.compress,
    "lz4": lambda data: packed("lz4", data),
}


def flipped(data, offset):
    data = bytearray(data)
    data[offset] ^= 0x55
    return bytes(data)


def damaged_archives(bench):
    kernel = bench.kernel
    for ext, compress in COMPRESSORS.items():
        good, name = compress(kernel), f"kernel.{ext}"
        for size in (len(good) // 4, len(good) // 2, len(good) - 100, len(good) - 1):
            bench.refuses(f"{ext} cut to {size} bytes", "-l", bench.write(name, good[:size]),
                          says="cut short", names=name, status=255)
        for size in (1, 4, 6, 10, 12, 13, 14, 18, 20, 32):
            bench.refuses(f"{ext} cut to {size} bytes", "-l", bench.write(name, good[:size]),
                          says="cut short|Cannot determine the file type|damaged", names=name)
        for offset in (len(good) // 3, len(good) * 2 // 3):
            bench.refuses(f"{ext} with a wrong byte at {offset}", "-l",
                          bench.write(name, flipped(good, offset)),
                          says="damaged|cut short|is not a|more than", names=name)
        bench.refuses(f"{ext} with garbage after", "-l", bench.write(name, good + b"garbage"),
                      says="7 bytes after the end", names=name, status=255)
        bench.accepts(f"{ext} with zeros after", "-l", bench.write(name, good + bytes(4096)),
                      check=lambda plan: example.check_kernel(plan, kernel))
        halves = compress(kernel[:50001]) + compress(kernel[50001:])
        bench.accepts(f"{ext} of two members", "-l", bench.write(name, halves),
                      check=lambda plan: example.check_kernel(plan, kernel))
        bench.refuses(f"{ext} of nothing", "-l", bench.write(name, compress(b"")),
                      says="to nothing", names=name)
        bench.refuses(f"{ext} of a text", "-l", bench.write(name, compress(b"no kernel\n" * 999)),
                      says="^Cannot determine the file type", names=name, status=255)
        bench.refuses(f"{ext} of half a kernel", "-l", bench.write(name, compress(kernel[:9000])),
                      says="this bzImage is cut short", names=name)
        bomb = compress(bytes(256 * MIB))
        bench.refuses(f"{ext} bomb", "-l", bench.write(name, bomb), says="more than the limit of",
                      names=name, machine=bench.small)
    checksums(bench)
    huge_claims(bench)
    without_checksum_or_end(bench)
    stored_blocks(bench)
    deep = kernel
    for _ in range(5):
        deep = gzip.compress(deep)
    bench.refuses("five layers of gzip", "-l", bench.write("deep.gz", deep),
                  says="packed more than 4 times", names="deep.gz")
    bomb = gzip.compress(gzip.compress(bytes(512 * MIB)))
    bench.refuses("a bomb in a bomb", "-l", bench.write("bomb.gz", bomb),
                  says="more than the limit of", names="bomb.gz", machine=bench.small)


def checksums(bench):
    """Only the checksum is wrong: all data came out before it is looked at."""
    good = gzip.compress(bench.kernel)
    for part, offset in ("CRC", -8), ("length", -4):
        bench.refuses(f"gzip with a wrong {part}", "-l",
                      bench.write("sum.gz", flipped(good, offset)), says="damaged",
                      names="sum.gz", status=255)
    good = zstd(bench.kernel, "--check")
    bench.refuses("zstd with a wrong checksum", "-l", bench.write("sum.zst", flipped(good, -1)),
                  says="damaged", names="sum.zst", status=255)
    good = lzma.compress(bench.kernel, check=lzma.CHECK_CRC64)
    for offset in -1, -12, -20, -40:
        bench.refuses(f"xz with a wrong byte at {offset}", "-l",
                      bench.write("sum.xz", flipped(good, offset)), says="damaged",
                      names="sum.xz", status=255)


def without_checksum_or_end(bench):
    """lz4 as Linux's build writes it, where a size of what was unpacked may follow."""
    kernel, name = bench.kernel, "legacy.lz4"
    good = lz4_legacy(kernel)
    for what, data in (("", good), (" with zeros after", good + bytes(64)), (" with its size after", (
            good + struct.pack("<I", len(kernel)))), (" of two members", (
            lz4_legacy(kernel[:5001]) + lz4_legacy(kernel[5001:])))):
        bench.accepts(f"legacy lz4{what}", "-l", bench.write(name, data),
                      check=lambda plan: example.check_kernel(plan, kernel))
    for what, data, says in (
            ("cut", good[:-1], "cut short"), ("of nothing", good[:4], "cut short"),
            ("with another size after", good + struct.pack("<I", len(kernel) + 1), "cut short"),
            ("with garbage after", good + b"garbage", "7 bytes after the end"),
            ("with a wrong byte", good[:8] + bytes([255] * 64) + good[72:], "damaged")):
        bench.refuses(f"legacy lz4 {what}", "-l", bench.write(name, data), says=says, names=name,
                      status=255)
    bench.refuses("a bomb of legacy lz4", "-l", bench.write(name, lz4_legacy(bytes(256 * MIB))),
                  says="more than the limit of", names=name, machine=bench.small)


def stored_blocks(bench):
    kernel, name = bench.kernel, "kernel.lzo"
    good = images.lzop(kernel, 5001)
    for what, data in (("", good), (" with zeros after", good + bytes(64)), (
            " of two members", images.lzop(kernel[:5001]) + images.lzop(kernel[5001:]))):
        bench.accepts(f"lzo{what}", "-l", bench.write(name, data),
                      check=lambda plan: example.check_kernel(plan, kernel))
    for what, data, says in (
            ("cut", good[:-1], "cut short"), ("of nothing", images.lzop(b""), "to nothing"),
            ("with garbage after", good + b"garbage", "7 bytes after the end"),
            ("with a wrong byte in its header", flipped(good, 15), "checksum of its header"),
            ("with a wrong byte in a block", flipped(good, 999), "checksum of a block"),
            ("with a block of 4 GiB", good[:38] + b"\xff" * 8 + good[46:], "size of a block")):
        bench.refuses(f"lzo {what}", "-l", bench.write(name, data), says=says, names=name,
                      status=255)


def huge_claims(bench):
    """Headers with sizes that exceed any memory."""
    magic, content = struct.pack("<I", 0xFD2FB528), b"\x19\0\0abc"    # a raw last block
    for name, header in (
            ("single segment of 2^60", b"\xe0" + struct.pack("<Q", 1 << 60)),
            ("content of 2^60", b"\xc0\x00" + struct.pack("<Q", 1 << 60)),
            ("content of 2^64-1", b"\xc0\x00" + b"\xff" * 8),
            ("window of 2^41", b"\x00\xff")):
        bench.refuses(f"zstd, {name}", "-l", bench.write("huge.zst", magic + header + content),
                      says="window|damaged|limit|memory|Cannot determine", names="huge.zst")
    bench.refuses("zstd with a skippable frame of 4 GiB", "-l",
                  bench.write("skip.zst", struct.pack("<II", 0x184D2A50, 0xFFFFFFFF)),
                  says="cut short|damaged", names="skip.zst", status=255)
    good = lzma.compress(bench.kernel, format=lzma.FORMAT_ALONE)
    for name, dictionary, size in (("3 GiB of dictionary", 0xC0000000, (1 << 64) - 1),
                                   ("4 GiB of dictionary", 0xFFFFFFFF, (1 << 64) - 1),
                                   ("256 GiB of content", 1 << 23, (1 << 38) - 1)):
        header = good[:1] + struct.pack("<IQ", dictionary, size)
        bench.refuses(f"lzma, {name}", "-l", bench.write("huge.lzma", header + good[13:]),
                      says="memory|limit|damaged|cut short", names="huge.lzma", status=255)
    good = bytearray(lzma.compress(bench.kernel))
    size = (good[12] + 1) * 4    # the block header, its CRC last; byte 4 tells the dictionary
    good[12 + 4] = 40
    good[12 + size - 4:12 + size] = struct.pack("<I", zlib.crc32(bytes(good[12:12 + size - 4])))
    bench.refuses("xz, 4 GiB of dictionary", "-l", bench.write("huge.xz", bytes(good)),
                  says="takes [0-9]+ bytes of memory", names="huge.xz", status=255)
    crc = struct.pack("<BBBBIBB", 0x1F, 0x8B, 8, 0x0E, 0, 0, 3)    # FHCRC, FEXTRA and FNAME
    for name, rest in (("extra field", struct.pack("<H", 0xFFFF) + b"x" * 10),
                       ("name without an end", struct.pack("<H", 0) + b"n" * 70000)):
        bench.refuses(f"gzip, {name}", "-l", bench.write("head.gz", crc + rest),
                      says="cut short|damaged", names="head.gz")


def no_kernels(bench):
    uki = images.pe_header([(".linux", len(bench.kernel), len(bench.kernel), 0x1000),
                            (".initrd", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFF0)])
    pe = images.pe_header([])
    other = {
        "a text": b"This is not a kernel.\n" * 500,
        "a shell script": b"#!/bin/sh\nexit 0\n".ljust(2000, b"#"),
        "one byte": b"M",
        "MZ alone": b"MZ",
        "zeros": bytes(100000),
        "ones": b"\xff" * 100000,
        "an initrd": b"070701" + b"0" * 104 + b"TRAILER!!!\0".ljust(4000, b"\0"),
        "a UKI with a wild initrd": uki + bench.kernel,
        "a UKI without its kernel": uki,
        "a PE header beyond the end": b"MZ".ljust(0x3C, b"\0") + b"\xf0\xff\xff\xff" + bytes(500),
        "a negative PE header": b"MZ".ljust(0x3C, b"\0") + b"\xff\xff\xff\xff" + bytes(5000),
        "a PE file without sections": pe,
        "65535 PE sections": pe[:0x86] + b"\xff\xff" + pe[0x88:],
        "a multiboot header": struct.pack("<III", 0x1BADB002, 0, 0xE4524FFE).ljust(9000, b"\0"),
        "a net boot image": b"\x36\x13\x03\x1b".ljust(1024, b"\0"),
        "a boot sector": bytes(510) + b"\x55\xaa" + bytes(5000),
        "an uImage": struct.pack(">I", 0x27051956).ljust(5000, b"\1"),
        "an Image of another arch": example.FOREIGN_IMAGE,
        "bzip2": b"BZh91AY&SY" + images.noise(5000, "bzip2"),
        "lz4": b"\x02\x21\x4c\x18" + images.noise(5000, "lz4"),
        "lzo": b"\x89LZO\0\r\n\x1a\n" + images.noise(5000, "lzo"),
    }
    for seed in range(40):
        other[f"junk {seed}"] = images.noise(37 * seed * seed + 3, f"junk {seed}")
    for name, content in other.items():
        bench.refuses(name, "-l", bench.write("other", content),
                      says="^Cannot (determine the file type of|load) other|^other: ", names="other")
        if name in ("bzip2", "lz4", "lzo"):
            bench.refuses(f"{name}, by its name", "-l", "other", names="other",
                          says=f"^other: the {name} data is ")
        bench.refuses(f"{name} as bzImage64", "-l", "-t", "bzImage64", bench.write("o", content),
                      names="o", says="Cannot determine|Wrong file type|: ")
    for name in "pie", "rel":
        bench.accepts(f"the {name} purgatory", "-l", "bzImage", f"--purgatory={name}")
    for name, content in (*other.items(), ("vmlinux", example.vmlinux()),
                          ("bzImage", bench.kernel)):
        bench.refuses(f"{name} as purgatory", "-l", "bzImage",
                      f"--purgatory={bench.write('./purg', content)}", names="purg", status=1)
    for name, says in NO_FILES[:5]:
        bench.refuses(f"purgatory {name}", "-l", "bzImage", f"--purgatory=./{name}", says=says,
                      names=name, status=1)


def never_called(bench):
    """In the cage, where kexec_load would be answered: it must not be called."""
    cage = harness.Cage(bench.plain_kexec, bench.directory)
    good = gzip.compress(bench.kernel)
    bench.write("cut.gz", good[:-1])
    bench.write("sum.gz", flipped(good, -8))
    bench.write("cut", bench.kernel[:-16])
    bench.write("text", b"text" * 500)
    for args in (["cut.gz"], ["sum.gz"], ["cut"], ["text"], ["directory"], ["empty"],
                 ["/dev/zero"], ["bzImage", "--initrd=directory"], ["bzImage", "--initrd=empty"],
                 ["bzImage", "--initrd=/dev/zero"], ["bzImage", "--mem-max=0x1100000"],
                 ["bzImage", "--append=" + "x" * 2048], ["bzImage", "--purgatory=text"]):
        for action in "-l", "-f":
            result = cage.run(bench.machine, [action, *args])
            wrong = bench.unclear(result, "", args[0] if len(args) == 1 else "")
            if result.calls:
                wrong = f"calls {result.calls}, expected none"
            bench.suite.check(f"bad input is not loaded: {result.command[:80]}", wrong, result)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    for part in (special_files, pipes, sizes, damaged_archives, no_kernels, never_called):
        part(bench)
