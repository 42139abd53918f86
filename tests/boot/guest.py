# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest of a boot test: its machine, and its RAM as the host sees it."""

import mmap
import os
import pathlib
import shutil
import sys
import time

import files
from files import TOP

sys.path.insert(1, str(TOP / "tests"))
import emulator    # noqa: E402

Failure = emulator.Failure
MIB = 1 << 20


class Guest(emulator.Emulator):
    """A running QEMU; use as a context manager.

    arch:      an Arch.
    directory: scratch space for the firmware's variables, the disk and a socket.
    log:       file that gets everything the console printed, with the host's seconds.
    memory:    MiB.
    low:       MiB of it below 4 GiB, the rest is above; 0: as much as goes there.
    spare:     CPUs that can be plugged in later.
    disk:      MiB of an empty disk, /dev/nvme0n1 or /dev/vda; 0: none.
    firmware:  "bios", which is what QEMU does by itself, "uefi", or "rom": the kernel is the firmware.
    cpu:       with features; None: the arch's.
    options:   more of QEMU's -machine.
    loaded:    a file that is put into memory, and its address.
    folder:    the directory of a FAT disk; None: no such disk.
    kernel:    None: firmware finds what it starts.
    initrd:    None: neither initrd nor command line.
    seconds:   after which every wait fails.
    on_line:   called with every line of the console.
    """

    def __init__(self, arch, directory, log, kernel, initrd, command_line, memory=512, low=0,
                 cpus=1, spare=0, disk=0, firmware="bios", cpu=None, seconds=240,
                 on_line=None, options="", loaded=None, folder=None):
        self.arch = arch
        self.hole = range(low * MIB, 1 << 32) if low else arch.hole
        self.cpu = cpu or arch.cpu
        self.disk = directory / "disk"
        machine = f"{arch.machine},memory-backend=ram{options}" + \
            (f",max-ram-below-4g={low}M" if low else "")
        features = arch.cpu_features + (arch.spare_features if spare else "")
        smp = f"{cpus},sockets={cpus + spare},maxcpus={cpus + spare}" if spare else str(cpus)
        command = [*files.emulator(arch), "-machine", machine, "-cpu", f"{self.cpu}{features}", "-smp", smp,
                   "-m", str(memory),
                   "-object", f"memory-backend-memfd,id=ram,size={memory}M,share=on",
                   "-serial", "stdio", "-no-reboot",
                   "-action", "panic=pause"]    # a halt that QEMU takes for a panic
        if kernel:
            command += ["-bios" if firmware == "rom" else "-kernel", kernel]
        if initrd:
            command += ["-initrd", initrd, "-append", command_line]
        if loaded:
            command += ["-device", f"loader,file={loaded[0]},addr={loaded[1]:#x},force-raw=on"]
        if folder:
            command += ["-drive", f"file=fat:rw:{folder},format=raw"]
        if firmware == "uefi":
            command += self._uefi(directory)
        if spare:
            command += arch.spare_options
        if disk:
            command += self._empty_disk(disk)
        self.arguments = command
        self.directory = directory
        super().__init__(command, log, seconds, on_line, monitor=directory / "monitor")

    def _uefi(self, directory):
        code, variables = files.firmware(self.arch)
        mine = shutil.copy(variables, directory / "vars.fd")
        return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
                "-drive", f"if=pflash,format=raw,file={mine}"]

    def _empty_disk(self, size):
        with open(self.disk, "wb") as file:
            file.truncate(size * MIB)
        return ["-drive", f"if=none,id=disk,format=raw,file={self.disk},discard=unmap,"
                "detect-zeroes=unmap", "-device", f"{self.arch.disk},drive=disk"]

    def resume(self):
        """Ends the guest's pause."""
        self.type("\n")

    def save(self, path):
        """Writes the guest's state to a file, for restored(), and ends the guest."""
        self.ask_monitor("migrate-set-parameters", **{"max-bandwidth": 1 << 32})
        self.ask_monitor("migrate", uri=f"exec:cat >{path}")
        while (status := self.ask_monitor("query-migrate")["status"]) != "completed":
            if status == "failed" or time.monotonic() > self.deadline:
                raise Failure(f"QEMU cannot save the guest: {status}")
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()

    def restored(self, path, seconds):
        """A guest that goes on from the saved state; use as a context manager."""
        monitor = self.directory / "restored"
        monitor.unlink(missing_ok=True)
        guest = emulator.Emulator([*self.arguments, "-incoming", f"exec:cat {path}"],
                                  self.log.name, seconds, mode="a", monitor=monitor)
        while not self._runs(guest):
            if guest.process.poll() is not None or time.monotonic() > guest.deadline:
                guest.__exit__()
                raise Failure("QEMU cannot restore the guest")
            time.sleep(0.02)
        return guest

    @staticmethod
    def _runs(guest):
        """QEMU's monitor does not answer from the first moment on."""
        try:
            return guest.ask_monitor("query-status")["status"] == "running"
        except Failure:
            return False

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
        """Bytes of guest physical memory; start and end lie on one side of the hole."""
        with open(self._ram(), "rb") as file:
            return os.pread(file.fileno(), size, self._in_ram(start))

    def write_ram(self, start, content):
        with open(self._ram(), "r+b") as file:
            os.pwrite(file.fileno(), content, self._in_ram(start))

    def _in_ram(self, address):
        return address - (self.arch.ram_start if address < self.hole.start else len(self.hole))

    def plug_cpu(self, number):
        """Plugs a spare CPU in; the guest's kernel still has to start it."""
        self.ask_monitor("device_add", **{"driver": f"{self.cpu}-{self.arch.name}-cpu",
                                          "socket-id": number, "core-id": 0, "thread-id": 0})

    def _ram(self):
        """QEMU keeps the guest's RAM in a memfd, which /proc lets us open, too."""
        descriptors = pathlib.Path(f"/proc/{self.process.pid}/fd")
        return next(fd for fd in descriptors.iterdir() if os.readlink(fd).startswith("/memfd:"))
