# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # set for and by arch.sh
# Purgatory on bare emulated machines: the common part of run.sh and toolchains.sh.
#
# A script sets `top` to the source tree and sources this file. The script then has a working
# directory of its own, $work, which goes when the script ends (KEEP=1 keeps the directory),
# and counts what it checks. `use_arch NAME` reads FOLDER/arch.sh, which sets:
#
#   places        addresses at which the images are placed; the first suits every test
#   qemu machine memory            QEMU, its -machine and -m
#   devices serial                 words of QEMU's command line, see boot()
#   guest_flags guest_link         of the compiler and the linker of the guest
#   vector_code thread_code code_flags    instructions, separated by |, that the check must refuse
#   test_arch     a function: the tests of run.sh
#   starter_flags words of the compiler for the starter in the guest, if it needs any
#   pairs sets    compilers and linkers, and sets of flags, for toolchains.sh
#   flags_of SET COMPILER          a function: the words of a set
#   pairs_machine                  a function that sets $cpu and $options for toolchains.sh
#
# boot() uses $cpu and $options, which also name the machine in `terminal`.
#
# The guest gets the number of a test.  In test 0 the guest enters purgatory in all ways that
# come back, prints 'ok - ...' and 'not ok - ...' lines and at last 'done', and
# switches off.  Every other test prints 'entering purgatory', and does not come back.
#
# Purgatory prints to QEMU's standard output, which run_guest writes to $work/console, and the
# guest to $work/report.  On a machine with one console for both, QEMU writes no report:
# run_guest makes the report of the guest's lines, which begin as above or with
# '#', and takes these lines out of the console.

: "${top:?}"
LC_ALL=C
export LC_ALL
host_cc=${HOST_CC:-gcc}
host=$("$top/util/arches" host "$(uname -m)")
work=$(mktemp -d) || exit 1
if [ -n "${KEEP:-}" ]; then
	echo "# working in $work"
else
	trap 'rm -rf "$work"' EXIT
fi
trap 'exit 1' HUP INT TERM
passed=0 failed=0 skipped=0
cpu='' options=''

# check STATUS NAME: one line; STATUS is that of a command.
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

skip()
{
	skipped=$((skipped + 1))
	echo "ok - $1 # SKIP $2"
}

finish()
{
	echo "1..$((passed + failed + skipped))"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

# use_arch NAME: sets what the table and arch.sh contain about an arch.
# CROSS_NAME overrides the prefix of the cross tools, HOST_CC the compiler of this machine's arch.
use_arch()
{
	arch=$1
	# shellcheck disable=SC2046 # columns
	set -- $("$top/util/arches" get "$arch" dir triplet order qemu)
	dir=$1 triplet=$2 order=$3 package=$4 cross=$("$top/util/cross-compiler" prefix "$arch") cpu='' options='' serial='-serial stdio' guest_link='' starter_flags=''
	regions=2 nowhere='purgatory: cannot start a kernel at 0x0' sets='default none all'
	[ "$arch" != "$host" ] || cross=
	eval "cross=\${CROSS_$arch-$cross}"
	guest_cross=$cross
	# image_limit COMPILER: the largest image in bytes; nothing: no limit
	image_limit() { :; }
	# shellcheck source=/dev/null # a file per arch
	. "$top/tests/purgatory/$dir/arch.sh"
	kernel=$(constant DATA_A) name23=$(constant DATA_B)
	kernel="sha256 digests do not match: kernel \\[$kernel, $(printf %#x $((kernel + 0x11171)))\\) was damaged"
	name23="\\[$name23, $(printf %#x $((name23 + 0x40)))\\) was damaged"
	name23="sha256 digests do not match: a name of 23 characters $name23"
}

cc() { if [ -n "$cross" ]; then echo "${cross}gcc"; else echo "$host_cc"; fi; }

# constant NAME: a number in the guest's header, without C's suffix
constant() { sed -n "s/^#define $1 \(0x[0-9a-f]*\).*/\1/p" "$top/tests/purgatory/$dir/guest.h"; }

# needs COMMAND PACKAGE [COMMAND PACKAGE...]: or everything is skipped.
needs()
{
	missing=
	while [ $# -gt 1 ]; do
		command -v "$1" >/dev/null || missing="$missing, $2"
		shift 2
	done
	[ -n "$missing" ] || return 0
	skip "$arch" "needs the Debian packages ${missing#, }"
	finish
}

comment() { sed 's/^/# /' "$1"; }

# tap_lines FILE [PREFIX]: counts the checks that another program made.
tap_lines()
{
	while read -r line; do
		case $line in
		'ok - '*'# SKIP '*)
			line=${2:-}${line#ok - }
			skip "${line%% # SKIP*}" "${line##*# SKIP }" ;;
		'ok - '*) check 0 "${2:-}${line#ok - }" ;;
		'not ok - '*) check 1 "${2:-}${line#not ok - }" ;;
		'#'*) echo "$line" ;;
		esac
	done <"$1"
}

