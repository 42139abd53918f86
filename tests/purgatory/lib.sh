# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The x86_64 test guest: building it around purgatory images, and booting it in
# QEMU or Bochs.  Sourced after guests.sh by run.sh and toolchains.sh.

: "${top:?}" "${work:?}" "${host_cc:?}"
# shellcheck disable=SC2034 # for guests.sh
arch=x86_64 places='0x1000000 0x90000 0xbfff0000 0x123456000'

# shellcheck disable=SC2034 # for refuses_code
bad_cc="$host_cc -O1 -ffreestanding -fPIE -mgeneral-regs-only -fcf-protection=none
	-fno-stack-protector -fno-asynchronous-unwind-tables"

# build_guest_of PURGATORIES: $work/guest.img
build_guest_of()
{
	build_guest x86 "$1" "$host_cc -mcmodel=small -mno-red-zone -mgeneral-regs-only -fcf-protection=none" \
		"ld -m elf_x86_64 --no-warn-rwx-segments" &&
		objcopy -O binary --gap-fill 0 "$work/guest.elf" "$work/guest.img"
}

# make_disk CONFIG, a number of 16 bits: $work/disk.img, of a size that Bochs can describe as cylinders.
make_disk()
{
	cp "$work/guest.img" "$work/disk.img"
	truncate -s 1032192 "$work/disk.img"
	printf '%b' "\\0$(printf %o $(($1 % 256)))\\0$(($1 / 256))\\0\\0" |
		dd of="$work/disk.img" bs=1 seek=480 conv=notrunc status=none
}

# boot TEST SECONDS: leaves $work/console (purgatory's) and $work/report (the guest's).
boot()
{
	make_disk "$1"
	run_guest "$2" qemu-system-x86_64 -machine pc -m 6G -no-reboot \
		-drive "file=$work/disk.img,format=raw" -device isa-debug-exit,iobase=0xf4 \
		-serial stdio -serial "file:$work/report"
}

# run_bochs SECONDS: a CPU with SHA-NI, which QEMU's emulation lacks. Output as boot.
run_bochs()
{
	rm -f "$work/console" "$work/report"
	make_disk 0x100	# CONFIG_LITTLE_MEMORY
	cat >"$work/bochsrc" <<-END
	megs: 128
	cpu: model=corei7_icelake_u, count=1, ips=100000000, reset_on_triple_fault=0
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
	ata0-master: type=disk, path=$work/disk.img, mode=flat, cylinders=2, heads=16, spt=63
	boot: disk
	com1: enabled=1, mode=file, dev=$work/console
	com2: enabled=1, mode=file, dev=$work/report
	display_library: term
	plugin_ctrl: speaker=0, sb16=0, es1370=0
	sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
	panic: action=fatal
	log: $work/bochs.log
	END
	# Debian's is built with the debugger, which waits for a command.
	printf 'c\nq\n' >"$work/bochs.commands"
	TERM=xterm timeout "$1" script -qec "bochs -q -f $work/bochsrc -rc $work/bochs.commands" /dev/null \
		</dev/null >"$work/bochs.out" 2>&1
}
