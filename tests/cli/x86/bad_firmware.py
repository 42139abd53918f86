# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines whose /sys/firmware/memmap, boot parameters or EFI tables are damaged, missing or
unusual."""

import bad
from bad_maps import check_top


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
    result = bench.run("-c", "-l", "bzImage", machine=bench.machine_with(broken))
    errors = result.errors()
    fits = result.status == 255 and errors and "memmap/0" in errors[0] and "iomem" in errors[0]
    bench.suite.check("bad input, both memory maps broken",
                      None if fits else "expected one error that names both maps", result)
    bench.accepts("memmap without iomem", "-l", "bzImage", machine=bench.machine_with(
        {**firmware(*GOOD), "proc/iomem": None}), warns="^warning: [^\n]*where a crash kernel")
    # The kernel added EFI's entries to its own map only.
    machine = bench.machine_with({**firmware(("0x100000", "0x1000fff", "System RAM")),
                             "proc/cmdline": "x" * 600 + " add_efi_memmap\n"})
    bench.accepts("add_efi_memmap after 600 characters", "-l", "bzImage", machine=machine,
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
        bench.accepts(f"machine with {name}", "-c", "-l", "bzImage", machine=machine,
                      warns="^warning: |^$" if warns is None else warns)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    for part in (firmware_maps, odd_machines):
        part(bench)
