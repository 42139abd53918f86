# SPDX-License-Identifier: GPL-2.0-or-later
"""The emulated machine of s390x: QEMU, Debian's packages, Linux, and the dump."""

from arches import Arch

ARCH = Arch(
    name="s390x", qemu="qemu-system-s390x", machine="s390-ccw-virtio", cpu="qemu",
    tty="ttysclp0", words="", console="",
    kernel="linux-image-s390x:s390x", busybox="busybox-static:s390x",
    firmware=(), firmware_package="",
    segments={"initrd": "initrd", "command line": "kernel"},
    cross="s390x", own_words=False,
    disk="virtio-blk-ccw",
    method="portable code", memory=512, crash=(512, "160M"))
