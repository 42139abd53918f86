# SPDX-License-Identifier: GPL-2.0-or-later
"""--bake: the file against doc/bake-abi.md, and all that is refused."""

import ctypes
import hashlib
import importlib
import json
import os
import re
import signal
import stat
import struct
import subprocess
import sys

import harness

HEADER, PURGATORY, HANDOVER = 0x800, 0x2000, 0x140000
INITRD = os.urandom(100001)
LINE = "console=ttyS0 token=1"


def machines():
    """{name: module} of each ARCH/bake_ARCH.py: KERNEL, the kernel's file; MACHINE, ELF's number;
    ORDER and ALIGN of its images; SKIP, bytes of the file before the memory image; mistakes(baked)
    yields what is wrong with the header of the machine's kernel format; if need be PLACE, an address
    for an image, and FIXTURE, a machine that loads it; REFUSED, where there is any: {why: (kernel
    that --bake refuses, error, options if any)}."""
    found = sorted(harness.HERE.glob("*/bake_*.py"))
    sys.path += sorted({str(path.parent) for path in found})
    return {path.stem.removeprefix("bake_"): importlib.import_module(path.stem) for path in found}


MACHINES = machines()


def tree_of(folder):
    """A captured tree without its padding."""
    path = harness.FIXTURES / folder / "sys/firmware/fdt"
    if not path.exists():
        return None
    tree = bytearray(path.read_bytes())
    at, size = struct.unpack_from(">I", tree, 12) + struct.unpack_from(">I", tree, 32)
    struct.pack_into(">I", tree, 4, at + size)
    return bytes(tree[:at + size])


def trees():
    """{file: device tree} that --bake does not take with --dtb."""
    tree = tree_of("arm64")
    return {"cut": tree[:-1], "large": tree[:4] + struct.pack(">I", HANDOVER) + tree[8:].ljust(HANDOVER - 8, b"\0"),
            "v16": tree[:20] + struct.pack(">I", 16) + tree[24:],
            "empty": struct.pack(">10I", 0xd00dfeed, 72, 56, 72, 40, 17, 16, 0, 0, 16) + bytes(16) +
                     struct.pack(">4I", 1, 0, 2, 9)}


TREES = trees()
PLAIN = next(arch for arch in harness.arches("list") if arch not in MACHINES)


class Image:
    """The memory image in a baked file."""

    def __init__(self, machine, baked, skip=None):
        self.order, self.bytes = machine.ORDER, baked[machine.SKIP if skip is None else skip:]
        (self.magic, self.version, self.size, self.machine, log2, self.image_size, self.memory_size,
         self.address, self.flags, self.skip) = self.field("8sHHHHQQQII", 0)
        self.align = 1 << log2
        self.parts = {}
        for n in range(*self.field("I", 72)):
            name, offset, size, memory = self.field("16sQQQ", 80 + 40 * n)
            self.parts[name.rstrip(b"\0").decode()] = offset, size, memory

    def field(self, form, at):
        return struct.unpack_from(self.order + form, self.bytes, HEADER + at)

    def has_its_digest(self):
        head = bytearray(self.bytes[:min(part[0] for part in self.parts.values())])
        head[HEADER + 400:HEADER + 432] = bytes(32)
        return hashlib.sha256(head).digest() == self.bytes[HEADER + 400:HEADER + 432]

    def contents(self, part):
        offset, size, _ = self.parts[part]
        return self.bytes[offset:offset + size]


def mistakes(machine, baked):
    """What is wrong with a file, one sentence for each."""
    image = Image(machine, baked)
    if (image.magic, image.version, image.size, image.machine, image.align, image.skip, image.flags) != \
            (b"KexBake\n", 1, 512, machine.MACHINE, machine.ALIGN, machine.SKIP, 0):
        yield "the header's first fields"
    if image.image_size != len(image.bytes) or image.memory_size < image.image_size or \
            image.address != (1 << 64) - 1:
        yield f"sizes {image.image_size:#x}, {image.memory_size:#x} of {len(image.bytes):#x} bytes, or the address"
    if not image.has_its_digest():
        yield "the digest"
    if image.bytes[PURGATORY + 16:PURGATORY + 24] != b"PurgPIE\n":
        yield "purgatory is missing"
    end = PURGATORY
    for name, (offset, size, memory) in image.parts.items():
        if offset < end or offset % 4096 or memory < size or offset + memory > image.memory_size:
            yield f"the place of the {name}"
        end = offset + memory
    yield from machine.mistakes(image, baked, INITRD, LINE)


