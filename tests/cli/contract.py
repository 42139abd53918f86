# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of the command line: output, system calls and exit status.  Each row also
runs with Debian's kexec-tools, unless it says why not."""

from harness import example, FIXTURES
from table import (CONFLICT, DEBUG_LOAD_SYNC, differs, EXEC, FILE_LOAD, HINT, KCORE, LOAD,
                   LOAD_CRASH, LOAD_SYNC, NO_RETURN, NOT_LOADED, ORDER, OURS, QUIET, Row,
                   skip, STRICT, UNLOAD, UNLOAD_CRASH, USAGE, usage, USAGE_OUT, XEN, YOUNG_FLAG,
                   YOUNG_FORMAT)

KCORE_HEADER = (FIXTURES / example.KCORE).read_bytes()
ARCH, VMLINUX = example.ARCH, example.VMLINUX_TYPE

NO_ACTION = [
    Row("bzImage", 1, LOAD, err=NOT_LOADED),
    Row("bzImage", 255, ("load", "exec /sbin/shutdown", "exec /etc/shutdown",
                         "exec /bin/shutdown"), err=r"^shutdown: No such file or directory",
        machine="loaded"),
    Row("bzImage --initrd=initrd --append=quiet", 1, LOAD, err=NOT_LOADED),
    Row("", 255, err="^No kernel specified\n" + HINT,
        peer=differs(USAGE, out=USAGE_OUT, err="^No kernel specified")),
    Row("-l", 255, err="^No kernel specified\n" + HINT,
        peer=differs(USAGE, out=USAGE_OUT, err="^No kernel specified")),
    Row("-f", 255, err="^No kernel specified\n" + HINT,
        peer=differs(USAGE, out=USAGE_OUT, err="^No kernel specified")),
    Row("-p", 255, err="^No kernel specified\n" + HINT, peer=skip(KCORE)),
]

ACTIONS = [
    Row("-l bzImage", 0, LOAD_SYNC),
    Row("--load bzImage", 0, LOAD_SYNC),
    Row("-l -y bzImage", 0, LOAD),
    Row("-l --no-sync bzImage", 0, LOAD),
    Row("-l -x bzImage", 0, LOAD_SYNC),
    Row("-f bzImage", 255, LOAD + EXEC, err=NO_RETURN, machine="loaded"),
    Row("--force bzImage", 1, LOAD, err=NOT_LOADED),
    Row("-f -x bzImage", 255, ("load", "sync", "reboot KEXEC"), err=NO_RETURN, machine="loaded"),
    Row("-f -y bzImage", 255, ("load", "ifdown", "reboot KEXEC"), err=NO_RETURN,
        machine="loaded"),
    Row("-xyf bzImage", 255, ("load", "reboot KEXEC"), err=NO_RETURN, machine="loaded"),
    Row("-e", 255, EXEC, err=NO_RETURN, machine="loaded"),
    Row("--exec", 1, err=NOT_LOADED),
    Row("-e -x", 255, ("sync", "reboot KEXEC"), err=NO_RETURN, machine="loaded"),
    Row("-x -e", 255, ("sync", "reboot KEXEC"), err=NO_RETURN, machine="loaded"),
    Row("--no-ifdown -e -y", 255, ("reboot KEXEC",), err=NO_RETURN, machine="loaded"),
    Row("-u", 0, UNLOAD),
    Row("--unload", 0, UNLOAD, machine="loaded"),
    Row("-p -u", 0, UNLOAD_CRASH, machine="crash-loaded"),
    Row("-pu", 0, UNLOAD_CRASH),
    Row("--load-panic --unload", 0, UNLOAD_CRASH),
    Row("-u -p", 0, UNLOAD_CRASH,
        peer=differs(ORDER, status=255, calls=UNLOAD_CRASH, out=USAGE_OUT,
                     err="^No kernel specified")),
    Row("-u -x -y", 0, UNLOAD),
    Row("-u bzImage", 0, UNLOAD),
    Row("-a -p -u", 0, ("file_load UNLOAD ON_CRASH",) + UNLOAD_CRASH),
    # A slot that may not be unloaded.
    Row("-u", 255, UNLOAD, err="^kexec unload failed: Device or resource busy",
        inject="kexec_load:error=EBUSY"),
]

