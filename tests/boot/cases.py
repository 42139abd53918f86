# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests: what each guest is made of, what its first stage does, and
what must be seen on its console."""

import dataclasses
import hashlib
import re
import secrets
import shlex
import stat

import files
from arches import X86_64, Arch
from crash import crashes, crashes_after_hotplug, crashes_after_refusal, crashes_from_high
from guest import MIB, Failure, Guest

BANNER = "I'm in purgatory"
SECOND_KERNEL = "STAGE2|Linux version"
DISK_SLACK = 64     # MiB: the kernel image is twice in a dump


@dataclasses.dataclass
class Case:
    """One test.  script is the first stage's; {load} in it is the load command,
    reported; {bare} the same without a report; {options} are what it ends with."""
    name: str
    about: str
    expect: object
    options: tuple = ()
    script: str = "{load} && run kexec -e"
    action: str = "-l"
    kernel: str = "vmlinuz"
    arch: Arch = X86_64
    machine: str = ""       # more of QEMU's -machine
    found: str = ""         # words that must be among what the first kernel finds
    method: str = ""        # how purgatory hashes
    initrds: int = 1
    firmware: str = "bios"
    cpus: int = 1
    cpu: str = ""           # "": the arch's
    memory: int = 512
    reuse: bool = False     # --reuse-cmdline, and only the token is new
    words: str = ""         # of the first kernel's command line
    crash: str = ""         # crashkernel=, the second kernel waits for a panic of the first
    unmapped: bool = False  # some RAM has no virtual address in the dump
    backup: bool = False    # the dump has low memory, from a copy
    low: int = 0            # MiB of memory below 4 GiB; 0: as much as goes there
    spare: int = 0          # CPUs that the host can plug in
    package: str = ""       # of the kernel; "": the arch's
    big: int = 0            # MiB that the guest appends to the last initrd
    damaged: str = "initrd" # where the corruption tests flip a bit
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
        console = f"console={arch.tty} panic=1 printk.devkmsg=on {arch.words}".rstrip()
        self.command_line = f"{console} {self.token}"
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
        initrds = [self._second_stage(), *(self._more(i) for i in range(1, case.initrds))]
        archive = self._first_stage(tool, image, initrds)
        (directory / "initrd").write_bytes(archive)
        console = " ".join([console, *case.words.split(),
                            *(f"crashkernel={part}" for part in case.crash.split())])
        self.guest = Guest(directory, log, image, directory / "initrd", console,
                           memory=case.memory, low=case.low, cpus=case.cpus, spare=case.spare,
                           disk=case.memory + DISK_SLACK if case.crash else 0,
                           firmware=case.firmware, cpu=case.cpu, seconds=case.seconds,
                           on_line=on_line, arch=arch, options=case.machine)

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
        if self.case.crash:
            for path, content in self.tool.items():
                archive.add(path, content, 0o755)
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

    def _first_stage(self, tool, image, initrds):
        archive = files.Archive()
        archive.console()
        archive.add("/bin/busybox", self.busybox, 0o755)
        archive.add("/common.sh", files.HERE / "guest/common.sh")
        archive.add("/init", files.HERE / "guest/stage1", 0o755)
        for path, content in tool.items():
            archive.add(path, content, 0o755)
        archive.add("/kernel", KERNELS[self.case.kernel](image))
        arguments = []
        for number, content in enumerate(initrds):
            archive.add(f"/initrd{number}", content)
            arguments.append(f"--initrd=/initrd{number}")
        script = self._big(archive) if self.case.big else ""
        if self.case.reuse:
            arguments += ["--reuse-cmdline", f"--append={self.token}"]
        else:
            arguments.append(f"--command-line={self.command_line}")
        self.load = shlex.join(["kexec", self.case.action, "/kernel", *arguments,
                                *self.case.options])
        script += self.case.script.format(load=f"run {self.load}", bare=self.load,
                                          options=shlex.join(self.case.options), word=self.word)
        archive.add("/test", script.encode())
        return archive.finish()

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
        """Waits for the first stage."""
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
        command_line = self.guest.wait("STAGE2 command line: (.*)").group(1)
        if command_line != self.command_line:
            raise Failure(f"command line '{command_line}', not '{self.command_line}'")
        return self.digests()

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

LOAD = ("-c", "--console-serial")
PLANNED = "{load} --dry-run && {load} && run kexec -e"
# The last CPU panics.
PANIC = ("say 'word {word}' && pause && taskset $(printf %x $((1 << $(nproc) - 1))) "
         "sh -c 'echo c >/proc/sysrq-trigger'")
CRASH = "{load} && " + PANIC
REFUSED = """{load}
truncate -s 140M /huge
run kexec -p /kernel --initrd=/huge {options}
say "crash_loaded=$(cat /sys/kernel/kexec_crash_loaded)"
""" + PANIC
HOTPLUG = """
cpu=/sys/devices/system/cpu
{load} && say "crash_hotplug=$(cat $cpu/crash_hotplug)"
{load} --hotplug && say "crash_hotplug=$(cat $cpu/crash_hotplug)"
pause   # the host plugs CPU 1 in
for _ in $(seq 100); do [ ! -e $cpu/cpu1 ] || break; usleep 100000; done
[ "$(cat $cpu/cpu1/online)" = 1 ] || echo 1 >$cpu/cpu1/online
say "cpus=$(nproc)"
""" + PANIC
PAUSED = "{load} && pause && run kexec -e"
LOADED = 'say "loaded=$(cat /sys/kernel/kexec_loaded)"\n'
UNLOAD = "{load}\n" + LOADED + "run kexec -u\n" + LOADED + "run kexec -e"


def purgatory_case(kind, firmware, cpus):
    name = f"{kind}-{firmware}" + ("-smp" if cpus > 1 else "")
    return Case(name, f"{kind} purgatory, {firmware.upper()}, {cpus} CPU{'s' * (cpus > 1)}",
                boots_as_planned(f"purgatory +{kind},"), (*LOAD, f"--purgatory={kind}"),
                PLANNED, firmware=firmware, cpus=cpus)


def crash_case(name, about, options, script=CRASH, **fields):
    fields = {"expect": crashes, "memory": 512, "crash": "160M", **fields}
    return Case(name, f"a panic, then: {about}", options=options, script=script,
                action="-p", **fields)


# The longest first: two run at a time.
CASES = [
    Case("big-initrd", "an initrd of 300 MiB", boots, LOAD, big=300, memory=2048, seconds=600),
    Case("plain", "no option but kernel, initrd and command line", boots, peer=True),
    Case("plain-uefi", "the same from UEFI, with 2 CPUs", boots, firmware="uefi", cpus=2,
         default=False, peer=True),
    *(purgatory_case(kind, firmware, cpus) for firmware in ("bios", "uefi")
      for kind in ("pie", "rel") for cpus in (1, 2)),
    Case("force", "load and jump in one command", jumps, LOAD, "{load}", "-f",
         peer=True),
    Case("unload", "unload, after which there is nothing to jump to", unloads, LOAD,
         UNLOAD, peer=True),
    Case("corrupt-halt", "a bit flipped in the loaded initrd: purgatory says so and halts", halts,
         (*LOAD, "--on-corrupt=halt"), PAUSED, peer=True),
    Case("corrupt-reboot", "a bit flipped in the loaded initrd: purgatory resets", resets,
         (*LOAD, "--on-corrupt=reboot"), PAUSED),
    Case("corrupt-kernel", "a bit flipped in the loaded kernel", halts, LOAD, PAUSED,
         damaged="kernel", default=False, peer=True),
    Case("corrupt-cmdline", "a bit flipped in the loaded command line", halts, LOAD, PAUSED,
         damaged="command line", default=False, peer=True),
    Case("corrupt-unchecked", "a bit flipped in the loaded initrd, and nobody checks",
         boots_damaged, ("-c", "--no-checks"), PAUSED, peer=True),
    Case("corrupt-halt-rel", "corrupt-halt with the rel purgatory", halts,
         (*LOAD, "--on-corrupt=halt", "--purgatory=rel"), PAUSED, default=False),
    Case("file-load", "kexec_file_load", boots, ("-s",), peer=True),
    Case("file-load-peeled", "kexec_file_load of a bzImage in gzip, with two --initrd", boots,
         ("-s",), kernel="vmlinuz.gz", initrds=2),
    crash_case("crash-pie", "pie purgatory, 2 CPUs", (*LOAD, "--purgatory=pie"), cpus=2,
               backup=True, peer=True),
    crash_case("crash-rel", "rel purgatory", (*LOAD, "--purgatory=rel"), backup=True),
    crash_case("crash-file-load", "kexec_file_load, whose purgatory is the kernel's", ("-s",),
               peer=True),
    crash_case("crash-file-load-smp", "kexec_file_load, 2 CPUs", ("-s",), cpus=2),
    crash_case("crash-uefi", "from UEFI", LOAD, firmware="uefi", backup=True, default=False),
    crash_case("crash-high", "reservations above and below 4 GiB", LOAD,
               "run kexec --print-ckr-size && " + CRASH, expect=crashes_from_high,
               crash="128M,high 96M,low", memory=768, low=384, backup=True, peer=True),
    crash_case("crash-too-small", "a load that does not fit leaves the one before in place", LOAD,
               REFUSED, expect=crashes_after_refusal, crash="128M", backup=True),
    crash_case("crash-hotplug", "--hotplug, and a CPU is plugged in (Debian 13's kernel)", LOAD,
               HOTPLUG, expect=crashes_after_hotplug, spare=1,
               package="linux-image-cloud-amd64@trixie"),
    *(crash_case(f"crash-corrupt-{kind}", f"a bit flipped in the loaded initrd, {kind} purgatory",
                 (*LOAD, f"--purgatory={kind}"), expect=halts, default=kind == "pie",
                 peer=kind == "pie") for kind in ("pie", "rel")),
    Case("gzip", "a bzImage compressed by gzip", boots, LOAD, kernel="vmlinuz.gz"),
    Case("xz", "a bzImage compressed by xz", boots, LOAD, kernel="vmlinuz.xz", default=False),
    Case("zstd", "a bzImage compressed by zstd", boots, LOAD, kernel="vmlinuz.zst",
         default=False),
    Case("vmlinux", "an ELF kernel", boots, LOAD, kernel="vmlinux", memory=768),
    Case("initrds", "two --initrd", boots, LOAD, initrds=2),
    Case("reuse-cmdline", "the first kernel's command line and a word more", boots, LOAD,
         reuse=True, peer=True),
    Case("above-4g", "segments above 4 GiB", boots_as_planned("  purgatory +0x0[1-9a-f]"), LOAD,
         PLANNED, memory=6144),
    Case("la57", "five-level paging", boots, LOAD,
         "grep -qw la57 /proc/cpuinfo && {load} && run kexec -e", cpu="max", default=False),
]

PEER_LACKS = re.compile("--(purgatory|on-corrupt)=")


def for_peer(case):
    """The case with the options that Debian's kexec knows."""
    options = tuple(option for option in case.options if not PEER_LACKS.match(option))
    return dataclasses.replace(case, options=options)
