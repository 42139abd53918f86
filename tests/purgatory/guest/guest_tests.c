/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tests that every arch runs, and the main function of every guest. */
#include "guest.h"
#include "starter.h"

#define SCRATCH_SIZE 0x40000
#define COPY_SIZE 70001

const uint64_t places[] = { PLACES };
uint64_t memory_end = UINT64_MAX;

void load(const struct image *which, uint64_t address)
{
	put_image(which, address);
	params->flags = own32(PURGATORY_VERIFY);
	add_region(DATA_A, DATA_A_SIZE, "kernel");
	add_region(DATA_B, DATA_B_SIZE, "a name of 23 characters");
	set_params();
}

void load_first(void)
{
	load(&images[0], places[0]);
}

void at_places(void (*test)(const struct image *which, uint64_t place))
{
	const struct image *i;
	size_t p;

	for (i = images; i < images_end; i++)
		for (p = 0; p < sizeof(places) / sizeof(places[0]); p++)
			if (places[p] < memory_end && (!i->address || i->address == places[p]))
				test(i, places[p]);
}

void test_place(const struct image *which, uint64_t place)
{
	load(which, place);
	run();
	result(HANDS_OVER);
}

static void test_options(void)
{
	uint32_t i;

	load_first();
	params->flags = 0;
	memset(params->piece_digest[0], 0, SHA256_SIZE);
	run();
	result("verifies nothing if not asked to");

	load_first();
	params->flags |= own32(PURGATORY_PORTABLE_HASH);
	run();
	result("verifies with portable code");

	load_first();
	params->ticks_per_ms = 0;
	remove_regions();
	for (i = 0; i < PURGATORY_MAX_REGIONS; i++)
		add_region(DATA_A + i * 513, 1 + i * 13, "many");
	run();
	result("verifies 16 regions of odd sizes and addresses");

	load_first();
	remove_regions();
	add_cut_region(DATA_A, DATA_A_SIZE, 0x1fff, "9 pieces");
	add_region(DATA_A + DATA_A_SIZE, 1, "1 piece");
	add_cut_region(DATA_B, DATA_B_SIZE, (DATA_B_SIZE + 29) / 30, "22 pieces");
	run();
	result("verifies pieces of odd sizes");

	/* The image's .bss and .data are dirty, as when a blob is entered again. */
	run();
	result("runs again where it ran");
	move_image(places[1]);
	run();
	result("runs again as a copy in another place");
}

/* Each console is 64 bytes of memory at SCRATCH, which show the last character written. */
static void test_consoles(void)
{
	static const struct {
		uint32_t kind, shift;
		uint8_t memory; /* in every byte before the run */
		uint32_t flags; /* in the word at offset 24: the flag register of a PL011 */
		uint32_t last; /* in the first word after the run */
		const char *name;
	} consoles[] = {
		{ PURGATORY_SERIAL_PL011, 0, 0, 0, '\n', "writes to a PL011" },
		{ PURGATORY_SERIAL_PL011, 0, 0, 0x20, 0, "survives a PL011 that is stuck" },
		{ PURGATORY_SERIAL_8250_MMIO, 0, 0x60, 0x60606060, FIRST_REGISTERS | '\n',
		  "writes to a 16550" },
		{ PURGATORY_SERIAL_8250_MMIO, 2, 0x60, 0x60606060, '\n',
		  "writes 32-bit registers of a 16550" },
		{ PURGATORY_SERIAL_8250_MMIO, 2, 0, 0, 0, "survives a 16550 that is stuck" },
		{ PURGATORY_SERIAL_NONE, 0, 0, 0, 0, "runs without a console" },
	}, *c;
	volatile uint32_t *words = at(SCRATCH);

	for (c = consoles; c < consoles + sizeof(consoles) / sizeof(consoles[0]); c++) {
		if (c->kind != PURGATORY_SERIAL_NONE && !(CONSOLES >> c->kind & 1))
			continue;
		memset(at(SCRATCH), c->memory, 64);
		words[6] = c->flags;
		load_first();
		params->serial_kind = own32(c->kind);
		params->serial_base = own64(SCRATCH);
		params->serial_shift = own32(c->shift);
		params->serial_baud = 0;
		run();
		expect_equal("last character", words[0], c->last);
		result(c->name);
	}
}

void test_copy(uint64_t source, uint64_t destination, uint64_t size)
{
	uint8_t before[SHA256_SIZE], after[SHA256_SIZE];
	uint8_t next = *(uint8_t *)at(destination + size);

	load_first();
	digest_of(source, size, before);
	params->copy.source = own64(source);
	params->copy.destination = own64(destination);
	params->copy.size = own64(size);
	run();
	digest_of(destination, size, after);
	expect_equal("copied bytes", same(before, after, SHA256_SIZE), 1);
	expect_equal("byte after the copy", *(uint8_t *)at(destination + size), next);
	result("copies");
}

/* Source and destination are apart, then overlap, the destination below and above. */
static void test_copies(void)
{
	static const struct {
		uint32_t source, destination;
	} copies[] = { { 3, 0x20000 }, { 5000, 17 }, { 1, 5001 } };
	size_t i;

	for (i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		memset(at(SCRATCH), 0, SCRATCH_SIZE);
		fill(SCRATCH + copies[i].source, COPY_SIZE, 7);
		test_copy(SCRATCH + copies[i].source, SCRATCH + copies[i].destination, COPY_SIZE);
	}
}