# The last of -l, -f, -e decides; contradictions are refused.
COMBINED = [
    Row("-l -f bzImage", 255, LOAD + EXEC, err=NO_RETURN, machine="loaded"),
    Row("-l -l bzImage", 0, LOAD_SYNC),
    Row("-l -e bzImage", 255, EXEC, err="^warning: --exec came last[^\0]*kexec failed",
        machine="loaded", peer=differs(QUIET, err=NO_RETURN)),
    Row("-e -l bzImage", 0, LOAD_SYNC, err="^warning: --load came last[^\n]*\n$",
        peer=differs("the peer takes interfaces down for a load", calls=LOAD_SYNC + ("ifdown",),
                     err="")),
    Row("-f -l bzImage", 0, LOAD_SYNC, err="^warning: --load came last[^\n]*\n$",
        peer=differs("the peer takes interfaces down for a load", calls=LOAD_SYNC + ("ifdown",),
                     err="")),
    Row("-f -e bzImage", 255, EXEC, err="^warning: --exec came last", machine="loaded",
        peer=differs(QUIET, err=NO_RETURN)),
    Row("-e -f bzImage", 255, LOAD + EXEC, err=NO_RETURN, machine="loaded"),
    Row("-e -f", 255, EXEC, err=NO_RETURN, machine="loaded",
        peer=differs("the peer wants a kernel to load", calls=(), out=USAGE_OUT,
                     err="^No kernel specified")),
    Row("-e -f", 1, err=NOT_LOADED,
        peer=differs("the peer wants a kernel to load", status=255, out=USAGE_OUT,
                     err="^No kernel specified")),
    Row("-u -l bzImage", 1, err="^--unload contradicts --load",
        peer=differs(CONFLICT, status=0, calls=("unload", "load"), err="")),
    Row("-l -u bzImage", 1, err="^--unload contradicts --load",
        peer=differs(CONFLICT, status=0, calls=UNLOAD, err="")),
    Row("-u -f bzImage", 1, err="^--unload contradicts --force",
        peer=differs(CONFLICT, calls=("unload", "load"), err=NOT_LOADED)),
    Row("-u -e", 1, err="^--unload contradicts --exec",
        peer=differs(CONFLICT, calls=UNLOAD, err=NOT_LOADED)),
    Row("-e -u", 1, err="^--unload contradicts --exec",
        peer=differs(CONFLICT, calls=UNLOAD, err=NOT_LOADED)),
    Row("-f -p bzImage", 1, err="^--load-panic contradicts --force",
        peer=skip(KCORE)),
    Row("-p -f bzImage", 1, err="^--load-panic contradicts --force",
        peer=skip(KCORE)),
    Row("-p -e", 1, err="^--load-panic contradicts --exec",
        peer=differs(CONFLICT, err=NOT_LOADED)),
    Row("-p bzImage", 0, LOAD_CRASH, machine="kcore", peer=skip(KCORE)),
    Row("-p -l bzImage --initrd=initrd", 0, LOAD_CRASH, machine="kcore", peer=skip(KCORE)),
    Row("-l -p bzImage --append=x", 0, LOAD_CRASH, machine="kcore", peer=skip(KCORE)),
    Row("-p bzImage --pass-memmap-cmdline", 0, LOAD_CRASH, machine="kcore", peer=skip(KCORE)),
    Row("-l bzImage --pass-memmap-cmdline", 0, LOAD_SYNC,
        err="^warning: --pass-memmap-cmdline has no effect without --load-panic\n$",
        peer=differs(QUIET, err="")),
    Row("-p bzImage --hotplug", 1, err="^Path /sys/kernel/crash_elfcorehdr_size does not exist",
        machine="kcore", peer=skip(KCORE)),
    Row("-p bzImage --hotplug", 0, ("load ON_CRASH 0x4",), machine="hotplug",
        peer=skip(KCORE)),
    Row("-p bzImage", 1, err="^Can't find kernel text map area from kcore", peer=skip(KCORE)),
    Row("-p bzImage", 1, err="^Memory for crashkernel is not reserved",
        machine="no-crash-region", peer=skip(KCORE)),
    Row("-p missing", 1, err="^Memory for crashkernel is not reserved",
        machine="no-crash-region", peer=skip(KCORE)),
    Row("-l bzImage --hotplug", 1, err="^--hotplug goes with --load-panic", peer=skip(KCORE)),
]

# Status 1 means loaded; without -l it is the crash slot that is asked about.
STATUS = [
    Row("-S"),
    Row("--status", 1, machine="crash-loaded"),
    Row("-S", 0, machine="loaded"),
    Row("-S -p", 1, machine="crash-loaded"),
    Row("-p -S", 1, machine="crash-loaded"),
    Row("-S -p", 0, machine="loaded"),
    Row("-S -l", 1, machine="loaded"),
    Row("-Sl", 0, machine="crash-loaded"),
    Row("-l -S", 1, machine="loaded"),
    Row("-S -d", 1, machine="crash-loaded", out=None, err=None),
    Row("-S -d", 0, machine="loaded", out=None, err=None),
    Row("-S -e", 0, machine="loaded"),
    Row("-S -f bzImage", 0),
    Row("-S -u", 0, machine="loaded"),
    Row("-u -S", 0, machine="loaded"),
    Row("-S missing", 1, machine="crash-loaded"),
    Row("-S", 255, machine="no-sysfs", err="^Cannot tell whether a crash kernel is loaded",
        peer=differs("the peer says nothing", err="")),
    Row("-S -l", 255, machine="no-sysfs", err="^Cannot tell whether a kernel is loaded",
        peer=differs("the peer says nothing", err="")),
    Row("-S", 255, machine="bad-sysfs", err="kexec_crash_loaded: ",
        peer=differs("the peer says nothing", err="")),
    Row("-S -l", 1, machine="linux-6.19", peer=differs("the peer does not know where Linux 6.19 "
                                                       "keeps it", status=255)),
    Row("--print-ckr-size", 0, out="^268435456\n$"),
    Row("--print-ckr-size -l missing", 0, out="^268435456\n$"),
    Row("-l missing --print-ckr-size --bogus", 0, out="^268435456\n$"),
    Row("--print-ckr-size", 0, out="^0\n$", machine="no-crash-region"),
    Row("--print-ckr-size", 0, out="^134217728\n$", machine="two-crash-regions"),
    Row("--print-ckr-size", 0, out="^134217728\n$", machine="touching-crash-regions"),
    Row("--print-ckr-size", 255, err="^Could not get memory layout: [^\n]*/proc/iomem",
        machine="broken", peer=differs("the peer prints a size although it knows none", status=0,
                                       out="^0\n$", err="")),
    Row("-v", 0, out=r"^kexec-tools \d+\.\d+\S*( [^\n]*)?\n$"),
    Row("--version --bogus", 0, out=r"^kexec-tools \d+\.\d"),
    Row("-h", 0, out="Usage: kexec"),
    Row("-l missing --help", 0, out="Usage: kexec"),
    Row("--help --bogus", 0, out="Usage: kexec"),
]

