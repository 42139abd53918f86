/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on s390x: from address 0x10000, DAT off, its parameters inside itself.  A
 * crash kernel runs there too, once purgatory has exchanged its reservation for the memory
 * from 0 on (Linux: arch/s390/boot/head.S, arch/s390/kernel/machine_kexec.c).
 */
#include "s390x.h"

#include <errno.h>
#include <inttypes.h>

#include "machine/cpuinfo.h"
#include "core/units.h"

/*
 * Linux unpacks itself behind its image, up to an address that no image tells, and moves
 * an initrd out of the way first (Linux: rescue_initrd()).  This is where boot
 * loaders put it: the usual kernel need not move it.
 */
#define LOWEST_INITRD (8 * MIB)
#define INITRD_ALIGN MIB

/*
 * While it unpacks itself its variables and heap are behind the image: 64 KiB, with zstd 192
 * (Linux: arch/s390/boot/decompressor.c).
 */
#define WORKSPACE (256u << 10)

/* Of the reservation: below is what the CPU stores when it is interrupted, above the kernel. */
#define PURGATORY_START 0x2000
#define PURGATORY_END S390_IMAGE_START

/* The clock counts 4096 in a microsecond, on every machine. */
#define TICKS_PER_MS 4096000

/* EA and BA, and nothing else.  The normal entry would do with 31 bits, the other one not. */
#define PSW_64_BIT 0x180000000

/* PURGATORY_SERIAL_SCLP needs no option: the console belongs to the platform. */
static void warn_of_options(struct ctx *ctx, const struct request *req)
{
	if (req->serial)
		log_warn(&ctx->log,
			 "--serial has no effect: on s390x purgatory speaks on the console of "
			 "the service element");
	if (req->hotplug)
		log_warn(&ctx->log, "--hotplug has no effect: a crash kernel on s390x finds CPUs "
				    "and memory by itself");
}

static int check_image(struct ctx *ctx, const struct request *req, const struct image *image,
		       const struct s390_image *header)
{
	if (req->crash && !header->kdump_entry) {
		err_set(&ctx->err, -ENOEXEC,
			"it has no entry for crash kernels (S390EP at 0x10008, and at least 1 "
			"behind it)");
		return err_hint(&ctx->err, "Linux has it from 3.2 on.");
	}
	if (!header->marked)
		log_warn(&ctx->log,
			 "%s: taken for a kernel because --type says so: it has no S390EP at "
			 "0x10008, as Linux has from 3.2 on",
			 image->name);
	return 0;
}

/* Purgatory exchanges it, in pages, for the memory from 0 on, which must be other memory. */
static int check_reservation(struct ctx *ctx, const struct range *reservation)
{
	uint64_t size = range_size(*reservation);

	if ((reservation->start | size) % S390X_PAGE_SIZE == 0 && reservation->start >= size)
		return 0;
	err_set(&ctx->err, -ENOTSUP,
		"the crash kernel's reservation at 0x%" PRIx64 "-0x%" PRIx64
		" is not made of pages, or begins in the 0x%" PRIx64
		" bytes from 0 on where the crash kernel is to run",
		reservation->start, reservation->end - 1, size);
	return err_hint(&ctx->err, "Boot with another crashkernel=, then load again.");
}

/* A copy of the image, since parameters are put into it. */
struct kernel {
	struct s390_image header;
	uint8_t *bytes; /* from S390_IMAGE_START on */
	size_t size;
	uint64_t base; /* of the memory that will be at 0 when it runs */
	struct range range;
};

static int copy_image(struct ctx *ctx, struct kernel *kernel)
{
	struct bytes bytes = bytes_from(kernel->header.kernel, S390_IMAGE_START);

	kernel->size = bytes.size;
	kernel->bytes = map_anonymous(ctx, bytes.size);
	if (!kernel->bytes)
		return err_set(&ctx->err, -ENOMEM, "no memory for %zu bytes of kernel", bytes.size);
	memcpy(kernel->bytes, bytes.data, bytes.size);
	return 0;
}

/* Parameters are at the addresses that image.h tells. */
static void put_number(struct kernel *kernel, uint64_t address, uint64_t value)
{
	put_u64(ORDER_BE, kernel->bytes + (address - S390_IMAGE_START), value);
}

static int put_cmdline(struct ctx *ctx, const struct request *req, const struct machine *machine,
		       const struct image *image, struct kernel *kernel, const char **cmdline)
{
	const struct bytes own = kernel->header.own_cmdline;
	int ret;

	if (!req->command_line && !req->reuse_cmdline && !image->cmdline) {
		*cmdline = arena_strndup(&ctx->arena, (const char *)own.data, own.size);
		return 0;
	}
	ret = arch_command_line(ctx, req, machine, image, kernel->header.cmdline_size, cmdline);
	if (!ret)
		memcpy(kernel->bytes + (S390_COMMAND_LINE - S390_IMAGE_START), *cmdline,
		       strlen(*cmdline) + 1);
	return ret;
}

static int place_kernel(struct ctx *ctx, const struct request *req, const struct image *image,
			struct kernel *kernel, struct plan *plan)
{
	struct segment segment = {
		.name = "kernel",
		.file = image->name,
		.bytes = { kernel->bytes, kernel->size },
		.sealed = true,
	};
	int ret;