# console PATTERN [COUNT]: is that line (an extended regular expression) there, that often?
console()
{
	found=$(tr -d '\r' <"$work/console" | grep -c -x -E -e "$1")
	[ "$found" -eq "${2:-1}" ] && return 0
	echo "# the console has $found lines '$1' instead of ${2:-1}:"
	comment "$work/console" | sort | uniq -c
	return 1
}

# build_place: $work/place, the tool that runs kexec's own loaders.
build_place()
{
	loaders=$(find "$top/kexec/relocate" "$top"/kexec/arch/*/rel_*.c -name '*.c' ! -name attach.c)
	# shellcheck disable=SC2046 # a list of names
	"$top/util/arches" header $("$top/util/arches" list) >"$work/arches.h"
	# shellcheck disable=SC2086 # a list of files
	$host_cc -O1 -std=gnu11 -D_GNU_SOURCE -I"$top/include" -I"$top/kexec" -I"$work" -o "$work/place" \
		"$top/tests/purgatory/place.c" "$top"/kexec/core/*.c "$top"/kexec/elf/*.c $loaders \
		"$top/purgatory/sha256.c" "$top/purgatory/sha256_generic.c"
}

# build_purgatory DIR [COMPILER [LINKER]]: DIR/purgatory/$arch/purgatory.{pie,rel,bin}
build_purgatory()
{
	make -s -C "$top/purgatory" ARCH="$arch" O="$1" CC="${2:-$(cc)}" LD="${3:-${cross}ld}" \
		OBJCOPY="${cross}objcopy" OBJDUMP="${cross}objdump" READELF="${cross}readelf"
}

# list_images PURGATORIES [KINDS]: $work/images.list, every image that $work/place makes of
# PURGATORIES/purgatory.{pie,rel} (KINDS: of those only), and the flat blob as it is.
list_images()
{
	echo "IMAGE \"bin\", \"$1/purgatory.bin\", 0" >"$work/images.list"
	for kind in ${2-pie rel}; do
		for place in $places; do
			"$work/place" $kind "$1/purgatory.$kind" "$place" "$work/$kind.$place" || return 1
			echo "IMAGE \"$kind\", \"$work/$kind.$place\", $place"
		done
	done >>"$work/images.list"
}

# build_guest PURGATORIES [KINDS]: $work/guest.elf and $work/guest.bin
build_guest()
{
	list_images "$@" || return 1
	guest_dir=$top/tests/purgatory/$dir
	guest_cc=${guest_cross}gcc
	[ "$guest_cross" != "$cross" ] || guest_cc=$(cc)
	guest_cc="$guest_cc $guest_flags -Os -std=gnu11 -g0 -Wall -Wextra -Wshadow -ffreestanding -fno-pic
		-fno-stack-protector -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns
		-DPLACES=$(echo "$places" | tr -s ' ' ,)"
	rm -f "$work"/guest-*.o
	for source in "$guest_dir"/guest.c "$guest_dir"/[!f]*.S "$top"/tests/purgatory/guest/*.[cS] "$top"/purgatory/sha256.c "$top"/purgatory/sha256_generic.c; do
		more=
		case $source in */starter.c) more=$starter_flags ;; esac
		# shellcheck disable=SC2086 # a list of words
		$guest_cc $more -I"$top/include" -I"$top/tests/purgatory/guest" -I"$guest_dir" -Wa,-I"$work" \
			-c -o "$work/guest-${source##*/}.o" "$source" ||
			return 1
	done
	# shellcheck disable=SC2086 # a list of words
	"${guest_cross}ld" $guest_link -T "$guest_dir/guest.lds" -z noexecstack -o "$work/guest.elf" \
		"$work"/guest-*.o &&
		"${guest_cross}objcopy" -O binary --gap-fill 0 "$work/guest.elf" "$work/guest.bin"
}

