# SPDX-License-Identifier: GPL-2.0-or-later
"""kexec-early in the place of modprobe (kexec-early.8), in a root directory of its own: kexec and the
real modprobe are scripts that write down what they get."""

import dataclasses
import os
import pathlib
import shutil

import harness

import files

CONFIG = "/vmlinuz\n--initrd=/initrd img\n\n# a comment\n--command-line=root=/dev/vda1  single"
ARGUMENTS = ["-p", "/vmlinuz", "--initrd=/initrd img", "--command-line=root=/dev/vda1  single"]
COMMAND_LINE = "root=/dev/vda1 kexec_early quiet\n"
SIZE, SIZE_NOW = "/sys/kernel/kexec_crash_size", "/sys/kernel/kexec/crash_size"
LOADED_FILE, LOADED_FILE_NOW = "/sys/kernel/kexec_crash_loaded", "/sys/kernel/kexec/crash_loaded"
MACHINE = {"/proc/cmdline": COMMAND_LINE, SIZE: "167772160\n", "/etc/kexec/early": CONFIG}
LOADED = "<6>kexec-early: crash kernel loaded"
REAL_STATUS = 7
REAL_ARGUMENTS = ["-q", "--", "crypto-hmac(sha256)", "a  b", ""]
# $1: a name for the records, $2: more commands.
RECORDS = """#!/bin/sh
printf '%s\\n' "$@" >>/out/NAME
printf '%s\\n' "$KEXEC_EARLY_TEST" >/out/environment
MORE
"""
REAL = f"""for fd in 0 1 2; do
	eval "true 3<&$fd" && states="$states open" || states="$states closed"
done
echo "$states" >/out/descriptors
exit {REAL_STATUS}"""
# A mount point, as / of an initramfs is one; no capability to load a kernel.
CAGE = """
mount --bind "$root" "$root" && mount --bind "$out" "$root/out" || exit
if [ "$readonly" ]; then
	mount -o remount,bind,ro "$root" || exit
	[ "$readonly" = all ] || mount -t tmpfs run "$root/run" || exit
fi
cd / && exec chroot "$root" "$@"
"""


@dataclasses.dataclass
class Row:
    """One call of modprobe, and what must come of it.

    changes: to MACHINE; None: no such file, a tuple: (content, mode).
    kexec:   shell commands of kexec.
    ran:     kexec is executed, with ARGUMENTS.
    record:  in the kernel's log; ending with *: the beginning.
    """
    name: str
    record: str
    changes: dict = dataclasses.field(default_factory=dict)
    kexec: str = "exit 0"
    ran: bool = False
    readonly: str = ""


def failed(name, text, changes=None, **more):
    return Row(name, f"<3>kexec-early: no crash kernel is loaded: {text}", changes or {}, **more)


def config(name, text, content):
    return failed(f"configuration: {name}", f"/etc/kexec/early: {text}",
                  {"/etc/kexec/early": content})


