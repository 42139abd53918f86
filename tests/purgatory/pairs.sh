# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Building the purgatory of an arch with pairs of compilers and linkers: flags
# that users and distributions put into CC must change no byte of it, and each
# image is run.  Sourced after guests.sh and what describes the machine, by a script that defines
#
#   flags_for COMPILER     sets of flags for the compiler, one a line
#
# and calls try_pairs with $cpu and $options set, for each arch.

: "${work:?}" "${arch=}" "${cross=}" "${cpu=}" "${options=}" "${ended=}"

# check STATUS NAME: failures are shown, the rest is counted.
check()
{
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok: $arch: $2"
		sed 's/^/# /' "$work/log"
	fi
}

# runs NAME: the guest gets what it asked for, and damage is found.
runs()
{
	build_guest_of "$work/out/purgatory/$arch" >"$work/log" 2>&1
	check $? "$1: the guest builds"
	boot 0 120
	cp "$work/report" "$work/log"
	[ "$ended" = off ] && ! grep -q '^not ok' "$work/report"
	check $? "$1: runs"
	boot 2 60
	cp "$work/console" "$work/log"
	[ "$ended" = reset ] && grep -q '^sha256 digests do not match: kernel' "$work/console"
	check $? "$1: finds damage"
}

# same_as_out KIND: of the two builds
same_as_out()
{
	cmp "$work/out/purgatory/$arch/purgatory.$1" "$work/flagged/purgatory/$arch/purgatory.$1"
}

# try_flags NAME COMPILER LINKER
try_flags()
{
	flags_for "$2" >"$work/flags"
	while read -r flags; do
		rm -rf "$work/flagged"
		build_purgatory "$work/flagged" "$2 $flags" "$3" >"$work/log" 2>&1 &&
			! [ -s "$work/log" ] &&
			{ same_as_out bin && same_as_out rel; } >"$work/log" 2>&1
		check $? "$1: $flags changes nothing"
	done <"$work/flags"
}

# try_pairs TARGET PAIR...: TARGET as clang names it; gcc and ld are those of $cross.
try_pairs()
{
	target=$1 flagged=
	shift
	build_place >"$work/log" 2>&1
	check $? 'the loaders build'
	for pair; do
		compiler=${pair%%:*} linker=${pair#*:}
		case $compiler in gcc) compiler=${cross}gcc ;; esac
		case $linker in ld) linker=${cross}ld ;; esac
		if ! command -v "$compiler" >/dev/null || ! command -v "$linker" >/dev/null; then
			echo "$arch: $pair: not installed, skipped"
			skipped=$((skipped + 1))
			continue
		fi
		case $compiler in clang*) compiler="$compiler --target=$target" ;; esac
		rm -rf "$work/out"
		build_purgatory "$work/out" "$compiler" "$linker" >"$work/log" 2>&1 && ! [ -s "$work/log" ]
		check $? "$pair: builds"
		runs "$pair"
		[ "$compiler" = "$flagged" ] || try_flags "$pair" "$compiler" "$linker"
		flagged=$compiler
	done
}
