#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/arm64/toolchains.sh
# Builds the arm64 purgatory with every compiler and linker that is installed.
# Flags that users and distributions put into CC must change no byte of it, and
# each image is run.  PAIRS_ARM64='gcc:ld ...' selects.

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/arm64/lib.sh
. "$top/tests/purgatory/arm64/lib.sh"

pairs=${PAIRS_ARM64:-gcc:ld gcc:ld.lld-14 clang-14:ld clang-14:ld.lld-14 clang-16:ld.lld-16
	clang-19:ld.lld-19}
flagged=

# check STATUS NAME: failures are shown, the rest is counted.
check()
{
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: arm64: $2"
		sed 's/^/# /' "$work/log"
	fi
}

# Two sets of flags, for compiling without and with all optimizations, one a line.
flags_for()
{
	case $1 in
	*gcc) more='-moutline-atomics -mbig-endian -fstack-clash-protection -fplt' trap= ;;
	*) more='-mspeculative-load-hardening -mharden-sls=all' trap=-fsanitize-trap=undefined ;;
	esac
	echo "-O0 -g -flto -mcpu=neoverse-n1 -mcmodel=large -mbranch-protection=standard" \
		"-fexceptions -fasynchronous-unwind-tables $more"
	echo "-O3 -march=armv8.2-a+sve -fstack-protector-all -fsanitize=undefined $trap"
}

# runs NAME: the guest gets what it asked for at EL2, and damage is found.
runs()
{
	build_guest_of "$work/out/purgatory/arm64" >"$work/log" 2>&1
	check $? "$1: the guest builds"
	cpu=max options=,virtualization=on
	boot 0 120
	cp "$work/report" "$work/log"
	[ "$ended" = off ] && ! grep -q '^not ok' "$work/report"
	check $? "$1: runs"
	boot 2 60
	cp "$work/console" "$work/log"
	[ "$ended" = reset ] && grep -q '^sha256 digests do not match: kernel' "$work/console"
	check $? "$1: finds damage"
}

build_place >"$work/log" 2>&1
check $? 'the loaders build'
for pair in $pairs; do
	compiler=${pair%%:*} linker=${pair#*:}
	case $compiler in gcc) compiler=${cross}gcc ;; esac
	case $linker in ld) linker=${cross}ld ;; esac
	if ! command -v "$compiler" >/dev/null || ! command -v "$linker" >/dev/null; then
		echo "arm64: $pair: not installed, skipped"
		skipped=$((skipped + 1))
		continue
	fi
	case $compiler in clang*) compiler="$compiler --target=aarch64-linux-gnu" ;; esac
	rm -rf "$work/out"
	build_purgatory "$work/out" "$compiler" "$linker" >"$work/log" 2>&1 && ! [ -s "$work/log" ]
	check $? "$pair: builds"
	runs "$pair"
	[ "$compiler" != "$flagged" ] || continue
	flagged=$compiler
	flags_for "$compiler" >"$work/flags"
	while read -r flags; do
		rm -rf "$work/flagged"
		build_purgatory "$work/flagged" "$compiler $flags" "$linker" >"$work/log" 2>&1 &&
			! [ -s "$work/log" ] &&
			cmp "$work/out/purgatory/arm64/purgatory.bin" \
				"$work/flagged/purgatory/arm64/purgatory.bin" >"$work/log" 2>&1 &&
			cmp "$work/out/purgatory/arm64/purgatory.rel" \
				"$work/flagged/purgatory/arm64/purgatory.rel" >"$work/log" 2>&1
		check $? "$pair: $flags changes nothing"
	done <"$work/flags"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
