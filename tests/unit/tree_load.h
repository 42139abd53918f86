/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rest of the look (kexec/look.c) for tests that read a machine and make an image
 * themselves.
 */
#ifndef TESTS_TREE_LOAD_H
#define TESTS_TREE_LOAD_H

#include "kexec/arch/arch.h"
#include "kexec/kdump/kdump.h"
#include "kexec/machine/crash_files.h"
#include "kexec/plan/initrd.h"
#include "kexec/plan/load.h"
#include "kexec/plan/next_cmdline.h"
#include "machine_tree.h"

/* Fills a load for kexec_load from t->machine and the image. */
static inline int tree_load(struct tree *t, const struct arch *arch, const struct image *image,
			    struct load *load)
{
	struct machine_crash *crash = arena_alloc(&t->ctx.arena, sizeof(*crash));
	int ret;

	*load = (struct load){
		.req = &t->req,
		.arch = arch,
		.root = t->machine.root, /* that of another tree in some tests */
		.image = *image,
		.method = METHOD_KEXEC_LOAD,
		.machine = t->machine,
		.lockdown = machine_lockdown(&t->ctx, t->machine.root),
	};
	load->machine.ram = range_set_copy(&t->ctx.arena, &t->machine.ram);
	if (t->req.hotplug)
		load->elfcorehdr_size = machine_elfcorehdr_size(&t->ctx, t->machine.root);
	ret = arch_choose_type(&t->ctx, arch, &t->req, image, &load->type);
	if (!ret && t->req.crash)
		ret = kdump_reservation(&t->ctx, &load->machine, &load->reservation);
	if (!ret && arch->look)
		ret = arch->look(&t->ctx, load);
	if (!ret && t->req.crash && !arch->makes_core_header)
		ret = machine_read_crash(&t->ctx, &load->machine, crash);
	if (ret)
		return ret;
	load->crash = crash;
	load->own_cmdline = next_cmdline_of_image(&t->ctx, load);
	return initrd_open(&t->ctx, load, arch_image_formats(&t->ctx),
			   range_set_size(&load->machine.ram), &load->initrd);
}

#endif
