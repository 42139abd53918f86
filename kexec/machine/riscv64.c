/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of a riscv64 machine that only firmware can read (OpenSBI: docs/domain_support.md). */
#include "riscv64.h"

#include <errno.h>

#include "livetree.h"

#define RESERVED "reserved-memory"
#define FIRMWARE "mmode_resv" /* what OpenSBI calls its nodes */

static int hide(const struct livetree *tree, const char *node, struct machine *machine)
{
	struct bytes reg;
	uint64_t start, size;
	int ret = livetree_bytes(tree, arena_printf(&tree->ctx->arena, RESERVED "/%s/reg", node),
				 &reg);

	if (ret <= 0 || reg.size != 2 * sizeof(uint64_t))
		return ret < 0 ? ret : 0;
	start = get_be64(reg.data);
	size = get_be64((const uint8_t *)reg.data + sizeof(uint64_t));
	if (size <= UINT64_MAX - start)
		range_set_add(&tree->ctx->arena, &machine->hidden,
			      (struct range){ start, start + size });
	return 0;
}

int machine_read_riscv64(struct ctx *ctx, struct machine *machine)
{
	struct livetree tree;
	char **names = NULL;
	int ret = livetree_open(ctx, machine->root, &tree);

	if (!ret)
		ret = livetree_list(&tree, RESERVED, &names);
	if (ret == -ENOENT) {
		err_clear(&ctx->err);
		return 0;
	}
	for (size_t i = 0; ret >= 0 && names[i]; i++)
		if (!strncmp(names[i], FIRMWARE, strlen(FIRMWARE)))
			ret = hide(&tree, names[i], machine);
	return ret < 0 ? ret : 0;
}
