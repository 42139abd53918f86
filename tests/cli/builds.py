# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds with other options than most: without libfdt, without cross compilers; and for a machine of the other byte order,
where QEMU's user mode runs kexec and all golden plans must come out the same."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import harness
from harness import arches, example

import files

SHORT = ("CFLAGS=-O0", "--without-zlib", "--without-lzma", "--without-zstd",
         "--without-lz4", "--without-bzip2", "--without-lzo")
# Variables of a make that runs the tests; the builds here do not inherit them.
OURS = ("CC", "CPP", "CFLAGS", "CPPFLAGS", "LDFLAGS", "LIBS", "MAKEFLAGS", "MFLAGS", "BUILD",
        "LD_LIBRARY_PATH")


EARLY = ["usr/lib/dracut/modules.d/99kexec-early/kexec-early.sh",
         "usr/lib/dracut/modules.d/99kexec-early/module-setup.sh", "usr/lib/kexec/kexec-early",
         "usr/lib/kexec/kexec-early-files", "usr/share/initramfs-tools/hooks/kexec-early",
         "usr/share/initramfs-tools/scripts/init-top/kexec-early", "usr/share/man/man8/kexec-early.8"]


COMMANDS = ["kexec", "kexec-load-kernel", "vmcore-dmesg"]
# Installed by every build, below usr/.
ALWAYS = [*(f"sbin/{name}" for name in ("coldreboot", *COMMANDS)),
          *(f"share/man/man8/{name}.8" for name in ("coldreboot", *COMMANDS))]
BASH = [f"share/bash-completion/completions/{name}" for name in COMMANDS]
UNIT = "kexec-load@.service"
# configure's options for the folders of completions and of the unit, and these files.
USUAL_PLACES = [], [*BASH, *(f"share/zsh/site-functions/_{name}" for name in COMMANDS),
                    *(f"share/fish/vendor_completions.d/{name}.fish" for name in COMMANDS),
                    f"share/doc/kexec-tools/examples/{UNIT}"]
OTHER_PLACES = (["--with-zsh-completion-dir=/usr/share/zsh/vendor-completions", "--without-fish-completion-dir",
                 "--with-systemdsystemunitdir=/usr/lib/systemd/system"],
                [*BASH, *(f"share/zsh/vendor-completions/_{name}" for name in COMMANDS), f"lib/systemd/system/{UNIT}"])


def environment():
    return {name: value for name, value in os.environ.items() if name not in OURS} | {
        "LC_ALL": "C"}


def run(directory, *command):
    return harness.run(command, directory, environment(), timeout=300)


def build(suite, name, directory, *options):
    """The kexec that is configured and made in the directory; None if that fails."""
    directory.mkdir()
    for command in ((harness.TOP / "configure", *SHORT, *options), ("make", "-s", "all")):
        result = run(directory, *command)
        suite.check(f"{name}: {pathlib.Path(command[0]).name}",
                    f"status {result.status}: {result.err[-1000:]}" if result.status else None,
                    result)
        if result.status:
            return None
    return directory / "build/sbin/kexec"


def needed(program):
    text = subprocess.run(["readelf", "-d", program], text=True, check=True,
                          stdout=subprocess.PIPE).stdout
    return re.findall(r"\(NEEDED\).*\[(\S+)\]", text)


def payloads(made):
    """Names of the files that are installed in LIBDIR/kexec-tools, and those of kexec-early."""
    result = run(made, "make", "-s", "install", "DESTDIR=stage", "prefix=/usr")
    stage = made / "stage"
    return result, sorted(path.name for path in stage.glob("usr/lib/kexec-tools/*")), sorted(
        str(path.relative_to(stage)) for path in stage.rglob("*")
        if "early" in str(path.relative_to(stage)) and path.is_file())


def standalone(suite, made):
    """What firmware and kernels take: the purgatory images, and headers that need no other."""
    stage = made / "stage"
    images = [f"usr/libexec/kexec/purgatory-{example.ARCH}.bin"]
    headers = ["usr/include/kexec/bake_abi.h", "usr/include/kexec/purgatory_abi.h"]
    found = sorted(str(path.relative_to(stage)) for folder in ("usr/libexec", "usr/include")
                   for path in stage.glob(f"{folder}/**/*") if path.is_file())
    suite.check("purgatory and the ABI headers are installed",
                None if found == headers + images else f"installed: {found}")
    built = made / f"build/purgatory/{example.ARCH}/purgatory.bin"
    suite.check("the installed purgatory is the flat image", None if (stage / images[0]).read_bytes() ==
                built.read_bytes() else "it is not")
    for language, command in (("C99", "-xc -std=c99"), ("C++", "-xc++ -std=c++11"),
                              ("assembler", "-xassembler-with-cpp")):
        for compiler in ("gcc", "clang"):
            if language == "C++" and compiler == "gcc" and not shutil.which("g++"):
                continue
            for header in headers:
                # Included twice, in a file that includes nothing else.
                (made / "alone.c").write_text(f'#include "{stage / header}"\n' * 2)
                result = run(made, compiler, *command.split(), "-pedantic", "-Wall", "-Wextra", "-Werror", "-c",
                             "-o", "alone.o", "alone.c")
                suite.check(f"{header} compiles alone: {language}, {compiler}",
                            result.err if result.status else None, result)


