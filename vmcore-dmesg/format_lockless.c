/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log as a ring of descriptors and a ring of text blocks, to which the kernel writes
 * without locks (kernel/printk/printk_ringbuffer.c, from Linux 5.10 on).
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "log_reader.h"
#include "status.h"

/* LOG_BUF_MAX / 32: the kernel reckons with 32 bytes of text per record. */
#define MAX_COUNT_BITS 26u
#define MAX_SIZE_BITS 31u
/* Only a few descriptors can be in the hands of a writer.  This many mean a damaged log. */
#define MAX_STRANGE 65536u

/*
 * Both positions of a record without a block have bit 0 set.  They are 3 if the
 * text is empty, and another number if the text was lost.
 */
#define LPOS_NO_DATA 1u

enum state { STATE_RESERVED, STATE_COMMITTED, STATE_FINALIZED, STATE_REUSABLE };

/* Sizes and offsets in the crashed kernel, from VMCOREINFO. */
struct layout {
	uint64_t desc_size, info_size;
	uint64_t desc_ring, text_ring;
	uint64_t count_bits, descs, infos, head_id, tail_id;
	uint64_t size_bits, data;
	uint64_t counter;
	uint64_t state_var, text_lpos, lpos_begin, lpos_next;
	uint64_t seq, caller_id, ts_nsec, text_len;
};

struct ring {
	struct layout layout;
	uint64_t count; /* number of descriptors, a power of two */
	uint64_t descs, infos; /* addresses of the arrays */
	uint64_t head, tail; /* ids */
	uint64_t id_mask; /* the top two bits of a word are a state */
	uint64_t data, size; /* address and size of the text ring; size is a power of two */
	uint64_t strange;
	uint64_t printed;
	uint64_t text; /* bytes of text printed; a byte of the ring belongs to one record */
};

static int read_layout(struct dmesg *d, struct layout *layout)
{
#define AT(field) offsetof(struct layout, field)
	static const struct {
		const char *key;
		size_t at;
		int status;
	} lines[] = {
		{ "SIZE(prb_desc)", AT(desc_size), STATUS_LAYOUT_SIZE },
		{ "SIZE(printk_info)", AT(info_size), STATUS_LAYOUT_SIZE },
		{ "OFFSET(printk_ringbuffer.desc_ring)", AT(desc_ring), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(printk_ringbuffer.text_data_ring)", AT(text_ring), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_desc_ring.count_bits)", AT(count_bits), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_desc_ring.descs)", AT(descs), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_desc_ring.infos)", AT(infos), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_desc_ring.head_id)", AT(head_id), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_desc_ring.tail_id)", AT(tail_id), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_data_ring.size_bits)", AT(size_bits), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_data_ring.data)", AT(data), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(atomic_long_t.counter)", AT(counter), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_desc.state_var)", AT(state_var), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_desc.text_blk_lpos)", AT(text_lpos), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_data_blk_lpos.begin)", AT(lpos_begin), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(prb_data_blk_lpos.next)", AT(lpos_next), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(printk_info.seq)", AT(seq), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(printk_info.caller_id)", AT(caller_id), STATUS_LAYOUT_LENGTH },
		{ "OFFSET(printk_info.ts_nsec)", AT(ts_nsec), STATUS_LAYOUT_TIME },
		{ "OFFSET(printk_info.text_len)", AT(text_len), STATUS_LAYOUT_TEXT_LENGTH },
	};
#undef AT

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (vmcoreinfo_number(&d->info, lines[i].key,
				      (uint64_t *)((char *)layout + lines[i].at)))
			continue;
		return vmcore_error(d->ctx, d->core, lines[i].status, -ENOENT,
				    "VMCOREINFO has no line %s=", lines[i].key);
	}
	return 0;
}

