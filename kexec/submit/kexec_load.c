/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads a plan by kexec_load(2). */
#include <errno.h>
#include <inttypes.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/kexec_flags.h"
#include "submit.h"

static int fill_segments(struct ctx *ctx, const struct plan *plan, struct kexec_segment *out)
{
	for (size_t i = 0; i < plan->segments; i++) {
		const struct segment *s = &plan->segment[i];
		uint64_t size = range_size(s->range);

		/* A 32-bit kexec can pass 32-bit addresses and sizes only. */
		if ((size_t)s->range.start != s->range.start || (size_t)size != size)
			return err_set(&ctx->err, -ERANGE,
				       "the %s at 0x%" PRIx64 "-0x%" PRIx64
				       " is out of the reach of a %zu-bit kexec",
				       s->name, s->range.start, s->range.end, sizeof(size_t) * 8);
		out[i] = (struct kexec_segment){
			.buf = s->bytes.data,
			.bufsz = s->bytes.size,
			.mem = (const void *)(uintptr_t)s->range.start,
			.memsz = (size_t)size,
		};
	}
	if ((size_t)plan->entry != plan->entry)
		return err_set(&ctx->err, -ERANGE,
			       "the entry point 0x%" PRIx64
			       " is out of the reach of a %zu-bit kexec",
			       plan->entry, sizeof(size_t) * 8);
	return 0;
}

static int load_once(const struct plan *plan, const struct kexec_segment *segments, uint32_t flags)
{
	if (syscall(SYS_kexec_load, (unsigned long)plan->entry, (unsigned long)plan->segments,
		    segments, (unsigned long)flags))
		return -errno;
	return 0;
}

int submit_kexec_load(struct ctx *ctx, const struct sysroot *root, const struct plan *plan,
		      const struct submit_arch *arch)
{
	struct kexec_segment segments[PLAN_MAX_SEGMENTS];
	struct submit_call call = {
		.op = SUBMIT_LOAD,
		.crash = plan->kexec_flags & KEXEC_ON_CRASH,
		.flags = plan->kexec_flags,
		.plan = plan,
		.arch = arch,
	};
	int ret = fill_segments(ctx, plan, segments);

	if (ret)
		return ret;

	ret = load_once(plan, segments, call.flags);
	if (ret == -EINVAL && (call.flags & KEXEC_DEBUG)) {
		log_debug(&ctx->log,
			  "kexec_load: Invalid argument; "
			  "once more without the debug flag, which this kernel may not know");
		call.flags &= ~(uint32_t)KEXEC_DEBUG;
		ret = load_once(plan, segments, call.flags);
	}
	return ret ? submit_explain(ctx, root, &call, -ret) : 0;
}
