# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds that are not everybody's, the latter two run by QEMU's user mode: without libfdt; for
arm64 with its shared libraries, which shows the one system call that no kernel of Debian for arm64
has, kexec_file_load; and for a machine of the other byte order, which has to make all golden plans."""

import json
import os
import pathlib
import re
import subprocess
import sys

import harness

import arm64
import files
import images

HOST = "aarch64-linux-gnu"
LIBC = f"/usr/{HOST}"
BIG_ENDIAN = "s390x"
SHORT = ("CFLAGS=-O0", "--without-zlib", "--without-lzma", "--without-zstd")
# What a make around this one was told is not for these.
OURS = ("CC", "CPP", "CFLAGS", "CPPFLAGS", "LDFLAGS", "LIBS", "MAKEFLAGS", "MFLAGS", "BUILD",
        "LD_LIBRARY_PATH")
FILE_LOAD, LOAD = 294, 104
NO_INITRAMFS, ON_CRASH = 4, 2
ENOSYS, EPERM = 38, 1


def environment():
    return {name: value for name, value in os.environ.items() if name not in OURS} | {
        "LC_ALL": "C"}


def run(directory, *command):
    return harness.run(command, directory, environment(), timeout=300)


def build(suite, name, directory, *options):
    """Configured and made out of the source tree; says so if that fails."""
    directory.mkdir()
    for command in ((harness.TOP / "configure", *SHORT, *options), ("make", "-s", "all")):
        result = run(directory, *command)
        suite.check(f"{name}: {pathlib.Path(command[0]).name}",
                    f"status {result.status}: {result.err[-1000:]}" if result.status else None,
                    result)
        if result.status:
            return None
    return directory / "build/sbin/kexec"


def needed(program):
    text = subprocess.run(["readelf", "-d", program], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    return re.findall(r"\(NEEDED\).*\[(\S+)\]", text)


def without_libfdt(suite, directory):
    name = "without libfdt"
    program = build(suite, name, directory / "without", "--without-libfdt", "--enable-arches=all")
    if program:
        result = run(directory, program, "--dry-run", "--arch=?", "-l", "none")
        arches = set(re.findall(r"\w+", result.err.partition("knows: ")[2]))
        suite.check(f"{name}: only machines that have no device tree", None
                    if "x86_64" in arches <= {"x86_64", "s390x"} else f"found {arches}", result)
        suite.check(f"{name}: not linked with it",
                    "it is" if "fdt" in " ".join(needed(program)) else None)
    (directory / "none").mkdir()
    result = run(directory / "none", harness.TOP / "configure", *SHORT, "--without-libfdt",
                 "--enable-arches=arm64")
    suite.check(f"{name}: configure refuses arm64",
                None if result.status and "arm64 needs libfdt" in result.err else "it does not",
                result)


class Arm64:
    """A kexec for arm64 with shared libraries, in the cage."""

    def __init__(self, suite, directory, program, libraries):
        self.suite = suite
        self.directory = directory
        self.program = program
        self.qemu = ["-L", LIBC, "-E", f"LD_LIBRARY_PATH={libraries}"]
        self.cage = harness.Cage("/usr/bin/qemu-aarch64", directory)
        self.machine = harness.make_machine(
            directory / "arm64", "arm64", {"sys/kernel/kexec_loaded": "0\n",
                                           "sys/kernel/kexec_crash_loaded": "0\n"})
        self.record = directory / "record"

    def run(self, *arguments, **variables):
        """variables: of the preloaded library; with none, there is none."""
        options = [f"{name}={value}" for name, value in variables.items()]
        if options:
            self.record.write_text("")
            options += [f"RECORD={self.record}", f"LD_PRELOAD={self.directory / 'record.so'}"]
        options = [word for option in options for word in ("-E", option)]
        return self.cage.run(self.machine, [*self.qemu, *options, str(self.program), *arguments])

    def expect(self, name, wrong, result):
        self.suite.check(f"arm64 program, {name}", "; ".join(filter(None, wrong)), result)

    def calls(self, name, arguments, wanted, status=0, says="^$", file_load=0, load=0):
        """wanted: calls as record_syscalls.c writes them; regular expressions."""
        result = self.run(*arguments, FILE_LOAD=file_load, LOAD=load)
        found = self.record.read_text().splitlines()
        fits = len(found) == len(wanted) and all(map(re.fullmatch, wanted, found))
        self.expect(name, (None if fits else f"calls {found}, expected {wanted}",
                           result.status != status and f"status {result.status}",
                           not re.search(says, result.err, re.M) and "stderr is not as expected"),
                    result)


def file_load(arm, kernel, initrd):
    def call(initrd, line, flags):
        size, text = (len(line) + 1, line) if line is not None else (0, "(none)")
        return f"{FILE_LOAD} {kernel.stat().st_ino} {initrd} {size} {flags:#x} {re.escape(text)}"

    number = initrd.stat().st_ino
    tree = r"console=ttyAMA0 earlycon=pl011.*"    # the command line that stays
    load = f"{LOAD} [3-9] {183 << 16:#x} 0x[0-9a-f]+"
    arm.calls("-s", ("-s", "-l", str(kernel), f"--initrd={initrd}", "--append=root=/dev/vda quiet"),
              [call(number, "root=/dev/vda quiet", 0)])
    arm.calls("-s without an initrd", ("-s", "-l", str(kernel), "--append=quiet"),
              [call(0, "quiet", NO_INITRAMFS)])
    arm.calls("-s without a command line", ("-s", "-l", str(kernel), f"--initrd={initrd}"),
              [f"{FILE_LOAD} {kernel.stat().st_ino} {number} [0-9]+ 0x0 {tree}"])
    arm.calls("-s for a crash", ("-s", "-p", str(kernel), f"--initrd={initrd}", "--append=quiet"),
              [call(number, "quiet", ON_CRASH)])
    arm.calls("-s refused", ("-s", "-l", str(kernel), "--append=quiet"),
              [call(0, "quiet", NO_INITRAMFS)], status=255, says="kexec_file_load failed",
              file_load=EPERM)
    arm.calls("-s with --dtb", ("-s", "-l", str(kernel), "--append=quiet",
                                f"--dtb={arm.machine}/sys/firmware/fdt"),
              [call(0, "quiet", NO_INITRAMFS)], says="^warning: --dtb has no effect")
    arm.calls("a kernel without the call", ("-l", str(kernel), f"--initrd={initrd}",
                                            "--append=quiet"),
              [call(number, "quiet", 0), load], file_load=ENOSYS)
    arm.calls("-c", ("-c", "-l", str(kernel), "--append=quiet"), [load])
    arm.calls("--dtb is for kexec_load", ("-l", str(kernel), f"--dtb={arm.machine}/sys/firmware/fdt"),
              [load])


def number_reaches_qemu(arm, kernel):
    """Past libc, nothing stands between: QEMU says what it does not know."""
    arm.qemu.append("-strace")
    result = arm.run("-s", "-l", str(kernel), "--append=quiet")
    arm.qemu.remove("-strace")
    arm.expect("the number of the call", [None if f"Unknown syscall {FILE_LOAD}\n" in result.err
                                          else f"QEMU was not asked for {FILE_LOAD}"], result)


def shared_libraries(directory):
    """libfdt for arm64, to link with and to run with."""
    headers, library = files.fetch("libfdt-dev:arm64", "libfdt1:arm64")
    (directory / "lib").mkdir()
    file = files.one(library, "usr/lib/*/libfdt-*.so")
    for name in ("libfdt.so", "libfdt.so.1"):
        (directory / "lib" / name).symlink_to(file)
    return headers / "usr/include", directory / "lib"


def for_arm64(suite, build_directory, directory):
    headers, libraries = shared_libraries(directory)
    program = build(suite, "for arm64", directory / "cross", f"--host={HOST}",
                    f"CPPFLAGS=-isystem {headers}", f"LDFLAGS=-L{libraries}")
    if not program:
        return
    found = needed(program)
    suite.check("for arm64: shared libraries", None if {"libfdt.so.1", "libc.so.6"} <= set(found)
                else f"found {found}")
    kernel, initrd = directory / "Image", directory / "initrd"
    kernel.write_bytes(arm64.image())
    initrd.write_bytes(images.noise(5000, "initrd"))
    result = run(directory, f"{HOST}-gcc", "-shared", "-fPIC", "-O1", "-Wall", "-o", "record.so",
                 harness.HERE / "record_syscalls.c")
    suite.check("for arm64: record_syscalls.c", "it does not compile" if result.status else None,
                result)
    arm = Arm64(suite, directory, program, libraries)
    same_plan(arm, build_directory, kernel, initrd)
    number_reaches_qemu(arm, kernel)
    file_load(arm, kernel, initrd)


def same_plan(arm, build_directory, kernel, initrd):
    """What is planned for a machine does not depend on the one that plans."""
    options = ("-c", "--dry-run", "--json", "-l", str(kernel), f"--initrd={initrd}",
               f"--sysroot={arm.machine}")
    ours = run(arm.directory, build_directory / "sbin/kexec", "--arch=arm64", *options)
    result = arm.run(*options)
    if "not compiled in" in ours.err:
        return
    plans = [json.loads(text or "{}") for text in (ours.out, result.out)]
    for plan in plans:
        plan.pop("verification", None)    # an estimate by the CPU that plans
    found = [key for key in plans[0] if plans[0][key] != plans[1].get(key)]
    arm.expect("the same plan", [f"other {', '.join(found)}" if found else None], result)


def golden_plans(suite, build_directory, directory):
    """By a kexec whose own numbers are big endian."""
    files.fetch(f"libfdt-dev:{BIG_ENDIAN}")    # is there a way to its libraries?
    result = harness.run((harness.TOP / "util/cross-build", BIG_ENDIAN,
                          build_directory / f"cross/{BIG_ENDIAN}-all", "-j2"), directory,
                         {**environment(), "CROSS_ARCHES": "all"}, timeout=900)
    suite.check("big endian: cross-build", None if not result.status else "it fails", result)
    if result.status:
        return
    (directory / "big/sbin").mkdir(parents=True)
    wrapper = directory / "big/sbin/kexec"
    wrapper.write_text(f'#!/bin/sh\nexec qemu-{BIG_ENDIAN} "{result.out.strip()}/kexec" "$@"\n')
    wrapper.chmod(0o755)
    result = harness.run((harness.TOP / "tests/plan/run",), directory,
                         {**environment(), "BUILD": str(directory / "big")}, timeout=900)
    suite.check("big endian: the golden plans", None
                if not result.status and re.search(r"^[0-9]{3,} passed, 0 failed$", result.out, re.M)
                else result.out[-1000:], result)


def run_all(suite, build_directory, directory):
    if files.HERMETIC:
        print("SKIP other builds: they need other compilers; make check-all runs them")
        return
    without_libfdt(suite, directory)
    for needs_packages in for_arm64, golden_plans:
        try:
            needs_packages(suite, build_directory, directory)
        except files.MissingError as error:
            print(f"SKIP {needs_packages.__name__}: {error}", file=sys.stderr)
            suite.failed += 1
