#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/run.sh
# Runs the purgatories of DIR (built there if they are not) on emulated bare machines
# and prints TAP.  KEEP=1 keeps the working directory.

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/lib.sh
. "$top/tests/purgatory/lib.sh"
images=$BUILD/purgatory/x86_64

test_build()
{
	if [ ! -e "$images/purgatory.bin" ]; then
		make -s -C "$top/purgatory" ARCH=x86_64 O="$BUILD" >"$work/log" 2>&1
		check $? 'purgatory builds'
		comment "$work/log"
	fi
	[ "$(wc -c <"$images/purgatory.bin")" -le 12288 ]
	check $? 'the image has at most 12 KiB'
	elsewhere=$work/elsewhere/deep/tree
	mkdir -p "$elsewhere/util" "$elsewhere/kexec/arch"
	cp -r "$top/purgatory" "$top/include" "$elsewhere"
	cp "$top/util/check-purgatory" "$top/util/arches" "$elsewhere/util"
	cp "$top/kexec/arch/arches" "$elsewhere/kexec/arch"
	make -s -C "$top/purgatory" O="$work/here" >"$work/log" 2>&1 &&
		make -s -C "$elsewhere/purgatory" O="$elsewhere/build" >>"$work/log" 2>&1
	check $? 'purgatory builds from two directories'
	comment "$work/log"
	for kind in pie rel bin; do
		"$top/util/check-purgatory" same "$work/here/purgatory/x86_64/purgatory.$kind" \
			"$elsewhere/build/purgatory/x86_64/purgatory.$kind"
		check $? "purgatory.$kind has the same bytes from both"
	done
}

# patch FILE OFFSET OCTAL: one byte of a copy of the good images
patch()
{
	for kind in pie rel bin; do
		cp "$images/purgatory.$kind" "$work/bad.$kind"
	done
	printf '%b' "\\0$3" | dd of="$work/bad.$1" bs=1 seek="$2" conv=notrunc status=none
}

refuses_patched()
{
	patch "$2" "$3" "$4"
	refuses "$1" images "$work/bad.pie" "$work/bad.rel" "$work/bad.bin"
}

# The check itself: each fault must be found, by the sentence that a packager would read.
test_check()
{
	refuses_code 'defines nobody;' 'void nobody(void); void f(void); void f(void) { nobody(); }'
	refuses_code 'defines mcount; .*-pg' 'void f(void); void f(void) { }' -pg
	refuses_code '__stack_chk_fail; .*-fstack-protector' \
		'void g(char *); void f(void); void f(void) { char a[99]; g(a); }' \
		-fstack-protector-all
	refuses_code 'section .tbss' '__thread int x;'
	refuses_code 'section .init_array' \
		'int x; __attribute__((constructor)) void f(void); void f(void) { x = 1; }'
	refuses_code 'section .eh_frame.*-fexceptions' \
		'void f(void); void f(void) { }' -fasynchronous-unwind-tables
	refuses_code 'section .data.rel.*pointer' 'char c; char *p = &c;'
	refuses_code 'section .note.gnu.property.*-fcf-protection' \
		'void f(void); void f(void) { }' -fcf-protection=full
	refuses_code 'section .gnu.lto_.*-flto' \
		'void f(void); void f(void) { }' -flto -ffat-lto-objects
	refuses_code 'vector or floating-point register' \
		'void f(void); void f(void) { __asm__("paddd %xmm0, %xmm1"); }'
	refuses_code 'vector or floating-point register' \
		'void f(void); void f(void) { __asm__("fld1"); }'
	refuses_code 'memory of a thread' \
		'void f(void); void f(void) { __asm__("movl %fs:40, %eax"); }'
	echo 'no object' >"$work/bad.o"
	refuses 'no ELF file' objects "$work/bad.o"

	offset=$(($(readelf -lW "$images/purgatory.pie" | awk '$1 == "LOAD" { print $2 }')))
	refuses_patched 'image_size is' bin 32 377
	refuses_patched 'memory_size is' bin 37 377
	refuses_patched 'params_offset is' bin 40 1
	refuses_patched 'params_size is' bin 44 1
	refuses_patched 'magic is' bin 16 160
	refuses_patched 'machine is' bin 28 3
	refuses_patched 'is not what' bin 4000 252
	refuses_patched 'is not what' pie $((offset + 4000)) 252
	refuses_patched 'entry point is' pie 24 20
	refuses_patched 'one segment to load' pie 68 5
	refuses_patched 'program header TLS' pie 120 7
	relocations=$(($(readelf -SW "$images/purgatory.rel" | sed 's/^ *\[[^]]*\] *//' |
		awk '$1 == ".rela.text" { print "0x" $4 }')))
	refuses_patched 'relocations of type R_X86_64_32S' rel $((relocations + 8)) 13
}