def place(machine):
    """An address for an image: in the RAM of its fixture, if that is where an image is loaded to."""
    return getattr(machine, "PLACE", machine.ALIGN)


def block(size):
    return f"{size >> 20} MiB" if size >> 20 else f"{size >> 10} KiB"


def run_kexec(kexec, arguments, directory):
    """Without the right to load or start a kernel, which a file does not need."""
    return harness.run(["setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot", kexec, *arguments],
                       directory)


def refuse_kernels(suite, kexec, directory, arch):
    for why, (content, says, *options) in getattr(MACHINES[arch], "REFUSED", {}).items():
        (directory / "kernel").write_bytes(content)
        result = run_kexec(kexec, ["-l", "kernel", *options, f"--arch={arch}", "--initrd=initrd", "--bake=new"], directory)
        check_refusal(suite, f"--bake, {arch}, {why}", result, says, 1)
        (directory / "kernel").unlink()


def check_refusal(suite, name, result, says, status):
    suite.check(name, None if result.status == status and re.search(says, result.err, re.M) and
                not result.out else f"not {status}, '{says}'", result)


def bake_all(suite, build, kexec, directory):
    for arch, machine in MACHINES.items():
        (directory / arch).write_bytes(machine.KERNEL)
        command = ["-l", arch, "--initrd=initrd", f"--command-line={LINE}", f"--arch={arch}"]
        first = run_kexec(kexec, [*command, "--bake=first"], directory)
        suite.check(f"--bake, {arch}", None if first.status == 0 else "no file", first)
        if first.status:
            continue
        baked = (directory / "first").read_bytes()
        suite.check(f"--bake, {arch}: contents", "; ".join(mistakes(machine, baked)), first)
        needs = (Image(machine, baked).memory_size + 104856) // 104857 / 10
        suite.check(f"--bake, {arch}: one line", None if re.fullmatch(
            rf"first: baked for {arch}, {len(baked) / 1e6:.1f} MB, needs {needs:.1f} MiB at any multiple "
            rf"of {block(machine.ALIGN)}; starts as: [a-z0-9]+(, [a-z0-9]+)*\n", first.out) and
            first.err == "" else "other output", first)
        mode = stat.S_IMODE((directory / "first").stat().st_mode)
        suite.check(f"--bake, {arch}: an initrd may hold secrets", None if mode == 0o600 else
                    f"mode {mode:o}", first)
        second = run_kexec(kexec, [*command, "--bake=second"], directory)
        suite.check(f"--bake, {arch}: the same bytes again", None if
                    (directory / "second").read_bytes() == baked else "other bytes", second)
        dry = run_kexec(kexec, [*command, "--bake=third", "--dry-run"], directory)
        suite.check(f"--bake, {arch}: a dry run writes nothing", None if
                    dry.status == 0 and "purgatory" in dry.out and not (directory / "third").exists()
                    else "written, or no plan", dry)
        makes_no_call(suite, build, directory, arch, command, baked)
        standard_output(suite, kexec, directory, arch, command, baked)
        refuse_kernels(suite, kexec, directory, arch)
        forms(suite, kexec, directory, arch, command, baked)
        as_json(suite, kexec, directory, arch, command)
        with_tree(suite, kexec, directory, arch, command, baked)
        load(suite, kexec, directory, arch, baked)
        (directory / "baked").unlink()


