# SPDX-License-Identifier: GPL-2.0-or-later
"""Crash loads on machines with damaged or missing files.  The kernel drops the old crash image
before it looks at a new one: kexec must find the fault before the system call."""

import dataclasses
import shutil
import struct
import time

import bad
import harness
from harness import Cage

import crash
import images
import x86

CPU = f"{crash.CPUS}/cpu1"
IOMEM = (harness.FIXTURES / "x86_64/proc/iomem").read_text(encoding="ascii")
RESERVED = "  6f000000-7effffff : Crash kernel\n"
KCORE = x86.kcore(IOMEM)
HIDDEN = "0000000000000000 T _stext\n0000000000000000 T _text\n0000000000000000 B _end\n"
SYMBOLS = (f"{x86.TEXT:x} T _stext\n{x86.TEXT:x} T _text\n"
           f"{x86.TEXT + 0x2000000:x} B _end\n")
FILE_CALL = {"kexec_file_load": "retval=0"}
LIMIT = 2047        # of the synthetic bzImage
WORDS = len(" acpi_rsdp=0xf59d0 elfcorehdr=2073984K")
MANY_SECONDS = 10
# /proc/self/environ, from which the run-time of the sanitizers reads its options.
SANITIZERS = f"ASAN_OPTIONS=detect_leaks=0:exitcode={bad.SANITIZER_STATUS}\0".encode()

USE_FILE_CALL = "Load with -s (kexec_file_load), where the kernel writes the core header itself."
NOT_RESERVED = "Memory for crashkernel is not reserved"
RESERVE = ('Please reserve memory by passing "crashkernel=Y@X" parameter to kernel, then load '
           "again")
NO_LAYOUT = "Could not get memory layout: "
NO_HOTPLUG = "Leave --hotplug out and load again when CPUs or memory change."
NO_PLACE = "Free memory and what rules it out: "
NO_TEXT = "Can't find kernel text map area from kcore (/proc/kcore: "


@dataclasses.dataclass
class Refused:
    """error, hint: the two lines; hint: as it begins, "" for none.  both: by -s as well."""
    changes: dict
    error: str
    hint: str = ""
    options: str = ""
    status: int = 1
    both: bool = False


@dataclasses.dataclass
class Loaded:
    """warning: how the only line begins; mapping: as crash.mapping_of() returns it."""
    changes: dict
    warning: str = ""
    options: str = ""
    mapping: tuple = None


def reserve(*ranges):
    lines = "".join(f"  {first:08x}-{last:08x} : Crash kernel\n" for first, last in ranges)
    return {"proc/iomem": IOMEM.replace(RESERVED, lines)}


def ranges(count, size=1 << 28):
    """count more ranges of RAM, and a reservation of this size."""
    text = reserve((0x6F000000, 0x6F000000 + size - 1))["proc/iomem"]
    return {"proc/iomem": text + "".join(
        f"{start:x}-{start + 0xfff:x} : System RAM\n"
        for start in range(1 << 32, (1 << 32) + count * 0x2000, 0x2000))}


def kcore(index, **fields):
    """The usual one with other values in a program header; an index below 0: in the file's."""
    data = bytearray(KCORE)
    table = images.PROGRAM_HEADER if index >= 0 else images.ELF_HEADER
    for name, value in fields.items():
        offset, code = table[name]
        at = offset if index < 0 else images.EHDR_SIZE + index * images.PHDR_SIZE + offset
        struct.pack_into("<" + code, data, at, value)
    return {"proc/kcore": bytes(data)}


def notes(text):
    return {f"{CPU}/crash_notes": text}


def size(text):
    return {f"{CPU}/crash_notes_size": text}


def vmcoreinfo(text):
    return {"sys/kernel/vmcoreinfo": text}


def header_room(text):
    return {"sys/kernel/crash_elfcorehdr_size": text}


def not_dumped(file, what, first, last):
    return (f"{file}: the {what} at {first:#x}-{last:#x} is not in the memory to be dumped "
            "(System RAM of /proc/iomem without Crash kernel)")


