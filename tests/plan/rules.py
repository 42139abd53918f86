# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules for every plan that kexec prints as JSON, on any machine, for any kernel: the demands of
kexec_load(2).  The boot protocol of each arch is in its folder."""

import hashlib
import pathlib
import re

PAGE = 4096
MAX_SEGMENTS = 16
MAX_PIECES, MIN_PIECE = 24, 256 << 10
ON_CRASH = 1
FILE_ON_CRASH = 2


def is_for_crash(plan):
    """The flags are those of the call that the plan names."""
    bit = ON_CRASH if plan["method"] == "kexec_load" else FILE_ON_CRASH
    return bool(int(plan["flags"], 16) & bit)


class Broken(Exception):
    """A plan that breaks a rule."""


def require(condition, rule):
    if not condition:
        raise Broken(rule)


def place(segment):
    return int(segment["start"], 16), int(segment["end"], 16)


def joined(ranges):
    """Sorted, with neighbours made one."""
    result = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def reserved_for_crash(machine):
    """The ranges that a machine's /proc/iomem calls "Crash kernel"."""
    try:
        text = (pathlib.Path(machine) / "proc/iomem").read_text(encoding="latin-1")
    except OSError:
        return []
    found = re.findall(r"^\s*([0-9a-f]+)-([0-9a-f]+) : Crash kernel$", text, re.M)
    return [(int(first, 16), int(last, 16) + 1) for first, last in found]


def check_segment(segment, ram, crash):
    name = segment["name"]
    start, end = place(segment)
    require(start < end, f"{name}: is not empty")
    require(start % PAGE == 0 and end % PAGE == 0, f"{name}: is made of whole pages")
    require(segment["memory_size"] == end - start, f"{name}: memory_size fits start and end")
    require(segment["data_size"] <= end - start, f"{name}: its data fits")
    require(any(a <= start and end <= b for a, b in ram), f"{name}: lies in RAM")
    require(not any(a < end and start < b for a, b in crash),
            f"{name}: leaves the crash kernel's memory alone")
    for limit in segment["placement"]["limits"]:
        require(int(limit["start"], 16) <= start and end <= int(limit["end"], 16),
                f"{name}: keeps within the limit {limit['why']}")
    if "align" in segment["placement"]:
        require(start % int(segment["placement"]["align"], 16) == 0, f"{name}: is aligned")
    require(("sha256" in segment) == segment["sealed"], f"{name}: has a digest if sealed")


def check_limits(plan, arguments):
    """--mem-min and --mem-max, the last of each, bound every segment."""
    least, most = ([int(value, 0) for value in re.findall(rf"--mem-{end}=(\S+)", arguments)]
                   for end in ("min", "max"))
    for segment in plan["segments"]:
        start, end = place(segment)
        require(not least or start >= least[-1], f"{segment['name']}: lies above --mem-min")
        require(not most or end - 1 <= most[-1], f"{segment['name']}: lies below --mem-max")


def check(plan, machine, arguments):
    """Rules for every plan; machine: the directory that it was made from."""
    check_limits(plan, arguments)
    ram = joined(place(entry) for entry in plan["memory"] if entry["type"] == "System RAM")
    crash = [] if is_for_crash(plan) else reserved_for_crash(machine)
    segments = plan["segments"]
    require(plan["schema"] == 1, "the schema is 1")
    require(0 < len(segments) <= MAX_SEGMENTS, "there are 1 to 16 segments")
    for segment in segments:
        check_segment(segment, ram, crash)
    places = sorted(place(segment) for segment in segments)
    require(all(a[1] <= b[0] for a, b in zip(places, places[1:])), "segments are disjoint")
    inside = [s["name"] for s in segments
              if place(s)[0] <= int(plan["kernel_entry"], 16) < place(s)[1]]
    require(inside and inside[0].startswith("kernel"), "kernel_entry lies in the kernel")
    if not plan["purgatory"]["kind"]:
        require(plan["entry"] == plan["kernel_entry"], "the kernel is entered without purgatory")
    sealed = sum(segment["data_size"] for segment in segments if segment["sealed"])
    verification = plan["verification"]
    require(verification["bytes"] == sealed, "verification counts sealed data")
    require((verification["cycles"] > 0) == (sealed > 0), "verification takes its time")
    require(plan["purgatory"]["kind"] in (("pie", "rel") if any(
        segment["name"] == "purgatory" for segment in segments) else (None,)),
            "purgatory is one of the two kinds, or there is none")


def segment_of(plan, name):
    found = [segment for segment in plan["segments"] if segment["name"] == name]
    require(len(found) == 1, f"there is one segment {name}")
    return found[0]


def check_digests(segment, content):
    """Of the whole, and of the pieces, which are all but the last of the same size."""
    require(segment["sha256"] == hashlib.sha256(content).hexdigest(),
            f"{segment['name']}: its digest is sha256 of the content")
    if "pieces" not in segment:
        return
    pieces = segment["pieces"]
    found = [hashlib.sha256(content[at:at + pieces["size"]]).hexdigest()
             for at in range(0, len(content), pieces["size"])]
    require(pieces["sha256"] == found, f"{segment['name']}: its digests are sha256 of its pieces")
    require(1 < len(found) <= MAX_PIECES and pieces["size"] >= MIN_PIECE,
            f"{segment['name']}: is cut into at most 24 pieces of 256 KiB or more")


def check_content(segment, content):
    require(segment["data_size"] == len(content), f"{segment['name']}: carries the whole content")
    if segment["sealed"]:
        check_digests(segment, content)


def check_initrd(plan, *contents):
    """contents: the initrd files in order; each but the first begins at a multiple of 4."""
    whole = b""
    for content in contents:
        whole += bytes(-len(whole) % 4) + content
    initrd = segment_of(plan, "initrd")
    check_content(initrd, whole)


def check_tree_block(plan):
    """The device tree lies above the kernel, in one block of 2 MiB that is all RAM: Linux maps that
    block before it knows its memory."""
    block = 2 << 20
    start, end = place(segment_of(plan, "dtb"))
    low = start // block * block
    require(end <= low + block, "the device tree lies in one block of 2 MiB")
    require(start >= place(segment_of(plan, "kernel"))[1], "the tree lies above the kernel")
    ram = [place(entry) for entry in plan["memory"] if entry["type"] == "System RAM"]
    require(any(first <= low and low + block <= last for first, last in ram),
            "all of that block is memory for use")