# build_all: the purgatory of $BUILD, or a new one if $BUILD has no purgatory, and the guest with
# it. Fails if something does not build.
build_all()
{
	failed_before=$failed
	images=$BUILD/purgatory/$arch
	build_place >"$work/log" 2>&1
	check $? 'the loaders build'
	if [ ! -e "$images/purgatory.bin" ]; then
		build_purgatory "$work/build" >>"$work/log" 2>&1
		check $? 'purgatory builds'
		images=$work/build/purgatory/$arch
	fi
	build_guest "$images" >>"$work/log" 2>&1
	check $? "the guest builds, with kexec's own loaders placing the images"
	[ "$failed" -eq "$failed_before" ] && return 0
	comment "$work/log"
	return 1
}

# split_console: the lines of the guest out of $work/console, into $work/report.
split_console()
{
	mine='^\(ok - \|not ok - \|#\|done\|entering purgatory\)'
	tr -d '\r' <"$work/console" >"$work/both"
	grep -e "$mine" "$work/both" >"$work/report"
	grep -v -e "$mine" "$work/both" >"$work/console"
}

# run_guest SECONDS COMMAND...: runs QEMU until it ends, or purgatory says that it halts. Sets
# ended: off (the guest switched off), reset (with -no-reboot), halted, timeout. A
# machine that QEMU ends for when it halts needs -action panic=pause.
run_guest()
{
	limit=$1
	shift
	rm -f "$work/console" "$work/report"
	ended=$("$top/tests/emulator.py" --seconds="$limit" --halted='^purgatory: halted' \
		--console="$work/console" --log="$work/log.console" "$@" 2>"$work/qemu.log")
	[ -e "$work/report" ] || split_console
	case $ended in
	halted) return ;;
	stopped) ended=reset ;;
	timeout) ;;
	*) ended="$ended: $(cat "$work/qemu.log")" ;;
	esac
	! grep -q '^done' "$work/report" || ended=off
}

# boot TEST SECONDS: on a CPU of kind $cpu, with further $options for the machine. The number of
# the test is a 32-bit word of the guest's byte order.
boot()
{
	case $order in
	LE) number="data=$1,data-len=4" ;;
	BE) number="data=$(($1 << 32)),data-len=8,data-be=on" ;;
	esac
	# shellcheck disable=SC2086 # lists of words
	run_guest "$2" "$qemu" -machine "$machine$options" ${cpu:+-cpu "$cpu"} -m "$memory" -no-reboot \
		-device "loader,addr=$(constant CONFIG_ADDRESS),$number" $devices $serial
}

# returning NAME [SECONDS]: all tests that come back.
returning()
{
	boot 0 "${2:-120}"
	tap_lines "$work/report" "$1: "
	[ "$ended" = off ]
	check $? "$1: the guest ran to its end ($ended)"
}

