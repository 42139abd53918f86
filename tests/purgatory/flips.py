#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: flips.py [--all=PART/PARTS] GUEST.elf PURGATORY.pie PC QEMU ARGUMENT...
# Flips single bits of a loaded purgatory in QEMU, and counts the flips after which a kernel is
# started: once with an intact kernel and once with a damaged one.  PC is the number of the
# program counter in QEMU's protocol for debuggers.  The guest stops at its function
# enter_purgatory; from there each flip is one run, with registers and memory put back.
# --all: every bit of the image (part 0 to PARTS - 1, each with the bits PART, PART + PARTS, ...)
# on all CPUs of this host, instead of a sample of fixed seed.

import collections
import concurrent.futures
import glob
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time

SEED = 1
# Bits of the sample, for each kernel.  "code" is all of the image but the parameter block.
# All bits of the block's first fields, flags and region_count, are in the sample as well.
SAMPLE = {"block": 50, "cpu state": 40, "digest": 10, "code": 100}
FIRST_FIELDS, CPU_STATE, PIECES, DIGEST, BLOCK_END = 16, 840, 1096, 2376, 2408  # include/purgatory_abi.h
# Seconds of QEMU's CPU time after which a run has not started a kernel.  Longer than purgatory
# waits for a serial port.
RUN_LIMIT = 0.3
PROGRESS = 2000  # flips of an exhaustive run from one line of output to the next
OWN_START = 256  # from here on the image has the bytes of the file until the parameter block


class Gone(Exception):
    """QEMU ended, or the machine stopped for another reason than a breakpoint."""


