# SPDX-License-Identifier: GPL-2.0-or-later
"""Output of -S --json about a load, and the record of the load below /run/kexec."""

import hashlib
import json
import os
import re
import threading
import time

import images
from harness import Cage, make_machine

FILE_LOAD = "kexec_file_load:retval=0"
REFUSED = "kexec_load:error=EBUSY kexec_file_load:error=EBUSY"
DIGEST = r"\S+ \[0x[0-9a-f]+, 0x[0-9a-f]+\) [0-9a-f]{64}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
IOMEM = ("00100000-7ffdffff : System RAM\n  10000000-1fffffff : Crash kernel\n"
         "  70000000-77ffffff : Crash kernel\n")
RESERVATIONS = [{"start": "0x10000000", "end": "0x20000000", "size": 1 << 28},
                {"start": "0x70000000", "end": "0x78000000", "size": 1 << 27}]
# The names since Linux 6.19, and memory that is lent out until a panic.
MOVED = {"sys/kernel/kexec_loaded": None, "sys/kernel/kexec_crash_loaded": None,
         "sys/kernel/kexec/loaded": "1\n", "sys/kernel/kexec/crash_loaded": "1\n",
         "sys/kernel/kexec/crash_elfcorehdr_size": "917616\n",
         "sys/kernel/kexec/crash_cma_ranges": "40000000-4fffffff\n"}
LENT = [{"start": "0x40000000", "end": "0x50000000", "size": 1 << 28}]
BOTH_LOADED = {"sys/kernel/kexec_loaded": "1\n", "sys/kernel/kexec_crash_loaded": "1\n"}
NO_RECORD = {"loaded": True, **dict.fromkeys((
    "kernel", "kernel_version", "sha256", "command_line", "initrds", "method", "purgatory",
    "digests", "time", "tool"))}


class Records:
    """A machine whose slots always are loaded, and the report that is expected of it."""

    def __init__(self, suite, cage, directory, name, changes=None):
        self.suite = suite
        self.cage = cage
        self.machine = make_machine(directory / name, files={**BOTH_LOADED, **(changes or {})})

    def run(self, arguments, injections=""):
        return self.cage.run(self.machine, arguments.split(), injections)

    def load(self, name, arguments, injections="", status=0):
        result = self.run(arguments, injections)
        wrong = result.status != status or (status == 0 and (result.out or result.err))
        self.suite.check(f"records, {name}", "not as expected" if wrong else None, result)

    def told(self, arguments="-S --json"):
        result = self.run(arguments)
        try:
            return json.loads(result.out)
        except json.JSONDecodeError:
            return {"normal": result.describe(), "crash": result.describe()}

    def expect(self, name, wanted, slot="normal"):
        """Of the record's keys; those of the crash slot itself are tested once."""
        found = self.told()[slot]
        if isinstance(found, dict):
            found = {key: value for key, value in found.items()
                     if key not in ("reservations", "cma_ranges", "hotplug")}
        self.suite.check(f"records, {name}", None if found == wanted else
                         f"{slot}: found {found}, expected {wanted}")

    def expect_load(self, name, slot="normal", **wanted):
        found = self.told()[slot]
        wrong = [f"{key}: found {found.get(key, 'nothing')!r}, expected {value!r}"
                 for key, value in wanted.items() if found.get(key, "nothing") != value]
        self.suite.check(f"records, {name}", "; ".join(wrong))


