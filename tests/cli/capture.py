# SPDX-License-Identifier: GPL-2.0-or-later
"""--capture and tar files as --sysroot: what is in a capture, what is masked, what is refused.
tests/plan/run shows that captures replay to the same plan."""

import io
import shutil
import stat
import tarfile

import fixtures
import harness
from harness import FIXTURES, example

ERRORS = "KEXEC.open"
SECRET = "geheim-17"
LINE = f"root=/dev/sda1 password={SECRET} ks=https://me:{SECRET}@host/x quiet"


def run_kexec(kexec, arguments, directory):
    return harness.run([kexec, *arguments], directory)


def members(path):
    """{name: (content, pax keywords)} of a capture."""
    with tarfile.open(path) as archive:
        return {member.name: (archive.extractfile(member).read() if member.isfile() else None,
                              member.pax_headers) for member in archive.getmembers()}


def tar(*names, form=tarfile.PAX_FORMAT, kind=tarfile.REGTYPE):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    return out.getvalue()


def check(suite, name, result, says, status, out=""):
    suite.check(name, None if result.status == status and says in result.err and
                (out is None or result.out == out) else f"not {status}, '{says}'", result)


def machines(suite, kexec, directory):
    """Alone, on every captured machine."""
    for machine in sorted(path.stem for path in fixtures.HERE.glob("*.tree")):
        arch = machine.split("-")[0]
        command = [f"--sysroot={FIXTURES / machine}", f"--arch={arch}", "--capture=one.tar"]
        first = run_kexec(kexec, command, directory)
        if "is not compiled in" in first.err:
            continue
        check(suite, f"--capture, {machine}", first, "one.tar: ", 0)
        path = directory / "one.tar"
        if first.status:
            continue
        mode, content = stat.S_IMODE(path.stat().st_mode), path.read_bytes()
        again = run_kexec(kexec, command, directory)
        suite.check(f"--capture, {machine}: the same bytes again, and mode 0600",
                    None if mode == 0o600 and path.read_bytes() == content else f"mode {mode:o}", again)
        of_machine = fixtures.read(fixtures.HERE / f"{machine}.tree")
        wrong = [name for name, (data, pax) in members(path).items()
                 if data and name not in ("kexec-capture", "sys/firmware/fdt") and
                 not of_machine.get(name, b"").startswith(data) and any(data)]
        suite.check(f"--capture, {machine}: files of the machine", "; ".join(wrong), again)


def secrets(suite, kexec, directory):
    tree = fixtures.copy(directory / "tree", example.MACHINE,
                         {"proc/cmdline": LINE + "\n", "proc/version": "Linux\n"})
    load = [f"--sysroot={tree}", f"--arch={example.ARCH}", "-l", "bzImage",
            f"--append=token={SECRET} a=b", "--initrd=initrd"]
    result = run_kexec(kexec, [*load, "--capture=masked.tar"], directory)
    check(suite, "--capture with a load", result, "masked.tar: ", 0, out=None)
    found = members(directory / "masked.tar")
    about = found["kexec-capture"][0].decode()
    wrong = [name for name, (data, _) in found.items() if data and SECRET.encode() in data]
    suite.check("--capture masks passwords", "; ".join(wrong), result)
    suite.check("--capture keeps the rest of the command line", None if found["proc/cmdline"][0].decode() ==
                "root=/dev/sda1 password=xxxxxxxxx ks=https://xxxxxxxxxxxx@host/x quiet\n" else
                found["proc/cmdline"][0], result)
    size = (directory / "initrd").stat().st_size
    suite.check("--capture describes itself", None if f"\narch {example.ARCH}\n" in about and
                "'--append=token=xxxxxxxxx a=b'" in about and f"\ninitrd {size} " in about and
                "\nkernel " in about else about, result)
    suite.check("--capture contains no kernel", None if all(
        len(data or b"") < 1 << 16 for data, _ in found.values()) else "a large file", result)
    result = run_kexec(kexec, [*load, "--capture=all.tar", "--capture-secrets"], directory)
    check(suite, "--capture-secrets", result, "secrets not masked", 0, out=None)
    suite.check("--capture-secrets keeps passwords", None if
                members(directory / "all.tar")["proc/cmdline"][0].decode() == LINE + "\n" else
                "masked", result)
    result = run_kexec(kexec, [*load, "-t", "none", "--capture=failed.tar"], directory)
    check(suite, "--capture of a load that fails", result, "failed.tar: ", 255)
    suite.check("--capture of a load that fails writes the file", None if
                "proc/cmdline" in members(directory / "failed.tar") else "no file", result)


