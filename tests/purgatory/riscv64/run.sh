#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/riscv64/run.sh
# Runs the riscv64 purgatory of DIR (built anew if DIR has none) on QEMU's virt
# machine, in S-mode: on CPUs with and without Zknh, under OpenSBI and under firmware that
# has only the newest or only the oldest calls.  Prints 'ok' and 'not ok'
# lines, and the sum.  KEEP=1 keeps the working directory.

set -u
top=$(cd "$(dirname "$0")/../../.." && pwd)
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/riscv64/lib.sh
. "$top/tests/purgatory/riscv64/lib.sh"
needs "${cross}gcc" gcc-riscv64-linux-gnu qemu-system-riscv64 qemu-system-misc

test_check()
{
	for code in 'fadd.d fa0, fa1, fa2' 'fld fs0, 8(a0)' 'fsd fa0, 0(sp)' 'fmv.x.d a0, ft0' \
		'feq.s a0, fa0, fa1' 'frflags a0' '.option arch, +v; vsetvli t0, a0, e8, m1'; do
		refuses_code 'vector or floating-point register' \
			"void f(void); void f(void) { __asm__(\"$code\"); }"
	done
	for code in 'ld a0, -8(tp)' 'mv a0, tp'; do
		refuses_code 'memory of a thread' "void f(void); void f(void) { __asm__(\"$code\"); }"
	done
}

# The code for the tool on a riscv64 host: the instructions themselves, and that the kernel
# is asked for them (qemu-riscv64 may be too old to know that question).
test_sha256()
{
	cat >"$work/always.c" <<-END
	#include "sha256.h"
	sha256_blocks_fn sha256_blocks_zknh;
	sha256_blocks_fn *sha256_accelerated(void) { return sha256_blocks_zknh; }
	END
	set -- "${cross}gcc" -static -O1 -std=gnu11 -I"$top/include" "$top/purgatory/sha256.c" \
		"$top/tests/purgatory/sha256_test.c" "$top/purgatory/arch/riscv64/sha256_zknh.c"
	if ! command -v qemu-riscv64 >/dev/null || ! { "$@" -o "$work/always" "$work/always.c" &&
		"$@" -o "$work/asks" "$top/purgatory/arch/riscv64/sha256_select.c"; } 2>"$work/log"; then
		check 1 'sha256_test builds and runs: it needs qemu-user and libc6-dev-riscv64-cross'
		comment "$work/log"
		return
	fi
	qemu-riscv64 -cpu rv64,zknh=true "$work/always" >"$work/log" &&
		[ "$(grep -c '^ok .*accelerated: ' "$work/log")" -eq 6 ]
	check $? 'sha256_test with the instructions'
	qemu-riscv64 -cpu rv64 "$work/asks" >"$work/log"
	check $? 'sha256_test on a CPU without them'
}

no_zknh="purgatory: this CPU's Zknh instructions do not exist and are not used"
verified='purgatory: verified [0-9]+ regions, [0-9]+ bytes, with'

# 27 runs verify with firmware's console: three do not know the timer's rate, two are not to use Zknh.
test_returning()
{
	cpu=rv64
	returning 'CPU without Zknh'
	console "$verified portable code in [0-9]+ ms" 24 &&
		console "$verified portable code in [0-9]+ Mcycles" 3
	check $? 'CPU without Zknh: hashes with portable code'
	console "$no_zknh" 25
	check $? 'CPU without Zknh: says so if it should have it'
	cpu=rv64,zknh=true
	returning 'CPU with Zknh'
	console "$verified Zknh instructions in [0-9]+ ms" 22 &&
		console "$verified Zknh instructions in [0-9]+ Mcycles" 3 && console "$no_zknh" 0 &&
		console "$verified portable code in [0-9]+ ms" 2
	check $? 'CPU with Zknh: hashes with its instructions, unless it is not to'
}

test_terminal()
{
	digest='[0-9a-f]{64}'
	fault='purgatory: exception, scause 0x5, at 0x8'
	cpu=rv64 options=
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
		"${fault}100[0-9a-f]{4}, stval 0x300000000" 'purgatory: halted'
	terminal 6 reset 'an exception is reported, resets on request' \
		"${fault}100[0-9a-f]{4}, stval 0x300000000"
	terminal 10 halted 'a region that cannot be read is reported' \
		"${fault}100[0-9a-f]{4}, stval 0x3000000[0-3][0-9a-f]"
	terminal 7 reset 'an exception of the console itself resets on request'
	terminal 9 halted 'a kernel that faults before it has a trap vector is reported' \
		"${fault}02[0-9a-f]{5}, stval 0x300000000"
}

# build_firmware [FLAG]: sets firmware
build_firmware()
{
	firmware=$work/firmware.elf
	# shellcheck disable=SC2086 # a list of words
	"${cross}gcc" $guest_flags ${1:-} -c -o "$work/firmware.o" \
		"$top/tests/purgatory/riscv64/firmware.S" &&
		"${cross}ld" --no-relax -z noexecstack -Ttext=0x80000000 -e start -o "$firmware" \
			"$work/firmware.o"
}

test_firmware()
{
	cpu=rv64
	build_firmware || return 1
	options=' without legacy calls'
	terminal 2 reset 'damage: resets on request' "$kernel" 'purgatory: resetting the machine'
	cpu=rv64,zknh=true
	returning "$cpu$options"
	cpu=rv64 options=' with legacy calls only'
	build_firmware -DLEGACY || return 1
	terminal 2 off 'damage: switches off where it cannot reset' \
		"$kernel" 'purgatory: resetting the machine'
	firmware=
}

kernel='sha256 digests do not match: kernel \[0x82000000, 0x82011171\) was damaged'
name23='sha256 digests do not match: a name of 23 characters \[0x83000ff0, 0x83001030\)'
name23="$name23 was damaged"
firmware=
build_all || finish
test_check
test_sha256
test_returning
test_terminal
test_firmware
check $? 'firmware builds'
finish