# terminal TEST HOW_IT_ENDS NAME PATTERN...: purgatory must not come back, and the console
# must have each line once. `seconds` is the limit.
terminal()
{
	test=$1 how=$2 name=$3
	shift 3
	boot "$test" "${seconds:-60}"
	bad=0
	[ "$ended" = "$how" ] || { bad=1; echo "# ended: $ended, should be $how"; }
	[ "$(tr -d '\r\n' <"$work/report")" = 'entering purgatory' ] || { bad=1; comment "$work/report"; }
	for pattern; do
		console "$pattern" || bad=1
	done
	check $bad "${cpu:+$cpu$options: }$name"
}

# common_terminal: damage, and parameters that purgatory cannot obey.
common_terminal()
{
	digest='[0-9a-f]{64}' block='purgatory: the parameter block is damaged:'
	third=$(printf %#x $(($(constant DATA_A) + 0x8000)))
	terminal 1 halted 'damage: named, digests shown, halts' \
		"I'm in purgatory" "$kernel" "  expected $digest" "  found    $digest" \
		"purgatory: 1 of $regions pieces damaged, the next kernel is not started" 'purgatory: halted'
	digests=$(awk '$1 == "expected" || $1 == "found" { print $2 }' "$work/console" | sort -u)
	[ "$(echo "$digests" | wc -l)" -eq 2 ]
	check $? 'damage: the digests differ'
	terminal 2 reset 'damage: resets on request' "$kernel" 'purgatory: resetting the machine'
	terminal 8 halted 'damage: every region is named' "$kernel" "$name23" \
		"purgatory: 2 of $regions pieces damaged, the next kernel is not started"
	terminal 3 halted 'a kernel that cannot be entered is refused' "$nowhere"
	terminal 4 halted 'too many regions are refused' \
		"$block region 0 of 17, 0 of $regions pieces"
	terminal 128 halted 'no regions are refused' \
		"$block region 0 of 0, 0 of $regions pieces"
	terminal 132 halted 'pieces of no size are refused' "$block region 1 of $regions, 0 of $regions pieces"
	terminal 133 halted 'more than 40 pieces are refused' "$block region 0 of $regions, 0 of $regions pieces"
	terminal 134 halted 'a region of no size is refused' "$block region 1 of $regions, 0 of $regions pieces"
	terminal 135 halted 'a region that wraps is refused' "$block region 1 of $regions, 0 of $regions pieces"
	terminal 136 halted 'a region of 2^63 bytes is refused' "$block region 0 of $regions, 0 of $regions pieces"
	terminal 137 halted 'regions that overlap are refused' "$block region 1 of $regions, 2 of $regions pieces"
	terminal 138 halted 'a wrong number of pieces is refused' \
		"$block region $regions of $regions, $regions of $((regions - 1)) pieces"
	terminal 139 halted 'damage: the piece is named' \
		"sha256 digests do not match: cut \\[$third, $(printf %#x $((third + 0x4000)))\\) was damaged" \
		'purgatory: 1 of 6 pieces damaged, the next kernel is not started'
	self='purgatory itself is damaged: \[0x[0-9a-f]+, 0x[0-9a-f]+\), the next kernel is not started'
	terminal 129 halted 'damage of purgatory: named, digests shown, halts' \
		"I'm in purgatory" "$self" "  expected $digest" "  found    $digest" 'purgatory: halted'
	terminal 130 halted 'damage of the CPU state' "$self"
}

# test_starter: the starters of doc/ARCH/purgatory.md, compiled as there and as a part of the guest.
test_starter()
{
	pairs_machine
	# shellcheck disable=SC2086 # a list of words
	$(cc) $guest_flags -std=c99 -pedantic -O2 -ffreestanding -Wall -Wextra -Werror -I"$top/include" -I"$top/tests/purgatory/$dir" \
		-c -o "$work/starter.o" "$top/tests/purgatory/guest/starter.c" >"$work/log" 2>&1
	check $? "$arch: the starter compiles as firmware does it"
	comment "$work/log"
	boot 140 60
	[ "$ended" = off ] && grep -q -x 'ok - the next kernel was reached' "$work/report" &&
		console "purgatory: verified 1 regions, 70001 bytes, with .*"
	check $? "$arch: the starter: purgatory verifies, and the next kernel is reached"
	terminal 141 halted 'the starter: one flipped bit is named' "$kernel" \
		'purgatory: 1 of 1 pieces damaged, the next kernel is not started' 'purgatory: halted'
}

# test_flips [PART/PARTS]: flips single bits of purgatory, with an intact and with a damaged kernel: a
# sample of all bits, or every bit of that part. A flip in the parameters starts no kernel. Of the
# flips in the code, at most one, or one in 1000, does.
test_flips()
{
	part=${1:-}
	pairs_machine
	ended=
	(
		run_guest()
		{
			shift
			"$top/tests/purgatory/flips.py" ${part:+"--all=$part"} "$work/guest.elf" \
				"$images/purgatory.pie" "$pc_register" "$@"
		}
		boot 131 0
	) >"$work/flips" 2>&1
	sed -n 's/^flips: /# /p' "$work/flips"
	[ "$(grep -c '^flips: ' "$work/flips")" -eq 8 ]
	check $? "$arch: flips of single bits"
	grep -vE '^flips: |^# .* of [0-9]+ flips$' "$work/flips" | head -n 20
	! grep '^flips: ' "$work/flips" | grep -v '^flips: code' | grep -v ' 0 started'
	check $? "$arch: no flip in the parameters starts a kernel"
	awk '/^flips: code/ { flips += $5; started += $7 }
		END { exit !(flips && (started <= 1 || started * 1000 <= flips)) }' "$work/flips"
	check $? "$arch: of the flips in the code, at most one or one in 1000 starts a kernel"
}

# build_wrong RETURN FUNCTION...: a guest with the flat blob alone, in which each FUNCTION begins with
# the instruction RETURN (bytes in octal), so that engines hash nothing.
build_wrong()
{
	return=$1
	shift
	rm -rf "$work/wrong"
	cp -r "$images" "$work/wrong"
	for function; do
		offset=$("${cross}nm" "$images/purgatory.pie" | awk -v name="$function" '$3 == name { print $1 }')
		printf '%b' "$return" | dd of="$work/wrong/purgatory.bin" bs=1 seek=$((0x$offset)) conv=notrunc status=none
	done
	build_guest "$work/wrong" '' >"$work/log" 2>&1
	check $? "$arch: a guest in which $* do nothing builds"
	comment "$work/log"
}

# steps_down WRONG INSTEAD: the last run found the engine WRONG to be wrong, and used INSTEAD.
steps_down()
{
	[ "$(grep -c "^purgatory: $1 of this CPU hash wrongly and are not used" "$work/console")" -gt 5 ] &&
		[ "$(grep -c "^purgatory: verified .* with $2.* in" "$work/console")" -gt 5 ] &&
		! grep "^purgatory: verified .* with $1" "$work/console"
	check $? "$arch: $2 instead of $1 that hash wrongly"
}

# refuses SENTENCE MODE FILE...: util/check-purgatory must fail, and say so.
refuses()
{
	sentence=$1
	shift
	! "$top/util/check-purgatory" --arch="$arch" --readelf="${cross}readelf" \
		--objdump="${cross}objdump" "$@" >"$work/log" 2>&1 && grep -q -e "$sentence" "$work/log"
	check $? "check-purgatory: $sentence"
}

# refuses_code SENTENCE C_SOURCE [FLAG...]
refuses_code()
{
	sentence=$1
	echo "$2" >"$work/bad.c"
	shift 2
	# shellcheck disable=SC2086 # a list of words
	${bad_cc:-$(cc)} "$@" -c -o "$work/bad.o" "$work/bad.c"
	refuses "$sentence" objects "$work/bad.o"
}

# refuses_all SENTENCE CODE: every instruction of CODE
refuses_all()
{
	IFS='|'
	for code in $2; do
		unset IFS
		# shellcheck disable=SC2086 # a list of words
		refuses_code "$1" "void f(void); void f(void) { __asm__(\"$code\"); }" $code_flags
	done
	unset IFS
}