	arch_limit_placement(req, &segment.placement);
	ret = plan_fix(ctx, plan, &segment, kernel->base + S390_IMAGE_START, kernel->size);
	if (ret < 0)
		return ret;
	kernel->range = plan->segment[ret].range;
	return 0;
}

/* Above what is taken as the kernel's own: behind its image is its heap, from the start. */
static uint64_t above_kernel(const struct kernel *kernel)
{
	uint64_t low = kernel->base + LOWEST_INITRD;

	return low > kernel->range.end ? low : kernel->range.end;
}

static int place_initrd(struct ctx *ctx, const struct request *req, const struct machine *machine,
			const struct image *image, struct kernel *kernel, struct plan *plan)
{
	struct placement placement = { .align = INITRD_ALIGN, .direction = LOWEST_FIRST };
	struct range initrd;
	int ret;

	placement_limit(&placement, (struct range){ above_kernel(kernel), UINT64_MAX },
			"initrd behind the kernel and 8 MiB");
	ret = arch_place_initrd(ctx, req, machine, image, &placement, plan, &initrd);
	if (ret)
		return ret;
	put_number(kernel, S390_INITRD_START,
		   range_empty(initrd) ? 0 : initrd.start - kernel->base);
	put_number(kernel, S390_INITRD_SIZE, range_size(initrd));
	return 0;
}

static void place_purgatory(const struct request *req, const struct kernel *kernel,
			    struct placement *placement)
{
	const struct range below = { kernel->base + PURGATORY_START, kernel->base + PURGATORY_END };

	*placement = (struct placement){ .align = S390X_PAGE_SIZE, .direction = LOWEST_FIRST };
	if (req->crash) {
		placement_limit(placement, below, "purgatory in the 56 KiB below a crash kernel");
	} else {
		placement_limit(placement, (struct range){ above_kernel(kernel), UINT64_MAX },
				"purgatory behind the kernel and 8 MiB");
		/* The running kernel jumps with a short PSW. */
		placement_limit(placement, (struct range){ 0, 2 * GIB },
				"purgatory where 31 bits reach");
	}
	arch_limit_placement(req, placement);
}

/*
 * Bytes that are written over themselves.  QEMU 7.2 is slow at writing to a page as long as it
 * keeps code of it; that goes by ordinary stores, but not by the long moves with which the
 * running kernel puts segments into place.
 */
static struct purgatory_copy rewrite_workspace(const struct machine *machine,
					       const struct kernel *kernel)
{
	const struct range space = { kernel->range.end, kernel->range.end + WORKSPACE };

	if (!range_set_contains(&machine->ram, space))
		return (struct purgatory_copy){ 0 };
	return (struct purgatory_copy){ space.start, space.start, WORKSPACE };
}

static void want_purgatory(const struct request *req, const struct machine *machine,
			   const struct kernel *kernel, struct plan *plan)
{
	struct purgatory_params *params = &plan->params;

	plan->wants_purgatory = true;
	plan->lists_regions = req->crash;
	plan->purgatory.accelerated = cpuinfo_has_flag(machine->cpuinfo, "msa");
	place_purgatory(req, kernel, &plan->purgatory_placement);
	params->flags = arch_purgatory_flags(req);
	params->serial_kind = PURGATORY_SERIAL_SCLP;
	if (!req->crash)
		params->copy = rewrite_workspace(machine, kernel);
	params->ticks_per_ms = TICKS_PER_MS;
}

/* plan->kernel_entry is where the first instruction lies until purgatory moves it. */
static void start(const struct request *req, const struct kernel *kernel, struct plan *plan)
{
	uint64_t pc = req->crash ? S390_IMAGE_KDUMP_ENTRY : S390_IMAGE_START;

	plan->kernel_entry = kernel->base + pc;
	plan->params.cpu.s390x = (struct purgatory_s390x_state){
		.psw_mask = PSW_64_BIT,
		.pc = pc,
		.crash_base = kernel->base,
		.crash_size = range_size(plan->within.range),
	};
}

int s390x_plan_linux(struct ctx *ctx, const struct request *req, const struct machine *machine,
		     const struct image *image, struct bytes bytes, struct plan *plan)
{
	struct kernel kernel = { .base = plan->within.range.start };
	int ret = s390_image_parse(bytes, &kernel.header, &ctx->err);

	if (!ret)
		ret = check_image(ctx, req, image, &kernel.header);
	if (!ret && req->crash)
		ret = check_reservation(ctx, &plan->within.range);
	if (!ret)
		ret = copy_image(ctx, &kernel);
	if (!ret)
		ret = put_cmdline(ctx, req, machine, image, &kernel, &plan->cmdline);
	if (!ret)
		ret = place_kernel(ctx, req, image, &kernel, plan);
	if (!ret)
		ret = place_initrd(ctx, req, machine, image, &kernel, plan);
	if (ret)
		return ret;
	if (req->crash) {
		put_number(&kernel, S390_OLDMEM_BASE, kernel.base);
		put_number(&kernel, S390_OLDMEM_SIZE, range_size(plan->within.range));
	}
	warn_of_options(ctx, req);
	plan->kernel_version = image->version;
	want_purgatory(req, machine, &kernel, plan);
	start(req, &kernel, plan);
	return 0;
}
