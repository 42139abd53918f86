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


def wait(guest, pattern):
    """The match of pattern in the screen, whose lines are joined by newlines."""
    while True:
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
