# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests: what each guest is made of, what its first stage does, and
what must be seen on its console."""

import dataclasses
import gzip
import hashlib
import re
import secrets
import shlex
import shutil
import stat

import files
from arches import Arch
from crash import crashes
from guest import MIB, Failure, Guest

BANNER = "I'm in purgatory"
SECOND_KERNEL = "STAGE2|Linux version"
DISK_SLACK = 64     # MiB: the kernel image is twice in a dump


@dataclasses.dataclass
class Case:
    """One test.  script is the first stage's; {load} in it is the load command,
    reported; {bare} the same without a report; {options} are what it ends with; {line} is
    the command line."""
    name: str
    about: str
    expect: object
    arch: Arch = dataclasses.field(kw_only=True)
    options: tuple = ()
    script: str = "{load} && run kexec -e"
    action: str = "-l"
    kernel: object = "vmlinuz"  # name in KERNELS, or a function like theirs
    machine: str = ""       # more of QEMU's -machine
    found: str = ""         # words that must be among what the first kernel finds
    method: str = ""        # how purgatory hashes
    # Puts kernel, initrds and command line into files, {path in the guest: content}; then /kernel
    # is loaded without an option for them.  None: options name them.
    container: object = None
    initrds: int = 1
    firmware: str = "bios"
    cpus: int = 1
    cpu: str = ""           # "": the arch's
    memory: int = 512
    reuse: bool = False     # --reuse-cmdline, and only the token is new
    words: str = ""         # of the first kernel's command line; {word} in it is a random one
    crash: str = ""         # crashkernel=, the second kernel waits for a panic of the first
    unmapped: bool = False  # some RAM has no virtual address in the dump
    elf_word: int = 0       # bytes of an address in the dump's ELF header; 0: those of a long
    backup: bool = False    # the dump has low memory, from a copy
    holes: tuple = ()       # of low memory: ranges of addresses that words take away
    usable_ram: str = ""    # as the arch's, where words change the map
    low: int = 0            # MiB of memory below 4 GiB; 0: as much as goes there
    spare: int = 0          # CPUs that the host can plug in
    package: str = ""       # of the kernel; "": the arch's
    tty: str = ""           # the second kernel's console; "": the arch's
    hypervisor: str = ""    # its command line, and kernel and initrds are its modules
    under: str = ""         # as hypervisor, and the first kernel runs under it
    returns: bool = False   # the second kernel jumps back to the first
    big: int = 0            # MiB that the guest appends to the last initrd
    damaged: str = "initrd" # where the corruption tests flip a bit
    extra: object = None    # function of the build: {path: content}, more in the first stage
    # Makes another initramfs than the one that reports itself: function of the run and the first kernel.
    first: object = None
    # The guest starts by what this function of the run and the kernel makes, without an initrd;
    # words are those of its command line.
    bake: object = None
    stub: object = None     # function of place: a kernel that jumps to what bake made
    place: int = 0          # its address; 0: QEMU chooses it
    # Function of the directory of a FAT disk, on which what bake made has the name "baked": the file
    # that QEMU starts; None: firmware finds it on that disk.
    disk: object = None
    flip: bool = False      # a bit of the initrd in it
    seconds: int = 240
    default: bool = True    # in the set that runs unless --all
    peer: bool = False      # Debian's kexec passes it, too


class Run:
    """One case in progress: its guest, and what was given to the second stage."""

    def __init__(self, case, tool, directory, log, build, on_line=None):
        self.case = case
        self.directory = directory
        self.token = f"token={secrets.token_hex(8)}"
        arch = case.arch
        words = f"panic=1 printk.devkmsg=on {arch.words}".rstrip()
        crash_words = arch.crash_words.split() if case.crash else []
        own_words = case.words.split() if case.bake else []
        self.command_line = " ".join([f"console={case.tty or arch.tty}", words, *crash_words,
                                      *own_words, self.token])
        self.payloads = {}
        self.facts = None
        self.tool = tool
        self.build = build
        self.word = secrets.token_hex(8)    # only the first kernel's log has it
        self.package = case.package or arch.kernel
        image = files.debian_kernel(self.package)
        self.release = files.release_of(image)
        self.busybox = files.busybox(arch.busybox)
        self.reserved = [int(size) for size in re.findall(r"(\d+)M", case.crash)]
        self.patterns = {"command line": self.token.encode()}
        if "kernel" in arch.segments:
            self.patterns["kernel"] = image.read_bytes()[8 * MIB:8 * MIB + 64]
        self.initrds = [self._second_stage(), *(self._more(i) for i in range(1, case.initrds))]
        if not case.bake:
            archive = case.first(self, image) if case.first else self._first_stage(tool, image)
            (directory / "initrd").write_bytes(archive)
        reserve = [f"crashkernel={part}" for part in case.crash.split()]
        if case.bake:
            start = (self._baked(image), None, None)
        elif case.under:
            first = files.debian_kernel(files.XEN_KERNEL)
            (directory / "xen").write_bytes(gzip.decompress(files.xen().read_bytes()))
            modules = f"{first} console=hvc0 {words},{directory / 'initrd'}"
            start = (directory / "xen", modules, " ".join([case.under, *reserve]))
        else:
            start = (image, directory / "initrd",
                     " ".join([f"console={arch.tty}", words, *case.words.format(word=self.word).split(),
                               *reserve]))
        self.guest = Guest(case.arch, directory, log, *start,
                           memory=case.memory, low=case.low, cpus=case.cpus, spare=case.spare,
                           disk=case.memory + DISK_SLACK if case.crash else 0,
                           firmware=case.firmware, cpu=case.cpu, seconds=case.seconds,
                           on_line=on_line, options=case.machine,
                           loaded=(directory / "baked", case.place) if case.place else None,
                           folder=directory / "disk-files" if case.disk else None)

    def _baked(self, image):
        baked = self.case.bake(self, image)
        if self.case.flip:
            content = bytearray(baked.read_bytes())
            content[content.index(self.patterns["initrd"])] ^= 1
            baked.write_bytes(content)
        if self.case.disk:
            folder = self.directory / "disk-files"
            folder.mkdir()
            shutil.copy(baked, folder / "baked")
            return self.case.disk(folder)
        if not self.case.place:
            return baked
        stub = self.directory / "stub"
        stub.write_bytes(self.case.stub(self.case.place))
        return stub

    def _payload(self, archive, name):
        content = secrets.token_bytes(64 << 10)
        self.payloads[name] = hashlib.sha256(content).hexdigest()
        return content, archive.add(name, content)

    def _second_stage(self):
        archive = files.Archive()
        archive.console()
        archive.add("/bin/busybox", self.busybox, 0o755)
        archive.add("/common.sh", files.HERE / "guest/common.sh")
        archive.add("/init", files.HERE / "guest/stage2", 0o755)
        if self.case.crash or self.case.returns:
            for path, content in self.tool.items():
                archive.add(path, content, 0o755)
        if self.case.crash:
            for number, module in enumerate(files.modules(self.package, self.case.arch.modules)):
                archive.add(f"/modules/{number}", module)
        content, offset = self._payload(archive, "/payload")
        # 64 bytes from the middle that do not straddle a page of the loaded file.
        middle = 32 << 10
        middle += -(offset + middle) % 4096
        self.patterns["initrd"] = content[middle:middle + 64]
        return archive.finish()

    def _more(self, number):
        archive = files.Archive()
        self._payload(archive, f"/payload{number}")
        return archive.finish()

    def _first_stage(self, tool, image):
        archive = files.Archive()
        archive.console()
        archive.add("/bin/busybox", self.busybox, 0o755)
        archive.add("/common.sh", files.HERE / "guest/common.sh")
        archive.add("/init", files.HERE / "guest/stage1", 0o755)
        for path, content in tool.items():
            archive.add(path, content, 0o755)
        make = self.case.kernel
        kernel = (make if callable(make) else KERNELS[make])(image)
        for path, content in (self.case.extra(self.build) if self.case.extra else {}).items():
            archive.add(path, content)
        if self.case.container:
            parts = self.case.container(kernel, self.initrds, self.command_line)
        else:
            parts = {f"/initrd{number}": content for number, content in enumerate(self.initrds)}
            parts["/kernel"] = kernel
        if self.case.under:
            for number, module in enumerate(files.modules(files.XEN_KERNEL, files.XEN_MODULES)):
                parts[f"/modules/{number}.ko"] = module
        if self.case.hypervisor:
            parts["/xen.gz"] = files.xen()
        for path, content in parts.items():
            archive.add(path, content)
        script = self._big(archive) if self.case.big else ""
        self.load = shlex.join(["kexec", self.case.action, *self._what(parts),
                                *self.case.options])
        script += self.case.script.format(load=f"run {self.load}", bare=self.load,
                                          options=shlex.join(self.case.options),
                                          line=shlex.quote(self.command_line), word=self.word)
        archive.add("/test", script.encode())
        return archive.finish()

    def _what(self, parts):
        """Kernel, initrds and command line, as kexec takes them."""
        initrds = [path for path in parts if path.startswith("/initrd")]
        if self.case.hypervisor:
            return ["/xen.gz", f"--command-line={self.case.hypervisor}",
                    f"--module=/kernel {self.command_line}",
                    *(f"--module={path}" for path in initrds)]
        arguments = ["/kernel", *(f"--initrd={path}" for path in initrds)]
        if self.case.container:
            return arguments
        if self.case.reuse:
            return [*arguments, "--reuse-cmdline", f"--append={self.token}"]
        return [*arguments, f"--command-line={self.command_line}"]

    def _big(self, archive):
        """The guest repeats a random block: nothing that large travels to it."""
        block = secrets.token_bytes(MIB)
        whole = hashlib.sha256()
        for _ in range(self.case.big):
            whole.update(block)
        self.payloads["/payload-big"] = whole.hexdigest()
        head = files.Archive()
        head.head("/payload-big", stat.S_IFREG | 0o644, self.case.big * MIB)
        archive.add("/big.head", bytes(head.data))
        archive.add("/big.block", block)
        archive.add("/big.tail", files.Archive().finish())
        return ("{ cat /big.head; for i in $(seq %d); do cat /big.block; done; cat /big.tail; } "
                ">>/initrd%d\n" % (self.case.big, self.case.initrds - 1))

    def begin(self):
        """Waits for the first stage, if it reports itself."""
        if self.case.first or self.case.bake:
            return
        self.facts = self.guest.wait("STAGE1 facts (.*)").group(1)
        missing = set(self.case.found.split()) - set(self.facts.split())
        if missing:
            raise Failure(f"the first kernel finds {self.facts}, not {' '.join(missing)}")

    def command_ended(self, expected=0):
        """Waits for a command of the first stage; returns what it printed."""
        begin = self.guest.seen
        status = int(self.guest.wait(r"STAGE1 status (\d+)").group(1))
        printed = [line.split("| ", 1)[1] for line in self.guest.lines[begin:self.guest.seen]
                   if line.startswith("STAGE1 | ")]
        if status != expected:
            raise Failure(f"exit status {status}, not {expected}: {' / '.join(printed)}")
        return printed

    def in_purgatory(self, checked=True):
        """Its banner, and unless it has something to find how it hashed; -s brings another."""
        if "-s" not in self.case.options and self.case.arch.console in ("", *self.case.options):
            self.guest.wait(BANNER, never=SECOND_KERNEL)
            if self.case.method and checked:
                self.guest.wait(f"purgatory: verified .*, with {self.case.method} in ",
                                never=SECOND_KERNEL)

    def arrived(self):
        """The digests that the second kernel found, after machine and command line are right."""
        compare_facts(self.facts, self.guest.wait("STAGE2 facts (.*)").group(1))
        command_line = self.given(self.guest.wait("STAGE2 command line: (.*)").group(1))
        if command_line != self.command_line:
            raise Failure(f"command line '{command_line}', not '{self.command_line}'")
        return self.digests()

    def given(self, command_line):
        """The second kernel's command line without what kexec adds to every one."""
        return re.sub(self.case.arch.added, "", command_line)

    def digests(self):
        """What the second stage says of its payloads."""
        found = {}
        while True:
            name, digest = self.guest.wait(r"STAGE2 (?:digest (\S+) (\S+)|done)").groups()
            if not name:
                return found
            found[name] = digest


