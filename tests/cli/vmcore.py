# SPDX-License-Identifier: GPL-2.0-or-later
"""vmcore-dmesg over good dumps, beside Debian's, and over dumps that are cut short or damaged: the
readable part is printed, and the exit status reports the rest."""

import json
import subprocess

import bad
import harness

import files
from vmcores import (BUFFER, DESCS, FORMATS, LOAD, LOG, NOTE, NUMBERS, POINTER, RING, text,
                     Vmcore, whole_bytes)

TIMEOUT = 20
KINDS = [(log_format, bits, order)
         for log_format in FORMATS for bits in (32, 64) for order in "<>"]
HUGE = (1 << 64) - 1

# name: (format, [(offset, size, value)], status or None for any).  Offsets are those of 64
# bits.  In headers the peer ends with the same status.
PHDRS = (64, 64 + 56)
HEADERS = {
    "no magic": ("lockless", [(0, 1, 0)], 4),
    "ident of version 2": ("lockless", [(6, 1, 2)], 5),
    "class 3": ("lockless", [(4, 1, 3)], 6),
    "byte order 0": ("lockless", [(5, 1, 0)], 7),
    "version 2": ("lockless", [(20, 4, 2)], 11),
    "program headers of 57 bytes": ("lockless", [(54, 2, 57)], 12),
    "65,534 program headers": ("lockless", [(56, 2, 65534)], 16),
    "program headers at the end of the world": ("lockless", [(32, 8, HUGE)], 16),
}
LIES = {
    "65,535 program headers": ("lockless", [(56, 2, 65535)], 50),
    "65,535 program headers, counted nowhere": ("lockless", [(56, 2, 65535), (40, 8, 1 << 63)], 10),
    "no program header": ("lockless", [(56, 2, 0)], 50),
    "memory of 2^63 bytes": ("lockless", [(PHDRS[1] + 32, 8, 1 << 63),
                                          (PHDRS[1] + 40, 8, 1 << 63)], 0),
    "memory of 2^64 - 1 bytes": ("records", [(PHDRS[1] + 32, 8, HUGE),
                                             (PHDRS[1] + 40, 8, HUGE)], 0),
    "notes of 2^63 bytes": ("bytes", [(PHDRS[0] + 32, 8, 1 << 63)], 0),
    "notes of 2^64 - 1 bytes": ("lockless", [(PHDRS[0] + 32, 8, HUGE)], 0),
    "memory at the end of the file's world": ("lockless", [(PHDRS[1] + 8, 8, HUGE)], 40),
    "memory after the file": ("bytes", [(PHDRS[1] + 8, 8, 1 << 40)], 40),
    "memory elsewhere": ("records", [(PHDRS[1] + 16, 8, 0x1000)], 30),
    "no memory in the file": ("lockless", [(PHDRS[1] + 32, 8, 0)], None),
    "a note with a name of 4 GiB": ("lockless", [(NOTE, 4, 0xFFFFFFFF)], 50),
    "a note with a text of 4 GiB": ("lockless", [(NOTE + 4, 4, 0xFFFFFFFF)], 50),
    "a text of 1 GiB in notes of 2 GiB": ("lockless", [(NOTE + 4, 4, 1 << 30),
                                                       (PHDRS[0] + 32, 8, 1 << 31)], 20),
    "2^60 descriptors": ("lockless", [(LOAD + RING, 4, 60)], 64),
    "2^26 descriptors": ("lockless", [(LOAD + RING, 4, 26)], 68),
    "2^60 bytes of text": ("lockless", [(LOAD + RING + 48, 4, 60)], 64),
    "2^31 bytes of text": ("lockless", [(LOAD + RING + 48, 4, 31)], 0),
    "a head far away": ("lockless", [(LOAD + RING + 24, 8, 1 << 60)], 68),
    "descriptors elsewhere": ("lockless", [(LOAD + RING + 8, 8, 0x5000)], None),
    "infos elsewhere": ("lockless", [(LOAD + RING + 16, 8, 0x5000)], 65),
    "text elsewhere": ("lockless", [(LOAD + RING + 56, 8, 0x5000)], 65),
    "a text that ends before its start": ("lockless", [(LOAD + DESCS + 8, 8, 8),
                                                       (LOAD + DESCS + 16, 8, 4)], 65),
    "records that lead in circles": ("records", [(LOAD + BUFFER + 8, 2, 0)], 68),
    "a first record outside": ("records", [(LOAD + NUMBERS + 4, 4, 0x7FFFFFFF)], 69),
    "a next record outside": ("records", [(LOAD + NUMBERS + 8, 4, 0xFFFFFFFF)], None),
    "records in 4 GiB": ("records", [(LOAD + NUMBERS, 4, 0xFFFFFFFF)], None),
    "records elsewhere": ("records", [(LOAD + POINTER, 8, 0x5000)], None),
    "bytes in no buffer": ("bytes", [(LOAD + NUMBERS + 4, 4, 0)], 52),
    "bytes in 4 GiB": ("bytes", [(LOAD + NUMBERS + 4, 4, 0xFFFFFFFF)], 52),
    "bytes elsewhere": ("bytes", [(LOAD + POINTER, 8, 0x5000)], None),
}


