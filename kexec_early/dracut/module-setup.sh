#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A module of dracut: puts kexec-early in the place of modprobe (kexec-early.8).  It comes after
# the module base, which installs modprobe.
# shellcheck disable=SC2154 # variables of dracut

check() {
	[[ -e /etc/kexec/early ]] || return 1
	# The initramfs of a crash kernel would contain itself.
	[[ " $dracutmodules $add_dracutmodules $force_add_dracutmodules " != *" kdump"* ]] || return 1
	require_binaries kexec modprobe || return 1
	if ! /usr/lib/kexec/kexec-early-files > /dev/null; then
		dwarn 'kexec-early: the initramfs is made without it'
		return 1
	fi
}

depends() {
	echo base
}

install() {
	local file files modprobe="$initdir/sbin/modprobe"

	files=$(/usr/lib/kexec/kexec-early-files) || return
	inst_binary "$(find_binary kexec)" /sbin/kexec || return
	inst_binary /usr/lib/kexec/kexec-early || return
	for file in $files; do
		inst_simple "$file" || return
	done
	mv "$modprobe" "$modprobe.real" || return
	ln -s /usr/lib/kexec/kexec-early "$modprobe" || return
	inst_hook cmdline 00 "$moddir/kexec-early.sh"
	# shellcheck disable=SC2086 # a list of names
	dinfo "kexec-early: the crash kernel adds $(du -cLk $files | tail -n 1 | cut -f 1) KiB to the initramfs"
}
