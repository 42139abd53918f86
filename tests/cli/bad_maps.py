# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines that lie, are cut short or know nothing: /proc/iomem, /sys/firmware/memmap,
the command line, boot parameters, EFI tables."""

import random
import re

import bad
import harness

import rules
import x86

NO_LAYOUT = "^Could not get memory layout"
RAM = "00001000-0009fbff : System RAM\n00100000-3fffffff : System RAM\n"


def with_iomem(bench, text):
    """A machine whose only memory map is /proc/iomem."""
    return bench.machine_with({"sys/firmware/memmap": None, "proc/iomem": text})


def many_ranges(count, shuffled):
    """count ranges of a page, each second one of RAM, behind 256 MiB of RAM."""
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
    "an end before its start": (RAM + "5000-4fff : System RAM\n", "line 3: the range ends before"),
    "65 bits": ("10000000000000000-1ffffffffffffffff : System RAM\n", "line 1: "),
    "a number cut short": (RAM + "0010", "line 3: "),
    "decimal minus": ("-1--2 : System RAM\n", "line 1: "),
    "0x before numbers": ("0x1000-0x2000 : System RAM\n", "line 1: "),
    "a NUL byte": (RAM + "0000\0-1 : x\n", "line 3: a NUL byte"),
    "a long line": ("0" * 5000000 + "\n", "line 1: "),
    "binary": (bytes(range(1, 256)) * 1000, "line 1: "),
    "escapes": ("\x1b]0;title\x07 : x\n", "line 1: "),
    "only low RAM": ("00001000-0009fbff : System RAM\n", "free area"),
    "RAM smaller than a page": ("01000010-01000020 : System RAM\n",
                                "longer than 17 bytes, all the memory there is"),
    "all RAM kept for a crash kernel": ("00100000-3fffffff : System RAM\n"
                                        "  00100000-3fffffff : Crash kernel\n", "free area"),
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
    x86.check_bzimage(plan, bench.bzimage)
    highest = max(rules.place(segment)[1] for segment in plan["segments"])
    rules.require(highest == top, f"the highest segment ends at {top:#x}, not {highest:#x}")


def iomem(bench):
    for name, (text, says) in REFUSED_IOMEM.items():
        machine = with_iomem(bench, text)
        # What is left may be too little, and then it is no longer the map's fault.
        bench.refuses(f"iomem, {name}", "-l", "bzImage", machine=machine, says=says,
                      names="" if re.search("free area|all the memory", says) else "proc/iomem")
    for name, (text, top) in ACCEPTED_IOMEM.items():
        machine = with_iomem(bench, text)
        bench.accepts(f"iomem, {name}", "-l", "bzImage", "--initrd=initrd", machine=machine,
                      check=lambda plan, top=top: check_top(bench, plan, top))


def iomem_noise(bench):
    """Real lines, damaged at random: a plan or an error that names the line."""
    good = bytearray((harness.FIXTURES / "x86_64/proc/iomem").read_bytes())
    for seed in range(60):
        dice = random.Random(seed)
        text = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            at = dice.randrange(len(text))
            text[at:at + dice.randint(0, 3)] = bytes(dice.choices(range(256), k=dice.randint(0, 3)))
        bench.survives(f"iomem, damage {seed}", "-l", "bzImage", names="proc/iomem",
                       machine=with_iomem(bench, bytes(text)))


def firmware(*entries):
    """Files of /sys/firmware/memmap for (start, end, type)s."""
    files = {"sys/firmware/memmap": None}
    for i, values in enumerate(entries):
        for key, value in zip(("start", "end", "type"), values):
            if value is not None:
                files[f"sys/firmware/memmap/{i}/{key}"] = f"{value}\n" if value else ""
    return files


GOOD = [("0x0", "0x9fbff", "System RAM"), ("0x100000", "0x3fffffff", "System RAM")]
FIXTURE_TOP = 0x7FFE0000    # of RAM in the fixture's /proc/iomem
FALLBACK = "^warning: Parsing the /sys/firmware memory map failed. Falling back to /proc/iomem"

# name: (entries, what is said besides, where the highest segment must end)
FIRMWARE_MAPS = {
    "plain": (GOOD, "", 0x40000000),
    "in disorder": (GOOD[::-1], "", 0x40000000),
    "overlapping": (GOOD + [("0x20000000", "0x5fffffff", "System RAM")], "", 0x60000000),
    "partly reserved": (GOOD + [("0x20000000", "0x5fffffff", "Reserved")], "", 0x20000000),
    "to the end of the address space": (GOOD + [("0x40000000", "0xffffffffffffffff",
                                                 "Reserved")], "", 0x40000000),
    "all types": (GOOD + [(hex(0x40000000 + i * 0x1000), hex(0x40000FFF + i * 0x1000), kind)
                          for i, kind in enumerate((
                              "ACPI Tables", "ACPI Non-volatile Storage", "Persistent Memory",
                              "Persistent Memory (legacy)", "reserved", "Unusable memory",
                              "Unknown E820 type", "Uncached RAM", "Soft Reserved"))],
                  "", 0x40000000),
    "an unknown type": (GOOD + [("0x40000000", "0x5fffffff", "Chocolate")],
                        "^warning: [^\n]*unknown memory type 'Chocolate'", 0x40000000),
    "3000 entries": (GOOD + [(hex(0x40000000 + i * 0x2000), hex(0x40000FFF + i * 0x2000),
                              "System RAM") for i in range(3000)], "", 0x40000000),
    "a missing start": (GOOD + [(None, "0x5fffffff", "System RAM")], FALLBACK, FIXTURE_TOP),
    "a missing type": (GOOD + [("0x40000000", "0x5fffffff", None)], FALLBACK, FIXTURE_TOP),
    "an empty type": (GOOD + [("0x40000000", "0x5fffffff", "")], FALLBACK, FIXTURE_TOP),
    "a bad number": (GOOD + [("0x4000000g", "0x5fffffff", "System RAM")], FALLBACK, FIXTURE_TOP),
    "a number of 65 bits": (GOOD + [("0x0", "0x1ffffffffffffffff", "System RAM")], FALLBACK,
                            FIXTURE_TOP),
    "an end before its start": (GOOD + [("0x5000", "0x4000", "System RAM")], FALLBACK, FIXTURE_TOP),
    "no RAM": ([("0x0", "0xffffffff", "Reserved")], FALLBACK, FIXTURE_TOP),
}


def firmware_maps(bench):
    for name, (entries, warns, top) in FIRMWARE_MAPS.items():
        bench.accepts(f"memmap, {name}", "-l", "bzImage", machine=bench.machine_with(firmware(*entries)),
                      warns=warns, check=lambda plan, top=top: check_top(bench, plan, top))
    broken = {**firmware(("0x5000", "0x4000", "System RAM")), "proc/iomem": "nonsense\n"}
    result = bench.run("-l", "bzImage", machine=bench.machine_with(broken))
    errors = result.errors()
    fits = result.status == 255 and errors and "memmap/0" in errors[0] and "iomem" in errors[0]
    bench.suite.check("bad input, both memory maps broken",
                      None if fits else "expected one error that names both maps", result)
    bench.accepts("memmap without iomem", "-l", "bzImage", machine=bench.machine_with(
        {**firmware(*GOOD), "proc/iomem": None}), warns="^warning: [^\n]*where a crash kernel")
    # The kernel added EFI's entries to its own map only.
    machine = bench.machine_with({**firmware(("0x100000", "0x1000fff", "System RAM")),
                             "proc/cmdline": "x" * 600 + " add_efi_memmap\n"})
    bench.accepts("add_efi_memmap behind 600 characters", "-l", "bzImage", machine=machine,
                  check=lambda plan: check_top(bench, plan, FIXTURE_TOP))


# name: (fixture, changes, what is said besides)
ODD_MACHINES = {
    "no boot_params": ("x86_64", {"sys/kernel/boot_params": None}, "^warning: The boot parameters"),
    "short boot_params": ("x86_64", {"sys/kernel/boot_params/data": bytes(4095)},
                          "^warning: .*found 4095 bytes, expected 4096"),
    "long boot_params": ("x86_64", {"sys/kernel/boot_params/data": bytes(4097)},
                         "^warning: .*found 4097 bytes"),
    "boot_params of ones": ("x86_64", {"sys/kernel/boot_params/data": b"\xff" * 4096}, None),
    "no cpuinfo": ("x86_64", {"proc/cpuinfo": None}, ""),
    "cpuinfo of noise": ("x86_64", {"proc/cpuinfo": bytes(range(256)) * 99}, None),
    "no cmdline": ("x86_64", {"proc/cmdline": None}, ""),
    "no EFI tables": ("x86_64-efi", {"sys/firmware/efi": None}, None),
    "no EFI runtime map": ("x86_64-efi", {"sys/firmware/efi/runtime-map": None}, None),
    "an EFI range without type": ("x86_64-efi", {"sys/firmware/efi/runtime-map/1/type": None},
                                  None),
    "an EFI range that is no number": (
        "x86_64-efi", {"sys/firmware/efi/runtime-map/1/phys_addr": "0xnothing\n"}, None),
    "an EFI range of 2^64 pages": (
        "x86_64-efi", {"sys/firmware/efi/runtime-map/1/num_pages": "0xffffffffffffffff\n"}, None),
    "no EFI range 1": ("x86_64-efi", {"sys/firmware/efi/runtime-map/1": None}, None),
    "an EFI system table of noise": ("x86_64-efi", {"sys/firmware/efi/systab": b"\xff=\0" * 999},
                                     None),
    "EFI with boot_params of ones": ("x86_64-efi", {"sys/kernel/boot_params/data": b"\xff" * 4096},
                                     None),
}


def odd_machines(bench):
    for name, (fixture, changes, warns) in ODD_MACHINES.items():
        machine = bench.machine_with(changes, fixture)
        bench.accepts(f"machine with {name}", "-l", "bzImage", machine=machine,
                      warns="^warning: |^$" if warns is None else warns)
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
    bench.refuses("a file as sysroot", "-l", "bzImage", machine="bzImage", says=NO_LAYOUT)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    for part in (iomem, iomem_noise, firmware_maps, odd_machines):
        part(bench)
