/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on ppc64: real mode, r3 at the device tree, r4 at the kernel (Linux:
 * arch/powerpc/booting.rst).
 */
#include "ppc64.h"

#include <errno.h>
#include <inttypes.h>

#include "boot/boot.h"

void ppc64_limit(struct ctx *ctx, const struct request *req, const struct machine *machine,
		 struct placement *placement)
{
	struct range rma = machine->ppc64->rma;

	placement_limit(placement, rma,
			arena_printf(&ctx->arena,
				     "the first memory node, 0x%" PRIx64 "-0x%" PRIx64 " (RMA)",
				     rma.start, rma.end - 1));
	arch_limit_placement(req, placement);
}

static uint64_t largest_free(struct ctx *ctx, const struct plan *plan, struct range within)
{
	struct range_set ram = range_set_copy(&ctx->arena, &plan->ram);
	uint64_t largest = 0;

	for (size_t i = 0; i < plan->segments; i++)
		range_set_subtract(&ctx->arena, &ram, plan->segment[i].range);
	for (size_t i = 0; i < ram.count; i++) {
		struct range r = range_intersect(ram.range[i], within);

		if (!range_empty(r) && range_size(r) > largest)
			largest = range_size(r);
	}
	return largest;
}

int ppc64_place(struct ctx *ctx, const struct request *req, const struct machine *machine,
		struct plan *plan, struct segment *segment, uint64_t memsz)
{
	uint64_t largest;
	int index;

	ppc64_limit(ctx, req, machine, &segment->placement);
	index = plan_place(ctx, plan, segment, memsz);
	if (index != -EADDRNOTAVAIL || plan->within.why)
		return index;
	largest = largest_free(ctx, plan, machine->ppc64->rma);
	if (largest < memsz)
		err_prefix(&ctx->err,
			   "RMA too small: the %s needs %" PRIu64
			   " KiB, and the first memory node has %" PRIu64 " KiB free in one piece",
			   segment->name, memsz >> 10, largest >> 10);
	return index;
}

/* What the kernel moves itself over must be free, even where it is loaded elsewhere. */
static void keep_off_kernel(const struct request *req, const struct ppc64_kernel *kernel,
			    struct placement *placement)
{
	if (!req->crash)
		placement_limit(placement, (struct range){ kernel->memory_size, UINT64_MAX },
				"above where the kernel moves itself to");
}

/* The running kernel's, where firmware put it: no segment, only told in the tree. */
static int keep_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct ppc64_kernel *kernel, struct range *initrd)
{
	int ret;

	*initrd = machine->ppc64->initrd;
	ret = arch_may_keep_initrd(ctx, req, machine, *initrd);
	if (ret || initrd->start >= kernel->memory_size)
		return ret;
	err_set(&ctx->err, -EADDRNOTAVAIL,
		"--reuseinitrd: the running kernel's initrd at 0x%" PRIx64 "-0x%" PRIx64
		" lies where the next kernel moves itself to, below 0x%" PRIx64,
		initrd->start, initrd->end - 1, kernel->memory_size);
	return err_hint(&ctx->err, "Load it from its file with --initrd.");
}

static int place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const struct image *image, const struct ppc64_kernel *kernel,
			struct plan *plan, struct range *initrd)
{
	struct segment segment = {
		.name = "initrd",
		.placement = { .align = plan->page_size, .direction = LOWEST_FIRST },
		.sealed = true,
	};
	int ret;

	if (req->reuse_initrd)
		return keep_initrd(ctx, req, machine, kernel, initrd);
	ret = arch_initrd(ctx, req, image, range_set_size(&machine->ram), &segment.bytes,
			  &segment.file);
	if (ret < 0 || !segment.bytes.size)
		return ret;
	keep_off_kernel(req, kernel, &segment.placement);
	ret = ppc64_place(ctx, req, machine, plan, &segment, segment.bytes.size);
	if (ret < 0)
		return ret;
	initrd->start = plan->segment[ret].range.start;
	initrd->end = initrd->start + segment.bytes.size;
	return 0;
}

