/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUs in riscv's trees (Linux: devicetree/bindings/riscv/cpus.yaml,
 * extensions.yaml).
 */
#include <ctype.h>
#include <libfdt.h>

#include "riscv64_tree.h"

uint32_t devicetree_timebase(const struct devicetree *tree)
{
	const void *fdt = tree->blob.data;
	int size;
	const void *value = fdt_getprop(fdt, fdt_path_offset(fdt, "/cpus"), "timebase-frequency",
					&size);

	return value && size == sizeof(uint32_t) ? get_be32(value) : 0;
}

/* True if the word names this extension, with or without a version such as 1p0 after the name. */
static bool is_extension(const char *word, size_t size, const char *name)
{
	size_t length = strlen(name);

	return size >= length && !strncasecmp(word, name, length) &&
	       (size == length || isdigit((unsigned char)word[length]));
}

/*
 * "rv64imac_zicsr_zknh": single letters, then words that start with s, x or z; an
 * underscore may be left out before the first word.
 */
static bool isa_has(const char *isa, const char *name)
{
	isa += strncasecmp(isa, "rv64", 4) ? 0 : 4;
	isa += strcspn(isa, "_sxzSXZ");
	while (*isa) {
		size_t size;

		isa += *isa == '_';
		size = strcspn(isa, "_");
		if (is_extension(isa, size, name))
			return true;
		isa += size;
	}
	return false;
}

/* The list has precedence over the string if a node has both properties. */
static bool cpu_has(const void *fdt, int cpu, const char *name)
{
	const char *isa;

	if (fdt_getprop(fdt, cpu, "riscv,isa-extensions", NULL))
		return fdt_stringlist_search(fdt, cpu, "riscv,isa-extensions", name) >= 0;
	isa = fdt_stringlist_get(fdt, cpu, "riscv,isa", 0, NULL);
	return isa && isa_has(isa, name);
}

bool devicetree_riscv_cpus_have(const struct devicetree *tree, const char *const *names)
{
	const void *fdt = tree->blob.data;
	unsigned int cpus = 0;
	int node;

	fdt_for_each_subnode(node, fdt, fdt_path_offset(fdt, "/cpus"))
	{
		const char *type = fdt_stringlist_get(fdt, node, "device_type", 0, NULL);
		const char *const *name = names;

		if (!type || strcmp(type, "cpu"))
			continue;
		cpus++;
		while (*name && !cpu_has(fdt, node, *name))
			name++;
		if (!*name)
			return false;
	}
	return cpus;
}
