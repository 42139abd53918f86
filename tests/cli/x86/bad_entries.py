# SPDX-License-Identifier: GPL-2.0-or-later
"""Entry modes that contradict each other, the system call, the image or the machine."""

import bad
import fits

import x86

HIGH = "100000000-27fffffff : System RAM\n"
HIGH_RESERVATION = ("00001000-0009fbff : System RAM\n00100000-7fffffff : System RAM\n"
                    "100000000-27fffffff : System RAM\n  200000000-23fffffff : Crash kernel\n")
TREE = fits.flattened({"model": "made"})
WRITTEN = {
    "elf": x86.vmlinux(),
    "long-setup": x86.bzimage(setup_sects=64, syssize=0x100, payload_offset=0, payload_length=0),
    "i386": x86.bzimage(xloadflags=0),
    "old": x86.bzimage(version=0x0208),
    "tree": TREE,
    "cut": TREE[:-1],
    "odd": TREE.replace(b"\0\0\0\3\0\0\0\5", b"\0\0\0\3\xff\xff\xff\xff"),
}

# (arguments, what the error says)
REFUSED = (
    ("-l bzImage --real-mode --entry-32bit", "^--real-mode contradicts --entry-32bit"),
    ("-s -l bzImage --real-mode", "^--real-mode not supported with kexec_file_load"),
    ("-s -l bzImage --entry-32bit", "^--entry-32bit not supported with kexec_file_load"),
    ("-l elf --real-mode", "^--real-mode means nothing for elf, an image of type elf-x86_64"),
    ("-l elf --entry-32bit", "^--entry-32bit means nothing for elf"),
    ("-t bzImage64 -l i386", "Wrong file type bzImage64, file matches type bzImage"),
    ("-l long-setup --real-mode", "setup code has 0x8200 bytes"),
    ("-l bzImage --profile=1", "^--profile: bzImage is not a UKI"),
    ("-l bzImage --profile=first", "^Bad value for --profile 'first'"),
    ("-p bzImage --real-mode", "Can't use bzImage for crash dump purposes with real mode entry"),
    ("-l bzImage --real-mode --mem-min=0x100000", "free area.*kernel_setup"),
    ("-l bzImage --entry-32bit --mem-min=0x100000000", "free area.*\n.*--mem-min"),
    ("-l bzImage --dtb=none", "^--dtb: Cannot open `none"),
    ("-l bzImage --dtb=bzImage", "^bzImage: not a device tree"),
    ("-l bzImage --dtb=cut", "^cut: cut off: the header says"),
    ("-l bzImage --dtb=odd", "^odd: damaged device tree: .* at offset 0x40"),
    ("-l elf --args-elf --dtb=tree", "^--dtb means nothing for elf: it is not a Linux kernel"),
    ("-l old --dtb=tree", "^old: a device tree needs boot protocol 2.09"),
    ("-l i386 --mem-min=0x40000000", "32-bit kernel below 896 MiB"),
)


def run(suite, build, directory):
    bench = bad.Bench(suite, build, directory)
    high = bench.machine_with({"sys/firmware/memmap": None, "proc/iomem": HIGH})
    reserved = bench.machine_with({"sys/firmware/memmap": None, "proc/iomem": HIGH_RESERVATION})
    for name, content in WRITTEN.items():
        bench.write(name, content)
    for arguments, says in REFUSED:
        bench.refuses(arguments, *arguments.split(), says=says, names="")
    bench.accepts("--dtb", *"-l bzImage --dtb=tree".split())
    bench.accepts("--dtb with kexec_file_load", *"-s -l bzImage --dtb=tree".split(),
                  warns="^warning: --dtb has no effect with kexec_file_load")
    bench.accepts("--force-dtb without a tree", *"-c -l bzImage --force-dtb".split(),
                  warns="^warning: --force-dtb: the running kernel has no device tree")
    broken = bench.machine_with({"sys/firmware/fdt": TREE[:-1]})
    bench.refuses("--force-dtb with a damaged tree", *"-c -l bzImage --force-dtb".split(),
                  machine=broken, says="fdt: cut off: the header says")
    for arguments in ("-l bzImage --entry-32bit", "-l i386", "-l bzImage --real-mode"):
        bench.refuses(f"{arguments}, no memory below 4 GiB", *arguments.split(), machine=high,
                      says="memory below 4 GiB")
    for arguments in ("-p bzImage --entry-32bit", "-p i386"):
        bench.refuses(f"{arguments}, a reservation above 4 GiB", *arguments.split(),
                      machine=reserved, says="below 4 GiB|below 896 MiB")
    bench.refuses("-c -t bzImage, a reservation above 4 GiB", *"-c -t bzImage -p bzImage".split(),
                  machine=reserved, says=r"Reserve in memory below 4 GiB with crashkernel= \(without "
                  r",high\): the kernel is started by its 32-bit entry: -t bzImage asks for it\.$")
    for arguments in ("-l long-setup", "-l long-setup --entry-32bit"):
        bench.accepts(f"{arguments}: its setup code is not used", *arguments.split())
