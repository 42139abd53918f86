# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of s390x."""

from cases import both, case, corrupted, crash, load, plain, planned
from crash import crashes_and_tells
from s390x.machine import ARCH

CASES = [
    *both(planned, ARCH, "2 CPUs", cpus=2),
    crash(ARCH, "pie", "pie purgatory", expect=crashes_and_tells, package="small:s390x",
          default=False),
    crash(ARCH, "rel", "rel purgatory", expect=crashes_and_tells, package="small:s390x",
          options=(*load(ARCH), "--purgatory=rel"), default=False),
    case(ARCH, "file-load", "kexec_file_load", options=("-s",), method="",
         package="small:s390x", default=False),
    plain(ARCH, default=False),
    *corrupted(ARCH, "halt"),
]
