# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be seen of a crash kernel: it boots by itself, and its /proc/vmcore,
which it copies to a disk of the host's, is the first kernel's memory."""

import itertools
import os
import re
import secrets
import subprocess

from guest import MIB, Failure
from vmcore import Vmcore, check_machine, check_maps, check_panic, printed

# Words that kexec adds to the command line of a crash kernel.
OWN_WORDS = re.compile("(elfcorehdr|acpi_rsdp)=0x[0-9a-f]+$|(elfcorehdr|mem)=[0-9]+K(@[0-9]+K)?$")


def fill_low_memory(guest, holes):
    """Random bytes into the empty blocks of low memory; {address: content}."""
    low = guest.arch.low
    filled = {address: secrets.token_bytes(low.step) for address in low
              if not any(address in hole for hole in holes) and
              not any(guest.read_ram(address, low.step))}
    for address, content in filled.items():
        guest.write_ram(address, content)
    if len(filled) < len(low) // 4:
        raise Failure(f"{len(filled)} of {len(low)} blocks of low memory are empty")
    return filled


def lose_low_memory(guest, filled):
    """Clears the blocks that the crash kernel has left as they were: only a copy knows them."""
    for address, content in filled.items():
        if guest.read_ram(address, len(content)) == content:
            guest.write_ram(address, bytes(len(content)))


def crashes(run):
    run.command_ended()
    panics(run)


def crashes_from_high(run):
    """--print-ckr-size, and where the core header is: in the reservation above 4 GiB."""
    printed_size = run.command_ended()
    if printed_size != [str(run.reserved[0] * MIB)]:
        raise Failure(f"--print-ckr-size says {printed_size}, reserved are {run.reserved} MiB")
    run.command_ended()
    command_line = panics(run)
    kib = re.search("elfcorehdr=([0-9]+)K", command_line)
    if not kib or int(kib.group(1)) * 1024 < 4 << 30:
        raise Failure(f"the core header is below 4 GiB: {command_line}")


def crashes_after_refusal(run):
    """A load that cannot fit is refused, and the one before is still there to be started."""
    run.command_ended()
    printed_error = " ".join(run.command_ended(1))
    if "reservation" not in printed_error or "initrd" not in printed_error:
        raise Failure(f"a load that does not fit said: {printed_error}")
    if run.guest.wait("STAGE1 crash_loaded=(.)").group(1) != "1":
        raise Failure("the crash kernel that was loaded is gone")
    panics(run)


def crashes_after_hotplug(run):
    """The kernel rewrites the header for a new CPU; purgatory does not mind, the CPU is dumped."""
    for expected in "01":
        run.command_ended()
        found = run.guest.wait("STAGE1 crash_hotplug=(.)").group(1)
        if found != expected:
            raise Failure(f"crash_hotplug reads {found}, not {expected}")
    run.guest.wait("STAGE1 paused")
    run.guest.plug_cpu(1)
    run.guest.resume()
    cpus = run.guest.wait(r"STAGE1 cpus=(\d+)").group(1)
    if cpus != "2":
        raise Failure(f"{cpus} CPUs after one was plugged in")
    panics(run)


def panics(run):
    """From the first kernel's pause to the end of the second one's work; its command line."""
    run.guest.wait("STAGE1 paused")
    filled = fill_low_memory(run.guest, run.case.holes)
    run.guest.resume()
    run.in_purgatory()
    command_line = second_stage(run)
    run.guest.wait("STAGE2 paused")
    if run.case.backup:
        lose_low_memory(run.guest, filled)
    run.guest.resume()
    check_dump(run, filled)
    run.guest.resume()
    found = run.digests()
    if found != run.payloads:
        raise Failure(f"payloads {found}, not {run.payloads}")
    return command_line


def crashes_and_tells(run):
    """What the crash kernel itself finds in /proc/vmcore, on a machine without a disk for it."""
    run.command_ended()
    run.guest.wait("STAGE1 paused")
    run.guest.resume()
    run.in_purgatory()
    second_stage(run)
    for _ in range(2):
        run.guest.wait("STAGE2 paused")
        run.guest.resume()
    found = run.digests()
    if found != run.payloads:
        raise Failure(f"payloads {found}, not {run.payloads}")


def second_stage(run):
    """Its command line, and the log that vmcore-dmesg finds there."""
    command_line = run.guest.wait("STAGE2 command line: (.*)",
                                  never="digests do not match|STAGE1").group(1)
    words = run.given(command_line).split()
    given = " ".join(word for word in words if not OWN_WORDS.match(word))
    if given != run.command_line or (len(words) > len(given.split())) != run.case.arch.own_words:
        raise Failure(f"command line '{command_line}'")
    log = run.guest.wait("STAGE2 vmcore: (.*)").group(1)
    if log != f"status 0, word {run.word}, panic 1":
        raise Failure(f"/proc/vmcore: {log}, not the word {run.word} and a panic")
    return command_line


def check_dump(run, filled):
    status, size = run.guest.wait(r"STAGE2 dump: status (\d+), (\d+) bytes").groups()
    if status != "0":
        raise Failure(f"copying /proc/vmcore: exit status {status}")
    run.guest.wait("STAGE2 paused")
    os.truncate(run.guest.disk, int(size))
    with Vmcore(run.guest.disk, run.case.arch.dump, run.case.elf_word) as core:
        check_machine(core, run.release, to_be_dumped(run), run.case.cpus + run.case.spare)
        check_maps(core, run.case.unmapped)
        check_log(run, core)
        compare_memory(run, core, filled)


def to_be_dumped(run):
    """Bytes of RAM by the first kernel's own report, less its reservations and what is left out."""
    log = "\n".join(run.guest.lines).split("STAGE1", 1)[0]
    usable = [(int(start, 16), int(last, 16) + 1) for start, last in
              re.findall(run.case.usable_ram or run.case.arch.usable_ram, log)]
    left_out = run.case.arch.left_out[0 if run.case.backup else 1]
    return sum(max(0, end - max(start, left_out)) for start, end in usable) - \
        sum(run.reserved) * MIB - run.case.arch.hidden