NO_RESERVATION = "no memory is reserved: add crashkernel=SIZE to the kernel's command line"
NONE = "contains no argument; it must name the crash kernel"
ROWS = [
    Row("loads", LOADED, ran=True),
    Row("loads, name of the size since Linux 6.19", LOADED, {SIZE: None, SIZE_NOW: "4096\n"}, ran=True),
    Row("loads, the root is read-only", LOADED, ran=True, readonly="root"),
    Row("another crash kernel is loaded", "", {LOADED_FILE: "1\n"}),
    Row("the word is missing", "", {"/proc/cmdline": "root=/dev/vda1\n"}),
    Row("the word is part of others", "", {"/proc/cmdline": "kexec_early=1 xkexec_early kexec_earlyx\n"}),
    Row("neither the word nor anything else", "",
        {"/proc/cmdline": "\n", SIZE: "0\n", "/etc/kexec/early": None, "/sbin/kexec": None}),
    failed("no reservation", NO_RESERVATION, {SIZE: "0\n"}),
    failed("no reservation, name since Linux 6.19", NO_RESERVATION, {SIZE: None, SIZE_NOW: "0\n"}),
    failed("the size is no number", NO_RESERVATION, {SIZE: "x\n"}),
    failed("no crash kernels in the kernel",
           f"{SIZE}: no such file; this kernel cannot load crash kernels", {SIZE: None}),
    failed("/proc cannot be mounted", "cannot mount /proc: Not a directory",
           {"/proc/cmdline": None, "/proc": ""}),
    failed("/sys cannot be mounted", "cannot mount /sys: Not a directory", {SIZE: None, "/sys": ""}),
    failed("the log cannot be made", "cannot make a log in / or /run: Read-only file system",
           readonly="all"),
    config("missing", "No such file or directory", None),
    config("empty", NONE, ""),
    config("only comments", NONE, "# one\n\n#two"),
    config("a NUL byte", "contains a NUL byte; it must be text", "/vmlinuz\0\n"),
    config("too long", "larger than 16384 bytes", "#" * 16385),
    config("too many arguments", "more than 128 arguments", "/vmlinuz\n" * 129),
    failed("configuration: a folder", "/etc/kexec/early: Is a directory",
           {"/etc/kexec/early": None, "/etc/kexec/early/x": ""}),
    failed("no kexec", "/sbin/kexec: No such file or directory", {"/sbin/kexec": None}),
    failed("kexec is not executable", "/sbin/kexec: Permission denied", {"/sbin/kexec": ("", 0o644)}),
    failed("kexec is no program", "/sbin/kexec: Exec format error", {"/sbin/kexec": ("text", 0o755)}),
    failed("kexec fails", "the first line;the last line", ran=True,
           kexec="echo 'the first line'; echo 'the last line' >&2; exit 255"),
    failed("kexec fails without a word", "kexec ended with status 3", ran=True, kexec="exit 3"),
    failed("kexec fails with many words", "x" * 800 + "*", ran=True,
           kexec=f"while [ ${{#x}} -lt 100000 ]; do x=${{x}}{'x' * 1000}; done; echo $x; exit 1"),
    failed("kexec is killed", "kexec was ended by signal 9", ran=True, kexec="kill -9 $$"),
    failed("kexec does not end", "kexec took more than 10 s and was stopped", ran=True,
           kexec="exec sleep 1000"),
]


def write(path, content, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)


def script(name, more):
    return RECORDS.replace("NAME", name).replace("MORE", more)


class Root:
    """A root directory as hooks of an initramfs leave it."""

    def __init__(self, directory, program, changes, kexec):
        self.root = directory / "root"
        self.out = directory / "out"
        for path in (self.root / "dev", self.root / "run", self.root / "out", self.out):
            path.mkdir(parents=True)
        shell, sleep = shutil.which("sh"), shutil.which("sleep")
        for path, source in {"/bin/sh": shell, "/bin/sleep": sleep, **files.libraries_of(shell),
                             **files.libraries_of(sleep),
                             "/usr/lib/kexec/kexec-early": program}.items():
            place = self.at(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)
        self.at("/dev/kmsg").symlink_to("/out/kmsg")
        (self.out / "kmsg").touch()
        self.at("/sbin").mkdir()
        self.at("/sbin/modprobe").symlink_to("/usr/lib/kexec/kexec-early")
        contents = {**MACHINE, "/sbin/kexec": (script("kexec", kexec), 0o755),
                    "/sbin/modprobe.real": (script("real", REAL), 0o755), **changes}
        for path, content in contents.items():
            if content is not None:
                write(self.at(path), *(content if isinstance(content, tuple) else (content,)))

    def at(self, path):
        return self.root / path.lstrip("/")

    def run(self, *command, readonly="", closed=False):
        map_root = [] if os.getuid() == 0 else ["--map-root-user"]
        env = {**os.environ, "LC_ALL": "C", "root": str(self.root), "out": str(self.out),
               "readonly": readonly, "KEXEC_EARLY_TEST": "passed on"}
        return harness.run(
            ["unshare", *map_root, "--mount", "--propagation", "private",
             "setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot",
             "sh", "-c", CAGE.replace('"$@"', '"$@" <&- >&- 2>&-' if closed else '"$@"'), "cage",
             *command], self.out, env)

    def recorded(self, name):
        """What a script wrote down; None: it was not run."""
        path = self.out / name
        return path.read_text(encoding="utf-8") if path.exists() else None

    def wrong(self, record, ran):
        """What the kernel's log and kexec's arguments have wrong."""
        found = self.recorded("kmsg")
        fits = found == record
        if record.endswith("*"):
            fits = found.startswith(record[:-1]) and len(found) < 1000
        wrong = [] if fits else [f"log {found!r}, not {record!r}"]
        arguments = self.recorded("kexec")
        if arguments != ("".join(f"{word}\n" for word in ARGUMENTS) if ran else None):
            wrong.append(f"kexec was executed with {arguments!r}")
        return wrong


