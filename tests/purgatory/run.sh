#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: BUILD=DIR tests/purgatory/run.sh [--flips=PART/PARTS] [FOLDER]
# Runs the purgatories of DIR (built anew if DIR has none) on emulated bare machines
# and prints TAP.  FOLDER: the arches of that folder only.  KEEP=1 keeps the working directory.
# --flips: instead, the flips of every bit of that part (see flips.py), by default of this
# machine's purgatory.
# shellcheck disable=SC2154 # set by arch.sh

set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$top/build}
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"

# This machine's purgatory, built in two source trees, and after a rename of its folder.
test_build()
{
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
		"$top/util/check-purgatory" same "$work/here/purgatory/$host/purgatory.$kind" \
			"$elsewhere/build/purgatory/$host/purgatory.$kind"
		check $? "purgatory.$kind has the same bytes from both"
	done
	folder=$("$top/util/arches" get "$host" dir)
	mv "$elsewhere/purgatory/arch/$folder" "$elsewhere/purgatory/arch/renamed"
	sed -i "s/^\($host  *\)$folder /\1renamed /" "$elsewhere/kexec/arch/arches"
	make -s -C "$elsewhere/purgatory" O="$elsewhere/build" >"$work/log" 2>&1
	check $? 'purgatory builds after a rename of its folder, beside what was built before'
	comment "$work/log"
}

flips=
case ${1:-} in
--flips=*)
	flips=${1#*=}
	[ $# -gt 1 ] || set -- "$1" "$("$top/util/arches" get "$host" dir)"
	shift ;;
esac

# Each folder in a run of its own, as many at once as there are CPUs.
if [ $# = 0 ]; then
	echo "# purgatories of $BUILD"
	test_build
	# shellcheck disable=SC2016 # the other shell expands them
	printf '%s\n' "$top"/tests/purgatory/*/arch.sh | xargs -P "$(nproc)" -I '{}' sh -c '
		name=$(basename "$(dirname "$1")")
		"$3" "$name" >"$2/$name.tap"
		echo $? >"$2/$name.status"' sh '{}' "$work" "$0"
	for tap in "$work"/*.tap; do
		tap_lines "$tap"
		[ "$(cat "${tap%.tap}.status")" -eq 0 ]
		check $? "run.sh $(basename "$tap" .tap) ends well"
	done
	finish
fi

for arch in $("$top/util/arches" list dir="$1"); do
	use_arch "$arch"
	needs "$(cc)" "gcc${cross:+-$(echo "$triplet" | tr _ -)}" \
		"${guest_cross}ld" "binutils for $guest_cross" "$qemu" "$package"
	build_all || continue
	[ -z "$flips" ] || { test_flips "$flips"; continue; }
	refuses_all 'vector or floating-point register' "$vector_code"
	refuses_all 'memory of a thread' "$thread_code"
	test_starter
	test_flips # first: test_arch may put other purgatories into the guest
	test_arch
done
finish
