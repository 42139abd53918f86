#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/arm64/run.sh
# Runs the arm64 purgatory of DIR (built anew if DIR has none) on QEMU's virt
# machine: CPUs with and without VHE, at EL1, EL2 and EL3.  Prints 'ok' and
# 'not ok' lines, and the sum.  KEEP=1 keeps the working directory.

set -u
LC_ALL=C
export LC_ALL
top=$(cd "$(dirname "$0")/../../.." && pwd)
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/lib.sh
. "$top/tests/purgatory/lib.sh"
work=$(mktemp -d) || exit 1
# shellcheck source=tests/purgatory/arm64/lib.sh
. "$top/tests/purgatory/arm64/lib.sh"
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

# returning NAME CPU MACHINE_OPTIONS: all tests that come back.
returning()
{
	run_arm64 0 120 "$2" "$3"
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

# methods NAME METHOD...: verified with each of these at least once, with nothing else.
methods()
{
	name=$1 bad=0
	shift
	tr -d '\r' <"$work/console" | sed -n 's/^purgatory: verified .* with \(.*\) in .* ms$/\1/p' |
		sort -u >"$work/methods"
	printf '%s\n' "$@" | sort >"$work/expected"
	cmp -s "$work/methods" "$work/expected" || { bad=1; comment "$work/methods"; }
	check $bad "$name: how it hashed"
}

# terminal TEST HOW_IT_ENDS NAME PATTERN...: purgatory must not come back.
terminal()
{
	test=$1 how=$2 name=$3
	shift 3
	run_arm64 "$test" 60 "$cpu" "$options"
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
	exception='purgatory: exception, ESR 0x[0-9a-f]+, at 0x410[0-9a-f]{5}, address'
	cpu=cortex-a57 options=
	terminal 1 halted 'damage: named, digests shown, halts' \
		"I'm in purgatory" "$kernel" "  expected $digest" "  found    $digest" \
		'purgatory: 1 of 2 regions damaged, the next kernel is not started' 'purgatory: halted'
	terminal 2 reset 'damage: resets on request' "$kernel" 'purgatory: resetting the machine'
	terminal 8 halted 'damage: every region is named' "$kernel" "$name23" \
		'purgatory: 2 of 2 regions damaged, the next kernel is not started'
	terminal 3 halted 'nowhere to go is refused' 'purgatory: cannot start a kernel at 0x0'
	terminal 4 halted 'too many regions are refused' \
		'purgatory: the parameter block is damaged: 17 regions, at most 16 fit'
	terminal 5 halted 'an exception is reported, halts' "$exception 0x300000000" 'purgatory: halted'
	terminal 9 halted 'an exception with the MMU on is reported' "$exception 0x3000000[0-3]0"
	terminal 10 halted 'a region beyond the address bits is hashed without the MMU' \
		'purgatory: \[0x4000000000000, 0x4000000000040\) is beyond the 44 address bits of this CPU' \
		"$exception 0x40000000000[0-3]0"
	cpu=cortex-a57 options=,virtualization=on
	terminal 6 reset 'an exception is reported, resets on request' "$exception 0x300000000"
	terminal 7 reset 'an exception of the console itself resets on request'
	terminal 11 reset 'regions are read-only, so the MMU is on' "I'm in purgatory"
	[ "$(wc -l <"$work/console")" -eq 1 ]
	check $? 'and nothing could be said'
	cpu=max options=,virtualization=on
	terminal 2 reset 'damage: resets on request' "$kernel"
}

all='SHA2 instructions|SHA2 instructions, caches off|portable code|portable code, caches off'
test_returning()
{
	IFS='|'
	# shellcheck disable=SC2086 # a list
	set -- $all
	unset IFS
	returning 'cortex-a53 EL1' cortex-a53 ''
	methods 'cortex-a53 EL1' "$@"
	returning 'cortex-a57 EL2' cortex-a57 ,virtualization=on
	methods 'cortex-a57 EL2' "$@"
	returning 'max EL1' max,sme_fa64=off ''
	methods 'max EL1' "$@"
	returning 'max EL2' max,sme_fa64=off ,virtualization=on
	methods 'max EL2' "$@"
	returning 'max EL3' max ,secure=on,virtualization=on
	methods 'max EL3' 'portable code, caches off'
	console 'purgatory: hashes without the MMU: entered at EL3' 17
	check $? 'max EL3: says why it has the caches off'
}

images=$BUILD/purgatory/arm64
# CPUs without 4 KiB pages: their maps, forced upon one that has all three.
test_granules()
{
	for granule in 14 16; do
		name="max EL2, granule 2^$granule"
		if ! { build_purgatory "$work/$granule" "${cross}gcc -DTEST_GRANULE_LOG2=$granule" "${cross}ld" &&
			build_guest_arm64 "$work/$granule/purgatory/arm64"; } >"$work/log" 2>&1; then
			check 1 "$name: builds"
			comment "$work/log"
			continue
		fi
		returning "$name" max ,virtualization=on
		[ "$(grep -c 'with SHA2 instructions in' "$work/console")" -ge 30 ]
		check $? "$name: has the caches on"
	done
	console 'purgatory: the regions are too scattered for 320 KiB of page tables' 2
	check $? 'regions for which the tables do not suffice are hashed without the MMU'
}

# refuses SENTENCE ASSEMBLY: util/check-purgatory must fail, and say so.
refuses()
{
	echo "void f(void); void f(void) { __asm__(\"$2\"); }" >"$work/bad.c"
	"${cross}gcc" -c -o "$work/bad.o" "$work/bad.c"
	! "$top/util/check-purgatory" --arch=arm64 --readelf="${cross}readelf" \
		--objdump="${cross}objdump" objects "$work/bad.o" >"$work/log" 2>&1 &&
		grep -q -e "$1" "$work/log"
	check $? "check-purgatory: $1: $2"
}

test_check()
{
	for code in 'fadd d0, d1, d2' 'ldr q0, [x0]' 'fmov x0, d0' 'stp d8, d9, [sp]' \
		'umov w0, v0.s[1]' 'ld1 {v0.16b}, [x0]'; do
		refuses 'vector or floating-point register' "$code"
	done
	refuses 'memory of a thread' 'mrs x0, tpidr_el0'
}

# The code for the tool on an arm64 host, which asks the kernel and not the CPU.
test_sha256()
{
	if ! command -v qemu-aarch64 >/dev/null || ! "${cross}gcc" -static -O1 -std=gnu11 -I"$top/include" \
		-o "$work/sha256_test" "$top/tests/purgatory/sha256_test.c" "$top"/purgatory/sha256*.c \
		"$top/purgatory/arch/arm64/sha256_ce.c" 2>"$work/log"; then
		check 1 'sha256_test builds and runs: it needs qemu-user and libc6-dev-arm64-cross'
		comment "$work/log"
		return
	fi
	for cpu in max cortex-a57; do
		qemu-aarch64 -cpu "$cpu" "$work/sha256_test" >"$work/log"
		status=$?
		grep -v '^ok' "$work/log"
		[ "$status" -eq 0 ] && [ "$(grep -c '^ok .*accelerated: ' "$work/log")" -eq 6 ]
		check $? "sha256_test on $cpu"
	done
}

build_place "$work" >"$work/log" 2>&1
check $? 'the loaders build'
if [ ! -e "$images/purgatory.bin" ]; then
	build_purgatory "$work/build" "${cross}gcc" "${cross}ld" >"$work/log" 2>&1
	check $? 'purgatory builds'
	images=$work/build/purgatory/arm64
fi
if ! build_guest_arm64 "$images" >>"$work/log" 2>&1; then
	check 1 "the guest builds, with kexec's own loaders placing the images"
	comment "$work/log"
	finish
fi
test_check
test_sha256
test_returning
test_terminal
test_granules
finish
