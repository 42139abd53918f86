# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that the benchmarks build, the peer (Debian's kexec-tools), the input files, and the
function that runs a measured command."""

import dataclasses
import os
import pathlib
import re
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path += [str(HERE.parent / name) for name in ("boot", "fixtures")]
import files    # noqa: E402  (of the boot tests)

MIB = 1 << 20
COMPILE = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror",
           f"-I{TOP}/include"]
# Each is fence enough: the capability is gone, and launch answers the calls.  No record of
# what seems to be loaded reaches the machine's own /run.
FENCE = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "fence",
         "setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot"]
PEER_SYMBOLS = ["verify_sha256_digest", "sha256_regions", "sha256_digest"]


class BenchError(Exception):
    """The benchmarks cannot go on; the message says why."""


@dataclasses.dataclass
class Cost:
    """One run: seconds, KiB, and bytes that it would have loaded."""
    wall: float
    user: float
    system: float
    anonymous: int
    verified: int = 0       # bytes that were given to the kernel, purgatory's own aside
    verified_memory: int = 0    # the same with the zeros after them

    @property
    def cpu(self):
        return self.user + self.system


def call(command, **more):
    """Runs a command that must succeed; returns what it printed."""
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            check=False, **more)
    if result.returncode:
        raise BenchError(f"{' '.join(map(str, command))}: status {result.returncode}: "
                         f"{result.stderr.strip()}")
    return result.stdout


def parse_cost(text):
    number, loaded, entry = {}, [], 0
    for key, *values in map(str.split, text.splitlines()):
        if key == "segment":
            loaded.append((int(values[0], 16), int(values[1]), int(values[2])))
        elif key == "entry":
            entry = int(values[0], 16)
        else:
            number[key] = float(values[0])
    # Neither purgatory verifies itself.
    others = [s for s in loaded if not s[0] <= entry < s[0] + s[2]]
    return int(number["status"]), Cost(number["wall"], number["user"], number["system"],
                                       int(number["anonymous"]), sum(s[1] for s in others),
                                       sum(s[2] for s in others))


class Tools:
    """directory: scratch space.  build: where the kexec under test was built."""

    def __init__(self, directory, build):
        self.directory = directory
        self.build = build
        self.kexec = [build / "sbin/kexec"]
        self.cc = os.environ.get("CC", "cc").split()
        if not self.kexec[0].exists():
            raise BenchError(f"there is no {self.kexec[0]}; run make first")
        self.launch = directory / "launch"
        call([*self.cc, *COMPILE, "-o", self.launch, HERE / "launch.c"])
        program, libraries = files.debian_kexec()
        self.peer = [program]
        self.peer_file = program
        self.environment = dict(os.environ, LC_ALL="C",
                                LD_LIBRARY_PATH=":".join(map(str, libraries)))

    def run(self, command, memory=False, machine=None):
        """The Cost of a command, which must succeed, here or on a made-up machine."""
        report = self.directory / "report"
        options = ["-m"] * memory + (["-r", machine] if machine else [])
        result = subprocess.run([*FENCE, self.launch, *options, report, *command], check=False,
                                env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = result.stderr.decode("utf-8", "replace").strip()
        if result.returncode:
            raise BenchError(f"launch: {said}")
        status, cost = parse_cost(report.read_text(encoding="ascii"))
        if status:
            raise BenchError(f"{' '.join(map(str, command))}: status {status}: {said}")
        return cost

    def kexec_with_portable_hash_only(self):
        """The kexec under test, linked without the CPU's own instructions for SHA-256."""
        source = self.directory / "portable_only.c"
        source.write_text('#include "sha256.h"\n'
                          "bool sha256_accelerated(unsigned int index, struct sha256_engine *engine)\n"
                          "{ (void)index; (void)engine; return false; }\n",
                          encoding="ascii")
        others = {"vmcore-dmesg", "kexec_early"}    # programs of their own
        objects = [path for path in sorted((self.build / "obj").rglob("*.o"))
                   if path.name != "sha256_select.o" and not others & set(path.parts)]
        dynamic = call(["readelf", "-d", self.kexec[0]])
        libraries = [f"-l:{name}" for name in re.findall(r"NEEDED.*\[(.*)\]", dynamic)]
        program = self.directory / "kexec-portable"
        call([*self.cc, *COMPILE, "-pie", "-o", program, source, *objects, *libraries])
        return [program]


def embedded_object(program):
    """The relocatable ELF file inside a program that carries one."""
    at = program.find(b"\x7fELF", 1)
    while at >= 0:
        is_64, = struct.unpack_from("<B", program, at + 4)
        kind, = struct.unpack_from("<H", program, at + 16)
        if (is_64, kind) == (2, 1):
            sections, = struct.unpack_from("<Q", program, at + 40)
            size, count = struct.unpack_from("<HH", program, at + 58)
            return program[at:at + sections + size * count]
        at = program.find(b"\x7fELF", at + 1)
    raise BenchError("Debian's kexec carries no purgatory that could be measured")
