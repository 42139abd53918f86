# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines whose /proc/iomem or command line is damaged, missing or unusual."""

import random
import re

import bad
import harness
from harness import example

import rules

NO_LAYOUT = "^Could not get memory layout"
RAM = "00001000-0009fbff : System RAM\n00100000-3fffffff : System RAM\n"


def with_iomem(bench, text):
    """A machine whose only memory map is /proc/iomem."""
    return bench.machine_with({"sys/firmware/memmap": None, "proc/iomem": text})


def many_ranges(count, shuffled):
    """count ranges of a page, each second one of RAM, after 256 MiB of RAM."""
    lines = ["00001000-0009fbff : System RAM\n", "00100000-0fffffff : System RAM\n"]
    for i in range(count):
        start = 0x10000000 + i * 0x2000
        lines.append(f"{start:08x}-{start + 0xfff:08x} : {'System RAM' if i % 2 else 'Reserved'}\n")
    if shuffled:
        random.Random(1).shuffle(lines)
    return "".join(lines)


# name: (/proc/iomem, what the error says)
REFUSED_IOMEM = {
    "missing": (None, "Cannot open [^\n]*machine-[0-9]+/proc/iomem"),
    "empty": ("", "proc/iomem is empty"),
    "one newline": ("\n", "is empty"),
    "a text": ("hello\n", "line 1: expected '<hex>-<hex> : <name>': 'hello'"),
    "no System RAM": ("00000000-ffffffff : Reserved\n", "no System RAM"),
    "addresses hidden": ("00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n" * 9,
                         "all addresses are zero[^\0]*root"),
    "65 bits": ("10000000000000000-1ffffffffffffffff : System RAM\n", "line 1: "),
    "decimal minus": ("-1--2 : System RAM\n", "line 1: "),
    "0x before numbers": ("0x1000-0x2000 : System RAM\n", "line 1: "),
    "a long line": ("0" * 5000000 + "\n", "line 1: "),
    "binary": (bytes(range(1, 256)) * 1000, "line 1: "),
    "escapes": ("\x1b]0;title\x07 : x\n", "line 1: "),
    "only low RAM": ("00001000-0009fbff : System RAM\n", "free area"),
    "RAM smaller than a page": ("01000010-01000020 : System RAM\n",
                                "longer than 17 bytes, all the memory there is"),
    "all RAM kept for a crash kernel": ("00100000-3fffffff : System RAM\n"
                                        "  00100000-3fffffff : Crash kernel\n", "free area"),
}

CRASH_WARNING = ": where memory is reserved for a crash kernel may be wrong"
# name: (/proc/iomem, the warning): what the other lines say is used.
SKIPPED_LINES = {
    "an end before its start": (RAM + "5000-4fff : System RAM\n",
                                "line 3: the range ends before .*is skipped$"),
    "a number cut short": (RAM + "0010", "line 3: .*'0010' is skipped" + CRASH_WARNING),
    "a NUL byte": (RAM + "0000\0-1 : x\n", "line 3: a NUL byte.* is skipped" + CRASH_WARNING),
    "three blanks": ("   deadbeef-deadbeff : x\n" + RAM, "line 1: indentation .*is skipped$"),
    "three blanks before a reservation": (RAM + "   20000000-2fffffff : Crash kernel\n",
                                          "line 3: .*is skipped" + CRASH_WARNING),
    "several lines": (RAM + "a : x\nb : y\n" + "c : z\n",
                      "line 3: .*'a : x' is skipped, and 2 more lines$"),
}

