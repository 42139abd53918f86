# SPDX-License-Identifier: GPL-2.0-or-later
"""coldreboot, and kexec-load-kernel (kexec-load-kernel.8), below a root directory of its own, in each shell and with each
awk that is installed: kexec is a script that writes down its arguments."""

import dataclasses
import os
import pathlib
import shutil
import stat

import harness
from harness import example

import files

SCRIPT = harness.TOP / "scripts/kexec-load-kernel"
STATUS = 7    # of kexec
RECORD = f"""#!/bin/sh
printf '%s\\n' "$@" >"$RECORDS"
exit {STATUS}
"""
NOTHING = None
ROOT = "ROOT"    # in arguments and messages: the root directory
LOADED = "sys/kernel/kexec_loaded"
DEFAULTS = "etc/default/kexec"
PLAIN = {LOADED: "0\n", "boot/k": "", "boot/i": "", "boot/k 2": "", "boot/i 2": "", "vmlinuz": ""}
# What Debian's package writes.
DEBIAN = """# Defaults for kexec initscript
# sourced by /etc/init.d/kexec and /etc/init.d/kexec-load

# Kernel and initrd image
KERNEL_IMAGE="/vmlinuz"
INITRD="/boot/i"

# If empty, use current /proc/cmdline
APPEND=""

# Load the default kernel from grub config?
USE_GRUB_CONFIG=false
"""
ENTRY = "title One\nlinux /k\ninitrd /i\noptions root=/dev/vda1\n"


def entries(**texts):
    """Files of boot entries; __ in a name stands for - and _P_ for +."""
    return {f"boot/loader/entries/{name}.conf": text for name, text in texts.items()}


def ordered(*names, **more):
    """Entries whose kernels have the entries' names."""
    return {**{f"boot/loader/entries/{name}.conf": f"linux /{name}\n{more.get('text', '')}"
               for name in names}, **{f"boot/{name}": "" for name in names}}


GRUB = """set default="%s"
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   set next_entry=
   save_env next_entry
else
   set default="%s"
fi
if [ x"${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
export menuentry_id_option
if [ "${prev_saved_entry}" ]; then
  set saved_entry="${prev_saved_entry}"
fi
function gfxmode {
	set gfxpayload="${1}"
	if [ "${1}" = "keep" ]; then set vt_handoff=vt.handoff=7; else set vt_handoff=; fi
}
set extra='quiet  splash'
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-1' {
	load_video
	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
	search --no-floppy --fs-uuid --set=root 0000
	echo	'Loading Linux 6.1 ...'
	linux	/boot/k root=UUID=1 ro $extra $unknown "a b"
	initrd	/boot/i
}
submenu 'Advanced options' $menuentry_id_option 'advanced' {
	menuentry 'Linux 2 > 1' $menuentry_id_option 'two' { linux ($root)/@rootfs/boot/k\\ 2 two
	initrd "/boot/i" '/boot/i 2' # both
	}
	menuentry "It's \\"quoted\\" { }" { linux16 /vmlinuz three; }
	menuentry "Twin" { linux /k twin1; }
	menuentry "Twin" { linux /k twin2; }
}
menuentry 'Memory test' { chainloader /memtest.efi
}
menuentry 'Gone' { linux /gone; }
menuentry 'More' { linux /k a
	linux /k b
}
"""


def grub(default, **more):
    return {"boot/grub/grub.cfg": GRUB % ("1", default), **more}


def grub_of(text):
    return {"boot/grub/grub.cfg": text}


ENV = "# GRUB Environment Block\n%s\n######################"
FIRST = ["--initrd=ROOT/boot/i", "--command-line=root=UUID=1 ro quiet  splash a b", "ROOT/boot/k"]
SECOND = ["--initrd=ROOT/boot/i", "--initrd=ROOT/boot/i 2", "--command-line=two", "ROOT/boot/k 2"]
THIRD = ["--command-line=three", "ROOT/vmlinuz"]
ONE = ["--initrd=ROOT/boot/i", "--command-line=root=/dev/vda1", "ROOT/boot/k"]


