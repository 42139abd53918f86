/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting Linux on s390x: at address 0x10000, with DAT off.  The image contains the
 * parameters.  A crash kernel runs at that address, too: purgatory first exchanges the
 * contents of the reservation and of the memory from 0 on (Linux: arch/s390/boot/head.S,
 * arch/s390/kernel/machine_kexec.c).
 */
#include "s390x.h"

#include <errno.h>
#include <inttypes.h>

#include "boot/boot.h"
#include "machine/cpuinfo.h"
#include "core/units.h"

/*
 * Linux unpacks itself after its image.  The image does not contain the end address.  If an
 * initrd is in the way, Linux moves it first (Linux: rescue_initrd()).  Boot loaders put the
 * initrd at this address, so most kernels need not move it.
 */
#define LOWEST_INITRD (8 * MIB)
#define INITRD_ALIGN MIB

/*
 * Variables and heap of the decompressor are after the image: 64 KiB, with zstd 192 KiB
 * (Linux: arch/s390/boot/decompressor.c).
 */
#define WORKSPACE (256u << 10)

/* Offsets in the reservation.  Below: the CPU's interrupt save area.  Above: the kernel. */
#define PURGATORY_START 0x2000
#define PURGATORY_END S390_IMAGE_START

/* The clock has 4096 ticks per microsecond on every machine. */
#define TICKS_PER_MS 4096000

/* EA and BA only: 64-bit mode.  A normal load could start in 31-bit mode, a crash load cannot. */
#define PSW_64_BIT 0x180000000

static void warn_of_options(struct ctx *ctx, const struct request *req)
{
	if (req->serial)
		log_warn(&ctx->log,
			 "--serial has no effect: on s390x purgatory prints on the console of "
			 "the service element");
	if (req->hotplug)
		log_warn(&ctx->log, "--hotplug has no effect: a crash kernel on s390x finds CPUs "
				    "and memory by itself");
}

static int check_image(struct ctx *ctx, const struct load *load, const struct s390_image *header)
{
	if (load->req->crash && !header->kdump_entry) {
		err_set(&ctx->err, -ENOEXEC,
			"it has no entry for crash kernels (S390EP at 0x10008, and at least 1 "
			"after it)");
		return err_hint(&ctx->err, "Linux has this entry from 3.2 on.");
	}
	if (!header->marked)
		log_warn(&ctx->log,
			 "%s: loaded as a kernel because of --type: it has no S390EP at "
			 "0x10008, which Linux has from 3.2 on",
			 load->image.name);
	return 0;
}

/* Purgatory exchanges the reservation, page by page, with memory from 0 on: no overlap allowed. */
static int check_reservation(struct ctx *ctx, const struct range *reservation)
{
	uint64_t size = range_size(*reservation);

	if ((reservation->start | size) % S390X_PAGE_SIZE == 0 && reservation->start >= size)
		return 0;
	err_set(&ctx->err, -ENOTSUP,
		"the crash kernel's reservation at 0x%" PRIx64 "-0x%" PRIx64
		" does not consist of whole pages, or begins in the 0x%" PRIx64
		" bytes from 0 on in which the crash kernel runs",
		reservation->start, reservation->end - 1, size);
	return err_hint(&ctx->err, "Boot with another crashkernel=, then load again.");
}

/* A copy of the image, because parameters are written into the image. */
struct kernel {
	struct s390_image header;
	uint8_t *bytes; /* from S390_IMAGE_START on */
	size_t size;
	uint64_t base; /* address of the memory that is at 0 when the kernel runs */
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

/* Writes one of the parameters inside the image (s390_image.h has their addresses). */
static void put_number(const struct kernel *kernel, uint64_t address, uint64_t value)
{
	put_u64(ORDER_BE, kernel->bytes + (address - S390_IMAGE_START), value);
}

static const char *own_cmdline(struct ctx *ctx, const struct kernel *kernel)
{
	const struct bytes own = kernel->header.own_cmdline;

	return arena_strndup(&ctx->arena, (const char *)own.data, own.size);
}

static int place_kernel(struct ctx *ctx, const struct load *load, struct kernel *kernel,
			struct plan *plan)
{
	struct segment segment = {
		.name = "kernel",
		.file = load->image.name,
		.bytes = { kernel->bytes, kernel->size },
		.sealed = true,
	};
	int ret = plan_fix(ctx, plan, &segment, kernel->base + S390_IMAGE_START, kernel->size);

