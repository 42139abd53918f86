# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # for and from guests.sh
# QEMU's virt machine, in SVC and in HYP mode.

places='0x41000000 0x4ffff000 0x7f000000'
qemu=qemu-system-arm machine=virt memory=1G
devices="-kernel $work/guest.elf -chardev file,id=report,path=$work/report
	-semihosting-config enable=on,target=native,chardev=report"
guest_flags='-march=armv7-a -marm -mfloat-abi=soft -mno-unaligned-access'
pc_register=15 # for QEMU's debugger
vector_code='' thread_code='' code_flags=''

test_returning()
{
	cpu=cortex-a7 options=
	returning "$cpu"
	console 'purgatory: verified .* with portable code, data cache off in [0-9]+ ms' 25
	check $? 'cortex-a7: reports the time of hashing'
	cpu=cortex-a15 options=,virtualization=on
	returning "$cpu"
}

test_terminal()
{
	abort='purgatory: exception 4 at 0x410[0-9a-f]{5}, '
	cpu=cortex-a15 options=
	common_terminal
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

test_arch()
{
	test_returning
	test_terminal
}

pairs='gcc:ld gcc:ld.lld-14 clang-14:ld clang-14:ld.lld-14 clang-16:ld.lld-16 clang-19:ld.lld-19'
pairs_machine() { cpu=cortex-a15 options=,virtualization=on; }

flags_of()
{
	case $1:$2 in
	none:*) echo '-mthumb -mcpu=cortex-a15 -mfloat-abi=hard -mfpu=neon' ;;
	all:*) echo '-march=armv8-a -mfpu=crypto-neon-fp-armv8' ;;
	esac
	case $1:$2 in none:*gcc) echo '-mthumb-interwork -mlong-calls -fstack-clash-protection -fplt' ;; esac
}
