# SPDX-License-Identifier: GPL-2.0-or-later
"""The text screen of a PC's VGA card, as the host sees it (IBM: VGA, mode 3)."""

import re

from guest import Failure

VGA_TEXT = 0xb8000
COLUMNS, LINES = 80, 25


def read(guest):
    """The lines of the screen."""
    file = guest.monitor.with_name("screen")
    guest.ask_monitor("pmemsave", val=VGA_TEXT, size=COLUMNS * LINES * 2, filename=str(file))
    # A cell is a character and its colors.
    text = file.read_bytes()[::2].decode("cp437").replace("\0", " ")
    return [text[begin:begin + COLUMNS].rstrip() for begin in range(0, len(text), COLUMNS)]


def press(guest, *keys):
    """Presses keys of the PC's keyboard at the same time (QEMU: QKeyCode)."""
    guest.ask_monitor("send-key", keys=[{"type": "qcode", "data": key} for key in keys])


def wait(guest, pattern, keys=()):
    """The match of pattern in the screen, whose lines are joined by newlines.  Until it is there,
    the keys are pressed again and again."""
    while True:
        if keys:
            press(guest, *keys)
        lines = read(guest)
        match = re.search(pattern, "\n".join(lines))
        if match:
            return match
        try:
            guest.pass_time(0.5)
        except Failure as failure:
            for line in lines:
                guest.note(f"screen: {line}")
            raise Failure(f"{failure}, and the screen did not show '{pattern}'") from None
