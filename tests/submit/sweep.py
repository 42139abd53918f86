#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Injects errors into the system calls of kexec and vmcore-dmesg and judges what comes of it.
An exit status of 0 means that the whole load went in; everything else is a sentence on stderr
and a status that the manual page has; no record describes another load than the one in the
slot; nothing crashes or hangs.  See faults.c, which answers the calls in the kernel's place."""

import argparse
import concurrent.futures
import errno
import gzip
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "cli"))

import harness
from harness import example
import vmcores

import images

OK, REFUSED = 0, errno.EPERM
EVERYWHERE = ("EPERM ENOENT EINTR EIO EAGAIN ENOMEM EACCES EBUSY ENOTDIR EINVAL EMFILE EFBIG ENOSPC "
              "EROFS ENOSYS EOPNOTSUPP").split()
LOAD_ERRORS = ("EADDRNOTAVAIL ENOEXEC EFAULT EBADF ETXTBSY EKEYREJECTED ENODATA ENOPKG ENOKEY EBADMSG "
               "ELIBBAD EMSGSIZE EXDEV").split()
NR = example.SYSTEM_CALLS
STICKY = {NR["openat"]: ["EMFILE"], NR["write"]: ["ENOSPC", "EFBIG"],
          **dict.fromkeys([NR["mmap"], NR["brk"], NR["mremap"]], ["ENOMEM"])}
ABSENCE = (errno.ENOENT, errno.ENOTDIR)
STATUSES = ("1", "253", "255")
TIME = re.compile(rb"\0time=[^\0]*")
FOLDER = re.compile(rb"\b(kernel=|initrd=)[^\0]*/")

# name: (answers to kexec_load, kexec_file_load, reboot; input; arguments)
COMMANDS = {
    "kexec_load": ((OK, OK, OK), None, "-c -l bzImage --initrd=initrd --append=quiet"),
    "kexec_file_load": ((OK, OK, OK), None, "-s -l bzImage --initrd=initrd --append=quiet"),
    "fallback": ((OK, errno.ENOSYS, OK), None, "-l bzImage --initrd=initrd"),
    "refused": ((REFUSED, OK, OK), None, "-c -l bzImage"),
    "crash kernel": ((OK, OK, OK), None, "-c -p bzImage --append=1"),
    "crash kernel by kexec_file_load": ((OK, OK, OK), None, "-p bzImage --append=1"),
    "compressed": ((OK, OK, OK), None, "-s -l bzImage.gz --initrd=initrd --initrd=initrd"),
    "initrd from input": ((OK, OK, OK), "initrd", "-c -l bzImage.gz --initrd=-"),
    "exec": ((OK, OK, OK), None, "-e"),
    "exec, refused": ((OK, OK, REFUSED), None, "-e"),
    "unload": ((OK, OK, OK), None, "-u"),
    "unload by kexec_load": ((OK, OK, OK), None, "-c -u -p"),
    "status": ((OK, OK, OK), None, "-S -l"),
    "status as JSON": ((OK, OK, OK), None, "-S --json"),
    "dry run": ((OK, OK, OK), None, "--dry-run --json -c -p bzImage"),
    "vmcore-dmesg": ((OK, OK, OK), None, "vmcore"),
}
CAGE = """for d in run sys proc; do mount --bind "$0/$d" /$d || exit 125; done; exec "$@" """


class Broken(Exception):
    """faults ended.  Its status is 77 where this system does not let it look into programs."""


class Outcome:
    """One line of faults, and what the program wrote."""

    def __init__(self, line, directory):
        head, _, trace = line.strip().partition(" |")
        self.end, *calls = head.split()
        self.calls = [call.split(":") for call in calls]
        self.trace = [tuple(map(int, call.split(":"))) for call in trace.split()]
        self.out = (directory / "out").read_bytes()
        self.err = (directory / "err").read_bytes()

    def slot(self):
        """Hash of what the last successful call put into the slot; "": emptied; None: as before."""
        found = None
        for name, content, answer in self.calls:
            if name in ("load", "unload") and answer == "0":
                found = content if name == "load" else ""
        return found