def check_places(suite, made, places):
    """payloads() has installed the files."""
    usr = made / "stage/usr"
    found = {str(path.relative_to(usr)) for path in usr.rglob("*") if path.is_file()}
    wanted = {*ALWAYS, *places[1]}
    suite.check(f"installed: {' '.join(places[0]) or 'the usual places'}", None
                if wanted <= found and not {path for path in found - wanted if not
                                            re.search("early|kexec_test|libexec/kexec/|include/kexec/", path)}
                else f"missing: {wanted - found}, unexpected: {found - wanted}")
    unit, = usr.rglob(UNIT)
    line = "ExecStart=/usr/sbin/kexec-load-kernel --entry=%I\n"
    suite.check("kexec-load@.service executes the installed script", None
                if line in unit.read_text(encoding="utf-8") else f"no line {line}")
    check_unit(suite, unit, usr / "sbin")
    result = run(made, "make", "-s", "uninstall", "DESTDIR=stage", "prefix=/usr")
    left = [str(path) for path in (made / "stage").rglob("*") if path.is_file()]
    suite.check("uninstall removes every file", left and f"left: {left}", result)


def check_unit(suite, unit, programs):
    """systemd-analyze looks for the programs in the host's folders, so a copy names those of the stage."""
    if not shutil.which("systemd-analyze"):
        print("SKIP systemd-analyze verify: it is not installed")
        return
    copy = programs / unit.name.replace("@", "@default")
    copy.write_text(unit.read_text(encoding="utf-8").replace("/usr/sbin", str(programs)), encoding="utf-8")
    result = run(programs, "systemd-analyze", "verify", "--man=no", f"./{copy.name}")
    suite.check("systemd-analyze verify", None if not result.status and not result.err else "not clean", result)
    copy.unlink()


def without_libfdt(suite, directory):
    """Also without kexec_test and without kexec-early."""
    name = "without libfdt"
    made = directory / "without"
    program = build(suite, name, made, "--without-libfdt", "--disable-kexec-test",
                    "--disable-kexec-early", "--enable-arches=all", *USUAL_PLACES[0])
    if program:
        result, *found = payloads(made)
        suite.check("--disable-kexec-test, --disable-kexec-early: they are not installed",
                    f"installed: {found}" if result.status or any(found) else None, result)
        check_places(suite, made, USUAL_PLACES)
        result = run(directory, program, "--dry-run", "--arch=?", "-l", "none")
        found = set(re.findall(r"\w+", result.err.partition("knows: ")[2]))
        wanted = set(arches("list", "tree=-"))
        suite.check(f"{name}: only machines that have no device tree", None
                    if example.ARCH in found <= wanted else
                    f"found {found}, expected {wanted}", result)
        suite.check(f"{name}: not linked with it",
                    "it is" if "fdt" in " ".join(needed(program)) else None)
    needs_it = arches("list", "tree=fdt")[0]
    (directory / "none").mkdir()
    result = run(directory / "none", harness.TOP / "configure", *SHORT, "--without-libfdt",
                 f"--enable-arches={needs_it}")
    suite.check(f"{name}: configure refuses {needs_it}",
                None if result.status and f"{needs_it} needs libfdt" in result.err
                else "it does not", result)


def with_libfdt(suite, directory):
    """FIT images on an arch whose machines have no device tree."""
    name = "with libfdt"
    program = build(suite, name, directory / "with", "--with-libfdt",
                    f"--enable-arches={example.ARCH}", *OTHER_PLACES[0])
    if program:
        folder, = arches("get", example.ARCH, "dir")
        wanted = ["kexec_test", "kexec_test.bzImage", "kexec_test64"]
        result, found, early = payloads(directory / "with")
        suite.check("kexec_test is installed where it exists", None
                    if not result.status and
                    found == (wanted if (harness.TOP / "kexec_test" / folder).exists() else [])
                    else f"installed: {found}", result)
        suite.check("kexec-early is installed", f"installed: {early}" if early != EARLY else None)
        early = directory / "with/stage/usr/lib/kexec/kexec-early"
        suite.check("kexec-early is static", f"needs {needed(early)}" if needed(early) else None)
        standalone(suite, directory / "with")
        check_places(suite, directory / "with", OTHER_PLACES)
        (directory / "cut.itb").write_bytes(bytes.fromhex("d00dfeed"))
        result = run(directory, program, "--dry-run", "-l", "cut.itb")
        suite.check(f"{name}: a FIT image is read", None
                    if "this FIT image is damaged: its header is cut short" in result.err
                    else "it is not", result)


