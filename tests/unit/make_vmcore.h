/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small dumps of kernels that never ran: a VMCOREINFO note and one page range
 * that holds a log in one of its three formats.  All logs say the same things.
 */
#ifndef TESTS_MAKE_VMCORE_H
#define TESTS_MAKE_VMCORE_H

#include <stdarg.h>
#include <stdio.h>

#include "example.h"
#include "make_elf.h"

enum vmcore_kind { KIND_BYTES, KIND_RECORDS, KIND_LOCKLESS, KINDS };

enum {
	CORE_NOTE = 0x100, /* file offset of the note */
	CORE_TEXT = CORE_NOTE + 12 + 12, /* and of what it says */
	CORE_LOAD = 0xa00, /* file offset of the memory */
	CORE_MEMORY = 0x700, /* its size */
	/* Offsets in the memory. */
	AT_POINTER = 0x10, /* prb or log_buf */
	AT_U32 = 0x20, /* three numbers of 4 bytes */
	AT_PRB = 0x40,
	AT_DESCS = 0x100,
	AT_INFOS = 0x200,
	AT_BUF = 0x600,
	/* The lockless log. */
	DESC_COUNT = 8,
	INFO_SIZE = 40,
	INFO_SEQ = 8, /* not where real kernels have them */
	INFO_TIME = 0,
	INFO_TEXT_LEN = 20,
	INFO_CALLER = 24,
	DATA_SIZE = 0x100,
	/* The log of records. */
	RECORD_SIZE = 16,
	RECORDS_SIZE = 0x100,
};

struct made_core {
	struct made_elf elf;
	enum vmcore_kind kind;
	size_t word;
	uint64_t base; /* virtual address of the memory */
	size_t text_size;
	const char *without; /* a line of VMCOREINFO to leave out */
};

