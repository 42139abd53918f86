# SPDX-License-Identifier: GPL-2.0-or-later
"""kexec and purgatory beside Debian's kexec-tools and the usual tools, on this machine."""

import os
import pathlib
import re
import shutil

from report import table
from tools import COMPILE, HERE, MIB, PEER_SYMBOLS, BenchError, Tools, call, embedded_object, files
from x86 import crash_machines
from x86.machine import ARCH    # tests/boot/x86: both folders are one package

PURGATORY_LIMIT = 16 << 10
ANONYMOUS_LIMIT = 30 << 10    # KiB
STEADY_ROUNDS = 3
MANY_CPUS, MANY_RANGES = 512, 1000
# {engine of verify.c: (messages that it hashes at once, flag in /proc/cpuinfo)}
ENGINES = {"SHA": (2, "sha_ni"), "AVX2": (8, "avx2"), "SSSE3": (4, "ssse3"), "portable": (1, "")}


def beside(tools, commands, rounds, made_up=None):
    """The Costs of several commands, in turns: a busy machine is busy for all of them."""
    costs = [[] for _ in commands]
    for command in commands:    # into the page cache
        tools.run(command, machine=made_up)
    for _ in range(rounds):
        for command, mine in zip(commands, costs):
            mine.append(tools.run(command, machine=made_up))
    return costs


def user(costs):
    """Mean of user CPU in ms.  The kernel counts in ticks, so only many runs are exact."""
    return sum(cost.user for cost in costs) / len(costs) * 1000


def cpu(costs):
    """Mean of user and system CPU in ms."""
    return sum(cost.cpu for cost in costs) / len(costs) * 1000


def least(costs, field):
    """ms of the run that was disturbed least."""
    return min(getattr(cost, field) for cost in costs) * 1000


def load(program, kernel, *options):
    return [*program, "-c", "-l", kernel, "--command-line=console=ttyS0", *options]


def ticks_per_ms():
    """Of the time stamp counter: a bogomips is half a million a second."""
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii")
    return float(re.search(r"^bogomips\s*: (.*)", text, re.M).group(1)) * 500


def verifiers(tools):
    """Programs that time our purgatory's verification, and the peer's."""
    ours, theirs = tools.directory / "verify", tools.directory / "verify-peer"
    objects = tools.build / "purgatory/x86_64/obj"
    mine = [objects / name for name in (
        "sha256.o", "sha256_generic.o", "sha256_select.o", "sha256_ni.o", "sha256_avx2.o",
        "sha256_ssse3.o")]
    call([*tools.cc, *COMPILE, "-o", ours, HERE / "x86/verify.c", *mine])
    peers = tools.directory / "peer.o"
    peers.write_bytes(embedded_object(tools.peer_file.read_bytes()))
    # It has a memcpy and a printf of its own, which this program must not use.
    call(["objcopy", *(f"--keep-global-symbol={name}" for name in PEER_SYMBOLS), peers])
    call([*tools.cc, *COMPILE, "-DPEER", "-static", "-no-pie", "-Wl,-z,noexecstack", "-o",
          theirs, HERE / "x86/verify.c", *mine[:2], peers])
    return [ours], [theirs]


