# SPDX-License-Identifier: GPL-2.0-or-later
"""A dump read without any code of the tree: from the ELF header to the text of
the kernel's log (System V ABI, chapter 5; Linux: admin-guide/kdump/vmcoreinfo.rst,
admin-guide/kdump/gdbmacros.txt, kernel/printk/printk_ringbuffer.c)."""

import collections
import os
import struct

from guest import Failure

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
NOTE = struct.Struct("<III")
ET_CORE, EM_X86_64, PT_LOAD, PT_NOTE, NT_PRSTATUS = 4, 62, 1, 4, 1
PAGE = 4096

# struct elf_prstatus of x86_64.
PRSTATUS_SIZE, PRSTATUS_PID, PRSTATUS_RIP = 336, 32, 112 + 16 * 8

# The kernel image is mapped here, all RAM in the linear map below.
TEXT_MAP = 0xffffffff80000000

# Entries of page tables (x86: Intel SDM volume 3, 4.5).
PRESENT, LARGE, TABLE_MASK = 1 << 0, 1 << 7, 0x000ffffffffff000

# printk_ringbuffer's descriptors: the two highest bits of state_var.
STATE_SHIFT = 62
COMMITTED, FINALIZED = 1, 2

Load = collections.namedtuple("Load", "offset vaddr paddr filesz memsz")
Cpu = collections.namedtuple("Cpu", "pid rip")
Block = collections.namedtuple("Block", "begin next")


def expect(condition, message):
    if not condition:
        raise Failure(f"vmcore: {message}")


def pages(load):
    """The physical pages that a load touches: [first, end)."""
    return load.paddr // PAGE, -(-(load.paddr + load.memsz) // PAGE)