def compare_facts(first, second):
    one, two = (dict(word.split("=") for word in facts.split()) for facts in (first, second))
    memory = [int(facts.pop("memory")) for facts in (one, two)]
    if one != two:
        raise Failure(f"the first kernel found {one}, the second {two}")
    if abs(memory[0] - memory[1]) > memory[0] // 20:
        raise Failure(f"the first kernel found {memory[0]} KiB of memory, the second {memory[1]}")


def jumps(run):
    """-f: the command that loads does not return."""
    run.in_purgatory()
    found = run.arrived()
    if found != run.payloads:
        raise Failure(f"payloads {found}, not {run.payloads}")


def boots(run):
    run.command_ended()
    jumps(run)


def starts_elsewhere(run):
    """What arrives in a kernel that sees another machine than the first one."""
    command_line = run.guest.wait("STAGE2 command line: (.*)").group(1)
    if command_line != run.command_line:
        raise Failure(f"command line '{command_line}', not '{run.command_line}'")
    found = run.digests()
    if found != run.payloads:
        raise Failure(f"payloads {found}, not {run.payloads}")


def boots_under(hypervisor):
    """The second kernel has what the hypervisor gives it; its console shows both."""
    def expect(run):
        run.command_ended()
        run.in_purgatory()
        run.guest.wait(hypervisor)
        starts_elsewhere(run)
    return expect


