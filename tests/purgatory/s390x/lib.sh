# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The s390x test guest: building it around purgatory images, and booting it in
# QEMU.  Sourced after guests.sh.

: "${top:?}" "${work:?}" "${options=}"
# shellcheck disable=SC2034 # for guests.sh
arch=s390x places='0x2002000 0x5002000 0x7f002000'
cross=${CROSS_S390X:-s390x-linux-gnu-}

# build_guest_of PURGATORIES: $work/guest.elf
build_guest_of()
{
	build_guest s390x "$1" "${cross}gcc -m64 -march=z10 -msoft-float" \
		"${cross}ld"
}

# boot TEST SECONDS: with the terminal on $work/console, the operating system messages on
# $work/lines, or with these two as $options say.
boot()
{
	# shellcheck disable=SC2086 # a list of words
	run_guest "$2" qemu-system-s390x -machine s390-ccw-virtio -m 6G \
		-no-reboot -action panic=pause -d guest_errors -kernel "$work/guest.elf" \
		-device "loader,addr=0x7ff0000,data=$(($1 << 32)),data-len=8,data-be=on" \
		${options:--serial stdio -serial file:$work/lines}
}
