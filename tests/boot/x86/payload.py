# SPDX-License-Identifier: GPL-2.0-or-later
"""kexec_test is loaded by each convention, and what it prints is compared with the conventions and
with the plan: the state of the CPU (Linux: arch/x86/boot.rst; GNU: Multiboot Specification 0.6.96,
Multiboot2 Specification 2.0; Xen: docs/misc/pvh.pandoc), and the tables.

The first kernel boots once.  Its state is saved, and each load begins with that state.  QEMU's own
loader starts kexec_test as well, which shows that its reports are right."""

import dataclasses
import hashlib
import json
import pathlib
import re
import secrets
import struct

import cases
import emulator
import nbi
from guest import Failure

SECONDS = 60
MODULES = {"/module0": secrets.token_bytes(5000), "/module1": secrets.token_bytes(4096),
           "/module2": b"x"}
MODULE_OPTIONS = "--module='/module0 one two' --module=/module1 --module='/module2  3'"
INITRD = secrets.token_bytes(70001)
INTERRUPT_AND_DIRECTION = 0x600
CR4_LA57 = 0x1000
CR0_ANY = 0x32                  # MP, ET, NE
FLAT_CODE = "00cf9b000000ffff"
LONG_CODE = "00af9b000000ffff"
FLAT_DATA = "00cf93000000ffff"
RESERVED = 64 << 20             # crashkernel=
SETUP = 0x10000                 # the real-mode part of a tagged image
TYPES = {"System RAM": 1, "ACPI Tables": 3, "ACPI Non-volatile Storage": 4,
         "Unusable memory": 5}
PLAN = "plan: "

# The first kernel's side: it carries out one line that the host types.
SCRIPT = 'head -c 1 /dev/random >/dev/null; say ready; read -r line </dev/console; eval "$line"'


def files(build):
    """What the first kernel needs."""
    built = build / "kexec_test"
    bzimage = (built / "kexec_test.bzImage").read_bytes()
    return {"/kexec_test": built / "kexec_test", "/kexec_test64": built / "kexec_test64",
            "/bzImage": bzimage, "/beoboot": beoboot(bzimage), "/initrd": INITRD,
            "/nbi16": nbi16(bzimage), "/nbi32": nbi.image(0x100000, [
                (nbi.ABSOLUTE | nbi.LAST, 0x100000, (built / "code_32.bin").read_bytes(), 0)],
                nbi.FLAG_32BIT), **MODULES}


def beoboot(bzimage):
    """u8 arch 1, u8 flags 1 (an initrd), u16 size of the command line, u32 sizes."""
    line = b"of the file\0"
    return struct.pack("<4sBBHII", b"BeoB", 1, 1, len(line), len(bzimage),
                       len(INITRD)) + line + bzimage + INITRD


def nbi16(bzimage):
    """The real-mode part finds its block by cs alone."""
    setup = (bzimage[0x1F1] + 1) * nbi.SECTOR
    return nbi.image((SETUP >> 4) + 0x20 << 16, [
        (nbi.ABSOLUTE, SETUP, bzimage[:setup], 0),
        (nbi.ABSOLUTE | nbi.LAST, 0x100000, bzimage[setup:], 0)])


@dataclasses.dataclass
class Report:
    """What kexec_test printed."""
    lines: list
    plan: dict
    uefi: bool = False      # the firmware of the first kernel

    def all(self, pattern):
        return [match for line in self.lines if (match := re.fullmatch(pattern, line))]

    def one(self, pattern):
        found = self.all(pattern)
        if len(found) != 1:
            raise Failure(f"{len(found)} lines '{pattern}'")
        return found[0]

    def number(self, name):
        return int(self.one(rf"{name}: ([0-9a-f]+)").group(1), 16)

    def registers(self):
        return {name: int(value, 16) for line in self.lines
                for name, value in re.findall(r"\b([er]?[a-ds][xip]|[er]?[sbd][pi]|r\d+|[c-g]s|ss|es): "
                                              "([0-9a-fA-F]{4,16})", line)}

    def segment(self, name):
        """(start, bytes) of a segment of the plan."""
        found = [s for s in self.plan["segments"] if s["name"] == name]
        if len(found) != 1:
            raise Failure(f"{len(found)} segments '{name}' in the plan")
        return int(found[0]["start"], 16), found[0]["data_size"]

    def memory(self):
        return [(int(m[1], 16), int(m[2], 16) + 1, int(m[3]))
                for m in self.all(r"memory: ([0-9a-f]+)-([0-9a-f]+) type (\d+)")]


