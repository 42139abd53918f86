# SPDX-License-Identifier: GPL-2.0-or-later
"""What Debian's kdump-tools, kexec-tools scripts and systemd do with kexec, and what must come of
it (kdump-config(8), systemctl(1), and the kernel's Documentation/admin-guide/kdump/kdump.rst)."""

import dataclasses
import hashlib
import os
import pathlib
import re
import secrets
import subprocess

from emulator import Failure
from files import fetch, one
from machine import READY, Machine

FIRMWARE = "SeaBIOS|iPXE|OVMF"
# The ps of crash 8.0.2 does not find the tasks of the newest 6.1 kernels; this does.
TASKS = "list task_struct.tasks -s task_struct.pid,comm -h init_task"
CRASH_LOADED = "cat /sys/kernel/kexec_crash_loaded"


@dataclasses.dataclass
class Run:
    """What a test works with.

    image: the directory that make-image filled.
    disk:  the guest's own disk.
    log:   the console's log.
    stage: what was installed on the disk; empty with the peer.
    """

    image: pathlib.Path
    disk: pathlib.Path
    log: pathlib.Path
    stage: pathlib.Path

    def boot(self, append="", initrd=None):
        return Machine(self.image, self.disk, self.log, append, initrd)


def expect(machine, command, pattern):
    """The match of pattern in the output of a command that must succeed."""
    output = machine.run(command)
    match = re.search(pattern, output, re.M)
    if not match:
        raise Failure(f"'{command}' printed '{output}' where '{pattern}' was expected")
    return match


