# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # for and from guests.sh
# A PC in QEMU, and one in Bochs.

guest_flags="-I$top/kexec_test/x86 -mgeneral-regs-only -fcf-protection=none"
case $arch in
x86_64)
	places='0x1000000 0x90000 0xbfff0000 0x123456000'
	qemu=qemu-system-x86_64 memory=6G modes='64-, 32- or 16-bit mode'
	guest_flags="$guest_flags -mcmodel=small -mno-red-zone"
	guest_link='-m elf_x86_64 --no-warn-rwx-segments'
	pc_register=16 ;; # for QEMU's debugger
i386)
	places='0x1000000 0x90000 0x7fff0000'
	qemu=qemu-system-i386 cpu=pentium memory=2560M modes='32- or 16-bit mode'
	guest_flags="$guest_flags -march=i586"
	guest_link='-m elf_i386 --no-warn-rwx-segments'
	pc_register=8 ;;
esac
nowhere="purgatory: cannot start a kernel in 48-bit mode, only in $modes"
vector_code='paddd %xmm0, %xmm1|fld1' thread_code='movl %fs:40, %eax' code_flags=''
bad_cc="$(cc) -O1 -ffreestanding -fPIE -mgeneral-regs-only -fcf-protection=none
	-fno-stack-protector -fno-asynchronous-unwind-tables"

# make_disk CONFIG, a number of 16 bits: $work/disk.img, of a size that Bochs can describe as cylinders.
make_disk()
{
	cp "$work/guest.bin" "$work/disk.img"
	truncate -s 1032192 "$work/disk.img"
	printf '%b' "\\0$(printf %o $(($1 % 256)))\\0$(($1 / 256))\\0\\0" |
		dd of="$work/disk.img" bs=1 seek=480 conv=notrunc status=none
}

# boot TEST SECONDS
boot()
{
	make_disk "$1"
	run_guest "$2" "$qemu" -machine pc ${cpu:+-cpu "$cpu"} -m "$memory" -no-reboot -serial stdio -serial "file:$work/report" \
		-drive "file=$work/disk.img,format=raw" -device isa-debug-exit,iobase=0xf4
}

# run_bochs SECONDS: a CPU with SHA-NI, which QEMU's emulation lacks. Output as boot.
run_bochs()
{
	rm -f "$work/console" "$work/report"
	make_disk 0x100	# CONFIG_LITTLE_MEMORY
	cat >"$work/bochsrc" <<-END
	megs: 128
	cpu: model=corei7_icelake_u, count=1, ips=100000000, reset_on_triple_fault=0
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
	ata0-master: type=disk, path=$work/disk.img, mode=flat, cylinders=2, heads=16, spt=63
	boot: disk
	com1: enabled=1, mode=file, dev=$work/console
	com2: enabled=1, mode=file, dev=$work/report
	display_library: term
	plugin_ctrl: speaker=0, sb16=0, es1370=0
	sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
	panic: action=fatal
	log: $work/bochs.log
	END
	# Debian's is built with the debugger, which waits for a command.
	printf 'c\nq\n' >"$work/bochs.commands"
	TERM=xterm timeout "$1" script -qec "bochs -q -f $work/bochsrc -rc $work/bochs.commands" /dev/null \
		</dev/null >"$work/bochs.out" 2>&1
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
	refuses_code '__stack_chk_fail[_a-z]*; .*-fstack-protector' \
		'void g(char *); void f(void); void f(void) { char a[99]; g(a); }' \
		-fstack-protector-all
	refuses_code 'section .tbss' '__thread int x;'
	refuses_code 'section .init_array' \
		'int x; __attribute__((constructor)) void f(void); void f(void) { x = 1; }'
	refuses_code 'section .eh_frame.*-fexceptions' \
		'void f(void); void f(void) { }' -fasynchronous-unwind-tables
	refuses_code 'section .data.rel.*pointer' 'char c; char *p = &c;'
	refuses_code 'section .data .*a variable with a value' 'int x = 1;'
	refuses_code 'section .data.x .*a variable with a value' 'int x = 1;' -fdata-sections
	refuses_code 'section .note.gnu.property.*-fcf-protection' \
		'void f(void); void f(void) { }' -fcf-protection=full
	refuses_code 'section .gnu.lto_.*-flto' \
		'void f(void); void f(void) { }' -flto -ffat-lto-objects
	echo 'no object' >"$work/bad.o"
	refuses 'no ELF file' objects "$work/bad.o"

	refuses_patched 'image_size is' bin 32 377
	refuses_patched 'memory_size is' bin 37 377
	refuses_patched 'params_offset is' bin 40 1
	refuses_patched 'params_size is' bin 44 1
	refuses_patched 'magic is' bin 16 160
	refuses_patched 'machine is' bin 28 4
	refuses_patched 'is not what' bin 4000 252
	[ "$arch" = x86_64 ] || return 0	# the other offsets are those of ELF64
	offset=$(($(readelf -lW "$images/purgatory.pie" | awk '$1 == "LOAD" { print $2 }')))
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
	if [ "$arch" != "$host" ]; then
		skip sha256_test "this machine is no $arch"
		return
	fi
	$(cc) -O1 -std=gnu11 -I"$top/include" -o "$work/sha256_test" \
		"$top/tests/purgatory/sha256_test.c" "$top"/purgatory/sha256*.c \
		"$top/purgatory/arch/$dir"/sha256_*.c
	check $? 'sha256_test builds'
	"$work/sha256_test" >"$work/log"
	status=$?
	tap_lines "$work/log"
	check $status 'sha256_test ends well'
}