def bad_notes(text):
    return f"/{CPU}/crash_notes: expected a hexadecimal address, found '{text}'"


def bad_size(text):
    return f"/{CPU}/crash_notes_size: expected a decimal size, found '{text}'"


def bad_vmcoreinfo(text):
    return ("/sys/kernel/vmcoreinfo: expected address and size in hexadecimal, found "
            f"'{text}'")


def no_room(amount, what, align=0x1000):
    return (f"Could not find a free area of memory of {amount:#x} bytes for the {what}, aligned "
            f"to {align:#x}")


def directory(name):
    """In place of a file, which root could read whatever its mode."""
    return {name: None, f"{name}/x": ""}


RESERVATIONS = {
    "no reservation": Refused(reserve(), NOT_RESERVED, RESERVE, both=True),
    "of one byte": Refused(reserve((0, 0)), NOT_RESERVED, RESERVE, both=True),
    "inverted": Refused(reserve((0x7EFFFFFF, 0x6F000000)), NOT_RESERVED, RESERVE, both=True),
    "outside RAM": Refused(reserve((0x200000000, 0x20FFFFFFF)), "The crash kernel's reservation "
                           "0x200000000-0x20fffffff (/proc/iomem) is not RAM",
                           "Boot with another crashkernel=, then load again.", both=True),
    "of all RAM": Refused(reserve((0, (1 << 64) - 1)),
                          not_dumped("/sys/kernel/vmcoreinfo", "note", 0x11FA000, 0x11FB023),
                          USE_FILE_CALL),
    "too small for the kernel": Refused(reserve((0x6F000000, 0x6F3FFFFF)),
                                        no_room(0x600000, "kernel", 0x200000), NO_PLACE +
                                        "0x100000-0x7ffdffff (the crash kernel's reservation at "
                                        "0x6f000000-0x6f3fffff)"),
    "too small for the backup": Refused(reserve((0x6F000000, 0x6F63FFFF)),
                                        no_room(0x9F000, "backup"), NO_PLACE),
    "too small for the header": Refused(ranges(10000, 0x700000), no_room(0x89000, "elfcorehdr"),
                                        NO_PLACE),
    "too small for the initrd": Refused(reserve((0x6F000000, 0x6F7FFFFF)),
                                        no_room(0x2DD000, "initrd"), NO_PLACE,
                                        options="--initrd=large"),
    "iomem missing": Refused({"proc/iomem": None}, NO_LAYOUT + "Cannot open /proc/iomem: No such "
                             "file or directory", "Mount procfs on /proc.", status=255),
    "iomem empty": Refused({"proc/iomem": ""}, NO_LAYOUT + "/proc/iomem is empty",
                           "kexec_file_load (-s) needs no memory map.", status=255),
    "iomem hidden": Refused({"proc/iomem": "00000000-00000000 : System RAM\n"}, NO_LAYOUT +
                            "/proc/iomem: all addresses are zero", "The kernel shows them to "
                            "root only", status=255),
    "70,000 ranges": Refused(ranges(70000), "elfcorehdr: 2 CPUs and 70003 ranges of memory need "
                             "more than the 65534 program headers that a crash kernel reads"),
}

