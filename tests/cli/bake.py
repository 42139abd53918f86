# SPDX-License-Identifier: GPL-2.0-or-later
"""--bake: the file against doc/bake-abi.md, and all that is refused."""

import hashlib
import os
import re
import stat
import struct

import harness

HEADER, PURGATORY, HANDOVER = 0x800, 0x2000, 0x140000
ALIGN = 2 << 20
KERNEL = os.urandom(3 << 20)
INITRD = os.urandom(100001)
LINE = "console=ttyS0 token=1"
PLAIN = next(arch for arch in harness.arches("list")
             if arch not in ("arm64", "riscv64"))    # without baked images
MACHINES = {"arm64": (183, b"ARM\x64", 56), "riscv64": (243, b"RSC\x05", 56)}


def image(arch):
    """The header of Linux' Image, and bytes after it that the kernel is to have."""
    _, magic, offset = MACHINES[arch]
    head = bytearray(struct.pack("<IIQQQ", 0, 0, 0, len(KERNEL) + 0x10000, 0xa if arch == "arm64" else 0))
    head += bytes(64 - len(head))
    head[offset:offset + 4] = magic
    if arch == "riscv64":
        head[32:36], head[48:56] = struct.pack("<I", 2), b"RISCV\0\0\0"
    return bytes(head) + KERNEL[64:]


def parts_of(baked):
    count, = struct.unpack_from("<I", baked, HEADER + 72)
    for n in range(count):
        name, offset, size, memory = struct.unpack_from("<16sQQQ", baked, HEADER + 80 + 40 * n)
        yield name.rstrip(b"\0").decode(), offset, size, memory


def mistakes(arch, baked, kernel):
    """What is wrong with a file, one sentence for each."""
    magic, version, size, machine, log2, image_size, memory_size, address = \
        struct.unpack_from("<8sHHHHQQQ", baked, HEADER)
    if (magic, version, size, machine, 1 << log2) != (b"KexBake\n", 1, 512, MACHINES[arch][0], ALIGN):
        yield "the header's first fields"
    if image_size != len(baked) or memory_size < image_size or address != (1 << 64) - 1:
        yield f"sizes {image_size:#x}, {memory_size:#x} of {len(baked):#x} bytes, or the address"
    if baked[56:60] != MACHINES[arch][1] or \
            struct.unpack_from("<QQ", baked, 8) != (0, memory_size):
        yield "Linux' header"
    zeroed = bytearray(baked)
    zeroed[HEADER + 400:HEADER + 432] = bytes(32)
    if hashlib.sha256(zeroed).digest() != baked[HEADER + 400:HEADER + 432]:
        yield "the digest"
    if baked[PURGATORY + 16:PURGATORY + 24] != b"PurgPIE\n":
        yield "purgatory is missing"
    found, end = {}, PURGATORY
    for name, offset, size, memory in sorted(parts_of(baked), key=lambda part: part[1]):
        if offset < end or offset % 4096 or memory < size or offset + memory > memory_size:
            yield f"the place of the {name}"
        end = offset + memory
        found[name] = baked[offset:offset + size]
    if found.get("kernel") != kernel or found.get("initrd") != INITRD or \
            found.get("command line") != LINE.encode() + b"\0":
        yield "the contents of a part"
    kernel_part = [part for part in parts_of(baked) if part[0] == "kernel"][0]
    if kernel_part[1] % ALIGN or kernel_part[3] < len(KERNEL) + 0x10000 or \
            end != kernel_part[1] + kernel_part[3]:
        yield "the kernel is not last, or at no multiple of 2 MiB"
    if len(found.get("handover", "")) + dict((p[0], p[3]) for p in parts_of(baked))["handover"] < HANDOVER:
        yield "the room for the boot data"


def run_kexec(kexec, arguments, directory):
    """Without the right to load or start a kernel, which a file does not need."""
    return harness.run(["setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot", kexec, *arguments],
                       directory)


