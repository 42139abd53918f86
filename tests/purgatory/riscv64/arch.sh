# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # for and from guests.sh
# QEMU's virt machine, in S-mode: on CPUs with and without Zknh, under OpenSBI and under firmware
# that has only the newest or only the oldest calls.

places='0x81000000 0x8ffff000 0x123456000'
qemu=qemu-system-riscv64 firmware=
guest_flags='-march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax'
guest_link='--no-relax --no-warn-rwx-segments'
vector_code='fadd.d fa0, fa1, fa2|fld fs0, 8(a0)|fsd fa0, 0(sp)|fmv.x.d a0, ft0|feq.s a0, fa0, fa1'
vector_code="$vector_code|frflags a0|.option arch, +v; vsetvli t0, a0, e8, m1"
pc_register=32 # for QEMU's debugger
thread_code='ld a0, -8(tp)|mv a0, tp' code_flags=''

# boot TEST SECONDS: on a CPU of kind $cpu, started by $firmware. The machine does reset, to tell
# a reset from a firmware that switches off, for which ended is `off`.
boot()
{
	run_guest "$2" "$qemu" -machine virt -cpu "$cpu" -m 5G -serial stdio \
		-bios "${firmware:-default}" -kernel "$work/guest.elf" \
		-device "loader,addr=$(constant CONFIG_ADDRESS),data=$1,data-len=4"
	if [ "$ended" = reset ] && ! grep -q -x 'started again' "$work/console"; then
		ended=off
	fi
}

# The code for the tool on a riscv64 host: the instructions themselves, and that the kernel
# is asked for them (qemu-riscv64 may be too old to know that question).
test_sha256()
{
	cat >"$work/always.c" <<-END
	#include "sha256.h"
	sha256_blocks_fn sha256_blocks_zknh;
	bool sha256_accelerated(unsigned int index, struct sha256_engine *engine)
	{
		sha256_engine_set(engine, "Zknh instructions", 1, NULL, sha256_blocks_zknh);
		return !index;
	}
	END
	set -- "$(cc)" -static -O1 -std=gnu11 -I"$top/include" "$top"/purgatory/sha256*.c \
		"$top/tests/purgatory/sha256_test.c" "$top/purgatory/arch/$dir/sha256_zknh.c"
	if ! command -v qemu-riscv64 >/dev/null || ! { "$@" -o "$work/always" "$work/always.c" &&
		"$@" -o "$work/asks" "$top/purgatory/arch/$dir/sha256_select.c"; } 2>"$work/log"; then
		check 1 'sha256_test builds and runs: it needs qemu-user and libc6-dev-riscv64-cross'
		comment "$work/log"
		return
	fi
	qemu-riscv64 -cpu rv64,zknh=true "$work/always" >"$work/log" &&
		[ "$(grep -c '^ok .*Zknh instructions: ' "$work/log")" -eq 8 ]
	check $? 'sha256_test with the instructions'
	qemu-riscv64 -cpu rv64 "$work/asks" >"$work/log"
	check $? 'sha256_test on a CPU without them'
}

no_zknh="purgatory: this CPU's Zknh instructions do not exist and are not used"
verified='purgatory: verified [0-9]+ regions, [0-9]+ bytes, with'

# 29 runs verify with firmware's console: two do not know the timer's rate, two are not to use Zknh.
test_returning()
{
	cpu=rv64
	returning 'CPU without Zknh'
	console "$verified portable code in [0-9]+ ms" 27 &&
		console "$verified portable code in [0-9]+ Mcycles" 2
	check $? 'CPU without Zknh: hashes with portable code'
	console "$no_zknh" 27
	check $? 'CPU without Zknh: says so if it should have it'
	cpu=rv64,zknh=true
	returning 'CPU with Zknh'
	console "$verified Zknh instructions in [0-9]+ ms" 25 &&
		console "$verified Zknh instructions in [0-9]+ Mcycles" 2 && console "$no_zknh" 0 &&
		console "$verified portable code in [0-9]+ ms" 2
	check $? 'CPU with Zknh: hashes with its instructions, unless it is not to'
}

test_terminal()
{
	fault='purgatory: exception, scause 0x5, at 0x8'
	cpu=rv64 options=
	common_terminal
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
	"$(cc)" $guest_flags ${1:-} -c -o "$work/firmware.o" \
		"$top/tests/purgatory/$dir/firmware.S" &&
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

test_arch()
{
	test_sha256
	test_returning
	test_terminal
	build_wrong '\202\200' sha256_blocks_zknh
	cpu=rv64,zknh=true
	returning 'wrong Zknh'
	steps_down 'Zknh instructions' 'portable code'
	test_firmware
	check $? 'firmware builds'
}

pairs='gcc:ld clang-16:ld clang-16:ld.lld-16 clang-19:ld clang-19:ld.lld-19'
pairs_machine() { cpu=rv64,zknh=true; }

flags_of()
{
	case $1:$2 in
	none:*) echo '-mabi=lp64d -mcmodel=medlow -mrelax -msave-restore' ;;
	all:*) echo '-mcpu=sifive-u74 -msmall-data-limit=8' ;;
	esac
	case $1:$2 in
	none:*gcc) echo '-march=rv64gc_zba_zbb -mplt -fstack-clash-protection' ;;
	none:*) echo '-march=rv64gcv' ;;
	all:*gcc) echo '-mno-strict-align -mtune=sifive-7-series' ;;
	esac
}
