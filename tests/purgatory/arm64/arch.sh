# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # for and from guests.sh
# QEMU's virt machine: CPUs with and without VHE, at EL1, EL2 and EL3.

places='0x41000000 0x4ffff000 0x123456000'
qemu=qemu-system-aarch64 machine=virt memory=5G
devices="-kernel $work/guest.elf -chardev file,id=report,path=$work/report
	-semihosting-config enable=on,target=native,chardev=report"
guest_flags='-mgeneral-regs-only -mstrict-align'
pc_register=32 # for QEMU's debugger
vector_code='fadd d0, d1, d2|ldr q0, [x0]|fmov x0, d0|stp d8, d9, [sp]|umov w0, v0.s[1]|ld1 {v0.16b}, [x0]'
thread_code='mrs x0, tpidr_el0' code_flags=''

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

test_terminal()
{
	exception='purgatory: exception, ESR 0x[0-9a-f]+, at 0x410[0-9a-f]{5}, address'
	cpu=cortex-a57 options=
	common_terminal
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

test_returning()
{
	all='SHA2 instructions, 2 streams|SHA2 instructions, 2 streams, caches off|portable code|portable code, caches off'
	IFS='|'
	# shellcheck disable=SC2086 # a list
	set -- $all
	unset IFS
	cpu=cortex-a53 options=
	returning 'cortex-a53 EL1'
	methods 'cortex-a53 EL1' "$@"
	cpu=cortex-a57 options=,virtualization=on
	returning 'cortex-a57 EL2'
	methods 'cortex-a57 EL2' "$@"
	cpu=max,sme_fa64=off options=
	returning 'max EL1'
	methods 'max EL1' "$@"
	options=,virtualization=on
	returning 'max EL2'
	methods 'max EL2' "$@"
	cpu=max options=,secure=on,virtualization=on
	returning 'max EL3'
	methods 'max EL3' 'portable code, caches off'
	console 'purgatory: hashes without the MMU: entered at EL3' 19
	check $? 'max EL3: says why it has the caches off'
}

# Each way of hashing is tried before it is used.
test_engines()
{
	cpu=cortex-a53 options=
	build_wrong '\300\003\137\326' sha256_streams_ce
	returning 'wrong SHA2'
	steps_down 'SHA2 instructions' 'NEON instructions, 4 streams'
	cpu=cortex-a57 options=,virtualization=on
	build_wrong '\300\003\137\326' sha256_streams_ce sha256_streams_neon
	returning 'wrong SHA2 and NEON'
	steps_down 'SHA2 instructions' 'portable code'
	steps_down 'NEON instructions' 'portable code'
}

# CPUs without 4 KiB pages: their maps, forced upon one that has all three.
test_granules()
{
	cpu=max options=,virtualization=on
	for granule in 14 16; do
		name="max EL2, granule 2^$granule"
		if ! { build_purgatory "$work/$granule" "${cross}gcc -DTEST_GRANULE_LOG2=$granule" &&
			build_guest "$work/$granule/purgatory/$arch"; } >"$work/log" 2>&1; then
			check 1 "$name: builds"
			comment "$work/log"
			continue
		fi
		returning "$name"
		[ "$(grep -c 'with SHA2 instructions, 2 streams in' "$work/console")" -ge 30 ]
		check $? "$name: has the caches on"
	done
	console 'purgatory: the regions are too scattered for 320 KiB of page tables' 2
	check $? 'regions for which the tables do not suffice are hashed without the MMU'
}

# The code for the tool on an arm64 host, which asks the kernel and not the CPU.
test_sha256()
{
	if ! command -v qemu-aarch64 >/dev/null || ! "$(cc)" -static -O1 -std=gnu11 -I"$top/include" \
		-o "$work/sha256_test" "$top/tests/purgatory/sha256_test.c" "$top"/purgatory/sha256*.c \
		"$top/purgatory/arch/$dir"/sha256_*.c 2>"$work/log"; then
		check 1 'sha256_test builds and runs: it needs qemu-user and libc6-dev-arm64-cross'
		comment "$work/log"
		return
	fi
	for cpu in max cortex-a57; do
		qemu-aarch64 -cpu "$cpu" "$work/sha256_test" >"$work/log"
		status=$?
		grep -v '^ok' "$work/log"
		[ "$status" -eq 0 ] && [ "$(grep -c '^ok .*instructions: ' "$work/log")" -eq 16 ]
		check $? "sha256_test on $cpu"
	done
}

test_arch()
{
	test_sha256
	test_returning
	test_terminal
	test_engines
	test_granules
}

pairs='gcc:ld gcc:ld.lld-14 clang-14:ld clang-14:ld.lld-14 clang-16:ld.lld-16 clang-19:ld.lld-19'
pairs_machine() { cpu=max options=,virtualization=on; }

flags_of()
{
	case $1:$2 in
	none:*) echo '-mcpu=neoverse-n1 -mcmodel=large -mbranch-protection=standard' ;;
	all:*) echo '-march=armv8.2-a+sve' ;;
	esac
	case $1:$2 in
	none:*gcc) echo '-moutline-atomics -mbig-endian -fstack-clash-protection -fplt' ;;
	none:*) echo '-mspeculative-load-hardening -mharden-sls=all' ;;
	esac
}
