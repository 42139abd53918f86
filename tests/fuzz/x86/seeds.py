# SPDX-License-Identifier: GPL-2.0-or-later
import gzip
import struct

from corpus import BANNER, CPIO, FIXTURES, bzimage, kdump, keep


def boot_params(efi):
    page = bytearray(4096)
    struct.pack_into("<4s", page, 0x1C0, b"EL64" if efi else b"\0\0\0\0")
    struct.pack_into("<III", page, 0x1C8, 40, 1, 0)  # descriptor size and version
    struct.pack_into("<I", page, 0x1D4, 80)  # memory map size
    page[0xF] = 0x70  # screen_info: EFI framebuffer
    page[0x1F1:0x26C] = bzimage()[0x1F1:0x26C]
    texts = [b"ACPI20=0x7fe14\nSMBIOS=0xf0000\n", b"0x7f000000\n", b"0x7f001000\n", b"0x7f002000\n",
             b"0x5\n", b"0x7e000000\n", b"0xfffffffeff000000\n", b"0x10\n", b"0x800000000000000f\n",
             b"0 EFI VGA\n", b"0x30\n", b"0x12345678\n", b"1023\n", b"254\n", b"63\n",
             b"Fixed disk access\n", b"\x1e", b"console=ttyS0 root=/dev/vda"]
    return bytes(page) + b"\0".join(texts)


keep("bzimage", "2.15", bzimage())
keep("bzimage", "2.00", bzimage(0x0200, 0x22))
keep("bzimage", "2.05", bzimage(0x0205, 0x33))
keep("bzimage", "2.10", bzimage(0x020A, 0x62))
keep("bzimage", "2.15-signed", bzimage() + b"signature")
keep("bzimage", "2.15-cut", bzimage()[:-1])

keep("image", "beoboot", struct.pack("<4sBBHII", b"BeoB", 1, 1, 6, len(bzimage()), len(CPIO)) +
     b"quiet\0" + bzimage() + CPIO)

keep("boot_params", "bios", boot_params(False))
keep("boot_params", "efi", boot_params(True))
keep("boot_params", "short", boot_params(True)[:100])



def elf32(start, *notes):
    """notes: (offset in the program, size)"""
    header = struct.pack("<4sBBB9xHHIIIIIHHHHHH", b"\x7fELF", 1, 1, 1, 2, 3, 1, 0x100070, 52, 0, 0,
                         52, 32, 1 + len(notes), 40, 0, 0)
    content = start.ljust(0x100, b"x")
    header += struct.pack("<IIIIIIII", 1, 0x80, 0x100000, 0x100000, len(content), 0x2000, 7, 4096)
    for offset, size in notes:
        header += struct.pack("<IIIIIIII", 4, 0x80 + offset, 0, 0, size, size, 4, 4)
    return header.ljust(0x80, b"\0") + content


def multiboot1(flags, *addresses):
    return struct.pack(f"<III{len(addresses)}I", 0x1BADB002, flags, -(0x1BADB002 + flags) % (1 << 32),
                       *addresses)


def multiboot2(*words):
    size = 16 + 4 * len(words)
    return struct.pack(f"<4I{len(words)}I", 0xE85250D6, 0, size, -(0xE85250D6 + size) % (1 << 32),
                       *words)


def nbi(flags, entry, *records):
    """records: (flags, address, bytes of it that are in the file, bytes of memory)"""
    header = struct.pack("<IIII", 0x1B031336, 4 | flags, 0x22000000, entry)
    for kind, address, size, memory in records:
        header += struct.pack("<IIII", 4 | kind << 24, address, size, memory)
    return header.ljust(512, b"\0") + b"x" * sum(record[2] for record in records)


IMAGES = {
    "nbi16": nbi(0, 0x10000000, (0, 0x10000, 99, 4096), (1, 64, 9, 9), (3, 64, 0, 9),
                 (4, 0x100000, 99, 999)),
    "nbi32": nbi(0x80000000, 0x100000, (4, 0x100000, 99, 999)),
    "pvh": elf32(struct.pack("<III4sI", 4, 4, 18, b"Xen\0", 0x100080), (0, 20)),
    "elf32": elf32(b"program"),
    "linux32": elf32(BANNER),
    "multiboot1": elf32(multiboot1(7)),
    "flat": multiboot1(0x10007, 0x200000, 0x200000, 0, 0x201000, 0x200020).ljust(0x100, b"x"),
    "multiboot2": elf32(multiboot2(5, 20, 0, 0, 0, 0, 1, 12, 6, 0, 0, 8)),
    "moved": elf32(multiboot2(10, 24, 0x400000, 0x7FFFFFF, 0x200000, 2, 3, 12, 0x100080, 0, 0, 8)),
    "flat2": multiboot2(2, 24, 0x200000, 0xFFFFFFFF, 0, 0x201000, 3, 12, 0x200020, 0, 0, 8).ljust(
        0x100, b"x"),
    "bzimage": bzimage(),
    "bzimage-2.00": bzimage(0x0200, 0x22),
}
for name, image in IMAGES.items():
    for options in b"\0\0", b"\1\0", b"\x12\1", b"\x0c\2", b"\x34\6", b"\0\x0c":
        keep("x86_plan", f"{name}-{options.hex()}", options + image)