def check_refusal(suite, name, result, says, status):
    suite.check(name, None if result.status == status and re.search(says, result.err, re.M) and
                not result.out else f"not {status}, '{says}'", result)


def bake_both(suite, kexec, directory):
    for arch in MACHINES:
        kernel = image(arch)
        (directory / arch).write_bytes(kernel)
        command = ["-l", arch, "--initrd=initrd", f"--command-line={LINE}", f"--arch={arch}"]
        first = run_kexec(kexec, [*command, "--bake=first"], directory)
        baked = (directory / "first").read_bytes() if first.status == 0 else b""
        wrong = list(mistakes(arch, baked, kernel)) if baked else ["no file"]
        suite.check(f"--bake, {arch}", "; ".join(wrong) or None, first)
        suite.check(f"--bake, {arch}: one line", None if
                    first.out.startswith(f"first: baked for {arch}, {len(baked)} bytes, needs 0x") and
                    first.err == "" else "other output", first)
        mode = stat.S_IMODE((directory / "first").stat().st_mode)
        suite.check(f"--bake, {arch}: an initrd may hold secrets", None if mode == 0o600 else
                    f"mode {mode:o}", first)
        second = run_kexec(kexec, [*command, "--bake=second"], directory)
        suite.check(f"--bake, {arch}: the same bytes again", None if
                    (directory / "second").read_bytes() == baked else "other bytes", second)
        dry = run_kexec(kexec, [*command, "--bake=third", "--dry-run"], directory)
        suite.check(f"--bake, {arch}: a dry run writes nothing", None if
                    dry.status == 0 and "handover" in dry.out and not (directory / "third").exists()
                    else "written, or no plan", dry)


def refuse(suite, kexec, directory):
    """Nothing is written, and an older file stays as it was."""
    (directory / "old").write_bytes(b"as it was")
    here = "^--bake makes a file for any machine: --{} describes this one"
    for name, options, says, status in (
            *((option, [option], here.format(option.lstrip("-").split("=")[0]), 1) for option in
              ("--force", "--kexec-file-syscall", "--reuse-cmdline", "--reuseinitrd", "--mem-min=1",
               "--mem-max=0x10000000", "--entry=0x1000", "--sysroot=/")),
            ("--hotplug", ["-p", "--hotplug"], here.format("hotplug"), 1),
            ("--no-checks", ["--no-checks"], "^--bake contradicts --no-checks", 1),
            ("--purgatory=rel", ["--purgatory=rel"], "^--bake contradicts --purgatory=rel", 1),
            ("--dtb", ["--dtb=initrd"], "^--bake contradicts --dtb", 1),
            ("-p", ["-p"], "^--bake makes no crash image", 1),
            ("a file that is no kernel", ["initrd"], "^Cannot determine the file type", 255),
            ("an initrd that is missing", ["--initrd=missing"], "Cannot open `missing': No such file", 1)):
        kernel = [] if options == ["initrd"] else ["arm64"]
        result = run_kexec(kexec, [*(["-l"] if "-p" not in options else []), *kernel, *options,
                              "--arch=arm64", "--bake=old"], directory)
        check_refusal(suite, f"--bake, {name}", result, says, status)
        suite.check(f"--bake, {name}: the old file stays", None if
                    (directory / "old").read_bytes() == b"as it was" else "changed", result)
    for name, arch, file, says in (
            ("an arch without baked images", PLAIN, "new", f"^--bake: {PLAIN} has no baked images"),
            ("a folder", "arm64", ".", "^. exists and is no regular file"),
            ("no such folder", "arm64", "no/new", "^no/new: cannot make a file beside it: No such file")):
        result = run_kexec(kexec, ["-l", "arm64", f"--arch={arch}", f"--bake={file}"], directory)
        check_refusal(suite, f"--bake, {name}", result, says, 1)
    result = run_kexec(kexec, ["-l", "arm64", "--arch=arm64", "--bake=/dev/full"], directory)
    check_refusal(suite, "--bake, a device", result, "^/dev/full exists and is no regular file", 1)
    left = sorted(path.name for path in directory.iterdir())
    suite.check("--bake leaves no other file", None if left == sorted(
        ["arm64", "riscv64", "initrd", "first", "second", "old"]) else f"{left}", result)