static int find_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     struct devicetree *tree)
{
	struct devicetree running;
	int ret;

	/* The blob that firmware handed over lacks what came and went since. */
	ret = devicetree_flatten(ctx, machine->root, &running);
	*tree = running;
	if (ret || !req->dtb)
		return ret;
	ret = devicetree_find(ctx, req->dtb, machine->root, tree);
	if (ret)
		return ret;
	if (!devicetree_same_board(tree, &running))
		log_warn(&ctx->log, "%s is the device tree of another machine than this one",
			 tree->name);
	return devicetree_check_memory(ctx, tree, req->command_line);
}

/*
 * The next kernel must find the CPU that it starts on in its tree.  A crash kernel starts on
 * the one that crashed.
 */
static int choose_cpu(struct ctx *ctx, const struct machine_ppc64 *ppc64,
		      const struct devicetree *tree, struct plan *plan)
{
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
		"%s: can't find a valid boot CPU inside the FDT: it has none of the %zu that are "
		"online",
		tree->name, ppc64->cpus);
	return err_hint(&ctx->err, "Its CPU nodes must have the physical_id of one of "
				   "/sys/devices/system/cpu in ibm,ppc-interrupt-server#s.");
}

/* The tree has a reservation for itself: its length must be known before its place. */
static int place_tree(struct ctx *ctx, const struct request *req, const struct machine *machine,
		      const struct ppc64_kernel *kernel, struct ppc64_boot *boot, struct plan *plan,
		      uint64_t *address)
{
	struct segment segment = {
		.name = "dtb",
		.placement = { .align = plan->page_size, .direction = HIGHEST_FIRST },
		.sealed = !req->hotplug,
	};
	struct devicetree tree;
	int ret = find_tree(ctx, req, machine, &tree);

	if (!ret && req->dtb && !req->crash)
		ret = choose_cpu(ctx, machine->ppc64, &tree, plan);
	boot->changes.tree = (struct range){ 0, 1 };
	if (!ret && req->hotplug)
		boot->changes.spare = devicetree_room_for_cpus(&tree, machine->ppc64->absent_cpus);
	if (!ret)
		ret = devicetree_change_ppc64(ctx, &tree, &boot->changes, &segment.bytes);
	if (ret)
		return ret;
	keep_off_kernel(req, kernel, &segment.placement);
	ret = ppc64_place(ctx, req, machine, plan, &segment, segment.bytes.size);
	if (ret < 0)
		return ret;
	*address = plan->segment[ret].range.start;
	boot->changes.tree = (struct range){ *address, *address + segment.bytes.size };
	return devicetree_change_ppc64(ctx, &tree, &boot->changes, &plan->segment[ret].bytes);
}

/* root= of the running kernel, where the next has none. */
static int add_old_root(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const char **cmdline)
{
	const char *old = cmdline_find_param(machine->cmdline, "root");
	const char *root;

	if (req->no_old_root || !old || cmdline_has_param(*cmdline, "root"))
		return 0;
	root = arena_strndup(&ctx->arena, old, (size_t)(cmdline_word_end(old) - old));
	log_warn(&ctx->log,
		 "the command line has no root=: the running kernel's %s is added "
		 "(--dt-no-old-root: none)",
		 root);
	*cmdline = arena_printf(&ctx->arena, "%s%s%s", root, **cmdline ? " " : "", *cmdline);
	if (strlen(*cmdline) <= PPC64_CMDLINE_SIZE)
		return 0;
	return err_set(&ctx->err, -E2BIG,
		       "The command line has %zu characters with the running kernel's %s, the "
		       "kernel takes %d",
		       strlen(*cmdline), root, PPC64_CMDLINE_SIZE);
}

static struct bytes make_head(struct ctx *ctx, const struct ppc64_kernel *kernel, bool stay)
{
	uint8_t *head = arena_alloc(&ctx->arena, PURGATORY_PPC64_HEAD);

	memcpy(head, kernel->bytes.data, PURGATORY_PPC64_HEAD);
	if (stay)
		put_u32(kernel->order, head + PPC64_RUN_AT_LOAD, 1);
	return (struct bytes){ head, PURGATORY_PPC64_HEAD };
}

