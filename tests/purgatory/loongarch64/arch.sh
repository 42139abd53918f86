# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # for and from guests.sh
# QEMU's virt machine, with paging on and Linux's windows.

places='0x2000000 0xf000000 0x123456000'
qemu=qemu-system-loongarch64 machine=virt memory=4G
devices="-kernel $work/guest.elf"
guest_flags='-march=loongarch64 -mabi=lp64s -mcmodel=normal'
guest_link='--no-warn-rwx-segments'
vector_code='fadd.d $f0, $f1, $f2|fld.d $f24, $a0, 8|fst.d $f0, $sp, 0|movgr2fr.d $f0, $a0|movfcsr2gr $a0, $r0'
vector_code="$vector_code|vld \$vr0, \$a0, 0|xvadd.d \$xr0, \$xr1, \$xr2"
pc_register=33 # for QEMU's debugger
thread_code='ld.d $a0, $tp, -8|move $a0, $tp' code_flags='-mabi=lp64d'

verified='purgatory: verified [0-9]+ regions, [0-9]+ bytes, with'

test_returning()
{
	cpu=
	returning 'virt'
	console "$verified portable code in [0-9]+ ms" 27
	check $? 'virt: hashes with portable code and knows the rate of the timer'
}

test_terminal()
{
	# An address without memory: code 8, subcode 1; this QEMU does not set BADV.
	no_memory='purgatory: exception, ESTAT 0x480000, at'
	no_window='purgatory: exception, ESTAT 0x3f0000, at'
	cpu='' options=
	common_terminal
	terminal 5 halted 'an exception is reported, halts' \
		"$no_memory 0x2[0-9a-f]{6}, BADV 0x[0-9a-f]+" 'purgatory: halted'
	terminal 6 reset 'an exception is reported, resets on request' \
		"$no_memory 0x2[0-9a-f]{6}, BADV 0x[0-9a-f]+"
	terminal 10 halted 'a region that cannot be read is reported' \
		"$no_memory 0x2[0-9a-f]{6}, BADV 0x[0-9a-f]+" 'purgatory: halted'
	terminal 7 reset 'an exception of the console itself resets on request'
	terminal 9 halted 'a kernel that faults before it has a vector is reported' \
		"$no_memory 0x90000000008[0-9a-f]{5}, BADV 0x[0-9a-f]+"
	terminal 11 halted 'so is a kernel that uses an address without a window' \
		"$no_window 0x90000000008[0-9a-f]{5}, BADV 0x300000000"
	seconds=5
	terminal 12 timeout 'a machine without a way to reset it halts' "$kernel" \
		'purgatory: resetting the machine' 'purgatory: this machine cannot be reset: halted'
	seconds=
}

test_arch()
{
	test_returning
	test_terminal
}

pairs='gcc:ld clang-19:ld clang-19:ld.lld-19'
pairs_machine() { cpu=''; }

flags_of()
{
	case $1:$2 in
	none:*) echo '-mabi=lp64d -mcmodel=medium -mno-strict-align' ;;
	all:*gcc) echo '-march=la464 -mlasx -mexplicit-relocs=none' ;;
	all:*) echo '-march=la464' ;;
	esac
}
