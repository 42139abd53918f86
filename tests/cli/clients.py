# SPDX-License-Identifier: GPL-2.0-or-later
"""The command lines of programs that call kexec, word by word, and the system calls that
must come of them: which files are passed, which command line, which flags.  Debian's
kexec-tools runs them as well."""

import dataclasses
import json
import re
import shlex

import harness
import images
from contract import MACHINES
from harness import Cage, example
from table import differs, KCORE, Peer, skip

NO_REBOOT = r"^kexec failed: Invalid argument"
RUNNING = "BOOT_IMAGE=/vmlinuz-6.1.0 root=/dev/vda1 ro quiet"    # /proc/cmdline
REUSED = "root=/dev/vda1 ro quiet"
DUMP = ("root=/dev/vda1 ro irqpoll nr_cpus=1 reset_devices cgroup_disable=memory mce=off "
        "numa=off udev.children-max=2 panic=10 acpi_no_memhotplug novmcoredd")
DEBIAN_DUMP = ("root=/dev/vda1 ro quiet reset_devices systemd.unit=kdump-tools-dump.service "
               "nr_cpus=1 irqpoll usbcore.nousb")
SUSE_DUMP = (" root=/dev/vda1 sysrq=yes reset_devices irqpoll nr_cpus=1 root=kdump "
             "rootflags=bind rd.udev.children-max=8 disable_cpu_apicid=0   panic=1")

FILE_CALL = "kexec_file_load:retval=0"


def file_load(cmdline, flags="", kernel="vmlinuz", initrd="initrd"):
    """The files themselves, and no copies in memory: IMA looks at their attributes."""
    flags = " ".join(filter(None, (flags, "" if initrd else "NO_INITRAMFS")))
    return f"file_load {kernel} {initrd or '-1'} {cmdline!r} {flags}".rstrip()


def load(segments, cmdline, flags=""):
    """The number of segments and the command line in them are looked at in ours only."""
    return f"load {segments} segments {cmdline.strip()!r} {flags}".rstrip()


@dataclasses.dataclass
class Client:
    """err: a regular expression, "" for an empty stderr, None for any."""
    args: str
    calls: tuple
    status: int = 0
    err: str = ""
    inject: str = FILE_CALL
    machine: str = "dump"
    peer: Peer = None


def both(args, calls, fallback, **more):
    """A default call: where there is kexec_file_load, and where there is none."""
    tried = tuple(call for call in calls if call.startswith("file_"))
    return [Client(args, calls, **more),
            Client(args, tried + fallback, inject="", **more)]


EXEC = ("sync", "ifdown", "reboot KEXEC")
FILE_UNLOAD = "file_unload"
CRASH_FILE_UNLOAD = "file_unload ON_CRASH"

FEDORA = [
    # kdumpctl start: $KEXEC $KEXEC_ARGS -d -p --command-line="..." --initrd=... KERNEL
    Client(f"-s -d -p '--command-line={DUMP}' --initrd=initrd vmlinuz",
           (file_load(DUMP, "ON_CRASH 0x8"),), err=None,
           peer=differs("the peer does not ask the kernel for debug output",
                        calls=(file_load(DUMP, "ON_CRASH"),))),
    Client(f"-s -p '--command-line={DUMP}' --initrd=initrd vmlinuz",
           (file_load(DUMP, "ON_CRASH"),)),
    # early-kdump in the initramfs, KEXEC_ARGS of an older /etc/sysconfig/kdump
    Client(f"-p '--command-line={DUMP}' --initrd=initrd vmlinuz",
           (file_load(DUMP, "ON_CRASH"),)),
    Client(f"-c -p '--command-line={DUMP}' --initrd=initrd vmlinuz", (load(6, DUMP, "ON_CRASH"),), peer=skip(KCORE)),
    Client(f"--elf64-core-headers -c -p '--command-line={DUMP}' --initrd=initrd vmlinuz",
           (load(6, DUMP, "ON_CRASH"),), peer=skip(KCORE)),
    Client(f"--elf32-core-headers -s -p '--command-line={DUMP}' --initrd=initrd vmlinuz",
           (file_load(DUMP, "ON_CRASH"),)),
    # kdumpctl stop
    Client("-s -p -u", (CRASH_FILE_UNLOAD,), machine="crash-loaded"),
    *both("-p -u", (CRASH_FILE_UNLOAD,), ("unload ON_CRASH",), machine="crash-loaded"),
    # An unsigned kernel under Secure Boot: kdumpctl wants a failure, not another call.
    Client(f"-s -p '--command-line={DUMP}' --initrd=initrd vmlinuz",
           (file_load(DUMP, "ON_CRASH"),), 255, r"^kexec_file_load failed: Operation not permitted",
           inject="kexec_file_load:error=EPERM"),
]