# getopt_long(3): permutation, clusters, prefixes.
PARSING = [
    Row("bzImage -l", 0, LOAD_SYNC),
    Row("--append quiet bzImage -l --initrd initrd", 0, LOAD_SYNC),
    Row("-l bzImage --init=initrd", 0, LOAD_SYNC),
    Row("-l bzImage --init initrd", 0, LOAD_SYNC),
    Row("-l bzImage --ram=initrd --app=x", 0, LOAD_SYNC),
    Row("-l bzImage --comm x --reuse-c", 0, LOAD_SYNC),
    Row("-ly bzImage", 0, LOAD),
    Row("-ltbzImage64 bzImage", 0, LOAD_SYNC),
    Row("-lt bzImage64 bzImage", 0, LOAD_SYNC),
    Row("-l -t bzImage64 bzImage", 0, LOAD_SYNC),
    Row("-l --type bzImage64 bzImage", 0, LOAD_SYNC),
    Row("-l --type=bzImage64 bzImage", 0, LOAD_SYNC),
    Row("-l -- bzImage", 0, LOAD_SYNC),
    Row("-l -- -l", 1, err="^Cannot open `-l': No such file"),
    Row("-l bzImage --append='' --command-line=", 0, LOAD_SYNC),
    Row("-l bzImage --append '-l --initrd=x'", 0, LOAD_SYNC),
    Row("-l ''", 1, err="^Cannot open `': No such file"),
    Row("-l -- bzImage --dry-run", 1,
        err="^'--dry-run' after the kernel bzImage is not read as an option\nPlace options before",
        peer=differs(QUIET, status=0, calls=LOAD_SYNC, err="")),
    Row("-l bzImage other -- -d", 1, err="^'-d' after the kernel bzImage",
        peer=differs(QUIET, status=0, calls=LOAD_SYNC, err="")),
    Row("-S --no-such-option", 255, err="unrecognized option[^\0]*Try 'kexec --help'",
        peer=differs(USAGE, status=1, out=USAGE_OUT, err="unrecognized option")),
    Row("--no-such-option -S", 255, err="unrecognized option[^\0]*Try 'kexec --help'",
        peer=differs(USAGE, status=1, out=USAGE_OUT, err="unrecognized option")),
    Row("-S --serial=bad", 255, err="^Bad serial port base 'bad'",
        peer=differs(USAGE, status=0, out=USAGE_OUT)),
    Row("-l bzImage other", 0, LOAD_SYNC, err="^warning: 'other' is ignored",
        peer=differs(QUIET, err="")),
    usage("--bogus", r"unrecognized option '--bogus'"),
    usage("-l bzImage --bogus=1", r"unrecognized option '--bogus=1'"),
    usage("-Z", "invalid option -- 'Z'"),
    usage("'-?'", "invalid option -- '[?]'", peer_err=""),
    usage("--no", "option '--no' is ambiguous"),
    usage("--load=x", "option '--load' doesn't allow an argument"),
    usage("-l bzImage --append", "option '--append' requires an argument"),
    usage("-t", "option requires an argument -- 't'"),
    usage("--bogus --version", "unrecognized option '--bogus'"),
    usage("-e --bogus", "unrecognized option '--bogus'", machine="loaded"),
]

FILES = [
    Row("-l missing", 1, err="^Cannot open `missing': No such file or directory"),
    Row("-l bzImage --initrd=missing", 1, err="Cannot open `missing': No such file or directory"),
    Row("-l text", 255, err="^Cannot determine the file type of text"),
    Row("-l -t bogus bzImage", 255, err="^Unsupported kernel type bogus"),
    Row("-l -t vmlinux bzImage", 255, err="^Unsupported kernel type vmlinux"),
    Row(f"-l -t {VMLINUX} bzImage", 255,
        err=f"^Wrong file type {VMLINUX}, file matches type bzImage64"),
    Row("-l -t bzImage64 vmlinux", 255,
        err=f"^Wrong file type bzImage64, file matches type {VMLINUX}"),
    Row("-l -t bzImage64 text", 255, err="^Cannot determine the file type of text"),
    Row("-l vmlinux --args-linux", 0, LOAD_SYNC),
    Row("-l vmlinux --args-elf", 0, LOAD_SYNC),
    Row("-l vmlinux --initrd=initrd", 0, LOAD_SYNC,
        peer=differs("the peer takes a vmlinux for no Linux unless told --args-linux",
                     status=1, calls=(), err="Ramdisks not supported with generic elf")),
    Row("-l program", 0, LOAD_SYNC),
    Row("-l program --append=x --args-elf", 0, LOAD_SYNC),
    Row("-l program --args-linux --initrd=initrd", 0, LOAD_SYNC),
    Row("-l program --initrd=initrd", 1, err="Ramdisks not supported with generic elf arguments"),
    Row("-l program --args-none", 0, LOAD_SYNC),
    Row("-l bzImage32", 0, LOAD_SYNC),
    Row("-l bzImage --entry-32bit", 0, LOAD_SYNC),
    Row("-l bzImage --real-mode", 0, LOAD_SYNC,
        peer=differs("the peer prints the mode", out="^Starting the kernel in real mode\n$")),
    Row("-l -t bzImage bzImage", 0, LOAD_SYNC),
]

# Only a load looks at the machine.
BROKEN_MACHINE = [
    Row("-l bzImage", 255, err="^Could not get memory layout", machine="broken"),
    Row("-u", 0, UNLOAD, machine="broken"),
    Row("-p -u", 0, UNLOAD_CRASH, machine="broken"),
    Row("-S", machine="broken"),
    Row("-S -l", 1, machine="broken"),
    Row("-e -x", 255, ("sync", "reboot KEXEC"), err=NO_RETURN, machine="broken"),
    Row("-v", out="^kexec-tools ", machine="broken"),
]

