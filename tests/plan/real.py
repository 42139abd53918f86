# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernel for an arch, for which plans are checked against rules: it changes with every
update."""

import dataclasses
import typing


@dataclasses.dataclass
class Real:
    name: str                        # of the kernel file, as test output has it
    machine: str
    fetch: typing.Callable           # returns the kernel's path or its bytes
    more: tuple = ("",)              # arguments of a plan each
    shows_version: bool = True