DEBIAN = [
    # kdump-config load, and with Secure Boot
    *both(f"-p --command-line='{DEBIAN_DUMP}' --initrd=initrd vmlinuz",
          (file_load(DEBIAN_DUMP, "ON_CRASH"),), (load(6, DEBIAN_DUMP, "ON_CRASH"),), peer=skip(KCORE)),
    Client(f"-p -s --command-line='{DEBIAN_DUMP}' --initrd=initrd vmlinuz",
           (file_load(DEBIAN_DUMP, "ON_CRASH"),)),
    # kdump-config load with an ELF kernel
    Client(f"-p --args-linux --command-line='{DEBIAN_DUMP}' --initrd=initrd vmlinux",
           (load(6, DEBIAN_DUMP, "ON_CRASH"),), peer=skip(KCORE)),
    # kdump-config unload
    Client("-s -p -u", (CRASH_FILE_UNLOAD,), machine="crash-loaded"),
    Client("-p -u", (CRASH_FILE_UNLOAD,), machine="crash-loaded"),
    # The kexec-load and kexec init scripts
    *both("-l vmlinuz --initrd=initrd --append='root=/dev/vda1 ro quiet'",
          (file_load("root=/dev/vda1 ro quiet"), "sync"),
          (load(4, "root=/dev/vda1 ro quiet"), "sync")),
    Client("-e", EXEC, 255, NO_REBOOT, machine="loaded"),
]

SUSE = [
    # load.sh: options after the kernel, -a last
    *both(f"-p vmlinuz --append='{SUSE_DUMP}' --initrd=initrd  -a",
          (file_load(SUSE_DUMP, "ON_CRASH"),), (load(6, SUSE_DUMP, "ON_CRASH"),), peer=skip(KCORE)),
    # ... with KEXEC_OPTIONS of a machine whose EFI does not work
    Client(f"-p vmlinuz --append='{SUSE_DUMP}' --initrd=initrd --noefi -a",
           (load(6, SUSE_DUMP, "ON_CRASH"),), peer=skip(KCORE)),
    # Its exit status is the service's, in which 5 and 6 are no failures.
    Client(f"-p missing --append='{SUSE_DUMP}' --initrd=initrd -a", (), 1,
           "^Cannot open `missing'",
           peer=differs("the peer ends otherwise with -s and -a than with -c", status=255,
                        err="^Failed to open file missing")),
    Client(f"-p vmlinuz --append='{SUSE_DUMP}' --initrd=initrd -a",
           (file_load(SUSE_DUMP, "ON_CRASH"),), 255,
           "^kexec_file_load failed: Key was rejected by service",
           inject="kexec_file_load:error=EKEYREJECTED"),
    Client(f"-p vmlinuz --append='{SUSE_DUMP}' --initrd=initrd -a",
           (file_load(SUSE_DUMP, "ON_CRASH"),), 255,
           "^kexec_file_load failed: Operation not permitted", machine="locked-down",
           inject="kexec_file_load:error=EPERM"),
    # unload.sh
    *both("-a -p -u", (CRASH_FILE_UNLOAD,), ("unload ON_CRASH",), machine="crash-loaded"),
    # kexec-bootloader
    Client("-l vmlinuz --append=root=/dev/vda1 --initrd=initrd",
           (file_load("root=/dev/vda1"), "sync")),
]

