# SPDX-License-Identifier: GPL-2.0-or-later
"""One emulated machine and its serial console (QEMU's invocation manual,
docs/system/invocation)."""

import json
import mmap
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import time

from files import MissingError

KERNEL_TIME = re.compile(r"^\[ *\d+\.\d+\] ")
ESCAPES = re.compile(r"\x1b\[[0-9;=?]*[A-Za-z]")


MIB = 1 << 20


class Failure(Exception):
    """The guest did not do what the test expects."""


class Guest:
    """A running QEMU; use as a context manager.

    arch:      an Arch.
    directory: scratch space for the firmware's variables, the disk and a socket.
    log:       file that gets everything the console printed, with the host's seconds.
    memory:    MiB.
    low:       MiB of it below 4 GiB, the rest is above; 0: as much as goes there.
    spare:     CPUs that can be plugged in later.
    disk:      MiB of an empty disk, /dev/nvme0n1 or /dev/vda; 0: none.
    firmware:  "bios", which is what QEMU does by itself, or "uefi".
    cpu:       with features; None: the arch's.
    options:   more of QEMU's -machine.
    seconds:   after which every wait fails.
    on_line:   called with every line of the console.
    """

    def __init__(self, arch, directory, log, kernel, initrd, command_line, memory=512, low=0,
                 cpus=1, spare=0, disk=0, firmware="bios", cpu=None, seconds=240,
                 on_line=None, options=""):
        self.log = open(log, "w", encoding="utf-8", buffering=1)
        self.on_line = on_line
        self.lines = []
        self.seen = 0
        self.partial = b""
        self.begin = time.monotonic()
        self.deadline = self.begin + seconds
        self.arch = arch
        self.low = low * MIB or arch.ram_start + (1 << 32)
        self.cpu = cpu or arch.cpu
        self.monitor = directory / "monitor"
        self.disk = directory / "disk"
        machine = f"{arch.machine},memory-backend=ram{options}" + \
            (f",max-ram-below-4g={low}M" if low else "")
        features = arch.cpu_features + (arch.spare_features if spare else "")
        smp = f"{cpus},sockets={cpus + spare},maxcpus={cpus + spare}" if spare else str(cpus)
        # QEMU ends with the runner, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL", arch.qemu, "-accel", "tcg",
                   "-machine", machine, "-cpu", f"{self.cpu}{features}", "-smp", smp,
                   "-m", str(memory),
                   "-object", f"memory-backend-memfd,id=ram,size={memory}M,share=on",
                   "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot",
                   "-action", "panic=pause",    # which is what a halt is on s390x
                   "-qmp", f"unix:{self.monitor},server=on,wait=off",
                   "-nic", "none", "-kernel", kernel, "-initrd", initrd, "-append", command_line]
        if firmware == "uefi":
            command += self._uefi(directory)
        if spare:
            command += arch.spare_options
        if disk:
            command += self._empty_disk(disk)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def _uefi(self, directory):
        for code, variables in self.arch.firmware:
            if os.path.exists(code) and os.path.exists(variables):
                mine = shutil.copy(variables, directory / "vars.fd")
                return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
                        "-drive", f"if=pflash,format=raw,file={mine}"]
        raise MissingError(f"no UEFI firmware; install the package {self.arch.firmware_package}")

    def _empty_disk(self, size):
        with open(self.disk, "wb") as file:
            file.truncate(size * MIB)
        return ["-drive", f"if=none,id=disk,format=raw,file={self.disk},discard=unmap,"
                "detect-zeroes=unmap", "-device", f"{self.arch.disk},drive=disk"]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.communicate()
        self.log.close()

    def _add(self, data):
        *whole, self.partial = (self.partial + data).split(b"\n")
        for raw in whole:
            line = ESCAPES.sub("", raw.decode("utf-8", "replace")).rstrip("\r")
            self.log.write(f"{time.monotonic() - self.begin:6.1f} {line}\n")
            self.lines.append(KERNEL_TIME.sub("", line))
            if self.on_line:
                self.on_line(line)

    def _read(self, deadline):
        """More console output; False when QEMU has ended."""
        left = deadline - time.monotonic()
        out = self.process.stdout
        if left <= 0 or not select.select([out], [], [], left)[0]:
            raise TimeoutError
        data = os.read(out.fileno(), 65536)
        self._add(data or b"\n")
        return bool(data)

    def wait(self, pattern, never=None):
        """The match of the next console line that holds pattern.

        Fails at the deadline, when the machine ends, and at a line that holds
        never.
        """
        running = True
        while True:
            while self.seen < len(self.lines):
                line = self.lines[self.seen]
                self.seen += 1
                if never and re.search(never, line):
                    raise Failure(f"'{line}' came where '{pattern}' was expected")
                match = re.search(pattern, line)
                if match:
                    return match
            if not running:
                raise Failure(f"the machine stopped before '{pattern}' came")
            try:
                running = self._read(self.deadline)
            except TimeoutError:
                raise Failure(f"'{pattern}' did not come in time") from None

    def silent_for(self, seconds, never):
        """Fails if the machine ends, or prints a line that holds never, within seconds."""
        until = time.monotonic() + seconds
        try:
            while self._read(until):
                pass
            raise Failure("the machine stopped instead of halting")
        except TimeoutError:
            pass
        for line in self.lines[self.seen:]:
            if re.search(never, line):
                raise Failure(f"'{line}' came after the machine should have halted")

    def wait_for_reset(self, never):
        """Waits until the machine resets (-no-reboot makes QEMU end then)."""
        try:
            while self._read(self.deadline):
                pass
        except TimeoutError:
            raise Failure("the machine did not reset") from None
        for line in self.lines[self.seen:]:
            if re.search(never, line):
                raise Failure(f"'{line}' came where a reset was expected")

    def resume(self):
        """Ends the guest's pause."""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def flip_bit(self, pattern):
        """Flips one bit of every copy of pattern in RAM; returns how many there were.

        Where the kernel keeps the pages of what was loaded is its own affair,
        so the copies are found by their content, which must be unique and lie
        within one page.
        """
        count = 0
        with open(self._ram(), "r+b") as file, mmap.mmap(file.fileno(), 0) as ram:
            at = ram.find(pattern)
            while at >= 0:
                ram[at + len(pattern) // 2] ^= 0x10
                count += 1
                at = ram.find(pattern, at + 1)
        return count

    def read_ram(self, start, size):
        """Bytes of guest physical memory; start and end lie on one side of the hole below 4 GiB."""
        with open(self._ram(), "rb") as file:
            return os.pread(file.fileno(), size, self._in_ram(start))

    def write_ram(self, start, content):
        with open(self._ram(), "r+b") as file:
            os.pwrite(file.fileno(), content, self._in_ram(start))

    def _in_ram(self, address):
        if address < self.low:
            return address - self.arch.ram_start
        return address - (1 << 32) + self.low

    def plug_cpu(self, number):
        """Plugs a spare CPU in; the guest's kernel still has to start it."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(30)
            monitor.connect(str(self.monitor))
            with monitor.makefile("rw") as lines:
                for command in ({"execute": "qmp_capabilities"},
                                {"execute": "device_add",
                                 "arguments": {"driver": f"{self.cpu}-{self.arch.name}-cpu",
                                               "socket-id": number, "core-id": 0,
                                               "thread-id": 0}}):
                    lines.write(json.dumps(command))
                    lines.flush()
                    answer = {}
                    while not {"return", "error"} & answer.keys():
                        answer = json.loads(lines.readline())
                    if "error" in answer:
                        raise Failure(f"QEMU: {answer['error']['desc']}")

    def _ram(self):
        """QEMU keeps the guest's RAM in a memfd, which /proc lets us open, too."""
        descriptors = pathlib.Path(f"/proc/{self.process.pid}/fd")
        return next(fd for fd in descriptors.iterdir() if os.readlink(fd).startswith("/memfd:"))