def forms(suite, kexec, directory, arch, command, baked):
    """--bake-format and --bake-address: the same parts, and a header that says so."""
    machine = MACHINES[arch]
    wanted, at = Image(machine, baked), place(machine)
    for name, options, skip, address in (
            ("flat", ["--bake-format=flat"], 0, (1 << 64) - 1),
            ("linux", ["--bake-format=linux"], machine.SKIP, (1 << 64) - 1),
            ("at an address", [f"--bake-address={at:#x}"], machine.SKIP, at),
            ("flat, at an address", ["--bake-format=flat", f"--bake-address={at}"], 0, at)):
        result = run_kexec(kexec, [*command, "--bake=second", *options], directory)
        content = (directory / "second").read_bytes()
        image = Image(machine, content, skip)
        wrong = [] if result.status == 0 and (image.skip, image.address) == (skip, address) else \
            ["file_skip or address"]
        if (len(image.bytes), image.parts, image.memory_size) != \
                (len(wanted.bytes), wanted.parts, wanted.memory_size):
            wrong.append("other parts")
        if content[skip + PURGATORY:] != baked[machine.SKIP + PURGATORY:]:
            wrong.append("other bytes")
        if not image.has_its_digest():
            wrong.append("the digest")
        if address == at and f" MiB at {at:#x}; starts as: " not in result.out:
            wrong.append("the line")
        suite.check(f"--bake, {arch}, {name}", "; ".join(wrong), result)
    last = (1 << 64) - machine.ALIGN
    for name, address, says in (
            ("no multiple", at + 1, f"{at + 1:#x} is no multiple of {machine.ALIGN:#x}$"),
            ("the end of memory", last,
             f"{last:#x} and {wanted.memory_size:#x} bytes of memory end above 0x[0-9a-f]+$")):
        for more in [], ["--dry-run"]:
            result = run_kexec(kexec, [*command, "--bake=new", f"--bake-address={address}", *more], directory)
            check_refusal(suite, f"--bake-address, {arch}, {name} {more}", result, f"^--bake-address: {says}", 1)


def with_tree(suite, kexec, directory, arch, command, baked):
    """--dtb: one part more, which purgatory verifies, and its console is that of the tree."""
    machine, tree = MACHINES[arch], tree_of(arch)
    if not tree:
        return
    (directory / "tree").write_bytes(tree)
    result = run_kexec(kexec, [*command, "--dtb=tree", "--console-serial", "--append=earlycon", "--bake=second"], directory)
    content = (directory / "second").read_bytes()
    image = Image(machine, content)
    wrong = "" if result.status == 0 and not result.err and "dtb" in image.parts and \
        image.contents("dtb") == tree and set(image.parts) - {"dtb"} == set(Image(machine, baked).parts) else \
        "no part with the tree, or a warning"
    suite.check(f"--bake --dtb, {arch}", wrong, result)
    (directory / "baked").write_bytes(flipped(content, machine.SKIP + image.parts["dtb"][0]))
    result = run_kexec(kexec, ["-l", "baked", f"--arch={arch}", "--dry-run"], directory)
    check_refusal(suite, f"--bake --dtb, {arch}, damaged", result, r"^baked: dtb \[0x[0-9a-f]+, 0x[0-9a-f]+\) is damaged", 1)
    result = run_kexec(kexec, ["-l", arch, f"--arch={arch}", "--dtb=tree", "--bake=second"], directory)
    image = Image(machine, (directory / "second").read_bytes())
    suite.check(f"--bake --dtb, {arch}, the tree's own command line", None if result.status == 0 and
                "command line" not in image.parts else "a part", result)
    (directory / "tree").unlink()


