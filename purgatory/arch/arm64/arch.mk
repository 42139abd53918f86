# SPDX-License-Identifier: GPL-2.0-or-later
override arch_sources := entry.S mmu_switch.S cpu.c mmio_serial.c uart8250.c mmu.c pagetable.c \
	sha256_select.c sha256_known_answer.c sha256_ce.c sha256_neon.c fault.c psci.c
# tiny: the image is far below 1 MiB, and few relocation types are left for loaders of .rel.
override arch_flags := -mcpu=generic -march=armv8-a -mtune=generic -mlittle-endian -mcmodel=tiny \
	-mstrict-align -DHASH_ENGINES=2 -DBAKE_PSCI
override arch_optional := -mabi=lp64 -mno-outline-atomics -mbranch-protection=none -mharden-sls=none \
	-mno-fix-cortex-a53-835769 -mno-speculative-load-hardening -mno-track-speculation \
	-momit-leaf-frame-pointer
override gcc_hash_flags := -fno-predictive-commoning
override scalar_flags := -mgeneral-regs-only
override vector_sources := sha256_ce.c sha256_neon.c
override bake_sources := bake_head.S bake_state.c bake_chosen.c bake_tree.c