class Bench:
    """One run of everything."""

    def __init__(self, directory, build, checks):
        self.directory = directory
        self.checks = checks
        self.tools = Tools(directory, build)
        self.build = build
        self.kernel = files.debian_kernel(ARCH.kernel)
        self.portable = self.tools.kexec_with_portable_hash_only()
        cpuinfo = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii")
        self.model, self.vendor, flags = (
            re.search(rf"^{key}\s*: (.*)", cpuinfo, re.M).group(1)
            for key in ("model name", "vendor_id", "flags"))
        self.flags = flags.split()
        self.has_sha = "sha_ni" in self.flags

    def initrd(self, mib, sparse=False):
        path = self.directory / f"initrd{mib}"
        if not path.exists():
            with open(path, "wb") as file:
                for _ in range(0 if sparse else mib):
                    file.write(os.urandom(MIB))
                file.truncate(mib * MIB)
        return path

    def circumstances(self):
        xz, zstd, gzip = (re.search(r"\d+\.\d+(\.\d+)?", call([name, "--version"])).group()
                          for name in ("xz", "zstd", "gzip"))
        table("Circumstances", ("", ""), [
            ("CPU", f"{self.model}, with " + (", ".join(
                flag for _, flag in ENGINES.values() if flag in self.flags) or "SSE2")),
            ("system", f"{os.uname().sysname} {os.uname().release.split('-')[0]}"),
            ("compiler", call([*self.tools.cc, "--version"]).splitlines()[0]),
            ("kexec", call([*self.tools.kexec, "--version"]).strip()),
            ("peer", call([*self.tools.peer, "--version"], env=self.tools.environment).strip()),
            ("kernel that is loaded",
             f"{self.kernel.name}, {self.kernel.stat().st_size / MIB:.1f} MiB"),
            ("others", f"{call(['openssl', 'version']).split(' (')[0]}, gzip {gzip}, xz {xz}, "
                       f"zstd {zstd}"),
        ])

    def loading(self, mib, rounds):
        """-l with a large and a small initrd; returns what ours and the peer's verify."""
        initrd = self.initrd(mib)
        option = f"--initrd={initrd}"
        names = ["kexec", "kexec, portable hash only", "peer", "openssl dgst -sha256"]
        costs = beside(self.tools, [
            load(self.tools.kexec, self.kernel, option), load(self.portable, self.kernel, option),
            load(self.tools.peer, self.kernel, option),
            ["openssl", "dgst", "-sha256", self.kernel, initrd]], rounds)
        ours, portable, peer, openssl = map(user, costs)
        table(f"Load: kernel and {mib} MiB of initrd ({rounds} runs)",
              ("", "user CPU, ms", "least wall time, ms", "beside the peer"),
              [(name, f"{user(cost):.1f}", f"{least(cost, 'wall'):.0f}",
                f"{user(cost) / peer:.3f}") for name, cost in zip(names, costs)])
        if mib > 1:
            if self.has_sha:
                self.checks.at_most("user CPU of a load, beside openssl", ours / openssl, 0.65)
            self.checks.at_most("user CPU of a load with the portable hash, beside the peer",
                                portable / peer, 0.75)
        elif self.has_sha:
            self.checks.at_most("user CPU of a load with 1 MiB of initrd, beside the peer",
                                ours / peer, 0.1)
        return costs[0][0], costs[2][0]

    def own_timings(self, rounds):
        option = f"--initrd={self.initrd(64)}"
        names = ["-l", "-l --no-checks (no hashing)", "-l --dry-run"]
        costs = beside(self.tools, [load(self.tools.kexec, self.kernel, option, *more)
                                    for more in ((), ("--no-checks",), ("--dry-run",))], rounds)
        rows = [(name, f"{user(cost):.1f}", f"{least(cost, 'wall'):.1f}")
                for name, cost in zip(names, costs)]
        share = 1 - least(costs[1], "wall") / least(costs[0], "wall")
        table("Parts of a load: kernel and 64 MiB of initrd",
              ("", "user CPU, ms", "least wall time, ms"), rows)
        print(f"Hashing, with the page faults of reading the files, is {share:.0%} of the "
              "wall time.\n")

    def crash_loading(self, rounds):
        """-p where it is loaded again and again; returns what is verified of each load."""
        small = crash_machines.crash_machine(self.directory / "small")
        large = crash_machines.large_machine(self.directory / "large", MANY_CPUS, MANY_RANGES)
        many = f"{MANY_CPUS} CPUs, {MANY_RANGES} ranges"
        rows, verified = [], []
        for name, made_up, call_option, mib, limit in (
                ("2 CPUs", small, "-c", 1, 0.15), ("2 CPUs", small, "-c", 48, 0.2),
                ("2 CPUs", small, "-s", 48, 0.4), (many, large, "-c", 1, 0.15),
                (many, large, "-s", 1, 0.5)):
            name = f"-p {call_option}, {mib} MiB, {name}"
            costs = beside(self.tools, [
                [*program, "-p", call_option, self.kernel, "--command-line=console=ttyS0",
                 f"--initrd={self.initrd(mib)}"]
                for program in (self.tools.kexec, self.tools.peer)], rounds, made_up)
            ours, peer = map(cpu, costs)
            rows.append((name, *(f"{value:.1f}" for value in (
                ours, peer, *(least(cost, "wall") for cost in costs))), f"{ours / peer:.3f}"))
            if self.has_sha or call_option == "-s":
                self.checks.at_most(f"CPU of {name}, beside the peer", ours / peer, limit)
            if call_option == "-c" and made_up == small:
                verified.append((f"-p, {mib} MiB", costs[0][0], costs[1][0]))
        table(f"Crash load: kernel and initrd ({rounds} runs)",
              ("", "kexec, CPU ms", "peer, CPU ms", "kexec, least wall ms",
               "peer, least wall ms", "CPU beside the peer"), rows)
        return verified

    def memory(self):
        option = f"--initrd={self.initrd(512, sparse=True)}"
        ours, peer = (self.tools.run(load(program, self.kernel, option), memory=True).anonymous
                      for program in (self.tools.kexec, self.tools.peer))
        table("Peak of anonymous memory: kernel and 512 MiB of initrd", ("", "MiB"),
              [("kexec", f"{ours / 1024:.1f}"), ("peer", f"{peer / 1024:.1f}")])
        if not ours:
            raise BenchError("no anonymous memory at all was seen: the measurement is wrong")
        self.checks.at_most("anonymous MiB with 512 MiB of initrd", ours / 1024,
                            ANONYMOUS_LIMIT / 1024)

    def decompression(self, rounds):
        vmlinux = self.directory / "vmlinux"
        vmlinux.write_bytes(files.vmlinux_of(self.kernel))
        rows = []
        for pack, unpack in (("gzip -6", "gzip -dc"), ("xz -2", "xz -dc"),
                             ("zstd -9 -q", "zstd -dcq")):
            for name, kernel in (("bzImage", self.kernel), ("vmlinux", vmlinux)):
                packed = self.directory / f"{name}.{pack.split()[0]}"
                packed.write_bytes(files.compress(pack, kernel))
                costs = beside(self.tools, [load(self.tools.kexec, packed, "--no-checks"),
                                            [*unpack.split(), packed]], rounds)
                ours, theirs = map(user, costs)
                rows.append((f"{name}, {kernel.stat().st_size / MIB:.1f} MiB", unpack,
                             f"{ours:.1f}", f"{theirs:.1f}", f"{ours / theirs:.2f}"))
                self.checks.at_most(f"user CPU of decompressing {name}, beside {unpack}",
                                    ours / theirs, 1.1)
        table(f"Decompression: a load with --no-checks beside the usual tool ({rounds} runs)",
              ("file", "tool", "kexec, user ms", "tool, user ms", "ratio"), rows)

    def purgatory_size(self):
        size = (self.build / "purgatory/x86_64/purgatory.bin").stat().st_size
        table("Purgatory", ("", "bytes"), [("image, without bss and stack", size)])
        self.checks.at_most("KiB of purgatory's image", size / 1024, PURGATORY_LIMIT / 1024)

    def verification_costs(self):
        """{name: (ticks, instructions)} per byte."""
        cost = {}
        programs = verifiers(self.tools)
        for _ in range(STEADY_ROUNDS):
            for program in programs:
                for name, cycles, instructions in map(str.split, call(program).splitlines()):
                    best = min(float(cycles), cost.get(name, (1e9,))[0])
                    cost[name] = (best, float(instructions))
        return cost

    def verification_table(self, cost):
        """One row for each engine, whether or not this CPU has it."""
        rows = []
        for name in (*ENGINES, "peer"):
            streams, flag = ENGINES.get(name, (1, ""))
            values = ("-", "-", f"this CPU lacks {flag}")
            if name in cost:
                cycles, instructions = cost[name]
                values = (f"{cycles:.2f}", f"{instructions:.1f}",
                          f"{cost['peer'][0] / cycles:.2f}")
            rows.append((name, flag or "none", streams, *values))
        table("Verification in purgatory, per byte",
              ("", "CPU feature", "streams", "ticks of the TSC", "instructions", "times the peer"),
              rows)

    def verification(self, loads):
        """loads: (name, Cost of ours, Cost of the peer, at least so many times as fast)."""
        cost = self.verification_costs()
        peer = cost["peer"][0]
        self.verification_table(cost)
        best = min((name for name in cost if name != "peer"), key=cost.get)
        for name, limit in (("SHA", 9 if self.vendor == "GenuineIntel" else 6), ("AVX2", 3),
                            ("SSSE3", 1.5)):
            if name in cost:
                self.checks.at_least(
                    f"verification per byte with {name}, times as fast as the peer",
                    peer / cost[name][0], limit)
        rows = []
        for load_name, ours_load, peer_load, limit in loads:
            size = {name: ours_load.verified for name in cost}
            size["peer"] = peer_load.verified_memory
            ticks = {name: cost[name][0] * size[name] for name in cost}
            rows += [(load_name, name, size[name], f"{ticks[name] / 1e6:.1f}",
                      f"{ticks[name] / ticks_per_ms():.1f}",
                      f"{ticks['peer'] / ticks[name]:.1f}") for name in cost]
            if self.has_sha:
                self.checks.at_least(f"verification of {load_name}, times as fast as the peer",
                                     ticks["peer"] / ticks[best], limit)
        table("Verification in purgatory: kernel and initrd",
              ("load", "", "bytes verified", "million ticks", "ms", "times the peer"), rows)

    def all(self):
        self.circumstances()
        self.loading(64, 12)
        small = self.loading(1, 25)
        self.own_timings(10)
        crash_small, crash_usual = self.crash_loading(12)
        self.memory()
        self.decompression(8)
        self.purgatory_size()
        self.verification([("-l, 1 MiB", *small, 15), (*crash_small, 15), (*crash_usual, 6)])


def missing():
    """What this machine lacks for the benchmarks; empty: nothing."""
    return [what for what, found in (
        ("an x86_64", os.uname().machine == ARCH.name),
        ("root (for /proc/iomem)", os.geteuid() == 0),
        ("setpriv", shutil.which("setpriv"))) if not found]


def measure(directory, build, checks):
    Bench(directory, build, checks).all()