CALLS = [
    Row("-c -l bzImage", 0, LOAD_SYNC),
    Row("-a -l bzImage", 0, FILE_LOAD + LOAD_SYNC),
    Row("-s -c -l bzImage", 0, LOAD_SYNC),
    Row("-lsc bzImage", 0, LOAD_SYNC),
    Row("-s -l bzImage", 253, FILE_LOAD, err="^syscall kexec_file_load not available"),
    Row("-c -s -l bzImage", 253, FILE_LOAD, err="^syscall kexec_file_load not available"),
    Row("-s -l bzImage", 0, FILE_LOAD + ("sync",), inject="kexec_file_load:retval=0"),
    Row("-s -l bzImage --initrd=initrd --append=x", 0, ("file_load", "sync"),
        inject="kexec_file_load:retval=0"),
    Row("-s -p bzImage --initrd=initrd", 0, ("file_load ON_CRASH",),
        inject="kexec_file_load:retval=0", peer=skip(KCORE)),
    Row("-s -p bzImage", 1, err="^Memory for crashkernel is not reserved",
        machine="no-crash-region", peer=skip(KCORE)),
    Row("-s -l bzImage", 255, FILE_LOAD, inject="kexec_file_load:error=EKEYREJECTED",
        err="^kexec_file_load failed: Key was rejected by service"),
    Row("-s -l bzImage", 255, FILE_LOAD, inject="kexec_file_load:error=EPERM",
        err="^kexec_file_load failed: Operation not permitted"),
    Row("-s -l bzImage --console-serial", 0, FILE_LOAD + ("sync",),
        err="^warning: --console-serial has no effect", inject="kexec_file_load:retval=0",
        peer=differs("the peer ignores it in silence", err="")),
    Row("-s -u", 0, ("file_load UNLOAD",), inject="kexec_file_load:retval=0"),
    Row("-s -p -u", 0, ("file_load UNLOAD ON_CRASH",), inject="kexec_file_load:retval=0"),
    Row("-s -p -u", 253, ("file_load UNLOAD ON_CRASH",),
        err="^syscall kexec_file_load not available"),
    Row("-s -l vmlinux", 253, err=f"^kexec_file_load does not take {VMLINUX} images",
        peer=skip("its ELF loader fails before the call")),
    Row("-s -a -l bzImage", 0, FILE_LOAD + LOAD_SYNC),
    Row("-s -S", 0),
    Row("-l bzImage", 255, LOAD, inject="kexec_load:error=EPERM", err="^kexec_load failed: "
        r"Operation not permitted[^\0]*\nentry +[=] 0x[0-9a-f]+ flags = 0x3e0000\n"
        r"nr_segments = \d+\nsegment\[0\]\.buf   = 0x[0-9a-f]+\n"
        r"segment\[0\]\.bufsz = 0x[0-9a-f]+\nsegment\[0\]\.mem   = 0x[0-9a-f]+\n"
        r"segment\[0\]\.memsz = 0x[0-9a-f]+\n"),
    Row("-f bzImage", 255, LOAD, inject="kexec_load:error=EBUSY",
        err="^kexec_load failed: Device or resource busy"),
    Row("-d -l bzImage", 0, DEBUG_LOAD_SYNC, out=None, peer=differs(YOUNG_FLAG, calls=LOAD_SYNC),
        err=r"\A(?=[^\0]*^nr_segments = \d+$)"
        r"[^\0]*^kexec_load: entry = 0x[0-9a-f]+ flags = 0x3e00[01]0$"),
    Row("-ld bzImage", 0, DEBUG_LOAD_SYNC, out=None, err="kexec_load: entry = ",
        peer=differs(YOUNG_FLAG, calls=LOAD_SYNC)),
    # A kernel that does not know the flag: debug must not change the outcome.
    Row("-d -l bzImage", 255, DEBUG_LOAD_SYNC[:1] + LOAD, out=None,
        err="^kexec_load failed: Invalid argument", inject="kexec_load:error=EINVAL",
        peer=differs(YOUNG_FLAG, calls=LOAD)),
    Row("-i -l bzImage", 0, LOAD_SYNC),
    Row("--no-checks -l bzImage", 0, LOAD_SYNC),
]

FILE_CALL_WORKS = "kexec_file_load:retval=0"
FELL_BACK = FILE_LOAD + LOAD_SYNC


def falls_back(error):
    """Loads that kexec_file_load cannot do and kexec_load may."""
    return Row("-l bzImage", 0, FELL_BACK, inject=f"kexec_file_load:error={error}")


def refused(error):
    """Nothing that is refused for its signature, or for lack of a right, is tried again."""
    return Row("-l bzImage", 255, FILE_LOAD, inject=f"kexec_file_load:error={error}",
               err=r"^kexec_file_load failed: [^\n]+: [^\n]+\n[^\n]+\n$",
               peer=differs("the peer says the errno alone", err="^kexec_file_load failed: "))


def finds_no_room(error):
    return Row("-l bzImage", 0, FELL_BACK, inject=f"kexec_file_load:error={error}",
               peer=differs("the peer does not try kexec_load", status=255, calls=FILE_LOAD,
                            err="^kexec_file_load failed: "))


def asks_for_kexec_load(option):
    return Row(f"-l bzImage {option}", 0, LOAD_SYNC, inject=FILE_CALL_WORKS,
               peer=differs("the peer ignores the option", calls=FILE_LOAD + ("sync",)))