static int check_bits(struct dmesg *d, const char *name, uint64_t bits, unsigned int max)
{
	if (bits <= max)
		return 0;
	return vmcore_error(d->ctx, d->core, STATUS_LAYOUT_SIZE, -EINVAL,
			    "%s of the log is %" PRIu64 ", more than %u", name, bits, max);
}

static int read_ring(struct dmesg *d, struct ring *ring)
{
	const struct layout *l = &ring->layout;
	uint64_t prb_at, prb, count_bits, size_bits;

	if (dmesg_symbol(d, "prb", STATUS_LAYOUT_SIZE, &prb_at) || read_layout(d, &ring->layout) ||
	    dmesg_word(d, "prb", prb_at, &prb) ||
	    dmesg_u32(d, "count_bits", prb + l->desc_ring + l->count_bits, &count_bits) ||
	    dmesg_word(d, "descs", prb + l->desc_ring + l->descs, &ring->descs) ||
	    dmesg_word(d, "infos", prb + l->desc_ring + l->infos, &ring->infos) ||
	    dmesg_word(d, "head_id", prb + l->desc_ring + l->head_id + l->counter, &ring->head) ||
	    dmesg_word(d, "tail_id", prb + l->desc_ring + l->tail_id + l->counter, &ring->tail) ||
	    dmesg_u32(d, "size_bits", prb + l->text_ring + l->size_bits, &size_bits) ||
	    dmesg_word(d, "data", prb + l->text_ring + l->data, &ring->data) ||
	    check_bits(d, "count_bits", count_bits, MAX_COUNT_BITS) ||
	    check_bits(d, "size_bits", size_bits, MAX_SIZE_BITS))
		return d->ctx->err.code;
	ring->id_mask = UINT64_MAX >> (64 - d->core->word_size * 8 + 2);
	ring->head &= ring->id_mask;
	ring->tail &= ring->id_mask;
	ring->count = 1ULL << count_bits;
	ring->size = 1ULL << size_bits;
	return 0;
}

/*
 * Fills r.  VMCOREINFO has no lines for facility and level.  In all kernels so far, they lie
 * between text_len and caller_id.
 */
static bool read_info(struct dmesg *d, const struct layout *l, uint64_t info, struct record *r)
{
	uint64_t text_len, caller, facility, level;

	if (!vmcore_number(d->core, info + l->seq, 8, &r->seq) ||
	    !vmcore_number(d->core, info + l->ts_nsec, 8, &r->ts_nsec) ||
	    !vmcore_number(d->core, info + l->text_len, 2, &text_len) ||
	    !vmcore_number(d->core, info + l->caller_id, 4, &caller))
		return false;
	r->has_seq = r->has_time = r->has_caller = true;
	r->text_size = (size_t)text_len;
	r->caller_id = (uint32_t)caller;
	if (l->caller_id == l->text_len + 4 &&
	    vmcore_number(d->core, info + l->text_len + 2, 1, &facility) &&
	    vmcore_number(d->core, info + l->text_len + 3, 1, &level)) {
		r->facility = (int)facility;
		r->level = record_level(d->core, (uint8_t)level);
	}
	return true;
}

/*
 * Computes the address and the largest size of a block's text.  A block begins with the id
 * of its descriptor, and is never split: a block that would cross the end of the ring lies
 * at the start of the ring instead.  If a block ends at the end of the ring, the index of
 * next is 0.
 */
static bool find_text(const struct ring *ring, size_t word, uint64_t begin, uint64_t next,
		      uint64_t *address, uint64_t *size)
{
	uint64_t first = begin & (ring->size - 1), end = next & (ring->size - 1);

	if (!end)
		end = ring->size;
	if (first >= end)
		first = 0;
	if (end - first < word)
		return false;
	*address = ring->data + first + word;
	*size = end - first - word;
	return true;
}

