/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: turns the MMU and the caches on for hashing.  Memory is slow without them.
 * Arm ARM (DDI 0487) D8 and D17 for tables and registers.
 */
#include "purgatory.h"
#include "arm64.h"
#include "pagetable.h"

#define SCTLR_M (1ul << 0)
#define SCTLR_C (1ul << 2)
#define SCTLR_I (1ul << 12)
#define SCTLR_WXN (1ul << 19)
#define SCTLR_EE (1ul << 25)

/* Index 0: Device-nGnRE.  Index 1: write-back, allocate on reads and writes. */
#define MAIR_VALUE 0xff04ul
#define DEVICE PAGE_MEMORY_INDEX(0)
#define MEMORY (PAGE_MEMORY_INDEX(1) | PAGE_INNER_SHAREABLE)

/* Table walks are cached: write-back, inner shareable. */
#define TCR_WALKS (1ul << 8 | 1ul << 10 | 3ul << 12)
#define TCR_TG0_64K (1ul << 14)
#define TCR_TG0_16K (2ul << 14)
#define TCR_EL1_EPD1 (1ul << 23)
#define TCR_EL1_IPS_SHIFT 32
#define TCR_EL2_PS_SHIFT 16
#define TCR_EL2_RES1 (1ul << 23 | 1ul << 31)

/* With 64 KiB pages: four tables, and padding that aligns the first table. */
#define POOL_SIZE (5 << 16)

/* The image, the console and the regions. */
#define MAX_RANGES (2 + PURGATORY_MAX_REGIONS)

struct range {
	uint64_t start, end, attributes;
};

extern char purgatory_memory_end[];

static uint8_t pool[POOL_SIZE] __attribute__((aligned(4096)));
static struct mmu_registers saved;
static uint64_t saved_tcr2;
static bool on;

void cache_clean(uint64_t start, uint64_t size)
{
	uint64_t line = 4ul << id_field(read_sysreg(ctr_el0), 16), end = start + size;

	if (!size)
		return;
	for (start &= ~(line - 1); start < end; start += line)
		__asm__ volatile("dc civac, %0" : : "r"(start) : "memory");
	__asm__ volatile("dsb sy" : : : "memory");
}

static uint64_t image_start(void)
{
	return (uintptr_t)purgatory_head;
}

/* The image has whole pages to itself. */
static uint64_t image_end(void)
{
	return ((uintptr_t)purgatory_memory_end + 4095) & ~4095ul;
}

static void save_registers(void)
{
	if (current_level() == CURRENT_EL2)
		saved = (struct mmu_registers){ read_sysreg(sctlr_el2), read_sysreg(tcr_el2),
						read_sysreg(mair_el2), read_sysreg(ttbr0_el2) };
	else
		saved = (struct mmu_registers){ read_sysreg(sctlr_el1), read_sysreg(tcr_el1),
						read_sysreg(mair_el1), read_sysreg(ttbr0_el1) };
}

/* TCR2_EL1 and _EL2 can change the meaning of descriptors. Some assemblers lack their names. */
static uint64_t swap_tcr2(uint64_t value)
{
	uint64_t old = 0;

	if (!id_field(read_sysreg(s3_0_c0_c7_3), 0)) /* ID_AA64MMFR3_EL1.TCRX */
		return old;
	if (current_level() == CURRENT_EL2) {
		old = read_sysreg(s3_4_c2_c0_3);
		write_sysreg(s3_4_c2_c0_3, value);
	} else {
		old = read_sysreg(s3_0_c2_c0_3);
		write_sysreg(s3_0_c2_c0_3, value);
	}
	return old;
}

/* log2 of the smallest page size of this CPU: 4, 16 or 64 KiB.  0: no known page size. */
static unsigned int granule_log2(void)
{
	uint64_t id = read_sysreg(id_aa64mmfr0_el1);

#ifdef TEST_GRANULE_LOG2
	return TEST_GRANULE_LOG2;
#endif
	if (id_field(id, 28) != 15)
		return 12;
	if (id_field(id, 20) != 0)
		return 14;
	return id_field(id, 24) != 15 ? 16 : 0;
}

/* ID_AA64MMFR0_EL1.PARange, at most 48 bits: larger addresses need another descriptor format. */
static unsigned int physical_range(void)
{
	unsigned int range = id_field(read_sysreg(id_aa64mmfr0_el1), 0);

	return range < 5 ? range : 5;
}

