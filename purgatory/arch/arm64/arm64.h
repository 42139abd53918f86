/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm64: offsets that assembly and C share, system registers, functions of this folder. */
#ifndef PURGATORY_ARM64_H
#define PURGATORY_ARM64_H

/* struct purgatory_arm64_state */
#define STATE_X0 0
#define STATE_X2 16
#define STATE_PC 32

/* Values of CurrentEL */
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

/* True at EL2 with HCR_EL2.E2H set.  EL2's registers then have the layout of EL1's. */
static inline bool is_vhe(void)
{
	return current_level() == CURRENT_EL2 && read_sysreg(hcr_el2) >> 34 & 1;
}

/*
 * Turns the caches and the MMU on.  Purgatory, its console and the regions to hash
 * are mapped at their own addresses.  If that is impossible, prints the reason and returns false.
 */
bool mmu_begin(void);

/* Restores the state before mmu_begin() and writes the caches back to memory. */
void mmu_end(void);

/* Writes [start, start + size) back to memory and removes it from the caches. */
void cache_clean(uint64_t start, uint64_t size);

/* Registers of one exception level, in the order that mmu_switch.S reads. */
struct mmu_registers {
	uint64_t sctlr, tcr, mair, ttbr0;
};

/*
 * mmu_switch.S: load the registers.  [start, end) contains this code and its stack.  At the
 * moment of the change, these bytes are in memory and not in the caches.
 */
void mmu_switch_on(const struct mmu_registers *registers, uint64_t start, uint64_t end);
void mmu_switch_off(const struct mmu_registers *registers, uint64_t start, uint64_t end);

#endif /* __ASSEMBLER__ */
#endif
