# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := tables.S cpu.c exit.c reset.c serial.c vga.c fault.c uart8250.c \
	vectors.S sha256_select.c sha256_known_answer.c sha256_ni.c sha256_ssse3.c
override vector_sources := sha256_ni.c sha256_avx2.c sha256_ssse3.c
override arch_optional := -mabi=sysv -fcf-protection=none -masm=att -mno-avx -mno-fentry \
	-mindirect-branch=keep -mfunction-return=keep -mno-indirect-branch-register \
	-mharden-sls=none -mno-retpoline -mno-lvi-hardening -mno-lvi-cfi \
	-mno-speculative-load-hardening -mno-seses -mno-stackrealign -momit-leaf-frame-pointer \
	-Wa,-mx86-used-note=no
override clang_hash_flags := -Os -fno-unroll-loops
override gcc_hash_flags := -fno-tree-pre
override scalar_flags := -mgeneral-regs-only
override hash_flags := -DHASH_ENGINES=3 -DSHA256_SMALL
ifeq ($(ARCH),x86_64)
override arch_sources := entry.S $(arch_sources) sha256_avx2.c
override arch_flags := -m64 -march=x86-64 -mtune=generic -mcmodel=small -mno-red-zone $(hash_flags)
# Not on i386: code built with -Oz would call a function of libgcc.
override clang_flags := -Oz
override bake_sources := bake_head.S bake_state.c bake_params.c
override bake_skip := 4096
else
override arch_sources := entry_32.S $(arch_sources)
# -march=i586 does not allow -fcf-protection, the default of some compilers: compiling fails.
override arch_flags := -m32 -march=i586 -mtune=generic -mregparm=3 -fcf-protection=none $(hash_flags)
endif
