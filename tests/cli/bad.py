# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input must end with status 1 or 255 and one error that names the file, without a plan and
without a crash.  The kexec under test is the build with sanitizers, if there is one."""

import contextlib
import json
import os
import re
import subprocess
import threading

import harness
from harness import example

import images
import rules

REFUSED = (1, 255)
MAX_LINES = 3
MAX_LINE = 400
SANITIZER_STATUS = 99
ENV = dict(os.environ, LC_ALL="C",
           ASAN_OPTIONS=f"exitcode={SANITIZER_STATUS}:allocator_may_return_null=1",
           UBSAN_OPTIONS=f"halt_on_error=1:print_stacktrace=1:exitcode={SANITIZER_STATUS}")
SMALL_RAM = 64 << 20
SMALL_IOMEM = "00001000-0009fbff : System RAM\n00100000-03ffffff : System RAM\n"


def program(build):
    """The build with sanitizers if it is there."""
    with_sanitizers = build / "san/sbin/kexec"
    return with_sanitizers if with_sanitizers.is_file() else build / "sbin/kexec"


class Bench:
    """A directory with a good kernel and initrd, machines, and the kexec under test.
    arch: as --arch takes it, with a fixture of that name; None: the one that kexec runs on."""

    def __init__(self, suite, build, directory, arch=None):
        self.suite = suite
        self.kexec = program(build)
        self.plain_kexec = build / "sbin/kexec"
        self.directory = directory
        self.arch = arch
        self.machines = 0
        self.machine = self.machine_with({})
        self.small = harness.make_machine(directory / "small",
                                          files={"sys/firmware/memmap": None,
                                                 "proc/iomem": SMALL_IOMEM})
        self.kernel = example.kernel()
        self.initrd = images.noise(50000, "initrd")
        self.write("bzImage", self.kernel)
        self.write("initrd", self.initrd)

    def write(self, name, content):
        (self.directory / name).parent.mkdir(exist_ok=True)
        (self.directory / name).write_bytes(content)
        return name

    def machine_with(self, changes, fixture=None):
        """Another machine.  changes: as harness.make_machine() takes them."""
        self.machines += 1
        return harness.make_machine(self.directory / f"machine-{self.machines}",
                                    fixture or self.arch or example.MACHINE, changes)

    @contextlib.contextmanager
    def fifo(self, content):
        """The name of a FIFO that delivers content once; an iterator delivers
        until kexec stops reading."""
        path = self.directory / "fifo"
        os.mkfifo(path)

        def deliver():
            with contextlib.suppress(BrokenPipeError), open(path, "wb", buffering=0) as out:
                for part in [content] if isinstance(content, bytes) else content:
                    out.write(part)

        writer = threading.Thread(target=deliver)
        writer.start()
        try:
            yield path.name
        finally:
            with contextlib.suppress(OSError):
                # If kexec did not open it, its writer still waits for a reader.
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
            writer.join()
            path.unlink()

    def run(self, *args, machine=None, stdin=subprocess.DEVNULL):
        command = [self.kexec, "--dry-run", "--json", f"--sysroot={machine or self.machine}",
                   *([f"--arch={self.arch}"] if self.arch else []), *args]
        result = harness.run(command, self.directory, ENV, stdin)
        result.command = result.command.replace(str(self.directory) + "/", "")
        return result

    def crashed(self, result):
        signal = result.status > 128 and result.status not in (253, 255)
        if result.status == SANITIZER_STATUS or signal:
            return "it crashed"
        if re.search("Sanitizer|runtime error", result.err):
            return "a sanitizer complains"
        return None

    def unclear(self, result, says, names):
        """The fault of a refusal; None: the refusal is as expected."""
        lines = result.err.splitlines()
        if result.status not in REFUSED:
            return f"status {result.status}, expected 1 or 255"
        if result.out:
            return "a plan is printed, too"
        if not 1 <= len(lines) <= MAX_LINES:
            return f"{len(lines)} lines on stderr, expected 1 to {MAX_LINES}"
        if any(len(line) > MAX_LINE or not line.isprintable() for line in lines):
            return "a line on stderr is endless or not printable"
        # Where room is missing, the error names the role: the file is not at fault.
        if names and names not in result.err and not re.search(r"the (kernel|initrd)|\(kernel\)",
                                                               result.err):
            return f"the error does not name {names!r}"
        if not re.search(says, result.err, re.M):
            return f"the error is not as expected: {says!r}"
        return None

    def refuses(self, name, *args, says="", names="", status=None, machine=None,
                stdin=subprocess.DEVNULL):
        # Only kexec_load reads all files of the machine, and needs a plan.
        if not {"-s", "-a"} & set(args):
            args = ("-c", *args)
        result = self.run(*args, machine=machine, stdin=stdin)
        wrong = self.crashed(result) or self.unclear(result, says, names)
        if not wrong and status is not None and result.status != status:
            wrong = f"status {result.status}, expected {status}"
        self.suite.check(f"bad input, {name}", wrong, result)

    def broken_rule(self, result, arguments, check, machine, warns):
        """The fault of a load that must succeed; None: the load is as expected."""
        if result.status:
            return f"status {result.status}, expected a plan"
        if not re.search(warns, result.err) or (result.err and not warns):
            return f"stderr is not as expected: {warns!r}"
        try:
            plan = json.loads(result.out)
            rules.check(plan, machine or self.machine, " ".join(arguments))
            if check:
                check(plan)
        except (ValueError, rules.Broken) as error:
            return f"the plan breaks a rule: {error}"
        return None

    def accepts(self, name, *args, check=None, machine=None, stdin=subprocess.DEVNULL, warns=""):
        """A load that must succeed.  check: more rules for the plan; warns: a regular expression
        for stderr, "": stderr is empty."""
        result = self.run(*args, machine=machine, stdin=stdin)
        wrong = self.crashed(result) or self.broken_rule(result, args, check, machine, warns)
        self.suite.check(f"odd input, {name}", wrong, result)

    def survives(self, name, *args, names, check=None, machine=None):
        """Either a plan that keeps the rules or a clear refusal."""
        result = self.run("-c", *args, machine=machine)
        wrong = self.crashed(result)
        if not wrong and result.status:
            wrong = self.unclear(result, "", names)
        elif not wrong:
            wrong = self.broken_rule(result, args, check, machine, "^warning: |^$")
        self.suite.check(f"odd input, {name}", wrong, result)
        return result


def run_arch(suite, build, directory, arch, kernel, content, parts):
    """Calls each of parts with a bench for arch, unless this kexec was built without that arch.
    kernel: name of a good kernel file, the bench's image."""
    bench = Bench(suite, build, directory, arch)
    bench.image = content
    bench.write(kernel, content)
    if "not compiled in" in bench.run("-l", kernel).err:
        return
    for part in parts:
        part(bench)