# name: (/proc/iomem, where the highest segment must end)
ACCEPTED_IOMEM = {
    "plain": (RAM, 0x40000000),
    "descending": ("".join(reversed(RAM.splitlines(True))), 0x40000000),
    "overlapping": (RAM + "20000000-5fffffff : System RAM\n", 0x60000000),
    "reserved over RAM": (RAM + "10000000-3fffffff : Reserved\n", 0x10000000),
    "the same twice": (RAM * 2, 0x40000000),
    "no newline at the end": (RAM.rstrip("\n"), 0x40000000),
    "empty lines": (RAM.replace("\n", "\n\n"), 0x40000000),
    "upper case": (RAM.replace("3fffffff", "3FFFFFFF"), 0x40000000),
    "everything": ("00000000-ffffffffffffffff : System RAM\n"
                   "10000000-ffffffffffffffff : Reserved\n", 0x10000000),
    "deep nesting": (RAM + "".join(f"{' ' * 2 * i}30000000-30000fff : x\n" for i in range(200)),
                     0x40000000),
    "odd names": (RAM + f"40000000-40000fff : {'x' * 10000}\n50000000-50000fff :  : - : \n",
                  0x40000000),
    "a driver's memory": ("00100000-7fffffff : System RAM\n"
                          "  40000000-7fffffff : System RAM (kmem)\n", 0x40000000),
    "crash memory": ("00100000-7fffffff : System RAM\n"
                     "  40000000-5fffffff : Crash kernel\n  60000000-7fffffff : Crash kernel\n",
                     0x40000000),
    "50000 ranges": (many_ranges(50000, False), 0x10000000),
    "100000 ranges in disorder": (many_ranges(100000, True), 0x10000000),
}


def check_top(bench, plan, top):
    """Segments are placed at the highest free place, so one of them ends where RAM does."""
    example.check_kernel(plan, bench.kernel)
    highest = max(rules.place(segment)[1] for segment in plan["segments"])
    rules.require(highest == top, f"the highest segment ends at {top:#x}, not {highest:#x}")


def iomem(bench):
    for name, (text, says) in REFUSED_IOMEM.items():
        machine = with_iomem(bench, text)
        # The map may leave too little RAM: an error about the place does not name the map.
        bench.refuses(f"iomem, {name}", "-l", "bzImage", machine=machine, says=says,
                      names="" if re.search("free area|all the memory", says) else "proc/iomem")
    for name, (text, says) in SKIPPED_LINES.items():
        bench.accepts(f"iomem, {name}", "-l", "bzImage", machine=with_iomem(bench, text),
                      warns="^warning: .*proc/iomem, " + says)
    for name, (text, top) in ACCEPTED_IOMEM.items():
        machine = with_iomem(bench, text)
        bench.accepts(f"iomem, {name}", "-l", "bzImage", "--initrd=initrd", machine=machine,
                      check=lambda plan, top=top: check_top(bench, plan, top))


def iomem_noise(bench):
    """Real lines, damaged at random: a plan or an error that names the line."""
    good = bytearray((harness.FIXTURES / example.MACHINE / "proc/iomem").read_bytes())
    for seed in range(60):
        dice = random.Random(seed)
        text = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            at = dice.randrange(len(text))
            text[at:at + dice.randint(0, 3)] = bytes(dice.choices(range(256), k=dice.randint(0, 3)))
        bench.survives(f"iomem, damage {seed}", "-l", "bzImage", names="proc/iomem",
                       machine=with_iomem(bench, bytes(text)))


def odd_machines(bench):
    bench.refuses("no command line to reuse", "-l", "bzImage", "--reuse-cmdline",
                  machine=bench.machine_with({"proc/cmdline": None}), says="^--reuse-cmdline: ")
    bench.refuses("a command line of 1 MiB to reuse", "-l", "bzImage", "--reuse-cmdline",
                  machine=bench.machine_with({"proc/cmdline": "x" * (1 << 20)}),
                  says="^The command line has 1048576 characters, the kernel takes 2047")
    bench.refuses("a directory for a sysroot's iomem", "-l", "bzImage",
                  machine=bench.machine_with({"sys/firmware/memmap": None, "proc/iomem": None,
                                         "proc/iomem/x": "x"}), says=NO_LAYOUT)
    bench.refuses("no such sysroot", "-l", "bzImage", machine="nowhere", says=NO_LAYOUT,
                  status=255)
    bench.refuses("a file as sysroot", "-l", "bzImage", machine="bzImage",
                  says='^--sysroot: bzImage: tar header at 0x0: expected "ustar"')


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    for part in (iomem, iomem_noise, odd_machines):
        part(bench)
