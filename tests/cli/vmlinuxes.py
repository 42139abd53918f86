# SPDX-License-Identifier: GPL-2.0-or-later
"""ELF kernels of arches that load a vmlinux as the Image it was made into."""

import struct

from bad_containers import patched

import images

GIB = 1 << 30


def vmlinuxes(bench, vmlinux, check):
    bench.write("vmlinux", vmlinux)
    bench.accepts("a vmlinux", "-l", "vmlinux", check=lambda plan: check(plan, bench.image))
    entry, = struct.unpack_from("<Q", vmlinux, 24)
    for value in (1, entry - 1, entry + 4, entry + 0x10000000, (1 << 64) - 1):
        bench.refuses(f"a vmlinux with its entry at {value:#x}", "-l",
                      bench.write("odd", patched(vmlinux, 24, "Q", value)),
                      says=f"the ELF entry {value:#x} is ", names="odd", status=255)
    for vaddr in (0, (1 << 64) - 0x1000, (entry + 4 * GIB) % (1 << 64)):
        bench.refuses(f"a vmlinux with a segment at {vaddr:#x}", "-l",
                      bench.write("odd", patched(vmlinux, 64 + 56 + 16, "Q", vaddr)),
                      says="too far apart|leave the address space", names="odd", status=255)
    bench.refuses("a vmlinux that is an object", "-l",
                  bench.write("odd", patched(vmlinux, 16, "H", 1)), says="of type 1, neither",
                  names="odd", status=255)
    bench.refuses("a vmlinux for an interpreter", "-l",
                  bench.write("odd", patched(vmlinux, 64, "I", images.PT_INTERP)),
                  says="Requires an ELF interpreter", names="odd", status=255)
    for size in range(0, 200, 11):
        bench.refuses(f"a vmlinux cut to {size} bytes", "-l",
                      bench.write("cut", vmlinux[:size]), names="cut")