def unreadable(suite, kexec, directory):
    """A loop of links cannot be opened, by root as well."""
    tree = fixtures.copy(directory / "half", example.MACHINE, {})
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    for path in files[::2]:
        path.unlink()
        path.symlink_to(path.name)
    options = [f"--arch={example.ARCH}", "-c", "--dry-run", "-l", "bzImage"]
    result = run_kexec(kexec, [f"--sysroot={tree}", f"--arch={example.ARCH}", "--capture=half.tar"],
                       directory)
    check(suite, "--capture, half of the files are unreadable", result,
          "could not be read (/", 0)
    found = members(directory / "half.tar")
    suite.check("--capture notes errors", None if any(ERRORS in pax for _, pax in found.values())
                else "none", result)
    there = run_kexec(kexec, [f"--sysroot={tree}", *options], directory)
    here = run_kexec(kexec, ["--sysroot=half.tar", *options], directory)
    suite.check("a replay fails alike", None if there.status == here.status and there.out == here.out and
                there.err.replace(str(tree), "half.tar") == here.err else there.describe(), here)


def refused(suite, kexec, directory):
    good = tar("proc/iomem")
    before = sorted(path.name for path in directory.iterdir())
    for name, content, says in (
            ("an absolute path", tar("/proc/iomem"), "the path /proc/iomem is absolute"),
            ("..", tar("proc/../../iomem"), 'the path proc/../../iomem contains ".."'),
            ("a symbolic link", tar("proc/iomem", kind=tarfile.SYMTYPE), "proc/iomem is a symbolic link"),
            ("a hard link", tar("proc/iomem", kind=tarfile.LNKTYPE), "proc/iomem is a hard link"),
            ("a device", tar("dev/mem", kind=tarfile.CHRTYPE), "dev/mem is a device"),
            ("a pipe", tar("dev/mem", kind=tarfile.FIFOTYPE), "dev/mem is a FIFO"),
            ("a member twice", tar("proc/x", "proc/x"), "contains proc/x twice"),
            ("a cut file", good[:700], "the end of the archive is missing: cut off"),
            ("a wrong checksum", b"q" + good[1:], "wrong checksum"),
            ("GNU's long names", tar("p" * 200, form=tarfile.GNU_FORMAT), "not of ustar or pax"),
            ("no tar file", b"x" * 2000, 'expected "ustar"'),
            ("an empty file", b"", "it is empty")):
        (directory / "bad.tar").write_bytes(content)
        result = run_kexec(kexec, ["--sysroot=bad.tar", f"--arch={example.ARCH}", "--dry-run", "-l",
                                   "bzImage"], directory)
        check(suite, f"--sysroot, {name}", result, says, 1)
        (directory / "bad.tar").unlink()
    for name, words, says in (
            ("-e", ["-e", "--capture"], "--capture goes with a kernel to load, or alone"),
            ("-u", ["-u", "--capture"], "--capture goes with a kernel to load, or alone"),
            ("-l without a kernel", ["-l", "--capture"], "No kernel specified"),
            ("an initrd without a kernel", ["--capture", "--initrd=initrd"], "--initrd means nothing here"),
            ("standard output", ["--capture=-"], "--capture writes a file"),
            ("no name", ["--capture="], "--capture needs the name of a file"),
            ("--capture-secrets alone", ["--capture-secrets", "-l", "bzImage"],
             "--capture-secrets goes with --capture"),
            ("--bake", ["-l", "bzImage", "--bake=new", "--capture"], "--bake makes a file for any machine"),
            ("a folder", ["--capture=."], ". exists and is no regular file"),
            ("no such folder", ["--capture=no/x.tar"], "no/x.tar: cannot make a file beside it")):
        result = run_kexec(kexec, words, directory)
        suite.check(f"--capture, {name}", None if result.status in (1, 255) and says in result.err and
                    not result.out else f"not '{says}'", result)
    left = sorted(path.name for path in directory.iterdir())
    suite.check("what is refused leaves no file", None if left == before else f"{left}")


def run(suite, build, directory):
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in example.files().items():
        (directory / name).write_bytes(content)
    (directory / "initrd").write_bytes(bytes(range(256)) * 20)
    kexec = build / "san/sbin/kexec"
    machines(suite, kexec, directory)
    secrets(suite, kexec, directory)
    unreadable(suite, kexec, directory)
    refused(suite, kexec, directory)
    result = run_kexec(kexec, ["--capture", f"--sysroot={FIXTURES / example.MACHINE}"], directory)
    suite.check("--capture names its file", None if
                (directory / "kexec-capture.tar").exists() else "no file", result)
    shutil.rmtree(directory)