NOTES = {
    "a word for an address": Refused(notes("what\n"), bad_notes("what"), USE_FILE_CALL),
    "nothing for an address": Refused(notes(""), bad_notes(""), USE_FILE_CALL),
    "two addresses": Refused(notes("1000 2000\n"), bad_notes("1000 2000"), USE_FILE_CALL),
    "an endless address": Refused(notes("f" * 100000), bad_notes("f" * 40), USE_FILE_CALL),
    "escapes": Refused(notes("\x1b]0;t\x07\n"), bad_notes("?]0;t?"), USE_FILE_CALL),
    "a NUL byte": Refused(notes("7fd3\0009400\n"), f"/{CPU}/crash_notes: expected a line of text, "
                          "found a NUL byte"),
    "an unreadable address": Refused(directory(f"{CPU}/crash_notes"), f"Cannot read /{CPU}/"
                                     "crash_notes: Is a directory"),
    "notes outside RAM": Refused(notes("f0000000\n"),
                                 not_dumped(f"/{CPU}/crash_notes", "place for notes", 0xF0000000,
                                            0xF000016F), USE_FILE_CALL),
    "notes in the reservation": Refused(notes("70000000\n"),
                                        not_dumped(f"/{CPU}/crash_notes", "place for notes",
                                                   0x70000000, 0x7000016F), USE_FILE_CALL),
    "notes at the end of the world": Refused(notes("fffffffffffffff0\n"), f"/{CPU}/crash_notes: no "
                                             "place for notes: address 'fffffffffffffff0', size "
                                             "'368'", USE_FILE_CALL),
    "2^63 bytes of notes": Refused(size(str(1 << 63)),
                                   not_dumped(f"/{CPU}/crash_notes", "place for notes", 0x7FD39400,
                                              0x800000007FD393FF), USE_FILE_CALL),
    "2^64 bytes of notes": Refused(size(str(1 << 64)), bad_size(1 << 64), USE_FILE_CALL),
    "no bytes of notes": Refused(size("0\n"), f"/{CPU}/crash_notes: no place for notes: address "
                                 "'7fd39400', size '0'", USE_FILE_CALL),
    "a size in hexadecimal": Refused(size("0x170\n"), bad_size("0x170"), USE_FILE_CALL),
    "an unreadable size": Refused(directory(f"{CPU}/crash_notes_size"), f"Cannot read /{CPU}/"
                                  "crash_notes_size: Is a directory"),
    "no sysfs": Refused({"sys/devices": None}, f"Cannot open /{crash.CPUS}: No such file or "
                        "directory", "That directory names the addresses of the CPUs' "
                        "crash notes: mount sysfs on /sys."),
    "vmcoreinfo of text": Refused(vmcoreinfo("x\n"), bad_vmcoreinfo("x"), USE_FILE_CALL),
    "vmcoreinfo without size": Refused(vmcoreinfo("0x11fa000\n"), bad_vmcoreinfo("0x11fa000"),
                                       USE_FILE_CALL),
    "vmcoreinfo that wraps": Refused(vmcoreinfo("0xffffffffffffff00 1024\n"),
                                     bad_vmcoreinfo("0xffffffffffffff00 1024"), USE_FILE_CALL),
    "vmcoreinfo outside RAM": Refused(vmcoreinfo("0xf0000000 1024\n"),
                                      not_dumped("/sys/kernel/vmcoreinfo", "note", 0xF0000000,
                                                 0xF0001023), USE_FILE_CALL),
    "vmcoreinfo of 2^63 bytes": Refused(vmcoreinfo("0x11fa000 8000000000000000\n"),
                                        not_dumped("/sys/kernel/vmcoreinfo", "note", 0x11FA000,
                                                   0x80000000011F9FFF), USE_FILE_CALL),
    "vmcoreinfo unreadable": Refused(directory("sys/kernel/vmcoreinfo"),
                                     "Cannot read /sys/kernel/vmcoreinfo: Is a directory"),
}

