# SPDX-License-Identifier: GPL-2.0-or-later
"""Tagged images: a Linux kernel with a 16-bit entry, and a
program with a 32-bit entry that prints that it got its arguments."""

import pathlib
import struct

from nbi import ABSOLUTE, AFTER, FLAG_32BIT, LAST, SECTOR, image

SETUP, COMMAND_LINE, STUB, INITRD = 0x10000, 0x20000, 0x21000, 0x10000000
STACK_END = 0xE000

# Waits for ever unless the far pointer on the stack is that of the header; then enters the setup
# code as boot.rst describes it.
STUB_16BIT = bytes.fromhex(
    "89e5"                  # mov %sp,%bp
    "c45e04"                # les 4(%bp),%bx
    "2666813f3613031b"      # cmpl $0x1b031336,%es:(%bx)
    "75fe"                  # jne .
    "b80010 8ed8 8ec0 8ed0" # mov $0x1000,%ax, to ds, es, ss
    "bc00e0"                # mov $STACK_END,%sp
    "ea00002010")           # ljmp $0x1020,$0

# Prints "NBI" on the serial port, if its second argument is the header and the others are zeros.
STUB_32BIT = bytes.fromhex(
    "8b442408"      # mov 8(%esp),%eax
    "81383613031b"  # cmpl $0x1b031336,(%eax)
    "75fe"          # jne .
    "8b442404"      # mov 4(%esp),%eax
    "833800"        # cmpl $0,(%eax)
    "75fe"          # jne .
    "8b44240c"      # mov 12(%esp),%eax
    "833800"        # cmpl $0,(%eax)
    "75fe"          # jne .
    "66baf803"      # mov $0x3f8,%dx
    "b00aee b04eee b042ee b049ee b00aee"    # out: newline, N, B, I, newline
    "ebfe")         # jmp .


def linux(path, initrds, line):
    data = pathlib.Path(path).read_bytes()
    setup = bytearray(data[:(data[0x1F1] + 1) * SECTOR])
    kernel = data[len(setup):]
    setup[0x210] = 0xFF     # another loader
    setup[0x211] |= 0x80    # CAN_USE_HEAP
    struct.pack_into("<II", setup, 0x218, INITRD, len(initrds[0]))
    struct.pack_into("<H", setup, 0x224, STACK_END - 0x200)
    struct.pack_into("<I", setup, 0x228, COMMAND_LINE)
    return {"/kernel": image(STUB >> 4 << 16, [
        (ABSOLUTE, SETUP, bytes(setup), COMMAND_LINE - SETUP),
        (AFTER, 0, line.encode() + b"\0", STUB - COMMAND_LINE),
        (AFTER, 0, STUB_16BIT, 0),
        (ABSOLUTE, 0x100000, kernel, 0),
        (ABSOLUTE | LAST, INITRD, initrds[0], 0)])}


def program(_path, _initrds, _line):
    return {"/kernel": image(0x200010, [(ABSOLUTE | LAST, 0x200010, STUB_32BIT, 0x1000)],
                             FLAG_32BIT)}


def prints(run):
    run.command_ended()
    run.in_purgatory()
    run.guest.wait("NBI")