class Vmcore:
    """An open dump; its ELF header, notes and loads have been checked for form."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.size = os.fstat(self.file.fileno()).st_size
        phdrs = self._headers()
        self.loads = [Load(offset, vaddr, paddr, filesz, memsz)
                      for kind, _, offset, vaddr, paddr, filesz, memsz, _ in phdrs
                      if kind == PT_LOAD]
        self.ram = [load for load in self.loads if load.vaddr < TEXT_MAP]
        self.image = [load for load in self.loads if load.vaddr >= TEXT_MAP]
        self.cpus = []
        self.info = None
        for kind, _, offset, _, _, filesz, *_ in phdrs:
            if kind == PT_NOTE:
                self._notes(self.read(offset, filesz))
        expect(self.info is not None, "no VMCOREINFO note")
        self._check_loads()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.file.close()

    def read(self, offset, size):
        data = os.pread(self.file.fileno(), size, offset)
        expect(len(data) == size, f"it ends before {offset:#x} + {size:#x}")
        return data

    def _headers(self):
        (ident, kind, machine, version, entry, phoff, shoff, flags, ehsize, phentsize, phnum,
         _, shnum, shstrndx) = EHDR.unpack(self.read(0, EHDR.size))
        expect(ident == b"\x7fELF\x02\x01\x01" + bytes(9), f"e_ident {ident}")
        expect((kind, machine, version) == (ET_CORE, EM_X86_64, 1),
               f"e_type {kind}, e_machine {machine}, e_version {version}")
        expect((entry, shoff, flags, shnum, shstrndx) == (0,) * 5,
               "an entry, flags or sections, where a core has none")
        expect((ehsize, phentsize) == (EHDR.size, PHDR.size),
               f"e_ehsize {ehsize}, e_phentsize {phentsize}")
        expect(phnum > 2, f"{phnum} program headers")
        return list(PHDR.iter_unpack(self.read(phoff, phnum * PHDR.size)))

    def _notes(self, data):
        at = 0
        while at < len(data):
            name_size, size, kind = NOTE.unpack_from(data, at)
            at += NOTE.size
            name = data[at:at + name_size].rstrip(b"\0")
            at += -(-name_size // 4) * 4
            content = data[at:at + size]
            expect(len(content) == size, f"note {name} ends behind its segment")
            at += -(-size // 4) * 4
            if name == b"CORE" and kind == NT_PRSTATUS:
                expect(size == PRSTATUS_SIZE, f"an NT_PRSTATUS of {size} bytes")
                self.cpus.append(Cpu(*struct.unpack_from("<i", content, PRSTATUS_PID),
                                     *struct.unpack_from("<Q", content, PRSTATUS_RIP)))
            elif name == b"VMCOREINFO":
                lines = content.rstrip(b"\0").decode().splitlines()
                expect(self.info is None, "two VMCOREINFO notes")
                self.info = dict(line.split("=", 1) for line in lines if "=" in line)

    def _check_loads(self):
        expect(self.ram and len(self.image) == 1,
               f"{len(self.ram)} loads of RAM, {len(self.image)} of the kernel image")
        linear = {(load.vaddr - load.paddr) % 2**64 for load in self.ram}
        expect(len(linear) == 1, "RAM in more than one linear map")
        for load in self.loads:
            expect(load.filesz == load.memsz > 0, f"{load}: p_filesz is not p_memsz")
            expect(load.offset % PAGE == load.paddr % PAGE, f"{load}: p_offset inside its page")
            expect(load.offset + load.filesz <= self.size, f"{load} ends behind the file")
        for which, ends in (("file", [(load.offset // PAGE, -(-(load.offset + load.filesz) // PAGE))
                                      for load in self.loads]),
                            ("physical", [pages(load) for load in self.ram])):
            ends.sort()
            for (_, end), (start, _) in zip(ends, ends[1:]):
                expect(end <= start, f"two loads share the {which} page {start * PAGE:#x}")

    def virtual(self, address, size):
        """size bytes at a virtual address of the first kernel."""
        for load in self.loads:
            if load.vaddr <= address and address + size <= load.vaddr + load.filesz:
                return self.read(load.offset + address - load.vaddr, size)
        raise Failure(f"vmcore: no load holds {address:#x} + {size:#x}")

    def physical(self, address):
        """Where the first kernel's page tables map a virtual address (four levels)."""
        image, = self.image
        table = self.symbol("init_top_pgt") - image.vaddr + image.paddr
        for shift in (39, 30, 21, 12):
            at = table + (address >> shift) % 512 * 8
            load = next((load for load in self.ram if load.paddr <= at < load.paddr + load.memsz),
                        None)
            expect(load, f"no load holds the page table at {at:#x}")
            entry = int.from_bytes(self.read(load.offset + at - load.paddr, 8), "little")
            expect(entry & PRESENT, f"{address:#x} was not mapped")
            table = entry & TABLE_MASK
            if shift == 12 or shift < 39 and entry & LARGE:
                return table >> shift << shift | address % (1 << shift)

    def word(self, address, size=8):
        return int.from_bytes(self.virtual(address, size), "little")

    def symbol(self, name):
        return int(self._info(f"SYMBOL({name})"), 16)

    def offset_of(self, field):
        return int(self._info(f"OFFSET({field})"))

    def size_of(self, struct_name):
        return int(self._info(f"SIZE({struct_name})"))

    def _info(self, key):
        expect(key in self.info, f"no {key} in VMCOREINFO")
        return self.info[key]

    def log(self):
        """The kernel's log: one (nanoseconds, text) per record, oldest first."""
        ring = self.word(self.symbol("prb"))
        descs = ring + self.offset_of("printk_ringbuffer.desc_ring")
        counter = self.offset_of("atomic_long_t.counter")
        count = 1 << self.word(descs + self.offset_of("prb_desc_ring.count_bits"), 4)
        first, last = (self.word(descs + self.offset_of(f"prb_desc_ring.{which}_id") + counter)
                       for which in ("tail", "head"))
        expect(last - first < count, f"log records {first} to {last} in a ring of {count}")
        text = Text(self, ring + self.offset_of("printk_ringbuffer.text_data_ring"))
        table = self.word(descs + self.offset_of("prb_desc_ring.descs"))
        infos = self.word(descs + self.offset_of("prb_desc_ring.infos"))
        records = []
        for number in range(first, last + 1):
            desc = table + number % count * self.size_of("prb_desc")
            state = self.word(desc + self.offset_of("prb_desc.state_var") + counter)
            if state % (1 << STATE_SHIFT) == number and \
               state >> STATE_SHIFT in (COMMITTED, FINALIZED):
                info = infos + number % count * self.size_of("printk_info")
                records.append(self._record(info, text, self._block(desc)))
        return records

    def _block(self, desc):
        block = desc + self.offset_of("prb_desc.text_blk_lpos")
        return Block(*(self.word(block + self.offset_of(f"prb_data_blk_lpos.{end}"))
                       for end in ("begin", "next")))

    def _record(self, info, text, block):
        length = self.word(info + self.offset_of("printk_info.text_len"), 2)
        return (self.word(info + self.offset_of("printk_info.ts_nsec")),
                text.of(block, length).decode("utf-8", "replace"))