MAPPINGS = {
    "no kcore, no symbols": Refused({"proc/kcore": None}, NO_TEXT + "No such file or directory)",
                                    USE_FILE_CALL),
    "no kcore, hidden symbols": Refused({"proc/kcore": None, "proc/kallsyms": HIDDEN}, NO_TEXT +
                                        "No such file or directory)", "Addresses in /proc/kallsyms "
                                        "are enough: set the sysctl kernel.kptr_restrict below 2.  "
                                        + USE_FILE_CALL),
    "no kcore, symbols of noise": Refused({"proc/kcore": None,
                                           "proc/kallsyms": "zz T _text\n\xff\0 T _end\n"},
                                          NO_TEXT + "No such file or directory)", USE_FILE_CALL),
    "no kcore, an end before its start": Refused(
        {"proc/kcore": None,
         "proc/kallsyms": "ffffffff96a00000 T _text\nffffffff95a00000 B _end\n"},
        NO_TEXT + "No such file or directory)", USE_FILE_CALL),
    "no kcore, a kernel of 1 GiB": Refused(
        {"proc/kcore": None,
         "proc/kallsyms": "ffffffff80000000 T _text\nffffffffc0000000 B _end\n"},
        not_dumped("/proc/kallsyms", "kernel", 0x58400000, 0x983FFFFF), USE_FILE_CALL),
    "kcore empty": Refused({"proc/kcore": ""}, NO_TEXT + "not an ELF file with program headers)",
                           USE_FILE_CALL),
    "kcore of text": Refused({"proc/kcore": "hello\n" * 99}, NO_TEXT + "not an ELF file with "
                             "program headers)", USE_FILE_CALL),
    "kcore cut short": Refused({"proc/kcore": KCORE[:100]}, NO_TEXT + "cut short inside the "
                               "program headers)", USE_FILE_CALL),
    "kcore that claims 65,535 headers": Refused(kcore(-1, e_phnum=0xFFFF), NO_TEXT + "cut short "
                                                "inside the program headers)", USE_FILE_CALL),
    "kcore without headers": Refused(kcore(-1, e_phnum=0), NO_TEXT + "no segment holds the "
                                     "kernel)", USE_FILE_CALL),
    "kcore with headers far away": Refused(kcore(-1, e_phoff=(1 << 64) - 1), NO_TEXT + "not an "
                                           "ELF file with program headers)", USE_FILE_CALL),
    "kcore of class 7": Refused(kcore(-1, ei_class=7), NO_TEXT + "ELF class 7 is neither 1 (32 "
                                "bits) nor 2 (64 bits))", USE_FILE_CALL),
    "kcore with longer headers": Refused(kcore(-1, e_phentsize=57), NO_TEXT + "ELF program "
                                         "headers have 57 bytes each instead of 56)",
                                         USE_FILE_CALL),
    "a kernel outside RAM": Refused(kcore(1, p_paddr=1 << 40), not_dumped(
        "/proc/kcore", "kernel", 1 << 40, (1 << 40) + 0x27FFFFF), USE_FILE_CALL),
    "a kernel that wraps": Refused(kcore(1, p_paddr=(1 << 64) - 0x1000), NO_TEXT + "no segment "
                                   "holds the kernel)", USE_FILE_CALL),
    "a kernel of 2^62 bytes": Refused(kcore(1, p_memsz=1 << 62), NO_TEXT + "no segment holds the "
                                      "kernel)", USE_FILE_CALL),
}

NO_ROOM_TO_CHANGE = "crash_elfcorehdr_size: "
HOTPLUG = {
    "room that is missing": Refused({}, "Path /sys/kernel/crash_elfcorehdr_size does not exist, "
                                    "the kernel needs CONFIG_CRASH_HOTPLUG", NO_HOTPLUG, both=True),
    "room of 0 bytes": Refused(header_room("0\n"), "Path /sys/kernel/crash_elfcorehdr_size does "
                               "not exist, the kernel needs CONFIG_CRASH_HOTPLUG", NO_HOTPLUG,
                               both=True),
    "room that is a word": Refused(header_room("many\n"), NO_ROOM_TO_CHANGE + "expected a decimal "
                                   "size, found 'many'", NO_HOTPLUG, both=True),
    "room of 20 digits": Refused(header_room("9" * 20), NO_ROOM_TO_CHANGE + "expected a decimal "
                                 f"size, found '{'9' * 20}'", NO_HOTPLUG, both=True),
    "room of 2^64 - 1 bytes": Refused(header_room(str((1 << 64) - 1)), NO_ROOM_TO_CHANGE +
                                      "the elfcorehdr has a size of 0xffffffffffffffff bytes, "
                                      "which no memory can hold"),
    "room of 1 GiB": Refused(header_room(str(1 << 30)), NO_ROOM_TO_CHANGE +
                             no_room(1 << 30, "elfcorehdr"), NO_PLACE),
    "room too small": Refused(header_room("512"), "elfcorehdr: 1024 bytes are needed, the "
                              "kernel's crash_elfcorehdr_size is 512", NO_HOTPLUG),
}

