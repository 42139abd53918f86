/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on ppc64: real mode, r3 points to the device tree, r4 to the kernel (Linux:
 * arch/powerpc/booting.rst).
 */
#include "ppc64.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>

#include "bake_abi.h"

int ppc64_look(struct ctx *ctx, struct load *load)
{
	const struct machine_ppc64 *ppc64 = load->machine.arch;
	struct devicetree *tree = arena_array(&ctx->arena, 2, sizeof(*tree));
	int ret;

	if (load->req->bake) {
		load->machine.arch = arena_alloc(&ctx->arena, sizeof(*ppc64));
		return tree_look(ctx, load);
	}
	/* The blob from firmware lacks hotplug changes since boot. */
	ret = devicetree_flatten(ctx, load->root, &tree[0]);
	if (ret)
		return ret;
	load->tree = &tree[0];
	if (load->req->reuse_initrd) {
		ret = tree_may_keep_initrd(ctx, load, ppc64->initrd);
		load->kept_initrd = ppc64->initrd;
	}
	if (ret || !load->req->dtb)
		return ret;
	load->tree = &tree[1];
	ret = devicetree_find(ctx, load->req->dtb, load->root, &tree[1]);
	if (ret)
		return ret;
	if (!devicetree_same_board(&tree[1], &tree[0]))
		log_warn(&ctx->log, "%s is the device tree of another machine than this one",
			 tree[1].name);
	return devicetree_check_memory(ctx, &tree[1], load->req->command_line);
}

/*
 * The next kernel's tree must contain the CPU on which the kernel starts.  A crash kernel
 * starts on the CPU that crashed, so there is no choice.
 */
static int choose_cpu(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	const struct machine_ppc64 *ppc64 = load->machine.arch;
	const struct devicetree *tree = load->tree;
	const struct machine_cpu *found = NULL;

	for (size_t i = 0; i < ppc64->cpus; i++) {
		if (!devicetree_has_cpu_ppc64(tree, ppc64->cpu[i].hardware))
			continue;
		if (ppc64->cpu[i].number == ppc64->reboot_cpu)
			return 0;
		if (!found)
			found = &ppc64->cpu[i];
	}
	plan->reboot_cpu = found;
	if (found) {
		log_warn(&ctx->log,
			 "CPU %u (physical_id %u) will make the jump: %s does not have CPU %u",
			 found->number, found->hardware, tree->name, ppc64->reboot_cpu);
		return 0;
	}
	err_set(&ctx->err, -ENODEV,
		"%s: can't find a valid boot CPU inside the FDT: none of the %zu CPUs that are "
		"online is in it",
		tree->name, ppc64->cpus);
	return err_hint(&ctx->err, "Its CPU nodes must have the physical_id of one of "
				   "/sys/devices/system/cpu in ibm,ppc-interrupt-server#s.");
}

/* amend_cmdline() of struct boot: adds the running kernel's root= to a line without root=. */
static int add_old_root(struct ctx *ctx, const struct load *load, uint64_t limit,
			const char **cmdline)
{
	const char *old = cmdline_find_param(load->machine.cmdline, "root");
	const char *root;

	if (load->req->no_old_root || !old || cmdline_has_param(*cmdline, "root"))
		return 0;
	root = arena_strndup(&ctx->arena, old, (size_t)(cmdline_word_end(old) - old));
	log_warn(&ctx->log,
		 "the command line has no root=: the running kernel's %s is added "
		 "(--dt-no-old-root: none)",
		 root);
	*cmdline = arena_join(&ctx->arena, root, " ", *cmdline);
	if (strlen(*cmdline) <= limit)
		return 0;
	return err_set(&ctx->err, -E2BIG,
		       "The command line has %zu characters with the running kernel's %s, the "
		       "kernel takes %" PRIu64,
		       strlen(*cmdline), root, limit);
}

static void crash_words(const struct load *load, const struct boot *boot, const struct kdump *kdump,
			struct kdump_words *words)
{
	(void)load;
	(void)boot;
	words->elfcorehdr = kdump->elfcorehdr;
}

/* Copies the kernel's first bytes.  The other CPUs run this code in purgatory. */
static struct bytes make_head(struct ctx *ctx, const struct ppc64_kernel *kernel, bool stay)
{
	uint8_t *head = arena_alloc(&ctx->arena, PURGATORY_PPC64_HEAD);

	memcpy(head, kernel->bytes.data, PURGATORY_PPC64_HEAD);
	if (stay)
		put_u32(kernel->order, head + PPC64_RUN_AT_LOAD, 1);
	return (struct bytes){ head, PURGATORY_PPC64_HEAD };
}

static void set_console(struct ctx *ctx, const struct load *load, struct plan *plan)
{
	const struct machine_ppc64 *ppc64 = load->machine.arch;

	if (ppc64->hvterm) {
		plan->params.serial_kind = PURGATORY_SERIAL_HVTERM;
		plan->params.serial_base = ppc64->hvterm_number;
	}
	if (load->req->bake) {
		if (load->req->serial || load->req->console_serial)
			log_warn(&ctx->log, "purgatory will be silent: the start code of baked "
					    "images looks for no terminal of a hypervisor");
		return;
	}
	if (load->req->serial)
		log_warn(&ctx->log, "--serial has no effect: on ppc64 purgatory prints on the "
				    "hypervisor's terminal, if that is the console");
	else if (load->req->console_serial && !ppc64->hvterm)
		log_warn(&ctx->log, "purgatory will be silent: the device tree's stdout-path leads "
				    "to no terminal of a hypervisor (hvterm1, hvterm-protocol)");
}

