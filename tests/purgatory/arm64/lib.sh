# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The arm64 test guest: building it around purgatory images, and booting it in
# QEMU.  Sourced by scripts that set `top` to the source tree and `work` to a
# directory of their own.

: "${top:?}" "${work:?}"
cross=${CROSS_ARM64:-aarch64-linux-gnu-}
places='0x41000000 0x4ffff000 0x123456000'

# build_purgatory DIR COMPILER LINKER
build_purgatory()
{
	make -s -C "$top/purgatory" ARCH=arm64 O="$1" CC="$2" LD="$3" OBJCOPY="${cross}objcopy" \
		OBJDUMP="${cross}objdump" READELF="${cross}readelf"
}

# build_guest_arm64 PURGATORIES: $work/guest.elf
build_guest_arm64()
{
	from=$1
	echo "IMAGE \"bin\", \"$from/purgatory.bin\", 0" >"$work/images.list"
	for kind in pie rel; do
		for place in $places; do
			"$work/place" $kind "$from/purgatory.$kind" "$place" "$work/$kind.$place" || return 1
			echo "IMAGE \"$kind\", \"$work/$kind.$place\", $place"
		done
	done >>"$work/images.list"
	flags='-Os -std=gnu11 -g0 -Wall -Wextra -Wshadow -ffreestanding -fno-pic -mgeneral-regs-only
		-mstrict-align -fno-stack-protector -fno-asynchronous-unwind-tables
		-fno-tree-loop-distribute-patterns'
	set --
	for source in "$top"/tests/purgatory/arm64/*.[cS] "$top/tests/purgatory/guest/images.S" "$top/purgatory/sha256.c"; do
		object=$work/guest-${source##*/}.o
		# shellcheck disable=SC2086 # a list of flags
		"${cross}gcc" $flags -I"$top/include" -Wa,-I"$work" -c -o "$object" "$source" || return 1
		set -- "$@" "$object"
	done
	"${cross}ld" -z noexecstack -T "$top/tests/purgatory/arm64/guest.lds" -o "$work/guest.elf" "$@"
}

# run_arm64 TEST SECONDS CPU MACHINE_OPTIONS: leaves $work/console (purgatory's) and $work/report
# (the guest's). Sets ended: off (the guest switched off), reset, halted, timeout.
run_arm64()
{
	rm -f "$work/console" "$work/report"
	timeout "$2" qemu-system-aarch64 -accel tcg -machine "virt$4" -cpu "$3" -m 5G -display none \
		-no-reboot -net none -kernel "$work/guest.elf" \
		-device "loader,addr=0x401f0000,data=$1,data-len=4" \
		-chardev "file,id=report,path=$work/report" \
		-semihosting-config enable=on,target=native,chardev=report \
		-serial "file:$work/console" >"$work/qemu.log" 2>&1 &
	pid=$!
	ended=
	while kill -0 "$pid" 2>/dev/null; do
		if grep -q 'halted' "$work/console" 2>/dev/null; then
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
	0) ended=reset
		if grep -q '^done' "$work/report"; then ended=off; fi ;;
	124) ended=timeout ;;
	*) ended="QEMU failed: $(cat "$work/qemu.log")" ;;
	esac
}
