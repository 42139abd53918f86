#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/toolchains.sh
# Builds purgatory with every compiler and linker that is installed, under the
# flags that users and distributions set, handed over in three ways; checks each
# image and runs each different one.  Flags must do nothing, or fail the build
# with a sentence that names them.  PAIRS='gcc-12:ld ...', SETS and WAYS select.
# That is x86_64; with several pairs, the scripts of the other arches run as well.
#
# A build whose commands are, to the letter, those of the build without flags is
# not done again: that build's images are its images.

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/lib.sh
. "$top/tests/purgatory/lib.sh"

PAIRS=${PAIRS:-gcc-11:ld gcc-11:ld.lld-14 gcc-12:ld gcc-12:ld.lld-19 clang-14:ld clang-14:ld.lld-14
	clang-16:ld clang-16:ld.lld-16 clang-19:ld clang-19:ld.lld-19}
SETS=${SETS:-default O0 O3 v3 lto ssp retpoline cet exceptions ubsan Debian Fedora Arch}
WAYS=${WAYS:-CC environment argument}	# CC first: its default has no flags at all

# Several pairs: as many at once as there are CPUs, each by a run of its own.
# shellcheck disable=SC2086 # a list of words
set -- $PAIRS
if [ $# -gt 1 ]; then
	# shellcheck disable=SC2016 # for the inner shell
	printf '%s\n' "$@" | xargs -P "$(nproc)" -I '{}' \
		sh -c 'PAIRS=$1 "$2" >"$3/$1" 2>&1; cat "$3/$1"' - '{}' "$0" "$work"
	for script in "$top"/tests/purgatory/*/toolchains.sh; do
		other=$(basename "$(dirname "$script")")
		"$script" >"$work/$other" 2>&1
		cat "$work/$other"
		set -- "$@" "$other"
	done
	for pair; do
		counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' \
			"$work/$pair")
		read -r p f s <<-END
		${counts:-0 1 0}
		END
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	done
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
fi
mkdir "$work/verdicts"

# The flags of one set for one compiler; what only the other one has is left out.
flags_of()
{
	case $1:$2 in
	default:*) ;;
	O0:*) echo '-O0' ;;
	O3:*) echo '-O3 -funroll-loops' ;;
	v3:*) echo '-O3 -march=x86-64-v3 -ftree-vectorize' ;;
	lto:*) echo '-flto' ;;
	ssp:*) echo '-fstack-protector-all -fstack-clash-protection' ;;
	retpoline:gcc*) echo '-mindirect-branch=thunk -mfunction-return=thunk' \
		'-mindirect-branch-register' ;;
	retpoline:*) echo '-mretpoline -mspeculative-load-hardening' ;;
	cet:*) echo '-fcf-protection=full' ;;
	exceptions:*) echo '-fexceptions -fasynchronous-unwind-tables' ;;
	ubsan:gcc*) echo '-fsanitize=undefined -fsanitize-undefined-trap-on-error' ;;
	ubsan:*) echo '-fsanitize=undefined -fsanitize-trap=undefined' ;;
	Debian:*) echo '-g -O2 -ffile-prefix-map=/build=. -fstack-protector-strong' \
		'-fstack-clash-protection -Wformat -Werror=format-security -fcf-protection -fPIE' \
		'-Wdate-time -D_FORTIFY_SOURCE=2' ;;
	Fedora:gcc*) echo '-O2 -flto=auto -ffat-lto-objects -fexceptions -g -grecord-gcc-switches' \
		'-pipe -Wall -Werror=format-security -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3' \
		'-Wp,-D_GLIBCXX_ASSERTIONS -fstack-protector-strong -m64 -march=x86-64' \
		'-mtune=generic -fasynchronous-unwind-tables' \
		'-fstack-clash-protection -fcf-protection -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer' ;;
	Fedora:*) echo '-O2 -flto=thin -fexceptions -g -grecord-gcc-switches -pipe -Wall' \
		'-Werror=format-security -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3' \
		'-Wp,-D_GLIBCXX_ASSERTIONS -fstack-protector-strong -m64 -march=x86-64' \
		'-mtune=generic -fasynchronous-unwind-tables' \
		'-fstack-clash-protection -fcf-protection -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer' ;;
	Arch:*) echo '-march=x86-64 -mtune=generic -O2 -pipe -fno-plt -fexceptions' \
		'-Wp,-D_FORTIFY_SOURCE=3 -Wformat -Werror=format-security -fstack-clash-protection' \
		'-fcf-protection -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -g -flto' ;;
	esac
}

link_flags='-Wl,-z,relro -Wl,-z,now -Wl,--as-needed -Wl,-O1 -pie -flto -static'

# make_with WAY COMPILER LINKER FLAGS [ARGUMENT]: for $work/out
make_with()
{
	way=$1 with_cc=$2 with_ld=$3 flags=$4
	shift 4
	set -- make -s -C "$top/purgatory" O="$work/out" LD="$with_ld" "$@"
	case $way in
	environment) CFLAGS=$flags CPPFLAGS=$flags CXXFLAGS=$flags ASFLAGS=$flags LDFLAGS=$link_flags \
		"$@" CC="$with_cc" ;;
	argument) "$@" CC="$with_cc" CFLAGS="$flags" CPPFLAGS="$flags" ASFLAGS="$flags" \
		LDFLAGS="$link_flags" ;;
	CC) "$@" CC="$with_cc $flags" ;;
	esac
}

# build WAY COMPILER LINKER FLAGS: the log must stay empty.
build()
{
	make_with "$@" -B -n >"$work/commands" 2>"$work/log" &&
		cmp -s "$work/commands" "$work/commands.$2.$3" && return 0
	rm -rf "$work/out"
	make_with "$@" >"$work/log" 2>&1 || return 1
	[ -n "$4" ] || cp "$work/commands" "$work/commands.$2.$3"
}

# The guest hands over the right state everywhere, and damage is found.
boots()
{
	boot 0 300
	[ "$ended" = off ] && grep -q '^done' "$work/report" || return 1
	! grep -q '^not ok' "$work/report" || return 1
	boot 2 60
	[ "$ended" = reset ] && grep -q '^sha256 digests do not match: kernel' "$work/console"
}

# run_images: the verdict on $work/out, from memory if the same bytes were run before.
run_images()
{
	images=$work/out/purgatory/x86_64
	verdict=$work/verdicts/$(cat "$images/purgatory.bin" "$images/purgatory.rel" | cksum | tr ' ' -)
	if [ ! -e "$verdict" ]; then
		if { build_guest_of "$images" && boots; } >"$work/log" 2>&1; then
			echo ok >"$verdict"
		else
			{ echo failed; cat "$work/log" "$work/report"; } >"$verdict"
		fi
	fi
	grep -q -x ok "$verdict" || { cat "$verdict" >"$work/log"; return 1; }
}

# one WAY COMPILER LINKER SET: sets cell
one()
{
	if ! build "$1" "$2" "$3" "$(flags_of "$4" "$2")"; then
		cell=BUILD
	elif [ -s "$work/log" ]; then
		cell=WARNS
	elif ! run_images; then
		cell=RUN
	else
		cell=ok
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	sed "s/^/# $2 $3, $4 by $1: /" "$work/log"
}

# refused COMPILER LINKER FLAG: cannot be taken back, so must end the build and be named.
refused()
{
	if build CC "$1" "$2" "$3"; then
		echo "not ok: $1 $3 was not refused"
	elif ! grep -q -e "${3%%=*}" "$work/log"; then
		sed "s/^/# $1 $3: /" "$work/log"
		echo "not ok: $1 $3 was refused but not named"
	else
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
}

build_place || exit 1
# shellcheck disable=SC2086 # a list of words
printf '%-20s %-12s' compiler:linker 'flags by' && printf ' %10s' $SETS && echo
for pair in $PAIRS; do
	compiler=${pair%%:*} linker=${pair#*:}
	if ! command -v "$compiler" >/dev/null || ! command -v "$linker" >/dev/null; then
		echo "$pair: not installed, skipped"
		skipped=$((skipped + 1))
		continue
	fi
	for way in $WAYS; do
		row=
		for set in $SETS; do
			one "$way" "$compiler" "$linker" "$set"
			row="$row $(printf %10s "$cell")"
		done
		printf '%-20s %-12s%s\n' "$pair" "$way" "$row"
	done
	refused "$compiler" "$linker" -pg
	case $compiler in
	clang*)
		refused "$compiler" "$linker" -finstrument-functions
		refused "$compiler" "$linker" --coverage ;;
	esac
done
echo "$(find "$work/verdicts" -type f | wc -l) different pairs of images were run"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
