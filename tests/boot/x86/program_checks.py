# SPDX-License-Identifier: GPL-2.0-or-later
"""What programs that are no Linux must show after the jump."""

import re
import struct

from guest import Failure
from x86 import screen

COREBOOT_TABLE = 0x500


def shows(*patterns):
    """The text screen contains the patterns, one after the other."""
    def expect(run):
        run.command_ended()
        run.in_purgatory()
        for pattern in patterns:
            screen.wait(run.guest, pattern)
    return expect


def takes_commands(run):
    """iPXE offers its prompt for two seconds, and the BIOS's keyboard works there."""
    shows("iPXE initialising devices")(run)
    screen.wait(run.guest, "iPXE>", keys=("ctrl", "b"))
    screen.wait(run.guest, "iPXE> e+", keys="e")


def tests_memory(run):
    """memtest86+: a test runs, all memory is known, and the clock goes on."""
    shows("Status: Testing")(run)
    found = screen.wait(run.guest, r"Testing: .* of (\d+)MB\]").group(1)
    if int(found) != run.case.memory - 1:
        raise Failure(f"memtest86+ tests {found} MiB of {run.case.memory}")
    screen.wait(run.guest, r"Time: +0:00:0[1-9]")


def tests_memory_of_uefi(run):
    """The same on the serial port: the screen is a framebuffer."""
    run.command_ended()
    run.in_purgatory()
    run.guest.wait(r"Time: +0:00:0[1-9] +Status: Testing")


def said(run, pattern):
    """The groups of the pattern in what the first kernel printed."""
    for line in run.guest.lines:
        match = re.search(pattern, line)
        if match:
            return match.groups()
    raise Failure(f"the first kernel did not print '{pattern}'")


def draws_line(run):
    """The multiboot example draws a blue diagonal into the framebuffer that it was given."""
    run.command_ended()
    width, height, pitch = map(int, said(run, r"efifb: mode is (\d+)x(\d+)x32, linelength=(\d+)"))
    base = int(said(run, r"efifb: framebuffer at (\w+)")[0], 16)
    run.in_purgatory()
    file = run.guest.monitor.with_name("pixels")
    while True:
        run.guest.pass_time(0.5)
        run.guest.ask_monitor("pmemsave", val=base, size=pitch * height, filename=str(file))
        pixels = file.read_bytes()
        diagonal = [struct.unpack_from("<I", pixels, pitch * at + 4 * at)[0]
                    for at in range(min(width, height))]
        if set(diagonal) == {0xff}:
            return


def ranges_of(run):
    """(start, size, is RAM) of the memory map that the firmware gave to the first kernel."""
    found = [re.search(r"BIOS-e820: \[mem 0x(\w+)-0x(\w+)\] (\w+)", line)
             for line in run.guest.lines]
    bounds = [(int(match[1], 16), int(match[2], 16), match[3]) for match in found if match]
    return [(start, last + 1 - start, kind == "usable") for start, last, kind in bounds]


def gets_multiboot(run):
    """The specification's example prints all that it was given.

    On a text screen it then draws a diagonal, so that a line's number is the column of a
    character that is lost.
    """
    shows("Halted")(run)
    text = "\n".join(screen.read(run.guest))
    for pattern in (r"lags = 0x124d", r"/kernel one two\n", r"_count = 2,"):
        if not re.search(pattern, text):
            raise Failure(f"the screen does not show '{pattern}':\n{text}")
    modules = re.findall(r"= 0x(\w+), mod_end = 0x(\w+), cmdline = (.*)", text)
    words = [words for _, _, words in modules]
    if words != ["/initrd0 three four", "/initrd1.gz"]:
        raise Failure(f"the modules have the command lines {words}")
    for (start, end, _), content in zip(modules, run.initrds):
        size = int(end, 16) - int(start, 16)
        if run.guest.read_ram(int(start, 16), size) != content:
            raise Failure(f"the {size} bytes of a module at 0x{start} are not those of its file")
    ranges = [(int(high + low, 16), int(size_high + size_low, 16), kind == "1")
              for high, low, size_high, size_low, kind in re.findall(
                  r"addr = 0x(\w+)(\w{8}), length = 0x(\w+)(\w{8}), type = 0x(\w)", text)]
    if ranges != ranges_of(run):
        raise Failure(f"the memory map has {ranges}, not {ranges_of(run)}")


def checksum(data):
    """The internet checksum that coreboot's tables have."""
    total = sum(struct.unpack(f"<{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def coreboot_table(memory):
    """A table of coreboot that describes RAM from 0 on (coreboot: commonlib/coreboot_tables.h)."""
    ranges = ((0, 0xa0000), (1 << 20, memory - (2 << 20)))
    record = b"".join(struct.pack("<QQI", start, size, 1) for start, size in ranges)
    record = struct.pack("<II", 1, 8 + len(record)) + record
    fields = len(record), checksum(record), 1
    header = struct.pack("<4sIIIII", b"LBIO", 24, 0, *fields)
    return struct.pack("<4sIIIII", b"LBIO", 24, checksum(header), *fields) + record


def finds_coreboot(pattern):
    """The host puts coreboot's table where that firmware leaves it: QEMU's firmware has none."""
    def expect(run):
        run.command_ended()
        run.guest.wait("STAGE1 paused")
        run.guest.write_ram(COREBOOT_TABLE, coreboot_table(run.case.memory << 20))
        run.guest.resume()
        run.in_purgatory()
        screen.wait(run.guest, pattern)
    return expect
