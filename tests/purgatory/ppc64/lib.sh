# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# The ppc64 test guest: building it around purgatory images, and booting it in
# QEMU.  Sourced after guests.sh.

: "${top:?}" "${work:?}" "${cpu=}"
# shellcheck disable=SC2034 # for guests.sh
places='0x1000000 0x3ffff000 0x123456000'
guest_cross=${CROSS_PPC64:-powerpc64-linux-gnu-}
needs "${guest_cross}gcc" gcc-powerpc64-linux-gnu powerpc64le-linux-gnu-gcc \
	gcc-powerpc64le-linux-gnu qemu-system-ppc64 qemu-system-ppc

# of_order le|be: sets the arch, its tools, and CPUs that know this order.
# shellcheck disable=SC2034 # for guests.sh and run.sh
of_order()
{
	case $1 in
	le) arch=ppc64le cross=${CROSS_PPC64LE:-powerpc64le-linux-gnu-} cpus='power8 power9' ;;
	be) arch=ppc64 cross=$guest_cross cpus='970 power9' ;;
	esac
}

# build_guest_of PURGATORIES: $work/guest.bin
build_guest_of()
{
	build_guest ppc64 "$1" "${guest_cross}gcc -mabi=elfv2 -mcpu=powerpc64 -msoft-float -mno-altivec" \
		"${guest_cross}ld" &&
		"${guest_cross}objcopy" -O binary --gap-fill 0 "$work/guest.elf" "$work/guest.bin"
}

# boot TEST SECONDS: on a CPU of kind $cpu.
boot()
{
	run_guest "$2" qemu-system-ppc64 -machine pseries,cap-ccf-assist=off -cpu "$cpu" \
		-m 5G -nodefaults -no-reboot -bios "$work/guest.bin" \
		-device "loader,addr=0x5ff0000,data=$(($1 << 32)),data-len=8,data-be=on" \
		-chardev stdio,id=console -chardev "file,id=report,path=$work/report" \
		-device spapr-vty,reg=0x71000001,chardev=console \
		-device spapr-vty,reg=0x71000002,chardev=report
}
