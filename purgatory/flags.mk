# SPDX-License-Identifier: GPL-2.0-or-later
#
# Flags for code that runs without an operating system: purgatory, kexec_test.  The user's flags
# must not be used for it.  Flags inside CC come first on the command line, and the flags below
# cancel the harmful ones.  Set arch_flags and arch_optional before this file is included.

override needed_flags := -std=gnu11 -Os -g0 -ffreestanding -fPIE -fno-common -fno-lto \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables \
	-fno-exceptions -fno-strict-aliasing -fno-delete-null-pointer-checks \
	-fno-sanitize=all -fno-jump-tables -fno-ident -fno-pack-struct -fomit-frame-pointer \
	-fno-function-sections -fno-data-sections -fwrapv \
	-U_FORTIFY_SOURCE $(arch_flags)

# Flags that only some compilers have, or need.
override optional_flags := -Qunused-arguments -fno-tree-loop-distribute-patterns \
	-fno-tree-switch-conversion -fno-stack-clash-protection -fno-stack-check \
	-fzero-call-used-regs=skip -ftrivial-auto-var-init=uninitialized \
	-fpatchable-function-entry=0 -fno-instrument-functions -fno-profile-arcs \
	-fno-test-coverage -fno-profile-generate -fno-profile-instr-generate \
	-fno-coverage-mapping -fno-xray-instrument -fno-record-gcc-switches \
	-fno-split-stack -no-pg $(arch_optional)

# The trial assembles only for flags to the assembler.
override trial = $(CC) $(needed_flags) $(1) -Werror -x c $(if $(filter -Wa%,$(1)),-c,-S) \
	/dev/null -o /dev/null
override accepts = $(shell $(call trial,$(1)) 2>/dev/null && echo yes)
