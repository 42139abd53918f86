# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot tests of x86_64."""

import dataclasses
import functools
import hashlib
import struct

import cases
import early
import files
from cases import PANIC, PAUSED, PLANNED, UNLOAD, boots, boots_as_planned, boots_damaged
from cases import boots_under, halts
from cases import CRASH, jumps, resets, unloads
from crash import crashes, crashes_after_hotplug, crashes_after_refusal, crashes_from_high
from x86 import bake, jump, payload, programs, tagged, xen
from x86.machine import ARCH
from x86.program_checks import draws_line, finds_coreboot, gets_multiboot, shows, tests_memory
from x86.program_checks import takes_commands, tests_memory_of_uefi

Case = functools.partial(cases.Case, arch=ARCH)
LOAD = ("-c", "--console-serial")
XEN_CONSOLE = "com1=115200 console=com1 loglvl=all"
SMALL_CACHE = "qemu64,l3-cache=off"   # memtest86+ measures the speed of what is four times as large
GRUB_MENU = r"(?s)GNU GRUB.*" + programs.MENU_ENTRY
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


def purgatory_case(kind, firmware, cpus):
    name = f"{kind}-{firmware}" + ("-smp" if cpus > 1 else "")
    return Case(name, f"{kind} purgatory, {firmware.upper()}, {cpus} CPU{'s' * (cpus > 1)}",
                boots_as_planned(f"purgatory +{kind},"), (*LOAD, f"--purgatory={kind}"),
                PLANNED, firmware=firmware, cpus=cpus)


def crash_case(name, about, options, script=CRASH, **fields):
    fields = {"expect": crashes, "memory": 512, "crash": "160M", **fields}
    return Case(name, f"a panic, then: {about}", options=options, script=script,
                action="-p", **fields)


def uki_with_addon(image, initrds, line):
    """The command line and the initrds are divided between a UKI and its add-on."""
    stubs = files.fetch("systemd-boot-efi@trixie")[0]
    first, last = line.rsplit(" ", 1)
    uki = files.with_sections(
        files.one(stubs, "lib/systemd/boot/efi/linuxx64.efi.stub"),
        {".cmdline": first.encode(), ".initrd": initrds[0], ".linux": image})
    addon = files.with_sections(
        files.one(stubs, "lib/systemd/boot/efi/addonx64.efi.stub"),
        {".cmdline": last.encode(), ".initrd": initrds[1]})
    return {"/kernel": uki, "/kernel.extra.d/token.addon.efi": addon}


def program_case(name, about, kernel, expect, options=(), script=cases.PROGRAM, **fields):
    return Case(name, about, expect, (*LOAD, *options), script, kernel=kernel, **fields)


# Programs that are no Linux.
PROGRAMS = [
    program_case("memtest-32", "memtest86+ 6 by its 32-bit entry", programs.memtest_6, tests_memory,
                 ("--command-line=nopause",), cpu=SMALL_CACHE),
    program_case("memtest-64", "the newest memtest86+ by its 64-bit entry, below 4 GiB",
                 programs.memtest_newest, tests_memory, ("--command-line=nopause",),
                 cpu=SMALL_CACHE),
    program_case("ipxe", "iPXE by its 16-bit entry, to its prompt", programs.ipxe,
                 takes_commands, ("--real-mode",)),
    program_case("multiboot", "the multiboot specification's example, with two modules",
                 programs.multiboot_example, gets_multiboot,
                 ("--append=one two", "--module=/initrd0 three four", "--module=/initrd1.gz"),
                 "gzip -c /initrd1 >/initrd1.gz && " + cases.PROGRAM, initrds=2),
    program_case("memtest-uefi", "the newest memtest86+, from UEFI", programs.memtest_newest,
                 tests_memory_of_uefi, ("--command-line=nopause console=ttyS0,115200 newline",),
                 cpu=SMALL_CACHE, firmware="uefi", default=False),
    program_case("multiboot-uefi", "the multiboot specification's example, from UEFI",
                 programs.multiboot_example, draws_line, firmware="uefi"),
    program_case("invaders", "a multiboot game with addresses in its header", programs.invaders,
                 shows(r"(?s)-\*-.*/ \\"), default=False),
    program_case("grub", "GRUB for a BIOS by multiboot, to its menu", programs.grub_pc,
                 shows(GRUB_MENU)),
    program_case("grub-real-mode", "the same as a Linux kernel of protocol 2.03",
                 programs.grub_pc_linux, shows(GRUB_MENU), ("-t", "bzImage", "--real-mode")),
    *(program_case(f"coreboot-{style}", f"GRUB as a payload of coreboot, --args-{style}",
                   programs.grub_coreboot, finds_coreboot(GRUB_MENU),
                   ("-t", "elf-x86", f"--args-{style}"), cases.PROGRAM_PAUSED,
                   default=style == "none")
      for style in ("none", "elf")),
]


# What firmware may keep of low memory.
HOLES = (range(0x3000, 0x4000), range(0x20000, 0x30000), range(0x58000, 0x59000))
# A root without properties.
TREE = struct.pack(">10I16x4I", 0xD00DFEED, 72, 56, 72, 40, 17, 16, 0, 0, 16, 1, 0, 2, 9)


