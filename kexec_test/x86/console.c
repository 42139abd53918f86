/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output functions that the reports of all tables use. */
#include "payload.h"

#include "sha256.h"

#define MAX_TEXT 65536
#define END_WORD "kexec_test.end="

/* purgatory/print.c */
void format_hex(char *out, uint64_t value, unsigned int digits);
void arch_putchar(char c);

enum ending ending;

void arch_putchar(char c)
{
	console_write(c);
}

void print_hex(uint64_t value, unsigned int digits)
{
	char text[17];

	format_hex(text, value, digits);
	text[digits] = '\0';
	print("%s", text);
}

void print_register(uint64_t value, unsigned int digits)
{
	char text[17];
	unsigned int i;

	format_hex(text, value, digits);
	for (i = 0; i < digits; i++)
		console_write((char)(text[i] >= 'a' ? text[i] - 'a' + 'A' : text[i]));
}

void print_field(const char *name, uint64_t value, unsigned int digits)
{
	print("%s: ", name);
	print_hex(value, digits);
	print("\n");
}

void print_text(const uint8_t *p, uint64_t size)
{
	for (; size && *p; p++, size--) {
		if (*p >= ' ' && *p < 0x7f) {
			console_write((char)*p);
			continue;
		}
		print("\\x");
		print_hex(*p, 2);
	}
}

/* Finds the string's bytes up to its end, MAX_TEXT at most. */
static bool find_string(uint64_t address, const uint8_t **p, uint64_t *size)
{
	const uint8_t *next;

	if (!peek(address, 1, p))
		return false;
	for (*size = 0; *size < MAX_TEXT && (*p)[*size]; ++*size)
		/* The next page may be missing. */
		if ((address + *size + 1) % 4096 == 0 && !peek(address + *size + 1, 1, &next))
			break;
	return true;
}

bool print_string(uint64_t address)
{
	uint64_t size;
	const uint8_t *p;
	bool found = find_string(address, &p, &size);

	if (found)
		print_text(p, size);
	return found;
}

static bool has_word(const uint8_t *p, uint64_t size, const char *word)
{
	uint64_t at, i;

	for (at = 0; at < size; at++) {
		for (i = 0; word[i] && at + i < size && p[at + i] == (uint8_t)word[i]; i++)
			;
		if (!word[i] && (!at || p[at - 1] == ' ') && (at + i == size || p[at + i] == ' '))
			return true;
	}
	return false;
}

void print_command_line(uint64_t address)
{
	uint64_t size;
	const uint8_t *p;

	print("command line at 0x%llx: ", (unsigned long long)address);
	if (!find_string(address, &p, &size))
		return;
	print_text(p, size);
	print("\n");
	if (has_word(p, size, END_WORD "reset"))
		ending = END_RESET;
	if (has_word(p, size, END_WORD "exit"))
		ending = END_EXIT;
}

static void print_range(uint64_t start, uint64_t size)
{
	print_hex(start, 16);
	print("-");
	print_hex(start + size - 1, 16);
}

void print_memory(uint64_t start, uint64_t size, uint32_t type)
{
	print("memory: ");
	print_range(start, size);
	print(" type %u\n", type);
}

void print_contents(uint64_t start, uint64_t size)
{
	uint8_t digest[SHA256_SIZE];
	struct sha256_engine engine;
	struct sha256 sum;
	const uint8_t *p;
	unsigned int i;

	if (!size) {
		print("nothing at 0x%llx", (unsigned long long)start);
		return;
	}
	print_range(start, size);
	print(" ");
	if (!peek(start, size, &p))
		return;
	sha256_portable(&engine);
	sha256_init(&sum);
	sha256_update(&sum, &engine, p, (size_t)size);
	sha256_final(&sum, &engine, digest);
	print("sha256 ");
	for (i = 0; i < sizeof(digest); i++)
		print_hex(digest[i], 2);
}