class Text:
    """The ring of the log's bytes."""

    def __init__(self, core, address):
        bits = core.word(address + core.offset_of("prb_data_ring.size_bits"), 4)
        self.data = core.virtual(core.word(address + core.offset_of("prb_data_ring.data")),
                                 1 << bits)

    def of(self, block, length):
        size = len(self.data)
        if block.begin & 1:     # a record without text
            return b""
        # What does not fit behind the last one begins at the ring's start.
        begin = block.begin % size if block.begin // size == block.next // size or \
            block.next % size == 0 else 0
        end = block.next % size or size
        return self.data[begin + 8:min(begin + 8 + length, end)]


def printed(records):
    """The log as vmcore-dmesg prints it: a newline in a text stays one."""
    return "".join(f"[{when // 10**9:5}.{when // 1000 % 10**6:06}] {text}\n"
                   for when, text in records)


def check_machine(core, release, ram, cpus):
    """What is known of the first kernel: its release, bytes of RAM to be dumped, CPUs."""
    expect(core.info.get("OSRELEASE") == release,
           f"OSRELEASE {core.info.get('OSRELEASE')}, not {release}")
    expect(len(core.cpus) == cpus, f"{len(core.cpus)} NT_PRSTATUS notes for {cpus} CPUs")
    dumped = sum(load.memsz for load in core.ram)
    expect(dumped == ram, f"{dumped:#x} bytes of RAM, not {ram:#x}")
    image = core.image[0]
    for name in ("_stext", "prb"):
        address = core.symbol(name)
        expect(image.vaddr <= address < image.vaddr + image.memsz,
               f"{name} {address:#x} is not in the load of the kernel image")


def check_maps(core):
    """Loads have the virtual addresses that the first kernel's page tables have."""
    image, = core.image
    inside = [(image, address) for address in map(core.symbol, ("_stext", "prb"))]
    ends = [(load, load.vaddr + at) for load in core.ram for at in (0, load.memsz - 1)]
    for load, address in (image, image.vaddr), *inside, *ends:
        mapped = core.physical(address)
        expect(mapped == address - load.vaddr + load.paddr,
               f"{address:#x} was mapped to {mapped:#x}, which is not what {load} says")


def check_panic(core, panicked, pid):
    """Notes come in CPU order: the panicking CPU's has the process that panicked it."""
    expect(core.cpus[panicked].pid == pid,
           f"CPU {panicked} ran process {core.cpus[panicked].pid} by its note, {pid} by the log")
    image = core.image[0]
    for number, cpu in enumerate(core.cpus):
        expect(image.vaddr <= cpu.rip < image.vaddr + image.memsz,
               f"CPU {number} was at {cpu.rip:#x}, which is not in the kernel image")
