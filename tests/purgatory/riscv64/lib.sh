# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The riscv64 test guest: building it around purgatory images, and booting it in
# QEMU.  Sourced after guests.sh.

: "${top:?}" "${work:?}" "${cpu=}" "${ended=}"
# shellcheck disable=SC2034 # for guests.sh
arch=riscv64 places='0x81000000 0x8ffff000 0x123456000'
cross=${CROSS_RISCV64:-riscv64-linux-gnu-}
guest_flags='-march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany -mno-relax'

# build_guest_of PURGATORIES: $work/guest.elf
build_guest_of()
{
	build_guest riscv64 "$1" "${cross}gcc $guest_flags" \
		"${cross}ld --no-relax --no-warn-rwx-segments"
}

# boot TEST SECONDS: on a CPU of kind $cpu, started by $firmware. Sets ended to `off` too
# if firmware switched off.
boot()
{
	run_guest "$2" qemu-system-riscv64 -machine virt -cpu "$cpu" -m 5G \
		-bios "${firmware:-default}" -kernel "$work/guest.elf" \
		-device "loader,addr=0x801f0000,data=$1,data-len=4" \
		-serial stdio
	if [ "$ended" = reset ] && ! grep -q -x 'started again' "$work/console"; then
		ended=off
	fi
}