def boots_as_planned(pattern):
    """A test that a line of the --dry-run matches and that the load works."""
    def expect(run):
        planned = run.command_ended()
        if not any(re.match(pattern, line) for line in planned):
            raise Failure(f"no '{pattern}' in the plan: {' / '.join(planned)}")
        boots(run)
    return expect


def unloads(run):
    run.command_ended()
    if run.guest.wait("STAGE1 loaded=(.)").group(1) != "1":
        raise Failure("nothing is loaded after a load")
    run.command_ended()
    if run.guest.wait("STAGE1 loaded=(.)").group(1) != "0":
        raise Failure("still loaded after kexec -u")
    printed = run.command_ended(1)
    if not any("Nothing has been loaded!" in line for line in printed):
        raise Failure(f"kexec -e with nothing loaded said: {' / '.join(printed)}")


def damage(run):
    """Flips a bit of what is loaded; the jump comes afterwards."""
    run.command_ended()
    run.guest.wait("STAGE1 paused")
    if not run.guest.flip_bit(run.patterns[run.case.damaged]):
        raise Failure(f"the loaded {run.case.damaged} is nowhere in the guest's memory")
    run.guest.resume()


def refuses(run):
    """Purgatory finds the damage; the segment's name is for others than Debian's."""
    damage(run)
    run.in_purgatory(checked=False)
    segment = run.case.arch.segments[run.case.damaged]
    run.guest.wait(rf"sha256 digests do not match(: {segment} | :\()", never=SECOND_KERNEL)


