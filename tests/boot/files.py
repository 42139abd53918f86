# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guests are made of: Debian's kernel and busybox, the kexec under
test with its libraries, and initramfs archives (the kernel's
Documentation/driver-api/early-userspace/buffer-format.rst)."""

import glob
import lzma
import os
import pathlib
import re
import stat
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent


# Set by `make check`: no downloads, no emulator, no other compiler than the build's.
HERMETIC = "HERMETIC" in os.environ


class MissingError(Exception):
    """Something that the tests need is not there; the message says what to do."""


def fetch(*packages):
    """Unpacked directories of Debian packages."""
    if HERMETIC:
        raise MissingError("nothing is downloaded here; make check-all runs this part")
    result = subprocess.run([TOP / "util/fetch-debian", *packages], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode:
        raise MissingError(result.stderr.strip())
    return [pathlib.Path(line) for line in result.stdout.splitlines()]


def one(directory, *patterns):
    """The patterns are of before or after Debian merged / and /usr."""
    found = sorted(path for top in (directory, directory / "usr") for pattern in patterns
                   for path in glob.glob(str(top / pattern)))
    if not found:
        raise MissingError(f"no {' or '.join(patterns)} in {directory}; "
                           "remove that directory and try again")
    return pathlib.Path(found[-1])


def debian_kernel(package):
    """A package's kernel; small:ARCH is one of util/build-kernel."""
    if package.startswith("small:"):
        result = subprocess.run([TOP / "util/build-kernel", package.partition(":")[2]], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode:
            raise MissingError(result.stderr.strip())
        return pathlib.Path(result.stdout.strip())
    return one(fetch(package)[0], "boot/vmlinu[xz]-*", "lib/modules/*/vmlinuz")


def release_of(image):
    """The kernel's release, which is in the name of Debian's file or of its folder."""
    return image.name.partition("-")[2] or image.parent.name


def emulator(arch):
    """The command that starts QEMU: the installed one, or that of the arch's packages."""
    if not arch.qemu_packages:
        return [arch.qemu]
    programs, common, data = fetch(*arch.qemu_packages)
    return ["env", f"QEMU_MODULE_DIR={one(common, 'lib/*/qemu')}",
            one(programs, f"bin/{arch.qemu}"), "-L", one(data, "share/qemu")]


def firmware(arch):
    """The code and the variables of UEFI: installed ones, or those of the arch's package."""
    for paths in arch.firmware:
        if all(map(os.path.exists, paths)):
            return paths
    directory, = fetch(arch.firmware_package)
    return [one(directory, path.lstrip("/")) for path in arch.firmware[0]]


def modules(package, names):
    """The contents of the named modules of a kernel's package."""
    if not names:
        return []
    directory, = fetch(package)
    paths = [one(directory, f"lib/modules/*/kernel/{name}.ko*") for name in names]
    return [lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
            for path in paths]


def busybox(package="busybox-static"):
    return one(fetch(package)[0], "bin/busybox")


XEN_KERNEL = "linux-image-amd64"    # the cloud kernel cannot be the control domain's
# Of that kernel, for /dev/xen and /proc/xen.
XEN_MODULES = ("drivers/xen/xen-privcmd", "drivers/xen/xenfs/xenfs")


def xen():
    """Debian's hypervisor."""
    return one(fetch("xen-hypervisor-4.17-amd64")[0], "boot/xen-*.gz")


def debian_kexec():
    """Debian's kexec-tools and the directories of the Xen libraries that it needs."""
    tool, = fetch("kexec-tools")
    text = subprocess.run(["apt-cache", "depends", "--recurse", "--important", "kexec-tools"],
                          text=True, stdout=subprocess.PIPE, check=True).stdout
    xen = sorted(set(re.findall(r"^libxen\S+", text, re.M)))
    libraries = fetch("kexec-tools", *xen)[1:]
    return one(tool, "sbin/kexec"), [one(d, "usr/lib/*-linux-gnu") for d in libraries]


def libraries_of(program, search=()):
    """{path in the guest: path here} of the loader and shared libraries of a program."""
    env = dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, search)), LC_ALL="C")
    text = subprocess.run(["ldd", program], text=True, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout
    missing = re.findall(r"(\S+) => not found", text)
    if missing:
        raise MissingError(f"{program} needs {', '.join(missing)}, which is not installed")
    libraries = {}
    for name, path in re.findall(r"^\s*(?:(\S+) => )?(/\S+) \(0x", text, re.M):
        # The loader is known by its full path, the others by their soname.
        place = f"/lib/{name}" if name and "/" not in name else path
        libraries[place] = pathlib.Path(path)
    return libraries


class Archive:
    """An initramfs in the making, in the "newc" format."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0
        self.directories = set()

    def head(self, path, mode, size=0, device=(0, 0)):
        """Begins an entry; size bytes of content must follow."""
        name = path.lstrip("/").encode() + b"\0"
        self.inode += 1
        fields = (self.inode, mode, 0, 0, 1, 0, size, 0, 0, *device, len(name), 0)
        self.data += b"070701" + b"".join(b"%08x" % field for field in fields) + name
        self._pad()

    def _pad(self):
        self.data += bytes(-len(self.data) % 4)

    def directory(self, path):
        if path not in ("", "/") and path not in self.directories:
            self.directory(os.path.dirname(path))
            self.directories.add(path)
            self.head(path, stat.S_IFDIR | 0o755)

    def add(self, path, content, mode=0o644):
        """Adds a file; returns where its content begins in the archive."""
        if isinstance(content, os.PathLike):
            content = pathlib.Path(content).read_bytes()
        self.directory(os.path.dirname(path))
        self.head(path, stat.S_IFREG | mode, len(content))
        begin = len(self.data)
        self.data += content
        self._pad()
        return begin

    def link(self, path, target):
        self.directory(os.path.dirname(path))
        self.head(path, stat.S_IFLNK | 0o777, len(target))
        self.data += target.encode()
        self._pad()

    def device(self, path, major, minor):
        self.directory(os.path.dirname(path))
        self.head(path, stat.S_IFCHR | 0o600, device=(major, minor))

    def console(self):
        """The kernel opens it for init's output before anything is mounted."""
        self.device("/dev/console", 5, 1)

    def finish(self):
        self.head("TRAILER!!!", 0)
        return bytes(self.data)


def vmlinux_of(bzimage):
    """The ELF kernel inside a bzImage whose payload is LZ4 or XZ (Debian's are).

    payload_offset counts from the protected-mode code (kernel: boot.rst, the setup header).  The
    last four bytes of the payload are the decompressed size.
    """
    data = pathlib.Path(bzimage).read_bytes()
    sectors = data[0x1f1]
    offset, length = struct.unpack_from("<II", data, 0x248)
    begin = (sectors + 1) * 512 + offset
    payload = data[begin:begin + length]
    tools = {b"\x02\x21\x4c\x18": "lz4", b"\xfd7zX": "xz"}
    if payload[:4] not in tools:
        raise MissingError(f"{bzimage}: its payload is neither LZ4 nor XZ")
    elf = subprocess.run([tools[payload[:4]], "-dc"], input=payload[:-4], stdout=subprocess.PIPE,
                         check=True).stdout
    if elf[:4] != b"\x7fELF" or len(elf) != struct.unpack("<I", payload[-4:])[0]:
        raise MissingError(f"{bzimage}: its payload is not one ELF file")
    return elf


def with_sections(stub, sections):
    """A PE file with more sections, {name: content or path}, by objcopy as systemd documents it."""
    with tempfile.TemporaryDirectory() as directory:
        made = pathlib.Path(directory) / "made"
        data = stub.read_bytes()
        base, = struct.unpack_from("<Q", data, struct.unpack_from("<I", data, 0x3c)[0] + 48)
        command, address = ["objcopy"], base + (1 << 24)
        for name, content in sections.items():
            path = pathlib.Path(directory) / name
            path.write_bytes(content.read_bytes() if isinstance(content, os.PathLike) else content)
            command += [f"--add-section={name}={path}", f"--change-section-vma={name}={address:#x}"]
            address += path.stat().st_size + 0xffff & ~0xffff
        subprocess.run([*command, stub, made], check=True)
        return made.read_bytes()


def compress(tool, path):
    """The content of path, compressed by a command that writes to its standard output."""
    return subprocess.run([*tool.split(), "-c", path], stdout=subprocess.PIPE, check=True).stdout


def cross_built(arch, build):
    """Like tool(), for another machine than this one."""
    result = subprocess.run([TOP / "util/cross-build", arch.cross, build / "cross" / arch.name],
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode:
        raise MissingError(result.stderr.strip())
    directory = pathlib.Path(result.stdout.strip())
    return {f"/sbin/{name}": directory / name for name in ("kexec", "vmcore-dmesg")}


def kexec_early(arch, build):
    """The static program for an initramfs; after tool(), which builds it for another machine."""
    program = (build / "cross" / arch.name / "build" if arch.cross else build) / \
        "kexec_early/kexec-early"
    if not program.exists():
        raise MissingError(f"there is no {program}; see configure's warning about kexec-early")
    return program


def tool(arch, build, peer):
    """{path in the guest: content} of the kexec under test and all that it needs."""
    if arch.cross:
        return cross_built(arch, build)
    if peer:
        program, search = debian_kexec()
    else:
        program, search = build / "sbin/kexec", ()
        if not program.exists():
            raise MissingError(f"there is no {program}; run make first")
    dmesg = program.with_name("vmcore-dmesg")
    return {"/sbin/kexec": program, "/sbin/vmcore-dmesg": dmesg, **libraries_of(program, search)}
