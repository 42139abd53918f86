/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Table of the arches, and the choice of an image type. */
#include "arch.h"

#include <errno.h>
#include <string.h>

#include "elf/elf_file.h"

#define ARCH(name) &arch_##name,
const struct arch *const arches[] = { FOR_EACH_ARCH(ARCH) NULL };

#define GROUP(group, title, arches) { group, title, arches },
static const struct arch_option_group groups[] = { FOR_EACH_OPTION_GROUP(GROUP) };

const struct arch_option_group *arch_option_group(unsigned int group)
{
	const struct arch_option_group *found = groups;

	while (found->group != group)
		found++;
	return found;
}

const struct arch *arch_by_name(const char *name)
{
	const struct arch *const *arch;

	for (arch = arches; *arch; arch++)
		if (!strcmp((*arch)->name, name))
			return *arch;
	return NULL;
}

/* One arch may report many machine names: a * in the pattern matches any text. */
static bool uname_matches(const char *pattern, const char *machine)
{
	size_t start = strcspn(pattern, "*"), size = strlen(machine), end;

	if (!pattern[start])
		return !strcmp(pattern, machine);
	end = strlen(pattern + start + 1);
	return size >= start + end && !strncmp(pattern, machine, start) &&
	       !strcmp(pattern + start + 1, machine + size - end);
}

static bool one_matches(const char *const *patterns, const char *machine)
{
	for (; patterns && *patterns; patterns++)
		if (uname_matches(*patterns, machine))
			return true;
	return false;
}

const struct arch *arch_by_uname(const char *machine)
{
	const struct arch *const *arch;

	for (arch = arches; *arch; arch++)
		if (one_matches((*arch)->uname, machine))
			return *arch;
	return NULL;
}

const struct arch *arch_by_uname32(const char *machine)
{
	const struct arch *const *arch;

	for (arch = arches; *arch; arch++)
		if (one_matches((*arch)->uname32, machine))
			return *arch;
	return NULL;
}

/* A baked image: the layer that look.c adds, around a kernel of the type of its form. */
static const struct image_type baked = { .name = "bake", .container = "bake" };

static const struct image_type *type_by_name(const struct arch *arch, const char *name)
{
	const struct image_type *const *type;

	for (type = arch->types; *type; type++)
		if (!strcmp((*type)->name, name))
			return *type;
	return arch->bake && !strcmp(baked.name, name) ? &baked : NULL;
}

static const struct image_type *type_by_content(const struct arch *arch, struct bytes bytes)
{
	const struct image_type *const *type;

	for (type = arch->types; *type; type++)
		if ((*type)->probe && !(*type)->container && (*type)->probe(bytes))
			return *type;
	return NULL;
}

struct submit_arch arch_for_submit(const struct arch *arch, const char *kernel_arch)
{
	const struct arch *running = arch_by_uname(kernel_arch);

	return (struct submit_arch){
		.number = arch->kexec_arch,
		.running = running ? running->kexec_arch : 0,
		.running_name = kernel_arch,
		.causes = arch->load_causes,
	};
}

const struct image_format *arch_image_formats(struct ctx *ctx)
{
	struct image_format *formats;
	size_t count = 0;

	for (const struct arch *const *arch = arches; *arch; arch++)
		for (size_t i = 0; (*arch)->types[i]; i++)
			count++;
	formats = arena_array(&ctx->arena, count + 1, sizeof(*formats));
	count = 0;
	for (const struct arch *const *arch = arches; *arch; arch++)
		for (size_t i = 0; (*arch)->types[i]; i++) {
			const struct image_type *type = (*arch)->types[i];

			if (type->probe)
				formats[count++] = (struct image_format){ type->container,
									  type->probe, type->peel,
									  type->version };
		}
	return formats;
}

/* Names of the types that -t takes, for a hint. */
static const char *type_names(struct ctx *ctx, const struct arch *arch)
{
	const struct image_type *const *type;
	const char *names = NULL;

	for (type = arch->types; *type; type++)
		if ((*type)->plan || (*type)->container)
			names = arena_join(&ctx->arena, names, ", ", (*type)->name);
	if (arch->bake)
		names = arena_join(&ctx->arena, names, ", ", baked.name);
	return names ? names : "none";
}

static const char *what_elf(struct ctx *ctx, struct bytes bytes)
{
	struct err err = { 0 };
	struct elf_file elf;

	if (elf_parse(bytes, &elf, &err))
		return arena_printf(&ctx->arena, "It is a damaged ELF file: %s. ", err.what);
	return arena_printf(&ctx->arena,
			    "It is an ELF file for %s (machine %u, %d bits, %s endian). ",
			    elf_machine_name(elf.machine), elf.machine, elf.is64 ? 64 : 32,
			    elf.order == ORDER_BE ? "big" : "little");
}

