/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s390_image_parse(): what it accepts keeps what image.h promises, which the loader writes
 * by.  The input is what an image has from 0x10000 on; nothing is looked at before.
 */
#include "fuzz.h"
#include "kexec/arch/s390x/s390_image.h"
#include "kexec/elf/elf_file.h"

static void check(struct bytes file)
{
	struct err err = { 0 };
	struct s390_image image;
	int ret = s390_image_parse(file, &image, &err);

	must_explain(ret, &err);
	if (ret)
		return;
	must(image.kernel.data == file.data && image.kernel.size <= file.size);
	must(s390_image_old_probe(image.kernel) || elf_magic(image.kernel));
	must(bytes_has(image.kernel, S390_COMMAND_LINE, image.cmdline_size) &&
	     bytes_has(image.kernel, S390_COMMAND_LINE + image.cmdline_size, 1));
	must(image.marked == s390_image_probe(image.kernel));
	must(!image.kdump_entry || image.marked);
	must(!image.own_cmdline.size || inside(image.kernel, image.own_cmdline));
	must(image.own_cmdline.size <= image.cmdline_size);
	must(!image.version.size || inside(image.kernel, image.version));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *file = calloc(1, S390_IMAGE_START + size);

	must(file);
	memcpy(file + S390_IMAGE_START, data, size);
	check((struct bytes){ file, S390_IMAGE_START + size });
	free(file);
	return 0;
}