def expect(what, found, wanted):
    if found != wanted:
        raise Failure(f"{what}: {found}, expected {wanted}")


def show(values):
    return {name: f"{value:#x}" for name, value in values.items()}


def check_registers(report, mode, **wanted):
    """All general registers but those wanted are 0, the segment registers flat."""
    found = report.registers()
    prefix = "r" if mode == 64 else "e"
    names = [prefix + name for name in ("ax", "bx", "cx", "dx", "si", "di", "sp", "bp")]
    if mode == 64:
        names += [f"r{number}" for number in range(8, 16)]
    wanted = {**{name: 0 for name in names}, **{prefix + name: v for name, v in wanted.items()}}
    if wanted[prefix + "sp"] is None:
        expect("a stack", found[prefix + "sp"] > 0x1000, True)
        wanted[prefix + "sp"] = found[prefix + "sp"]
    wanted.update({"cs": 0x10, **{name: 0x18 for name in ("ds", "es", "ss", "fs", "gs")}})
    expect("registers", show(found), show({name: wanted[name] for name in found}))
    expect("number of registers", len(found), len(wanted))


def check_state(report, mode, by_kernel=False):
    """The state in which each kernel starts in protected mode or long mode."""
    entry = int(report.plan["kernel_entry"], 16)
    report.one(rf"entered at {entry:#x} in {mode}-bit mode.*")
    flags = report.number("[er]flags")
    expect("flags", flags & INTERRUPT_AND_DIRECTION if by_kernel else flags, 0 if by_kernel else 2)
    cr0 = report.number("cr0")
    efer = report.number("efer")
    any_bits = CR0_ANY if mode == 64 or by_kernel else 0x10
    expect("CR0", f"{cr0 & ~any_bits:#x}", "0x80000001" if mode == 64 else "0x1")
    expect("CR4", report.number("cr4") & ~CR4_LA57, 0x20 if mode == 64 else 0)
    expect("EFER, LME and LMA", efer & 0x500, 0x500 if mode == 64 else 0)
    report.one("a20: on")
    if by_kernel:
        return
    report.one("idt: 0{8} 0+")
    limit, = report.one("gdt: ([0-9A-F]{8}) [0-9A-F]+").groups()
    expect("the GDT has its descriptors", int(limit, 16) >= 0x1f, True)
    report.one(f"descriptor 0010: {LONG_CODE if mode == 64 else FLAT_CODE}")
    report.one(f"descriptor 0018: {FLAT_DATA}")


def check_memory(report, from_zero):
    """As the plan has it.  Multiboot kernels get page 0, too, which Linux does not use."""
    wanted = []
    for entry in report.plan["memory"]:
        start, end = (int(entry[name], 16) for name in ("start", "end"))
        if from_zero and entry["type"] == "System RAM" and start <= 0x1000:
            start = 0
        wanted.append((start, end, TYPES.get(entry["type"], 2)))
    expect("memory map", report.memory(), wanted)


def check_command_line(report):
    found = report.one("command line at 0x[0-9a-f]+: (.*)").group(1)
    expect("command line", found, report.plan["command_line"])


def check_contents(line, place, content):
    start, end, digest = line
    expect("place", int(start, 16), place)
    expect("size", int(end, 16) + 1 - int(start, 16), len(content))
    expect("contents", digest, hashlib.sha256(content).hexdigest())


CONTENTS = "([0-9a-f]{16})-([0-9a-f]{16}) sha256 ([0-9a-f]{64})"


def check_modules(report):
    """Every module at a page of its own in the segment, in the order of the options."""
    place, _ = report.segment("modules")
    found = [match.groups() for match in report.all(f"module: {CONTENTS}: (.*)")]
    texts = ["/module0 one two", "/module1", "/module2  3"]
    expect("texts of the modules", [text for *_, text in found], texts)
    for line, content in zip(found, MODULES.values()):
        check_contents(line[:3], place, content)
        place += (len(content) + 4095) & ~4095


def check_framebuffer(report):
    """The screen that the firmware has set up."""
    report.one("framebuffer: 0x[0-9a-f]{8} pitch 5120, 1280x800 of 32 bits, type 1, "
               "red 16[+]8 green 8[+]8 blue 0[+]8" if report.uefi else
               "framebuffer: 0xb8000 pitch 160, 80x25 of 16 bits, type 2")


