# SPDX-License-Identifier: GPL-2.0-or-later
import gzip
import struct

from corpus import CPIO, FIXTURES, bzimage, kdump, keep


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

keep("boot_params", "bios", boot_params(False))
keep("boot_params", "efi", boot_params(True))
keep("boot_params", "short", boot_params(True)[:100])

SYMBOLS = b"ffffffff8b400000 T _stext\nffffffff8b400000 T _text\nffffffff8dc30000 B _end\n"
for machine in "x86_64", "i386":
    keep("kdump", machine, kdump(machine, SYMBOLS, (FIXTURES / "kcore" / machine).read_bytes()))
keep("kdump", "no-kcore", kdump("x86_64", SYMBOLS, CPIO * 2 + gzip.compress(bytes(99), mtime=0)))