def write_errors(suite, build, directory):
    """Errors and signals in the middle of the file: the old file stays, and no other is left."""
    plain = directory / "write"
    plain.mkdir()
    arch = next(iter(MACHINES))
    (plain / "kernel").write_bytes(MACHINES[arch].KERNEL)
    (plain / "old").write_bytes(b"as it was")
    command = [build / "sbin/kexec", "-l", "kernel", f"--arch={arch}", "--bake=old"]
    for name, inject, status, says in (
            ("disk full", "write:error=ENOSPC:when=3", 1, "^old: No space left on device$"),
            ("EIO, at once", "write:error=EIO:when=1", 1, "^old: Input/output error$"),
            ("EIO, later", "fsync:error=EIO", 1, "^old: Input/output error$"),
            ("the mode", "fchmod:error=EPERM", 1, "^old: Operation not permitted$"),
            ("no rename", "/^rename.*:error=EROFS", 1, "^old: Read-only file system$"),
            ("SIGINT", "write:signal=SIGINT:when=3", 128 + signal.SIGINT, None),
            ("SIGTERM", "fsync:signal=SIGTERM", 128 + signal.SIGTERM, None),
            ("SIGHUP", "fchmod:signal=SIGHUP", 128 + signal.SIGHUP, None),
            ("an input that is cut", "write:signal=SIGBUS:when=3", 1,
             "^A file was cut short while it was being read; nothing was loaded.$")):
        result = harness.run(["strace", "-f", "-o", "/dev/null", "-e", f"inject={inject}",
                              "setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot", *command], plain)
        left = sorted(path.name for path in plain.iterdir())
        wrong = []
        if result.status != status or result.out or (not re.search(says, result.err, re.M) if says else result.err):
            wrong.append(f"not {status}, '{says}'")
        if left != ["kernel", "old"] or (plain / "old").read_bytes() != b"as it was":
            wrong.append(f"the old file was changed, or others are left: {left}")
        suite.check(f"--bake, {name}", "; ".join(wrong), result)
    result = harness.run(["prlimit", f"--fsize={1 << 20}", *command], plain)
    left = sorted(path.name for path in plain.iterdir())
    suite.check("--bake, a limit on the size of files", None if result.status == 1 and
                result.err == "old: File too large\n" and left == ["kernel", "old"] and
                (plain / "old").read_bytes() == b"as it was" else "another error, or changed", result)
    ignored = harness.run(["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", "strace", "-f", "-o", "/dev/null", "-e",
                           "inject=fsync:signal=SIGHUP", *command], plain)
    suite.check("--bake, a signal that is ignored", None if ignored.status == 0 and
                (plain / "old").stat().st_size > 1 << 20 else "not written", ignored)


