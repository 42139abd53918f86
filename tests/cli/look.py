# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of /proc and /sys that a load reads: kexec_file_load for the next reboot needs no
memory map, and no file is read twice."""

import collections
import json
import re
import shutil

import images
from harness import Cage, example, FIXTURES, make_machine

FILE_LOAD = "kexec_file_load:retval=0"
NO_MAP = {"proc/iomem": None, "sys/firmware/memmap": None}


def little_memory(last):
    return {"sys/firmware/memmap": None, "proc/iomem": f"00100000-{last:08x} : System RAM\n"}


NO_LAYOUT = r"^Could not get memory layout: Cannot open /proc/iomem"

# name: (arguments, injections, status, calls, stderr)
WITHOUT_MAP = {
    "-s": ("-s -l bzImage --reuse-cmdline", FILE_LOAD, 0, ["file_load", "sync"], None),
    "-s with an initrd": ("-s -l bzImage --initrd=initrd", FILE_LOAD, 0, ["file_load", "sync"],
                          None),
    "the default call": ("-l bzImage", FILE_LOAD, 0, ["file_load", "sync"], None),
    "the default call, which falls back": ("-l bzImage", "", 255, ["file_load"], NO_LAYOUT),
    "-c": ("-c -l bzImage", "", 255, [], NO_LAYOUT),
    "-s -p, with a reservation that is unknown": ("-s -p bzImage", FILE_LOAD, 0, ["file_load"],
                                                  None),
    "-p": ("-p bzImage", FILE_LOAD, 0, ["file_load"], None),
    "-p, which falls back": ("-p bzImage", "", 255, ["file_load"], NO_LAYOUT),
    "-c -p": ("-c -p bzImage", "", 255, [], NO_LAYOUT),
}


# A dry run of kexec_file_load succeeds where the call does, and shows the flags of that call.
# name: (arguments, machine, stderr, flags, are places shown?)
DRY_RUNS = {
    "-s": ("-s -l bzImage", "plain", None, 0x4, True),
    "-s -p": ("-s -p bzImage --initrd=initrd", "kcore", None, 0x2, True),
    "-s -p, no kcore": ("-s -p bzImage", "plain", None, 0x6, True),
    "-p, no kcore": ("-p bzImage", "plain", None, 0x6, True),
    "-s -p -d": ("-s -p -d bzImage", "plain", "^debug: core header without addresses: Can't find kernel text", 0xe, True),
    "-s -p, no CPUs in sysfs": ("-s -p bzImage", "no-cpus",
                                "^warning: the places of the segments are not shown: [^\n]*/cpu",
                                0x6, False),
    "-s, no memory map": ("-s -l bzImage --append=x", "no-map", "^warning: the places of the "
                          "segments are not shown: Could not get memory layout", 0x4, False),
    "-s, no room": ("-s -l bzImage", "no-room", "^warning: the places of the segments are not "
                    "shown: Could not find a free area of memory", 0x4, False),
    "options of the other call": ("-s -l bzImage --mem-max=0xfff --purgatory=none", "plain",
                                  "^warning: --mem-max has no effect[^\n]*\n"
                                  "warning: --purgatory has no effect[^\n]*$", 0x4, True),
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


NAME_MEMORY = "Name memory that is free with --mem-min and --mem-max\\."
NO_IOMEM = {"proc/iomem": None}
UNREADABLE = ": Is a directory"    # an error other than that the file does not exist

# name: (files, arguments, injections, status, calls, stderr)
ERRORS = {
    "lockdown": ({"sys/kernel/security/lockdown/x": ""}, "-l bzImage -i", FILE_LOAD, 0,
                 ["file_load", "sync"],
                 f"lockdown{UNREADABLE}: the kernel is taken for locked down"),
    "a new level of lockdown": ({"sys/kernel/security/lockdown": "none [all]\n"},
                                "-l bzImage -i", FILE_LOAD, 0, ["file_load", "sync"],
                                "^warning: --no-checks has no effect with kexec_file_load"),
    "Secure Boot": ({"sys/firmware/efi/efivars/"
                     "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c/x": ""},
                    "-s -l uki-line --append=x", FILE_LOAD, 0, ["file_load", "sync"],
                    f"{UNREADABLE}: Secure Boot is taken to be on"),
    "Secure Boot, of two parts": ({"sys/firmware/efi/efivars/"
                                   "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c/x": ""},
                                  "-s -l uki-both --append=x --initrd=initrd", FILE_LOAD, 0,
                                  ["file_load", "sync"],
                                  rf"\Awarning: .*{UNREADABLE}: Secure Boot is taken to be on\n"
                                  r"(warning: uki-both: the .* inside it is used.*\n){2}\Z"),
    "Secure Boot, of no effect": ({"sys/firmware/efi/efivars/"
                                   "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c/x": ""},
                                  "-s -l bzImage", FILE_LOAD, 0, ["file_load", "sync"], None),
    "the command line": ({"proc/cmdline": None, "proc/cmdline/x": ""}, "-c -l bzImage", "", 0,
                         ["load", "sync"], f"^warning: Cannot read /proc/cmdline{UNREADABLE}"),
    "a list": ({}, "-c -l bzImage", "getdents64:error=EIO", 0, ["load", "sync"],
               r"^warning: Parsing the /sys/firmware memory map failed[^\0]*"
               "Cannot read /sys/firmware/memmap: Input/output error"),
    "a file that is asked for": ({}, "-c -l bzImage", "access:error=EIO", 0, ["load", "sync"],
                                 "^warning: Cannot look at /sys/firmware/memmap: Input/output"),
    "no iomem": (NO_IOMEM, "-c -l bzImage", "", 255, [],
                 "^Cannot open /proc/iomem: No such file or directory: where a crash kernel[^\n]*\n"
                 f"{NAME_MEMORY}  kexec_file_load .-s. needs no memory map\\.$"),
    # Of the hints only those that name a way which is left.
    "no iomem, fallback": (NO_IOMEM, "-l bzImage", "", 255, ["file_load"],
                           "^Cannot open /proc/iomem: No such file or directory: where a crash"
                           f"[^\n]*\n{NAME_MEMORY}$"),
    "no iomem, a type of kexec_load": (NO_IOMEM, "-l vmlinux", "", 255, [],
                                       "^Cannot open /proc/iomem: No such file or directory: where "
                                       f"a crash[^\n]*\n{NAME_MEMORY}$"),
    "no core header": ({}, "-c -p bzImage", "", 1, [], "^Load with -s .kexec_file_load., where"),
    "no core header, fallback": ({}, "-p bzImage", "", 1, ["file_load"],
                                 r"\Awarning: tried first: .*\nCan't find kernel text .*\n\Z"),
    "half of the memory": (little_memory(0x101fff), "--dry-run -s -l bzImage --initrd=initrd", "",
                           253, [], "^the initrd has 0 MiB, more than half of the memory"),
    "no iomem, kexec_file_load": (NO_IOMEM, "-l bzImage", FILE_LOAD, 0, ["file_load", "sync"],
                                  None),
    "no iomem, a limit": (NO_IOMEM, "-c -l bzImage --mem-max=0x40000000", "", 0,
                          ["load", "sync"], "^warning: Cannot open /proc/iomem"),
}


def errors(suite, cage, directory):
    """ENOENT is absence, and everything else an error or a warning."""
    (directory / "uki-line").write_bytes(
        images.uki((".cmdline", b"of the UKI"), (".linux", example.kernel())))
    (directory / "uki-both").write_bytes(images.uki(
        (".cmdline", b"of the UKI"), (".initrd", b"of the UKI"), (".linux", example.kernel())))
    for name, (changes, arguments, injections, status, calls, err) in {
            **ERRORS, **example.ERRORS_OF_LOOKING}.items():
        machine = make_machine(directory / f"machine-error-{name.replace(' ', '-')}",
                               files=changes)
        result = cage.run(machine, arguments.split(), injections)
        fits = re.search(err, result.err, re.M) if err else not result.err
        wrong = None
        if result.status != status or calls_without_flags(result) != calls or not fits:
            wrong = f"expected status {status}, calls {calls}, stderr {err!r}"
        suite.check(f"errors of looking, {name}", wrong, result)


def dry_runs(suite, cage, directory):
    machines = {name: make_machine(directory / f"machine-dry-{name}", files=files)
                for name, files in {
                    "plain": {}, "no-map": NO_MAP, "no-room": little_memory(0x4fffff),
                    "kcore": {"proc/kcore": (FIXTURES / example.KCORE).read_bytes()}}.items()}
    machines["no-cpus"] = make_machine(directory / "machine-dry-no-cpus")
    shutil.rmtree(machines["no-cpus"] / "sys/devices/system/cpu")
    for name, (arguments, machine, err, flags, places) in DRY_RUNS.items():
        result = cage.run(machines[machine], ["--dry-run", "--json", *arguments.split()])
        wrong = f"expected a plan and on stderr {err!r}"
        if not result.status and (re.search(err, result.err, re.M) if err else not result.err):
            plan = json.loads(result.out)
            found = (plan["method"], int(plan["flags"], 16), bool(plan["segments"]))
            expected = ("kexec_file_load", flags, places)
            wrong = None if found == expected else f"found {found}, expected {expected}"
        suite.check(f"dry run, {name}", wrong, result)


def hashing(suite, cage, directory):
    """The way of hashing that the CPU has, in the text and as JSON."""
    for name, (flags, method) in example.HASHING.items():
        machine = make_machine(directory / f"machine-{name.replace(' ', '-')}",
                               files={"proc/cpuinfo": f"flags\t\t: {flags}\n"})
        for options, found in (("", rf"^verification  .* of SHA-256, {method}, about \d+ million"),
                               ("--json", f'"implementation": "{method}"'),
                               ("--no-checks", "^verification  none$"),
                               ("--json --no-checks", '"implementation": null')):
            result = cage.run(machine, ["--dry-run", "-l", "bzImage", *options.split()])
            suite.check(f"CPU {name}, {options or 'text'}", None
                        if not result.status and re.search(found, result.out, re.M)
                        else f"expected {found}", result)


# State that only kexec_file_load passes on.
KHO = {"proc/cmdline": "quiet kho=on\n"}
KHO_TREES = {f"sys/kernel/debug/kho/out/sub_fdts/{name}": ""
             for name in ("kexec-metadata", "memblock")}
IMA = {"sys/kernel/security/ima/runtime_measurements_count": "7\n"}
KEYS = {"sys/kernel/config/crash_dm_crypt_keys/count": "1\n",
        "proc/kcore": (FIXTURES / example.KCORE).read_bytes()}
KHO_LOST = "warning: state that kho=on preserves will be lost: only kexec_file_load passes it on\n"
LUO_LOST = KHO_LOST.replace("kho", "liveupdate")
IMA_LOST = "warning: the IMA measurement list will be lost: only kexec_file_load passes it on\n"
KEYS_LOST = ("warning: the dm-crypt keys for the crash kernel will be lost: only kexec_file_load "
             "passes it on\n")
REFUSED = (r"^syscall kexec_file_load not available\.\nkexec_load is not tried: state that "
           r"kho=on preserves would be lost\.  -c loads without it\.\n$")
# name: (files, arguments, injections, status, calls, stderr)
HANDOVER = {
    "kho, -c": (KHO, "-c -l bzImage", "", 0, ["load", "sync"], f"^{KHO_LOST}$"),
    "kho, an option": (KHO, "-l bzImage -i", FILE_LOAD, 0, ["load", "sync"], f"^{KHO_LOST}$"),
    "kho, the file call": (KHO, "-l bzImage", FILE_LOAD, 0, ["file_load", "sync"], None),
    "kho, no fallback": (KHO, "-l bzImage", "", 255, ["file_load"], REFUSED),
    "kho, no fallback before the call": (
        KHO, "-l bzImage --append=" + "x" * 2040, "", 255, [], "kexec_load is not tried: "),
    "kho and liveupdate": ({"proc/cmdline": "kho=1 liveupdate=ON\n"}, "-c -l bzImage", "", 0,
                           ["load", "sync"], f"^{KHO_LOST}{LUO_LOST}$"),
    "kho is off": ({"proc/cmdline": "kho=on kho=off liveupdate=0 -- kho=on\n"}, "-l bzImage", "",
                   0, ["file_load", "load", "sync"], None),
    "kho by default": (KHO_TREES, "-c -l bzImage", "", 0, ["load", "sync"],
                       r"\Awarning: state that the kernel preserves \(/sys/kernel/debug/kho/\S*\) "
                       r"will be lost: .*\n\Z"),
    "kho by default, no fallback": (KHO_TREES, "-l bzImage", "", 255, ["file_load"],
                                    "kexec_load is not tried: state that the kernel preserves"),
    "kho by default, nothing preserved": (
        {"sys/kernel/debug/kho/out/sub_fdts/kexec-metadata": ""}, "-l bzImage", "", 0,
        ["file_load", "load", "sync"], None),
    "kho, a crash kernel": ({**KHO, **IMA, "proc/kcore": KEYS["proc/kcore"]}, "-c -p bzImage", "",
                            0, ["load"], None),
    "IMA, -c": (IMA, "-c -l bzImage", "", 0, ["load", "sync"], f"^{IMA_LOST}$"),
    "IMA, fallback": (IMA, "-l bzImage", "", 0, ["file_load", "load", "sync"], f"^{IMA_LOST}$"),
    "IMA without measurements": ({**dict.fromkeys(IMA, "1\n"),
                                  "proc/cmdline": "ima_policy=tcb\n"}, "-c -l bzImage", "", 0,
                                 ["load", "sync"], None),
    "IMA's boot parameter": ({"proc/cmdline": "ima_policy=tcb\n"}, "-c -l bzImage", "", 0,
                             ["load", "sync"], f"^{IMA_LOST}$"),
    "IMA, a malformed count": (dict.fromkeys(IMA, "x\n"), "-s -l bzImage", FILE_LOAD, 0,
                               ["file_load", "sync"], "^warning: [^\n]*measurements_count"),
    "dm-crypt keys": (KEYS, "-c -p bzImage", "", 0, ["load"], f"^{KEYS_LOST}$"),
    "dm-crypt keys, fallback": (KEYS, "-p bzImage", "", 0, ["file_load", "load"],
                                f"^{KEYS_LOST}$"),
    "dm-crypt keys, no crash kernel": (KEYS, "-c -l bzImage", "", 0, ["load", "sync"], None),
    "no dm-crypt keys": ({**KEYS, "sys/kernel/config/crash_dm_crypt_keys/count": "0\n"},
                         "-c -p bzImage", "", 0, ["load"], None),
}


def handover(suite, cage, directory):
    for number, (name, row) in enumerate(HANDOVER.items()):
        changes, arguments, injections, status, calls, err = row
        machine = make_machine(directory / f"machine-handover-{number}", files=changes)
        result = cage.run(machine, arguments.split(), injections)
        fits = re.search(err, result.err) if err else not result.err
        wrong = None
        if result.status != status or calls_without_flags(result) != calls or not fits:
            wrong = f"expected status {status}, calls {calls}, stderr {err!r}"
        suite.check(f"handover, {name}", wrong, result)


def run(suite, build, directory):
    cage = Cage(build / "sbin/kexec", directory)
    dry_runs(suite, cage, directory)
    hashing(suite, cage, directory)
    handover(suite, cage, directory)
    without_map(suite, cage, directory)
    read_once(suite, cage, directory)
    errors(suite, cage, directory)
