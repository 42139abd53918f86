# SPDX-License-Identifier: GPL-2.0-or-later
"""kexec-early in an initramfs (kexec-early.8): the first kernel panics before user space, and the
crash kernel that is loaded by then finds its log."""

import cases
import files
from guest import Failure

LOADED = "kexec-early: crash kernel loaded"
NO_ROOT = r"Kernel panic - not syncing: VFS: Unable to mount root fs on (\S+)"
USER_SPACE = "Run .* as init process"
# The real modprobe: its arguments, on the console.
MODPROBE = b"""#!/bin/busybox sh
echo "<1>MODPROBE $*" >/dev/kmsg
exit 1
"""


def configuration(run):
    """/etc/kexec/early: what `kexec -p` gets, one argument a line."""
    return "\n".join(["# The crash kernel of the test", "/kernel", "--initrd=/initrd0",
                      f"--command-line={run.command_line}", *run.case.options, ""]).encode()


def without_init(run, image):
    """An initramfs with kexec-early and no /init, so that the kernel looks for a root file system."""
    archive = files.Archive()
    archive.console()
    archive.device("/dev/kmsg", 1, 11)
    archive.add("/bin/busybox", run.busybox, 0o755)
    archive.add("/sbin/modprobe", files.kexec_early(run.case.arch, run.build), 0o755)
    archive.add("/sbin/modprobe.real", MODPROBE, 0o755)
    for path, content in run.tool.items():
        archive.add(path, content, 0o755)
    for path, content in {"/kernel": image, "/initrd0": run.initrds[0],
                          "/etc/kexec/early": configuration(run)}.items():
        archive.add(path, content)
    return archive.finish()


def finds_log(run):
    """The second kernel, and in its /proc/vmcore the first one's log with its last words."""
    run.in_purgatory()
    run.guest.wait("STAGE2 vmcore: status 0, ", never="digests do not match")
    root = run.guest.wait("STAGE2 vmcore log: .*VFS: Cannot open root device (.*)").group(1)
    if run.word not in root:
        raise Failure(f"the log in the dump is about another root device: {root}")
    run.guest.wait(f"STAGE2 vmcore log: .*{NO_ROOT}", never="STAGE2 paused")


def panics(run):
    """The first call of modprobe loads, and comes to the real one, as do the later ones."""
    run.guest.wait(LOADED, never="kexec-early: no|MODPROBE|Kernel panic")
    run.guest.wait("MODPROBE -q -- ", never="Kernel panic")
    run.guest.wait(NO_ROOT, never=f"{LOADED}|{USER_SPACE}")
    finds_log(run)


def case(arch, name, about, **fields):
    memory, reserved = arch.crash
    fields = {"expect": panics, "first": without_init, "memory": memory, "crash": reserved,
              "options": cases.load(arch), "method": arch.method, "firmware": arch.starts_with,
              "seconds": 400, "words": "kexec_early root=/dev/{word}", **fields}
    return cases.Case(name, f"kexec-early: {about}", arch=arch, **fields)