class Debugger:
    """QEMU's side of the protocol: packets $TEXT#SUM, each answered by + and a reply."""

    def __init__(self, command):
        self.directory = tempfile.TemporaryDirectory()
        path = self.directory.name + "/gdb"
        options = ["-accel", "tcg", "-display", "none", "-monitor", "none", "-nic", "none",
                   "-no-reboot", "-snapshot"]
        self.log = open(self.directory.name + "/log", "w+")
        self.qemu = subprocess.Popen(
            command + options + ["-S", "-gdb", f"unix:{path},server=on,wait=off"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(1000):
            try:
                self.socket.connect(path)
                break
            except OSError:
                if self.qemu.poll() is not None:
                    break
                time.sleep(0.05)
        else:
            self.qemu.kill()
        if self.qemu.poll() is not None:
            self.log.seek(0)
            sys.exit("flips.py: QEMU ended: " + self.log.read())
        self.input = b""
        self.ask("qXfer:features:read:target.xml:0,ffb")  # or QEMU reads no single register
        self.ask("Qqemu.PhyMemMode:1")  # whatever page tables a damaged purgatory leaves

    def close(self):
        self.qemu.kill()
        self.qemu.wait()

    def send(self, text):
        data = text.encode()
        self.socket.sendall(b"$%s#%02x" % (data, sum(data) & 255))

    def cpu_time(self):
        with open(f"/proc/{self.qemu.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wants_cpu(self):
        """A thread of QEMU runs, or waits for a CPU of a busy host."""
        for path in glob.glob(f"/proc/{self.qemu.pid}/task/*/stat"):
            with open(path) as stat:
                if stat.read().rsplit(")", 1)[1].split()[0] == "R":
                    return True
        return False

    def receive(self, timeout):
        """The next packet; None: no packet within that time."""
        self.socket.settimeout(timeout)
        while True:
            start = self.input.find(b"$")
            end = self.input.find(b"#", start)
            if start >= 0 and 0 <= end <= len(self.input) - 3:
                packet = self.input[start + 1:end]
                self.input = self.input[end + 3:]
                self.socket.sendall(b"+")
                return packet.decode()
            try:
                more = self.socket.recv(1 << 16)
            except TimeoutError:
                return None
            if not more:
                raise Gone("QEMU ended")
            self.input += more

    def ask(self, text):
        self.send(text)
        reply = self.receive(30)
        if reply is None or reply.startswith("E"):
            raise SystemExit(f"flips.py: '{text[:40]}' is answered by {reply}")
        return reply

    def read(self, address, size):
        data = b""
        while len(data) < size:
            piece = min(2000, size - len(data))
            data += bytes.fromhex(self.ask(f"m{address + len(data):x},{piece:x}"))
        return data

    def write(self, address, data):
        for i in range(0, len(data), 1900):
            piece = data[i:i + 1900]
            self.ask(f"M{address + i:x},{len(piece):x}:{piece.hex()}")

    def breakpoint(self, address, wanted=True):
        self.ask(f"{'Z' if wanted else 'z'}0,{address:x},4")

    def go(self, limit):
        """Runs to a breakpoint: True.  False: not reached in `limit` seconds of CPU time."""
        self.send("c")
        begin, asleep, interrupted = self.cpu_time(), 0, False
        reply = self.receive(0.02)
        while reply is None:
            used = self.cpu_time()
            reply = self.receive(0.05)
            # A CPU that waits for an interrupt uses no time.
            asleep = asleep + 1 if self.cpu_time() == used and not self.wants_cpu() else 0
            if reply is None and (self.cpu_time() - begin > limit or asleep > 5):
                interrupted = True
                self.socket.sendall(b"\x03")
                reply = self.receive(30) or "no reply"
        if not reply.startswith("T05") and not (interrupted and reply.startswith("T02")):
            raise Gone(reply)
        return reply.startswith("T05")


def symbols(path):
    """Name: (address, size) of an ELF file."""
    found = {}
    for line in subprocess.run(["readelf", "-sW", path], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        words = line.split()
        if len(words) >= 8 and words[0].rstrip(":").isdigit():
            local = re.search(r"localentry>: (\d+)", line)  # calls of the same module go there
            found[words[-1]] = int(words[1], 16) + int(local[1] if local else 0), int(words[2], 0)
    return found


class Machine:
    def __init__(self, guest, purgatory, pc, command):
        with open(guest, "rb") as file:
            ident = file.read(6)
        self.word = 8 if ident[4] == 2 else 4
        self.order = "little" if ident[5] == 1 else "big"
        self.guest = symbols(guest)
        self.purgatory = symbols(purgatory)
        with open(re.sub("pie$", "bin", purgatory), "rb") as file:
            self.file = file.read()
        self.pc = pc
        self.payload = self.guest["payload"][0]
        self.command = command
        self.boot()

    def boot(self):
        """Starts QEMU and runs the guest until it calls purgatory."""
        self.debugger = debugger = Debugger(self.command)
        self.ends = []  # functions of purgatory at which a run ends
        enter = self.guest["enter_purgatory"][0]
        debugger.breakpoint(enter)
        if not debugger.go(60) or self.place() != enter:
            raise SystemExit("flips.py: the guest does not enter purgatory")
        debugger.breakpoint(enter, False)
        self.registers = debugger.ask("g")
        self.counter = debugger.ask(f"p{self.pc:x}")
        self.base = self.guest_word("base")
        self.kernel = self.guest_word("flips_kernel")
        self.image = debugger.read(self.base, self.purgatory["purgatory_image_end"][0])
        code = slice(OWN_START, self.purgatory["purgatory_params"][0])
        if self.image[code] != self.file[code]:
            raise SystemExit("flips.py: the guest contains another purgatory than that file")
        self.kernel_bytes = debugger.read(self.kernel, 1)
        self.ends = [self.base + self.purgatory[name][0] for name in ("arch_halt", "arch_reset")]
        for address in (self.payload, *self.ends):
            debugger.breakpoint(address)

    def guest_word(self, name):
        return int.from_bytes(self.debugger.read(self.guest[name][0], self.word), self.order)

    def place(self):
        """Where the CPU is.  QEMU shows registers in the byte order that the CPU has now."""
        counter = bytes.fromhex(self.debugger.ask(f"p{self.pc:x}"))[:self.word]
        reversed_place = int.from_bytes(counter[::-1], self.order)
        return (reversed_place if reversed_place in self.ends
                else int.from_bytes(counter, self.order))

    def in_an_end(self, offset):
        return any(0 <= offset - self.purgatory[name][0] < max(self.purgatory[name][1], 64)
                   for name in ("arch_halt", "arch_reset"))

    def run(self, changes):
        """"started", "stopped", "hung" or "at ADDRESS"; changes: (address, byte)."""
        debugger = self.debugger
        for _ in range(2):  # the first gives the CPU the byte order of the second
            debugger.ask("G" + self.registers)
        # QEMU 7.2 passes over a register that it does not know, and takes the next one from there.
        if debugger.ask(f"p{self.pc:x}") != self.counter:
            debugger.ask(f"P{self.pc:x}={self.counter}")
        debugger.write(self.base, self.image)
        debugger.write(self.kernel, self.kernel_bytes)
        for address, byte in changes:
            debugger.write(address, bytes([byte]))
        if not debugger.go(RUN_LIMIT):
            return "hung"
        place = self.place()
        if place in self.ends:
            return "stopped"
        return "started" if place == self.payload else f"at {place:x}"

    def end(self):
        self.debugger.close()

    def check(self):
        """An intact purgatory starts an intact kernel, and no damaged one."""
        damaged = [(self.kernel, self.kernel_bytes[0] ^ 1)]
        try:
            return self.run([]) == "started" and self.run(damaged) == "stopped"
        except (Gone, ConnectionError):
            return False

    def flip(self, bit, kernel_damaged):
        offset = bit // 8
        changes = [(self.base + offset, self.image[offset] ^ 1 << bit % 8)]
        if kernel_damaged:
            changes.append((self.kernel, self.kernel_bytes[0] ^ 1))
        # The functions at whose start a run ends are not ended early when they are damaged.
        ends = self.ends if self.in_an_end(offset) else []
        for address in ends:
            self.debugger.breakpoint(address, False)
        try:
            outcome = self.run(changes)
            for address in ends:
                self.debugger.breakpoint(address)
        except (Gone, ConnectionError):
            outcome = "off"
        if outcome == "off" or outcome not in ("started", "stopped") and not self.check():
            self.end()
            self.boot()
            if not self.check():
                raise SystemExit(f"flips.py: nothing works after a flip in byte 0x{offset:x}")
        return outcome


def parts(machine):
    """Name of each part of the image: its bytes, as offsets."""
    block = machine.purgatory["purgatory_params"][0]
    size = len(machine.image)
    return {
        "block": [*range(block, block + CPU_STATE), *range(block + PIECES, block + DIGEST)],
        "cpu state": range(block + CPU_STATE, block + PIECES),
        "digest": range(block + DIGEST, block + BLOCK_END),
        "code": [*range(0, block), *range(block + BLOCK_END, size)],
    }


def chosen(name, offsets, part):
    bits = [8 * offset + bit for offset in offsets for bit in range(8)]
    if part:
        return bits[part[0]::part[1]]
    first = bits[:8 * FIRST_FIELDS] if name == "block" else []
    return first + random.Random(f"{SEED} {name}").sample(bits[len(first):], SAMPLE[name])


def count(machine, part):
    """(name of a part of the image, kernel damaged): outcomes of its flips."""
    counts = {}
    for name, offsets in parts(machine).items():
        for kernel_damaged in (False, True):
            outcomes = counts[name, kernel_damaged] = collections.Counter()
            bits = chosen(name, offsets, part)
            for done, bit in enumerate(bits, 1):
                outcome = machine.flip(bit, kernel_damaged)
                if outcome == "started":
                    kernel = "damaged" if kernel_damaged else "intact"
                    print(f"# started: {name}, kernel {kernel}, byte 0x{bit // 8:x} bit {bit % 8}",
                          flush=True)
                outcomes[outcome if " " not in outcome else "elsewhere"] += 1
                if part and (done == len(bits) or done % PROGRESS == 0):
                    print(f"# {name}, kernel {'damaged' if kernel_damaged else 'intact'}: {done} of "
                          f"{len(bits)} flips", flush=True)
    return counts


def one_machine(guest, purgatory, pc, command, part):
    machine = Machine(guest, purgatory, int(pc), command)
    try:
        if not machine.check():
            raise SystemExit("flips.py: without a flip, purgatory does not start an intact kernel, "
                             "or starts a damaged one")
        return count(machine, part)
    finally:
        machine.end()


def main():
    arguments = sys.argv[1:]
    shares = [None]
    if arguments[0].startswith("--all="):
        part, of = (int(n) for n in arguments.pop(0)[6:].split("/"))
        jobs = len(os.sched_getaffinity(0))
        shares = [(part + of * job, of * jobs) for job in range(jobs)]
    guest, purgatory, pc, *command = arguments
    with concurrent.futures.ProcessPoolExecutor(len(shares)) as pool:
        runs = [pool.submit(one_machine, guest, purgatory, pc, command, s) for s in shares]
        counts = [run.result() for run in runs]
    for name, kernel_damaged in counts[0]:
        outcomes = sum((c[name, kernel_damaged] for c in counts), collections.Counter())
        print(f"flips: {name}: kernel {'damaged' if kernel_damaged else 'intact'}: "
              f"{outcomes.total()} flips, {outcomes['started']} started", dict(outcomes))


main()
