# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults while kexec works: files that change meanwhile, output that cannot be written, short
memory."""

import os
import re
import resource
import shutil
import subprocess

import bad
import harness
from harness import example



def in_between(bench, action):
    """A FIFO for an initrd: action runs when kexec, the kernel read, waits for its content."""
    def content():
        action()
        yield bench.initrd

    return bench.fifo(content())


def changing_files(bench):
    kernel = bench.directory / "changing"
    actions = {
        "is written to": lambda: kernel.open("ab").write(b"x"),
        "is replaced": lambda: (shutil.copy(kernel, bench.directory / "new"),
                                os.replace(bench.directory / "new", kernel)),
        "is removed": kernel.unlink,
        "is touched": lambda: os.utime(kernel, (1, 1)),
    }
    cage = harness.Cage(bench.plain_kexec, bench.directory)
    for name, action in actions.items():
        kernel.write_bytes(bench.kernel)
        with in_between(bench, action) as initrd:
            result = cage.run(bench.machine, ["-l", kernel.name, f"--initrd={initrd}"])
        wrong = bench.unclear(result, "changed while it was being loaded", kernel.name)
        if result.calls:
            wrong = f"calls {result.calls}, expected none"
        bench.suite.check(f"bad input, a kernel that {name} meanwhile", wrong, result)
    kernel.write_bytes(bench.kernel)
    with in_between(bench, lambda: os.truncate(kernel, 0)) as initrd:
        bench.refuses("a kernel that is cut to nothing meanwhile", "-l", kernel.name,
                      f"--initrd={initrd}", says="cut short while it was being read")
    with in_between(bench, lambda: None) as initrd:
        bench.accepts("an initrd that comes late", "-l", "bzImage", f"--initrd={initrd}",
                      check=lambda plan: example.check_initrd(plan, bench.initrd))


def failing_output(bench):
    """A plan that could not be printed is an error, and told as one."""
    for args in (["--dry-run", "--json", f"--sysroot={bench.machine}", "bzImage"],
                 ["--dry-run", "bzImage", f"--sysroot={bench.machine}"], ["--help"],
                 ["--version"]):
        with open("/dev/full", "wb") as full:
            process = subprocess.run([bench.plain_kexec, *args], cwd=bench.directory, stdout=full,
                                     stderr=subprocess.PIPE, check=False, env=bad.ENV)
        result = harness.finish(["kexec", *args], process, b"", process.stderr)
        wrong = bench.unclear(result, "No space left on device", "")
        bench.suite.check(f"bad input, {' '.join(args[:2])} on a full device", wrong, result)


def streams(bench):
    """Closed standard streams, and a limit on the size of files."""
    plan = ["--dry-run", "--json", f"--sysroot={bench.machine}"]
    full_status = ["-S", "--json", f"--sysroot={bench.machine}"]
    for name, args, before, status, says in (
            ("standard input is closed", [*plan, "bzImage", "--initrd=-"], lambda: os.close(0), 1,
             "^initrd: Cannot read -: "),
            ("standard output is closed", [*plan, "bzImage"], lambda: os.close(1), 1,
             "^Cannot write to standard output: "),
            ("status, standard output is closed", full_status, lambda: os.close(1), 255,
             "^Cannot write to standard output: "),
            ("a limit on the size of files", [*plan, "bzImage"], limit_files, 1,
             "^Cannot write to standard output: File too large"),
            ("status, a limit on the size of files", full_status, limit_files, 255,
             "^Cannot write to standard output: File too large")):
        with open(bench.directory / "output", "wb") as output:
            process = subprocess.run([bench.plain_kexec, *args], cwd=bench.directory,
                                     stdout=output, stderr=subprocess.PIPE, check=False,
                                     env=bad.ENV, preexec_fn=before)
        result = harness.finish(["kexec", *args], process, b"", process.stderr)
        wrong = None if result.status == status and re.search(says, result.err, re.M) else (
            f"expected status {status} and {says!r}")
        bench.suite.check(f"bad input, {name}", wrong, result)


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))


def short_memory(bench):
    """Without sanitizers, whose own needs are greater than any limit."""
    for limit in (3, 4, 5, 6, 8, 12, 16, 32):
        size = limit << 20
        process = subprocess.run(
            ["prlimit", f"--as={size}", bench.plain_kexec, "--dry-run", "--json",
             f"--sysroot={bench.machine}", "bzImage", "--initrd=initrd", "--initrd=large"],
            cwd=bench.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            env=bad.ENV)
        result = harness.finish([f"(limit {limit} MiB) kexec"], process, process.stdout,
                                process.stderr)
        wrong = bench.crashed(result)
        # The loader's own words end with 127; killed before main() is no fault of kexec's.
        if not wrong and result.status not in (0, 127):
            wrong = bench.unclear(result, "memory", "")
        bench.suite.check(f"bad input, {limit} MiB of address space", wrong, result)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    bench.write("large", bytes(2 << 20))
    for part in (changing_files, failing_output, streams, short_memory):
        part(bench)
