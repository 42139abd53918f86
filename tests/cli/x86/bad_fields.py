# SPDX-License-Identifier: GPL-2.0-or-later
"""Every field of the headers of bzImage and ELF at its extremes: a plan that keeps the
rules or one clear error, and for the fields that matter the right one of the two."""

import struct

import bad

import images
import rules
import x86


def extremes(code, now):
    """0, 1, the greatest value, values around the sign bit and around the present value."""
    bits = 8 * struct.calcsize("<" + code)
    top = 1 << bits
    values = {0, 1, 2, 3, top - 1, top - 2, top // 2 - 1, top // 2, top // 2 + 1, now - 1, now + 1,
              0x1000, 0x1001, 0x7FFFF000, 0x80000000, 0xFFFFF000, top - 0x1000}
    return sorted(value for value in values if 0 <= value < top and value != now)


# Expected outcomes: {field: {value: a part of the error, None: a plan}}.
BZIMAGE_OUTCOMES = {
    "setup_sects": {0: None, 255: "cut short"},    # 0 means 4
    "syssize": {x86.KERNEL_SIZE // 16 + 1: "cut short", 0xFFFFFFFF: "cut short", 0: None},
    "boot_flag": {0: "Cannot determine"},
    "magic": {0: "Cannot determine"},
    "version": {0: "Cannot determine", 0x01FF: "Cannot determine", 0x0200: None,
                0x020B: None, 0x020C: None, 0x020E: None, 0x0210: None,
                0xFFFF: None},
    "jump": {0: "setup header"},
    "jump_distance": {0: "setup header", 1: "setup header", 0x69: "setup header", 0x6A: None,
                      0x7F: None, 0xFF: None},
    "loadflags": {0: "Cannot determine", 0xFE: "Cannot determine"},
    "kernel_alignment": {0: "power of two", 3: "power of two", 0x1001: "power of two",
                         0x200001: "power of two", 0x80000000: None},
    "min_alignment": {0: None, 12: None, 22: "min_alignment", 64: "min_alignment",
                      255: "min_alignment"},
    "xloadflags": {0: None, 1: None, 2: None, 3: None},
    "relocatable_kernel": {0: None},
    "payload_offset": {0xFFFFFFFF: "payload", x86.KERNEL_SIZE: "payload"},
    "payload_length": {0xFFFFFFFF: "payload", x86.KERNEL_SIZE: "payload", 0: None},
    "pref_address": {0: None, 0x100000: None, 0x7FFFFFFF0000: "free area",
                     (1 << 64) - 1: "pref_address"},
    "init_size": {0: None, 1: None, x86.KERNEL_SIZE - 1: None, 0x7FFFFFFF: "free area",
                  0xFFFFFFFF: "free area"},
    "cmdline_size": {0: "takes 0", 8: "takes 8", 9: None, 0xFFFFFFFF: None},
    "initrd_addr_max": {0: None},    # the 64-bit protocol has no such limit
    "kernel_version": {0: None, 0xFFFF: None, x86.SETUP_SIZE - 0x201: None},
    "hardware_subarch": {0xFFFFFFFF: None},
}


def edit_bzimage(bench, field, value):
    kernel = x86.bzimage(**{field: value})
    check = lambda plan: x86.check_bzimage(plan, kernel)
    args = ("-l", bench.write("edited", kernel), "--initrd=initrd", "--append=nine char")
    name = f"bzImage with {field} {value:#x}"
    outcomes = BZIMAGE_OUTCOMES.get(field, {})
    if value not in outcomes:
        bench.survives(name, *args, names="edited", check=check)
    elif outcomes[value] is None:
        bench.accepts(name, *args, check=check)
    else:
        bench.refuses(name, *args, says=outcomes[value], names="edited")


def bzimage_fields(bench):
    for field, (_, code) in x86.SETUP_HEADER.items():
        values = set(extremes(code, x86.DEFAULTS.get(field, 0)))
        for value in sorted(values | set(BZIMAGE_OUTCOMES.get(field, {}))):
            edit_bzimage(bench, field, value)


def bzimage_combinations(bench):
    """Fields that are harmless alone."""
    for name, fields, says in (
            ("an end of the kernel beyond 2^64", {"pref_address": (1 << 64) - 0x200000,
                                                  "init_size": 0x400000}, "beyond|free area"),
            ("a place above the memory", {"pref_address": 1 << 46, "relocatable_kernel": 0},
             "free area|Invalid memory segment"),
            ("a fixed place that is not a page", {"pref_address": 0x1000001,
                                                  "relocatable_kernel": 0}, ""),
            ("an alignment above the memory", {"kernel_alignment": 0x80000000,
                                               "min_alignment": 31}, "free area"),
            ("a payload that wraps", {"payload_offset": 0xFFFFF000,
                                      "payload_length": 0x2000}, "payload")):
        bench.refuses(f"bzImage with {name}", "-l", bench.write("edited", x86.bzimage(**fields)),
                      says=says, names="edited")
    # A machine whose kernel uses 5-level paging cannot enter one that does not know it.
    machine = bench.directory / "la57"
    bad.harness.make_machine(machine, files={"proc/cpuinfo": "flags\t\t: fpu lm la57\n"})
    kernel = bench.write("old-paging", x86.bzimage(xloadflags=0x1F))
    bench.refuses("no 5-level paging", "-l", kernel, says="5-level paging", names=kernel,
                  machine=machine)
    bench.accepts("5-level paging", "-l", "bzImage", machine=machine)


def put_elf(image, table, offset, field, value):
    at, code = table[field]
    struct.pack_into("<" + code, image, offset + at, value)


def get_elf(image, table, offset, field):
    at, code = table[field]
    return struct.unpack_from("<" + code, image, offset + at)[0]


def elf_fields(bench):
    good = x86.vmlinux()
    places = [(images.ELF_HEADER, 0, "")]
    places += [(images.PROGRAM_HEADER, images.EHDR_SIZE + i * images.PHDR_SIZE, f"{i}.")
               for i in range(3)]
    for table, offset, prefix in places:
        for field, (_, code) in table.items():
            for value in extremes(code, get_elf(good, table, offset, field)):
                edited = bytearray(good)
                put_elf(edited, table, offset, field, value)
                bench.survives(f"vmlinux with {prefix}{field} {value:#x}", "-l",
                               bench.write("edited", bytes(edited)), names="edited",
                               check=elf_checker(field, edited))


def elf_checker(field, edited):
    """The rules about content cannot be checked where the edit moves the program headers."""
    if field in ("e_phoff", "e_phnum", "e_phentsize", "e_type"):
        return None
    return lambda plan: x86.check_elf(plan, bytes(edited))


LOAD = images.PT_LOAD
TEXT = images.noise(0x1000, "text")
LINUX = images.BANNER.ljust(0x1000, b"\0")
AT = 0x1000000

# name: (segments, entry, more arguments of x86.elf, what the error says)
ELF_FILES = {
    "no segment": ([], AT, {}, "no loadable segment|program header"),
    "no loadable one": ([(images.PT_NOTE, AT, TEXT, 0x1000, 4)], AT, {}, "no loadable segment"),
    "an interpreter": ([(LOAD, AT, TEXT, 0x1000, 0x1000),
                        (images.PT_INTERP, AT, b"/lib/ld.so\0", 11, 1)], AT, {},
                       "Requires an ELF interpreter"),
    "overlapping segments": ([(LOAD, AT, TEXT, 0x2000, 0x1000),
                              (LOAD, AT + 0x1000, LINUX, 0x1000, 0x1000)], AT, {}, "overlap"),
    "a last page at 2^64": ([(LOAD, (1 << 64) - 0x1008, LINUX, 0x1000, 8)], (1 << 64) - 0x1008, {},
                            "end of the address space"),
    "1 GiB in a shared page": ([(LOAD, AT, LINUX, 0x1004, 4),
                                (LOAD, AT + 0x1004, LINUX, 0x7E000000, 4)], AT, {},
                               "too far apart for a kernel"),
    "an entry outside": ([(LOAD, AT, LINUX, 0x1000, 0x1000)], 0x5000, {}, "entry 0x5000 is in no"),
    "an entry in the bss": ([(LOAD, AT, LINUX, 0x9000, 0x1000)], AT + 0x5000, {}, "is in no"),
    "a file part above its memory": ([(LOAD, AT, LINUX, 0x10, 0x1000)], AT, {},
                                     "filesz|memory|larger|more"),
    "no RAM there": ([(LOAD, 0x90000000, LINUX, 0x1000, 0x1000)], 0x90000000, {},
                     "Invalid memory segment 0x90000000 - 0x90000fff"),
    "crash memory there": ([(LOAD, 0x70000000, LINUX, 0x1000, 0x1000)], 0x70000000, {},
                           "Invalid memory segment"),
    "a segment half in RAM": ([(LOAD, 0x7FFDF000, LINUX, 0x2000, 0x1000)], 0x7FFDF000, {},
                              "Invalid memory segment"),
    "page 0": ([(LOAD, 0, LINUX, 0x1000, 0x1000)], 0, {}, "Invalid memory segment"),
    "17 segments": ([(LOAD, AT + i * 0x2000, LINUX, 0x1000, 0x1000) for i in range(17)], AT, {},
                    "would be segment 17, and the kernel takes 16"),
    "16 segments, none left for purgatory": (
        [(LOAD, AT + i * 0x2000, LINUX, 0x1000, 0x1000) for i in range(16)], AT, {},
        "would be segment 17"),
    "65 segments": ([(LOAD, AT + i * 0x2000, b"", 0x1000, 0x1000) for i in range(65)], AT, {},
                    "more than 64 loadable segments"),
    "a core file": ([(LOAD, AT, LINUX, 0x1000, 0x1000)], AT, {"kind": 4}, "type 4"),
    "an object file": ([(LOAD, AT, LINUX, 0x1000, 0x1000)], AT, {"kind": 1}, "type 1"),
    "another machine": ([(LOAD, AT, LINUX, 0x1000, 0x1000)], AT, {"machine": 183},
                        "^Cannot determine the file type"),
    "almost 2 GiB of memory": ([(LOAD, AT, LINUX, 0x7E000000, 0x1000)], AT, {},
                               "Invalid memory segment"),
    "2^64 - 1 of memory": ([(LOAD, AT, LINUX, (1 << 64) - 1, 0x1000)], AT, {}, ""),
    "an end at 2^64": ([(LOAD, (1 << 64) - 0x1000, LINUX, 0x1000, 0x1000)], (1 << 64) - 0x1000,
                       {}, ""),
    "a huge alignment, to be moved": ([(LOAD, 0x90000000, LINUX, 0x1000, 1 << 62)], 0x90000000,
                                      {"kind": images.ET_DYN}, ""),
    "an alignment of 3": ([(LOAD, AT, LINUX, 0x1000, 3)], AT, {}, "power of two"),
}


def elf_files(bench):
    for name, (segments, entry, more, says) in ELF_FILES.items():
        bench.refuses(f"ELF with {name}", "-l",
                      bench.write("elf", x86.elf(segments, entry, **more)), says=says,
                      names="elf")
    program = x86.elf([(LOAD, AT, TEXT, 0x1000, 0x1000)], AT)
    bench.accepts("ELF that is no Linux", "-l", bench.write("elf", program),
                  check=lambda plan: x86.check_elf(plan, program))
    for name, segments, wanted in (
            ("a segment inside a page", [(LOAD, AT + 8, LINUX, 0x1000, 8)], 1),
            ("two segments in a page", [(LOAD, AT, TEXT[:0x64], 0x64, 16),
                                        (LOAD, AT + 0x80, TEXT[:0x40], 0x1000, 16)], 1),
            ("segments that share a page, the last one first",
             [(LOAD, AT + 0x1800, TEXT, 0x1000, 16), (LOAD, AT, LINUX, 0x1800, 16)], 1),
            ("a segment in the padding of another", [(LOAD, AT, LINUX[:0x800], 0x800, 16),
                                                     (LOAD, AT + 0x800, TEXT[:8], 8, 16)], 1),
            ("two adjacent segments", [(LOAD, AT, TEXT, 0x1000, 0x1000),
                                       (LOAD, AT + 0x1000, LINUX, 0x1000, 0x1000)], 2),
            ("20 adjacent segments", [(LOAD, AT + i * 0x1000, TEXT[:0x34], 0x1000, 0x1000)
                                      for i in range(20)], 1)):
        entry = min(segments)[1]
        elf = x86.elf(segments, entry)
        bench.accepts(f"ELF with {name}", "-l", bench.write("elf", elf), check=lambda plan: (
            x86.check_elf(plan, elf),
            rules.require(sum(segment["name"].startswith("kernel.")
                              for segment in plan["segments"]) == wanted,
                          f"the kernel is {wanted} segments"),
            rules.require(int(plan["kernel_entry"], 16) == entry, "the entry is the ELF file's")))
    moved = x86.elf([(LOAD, 0x90000000 + 16, LINUX, 0x1000, 16)], 0x90000010, images.ET_DYN)
    bench.accepts("ELF inside a page, to be moved", "-l", bench.write("elf", moved),
                  check=lambda plan: (x86.check_elf(plan, moved), rules.require(
                      int(plan["kernel_entry"], 16) & 0xFFF == 16, "moved by whole pages")))
    thirteen = [(LOAD, AT + i * 0x2000, LINUX, 0x1000, 0x1000) for i in range(13)]
    elf = x86.elf(thirteen, AT)
    bench.accepts("ELF with 13 segments: 16 in all", "-l", bench.write("elf", elf),
                  "--initrd=initrd", check=lambda plan: x86.check_elf(plan, elf))
    header = struct.pack(">4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", 2, 2, 1, images.ET_EXEC,
                         x86.EM_X86_64, 1, AT, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    header += struct.pack(">IIQQQQQQ", LOAD, 7, 0x1000, AT, AT, 0x1000, 0x1000, 0x1000)
    bench.refuses("ELF of the other byte order", "-l",
                  bench.write("elf", header.ljust(0x1000, b"\0") + LINUX),
                  says="ELF file for x86-64 .machine 62, 64 bits, big endian", names="elf",
                  status=255)
    for size in (0, 4, 12, 13, 0x7FFFFFFF, 0xFFFFFFFF):
        # A note whose sizes lead nowhere; the banner still says that it is Linux.
        note = struct.pack("<III", size, size, 1) + b"Linux\0\0\0"
        elf = x86.elf([(LOAD, AT, LINUX, 0x1000, 0x1000),
                          (images.PT_NOTE, AT, note, len(note), 4)], AT)
        bench.accepts(f"ELF with a note of {size:#x} bytes", "-l", bench.write("elf", elf),
                      check=lambda plan, elf=elf: x86.check_elf(plan, elf))


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    for part in (bzimage_fields, bzimage_combinations, elf_fields, elf_files):
        part(bench)
