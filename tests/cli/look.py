# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of /proc and /sys that a load reads: kexec_file_load for the next reboot needs no
memory map, and no file is read twice."""

import collections
import re

from harness import Cage, example, make_machine

FILE_LOAD = "kexec_file_load:retval=0"
NO_MAP = {"proc/iomem": None, "sys/firmware/memmap": None}
NO_LAYOUT = r"^Could not get memory layout: Cannot open /proc/iomem"

# name: (arguments, injections, status, calls, stderr)
WITHOUT_MAP = {
    "-s": ("-s -l bzImage --reuse-cmdline", FILE_LOAD, 0, ["file_load", "sync"], None),
    "-s with an initrd": ("-s -l bzImage --initrd=initrd", FILE_LOAD, 0, ["file_load", "sync"],
                          None),
    "the default call": ("-l bzImage", FILE_LOAD, 0, ["file_load", "sync"], None),
    "the default call, which falls back": ("-l bzImage", "", 255, ["file_load"], NO_LAYOUT),
    "-c": ("-c -l bzImage", "", 255, [], NO_LAYOUT),
    "-s -p, which checks the reservation": ("-s -p bzImage", FILE_LOAD, 255, [], NO_LAYOUT),
}


def calls_without_flags(result):
    return [re.sub(r" .*", "", call) for call in result.calls]


def without_map(suite, cage, directory):
    machine = make_machine(directory / "machine-without-map", files=NO_MAP)
    for name, (arguments, injections, status, calls, err) in WITHOUT_MAP.items():
        result = cage.run(machine, arguments.split(), injections)
        fits = re.search(err, result.err, re.M) if err else not result.err
        wrong = None
        if result.status != status or calls_without_flags(result) != calls or not fits:
            wrong = f"expected status {status}, calls {calls}, stderr {err!r}"
        suite.check(f"no memory map, {name}", wrong, result)


def read_once(suite, cage, directory):
    machine = make_machine(directory / "machine-read-once", example.CRASHED_MACHINE)
    # Calls that succeed: a refused one is explained, from files that are read anew.
    for arguments in ("-c -l bzImage --reuse-cmdline", "-c -p bzImage", "-s -l bzImage",
                      "-l bzImage", "-s -p bzImage"):
        result = cage.run(machine, arguments.split(), FILE_LOAD)
        opened = collections.Counter(
            re.findall(r'openat\(\w+, "(/(?:proc|sys)/[^"]*)", O_RDONLY(?!\|O_DIRECTORY)',
                       "\n".join(result.lines)))
        twice = sorted(name for name, count in opened.items() if count > 1)
        suite.check(f"read once, {arguments}", f"opened more than once: {twice}" if twice
                    else None if opened else "no file of /proc or /sys was opened", result)


def run(suite, build, directory):
    cage = Cage(build / "sbin/kexec", directory)
    without_map(suite, cage, directory)
    read_once(suite, cage, directory)