class Bench:
    def __init__(self, suite, build, directory):
        with_sanitizers = build / "san/sbin/vmcore-dmesg"
        self.suite = suite
        self.directory = directory
        plain = build / "sbin/vmcore-dmesg"
        self.ours = with_sanitizers if with_sanitizers.is_file() else plain
        try:
            self.peer = files.debian_kexec()[0].with_name("vmcore-dmesg")
        except (files.MissingError, OSError, subprocess.CalledProcessError):
            self.peer = None    # the contract says so

    def run(self, program, *args, stdin=subprocess.DEVNULL):
        return harness.run([program, *args], self.directory, bad.ENV, stdin, TIMEOUT)

    def write(self, data):
        (self.directory / "vmcore").write_bytes(data)
        return "vmcore"

    def check(self, name, result, status, out=None, lines=1):
        """lines: how many of stderr are an error or its hint, at most, when it fails."""
        wrong = None
        errors = result.errors()
        if result.status == bad.SANITIZER_STATUS or "Sanitizer" in result.err or (
                "runtime error" in result.err or result.status >= 128):
            wrong = "it crashed"
        elif status is not None and result.status != status:
            wrong = f"status {result.status}, expected {status}"
        elif out is not None and result.out != out.decode("utf-8", "replace"):
            wrong = "the log is another"
        elif bool(errors) != bool(result.status) or len(errors) > lines:
            wrong = f"{len(errors)} lines of errors"
        elif not result.err.isascii() or any(not line.isprintable() or len(line) > 400
                                             for line in result.err.splitlines()):
            wrong = "a line on stderr is endless or not printable"
        self.suite.check(f"vmcore-dmesg, {name}", wrong, result)


def good(bench):
    for log_format, bits, order in KINDS:
        name = f"{log_format}, {bits} bits, {'little' if order == '<' else 'big'} endian"
        vmcore = bench.write(Vmcore(log_format, bits, order).data)
        wanted = text(log_format)
        bench.check(name, bench.run(bench.ours, vmcore), 0, wanted)
        if bench.peer:
            # Debian's prints a log of bytes unescaped.
            bench.check(f"{name}, peer", bench.run(bench.peer, vmcore), 0,
                        whole_bytes() if log_format == "bytes" else wanted)
        for option in "-r", "--raw":
            bench.check(f"{name} {option}", bench.run(bench.ours, option, vmcore), 0,
                        text(log_format, raw=True))
        result = bench.run(bench.ours, "--json", vmcore)
        bench.check(f"{name} --json", result, 0)
        records = json.loads(result.out or "[]")
        # Of bytes the first line is what is left of an older one.
        found = [(record["ts_nsec"], record["level"]) for record in records][-len(LOG):]
        same = log_format == "bytes" or found == [(ns, level) for ns, level, _ in LOG]
        bench.suite.check(f"vmcore-dmesg, {name}, records", None if same and records else
                          "time and level are others", result)
        with open(bench.directory / vmcore, "rb") as stdin:
            bench.check(f"{name}, standard input", bench.run(bench.ours, "-", stdin=stdin), 0,
                        wanted)
        with subprocess.Popen(["cat", bench.directory / vmcore], stdout=subprocess.PIPE) as cat:
            bench.check(f"{name}, a pipe", bench.run(bench.ours, "-", stdin=cat.stdout), 0, wanted)


