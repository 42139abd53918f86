# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a kexec: in the cage, where its system calls are seen and answered, or plainly
with --dry-run.  Makes the machines and files that it is run on."""

import dataclasses
import importlib
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path += [str(HERE.parent / name) for name in ("plan", "boot", "fixtures")]

import fixtures    # noqa: E402

FIXTURES = fixtures.FIXTURES


def arches(*arguments):
    """The words that util/arches prints."""
    return subprocess.run([TOP / "util/arches", *arguments], check=False, text=True,
                          stdout=subprocess.PIPE).stdout.split()


def own_example():
    """The module example.py of the arch that the tests run on."""
    machine = os.uname().machine
    found = [HERE / arches("get", arch, "dir")[0] for arch in arches("host", machine)]
    if not found or not (found[0] / "example.py").exists():
        sys.exit(f"no tests of the command line on {machine}: there is no tests/cli/*/example.py "
                 "for it")
    sys.path.append(str(found[0]))
    return importlib.import_module("example")


example = own_example()
TIMEOUT = 60
CAGE_REFUSED = 125
ANSWERS = {"kexec_load": "retval=0", "kexec_file_load": "error=ENOSYS", "sync": "retval=0",
           "reboot": "error=EINVAL", "execve": "error=ENOENT"}


class Unsafe(Exception):
    """A system call got past strace: nothing more may be run."""


@dataclasses.dataclass
class Result:
    command: str
    status: int    # 128 + number for a signal, as a shell says it
    out: str
    err: str
    calls: list = dataclasses.field(default_factory=list)
    lines: list = dataclasses.field(default_factory=list)    # of strace

    def errors(self):
        """The lines of stderr that are neither warnings nor debug output."""
        return [line for line in self.err.splitlines()
                if not line.startswith(("warning: ", "debug: "))]

    def describe(self):
        return (f"$ {self.command[:300]}\nstatus {self.status}, calls {self.calls}\n"
                f"stdout: {self.out[:600]!r}\nstderr: {self.err[:600]!r}")


def finish(command, process, out, err):
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return Result(shlex.join(map(str, command)), status, out.decode("utf-8", "replace"),
                  err.decode("utf-8", "replace"))


def run(command, directory, env=None, stdin=subprocess.DEVNULL, timeout=TIMEOUT):
    """Runs a command without the cage: it must not reach a system call that changes the system."""
    with subprocess.Popen(command, cwd=directory, env=env, stdin=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            err += b"\n(killed: it did not end)"
    return finish(command, process, out, err)


def flag_words(flags):
    """KEXEC_ON_CRASH and the arch's flag -> ' ON_CRASH'."""
    flags = re.sub(r" /\*.*\*/", "", flags)
    words = [word for word in flags.split("|") if word not in ("0", example.CALL_FLAG)]
    return "".join(" " + re.sub(r"^KEXEC_(FILE_)?", "", word) for word in words)


def call_of(line):
    """The short form of one line of strace's output; None: a call that changes nothing."""
    line = re.sub(r"^\d+\s+", "", line)
    name = line.split("(")[0]
    if name == "kexec_load":
        count = re.match(r"kexec_load\(\w+, (\d+), ", line).group(1)
        flags = re.search(r", ([^,]+)\)\s+= ", line).group(1)
        arch = "" if example.CALL_FLAG in flags else " (no arch)"
        return ("load" if count != "0" else "unload") + flag_words(flags) + arch
    if name == "kexec_file_load":
        flags = re.search(r", ([^,]+)\)\s+= ", line).group(1)
        return "file_load" + flag_words(flags)
    if name == "sync":
        return "sync"
    if name == "socket":
        return "ifdown"
    if name == "reboot":
        return "reboot " + re.search(r"LINUX_REBOOT_CMD_(\w+)", line).group(1)
    if name == "execve":
        return "exec " + re.match(r'execve\("([^"]*)"', line).group(1)
    return None


class Cage:
    """One kexec program, ours or Debian's, and how to run it."""

    def __init__(self, program, work, libraries=()):
        self.program = program
        self.work = work
        self.env = dict(os.environ, LC_ALL="C",
                        PROGRAM_LIBRARIES=":".join(map(str, libraries)))

    def run(self, machine, arguments, injections=""):
        trace = self.work / "trace"
        trace.unlink(missing_ok=True)
        asked = dict(one.split(":", 1) for one in injections.split())
        answers = " ".join(f"{name}:{answer}" for name, answer in {**ANSWERS, **asked}.items())
        command = [HERE / "cage", machine, trace, answers, self.program, *arguments]
        result = run(command, self.work, self.env)
        result.command = shlex.join(["kexec", *arguments])
        if not trace.exists() or result.status == CAGE_REFUSED:
            raise Unsafe(f"the cage did not start: {result.err}")
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()[1:]
        lines = [line for line in lines if re.match(r"^\d+\s+\w+\(", line)]
        for line in lines:
            if re.match(r"\d+\s+(kexec|reboot|execve)", line) and "(INJECTED)" not in line:
                raise Unsafe(f"a call got past strace: {line}")
        result.lines = lines
        calls = [call for call in map(call_of, lines) if call]
        # Taking interfaces down needs more than one socket.
        result.calls = [call for i, call in enumerate(calls)
                        if call != "ifdown" or calls[i - 1:i] != ["ifdown"]]
        return result


def make_machine(directory, fixture=example.MACHINE, files=None):
    """A copy of a captured machine that takes records.  files: as fixtures.copy() takes them."""
    fixtures.copy(directory, fixture, files or {})
    (directory / "run").mkdir(exist_ok=True)
    return directory
