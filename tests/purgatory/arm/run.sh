#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/arm/run.sh
# Runs the arm purgatory of DIR (built anew if DIR has none) on QEMU's virt
# machine, in SVC and in HYP mode.  Prints 'ok' and
# 'not ok' lines, and the sum.  KEEP=1 keeps the working directory.

set -u
LC_ALL=C
export LC_ALL
top=$(cd "$(dirname "$0")/../../.." && pwd)
here=$top/tests/purgatory/arm
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/lib.sh
. "$top/tests/purgatory/lib.sh"

cross=${CROSS_ARM:-arm-linux-gnueabihf-}
places='0x41000000 0x4ffff000 0x7f000000'
work=$(mktemp -d) || exit 1
if [ -n "${KEEP:-}" ]; then
	echo "# working in $work"
else
	trap 'rm -rf "$work"' EXIT
fi
trap 'exit 1' HUP INT TERM
passed=0 failed=0

# check STATUS NAME
check()
{
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok - $2"
	else
		failed=$((failed + 1))
		echo "not ok - $2"
	fi
}

finish()
{
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
}

comment() { sed 's/^/# /' "$1"; }

# console PATTERN [COUNT]: is that line (an extended regular expression) there, that often?
console()
{
	found=$(tr -d '\r' <"$work/console" | grep -c -x -E -e "$1")
	[ "$found" -eq "${2:-1}" ] && return 0
	echo "# the console has $found lines '$1' instead of ${2:-1}:"
	comment "$work/console" | sort | uniq -c
	return 1
}

# build_purgatory DIR [FLAG]
build_purgatory()
{
	make -s -C "$top/purgatory" ARCH=arm O="$1" CC="${cross}gcc ${2:-}" LD="${cross}ld" \
		OBJCOPY="${cross}objcopy" OBJDUMP="${cross}objdump" READELF="${cross}readelf"
}

# build_guest_arm PURGATORIES: $work/guest.elf
build_guest_arm()
{
	from=$1
	echo "IMAGE \"bin\", \"$from/purgatory.bin\", 0" >"$work/images.list"
	for kind in pie rel; do
		for place in $places; do
			"$work/place" $kind "$from/purgatory.$kind" "$place" "$work/$kind.$place" || return 1
			echo "IMAGE \"$kind\", \"$work/$kind.$place\", $place"
		done
	done >>"$work/images.list"
	flags='-Os -std=gnu11 -g0 -Wall -Wextra -Wshadow -ffreestanding -fno-pic -march=armv7-a
		-marm -mfloat-abi=soft -mno-unaligned-access -fno-stack-protector
		-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns'
	set --
	for source in "$here"/*.[cS] "$top/purgatory/sha256.c"; do
		object=$work/guest-${source##*/}.o
		# shellcheck disable=SC2086 # a list of flags
		"${cross}gcc" $flags -I"$top/include" -Wa,-I"$work" -c -o "$object" "$source" || return 1
		set -- "$@" "$object"
	done
	"${cross}ld" -z noexecstack -T "$here/guest.lds" -o "$work/guest.elf" "$@"
}

# run_arm TEST SECONDS CPU MACHINE_OPTIONS: leaves $work/console (purgatory's) and $work/report
# (the guest's). Sets ended: off (the guest switched off), reset, halted, timeout.
run_arm()
{
	rm -f "$work/console" "$work/report"
	timeout "$2" qemu-system-arm -accel tcg -machine "virt$4" -cpu "$3" -m 1G -display none \
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

# returning NAME CPU MACHINE_OPTIONS: all tests that come back.
returning()
{
	run_arm 0 120 "$2" "$3"
	while read -r line; do
		case $line in
		'ok - '*) check 0 "$1: ${line#ok - }" ;;
		'not ok - '*) check 1 "$1: ${line#not ok - }" ;;
		'#'*) echo "$line" ;;
		esac
	done <"$work/report"
	[ "$ended" = off ]
	check $? "$1: the guest ran to its end ($ended)"
}

# terminal TEST HOW_IT_ENDS NAME PATTERN...: purgatory must not come back.
terminal()
{
	test=$1 how=$2 name=$3
	shift 3
	run_arm "$test" "${seconds:-60}" "$cpu" "$options"
	bad=0
	[ "$ended" = "$how" ] || { bad=1; echo "# ended: $ended, should be $how"; }
	[ "$(tr -d '\r\n' <"$work/report")" = 'entering purgatory' ] || { bad=1; comment "$work/report"; }
	for pattern; do
		console "$pattern" || bad=1
	done
	check $bad "$cpu$options: $name"
}

test_terminal()
{
	digest='[0-9a-f]{64}'
	kernel='sha256 digests do not match: kernel \[0x42000000, 0x42011171\) was damaged'
	name23='sha256 digests do not match: a name of 23 characters \[0x43000ff0, 0x43001030\)'
	name23="$name23 was damaged"
	abort='purgatory: exception 4 at 0x410[0-9a-f]{5}, '
	cpu=cortex-a15 options=
	terminal 1 halted 'damage: named, digests shown, halts' \
		"I'm in purgatory" "$kernel" "  expected $digest" "  found    $digest" \
		'purgatory: 1 of 2 regions damaged, the next kernel is not started' 'purgatory: halted'
	terminal 2 reset 'damage: resets on request' "$kernel" 'purgatory: resetting the machine'
	terminal 8 halted 'damage: every region is named' "$kernel" "$name23" \
		'purgatory: 2 of 2 regions damaged, the next kernel is not started'
	terminal 3 halted 'nowhere to go is refused' 'purgatory: cannot start a kernel at 0x0'
	terminal 4 halted 'too many regions are refused' \
		'purgatory: the parameter block is damaged: 17 regions, at most 16 fit'
	terminal 5 halted 'an exception is reported, halts' \
		"${abort}status 0x[0-9a-f]+, address 0xb800000" 'purgatory: halted'
	seconds=5
	terminal 9 timeout 'a reset that is undefined is reported and not repeated' \
		'purgatory: exception 1 at 0x410[0-9a-f]{5}'
	seconds='' options=,virtualization=on
	terminal 2 reset 'damage: resets on request' "$kernel" 'purgatory: resetting the machine'
	terminal 6 reset 'an exception is reported, resets on request' \
		"${abort}HSR 0x[0-9a-f]+, address 0xb800000"
	terminal 7 reset 'an exception of the console itself resets on request'
}

test_returning()
{
	returning 'cortex-a7' cortex-a7 ''
	console 'purgatory: verified .* with portable code, data cache off in [0-9]+ ms' 23
	check $? 'cortex-a7: tells how long it hashed'
	returning 'cortex-a15' cortex-a15 ,virtualization=on
}

images=$BUILD/purgatory/arm
build_place "$work" >"$work/log" 2>&1
check $? 'the loaders build'
if [ ! -e "$images/purgatory.bin" ]; then
	build_purgatory "$work/build" >"$work/log" 2>&1
	check $? 'purgatory builds'
	images=$work/build/purgatory/arm
fi
if ! build_guest_arm "$images" >>"$work/log" 2>&1; then
	check 1 "the guest builds, with kexec's own loaders placing the images"
	comment "$work/log"
	finish
fi
test_returning
test_terminal
finish
