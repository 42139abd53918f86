#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/arm/toolchains.sh
# Builds the arm purgatory with every compiler and linker that is installed, and
# runs it in HYP mode (../pairs.sh).  PAIRS_ARM='gcc:ld ...' selects.

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/arm/lib.sh
. "$top/tests/purgatory/arm/lib.sh"
# shellcheck source=tests/purgatory/pairs.sh
. "$top/tests/purgatory/pairs.sh"

# Compiling without and with all optimizations.
flags_for()
{
	case $1 in
	*gcc) more='-mthumb-interwork -mlong-calls -fstack-clash-protection -fplt' trap= ;;
	*) more='' trap=-fsanitize-trap=undefined ;;
	esac
	echo "-O0 -g -flto -mthumb -mcpu=cortex-a15 -mfloat-abi=hard -mfpu=neon" \
		"-fexceptions -fasynchronous-unwind-tables $more"
	echo "-O3 -march=armv8-a -mfpu=crypto-neon-fp-armv8 -fstack-protector-all -fsanitize=undefined $trap"
}

# shellcheck disable=SC2034 # for boot
cpu=cortex-a15 options=,virtualization=on
# shellcheck disable=SC2086 # a list of words
try_pairs arm-linux-gnueabihf ${PAIRS_ARM:-gcc:ld gcc:ld.lld-14 clang-14:ld clang-14:ld.lld-14
	clang-16:ld.lld-16 clang-19:ld.lld-19}
finish