def check_basic_memory(report):
    memory = [entry for entry in report.memory() if entry[2] == 1]
    lower, upper = memory[0][1] >> 10, (memory[1][1] >> 10) - 1024
    report.one(f"lower memory: {lower} KiB")
    report.one(f"upper memory: {upper} KiB")


def multiboot1(report):
    check_state(report, 32)
    info, _ = report.segment("multiboot_info")
    check_registers(report, 32, ax=0x2badb002, bx=info, sp=None)
    report.one(f"multiboot information at {info:#x}")
    expect("flags", f"{report.number('flags'):#x}", "0x124d")
    report.one("loader: kexec .*")
    check_framebuffer(report)
    check_command_line(report)
    check_memory(report, True)
    check_basic_memory(report)
    check_modules(report)


def multiboot2(report, moved=False):
    check_state(report, 32)
    report.one("entered at .* for multiboot 2")
    info, size = report.segment("multiboot_info")
    check_registers(report, 32, ax=0x36d76289, bx=info, sp=None)
    report.one(f"multiboot 2 information at {info:#x}: {size} bytes")
    tags = sorted(int(tag.group(1)) for tag in report.all(r"tag (\d+): \d+ bytes"))
    firmware = [12, 13, 17] if report.uefi else [13, 14]
    expect("tags", tags, [0, 1, 2, 3, 3, 3, 4, 6, 8, *firmware, *([21] if moved else [])])
    report.one("loader: kexec .*")
    check_framebuffer(report)
    if moved:
        base, _ = report.segment("kernel.0")
        expect("moved", base > 0x1000000, True)
        expect("load base", report.number("load base"), base)
    check_command_line(report)
    check_memory(report, True)
    check_basic_memory(report)
    check_modules(report)


def multiboot2_moved(report):
    multiboot2(report, moved=True)


def boot_notes(mode):
    def check(report):
        check_state(report, mode)
        notes, _ = report.segment("boot_notes")
        found = report.one(r"boot notes at (0x[0-9a-f]+): \d+ bytes, 3 notes, checksum right")
        expect("boot notes", int(found.group(1), 16), notes)
        if mode == 64:
            check_registers(report, 64, di=notes, sp=None)
        else:
            check_registers(report, 32, sp=None)
            report.one(f"stack: 00000000 {notes:08x}")
        report.one("note 2: kexec")
        report.one("note 3: .+")
        check_command_line(report)
    return check


def no_arguments(mode):
    def check(report):
        by_kernel = report.plan["entry"] == report.plan["kernel_entry"]
        check_state(report, mode, by_kernel)
        if not by_kernel:
            check_registers(report, mode, sp=None)
        report.one("arguments: none")
    return check


def pvh(report):
    check_state(report, 32)
    report.one("entered at .* for PVH")
    info, _ = report.segment("start_info")
    check_registers(report, 32, bx=info, sp=None)
    report.one(f"start info at {info:#x}: version 1")
    expect("flags", report.number("flags"), 0)
    expect("RSDP", report.number("rsdp") > 0xe0000, True)
    check_command_line(report)
    place, _ = report.segment("initrd")
    check_contents(report.one(f"module: {CONTENTS}: ").groups(), place, INITRD)
    check_memory(report, True)


def check_tables(report, initrd=INITRD):
    """What boot_params has that a loader fills in."""
    place, _ = report.segment("initrd")
    check_contents(report.one(f"initrd: {CONTENTS}").groups(), place, initrd)
    check_command_line(report)
    expect("type_of_loader", report.number("type_of_loader"), 0xd0)
    expect("boot_flag", report.number("boot_flag"), 0xaa55)
    expect("sentinel", report.number("sentinel"), 0)


def linux(mode):
    def check(report):
        check_state(report, mode)
        params, _ = report.segment("boot_params")
        check_registers(report, mode, si=params, sp=None)
        report.one(f"boot_params at {params:#x}")
        check_tables(report)
        expect("loadflags", report.number("loadflags"), 1)
        expect("acpi_rsdp_addr", report.number("acpi_rsdp_addr") > 0xe0000, True)
        report.one("screen: type 0x70 .*, 1280x800 pixels of 32 bits at 0x[0-9a-f]{8}" if report.uefi
                   else "screen: type 0x1 mode 0x3, 80x25 characters.*")
        efi = report.uefi and report.plan["image_type"].startswith("bzImage")
        expect("tables of EFI", len(report.all("efi: EL64 system table .*")), int(efi))
        expect("setup_data", [node.group(1) for node in report.all("setup_data at .*: type (0x[0-9a-f]+), .*")],
               ["0x9", "0x4"] if efi else ["0x9"])
        check_memory(report, False)
    return check


