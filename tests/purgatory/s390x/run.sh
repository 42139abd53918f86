#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/s390x/run.sh
# Runs the s390x purgatory of DIR (built anew if DIR has none), for each of its callers, on
# QEMU's s390-ccw-virtio machine and in Hercules, which has ESA/390 and KIMD.  Prints 'ok' and
# 'not ok' lines, and the sum.  KEEP=1 keeps the working directory.

set -u
top=$(cd "$(dirname "$0")/../../.." && pwd)
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/s390x/lib.sh
. "$top/tests/purgatory/s390x/lib.sh"
needs "${cross}gcc" gcc-s390x-linux-gnu qemu-system-s390x qemu-system-misc

test_terminal()
{
	digest='[0-9a-f]{64}'
	kernel='sha256 digests do not match: kernel \[0x4000000, 0x4011171\) was damaged'
	name23='sha256 digests do not match: a name of 23 characters \[0x4100ff0, 0x4101030\)'
	name23="$name23 was damaged"
	part='sha256 digests do not match: part \[0x2400000, 0x24186a0\) was damaged'
	fault='purgatory: program check 0x5 at 0x2[0-9a-f]{6}'
	terminal 1 halted 'damage: named, digests shown, halts' \
		"I'm in purgatory" "$kernel" "  expected $digest" "  found    $digest" \
		'purgatory: 1 of 2 regions damaged, the next kernel is not started' 'purgatory: halted'
	# QEMU begins a line there with what ends it elsewhere.
	tr -d '\r' <"$work/console" >"$work/terminal"
	{ sed 1d "$work/lines"; echo; } | grep -v -x 'entering purgatory' | cmp - "$work/terminal"
	check $? 'the operating system messages have the same lines'
	grep -q 'PSW: 0x0002000180000000 0x0000000050555247' "$work/qemu.log"
	check $? "the wait PSW has the address of purgatory's halt"
	terminal 2 reset 'damage: resets on request' "$kernel" 'purgatory: resetting the machine'
	cpu='' options='-serial none -serial stdio'
	terminal 2 reset 'damage: reported to the operator if there is no terminal' "$kernel"
	options='-serial none -serial none'
	boot 2 60
	[ "$ended" = reset ] && ! [ -s "$work/console" ]
	check $? 'damage: resets without a console'
	options=
	terminal 8 halted 'damage: every region is named' "$kernel" "$name23" \
		'purgatory: 2 of 2 regions damaged, the next kernel is not started'
	terminal 3 halted 'nowhere to go is refused' 'purgatory: cannot start a kernel at 0x0'
	terminal 4 halted 'too many regions are refused' \
		'purgatory: the parameter block is damaged: 17 regions, at most 16 fit'
	terminal 5 halted 'a program check is reported, halts' "$fault" 'purgatory: halted'
	terminal 6 reset 'a program check is reported, resets on request' "$fault"
	terminal 9 halted 'a damaged crash kernel is not started' "I'm in purgatory" "$part" \
		'purgatory: 1 of 7 regions damaged, the next kernel is not started' 'purgatory: halted'
	terminal 10 halted 'memory that cannot be exchanged is refused' \
		'purgatory: at 0x2002000 it cannot exchange \[0x2000000, 0x200f000\) with \[0x0, 0xf000\)'
	terminal 11 reset 'damage is reported on the console if the kernel asks' "$part" \
		'purgatory: 1 of 7 regions damaged, the next kernel is not started'
	high='sha256 digests do not match: part \[0x102400000, 0x1024186a0\) was damaged'
	terminal 12 halted 'a damaged crash kernel beyond 2 GiB is not started' "$high" 'purgatory: halted'
	terminal 13 reset 'damage beyond 2 GiB is reported on the console if the kernel asks' "$high"
}

# run_hercules TEST SECONDS: the emulator that starts in ESA/390 mode and has KIMD; $work/report
# and $work/console as run_guest makes them. It does not end when it is asked to.
run_hercules()
{
	"${cross}objcopy" -O binary "$work/guest.elf" "$work/guest.bin"
	printf '%s\n' 'CPUMODEL 2097' 'MAINSIZE 512' 'NUMCPU 1' 'ARCHMODE ESAME' 'OSTAILOR QUIET' \
		'0009 3215-C / noprompt' >"$work/hercules.conf"
	printf '%s\n' "loadcore $work/guest.bin 8000000" "r 7ff0000=$(printf %08x "$1")" \
		'r 1a0=0000000180000000' 'r 1a8=0000000008000000' restart >"$work/hercules.rc"
	HERCULES_RC=$work/hercules.rc timeout -s KILL "$2" hercules -d -f "$work/hercules.conf" \
		</dev/null >"$work/hercules.log" 2>&1 &
	pid=$! waited=0
	until grep -q 'Disabled wait state' "$work/hercules.log" || [ $((waited += 1)) -gt "$2" ]; do
		sleep 1
	done
	pkill -KILL -P "$pid"
	wait "$pid" 2>/dev/null
	cp "$work/hercules.log" "$work/console"
	split_console
}

test_hercules()
{
	if ! command -v hercules >/dev/null; then
		skip 'KIMD, ESA/390 mode' 'needs the Debian package hercules'
		return
	fi
	run_hercules 0x100 120	# CONFIG_LITTLE_MEMORY
	tap_lines "$work/report" 'Hercules: '
	grep -q '^done' "$work/report"
	check $? 'Hercules: the guest ran to its end'
	console 'purgatory: verified 2 regions, 70065 bytes, with portable code in [0-9]+ ms' &&
		[ "$(grep -c '^purgatory: verified .* with KIMD in' "$work/console")" -ge 15 ]
	check $? 'KIMD is used where it exists, unless refused'
	[ "$(grep -c 'architecture mode set to z/Arch' "$work/console")" -ge 12 ]
	check $? 'purgatory left ESA/390 mode'
}

test_check()
{
	for code in 'adbr %f0,%f2' 'vl %v1,0(%r2)' 'ld %f4,0(%r1)'; do
		refuses_code 'vector or floating-point register' \
			"void f(void); void f(void) { __asm__(\"$code\"); }" -O1 -march=z13
	done
	refuses_code 'memory of a thread' 'void f(void); void f(void) { __asm__("ear %r1,%a0"); }' \
		-O1
	refuses_code 'section .data.rel.*pointer' 'char c; char *p = &c;' -fPIE
}

build_all || finish
test_check
returning qemu
test_terminal
test_hercules
finish
