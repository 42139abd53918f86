# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# What the scripts share that run purgatory on bare emulated machines.
#
# A script sets `top` to the source tree and sources this: it then has a working
# directory of its own, $work, which goes when the script ends (KEEP=1 keeps it),
# and counts what it checks.  A script for a machine, tests/purgatory/ARCH/run.sh,
# is called by tests/purgatory/run.sh and sets further:
#
#   arch     as the makefile of purgatory and util/check-purgatory name it
#   cross    prefix of the cross compiler and binutils
#   places   addresses at which the images are placed; the first suits every test
#   build_guest_of PURGATORIES     a function that calls build_guest
#   boot TEST SECONDS              a function that calls run_guest with the command for
#            QEMU. It may use $cpu and $options, which name the machine in `terminal`.
#
# The guest is told the number of a test.  In test 0 it enters purgatory in all ways that
# come back, prints 'ok - ...' and 'not ok - ...' lines and at last 'done', and
# switches off.  Every other test prints 'entering purgatory', and does not come back.
#
# Purgatory prints to QEMU's standard output, which run_guest writes to $work/console, and the
# guest to $work/report.  On a machine with one console for both, no report is given to
# QEMU: run_guest makes it of the guest's lines, which begin as said above or with
# '#', and takes these out of the console.

: "${top:?}"
LC_ALL=C
export LC_ALL
host_cc=${HOST_CC:-gcc}
work=$(mktemp -d) || exit 1
if [ -n "${KEEP:-}" ]; then
	echo "# working in $work"
else
	trap 'rm -rf "$work"' EXIT
fi
trap 'exit 1' HUP INT TERM
passed=0 failed=0 skipped=0
arch='' cross='' places='' cpu='' options=''

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
		"$top/tests/purgatory/place.c" "$top"/kexec/core/*.c "$top"/kexec/elf/*.c $loaders
}

# build_purgatory DIR [COMPILER [LINKER]]: DIR/purgatory/$arch/purgatory.{pie,rel,bin}
build_purgatory()
{
	make -s -C "$top/purgatory" ARCH="$arch" O="$1" CC="${2:-${cross}gcc}" LD="${3:-${cross}ld}" \
		OBJCOPY="${cross}objcopy" OBJDUMP="${cross}objdump" READELF="${cross}readelf"
}

# list_images PURGATORIES: $work/images.list, every image that $work/place makes of
# PURGATORIES/purgatory.{pie,rel}, and the flat blob as it is.
list_images()
{
	echo "IMAGE \"bin\", \"$1/purgatory.bin\", 0" >"$work/images.list"
	for kind in pie rel; do
		for place in $places; do
			"$work/place" $kind "$1/purgatory.$kind" "$place" "$work/$kind.$place" || return 1
			echo "IMAGE \"$kind\", \"$work/$kind.$place\", $place"
		done
	done >>"$work/images.list"
}

# build_guest DIR PURGATORIES 'COMPILER FLAGS' 'LINKER FLAGS': $work/guest.elf of the sources in
# tests/purgatory/DIR and the common ones
build_guest()
{
	list_images "$2" || return 1
	guest_dir=$top/tests/purgatory/$1
	guest_cc="$3 -Os -std=gnu11 -g0 -Wall -Wextra -Wshadow -ffreestanding -fno-pic
		-fno-stack-protector -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns
		-DPLACES=$(echo "$places" | tr -s ' ' ,)"
	rm -f "$work"/guest-*.o
	for source in "$guest_dir"/guest.c "$guest_dir"/[!f]*.S "$top"/tests/purgatory/guest/*.[cS] "$top/purgatory/sha256.c"; do
		# shellcheck disable=SC2086 # a list of words
		$guest_cc -I"$top/include" -I"$top/tests/purgatory/guest" -I"$guest_dir" -Wa,-I"$work" \
			-c -o "$work/guest-${source##*/}.o" "$source" ||
			return 1
	done
	# shellcheck disable=SC2086 # a list of words
	$4 -T "$guest_dir/guest.lds" -z noexecstack -o "$work/guest.elf" "$work"/guest-*.o
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
	build_guest_of "$images" >>"$work/log" 2>&1
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
	${bad_cc:-${cross}gcc} "$@" -c -o "$work/bad.o" "$work/bad.c"
	refuses "$sentence" objects "$work/bad.o"
}
