# SPDX-License-Identifier: GPL-2.0-or-later
"""A dump read without any code of the tree: from the ELF header to the text of
the kernel's log (System V ABI, chapter 5; Linux: admin-guide/kdump/vmcoreinfo.rst,
admin-guide/kdump/gdbmacros.txt, kernel/printk/printk_ringbuffer.c)."""

import collections
import os
import struct

from guest import Failure

NOTE = struct.Struct("<III")
ET_CORE, PT_LOAD, PT_NOTE, NT_PRSTATUS = 4, 1, 4, 1
PAGE = 4096

# printk_ringbuffer's descriptors: the two highest bits of state_var.
COMMITTED, FINALIZED = 1, 2

Load = collections.namedtuple("Load", "offset vaddr paddr filesz memsz")
Cpu = collections.namedtuple("Cpu", "pid pc")
Block = collections.namedtuple("Block", "begin next")
ElfHeaders = collections.namedtuple("ElfHeaders", "ehdr phdr")

# By the bytes of an address.  The two order p_flags differently.
ELF_HEADERS = {4: ElfHeaders(struct.Struct("<16sHHIIIIIHHHHHH"), struct.Struct("<IIIIIIII")),
               8: ElfHeaders(struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ"))}


def expect(condition, message):
    if not condition:
        raise Failure(f"vmcore: {message}")


def pages(load):
    """The physical pages that a load touches: [first, end)."""
    return load.paddr // PAGE, -(-(load.paddr + load.memsz) // PAGE)


class Format:
    """What a dump of one machine looks like.

    word: bytes of a long, and of the ELF header's fields unless a test says so.  prstatus: struct elf_prstatus, its size and where pr_pid and
    the program counter are.  text_map: the kernel image is mapped from there on, and the
    linear map of all RAM is below; None: the image is in the linear map.  tables: the
    symbol of the kernel's page tables, tables_order their entries' byte order.
    """
    bits = 48                       # of an address that page tables look at
    shifts = (39, 30, 21, 12)       # where each level's index begins
    tables_order = "little"
    entry_size = 0                  # bytes of a page table's entry; 0: those of a long
    window = range(0)               # virtual addresses of all memory, which no page table maps

    def __init__(self, machine, word, prstatus, text_map, tables="swapper_pg_dir"):
        self.machine = machine
        self.word = word
        self.prstatus_size, self.pid, self.pc = prstatus
        self.text_map = text_map
        self.tables = tables

    def of(self, info):
        """The format of a dump with that VMCOREINFO."""
        return self



class Vmcore:
    """An open dump; its ELF header, notes and loads have been checked for form."""

    def __init__(self, path, form, elf_word=0):
        self.form = form
        self.elf_word = elf_word or form.word
        self.file = open(path, "rb")
        self.size = os.fstat(self.file.fileno()).st_size
        phdrs = self._headers()
        self.loads = [self._load(phdr) for phdr in phdrs if phdr[0] == PT_LOAD]
        self.cpus = []
        self.info = None
        for phdr in phdrs:
            if phdr[0] == PT_NOTE:
                notes = self._load(phdr)
                self._notes(self.read(notes.offset, notes.filesz))
        expect(self.info is not None, "no VMCOREINFO note")
        self.form = form = form.of(self.info)
        self.image = [load for load in self.loads if form.text_map and load.vaddr >= form.text_map]
        self.ram = [load for load in self.loads if load not in self.image]
        nowhere = (1 << 8 * self.elf_word) - 1  # the address of what has none
        self.mapped = [load for load in self.ram if load.vaddr != nowhere]
        self._check_loads()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.file.close()

    def read(self, offset, size):
        data = os.pread(self.file.fileno(), size, offset)
        expect(len(data) == size, f"it ends before {offset:#x} + {size:#x}")
        return data

    def _load(self, phdr):
        if self.elf_word == 8:
            _, _, offset, vaddr, paddr, filesz, memsz, _ = phdr
        else:
            _, offset, vaddr, paddr, filesz, memsz, _, _ = phdr
        return Load(offset, vaddr, paddr, filesz, memsz)

    def _headers(self):
        form = ELF_HEADERS[self.elf_word]
        (ident, kind, machine, version, entry, phoff, shoff, flags, ehsize, phentsize, phnum,
         _, shnum, shstrndx) = form.ehdr.unpack(self.read(0, form.ehdr.size))
        expect(ident == b"\x7fELF%c\1\1" % (self.elf_word // 4) + bytes(9), f"e_ident {ident}")
        expect((kind, machine, version) == (ET_CORE, self.form.machine, 1),
               f"e_type {kind}, e_machine {machine}, e_version {version}")
        expect((entry, shoff, flags, shnum, shstrndx) == (0,) * 5,
               "an entry, flags or sections, where a core has none")
        expect((ehsize, phentsize) == (form.ehdr.size, form.phdr.size),
               f"e_ehsize {ehsize}, e_phentsize {phentsize}")
        expect(phnum > 2, f"{phnum} program headers")
        return list(form.phdr.iter_unpack(self.read(phoff, phnum * phentsize)))

    def _notes(self, data):
        at = 0
        while at < len(data):
            name_size, size, kind = NOTE.unpack_from(data, at)
            at += NOTE.size
            name = data[at:at + name_size].rstrip(b"\0")
            at += -(-name_size // 4) * 4
            content = data[at:at + size]
            expect(len(content) == size, f"note {name} ends after its segment")
            at += -(-size // 4) * 4
            if name == b"CORE" and kind == NT_PRSTATUS:
                expect(size == self.form.prstatus_size, f"an NT_PRSTATUS of {size} bytes")
                pc = content[self.form.pc:self.form.pc + self.form.word]
                self.cpus.append(Cpu(*struct.unpack_from("<i", content, self.form.pid),
                                     int.from_bytes(pc, "little")))
            elif name == b"VMCOREINFO":
                lines = content.rstrip(b"\0").decode().splitlines()
                expect(self.info is None, "two VMCOREINFO notes")
                self.info = dict(line.split("=", 1) for line in lines if "=" in line)

    def _check_loads(self):
        expect(self.ram and len(self.image) == bool(self.form.text_map),
               f"{len(self.ram)} loads of RAM, {len(self.image)} of the kernel image")
        linear = {(load.vaddr - load.paddr) % 2**64 for load in self.mapped}
        expect(len(linear) == 1, "RAM in more than one linear map")
        for load in self.loads:
            expect(load.filesz == load.memsz > 0, f"{load}: p_filesz is not p_memsz")
            expect(load.offset % PAGE == load.paddr % PAGE, f"{load}: p_offset inside its page")
            expect(load.offset + load.filesz <= self.size, f"{load} ends after the file")
        for which, ends in (("file", [(load.offset // PAGE, -(-(load.offset + load.filesz) // PAGE))
                                      for load in self.loads]),
                            ("physical", [pages(load) for load in self.ram])):
            ends.sort()
            for (_, end), (start, _) in zip(ends, ends[1:]):
                expect(end <= start, f"two loads share the {which} page {start * PAGE:#x}")

    def virtual(self, address, size):
        """size bytes at a virtual address of the first kernel."""
        load = self.load_of(address, size)
        return self.read(load.offset + address - load.vaddr, size)

    def load_of(self, address, size=1):
        for load in self.loads:
            if load.vaddr <= address and address + size <= load.vaddr + load.memsz:
                return load
        raise Failure(f"vmcore: no load holds {address:#x} + {size:#x}")

    def image_of(self, address):
        """The load that is to hold an address of the kernel image."""
        load = self.load_of(address)
        expect(load in (self.image or self.mapped),
               f"{address:#x} is not in the load of the kernel image")
        return load

    def physical(self, address):
        """Where the first kernel's page tables map a virtual address."""
        form = self.form
        if address in form.window:
            return address - form.window.start
        table = self.symbol(form.tables)
        image = self.image_of(table)
        table += image.paddr - image.vaddr
        bits = form.bits
        for shift in form.shifts:
            size = form.entry_size or form.word
            at = table + address % (1 << bits) // (1 << shift) * size
            bits = shift
            load = next((load for load in self.ram if load.paddr <= at < load.paddr + load.memsz),
                        None)
            expect(load, f"no load holds the page table at {at:#x}")
            entry = int.from_bytes(self.read(load.offset + at - load.paddr, size),
                                   form.tables_order)
            present, last, table = form.entry(entry, shift)
            expect(present, f"{address:#x} was not mapped")
            if last:
                return table >> shift << shift | address % (1 << shift)

    def word(self, address, size=0):
        return int.from_bytes(self.virtual(address, size or self.form.word), "little")

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
            shift = 8 * self.form.word - 2
            if state % (1 << shift) == number and \
               state >> shift in (COMMITTED, FINALIZED):
                info = infos + number % count * self.size_of("printk_info")
                records.append(self._record(info, text, self._block(desc)))
        return records

    def _block(self, desc):
        block = desc + self.offset_of("prb_desc.text_blk_lpos")
        return Block(*(self.word(block + self.offset_of(f"prb_data_blk_lpos.{end}"))
                       for end in ("begin", "next")))

    def _record(self, info, text, block):
        length = self.word(info + self.offset_of("printk_info.text_len"), 2)
        return (self.word(info + self.offset_of("printk_info.ts_nsec"), 8),
                text.of(block, length).decode("utf-8", "replace"))


class Text:
    """The ring of the log's bytes."""

    def __init__(self, core, address):
        self.head = core.form.word     # of a block: its number
        bits = core.word(address + core.offset_of("prb_data_ring.size_bits"), 4)
        self.data = core.virtual(core.word(address + core.offset_of("prb_data_ring.data")),
                                 1 << bits)

    def of(self, block, length):
        size = len(self.data)
        if block.begin & 1:     # a record without text
            return b""
        # A record that does not fit after the last one begins at the start of the ring.
        begin = block.begin % size if block.begin // size == block.next // size or \
            block.next % size == 0 else 0
        end = block.next % size or size
        return self.data[begin + self.head:min(begin + self.head + length, end)]


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
    for name in ("_stext", "prb"):
        core.image_of(core.symbol(name))


def check_maps(core, unmapped):
    """Loads have the virtual addresses that the first kernel's page tables have.

    Memory before _stext, such as the kernel file's header, need not be mapped.
    """
    inside = [(core.image_of(address), address)
              for address in map(core.symbol, ("_stext", "prb"))]
    ends = [(load, load.vaddr + at) for load in core.mapped for at in (0, load.memsz - 1)]
    for load, address in *inside, *ends:
        mapped = core.physical(address)
        expect(mapped == address - load.vaddr + load.paddr,
               f"{address:#x} was mapped to {mapped:#x}, which is not what {load} says")
    expect((core.ram != core.mapped) == unmapped,
           f"{len(core.ram) - len(core.mapped)} loads of RAM without a virtual address")


def check_panic(core, panicked, pid):
    """Notes come in CPU order: the panicking CPU's has the process that panicked it."""
    expect(core.cpus[panicked].pid == pid,
           f"CPU {panicked} ran process {core.cpus[panicked].pid} by its note, {pid} by the log")
    for cpu in core.cpus:
        core.image_of(cpu.pc)
