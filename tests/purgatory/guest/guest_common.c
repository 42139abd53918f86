/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest_common.h"
#include "starter.h"

const struct image *image;
uint64_t base;
struct purgatory_params *params;
bool swapped;
const char *mode = "";

static unsigned int failures;

/* Not __builtin_bswap64(), which may be a function of libgcc's. */
uint64_t own64(uint64_t value)
{
	uint64_t reversed = 0;
	int i;

	for (i = 0; i < 64; i += 8)
		reversed = reversed << 8 | (value >> i & 0xff);
	return swapped ? reversed : value;
}

uint32_t own32(uint32_t value)
{
	return swapped ? (uint32_t)own64((uint64_t)value << 32) : value;
}

void *at(uint64_t address)
{
	uintptr_t value = (uintptr_t)address;

	__asm__("" : "+r"(value));
	return (void *)value;
}

void *memcpy(void *to, const void *from, size_t size)
{
	uint8_t *d = to;
	const uint8_t *s = from;

	while (size--)
		*d++ = *s++;
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	uint8_t *d = to;

	while (size--)
		*d++ = (uint8_t)byte;
	return to;
}

bool same(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	while (size--)
		if (*x++ != *y++)
			return false;
	return true;
}

int memcmp(const void *a, const void *b, size_t size)
{
	return !same(a, b, size);
}

void say_hex(uint64_t value)
{
	char text[2 + 2 * sizeof(uintptr_t) + 1] = "0x";
	size_t i;

	for (i = sizeof(text) - 2; i > 1; i--, value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
	say(text);
}

void expect(bool good, const char *what, uint64_t got, uint64_t wanted)
{
	if (good)
		return;
	failures++;
	say("# ");
	say(what);
	say(": ");
	say_hex(got);
	say(", wanted ");
	say_hex(wanted);
	say("\n");
}

void expect_equal(const char *what, uint64_t got, uint64_t wanted)
{
	expect(got == wanted, what, got, wanted);
}

void result(const char *name)
{
	say(failures ? "not ok - " : "ok - ");
	say(image->name);
	say(" at ");
	say_hex(base);
	say(mode);
	say(": ");
	say(name);
	say("\n");
	failures = 0;
}

void fill(uint64_t address, uint64_t size, uint32_t seed)
{
	uint8_t *p = at(address);

	while (size--) {
		seed = seed * 1664525 + 1013904223;
		*p++ = (uint8_t)(seed >> 24);
	}
}

void digest_of(uint64_t start, uint64_t size, uint8_t digest[SHA256_SIZE])
{
	struct sha256_engine engine;
	struct sha256 ctx;

	sha256_portable(&engine);
	sha256_init(&ctx);
	sha256_update(&ctx, &engine, at(start), size);
	sha256_final(&ctx, &engine, digest);
}

void sha256(const void *data, size_t size, uint8_t digest[SHA256_SIZE])
{
	digest_of((uintptr_t)data, size, digest);
}

void put_image(const struct image *which, uint64_t address)
{
	const struct purgatory_header *header = (const void *)which->start;
	size_t size = (size_t)(which->end - which->start);

	unseal();
	image = which;
	base = address;
	swapped = header->abi_version != PURGATORY_ABI_VERSION;
	memset(at(base), 0xa5, own32(header->memory_size));
	memcpy(at(base), which->start, size);
	expect_equal("image_size", own32(header->image_size), size);
	params = at(base + own32(header->params_offset));
}

void move_image(uint64_t address)
{
	const struct purgatory_header *header = (const void *)image->start;
	size_t size = own32(header->memory_size);

	memcpy(at(address), at(base), size);
	memset(at(base), 0xa5, size);
	base = address;
	params = at(base + own32(header->params_offset));
}

void remove_regions(void)
{
	params->region_count = 0;
	params->piece_count = 0;
}

void add_cut_region(uint64_t start, uint64_t size, uint64_t piece_size, const char *name)
{
	uint32_t count = own32(params->region_count), piece = own32(params->piece_count);
	struct purgatory_region *r = &params->region[count];
	uint64_t done;
	size_t i;

	params->region_count = own32(count + 1);
	r->start = own64(start);
	r->size = own64(size);
	r->piece_size = own64(piece_size);
	for (i = 0; i < PURGATORY_NAME_SIZE - 1 && name[i]; i++)
		r->name[i] = name[i];
	r->name[i] = '\0';
	for (done = 0; done < size; done += piece_size)
		digest_of(start + done, size - done < piece_size ? size - done : piece_size,
			  params->piece_digest[piece++]);
	params->piece_count = own32(piece);
}

void add_region(uint64_t start, uint64_t size, const char *name)
{
	add_cut_region(start, size, size, name);
}

static bool sealed;

void unseal(void)
{
	sealed = false;
}

void seal(void)
{
	if (sealed)
		return;
	sealed = true;
	memset(params->digest, 0, SHA256_SIZE);
	digest_of(base, (uint64_t)(image->end - image->start), params->digest);
}

void expect_intact(void)
{
	uint8_t found[SHA256_SIZE];
	uint32_t i, piece = 0;

	for (i = 0; i < own32(params->region_count); i++) {
		const struct purgatory_region *r = &params->region[i];
		uint64_t size = own64(r->size), most = own64(r->piece_size), done;

		for (done = 0; done < size; done += most) {
			digest_of(own64(r->start) + done, size - done < most ? size - done : most,
				  found);
			expect_equal("piece intact",
				     same(found, params->piece_digest[piece++], SHA256_SIZE), 1);
		}
	}
}
