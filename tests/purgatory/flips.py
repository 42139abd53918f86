#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: flips.py [--all=PART/PARTS] GUEST.elf PURGATORY.pie PC QEMU ARGUMENT...
# Flips single bits of a loaded purgatory in QEMU, and counts the flips after which a kernel is
# started: once with an intact kernel and once with a damaged one.  PC is the number of the
# program counter in QEMU's protocol for debuggers.  The guest stops at its function
# enter_purgatory; from there each flip is one run, with registers and memory put back.
# --all: every bit of the image (one of PARTS parts), instead of a sample of fixed seed.

import collections
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
SAMPLE = {"block": 50, "cpu state": 40, "digest": 10, "code": 100}
CPU_STATE, DIGEST, BLOCK_END = 1216, 1472, 1504  # include/purgatory_abi.h
RUN_LIMIT = 0.3  # seconds of QEMU's CPU time after which a run has not started a kernel


class Gone(Exception):
    """QEMU ended."""


class Debugger:
    """QEMU's side of the protocol: packets $TEXT#SUM, each answered by + and a reply."""

    def __init__(self, command):
        self.directory = tempfile.TemporaryDirectory()
        path = self.directory.name + "/gdb"
        options = ["-accel", "tcg", "-display", "none", "-monitor", "none", "-nic", "none",
                   "-action", "reboot=reset,shutdown=pause"]  # takes a -no-reboot back
        self.log = open(self.directory.name + "/log", "w+")
        self.qemu = subprocess.Popen(
            command + options + ["-S", "-gdb", f"unix:{path},server=on,wait=off"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(200):
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
                raise Gone
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

    def monitor(self, command):
        self.send("qRcmd," + command.encode().hex())
        while self.receive(30) != "OK":
            pass

    def go(self, limit):
        """Runs to a breakpoint: True.  False: not reached in `limit` seconds of CPU time."""
        self.send("c")
        begin, asleep = self.cpu_time(), 0
        reply = self.receive(0.02)
        while reply is None:
            used = self.cpu_time()
            reply = self.receive(0.05)
            # A CPU that waits for an interrupt uses no time.
            asleep = asleep + 1 if self.cpu_time() == used and not self.wants_cpu() else 0
            if reply is None and (self.cpu_time() - begin > limit or asleep > 5):
                self.socket.sendall(b"\x03")
                reply = self.receive(30) or ""
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
        self.pc = pc
        self.payload = self.guest["payload"][0]
        self.start = self.guest["main"][0]  # reached after a reset of the machine
        self.ends, self.swapped = [], False  # functions of purgatory at which a run ends
        self.command = command
        self.boot()

    def boot(self):
        self.debugger, self.ends = Debugger(self.command), []
        for address in (self.payload, self.start):
            self.debugger.breakpoint(address)
        self.prepare()

    def guest_word(self, name):
        return int.from_bytes(self.debugger.read(self.guest[name][0], self.word), self.order)

    def prepare(self):
        """From a reset of the machine, or the guest's start, to the call of purgatory."""
        debugger = self.debugger
        enter = self.guest["enter_purgatory"][0]
        debugger.breakpoint(enter)
        if self.place() != self.start:
            debugger.go(60)
        debugger.breakpoint(self.start, False)
        debugger.go(60)
        if self.place() != enter:
            raise SystemExit("flips.py: the guest does not enter purgatory")
        debugger.breakpoint(enter, False)
        debugger.breakpoint(self.start)
        self.registers = debugger.ask("g")
        self.base = self.guest_word("base")
        self.kernel = self.guest_word("flips_kernel")
        self.image = debugger.read(self.base, self.purgatory["purgatory_image_end"][0])
        self.kernel_bytes = debugger.read(self.kernel, 1)
        self.ends = [self.base + self.purgatory[name][0] for name in ("arch_halt", "arch_reset")]
        for address in self.ends:
            debugger.breakpoint(address)

    def place(self):
        """Where the CPU is.  The bytes of registers have the CPU's order of the moment."""
        counter = bytes.fromhex(self.debugger.ask(f"p{self.pc:x}"))[:self.word]
        other = {"little": "big", "big": "little"}[self.order]
        self.swapped = int.from_bytes(counter, other) in self.ends
        return int.from_bytes(counter, other if self.swapped else self.order)

    def restart(self, reset):
        for address in self.ends:
            self.debugger.breakpoint(address, False)
        if reset:
            self.debugger.monitor("system_reset")
        self.prepare()

    def in_an_end(self, offset):
        return any(0 <= offset - self.purgatory[name][0] < max(self.purgatory[name][1], 64)
                   for name in ("arch_halt", "arch_reset"))

    def run(self, changes):
        """"started", "stopped", or what else happened; changes: (address, byte)."""
        debugger = self.debugger
        debugger.ask("G" + self.registers)
        if self.swapped:  # the CPU has the right byte order now
            debugger.ask("G" + self.registers)
        debugger.write(self.base, self.image)
        debugger.write(self.kernel, self.kernel_bytes)
        for address, byte in changes:
            debugger.write(address, bytes([byte]))
        if not debugger.go(RUN_LIMIT):
            return "hung"
        place = self.place()
        if place in self.ends:
            return "stopped"
        return {self.payload: "started", self.start: "reset"}.get(place, f"at {place:x}")

    def end(self):
        self.debugger.close()

    def check(self):
        """An intact purgatory starts an intact kernel, and no damaged one."""
        damaged = [(self.kernel, self.kernel_bytes[0] ^ 1)]
        return self.run([]) == "started" and self.run(damaged) == "stopped"

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
        except (Gone, ConnectionError):  # the machine switched itself off
            self.debugger.close()
            self.boot()
            return "off"
        for address in ends:
            self.debugger.breakpoint(address)
        if outcome == "reset":
            self.restart(False)
        if outcome not in ("started", "stopped") and not self.check():
            self.restart(True)
            if not self.check():
                raise SystemExit(f"flips.py: nothing works after a flip in byte 0x{offset:x}")
        return outcome


def parts(machine):
    """Name of each part of the image: its bytes, as offsets."""
    block = machine.purgatory["purgatory_params"][0]
    size = len(machine.image)
    return {
        "block": range(block, block + CPU_STATE),
        "cpu state": range(block + CPU_STATE, block + DIGEST),
        "digest": range(block + DIGEST, block + BLOCK_END),
        "code": [*range(0, block), *range(block + BLOCK_END, size)],
    }


def chosen(name, offsets, part):
    bits = [8 * offset + bit for offset in offsets for bit in range(8)]
    if part:
        return bits[part[0]::part[1]]
    return random.Random(f"{SEED} {name}").sample(bits, SAMPLE[name])


def main():
    arguments = sys.argv[1:]
    part = None
    if arguments[0].startswith("--all="):
        part = [int(n) for n in arguments.pop(0)[6:].split("/")]
    guest, purgatory, pc, *command = arguments
    machine = Machine(guest, purgatory, int(pc), command)
    if not machine.check():
        print(machine.run([]), f"{machine.payload:x}", [f"{e:x}" for e in machine.ends])
        raise SystemExit("flips.py: without a flip it does not start an intact kernel, or starts a damaged one")
    for name, offsets in parts(machine).items():
        for kernel_damaged in (False, True):
            kernel = "damaged" if kernel_damaged else "intact"
            outcomes = collections.Counter()
            for bit in chosen(name, offsets, part):
                outcome = machine.flip(bit, kernel_damaged)
                if outcome == "started":
                    print(f"# started: {name}, kernel {kernel}, byte 0x{bit // 8:x} bit {bit % 8}")
                outcomes[outcome if " " not in outcome else "elsewhere"] += 1
            print(f"flips: {name}: kernel {kernel}: {sum(outcomes.values())} flips, "
                  f"{outcomes['started']} started", dict(outcomes), flush=True)
    machine.end()


main()