BOTH = (r"^warning: tried first: kexec_file_load failed: Invalid argument[^\0]*"
        r"^kexec_load failed: Operation not permitted")

# Neither -a, -c nor -s; Debian's kexec-tools, whose default is -c, runs them with -a.
DEFAULT_CALL = [
    Row("-l bzImage", 0, FILE_LOAD + ("sync",), inject=FILE_CALL_WORKS),
    Row("-l bzImage --initrd=initrd --append=x", 0, ("file_load", "sync"),
        inject=FILE_CALL_WORKS),
    Row("-p bzImage --initrd=initrd", 0, ("file_load ON_CRASH",), inject=FILE_CALL_WORKS,
        peer=skip(KCORE)),
    Row("-p -d bzImage --initrd=initrd", 0, ("file_load ON_CRASH 0x8",), out=None, err=None,
        inject=FILE_CALL_WORKS, peer=skip(KCORE)),
    Row("-f bzImage", 255, FILE_LOAD + EXEC, err=NO_RETURN, machine="loaded",
        inject=FILE_CALL_WORKS),
    Row("-l bzImage --no-cma", 0, ("file_load NO_INITRAMFS 0x10", "sync"), inject=FILE_CALL_WORKS,
        peer=skip(OURS)),
    Row("-l bzImage --force-dtb", 0, ("file_load NO_INITRAMFS 0x20", "sync"),
        inject=FILE_CALL_WORKS, peer=skip(OURS)),
    Row("-c -l bzImage --no-cma", 0, LOAD_SYNC, err="^warning: --no-cma has no effect",
        peer=skip(OURS)),
    Row("-l bzImage --no-cma", 0,
        ("file_load NO_INITRAMFS 0x10", "file_load NO_INITRAMFS") + LOAD_SYNC,
        inject="kexec_file_load:error=EINVAL", err="^warning: --no-cma has no effect with kexec_load",
        peer=skip(OURS)),
    # A UKI brings its initrd along.
    Row("-l uki", 0, ("file_load", "sync"), inject=FILE_CALL_WORKS, peer=skip(YOUNG_FORMAT)),
    Row("-l -t uki uki", 0, ("file_load", "sync"), inject=FILE_CALL_WORKS,
        peer=skip(YOUNG_FORMAT)),
    Row("-l uki", 0, ("file_load",) + LOAD_SYNC, inject="kexec_file_load:error=ENOEXEC",
        peer=skip(YOUNG_FORMAT)),
    Row("-c -l uki", 0, LOAD_SYNC, peer=skip(YOUNG_FORMAT)),
    Row("-t uki -l bzImage", 255, err="^Wrong file type uki, file matches type bzImage64",
        peer=skip(YOUNG_FORMAT)),
    *map(falls_back, ("ENOSYS", "EINVAL", "ENOEXEC", "EOPNOTSUPP")),
    *map(refused, ("EPERM", "EACCES", "EKEYREJECTED", "ENOKEY", "ENODATA", "ENOPKG", "EBADMSG",
                   "EMSGSIZE", "ELIBBAD", "EBUSY", "ETXTBSY", "EFBIG", "EIO", "EBADF")),
    *map(finds_no_room, ("ENOMEM", "EADDRNOTAVAIL")),
    Row("-l bzImage", 255, FILE_LOAD + LOAD, err=BOTH,
        inject="kexec_file_load:error=EINVAL kexec_load:error=EPERM",
        peer=differs("the peer names the last failure alone",
                     err="^kexec_load failed: Operation not permitted")),
    # Options and images that the file call does not serve.
    *map(asks_for_kexec_load, ("-i", "--mem-min=0x1000000", "--mem-max=0x7fffffff",
                               "--console-serial", "--console-vga",
                               "--reset-vga", "--noefi", "--serial=ttyS1", "--serial-baud=9600",
                               "--reuse-video-type")),
    Row("-l bzImage --purgatory=rel", 0, LOAD_SYNC, inject=FILE_CALL_WORKS, peer=skip(OURS)),
    Row("-l bzImage --on-corrupt=reboot", 0, LOAD_SYNC, inject=FILE_CALL_WORKS, peer=skip(OURS)),
    Row("-p bzImage --pass-memmap-cmdline", 0, LOAD_CRASH, machine="kcore",
        inject=FILE_CALL_WORKS, peer=skip(KCORE)),
    Row("-l vmlinux --args-linux", 0, LOAD_SYNC, inject=FILE_CALL_WORKS,
        peer=skip("its ELF loader fails before the call")),
    Row("-l bzImage --append=" + "x" * 2030, 0, LOAD_SYNC, inject=FILE_CALL_WORKS,
        peer=skip("the peer leaves the length to the kernel")),
    # Nor may one of kexec_load's own options cost the crash kernel that is loaded.
    Row("-p bzImage --entry=0x1000", 1, machine="kcore", inject=FILE_CALL_WORKS,
        err="^the entry point 0x1000 is outside of the crash kernel's reservation",
        peer=skip(KCORE)),
    *(Row(f"-p {call} bzImage --initrd=huge", 1, machine="kcore", inject=FILE_CALL_WORKS,
          err="^the kernel .* and the initrd .* are larger than the reservation",
          peer=skip("the peer leaves it to the kernel, which drops the old image first"))
      for call in ("-s", "-a")),
    # The kernel follows hotplug by itself there.
    Row("-p bzImage --hotplug", 0, ("file_load ON_CRASH NO_INITRAMFS",), machine="hotplug",
        inject=FILE_CALL_WORKS, peer=skip(KCORE)),
    Row("-p bzImage --hotplug", 1, err="^Path /sys/kernel/crash_elfcorehdr_size does not exist",
        machine="kcore", inject=FILE_CALL_WORKS, peer=skip(KCORE)),
    *(Row(f"--dry-run -l {arguments}", 0, out=f"^system call   {method}", err=None, peer=skip(OURS))
      for arguments, method in (
          ("bzImage", "kexec_file_load: the first choice; kexec_load follows"),
          ("bzImage -s", "kexec_file_load: asked for"), ("bzImage -c", "kexec_load: asked for"),
          ("bzImage -i", "kexec_load: --no-checks asks for it"),
          ("vmlinux", "kexec_load: kexec_file_load does not take images of this type"),
          ("bzImage --append=" + "x" * 2030, r"kexec_load: kexec_file_load cannot \(The command"))),
    Row("--dry-run -s -l vmlinux", 253, err="^kexec_file_load does not take", peer=skip(OURS)),
    # A locked-down kernel refuses kexec_load, so an option cannot ask for it.
    Row("-l bzImage", 0, FILE_LOAD + ("sync",), machine="locked-down", inject=FILE_CALL_WORKS),
    Row("-l bzImage -i", 0, FILE_LOAD + ("sync",), machine="locked-down", inject=FILE_CALL_WORKS,
        err="^warning: --no-checks has no effect with kexec_file_load", peer=differs(QUIET, err="")),
    Row("-l bzImage", 255, FILE_LOAD, machine="locked-down",
        inject="kexec_file_load:error=EKEYREJECTED",
        err=r"^kexec_file_load failed: Key was rejected by service"),
    Row("-u", 0, ("file_load UNLOAD",), inject=FILE_CALL_WORKS),
    Row("-p -u", 0, ("file_load UNLOAD ON_CRASH",), inject=FILE_CALL_WORKS),
    Row("-u", 0, ("file_load UNLOAD",) + UNLOAD),
    Row("-p -u", 0, ("file_load UNLOAD ON_CRASH",) + UNLOAD_CRASH),
    Row("-u", 255, ("file_load UNLOAD",), inject="kexec_file_load:error=EPERM",
        err=r"^kexec_file_load\(unload\) failed: Operation not permitted"),
]