def life_of_a_record(records, directory):
    kernel = directory / "bzImage"
    digest = hashlib.sha256(kernel.read_bytes()).hexdigest()
    whole = {"loaded": True, "kernel": str(kernel),
             "kernel_version": "6.99.0-synthetic (nobody@nowhere) #1", "sha256": digest,
             "command_line": "a=b", "initrds": [str(directory / "initrd"),
                                                str(directory / "sub/initrd")],
             "method": "kexec_load", "purgatory": "pie"}
    records.expect("no load yet", NO_RECORD)
    records.load("a load", "-c -l bzImage --append=a=b --initrd=initrd --initrd=sub/../sub/initrd")
    told = records.told()["normal"]
    version = records.run("--version").out.strip()
    wrong = [] if re.fullmatch(TIME, told.pop("time", "")) else ["time"]
    wrong += [] if told.pop("tool", "") == version else ["tool"]
    digests = told.pop("digests", [])
    wrong += [] if [line.split()[0] for line in digests] == [
        "kernel", "initrd", "boot_params", "purgatory"] else [f"digests {digests}"]
    wrong += [] if all(re.fullmatch(DIGEST, line) for line in digests) else [f"form of {digests}"]
    wrong += [] if told == whole else [f"found {told}, expected {whole}"]
    records.suite.check("records, what is told of a load", ", ".join(wrong))
    records.expect("the other slot", NO_RECORD, "crash")
    result = records.run("-d -c -l bzImage --append=a=b --initrd=initrd --initrd=sub/../sub/initrd")
    printed = re.findall("sha256: (.*)", result.out + result.err)
    kept = records.told()["normal"].get("digests")
    records.suite.check("records, the digests that -d prints", None if printed and printed == kept
                        else f"printed {printed}, kept {kept}", result)

    records.load("a load that is refused", "-l vmlinux", REFUSED, status=255)
    records.load("of a missing file", "-l missing", status=1)
    records.expect_load("a failed load changes nothing", **whole)
    records.load("another kernel", "-l vmlinux --purgatory=rel")
    records.expect_load("another kernel", kernel=str(directory / "vmlinux"), initrds=[],
                        command_line="", purgatory="rel", method="kexec_load")
    records.load("by kexec_file_load", "-p -s bzImage --append=crash", FILE_LOAD)
    records.expect_load("by kexec_file_load", "crash", kernel=str(kernel), command_line="crash", digests=None,
                        method="kexec_file_load", purgatory="kernel", sha256=digest)
    records.expect_load("normal and crash", kernel=str(directory / "vmlinux"))

    records.load("an unload that is refused", "-u", REFUSED, status=255)
    records.expect_load("an unload that is refused", kernel=str(directory / "vmlinux"))
    records.load("an unload", "-u")
    records.expect("an unload", NO_RECORD)
    records.expect_load("an unload leaves the other slot", "crash", kernel=str(kernel))
    records.load("an unload of the crash slot", "-u -p -s", FILE_LOAD)
    records.expect("an unload of the crash slot", NO_RECORD, "crash")
    left = os.listdir(records.machine / "run/kexec")
    records.suite.check("records, nothing is left over but the lock",
                        None if left == ["lock"] else f"found {left}")


def kernel_file(records, directory):
    """sha256 is that of what was loaded, or null."""
    copy = directory / "copy"
    copy.write_bytes((directory / "bzImage").read_bytes())
    os.symlink("copy", directory / "link")
    records.load("a link", "-l link")
    records.expect_load("a link", kernel=str(copy), sha256=hashlib.sha256(
        copy.read_bytes()).hexdigest())
    copy.write_bytes(copy.read_bytes())
    records.expect_load("a changed file", kernel=str(copy), sha256=None)
    copy.unlink()
    records.expect_load("a removed file", kernel=str(copy), sha256=None)
    os.mkfifo(copy)
    records.expect_load("a pipe in its place", kernel=str(copy), sha256=None)


def slot_state(suite, cage, directory):
    """No record is used for a slot that is empty or unknown."""
    records = Records(suite, cage, directory, "machine-empty",
                      {"sys/kernel/kexec_loaded": "0\n", "sys/kernel/kexec_crash_loaded": None})
    records.load("into a slot that says it is empty", "-l bzImage")
    records.load("into a slot that does not tell", "-p -s bzImage", FILE_LOAD)
    records.expect("an empty slot", {"loaded": False})
    records.expect("an unknown slot", {"loaded": None}, "crash")
    records = Records(suite, cage, directory, "machine-unreadable-slot",
                      {"sys/kernel/kexec_crash_loaded": "x\n"})
    for arguments, status, says in (("-S --json", 255, ""), ("-S -l --json", 1, "warning: ")):
        result = records.run(arguments)
        fits = result.status == status and re.fullmatch(
            f"{says}/sys/kernel/kexec_crash_loaded: expected a number, found 'x'\n", result.err)
        suite.check(f"records, a slot that cannot be read, {arguments}",
                    None if fits else "the error is not there once", result)


def no_directory(suite, cage, directory):
    """A load succeeds without a record, and prints nothing about it."""
    records = Records(suite, cage, directory, "machine-no-directory", {"run/kexec": "a file"})
    records.load("no directory", "-l bzImage")
    records.expect("no directory", NO_RECORD)
    records.load("no directory", "-u")


