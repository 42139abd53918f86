# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line of the next kernel; and the help, which must list every option."""

import json
import os
import re
import shlex
import shutil
import subprocess

import harness
from contract import MACHINES

LIMIT = 2047    # cmdline_size of the synthetic bzImage, which does not count the NUL
TRICKY = ('BOOT_IMAGE=/vmlinuz-6.1 root=/dev/sda1 foo.crashkernel=1 crashkernel=256M  '
          '"dyndbg=file a.c +p; BOOT_IMAGE=x" crashkernel=128M,high quiet')
REUSED = ('root=/dev/sda1 foo.crashkernel=1 crashkernel=256M '
          '"dyndbg=file a.c +p; BOOT_IMAGE=x" crashkernel=128M,high quiet')

# (arguments, the running kernel's command line, the next one's)
LINES = [
    ("", "a b", ""),
    ("--append=", "a b", ""),
    ("--append=quiet", "a b", "quiet"),
    ("--append quiet --append single", "a b", "single"),
    ("--append=quiet --command-line=single", "a b", "single"),
    ("--command-line=single --append=quiet", "a b", "quiet"),
    ("--append='a=\"b c\"  d '", "x", 'a="b c"  d '),
    ("--reuse-cmdline", "a b\n", "a b"),
    ("--reuse-cmdline --append=c", "a b\n", "a b c"),
    ("--append=c --reuse-cmdline", "a b\n", "a b c"),
    ("--reuse-cmdline --append=", "a b", "a b"),
    ("--reuse-cmdline --append=c", "\n", "c"),
    ("--reuse-cmdline --append=c", "BOOT_IMAGE=x", "c"),
    ("--reuse-cmdline", "BOOT_IMAGE=x", ""),
    ("--reuse-cmdline", "a\tBOOT_IMAGE=x b", "a b"),
    ("--reuse-cmdline", "MY_BOOT_IMAGE=x BOOT_IMAGE=y", "MY_BOOT_IMAGE=x"),
    ("--reuse-cmdline", TRICKY, REUSED),
    # Options of the machine that follow must not lose it.
    ("--append=quiet --noefi", "", "quiet"),
    ("--append=quiet --reuse-video-type --reset-vga", "", "quiet"),
    ("--noefi --append=quiet --console-serial", "", "quiet"),
    (f"--append={'x' * LIMIT}", "", "x" * LIMIT),
    (f"--reuse-cmdline --append={'x' * (LIMIT - 4)}", "a b", "a b " + "x" * (LIMIT - 4)),
    (f"--append={'x' * (LIMIT + 1)}", "", None),
    (f"--reuse-cmdline --append={'x' * (LIMIT - 3)}", "a b", None),
]
TOO_LONG = f"^The command line has {LIMIT + 1} characters, the kernel takes {LIMIT}\n"


# Of a file name or a command line: escape sequences with the bytes ESC and 0x9b and with U+009B.
CONTROLS = b"\x1b]0;a\x07\x9b2J\xc2\x9b2J\x7f\n"
CLEANED = "?]0;a??2J?2J??"


def clean(suite, kexec, machine, directory):
    """No text that is printed lets a name control the terminal.  JSON escapes."""
    name = os.fsdecode(CONTROLS)
    for original in "bzImage", "initrd":
        shutil.copy(directory / original, directory / (original + name))
    command = [kexec, "--dry-run", f"--sysroot={machine}", "-l", "bzImage" + name,
               "--initrd=initrd" + name]
    for arguments, wanted in (("-d", 0), ("", 0), ("--purgatory=purgatory", 1), ("--type=x", 255),
                              ("--arch=x", 1)):
        words = [word + name for word in arguments.split() if word != "-d"]
        if wanted == 0:
            words = [*arguments.split(), "--append=" + name]
        result = subprocess.run([*command, *words], cwd=directory, stdin=subprocess.DEVNULL,
                                capture_output=True, check=False)
        text = (result.stdout + result.stderr).decode("utf-8", "surrogateescape")
        wrong = None
        if re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\udc80-\udcff]", text):
            wrong = f"control characters in {text!r}"
        elif result.returncode != wanted or CLEANED not in text:
            wrong = f"status {result.returncode}, {text!r}"
        suite.check(f"escape sequences in names, {arguments or 'a plan'}", wrong)
    for word, wanted in (("--bogus" + name, f"unrecognized option '--bogus{CLEANED}'"),
                         ("--no" + "=" + name, f"option '--no={CLEANED}' is ambiguous"),
                         ("--load=" + name, "option '--load' doesn't allow an argument"),
                         ("-\x1b", "invalid option -- '?'")):
        result = subprocess.run([kexec, word], cwd=directory, stdin=subprocess.DEVNULL,
                                capture_output=True, check=False)
        text = result.stderr.decode("utf-8", "surrogateescape")
        wrong = re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\udc80-\udcff]", text)
        suite.check(f"escape sequences in options, {word[:6]!r}", repr(text)
                    if wrong or wanted not in text or result.returncode != 1 else None)