def usage(bench):
    vmcore = bench.write(Vmcore("lockless").data)
    (bench.directory / "empty").write_bytes(b"")
    (bench.directory / "text").write_bytes(b"This is a text.\n" * 100)
    for args, status, peer in (((), 1, True), ((vmcore, vmcore), 1, True), (("missing",), 2, True),
                               (("--nonsense", vmcore), 1, True), (("empty",), 3, True),
                               (("--\x1b[2J", vmcore), 1, False), (("-\x1b", vmcore), 1, False),
                               ((".",), 3, True), (("text",), 4, True), (("--help",), 0, False),
                               (("--version",), 0, False), (("--json", "missing"), 2, False)):
        name = " ".join(args).replace("\x1b", "ESC") or "no argument"
        bench.check(name, bench.run(bench.ours, *args), status, lines=2)
        if peer and bench.peer:
            found = bench.run(bench.peer, *args).status
            bench.suite.check(f"vmcore-dmesg, {name}, peer", None if found == status else
                              f"status {found}, expected {status}")
    with open("/dev/full", "wb") as full:
        status = subprocess.run([bench.ours, vmcore], cwd=bench.directory, env=bad.ENV, stdout=full,
                                stderr=subprocess.DEVNULL, timeout=TIMEOUT, check=False).returncode
    bench.suite.check("vmcore-dmesg, a full disk", None if status == 54 else f"status {status}")


def nothing_is_written(bench, build):
    """write() that returns 0 is an error, on every stream, and ends the program."""
    vmcore = bench.write(Vmcore("lockless").data)
    for program, status, *args in (("vmcore-dmesg", 54, vmcore), ("vmcore-dmesg", 2, "missing"),
                                   ("vmcore-dmesg", 54, "--help"), ("kexec", 1, "--version"),
                                   ("kexec", 1, "--help"), ("kexec", 255, "-l")):
        result = harness.run(["strace", "-f", "-o", "/dev/null", "-e", "inject=write:retval=0",
                              build / "sbin" / program, *args], bench.directory, bad.ENV,
                             timeout=TIMEOUT)
        bench.suite.check(f"{program} {' '.join(args)}, nothing is written",
                          None if result.status == status else f"status {result.status}", result)


def sparse(bench):
    """2^20 program headers, all but two in a hole: the time is that of what is in the file."""
    core = Vmcore("bytes")
    table, count = 0x10000, 1 << 20
    core.put(56, 2, 0xFFFF)
    core.put(40, 8, NOTE - 64)    # section header 0, which counts the program headers
    core.put(NOTE - 64 + 44, 4, count)
    core.put(32, 8, table)
    core.memory(NUMBERS, 4, 0x7FFFFFFE)
    core.memory(NUMBERS + 4, 4, 0x7FFFFFFF)    # of which one page is in the dump
    with open(bench.directory / "vmcore", "wb") as file:
        file.write(core.data)
        for i, at in enumerate((count // 2, count - 1)):
            file.seek(table + at * 56)
            file.write(core.data[core.phdr(i):core.phdr(i) + 56])
    for option in "--raw", "--json":
        bench.check(f"a sparse dump {option}", bench.run(bench.ours, option, "vmcore"), 52)


def lies(bench):
    for name, (log_format, edits, status) in {**HEADERS, **LIES}.items():
        vmcore = Vmcore(log_format)
        for edit in edits:
            vmcore.put(*edit)
        bench.write(vmcore.data)
        for option in "-r", "--json":
            bench.check(f"{name} {option}", bench.run(bench.ours, option, "vmcore"), status,
                        lines=2)
        if bench.peer and name in HEADERS:
            found = bench.run(bench.peer, "vmcore").status
            bench.suite.check(f"vmcore-dmesg, {name}, peer", None if found == status else
                              f"status {found}, expected {status}")


def truncated(bench):
    """Cut anywhere: never a crash, and success only where nothing of the log is missing."""
    for log_format, bits, order in KINDS:
        data = Vmcore(log_format, bits, order).data
        whole = text(log_format)
        for size in [*range(0, 0x300, 37), *range(0x300, len(data), 611)]:
            bench.write(data[:size])
            result = bench.run(bench.ours, "vmcore")
            complete = result.out.encode() == whole
            name = f"{log_format}, {bits} bits, {order}, cut after {size} bytes"
            bench.check(name, result, 0 if complete and not result.status else None, lines=2)
            if not complete and not result.status:
                bench.suite.check(f"vmcore-dmesg, {name}", "success without the whole log", result)


def run(suite, build, directory):
    bench = Bench(suite, build, directory)
    for part in (good, usage, sparse, lies, truncated):
        part(bench)
    nothing_is_written(bench, build)
