# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernels that are cut short, ours and Debian's."""

import struct

import bad

import files
import images
import x86

MIB = 1 << 20


def truncated_kernels(bench):
    kernel, name = bench.kernel, "cut"
    check = lambda plan: x86.check_bzimage(plan, kernel)
    edges = (1, 0x1F1, 0x200, 0x206, 0x26C, 0x400, x86.SETUP_SIZE, x86.SETUP_SIZE + 0x200)
    for size in sorted({size + i for size in edges for i in (-1, 0, 1)} |
                       set(range(500, len(kernel), 9001)) | {len(kernel) - 16}):
        if size:
            bench.refuses(f"bzImage cut to {size} bytes", "-l", bench.write(name, kernel[:size]),
                          says="cut short|Cannot determine the file type", names=name)
    bench.accepts("bzImage with a signature after", "-l",
                  bench.write(name, kernel + images.noise(1472, "signature")))
    for less in 1, 15:    # syssize counts paragraphs of 16 bytes, and the last may be partial
        bench.accepts(f"bzImage without {less} bytes", "-l",
                      bench.write(name, kernel[:-less]),
                      check=lambda plan, part=kernel[:-less]: x86.check_bzimage(plan, part))
    bench.accepts("bzImage whole", "-l", bench.write(name, kernel), check=check)
    vmlinux = x86.vmlinux()
    for size in (4, 16, 52, 63, 64, 65, 119, 120, 231, 232, 0x1000, 0x1001, 0x5000, 0x9000,
                 0xA000, 0xBFFF, 0xC000, 0xC013):
        bench.refuses(f"vmlinux cut to {size} bytes", "-l", bench.write(name, vmlinux[:size]),
                      names=name)
    truncated_real_kernel(bench)


def truncated_real_kernel(bench):
    try:
        path = x86.debian_kernel()
    except files.MissingError as error:
        print(f"SKIP Debian's kernel cut short: {error}")
        bench.suite.failed += not files.HERMETIC
        return
    kernel, name = path.read_bytes(), "cut-real"
    syssize, = struct.unpack_from("<I", kernel, 0x1F4)
    needed = (kernel[0x1F1] + 1) * 512 + syssize * 16
    for size in (512, 1023, 1024, 4096, 16 << 10, MIB, needed // 2, needed - 4096, needed - 16):
        bench.refuses(f"Debian's kernel cut to {size} bytes", "-l",
                      bench.write(name, kernel[:size]),
                      says="cut short|Cannot determine the file type", names=name)
    for size in needed, len(kernel):
        bench.accepts(f"{size} bytes of Debian's kernel, all but a signature", "-l",
                      bench.write(name, kernel[:size]),
                      check=lambda plan, part=kernel[:size]: x86.check_bzimage(plan, part))


def run(suite, build, directory):
    truncated_kernels(bad.Bench(suite, build, directory))
