/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86: the exit, in each mode.  The last instructions are written at run time: they load the
 * next kernel's registers as immediate operands, because no register is left for an address.
 * Encodings: Intel SDM volume 2.  doc/purgatory-abi.md describes the state.
 */
#include "purgatory.h"
#include "x86.h"

/* Prefixes: the first byte of each instruction, by mode */
#define REX_W 0x48 /* 64-bit operands; + 1: the register is r8 to r15 */
#define DS_SEGMENT 0x3e /* changes nothing: the instructions use no memory */
#define OPERAND_SIZE 0x66 /* 32-bit operands in 16-bit code */
#define MOV_IMMEDIATE 0xb8 /* | register */
#define MOV_AX_TO_SEGMENT 0xc08e /* | segment register << 11 */
#define JMP_FAR 0xea
#define JMP_TO_NEXT_8_BYTES 0x25ff /* and four bytes of 0 */

#define CS 1

#define REAL_MODE_IDT_LIMIT 0x3ff

/* entry*.S uses both after write_exit(). */
uint8_t exit_code[256] __attribute__((aligned(16)));
uint64_t exit_gdt[GDT_SIZE / 8];

/* Always writes 8 bytes.  The next call overwrites the bytes after `size`. */
static uint8_t *put(uint8_t *to, uint64_t value, unsigned int size)
{
	__builtin_memcpy(to, &value, sizeof(value));
	return to + size;
}

/* Programs interrupt controllers and timer as firmware does, because a BIOS relies on both. */
static void reset_legacy_devices(void)
{
	static const uint8_t writes[][2] = {
		{ 0x20, 0x11 }, { 0x21, 0x08 }, { 0x21, 0x04 }, { 0x21, 0x01 }, /* vectors 0x08.. */
		{ 0xa0, 0x11 }, { 0xa1, 0x70 }, { 0xa1, 0x02 }, { 0xa1, 0x01 }, /* vectors 0x70.. */
		{ 0x21, 0x00 }, { 0xa1, 0x00 }, /* no interrupt is masked */
		{ 0x43, 0x36 }, { 0x40, 0x00 }, { 0x40, 0x00 }, /* 18.2 Hz */
	};
	unsigned int i;

	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		outb(writes[i][0], writes[i][1]);
		outb(0x80, 0); /* old controllers need a pause */
	}
}

static uint8_t *put_real_mode(uint8_t *p, const uint16_t *segment)
{
	size_t size = (uintptr_t)to_real_mode_end - (uintptr_t)to_real_mode;
	unsigned int i;

	memcpy(p, to_real_mode, size);
	p += size;
	p = put(p, (uintptr_t)exit_code >> 4, 2);
	for (i = 0; i < 6; i++)
		if (i != CS)
			p = put(p,
				MOV_IMMEDIATE | (uint32_t)segment[i] << 8 |
					(uint64_t)(MOV_AX_TO_SEGMENT | i << 11) << 24,
				5);
	return p;
}

bool write_exit(const struct purgatory_x86_state *state)
{
	uint32_t mode = state->mode;
	bool stay = HAS_LONG_MODE && mode == PURGATORY_X86_LONG_MODE,
	     real = mode == PURGATORY_X86_REAL_MODE;
	unsigned int i, registers = stay ? 16 : 8, word = stay ? 8 : 4;
	unsigned int prefix = stay ? REX_W : real ? OPERAND_SIZE : DS_SEGMENT;
	uint8_t *p = exit_code;

	memcpy(exit_gdt, gdt_below_4g, sizeof(exit_gdt));
	exit_gdt[REAL_MODE_CODE / 8] |= (uint64_t)(uintptr_t)exit_code << 16;
	if (real) {
		reset_legacy_devices();
		p = put_real_mode(p, state->segment);
	}
	for (i = 0; i < registers; i++) {
		uint64_t value = state->reg[i];

		if (i == PURGATORY_X86_RSP && !value && !real)
			value = (uintptr_t)stack_end;
		p = put(p, (prefix + (i >> 3)) | (MOV_IMMEDIATE | (i & 7)) << 8, 2);
		p = put(p, value, word);
	}
	p = stay ? put(p, JMP_TO_NEXT_8_BYTES, 6) : put(p, prefix | JMP_FAR << 8, 2);
	p = put(p, state->ip, word);
	put(p, real ? state->segment[CS] : CODE_SELECTOR, 2);
	/* As after a kexec without purgatory. The next kernel may overwrite purgatory's handlers. */
	load_idt(NULL, real ? REAL_MODE_IDT_LIMIT : 0);
	return stay;
}