# with_engine CPU NAME REGIONS: a CPU with which purgatory has to choose that engine.
with_engine()
{
	cpu=$1
	returning "$arch, $cpu"
	times=$(grep -c '^ok - .*: verifies and hands over' "$work/report")
	[ "$times" -gt 0 ] && [ "$(grep -c "verified $3, with $2 in" "$work/console")" -ge "$times" ]
	check $? "$cpu: verifies with $2, at least $times times"
}

# Entering and leaving, at all places, with all options that come back.
test_returning()
{
	case $arch in
	x86_64)
		verified='3 regions, 120065 bytes'
		with_engine core2duo 'SSSE3 instructions, 4 streams' "$verified"
		with_engine max 'AVX2 instructions, 8 streams' "$verified"
		with_engine qemu64 'portable code' "$verified"
		cpu= ;;
	i386)
		verified='2 regions, 70065 bytes'
		with_engine max 'SSSE3 instructions, 4 streams' "$verified"
		with_engine pentium3 'portable code' "$verified"
		cpu=pentium ;;
	esac
	returning "$arch"
	console 'purgatory: verified 16 regions, 1576 bytes, with portable code in [0-9]+ Mcycles'
	check $? 'the console reports Mcycles if the rate is unknown'
}

# Last, because another guest is built. \303 is the instruction ret.
test_wrong_engines()
{
	cpu=max
	build_wrong '\303' sha256_streams_avx2
	returning "$arch, wrong AVX2"
	steps_down 'AVX2 instructions' 'SSSE3 instructions, 4 streams'
	build_wrong '\303' sha256_streams_avx2 sha256_streams_ssse3
	returning "$arch, wrong AVX2 and SSSE3"
	steps_down 'AVX2 instructions' 'portable code'
	steps_down 'SSSE3 instructions' 'portable code'
	cpu=
}

test_terminal()
{
	common_terminal
	exception='purgatory: exception 14 at 0x100[0-9a-f]{4}, address 0x300000000 is not mapped'
	[ "$arch" = x86_64 ] || exception='purgatory: exception 1 at 0x100[0-9a-f]{4}'
	terminal 5 halted 'an exception is reported, halts' "$exception" 'purgatory: halted'
	terminal 6 reset 'an exception is reported, resets on request' "$exception"
	terminal 7 reset 'an exception of the console itself resets on request'
	cannot='purgatory: cannot start a kernel in' more='more than'
	[ "$arch" = i386 ] || terminal 9 halted '32-bit mode: purgatory above 4 GiB is refused' \
		"$cannot 32-bit mode: the end of purgatory is 0x12345[0-9a-f]{4}, $more 0x100000000"
	terminal 10 halted '32-bit mode: an entry above 4 GiB is refused' \
		"$cannot 32-bit mode: the entry is 0x100000000, $more 0xffffffff"
	terminal 11 halted '16-bit mode: purgatory above 640 KiB is refused' \
		"$cannot 16-bit mode: the end of purgatory is 0x100[0-9a-f]{4}, $more 0xa0000"
	terminal 12 halted '16-bit mode: an entry above 64 KiB is refused' \
		"$cannot 16-bit mode: the entry is 0x10000, $more 0xffff"
}

