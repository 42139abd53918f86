#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/ppc64/run.sh
# Runs the ppc64 purgatories of DIR, of both byte orders (built anew if DIR has
# none), on QEMU's pseries machine, where they find what an LPAR has: real mode, a
# hypervisor's terminal, RTAS.  Prints 'ok' and 'not ok' lines, and the sum.
# KEEP=1 keeps the working directory.

set -u
top=$(cd "$(dirname "$0")/../../.." && pwd)
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/ppc64/lib.sh
. "$top/tests/purgatory/ppc64/lib.sh"

test_terminal()
{
	digest='[0-9a-f]{64}'
	kernel='sha256 digests do not match: kernel \[0x2000000, 0x2011171\) was damaged'
	name23='sha256 digests do not match: a name of 23 characters \[0x3000ff0, 0x3001030\)'
	name23="$name23 was damaged"
	reset='purgatory: resetting the machine'
	terminal 1 halted 'damage: named, digests shown, halts' \
		"I'm in purgatory" "$kernel" "  expected $digest" "  found    $digest" \
		'purgatory: 1 of 3 regions damaged, the next kernel is not started' 'purgatory: halted'
	terminal 2 reset 'damage: resets on request, by RTAS' "$kernel" "$reset"
	terminal 8 halted 'damage: every region is named' "$kernel" "$name23" \
		'purgatory: 2 of 3 regions damaged, the next kernel is not started'
	terminal 3 halted 'nowhere to go is refused' 'purgatory: cannot start a kernel at 0x0'
	terminal 12 halted 'half an instruction is refused' \
		'purgatory: cannot start a kernel at 0x123456789abcd002'
	terminal 4 halted 'too many regions are refused' \
		'purgatory: the parameter block is damaged: 17 regions, at most 16 fit'
	seconds=5
	for test in 9 10; do
		terminal $test timeout "no RTAS ($test): says so" "$reset" \
			'purgatory: this machine cannot be reset: halted'
	done
	terminal 11 timeout 'an RTAS that cannot reset the machine may come back' "$reset"
	seconds=
}

test_returning()
{
	returning "$cpu"
	console "I'm in purgatory" 20
	check $? "$cpu: speaks where it is heard"
	console 'purgatory: verified 3 regions, 70161 bytes, with portable code in [0-9]+ ms' 16
	check $? "$cpu: reports the time of hashing"
	console 'purgatory: verified 16 regions, 1560 bytes, with portable code in [0-9]+ Mcycles' 2
	check $? "$cpu: reports Mcycles if the rate is unknown"
}

test_check()
{
	for code in 'fadd 1, 2, 3' 'lfd 1, 0(3)' 'stfd 1, 0(3)' 'vaddubm 1, 2, 3' 'lvx 1, 0, 3' \
		'lxvd2x 1, 0, 3' 'xxlxor 1, 2, 3' 'mtvsrd 1, 3' 'mffs 1' 'mtfsf 255, 1'; do
		refuses_code 'vector or floating-point register' \
			"void f(void); void f(void) { __asm__(\"$code\"); }" -Wa,-many
	done
	refuses_code 'memory of a thread' \
		'void f(void); void f(void) { __asm__("ld 3, -28688(13)"); }'
	refuses_code 'section .toc .*-mminimal-toc' \
		'extern int x; void f(void); void f(void) { x = 1; }' -mabi=elfv2 -mminimal-toc -fPIE
}

for order in le be; do
	of_order $order
	build_all || continue
	test_check
	for cpu in $cpus; do
		test_returning
		test_terminal
	done
done
finish