def whole_lines(suite, kexec, machine):
    """Each line on standard error is one write: a pipe of packets keeps the writes apart."""
    end, pipe = os.pipe2(os.O_DIRECT)
    with open(end, "rb", buffering=0) as packets, subprocess.Popen(
            [kexec, "-d", "-c", "-l", "bzImage", "--append=x", "--dry-run",
             f"--sysroot={machine}"], cwd=machine.parent, stdout=subprocess.DEVNULL, stderr=pipe):
        os.close(pipe)
        found = list(iter(lambda: packets.read(65536), b""))
    parts = [packet for packet in found if not packet.endswith(b"\n") or packet.count(b"\n") > 1]
    suite.check("lines, standard error", f"written in parts: {parts[:5]}" if parts or not found
                else None)


def run(suite, build, directory):
    kexec = build / "sbin/kexec"
    machine = harness.make_machine(directory / "machine", files=MACHINES["plain"])
    for arguments, running, wanted in LINES:
        (machine / "proc/cmdline").write_text(running, encoding="ascii")
        result = harness.run([kexec, "--dry-run", "--json", f"--sysroot={machine}", "-l",
                              "bzImage", *shlex.split(arguments)], directory)
        name = f"command line of {arguments[:60]!r}, running {running[:40]!r}"
        if wanted is None:
            fits = result.status == 1 and not result.out and re.search(TOO_LONG, result.err)
            suite.check(name, None if fits else "expected a refusal with both lengths", result)
            continue
        found = json.loads(result.out)["command_line"] if result.status == 0 else "no plan"
        suite.check(name, None if found == wanted else f"found {found!r}, expected {wanted!r}",
                    result)
    clean(suite, kexec, machine, directory)
    whole_lines(suite, kexec, machine)


# Every option of kexec-tools on the example machine: name and letter.
OPTIONS = {
    "help": "h", "version": "v", "debug": "d", "status": "S", "load": "l", "load-panic": "p",
    "unload": "u", "exec": "e", "force": "f", "no-checks": "i", "no-ifdown": "x", "no-sync": "y",
    "type": "t", "kexec-file-syscall": "s", "kexec-syscall": "c", "kexec-syscall-auto": "a",
    **dict.fromkeys((
        "mem-min", "mem-max", "entry", "reuseinitrd", "load-preserve-context",
        "load-jump-back-helper", "load-live-update", "exec-live-update", "print-ckr-size",
        "hotplug", "no-cma", "force-dtb", "reset-vga", "serial", "serial-baud", "console-vga",
        "console-serial", "elf32-core-headers", "elf64-core-headers", "pass-memmap-cmdline",
        "noefi", "reuse-video-type", "append", "command-line", "reuse-cmdline", "initrd",
        "ramdisk", "real-mode", "entry-32bit", "dtb", "args-linux", "args-elf", "args-none",
        "module")),
}


def told(text):
    """{name: letter or None} of the options that a help text lists."""
    return {name: letter or None
            for letter, name in re.findall(r"^ +(?:-(\w), )?--([a-z0-9-]+)", text, re.M)}


def run_help(suite, build, directory, peer):
    """peer: Debian's kexec-tools in its cage, or None."""
    ours = told(harness.run([build / "sbin/kexec", "--help"], directory).out)
    for name, letter in OPTIONS.items():
        suite.check(f"help: --{name}", None if ours.get(name, "missing") == letter else
                    f"found {ours.get(name, 'nothing')}, expected -{letter}")
    for name in ours:
        result = harness.run([build / "sbin/kexec", f"--{name}=x", "--help"], directory)
        suite.check(f"parser: --{name}", "not known to the parser"
                    if "unrecognized" in result.err or "ambiguous" in result.err else None, result)
    if not peer:
        return
    for name, letter in told(peer.run(directory / "machine-plain", ["--help"]).out).items():
        suite.check(f"peer's --{name}", None if ours.get(name, "missing") == letter else
                    f"ours: {ours.get(name, 'not there')}, the peer's: {letter}")
