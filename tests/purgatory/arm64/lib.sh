# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The arm64 test guest: building it around purgatory images, and booting it in
# QEMU.  Sourced after guests.sh.

: "${top:?}" "${work:?}" "${cpu=}" "${options=}"
# shellcheck disable=SC2034 # for guests.sh
arch=arm64 places='0x41000000 0x4ffff000 0x123456000'
cross=${CROSS_ARM64:-aarch64-linux-gnu-}

# build_guest_of PURGATORIES: $work/guest.elf
build_guest_of()
{
	build_guest arm64 "$1" "${cross}gcc -mgeneral-regs-only -mstrict-align" \
		"${cross}ld"
}

# boot TEST SECONDS: on a CPU of kind $cpu, with further $options for the machine.
boot()
{
	run_guest "$2" qemu-system-aarch64 -machine "virt$options" -cpu "$cpu" -m 5G \
		-no-reboot -kernel "$work/guest.elf" \
		-device "loader,addr=0x401f0000,data=$1,data-len=4" \
		-chardev "file,id=report,path=$work/report" \
		-semihosting-config enable=on,target=native,chardev=report \
		-serial stdio
}
