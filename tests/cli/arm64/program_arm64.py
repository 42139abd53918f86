# SPDX-License-Identifier: GPL-2.0-or-later
"""A kexec for arm64 with its shared libraries, run by QEMU's user mode: it makes the system call
kexec_file_load, which Debian's kernels for arm64 do not have."""

import json
import pathlib
import re

import builds
import harness

import arm64
import files
import images

HOST = "aarch64-linux-gnu"
LIBC = f"/usr/{HOST}"
FILE_LOAD, LOAD = 294, 104
NO_INITRAMFS, ON_CRASH = 4, 2
ENOSYS, EPERM = 38, 1


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
        """variables: for the library to preload; without any, nothing is preloaded."""
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


def file_load(caged, kernel, initrd):
    def call(initrd, line, flags):
        size, text = (len(line) + 1, line) if line is not None else (0, "(none)")
        return f"{FILE_LOAD} {kernel.stat().st_ino} {initrd} {size} {flags:#x} {re.escape(text)}"

    number = initrd.stat().st_ino
    tree = r"console=ttyAMA0 earlycon=pl011.*"    # the command line that stays
    load = f"{LOAD} [3-9] {183 << 16:#x} 0x[0-9a-f]+"
    caged.calls("-s", ("-s", "-l", str(kernel), f"--initrd={initrd}",
                       "--append=root=/dev/vda quiet"),
                [call(number, "root=/dev/vda quiet", 0)])
    caged.calls("-s without an initrd", ("-s", "-l", str(kernel), "--append=quiet"),
                [call(0, "quiet", NO_INITRAMFS)])
    caged.calls("-s without a command line", ("-s", "-l", str(kernel), f"--initrd={initrd}"),
                [f"{FILE_LOAD} {kernel.stat().st_ino} {number} [0-9]+ 0x0 {tree}"])
    caged.calls("-s for a crash", ("-s", "-p", str(kernel), f"--initrd={initrd}", "--append=quiet"),
                [call(number, "quiet", ON_CRASH)])
    caged.calls("-s refused", ("-s", "-l", str(kernel), "--append=quiet"),
                [call(0, "quiet", NO_INITRAMFS)], status=255, says="kexec_file_load failed",
                file_load=EPERM)
    caged.calls("-s with --dtb", ("-s", "-l", str(kernel), "--append=quiet",
                                  f"--dtb={caged.machine}/sys/firmware/fdt"),
                [call(0, "quiet", NO_INITRAMFS)], says="^warning: --dtb has no effect")
    caged.calls("a kernel without the call", ("-l", str(kernel), f"--initrd={initrd}",
                                              "--append=quiet"),
                [call(number, "quiet", 0), load], file_load=ENOSYS)
    caged.calls("-c", ("-c", "-l", str(kernel), "--append=quiet"), [load])
    caged.calls("--dtb is for kexec_load", ("-l", str(kernel),
                                              f"--dtb={caged.machine}/sys/firmware/fdt"), [load])


def number_reaches_qemu(caged, kernel):
    """QEMU names a system call that it does not know, so the call left libc with this number."""
    caged.qemu.append("-strace")
    result = caged.run("-s", "-l", str(kernel), "--append=quiet")
    caged.qemu.remove("-strace")
    caged.expect("the number of the call", [None if f"Unknown syscall {FILE_LOAD}\n" in result.err
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
    program = builds.build(suite, "for arm64", directory / "cross", f"--host={HOST}",
                    f"CPPFLAGS=-isystem {headers}", f"LDFLAGS=-L{libraries}")
    if not program:
        return
    found = builds.needed(program)
    suite.check("for arm64: shared libraries", None if {"libfdt.so.1", "libc.so.6"} <= set(found)
                else f"found {found}")
    kernel, initrd = directory / "Image", directory / "initrd"
    kernel.write_bytes(arm64.image())
    initrd.write_bytes(images.noise(5000, "initrd"))
    result = builds.run(directory, f"{HOST}-gcc", "-shared", "-fPIC", "-O1", "-Wall", "-o",
                        "record.so", pathlib.Path(__file__).with_name("record_syscalls.c"))
    suite.check("for arm64: record_syscalls.c", "it does not compile" if result.status else None,
                result)
    caged = Arm64(suite, directory, program, libraries)
    same_plan(caged, build_directory, kernel, initrd)
    number_reaches_qemu(caged, kernel)
    file_load(caged, kernel, initrd)


def same_plan(caged, build_directory, kernel, initrd):
    """A plan depends on the machine that it is for, not on the machine that makes it."""
    options = ("-c", "--dry-run", "--json", "-l", str(kernel), f"--initrd={initrd}",
               f"--sysroot={caged.machine}")
    ours = builds.run(caged.directory, build_directory / "sbin/kexec", "--arch=arm64", *options)
    result = caged.run(*options)
    if "not compiled in" in ours.err:
        return
    plans = [json.loads(text or "{}") for text in (ours.out, result.out)]
    for plan in plans:
        plan.pop("verification", None)    # an estimate by the CPU that plans
    found = [key for key in plans[0] if plans[0][key] != plans[1].get(key)]
    caged.expect("the same plan", [f"other {', '.join(found)}" if found else None], result)


def run(suite, build_directory, directory):
    builds.with_packages(suite, for_arm64, build_directory, directory)