def changed(baked, at, form, *values):
    content = bytearray(baked)
    struct.pack_into(form, content, at, *values)
    return bytes(content)


def load(suite, kexec, directory):
    """A baked image as the kernel of a load: it is checked before anything else is done with it."""
    baked = (directory / "first").read_bytes()    # riscv64's
    parts = {part[0]: part for part in parts_of(baked)}
    names = [part[0] for part in parts_of(baked)]
    order = sorted(parts.values(), key=lambda part: part[1])
    kernel, initrd = parts["kernel"][1], parts["initrd"][1]
    assert names == [part[0] for part in order]
    for name, content, says, status in (
            ("damaged kernel", changed(baked, kernel + 5000, "B", baked[kernel + 5000] ^ 1),
             f"^baked: kernel \\[{kernel:#x}, 0x[0-9a-f]+\\) is damaged", 1),
            ("damaged initrd", changed(baked, initrd, "B", baked[initrd] ^ 1),
             f"^baked: initrd \\[{initrd:#x}, {initrd + len(INITRD):#x}\\) is damaged", 1),
            ("damaged start code", changed(baked, 0xa80, "B", baked[0xa80] ^ 1),
             "^baked: a byte outside the verified parts is damaged", 1),
            ("a newer version", changed(baked, HEADER + 8, "<H", 2),
             r"^baked: baked by a newer kexec \(version 2, this one knows 1\)", 1),
            ("another machine", changed(baked, HEADER + 12, "<H", 183),
             "^baked: a baked image for arm64, not for riscv64", 1),
            ("image_size", changed(baked, HEADER + 16, "<Q", len(baked) + 1),
             f"^baked: a baked image of {len(baked) + 1:#x} bytes, and the file has {len(baked):#x}", 1),
            ("cut", baked[:-1],
             f"^baked: a baked image of {len(baked):#x} bytes, and the file has {len(baked) - 1:#x}", 1),
            ("cut in its headers", baked[:0x900], "^baked: a baked image that ends in its headers", 1),
            ("9 parts", changed(baked, HEADER + 72, "<I", 9), "^baked: a baked image of 9 parts", 1),
            *((f"a part at {offset:#x}", changed(baked, HEADER + 80 + 16, "<Q", offset),
               f"^baked: part 0 of the baked image, .* at {offset:#x}, is not between 0x2000 and", 1)
              for offset in (0, 0x1fff, 1 << 63, (1 << 64) - 1)),
            ("a part larger than its memory", changed(baked, HEADER + 80 + 24, "<Q", 1 << 40),
             "^baked: part 0 of the baked image", 1)):
        (directory / "baked").write_bytes(content)
        result = run_kexec(kexec, ["-l", "baked", "--arch=riscv64", "--dry-run"], directory)
        check_refusal(suite, f"a baked image, {name}", result, says, status)
    (directory / "baked").write_bytes(baked)
    result = run_kexec(kexec, ["-l", "baked", "--arch=riscv64", "--bake=new"], directory)
    check_refusal(suite, "--bake of a baked image", result, "^--bake: baked is a baked image already", 1)


def run(suite, build, directory):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "initrd").write_bytes(INITRD)
    kexec = build / "san/sbin/kexec"
    for arch in MACHINES:
        result = run_kexec(kexec, ["-l", "initrd", f"--arch={arch}", "--bake=no"], directory)
        if "is not compiled in" in result.err:
            print(f"SKIP --bake: this kexec was built without {arch}")
            return
    bake_both(suite, kexec, directory)
    refuse(suite, kexec, directory)
    load(suite, kexec, directory)