def crash(mode):
    """The kernel's memory is the reservation, less the core header, and what the backup replaces."""
    def check(report):
        check_state(report, mode)
        params, _ = report.segment("boot_params")
        check_registers(report, mode, si=params, sp=None)
        check_tables(report)
        check_crash_memory(report)
    return check


def check_crash_memory(report):
    """Low memory, and the reservation without the core header and the backup."""
    segments = {s["name"]: range(int(s["start"], 16), int(s["end"], 16))
                for s in report.plan["segments"]}
    kept = [segments.pop(name) for name in ("elfcorehdr", "backup")]
    report.one(f"command line at .* elfcorehdr={kept[0].start >> 10}K")
    ram = [range(start, end) for start, end, kind in report.memory() if kind == 1]
    expect("low memory", [len(ram) > 1, ram[0].stop <= 640 << 10], [True, True])
    expect("memory of the reservation", sum(map(len, ram[1:])),
           RESERVED - sum(map(len, kept)))
    for name, place in segments.items():
        expect(f"{name} is in memory", any(place.start >= part.start and place.stop <= part.stop
                                           for part in ram), True)
    wanted = [(int(entry["start"], 16), int(entry["end"], 16), TYPES.get(entry["type"], 2))
              for entry in report.plan["memory"] if entry["type"] != "System RAM"]
    expect("other memory", [entry for entry in report.memory() if entry[2] != 1], wanted)


def real_mode(report):
    """Flags, segments and stack as boot.rst has them; the memory map is the BIOS's own."""
    block, _ = report.segment("kernel_setup")
    report.one("entered at 0x[0-9a-f]+ in 16-bit mode")
    segment = block >> 4
    found = report.registers()
    stack = found.pop("esp")
    expect("the stack is in the block", 0x8000 < stack <= 0x10000, True)
    wanted = {name: segment for name in ("ds", "es", "ss", "fs", "gs")}
    wanted["cs"] = segment + 0x20
    wanted.update({"e" + name: 0 for name in ("ax", "bx", "cx", "dx", "si", "di", "bp")})
    expect("registers", show(found), show({name: wanted[name] for name in found}))
    expect("flags", report.number("eflags"), 2)
    expect("CR0", report.number("cr0"), 0x10)
    expect("CR4", report.number("cr4"), 0)
    report.one("idt: 000003FF 00000000")
    report.one("interrupt masks: 0000")
    check_tables(report)
    expect("loadflags", report.number("loadflags"), 0x81)
    expect("heap_end_ptr", report.number("heap_end_ptr") + 0x200, stack)
    kernel, _ = report.segment("kernel")
    expect("code32_start", report.number("code32_start"), kernel)
    expect("command line", report.one("command line at (0x[0-9a-f]+): .*").group(1),
           f"{block + 0x10000:#x}")
    low, ram, *_ = (entry for entry in report.memory() if entry[2] == 1)
    expect("low memory", report.number("Base memory size"), low[1] >> 10)
    for entry in report.plan["memory"]:
        if entry["type"] == "System RAM" and int(entry["start"], 16) == 1 << 20:
            expect("memory of the BIOS", ram, (1 << 20, int(entry["end"], 16), 1))


def tagged_32(report):
    """The arguments of a C function: addresses of two headers and of BOOTP's answer."""
    check_state(report, 32)
    stack, size = report.segment("nbi_stack")
    check_registers(report, 32, sp=stack + size - 16)
    report.one(f"stack: {stack:08x} {stack + 0x10:08x}")
    report.one("arguments: none")


def tagged_16(report):
    stack, size = report.segment("nbi_stack")
    header = nbi.HEADER >> 4
    report.one("entered at 0x100000 in 16-bit mode")
    found = report.registers()
    wanted = {**{name: 0 for name in found}, "cs": (SETUP >> 4) + 0x20, "ss": stack >> 4,
              "esp": size - 12, **{name: header for name in ("ds", "es", "fs", "gs")}}
    expect("registers", show(found), show(wanted))
    expect("flags", report.number("eflags"), 2)
    report.one("idt: 000003FF 00000000")
    report.one("interrupt masks: 0000")


def file_load(report):
    """The running kernel is the loader, so the plan has no addresses."""
    report.one("entered at 0x[0-9a-f]+ in 64-bit mode")
    found = report.one(f"initrd: {CONTENTS}").groups()
    check_contents(found, int(found[0], 16), INITRD)
    check_command_line(report)