	if (ret < 0)
		return ret;
	kernel->range = plan->segment[ret].range;
	return 0;
}

/* Start of the memory for initrd and purgatory: after the image, and at least 8 MiB. */
static uint64_t above_kernel(const struct kernel *kernel)
{
	uint64_t low = kernel->base + LOWEST_INITRD;

	return low > kernel->range.end ? low : kernel->range.end;
}

static void limit_places(const struct load *load, const struct kernel *kernel, struct boot *boot)
{
	const struct range below = { kernel->base + PURGATORY_START, kernel->base + PURGATORY_END };
	const struct range above = { above_kernel(kernel), UINT64_MAX };

	boot->initrd.align = INITRD_ALIGN;
	placement_limit(&boot->initrd, above, "initrd after the kernel and above 8 MiB");
	if (load->req->crash) {
		placement_limit(&boot->purgatory, below,
				"purgatory in the 56 KiB below a crash kernel");
		return;
	}
	placement_limit(&boot->purgatory, above, "purgatory after the kernel and above 8 MiB");
	/* The running kernel jumps with a short PSW. */
	placement_limit(&boot->purgatory, (struct range){ 0, 2 * GIB },
			"purgatory below 2 GiB (31-bit addresses)");
}

/*
 * Copies the workspace of the decompressor over itself, in purgatory.  The contents do not
 * change; only the speed under an emulator does, and real machines do not need it.  QEMU 7.2
 * writes slowly to a page while it keeps translated code of that page.  Ordinary stores make it
 * drop the code, but the long moves with which the running kernel places segments do not.
 */
static struct purgatory_copy rewrite_workspace(const struct machine *machine,
					       const struct kernel *kernel)
{
	const struct range space = { kernel->range.end, kernel->range.end + WORKSPACE };

	if (!range_set_contains(&machine->ram, space))
		return (struct purgatory_copy){ 0 };
	return (struct purgatory_copy){ space.start, space.start, WORKSPACE };
}

static void put_parameters(const struct load *load, const struct kernel *kernel,
			   const struct boot_info *info)
{
	const struct range initrd = info->initrd;

	if (info->cmdline)
		memcpy(kernel->bytes + (S390_COMMAND_LINE - S390_IMAGE_START), info->cmdline,
		       strlen(info->cmdline) + 1);
	put_number(kernel, S390_INITRD_START,
		   range_empty(initrd) ? 0 : initrd.start - kernel->base);
	put_number(kernel, S390_INITRD_SIZE, range_size(initrd));
	if (!load->req->crash)
		return;
	put_number(kernel, S390_OLDMEM_BASE, kernel->base);
	put_number(kernel, S390_OLDMEM_SIZE, range_size(load->reservation));
}

/* boot->entry: the entry before purgatory moves the kernel to 0; pc: the entry after the move. */
static void enter(struct ctx *ctx, const struct load *load, const struct boot *boot,
		  const struct boot_info *info, struct plan *plan)
{
	const struct kernel *kernel = boot->kernel;
	static const struct hash_method kimd = { "KIMD", 2 };
	struct purgatory_params *params = &plan->params;
	bool crash = load->req->crash;

	put_parameters(load, kernel, info);
	warn_of_options(ctx, load->req);
	plan->lists_regions = crash;
	if (cpuinfo_has_flag(load->machine.cpuinfo, "msa"))
		plan->purgatory.hash = &kimd;
	params->serial_kind = PURGATORY_SERIAL_SCLP;
	if (!crash)
		params->copy = rewrite_workspace(&load->machine, kernel);
	params->ticks_per_ms = TICKS_PER_MS;
	params->cpu.s390x = (struct purgatory_s390x_state){
		.psw_mask = PSW_64_BIT,
		.pc = boot->entry - kernel->base,
		.crash_base = kernel->base,
		.crash_size = range_size(load->reservation),
	};
}

int s390x_plan_boot(struct ctx *ctx, const struct load *load, struct bytes bytes, struct plan *plan)
{
	struct kernel kernel = { .base = load->reservation.start };
	struct boot boot = { .enter = enter, .kernel = &kernel };
	int ret = s390_image_parse(bytes, &kernel.header, &ctx->err);

	if (!ret)
		ret = check_image(ctx, load, &kernel.header);
	if (!ret && load->req->crash)
		ret = check_reservation(ctx, &load->reservation);
	if (!ret)
		ret = copy_image(ctx, &kernel);
	if (!ret)
		ret = place_kernel(ctx, load, &kernel, plan);
	if (ret)
		return ret;
	boot.entry = kernel.base + (load->req->crash ? S390_IMAGE_KDUMP_ENTRY : S390_IMAGE_START);
	boot.cmdline_size = kernel.header.cmdline_size;
	boot.kept_cmdline = own_cmdline(ctx, &kernel);
	limit_places(load, &kernel, &boot);
	return boot_plan(ctx, load, &boot, plan);
}