def up(run, machine):
    """Waits for the shell of a guest that has all its services, and kexec as it was installed."""
    machine.wait(READY, never=FIRMWARE)
    expect(machine, "systemctl is-system-running --wait", "^running$")
    for path in run.stage.rglob("sbin/*"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        expect(machine, f"sha256sum /sbin/{path.name}", f"^{digest} ")


def reload_kdump(machine):
    """kdump-config unloads, loads, and reloads what is loaded."""
    machine.run("kdump-config unload")
    expect(machine, CRASH_LOADED, "^0$")
    machine.run("kdump-config try-reload")
    expect(machine, CRASH_LOADED, "^0$")
    machine.run("kdump-config load")
    expect(machine, CRASH_LOADED, "^1$")
    expect(machine, "kdump-config try-reload", "unloaded kdump kernel(.|\n)*^loaded kdump kernel")
    expect(machine, CRASH_LOADED, "^1$")
    # As udev does it; its daemon itself has a system call filter that refuses kexec_load.
    expect(machine, "udevadm test -a online /sys/devices/system/cpu/cpu1",
           "kdump-config try-reload'.*loaded kdump kernel")
    expect(machine, CRASH_LOADED, "^1$")


def panic(machine, word):
    """The date of the dump that the crash kernel leaves before it resets the machine."""
    machine.run(f"echo {word} > /dev/kmsg")
    machine.leave("echo c > /proc/sysrq-trigger")
    machine.wait("Kernel panic - not syncing: sysrq triggered crash")
    machine.wait("Linux version", never=FIRMWARE)
    date = machine.wait(r"saved vmcore in /var/crash/(\d+)", never=f"{FIRMWARE}|{READY}").group(1)
    machine.wait_for_reset(never=READY)
    return date


def kdump(run):
    """kdump-tools: load, reload; after a panic, dump and reset; the dump has the log"""
    word = secrets.token_hex(8)
    with run.boot("crashkernel=256M") as machine:
        up(run, machine)
        expect(machine, CRASH_LOADED, "^1$")
        expect(machine, "systemctl is-active kdump-tools", "^active$")
        expect(machine, "kdump-config status", "ready to kdump")
        expect(machine, "kdump-config show", "^current state: +ready to kdump")
        expect(machine, "cat /var/crash/kexec_cmd",
               "^/sbin/kexec -p --command-line=.*systemd.unit=kdump-tools-dump.service")
        reload_kdump(machine)
        date = panic(machine, word)
    with run.boot() as machine:
        up(run, machine)
        saved = f"/var/crash/{date}"
        expect(machine, f"cat {saved}/dmesg.{date}", word)
        # kdump-tools saves a stream, which makedumpfile turns into a dump.
        machine.run(f"makedumpfile -R /var/tmp/dump < {saved}/dump.{date}")
        machine.run("makedumpfile --dump-dmesg /var/tmp/dump /var/tmp/dmesg")
        expect(machine, "cat /var/tmp/dmesg",
               f"{word}(.|\n)*Kernel panic - not syncing: sysrq triggered crash")


def arrives(run, machine, token):
    """The next kernel comes without firmware, with token on its command line."""
    boot_id = "cat /proc/sys/kernel/random/boot_id"
    old = machine.run(boot_id)
    machine.leave("systemctl kexec")
    machine.wait("Starting systemd-kexec.service")
    machine.wait("Linux version", never=FIRMWARE)
    up(run, machine)
    expect(machine, "cat /proc/cmdline", rf"\b{token}\b")
    if machine.run(boot_id) == old:
        raise Failure("this is still the kernel that was left")


def systemctl_kexec(run):
    """kexec -l, then systemctl kexec, once for each way to load"""
    with run.boot() as machine:
        up(run, machine)
        for way in ("", "-c", "-s"):
            token = f"token={secrets.token_hex(8)}"
            machine.run(f"kexec {way} -l /vmlinuz --initrd=/initrd.img --reuse-cmdline "
                        f"--append={token}")
            expect(machine, "cat /sys/kernel/kexec_loaded", "^1$")
            arrives(run, machine, token)


def systemctl_entry(run):
    """systemctl kexec with nothing loaded: systemd loads the boot loader's entry"""
    token = f"token={secrets.token_hex(8)}"
    entry = (r"title Debian\nlinux /vmlinuz\ninitrd /initrd.img\n"
             rf"options root=/dev/vda rw console=ttyS0 {token}\n")
    with run.boot() as machine:
        up(run, machine)
        machine.run("mkdir -p /boot/loader/entries && cp -L /vmlinuz /initrd.img /boot")
        machine.run(f"printf '{entry}' > /boot/loader/entries/debian.conf")
        # A directory of the root disk instead of a partition of its own; there is no EFI here.
        machine.leave("export SYSTEMD_ESP_PATH=/boot")
        expect(machine, "cat /sys/kernel/kexec_loaded", "^0$")
        arrives(run, machine, token)


def reboot(run):
    """reboot: the script kexec-load loads Debian's default kernel, then the machine resets"""
    drop_in = "/etc/systemd/system/kexec-load.service.d"
    with run.boot() as machine:
        up(run, machine)
        machine.run(f"mkdir {drop_in} && printf '[Service]\\nExecStopPost=/bin/cp "
                    f"/sys/kernel/kexec_loaded /var/tmp/\\n' > {drop_in}/test.conf")
        machine.run("systemctl daemon-reload && systemctl restart kexec-load")
        expect(machine, "cat /var/tmp/kexec_loaded", "^0$")
        machine.leave("reboot")
        machine.wait_for_reset(never=READY)
    with run.boot() as machine:
        up(run, machine)
        expect(machine, "cat /var/tmp/kexec_loaded", "^1$")
        expect(machine, "cat /sys/kernel/kexec_loaded", "^0$")


EARLY = ("/var/lib/kdump/vmlinuz", "--initrd=/var/lib/kdump/initrd.img",
         "--command-line=root=/dev/vda console=ttyS0 nr_cpus=1 systemd.unit=kdump-tools-dump.service")


def early(run):
    """kexec-early in the initramfs by update-initramfs: loaded before /init; kdump-tools saves the dump"""
    initrd = run.disk.with_name("initrd.img")
    with run.boot() as machine:
        up(run, machine)
        kernel = machine.run("uname -r")
        machine.run("mkdir -p /etc/kexec")
        machine.run(f"printf '%s\\n' '{EARLY[0]}' '{EARLY[1]}' '{EARLY[2]}' > /etc/kexec/early")
        machine.run("printf 'COMPRESS=gzip\\nCOMPRESSLEVEL=1\\n' > /etc/initramfs-tools/conf.d/fast")
        expect(machine, "update-initramfs -u", "kexec-early: the crash kernel adds [0-9]+ KiB")
        machine.leave("poweroff")
        machine.wait_for_reset(never=READY)
    subprocess.run(["e2fsck", "-fp", run.disk], stdout=subprocess.DEVNULL, check=False)
    subprocess.run(["debugfs", "-R", f"dump /boot/initrd.img-{kernel} {initrd}", run.disk],
                   stderr=subprocess.DEVNULL, check=True)
    with run.boot("crashkernel=256M kexec_early", initrd) as machine:
        machine.wait("kexec-early: crash kernel loaded", never="Run /init|kexec-early: no")
        up(run, machine)
        expect(machine, CRASH_LOADED, "^1$")
        expect(machine, "systemctl is-active kdump-tools", "^active$")
        expect(machine, "kdump-config status", "ready to kdump")
        machine.run("modprobe loop")
        panic(machine, secrets.token_hex(8))


def run_crash(vmlinux, dump, commands):
    """What crash(8) prints for commands, which must not fail."""
    program, *libraries = fetch("crash", "liblzo2-2", "libsnappy1v5")
    path = ":".join(str(found) for library in libraries for found in library.glob("**/*-linux-gnu"))
    result = subprocess.run([one(program, "usr/bin/crash"), "-s", vmlinux, dump],
                            input="".join(f"{command}\n" for command in (*commands, "quit")),
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace", timeout=300,
                            env=dict(os.environ, LD_LIBRARY_PATH=path, TERM="dumb"))
    if result.returncode:
        raise Failure(f"crash ended with status {result.returncode}: {result.stdout}")
    return result.stdout


def crash(run):
    """crash, on this machine, finds the panicking task, the log and all tasks in the dump"""
    word = secrets.token_hex(8)
    with run.boot("crashkernel=256M") as machine:
        up(run, machine)
        kernel = machine.run("uname -r")
        shell = machine.run("echo $$")
        date = panic(machine, word)
    subprocess.run(["e2fsck", "-fp", run.disk], stdout=subprocess.DEVNULL, check=False)
    dump = run.disk.with_name("dump")
    subprocess.run(["debugfs", "-R", f"dump /var/crash/{date}/dump.{date} {dump}", run.disk],
                   stderr=subprocess.DEVNULL, check=True)
    vmlinux = one(fetch(f"linux-image-{kernel}-dbg")[0], "usr/lib/debug/boot/vmlinux-*")
    text = run_crash(vmlinux, dump, ("sys", "bt", "log", TASKS))
    with open(run.log, "a", encoding="utf-8") as log:
        log.write(text)
    for pattern in (r"PANIC: .*sysrq triggered crash", rf"^PID: {shell} .*COMMAND: \"sh\"",
                    r"^ *#\d+ .*\] sysrq_handle_crash at ", r'^  pid = 1,\n  comm = "systemd\\', word):
        if not re.search(pattern, text, re.M):
            raise Failure(f"crash did not print '{pattern}'")


CASES = {
    "kdump": kdump,
    "systemctl-kexec": systemctl_kexec,
    "systemctl-entry": systemctl_entry,
    "reboot": reboot,
    "early": early,
    "crash": crash,
}

# Needs the kernel's debug package: 300 MB to fetch, 1.8 GB on disk.
ONLY_BY_NAME = {"crash"}