@dataclasses.dataclass
class Start:
    """A load and what must come of it."""
    name: str
    options: str
    check: object
    quick: bool = False     # in the set of `make check-all`
    crash: bool = False     # loaded by -p, and started by a panic


LINE = "--append='a line'"
WITH_INITRD = f"--initrd=/initrd {LINE}"
STARTS = [
    Start("multiboot 2, the call chosen", f"-a /kexec_test {MODULE_OPTIONS} {LINE}", multiboot2),
    Start("multiboot 1", f"-t multiboot-x86 /kexec_test {MODULE_OPTIONS} {LINE}", multiboot1, True),
    Start("ELF32, boot notes", f"-t elf-x86 --args-elf /kexec_test {LINE}", boot_notes(32)),
    Start("ELF32, Linux", f"-t elf-x86 --args-linux /kexec_test {WITH_INITRD}", linux(32)),
    Start("ELF32, no arguments", "-t elf-x86 --args-none /kexec_test", no_arguments(32)),
    Start("ELF32, PVH", f"-t elf-x86 /kexec_test {WITH_INITRD}", pvh),
    Start("multiboot 2 of an ELF64, moved", f"/kexec_test64 {MODULE_OPTIONS} {LINE}", multiboot2_moved,
          True),
    Start("multiboot 1 of an ELF64", f"-t multiboot-x86 /kexec_test64 {MODULE_OPTIONS} {LINE}",
          multiboot1),
    Start("ELF64, boot notes", f"-t elf-x86_64 --args-elf /kexec_test64 {LINE}", boot_notes(64)),
    Start("ELF64, Linux", f"-t elf-x86_64 --args-linux /kexec_test64 {WITH_INITRD}", linux(64)),
    Start("ELF64, no arguments", "-t elf-x86_64 --args-none /kexec_test64", no_arguments(64)),
    Start("ELF64, PVH", f"-t elf-x86_64 /kexec_test64 {WITH_INITRD}", pvh),
    Start("bzImage, 64-bit entry", f"/bzImage {WITH_INITRD}", linux(64), True),
    Start("bzImage, 32-bit entry", f"--entry-32bit /bzImage {WITH_INITRD}", linux(32)),
    Start("bzImage, 16-bit entry", f"--real-mode /bzImage {WITH_INITRD}", real_mode, True),
    Start("bzImage, kexec_file_load", f"-s /bzImage {WITH_INITRD}", file_load),
    Start("beoboot", "/beoboot", linux(64)),
    Start("tagged image, 32-bit entry", "/nbi32", tagged_32),
    Start("tagged image, 16-bit entry", "/nbi16", tagged_16),
]

def above_4g(check, segment):
    """The loader used memory that only 64-bit mode reaches."""
    def both(report):
        expect(f"{segment} above 4 GiB", report.segment(segment)[0] >= 1 << 32, True)
        check(report)
    return both


# Programs in other modes must stay below 4 GiB there.
HIGH = [
    Start("bzImage, 64-bit entry", f"/bzImage {WITH_INITRD}", above_4g(linux(64), "kernel")),
    Start("ELF64, Linux", f"-t elf-x86_64 --args-linux /kexec_test64 {WITH_INITRD}",
          above_4g(linux(64), "boot_params")),
    *(start for start in STARTS if start.check in (multiboot1, multiboot2_moved, pvh, real_mode)),
    Start("bzImage, 32-bit entry", f"--entry-32bit /bzImage {WITH_INITRD}", linux(32)),
]

CRASH = [
    Start("bzImage, 64-bit entry", f"/bzImage {WITH_INITRD}", crash(64), crash=True),
    Start("bzImage, 32-bit entry", f"--entry-32bit /bzImage {WITH_INITRD}", crash(32), crash=True),
]

UEFI = [start for start in STARTS if start.check in (multiboot1, multiboot2, pvh)
        or start.name in ("ELF32, Linux", "bzImage, 64-bit entry")]

# From a 32-bit kernel, which starts a 32-bit program without purgatory.  There kexec tries
# multiboot 1 first.
STARTS_32 = [
    Start("multiboot 1", f"/kexec_test {MODULE_OPTIONS} {LINE}", multiboot1),
    *(dataclasses.replace(start, options=f"-t multiboot2-x86 {start.options}") for start in STARTS
      if start.check in (multiboot2, multiboot2_moved)),
    *(start for start in STARTS if start.name.startswith(("ELF32", "tagged")) or
      start.check == real_mode),
    Start("bzImage", f"/bzImage {WITH_INITRD}", linux(32)),
    Start("beoboot", "/beoboot", linux(32)),
]


