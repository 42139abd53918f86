# SPDX-License-Identifier: GPL-2.0-or-later
"""Loads in Xen's control domain, and the dump of a crashed hypervisor (Xen:
public/elfnote.h, public/kexec.h; System V ABI, chapter 5)."""

import re
import types

import cases
from crash import compare_memory, fill_low_memory, lose_low_memory
from guest import Failure
from vmcore import ELF_HEADERS, NOTE, PT_LOAD, PT_NOTE, Load, expect

PRIVCMD = "insmod /modules/0.ko\n"
NORMAL = "run kexec -S -l\n"
# Before the module is there, kexec cannot ask; Linux's own files would say 0.
SLOTS = NORMAL + PRIVCMD + "".join(line + NORMAL for line in (
    "", "{load}\n", "{load}\n", "run kexec -u\n", "run kexec -u\n")) + """run kexec -e
run kexec --load-live-update /kernel
run kexec --exec-live-update
{load}
run kexec -e
"""
ANSWERS = (
    (255, "cannot open /dev/xen/privcmd"), (0, ""),
    (0, ""), (1, ""), (0, ""), (1, ""),     # loaded, and once more
    (0, ""), (0, ""), (0, ""), (0, ""),     # unloaded, and once more
    (1, "Nothing has been loaded!"),
    (1, "means nothing for /kernel"), (255, "this Xen has no live update"), (0, ""))

SAY = PRIVCMD + "{load}\nrun kexec -S -p\nrun kexec --print-ckr-size\nsay 'word {word}' && pause\n"
CRASH = SAY + "sleep 1000\n"
PANIC = SAY + "echo c >/proc/sysrq-trigger\n"
KEYS = "\x01\x01\x01C"     # the console's input to Xen, and there: a crash dump

XEN_CRASH_INFO, XEN_CRASH_REGS = 0x1000001, 0x1000002


def answers(run, expected):
    for status, text in expected:
        printed = " / ".join(run.command_ended(status))
        if text not in printed:
            raise Failure(f"'{printed}' instead of '{text}'")


def boots(run):
    answers(run, ANSWERS)
    run.in_purgatory()
    cases.starts_elsewhere(run)


def crashes(run):
    """By Xen's key, or by a panic of the control domain."""
    answers(run, ((0, ""), (1, ""), (0, str(run.reserved[0] << 20))))
    run.guest.wait("STAGE1 paused")
    filled = fill_low_memory(run.guest, run.case.holes)
    run.guest.resume()
    if "sysrq" not in run.case.script:
        run.guest.type(KEYS)
    run.in_purgatory()
    command_line = run.guest.wait("STAGE2 command line: (.*)").group(1)
    if not re.fullmatch(re.escape(run.command_line) + r" elfcorehdr=\d+K", command_line):
        raise Failure(f"command line '{command_line}'")
    run.guest.wait("STAGE2 paused")
    lose_low_memory(run.guest, filled)
    run.guest.resume()
    check_dump(run, filled)
    run.guest.resume()
    found = run.digests()
    if found != run.payloads:
        raise Failure(f"payloads {found}, not {run.payloads}")


def check_dump(run, filled):
    status = run.guest.wait(r"STAGE2 dump: status (\d+), ").group(1)
    expect(status == "0", f"copying it: exit status {status}")
    run.guest.wait("STAGE2 paused")
    form = ELF_HEADERS[8]
    with open(run.guest.disk, "rb") as file:
        def read(offset, length):
            file.seek(offset)
            data = file.read(length)
            expect(len(data) == length, f"it ends before {offset:#x} + {length:#x}")
            return data

        head = form.ehdr.unpack(read(0, form.ehdr.size))
        expect((head[0][:5], *head[1:3]) == (b"\x7fELF\2", 4, run.case.arch.dump.machine),
               f"header {head}")
        phdrs = list(form.phdr.iter_unpack(read(form.ehdr.size, head[10] * form.phdr.size)))
        notes, loads = ([Load(*phdr[2:7]) for phdr in phdrs if phdr[0] == kind]
                        for kind in (PT_NOTE, PT_LOAD))
        check_notes(run, b"".join(read(note.offset, note.filesz) for note in notes))
        check_loads(run, loads)
        compare_memory(run, types.SimpleNamespace(ram=loads, read=read), filled)
        word = f"STAGE1 word {run.word}".encode()
        expect(any(word in read(load.offset, load.filesz) for load in loads),
               "the control domain's log is not in it")


def check_notes(run, data):
    """Registers of each CPU, Xen's registers and facts, Xen's vmcoreinfo."""
    found, at = [], 0
    while at < len(data):
        name_size, size, kind = NOTE.unpack_from(data, at)
        at += NOTE.size
        found.append((data[at:at + name_size].rstrip(b"\0").decode(), kind))
        at += -(-name_size // 4) * 4 + -(-size // 4) * 4
    for name, kind, count in (("CORE", 1, run.case.cpus), ("Xen", XEN_CRASH_REGS, run.case.cpus),
                              ("Xen", XEN_CRASH_INFO, 1), ("VMCOREINFO_XEN", 0, 1)):
        expect(found.count((name, kind)) == count, f"notes {found}, not {count} of {name} {kind:#x}")


def check_loads(run, loads):
    """All RAM that Xen found, except for the reservation."""
    log = "\n".join(run.guest.lines).split("STAGE1", 1)[0]
    ram = sum(int(last, 16) + 1 - int(start, 16) for start, last in
              re.findall(r"\(XEN\)  \[(\w+), (\w+)\] \(usable\)", log))
    dumped = sum(load.memsz for load in loads)
    expect(dumped == ram - (run.reserved[0] << 20), f"{dumped:#x} bytes of RAM of {ram:#x}")
    expect({load.vaddr for load in loads} == {2**64 - 1}, "virtual addresses, which only Xen has")