def with_clang(suite, directory):
    """Its warnings are not gcc's."""
    made = directory / "clang"
    build(suite, "with clang", made, "CC=clang", "--enable-werror", "--prefix=/a/place")
    suite.check("--prefix is kept beside the prefixes of compilers", None if
                "\nprefix := /a/place\n" in (made / "Makefile").read_text(encoding="utf-8") else "it is not")


def without_compilers(suite, directory):
    """"all" is every arch that has a compiler: the native one makes code of its other word size."""
    programs = directory / "programs"
    programs.mkdir()
    for path in (path for folder in os.environ["PATH"].split(":")
                 for path in pathlib.Path(folder).glob("*")):
        link = programs / path.name
        if not path.name.endswith("-gcc") and not link.is_symlink():
            link.symlink_to(path)
    made = directory / "alone"
    made.mkdir()
    result = harness.run((harness.TOP / "configure", *SHORT, "--enable-arches=all"), made,
                         {**environment(), "PATH": str(programs), "KEXEC_CACHE": str(made)},
                         timeout=300)
    found = set(re.findall(r"WARNING: (\S+) is left out", result.err))
    folder, = arches("get", example.ARCH, "dir")
    wanted = set(arches("list")) - set(arches("list", f"dir={folder}"))
    suite.check("without cross compilers: configure leaves the other arches out", None
                if not result.status and found == wanted else f"left out: {found}", result)


def without_static(suite, directory):
    """A compiler that links no static programs: kexec-early is left out, or asked for in vain."""
    compiler = directory / "dynamic-gcc"
    compiler.write_text("""#!/bin/sh
case " $* " in *" -static"*) echo "no static C library" >&2; exit 1 ;; esac
exec gcc "$@"
""", encoding="utf-8")
    compiler.chmod(0o755)
    for option, status, text in (("--enable-arches=native", 0, "WARNING: kexec-early is left out: "),
                                 ("--enable-kexec-early", 1, "error: --enable-kexec-early: ")):
        made = directory / option.strip("-")
        made.mkdir()
        result = run(made, harness.TOP / "configure", *SHORT, f"CC={compiler}", option)
        suite.check(f"without a static C library: configure {option}", None
                    if result.status == status and text in result.err else f"no '{text}'", result)


def big_endian():
    """Debian's name of a big-endian arch, which is also QEMU's."""
    names = (arches("get", name, "debian")[0] for name in arches("list", "order=BE"))
    return next(name for name in names if name != "-")


def golden_plans(suite, build_directory, directory):
    """The plans of a kexec whose own numbers are big endian."""
    machine = big_endian()
    files.fetch(f"libfdt-dev:{machine}")    # fails early without a source of its libraries
    result = harness.run((harness.TOP / "util/cross-build", machine,
                          build_directory / f"cross/{machine}-all", "-j2"), directory,
                         {**environment(), "CROSS_ARCHES": "all"}, timeout=900)
    suite.check("big endian: cross-build", None if not result.status else "it fails", result)
    if result.status:
        return
    (directory / "big/sbin").mkdir(parents=True)
    wrapper = directory / "big/sbin/kexec"
    wrapper.write_text(f'#!/bin/sh\nexec qemu-{machine} "{result.out.strip()}/kexec" "$@"\n')
    wrapper.chmod(0o755)
    result = harness.run((harness.TOP / "tests/plan/run",), directory,
                         {**environment(), "BUILD": str(directory / "big")}, timeout=900)
    suite.check("big endian: the golden plans", None
                if not result.status and re.search(r"^[0-9]{3,} passed, 0 failed$", result.out, re.M)
                else result.out[-1000:], result)


def with_packages(suite, function, *arguments):
    """Calls a function that needs compilers and packages which not every machine has."""
    if files.HERMETIC:
        print(f"SKIP {function.__name__}: it needs other compilers; make check-all runs it")
        return
    try:
        function(suite, *arguments)
    except files.MissingError as error:
        print(f"SKIP {function.__name__}: {error}", file=sys.stderr)
        suite.failed += 1


def run_all(suite, build_directory, directory):
    with_packages(suite, without_libfdt, directory)
    with_packages(suite, with_libfdt, directory)
    with_packages(suite, with_clang, directory)
    with_packages(suite, without_static, directory)
    with_packages(suite, without_compilers, directory)
    with_packages(suite, golden_plans, build_directory, directory)
