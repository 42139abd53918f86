/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of a baked image, and its file. */
#include "bake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/arch.h"
#include "bake_abi.h"
#include "core/fd.h"
#include "image/digest.h"

#define BAKE_PAGE 4096

/* Of the machine: more than any image needs. */
#define MEMORY_SIZE (1ull << 40)

static uint64_t memory_end(const struct load *load)
{
	uint64_t end = load->arch->bake->memory_end;

	return end < MEMORY_SIZE ? end : MEMORY_SIZE;
}

int bake_look(struct ctx *ctx, struct load *load)
{
	if (!load->arch->bake)
		return err_set(&ctx->err, -ENOTSUP, "--bake: %s has no baked images",
			       load->arch->name);
	range_set_add(&ctx->arena, &load->machine.ram, (struct range){ 0, memory_end(load) });
	load->machine.managed = memory_end(load);
	load->method = METHOD_KEXEC_LOAD;
	load->method_why = "--bake makes a file";
	if (load->req->serial)
		load->tty_why = "a baked image names the port by earlycon= on its command line";
	return 0;
}

/* Pages that the parts before the kernel need, start code and purgatory included. */
static uint64_t size_before_kernel(const struct load *load, const struct plan *plan, uint64_t start)
{
	uint64_t page = plan->page_size - 1;
	uint64_t line = load->req->command_line ? strlen(load->req->command_line) + 1 : 0;

	return start + ((load->initrd.bytes.size + page) & ~page) + ((line + page) & ~page) +
	       ((load->arch->bake->handover_size + page) & ~page);
}

int bake_begin(struct ctx *ctx, const struct load *load, const struct purgatory_target *target,
	       struct plan *plan)
{
	uint64_t memory_size;
	struct bytes front;
	int ret = purgatory_front(ctx, target, &front, &memory_size);

	if (ret)
		return ret;
	if (!align_up(BAKE_PURGATORY + memory_size, BAKE_PAGE, &memory_size))
		return err_set(&ctx->err, -EINVAL, "the start code is too large");
	plan->page_size = BAKE_PAGE;
	plan->ram = (struct range_set){ 0 };
	range_set_add(&ctx->arena, &plan->ram, (struct range){ memory_size, memory_end(load) });
	plan->compact = true;
	plan->first_above = size_before_kernel(load, plan, memory_size);
	return 0;
}

int bake_end(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	struct segment line = {
		.name = "command line",
		.bytes = { (const uint8_t *)plan->cmdline,
			   plan->cmdline ? strlen(plan->cmdline) + 1 : 0 },
		.sealed = true,
	};
	int ret = 0;

	if (line.bytes.size > 1)
		ret = plan_place(ctx, plan, &line, line.bytes.size);
	range_set_add(&ctx->arena, &plan->ram, (struct range){ BAKE_PURGATORY, memory_end(load) });
	plan->purgatory_placement = (struct placement){ 0 };
	return ret < 0 ? ret : 0;
}

static int compare_start(const void *a, const void *b)
{
	const struct segment *const *x = a, *const *y = b;

	return (*x)->range.start < (*y)->range.start ? -1 : (*x)->range.start > (*y)->range.start;
}

/* Everything that is written. */
struct contents {
	struct bake_front front;
	size_t front_size; /* of front.file */
	const struct segment *sorted[PLAN_MAX_SEGMENTS]; /* purgatory first */
	size_t count;
	enum byte_order order;
};

static void *header_field(const struct contents *c, size_t offset)
{
	return c->front.image + BAKE_HEADER + offset;
}

#define FIELD(c, name) header_field((c), offsetof(struct bake_header, name))

static void write_part(const struct contents *c, size_t index, const struct segment *segment)
{
	uint8_t *part = (uint8_t *)FIELD(c, part) + index * sizeof(struct bake_part);

	memcpy(part, segment->name, strnlen(segment->name, sizeof(((struct bake_part *)0)->name)));
	put_u64(c->order, part + offsetof(struct bake_part, offset), segment->range.start);
	put_u64(c->order, part + offsetof(struct bake_part, size), segment->bytes.size);
	put_u64(c->order, part + offsetof(struct bake_part, memory), range_size(segment->range));
}

/* Of start code, header and purgatory, with zeros up to the first part. */
static void write_digest(const struct contents *c)
{
	const struct segment *purgatory = c->sorted[0];
	uint64_t first_part = c->count > 1 ? c->sorted[1]->range.start : purgatory->range.end;
	struct sha256_engine engine;
	struct sha256 sum;

	sha256_fastest(&engine);
	sha256_init(&sum);
	sha256_update(&sum, &engine, c->front.image, BAKE_PURGATORY);
	sha256_update(&sum, &engine, purgatory->bytes.data, purgatory->bytes.size);
	for (uint64_t at = BAKE_PURGATORY + purgatory->bytes.size; at < first_part; at++)
		sha256_update(&sum, &engine, "", 1);
	sha256_final(&sum, &engine, FIELD(c, sha256));
}