@dataclasses.dataclass
class Row:
    """wanted: the arguments of kexec after -l and --sysroot; NOTHING: kexec is not executed, and text is printed,
    on stderr with status 1 unless skips."""
    name: str
    files: dict
    wanted: list = NOTHING
    text: str = ""
    arguments: tuple = ()
    skips: bool = False


def kernel(name):
    return ["--command-line=", f"ROOT/boot/{name}"]


def setting(text):
    return {DEFAULTS: text}


ROWS = [
    Row("a kernel is loaded", {LOADED: "1\n", **setting(DEBIAN)}, text="a kernel is loaded already", skips=True),
    Row("a kernel is loaded, since Linux 6.19", {LOADED: None, "sys/kernel/kexec/loaded": "1\n", **setting(DEBIAN)},
        text="a kernel is loaded already", skips=True),
    Row("/no-kexec-reboot", {"no-kexec-reboot": "", **setting(DEBIAN)}, text="/no-kexec-reboot exists", skips=True),
    Row("nothing at all", {}, text="no boot entry"),
    Row("wrong option", setting(DEBIAN), text="'--exec': no such option", arguments=("--exec",)),
    Row("no argument", setting(DEBIAN), text="--entry: the argument is missing", arguments=("--entry",)),

    Row("Debian's settings", setting(DEBIAN),
        ["--reuse-cmdline", "--initrd=ROOT/boot/i", "ROOT/vmlinuz"]),
    Row("settings come first", {**setting(DEBIAN), **entries(a=ENTRY), **grub("0")},
        ["--reuse-cmdline", "--initrd=ROOT/boot/i", "ROOT/vmlinuz"]),
    Row("--dry-run", setting(DEBIAN), ["--dry-run", "--json", "--reuse-cmdline", "--initrd=ROOT/boot/i",
                                       "ROOT/vmlinuz"], arguments=("--dry-run", "--json")),
    Row("APPEND, a path with blanks, no INITRD",
        setting('KERNEL_IMAGE="/boot/k 2"\nAPPEND="a  $(echo b) \'c d\'"\n'),
        ["--append=a  b 'c d'", "ROOT/boot/k 2"]),
    Row("kexec.d", {**setting(DEBIAN), f"{DEFAULTS}.d/10-more": 'APPEND="$APPEND more"\n',
                    f"{DEFAULTS}.d/20-more.dpkg-old": "APPEND=old\n"},
        ["--append= more", "--initrd=ROOT/boot/i", "ROOT/vmlinuz"]),
    Row("kexec.d alone", {f"{DEFAULTS}.d/x": "KERNEL_IMAGE=/vmlinuz\n"}, ["--reuse-cmdline", "ROOT/vmlinuz"]),
    Row("a test at the end of the settings", setting("KERNEL_IMAGE=/vmlinuz\n[ -e /none ] && APPEND=x\n"),
        ["--reuse-cmdline", "ROOT/vmlinuz"]),
    Row("a variable that is not set", setting("KERNEL_IMAGE=/vmlinuz$NONE\nINITRD=${NONE}\n"),
        ["--reuse-cmdline", "ROOT/vmlinuz"]),
    Row("grub.cfg: a ZFS data set", grub_of("menuentry a { linux /BOOT/debian@/k; }"), kernel("k")),
    Row("broken settings: a quotation", setting('KERNEL_IMAGE="/vmlinuz\n'), text="ROOT/etc/default/kexec"),
    Row("broken settings: a blank without quotes", setting("KERNEL_IMAGE=/boot/my kernel\n"),
        text="ROOT/etc/default/kexec: expected assignments such as KERNEL_IMAGE=/vmlinuz, the shell reports: "),
    Row("broken settings: in kexec.d", {**setting(DEBIAN), f"{DEFAULTS}.d/x": "if\n"},
        text="ROOT/etc/default/kexec.d/x"),
    Row("broken settings: exit", setting("KERNEL_IMAGE=/vmlinuz\nexit 0\n"),
        text="ROOT/etc/default/kexec: the shell ends in this file"),
    Row("broken settings: two lines", setting("KERNEL_IMAGE='/vmlinuz\n/x'\n"), text="more than one line"),
    Row("broken settings: a relative path", setting("KERNEL_IMAGE=vmlinuz\n"),
        text="KERNEL_IMAGE is 'vmlinuz', expected an absolute path"),
    Row("broken settings: USE_GRUB_CONFIG", setting("USE_GRUB_CONFIG=perhaps\n"),
        text="USE_GRUB_CONFIG is 'perhaps', expected true or false"),
    Row("broken settings: a folder", {f"{DEFAULTS}/x": ""}, text="ROOT/etc/default/kexec: not a file"),
    Row("USE_GRUB_CONFIG", {**setting(DEBIAN + "USE_GRUB_CONFIG=true\n"), **entries(a=ENTRY), **grub("0")}, FIRST),
    Row("USE_GRUB_CONFIG without grub.cfg", setting(DEBIAN + "USE_GRUB_CONFIG=true\n"), text="there is no grub.cfg"),

    Row("one entry", entries(a=ENTRY), ONE),
    Row("entry default", {**setting(DEBIAN), **entries(a=ENTRY)},
        ["--reuse-cmdline", "--initrd=ROOT/boot/i", "ROOT/vmlinuz"], arguments=("--entry=default",)),
    Row("an entry in place of the settings", {**setting(DEBIAN), **entries(a=ENTRY)}, ONE, arguments=("--entry", "a")),
    Row("an entry on the EFI system partition", {"efi/loader/entries/a.conf": ENTRY, "efi/k": "", "efi/i": ""},
        ["--initrd=ROOT/efi/i", "--command-line=root=/dev/vda1", "ROOT/efi/k"]),
    Row("all keys, joined options, blanks", {
        **entries(a="# comment\n\n linux\t /k 2 \ninitrd /i\ninitrd /boot/i 2\noptions a  b\noptions $c\n"
                    "devicetree /k\narchitecture x64\ngrub_users $u\r\n")},
        ["--initrd=ROOT/boot/i", "--initrd=ROOT/boot/i 2", "--dtb=ROOT/boot/k", "--command-line=a  b $c",
         "ROOT/boot/k 2"]),
    Row("a unified image", entries(a="uki /k\n"), kernel("k")),
    Row("order: versions in names", ordered("a-6.9", "a-6.10", "a-6.10~rc1", "b"), kernel("b")),
    Row("order: newest version", ordered("a-6.9.0-1", "a-6.10.0-1", "a-6.10.0~rc1"), kernel("a-6.10.0-1")),
    Row("order: leading zeros, letters", ordered("a-01.5", "a-1.5a", "a-1.05"), kernel("a-1.5a")),
    Row("order: sort-key first", {**ordered("z"), **ordered("a", text="sort-key x\n")}, kernel("a")),
    Row("order: sort-key, machine-id, version", {
        **ordered("a", text="sort-key b\nversion 9\n"), **ordered("b", text="sort-key a\nmachine-id 2\nversion 9\n"),
        **ordered("c", text="sort-key a\nmachine-id 1\nversion 9\n"),
        **ordered("d", text="sort-key a\nmachine-id 1\nversion 10\n")}, kernel("d")),
    Row("order: no tries left", {**ordered("a"), "boot/loader/entries/z+0-3.conf": "linux /k\n"}, kernel("a")),
    Row("order: tries left", {**ordered("a"), "boot/loader/entries/z+2-1.conf": "linux /k\n"}, kernel("k")),
    Row("loader.conf", {**ordered("a-1", "b-1"), "boot/loader/loader.conf": "timeout 3\ndefault A-*.conf\n"},
        kernel("a-1")),
    Row("loader.conf: @saved", {**ordered("a", "b"), "boot/loader/loader.conf": "default @saved\n"}, kernel("b")),
    Row("loader.conf: no match", {**ordered("a"), "boot/loader/loader.conf": "default x*\n"},
        text="ROOT/boot/loader/loader.conf: no boot entry matches the default x*"),
    Row("loader.conf: two defaults", {**ordered("a", "b"), "boot/loader/loader.conf": "default a\ndefault b\n"},
        text="ROOT/boot/loader/loader.conf: two default entries, a and b"),
    Row("grubenv", {**ordered("a", "b"), "boot/grub2/grubenv": ENV % "saved_entry=a",
                    "boot/grub2/grub.cfg": "blscfg\n"}, kernel("a")),
    Row("variables of GRUB", {
        **entries(a="linux /k\ninitrd /i $none\noptions $kernelopts x${tuned}\n"),
        "boot/grub2/grub.cfg": 'set tuned="t u"\nset kernelopts="wrong"\n',
        "boot/grub2/grubenv": ENV % "kernelopts=root=/dev/x ro"},
        ["--initrd=ROOT/boot/i", "--command-line=root=/dev/x ro xt u", "ROOT/boot/k"]),
    Row("--entry: number", ordered("a", "b"), kernel("a"), arguments=("--entry=1",)),
    Row("--entry: title", {**ordered("a", text="title The A\n"), **ordered("b")}, kernel("a"),
        arguments=("--entry=The A",)),
    Row("--entry: two titles", ordered("a", "b", text="title T\n"), text='two boot entries have the title "T"',
        arguments=("--entry=T",)),
    Row("--entry: none", ordered("a", "b"), text='no boot entry has the number, id or title "2"',
        arguments=("--entry=2",)),
    Row("broken entry: empty", {**ordered("a"), **entries(b="")},
        text="ROOT/boot/loader/entries/b.conf: this boot entry names no kernel"),
    Row("broken entry: two kernels", entries(a="linux /k\nlinux /i\n"), text="a.conf: two kernels"),
    Row("broken entry: no such kernel", entries(a="linux /gone\n"), text="a.conf: /gone: no such file"),
    Row("broken entry: no such initrd", entries(a="linux /k\ninitrd /gone\n"), text="a.conf: /gone: no such file"),
    Row("broken entry: a folder", {"boot/loader/entries/a.conf/x": ""}, text="entries/a.conf"),
    Row("EFI programs are left out", {**ordered("a"), **entries(z="efi /shell.efi\n")}, kernel("a")),
    Row("EFI programs only", entries(z="efi /shell.efi\n"), text="EFI programs only"),

    Row("grub.cfg: number", grub("0"), FIRST),
    Row("grub.cfg: no default", grub(""), FIRST),
    Row("grub.cfg: id", grub("gnulinux-simple-1"), FIRST),
    Row("grub.cfg: title", grub("Debian GNU/Linux"), FIRST),
    Row("grub.cfg: submenu by number", grub("1>0"), SECOND),
    Row("grub.cfg: submenu by id", grub("advanced>two"), SECOND),
    Row("grub.cfg: submenu by title", grub("Advanced options>Linux 2 >> 1"), SECOND),
    Row("grub.cfg: quotations", grub("1>1"), THIRD),
    Row("grub.cfg: saved_entry", grub("${saved_entry}", **{"boot/grub/grubenv": ENV % "saved_entry=advanced>two"}),
        SECOND),
    Row("grub.cfg: no saved_entry", grub("${saved_entry}", **{"boot/grub/grubenv": ENV % ""}), FIRST),
    Row("grub.cfg: --entry", grub("0"), THIRD, arguments=("--entry=1>1",)),
    Row("grub.cfg: two titles", grub("1>Twin"), text='two menu entries are "1>Twin", numbers 1>2 and 1>3'),
    Row("grub.cfg: a submenu", grub("advanced"), text="is a submenu, expected an entry in it, such as 1>0"),
    Row("grub.cfg: no such entry", grub("9"), text='ROOT/boot/grub/grub.cfg: no menu entry is "9"'),
    Row("grub.cfg: no kernel", grub("2"), text='"Memory test", starts no kernel'),
    Row("grub.cfg: no such file", grub("3"), text="entry 3: /gone: no such file"),
    Row("grub.cfg: two kernels", grub("4"), text='"More", starts more than one kernel'),
    Row("grub.cfg: empty", grub_of(""), text="no menu entry"),
    Row("grub.cfg: a quotation", grub_of("menuentry 'a' {\nlinux '/k\n}\n"),
        text="grub.cfg, line 2: a quotation is not closed"),
    Row("grub.cfg: a brace", grub_of("menuentry a {\nlinux /k\n"), text="grub.cfg, line 1: { is not closed"),
    Row("grub.cfg: another brace", grub_of("menuentry a {\nlinux /k\n}\n}\n"),
        text="grub.cfg, line 4: } without {"),
    Row("grub.cfg: is not executed", grub_of("menuentry a { linux /k \\$(touch x) '`touch x`' \"a\\\nb\"; }\n"),
        ["--command-line=$(touch x) `touch x` ab", "ROOT/boot/k"]),
]


