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

int bake_look(struct ctx *ctx, struct load *load)
{
	if (!load->arch->bake_size_field)
		return err_set(&ctx->err, -ENOTSUP, "--bake: %s has no baked images",
			       load->arch->name);
	range_set_add(&ctx->arena, &load->machine.ram, (struct range){ 0, MEMORY_SIZE });
	load->machine.managed = MEMORY_SIZE;
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
	       ((BAKE_HANDOVER_SIZE + page) & ~page);
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
	range_set_add(&ctx->arena, &plan->ram, (struct range){ memory_size, MEMORY_SIZE });
	plan->compact = true;
	plan->first_above = size_before_kernel(load, plan, memory_size);
	return 0;
}

int bake_end(struct ctx *ctx, struct plan *plan)
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
	range_set_add(&ctx->arena, &plan->ram, (struct range){ BAKE_PURGATORY, MEMORY_SIZE });
	plan->purgatory_placement = (struct placement){ 0 };
	return ret < 0 ? ret : 0;
}

static int compare_start(const void *a, const void *b)
{
	const struct segment *const *x = a, *const *y = b;

	return (*x)->range.start < (*y)->range.start ? -1 : (*x)->range.start > (*y)->range.start;
}

/* The file's bytes are hashed first, for the header, and then written. */
struct output {
	int fd;
	uint64_t size;
	struct sha256_engine engine;
	struct sha256 sum;
	bool hashes;
};

static int put(struct output *out, const void *data, size_t size)
{
	out->size += size;
	if (out->hashes) {
		sha256_update(&out->sum, &out->engine, data, size);
		return 0;
	}
	return fd_write(out->fd, (struct bytes){ data, size }) ? 0 : -errno;
}

static int put_zeros_up_to(struct output *out, uint64_t end)
{
	static const uint8_t zeros[65536];
	int ret = 0;

	while (!ret && out->size < end)
		ret = put(out, zeros,
			  end - out->size < sizeof(zeros) ? (size_t)(end - out->size)
							  : sizeof(zeros));
	return ret;
}

static int put_image(struct output *out, const uint8_t *front, const struct segment *const *sorted,
		     size_t count)
{
	int ret = put(out, front, BAKE_PURGATORY);

	for (size_t i = 0; !ret && i < count; i++) {
		if (!sorted[i]->bytes.size)
			continue;
		ret = put_zeros_up_to(out, sorted[i]->range.start);
		if (!ret)
			ret = put(out, sorted[i]->bytes.data, sorted[i]->bytes.size);
	}
	return ret;
}

static void write_part(uint8_t *front, size_t index, enum byte_order order,
		       const struct segment *segment)
{
	size_t field = offsetof(struct bake_header, part) + index * sizeof(struct bake_part);

	memcpy(front + BAKE_HEADER + field, segment->name,
	       strnlen(segment->name, sizeof(((struct bake_part *)0)->name)));
	put_u64(order, front + BAKE_HEADER + field + offsetof(struct bake_part, offset),
		segment->range.start);
	put_u64(order, front + BAKE_HEADER + field + offsetof(struct bake_part, size),
		segment->bytes.size);
	put_u64(order, front + BAKE_HEADER + field + offsetof(struct bake_part, memory),
		range_size(segment->range));
}

/* Fills the headers in. */
static int write_headers(struct ctx *ctx, const struct load *load, uint8_t *front,
			 const struct segment *const *sorted, size_t count, struct baked *out)
{
	enum byte_order order = load->arch->order;
	uint64_t image_size = 0, memory_size = 0;
	uint32_t parts = 0;

	for (size_t i = 0; i < count; i++) {
		const struct segment *s = sorted[i];

		if (s->bytes.size)
			image_size = s->range.start + s->bytes.size;
		if (s->range.end > memory_size)
			memory_size = s->range.end;
		if (!strcmp(s->name, "purgatory"))
			continue;
		if (parts == BAKE_MAX_PARTS)
			return err_set(&ctx->err, -E2BIG, "the image has more than %d parts",
				       BAKE_MAX_PARTS);
		write_part(front, parts++, order, s);
	}
	put_u64(order, front + BAKE_HEADER + offsetof(struct bake_header, image_size), image_size);
	put_u64(order, front + BAKE_HEADER + offsetof(struct bake_header, memory_size),
		memory_size);
	put_u32(order, front + BAKE_HEADER + offsetof(struct bake_header, part_count), parts);
	put_u64(order, front + load->arch->bake_size_field, memory_size);
	*out = (struct baked){ image_size, memory_size,
			       1ull << get_u16(order,
					       front + BAKE_HEADER +
						       offsetof(struct bake_header, align_log2)) };
	return 0;
}

static int write_to(struct ctx *ctx, int fd, const char *name, uint8_t *front,
		    const struct segment *const *sorted, size_t count)
{
	struct output out = { .hashes = true };
	int ret;

	sha256_fastest(&out.engine);
	sha256_init(&out.sum);
	ret = put_image(&out, front, sorted, count);
	sha256_final(&out.sum, &out.engine,
		     front + BAKE_HEADER + offsetof(struct bake_header, sha256));
	out = (struct output){ .fd = fd };
	if (!ret)
		ret = put_image(&out, front, sorted, count);
	if (ret)
		return err_set(&ctx->err, ret, "%s: %s", name, strerror(-ret));
	return 0;
}

/* A temporary file beside the final name, so that rename() replaces the file at once. */
static int write_file(struct ctx *ctx, const struct load *load, uint8_t *front,
		      const struct segment *const *sorted, size_t count)
{
	const char *name = load->req->bake;
	char *unfinished = arena_printf(&ctx->arena, "%s.XXXXXX", name);
	mode_t mask = umask(0);
	struct stat st;
	int fd, ret;

	umask(mask);
	if (!strcmp(name, "-"))
		return write_to(ctx, STDOUT_FILENO, "standard output", front, sorted, count);
	if (!stat(name, &st) && !S_ISREG(st.st_mode))
		return err_set(&ctx->err, -EINVAL, "%s exists and is no regular file", name);
	fd = mkstemp(unfinished);
	if (fd < 0)
		return err_set(&ctx->err, -errno, "%s: cannot make a file beside it: %s", name,
			       strerror(errno));
	ret = write_to(ctx, fd, name, front, sorted, count);
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
	const struct segment *sorted[PLAN_MAX_SEGMENTS];
	uint64_t memory_size;
	struct bytes front;
	uint8_t *copy;
	int ret = purgatory_front(ctx, target, &front, &memory_size);

	if (ret)
		return ret;
	for (size_t i = 0; i < plan->segments; i++)
		sorted[i] = &plan->segment[i];
	qsort(sorted, plan->segments, sizeof(sorted[0]), compare_start);
	copy = arena_alloc(&ctx->arena, BAKE_PURGATORY);
	memcpy(copy, front.data, BAKE_PURGATORY);
	ret = write_headers(ctx, load, copy, sorted, plan->segments, out);
	return ret ? ret : write_file(ctx, load, copy, sorted, plan->segments);
}