def halts(run):
    refuses(run)
    run.guest.silent_for(10, never=SECOND_KERNEL)


def resets(run):
    refuses(run)
    run.guest.wait_for_reset(never=SECOND_KERNEL)


def boots_damaged(run):
    """With --no-checks the same damage arrives, so it is real and the second stage sees it."""
    damage(run)
    if run.arrived() == run.payloads:
        raise Failure("the flipped bit did not arrive in the second kernel")


KERNELS = {
    "vmlinuz": lambda path: path,
    "vmlinuz.gz": lambda path: files.compress("gzip -1", path),
    "vmlinuz.xz": lambda path: files.compress("xz -0", path),
    "vmlinuz.zst": lambda path: files.compress("zstd -q -1", path),
    "vmlinux": files.vmlinux_of,
}

PLANNED = "{load} --dry-run && {load} && run kexec -e"
# The last CPU panics.
PANIC = ("say 'word {word}' && pause && taskset $(printf %x $((1 << $(nproc) - 1))) "
         "sh -c 'echo c >/proc/sysrq-trigger'")
CRASH = "{load} && " + PANIC
PAUSED = "{load} && pause && run kexec -e"
PROGRAM = "run kexec -l /kernel {options} && run kexec -e"
PROGRAM_PAUSED = "run kexec -l /kernel {options} && pause && run kexec -e"
NO_INITRD = "run kexec -l /kernel --command-line={line} {options} && pause && run kexec -e"
LOADED = 'say "loaded=$(cat /sys/kernel/kexec_loaded)"\n'
UNLOAD = "{load}\n" + LOADED + "run kexec -u\n" + LOADED + "run kexec -e"


