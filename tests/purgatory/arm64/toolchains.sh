#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/arm64/toolchains.sh
# Builds the arm64 purgatory with every compiler and linker that is installed, and
# runs it at EL2 (../pairs.sh).  PAIRS_ARM64='gcc:ld ...' selects.

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/arm64/lib.sh
. "$top/tests/purgatory/arm64/lib.sh"
# shellcheck source=tests/purgatory/pairs.sh
. "$top/tests/purgatory/pairs.sh"

# Compiling without and with all optimizations.
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

# shellcheck disable=SC2034 # for boot
cpu=max options=,virtualization=on
# shellcheck disable=SC2086 # a list of words
try_pairs aarch64-linux-gnu ${PAIRS_ARM64:-gcc:ld gcc:ld.lld-14 clang-14:ld clang-14:ld.lld-14
	clang-16:ld.lld-16 clang-19:ld.lld-19}
finish