def reboot_cpu(suite, cage, directory):
    """An unload writes back what a load found, and nothing where none had changed it."""
    records = Records(suite, cage, directory, "machine-reboot-cpu", {"sys/kernel/reboot/cpu": "5"})
    cpu = records.machine / "sys/kernel/reboot/cpu"

    def expect(name, wanted):
        found = cpu.read_text()
        suite.check(f"records, the reboot CPU after {name}",
                    None if found == wanted else f"found {found!r}, expected {wanted!r}")

    records.load("reboot CPU", "-c -l bzImage")
    records.load("reboot CPU", "-u")
    expect("a load that left it alone", "5")
    records.load("reboot CPU", "-c -l bzImage")
    record = records.machine / "run/kexec/normal"
    # As a load does where the CPU that jumps matters.
    record.write_bytes(b"reboot_cpu=3\0" + record.read_bytes())
    records.load("reboot CPU, loaded again", "-c -l bzImage")
    records.load("reboot CPU, crash slot", "-u -p")
    records.load("reboot CPU, unload that is refused", "-u", REFUSED, status=255)
    expect("loads and an unload that is refused", "5")
    # The delay has no effect, but shows the call.
    result = records.run("-u", "unlink:delay_enter=1")
    expect("the unload", "3")
    order = re.findall(r'openat\(\w+, "(/sys/kernel/reboot/cpu)", O_WRONLY|unlink\("([^"]*)"',
                       "\n".join(result.lines))
    fits = order[0] == ("/sys/kernel/reboot/cpu", "") and ("", "/run/kexec/.normal") in order
    suite.check("records, the reboot CPU is written back under the lock",
                None if fits else f"found {order}", result)


def faults(suite, cage, directory):
    """A record never describes another load than the one in the slot."""
    records = Records(suite, cage, directory, "machine-faults")
    kernel = str(directory / "bzImage")
    folder = records.machine / "run/kexec"
    # There the rename of a record that does not exist fails with EROFS, not with ENOENT.
    for action in "-l bzImage", "-u":
        records.load(f"a read-only file system, {action}", f"-c {action}", "rename:error=EROFS")
    records.expect("a read-only file system", NO_RECORD)
    records.load("first", "-c -l bzImage")
    before = (folder / "normal").read_bytes()
    # The old record cannot be taken away: no load.
    result = records.run("-c -l vmlinux", "rename:error=EROFS")
    wrong = result.status != 255 or result.calls or not result.err.startswith("Cannot take away ")
    suite.check("records, an old record that stays", "not refused" if wrong else None, result)
    records.expect_load("an old record that stays", kernel=kernel)
    # Killed between the call and the new record.
    result = records.run("-c -l vmlinux", "rename:signal=KILL:when=2")
    suite.check("records, killed after the call",
                None if result.calls == ["load"] and result.status == 137 else "not as expected",
                result)
    records.expect("killed after the call", NO_RECORD)
    records.load("a load that is refused after that", "-l vmlinux", REFUSED, status=255)
    records.expect("a load that is refused after that", NO_RECORD)
    # No room for the new record, no directory for the first one.
    for name, inject in (("a full disk", "write:error=ENOSPC"), ("no descriptors",
                         "flock:error=ENOLCK"), ("an error of rename", "rename:error=EIO:when=2")):
        (folder / "normal").write_bytes(before)
        records.run("-c -l vmlinux", inject)
        records.expect(name, NO_RECORD)
    (folder / "normal").write_bytes(before)
    records.load("an error of mkdir", "-c -l vmlinux", "mkdir:error=ENOSPC")
    records.expect_load("an error of mkdir", kernel=str(directory / "vmlinux"))
    (folder / "normal").write_bytes(before[:-10])
    records.expect("a torn record", NO_RECORD)


