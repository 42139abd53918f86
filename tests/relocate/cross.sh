#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds a sample purgatory with every cross compiler at hand, loads it with the
# PIE loader at two addresses, and checks that exactly the words that the linker
# listed have changed, each by the distance of the addresses.  Both images are run,
# by qemu-user where it is installed, and must find every pointer right.
#
# Each arch has a folder here, and unported/ is for machines that kexec cannot load yet.  Columns
# of its file rows: name, compiler (clang links with lld), ELF machine, emulator, flags.
#
# Environment: BUILD (a directory), CC (the host's compiler), HERMETIC (no emulator
# if set), SANITIZE (flags).
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-$PWD/build}
out=$build/tests/relocate
sample=tests/relocate/sample
mkdir -p "$out" || exit 1

# from_header NAME: the number that include/purgatory_abi.h defines.
from_header()
{
	awk -v name="PURGATORY_$1" '$1 == "#define" && $2 == name { print $3 }' include/purgatory_abi.h
}

compile_flags="-Os -g0 -std=gnu11 -Wall -Wextra -Werror -ffreestanding -fPIE -include purgatory/hidden.h
	-Iinclude -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-ident"
link_flags="-nostdlib -nostartfiles -pie -Wl,--no-dynamic-linker -Wl,-z,text -Wl,-z,norelro
	-Wl,-z,noexecstack -Wl,--build-id=none -Wl,--hash-style=sysv -Wl,-z,max-page-size=4096
	-Wl,-T,$sample/sample.lds -Wl,--defsym=sample_params_size=$(from_header PARAMS_SIZE)
	-Wl,--defsym=sample_abi_version=$(from_header ABI_VERSION)"

build_loader()
{
	# shellcheck disable=SC2046 # all arches, whichever the build is for
	util/arches header $(util/arches list) > "$out/arches.h"
	# shellcheck disable=SC2086
	${CC:-gcc} -O1 -g -std=gnu11 -D_GNU_SOURCE -I. -I"$out" -Ikexec -Iinclude -Wall -Wextra \
		${SANITIZE--fsanitize=address,undefined -fno-sanitize-recover=all} -o "$out/relocate_sample" \
		tests/relocate/relocate_sample.c kexec/core/*.c kexec/elf/*.c \
		kexec/relocate/pie*.c kexec/relocate/params.c kexec/relocate/table.c \
		kexec/relocate/rel*.c kexec/relocate/loaded_words.c purgatory/sha256.c purgatory/sha256_generic.c
}

# compile ARCH COMPILER MACHINE FLAGS...: makes the PIE, and the `ld -r` file to compare it with.
compile()
{
	arch=$1 compiler=$2 machine=$3 libraries=
	shift 3
	case $compiler in
	clang*) set -- "$@" "-fuse-ld=lld${compiler#clang}" -Qunused-arguments ;;
	*) set -- "$@" -fno-tree-loop-distribute-patterns -Wl,--no-warn-rwx-segments
		libraries=-lgcc ;;
	esac
	rm -rf "$out/$arch.objects"
	mkdir "$out/$arch.objects"
	for source in entry.S main.c steps.c counter.c; do
		# shellcheck disable=SC2086
		"$compiler" $compile_flags "$@" -c -o "$out/$arch.objects/${source%.*}.o" \
			"$sample/$source" || return 1
	done
	# shellcheck disable=SC2086
	"$compiler" "$@" $link_flags -Wl,--defsym=sample_machine="$machine" \
		-o "$out/$arch.pie" "$out/$arch.objects"/*.o $libraries &&
		"$compiler" "$@" -nostdlib -r -o "$out/$arch.rel" "$out/$arch.objects"/*.o
}

# The words that the linker wants relocated, as offsets: one per record (two for
# a function descriptor of hppa), and the GOT words that MIPS does not list.
expected_words()
{
	LC_ALL=C readelf -rdW "$1" | awk '
		function hex(s,    i, n) {
			for (i = 1; i <= length(s); i++)
				n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
			return n
		}
		$1 ~ /^[0-9a-f]+$/ && $3 ~ /^R_/ && $3 !~ /_NONE/ {
			printf "%x\n", hex($1)
			if ($3 == "R_PARISC_IPLT")
				printf "%x\n", hex($1) + 4
		}
		$2 == "(PLTGOT)" { got = hex(substr($3, 3)) }
		$2 == "(MIPS_LOCAL_GOTNO)" { words = $3 }
		END {
			for (i = 2; i < words; i++)
				printf "%x\n", got + i * word
		}' word="$2" | sort -u
}

word_size()
{
	case $(LC_ALL=C readelf -h "$1") in
	*ELF64*) echo 8 ;;
	*) echo 4 ;;
	esac
}

# run EMULATOR IMAGE: no emulator for this machine's own code.
run()
{
	# shellcheck disable=SC2086 # no word if empty
	timeout 20 $1 "$2"
	[ $? -eq 42 ]
}

# check ARCH QEMU: the difference of two images, then what they do.
check()
{
	file=$out/$1.pie
	if ! expected_words "$file" "$(word_size "$file")" |
			"$out/relocate_sample" "$file" "$out/$1.low" "$out/$1.high" >"$out/$1.log" 2>&1; then
		why=$(tail -n 1 "$out/$1.log")
		return 1
	fi
	types=$(LC_ALL=C readelf -rW "$file" | awk '$3 ~ /^R_/ { n[$3]++ }
		END { for (t in n) printf " %s x%d", t, n[t] }')
	how="$(cat "$out/$1.log"),$types"
	emulator=$2
	if [ "$2" = "qemu-$(uname -m)" ]; then
		emulator=
	elif [ -n "${HERMETIC-}" ] || ! command -v "$2" >/dev/null; then
		how="$how; not run"
		return 0
	fi
	chmod +x "$out/$1.low" "$out/$1.high"
	why="relocated right, but it does not run right${emulator:+ under $emulator}"
	how="$how; runs"
	run "$emulator" "$out/$1.low" && run "$emulator" "$out/$1.high"
}

build_loader || exit 1
passed=0 failed=0 skipped=0
# The host's own compiler is gcc, where its full name need not exist.
host=$(gcc -dumpmachine 2>/dev/null)
for rows in tests/relocate/*/rows; do
	while read -r arch compiler machine qemu flags; do
		case $arch in '#'*) continue ;; esac
		[ "${compiler%%-*}" != "${host%%-*}" ] || compiler=gcc
		if ! command -v "$compiler" >/dev/null; then
			echo "SKIP $arch: no $compiler"
			skipped=$((skipped + 1))
			continue
		fi
		# shellcheck disable=SC2086
		if ! compile "$arch" "$compiler" "$machine" -I"${rows%/*}" $flags >"$out/$arch.log" 2>&1; then
			echo "FAIL $arch: does not build: $(grep -m 1 -i error "$out/$arch.log")"
			failed=$((failed + 1))
		elif check "$arch" "$qemu"; then
			echo "ok   $arch: $how"
			passed=$((passed + 1))
		else
			echo "FAIL $arch: $why"
			failed=$((failed + 1))
		fi
	done <"$rows"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
