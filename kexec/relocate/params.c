/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loader's side of the purgatory ABI (include/purgatory_abi.h): checks the header at
 * the image's start and writes the parameter block in the image's byte order.
 */
#include <errno.h>
#include <inttypes.h>

#include "backend.h"
#include "sha256.h"

#define HEADER(image, get, field)                                                                  \
	get((image)->elf.order, (image)->data + offsetof(struct purgatory_header, field))

int purgatory_magic_check(struct ctx *ctx, const struct purgatory_image *image)
{
	struct bytes bytes = { image->data, (size_t)image->image_size };

	if (image->image_size < PURGATORY_HEADER_SIZE ||
	    !bytes_match(bytes, PURGATORY_HEADER_MAGIC, PURGATORY_MAGIC, PURGATORY_MAGIC_SIZE))
		return err_set(&ctx->err, -ENOEXEC,
			       "no purgatory header at the start of its image of 0x%" PRIx64
			       " bytes",
			       image->image_size);
	return 0;
}

static int check_sizes(struct ctx *ctx, const struct purgatory_image *image,
		       const struct purgatory_info *info)
{
	uint32_t header_size = HEADER(image, get_u16, header_size);
	uint32_t image_size = info->image_size;
	uint32_t memory_size = HEADER(image, get_u32, memory_size);
	struct bytes image_bytes = { image->data, image_size };

	if (header_size < PURGATORY_HEADER_SIZE || image_size < header_size ||
	    image_size > image->image_size || memory_size < image_size ||
	    memory_size > image->memory_size)
		return err_set(&ctx->err, -ENOEXEC,
			       "its header claims sizes 0x%x (header), 0x%x"
			       " (image), 0x%x (memory), but 0x%" PRIx64 " bytes were loaded into"
			       " 0x%" PRIx64,
			       header_size, image_size, memory_size, image->image_size,
			       image->memory_size);
	if (info->align_log2 >= 64 || 1ULL << info->align_log2 > image->align)
		return err_set(&ctx->err, -ENOEXEC,
			       "its header requires an alignment of 2^%u, but its"
			       " ELF headers only 0x%" PRIx64,
			       info->align_log2, image->align);
	if (info->params_size < sizeof(struct purgatory_params) || info->params_offset % 8 ||
	    info->params_offset < header_size ||
	    !bytes_has(image_bytes, info->params_offset, info->params_size))
		return err_set(&ctx->err, -ENOEXEC,
			       "its parameter block, 0x%x bytes at 0x%x, does"
			       " not fit: 0x%zx bytes are needed, aligned to 8, in its 0x%x",
			       info->params_size, info->params_offset,
			       sizeof(struct purgatory_params), image_size);
	return 0;
}

static int header_check(struct ctx *ctx, const struct purgatory_image *image, uint16_t machine,
			struct purgatory_info *info)
{
	uint16_t header_machine;
	int ret = purgatory_magic_check(ctx, image);

	if (ret)
		return ret;
	*info = (struct purgatory_info){
		.params_offset = HEADER(image, get_u32, params_offset),
		.params_size = HEADER(image, get_u32, params_size),
		.image_size = HEADER(image, get_u32, image_size),
		.abi_version = HEADER(image, get_u16, abi_version),
		.align_log2 = HEADER(image, get_u16, align_log2),
	};
	header_machine = HEADER(image, get_u16, machine);
	if (info->abi_version != PURGATORY_ABI_VERSION)
		return err_set(&ctx->err, -ENOEXEC,
			       "it has version %u of the purgatory ABI, this kexec has version %u",
			       info->abi_version, PURGATORY_ABI_VERSION);
	if (header_machine != machine)
		return err_set(&ctx->err, -ENOEXEC,
			       "its header is for %s (machine %u) instead of %s",
			       elf_machine_name(header_machine), header_machine,
			       elf_machine_name(machine));
	return check_sizes(ctx, image, info);
}

int purgatory_header_check(struct ctx *ctx, const struct purgatory_image *image, uint16_t machine,
			   struct purgatory_info *info)
{
	return header_check(ctx, image, machine, info) ? err_prefix(&ctx->err, "%s", image->name)
						       : 0;
}

#define PUT(order, out, put, params, field)                                                        \
	put(order, (out) + offsetof(struct purgatory_params, field), (params)->field)

static void write_region(enum byte_order order, uint8_t *out, const struct purgatory_region *region)
{
	put_u64(order, out + offsetof(struct purgatory_region, start), region->start);
	put_u64(order, out + offsetof(struct purgatory_region, size), region->size);
	put_u64(order, out + offsetof(struct purgatory_region, piece_size), region->piece_size);
	memcpy(out + offsetof(struct purgatory_region, name), region->name, sizeof(region->name));
}

void purgatory_params_write(const struct purgatory_image *image, const struct purgatory_info *info,
			    const struct purgatory_params *params, purgatory_write_cpu *write_cpu)
{
	uint8_t *out = image->data + info->params_offset;
	uint8_t *cpu = out + offsetof(struct purgatory_params, cpu);
	enum byte_order order = image->elf.order;

	PUT(order, out, put_u32, params, flags);
	PUT(order, out, put_u32, params, region_count);
	PUT(order, out, put_u32, params, piece_count);
	for (size_t i = 0; i < PURGATORY_MAX_REGIONS; i++)
		write_region(order,
			     out + offsetof(struct purgatory_params, region) +
				     i * sizeof(params->region[0]),
			     &params->region[i]);
	memcpy(out + offsetof(struct purgatory_params, piece_digest), params->piece_digest,
	       sizeof(params->piece_digest));
	PUT(order, out, put_u64, params, copy.source);
	PUT(order, out, put_u64, params, copy.destination);
	PUT(order, out, put_u64, params, copy.size);
	PUT(order, out, put_u64, params, cmdline_end);
	PUT(order, out, put_u64, params, serial_base);
	PUT(order, out, put_u32, params, serial_kind);
	PUT(order, out, put_u32, params, serial_baud);
	PUT(order, out, put_u32, params, serial_shift);
	PUT(order, out, put_u32, params, ticks_per_ms);
	if (write_cpu) {
		write_cpu(cpu, params);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(params->cpu.words); i++)
		put_u64(order, cpu + 8 * i, params->cpu.words[i]);
}

void purgatory_seal(const struct purgatory_image *image, const struct purgatory_info *info,
		    uint8_t digest[PURGATORY_DIGEST_SIZE])
{
	uint8_t *field = image->data + info->params_offset +
			 offsetof(struct purgatory_params, digest);
	struct sha256_engine engine;
	struct sha256 sha;

	memset(field, 0, PURGATORY_DIGEST_SIZE);
	sha256_portable(&engine);
	sha256_init(&sha);
	sha256_update(&sha, &engine, image->data, info->image_size);
	sha256_final(&sha, &engine, digest);
	memcpy(field, digest, PURGATORY_DIGEST_SIZE);
}