SYSTEMD = [
    # systemctl kexec: the values are arguments of their own
    *both("--load vmlinuz --append 'root=UUID=0815 rw quiet' --initrd initrd",
          (file_load("root=UUID=0815 rw quiet"), "sync"),
          (load(4, "root=UUID=0815 rw quiet"), "sync")),
    Client("--load vmlinuz --append 'root=UUID=0815 rw quiet'",
           (file_load("root=UUID=0815 rw quiet", initrd=None), "sync")),
]

NIXOS = [
    # prepare-kexec.service
    Client("--load vmlinuz --initrd=initrd --append='loglevel=4 init=/nix/store/x-nixos/init'",
           (file_load("loglevel=4 init=/nix/store/x-nixos/init"), "sync")),
    # boot.crashDump
    Client("-p vmlinuz --initrd=initrd --reset-vga --console-vga "
           "--command-line='init=/nix/store/x-nixos/init irqpoll maxcpus=1 reset_devices 1'",
           (load(6, "init=/nix/store/x-nixos/init irqpoll maxcpus=1 reset_devices 1",
                 "ON_CRASH"),), peer=skip(KCORE)),
    # kexec-boot of the netboot image
    Client("--load --initrd=initrd --command-line='init=/nix/store/x-nixos/init' -- vmlinuz",
           (file_load("init=/nix/store/x-nixos/init"), "sync")),
    # Installers that bring their own kexec
    Client("--kexec-syscall-auto --load ./vmlinuz --initrd=./initrd --append 'init=/bin/init'",
           (file_load("init=/bin/init", kernel="./vmlinuz", initrd="./initrd"), "sync")),
    Client("--force --no-ifdown -e", ("sync", "reboot KEXEC"), 255, NO_REBOOT, machine="loaded"),
    Client("--force --exec", EXEC, 255, NO_REBOOT, machine="loaded"),
]

PETITBOOT = [
    Client("-l --initrd=initrd '--append=root=/dev/sda2 ro' vmlinuz",
           (file_load("root=/dev/sda2 ro"), "sync")),
    # No command line: it quotes for a shell that is not there.
    Client("-l '--append=\"\"' vmlinuz", (file_load('""', initrd=None), "sync")),
    # Its second try, which is the bare form; where that cannot reboot it goes on itself.
    Client("-s --initrd=initrd '--append=root=/dev/sda2 ro' vmlinuz",
           (file_load("root=/dev/sda2 ro"), "exec /sbin/shutdown", "exec /etc/shutdown",
            "exec /bin/shutdown"), 255, "^shutdown: No such file", machine="loaded"),
    Client("-e", EXEC, 255, NO_REBOOT, machine="loaded"),
    # Its last try: "now".
    Client("-e -f", EXEC, 255, NO_REBOOT, machine="loaded",
           peer=differs("the peer wants a kernel to load", calls=(),
                        err="^No kernel specified")),
]

KERNEL_TESTS = [
    # LTP ima_kexec.sh hashes this text and looks for it in the measurements.
    Client("-s -l vmlinuz --reuse-cmdline", (file_load(REUSED, initrd=None), "sync")),
    Client("-s -l vmlinuz --append=foo", (file_load("foo", initrd=None), "sync")),
    Client("-s -l vmlinuz --command-line=bar", (file_load("bar", initrd=None), "sync")),
    Client("-su", (FILE_UNLOAD,), machine="loaded"),
    # selftests/kexec/test_kexec_load.sh
    *both("--load vmlinuz", (file_load("", initrd=None), "sync"), (load(3, ""), "sync")),
    *both("--unload", (FILE_UNLOAD,), ("unload",), machine="loaded"),
    # selftests/kexec/test_kexec_file_load.sh, which looks for the errno's text
    Client("--load --kexec-file-syscall vmlinuz", (file_load("", initrd=None), "sync")),
    Client("--load --kexec-file-syscall vmlinuz", (file_load("", initrd=None),), 255,
           "Required key not available", inject="kexec_file_load:error=ENOKEY"),
    Client("--unload --kexec-file-syscall", (FILE_UNLOAD,), machine="loaded"),
    # selftests/liveupdate/do_kexec.sh
    Client("-l -s --reuse-cmdline vmlinuz --initrd=initrd", (file_load(REUSED), "sync")),
    # syzkaller
    Client("-p vmlinuz --append='earlyprintk=serial net.ifnames=0 root=/dev/sda console=ttyS0'",
           (file_load("earlyprintk=serial net.ifnames=0 root=/dev/sda console=ttyS0", "ON_CRASH",
                      initrd=None),)),
]