static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	const struct machine_ppc64 *ppc64 = load->machine.arch;
	struct purgatory_ppc64_state *state = &plan->params.cpu.ppc64;
	uint64_t start = boot->entry;

	if (!load->req->bake) { /* after a boot loader the other CPUs are in firmware */
		plan->purgatory_head = make_head(ctx, boot->kernel, load->req->crash);
		plan->purgatory_head_kept = PURGATORY_PPC64_BRANCH;
	}
	plan->params.ticks_per_ms = ppc64->ticks_per_ms;
	plan->purgatory.cycles_per_ms = ppc64->cycles_per_ms;
	set_console(ctx, load, plan);
	if (load->req->on_corrupt == ON_CORRUPT_REBOOT && !ppc64->rtas_entry)
		log_warn(&ctx->log, "--on-corrupt=reboot will halt the machine: %s",
			 load->req->bake ? "the start code of baked images does not look for RTAS"
					 : "its device tree has no rtas/system-reboot");
	*state = (struct purgatory_ppc64_state){
		.r = { info->data, start, 0, 0, 0, ppc64->opal_base, ppc64->opal_entry },
		.pc = start,
		.tree = info->data,
		.rtas_entry = ppc64->rtas_entry,
		.rtas_base = ppc64->rtas_base,
		.rtas_reboot = ppc64->rtas_reboot,
	};
	if (!load->req->crash)
		return;
	/* A 32-bit 1, written after the kernel's digest is compared. */
	state->word_address = start + PPC64_RUN_AT_LOAD;
	state->word = get_be32(plan->purgatory_head.data + PPC64_RUN_AT_LOAD);
}

/*
 * The kernel moves itself to address 0.  Segments there would be overwritten.  The start code of a
 * baked image checks the image's place.
 */
static void keep_off_kernel(const struct load *load, const struct ppc64_kernel *kernel,
			    struct placement *placement)
{
	if (!load->req->crash && !load->req->bake)
		placement_limit(placement, (struct range){ kernel->memory_size, UINT64_MAX },
				"above the memory that the kernel moves itself to");
}

static int check_kept_initrd(struct ctx *ctx, struct range initrd,
			     const struct ppc64_kernel *kernel)
{
	if (range_empty(initrd) || initrd.start >= kernel->memory_size)
		return 0;
	err_set(&ctx->err, -EADDRNOTAVAIL,
		"--reuseinitrd: the running kernel's initrd at 0x%" PRIx64 "-0x%" PRIx64
		" lies in memory that the next kernel moves itself to, below 0x%" PRIx64,
		initrd.start, initrd.end - 1, kernel->memory_size);
	return err_hint(&ctx->err, "Load it from its file with --initrd.");
}

int ppc64_plan_boot(struct ctx *ctx, const struct load *load, struct ppc64_kernel *kernel,
		    uint64_t start, struct plan *plan)
{
	struct boot boot = {
		.entry = start,
		.cmdline_size = PPC64_CMDLINE_SIZE,
		.amend_cmdline = add_old_root,
		/* The core header is read by the crash kernel, so it has that kernel's order. */
		.kdump = kernel->order == ORDER_LE ? arch_ppc64le.kdump : arch_ppc64.kdump,
		.crash_words = crash_words,
		.data = {
			.name = "dtb",
			.placement.direction = HIGHEST_FIRST,
			/* With --hotplug the running kernel rewrites the tree. */
			.sealed = !load->req->hotplug,
		},
		.describe = ppc64_describe,
		.enter = enter,
		.kernel = kernel,
		.tree = load->tree,
	};
	int ret = check_kept_initrd(ctx, load->kept_initrd, kernel);

	if (load->req->bake) {
		boot.amend_cmdline = NULL;
		tree_boot_baked(&boot);
	}
	if (!ret && load->req->dtb && !load->req->crash && !load->req->bake)
		ret = choose_cpu(ctx, load, plan);
	if (ret)
		return ret;
	keep_off_kernel(load, kernel, &boot.initrd);
	keep_off_kernel(load, kernel, &boot.data.placement);
	keep_off_kernel(load, kernel, &boot.purgatory);
	return boot_plan(ctx, load, &boot, plan);
}

/* Offsets in the headers of an ELF file of one segment. */
enum {
	ELF_ENTRY = 0x18,
	PHDR_VADDR = 0x50,
	PHDR_PADDR = 0x58,
	PHDR_FILESZ = 0x60,
	PHDR_MEMSZ = 0x68
};

static int finish_bake(struct ctx *ctx, const struct bake_front *front)
{
	enum byte_order order = front->image[EI_DATA] == ELFDATA2LSB ? ORDER_LE : ORDER_BE;
	uint64_t start = front->address == BAKE_ANYWHERE ? 0 : front->address;

	(void)ctx;
	put_u64(order, front->image + ELF_ENTRY, start + get_u64(order, front->image + ELF_ENTRY));
	put_u64(order, front->image + PHDR_VADDR, start);
	put_u64(order, front->image + PHDR_PADDR, start);
	put_u64(order, front->image + PHDR_FILESZ, front->image_size);
	put_u64(order, front->image + PHDR_MEMSZ, front->memory_size);
	return 0;
}

static const char *const starts_as[] = { "elf", NULL };

const struct bake_arch ppc64_bake = {
	.memory_end = UINT64_MAX,
	.handover_size = TREE_HANDOVER_SIZE,
	.starts_as = starts_as,
	.finish = finish_bake,
};