void test_common(void)
{
	test_options();
	test_consoles();
	test_copies();
}

static uint8_t *region_byte(unsigned int index, uint64_t offset)
{
	return at(own64(params->region[index].start) + offset);
}

/* flips.py: a region whose first byte it damages. */
uint64_t flips_kernel = DATA_B;

void spoil(unsigned int test)
{
	switch (test) {
	case NO_REGIONS: params->region_count = 0; break;
	case SELF_DAMAGED:
		seal();
		*(uint8_t *)at(base + PURGATORY_HEADER_MAGIC) ^= 1;
		break;
	case CPU_STATE_DAMAGED:
		seal();
		params->cpu.words[31] ^= own64(1);
		break;
	case FLIPS:
		remove_regions();
		add_region(DATA_B, DATA_B_SIZE, "kernel");
		seal();
		break;
	case BOTH_DAMAGED:
		*region_byte(1, own64(params->region[1].size) - 1) ^= 1;
		/* fall through */
	case FIRST_DAMAGED: *region_byte(0, own64(params->region[0].size) - 1) ^= 0x80; break;
	case FIRST_DAMAGED_REBOOT:
		*region_byte(0, 0) ^= 1;
		params->flags |= own32(PURGATORY_REBOOT);
		break;
	case NO_PIECE_SIZE: params->region[1].piece_size = 0; break;
	case SMALL_PIECES: params->region[0].piece_size = own64(1); break;
	case EMPTY_REGION: params->region[1].size = 0; break;
	case WRAPPING_REGION: params->region[1].start = own64(UINT64_MAX - 1); break;
	case HUGE_REGION: params->region[0].size = own64(1ull << 63); break;
	case OVERLAPPING_REGIONS: params->region[1].start = own64(DATA_A + DATA_A_SIZE - 1); break;
	case WRONG_PIECE_COUNT: params->piece_count = own32(own32(params->piece_count) - 1); break;
	case PIECE_DAMAGED:
		remove_regions();
		add_cut_region(DATA_B, DATA_B_SIZE, DATA_B_SIZE, "whole");
		add_cut_region(DATA_A, DATA_A_SIZE, 0x4000, "cut");
		*region_byte(1, 0x8000) ^= 1;
		break;
	case TOO_MANY: params->region_count = own32(PURGATORY_MAX_REGIONS + 1); break;
	case COPY_OF_NOTHING_REBOOT:
		params->flags |= own32(PURGATORY_REBOOT);
		/* fall through */
	case COPY_OF_NOTHING:
		params->copy.source = own64(UNMAPPED);
		params->copy.destination = own64(SCRATCH);
		params->copy.size = own64(100);
		break;
	case UNMAPPED_CONSOLE:
		if (params->serial_kind != PURGATORY_SERIAL_PL011)
			params->serial_kind = own32(PURGATORY_SERIAL_8250_MMIO);
		params->serial_base = own64(UNMAPPED);
		params->flags |= own32(PURGATORY_REBOOT);
		break;
	}
}

void guest_fault(uintptr_t a, uintptr_t b, uintptr_t c)
{
	say("not ok - the guest itself faulted: ");
	say_hex(a);
	say(" ");
	say_hex(b);
	say(" ");
	say_hex(c);
	say("\n");
	power_off();
}

static bool started;

static void run_starter(bool damage)
{
	extern char start[]; /* the guest's first instruction */
	const struct purgatory_header *header = (const void *)images[0].start;
	uint8_t digest[SHA256_SIZE];
	struct start s = {
		.purgatory = images[0].start,
		.place = at(places[0]),
		.kernel = DATA_A,
		.size = DATA_A_SIZE,
		.digest = digest,
		.entry = (uintptr_t)start,
	};

	swapped = header->abi_version != PURGATORY_ABI_VERSION;
	s.room = own32(header->memory_size);
	memset(s.place, 0xa5, s.room);
	digest_of(s.kernel, s.size, digest);
	if (damage)
		*(uint8_t *)at(s.kernel + 4711) ^= 8;

	/* Both come back: a place that is not aligned, and one that is too small. */
	s.place++;
	start_verified(&s);
	s.place--;
	s.room--;
	start_verified(&s);
	s.room++;

	started = true;
	start_verified(&s);
}

void main(void)
{
	uint32_t config = *(volatile uint32_t *)CONFIG_ADDRESS;
	unsigned int test = config & CONFIG_TEST;

	if (started) {
		say("ok - the next kernel was reached\ndone\n");
		power_off();
	}
	if (config & CONFIG_LITTLE_MEMORY)
		memory_end = LITTLE_MEMORY;
	prepare_machine();
	fill(DATA_A, DATA_A_SIZE, 1);
	fill(DATA_B, DATA_B_SIZE, 2);
	if (test == STARTER || test == STARTER_DAMAGED) {
		say("entering purgatory\n");
		run_starter(test == STARTER_DAMAGED);
		say("not ok - the starter came back\n");
	} else if (test) {
		load_first();
		spoil(test);
		spoil_machine(test);
		say("entering purgatory\n");
		enter_purgatory();
		say("not ok - purgatory came back\n");
	} else {
		test_machine();
		say("done\n");
	}
	power_off();
}