def write(root, contents):
    for name, text in contents.items():
        if text is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")


def problem(row, result, root, record):
    """The difference from the row; None: no difference."""
    changed = (root / "no-kexec-reboot").exists()
    if row.wanted is NOTHING:
        stream, status = (result.out, 0) if row.skips else (result.err, 1)
        if record.exists():
            return f"kexec gets {record.read_text().splitlines()}"
        if result.status != status or stream.count("\n") != 1:
            return f"status {result.status}, expected {status} and one sentence"
        return "the file is not removed" if changed else None if row.text.replace(
            ROOT, str(root)) in stream else f"expected '{row.text}'"
    flags = [one for one in row.wanted if one in ("--dry-run", "--json")]
    wanted = ["-l", *flags, f"--sysroot={ROOT}", *row.wanted[len(flags):]]
    wanted = [one.replace(ROOT, str(root)) for one in wanted]
    found = record.read_text().splitlines() if record.exists() else []
    if result.status != STATUS or found != wanted:
        return f"status {result.status}, kexec gets {found}, expected {wanted}"
    return None


def debian_tools(suite, directory):
    """A folder with Debian's busybox and gawk, where the tests may fetch them."""
    folder = directory / "debian"
    folder.mkdir()
    try:
        tool, *libraries = files.fetch("gawk", "libsigsegv2", "libmpfr6", "libgmp10")
        (folder / "busybox").symlink_to(files.busybox())
    except files.MissingError as error:
        print(f"SKIP kexec-load-kernel with busybox and gawk: {error}")
        suite.failed += not files.HERMETIC
        return folder
    path = ":".join(str(files.one(library, "lib/*-linux-gnu")) for library in libraries)
    (folder / "gawk").write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={path} exec {files.one(tool, "bin/gawk")} "$@"\n')
    (folder / "gawk").chmod(0o755)
    return folder


