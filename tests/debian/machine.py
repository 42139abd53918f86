# SPDX-License-Identifier: GPL-2.0-or-later
"""An emulated machine with a whole Debian on its disk, and the root shell on its console."""

import secrets
import time

from arches import native
from emulator import Emulator, Failure

ARCH = native()
READY = "root shell: ready"


class Machine(Emulator):
    """A running QEMU with a disk; use as a context manager.

    image:   the directory that make-image filled; its kernel boots the disk.
    disk:    a file; what the guest writes there stays.
    append:  what else the kernel's command line has.
    initrd:  instead of that of the image.
    seconds: that a kernel has, from its start to the command that ends it.
    """

    def __init__(self, image, disk, log, append="", initrd=None, seconds=900):
        self.seconds = seconds
        super().__init__([ARCH.qemu, "-machine", ARCH.machine, "-cpu", ARCH.cpu, "-smp", "2",
                          "-m", "2048", "-serial", "stdio", "-no-reboot",
                          "-kernel", image / "vmlinuz", "-initrd", initrd or image / "initrd.img",
                          "-drive", f"file={disk},format=raw,if=virtio,cache=unsafe",
                          "-append", f"root=/dev/vda rw console={ARCH.tty} {append}"],
                         log, seconds, mode="a")

    def status(self, command):
        """(exit status, output) of a shell command in the guest.

        The output is in a file first, so that only whole lines with a mark of their own come over
        the console, which others write to as well.
        """
        mark = secrets.token_hex(4)
        self.note(f"# {command}")
        begin = len(self.lines)
        self.type(f"( {command}\n) > /run/out 2>&1 < /dev/null; status=$?\n"
                  f"sed 's/^/{mark}:/' /run/out; echo; echo \"{mark} status $status\"\n")
        status = int(self.wait(rf"^{mark} status (\d+)").group(1))
        output = [line.split(":", 1)[1] for line in self.lines[begin:self.seen]
                  if line.startswith(f"{mark}:")]
        return status, "\n".join(output)

    def run(self, command):
        """The output of a command that must succeed."""
        status, output = self.status(command)
        if status:
            raise Failure(f"'{command}' ended with status {status}: {output}")
        return output

    def leave(self, command):
        """Types a command that ends this kernel's life."""
        self.note(f"# {command}")
        self.type(command + "\n")
        self.deadline = time.monotonic() + self.seconds
