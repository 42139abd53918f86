# SPDX-License-Identifier: GPL-2.0-or-later
"""FIT images as mkimage makes them, and flattened trees of nested dictionaries."""

import hashlib
import struct
import zlib

HASHES = {"crc32": lambda data: struct.pack(">I", zlib.crc32(data)),
          "md5": lambda data: hashlib.md5(data).digest(),
          "sha1": lambda data: hashlib.sha1(data).digest(),
          "sha256": lambda data: hashlib.sha256(data).digest(),
          "sha512": lambda data: hashlib.sha512(data).digest()}


def text(value):
    return value.encode() + b"\0"


def flattened(root):
    """A flattened tree: nodes are dictionaries, properties bytes, texts or numbers."""
    names, structure = b"", b""

    def add(name, node):
        nonlocal names, structure
        padded = text(name)
        structure += struct.pack(">I", 1) + padded + bytes(-len(padded) % 4)
        for key, value in node.items():
            if isinstance(value, dict):
                continue
            value = (text(value) if isinstance(value, str) else
                     struct.pack(">I", value) if isinstance(value, int) else value)
            if text(key) not in names:
                names += text(key)
            structure += struct.pack(">III", 3, len(value), names.index(text(key))) + value
            structure += bytes(-len(value) % 4)
        for key, value in node.items():
            if isinstance(value, dict):
                add(key, value)
        structure += struct.pack(">I", 2)

    add("", root)
    structure += struct.pack(">I", 9)
    start = 40 + 16
    return struct.pack(">10I", 0xD00DFEED, start + len(structure) + len(names), start,
                       start + len(structure), 40, 17, 16, 0, len(names),
                       len(structure)) + bytes(16) + structure + names


def image(kind, data, *hashes, **properties):
    """A node of /images; a hash is the name of an algorithm."""
    node = {"description": kind, "type": kind, "compression": "none", "data": data, **properties}
    for i, algorithm in enumerate(hashes):
        node[f"hash-{i + 1}"] = {"algo": algorithm, "value": HASHES[algorithm](data)}
    return node


def fit(images, configurations=None, external=None):
    """external: "data-offset", or "data-position": after the tree, with a gap."""
    root = {"description": "made", "timestamp": 1, "#address-cells": 1, "images": images}
    if configurations:
        root["configurations"] = configurations
    if not external:
        return flattened(root)
    store, moved = b"", {}
    for name, node in images.items():
        moved[name] = {key: value for key, value in node.items() if key != "data"}
        moved[name] |= {external: len(store), "data-size": len(node["data"])}
        store += node["data"] + bytes(-len(node["data"]) % 4)
    root["images"] = moved
    size = len(flattened(root))
    start = size + -size % 4
    if external == "data-position":
        start += 0x100
        for node in moved.values():
            node[external] += start
    return flattened(root).ljust(start, b"\0") + store