static unsigned int physical_bits(void)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

	return bits[physical_range()];
}

static unsigned int list_ranges(struct range ranges[MAX_RANGES])
{
	const struct purgatory_params *p = &purgatory_params;
	bool one_level = current_level() == CURRENT_EL2 && !is_vhe();
	uint64_t common = PAGE_ACCESSED | (one_level ? PAGE_USER : 0);
	uint64_t data = common | PAGE_NO_EXECUTE | (one_level ? 0 : PAGE_PRIVILEGED_NO_EXECUTE);
	unsigned int count = 0;
	uint32_t i;

	/* If two ranges share a page, the first one in this list decides. */
	ranges[count++] = (struct range){ image_start(), image_end(), common | MEMORY };
	for (i = 0; i < p->region_count; i++)
		ranges[count++] = (struct range){ p->region[i].start,
						  p->region[i].start + p->region[i].size,
						  data | MEMORY | PAGE_READ_ONLY };
	if (p->serial_kind)
		ranges[count++] = (struct range){ p->serial_base,
						  p->serial_base + (8ul << (p->serial_shift & 31)),
						  data | DEVICE };
	return count;
}

static bool build(struct page_tables *tables, unsigned int granule)
{
	struct range ranges[MAX_RANGES];
	unsigned int count = list_ranges(ranges), address_bits = 32, i;

	for (i = 0; i < count; i++) {
		if (ranges[i].start >= ranges[i].end || (ranges[i].end - 1) >> physical_bits()) {
			print("purgatory: [0x%llx, 0x%llx) is beyond the %u address bits of this "
			      "CPU\n",
			      (unsigned long long)ranges[i].start,
			      (unsigned long long)ranges[i].end, physical_bits());
			return false;
		}
		while ((ranges[i].end - 1) >> address_bits)
			address_bits++;
	}
	if (page_tables_init(tables, pool, sizeof(pool), granule, address_bits)) {
		for (i = 0; i < count; i++)
			if (!page_tables_map(tables, ranges[i].start, ranges[i].end,
					     ranges[i].attributes))
				break;
		if (i == count)
			return true;
	}
	print("purgatory: the regions are too scattered for %u KiB of page tables\n",
	      (unsigned int)sizeof(pool) / 1024);
	return false;
}

static uint64_t tcr_value(const struct page_tables *tables)
{
	uint64_t tcr = TCR_WALKS | (64 - tables->address_bits);

	if (tables->granule_log2 != 12)
		tcr |= tables->granule_log2 == 14 ? TCR_TG0_16K : TCR_TG0_64K;
	if (current_level() == CURRENT_EL2 && !is_vhe())
		return tcr | TCR_EL2_RES1 | (uint64_t)physical_range() << TCR_EL2_PS_SHIFT;
	return tcr | TCR_EL1_EPD1 | (uint64_t)physical_range() << TCR_EL1_IPS_SHIFT;
}

/* Returns the reason why the MMU cannot be used; NULL: it can. */
static const char *obstacle(void)
{
	if (current_level() == CURRENT_EL3)
		return "entered at EL3";
	save_registers();
	if (saved.sctlr & SCTLR_M)
		return "it is on already";
	if (saved.sctlr & SCTLR_EE)
		return "data is big-endian";
	if (!granule_log2())
		return "it has no known page size";
	return NULL;
}

bool mmu_begin(void)
{
	const char *why;
	struct page_tables tables;
	struct mmu_registers registers = { .mair = MAIR_VALUE };

	if (purgatory_params.flags & PURGATORY_PLAIN_MEMORY)
		return false;
	why = obstacle();
	if (why) {
		print("purgatory: hashes without the MMU: %s\n", why);
		return false;
	}
	if (!build(&tables, granule_log2()))
		return false;
	registers.tcr = tcr_value(&tables);
	registers.ttbr0 = (uintptr_t)tables.root;
	registers.sctlr = (saved.sctlr & ~SCTLR_WXN) | SCTLR_M | SCTLR_C | SCTLR_I;
	saved_tcr2 = swap_tcr2(0);
	on = true;
	mmu_switch_on(&registers, image_start(), image_end());
	return true;
}

void mmu_end(void)
{
	if (!on)
		return;
	on = false;
	mmu_switch_off(&saved, image_start(), image_end());
	swap_tcr2(saved_tcr2);
}
