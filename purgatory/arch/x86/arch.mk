# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := entry.S cpu.c exit.c reset.c serial.c vga.c sha256_select.c sha256_ni.c fault.c uart8250.c
override arch_flags := -m64 -march=x86-64 -mtune=generic -mcmodel=small -mno-red-zone
override arch_optional := -mabi=sysv -fcf-protection=none -masm=att -mno-avx -mno-fentry \
	-mindirect-branch=keep -mfunction-return=keep -mno-indirect-branch-register \
	-mharden-sls=none -mno-retpoline -mno-lvi-hardening -mno-lvi-cfi \
	-mno-speculative-load-hardening -mno-seses -mno-stackrealign -momit-leaf-frame-pointer \
	-Wa,-mx86-used-note=no
override scalar_flags := -mgeneral-regs-only
override vector_sources := sha256_ni.c