class Command:
    """A machine of its own, with both slots filled and a record in each."""

    def __init__(self, name, build, tool, directory):
        self.name = name
        self.directory = directory / name.replace(" ", "-").replace(",", "")
        self.directory.mkdir()
        self.answers, self.input, arguments = COMMANDS[name]
        self.crash = "-p" in arguments.split()
        self.machine = harness.make_machine(
            self.directory / "machine", example.MACHINE,
            {"sys/kernel/kexec_loaded": "1\n", "sys/kernel/kexec_crash_loaded": "1\n",
             "proc/kcore": (harness.FIXTURES / example.KCORE).read_bytes()})
        self.records = self.machine / "run/kexec"
        self.make_files()
        program = "vmcore-dmesg" if name == "vmcore-dmesg" else "kexec"
        self.old = {}
        for slot, earlier in (("normal", "-s -l old"), ("crash", "-s -p old")):
            self.reset()
            with self.start(tool, build / "sbin/kexec", earlier.split(), (0, 0, 0)) as process:
                self.ask(process, -1, 0, 0)
            self.old[slot] = (self.records / slot).read_bytes()
        self.process = self.start(tool, build / f"sbin/{program}", arguments.split(), self.answers)
        self.reset()
        self.good = self.ask(self.process, -1, 0, 0)
        self.new = self.record()

    def make_files(self):
        kernel = example.kernel()
        for name, content in (("bzImage", kernel), ("old", kernel), ("initrd", images.noise(9000, "i")),
                              ("bzImage.gz", gzip.compress(kernel, mtime=0)),
                              ("vmcore", vmcores.Vmcore("lockless").data)):
            (self.directory / name).write_bytes(content)

    def start(self, tool, program, arguments, answers):
        map_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        return subprocess.Popen(
            ["unshare", *map_root, "--mount", "--net", "--pid", "--fork", "--kill-child",
             "--propagation", "private", "setpriv", "--bounding-set=-sys_boot",
             "--inh-caps=-sys_boot", "sh", "-c", CAGE, self.machine, tool, *map(str, answers),
             self.directory / self.input if self.input else "/dev/null", program, *arguments],
            cwd=self.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, LC_ALL="C"))

    def reset(self):
        shutil.rmtree(self.records, ignore_errors=True)
        self.records.mkdir(mode=0o755)
        for slot, content in self.old.items():
            (self.records / slot).write_bytes(content)
            os.chmod(self.records / slot, 0o600)

    def ask(self, process, index, number, sticky):
        process.stdin.write(f"{index} {number} {sticky}\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise Broken(f"{self.name}: faults ended with {process.wait()}", process.returncode)
        return Outcome(line, self.directory)

    def record(self):
        path = self.records / ("crash" if self.crash else "normal")
        return TIME.sub(b"", path.read_bytes()) if path.exists() else None

    def faults(self):
        for index, (nr, _) in enumerate(self.good.trace):
            names = EVERYWHERE + (LOAD_ERRORS if nr in (NR["kexec_load"], NR["kexec_file_load"]) else [])
            for name in names if nr != NR["brk"] else ["ENOMEM"]:
                yield index, name, 0
            for name in STICKY.get(nr, []):
                yield index, name, 1

    def judge(self, fault):
        index, name, sticky = fault
        number = getattr(errno, name)
        self.reset()
        outcome = self.ask(self.process, index, number, sticky)
        # Nobody can be told over a stream that fails, and absence is no error everywhere.
        nr, first = self.good.trace[index]
        mute = nr == NR["write"] and (first == 2 or sticky)
        # kexec_load follows a kexec_file_load that the kernel does not have or cannot do.
        quiet = mute or number in ABSENCE or nr == NR["kexec_file_load"]
        wrong = (self.bad_end(outcome, mute) or self.bad_load(outcome, quiet) or
                 self.bad_record(outcome))
        if not wrong:
            return None
        return (f"{self.name}: {name}{' from then on' if sticky else ''} at call {index} (number {nr}, "
                f"first argument {first}): {wrong}\n#   ended with {outcome.end}, {outcome.calls}\n"
                f"#   stderr: {outcome.err[:300]!r}")

    def bad_end(self, outcome, mute):
        if outcome.end == "hang" or outcome.end.startswith("signal"):
            return "it crashed or hung"
        if outcome.end == self.good.end:
            return None
        if not outcome.err and not mute:
            return "not a word"
        if self.name == "vmcore-dmesg" or outcome.end in STATUSES:
            if self.name.startswith("status") and outcome.end == "1":
                return "1 means that a kernel is loaded"
            return None
        return "an exit status that the manual page does not have"

    def bad_load(self, outcome, quiet):
        told = outcome.err != self.good.err or quiet
        succeeded = outcome.end == self.good.end
        if succeeded and outcome.out != self.good.out and not told:
            return "other output, and not a word"
        if succeeded and outcome.slot() != self.good.slot() and not told:
            return "another load, and not a word"
        if succeeded and self.good.slot() and not outcome.slot():
            return "success without a load"
        # A file that is gone after the call has changed: a crash kernel stays, and this is said.
        if not succeeded and outcome.slot() and not (
                self.crash and outcome.err.startswith(b"loaded, but ")):
            return "a load that succeeded ended with a failure"
        return None

    def bad_record(self, outcome):
        record, old = self.record(), TIME.sub(b"", self.old["crash" if self.crash else "normal"])
        slot = outcome.slot()
        if record is None:
            return None
        if slot is None:
            return None if record == old else "the record was changed without a load"
        if slot == "":
            return "an empty slot has a record"
        if record == old:
            return "the record is that of the load before"
        # Facts may be missing, such as the state of the file for its digest, but none is another.
        if outcome.slot() == self.good.slot() and not self.is_part(record):
            return "the record is not whole"
        return None

    def is_part(self, record):
        """A name stays as it was given if it cannot be resolved."""
        lines, new = (FOLDER.sub(rb"\1", text).split(b"\0") for text in (record, self.new))
        return set(lines) <= set(new) and lines[-2:] == new[-2:] and all(
            any(line.startswith(key) for line in lines) for key in (b"kernel=", b"method=", b"tool="))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def sweep(name, build, tool, directory, share, seed):
    command = Command(name, build, tool, directory)
    faults = list(command.faults())
    if share < 1:
        faults = random.Random(f"{seed} {name}").sample(faults, max(20, int(len(faults) * share)))
    bad = [found for found in map(command.judge, faults) if found]
    command.close()
    return name, len(faults), bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help=f"of: {', '.join(COMMANDS)}")
    parser.add_argument("--share", type=float, default=1, help="part of the faults to inject (1)")
    parser.add_argument("--seed", default="kexec", help="of the choice of faults")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    build = pathlib.Path(os.environ.get("BUILD", harness.TOP / "build")).resolve()
    tool = build / "tests/submit/faults"
    tool.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([*os.environ.get("CC", "cc").split(), "-O2", "-o", tool, HERE / "faults.c"], check=True)
    os.umask(0o022)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="kexec-sweep-") as directory, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(sweep, name, build, tool, pathlib.Path(directory), args.share, args.seed)
                for name in args.commands or COMMANDS]
        for job in concurrent.futures.as_completed(jobs):
            try:
                name, count, bad = job.result()
            except Broken as reason:
                skip = reason.args[1] == 77 and os.environ.get("HERMETIC")
                print(f"{'SKIP' if skip else 'not ok'} {reason.args[0]}")
                failed += not skip
                continue
            passed += count - len(bad)
            failed += len(bad)
            print(f"{name}: {count} faults, {len(bad)} judged bad", flush=True)
            for text in bad[:20]:
                print(f"not ok {text}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