# With -e, -u, -S a loader's option is a mistake; those of the machine are let pass.
WITHOUT_LOAD = [
    *(usage(f"{action} {option}", r"^--[a-z0-9-]+ means nothing here", peer_err="",
            machine="loaded")
      for action, option in (
          ("-e", "--append=x"), ("-e", "--noefi"), ("-u", "--append=foo"),
          ("-u", "--initrd=initrd"), ("-e", "--reuse-cmdline"), ("-u", "--command-line=x"),
          ("-u", "--ramdisk=initrd"), ("-u", "--reuse-video-type"), ("-u", "--args-linux"),
          ("-e", "--args-elf"))),
    *(Row(f"-S {option}", 255, err=r"^--[a-z0-9-]+ means nothing here", machine="loaded",
          peer=differs(USAGE, status=1, out=USAGE_OUT, err=""))
      for option in ("--append=x", "--args-elf")),
    Row("-u --reset-vga --serial=ttyS1 --serial-baud=9600 --console-vga --console-serial", 0,
        UNLOAD),
    Row("-e --console-serial", 255, EXEC, err=NO_RETURN, machine="loaded"),
    Row("-S --elf64-core-headers --elf32-core-headers", 1, machine="crash-loaded"),
    Row("-u --serial=bad", 1, err="^Bad serial port base 'bad'",
        peer=differs("the peer prints its help and unloads all the same", status=0,
                     calls=UNLOAD, out=USAGE_OUT)),
    Row("-u --serial-baud=7", 1, err="^Bad serial port baud rate '7'",
        peer=differs("the peer prints its help and unloads all the same", status=0,
                     calls=UNLOAD, out=USAGE_OUT)),
]


def address(option, value, peer):
    return Row(f"-l bzImage --{option}={value}", 1,
               err=f"^Bad value for --{option} '[^\0]*" + HINT, peer=peer)


LENIENT = differs(STRICT, status=0, calls=LOAD_SYNC, err="")
NUMBERS = [
    Row("-l bzImage --mem-min=0x1000000 --mem-max=0x3fffffff", 0, LOAD_SYNC),
    Row("-l bzImage --mem-min=16777216", 0, LOAD_SYNC),
    Row("-l bzImage --mem-min 0100000000", 0, LOAD_SYNC),
    Row("-l bzImage --mem-max=0xFFFFFFFFFFFFFFFF", 0, LOAD_SYNC),
    Row("-l bzImage --mem-max=0X3FFFFFFF", 0, LOAD_SYNC),
    Row("-l bzImage --mem-min=0 --entry=0", 0, LOAD_SYNC),
    Row("-l bzImage --mem-max=0xfffff", 1, err="^Could not find a free area of memory of 0x"),
    Row("-l bzImage --mem-min=0x2000 --mem-max=0x1000", 1, err="^--mem-min 0x2000 is above"
        "[^\0]*" + HINT, peer=differs("the peer fails later", err="locate_hole failed")),
    *(address(option, value, differs(USAGE, out=USAGE_OUT, err=None))
      for option in ("mem-min", "mem-max", "entry")
      for value in ("0x1000x", "16M", "abc", "0x", "08", "'1 '")),
    address("mem-min", "", LENIENT),
    address("mem-min", "' 1'", LENIENT),
    address("mem-min", "+1", LENIENT),
    address("entry", "", LENIENT),
    address("entry", "-1", LENIENT),
    address("mem-max", "-1", LENIENT),
    address("mem-max", "0x1ffffffffffffffff", LENIENT),
    address("mem-max", "99999999999999999999", LENIENT),
]

