/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390x: the console of the service element.  It accepts whole lines, in EBCDIC for
 * the operating system messages and in ASCII for the integrated terminal.  Each line goes
 * to both, if they exist.  Linux, drivers/s390/char, describes the blocks.
 */
#include "purgatory.h"
#include "s390x.h"

/* Commands, and the response to a completed command */
#define WRITE_EVENT_MASK 0x00780005
#define WRITE_EVENT_DATA 0x00760005
#define DONE 0x0020

/* Event types, and their bits in a mask */
#define MESSAGE 0x02
#define TERMINAL 0x1a
#define EVENT_MASK(type) (1u << (32 - (type)))

#define EXTERNAL_SERVICE_SIGNAL 0x2401

#define TIMEOUT (5000 * TOD_PER_MS)
#define LINE_SIZE 160

/* After the lowcore, in memory that a crash kernel does not use before it has started. */
#define BORROWED 0x2000

struct event {
	uint16_t length;
	uint8_t type;
	uint8_t flags;
	uint16_t reserved;
};

/* A message data block of two objects: a general one and one line of text. */
struct message {
	struct {
		uint16_t length;
		uint16_t type;
		uint32_t tag;
		uint32_t revision;
	} header;
	struct {
		uint16_t length;
		uint16_t type;
		uint8_t unused[52];
	} general;
	struct {
		uint16_t length;
		uint16_t type;
		uint16_t flags;
		uint8_t unused[4];
		uint8_t line[LINE_SIZE];
	} text;
} __attribute__((packed));

/* May not cross a page, and must lie below 2 GiB. */
struct sccb {
	uint16_t length;
	uint8_t function;
	uint8_t control[3];
	uint16_t response;
	union {
		struct {
			uint16_t reserved;
			uint16_t size; /* of a mask */
			uint32_t receive, send; /* events of this program */
			uint32_t sclp_receive, sclp_send; /* events of the service element */
		} mask;
		struct {
			struct event event;
			union {
				struct message message;
				uint8_t terminal[LINE_SIZE + 2];
			};
		} __attribute__((packed)) data;
	};
} __attribute__((packed));

_Static_assert(offsetof(struct sccb, data.message.text.line) == 8 + 6 + 12 + 56 + 10, "line");

/* Fields that interruptions overwrite.  The crashed kernel's values belong to its dump. */
struct lowcore {
	uint64_t params;
	struct psw old, new;
};

static struct sccb sccb __attribute__((aligned(4096)));
/* Saved contents of BORROWED, which contains the block if purgatory is above 2 GiB. */
static struct sccb borrowed;
static char line[LINE_SIZE];
static unsigned int used;
static uint32_t events; /* mask of types that the service element accepts */
static bool asked, taken, broken;

/* From ' ' to '~', in code page 500 */
static const uint8_t ebcdic[] = "\x40\x4f\x7f\x7b\x5b\x6c\x50\x7d\x4d\x5d\x5c\x4e\x6b\x60\x4b\x61"
				"\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\x7a\x5e\x4c\x7e\x6e\x6f"
				"\x7c\xc1\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xd1\xd2\xd3\xd4\xd5\xd6"
				"\xd7\xd8\xd9\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\x4a\xe0\x5a\x5f\x6d"
				"\x79\x81\x82\x83\x84\x85\x86\x87\x88\x89\x91\x92\x93\x94\x95\x96"
				"\x97\x98\x99\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xc0\xbb\xd0\xa1";

/* Returns the condition code: 0 accepted, 2 busy, 3 no service element */
static unsigned int service_call(uint32_t command, struct sccb *block)
{
	uint64_t cc;

	__asm__ volatile(".insn rre,0xb2200000,%1,%2\n\t"
			 "ipm %0\n\t"
			 "srlg %0,%0,28"
			 : "=d"(cc)
			 : "d"((uint64_t)command), "a"(block)
			 : "cc", "memory");
	return cc & 3;
}

static bool signalled(const struct sccb *block)
{
	const uint32_t *params = real(LC_EXT_PARAMS);
	const uint16_t *code = real(LC_EXT_CODE);

	return *code == EXTERNAL_SERVICE_SIGNAL && (*params & ~7u) == (uintptr_t)block;
}

