/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64: offsets that assembly and C share, system registers, and the parts of this folder. */
#ifndef PURGATORY_ARM64_H
#define PURGATORY_ARM64_H

/* struct purgatory_arm64_state */
#define STATE_X0 0
#define STATE_X2 16
#define STATE_PC 32

/* CurrentEL as it reads */
#define CURRENT_EL1 (1 << 2)
#define CURRENT_EL2 (2 << 2)
#define CURRENT_EL3 (3 << 2)

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define read_sysreg(name)                                                                          \
	({                                                                                         \
		uint64_t read_value;                                                               \
		__asm__ volatile("mrs %0, " #name : "=r"(read_value));                             \
		read_value;                                                                        \
	})
#define write_sysreg(name, value)                                                                  \
	__asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)) : "memory")

/* A 4-bit field of an ID register. */
static inline unsigned int id_field(uint64_t id, unsigned int shift)
{
	return (unsigned int)(id >> shift) & 15;
}

/* CURRENT_EL1, _EL2 or _EL3 */
static inline uint64_t current_level(void)
{
	return read_sysreg(currentel);
}

/* At EL2, whose registers are laid out like EL1's then: HCR_EL2.E2H. */
static inline bool is_vhe(void)
{
	return current_level() == CURRENT_EL2 && read_sysreg(hcr_el2) >> 34 & 1;
}

/*
 * Caches and MMU on, with what is to be hashed, purgatory and its console
 * mapped where they are.  False, after telling why, if that cannot be.
 */
bool mmu_begin(void);

/* As before mmu_begin(), and everything written since is in memory. */
void mmu_end(void);

/* Cleans [start, start + size) to memory and drops it from the caches. */
void cache_clean(uint64_t start, uint64_t size);

/* mmu_switch.S: the values of one exception level's registers, in this order. */
struct mmu_registers {
	uint64_t sctlr, tcr, mair, ttbr0;
};

/*
 * mmu_switch.S: load the registers, with [start, end), which holds this code and its
 * stack, in memory and not in the caches at the moment of the change.
 */
void mmu_switch_on(const struct mmu_registers *registers, uint64_t start, uint64_t end);
void mmu_switch_off(const struct mmu_registers *registers, uint64_t start, uint64_t end);

#endif /* __ASSEMBLER__ */
#endif
