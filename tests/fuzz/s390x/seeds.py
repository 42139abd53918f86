# SPDX-License-Identifier: GPL-2.0-or-later
import struct

from corpus import keep, live


def s390_image(mark=b"S390EP\0\1", version=0x11000, room=0xC00):
    """From 0x10000 on, which is what the fuzzer changes."""
    head = (bytes(8) + mark).ljust(0x428, b"\0") + struct.pack(">QQ", version, room)
    return (head.ljust(0x480, b"\0") + b"root=/dev/ram0 ro".ljust(0xB80, b"\0") +
            b"6.1.0".ljust(0x200, b"\0"))


for name, data in (("marked", s390_image()), ("old", s390_image(mark=bytes(8), room=0)),
                   ("odd", s390_image(version=0x11100, room=0xC01))):
    keep("s390_image", name, data)
    keep("s390_image", name + "-cut", data[:0xFFF])
    for end, size in (("-signed", 20), ("-lies", 0x10015 + len(data))):
        keep("s390_image", name + end, data + 20 * b"s" + struct.pack(">8xI", size) +
             b"~Module signature appended~\n")


keep("devicetree_live", "offline", live("s390x", {"block_size_bytes": b"10000000\n", "state": b"offline\n"}))
