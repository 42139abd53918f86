#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/s390x/toolchains.sh
# Builds the s390x purgatory with every compiler and linker that is installed and
# knows the machine, and runs it (../pairs.sh).  PAIRS_S390X='gcc:ld ...' selects.

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/s390x/lib.sh
. "$top/tests/purgatory/s390x/lib.sh"
# shellcheck source=tests/purgatory/pairs.sh
. "$top/tests/purgatory/pairs.sh"

# Compiling without and with all optimizations.
flags_for()
{
	case $1 in
	*gcc) more='-mindirect-branch=thunk -mfunction-return=thunk -msmall-exec -mlong-double-64' ;;
	*) more= ;;
	esac
	echo "-O0 -g -flto -march=z15 -mvx -mhtm -mbackchain -fexceptions" \
		"-fasynchronous-unwind-tables $more"
	case $1 in
	*gcc) more='-mhotpatch=16,16 -mno-pic-data-is-text-relative -fstack-clash-protection' ;;
	*) more=-fsanitize-trap=undefined ;;
	esac
	echo "-O3 -march=z13 -mtune=z14 -mpacked-stack -fstack-protector-all -fsanitize=undefined $more"
}

# shellcheck disable=SC2086 # a list of words
try_pairs s390x-linux-gnu ${PAIRS_S390X:-gcc:ld clang-14:ld clang-16:ld clang-19:ld clang-19:ld.lld-19}
finish
