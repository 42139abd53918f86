# SPDX-License-Identifier: GPL-2.0-or-later
"""FIT images: the parts of a configuration, checksums, and trees that lie."""

import gzip
import struct
import subprocess

import bad
import harness

import arm64
import fits
import images
import rules

ALL = ("crc32", "md5", "sha1", "sha256")


class Parts:
    """Contents of the images, and the checks of a plan with them."""

    def __init__(self, bench):
        self.kernel, self.initrd, self.other = bench.image, bench.initrd, b"other" * 100
        self.tree = (harness.FIXTURES / "arm64/sys/firmware/fdt").read_bytes()
        self.images = {
            "kernel-1": fits.image("kernel", gzip.compress(self.kernel), *ALL, os="linux",
                                   arch="arm64", compression="gzip", load=0, entry=0),
            "kernel-2": fits.image("kernel_noload", self.kernel, "sha256", os="linux"),
            "fdt-1": fits.image("flat_dt", self.tree, "sha1"),
            "ramdisk-1": fits.image("ramdisk", self.initrd, "crc32", os="linux"),
            "ramdisk-2": fits.image("ramdisk", self.other, os="linux"),
        }
        self.configurations = {
            "default": "conf-1",
            "conf-1": {"kernel": "kernel-1", "ramdisk": "ramdisk-1", "fdt": "fdt-1"},
            "conf-2": {"kernel": "kernel-2", "ramdisk": "ramdisk-2"},
        }

    def fit(self, external=None, images=None, **configurations):
        """Another FIT image: images, configurations: changes of those above."""
        return fits.fit(self.images | (images or {}), self.configurations | configurations,
                        external)

    def check(self, initrd, method=None):
        def check(plan):
            kernel, = (part for part in plan["segments"] if part["name"] == "kernel")
            rules.check_content(kernel, self.kernel)
            rules.check_initrd(plan, initrd)
            rules.require(not method or plan["method"] == method, f"the call is {method}")
        return check


def good(bench):
    parts = Parts(bench)
    for external in None, "data-offset", "data-position":
        name = bench.write("good.itb", parts.fit(external))
        bench.accepts(f"FIT, {external}", "-l", name, check=parts.check(parts.initrd, "kexec_load"))
        bench.accepts(f"FIT, {external}, another configuration", "-l", name, "--fit-config=conf-2",
                      check=parts.check(parts.other, "kexec_file_load"))
        bench.accepts(f"FIT, {external}, another initrd", "-l", name, "--initrd=initrd",
                      "--fit-config=conf-2", check=parts.check(parts.initrd))
    bench.accepts("FIT in gzip", "-l", bench.write("good.itb.gz", gzip.compress(parts.fit())),
                  check=parts.check(parts.initrd))
    bench.accepts("FIT without configurations", "-l", bench.write("plain.itb", fits.fit(
        {"k": parts.images["kernel-1"], "r": parts.images["ramdisk-1"]})),
        check=parts.check(parts.initrd))
    bench.accepts("FIT with one configuration and no default", "-l", bench.write(
        "one.itb", fits.fit(parts.images, {"conf-1": parts.configurations["conf-1"]})),
        check=parts.check(parts.initrd))
    wrapped = fits.image("ramdisk", arm64.uimage(bench.initrd, kind=3))
    bench.accepts("FIT with a wrapped ramdisk", "-l", bench.write(
        "wrapped.itb", parts.fit(images={"ramdisk-1": wrapped})), check=parts.check(parts.initrd))
    packed = fits.image("flat_dt", gzip.compress(parts.tree), compression="gzip")
    bench.accepts("FIT with a compressed tree", "-l", bench.write(
        "packed.itb", parts.fit(images={"fdt-1": packed})), check=parts.check(parts.initrd))


