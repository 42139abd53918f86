# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := entry.S cpu.c sbi.c mmio_serial.c uart8250.c sha256_select.c sha256_known_answer.c sha256_zknh.c fault.c
override arch_flags := -march=rv64imac -mabi=lp64 -mcmodel=medany -mno-relax -DHASH_ENGINES=1
# GNU as needs the names Zicsr and Zifencei; clang before 17 lacks the names, not the instructions.
override arch_optional := -march=rv64imac_zicsr_zifencei -mtune=rocket -mno-save-restore \
	-msmall-data-limit=0 -mstrict-align -mno-unaligned-access -mno-plt -mno-riscv-attribute \
	-mno-inline-atomics -mno-shorten-memrefs
override arch_link := --no-relax
override bake_sources := bake_head.S bake_state.c bake_chosen.c bake_tree.c
