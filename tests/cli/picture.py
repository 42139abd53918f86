# SPDX-License-Identifier: GPL-2.0-or-later
"""--picture: the SVG file against the plan of --json, and what is refused."""

import json
import re
import xml.etree.ElementTree

import harness

SVG = "{http://www.w3.org/2000/svg}"
KERNEL = "a <kernel> & \"more\" \x01\udcff"    # a file name with all that XML and a terminal mind


def texts(content):
    root = xml.etree.ElementTree.fromstring(content)
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def mistakes(content, plan):
    """What the picture lacks, one sentence for each."""
    found = texts(content)
    places = [tuple(int(number, 16) for number in re.match("0x([0-9a-f]+)-0x([0-9a-f]+)", text).groups())
              for text in found if re.match("0x[0-9a-f]+-0x", text)]
    wanted = [(int(segment["start"], 16), int(segment["end"], 16) - 1) for segment in plan["segments"]]
    if places != sorted(wanted):
        yield f"places {places} instead of {sorted(wanted)}"
    for segment in plan["segments"]:
        if not any(text.startswith(f"{segment['name']} \xb7 ") for text in found):
            yield f"no {segment['name']}"
        for limit in segment["placement"]["limits"]:
            if not any(f"({limit['why']})" in text for text in found):
                yield f"no '{limit['why']}'"
    if found[0] != 'a <kernel> & "more" ??':
        yield f"the title {found[0]!r}"
    if not any("-0x" in (title.text or "") and title.text.startswith("RAM ")
               for title in xml.etree.ElementTree.fromstring(content).iter(f"{SVG}title")):
        yield "no memory"


def run(suite, build, directory):
    machine = harness.make_machine(directory / "machine")
    (directory / KERNEL).write_bytes(harness.example.files()["bzImage"])
    (directory / "initrd").write_bytes(bytes(100000))
    kexec = build / "san/sbin/kexec"
    load = [kexec, "-c", "-l", KERNEL, "--initrd=initrd", f"--sysroot={machine}"]
    plan = json.loads(harness.run([*load, "--dry-run", "--json"], directory).out)
    picture = directory / "picture.svg"
    result = harness.run([*load, "--dry-run", "--picture=picture.svg"], directory)
    suite.check("--picture", "; ".join(mistakes(picture.read_bytes(), plan)) if result.status == 0
                else "no picture", result)
    suite.check("--picture: the text as without it", None if
                result.out == harness.run([*load, "--dry-run"], directory).out else "another text", result)
    suite.check("--picture: rights of the file", None if picture.stat().st_mode & 0o777 == 0o644
                else f"{picture.stat().st_mode:o}")
    content = picture.read_text(encoding="utf-8")
    result = harness.run([*load, "--dry-run", "--picture=-"], directory)
    suite.check("--picture=-", None if result.out == content else "another picture", result)
    here = [kexec, "-l", KERNEL]
    for name, command, options, says in (
            ("without --dry-run", here, ["--picture=picture.svg"], "^--picture goes with --dry-run"),
            ("with -S", [kexec], ["-S", "--picture=picture.svg"], "^--picture goes with "),
            ("a folder", load, ["--dry-run", "--picture=machine"], "^machine exists and is no regular file"),
            ("no such folder", load, ["--dry-run", "--picture=no/a.svg"],
             "^no/a.svg: cannot make a file beside it: No such file"),
            ("an initrd that is missing", load, ["--dry-run", "--picture=picture.svg", "--initrd=missing"],
             "Cannot open `missing'")):
        result = harness.run([*command, *options], directory)
        suite.check(f"--picture, {name}", None if result.status and re.search(says, result.err, re.M)
                    and not result.out else f"success, or not '{says}'", result)
        suite.check(f"--picture, {name}: the old file stays", None if
                    picture.read_text(encoding="utf-8") == content else "changed", result)
    left = sorted(path.name for path in directory.iterdir())
    suite.check("--picture leaves no other file", None if
                left == sorted([KERNEL, "initrd", "machine", "picture.svg"]) else f"{left}")