def warned(bench):
    parts = Parts(bench)
    signed = parts.images["kernel-1"] | {"signature-1": {"algo": "sha256,rsa2048"}}
    for name, data, says in (
            ("signed image", parts.fit(images={"kernel-1": signed}), "the signatures in this FIT"),
            ("signed configuration", parts.fit(**{"conf-1": parts.configurations["conf-1"] | {
                "signature-1": {"algo": "sha256,rsa2048"}}}), "the signatures in this FIT"),
            ("unknown hash", parts.fit(images={"ramdisk-1": fits.image(
                "ramdisk", bench.initrd, "sha512")}), "hash algorithm sha512 is unknown here"),
            ("loadables", parts.fit(**{"conf-1": parts.configurations["conf-1"] | {
                "loadables": "atf"}}), "the loadables of configuration conf-1 are not loaded")):
        bench.accepts(f"FIT, {name}", "-l", bench.write("odd.itb", data),
                      warns=f"^warning: odd.itb: {says}", check=parts.check(parts.initrd))
    bench.write("good.itb", parts.fit())
    for why, changes in (
            ("the kernel is locked down",
             {"sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}),
            ("Secure Boot is on", {"sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-"
                                   "00e098032b8c": b"\6\0\0\0\1"})):
        bench.accepts(f"FIT, {why}", "-l", "good.itb", "--fit-config=conf-2",
                      machine=bench.machine_with(changes), check=parts.check(parts.other),
                      warns="^warning: good.itb: nothing checks who signed this FIT image, and "
                            f"{why}: only a signature of the kernel inside counts$")


def refused(bench):
    parts = Parts(bench)
    kernel, initrd = parts.images["kernel-1"], parts.images["ramdisk-1"]

    def without(node, name):
        return {key: value for key, value in node.items() if key != name}

    def config(**changes):
        return parts.fit(**{"conf-1": parts.configurations["conf-1"] | changes})

    for name, data, says in (
            *((f"wrong {algorithm}", parts.fit(images={"kernel-1": kernel | {f"hash-{i}": {
                "algo": algorithm, "value": bytes(len(fits.HASHES[algorithm](b"")))}}}),
               f"image kernel-1: its {algorithm} checksum does not match")
              for i, algorithm in enumerate(ALL, 1)),
            ("short hash", parts.fit(images={"kernel-1": kernel | {"hash-1": {
                "algo": "sha1", "value": b"x"}}}), "its sha1 checksum does not match"),
            ("hash without a value", parts.fit(images={"kernel-1": kernel | {"hash-1": {
                "algo": "sha1"}}}), "a hash has no algo or no value"),
            ("a name of 64 KiB", parts.fit(images={"x": {"x" * (64 << 10): 0}}),
             "the names of its properties take more than 64 KiB"),
            ("17 hashes", parts.fit(images={"kernel-2": fits.image(
                "kernel", parts.kernel, *["crc32"] * 17)}, default="conf-2"),
             "image kernel-2: .*it has more than 16 hashes"),
            ("kernel that is not gzip", parts.fit(images={"kernel-1": fits.image(
                "kernel", parts.kernel, compression="gzip")}), "its kernel: it is marked 'gzip'"),
            ("kernel that is a ramdisk", config(kernel="ramdisk-1"), "its type is 'ramdisk'"),
            ("kernel of another os", parts.fit(images={"kernel-1": kernel | {"os": "openbsd"}}),
             "its os is 'openbsd'"),
            ("kernel that is missing", config(kernel="kernel-9"),
             "configuration conf-1: kernel: image kernel-9: .*no such image"),
            ("name without an end", config(kernel=b"kernel-1"), "it is not a name"),
            ("overlays", config(fdt=b"fdt-1\0fdt-2\0"), "it names several images, such as overlays"),
            ("configuration without a kernel", parts.fit(**{"conf-1": {"ramdisk": "ramdisk-1"}}),
             "configuration conf-1 of this FIT image has no kernel"),
            ("default that is missing", parts.fit(default="conf-9"), "no configuration conf-9"),
            ("two configurations, no default",
             fits.fit(parts.images, without(parts.configurations, "default")),
             "has no default configuration"),
            ("two kernels, no configuration", fits.fit(parts.images),
             "several images of type kernel, and no configurations"),
            ("empty ramdisk", parts.fit(images={"ramdisk-1": initrd | {"data": b""}}),
             "it is empty"),
            ("no data", parts.fit(images={"kernel-1": without(kernel, "data")}),
             "neither data nor data-position"),
            ("no data-size", parts.fit(images={"kernel-1": without(kernel, "data") | {
                "data-offset": 0}}), "its data-size is missing"),
            ("control characters", config(kernel="\x1b[2J"), "no such image"),
            ("FIT in a FIT", parts.fit(images={"kernel-1": fits.image("kernel", parts.fit())}),
             "a FIT image in a FIT image"),
            ("UKI in a FIT", parts.fit(images={"kernel-1": fits.image("kernel", images.uki(
                (".linux", parts.kernel)))}), "a UKI in a FIT image")):
        bench.refuses(f"FIT, {name}", "-l", bench.write("bad.itb", data), says=says,
                      names="bad.itb", status=255)
    for offset, size in (0xFFFFFFFF, 1), (0, 0xFFFFFFFF), (0x80000000, 0x80000000), (1 << 28, 1):
        for where in "data-offset", "data-position":
            bench.refuses(f"FIT, {size:#x} bytes at {where} {offset:#x}", "-l", bench.write(
                "bad.itb", parts.fit(images={"kernel-1": without(kernel, "data") | {
                    where: offset, "data-size": size}})), says="is not inside the", names="bad.itb",
                          status=255)
    bench.refuses("FIT, no such configuration", "-l", bench.write("good.itb", parts.fit()),
                  "--fit-config=conf-3", status=255,
                  says="no configuration conf-3\n--fit-config=NAME chooses one of: conf-1, conf-2[.]")
    bench.refuses("--fit-config without a FIT", "-l", "Image", "--fit-config=conf-1",
                  says="^--fit-config: Image is not a FIT image", status=1)
    bench.refuses("a device tree as a kernel", "-l", bench.write("tree.dtb", parts.tree),
                  says="^Cannot determine the file type of tree.dtb", status=255)


def damaged(bench):
    data = Parts(bench).fit("data-offset")
    for size in (4, 8, 20, 39, 40, 56, 100, 500, len(data) // 2, len(data) - 4000):
        bench.refuses(f"FIT cut to {size} bytes", "-l", bench.write("cut.itb", data[:size]),
                      names="cut.itb", status=255, says="cut short|damaged|is not inside")
    for offset in range(4, 40, 4):
        for value in 0, 1, 0x7FFFFFFF, 0xFFFFFFFF:
            edited = bytearray(data)
            struct.pack_into(">I", edited, offset, value)
            bench.survives(f"FIT with {value:#x} at {offset}", "-l",
                           bench.write("edited.itb", bytes(edited)), names="edited.itb")
    tree = struct.unpack_from(">I", data, 8)[0]
    first = data.index(struct.pack(">I", 3), tree)  # FDT_PROP
    for length in 0xFFFFFFF4, 0xFFFFFFF8, 0x80000000, len(data):
        edited = bytearray(data)
        struct.pack_into(">I", edited, first + 4, length)
        bench.refuses(f"FIT, property of {length:#x} bytes", "-l", bench.write("edited.itb", bytes(edited)),
                      names="edited.itb", status=255,
                      says=f"damaged: FDT_ERR_BADSTRUCTURE at offset {first:#x}")


def many_configurations(bench):
    """The error lists the first names only: a list of all would need the square of the file's size."""
    names = [f"conf-{i}" for i in range(5000)]
    bench.write("many.itb", fits.fit(Parts(bench).images, {name: {} for name in names}))
    process = subprocess.run(
        ["prlimit", f"--as={64 << 20}", bench.plain_kexec, "--dry-run", "--arch=arm64",
         f"--sysroot={bench.machine}", "-l", "many.itb"], cwd=bench.directory, env=bad.ENV,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    result = harness.finish(["kexec", "-l", "many.itb"], process, process.stdout, process.stderr)
    bench.suite.check("bad input, FIT, 5000 configurations", bench.unclear(
        result, "chooses one of: conf-0, conf-1, .* [.][.][.][.]$", "many.itb"), result)


def run(suite, build, directory):
    bad.run_arch(suite, build, directory, "arm64", "Image", arm64.image(),
                 (good, warned, refused, many_configurations, damaged))
