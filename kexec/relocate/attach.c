/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last step of planning: finds the requested purgatory, places and relocates it,
 * and writes its parameters.
 */
#include <errno.h>

#include "backend.h"
#include "bake_abi.h"

static const struct embedded_purgatory *find_embedded(const struct purgatory_target *target,
						      const char *kind)
{
	const struct embedded_purgatory *e;

	for (e = embedded_purgatories; e->kind; e++)
		if (e->machine == target->machine && e->bits == target->bits &&
		    e->order == target->order && !strcmp(e->kind, kind))
			return e;
	return NULL;
}

static int load_embedded(struct ctx *ctx, const struct purgatory_format *format,
			 const struct purgatory_target *target, struct purgatory_image *image)
{
	const struct embedded_purgatory *e = find_embedded(target, format->kind);
	const char *name = arena_printf(&ctx->arena, "built-in purgatory.%s", format->kind);

	if (!e) {
		err_set(&ctx->err, -ENOENT, "this kexec was built without a %s purgatory for %s",
			format->kind, elf_machine_name(target->machine));
		return err_hint(&ctx->err, "Name a file with --purgatory=FILE, or build kexec with"
					   " --enable-arches=all.");
	}
	return format->load(ctx, name, (struct bytes){ e->start, (size_t)(e->end - e->start) },
			    target, image);
}

static int load_file(struct ctx *ctx, const char *name, const struct purgatory_target *target,
		     struct purgatory_image *image)
{
	const struct purgatory_format *format;
	struct elf_file elf;
	struct bytes bytes;
	int ret = file_read(ctx, name, 0, &bytes);

	if (ret)
		return ret;
	if (elf_parse(bytes, &elf, &ctx->err)) {
		err_prefix(&ctx->err, "%s", name);
		return err_hint(&ctx->err,
				"--purgatory takes pie, rel, or a purgatory.pie or"
				" purgatory.rel file%s.",
				elf_magic(bytes) ? "" : "; a .bin file lacks the ELF headers");
	}
	if (elf.machine == target->machine && elf.order != target->order)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: its byte order is not that of the running kernel, %s endian",
			       name, target->order == ORDER_LE ? "little" : "big");
	format = elf.type == ET_REL ? &purgatory_rel : &purgatory_pie;
	return format->load(ctx, name, bytes, target, image);
}

static int load_purgatory(struct ctx *ctx, const char *which, bool baked,
			  const struct purgatory_target *target, struct purgatory_image *image)
{
	if (baked)
		return load_embedded(ctx, &purgatory_bake, target, image);
	if (!which || !strcmp(which, purgatory_pie.kind))
		return load_embedded(ctx, &purgatory_pie, target, image);
	if (!strcmp(which, purgatory_rel.kind))
		return load_embedded(ctx, &purgatory_rel, target, image);
	return load_file(ctx, which, target, image);
}

int purgatory_front(struct ctx *ctx, const struct purgatory_target *target, struct bytes *front,
		    uint64_t *memory_size)
{
	struct purgatory_image image;
	const struct embedded_purgatory *e = find_embedded(target, purgatory_bake.kind);
	int ret;

	if (!e)
		return err_set(&ctx->err, -ENOTSUP,
			       "--bake: this kexec has no start code for baked images of %s",
			       elf_machine_name(target->machine));
	ret = load_embedded(ctx, &purgatory_bake, target, &image);
	if (ret)
		return ret;
	*front = (struct bytes){ e->start, (size_t)(e->end - e->start) - (size_t)image.image_size };
	*memory_size = image.memory_size;
	return 0;
}

/* Adds the segment.  The plan points to image->data, whose bytes are changed later. */
static int place_purgatory(struct ctx *ctx, const struct request *req,
			   const struct purgatory_image *image, struct plan *plan,
			   uint64_t *address)
{
	bool is_file = image->name == req->purgatory;
	struct segment wanted = {
		.name = "purgatory",
		.file = is_file ? image->name : NULL,
		.bytes = { image->data, (size_t)image->image_size },
		.placement = plan->purgatory_placement,
	};
	int index;

	if (wanted.placement.align < image->align)
		wanted.placement.align = image->align;
	index = plan_place(ctx, plan, &wanted, image->memory_size);
	if (index < 0)
		return index;
	*address = plan->segment[index].range.start;
	plan->purgatory.kind = image->format->kind;
	plan->purgatory.file = wanted.file;
	return 0;
}

/* Copies the next kernel's first bytes over those of the image. */
static int write_head(struct ctx *ctx, const struct purgatory_image *image,
		      const struct purgatory_info *info, const struct plan *plan)
{
	struct bytes head = plan->purgatory_head;
	size_t kept = plan->purgatory_head_kept;

	if (!head.size)
		return 0;
	if (info->params_offset < head.size)
		return err_set(&ctx->err, -ENOEXEC,
			       "%s: its parameter block, at 0x%x, lies in the first 0x%zx bytes, "
			       "which the next kernel's first bytes replace",
			       image->name, info->params_offset, head.size);
	memcpy(image->data + kept, head.data + kept, head.size - kept);
	return 0;
}

int purgatory_attach(struct ctx *ctx, const struct request *req,
		     const struct purgatory_target *target, struct plan *plan)
{
	struct purgatory_image image;
	struct purgatory_info info;
	const char *text;
	uint64_t address;
	int ret;

	if (!plan->wants_purgatory) {
		plan_seal(ctx, plan); /* without purgatory no segment is verified */
		plan->entry = plan->kernel_entry;
		return 0;
	}
	ret = load_purgatory(ctx, req->purgatory, req->bake, target, &image);
	if (ret)
		return ret;
	ret = place_purgatory(ctx, req, &image, plan, &address);
	if (ret)
		return ret;
	ret = image.format->relocate(ctx, &image, address);
	if (ret)
		return ret;
	/* The check must follow the relocation: in `ld -r` output the sizes are relocated words. */
	ret = purgatory_header_check(ctx, &image, target->machine, &info);
	if (ret)
		return ret;
	plan_seal(ctx, plan);
	if (plan->params.flags & PURGATORY_VERIFY && !plan->params.region_count)
		return err_set(&ctx->err, -EINVAL,
			       "no segment of this load has a digest for purgatory to verify;"
			       " --no-checks loads it without verification");
	ret = write_head(ctx, &image, &info, plan);
	if (ret)
		return ret;
	purgatory_params_write(&image, &info, &plan->params, target->write_cpu);
	purgatory_seal(&image, &info, plan->purgatory.digest);
	plan->purgatory.address = address;
	plan->purgatory.image_size = image.image_size;
	plan->purgatory.memory_size = image.memory_size;
	plan->purgatory.relocations = image.relocations;
	plan->entry = address + image.entry;
	log_debug(&ctx->log, "purgatory: %s, %u words relocated", image.name, image.relocations);
	for (size_t i = 0; (text = plan_digest_text(&ctx->arena, plan, i)); i++)
		log_debug(&ctx->log, "sha256: %s", text);
	return 0;
}
