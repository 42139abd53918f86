#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/toolchains.sh [FOLDER]
# Builds the purgatory of each arch (FOLDER: of that folder's arches) with every compiler and
# linker that is installed, under the flags that users and distributions set, passed in
# three ways (other arches: in one); checks each image and runs each different one.  Flags must do nothing, or fail the
# build with a sentence that names them.  PAIRS='gcc-12:ld ...', SETS and WAYS select.
#
# A build whose commands are, to the letter, the commands of the build without flags is
# not done again: that build's images are its images.
# shellcheck disable=SC2154 # set by arch.sh

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"

# Each pair of each folder in a run of its own, as many at once as there are CPUs.
if [ $# = 0 ]; then
	for file in "$top"/tests/purgatory/*/arch.sh; do
		folder=$(basename "$(dirname "$file")")
		use_arch "$("$top/util/arches" list dir="$folder" | head -n 1)"
		for pair in ${PAIRS:-$pairs}; do
			echo "$folder $pair"
		done
	done >"$work/runs"
	# shellcheck disable=SC2016 # for the inner shell
	xargs -P "$(nproc)" -L 1 sh -c 'PAIRS=$3 "$0" "$2" >"$1/$2,$3" 2>&1; cat "$1/$2,$3"' \
		"$0" "$work" <"$work/runs"
	while read -r folder pair; do
		counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' \
			"$work/$folder,$pair")
		read -r p f s <<-END
		${counts:-0 1 0}
		END
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	done <"$work/runs"
	finish
fi
mkdir "$work/verdicts"

# One makefile takes the flags for all arches: this machine's arch shows the other ways.
host=$("$top/util/arches" host "$(uname -m)")

# words_of SET COMPILER: without and with all optimizations, or the arch's own set
words_of()
{
	case $1:$2 in
	default:*) return ;;
	none:*) echo '-O0 -g -flto -fexceptions -fasynchronous-unwind-tables' ;;
	all:clang*) echo '-O3 -fstack-protector-all -fsanitize=undefined -fsanitize-trap=undefined' ;;
	all:*) echo '-O3 -fstack-protector-all -fsanitize=undefined' ;;
	esac
	flags_of "$@"
}

link_flags='-Wl,-z,relro -Wl,-z,now -Wl,--as-needed -Wl,-O1 -pie -flto -static'

# make_with WAY COMPILER LINKER FLAGS [ARGUMENT]: for $work/out
make_with()
{
	way=$1 with_cc=$2 with_ld=$3 flags=$4
	shift 4
	set -- make -s -C "$top/purgatory" ARCH="$arch" O="$work/out" LD="$with_ld" \
		OBJCOPY="${cross}objcopy" OBJDUMP="${cross}objdump" READELF="${cross}readelf" "$@"
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
	known=$work/commands.$arch.$(printf '%s' "$2.$3" | tr / _) # a program may have its folder
	make_with "$@" -B -n >"$work/commands" 2>"$work/log" &&
		cmp -s "$work/commands" "$known" && return 0
	rm -rf "$work/out"
	make_with "$@" >"$work/log" 2>&1 || return 1
	[ -n "$4" ] || cp "$work/commands" "$known"
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
	images=$work/out/purgatory/$arch
	verdict=$work/verdicts/$(cat "$images/purgatory.bin" "$images/purgatory.rel" | cksum | tr ' ' -)
	if [ ! -e "$verdict" ]; then
		pairs_machine
		if { build_guest "$images" && boots; } >"$work/log" 2>&1; then
			echo ok >"$verdict"
		else
			{ echo failed; cat "$work/log" "$work/report"; } >"$verdict"
		fi
	fi
	grep -q -x ok "$verdict" || { cat "$verdict" >"$work/log"; return 1; }
}

# same_bytes SET: the sets of all arches change no byte of the build without flags.
same_bytes()
{
	case $1 in
	default) plain=$verdict ;;
	none | all) [ "$verdict" = "${plain:-$verdict}" ] || { echo 'differs' >"$work/log"; return 1; } ;;
	esac
}

# fits COMPILER: the image is not larger than image_limit() of the arch, if there is a limit.
fits()
{
	limit=$(image_limit "$1")
	size=$(wc -c <"$work/out/purgatory/$arch/purgatory.bin")
	[ -z "$limit" ] || [ "$size" -le "$limit" ] && return
	echo "the image has $((size)) bytes, the limit is $limit" >"$work/log"
	return 1
}

# one WAY COMPILER LINKER SET: sets cell
one()
{
	if ! build "$1" "$2" "$3" "$(words_of "$4" "$2" | tr '\n' ' ')"; then
		cell=BUILD
	elif [ -s "$work/log" ]; then
		cell=WARNS
	elif [ "$4" = default ] && ! fits "$2"; then
		cell=SIZE
	elif ! run_images; then
		cell=RUN
	elif ! same_bytes "$4"; then
		cell=BYTES
	else
		cell=ok
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	sed "s|^|# $arch: $2 $3, $4 by $1: |" "$work/log"
}

# refused COMPILER LINKER FLAG: cannot be taken back, so must end the build and be named.
refused()
{
	if build CC "$1" "$2" "$3"; then
		echo "not ok: $1 $3 was not refused"
	elif ! grep -q -e "${3%%=*}" "$work/log"; then
		sed "s|^|# $arch: $1 $3: |" "$work/log"
		echo "not ok: $1 $3 was refused but not named"
	else
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
}

# try_pair COMPILER LINKER
try_pair()
{
	plain=
	# shellcheck disable=SC2086 # a list of words
	printf '%-22s %-14s %-12s' compiler:linker "$arch" 'flags by' && printf ' %10s' $chosen && echo
	ways=CC
	[ "$arch" != "$host" ] || ways='CC environment argument'	# CC first: its default has no flags at all
	for way in ${WAYS:-$ways}; do
		row=
		for set in $chosen; do
			one "$way" "$1" "$2" "$set"
			row="$row $(printf %10s "$cell")"
		done
		printf '%-22s %-14s %-12s%s\n' "$pair" "$arch" "$way" "$row"
	done
	refused "$1" "$2" -pg
	case $1 in
	clang*)
		refused "$1" "$2" -finstrument-functions
		refused "$1" "$2" --coverage ;;
	esac
}

build_place || exit 1
for arch in $("$top/util/arches" list dir="$1"); do
	use_arch "$arch"
	chosen=${SETS:-$sets}
	for pair in ${PAIRS:-$pairs}; do
		compiler=${pair%%:*} linker=${pair#*:}
		case $compiler in gcc) compiler=$(cc) ;; esac
		case $linker in ld) linker=${cross}ld ;; esac
		if ! command -v "$compiler" >/dev/null || ! command -v "$linker" >/dev/null; then
			skip "$arch: $pair" 'not installed'
			continue
		fi
		case $cross:$compiler in ?*:clang*) compiler="$compiler --target=$triplet" ;; esac
		try_pair "$compiler" "$linker"
	done
done
echo "$(find "$work/verdicts" -type f | wc -l) different pairs of images were run"
finish
