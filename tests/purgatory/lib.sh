# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The test guest: building it around purgatory images, and booting it in QEMU or
# Bochs.  Sourced by run.sh and toolchains.sh, which set `top` to the source tree.

: "${top:?}"
host_cc=${HOST_CC:-gcc}
places='0x90000 0x1000000 0xbfff0000 0x123456000'

# build_place DIR: the tool that runs kexec's own loaders.
build_place()
{
	loaders=$(find "$top/kexec/relocate" -name '*.c' ! -name attach.c)
	# shellcheck disable=SC2086 # a list of files
	$host_cc -O1 -std=gnu11 -D_GNU_SOURCE -I"$top/include" -o "$1/place" \
		"$top/tests/purgatory/place.c" "$top"/kexec/core/*.c "$top"/kexec/elf/*.c $loaders
}

# build_guest DIR PURGATORIES: DIR/guest.img, with every image that DIR/place makes of
# PURGATORIES/purgatory.{pie,rel}, and the flat blob as it is.
build_guest()
{
	work=$1 images=$2
	echo "IMAGE \"bin\", \"$images/purgatory.bin\", 0" >"$work/images.list"
	for kind in pie rel; do
		for place in $places; do
			"$work/place" $kind "$images/purgatory.$kind" "$place" "$work/$kind.$place" || return 1
			echo "IMAGE \"$kind\", \"$work/$kind.$place\", $place"
		done
	done >>"$work/images.list"

	flags='-Os -std=gnu11 -g0 -Wall -Wextra -Wshadow -ffreestanding -fno-pic -mcmodel=small
		-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fcf-protection=none
		-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns'
	set --
	for source in "$top"/tests/purgatory/guest/*.[cS] "$top/purgatory/sha256.c"; do
		object=$work/guest-${source##*/}.o
		# shellcheck disable=SC2086 # a list of flags
		$host_cc $flags -I"$top/include" -Wa,-I"$work" -c -o "$object" "$source" || return 1
		set -- "$@" "$object"
	done
	ld -m elf_x86_64 -z noexecstack --no-warn-rwx-segments \
		-T "$top/tests/purgatory/guest/guest.lds" -o "$work/guest.elf" "$@" &&
		objcopy -O binary --gap-fill 0 "$work/guest.elf" "$work/guest.img"
}

# make_disk DIR TEST HIGH_MEMORY: DIR/disk.img, of a size that Bochs can describe as cylinders.
make_disk()
{
	rm -f "$1/console" "$1/report"
	cp "$1/guest.img" "$1/disk.img"
	truncate -s 1032192 "$1/disk.img"
	printf '%b' "\\0$(printf %o "$2")\\0\\0\\0\\0$3\\0\\0\\0" |
		dd of="$1/disk.img" bs=1 seek=480 conv=notrunc status=none
}

# run_qemu DIR TEST SECONDS: leaves DIR/console (purgatory's) and DIR/report (the guest's).
# Sets ended: off (the guest switched off), reset, halted (purgatory says so and lives), timeout.
run_qemu()
{
	make_disk "$1" "$2" 1
	timeout "$3" qemu-system-x86_64 -accel tcg -machine pc -m 6G -display none -no-reboot -net none \
		-drive "file=$1/disk.img,format=raw" -device isa-debug-exit,iobase=0xf4 \
		-serial "file:$1/console" -serial "file:$1/report" 2>"$1/qemu.log" &
	pid=$!
	ended=
	while kill -0 "$pid" 2>/dev/null; do
		if grep -q '^purgatory: halted' "$1/console" 2>/dev/null; then
			sleep 1		# time enough for a reset that must not come
			if kill "$pid" 2>/dev/null; then
				ended=halted
			fi
			break
		fi
		sleep 0.2
	done
	wait "$pid" 2>/dev/null
	status=$?
	[ -z "$ended" ] || return 0
	case $status in
	0) ended=reset ;;
	1) ended=off ;;
	124) ended=timeout ;;
	*) ended="QEMU failed: $(cat "$1/qemu.log")" ;;
	esac
}

# run_bochs DIR SECONDS: a CPU with SHA-NI, which QEMU's emulation lacks. Output as run_qemu.
run_bochs()
{
	make_disk "$1" 0 0
	cat >"$1/bochsrc" <<-END
	megs: 128
	cpu: model=corei7_icelake_u, count=1, ips=100000000, reset_on_triple_fault=0
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
	ata0-master: type=disk, path=$1/disk.img, mode=flat, cylinders=2, heads=16, spt=63
	boot: disk
	com1: enabled=1, mode=file, dev=$1/console
	com2: enabled=1, mode=file, dev=$1/report
	display_library: term
	plugin_ctrl: speaker=0, sb16=0, es1370=0
	sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
	panic: action=fatal
	log: $1/bochs.log
	END
	# Debian's is built with the debugger, which waits for a command.
	printf 'c\nq\n' >"$1/bochs.commands"
	TERM=xterm timeout "$2" script -qec "bochs -q -f $1/bochsrc -rc $1/bochs.commands" /dev/null \
		</dev/null >"$1/bochs.out" 2>&1
}
