# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that only some arches have: the error names the arches that take the option."""

import re

import harness

ERROR = r"^--\S+ is an option for ([a-z0-9_ ]+), this machine is (\S+)$"


def outcomes(kexec, directory, known, option):
    """(arches that take the option, sets of arches that errors name, names of wrong machines)"""
    takers, named, wrong = set(), set(), []
    for arch in known:
        result = harness.run([kexec, "--dry-run", f"--arch={arch}", "-l", "none", option],
                             directory)
        error = re.search(ERROR, result.err, re.M)
        if not error:
            takers.add(arch)
            continue
        named.add(frozenset(error[1].split()))
        wrong += [error[2]] if error[2] != arch else []
    return takers, named, wrong


def run(suite, build, directory):
    kexec = build / "sbin/kexec"
    result = harness.run([kexec, "--dry-run", "--arch=?", "-l", "none"], directory)
    known = set(re.findall(r"\w+", result.err.partition("knows: ")[2])) & set(
        harness.arches("list"))
    suite.check("--arch=? names the arch of this machine", None if harness.example.ARCH in known
                else f"found {known}", result)
    help_text = harness.run([kexec, "--help"], directory).out
    refused = 0
    for name, value in re.findall(r"^ +(?:-\w, )?--([a-z0-9-]+)(=?)", help_text, re.M):
        takers, named, wrong = outcomes(kexec, directory, known, f"--{name}" + (value and "=1"))
        if not named:
            continue
        refused += 1
        suite.check(f"--{name}: the arches that take it", None
                    if not wrong and all(arches & known == takers for arches in named) else
                    f"{sorted(takers)} take it, errors name {[*map(sorted, named)]} {wrong}")
    suite.check("options of single arches", None if refused > 5 else f"only {refused} were refused")