def standard_output(suite, kexec, directory, arch, command, baked):
    """--bake=-: the file's bytes alone, and none on a terminal."""
    with open(directory / "output", "wb") as output:
        subprocess.run([kexec, *command, "--bake=-"], cwd=directory, stdout=output, check=False, timeout=60)
    suite.check(f"--bake=-, {arch}", None if (directory / "output").read_bytes() == baked else "other bytes")
    (directory / "output").unlink()
    master, terminal = os.openpty()
    process = subprocess.run([kexec, *command, "--bake=-"], cwd=directory, stdout=terminal,
                             stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(terminal)
    os.set_blocking(master, False)
    try:
        printed = os.read(master, 100)
    except OSError:
        printed = b""
    os.close(master)
    suite.check(f"--bake=-, {arch}, a terminal", None if process.returncode == 1 and not printed and
                process.stderr.startswith(b"--bake=-: standard output is a terminal") else
                f"{process.returncode}, {printed}, {process.stderr}")


# Runs a program that these system calls kill; without one it makes such a call itself.
FILTER = """
import ctypes, os, sys
lib, calls = ctypes.CDLL("libseccomp.so.2"), (b"kexec_load", b"kexec_file_load", b"reboot")
lib.seccomp_init.restype = ctypes.c_void_p
context = ctypes.c_void_p(lib.seccomp_init(0x7fff0000))
numbers = [lib.seccomp_syscall_resolve_name(call) for call in calls]
assert all(n >= 0 and lib.seccomp_rule_add(context, 0x80000000, n, 0) == 0 for n in numbers)
assert lib.seccomp_load(context) == 0
if sys.argv[1:]:
    os.execv(sys.argv[1], sys.argv[1:])
ctypes.CDLL(None).syscall(numbers[2], 0, 0, 0, 0)    # of reboot, without its magic numbers
"""


def makes_no_call(suite, build, directory, arch, command, baked):
    """No system call of kexec, and nothing of this machine is read."""
    fenced = ["setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot"]
    plain = [build / "sbin/kexec", *command, "--bake=second"]
    try:
        ctypes.CDLL("libseccomp.so.2")
    except OSError:
        print("SKIP --bake under seccomp: there is no libseccomp.so.2")
    else:
        control = harness.run([*fenced, sys.executable, "-c", FILTER], directory)
        suite.check("the filter of system calls kills", None if control.status == 128 + signal.SIGSYS else
                    "not killed", control)
        result = harness.run([*fenced, sys.executable, "-c", FILTER, *plain], directory)
        suite.check(f"--bake, {arch}, without system calls of kexec", None if result.status == 0 and
                    (directory / "second").read_bytes() == baked else "no file", result)
    result = harness.run([*fenced, "strace", "-f", "-o", "trace", "-e", "trace=%file,kexec_load,kexec_file_load",
                          *plain], directory)
    trace = (directory / "trace").read_text(encoding="utf-8", errors="replace")
    (directory / "trace").unlink()
    here = re.findall(r'.*"/(?:proc|sys|run|dev)\b.*|.*kexec_(?:file_)?load\(.*', trace)
    suite.check(f"--bake, {arch}, reads nothing of this machine", None if result.status == 0 and
                'initrd"' in trace and not here else f"{here}", result)


def object_of(result):
    try:
        return json.loads(result.out) if result.status == 0 else {}
    except ValueError:
        return {}


def facts(machine, content, file, skip):
    """The object "bake", from the file and doc/bake-abi.md."""
    image = Image(machine, content, skip)
    entries = image.field("III", 48)
    return {
        "file": file, "format": "linux" if skip == machine.SKIP else "flat", "version": 1,
        "address": None if image.address == (1 << 64) - 1 else hex(image.address),
        "align": hex(image.align), "file_size": len(content), "image_size": len(image.bytes),
        "memory_size": image.memory_size,
        "entries": {name: hex(entry) if entry else None
                    for name, entry in zip(("start", "prepare", "crash"), entries)},
        "parts": [{"name": name, "offset": hex(offset), "size": size, "memory_size": memory,
                   "sha256": hashlib.sha256(image.contents(name)).hexdigest() if size else None}
                  for name, (offset, size, memory) in image.parts.items()],
        "sha256": image.bytes[HEADER + 400:HEADER + 432].hex()}


def as_json(suite, kexec, directory, arch, command):
    """--json: the same object from the writer, from a dry run, and from the file when it is loaded."""
    machine = MACHINES[arch]
    for name, options, skip in (("linux", [], machine.SKIP),
                                ("flat", ["--bake-format=flat", f"--bake-address={place(machine):#x}"], 0)):
        written = run_kexec(kexec, [*command, *options, "--bake=second", "--json"], directory)
        planned = run_kexec(kexec, [*command, *options, "--bake=second", "--json", "--dry-run"], directory)
        content = (directory / "second").read_bytes()
        found = object_of(written)
        bake = dict(found.get("bake", {}))
        shapes = bake.pop("shapes", [])
        wrong = [] if bake == facts(machine, content, "second", skip) else ["not that of the file"]
        if not isinstance(shapes, list) or not shapes and skip == machine.SKIP:
            wrong.append("no shape")
        if found != object_of(planned) or found.get("schema") != 1 or found.get("arch") != arch or \
                "segments" not in found:
            wrong.append("the dry run prints another object, or not the plan's")
        suite.check(f"--bake --json, {arch}, {name}", "; ".join(wrong), written)
        if skip != machine.SKIP:
            continue
        sysroot = harness.FIXTURES / getattr(machine, "FIXTURE", arch)
        loaded = run_kexec(kexec, ["-l", "second", f"--arch={arch}", "--dry-run", "--json", "-t", "bake",
                                   *([f"--sysroot={sysroot}"] if sysroot.exists() else [])], directory)
        plan = object_of(loaded)
        suite.check(f"--json of a baked image, {arch}, {name}", None if
                    plan.get("bake") == found.get("bake") and plan.get("layers") == ["bake"] and
                    plan["image_type"] != "bake" else "another object", loaded)
        warned = run_kexec(kexec, ["-l", "second", f"--arch={arch}", "--dry-run", "--json", "--initrd=initrd",
                                   "--command-line=lost",
                                   *([f"--sysroot={sysroot}"] if sysroot.exists() else [])], directory)
        suite.check(f"a baked image with a command line and an initrd, {arch}", None if
                    object_of(warned).get("bake") == found.get("bake") and
                    "warning: second is a baked image: its own command line and initrd count" in warned.err
                    else "no warning, or no plan", warned)
    named = run_kexec(kexec, ["-l", arch, f"--arch={arch}", "--dry-run", "-t", "bake"], directory)
    check_refusal(suite, f"-t bake, {arch}, a kernel that is not baked", named,
                  "^Wrong file type bake, file matches type ", 255)


def refuse(suite, kexec, directory):
    """Nothing is written, and an older file stays as it was."""
    (directory / "old").write_bytes(b"as it was")
    for name, content in TREES.items():
        (directory / name).write_bytes(content)
    (directory / "huge").write_bytes(changed(MACHINES["arm64"].KERNEL, 16, "<Q", 1 << 41))
    here = "^--bake makes a file for any machine: --{} describes this one"
    for name, options, says, status in (
            *((option, [option], here.format(option.lstrip("-").split("=")[0]), 1) for option in
              ("--force", "--kexec-file-syscall", "--reuse-cmdline", "--reuseinitrd", "--mem-min=1",
               "--mem-max=0x10000000", "--entry=0x1000", "--sysroot=/")),
            ("--hotplug", ["-p", "--hotplug"], here.format("hotplug"), 1),
            ("--no-checks", ["--no-checks"], "^--bake contradicts --no-checks", 1),
            ("--purgatory=rel", ["--purgatory=rel"], "^--bake contradicts --purgatory=rel", 1),
            ("--dtb, no tree", ["--dtb=initrd"], "^initrd: not a device tree", 255),
            ("--dtb, a cut tree", ["--dtb=cut"], "^cut: cut off: ", 255),
            ("--dtb, version 16", ["--dtb=v16"], "^v16: a device tree of version 16, --bake takes version 17", 1),
            ("--dtb, no memory", ["--dtb=empty"], "^empty contains no memory node", 1),
            ("--dtb, too large", ["--dtb=large"],
             rf"^large: a device tree of {len(TREES['large'])} bytes; with --bake at most {HANDOVER - 256} bytes", 1),
            ("--bake-format=efi", ["--bake-format=efi"],
             "^Bad value for --bake-format 'efi': expected linux or flat", 1),
            ("--bake-address=high", ["--bake-address=high"], "^Bad value for --bake-address 'high'", 1),
            ("--bake-memory", ["--bake-memory=1"], "bake-memory", 1),
            ("--bake=- --json", ["--bake=-", "--json"], "^--bake=- contradicts --json", 1),
            ("-p", ["-p"], "^--bake makes no crash image", 1),
            ("a file that is no kernel", ["initrd"], "^Cannot determine the file type", 255),
            ("a kernel that needs more memory than there is", ["huge"],
             "^Could not find a free area of memory of 0x20000000000 bytes for the kernel", 1),
            ("an initrd that is missing", ["--initrd=missing"], "Cannot open `missing': No such file", 1)):
        kernel = [] if options in (["initrd"], ["huge"]) else ["arm64"]
        result = run_kexec(kexec, [*(["-l"] if "-p" not in options else []), *kernel,
                                   "--arch=arm64", "--bake=old", *options], directory)
        check_refusal(suite, f"--bake, {name}", result, says, status)
        suite.check(f"--bake, {name}: the old file stays", None if
                    (directory / "old").read_bytes() == b"as it was" else "changed", result)
    for name, arch, file, says in (
            ("an arch without baked images", PLAIN, "new", f"^--bake: {PLAIN} has no baked images"),
            ("a folder", "arm64", ".", "^. exists and is no regular file"),
            ("no such folder", "arm64", "no/new", "^no/new: cannot make a file beside it: No such file")):
        result = run_kexec(kexec, ["-l", "arm64", f"--arch={arch}", f"--bake={file}"], directory)
        check_refusal(suite, f"--bake, {name}", result, says, 1)
    for option in "--bake-format=linux", "--bake-address=0":
        result = run_kexec(kexec, ["-l", "arm64", "--dry-run", "--arch=arm64", option], directory)
        check_refusal(suite, f"{option} without --bake", result, f"^{option.split('=')[0]} goes with --bake$", 1)
    result = run_kexec(kexec, ["-l", "arm64", "--arch=arm64", "--bake=/dev/full"], directory)
    check_refusal(suite, "--bake, a device", result, "^/dev/full exists and is no regular file", 1)
    left = sorted(path.name for path in directory.iterdir())
    suite.check("--bake leaves no other file", None if left == sorted(
        [*MACHINES, *TREES, "huge", "initrd", "first", "second", "old"]) else f"{left}", result)


def changed(baked, at, form, *values):
    content = bytearray(baked)
    struct.pack_into(form, content, at, *values)
    return bytes(content)


def flipped(baked, at):
    return changed(baked, at, "B", baked[at] ^ 1)


def load(suite, kexec, directory, arch, baked):
    """A baked image as the kernel of a load: it is checked before anything else is done with it."""
    machine, order = MACHINES[arch], MACHINES[arch].ORDER
    image = Image(machine, baked)
    head, size = machine.SKIP + HEADER, len(image.bytes)
    other = MACHINES["arm64" if arch != "arm64" else "riscv64"]
    for name, content, says in (
            *((f"damaged {part}", flipped(baked, machine.SKIP + offset + length - 1),
               rf"^baked: {part} \[0x[0-9a-f]+, {offset + length:#x}\) is damaged")
              for part, (offset, length, _) in image.parts.items() if part != "handover"),
            ("damaged start code", flipped(baked, head + 0x280),
             "^baked: its start code or purgatory is damaged"),
            ("damaged purgatory", flipped(baked, machine.SKIP + PURGATORY + 0x800),
             "^baked: its start code or purgatory is damaged"),
            ("damaged bytes after purgatory", flipped(baked, machine.SKIP + min(
                part[0] for part in image.parts.values()) - 1),
             "^baked: its start code or purgatory is damaged"),
            ("a newer version", changed(baked, head + 8, order + "H", 2),
             r"^baked: baked by a newer kexec \(version 2, this one knows 1\)"),
            ("another machine", changed(baked, head + 12, order + "H", other.MACHINE),
             f"^baked: a baked image for .*, not for {arch}"),
            ("image_size", changed(baked, head + 16, order + "Q", size + 1),
             f"^baked: a baked image of {size + 1:#x} bytes, and the file has {size:#x}"),
            ("cut", baked[:-1],
             f"^baked: a baked image of {size:#x} bytes, and the file has {size - 1:#x}"),
            *((f"{field} {value:#x}", changed(baked, head + at, order + form, value),
               f"^baked: {field} of the baked image is {value:#x}, not between {least:#x} and {most:#x}$")
              for field, at, form, value, least, most in (
                  ("align_log2", 14, "H", 11, 12, 30), ("align_log2", 14, "H", 31, 12, 30),
                  ("memory_size", 24, "Q", size - 1, size, (1 << 64) - 1),
                  ("file_skip", 44, "I", machine.SKIP ^ 4096, machine.SKIP, machine.SKIP),
                  ("purgatory", 60, "I", 0x2001, PURGATORY, PURGATORY),
                  ("part_count", 72, "I", 9, 0, 8))),
            *(("contents of a part after the end",
               changed(baked, head + 80 + 40 * n + 24, order + "Q", memory),
               f"^baked: part {n} of the baked image, {memory:#x} bytes of contents .* ends after image_size {size:#x}$")
              for n, (offset, _, memory) in enumerate(image.parts.values()) if offset + memory > size),
            ("cut in its headers", baked[:head + 0x100], "^baked: a baked image that ends in its headers"),
            *((f"a part at {offset:#x}", changed(baked, head + 80 + 16, order + "Q", offset),
               f"^baked: part 0 of the baked image, .* at {offset:#x}, is not between 0x2000 and")
              for offset in (0, 0x1fff, 1 << 63, (1 << 64) - 1)),
            ("a part larger than its memory", changed(baked, head + 80 + 24, order + "Q", 1 << 40),
             "^baked: part 0 of the baked image")):
        (directory / "baked").write_bytes(content)
        result = run_kexec(kexec, ["-l", "baked", f"--arch={arch}", "--dry-run"], directory)
        check_refusal(suite, f"a baked image, {arch}, {name}", result, says, 1)
    (directory / "baked").write_bytes(baked)
    result = run_kexec(kexec, ["-l", "baked", f"--arch={arch}", "--bake=new"], directory)
    check_refusal(suite, f"--bake of a baked image, {arch}", result,
                  "^--bake: baked is a baked image already", 1)


def run(suite, build, directory):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "initrd").write_bytes(INITRD)
    kexec = build / "san/sbin/kexec"
    for arch in MACHINES:
        result = run_kexec(kexec, ["-l", "initrd", f"--arch={arch}", "--bake=no"], directory)
        if "is not compiled in" in result.err:
            print(f"SKIP --bake: this kexec was built without {arch}")
            return
    bake_all(suite, build, kexec, directory)
    refuse(suite, kexec, directory)
    write_errors(suite, build, directory)
