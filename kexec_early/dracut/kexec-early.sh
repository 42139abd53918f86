#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A hook of dracut: for a kernel that has not called modprobe before /init.
/usr/lib/kexec/kexec-early
