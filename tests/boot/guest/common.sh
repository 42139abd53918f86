# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the init of both stages.  Reports go through /dev/kmsg: one write is
# one line on the console, which no message of the kernel can tear apart.

/bin/busybox mkdir -p /proc /sys /dev /tmp /bin
/bin/busybox --install -s /bin
PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

say() {
	echo "<1>${STAGE:?} $*" >/dev/kmsg
}

# run COMMAND...: reports the command, what it printed and its exit status.
run() {
	say "\$ $*"
	"$@" >/tmp/out 2>&1
	status=$?
	while IFS= read -r line; do
		say "| $line"
	done </tmp/out
	say "status $status"
	return $status
}

# Until the host sends a line.
pause() {
	say "paused"
	read -r _ </dev/console
}

# What both kernels must find alike.
facts() {
	efi=no
	[ ! -d /sys/firmware/efi ] || efi=yes
	acpi=no
	[ ! -e /sys/firmware/acpi/tables/APIC ] || acpi=yes
	nodes=$([ ! -d /proc/device-tree ] || find /proc/device-tree/ -type d | wc -l)
	level=$(dmesg | sed -n 's/.*CPU.*started [ai][tn] \([A-Z0-9]*\).*/\1/p')
	! dmesg | grep -q 'detected: Virtualization Host Extensions' || level=$level+VHE
	say "facts cpus=$(nproc) efi=$efi acpi=$acpi nodes=$nodes level=$level" \
		"memory=$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)"
}