SERIAL = [
    *(Row(f"-l bzImage --console-serial --serial={port}", 0, LOAD_SYNC)
      for port in ("ttyS0", "ttyS1", "0x3f8", "0xFFFF", "0x0")),
    *(Row(f"-l bzImage --serial-baud={baud}", 0, LOAD_SYNC)
      for baud in (9600, 14400, 19200, 38400, 57600, 115200, "0x2580", "022600")),
    *(Row(f"-l bzImage --serial={port}", 1, err="^Bad serial port base '[^\n]*'[^\0]*" + HINT,
          peer=differs(USAGE, status=255, out=USAGE_OUT, err="^Bad serial port base '"))
      for port in ("ttyS2", "ttyS", "3f8", "0x10000", "0x3f8x", "''", "ttyS0x")),
    Row("-l bzImage --serial=0x", 1, err="^Bad serial port base '0x'[^\0]*" + HINT,
        peer=LENIENT),
    *(Row(f"-l bzImage --serial-baud={baud}", 1,
          err="^Bad serial port baud rate '[^\n]*'[^\0]*" + HINT,
          peer=differs(USAGE, status=255, out=USAGE_OUT, err="^Bad serial port baud rate '"))
      for baud in (9599, 115201, 230400, 100000, -9600, "9600x", 4800)),
    *(Row(f"-l bzImage --serial-baud={baud}", 1,
          err="^Bad serial port baud rate '[^\n]*'[^\0]*" + HINT,
          peer=differs("the peer divides by zero", status=136, err=""))
      for baud in (0, "abc", "''")),
]

# Outside of Xen.
LIVE_UPDATES = [
    Row("--load-live-update bzImage", 1,
        err=r"\A--load-live-update can only be used with xen\n\Z", peer=skip(XEN)),
    Row("--exec-live-update", 1, err=r"\A--exec-live-update only works under xen\.\n\Z",
        peer=skip(XEN)),
    *(Row(f"--load-live-update {other} bzImage", 1,
          err=f"^--load-live-update contradicts {full}\n", peer=skip(CONFLICT))
      for other, full in (("-p", "--load-panic"), ("-f", "--force"),
                          ("-e", "--exec"), ("--exec-live-update", "--exec-live-update"))),
    Row("--exec-live-update -l", 1, err="^--exec-live-update contradicts --load\n",
        peer=skip(CONFLICT)),
]

PRESERVE = "--load-preserve-context --mem-max=0x10000000"
BACK = "--load-jump-back-helper"
LOADED_PRESERVE = ("load PRESERVE_CONTEXT",)
JUMPS = [Row(args, status, calls, err=err, machine=machine, peer=skip(KCORE))
         for args, status, calls, err, machine in (
    (f"{PRESERVE} bzImage", 0, LOADED_PRESERVE + ("sync",), "", "plain"),
    (f"{PRESERVE} -c -l -y bzImage", 0, LOADED_PRESERVE, "", "plain"),
    ("--load-preserve-context bzImage", 1, (),
     "^Please specify memory range used by kexeced kernel\n--mem-max=[^\n]+\n$", "plain"),
    (f"{PRESERVE} -s bzImage", 1, (),
     "^--load-preserve-context not supported with kexec_file_load", "plain"),
    (f"{PRESERVE} -p bzImage", 1, (), "^--load-panic contradicts --load-preserve-context", "kcore"),
    (f"-p {PRESERVE} bzImage", 1, (), "^--load-panic contradicts --load-preserve-context", "kcore"),
    (f"{PRESERVE} -u", 1, (), "^--unload contradicts --load", "plain"),
    (f"{PRESERVE} --hotplug bzImage", 1, (), "^--hotplug goes with --load-panic", "plain"),
    (f"{PRESERVE} --real-mode bzImage", 1, (),
     "^--load-preserve-context contradicts --real-mode", "plain"),
    (f"{PRESERVE} --mem-min=0x10000000 bzImage", 1, (), "^Could not find a free area", "plain"),
    (f"{PRESERVE} missing", 1, (), "missing", "plain"),
    (f"{PRESERVE} -S", 1, (), "", "loaded"),
    (f"{BACK} --entry=0x3ff00123", 0, LOADED_PRESERVE, "", "plain"),
    (f"{BACK} -c --entry=0x3ff00123", 0, LOADED_PRESERVE, "", "plain"),
    (BACK, 255, (),
     "^Please specify jump back entry in command line\n--entry=[^\n]+\n$", "plain"),
    (f"{BACK} --entry=0", 255, (), "^Please specify jump back entry", "plain"),
    (f"{BACK} --entry=0x800000000000", 1, (), "^--entry: 0x800000000000 is no address", "plain"),
    (f"{BACK} --entry=0x3ff00123 -s", 1, (),
     "^--load-jump-back-helper not supported with kexec_file_load", "plain"),
    (f"{BACK} --entry=0x3ff00123 bzImage", 1, (), "loads no kernel, but bzImage is given", "plain"),
    *((f"{BACK} --entry=0x3ff00123 {action}", 1, (),
       f"^--load-jump-back-helper contradicts {name}", "plain")
      for action, name in (("-l", "--load"), ("-p", "--load-panic"), ("-f", "--force"),
                           ("-e", "--exec"), ("-u", "--unload"),
                           (PRESERVE, "--load-preserve-context"))),
    (f"{BACK} --entry=0x3ff00123 --append=x", 1, (), "^--append means nothing here", "plain"),
    (f"{BACK} --entry=0x3ff00123 --dry-run", 1, (), "^--dry-run goes with a kernel", "plain"),
    (f"{BACK} --entry=0x3ff00123", 255, (),
     "^There is kexec kernel loaded, make sure you are in kexeced kernel", "loaded"),
    (f"{BACK} --entry=0x3ff00123", 255, (),
     "^There is kexec kernel loaded, make sure you are in kexeced kernel", "no-sysfs"),
    (f"{BACK} -S", 0, (), "", "plain"),
)]

