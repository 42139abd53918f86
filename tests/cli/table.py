# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows of the contract, and the reasons for which ours and Debian's kexec-tools may differ in a
row."""

import dataclasses

# Reasons that many rows share.
USAGE = "the peer prints its whole help on stdout after an error, we one hint on stderr"
CONFLICT = "the peer does one of the two, or fails half-way; contradictions are refused up front"
QUIET = "the peer says nothing about what it ignores"
STRICT = "the peer takes numbers with nothing, an overflow or a sign in them"
OURS = "the peer has no such option"
KCORE = "for a crash load the peer reads the /proc/kcore of the machine that the test runs on"
YOUNG_FLAG = "the flag KEXEC_DEBUG is younger than Debian's kexec-tools"
YOUNG_FORMAT = "UKIs are younger than Debian's kexec-tools"
XEN = "Debian's kexec-tools has no live updates"
ORDER = "in the peer the order of the options decides which flags survive"


@dataclasses.dataclass
class Peer:
    """How Debian's kexec-tools differs from a row, and why that is right."""
    why: str
    changes: dict = dataclasses.field(default_factory=dict)
    skip: bool = False


def differs(why, **changes):
    """Only the named fields of the row differ."""
    return Peer(why, changes)


def skip(why):
    """The row is not run with the peer, whose result would mean nothing."""
    return Peer(why, skip=True)


@dataclasses.dataclass
class Row:
    """One command line and its expected outcome.

    out, err: a regular expression to find in the stream; "" means an empty stream, None
    anything.  calls: the system calls that change something, in order.
    """
    args: str
    status: int = 0
    calls: tuple = ()
    out: str = ""
    err: str = ""
    machine: str = "plain"
    inject: str = ""
    peer: Peer = None


LOAD = ("load",)
LOAD_SYNC = ("load", "sync")
DEBUG_LOAD_SYNC = ("load 0x10", "sync")    # strace does not know KEXEC_DEBUG
EXEC = ("sync", "ifdown", "reboot KEXEC")
FILE_LOAD = ("file_load NO_INITRAMFS",)
LOAD_CRASH = ("load ON_CRASH",)
UNLOAD = ("unload",)
UNLOAD_CRASH = ("unload ON_CRASH",)
HINT = r"Try 'kexec --help'"
NOT_LOADED = r"^Nothing has been loaded!"
NO_RETURN = r"^kexec failed: Invalid argument"
USAGE_OUT = "^kexec-tools [^\0]*Usage: kexec"


def usage(args, err, peer_err=None, **more):
    """A row for a usage error: status 1, nothing done, one hint."""
    changes = {"out": USAGE_OUT}
    if peer_err is not None:
        changes["err"] = peer_err
    return Row(args, 1, err=err + r"[^\0]*" + HINT,
               peer=differs(USAGE, **{"err": err, **changes}), **more)
