# SPDX-License-Identifier: GPL-2.0-or-later
"""kexec-early in an initramfs (kexec-early.8): the first kernel panics before user space, and the
crash kernel that is loaded by then finds its log."""

import functools
import gzip

import cases
import files
import initramfs
from crash import second_stage
from guest import Failure

LOADED = "kexec-early: crash kernel loaded"
NO_ROOT = r"Kernel panic - not syncing: VFS: Unable to mount root fs on (\S+)"
USER_SPACE = "Run .* as init process"
# The real modprobe: its arguments, on the console.
MODPROBE = b"""#!/bin/busybox sh
echo "<1>MODPROBE $*" >/dev/kmsg
exit 1
"""
INIT = b"""#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/usr/lib/kexec/kexec-early
echo "<1>STAGE1 word %s" >/dev/kmsg
echo c >/proc/sysrq-trigger
"""


def configured(run, image):
    """The crash kernel, and the configuration that names it: what `kexec -p` gets."""
    words = ["# The crash kernel of the test", "/kernel", "--initrd=/initrd0",
             f"--command-line={run.command_line}", *run.case.options, ""]
    return {"/kernel": image.read_bytes(), "/initrd0": run.initrds[0],
            "/etc/kexec/early": "\n".join(words).encode()}


def without_init(run, image):
    """An initramfs with kexec-early and no /init: the kernel looks for a root file system."""
    archive = files.Archive()
    archive.console()
    archive.device("/dev/kmsg", 1, 11)
    archive.add("/bin/busybox", run.busybox, 0o755)
    archive.add("/sbin/modprobe", files.kexec_early(run.case.arch, run.build), 0o755)
    archive.add("/sbin/modprobe.real", MODPROBE, 0o755)
    for path, content in run.tool.items():
        archive.add(path, content, 0o755)
    for path, content in configured(run, image).items():
        archive.add(path, content)
    return archive.finish()


def with_init(run, image):
    """The same with an /init that executes kexec-early, as the scripts of distributions do."""
    archive = files.Archive()
    archive.add("/usr/lib/kexec/kexec-early", files.kexec_early(run.case.arch, run.build), 0o755)
    archive.add("/init", INIT % run.word.encode(), 0o755)
    for path in "/proc", "/sys":
        archive.directory(path)
    return without_init(run, image) + archive.finish()


def finds_log(run):
    """The second kernel, and in its /proc/vmcore the first one's log with its last words."""
    run.in_purgatory()
    run.guest.wait("STAGE2 vmcore: status 0, ", never="digests do not match")
    run.guest.wait(f"STAGE2 vmcore log: .*Kernel command line: .* root=/dev/{run.word} ",
                   never="STAGE2 paused")
    run.guest.wait(f"STAGE2 vmcore log: .*{NO_ROOT}", never="STAGE2 paused")


def panics(run):
    """The first call of modprobe loads, and comes to the real one, as do the later ones."""
    run.guest.wait(LOADED, never="kexec-early: no|MODPROBE|Kernel panic")
    run.guest.wait("MODPROBE -q -- ", never="Kernel panic")
    run.guest.wait(NO_ROOT, never=f"{LOADED}|{USER_SPACE}")
    finds_log(run)


def lacks_reservation(run):
    """As without kexec-early, except for one line."""
    run.guest.wait("kexec-early: no crash kernel is loaded: no memory is reserved: ",
                   never="MODPROBE|Kernel panic")
    run.guest.wait("MODPROBE -q -- ", never="kexec-early")
    run.guest.wait(NO_ROOT, never="kexec-early")
    run.guest.wait_for_reset(never=cases.BANNER)


# The real modprobe loads a module and fails for another one; then the panic of every crash test.
IN_USER_SPACE = b"""modprobe loop
loads=$?
modprobe -q no-such-module
echo "<1>STAGE1 modprobe $loads $? $(echo /sys/module/loo[p])" >/dev/kmsg
echo "<1>STAGE1 word %s" >/dev/kmsg
echo c >/proc/sysrq-trigger
"""


def without_early(content):
    """In the newc format a NUL ends the name of a file."""
    return not any(name in content for name in (b"lib/kexec/kexec-early\0", b"modprobe.real\0"))


def by_distribution(packages, make, upcall=True):
    """An initramfs as a distribution makes it.  upcall: the kernel's calls come to kexec-early."""
    def first(run, image):
        root = initramfs.Root(run.directory / "root", packages, run.package, image, run.build,
                              run.tool)
        script = IN_USER_SPACE % run.word.encode()
        root.add("etc/kexec/early", b"/kernel\n")
        messages, archive = make(root, script)
        if "names /kernel: no such file" not in messages or \
                not without_early(gzip.decompress(archive)):
            raise Failure(f"an initramfs with a configuration that names no file: {messages}")
        for path, content in configured(run, image).items():
            root.add(path.lstrip("/"), content)
        messages, archive = make(root, script)
        if "kexec-early: the crash kernel adds" not in messages:
            raise Failure(f"the hook printed no size: {messages}")
        if upcall:
            _, other = make(root, script, of_crash_kernel=True)
            if not without_early(gzip.decompress(other)):
                raise Failure("the initramfs of a crash kernel contains kexec-early")
            return archive
        later = files.Archive()
        later.link("/usr/sbin/modprobe", "modprobe.real")
        return archive + bytes(-len(archive) % 4) + later.finish()
    return first


def crashes_in_user_space(run, upcall=True, modules=True):
    if upcall:
        run.guest.wait(LOADED, never=f"kexec-early: no|{USER_SPACE}")
    run.guest.wait(USER_SPACE, never=LOADED)
    if not upcall:
        run.guest.wait(LOADED, never="kexec-early: no|STAGE1")
    if modules:
        found = run.guest.wait("STAGE1 modprobe (.*)", never=LOADED).group(1)
        if found != "0 1 /sys/module/loop":
            raise Failure(f"modprobe: {found}")
    run.in_purgatory()
    second_stage(run)


def script_loads(run):
    """The kernel's call comes too early, and fails."""
    run.guest.wait("kexec-early: no crash kernel is loaded: ", never="MODPROBE")
    run.guest.wait("MODPROBE -q -- ", never="kexec-early")
    crashes_in_user_space(run, upcall=False, modules=False)


def distribution_cases(arch):
    """Both tools, by the kernel's call and by the script that runs in /init."""
    for name, packages, make in (
            ("initramfs-tools", initramfs.INITRAMFS_TOOLS, initramfs.Root.initramfs_tools),
            ("dracut", initramfs.DRACUT, initramfs.Root.dracut)):
        for upcall in True, False:
            yield case(arch, f"early-{name}" + ("" if upcall else "-script"),
                       f"an initramfs of {name}{'' if upcall else ', the kernel calls nothing'}",
                       first=by_distribution(packages, make, upcall), default=False,
                       expect=functools.partial(crashes_in_user_space, upcall=upcall))


def case(arch, name, about, **fields):
    memory, reserved = arch.crash
    fields = {"expect": panics, "first": without_init, "memory": memory, "crash": reserved,
              "options": cases.load(arch), "method": arch.method, "firmware": arch.starts_with,
              "seconds": 400, "words": "kexec_early root=/dev/{word}", **fields}
    return cases.Case(name, f"kexec-early: {about}", arch=arch, **fields)
