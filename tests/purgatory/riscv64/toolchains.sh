#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/riscv64/toolchains.sh
# Builds the riscv64 purgatory with every compiler and linker that is installed, and
# runs it on a CPU with Zknh (../pairs.sh).  PAIRS_RISCV64='gcc:ld ...' selects.

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/riscv64/lib.sh
. "$top/tests/purgatory/riscv64/lib.sh"
# shellcheck source=tests/purgatory/pairs.sh
. "$top/tests/purgatory/pairs.sh"

# Compiling without and with all optimizations.
flags_for()
{
	case $1 in
	*gcc) march=rv64gc_zba_zbb more='-mplt -fstack-clash-protection' ;;
	*) march=rv64gcv more= ;;
	esac
	echo "-O0 -g -flto -march=$march -mabi=lp64d -mcmodel=medlow -mrelax -msave-restore" \
		"-fexceptions -fasynchronous-unwind-tables $more"
	case $1 in
	*gcc) more='-mno-strict-align -mtune=sifive-7-series' ;;
	*) more=-fsanitize-trap=undefined ;;
	esac
	echo "-O3 -mcpu=sifive-u74 -msmall-data-limit=8 -fstack-protector-all -fsanitize=undefined $more"
}

# shellcheck disable=SC2034 # for boot
cpu=rv64,zknh=true
# shellcheck disable=SC2086 # a list of words
try_pairs riscv64-linux-gnu ${PAIRS_RISCV64:-gcc:ld clang-16:ld clang-16:ld.lld-16 clang-19:ld
	clang-19:ld.lld-19}
finish
