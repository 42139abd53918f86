/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image types of x86.  Each arch lists the types that it loads, in its own probe order. */
#include "x86_types.h"

#include "beoboot.h"
#include "multiboot.h"
#include "nbi.h"
#include "x86.h"

const struct image_type x86_multiboot2 = {
	.name = "multiboot2-x86",
	.probe = multiboot2_probe,
	.takes = IMAGE_TAKES_MODULES,
	.plan = multiboot2_plan,
};
const struct image_type x86_multiboot1 = {
	.name = "multiboot-x86",
	.probe = multiboot1_probe,
	.takes = IMAGE_TAKES_MODULES,
	.plan = multiboot1_plan,
};
const struct image_type x86_elf64 = {
	.name = "elf-x86_64",
	.probe = elf64_probe,
	.takes = IMAGE_TAKES_ELF_ARGS,
	.plan = elf_plan,
};
const struct image_type x86_elf32 = {
	.name = "elf-x86",
	.probe = elf32_probe,
	.takes = IMAGE_TAKES_ELF_ARGS,
	.plan = elf_plan,
};
const struct image_type x86_bzimage64 = {
	.name = "bzImage64",
	.probe = bzimage64_probe,
	.takes = IMAGE_TAKES_ENTRY,
	.version = bzimage_version,
	.plan = bzimage_plan,
	.file_check = bzimage_file_check,
};
const struct image_type x86_bzimage = {
	.name = "bzImage",
	.probe = bzimage_probe,
	.takes = IMAGE_TAKES_ENTRY,
	.version = bzimage_version,
	.plan = bzimage_plan,
	.file_check = bzimage_file_check,
};
const struct image_type x86_beoboot = {
	.name = "beoboot-x86",
	.container = "beoboot",
	.probe = beoboot_probe,
	.peel = beoboot_peel,
};
const struct image_type x86_nbi = {
	.name = "nbi-x86",
	.probe = nbi_probe,
	.plan = nbi_plan,
};
const struct image_type x86_uki = { .name = "uki", .container = "uki" };
