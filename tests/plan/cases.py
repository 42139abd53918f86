# SPDX-License-Identifier: GPL-2.0-or-later
"""The golden plans: machine, files and options of each, from the folders of the arches.  File
names are relative to a directory that prepare() fills, so that they look the same everywhere.

A folder is a package with
  ARCHES           {arch: {case: (machine, arguments, why it is here)}}
  files()          {name: content} of its kernels, made with two initrds
  make_machines()  fills a directory with machines
  check()          the rules of the boot protocol for a plan
  REAL             Debian's kernels
and, where it has any,
  BAKED            {arch: {case: (arguments, why it is here)}}, of --bake
  OWN_INITRDS      {kernel file: names of the initrds inside}
  NAMES_WITHOUT_ARCH  True: golden plans have the case's name alone, without the arch's, and
                   no --arch in their arguments
  LOADED           {kernel file: function of all contents that returns the bytes it is in memory}"""

import importlib
import os
import pathlib

import images
from fixtures import FIXTURES

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = {path.parent.name: importlib.import_module(path.parent.name)
           for path in sorted(HERE.glob("*/__init__.py"))}


def bare(module):
    return getattr(module, "NAMES_WITHOUT_ARCH", False)


# name: (folder, arch, machine, arguments)
CASES = {
    (name if bare(module) else f"{arch}-{name}"):
        (folder, arch, machine, arguments if bare(module) else f"--arch={arch} {arguments}")
    for folder, module in FOLDERS.items() for arch, rows in module.ARCHES.items()
    for name, (machine, arguments, _) in rows.items()
}
CASES.update({f"{arch}-bake-{name}": (folder, arch, None, f"--arch={arch} --bake=baked {arguments}")
              for folder, module in FOLDERS.items()
              for arch, rows in getattr(module, "BAKED", {}).items()
              for name, (arguments, _) in rows.items()})


def prepare(directory):
    """Fills directory with all files and machines; returns the files' contents by name."""
    initrd, odd = images.noise(0x123456, "initrd"), images.noise(10001, "odd")
    contents = {"initrd": initrd, "odd": odd}
    for module in FOLDERS.values():
        contents.update(module.files(initrd, odd))
        module.make_machines(directory)
    for name, content in contents.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_bytes(content)
    for name in os.listdir(FIXTURES):
        if (FIXTURES / name).is_dir():
            (directory / name).symlink_to(FIXTURES / name)
    return contents


def inner(module, name, contents):
    """The content of a kernel file without its compression and containers."""
    loaded = getattr(module, "LOADED", {}).get(name)
    return loaded(contents) if loaded else contents[name.split(".")[0]]


def initrds(module, kernel, arguments):
    """The names of all initrds of a load: those asked for, else those inside the kernel file."""
    asked = [word.split("=")[1] for word in arguments.split()
             if word.startswith(("--initrd=", "--ramdisk="))]
    return asked or getattr(module, "OWN_INITRDS", {}).get(kernel, [])