def boots_with_tree(run):
    """Debian's kernels cannot use a tree, but show the setup_data that they were given."""
    run.payloads["/tree"] = hashlib.sha256(TREE).hexdigest()
    boots(run)


def tree_case(name, about, *options, **fields):
    return Case(name, f"--dtb: {about}", boots_with_tree, (*LOAD, "--dtb=/tree", *options),
                extra=lambda build: {"/tree": TREE}, **fields)


CASES = bake.CASES + jump.CASES + [
    payload.case(ARCH, "payload", "one load of each mode and multiboot",
                 [start for start in payload.STARTS if start.quick]),
    payload.case(ARCH, "payload-more", "the other conventions",
                 [start for start in payload.STARTS if not start.quick], default=False),
    payload.case(ARCH, "payload-high", "RAM above 4 GiB, and five-level paging", payload.HIGH,
                 cpu="max", memory=512, low=192, default=False),
    payload.case(ARCH, "payload-crash", "as a crash kernel", payload.CRASH, memory=384,
                 words="crashkernel=64M", default=False),
    payload.case(ARCH, "payload-uefi", "from UEFI", payload.UEFI, firmware="uefi", default=False),
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
    Case("uki-addon", "a UKI with an add-on, made by objcopy from systemd's stubs", boots, LOAD,
         container=uki_with_addon, initrds=2),
    Case("uki-addon-file-load", "the same by kexec_file_load", boots, ("-s",),
         container=uki_with_addon, initrds=2, default=False),
    Case("nbi", "a tagged image with a 16-bit entry, of a Linux kernel", boots, LOAD,
         container=tagged.linux),
    Case("nbi-32bit", "a tagged image with a 32-bit entry", tagged.prints, LOAD,
         container=tagged.program, memory=256),
    tree_case("dtb", "a device tree arrives by the 64-bit entry"),
    tree_case("dtb-real-mode", "the same by the 16-bit entry", "--real-mode", default=False),
    crash_case("crash-pie", "pie purgatory, 2 CPUs", (*LOAD, "--purgatory=pie"), cpus=2,
               backup=True, peer=True),
    crash_case("crash-rel", "rel purgatory", (*LOAD, "--purgatory=rel"), backup=True),
    crash_case("crash-low-pieces", "low memory in four pieces", LOAD, backup=True,
               words=" ".join(f"memmap={len(hole)}${hole.start:#x}" for hole in HOLES),
               holes=HOLES, usable_ram=ARCH.usable_ram.replace("BIOS-e820", "user")),
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
    early.case(ARCH, "early", "a panic for lack of a root file system"),
    early.case(ARCH, "early-unreserved", "no memory is reserved", crash="",
               expect=early.lacks_reservation, default=False),
    *early.distribution_cases(ARCH),
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
    *(Case(f"xen{name}", f"Xen and its control domain, by multiboot {version}",
           boots_under(r"\(XEN\) .*Bootloader: kexec"), (*LOAD, "-t", kind), memory=768,
           package=files.XEN_KERNEL, tty="hvc0", hypervisor=XEN_CONSOLE, default=not name)
      for name, version, kind in (("", 2, "multiboot2-x86"), ("-multiboot1", 1, "multiboot-x86"))),
    Case("entry-32bit", "Debian's kernel by its 32-bit entry", boots_as_planned(
        "started by +its 32-bit entry"), (*LOAD, "--entry-32bit"), PLANNED),
    Case("real-mode", "Debian's kernel by its 16-bit entry", boots_as_planned(
        "started by +its 16-bit entry"), (*LOAD, "--real-mode"), PLANNED),
    Case("entry-32bit-uefi", "the 32-bit entry from UEFI", boots, (*LOAD, "--entry-32bit"),
         firmware="uefi", default=False),
    Case("vmlinux-32", "an ELF kernel of 32 bits", boots_as_planned("type +elf-x86 "), LOAD,
         PLANNED, kernel=programs.vmlinux_32,
         arch=dataclasses.replace(ARCH, busybox="busybox-static:i386")),
    Case("vmlinux-pvh", "an ELF kernel by its PVH entry", boots_as_planned(
        "started by +its PVH entry"), LOAD, PLANNED, kernel=programs.vmlinux_pvh, memory=768),
    Case("xen-dom0", "Xen's control domain: status, unload, then Linux without Xen, 2 CPUs",
         xen.boots, LOAD, xen.SLOTS, under=XEN_CONSOLE + " dom0_mem=384M", memory=768, cpus=2),
    *(Case(f"xen-crash{name}", f"a crash {of}, then: its dump", xen.crashes, LOAD, script, "-p",
           under=XEN_CONSOLE + " dom0_mem=384M", memory=768, crash="160M", cpus=2, backup=True,
           default=not name)
      for name, of, script in (("", "of Xen", xen.CRASH),
                               ("-dom0", "of Xen's control domain", xen.PANIC))),
    *PROGRAMS,
]
