# SPDX-License-Identifier: GPL-2.0-or-later
"""Loads that a 32-bit kernel cannot do: calls, types, core headers and memory."""

import bad

import x86

RESERVED_HIGH = ("00001000-0009fbff : System RAM\n00100000-3fffffff : System RAM\n"
                 "100000000-13fffffff : System RAM\n  120000000-12fffffff : Crash kernel\n")
NO_CALL = "^Linux has no kexec_file_load on i386"
WRITTEN = {
    "elf64": x86.vmlinux(),
    "i386": x86.bzimage(xloadflags=0),
}

# (arguments, what the error says)
REFUSED = (
    ("-t bzImage64 -l bzImage", "^Unsupported kernel type bzImage64"),
    ("-t elf-x86_64 -l elf64", "^Unsupported kernel type elf-x86_64"),
    ("-l elf64", "^Cannot determine the file type of elf64.*\n.*ELF file for x86-64"),
    ("-l bzImage --mem-min=0x100000000", "free area.*\n.*--mem-min"),
    ("-l i386 --mem-min=0x38000000", "free area.*\n.*--mem-min"),
    ("-p i386 --real-mode", "with real mode entry"),
    ("-p elf64", "^Cannot determine the file type of elf64"),
)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory, "i386")
    pae = bench.machine_with({}, "i386-pae")
    high = bench.machine_with({"sys/firmware/memmap": None, "proc/iomem": RESERVED_HIGH})
    for name, content in WRITTEN.items():
        bench.write(name, content)
    for arguments, says in REFUSED:
        bench.refuses(f"i386: {arguments}", *arguments.split(), says=says, names="")
    bench.refuses("i386: a 32-bit header, memory above 4 GiB", "-p", "i386",
                  "--elf32-core-headers", machine=pae, names="",
                  says="does not fit into a 32-bit ELF header\n.*--elf32-core-headers")
    bench.refuses("i386: a reservation above 4 GiB", "-p", "i386", machine=high, names="",
                  says="below 4 GiB|below 896 MiB")
    for arguments in ("-p i386", "-p i386 --elf64-core-headers"):
        bench.accepts(f"i386: {arguments}, memory above 4 GiB", *arguments.split(), machine=pae)
    for arguments in ("-s -l bzImage", "-s -p i386"):
        result = bench.run(*arguments.split())
        suite.check(f"i386: {arguments}", bench.crashed(result) or (
            None if result.status == 253 and result.err.startswith(NO_CALL[1:]) else
            f"status {result.status}, expected 253 and {NO_CALL!r}"), result)
    result = bench.run("-a", "-l", "bzImage")
    suite.check("i386: -a chooses kexec_load", bench.crashed(result) or (
        None if '"method_why": "Linux has no kexec_file_load on this arch"' in result.out else
        "another reason, or another call"), result)