SYMBOLS = b"ffffffff8b400000 T _stext\nffffffff8b400000 T _text\nffffffff8dc30000 B _end\n"
for machine in "x86_64", "i386":
    keep("kdump", machine, kdump(machine, SYMBOLS, (FIXTURES / "kcore" / machine).read_bytes()))
keep("kdump", "no-kcore", kdump("x86_64", SYMBOLS, CPIO * 2 + gzip.compress(bytes(99), mtime=0)))

# Memory at 1 MiB, for kexec_test; the first byte chooses mode, register and magic number.
PLACE = 0x100000
LINUX, NOTES, PVH, MB1, MB2, REAL = b"\5", b"\7", b"\2", b"\x62", b"\x42", b"\x14"


def filled_page():
    page = bytearray(boot_params(True)[:4096])
    page[0x1E8] = 2
    page[0x2D0:0x2F8] = struct.pack("<QQIQQI", 0, 0x9F000, 1, PLACE, PLACE, 2)
    struct.pack_into("<II", page, 0x218, PLACE, 3)
    struct.pack_into("<I", page, 0x228, PLACE + 0x1000)
    struct.pack_into("<Q", page, 0x250, PLACE + 0x1040)
    nodes = struct.pack("<QII20s", PLACE + 0x1080, 1, 20, bytes(page[0x2D0:0x2E4])).ljust(64, b"\0")
    nodes += struct.pack("<QIIIIQQ", 0, 0x80000000, 24, 2, 0, 16, PLACE)
    return bytes(page) + b"kexec_test.end=reset".ljust(64, b"\0") + nodes


def notes():
    records = b"".join(struct.pack("<III", 0, len(text), kind) + text.ljust(-len(text) % 4 + len(text), b"\0")
                       for kind, text in ((2, b"kexec\0"), (4, b"quiet\0")))
    return struct.pack("<IIHH", 0x0E1FB007, 12 + len(records), 0, 2) + records


MODULE_ROOM = struct.pack("<IIII", PLACE, PLACE + 5, PLACE + 60, 0)
keep("kexec_test", "linux", LINUX + filled_page())
keep("kexec_test", "real-mode", REAL + filled_page())
keep("kexec_test", "notes", NOTES + notes())
keep("kexec_test", "pvh", PVH + struct.pack(
    "<IIIIQQQQII QQQQ QQII", 0x336EC578, 1, 0, 1, PLACE + 56, PLACE + 80, 0xE0000, PLACE + 88, 1, 0,
    PLACE, 8, PLACE + 80, 0, 0, 0x9F000, 1, 0))
keep("kexec_test", "multiboot1", MB1 + struct.pack(
    "<IIII IIII 16x III 8x I 20x QIIIBB8x", 0x1FCF, 640, 1024, 0x80FFFFFF, PLACE + 60, 1, PLACE + 120, 0, 24,
    PLACE + 136, 0, PLACE + 60, 0xB8000, 160, 80, 25, 16, 2).ljust(120, b"\0") + MODULE_ROOM +
    struct.pack("<IQQI", 20, 0, 0x9F000, 1))
keep("kexec_test", "multiboot2", MB2 + struct.pack(
    "<II II8s IIII8s IIII IIIIQQII IIQIIIBBH6s2x II", 0, 0, 1, 16, b"quiet\0", 3, 24, PLACE, PLACE + 9, b"name\0",
    4, 16, 640, 1024, 6, 40, 24, 0, 0, 0x9F000, 1, 0, 8, 38, 0xFD000000, 4096, 1024, 768, 32, 1, 0,
    b"\x10\x08\x08\x08\0\x08", 0, 8).replace(bytes(4), struct.pack("<I", 168), 1))