test_sha256()
{
	$host_cc -O1 -std=gnu11 -I"$top/include" -o "$work/sha256_test" \
		"$top/tests/purgatory/sha256_test.c" "$top/purgatory/sha256.c" \
		"$top"/purgatory/arch/x86/sha256_*.c
	check $? 'sha256_test builds'
	"$work/sha256_test" >"$work/log"
	status=$?
	tap_lines "$work/log"
	check $status 'sha256_test ends well'
}

# Entering and leaving, at all places, with all options that come back.
test_returning()
{
	returning x86_64
	count=$(($(grep -c '^ok - .*: verifies and hands over' "$work/report")))
	console 'purgatory: verified 3 regions, 120065 bytes, with portable code in [0-9]+ ms' $count
	check $? "the console reports how much was verified, $count times"
	console 'purgatory: verified 16 regions, 1560 bytes, with portable code in [0-9]+ Mcycles' 2
	check $? 'the console reports Mcycles if the rate is unknown'
}

test_terminal()
{
	digest='[0-9a-f]{64}'
	kernel='sha256 digests do not match: kernel \[0x2000000, 0x2011171\) was damaged'
	name23='sha256 digests do not match: a name of 23 characters \[0x3000000, 0x3000040\)'
	name23="$name23 was damaged"
	terminal 1 halted 'damage: named, digests shown, halts' \
		"I'm in purgatory" "$kernel" "  expected $digest" "  found    $digest" \
		'purgatory: 1 of 2 regions damaged, the next kernel is not started' 'purgatory: halted'
	digests=$(awk '$1 == "expected" || $1 == "found" { print $2 }' "$work/console" | sort -u)
	[ "$(echo "$digests" | wc -l)" -eq 2 ]
	check $? 'damage: the digests differ'
	terminal 2 reset 'damage: resets on request' "$kernel" 'purgatory: resetting the machine'
	terminal 8 halted 'damage: every region is named' "$kernel" "$name23" \
		'purgatory: 2 of 2 regions damaged, the next kernel is not started'
	terminal 3 halted 'an unknown CPU mode is refused' \
		'purgatory: cannot start a kernel in 48-bit mode, only in 64-bit mode'
	terminal 4 halted 'too many regions are refused' \
		'purgatory: the parameter block is damaged: 17 regions, at most 16 fit'
	exception='purgatory: exception 14 at 0x100[0-9a-f]{4}, address 0x300000000 is not mapped'
	terminal 5 halted 'an exception is reported, halts' "$exception" 'purgatory: halted'
	terminal 6 reset 'an exception is reported, resets on request' "$exception"
	terminal 7 reset 'an exception of the console itself resets on request'
}

test_sha_ni()
{
	if ! command -v bochs >/dev/null || ! [ -e /usr/share/bochs/BIOS-bochs-latest ]; then
		skip 'SHA-NI in Bochs' 'needs the Debian packages bochs, bochsbios, bochs-term, vgabios'
		return
	fi
	two_regions='purgatory: verified 2 regions, 70065 bytes, with'
	run_bochs 120
	tap_lines "$work/report" 'Bochs: '
	grep -q '^done' "$work/report"
	check $? 'Bochs: the guest ran to its end'
	[ "$(grep -c 'with SHA-NI in' "$work/console")" -ge 10 ] &&
		console "$two_regions portable code in [0-9]+ ms"
	check $? 'SHA-NI is used where it exists, unless refused'
}

# The other arches, each on a machine of its own, as many at once as there are CPUs.
test_others()
{
	# shellcheck disable=SC2016 # the other shell expands them
	printf '%s\n' "$top"/tests/purgatory/*/run.sh | xargs -P "$(nproc)" -I '{}' sh -c '
		name=$(basename "$(dirname "$1")")
		"$1" >"$2/$name.tap"
		echo $? >"$2/$name.status"' sh '{}' "$work"
	for other in "$top"/tests/purgatory/*/run.sh; do
		name=$(basename "$(dirname "$other")")
		tap_lines "$work/$name.tap"
		[ "$(cat "$work/$name.status")" -eq 0 ]
		check $? "${other#"$top/"} ends well"
	done
}

echo "# purgatory of $images"
test_build
test_check
test_sha256
if build_place >"$work/log" 2>&1 && build_guest_of "$images" >>"$work/log" 2>&1; then
	check 0 "the guest builds, with kexec's own loaders placing the images"
	test_returning
	test_terminal
	test_sha_ni
else
	check 1 "the guest builds, with kexec's own loaders placing the images"
	comment "$work/log"
fi
test_others
finish
