# SPDX-License-Identifier: GPL-2.0-or-later
"""UKIs and zboot images with damaged headers, and the kernels and initrds of good ones."""

import gzip
import struct

import bad
from harness import example

import images
import rules

# (offset, size) of a section or a payload: beyond the end, around 2^31 and 2^32.
WILD = [(0xFFFFFFFF, 1), (0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFF000, 0x2000), (0, 0xFFFFFFFF),
        (0x7FFFFFFF, 0x7FFFFFFF), (0x80000000, 0x80000000), (0x1000, 0xFFFFF000)]
SECTIONS = (".linux", ".initrd", ".cmdline", ".dtb", ".uname", ".ucode")
PE, TABLE, HEADER_SIZE = 0x80, 0x80 + 24 + 240, 40


def patched(data, offset, code, *values):
    data = bytearray(data)
    struct.pack_into("<" + code, data, offset, *values)
    return bytes(data)


def good_uki(bench):
    return images.uki((".initrd", bench.initrd), (".cmdline", b"inside"),
                      (".dtb", b"d"), (".uname", b"6.0"), (".ucode", b"u"),
                      (".linux", bench.kernel))


def good_ukis(bench):
    def check(plan):
        example.check_kernel(plan, bench.kernel)
        example.check_initrd(plan, b"u", bench.initrd)
        rules.require(plan["command_line"] == "inside", "the command line is the UKI's")

    for type_args in [], ["-t", "uki"], ["-t", "bzImage64"]:
        bench.accepts(f"a UKI {type_args}", *type_args, "-l", bench.write("uki", good_uki(bench)),
                      check=check)
    bench.refuses("a bzImage as uki", "-t", "uki", "-l", "bzImage",
                  says="^Wrong file type uki, file matches type bzImage64", status=255)
    vmlinux = example.VMLINUX_TYPE
    bench.refuses(f"a UKI as {vmlinux}", "-t", vmlinux, "-l", "uki",
                  says=f"^Wrong file type {vmlinux}, file matches type bzImage64", status=255)
    bench.refuses("a command line inside that is too long", "-l", bench.write("long", images.uki(
        (".cmdline", b"x" * 2048), (".linux", bench.kernel))), says="2048 characters", status=1)


def signing(bench):
    """Machines on which only signed code may run, and why."""
    locked = bench.machine_with({"sys/kernel/security/lockdown":
                                 "none [integrity] confidentiality\n"})
    secure = bench.machine_with({"sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-"
                                 "00e098032b8c": b"\6\0\0\0\1"})
    return ((locked, "the kernel is locked down, level integrity"), (secure, "Secure Boot is on"))


def signed_parts(bench):
    """What was signed with the kernel is used, if only signed code may run."""
    uki = bench.write("uki", good_uki(bench))
    bench.write("other", b"another initrd")
    for machine, why in signing(bench):
        bench.accepts(f"a UKI with another initrd, {why}", "-c", "-l", uki, "--initrd=other",
                      machine=machine, check=lambda plan: rules.check_initrd(plan, b"u",
                                                                             bench.initrd),
                      warns="^warning: uki: the initrd inside it is used, not the one that was "
                            f"asked for: {why}$")
        bench.accepts(f"a bzImage with an initrd, {why}", "-c", "-l", "bzImage", "--initrd=other",
                      machine=machine,
                      check=lambda plan: rules.check_initrd(plan, b"another initrd"))
    bench.accepts("a UKI with another initrd", "-l", uki, "--initrd=other",
                  check=lambda plan: rules.check_initrd(plan, b"another initrd"))


