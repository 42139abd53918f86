#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/arm/run.sh
# Runs the arm purgatory of DIR (built anew if DIR has none) on QEMU's virt
# machine, in SVC and in HYP mode.  Prints 'ok' and
# 'not ok' lines, and the sum.  KEEP=1 keeps the working directory.

set -u
top=$(cd "$(dirname "$0")/../../.." && pwd)
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/arm/lib.sh
. "$top/tests/purgatory/arm/lib.sh"
needs "${cross}gcc" gcc-arm-linux-gnueabihf qemu-system-arm qemu-system-arm

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
	cpu=cortex-a7 options=
	returning "$cpu"
	console 'purgatory: verified .* with portable code, data cache off in [0-9]+ ms' 23
	check $? 'cortex-a7: reports the time of hashing'
	cpu=cortex-a15 options=,virtualization=on
	returning "$cpu"
}

build_all || finish
test_returning
test_terminal
finish
