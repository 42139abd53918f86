# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # for and from guests.sh
# Either byte order, on QEMU's pseries machine, which has the surroundings of an LPAR: real mode,
# a hypervisor's terminal, RTAS.  The guest is big-endian.

places='0x1000000 0x3ffff000 0x123456000'
qemu=qemu-system-ppc64 machine=pseries,cap-ccf-assist=off memory=5G
case $order in
LE) cpus='power8 power9' ;;
BE) cpus='970 power9' ;;
esac
[ "$order" = BE ] || starter_flags='-include little_endian.h'
order=BE guest_cross=${CROSS_ppc64-powerpc64-linux-gnu-}
devices="-nodefaults -bios $work/guest.bin"
serial="-chardev stdio,id=console -device spapr-vty,reg=0x71000001,chardev=console
	-chardev file,id=report,path=$work/report -device spapr-vty,reg=0x71000002,chardev=report"
guest_flags='-mabi=elfv2 -mcpu=powerpc64 -msoft-float -mno-altivec'
regions=3
pc_register=64 # for QEMU's debugger
vector_code='fadd 1, 2, 3|lfd 1, 0(3)|stfd 1, 0(3)|vaddubm 1, 2, 3|lvx 1, 0, 3|lxvd2x 1, 0, 3'
vector_code="$vector_code|xxlxor 1, 2, 3|mtvsrd 1, 3|mffs 1|mtfsf 255, 1"
thread_code='ld 3, -28688(13)' code_flags=-Wa,-many

test_terminal()
{
	reset='purgatory: resetting the machine'
	common_terminal
	terminal 12 halted 'half an instruction is refused' \
		'purgatory: cannot start a kernel at 0x123456789abcd002'
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
	console "I'm in purgatory" 22
	check $? "$cpu: speaks where it is heard"
	console 'purgatory: verified 3 regions, 70161 bytes, with portable code in [0-9]+ ms' 16
	check $? "$cpu: reports the time of hashing"
	console 'purgatory: verified 16 regions, 1576 bytes, with portable code in [0-9]+ Mcycles'
	check $? "$cpu: reports Mcycles if the rate is unknown"
}

test_arch()
{
	refuses_code 'section .toc .*-mminimal-toc' \
		'extern int x; void f(void); void f(void) { x = 1; }' -mabi=elfv2 -mminimal-toc -fPIE
	for cpu in $cpus; do
		test_returning
		test_terminal
	done
}

pairs='gcc:ld gcc:ld.lld-14 clang-14:ld clang-14:ld.lld-14 clang-16:ld.lld-16 clang-19:ld.lld-19'
pairs_machine() { cpu=power9; }

# For CPUs that have far more than purgatory uses.
flags_of()
{
	case $1:$2 in
	none:*) echo '-mcpu=power8 -mhard-float -mvsx' ;;
	all:*) echo '-mcpu=power10 -maltivec -mvsx' ;;
	esac
	case $1:$2 in
	none:*gcc) echo '-mcmodel=small -mlong-double-64 -fplt -mrop-protect' ;;
	none:*) echo '-mcmodel=large' ;;
	esac
}