def addons(bench):
    """Add-ons: what they add, in both calls; which are ignored; damaged ones."""
    uki = bench.write("linux+3-0.efi", images.uki(
        (".initrd", bench.initrd), (".cmdline", b"own"), (".uname", b"6.0"),
        (".linux", bench.kernel)))
    for name, sections in (
            ("b.addon.efi", ((".cmdline", b"b\n"), (".initrd", b"last"), (".ucode", b"u"))),
            ("a.addon.EFI", ((".cmdline", b"a"), (".ucode", b"uuuu"), (".uname", b"6.0"))),
            ("c.addon.efi", ((".cmdline", b"c"), (".uname", b"6.0.1"))),
            (".d.addon.efi", ((".cmdline", b"d"),)),
            ("e.efi", ((".cmdline", b"e"),))):
        bench.write(f"linux.efi.extra.d/{name}", images.uki(*sections))

    def check(plan):
        rules.check_initrd(plan, b"u", b"uuuu", bench.initrd, b"last")
        rules.require(plan["command_line"] == "own a b", "command lines are joined by name")

    def check_own(plan):
        rules.check_initrd(plan, bench.initrd)
        rules.require(plan["command_line"] == "own", "the command line is the UKI's alone")

    def check_asked(plan):
        rules.check_initrd(plan, b"u", b"uuuu", bench.initrd, b"last")
        rules.require(plan["command_line"] == "asked", "the command line is that of --append")

    for call in "-c", "-s":
        bench.accepts(f"a UKI with add-ons, {call}", call, "-l", uki, check=check,
                      warns="the add-on linux.efi.extra.d/c.addon.efi is ignored: it is for the "
                            r"kernel '6\.0\.1', not for '6\.0' \(\.uname\)")
        bench.accepts(f"add-ons and --append, {call}", call, "-l", uki, "--append=asked",
                      check=check_asked, warns="c.addon.efi is ignored")
    for machine, why in signing(bench):
        bench.accepts(f"add-ons, {why}", "-c", "-l", uki, machine=machine, check=check_own,
                      warns="its 3 add-ons are ignored: nothing here checks who signed them, and "
                            + why.split(",")[0])
    foreign = images.uki((".cmdline", b"x"))
    bench.write("linux.efi.extra.d/c.addon.efi", patched(foreign, PE + 4, "H", 0xAA64))
    bench.accepts("an add-on for another machine", "-l", uki, check=check,
                  warns="c.addon.efi is ignored: it is for machine 0xaa64, the UKI for 0x8664")
    for name, content, says in (
            ("of another format", b"text", "not a PE file"),
            ("cut short", images.uki((".initrd", b"x" * 999))[:-600], "section .initrd: this PE"),
            ("empty", b"", "add-on: ")):
        bench.write("linux.efi.extra.d/c.addon.efi", content)
        bench.refuses(f"an add-on {name}", "-l", uki, says=says,
                      names="linux.efi.extra.d/c.addon.efi")
    bench.write("plain.extra.d/a.addon.efi", images.uki((".cmdline", b"x")))
    bench.accepts("an add-on of a kernel that is no UKI", "-l", bench.write("plain", bench.kernel),
                  warns="plain is not a UKI: its 1 add-ons have no effect")


def profiles(bench):
    uki = bench.write("modes", images.uki(
        (".linux", bench.kernel), (".profile", b""), (".cmdline", b"first"),
        (".profile", b""), (".cmdline", b"second")))
    for name, options, line in (("modes", [], "first"), ("modes@0", [], "first"),
                                ("modes@1", [], "second"), ("modes", ["--profile=1"], "second"),
                                ("modes@1", ["--profile=1"], "second")):
        bench.accepts(f"{name} {options}", "-l", name, *options, check=lambda plan, line=line:
                      rules.require(plan["command_line"] == line, f"the command line is {line}"))
    bench.refuses("a profile that is missing", "-l", "modes@2", says="there is no profile 2",
                  names="modes", status=255)
    bench.refuses("two profiles", "-l", "modes@1", "--profile=2",
                  says="^--profile contradicts modes@1", status=1)
    bench.refuses("a profile of no UKI", "-l", "bzImage@1",
                  says="^--profile: bzImage is not a UKI")
    for name in f"{uki}@", f"{uki}@1x", f"{uki}@-1", "none@1":
        bench.refuses(name, "-l", name, says="No such file", names=name)
    bench.write("modes@1", images.uki((".linux", bench.kernel), (".cmdline", b"of the file")))
    bench.accepts("a file of that name", "-l", "modes@1", check=lambda plan: rules.require(
        plan["command_line"] == "of the file", "the file comes first"))