def load(arch):
    """What a load has: the system call that these kernels know, and a console."""
    return ("-c", arch.console) if arch.console else ("-c",)


def case(arch, name, about, expect=boots, options=None, script=Case.script, **fields):
    fields = {"memory": arch.memory, "method": arch.method, "firmware": arch.starts_with,
              "seconds": 400, **fields}
    return Case(f"{arch.name}-{name}", f"{arch.name}: {about}", expect,
                load(arch) if options is None else options, script, arch=arch, **fields)


def crash(arch, name, about, **fields):
    memory, reserved = arch.crash
    fields = {"expect": crashes, "script": CRASH, "memory": memory, "crash": reserved,
              "action": "-p", "seconds": 600, "backup": arch.backup > 0, **fields}
    return case(arch, f"crash-{name}", f"a panic, then: {about}", **fields)


def planned(arch, kind, about, **fields):
    return case(arch, kind, about, boots_as_planned(f"purgatory +{kind},"), script=PLANNED,
                **fields)


def both(make, arch, about, **fields):
    """A test with each purgatory."""
    return [make(arch, kind, f"{kind} purgatory, {about}",
                 options=(*load(arch), f"--purgatory={kind}"), **fields)
            for kind in ("pie", "rel")]


def corrupted(arch, *ways):
    """The ways in which purgatory ends where the initrd is damaged, by default and others."""
    return [case(arch, f"corrupt-{name}", f"a bit flipped in the loaded initrd: {about}", expect,
                 (*load(arch), *options), PAUSED, default=name in ways)
            for name, about, expect, options in (
                ("halt", "purgatory says so and halts", halts, ("--on-corrupt=halt",)),
                ("halt-rel", "the same with the rel purgatory", halts,
                 ("--on-corrupt=halt", "--purgatory=rel")),
                ("reboot", "purgatory resets", resets, ("--on-corrupt=reboot",)),
                ("unchecked", "nobody checks", boots_damaged, ("--no-checks",)))]


def plain(arch, **fields):
    return case(arch, "plain", "no option but kernel, initrd and command line", options=(),
                **fields)


PEER_LACKS = re.compile("--(purgatory|on-corrupt)=")


def for_peer(case):
    """The case with the options that Debian's kexec knows."""
    options = tuple(option for option in case.options if not PEER_LACKS.match(option))
    return dataclasses.replace(case, options=options)