def check_log(run, core):
    """The log by the host's own walk: the word, the panic; vmcore-dmesg prints the same."""
    text = printed(core.log())
    panic = re.search(r"Kernel panic - not syncing: sysrq triggered crash\n"
                      r"(?:.*\n)??.* CPU: (\d+)(?: UID: \d+)? PID: (\d+) ", text)
    if f"STAGE1 word {run.word}\n" not in text or not panic:
        raise Failure(f"the log in the dump lacks the word or the panic; it ends: {text[-400:]}")
    check_panic(core, *map(int, panic.groups()))
    result = subprocess.run([run.build / "sbin/vmcore-dmesg", run.guest.disk], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace")
    if result.returncode or result.stdout != text:
        pairs = itertools.zip_longest(result.stdout.split("\n"), text.split("\n"))
        other = next((pair for pair in pairs if pair[0] != pair[1]), "no line")
        raise Failure(f"vmcore-dmesg: status {result.returncode}, {other} differs: {result.stderr}")


def compare_memory(run, core, filled):
    """Every byte above low memory against the guest's RAM, and the blocks filled there.

    A header that the kernel writes leaves low memory out.
    """
    low = {}
    for load in core.ram:
        for start in range(0, load.memsz, MIB):
            size = min(MIB, load.memsz - start)
            content = core.read(load.offset + start, size)
            address = load.paddr + start
            if address < run.case.arch.backup:
                low[address] = content
            elif content != run.guest.read_ram(address, size):
                raise Failure(f"vmcore: {address:#x} + {size:#x} is not what is in RAM")
    same = sum(content == at(low, address, len(content)) for address, content in filled.items())
    if same != (len(filled) if run.case.backup else 0):
        raise Failure(f"vmcore: {same} of {len(filled)} blocks of low memory are what they were")


def at(pieces, address, size):
    for start, content in pieces.items():
        if start <= address < start + len(content):
            return content[address - start:address - start + size]
    return None