def lying_sections(bench):
    uki = good_uki(bench)
    for i in range(7):
        at = TABLE + i * HEADER_SIZE
        name = uki[at:at + 8].rstrip(b"\0").decode()
        if name not in SECTIONS:
            continue
        for offset, size in WILD:
            bench.refuses(f"{name}, {size:#x} bytes at {offset:#x}", "-l",
                          bench.write("wild", patched(uki, at + 16, "II", size, offset)),
                          says=f"section {name}: this PE file is cut short", names="wild",
                          status=255)
    for sections in 8, 0x7FFF, 0xFFFF:
        # With 8 the eighth is zeros, which has no name that counts.
        data = bench.write("wild", patched(uki, PE + 6, "H", sections))
        if sections > 8:
            bench.refuses(f"{sections} sections", "-l", data, says="section table|section ",
                          names="wild", status=255)
        else:
            bench.accepts(f"{sections} sections", "-l", data)
    for offset, code, value, says in (
            (PE + 20, "H", 0xFFFF, "this PE file is damaged: its section 0"),
            (PE + 20, "H", 0, "optional header of 0 bytes"),
            (PE + 24, "H", 0x107, "magic 0x107"),
            (PE + 24 + 108, "I", 0xFFFFFFFF, "claims 4294967295"),
            (0x3C, "I", 0xFFFFFFFF, "^Cannot determine the file type"),
            (0x3C, "I", len(uki) - 2, "^Cannot determine the file type"),
            (0x3C, "I", 0, "^Cannot determine the file type")):
        bench.refuses(f"PE header, {value:#x} at {offset:#x}", "-l",
                      bench.write("wild", patched(uki, offset, code, value)), says=says,
                      names="wild", status=255)
    for size in (1, 2, 63, 64, 0x82, 0x90, 0x98, 0xA0, 0x188, 0x200, 0x1000, 0x2000, len(uki) // 2,
                 len(uki) - 1):
        bench.refuses(f"a UKI cut to {size} bytes", "-l", bench.write("cut", uki[:size]),
                      says="cut short|^Cannot determine the file type", names="cut", status=255)


def odd_kernels(bench):
    """The content of .linux is checked like any kernel file."""
    for name, kernel, says in (
            ("half a kernel", bench.kernel[:9000], "this bzImage is cut short"),
            ("a text", b"text" * 999, "^Cannot determine the file type"),
            ("a damaged archive", gzip.compress(bench.kernel)[:-1],
             "inside its uki data: the gzip data is cut short"),
            ("nothing", b"", "section .linux is empty"),
            ("a UKI", good_uki(bench), "a UKI in a UKI")):
        bench.refuses(f"a UKI of {name}", "-l",
                      bench.write("odd", images.uki((".linux", kernel))), says=says, names="odd",
                      status=255)
    data = good_uki(bench)
    for _ in range(4):
        data = gzip.compress(data)
    bench.refuses("a UKI, compressed four times", "-l", bench.write("odd", data),
                  says="packed more than 4 times", names="odd", status=255)


def zboots(bench):
    payload = gzip.compress(bench.kernel)
    good = images.zboot(payload, "gzip")
    bench.accepts("a zboot image", "-l", bench.write("zboot", good),
                  check=lambda plan: example.check_kernel(plan, bench.kernel))
    for offset, size in WILD:
        bench.refuses(f"zboot payload, {size:#x} bytes at {offset:#x}", "-l",
                      bench.write("zboot", patched(good, 8, "II", offset, size)),
                      says="this zboot image is cut short", names="zboot", status=255)
    for name in "lz4", "lzo", "zstd22", "", "\x1b[2J", "x" * 32:
        bench.refuses(f"zboot by {name!r}", "-l",
                      bench.write("zboot", images.zboot(payload, name)),
                      says="payload at 0x1000 is marked '",
                      names="zboot", status=255)
    for size in (8, 63, 64, 0x1000, 0x1001, 0x1000 + len(payload) - 1):
        bench.refuses(f"a zboot image cut to {size} bytes", "-l",
                      bench.write("zboot", good[:size]),
                      says="cut short|^Cannot determine the file type", names="zboot",
                      status=255)
    for name, part, says in (("cut", payload[:-1], "cut short"),
                             ("damaged", payload[:-8] + bytes(8), "damaged"),
                             ("a bomb", gzip.compress(bytes(256 << 20)), "more than the limit")):
        bench.refuses(f"zboot payload, {name}", "-l",
                      bench.write("zboot", images.zboot(part, "gzip")),
                      says=f"its zboot payload at 0x1000: .*{says}", names="zboot", status=255,
                      machine=bench.small)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    for part in (good_ukis, signed_parts, addons, profiles, lying_sections, odd_kernels, zboots):
        part(bench)