DOCUMENTS = [
    # Kernel: admin-guide/kdump/kdump.rst
    Client("-p vmlinuz --initrd=initrd --append='root=/dev/sda1 1 irqpoll nr_cpus=1 "
           "reset_devices'", (file_load("root=/dev/sda1 1 irqpoll nr_cpus=1 reset_devices",
                                        "ON_CRASH"),)),
    Client("-p vmlinux --initrd=initrd --args-linux --append='root=/dev/sda1 1 irqpoll nr_cpus=1 "
           "reset_devices'", (load(6, "root=/dev/sda1 1 irqpoll nr_cpus=1 reset_devices",
                                   "ON_CRASH"),), peer=skip(KCORE)),
    # Arch Linux, tldr
    *both("-l vmlinuz --initrd=initrd --reuse-cmdline", (file_load(REUSED), "sync"),
          (load(4, REUSED), "sync")),
    Client("-l -t bzImage vmlinuz --initrd=initrd --reuse-cmdline --append=single",
           (file_load(REUSED + " single"), "sync")),
    # Void Linux
    Client("--load-panic vmlinuz --initrd=initrd --reuse-cmdline --append='irqpoll nr_cpus=1'",
           (file_load(REUSED + " irqpoll nr_cpus=1", "ON_CRASH"),)),
    # EVE
    Client("-p --reuse-cmdline --command-line='irqpoll nr_cpus=1 reset_devices' vmlinuz",
           (file_load(REUSED + " irqpoll nr_cpus=1 reset_devices", "ON_CRASH", initrd=None),)),
    # Embedded boards: --command-line="$(cat /proc/cmdline)"
    Client(f"-l vmlinuz --command-line='{RUNNING}'",
           (file_load(RUNNING, initrd=None), "sync")),
    Client(f"--append='{RUNNING}' --force vmlinuz",
           (file_load(RUNNING, initrd=None),) + EXEC, 255, NO_REBOOT, machine="loaded"),
    Client(f"--append='{RUNNING}' -f vmlinuz --kexec-file-syscall",
           (file_load(RUNNING, initrd=None),) + EXEC, 255, NO_REBOOT, machine="loaded"),
    Client("--force --reset-vga --initrd=initrd --command-line=x vmlinuz",
           (load(4, "x"),) + EXEC, 255, NO_REBOOT, machine="loaded",
           peer=differs("the peer ignores --reset-vga", calls=(file_load("x"),) + EXEC)),
    Client("-u", (FILE_UNLOAD,)),
]

CLIENTS = {"Fedora": FEDORA, "Debian": DEBIAN, "SUSE": SUSE, "systemd": SYSTEMD, "NixOS": NIXOS,
           "petitboot": PETITBOOT, "tests of the kernel": KERNEL_TESTS, "documents": DOCUMENTS}


def file_call_text(line, call, names):
    """One call of kexec_file_load as file_load() above writes it, or an unload."""
    kernel, initrd, size, text = re.match(
        r"\d+\s+kexec_file_load\((-?\d+), (-?\d+), (\d+), (.*), [^,]*\) +=", line).groups()
    if text == "NULL":
        return call.replace("file_load UNLOAD", FILE_UNLOAD)
    text = text.removeprefix('"').removesuffix('"').replace('\\"', '"')
    whole = text.endswith("\\0") and int(size) == len(text) - 1
    text = text.removesuffix("\\0") if whole else f"{text} (of {size} bytes)"
    return (f"file_load {names.get(kernel, kernel)} {names.get(initrd, initrd)} "
            f"{text!r}{call.removeprefix('file_load')}")


