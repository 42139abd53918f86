/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unified kernel images: PE files whose sections hold a kernel and what it needs
 * (UAPI.5, Unified Kernel Image).
 */
#include <errno.h>

#include "pe.h"
#include "uki.h"

/* Sections from first on, up to end. */
struct profile {
	uint16_t first;
	uint16_t end;
};

static uint16_t next_profile(const struct pe *pe, uint16_t from)
{
	while (from < pe->sections && !pe_section_is(pe, from, ".profile"))
		from++;
	return from;
}

/* 1: found, 0: no such section, -ENOEXEC: its content is not in the file. */
static int find_in(const struct pe *pe, struct profile profile, const char *name, struct bytes *out,
		   struct err *err)
{
	int ret;

	for (uint16_t i = profile.first; i < profile.end; i++)
		if (pe_section_is(pe, i, name)) {
			ret = pe_section(pe, i, out, err);
			return ret ? ret : 1;
		}
	return 0;
}

/*
 * The sections before the first .profile are common to all.  The sections of a profile,
 * up to the next .profile, override it; the first one is what boots unless
 * another is asked for.
 */
static int find(const struct pe *pe, const char *name, struct bytes *out, struct err *err)
{
	struct profile base = { 0, next_profile(pe, 0) };
	struct profile chosen = { base.end, base.end };
	int ret;

	if (chosen.first < pe->sections) {
		chosen.first++;
		chosen.end = next_profile(pe, chosen.first);
	}
	ret = find_in(pe, chosen, name, out, err);
	return ret ? ret : find_in(pe, base, name, out, err);
}

int uki_parse(struct bytes bytes, struct uki *out, struct err *err)
{
	const struct {
		const char *name;
		struct bytes *content;
	} wanted[] = {
		{ ".initrd", &out->initrd },   { ".ucode", &out->ucode },
		{ ".cmdline", &out->cmdline }, { ".dtb", &out->dtb },
		{ ".uname", &out->uname },
	};
	struct pe pe;
	int ret;

	*out = (struct uki){ 0 };
	ret = pe_parse(bytes, &pe, err);
	if (!ret)
		ret = find(&pe, ".linux", &out->kernel, err);
	if (ret <= 0)
		return ret;
	if (!out->kernel.size)
		return err_set(err, -ENOEXEC, "this UKI's section .linux is empty");
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		ret = find(&pe, wanted[i].name, wanted[i].content, err);
		if (ret < 0)
			return ret;
	}
	return 1;
}