def changed_meanwhile(suite, cage, directory):
    """A file that is written to before the call, or while the running kernel copies it: ctime
    reports it.  A change of ctime alone is accepted if its cause is known, or, during the call, if
    the bytes still have their digests.  The initrd is cut into pieces, of which the last changes."""
    def rewrite(file, times):
        content = file.read_bytes()
        with open(file, "r+b") as out:
            out.seek(-1, os.SEEK_END)
            out.write(bytes([content[-1] ^ 1]))
        set_back(file, times)

    def set_back(file, times):
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    def link(file, _):
        os.link(file, file.with_name("linked"))

    kernel, large = (directory / "bzImage").read_bytes(), images.noise(3 << 20, "large") + b"end"
    load, file_load = (f"{answer}:delay_enter=600ms" for answer in (
        "kexec_load:retval=0", FILE_LOAD))
    lock = "flock:delay_enter=600ms"    # comes after hashing
    initrd = "-c -l bzImage --initrd=changing"
    for name, arguments, content, answer, change, calls in (
            ("kexec_load", "-c -l changing", kernel, load, rewrite, ["load", "unload"]),
            ("kexec_load, an initrd", initrd, large, load, rewrite, ["load", "unload"]),
            ("the wait for kexec_load, an initrd", initrd, large, lock, rewrite, []),
            ("kexec_file_load", "-s -l changing", kernel, file_load, rewrite,
             ["file_load NO_INITRAMFS", "file_load UNLOAD"]),
            ("a crash kernel", "-s -p changing", kernel, file_load, rewrite,
             ["file_load ON_CRASH NO_INITRAMFS"]),
            ("kexec_file_load, a link", "-s -l changing", kernel, file_load, link,
             ["file_load NO_INITRAMFS", "sync"]),
            ("kexec_load, a time", "-c -l changing", kernel, load, set_back, ["load", "sync"]),
            ("kexec_load, a time of an initrd", initrd, large, load, set_back, ["load", "sync"]),
            ("kexec_load without digests, a time", "-c -l changing --no-checks", kernel, load,
             set_back, ["load", "unload"])):
        records = Records(suite, cage, directory, f"machine-{name.replace(' ', '-')}")
        changing = directory / "changing"
        changing.write_bytes(content)
        crash = "-p" in arguments
        trace = cage.work / "trace"

        def wait(call=answer.split(":")[0], changing=changing, trace=trace, change=change):
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and not (
                    trace.exists() and f" {call}(" in trace.read_text()):
                time.sleep(0.02)
            change(changing, changing.stat())

        trace.unlink(missing_ok=True)
        writer = threading.Thread(target=wait)
        writer.start()
        result = records.run(arguments, answer)
        writer.join()
        if "sync" in calls:
            suite.check(f"records, changed during {name}", None if not result.status and
                        result.calls == calls and not result.err else "not loaded", result)
            if content == large:
                pieces = [digest for digest in records.told()["normal"]["digests"]
                          if digest.startswith("initrd ")]
                suite.check("records, the initrd that changes is cut",
                            None if len(pieces) > 1 else f"pieces: {pieces}")
            continue
        says = "changing: changed while it was being loaded\n"
        says = f"^loaded, but {says}" if crash else f"^{says}"
        wrong = (result.status != (255 if calls else 1) or result.calls != calls or
                 not re.search(says, result.err))
        suite.check(f"records, changed during {name}", "not noticed" if wrong else None, result)
        records.expect(f"changed during {name}", NO_RECORD, "crash" if crash else "normal")


def no_seed(suite, cage, directory):
    """The next kernel gets no random seed if this one has none yet: a load, and a warning."""
    records = Records(suite, cage, directory, "machine-no-seed")
    result = records.run("-c -l bzImage", "getrandom:error=EAGAIN")
    wrong = result.status or not re.search("^warning: no random seed for the next kernel",
                                           result.err, re.M)
    suite.check("records, no random seed", "not warned of" if wrong else None, result)


def only_looking(suite, cage, directory):
    records = Records(suite, cage, directory, "machine-looking")
    for arguments in ("--dry-run -l bzImage", "-S", "-S --json", "-S -u", "-S -l bzImage"):
        records.run(arguments)
    suite.check("records, who only looks writes none",
                "run/kexec was made" if (records.machine / "run/kexec").exists() else None)


def machine_state(suite, cage, directory):
    files = {"proc/iomem": IOMEM, "sys/kernel/crash_elfcorehdr_size": "917616\n",
             "sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}
    for name, changes, lockdown, wanted in (
            ("full", files, "integrity",
             {**NO_RECORD, "reservations": RESERVATIONS, "cma_ranges": [], "hotplug": True}),
            ("moved", {"proc/iomem": IOMEM, **MOVED}, None,
             {**NO_RECORD, "reservations": RESERVATIONS, "cma_ranges": LENT, "hotplug": True}),
            ("bare", {"proc/iomem": "00100000-7ffdffff : System RAM\n"}, None,
             {**NO_RECORD, "reservations": [], "cma_ranges": [], "hotplug": False}),
            ("hidden", {"proc/iomem": "00000000-00000000 : System RAM\n"}, None,
             {**NO_RECORD, "reservations": None, "cma_ranges": [], "hotplug": False})):
        records = Records(suite, cage, directory, f"machine-{name}", changes)
        expected = {"schema": 1, "lockdown": lockdown, "normal": NO_RECORD, "crash": wanted}
        told = records.told()
        suite.check(f"records, a {name} machine",
                    None if told == expected else f"found {told}, expected {expected}")


def run(suite, build, directory):
    cage = Cage(build / "sbin/kexec", directory)
    (directory / "sub").mkdir()
    (directory / "sub/initrd").write_bytes(images.noise(100, "second initrd"))
    records = Records(suite, cage, directory, "machine-records")
    life_of_a_record(records, directory)
    kernel_file(records, directory)
    slot_state(suite, cage, directory)
    no_directory(suite, cage, directory)
    reboot_cpu(suite, cage, directory)
    faults(suite, cage, directory)
    changed_meanwhile(suite, cage, directory)
    no_seed(suite, cage, directory)
    only_looking(suite, cage, directory)
    machine_state(suite, cage, directory)
