# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := entry.S cpu.c sclp.c swap.c sha256_select.c sha256_known_answer.c sha256_kimd.c fault.c
override arch_flags := -m64 -march=z10 -mtune=z13 -msoft-float -mno-vx -mno-htm -DHASH_ENGINES=1 -DSHA256_SMALL
override arch_optional := -mzarch -mno-zvector -mno-packed-stack -mno-backchain \
	-mpic-data-is-text-relative -mno-small-exec -mhotpatch=0,0 \
	-mindirect-branch=keep -mfunction-return=keep -mlong-double-128