# Another emulator, which checks descriptors more strictly.
test_bochs()
{
	if ! command -v bochs >/dev/null || ! [ -e /usr/share/bochs/BIOS-bochs-latest ]; then
		skip 'Bochs' 'needs the Debian packages bochs, bochsbios, bochs-term, vgabios'
		return
	fi
	two_regions='purgatory: verified 2 regions, 70065 bytes, with'
	run_bochs 120
	tap_lines "$work/report" 'Bochs: '
	grep -q '^done' "$work/report"
	check $? 'Bochs: the guest ran to its end'
	[ "$(grep -c 'with SHA instructions, 2 streams in' "$work/console")" -ge 10 ] &&
		console "$two_regions portable code in [0-9]+ ms"
	check $? 'SHA-NI is used where it exists, unless refused'
}

test_arch()
{
	[ "$(wc -c <"$images/purgatory.bin")" -le 16384 ]
	check $? 'the image has at most 16 KiB'
	test_check
	test_sha256
	test_returning
	test_terminal
	test_bochs
	[ "$arch" = i386 ] || test_wrong_engines
}

pairs='gcc-11:ld gcc-11:ld.lld-14 gcc-12:ld gcc-12:ld.lld-19 clang-14:ld clang-14:ld.lld-14
	clang-16:ld clang-16:ld.lld-16 clang-19:ld clang-19:ld.lld-19'
pairs_machine() { :; }
image_limit() { echo 16384; }
sets='default O0 O3 v3 lto ssp retpoline cet exceptions ubsan Debian Fedora Arch'

# The flags of one set for one compiler; what only the other one has is left out.
flags_of()
{
	case $1:$2 in
	O0:*) echo '-O0' ;;
	O3:*) echo '-O3 -funroll-loops' ;;
	v3:*) echo '-O3 -march=x86-64-v3 -ftree-vectorize' ;;
	lto:*) echo '-flto' ;;
	ssp:*) echo '-fstack-protector-all -fstack-clash-protection' ;;
	retpoline:*gcc*) echo '-mindirect-branch=thunk -mfunction-return=thunk' \
		'-mindirect-branch-register' ;;
	retpoline:*) echo '-mretpoline -mspeculative-load-hardening' ;;
	cet:*) echo '-fcf-protection=full' ;;
	exceptions:*) echo '-fexceptions -fasynchronous-unwind-tables' ;;
	ubsan:*gcc*) echo '-fsanitize=undefined -fsanitize-undefined-trap-on-error' ;;
	ubsan:*) echo '-fsanitize=undefined -fsanitize-trap=undefined' ;;
	Debian:*) echo '-g -O2 -ffile-prefix-map=/build=. -fstack-protector-strong' \
		'-fstack-clash-protection -Wformat -Werror=format-security -fcf-protection -fPIE' \
		'-Wdate-time -D_FORTIFY_SOURCE=2' ;;
	Fedora:*) case $2 in *gcc*) lto='auto -ffat-lto-objects' ;; *) lto=thin ;; esac
		echo "-O2 -flto=$lto -fexceptions -g -grecord-gcc-switches -pipe -Wall" \
		'-Werror=format-security -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3' \
		'-Wp,-D_GLIBCXX_ASSERTIONS -fstack-protector-strong -m64 -march=x86-64' \
		'-mtune=generic -fasynchronous-unwind-tables' \
		'-fstack-clash-protection -fcf-protection -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer' ;;
	Arch:*) echo '-march=x86-64 -mtune=generic -O2 -pipe -fno-plt -fexceptions' \
		'-Wp,-D_FORTIFY_SOURCE=3 -Wformat -Werror=format-security -fstack-clash-protection' \
		'-fcf-protection -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -g -flto' ;;
	esac
}