COMMAND_LINES = {
    "one character too many": Refused(
        {}, f"Command line overflow: it has {LIMIT + 1} characters with the {WORDS} that a crash "
        f"kernel needs, the kernel takes {LIMIT}", "Shorten --append or --command-line.",
        options="--append=" + "x" * (LIMIT - WORDS + 1)),
    "a megabyte to reuse": Refused(
        {"proc/cmdline": "x" * (1 << 20)}, f"The command line has {1 << 20} characters, the "
        f"kernel takes {LIMIT}", f"{1 << 20} of them come from --reuse-cmdline.",
        options="--reuse-cmdline"),
}

FINE = {
    "the usual machine": Loaded({}),
    "CPUs 0, 2 and 7": Loaded({CPU: None, **crash.cpus((0, 2, 7))}),
    "a CPU without notes": Loaded({f"{CPU}/crash_notes": None, f"{CPU}/crash_notes_size": None}),
    "no size of notes": Loaded({f"{CPU}/crash_notes_size": None}),
    "no CPU with notes": Loaded({f"{crash.CPUS}/cpu0": None, CPU: None},
                                "no CPU has crash notes: the dump will lack all registers"),
    "no vmcoreinfo": Loaded(vmcoreinfo(None), "the kernel has no /sys/kernel/vmcoreinfo"),
    "hidden symbols": Loaded({"proc/kallsyms": HIDDEN}),
    "symbols without kcore": Loaded({"proc/kcore": None, "proc/kallsyms": SYMBOLS},
                                    "where the kernel maps memory is unknown",
                                    mapping=((0x58400000, 0x2000000, x86.TEXT),
                                             0xFFFF888000000000)),
    "two reservations": Loaded(reserve((0x10000000, 0x17FFFFFF), (0x6F000000, 0x7EFFFFFF))),
    "two that touch": Loaded(reserve((0x60000000, 0x6EFFFFFF), (0x6F000000, 0x7EFFFFFF))),
    "two that overlap": Loaded(reserve((0x6F000000, 0x7EFFFFFF), (0x70000000, 0x7EFFFFFF))),
    "the same twice": Loaded(reserve((0x6F000000, 0x7EFFFFFF), (0x6F000000, 0x7EFFFFFF))),
    "no whole pages": Loaded(reserve((0x6F000010, 0x7EFFFF0F))),
    "a tight one": Loaded(reserve((0x6F000000, 0x6F7FFFFF)),
                          "the crash kernel may run out of memory: 8 MiB are reserved"),
    "10,000 ranges": Loaded(ranges(10000)),
    "10,000 ranges and their words": Loaded(ranges(10000), options="--pass-memmap-cmdline"),
    "room that is a word, not asked for": Loaded(header_room("many\n")),
    "room for more": Loaded(header_room("917616\n"), options="--hotplug"),
    "the longest command line": Loaded({}, options="--append=" + "x" * (LIMIT - WORDS)),
}


class CrashBench(bad.Bench):
    """Runs a load in the cage, with the shipped build and the one with sanitizers."""

    def __init__(self, suite, build, work):
        super().__init__(suite, build, work)
        self.write("large", images.noise(3000000, "large"))
        self.machine = work / "crash-machine"
        builds = dict.fromkeys((self.plain_kexec, self.kexec))
        self.cages = [Cage(kexec, work) for kexec in builds]

    def make(self, changes):
        shutil.rmtree(self.machine, ignore_errors=True)
        harness.make_machine(self.machine, files={"proc/kcore": KCORE,
                                                  "proc/self/environ": SANITIZERS, **changes})

    def load(self, cage, call, options):
        result = cage.run(self.machine, [*call, "-p", "bzImage", *options.split()],
                          "kexec_file_load:retval=0")
        # Those of the sanitizers, which miss the real /proc.
        result.err = "".join(line + "\n" for line in result.err.splitlines()
                             if "WARNING: reading executable name failed" not in line)
        return result


