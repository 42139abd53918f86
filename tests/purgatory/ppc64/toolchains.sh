#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: tests/purgatory/ppc64/toolchains.sh
# Builds the ppc64 purgatories, of both byte orders, with every compiler and linker
# that is installed, and runs them (../pairs.sh).  PAIRS_PPC64='gcc:ld ...' selects.

set -u
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS CC LD MAKEFLAGS
top=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=tests/purgatory/guests.sh
. "$top/tests/purgatory/guests.sh"
# shellcheck source=tests/purgatory/ppc64/lib.sh
. "$top/tests/purgatory/ppc64/lib.sh"
# shellcheck source=tests/purgatory/pairs.sh
. "$top/tests/purgatory/pairs.sh"

# Compiling without and with all optimizations, for CPUs that have far more than is used.
flags_for()
{
	case $1 in
	*gcc) more='-mcmodel=small -mlong-double-64 -fplt -mrop-protect' trap= ;;
	*) more='-mcmodel=large' trap=-fsanitize-trap=undefined ;;
	esac
	echo "-O0 -g -flto -mcpu=power8 -mhard-float -mvsx -fexceptions" \
		"-fasynchronous-unwind-tables $more"
	echo "-O3 -mcpu=power10 -maltivec -mvsx -fstack-protector-all" \
		"-fsanitize=undefined $trap"
}

for order in le be; do
	of_order $order
	# shellcheck disable=SC2154 # set by of_order
	case $order in
	le) target=powerpc64le-linux-gnu ;;
	be) target=powerpc64-linux-gnu ;;
	esac
	cpu=power9
	# shellcheck disable=SC2086 # a list of words
	try_pairs $target ${PAIRS_PPC64:-gcc:ld gcc:ld.lld-14 clang-14:ld clang-14:ld.lld-14
		clang-16:ld.lld-16 clang-19:ld.lld-19}
done
finish