# Options that the peer does not have.
OURS_ONLY = [
    *(usage(f"-l bzImage {option}", f"^{name} is an option for [a-z0-9 ]+, this machine is {ARCH}",
            peer_err="unrecognized option")
      for option, name in (("--atags", "--atags"), ("--image-size=4096", "--image-size"),
                           ("--page-offset=0xc0000000", "--page-offset"))),
    Row("-l --reuseinitrd bzImage", 1, err="^--reuseinitrd is an option for [a-z0-9 ]+, ",
        peer=skip(OURS)),
    Row("-l bzImage --dtb=text", 255, err="^text: not a device tree", peer=skip(QUIET)),
    *(Row(args, status, calls, out, err, peer=skip(OURS)) for args, status, calls, out, err in (
        ("--dry-run bzImage", 0, (), "bzImage64", ""),
        ("--dry-run -l bzImage --json", 0, (), r"^\{\n", ""),
        ("--dry-run -f bzImage", 0, (), "bzImage64", ""),
        ("--dry-run -e", 1, (), "", "^--dry-run goes with a kernel"),
        ("--dry-run -u", 1, (), "", "^--dry-run goes with a kernel"),
        ("--json -l bzImage", 1, (), "", "^--json goes with"),
        ("--sysroot=/nowhere -l bzImage", 1, (), "", "^--sysroot goes with --dry-run"),
        ("--sysroot=/nowhere -u", 1, (), "", "^--sysroot goes with --dry-run"),
        ("--sysroot=/nowhere -e", 1, (), "", "^--sysroot goes with --dry-run"),
        (f"--arch={ARCH} -l bzImage", 1, (), "", "^--arch goes with --dry-run"),
        (f"--dry-run --arch={ARCH} bzImage", 0, (), "bzImage64", ""),
        ("--dry-run --arch=pdp11 bzImage", 1, (), "", "^--arch: 'pdp11' is not compiled in"),
        ("--dry-run --sysroot=/nowhere bzImage", 255, (), "", "^Could not get memory layout"),
        ("--purgatory=rel -l bzImage", 0, LOAD_SYNC, "", ""),
        ("--purgatory=pie -l bzImage", 0, LOAD_SYNC, "", ""),
        ("--purgatory=missing -l bzImage", 1, (), "", "missing"),
        ("--purgatory=text -l bzImage", 1, (), "", "text"),
        ("--on-corrupt=reboot -l bzImage", 0, LOAD_SYNC, "", ""),
        ("--on-corrupt=dance -l bzImage", 1, (), "", "^Bad value for --on-corrupt 'dance'"),
        ("-l bzImage --initrd=initrd --initrd=text", 0, LOAD_SYNC, "", ""),
        ("-S --json", 0, (), r'"crash": \{\s+"loaded": false', ""))),
    Row("-S --json", 1, out=r'"crash": \{\s+"loaded": true', machine="crash-loaded",
        peer=skip(OURS)),
]

SECTIONS = {
    "no action": NO_ACTION, "actions": ACTIONS, "combined actions": COMBINED,
    "status and printing": STATUS, "parsing": PARSING, "files and types": FILES,
    "broken machine": BROKEN_MACHINE,
    "system calls": CALLS, "default call": DEFAULT_CALL, "options without a load": WITHOUT_LOAD, "numbers": NUMBERS,
    "serial port": SERIAL, "live updates": LIVE_UPDATES, "jumps": JUMPS, "ours only": OURS_ONLY,
}

MACHINES = {
    "plain": {},
    "loaded": {"sys/kernel/kexec_loaded": "1\n"},
    "crash-loaded": {"sys/kernel/kexec_crash_loaded": "1\n"},
    "no-sysfs": {"sys/kernel/kexec_loaded": None, "sys/kernel/kexec_crash_loaded": None},
    "bad-sysfs": {"sys/kernel/kexec_crash_loaded": "yes\n"},
    "linux-6.19": {"sys/kernel/kexec_loaded": None, "sys/kernel/kexec_crash_loaded": None,
                   "sys/kernel/kexec/loaded": "1\n", "sys/kernel/kexec/crash_loaded": "0\n"},
    "locked-down": {"sys/kernel/security/lockdown": "none [integrity] confidentiality\n"},
    "kcore": {"proc/kcore": KCORE_HEADER},
    "hotplug": {"proc/kcore": KCORE_HEADER, "sys/kernel/crash_elfcorehdr_size": "917616\n"},
    "no-crash-region": {"proc/iomem": "00100000-7ffdffff : System RAM\n"},
    # No kernel can be loaded here; every other action must work.
    "broken": {"proc/iomem": "nonsense\n", "sys/firmware/memmap": None, "proc/cmdline": None,
               "proc/cpuinfo": None, "sys/kernel/boot_params": None,
               "sys/kernel/kexec_loaded": "1\n"},
    "two-crash-regions": {"proc/iomem": "00100000-7ffdffff : System RAM\n"
                          "  10000000-1fffffff : Crash kernel\n"
                          "  70000000-77ffffff : Crash kernel\n"},
    "touching-crash-regions": {"proc/iomem": "00100000-7ffdffff : System RAM\n"
                               "  60000000-6fffffff : Crash kernel\n"
                               "  70000000-77ffffff : Crash kernel\n"},
}
