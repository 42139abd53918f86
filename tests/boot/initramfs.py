# SPDX-License-Identifier: GPL-2.0-or-later
"""Initramfs archives by initramfs-tools and by dracut, in a root directory of Debian's packages
with the files that `make install` installs (mkinitramfs(8), dracut(8))."""

import os
import pathlib
import shutil
import subprocess

import files

COMMON = """bash coreutils cpio dash findutils grep gzip kmod mawk sed udev util-linux libacl1
libattr1 libblkid1 libc-bin libc6 libcap2 libgcc-s1 libgmp10 libkmod2 liblzma5 libmount1
libpcre2-8-0 libselinux1 libsmartcols1 libssl3 libtinfo6 libudev1 libuuid1 libzstd1 zlib1g""".split()
INITRAMFS_TOOLS = [*COMMON, *"""initramfs-tools-core dpkg klibc-utils libklibc libbz2-1.0 libmd0
debianutils""".split()]
DRACUT = [*COMMON, "dracut-core", "mount"]
MODULE = "loop"     # the one that the initramfs contains
MERGED = ("bin", "sbin", "lib", "lib64")
# No capability to load a kernel, and no mounts that outlive the command.
INSIDE = """
mount --bind "$root" "$root" && mount --rbind /dev "$root/dev" && mount -t proc proc "$root/proc" &&
	exec chroot "$root" "$@"
"""


class Root:
    """A root directory with a kernel, for a kernel's package, and kexec as it was installed."""

    def __init__(self, directory, packages, kernel_package, image, build, tool):
        self.path = directory
        self.version = files.release_of(image)
        for name in MERGED:
            (directory / "usr" / name).mkdir(parents=True)
            (directory / name).symlink_to(f"usr/{name}")
        for package in files.fetch(*packages):
            shutil.copytree(package, directory, symlinks=True, dirs_exist_ok=True,
                            copy_function=self._copy)
        for path in ("boot", "dev", "proc", "sys", "tmp", "var/tmp", "etc/kexec"):
            (directory / path).mkdir(parents=True, exist_ok=True)
        # By the packages' scripts, otherwise.
        self.add("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n", replace=False)
        self.link("bin/sh", "dash")
        self.link("bin/awk", "mawk")
        kernel, = files.fetch(kernel_package)
        modules = pathlib.Path("lib/modules", self.version)
        for path in [*(kernel / modules).glob("modules.*"),
                     *(kernel / modules).glob(f"kernel/**/{MODULE}.ko*")]:
            self.add(path.relative_to(kernel), path.read_bytes())
        self.add(f"boot/config-{self.version}", files.one(kernel, "boot/config-*").read_bytes())
        subprocess.run(["make", "-s", "-C", build.parent, "install", f"DESTDIR={directory}",
                        "prefix=/usr", "exec_prefix=/usr", "sbindir=/usr/sbin"], check=True,
                       stdout=subprocess.DEVNULL)
        for path, source in tool.items():
            self.add(path.lstrip("/"), source.read_bytes(), 0o755, replace=False)

    def _copy(self, source, target):
        if not os.path.lexists(target):
            shutil.copy2(source, target, follow_symlinks=False)

    def link(self, path, target):
        if not (self.path / path).exists():
            (self.path / path).symlink_to(target)

    def add(self, path, content, mode=0o644, replace=True):
        place = self.path / path
        if replace or not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            place.chmod(mode)

    def run(self, *command):
        """What a command printed that must succeed."""
        map_root = [] if os.getuid() == 0 else ["--map-root-user"]
        result = subprocess.run(
            ["unshare", *map_root, "--mount", "--pid", "--fork", "--kill-child", "--propagation",
             "private", "setpriv", "--bounding-set=-sys_boot", "--inh-caps=-sys_boot",
             "sh", "-c", INSIDE, "inside", *command], text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"root": str(self.path), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})
        if result.returncode:
            raise files.MissingError(f"{' '.join(command)}: status {result.returncode}: "
                                     f"{result.stdout}")
        return result.stdout

    def initramfs_tools(self, script, of_crash_kernel=False):
        """(messages, archive).  script: for /bin/sh, before there is a root file system.
        of_crash_kernel: as kdump-tools calls the tool.
        """
        etc = "etc/initramfs-tools"
        self.add(f"{etc}/conf.d/test", b"MODULES=list\nCOMPRESS=gzip\n")
        self.add(f"{etc}/modules", MODULE.encode())
        self.add(f"{etc}/scripts/init-premount/test",
                 b"#!/bin/sh\n[ \"$1\" != prereqs ] || exit 0\n" + script, 0o755)
        other = []
        if of_crash_kernel:
            self.run("cp", "-pr", f"/{etc}", "/var/lib")
            other = ["-d", "/var/lib/initramfs-tools"]
        return self.archive("mkinitramfs", *other, "-c", "gzip", "-o", "/tmp/initramfs",
                            self.version)

    def dracut(self, script, of_crash_kernel=False):
        """The same by dracut, for a crash kernel as kdumpctl calls it."""
        module = "usr/lib/dracut/modules.d/99test"
        self.add(f"{module}/script.sh", b"#!/bin/sh\n" + script, 0o755)
        self.add(f"{module}/module-setup.sh", b"#!/bin/bash\ndepends() {\n\techo base\n}\n"
                 b"install() {\n\tinst_hook pre-trigger 00 \"$moddir/script.sh\"\n}\n", 0o755)
        self.run("depmod", self.version)
        other = []
        if of_crash_kernel:
            self.add("usr/lib/dracut/modules.d/99kdumpbase/module-setup.sh",
                     b"#!/bin/bash\ninstall() {\n\t:\n}\n", 0o755)
            other = ["--add", "kdumpbase"]
        return self.archive("dracut", *other, "--force", "--no-hostonly", "--gzip", "--kver",
                            self.version, "--force-drivers", MODULE, "/tmp/initramfs")

    def archive(self, *command):
        messages = self.run(*command)
        return messages, (self.path / "tmp/initramfs").read_bytes()