def wrong_call(root, result, times=1):
    """What the real modprobe and its caller got wrong."""
    wrong = [] if result.status == REAL_STATUS else [f"status {result.status}, not {REAL_STATUS}"]
    if root.recorded("real") != "".join(f"{word}\n" for word in REAL_ARGUMENTS) * times:
        wrong.append(f"modprobe was executed with {root.recorded('real')!r}")
    if root.recorded("environment") != "passed on\n":
        wrong.append(f"its environment has {root.recorded('environment')!r}")
    return wrong


def run_rows(suite, directory, program):
    for number, row in enumerate(ROWS):
        root = Root(directory / str(number), program, row.changes, row.kexec)
        result = root.run("/sbin/modprobe", *REAL_ARGUMENTS, readonly=row.readonly)
        wrong = wrong_call(root, result) + root.wrong(row.record, row.ran)
        suite.check(f"kexec-early, {row.name}", "; ".join(wrong), result)


def run_twice(suite, directory, program):
    for name, kexec in ("loads", "exit 0"), ("fails", "exit 1"):
        root = Root(directory / name, program, {}, kexec)
        root.run("/sbin/modprobe", *REAL_ARGUMENTS)
        record = root.recorded("kmsg")
        result = root.run("/sbin/modprobe", *REAL_ARGUMENTS)
        wrong = wrong_call(root, result, 2) + root.wrong(record, True)
        suite.check(f"kexec-early, a second call after one that {name}", "; ".join(wrong), result)


def run_closed(suite, directory, program):
    """As the kernel calls: without descriptors.  modprobe gets none either, kexec has output."""
    root = Root(directory, program, {}, "echo printed && exit 1")
    result = root.run("/sbin/modprobe", *REAL_ARGUMENTS, closed=True)
    wrong = wrong_call(root, result) + root.wrong(
        "<3>kexec-early: no crash kernel is loaded: printed", True)
    if root.recorded("descriptors") != " closed" * 3 + "\n":
        wrong.append(f"modprobe's descriptors are {root.recorded('descriptors')!r}")
    if root.at("/kexec-early.log").read_text(encoding="utf-8") != "printed\n":
        wrong.append("the log lacks what kexec printed")
    suite.check("kexec-early, descriptors are closed", "; ".join(wrong), result)


def run_by_own_name(suite, directory, program):
    for name, kexec, record in (("loads", "exit 0", LOADED),
                                ("fails", "echo why; exit 1",
                                 "<3>kexec-early: no crash kernel is loaded: why")):
        root = Root(directory / name, program, {}, kexec)
        result = root.run("/usr/lib/kexec/kexec-early")
        wrong = root.wrong(record, True)
        if result.status or root.recorded("real") is not None:
            wrong.append(f"status {result.status}, modprobe {root.recorded('real')}")
        suite.check(f"kexec-early, by its own name, {name}", "; ".join(wrong), result)