static inline void core_line(struct made_core *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static inline void core_line(struct made_core *c, const char *fmt, ...)
{
	char line[128];
	va_list ap;
	size_t size;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	size = strlen(line);
	if (c->without && !strncmp(line, c->without, strlen(c->without)))
		return;
	line[size++] = '\n';
	memcpy(c->elf.data + CORE_TEXT + c->text_size, line, size);
	c->text_size += size;
}

static inline void core_put(struct made_core *c, size_t at, size_t size, uint64_t value)
{
	made_put(&c->elf, CORE_LOAD + at, size, value);
}

static inline void core_word(struct made_core *c, size_t at, uint64_t value)
{
	core_put(c, at, c->word, value);
}

static inline void core_symbol(struct made_core *c, const char *name, size_t at)
{
	core_line(c, "SYMBOL(%s)=%llx", name, (unsigned long long)(c->base + at));
}

static inline void core_level(struct made_core *c, size_t at, unsigned int level)
{
	core_put(c, at, 1, c->elf.order == ORDER_LE ? 1 | level << 5 : 1 << 3 | level);
}

/* One descriptor with its info and block; the text lies at index at of the data ring. */
static inline void core_desc(struct made_core *c, uint64_t id, unsigned int state, uint64_t begin,
			     uint64_t next, size_t at, const char *text, uint64_t ns)
{
	size_t desc = AT_DESCS + (id % DESC_COUNT) * 4 * c->word;
	size_t info = AT_INFOS + (id % DESC_COUNT) * INFO_SIZE;

	core_word(c, desc + c->word, (uint64_t)state << (c->word * 8 - 2) | id);
	core_word(c, desc + 2 * c->word, next);
	core_word(c, desc + 3 * c->word, begin);
	core_put(c, info + INFO_SEQ, 8, id % DESC_COUNT + 100);
	core_put(c, info + INFO_TIME, 8, ns);
	core_put(c, info + INFO_TEXT_LEN, 2, strlen(text));
	core_put(c, info + INFO_TEXT_LEN + 2, 1, id % DESC_COUNT);
	core_level(c, info + INFO_TEXT_LEN + 3, 6);
	core_put(c, info + INFO_CALLER, 4, id % 2 ? 0x80000003 : 42);
	if (!*text)
		return;
	core_word(c, AT_BUF + at, id);
	memcpy(c->elf.data + CORE_LOAD + AT_BUF + at + c->word, text, strlen(text));
}

static inline void core_lockless_lines(struct made_core *c)
{
	int w = (int)c->word;

	core_symbol(c, "prb", AT_POINTER);
	core_line(c, "SIZE(printk_ringbuffer)=%d", 20 * w);
	core_line(c, "OFFSET(printk_ringbuffer.desc_ring)=%d", w);
	core_line(c, "OFFSET(printk_ringbuffer.text_data_ring)=%d", 8 * w);
	core_line(c, "OFFSET(prb_desc_ring.count_bits)=%d", 0);
	core_line(c, "OFFSET(prb_desc_ring.descs)=%d", w);
	core_line(c, "OFFSET(prb_desc_ring.infos)=%d", 2 * w);
	core_line(c, "OFFSET(prb_desc_ring.head_id)=%d", 2 * w);
	core_line(c, "OFFSET(prb_desc_ring.tail_id)=%d", 3 * w);
	core_line(c, "SIZE(prb_desc)=%d", 4 * w);
	core_line(c, "OFFSET(prb_desc.state_var)=%d", 0);
	core_line(c, "OFFSET(prb_desc.text_blk_lpos)=%d", 2 * w);
	core_line(c, "OFFSET(prb_data_blk_lpos.begin)=%d", w);
	core_line(c, "OFFSET(prb_data_blk_lpos.next)=%d", 0);
	core_line(c, "SIZE(printk_info)=%d", INFO_SIZE);
	core_line(c, "OFFSET(printk_info.seq)=%d", INFO_SEQ);
	core_line(c, "OFFSET(printk_info.ts_nsec)=%d", INFO_TIME);
	core_line(c, "OFFSET(printk_info.text_len)=%d", INFO_TEXT_LEN);
	core_line(c, "OFFSET(printk_info.caller_id)=%d", INFO_CALLER);
	core_line(c, "OFFSET(prb_data_ring.size_bits)=%d", w);
	core_line(c, "OFFSET(prb_data_ring.data)=%d", 2 * w);
	core_line(c, "OFFSET(atomic_long_t.counter)=%d", w);
}

/*
 * Ids and positions overflow on the way, as they soon do in every kernel.  In
 * turn: reusable, committed, finalized, without data, wrapped, one that ends
 * with the ring, reserved.
 */
static inline void core_lockless(struct made_core *c)
{
	uint64_t all = c->word == 8 ? UINT64_MAX : UINT32_MAX, mask = all >> 2;
	uint64_t ring = all - DATA_SIZE + 1, tail = mask - 2;
	size_t w = c->word;

	core_lockless_lines(c);
	core_word(c, AT_POINTER, c->base + AT_PRB);
	core_put(c, AT_PRB + w, 4, 3);
	core_word(c, AT_PRB + 2 * w, c->base + AT_DESCS);
	core_word(c, AT_PRB + 3 * w, c->base + AT_INFOS);
	core_word(c, AT_PRB + 4 * w, (tail + 6) & mask);
	core_word(c, AT_PRB + 5 * w, tail);
	core_put(c, AT_PRB + 9 * w, 4, 8);
	core_word(c, AT_PRB + 10 * w, c->base + AT_BUF);

	core_desc(c, tail, 3, 1, 1, 0, "", 0);
	core_desc(c, tail + 1, 1, ring + 32, ring + 64, 32, "one", 1000002999);
	core_desc(c, tail + 2, 2, ring + 64, ring + 96, 64, "two\nlines\x01\xc3\xa9",
		  12345678901234);
	core_desc(c, (tail + 3) & mask, 2, 3, 3, 0, "", 2000000000);
	core_desc(c, (tail + 4) & mask, 2, ring + 248, 32, 0, "wrapped", 3000000000);
	core_desc(c, (tail + 5) & mask, 2, ring + 224, 0, 224, "last \"one\"", 4000000000);
	core_desc(c, (tail + 6) & mask, 0, 0, 32, 0, "", 0);
}

static inline size_t core_record(struct made_core *c, size_t at, const char *text, uint64_t ns)
{
	size_t size = (RECORD_SIZE + strlen(text) + 7) & ~(size_t)3; /* and a dictionary */

	core_put(c, AT_BUF + at, 8, ns);
	core_put(c, AT_BUF + at + 8, 2, size);
	core_put(c, AT_BUF + at + 10, 2, strlen(text));
	core_put(c, AT_BUF + at + 12, 2, 1);
	core_put(c, AT_BUF + at + 14, 1, 3);
	core_level(c, AT_BUF + at + 15, 6);
	memcpy(c->elf.data + CORE_LOAD + AT_BUF + at + RECORD_SIZE, text, strlen(text));
	return at + size;
}

static inline void core_records(struct made_core *c)
{
	size_t at = 128;

	core_symbol(c, "log_buf", AT_POINTER);
	core_symbol(c, "log_buf_len", AT_U32);
	core_symbol(c, "log_first_idx", AT_U32 + 4);
	core_symbol(c, "log_next_idx", AT_U32 + 8);
	core_line(c, "SIZE(printk_log)=%d", RECORD_SIZE);
	core_line(c, "OFFSET(printk_log.ts_nsec)=0");
	core_line(c, "OFFSET(printk_log.len)=8");
	core_line(c, "OFFSET(printk_log.text_len)=10");
	core_line(c, "OFFSET(printk_log.dict_len)=12");
	core_word(c, AT_POINTER, c->base + AT_BUF);
	core_put(c, AT_U32, 4, RECORDS_SIZE);
	core_put(c, AT_U32 + 4, 4, at);

	at = core_record(c, at, "one", 1000002999);
	at = core_record(c, at, "two\nlines\x01\xc3\xa9", 12345678901234);
	at = core_record(c, at, "", 2000000000);
	core_put(c, AT_BUF + at, 8, 5000000000); /* of length 0: go on at the start */
	at = core_record(c, 0, "wrapped", 3000000000);
	at = core_record(c, at, "last \"one\"", 4000000000);
	core_put(c, AT_U32 + 8, 4, at);
}

static inline void core_bytes(struct made_core *c)
{
	static const char log[] = "<6>[    1.000002] one\n<30>[12345.678901] two\n"
				  "lines\x01\xc3\xa9\n<4>no time\n";
	size_t size = 64, end = sizeof(log) - 1, i;

	core_symbol(c, "log_buf", AT_POINTER);
	core_symbol(c, "log_end", AT_U32);
	core_symbol(c, "log_buf_len", AT_U32 + 4);
	core_symbol(c, "logged_chars", AT_U32 + 8);
	core_word(c, AT_POINTER, c->base + AT_BUF);
	core_put(c, AT_U32, 4, end);
	core_put(c, AT_U32 + 4, 4, size);
	for (i = 0; i < end; i++)
		core_put(c, AT_BUF + i % size, 1, (uint8_t)log[i]);
}

/* Puts lengths into the headers once everything is there; returns the file. */
static inline struct bytes core_finish(struct made_core *c)
{
	static const char name[] = "VMCOREINFO";

	made_put(&c->elf, CORE_NOTE, 4, sizeof(name));
	made_put(&c->elf, CORE_NOTE + 4, 4, c->text_size);
	memcpy(c->elf.data + CORE_NOTE + 12, name, sizeof(name));
	made_phdr(&c->elf, 0, PT_NOTE, CORE_NOTE, 0, CORE_LOAD - CORE_NOTE, 0);
	made_phdr(&c->elf, 1, PT_LOAD, CORE_LOAD, c->base, CORE_MEMORY, CORE_MEMORY);
	return made_bytes(&c->elf);
}

/* without: how a line of VMCOREINFO begins that is left out, or NULL. */
static inline struct made_core *made_core(enum vmcore_kind kind, bool is64, enum byte_order order,
					  const char *without)
{
	struct made_core *c = calloc(1, sizeof(*c));

	c->kind = kind;
	c->without = without;
	c->word = is64 ? 8 : 4;
	c->base = is64 ? 0xffffffff81000000 : 0xc1000000;
	c->elf.is64 = is64;
	c->elf.order = order;
	c->elf.size = CORE_LOAD + CORE_MEMORY;
	made_ehdr(&c->elf, ET_CORE, is64 ? EXAMPLE_BE64 : EM_PPC);
	core_line(c, "OSRELEASE=6.1.0-made");
	switch (kind) {
	case KIND_BYTES: core_bytes(c); break;
	case KIND_RECORDS: core_records(c); break;
	default: core_lockless(c);
	}
	core_line(c, "CRASHTIME=1700000000");
	core_finish(c);
	return c;
}

#endif
