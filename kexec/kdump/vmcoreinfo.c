/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address of the kernel's note about itself (Linux: admin-guide/kdump/vmcoreinfo.rst). */
#include "kdump.h"

#include <errno.h>

#include "notes.h"

int kdump_vmcoreinfo(struct ctx *ctx, const struct machine_crash *crash, struct range *note)
{
	const char *p = crash->vmcoreinfo;
	uint64_t address, size;

	*note = (struct range){ 0 };
	if (!p) {
		log_warn(&ctx->log, "the kernel has no /sys/kernel/vmcoreinfo: "
				    "tools will need its debug symbols to read the dump");
		return 0;
	}
	/* Both numbers are hexadecimal, without a prefix. */
	if (notes_word(&p, 16, &address) && notes_word(&p, 16, &size) && notes_end(p) &&
	    notes_range(address, size, note))
		return 0;
	return err_set(&ctx->err, -EINVAL,
		       "/sys/kernel/vmcoreinfo: expected address and size in hexadecimal, found "
		       "'%.60s'",
		       crash->vmcoreinfo);
}