def tools(directory, path):
    """{name: (shell, folder with an awk)}, all that are found in PATH."""
    shells = {"sh": ["sh"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
    awks = [name for name in ("mawk", "gawk", "original-awk", "busybox") if shutil.which(name, path=path)]
    for awk in awks:
        folder = directory / f"awk-{awk}"
        folder.mkdir()
        (folder / "awk").write_text(f'#!/bin/sh\nexec {awk} {"awk " if awk == "busybox" else ""}"$@"\n')
        (folder / "awk").chmod(0o755)
    found = {name: (shell, directory / f"awk-{awks[0]}") for name, shell in shells.items() if shutil.which(shell[0], path=path)}
    return {**found, **{f"sh, {awk}": (["sh"], directory / f"awk-{awk}") for awk in awks[1:]}}


def run_rows(suite, directory, name, shell, path):
    bench = directory / name
    bench.mkdir()
    kexec = bench / "kexec"
    kexec.write_text(RECORD, encoding="utf-8")
    kexec.chmod(kexec.stat().st_mode | stat.S_IXUSR)
    for number, row in enumerate(ROWS):
        root, record = bench / f"root {number}", bench / f"record{number}"
        write(root, {**PLAIN, **row.files})
        result = harness.run([*shell, SCRIPT, f"--sysroot={root}", *row.arguments], bench,
                             {"PATH": f"{bench}:{path}", "RECORDS": str(record)})
        suite.check(f"kexec-load-kernel, {name}: {row.name}", problem(row, result, root, record), result)
    suite.check(f"kexec-load-kernel, {name}: grub.cfg is data",
                "a command of it was executed" if (bench / "x").exists() else None)


def run_real(suite, build, directory):
    """A plan of this tree's kexec for an entry of a captured machine."""
    root = harness.make_machine(directory / "real machine", files={LOADED: "0\n"})
    write(root, entries(a=ENTRY))
    (root / "boot/k").write_bytes(example.kernel())
    (root / "boot/i").write_bytes(b"initrd")
    env = {"PATH": f"{build / 'sbin'}:{os.environ['PATH']}"}
    result = harness.run([SCRIPT, "--dry-run", "--sysroot", root], directory, env)
    suite.check("kexec-load-kernel: a plan", None if not result.status and "root=/dev/vda1" in result.out
                else "no plan", result)
    (root / "boot/k").write_bytes(b"no kernel")
    result = harness.run([SCRIPT, "--dry-run", "--sysroot", root], directory, env)
    suite.check("kexec-load-kernel: the status of kexec", None if result.status == 255 and result.err
                else "expected 255", result)


def run_coldreboot(suite, directory):
    """A copy with other paths: the real ones are the host's."""
    bench = directory / "coldreboot"
    write(bench / "root", {LOADED: "1\n"})
    text = (harness.TOP / "scripts/coldreboot").read_text(encoding="utf-8")
    script, record, mark = bench / "script", bench / "record", bench / "root/no-kexec-reboot"
    script.write_text(text.replace("/sys/", f"{bench}/root/sys/").replace("/no-kexec", f"{bench}/root/no-kexec"),
                      encoding="utf-8")
    for name in ("kexec", "reboot"):
        (bench / name).write_text(f"#!/bin/sh\necho {name} \"$@\" >>{record}\nexit $STATUS\n", encoding="utf-8")
        (bench / name).chmod(0o755)
    for loaded, status, wanted in (("1", 3, "kexec -u\n"), ("1", 0, "kexec -u\nreboot -f a b\n"),
                                   ("0", 0, "reboot -f a b\n"), ("0", 3, "reboot -f a b\n")):
        write(bench / "root", {LOADED: f"{loaded}\n"})
        mark.unlink(missing_ok=True)
        record.unlink(missing_ok=True)
        result = harness.run(["sh", script, "-f", "a b"], bench,
                             {"PATH": f"{bench}:{os.environ['PATH']}", "STATUS": str(status)})
        found = record.read_text(encoding="utf-8")
        suite.check(f"coldreboot: kexec_loaded is {loaded}, status {status}", None
                    if (result.status, found, mark.exists()) == (status, wanted, "reboot" in wanted)
                    else f"executed: {found}, the mark exists: {mark.exists()}", result)


def run(suite, build, directory):
    path = f"{os.environ['PATH']}:{debian_tools(suite, directory)}"
    for name, (shell, awk) in tools(directory, path).items():
        run_rows(suite, directory, name, shell, f"{awk}:{path}")
    run_real(suite, pathlib.Path(build), directory)
    run_coldreboot(suite, directory)
