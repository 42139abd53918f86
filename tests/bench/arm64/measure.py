# SPDX-License-Identifier: GPL-2.0-or-later
"""arm64 beside Debian's arm64 kexec-tools, both emulated: how many instructions
verification takes, and how long it is from the jump to the next kernel."""

import os
import re
import shutil
import time

from guest import Failure, Guest
from report import table
from tools import COMPILE, HERE, MIB, PEER_SYMBOLS, BenchError, call, embedded_object, files
from arm64.machine import ARCH as ARM64    # tests/boot/arm64: both folders are one package

CROSS = "aarch64-linux-gnu-"
NEEDED = [ARM64.qemu, "qemu-aarch64", f"{CROSS}gcc"]
COUNTED_BYTES = 6144  # a multiple of a block for each of 24 pieces
ROUNDS = 3
INITRD = 64    # MiB
MEMORY = 1024    # MiB
SECONDS = 1800    # the peer on a busy machine


def missing():
    """Programs that util/install-deps installs and that are not here; empty: none."""
    return [program for program in NEEDED if not shutil.which(program)]


def needed(program):
    return re.findall(r"NEEDED.*\[(.*)\]", call([f"{CROSS}readelf", "-d", program]))


def with_libraries(program, directories):
    """{name: path} of a program for arm64 and the shared libraries that it needs."""
    found = {program.name: program}
    todo = needed(program)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = next((d / name for d in directories if (d / name).exists()), None)
            if not found[name]:
                raise BenchError(f"no package has the {name} that {program} needs")
            todo += needed(found[name])
    return found


def debian_kexec():
    """{name: path} of Debian's kexec and its libraries; the first is kexec."""
    xen = [directory.parents[2].name for directory in files.debian_kexec()[1]]
    tool, *packages = files.fetch(*(f"{name}:arm64" for name in (
        "kexec-tools", "libc6", "zlib1g", *xen)))
    directories = [package / lib for package in packages
                   for lib in ("lib", "lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu")]
    return with_libraries(files.one(tool, "sbin/kexec"), directories)