static bool read_text(struct dmesg *d, const struct ring *ring, uint64_t desc, struct record *r)
{
	const struct layout *l = &ring->layout;
	uint64_t lpos = desc + l->text_lpos, begin, next, address, size;
	size_t word = d->core->word_size;

	if (!vmcore_number(d->core, lpos + l->lpos_begin, word, &begin) ||
	    !vmcore_number(d->core, lpos + l->lpos_next, word, &next)) {
		dmesg_unread(d, "record %" PRIu64 " is missing", r->seq);
		return false;
	}
	if (begin == next || (begin & next & LPOS_NO_DATA)) {
		r->text_size = 0;
		return true;
	}
	if (!find_text(ring, word, begin, next, &address, &size)) {
		dmesg_gap(d,
			  "record %" PRIu64 ": positions 0x%" PRIx64 " and 0x%" PRIx64
			  " of its text make no sense",
			  r->seq, begin, next);
		r->text_size = 0;
		return true;
	}
	if (r->text_size > size)
		r->text_size = (size_t)size;
	dmesg_text(d, address, r);
	return true;
}

/* The top two bits of a state variable are the state.  The other bits are the id. */
static enum state state_of(const struct dmesg *d, uint64_t state_var)
{
	return (enum state)(state_var >> (d->core->word_size * 8 - 2));
}

/*
 * Counts a descriptor whose id does not belong to its place.  A writer that was about to
 * take the descriptor leaves the id of the lap before and no record.  A descriptor with a
 * record is damaged.
 */
static void strange_id(struct dmesg *d, struct ring *ring, uint64_t index, enum state state)
{
	ring->strange++;
	if (state == STATE_COMMITTED || state == STATE_FINALIZED)
		dmesg_gap(d,
			  "descriptor %" PRIu64 " of the log holds another record than it should",
			  index);
}

static void print_one(struct dmesg *d, struct ring *ring, uint64_t id)
{
	const struct layout *l = &ring->layout;
	uint64_t index = id & (ring->count - 1);
	uint64_t desc = ring->descs + index * l->desc_size, state_var;
	struct record r = { .level = UNKNOWN, .facility = UNKNOWN };
	enum state state;

	if (!vmcore_number(d->core, desc + l->state_var + l->counter, d->core->word_size,
			   &state_var)) {
		ring->strange++;
		dmesg_unread(d, "descriptor %" PRIu64 " of the log is missing", index);
		return;
	}
	state = state_of(d, state_var);
	if ((state_var & ring->id_mask) != id) {
		strange_id(d, ring, index, state);
		return;
	}
	if (state != STATE_COMMITTED && state != STATE_FINALIZED)
		return;
	if (!read_info(d, l, ring->infos + index * l->info_size, &r)) {
		dmesg_unread(d, "time and length of record %" PRIu64 " in the ring are missing",
			     index);
		return;
	}
	ring->printed++;
	if (!read_text(d, ring, desc, &r))
		return;
	ring->text += r.text_size;
	output_record(d->output, &r);
}

static bool is_damaged(const struct ring *ring)
{
	return ring->strange >= MAX_STRANGE || ring->text > ring->size;
}

int dmesg_lockless(struct dmesg *d)
{
	struct ring ring = { 0 };
	bool arrived = false;
	uint64_t id;

	if (read_ring(d, &ring))
		return d->ctx->err.code;
	id = ring.tail;
	for (uint64_t n = 0; n < ring.count && !is_damaged(&ring); n++) {
		print_one(d, &ring, id);
		arrived = id == ring.head;
		if (arrived)
			break;
		id = (id + 1) & ring.id_mask;
	}
	/*
	 * One descriptor may have been in the hands of a writer.  If no record was printed and
	 * more descriptors are strange, this is no log.
	 */
	if (arrived && (ring.printed || ring.strange < 2))
		return dmesg_gaps(d, STATUS_GAP);
	return vmcore_error(d->ctx, d->core, STATUS_CYCLE, -ELOOP,
			    "the log is damaged: its %" PRIu64
			    " descriptors do not lead from id 0x%" PRIx64 " to 0x%" PRIx64,
			    ring.count, ring.tail, ring.head);
}
