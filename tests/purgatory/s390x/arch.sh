# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # for and from guests.sh
# QEMU's s390-ccw-virtio machine, with the terminal as console and the operating system messages
# in $work/lines.

places='0x2002000 0x5002000 0x7f002000'
qemu=qemu-system-s390x machine=s390-ccw-virtio memory=6G
devices="-action panic=pause -d guest_errors -kernel $work/guest.elf"
serial="-serial stdio -serial file:$work/lines"
guest_flags='-m64 -march=z10 -msoft-float'
pc_register=1 # for QEMU's debugger
vector_code='adbr %f0,%f2|vl %v1,0(%r2)|ld %f4,0(%r1)' thread_code='ear %r1,%a0'
code_flags='-O1 -march=z13'

test_terminal()
{
	part='sha256 digests do not match: part \[0x2400000, 0x24186a0\) was damaged'
	fault='purgatory: program check 0x5 at 0x2[0-9a-f]{6}'
	common_terminal
	boot 1 60
	# QEMU begins a line there with what ends it elsewhere.
	tr -d '\r' <"$work/console" >"$work/terminal"
	{ sed 1d "$work/lines"; echo; } | grep -v -x 'entering purgatory' | cmp - "$work/terminal"
	check $? 'the operating system messages have the same lines'
	grep -q 'PSW: 0x0002000180000000 0x0000000050555247' "$work/qemu.log"
	check $? "the wait PSW has the address of purgatory's halt"
	lines=$serial serial='-serial none -serial stdio'
	terminal 2 reset 'damage: reported to the operator if there is no terminal' "$kernel"
	serial='-serial none -serial none'
	boot 2 60
	[ "$ended" = reset ] && ! [ -s "$work/console" ]
	check $? 'damage: resets without a console'
	serial=$lines
	terminal 5 halted 'a program check is reported, halts' "$fault" 'purgatory: halted'
	terminal 6 reset 'a program check is reported, resets on request' "$fault"
	terminal 9 halted 'a damaged crash kernel is not started' "I'm in purgatory" "$part" \
		'purgatory: 1 of 5 pieces damaged, the next kernel is not started' 'purgatory: halted'
	terminal 10 halted 'memory that cannot be exchanged is refused' \
		'purgatory: at 0x2002000 it cannot exchange \[0x2000000, 0x200f000\) with \[0x0, 0xf000\)'
	terminal 11 reset 'damage is reported on the console if the kernel asks' "$part" \
		'purgatory: 1 of 5 pieces damaged, the next kernel is not started'
	high='sha256 digests do not match: part \[0x102400000, 0x1024186a0\) was damaged'
	terminal 12 halted 'a damaged crash kernel beyond 2 GiB is not started' "$high" 'purgatory: halted'
	terminal 13 reset 'damage beyond 2 GiB is reported on the console if the kernel asks' "$high"
}

# run_hercules TEST SECONDS: the emulator that starts in ESA/390 mode and has KIMD; $work/report
# and $work/console as run_guest makes them. It does not end when it is asked to.
run_hercules()
{
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
	build_wrong '\007\376' sha256_blocks_kimd
	run_hercules 0x100 120
	steps_down KIMD 'portable code'
}

test_arch()
{
	refuses_code 'section .data.rel.*pointer' 'char c; char *p = &c;' -fPIE
	returning qemu
	test_terminal
	test_hercules
}

pairs='gcc:ld clang-14:ld clang-16:ld clang-19:ld clang-19:ld.lld-19'
pairs_machine() { :; }

flags_of()
{
	case $1:$2 in
	none:*) echo '-march=z15 -mvx -mhtm -mbackchain' ;;
	all:*) echo '-march=z13 -mtune=z14 -mpacked-stack' ;;
	esac
	case $1:$2 in
	none:*gcc) echo '-mindirect-branch=thunk -mfunction-return=thunk -msmall-exec -mlong-double-64' ;;
	all:*gcc) echo '-mhotpatch=16,16 -mno-pic-data-is-text-relative -fstack-clash-protection' ;;
	esac
}