static int write_headers(struct ctx *ctx, const struct bake_arch *arch, struct contents *c)
{
	uint32_t parts = 0;
	int ret;

	for (size_t i = 0; i < c->count; i++) {
		const struct segment *s = c->sorted[i];

		if (s->bytes.size)
			c->front.image_size = s->range.start + s->bytes.size;
		if (s->range.end > c->front.memory_size)
			c->front.memory_size = s->range.end;
		if (!i)
			continue;
		if (parts == BAKE_MAX_PARTS)
			return err_set(&ctx->err, -E2BIG, "the image has more than %d parts",
				       BAKE_MAX_PARTS);
		write_part(c, parts++, s);
	}
	put_u64(c->order, FIELD(c, image_size), c->front.image_size);
	put_u64(c->order, FIELD(c, memory_size), c->front.memory_size);
	put_u32(c->order, FIELD(c, part_count), parts);
	ret = arch->finish(ctx, &c->front);
	if (!ret)
		write_digest(c);
	return ret;
}

static int put_zeros(int fd, uint64_t size)
{
	static const uint8_t zeros[65536];
	int ret = 0;

	for (; !ret && size; size -= size < sizeof(zeros) ? size : sizeof(zeros))
		ret = fd_write(fd, (struct bytes){ zeros, size < sizeof(zeros) ? (size_t)size
									       : sizeof(zeros) })
			      ? 0
			      : -errno;
	return ret;
}

static int write_to(struct ctx *ctx, int fd, const char *name, const struct contents *c)
{
	uint64_t end = BAKE_PURGATORY;
	int ret = fd_write(fd, (struct bytes){ c->front.file, c->front_size }) ? 0 : -errno;

	for (size_t i = 0; !ret && i < c->count; i++) {
		const struct segment *s = c->sorted[i];

		if (!s->bytes.size)
			continue;
		ret = put_zeros(fd, s->range.start - end);
		if (!ret && !fd_write(fd, s->bytes))
			ret = -errno;
		end = s->range.start + s->bytes.size;
	}
	return ret ? err_set(&ctx->err, ret, "%s: %s", name, strerror(-ret)) : 0;
}

/* A temporary file beside the final name, so that rename() replaces the file at once. */
static int write_file(struct ctx *ctx, const struct load *load, const struct contents *c)
{
	const char *name = load->req->bake;
	char *unfinished = arena_printf(&ctx->arena, "%s.XXXXXX", name);
	mode_t mask = umask(0);
	struct stat st;
	int fd, ret;

	umask(mask);
	if (!strcmp(name, "-"))
		return write_to(ctx, STDOUT_FILENO, "standard output", c);
	if (!stat(name, &st) && !S_ISREG(st.st_mode))
		return err_set(&ctx->err, -EINVAL, "%s exists and is no regular file", name);
	fd = mkstemp(unfinished);
	if (fd < 0)
		return err_set(&ctx->err, -errno, "%s: cannot make a file beside it: %s", name,
			       strerror(errno));
	ret = write_to(ctx, fd, name, c);
	if (!ret && (fchmod(fd, (load->initrd.bytes.size ? 0600 : 0644) & ~mask) || fsync(fd)))
		ret = err_set(&ctx->err, -errno, "%s: %s", unfinished, strerror(errno));
	if (close(fd) && !ret)
		ret = err_set(&ctx->err, -errno, "%s: %s", unfinished, strerror(errno));
	if (!ret && rename(unfinished, name))
		ret = err_set(&ctx->err, -errno, "%s: %s", name, strerror(errno));
	if (ret)
		unlink(unfinished);
	return ret;
}

int bake_write(struct ctx *ctx, const struct load *load, const struct purgatory_target *target,
	       const struct plan *plan, struct baked *out)
{
	struct contents c = { .order = load->arch->order };
	uint64_t memory_size;
	struct bytes front;
	int ret = purgatory_front(ctx, target, &front, &memory_size);

	if (ret)
		return ret;
	for (size_t i = 0; i < plan->segments; i++)
		c.sorted[i] = &plan->segment[i];
	c.count = plan->segments;
	qsort(c.sorted, c.count, sizeof(c.sorted[0]), compare_start);
	c.front_size = front.size;
	c.front.file = arena_alloc(&ctx->arena, front.size);
	memcpy(c.front.file, front.data, front.size);
	c.front.image = c.front.file + front.size - BAKE_PURGATORY;
	c.front.address = get_u64(c.order, FIELD(&c, address));
	ret = write_headers(ctx, load->arch->bake, &c);
	if (!ret)
		ret = write_file(ctx, load, &c);
	*out = (struct baked){ front.size - BAKE_PURGATORY + c.front.image_size,
			       c.front.memory_size,
			       1ull << get_u16(c.order, FIELD(&c, align_log2)) };
	return ret;
}