def not_refused(result, row):
    lines = result.errors()
    if result.calls:
        return "a call was made: the old crash kernel is gone"
    if result.status != row.status:
        return f"status {result.status}, expected {row.status}"
    if result.out or lines[:1] != [row.error]:
        return f"the error is not {row.error!r}"
    if len(lines) != (2 if row.hint else 1) or not lines[-1].startswith(row.hint or row.error):
        return f"the hint does not begin with {row.hint!r}"
    return None


def not_loaded(result, calls, warning):
    if result.status or result.calls != calls:
        return f"expected the calls {calls}"
    lines = result.err.splitlines()
    start = f"warning: {warning}" if warning else ""
    if len(lines) != bool(warning) or not "".join(lines).startswith(start):
        return f"expected the warning {warning!r} alone"
    return None


def by_file(row):
    flags = "" if "--initrd" in row.options else " NO_INITRAMFS"
    return ["file_load ON_CRASH" + flags]


def refused(bench, name, row):
    bench.make(row.changes)
    for cage in bench.cages:
        result = bench.load(cage, ["-c"], row.options)
        bench.suite.check(f"bad crash load, {name}", bench.crashed(result) or
                          not_refused(result, row), result)
        # A load that fails with kexec_load may succeed with kexec_file_load.
        for call in (["-s"], []) if cage == bench.cages[0] or row.both else ():
            result = bench.load(cage, call, row.options)
            wrong = not_refused(result, row) if row.both else None
            if not row.both and result.status == 0 and result.calls != by_file(row):
                wrong = f"expected the calls {by_file(row)}"
            elif not row.both and result.status and result.calls:
                wrong = "it fails after a call was made"
            bench.suite.check(f"bad crash load, {name}, kexec_file_load",
                              bench.crashed(result) or wrong, result)


def fine(bench, name, row):
    bench.make(row.changes)
    flags = " 0x4" if "--hotplug" in row.options else ""
    for cage in bench.cages:
        start = time.monotonic()
        result = bench.load(cage, ["-c"], row.options)
        wrong = not_loaded(result, ["load ON_CRASH" + flags], row.warning)
        if time.monotonic() - start > MANY_SECONDS:
            wrong = f"it took more than {MANY_SECONDS} s"
        bench.suite.check(f"odd crash load, {name}", bench.crashed(result) or wrong, result)
    bench.accepts(f"crash load, {name}", "-c", "-p", "bzImage", *row.options.split(),
                  machine=bench.machine,
                  warns=f"^warning: {row.warning}" if row.warning else "",
                  check=lambda plan: crash.check(plan, bench.machine, row.mapping))


def run(suite, build, work):
    bench = CrashBench(suite, build, work)
    for table in RESERVATIONS, NOTES, MAPPINGS, COMMAND_LINES:
        for name, row in table.items():
            refused(bench, name, row)
    for name, row in HOTPLUG.items():
        refused(bench, name, dataclasses.replace(row, options="--hotplug"))
    for name, row in FINE.items():
        fine(bench, name, row)
    bench.make({})
    for name, kernel, helps in (("vmlinux", x86.vmlinux(), "load the bzImage of this kernel, which can be moved"),
                                ("bzImage", x86.bzimage(relocatable_kernel=0),
                                 "build it with CONFIG_RELOCATABLE")):
        bench.refuses(f"crash load, a {name} that cannot be moved", "-c", "-p",
                      bench.write("fixed", kernel), machine=bench.machine, status=1,
                      says="does not allow\nThis kernel cannot be moved into the crash "
                           f"kernel's memory: {helps}, or .*ADDRESS[.]$")
