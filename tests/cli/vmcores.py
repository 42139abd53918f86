# SPDX-License-Identifier: GPL-2.0-or-later
"""Small vmcores with a log in each of the three formats that kernels have had
(kernel: kernel/printk/), for both classes and byte orders, and what their log says."""

import struct

FORMATS = ("bytes", "records", "lockless")
PT_LOAD, PT_NOTE, ET_CORE = 1, 4, 4
NOTE = 0x200          # offsets in the file
LOAD = 0x1000
MEMORY = 0x4000       # bytes of the kernel's memory
# And in its memory.
POINTER, NUMBERS, RING, DESCS, INFOS, BUFFER = 0x10, 0x20, 0x40, 0x100, 0x800, 0x2000
BUFFER_SIZE = 0x1000
INFO_SIZE, RECORD_SIZE = 88, 16
COUNT_BITS = 5
LOG = [(i * 1234567891, i % 8, f"message {i} {'x' * (i * 7 % 60)}".encode()) for i in range(20)]
LOG += [(30 * 10**9, 6, b"two\nlines"), (31 * 10**9, 3, b"\x01 and \xc3\xa9"), (10**14, 4, b"late")]


class Vmcore:
    def __init__(self, log_format, bits=64, order="<"):
        self.bits, self.order, self.word = bits, order, bits // 8
        self.base = 0xFFFFFFFF81000000 if bits == 64 else 0xC1000000
        self.data = bytearray(LOAD + MEMORY)
        self.lines = ["OSRELEASE=6.1.0-made"]
        self.header()
        getattr(self, log_format)()
        self.note()

    def put(self, offset, size, value):
        code = {1: "B", 2: "H", 4: "I", 8: "Q"}[size]
        struct.pack_into(self.order + code, self.data, offset, value % (1 << 8 * size))

    def memory(self, offset, size, value):
        self.put(LOAD + offset, size, value)

    def pointer(self, offset, target):
        self.memory(offset, self.word, self.base + target)

    def symbol(self, name, offset):
        self.lines.append(f"SYMBOL({name})={self.base + offset:x}")

    def phdr(self, index):
        return 64 + 56 * index if self.bits == 64 else 52 + 32 * index

    def header(self):
        wide = self.bits == 64
        struct.pack_into("4sBBB", self.data, 0, b"\x7fELF", 2 if wide else 1,
                         1 if self.order == "<" else 2, 1)
        struct.pack_into(self.order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), self.data, 16,
                         ET_CORE, 21 if wide else 20, 1, 0, 64 if wide else 52, 0, 0,
                         64 if wide else 52, 56 if wide else 32, 2, 0, 0, 0)
        for i, (kind, at, address, size) in enumerate((
                (PT_NOTE, NOTE, 0, LOAD - NOTE), (PT_LOAD, LOAD, self.base, MEMORY))):
            if wide:
                values = (kind, 7, at, address, 0x1000000 * i, size, size, 0)
            else:
                values = (kind, at, address, 0x1000000 * i, size, size, 7, 0)
            struct.pack_into(self.order + ("IIQQQQQQ" if wide else "8I"), self.data, self.phdr(i),
                             *values)

    def note(self):
        text = "\n".join(self.lines).encode() + b"\nCRASHTIME=1700000000"
        struct.pack_into(self.order + "III12s", self.data, NOTE, 11, len(text), 0, b"VMCOREINFO")
        self.data[NOTE + 24:NOTE + 24 + len(text)] = text

    def level(self, level):
        """The byte of 5 bits of flags and 3 of level, as C lays bit fields out."""
        return level << 5 if self.order == "<" else level

    def bytes(self):
        log = whole_bytes()
        end = 3 * BUFFER_SIZE + 5    # the ring has turned
        for name, offset in (("log_buf", POINTER), ("log_end", NUMBERS),
                             ("log_buf_len", NUMBERS + 4), ("logged_chars", NUMBERS + 8)):
            self.symbol(name, offset)
        self.pointer(POINTER, BUFFER)
        self.memory(NUMBERS, 4, end)
        self.memory(NUMBERS + 4, 4, BUFFER_SIZE)
        self.memory(NUMBERS + 8, 4, len(log.lstrip(b".")))
        self.data[LOAD + BUFFER:LOAD + BUFFER + BUFFER_SIZE] = log[-5:] + log[:-5]

    def records(self):
        for name, offset in (("log_buf", POINTER), ("log_buf_len", NUMBERS),
                             ("log_first_idx", NUMBERS + 4), ("log_next_idx", NUMBERS + 8)):
            self.symbol(name, offset)
        self.lines += [f"SIZE(printk_log)={RECORD_SIZE}", "OFFSET(printk_log.ts_nsec)=0",
                       "OFFSET(printk_log.len)=8", "OFFSET(printk_log.text_len)=10",
                       "OFFSET(printk_log.dict_len)=12"]
        at = 0
        for ns, level, message in LOG:
            size = RECORD_SIZE + (len(message) + 3) // 4 * 4
            for offset, width, value in ((0, 8, ns), (8, 2, size), (10, 2, len(message)),
                                         (15, 1, self.level(level))):
                self.memory(BUFFER + at + offset, width, value)
            start = LOAD + BUFFER + at + RECORD_SIZE
            self.data[start:start + len(message)] = message
            at += size
        self.pointer(POINTER, BUFFER)
        self.memory(NUMBERS, 4, BUFFER_SIZE)
        self.memory(NUMBERS + 8, 4, at)

    def lockless(self):
        w = self.word
        self.symbol("prb", POINTER)
        self.lines += [f"SIZE({name})={value}" for name, value in (
            ("printk_ringbuffer", 20 * w), ("prb_desc", 3 * w), ("printk_info", INFO_SIZE))]
        self.lines += [f"OFFSET({name})={value}" for name, value in (
            ("printk_ringbuffer.desc_ring", 0), ("printk_ringbuffer.text_data_ring", 6 * w),
            ("prb_desc_ring.count_bits", 0), ("prb_desc_ring.descs", w),
            ("prb_desc_ring.infos", 2 * w), ("prb_desc_ring.head_id", 3 * w),
            ("prb_desc_ring.tail_id", 4 * w), ("prb_desc.state_var", 0),
            ("prb_desc.text_blk_lpos", w), ("prb_data_blk_lpos.begin", 0),
            ("prb_data_blk_lpos.next", w), ("printk_info.seq", 0), ("printk_info.ts_nsec", 8),
            ("printk_info.text_len", 16), ("printk_info.caller_id", 20),
            ("prb_data_ring.size_bits", 0), ("prb_data_ring.data", w),
            ("atomic_long_t.counter", 0))]
        self.pointer(POINTER, RING)
        self.memory(RING, 4, COUNT_BITS)
        self.pointer(RING + w, DESCS)
        self.pointer(RING + 2 * w, INFOS)
        first = 5 << COUNT_BITS    # the ring has turned
        self.memory(RING + 3 * w, w, first + len(LOG) - 1)
        self.memory(RING + 4 * w, w, first)
        self.memory(RING + 6 * w, 4, BUFFER_SIZE.bit_length() - 1)
        self.pointer(RING + 7 * w, BUFFER)
        at = 0
        for i, (ns, level, message) in enumerate(LOG):
            end = at + w + (len(message) + w - 1) // w * w
            for offset, value in ((0, 2 << self.bits - 2 | first + i), (w, at), (2 * w, end)):
                self.memory(DESCS + 3 * w * i + offset, w, value)
            for offset, size, value in ((0, 8, i), (8, 8, ns), (16, 2, len(message)),
                                        (19, 1, self.level(level)), (20, 4, 1)):
                self.memory(INFOS + INFO_SIZE * i + offset, size, value)
            self.memory(BUFFER + at, w, first + i)
            start = LOAD + BUFFER + at + w
            self.data[start:start + len(message)] = message
            at = end


def escaped(message):
    return "".join(chr(c) if 32 <= c < 127 or 9 <= c <= 13 else f"\\x{c:02x}" for c in message)


def whole_bytes():
    """The log of bytes as it lies in memory."""
    whole = b"".join(b"<%d>[%5d.%06d] %s\n" % (level, ns // 10**9, ns // 1000 % 10**6, message)
                     for ns, level, message in LOG)
    return whole.rjust(BUFFER_SIZE, b".")


def text(log_format, raw=False):
    """What is printed of the log, as bytes."""
    if log_format == "bytes":
        return escaped(whole_bytes()).encode()
    result = ""
    for ns, level, message in LOG:
        prefix = f"<{level}>" * raw + f"[{ns // 10**9:5}.{ns // 1000 % 10**6:06}] "
        result += prefix + escaped(message).replace("\n", "\n" + prefix * raw) + "\n"
    return result.encode()
