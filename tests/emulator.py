#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One emulated machine and its console (QEMU's invocation manual, docs/system/invocation).

As a program: runs a machine until it halts, and prints how it ended; see --help."""

import argparse
import json
import os
import re
import select
import shlex
import socket
import subprocess
import sys
import time

KERNEL_TIME = re.compile(r"^\[ *\d+\.\d+\] ")
ESCAPES = re.compile(r"\x1b\[[0-9;=?]*[A-Za-z]")


class Failure(Exception):
    """The machine did not do what the test expects."""


class Stopped(Failure):
    """QEMU ended: the machine switched off or reset, or QEMU failed."""


class TimedOut(Failure):
    """The console line did not come in time."""


class Emulator:
    """A running QEMU whose console is its standard input and output; use as a context manager.

    command: QEMU and its options, without the options that all machines have.
    log:     file that gets the command and everything the console printed, with the host's
             seconds.
    seconds: after which every wait fails.
    on_line: called with every line of the console.
    monitor: path of a socket for QMP; None: no monitor.
    mode:    "a" continues a log.
    errors:  destination of QEMU's own messages, as subprocess takes it; by default the console.
    """

    def __init__(self, command, log, seconds=240, on_line=None, monitor=None, mode="w",
                 errors=subprocess.STDOUT):
        self.log = open(log, mode, encoding="utf-8", buffering=1)
        self.on_line = on_line
        self.lines = []
        self.seen = 0
        self.partial = b""
        self.begin = time.monotonic()
        self.deadline = self.begin + seconds
        self.monitor = monitor
        command = [*command, "-accel", "tcg", "-display", "none", "-monitor", "none", "-nic", "none"]
        if monitor:
            command += ["-qmp", f"unix:{monitor},server=on,wait=off"]
        self.command = shlex.join(map(str, command))
        self.note(f"# {self.command}")
        # QEMU ends with the runner, however that ends.
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=errors)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.communicate()
        self.log.close()

    def note(self, text):
        """A line in the log."""
        self.log.write(f"{time.monotonic() - self.begin:6.1f} {text}\n")

    def _add(self, data):
        *whole, self.partial = (self.partial + data).split(b"\n")
        for raw in whole:
            line = ESCAPES.sub("", raw.decode("utf-8", "replace")).rstrip("\r")
            self.note(line)
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
        self._add(data or (b"\n" if self.partial else b""))
        return bool(data)

    def _stopped(self, text):
        status = self.process.wait()
        return Stopped(f"{text}; QEMU ended with status {status}: {self.command}" if status else text)

    def wait(self, pattern, never=None):
        """The match of the next console line that contains pattern.

        Fails at the deadline, when the machine ends, and at a line that contains
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
                raise self._stopped(f"the machine stopped before '{pattern}' came")
            try:
                running = self._read(self.deadline)
            except TimeoutError:
                raise TimedOut(f"'{pattern}' did not come in time") from None

    def _run_on(self, seconds, ended):
        """Reads the console for seconds; fails with that text if the machine ends."""
        until = time.monotonic() + seconds
        try:
            while self._read(until):
                pass
            raise self._stopped(ended)
        except TimeoutError:
            pass

    def pass_time(self, seconds):
        """Lets the machine run on.  Fails if it ends, and at the deadline."""
        self._run_on(seconds, "the machine stopped instead of running on")
        if time.monotonic() > self.deadline:
            raise TimedOut("the time is over")

    def silent_for(self, seconds, never=None):
        """Fails if the machine ends, or prints a line that contains never, within seconds."""
        self._run_on(seconds, "the machine stopped instead of halting")
        for line in self.lines[self.seen:]:
            if never and re.search(never, line):
                raise Failure(f"'{line}' came after the machine should have halted")

    def wait_for_reset(self, never):
        """Waits until the machine resets (-no-reboot makes QEMU end then)."""
        try:
            while self._read(self.deadline):
                pass
        except TimeoutError:
            raise TimedOut("the machine did not reset") from None
        for line in self.lines[self.seen:]:
            if re.search(never, line):
                raise Failure(f"'{line}' came where a reset was expected")

    def type(self, text):
        """Input of the console."""
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def ask_monitor(self, command, **arguments):
        """The answer to a QMP command (QEMU: docs/interop/qmp-spec)."""
        try:
            return self._ask_monitor(command, arguments)
        except (OSError, ValueError) as error:
            raise Failure(f"QEMU's monitor does not answer '{command}': {error}") from None

    def _ask_monitor(self, command, arguments):
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(30)
            monitor.connect(str(self.monitor))
            with monitor.makefile("rw") as lines:
                for request in ({"execute": "qmp_capabilities"},
                                {"execute": command, "arguments": arguments}):
                    lines.write(json.dumps(request))
                    lines.flush()
                    answer = {}
                    while not {"return", "error"} & answer.keys():
                        answer = json.loads(lines.readline())
                    if "error" in answer:
                        raise Failure(f"QEMU: {answer['error']['desc']}")
        return answer["return"]


def main():
    parser = argparse.ArgumentParser(description="Runs a machine in QEMU and prints how it ended: "
                                     "halted (it printed PATTERN and then ran on for a second), "
                                     "stopped, timeout, or QEMU's exit status and command line.")
    parser.add_argument("--seconds", type=float, required=True, help="time limit")
    parser.add_argument("--halted", required=True, metavar="PATTERN",
                        help="console line (Python's re) of a machine that is about to halt")
    parser.add_argument("--console", required=True, metavar="FILE",
                        help="gets what the machine prints on -serial stdio")
    parser.add_argument("--log", required=True, metavar="FILE",
                        help="gets the same with the host's seconds, and the command line")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="QEMU OPTION...")
    args = parser.parse_args()
    with open(args.console, "w", encoding="utf-8") as console, \
            Emulator(args.command, args.log, args.seconds, lambda line: print(line, file=console),
                     errors=None) as machine:
        try:
            machine.wait(args.halted)
            machine.silent_for(1)   # time enough for a reset that must not come
            print("halted")
        except TimedOut:
            print("timeout")
        except Stopped as stopped:
            print(f"{stopped}; log: {args.log}" if machine.process.returncode else "stopped")


if __name__ == "__main__":
    sys.exit(main())