/* Describes a file that this arch cannot load, as a sentence for a hint; "": unknown. */
static const char *what_else(struct ctx *ctx, const struct arch *own, struct bytes bytes)
{
	if (elf_magic(bytes))
		return what_elf(ctx, bytes);
	for (const struct arch *const *arch = arches; *arch; arch++) {
		const struct image_type *type = type_by_content(*arch, bytes);

		if (type)
			return arena_printf(&ctx->arena, "It is an image of type %s for %s. ",
					    type->name, (*arch)->name);
	}
	for (const struct image_type *const *type = own->types; *type; type++)
		if ((*type)->named_probe && (*type)->named_probe(bytes))
			return arena_printf(&ctx->arena, "%s ", (*type)->named_hint);
	return "";
}

static int refuse_unknown(struct ctx *ctx, const struct arch *arch, const struct image *image)
{
	err_set(&ctx->err, -ENOEXEC, "Cannot determine the file type of %s", image->name);
	err_hint(&ctx->err, "%sImage types for %s: %s.", what_else(ctx, arch, image->bytes),
		 arch->name, type_names(ctx, arch));
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

static bool type_accepts(const struct image_type *type, const struct image *image)
{
	if (type->container)
		return image_was_in(image, type->container);
	return !type->probe || type->probe(image->bytes) ||
	       (type->named_probe && type->named_probe(image->bytes));
}

static int check_named_type(struct ctx *ctx, const struct arch *arch, const char *name,
			    const struct image *image, const struct image_type *type)
{
	const struct image_type *other;

	if (!type) {
		err_set(&ctx->err, -EINVAL, "Unsupported kernel type %s", name);
		err_hint(&ctx->err, "Image types for %s: %s.", arch->name, type_names(ctx, arch));
		return err_status(&ctx->err, EXIT_STATUS_REFUSED);
	}
	if (type_accepts(type, image))
		return 0;
	other = type_by_content(arch, image->bytes);
	if (!other)
		return refuse_unknown(ctx, arch, image);
	err_set(&ctx->err, -EINVAL, "Wrong file type %s, file matches type %s", name, other->name);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

static int check_uimage(struct ctx *ctx, const struct arch *arch, const struct image *image)
{
	if (!arch->uimage || !image->uimage_machine || image->uimage_machine == arch->uimage)
		return 0;
	err_set(&ctx->err, -ENOEXEC, "Cannot load %s: uImage arch %u unsupported: %s is %u",
		image->name, image->uimage_machine, arch->name, arch->uimage);
	return err_status(&ctx->err, EXIT_STATUS_REFUSED);
}

/* Another type of this file that takes the option; NULL: no such type. */
static const char *type_that_takes(const struct arch *arch, const struct image *image,
				   unsigned int takes)
{
	for (size_t i = 0; arch->types[i]; i++)
		if (arch->types[i]->takes & takes && type_accepts(arch->types[i], image))
			return arch->types[i]->name;
	return NULL;
}

/* An option that the type does not take is an error: the load would not be as requested. */
static int check_options(struct ctx *ctx, const struct arch *arch, const struct request *req,
			 const struct image *image, const struct image_type *type)
{
	const struct {
		bool given;
		unsigned int takes;
		const char *name;
	} options[] = {
		{ req->real_mode, IMAGE_TAKES_ENTRY, "real-mode" },
		{ req->entry_32bit, IMAGE_TAKES_ENTRY, "entry-32bit" },
		{ req->module_count, IMAGE_TAKES_MODULES, "module" },
		/* Only a hypervisor has modules, and is updated. */
		{ req->live_update, IMAGE_TAKES_MODULES, "load-live-update" },
		{ req->elf_args == ELF_ARGS_NONE, IMAGE_TAKES_ELF_ARGS, "args-none" },
		{ req->elf_args == ELF_ARGS_NOTES, IMAGE_TAKES_ELF_ARGS, "args-elf" },
		/* Scripts give --args-linux with every Linux. */
		{ req->elf_args == ELF_ARGS_LINUX && type->takes & IMAGE_TAKES_MODULES,
		  IMAGE_TAKES_ELF_ARGS, "args-linux" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *other;

		if (!options[i].given || type->takes & options[i].takes)
			continue;
		err_set(&ctx->err, -EINVAL, "--%s means nothing for %s, an image of type %s",
			options[i].name, image->name, type->name);
		other = type_that_takes(arch, image, options[i].takes);
		if (other)
			err_hint(&ctx->err, "The file is of type %s, too: -t %s.", other, other);
		return -EINVAL;
	}
	return 0;
}

int arch_choose_type(struct ctx *ctx, const struct arch *arch, const struct request *req,
		     const struct image *image, const struct image_type **out)
{
	const struct image_type *type = NULL;
	int ret;

	if (req->type) {
		type = type_by_name(arch, req->type);
		ret = check_named_type(ctx, arch, req->type, image, type);
		if (ret)
			return ret;
	}
	if (!type || type->container)
		type = type_by_content(arch, image->bytes);
	if (!type)
		return refuse_unknown(ctx, arch, image);
	if (!type->plan) {
		err_set(&ctx->err, -ENOTSUP, "%s: image type %s is not supported yet", image->name,
			type->name);
		return err_hint(&ctx->err, "Image types for %s: %s.", arch->name,
				type_names(ctx, arch));
	}
	*out = type;
	ret = check_uimage(ctx, arch, image);
	return ret ? ret : check_options(ctx, arch, req, image, type);
}
