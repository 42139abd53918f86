/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that only the kernel's own loader passes on (Linux: admin-guide/mm/kho.rst,
 * core-api/liveupdate.rst, admin-guide/kdump/kdump.rst, security/IMA).
 */
#include <errno.h>
#include <string.h>

#include "machine.h"

#define DM_CRYPT_KEYS "/sys/kernel/config/crash_dm_crypt_keys/count"
#define KHO_TREES "/sys/kernel/debug/kho/out/sub_fdts"
#define IMA_COUNT "/sys/kernel/security/ima/runtime_measurements_count"

/* The kernel's spellings of true; the last word of that name counts. */
static bool is_on(const char *cmdline, const char *name)
{
	const char *word;
	bool on = false;

	while ((word = cmdline_find_param(cmdline, name))) {
		const char *end = cmdline_word_end(word);
		const char *value = memchr(word, '=', (size_t)(end - word));

		if (value)
			on = (value[1] && strchr("yYtT1", value[1])) ||
			     !strncasecmp(value + 1, "on", 2);
		cmdline = end;
	}
	return on;
}

/* *count is 0 if the file does not exist or only root may read it. */
static bool read_count(struct ctx *ctx, const struct sysroot *root, const char *name,
		       uint64_t *count)
{
	int ret = sysroot_read_number(ctx, root, name, 10, count);

	if (!ret)
		return true;
	if (ret != -ENOENT && ret != -EACCES)
		log_warn(&ctx->log, "%s", ctx->err.what);
	err_clear(&ctx->err);
	*count = 0;
	return false;
}

/* The first entry of IMA's list is the boot aggregate, which every kernel measures anew. */
static bool has_measurements(struct ctx *ctx, const struct machine *machine)
{
	uint64_t count;

	if (read_count(ctx, machine->root, IMA_COUNT, &count))
		return count > 1;
	return cmdline_has_param(machine->cmdline, "ima_policy");
}

/*
 * A kernel may be built to preserve state without kho=on.  Its debugfs shows root what it preserves;
 * kexec-metadata, which is always there, only counts kexecs.
 */
static bool preserves_by_default(struct ctx *ctx, const struct machine *machine)
{
	char **names;
	int ret = sysroot_list(ctx, machine->root, KHO_TREES, &names);

	if (ret && ret != -ENOENT && ret != -ENOTDIR && ret != -EACCES)
		log_warn(&ctx->log, "%s", ctx->err.what);
	err_clear(&ctx->err);
	while (*names && !strcmp(*names, "kexec-metadata"))
		names++;
	return *names;
}

void machine_read_handover(struct ctx *ctx, const struct machine *machine, bool crash,
			   struct handover *out)
{
	uint64_t keys = 0;
	size_t n = 0;

	*out = (struct handover){ 0 };
	if (crash) {
		read_count(ctx, machine->root, DM_CRYPT_KEYS, &keys);
		if (keys)
			out->lost[n] = "the dm-crypt keys for the crash kernel";
		return;
	}
	if (is_on(machine->cmdline, "kho"))
		out->lost[n++] = "state that kho=on preserves";
	else if (preserves_by_default(ctx, machine))
		out->lost[n++] = "state that the kernel preserves (" KHO_TREES ")";
	if (is_on(machine->cmdline, "liveupdate"))
		out->lost[n++] = "state that liveupdate=on preserves";
	out->preserves = n;
	if (has_measurements(ctx, machine))
		out->lost[n] = "the IMA measurement list";
}