/* A request of the kernel may be in progress, and its interruption may come first. */
static bool issue(uint32_t command, struct sccb *block)
{
	uint64_t start = tod();
	unsigned int cc;

	while ((cc = service_call(command, block)) == 2 && tod() - start < TIMEOUT)
		wait_external(10 * TOD_PER_MS);
	if (cc)
		return false;
	while (tod() - start < TIMEOUT)
		if (wait_external(TIMEOUT) && signalled(block))
			return true;
	return false;
}

/* Enables the service signal, and restores the fields that interruptions overwrite. */
static bool issue_alone(uint32_t command, struct sccb *block)
{
	uint64_t cr0 = read_cr0(), *params = real(LC_EXT_PARAMS);
	struct psw *old = real(LC_EXT_OLD), *new = real(LC_EXT_NEW);
	struct lowcore saved;
	bool done;

	write_cr0(open_cr0(cr0));
	saved = (struct lowcore){ *params, *old, *new };
	done = issue(command, block);
	*params = saved.params;
	*old = saved.old;
	*new = saved.new;
	write_cr0(cr0);
	return done;
}

static bool request(uint32_t command)
{
	bool beyond = (uintptr_t)&sccb >> 31;
	struct sccb *block = beyond ? real(BORROWED) : &sccb;

	if (broken)
		return false;
	if (beyond) {
		borrowed = *block;
		*block = sccb;
	}
	broken = !issue_alone(command, block);
	if (beyond) {
		sccb = *block;
		*block = borrowed;
	}
	return !broken && sccb.response == DONE;
}

static void write_mask(uint32_t send)
{
	memset(&sccb, 0, sizeof(sccb));
	sccb.length = 8 + sizeof(sccb.mask);
	sccb.mask.size = sizeof(sccb.mask.send);
	sccb.mask.send = send;
	events = request(WRITE_EVENT_MASK) ? sccb.mask.sclp_receive : 0;
}

void sclp_borrow(void)
{
	asked = true;
	events = EVENT_MASK(MESSAGE) | EVENT_MASK(TERMINAL);
}

void sclp_close(void)
{
	if (taken)
		write_mask(0);
}

static void begin(uint8_t type)
{
	memset(&sccb, 0, sizeof(sccb));
	sccb.data.event.type = type;
}

static void finish(size_t size)
{
	sccb.data.event.length = (uint16_t)(sizeof(struct event) + size);
	sccb.length = (uint16_t)(8 + sccb.data.event.length);
	request(WRITE_EVENT_DATA);
}

static void send_message(void)
{
	struct message *m = &sccb.data.message;
	size_t unused = LINE_SIZE - used;
	unsigned int i;

	begin(MESSAGE);
	m->header.length = (uint16_t)(sizeof(*m) - unused);
	m->header.type = 1;
	m->header.tag = 0xd4c4c240; /* "MDB " */
	m->header.revision = 1;
	m->general.length = sizeof(m->general);
	m->general.type = 1;
	m->text.length = (uint16_t)(sizeof(m->text) - unused);
	m->text.type = 4;
	m->text.flags = 0x1000; /* the end of the text */
	for (i = 0; i < used; i++)
		m->text.line[i] = line[i] >= ' ' && line[i] <= '~' ? ebcdic[line[i] - ' ']
								   : ebcdic['?' - ' '];
	finish(sizeof(*m) - unused);
}

static void send_terminal(void)
{
	begin(TERMINAL);
	memcpy(sccb.data.terminal, line, used);
	sccb.data.terminal[used] = '\r';
	sccb.data.terminal[used + 1] = '\n';
	finish(used + 2);
}

static void send_line(void)
{
	if (!asked) {
		asked = taken = true;
		write_mask(EVENT_MASK(MESSAGE) | EVENT_MASK(TERMINAL));
	}
	if (events & EVENT_MASK(MESSAGE))
		send_message();
	if (events & EVENT_MASK(TERMINAL))
		send_terminal();
	used = 0;
}

void arch_putchar(char c)
{
	if (purgatory_params.serial_kind != PURGATORY_SERIAL_SCLP)
		return;
	if (c != '\n')
		line[used++] = c;
	if (c == '\n' || used == LINE_SIZE)
		send_line();
}

void arch_console_flush(void)
{
	if (used)
		send_line();
}
