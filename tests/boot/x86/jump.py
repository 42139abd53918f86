# SPDX-License-Identifier: GPL-2.0-or-later
"""Jumps to another kernel, or to a program, that returns to the first kernel (kexec.8,
--load-preserve-context)."""

import functools
import pathlib
import re
import subprocess
import tempfile

import cases
from guest import Failure
from x86.machine import ARCH

HERE = pathlib.Path(__file__).resolve().parent
KERNEL = "small:x86_64"     # Debian's kernels lack CONFIG_KEXEC_JUMP
LENT = range(0x4000000, 0x5000000)
LENT_TO_LINUX = 128 << 20   # the kernel takes segments for half of its memory

WORDS = r" acpi_rsdp=0x\w+ elfcorehdr=\d+K kexec_jump_back_entry=0x[0-9a-f]{16}"

# Most memory is in use, in a file and in a process.
BUSY = """
dd if=/dev/urandom of=/big bs=1M count=%d 2>/dev/null
mkfifo /go
{{ x=$(head -c 3000000 /big | base64); read -r _; echo "$x" | sha256sum >/held; }} </go &
exec 3>/go
held=$(head -c 3000000 /big | base64 | sha256sum)
sum=$(sha256sum </big)
changed() {{
	[ "$(sha256sum </big)" = "$sum" ] && say "intact" || say "the file changed"
}}
"""
DONE = """
echo >&3
wait
[ "$(cat /held)" = "$held" ] && say "process intact" || say "the process changed"
"""
JUMP = "run kexec -e -x\nchanged\n"


def payload(_):
    """The program, linked to the memory that it is lent."""
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory, "payload")
        subprocess.run(["gcc", "-m64", "-nostdlib", "-static", f"-DLENT_END={LENT.stop}", "-Wl,-N",
                        "-Wl,--build-id=none", f"-Wl,-Ttext={LENT.start:#x}", "-o", out,
                        HERE / "jump_payload.S"], check=True, stderr=subprocess.PIPE)
        return out.read_bytes()


def intact(run):
    """After a jump that returned."""
    run.command_ended()
    if run.guest.wait("STAGE1 (intact|the file changed)").group(1) != "intact":
        raise Failure("the first kernel's memory changed")


def ends(run):
    text = run.guest.wait("STAGE1 (.*process.*)").group(1)
    if text != "process intact":
        raise Failure(text)


def linux_returns(run):
    run.command_ended()
    run.guest.wait("STAGE2 facts")
    line = run.guest.wait("STAGE2 command line: (.*)").group(1)
    if not re.fullmatch(re.escape(run.command_line) + WORDS, line):
        raise Failure(f"command line: {line}")
    run.guest.wait("STAGE2 status 0")
    intact(run)
    ends(run)
    run.guest.wait("STAGE2 status 0")
    found = run.digests()
    if found != run.payloads:
        raise Failure(f"payloads {found}, not {run.payloads}")


def program_returns(run):
    run.command_ended()
    for entry in (1, 2):
        run.guest.wait(f"PAYLOAD entry {entry}$", never="Linux version")
        intact(run)
    ends(run)


Case = functools.partial(cases.Case, arch=ARCH, package=KERNEL)
CASES = [
    Case("jump-program", "a program that overwrites its memory and returns, twice",
         program_returns,
         ("--args-none", f"--mem-min={LENT.start:#x}", f"--mem-max={LENT.stop - 1:#x}"),
         BUSY % 96 +
         "run kexec --load-preserve-context /kernel {options} && {{\n" + JUMP + JUMP + "}}\n" + DONE,
         kernel=payload, memory=256),
    Case("jump-linux", "a second Linux that returns, and continues at the second jump",
         linux_returns, ("--console-serial", f"--mem-max={LENT_TO_LINUX - 1:#x}"),
         BUSY % 200 + "{load} && {{\n" + JUMP + "}}\n" + DONE + "run kexec -e -x\n",
         action="--load-preserve-context", returns=True),
]