static void want_purgatory(struct ctx *ctx, const struct request *req,
			   const struct machine *machine, const struct ppc64_kernel *kernel,
			   struct plan *plan)
{
	const struct machine_ppc64 *ppc64 = machine->ppc64;

	plan->wants_purgatory = true;
	plan->purgatory_head = make_head(ctx, kernel, req->crash);
	plan->purgatory_placement = (struct placement){
		.align = plan->page_size,
		.direction = LOWEST_FIRST,
	};
	keep_off_kernel(req, kernel, &plan->purgatory_placement);
	ppc64_limit(ctx, req, machine, &plan->purgatory_placement);
	plan->params.flags = arch_purgatory_flags(req);
	plan->params.ticks_per_ms = ppc64->ticks_per_ms;
	plan->purgatory.cycles_per_ms = ppc64->cycles_per_ms;
	if (ppc64->hvterm) {
		plan->params.serial_kind = PURGATORY_SERIAL_HVTERM;
		plan->params.serial_base = ppc64->hvterm_number;
	}
	if (req->serial)
		log_warn(&ctx->log, "--serial has no effect: on ppc64 purgatory speaks on the "
				    "hypervisor's terminal, if that is the console");
	else if (req->console_serial && !ppc64->hvterm)
		log_warn(&ctx->log, "purgatory will be silent: the device tree's stdout-path leads "
				    "to no terminal of a hypervisor (hvterm1, hvterm-protocol)");
	if (req->on_corrupt == ON_CORRUPT_REBOOT && !ppc64->rtas_entry)
		log_warn(&ctx->log, "--on-corrupt=reboot will halt the machine: its device tree "
				    "has no rtas/system-reboot");
}

static void start_kernel(const struct request *req, const struct machine *machine, uint64_t start,
			 uint64_t tree, struct plan *plan)
{
	const struct machine_ppc64 *ppc64 = machine->ppc64;
	struct purgatory_ppc64_state *state = &plan->params.cpu.ppc64;

	plan->kernel_entry = start;
	*state = (struct purgatory_ppc64_state){
		.r = { tree, start, 0, 0, 0, ppc64->opal_base, ppc64->opal_entry },
		.pc = start,
		.tree = tree,
		.rtas_entry = ppc64->rtas_entry,
		.rtas_base = ppc64->rtas_base,
		.rtas_reboot = ppc64->rtas_reboot,
	};
	if (!req->crash)
		return;
	/* The bytes of a 1, written when the kernel's digest was compared. */
	state->word_address = start + PPC64_RUN_AT_LOAD;
	state->word = get_be32(plan->purgatory_head.data + PPC64_RUN_AT_LOAD);
}

int ppc64_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, const struct ppc64_kernel *kernel, uint64_t start,
		     struct plan *plan)
{
	const struct machine_ppc64 *ppc64 = machine->ppc64;
	struct ppc64_boot boot = { .changes.dry_run = req->dry_run };
	struct range *reserved = arena_array(&ctx->arena,
					     ppc64->firmware_count + ppc64->reserved_count + 1,
					     sizeof(*reserved));
	uint64_t tree = 0;
	int ret;

	for (size_t i = 0; i < ppc64->reserved_count; i++)
		reserved[boot.changes.reserved_count++] = ppc64->reserved[i];
	for (size_t i = 0; i < ppc64->firmware_count; i++)
		reserved[boot.changes.reserved_count++] = ppc64->firmware[i];
	boot.changes.reserved = reserved;
	ret = arch_command_line(ctx, req, machine, image, PPC64_CMDLINE_SIZE, &boot.cmdline);
	if (!ret)
		ret = add_old_root(ctx, req, machine, &boot.cmdline);
	if (!ret && req->crash)
		ret = ppc64_plan_crash(ctx, req, machine, kernel->order, plan, &boot);
	if (!ret)
		ret = place_initrd(ctx, req, machine, image, kernel, plan, &boot.changes.initrd);
	boot.changes.bootargs = plan->cmdline = boot.cmdline;
	if (!ret)
		ret = place_tree(ctx, req, machine, kernel, &boot, plan, &tree);
	if (ret < 0)
		return ret;
	want_purgatory(ctx, req, machine, kernel, plan);
	start_kernel(req, machine, start, tree, plan);
	return 0;
}