def cpu_seconds(pid):
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Arm64:
    """directory: scratch space.  build: where the kexec under test is cross-built."""

    def __init__(self, directory, build):
        self.directory = directory
        self.kexec = files.cross_built(ARM64, build)["/sbin/kexec"]
        self.objects = self.kexec.parent.parent / "purgatory/arm64/obj"
        self.peer = debian_kexec()
        self.kernel = files.debian_kernel(ARM64.kernel)
        self.archive = directory / "arm64-initrd"

    def verifiers(self):
        """{method: the program that knows it}"""
        ours, theirs = self.directory / "verify-arm64", self.directory / "verify-arm64-peer"
        peers = self.directory / "peer-arm64.o"
        peers.write_bytes(embedded_object(self.peer["kexec"].read_bytes()))
        # It has a memcpy and a printf of its own, which this program must not use.
        call([f"{CROSS}objcopy", *(f"--keep-global-symbol={name}" for name in PEER_SYMBOLS),
              peers])
        compiler = [f"{CROSS}gcc", *COMPILE, "-static", "-no-pie", "-Wl,-z,noexecstack",
                    HERE / "arm64/verify.c", self.objects / "sha256.o",
                    self.objects / "sha256_generic.o", "-o"]
        call([*compiler, ours, self.objects / "sha256_ce.o", self.objects / "sha256_neon.o"])
        call([*compiler, theirs, "-DPEER", peers])
        return {"portable": ours, "NEON": ours, "SHA2": ours, "peer": theirs}

    def _executed(self, step, program, *arguments):
        """Instructions of a whole program: the emulator logs each block, and each is one."""
        log = self.directory / "executed"
        call(["qemu-aarch64", step, "-d", "nochain,exec", "-D", log, program,
              *map(str, arguments)])
        with open(log, encoding="utf-8", errors="replace") as lines:
            return sum(line.startswith("Trace") for line in lines)

    def instructions(self):
        """{method: instructions per byte}; what happens once or at the start does not count."""
        usage = call(["qemu-aarch64", "-h"])
        step = "-one-insn-per-tb" if "one-insn-per-tb" in usage else "-singlestep"
        counts = {}
        for method, program in self.verifiers().items():
            small, large = (
                self._executed(step, program, method, size, 2) -
                self._executed(step, program, method, size, 1)
                for size in (COUNTED_BYTES, 2 * COUNTED_BYTES))
            counts[method] = (large - small) / COUNTED_BYTES
        return counts

    def build_archive(self):
        """The initramfs that loads, with kernel and initrd of the second kernel in it."""
        archive = files.Archive()
        archive.console()
        for name in ("/proc", "/sys"):
            archive.directory(name)
        archive.add("/bin/busybox", files.busybox(ARM64.busybox), 0o755)
        archive.add("/init", HERE / "arm64/init", 0o755)
        archive.add("/ours/kexec", self.kexec, 0o755)
        for name, path in self.peer.items():
            # The loader is known by its full path, the others by their name.
            place = "/lib" if name.startswith("ld-") else "/peer"
            archive.add(f"{place}/{name}", path, 0o755)
        archive.add("/kernel", self.kernel)
        archive.add("/initrd", os.urandom(INITRD * MIB))
        self.archive.write_bytes(archive.finish())

    def jump(self, *arguments):
        """(wall, CPU) seconds of the emulator from the jump to the second kernel's banner."""
        log = self.directory / "console"
        with Guest(ARM64, self.directory, log, self.kernel, self.archive,
                   f"console=ttyAMA0 quiet panic=-1 -- {' '.join(arguments)}",
                   memory=MEMORY, seconds=SECONDS) as guest:
            marks = []
            try:
                for pattern in ("bench: jump", "Linux version"):
                    guest.wait(pattern, never="bench: the load failed")
                    marks.append((time.monotonic(), cpu_seconds(guest.process.pid)))
            except Failure as failure:
                said = "\n".join(guest.lines[-10:])
                raise BenchError(f"arm64, {' '.join(arguments)}: {failure}\n{said}") from None
        return marks[1][0] - marks[0][0], marks[1][1] - marks[0][1]

    def jumps(self, rounds):
        """{arguments: [(wall, CPU)]}, in turns."""
        self.build_archive()
        found = {("ours",): [], ("ours", "--no-checks"): [], ("peer",): [],
                 ("peer", "--no-checks"): []}
        for _ in range(rounds):
            for arguments, mine in found.items():
                mine.append(self.jump(*arguments))
        return found

    def circumstances(self):
        emulator, compiler = (call([program, "--version"]).splitlines()[0]
                              for program in ("qemu-system-aarch64", f"{CROSS}gcc"))
        version = re.search(rb"kexec-tools (\d[\w.]*)", self.peer["kexec"].read_bytes())
        table("Circumstances, arm64", ("", ""), [
            ("emulator", f"{emulator}, virt, {ARM64.cpu}, {MEMORY} MiB"),
            ("compiler", compiler),
            ("peer", version.group().decode() if version else "kexec-tools"),
            ("kernel, both times",
             f"{self.kernel.name}, {self.kernel.stat().st_size / MIB:.1f} MiB")])

    def all(self, checks):
        self.circumstances()
        counts = self.instructions()
        table("Verification in purgatory, arm64, per byte",
              ("", "instructions", "beside the peer"),
              [(name, f"{count:.2f}", f"{count / counts['peer']:.3f}")
               for name, count in counts.items()])
        checks.at_most("arm64, instructions of portable verification, beside the peer",
                       counts["portable"] / counts["peer"], 1.1)
        checks.at_least("arm64, instructions of the peer's verification, times those with SHA2",
                        counts["peer"] / counts["SHA2"], 10)
        checks.at_most("arm64, instructions of verification with SHA2, per byte",
                       counts["SHA2"], 2.4)
        jumps = self.jumps(ROUNDS)
        best = {name: [min(column) for column in zip(*runs)] for name, runs in jumps.items()}
        table(f"From the jump to the next kernel, arm64: kernel and {INITRD} MiB of initrd "
              f"({ROUNDS} runs)", ("", "least CPU, s", "least wall time, s", "CPU, s, each run"),
              [(" ".join(("kexec" if name[0] == "ours" else name[0], *name[1:])),
                *(f"{value:.2f}" for value in reversed(best[name])),
                ", ".join(f"{run[1]:.2f}" for run in runs)) for name, runs in jumps.items()])
        checks.at_least("arm64, from the jump to the next kernel, times as fast as the peer",
                        best["peer",][1] / best["ours",][1], 20)


def measure(directory, build, checks):
    Arm64(directory, build).all(checks)