def calls_with_arguments(result, planned=""):
    """The calls that change the system, as file_load() and load() above write them."""
    names, texts = {}, []
    for line in result.lines:
        opened = re.match(r'\d+\s+(openat|memfd_create)\(.*?"([^"]*)".* = (\d+)$', line)
        if opened:
            copy = "copy of " if opened.group(1) == "memfd_create" else ""
            names[opened.group(3)] = copy + opened.group(2)
        call = harness.call_of(line)
        if call and call.startswith("file_load"):
            texts.append(file_call_text(line, call, names))
        elif call and re.match(r"load\b", call):
            count = re.search(r"kexec_load\(\w+, (\d+), ", line).group(1)
            texts.append(f"load {count} segments {planned!r}{call.removeprefix('load')}")
        elif call and not (call == "ifdown" and texts[-1:] == ["ifdown"]):
            texts.append(call)
    return texts


def mismatch(client, result, changes, planned):
    """planned: the command line in the segments; None for the peer."""
    wanted = {"status": client.status, "calls": client.calls, "err": client.err, **changes}
    found, calls = calls_with_arguments(result, planned), list(wanted["calls"])
    if planned is None:
        found, calls = ([re.sub(r"^load \d+ segments ('.*'|None)", "load", call)
                         for call in some] for some in (found, calls))
    if result.status != wanted["status"]:
        return f"status {result.status}, expected {wanted['status']}"
    if found != calls:
        return f"calls {found}, expected {calls}"
    if wanted["err"] is not None and not (re.search(wanted["err"], result.err, re.M)
                                          if wanted["err"] else not result.err):
        return f"stderr is not as expected: {wanted['err']!r}"
    return None


def planned_line(cage, client, machine):
    """The command line in a plan's segments, without what a crash load adds to it."""
    if not any(call.startswith("load") for call in client.calls):
        return ""
    result = harness.run([cage.program, "--dry-run", "--json", f"--sysroot={machine}",
                          *shlex.split(client.args)], cage.work)
    if result.status:
        return result.err
    line = json.loads(result.out)["command_line"]
    return re.sub(r" (acpi_rsdp|elfcorehdr)=\S*", "", line).strip()


def with_peers_default(args):
    """Without an option for the call, ours does what the peer does with -a."""
    words = shlex.split(args)
    letters = "".join(word for word in words if re.match(r"-[a-z]+$", word))
    told = set(letters) & set("sca") or any("-syscall" in word for word in words)
    return words if told else ["-a", *words]


def run_ours(suite, cage, machines, name, client):
    machine = machines[client.machine]
    result = cage.run(machine, shlex.split(client.args), client.inject)
    wrong = mismatch(client, result, {}, planned_line(cage, client, machine))
    suite.check(f"{name}: kexec {client.args}", wrong, result)


def run_peer(suite, cage, machines, name, client):
    if client.peer and client.peer.skip:
        return
    changes = client.peer.changes if client.peer else {}
    result = cage.run(machines[client.machine], with_peers_default(client.args), client.inject)
    wrong = mismatch(client, result, changes, None)
    if changes and not wrong and not mismatch(client, result, {}, None):
        wrong = f"the peer does as we do, but a difference is listed: {client.peer.why}"
    suite.check(f"peer, {name}: kexec {client.args}", wrong, result)


def run(suite, build, directory, debian):
    """debian: a function that returns the peer's program and libraries, or None."""
    # Linked for the reservation.
    vmlinux = example.program(images.noise(0x8000, "text"), 0x70000000, 0x70000070, 0x200000)
    for name, content in (("vmlinuz", example.kernel()), ("initrd", images.noise(5000, "initrd")),
                          ("vmlinux", vmlinux)):
        (directory / name).write_bytes(content)
    machines = {name: harness.make_machine(
        directory / f"machine-{name}", files={**MACHINES["kcore"], **MACHINES.get(name, {}),
                                              "proc/cmdline": RUNNING + "\n"})
                for name in ("dump", "loaded", "crash-loaded", "locked-down")}
    runs = [(run_ours, Cage(build / "sbin/kexec", directory))]
    peer = debian(suite)
    if peer:
        runs.append((run_peer, Cage(peer[0], directory, peer[1])))
    for run_one, cage in runs:
        for name, clients in CLIENTS.items():
            for client in clients:
                run_one(suite, cage, machines, name, client)