def load(guest, start, uefi):
    call = ("" if re.search("-[as] ", start.options) else "-c ") + ("-p" if start.crash else "-l")
    jump = "echo c >/proc/sysrq-trigger" if start.crash else "kexec -e"
    guest.type(f"kexec --dry-run --json {call} {start.options} >/plan || cat /plan; "
               f"echo '{PLAN}'$(cat /plan); run kexec {call} {start.options} && {jump}\n")
    plan = guest.wait(rf"^{PLAN}(\{{.*)", never=f"^{PLAN}$").group(1)
    status = guest.wait(r"STAGE1 status (\d+)").group(1)
    expect("status of kexec", status, "0")
    guest.wait("^kexec_test .* starting[.]{3}$")
    begin = guest.seen
    guest.wait("^Halting[.]$")
    return Report(guest.lines[begin:guest.seen - 1], json.loads(plan), uefi)


@dataclasses.dataclass
class Bare:
    """A start by QEMU's own loader, which shares nothing with kexec."""
    file: str
    end: str
    status: int             # of QEMU at the end
    emulator: tuple = ("qemu-system-x86_64",)
    modules: bool = True


BARE = [
    Bare("kexec_test", "exit", 1, ("qemu-system-i386", "-cpu", "pentium")),
    Bare("kexec_test64", "reset", 0),
    Bare("kexec_test.bzImage", "exit", 1, modules=False),
]
LAST = {"exit": "Leaving.", "reset": "Resetting."}


def start_bare(run, bare):
    """Modules or an initrd, the memory map, the command line, and the chosen end."""
    contents = list(MODULES.values())[:2] if bare.modules else [INITRD]
    paths = []
    for number, content in enumerate(contents):
        paths.append(run.directory / f"bare{number}")
        paths[-1].write_bytes(content)
    initrd = f"{paths[0]} a b,{paths[1]}" if bare.modules else paths[0]
    command = [*bare.emulator, "-machine", "pc", "-m", "32", "-no-reboot", "-serial", "stdio",
               "-device", "isa-debug-exit,iobase=0xf4", "-kernel", run.build / "kexec_test" / bare.file,
               "-initrd", initrd, "-append", f"of QEMU kexec_test.end={bare.end}"]
    run.guest.log.flush()
    with emulator.Emulator(command, run.guest.log.name, SECONDS, mode="a") as machine:
        machine.wait("^kexec_test .* starting[.]{3}$")
        begin = machine.seen
        machine.wait(f"^{LAST[bare.end]}$")
        report = Report(machine.lines[begin:machine.seen], {})
        expect("QEMU's status", machine.process.wait(), bare.status)
    report.one(f"command line at 0x[0-9a-f]+: .*of QEMU kexec_test.end={bare.end}")
    report.one("entered at 0x[0-9a-f]+ in (32|16)-bit mode")
    found = report.all(f"(?:module|initrd): {CONTENTS}(?:: (.*))?")
    expect("modules", [match.group(4) for match in found],
           [f"{paths[0]} a b", str(paths[1])] if bare.modules else [None])
    for match, content in zip(found, contents):
        check_contents(match.groups()[:3], int(match.group(1), 16), content)
    memory = [entry for entry in report.memory() if entry[2] == 1]
    expect("memory", [memory[0][0], memory[1][0], memory[1][1] > 31 << 20], [0, 1 << 20, True])


def starts_bare(run):
    for bare in BARE:
        run.guest.note(f"# {bare.file}, by QEMU")
        start_bare(run, bare)


def all_reports(starts):
    """Every load of `starts` that fails is in the failure's text."""
    def check(run):
        run.guest.wait("STAGE1 ready")
        state = pathlib.Path(run.directory) / "state"
        run.guest.save(state)
        reasons = []
        starts_bare(run)
        for start in starts:
            run.guest.note(f"# {start.name}")
            try:
                with run.guest.restored(state, SECONDS) as guest:
                    start.check(load(guest, start, run.case.firmware == "uefi"))
            except Failure as failure:
                reasons.append(f"{start.name}: {failure}")
        if reasons:
            raise Failure("; ".join(reasons))
    return check


def case(arch, name, about, starts, **fields):
    fields = {"memory": 256, **fields}
    return cases.Case(name, f"kexec_test reports what it is handed: {about}", all_reports(starts),
                      arch=arch, script=SCRIPT, extra=files, **fields)