def run_script_after(suite, directory, program):
    """The script of the initramfs after a call of the kernel: it loads if that call has not."""
    for name, loaded in (("loads", LOADED_FILE), ("loads, name since Linux 6.19", LOADED_FILE_NOW),
                         ("fails", None)):
        root = Root(directory / name, program, {loaded: "0\n"} if loaded else {},
                    f"echo 1 >{loaded}" if loaded else "exit 1")
        root.run("/sbin/modprobe", *REAL_ARGUMENTS)
        for _ in range(2):
            result = root.run("/usr/lib/kexec/kexec-early")
        wrong = [] if result.status == 0 else [f"status {result.status}"]
        wanted = "".join(f"{word}\n" for word in ARGUMENTS) * (1 if loaded else 2)
        if root.recorded("kexec") != wanted:
            wrong.append(f"kexec was executed with {root.recorded('kexec')!r}")
        suite.check(f"kexec-early, by its own name after a call that {name}", "; ".join(wrong), result)


def run_without_real(suite, directory, program):
    kmod = {"/sbin/modprobe.real": None, "/bin/kmod": (script("real", REAL), 0o755)}
    root = Root(directory / "kmod", program, kmod, "exit 0")
    result = root.run("/sbin/modprobe", *REAL_ARGUMENTS)
    suite.check("kexec-early, kmod instead of modprobe.real", "; ".join(
        wrong_call(root, result) + root.wrong(LOADED, True)), result)
    for name, real, error in (("no modprobe", None, "No such file or directory"),
                              ("a modprobe that cannot be executed", ("", 0o644), "Permission denied")):
        root = Root(directory / name, program, {"/sbin/modprobe.real": real, "/proc/cmdline": "\n"}, "")
        result = root.run("/sbin/modprobe", *REAL_ARGUMENTS)
        wrong = root.wrong(f"<3>kexec-early: cannot run /sbin/modprobe.real: {error}", False)
        suite.check(f"kexec-early, {name}", "; ".join(wrong) or
                    (f"status {result.status}" if result.status != 127 else None), result)


def run_files(suite, directory):
    """kexec-early-files, which the hooks of the initramfs call."""
    kernel, initrd, missing = (str(directory / name) for name in ("vmlinuz", "initrd", "missing"))
    for path in kernel, initrd:
        write(pathlib.Path(path), "")
    path = directory / "early"
    for name, text, output, error in (
            ("kernel and initrd", f"# {missing}\n{kernel}\n\n--initrd={initrd}\n--append={missing}\n"
             f"--command-line={missing}\n--reset-vga\n--type=bzImage", f"{kernel}\n{initrd}\n", ""),
            ("an initrd on a line of its own", f"{kernel}\n--initrd\n{initrd}\n-s\n",
             f"{kernel}\n{initrd}\n", ""),
            ("a module with words", f"{kernel}\n--module={initrd} words\n", f"{kernel}\n{initrd}\n", ""),
            ("no such kernel", missing, None, f"names {missing}: no such file, or not readable"),
            ("a folder for an initrd", f"{kernel}\n--initrd={directory}", None,
             f"names {directory}: no such file, or not readable"),
            ("no file", "vmlinuz\n--reset-vga\n", None,
             "names no file; it must name the crash kernel by its whole path"),
            ("no configuration", None, None, "no such file, or not readable")):
        path.unlink(missing_ok=True)
        if text is not None:
            write(path, text)
        result = harness.run([harness.TOP / "kexec_early/kexec-early-files", path], directory)
        wanted = (0, f"{path}\n{output}", "") if output else (1, "", f"kexec-early: {path}: {error}\n")
        suite.check(f"kexec-early-files, {name}", None if
                    (result.status, result.out, result.err) == wanted else f"not {wanted}", result)


def run(suite, build, directory):
    run_files(suite, directory)
    program = build / "kexec_early/kexec-early"
    if not program.exists():
        print("SKIP kexec-early: it was not built, which needs a static C library")
        suite.failed += not files.HERMETIC
        return
    run_rows(suite, directory / "rows", program)
    run_twice(suite, directory / "twice", program)
    run_closed(suite, directory / "closed", program)
    run_by_own_name(suite, directory / "own", program)
    run_script_after(suite, directory / "after", program)
    run_without_real(suite, directory / "real", program)
