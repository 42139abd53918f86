/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unified kernel images: PE files whose sections hold a kernel and what it needs
 * (UAPI.5, Unified Kernel Image).
 */
#include <errno.h>
#include <inttypes.h>

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
 * The sections before the first .profile are common to all profiles.  The sections of a profile, up
 * to the next .profile, override them.
 */
struct sections {
	struct profile base, chosen;
};

/* Returns the number of profiles.  Without a profile of this number, out contains base alone. */
static uint64_t choose(const struct pe *pe, uint64_t number, struct sections *out)
{
	uint64_t count = 0;

	out->base = out->chosen = (struct profile){ 0, next_profile(pe, 0) };
	for (uint16_t at = out->base.end; at < pe->sections; at = next_profile(pe, at), count++) {
		at++;
		if (count == number)
			out->chosen = (struct profile){ at, next_profile(pe, at) };
	}
	return count;
}

static int find(const struct pe *pe, const struct sections *sections, const char *name,
		struct bytes *out, struct err *err)
{
	int ret = find_in(pe, sections->chosen, name, out, err);

	return ret ? ret : find_in(pe, sections->base, name, out, err);
}

static int find_parts(const struct pe *pe, const struct sections *sections, struct uki *out,
		      struct err *err)
{
	const struct {
		const char *name;
		struct bytes *content;
	} wanted[] = {
		{ ".initrd", &out->initrd },   { ".ucode", &out->ucode },
		{ ".cmdline", &out->cmdline }, { ".dtb", &out->dtb },
		{ ".uname", &out->uname },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		int ret = find(pe, sections, wanted[i].name, wanted[i].content, err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

int uki_parse(struct bytes bytes, uint64_t profile, struct uki *out, struct err *err)
{
	struct sections sections;
	struct bytes ignored;
	uint64_t count;
	struct pe pe;
	int ret;

	*out = (struct uki){ 0 };
	ret = pe_parse(bytes, &pe, err);
	if (ret)
		return ret;
	count = choose(&pe, profile, &sections);
	ret = find(&pe, &sections, ".linux", &out->kernel, err);
	if (ret <= 0)
		return ret;
	if (profile && profile >= count)
		return err_set(err, -EINVAL,
			       "it has %" PRIu64 " profiles, numbered from 0: there is no profile "
			       "%" PRIu64,
			       count, profile);
	if (!out->kernel.size)
		return err_set(err, -ENOEXEC, "this UKI's section .linux is empty");
	out->machine = pe.machine;
	out->has_dtbauto = find(&pe, &sections, ".dtbauto", &ignored, NULL);
	ret = find_parts(&pe, &sections, out, err);
	return ret ? ret : 1;
}

int uki_parse_addon(struct bytes bytes, struct uki *out, struct err *err)
{
	struct sections sections;
	struct pe pe;
	int ret;

	*out = (struct uki){ 0 };
	ret = pe_parse(bytes, &pe, err);
	if (ret)
		return ret;
	choose(&pe, UINT64_MAX, &sections);
	out->machine = pe.machine;
	return find_parts(&pe, &sections, out, err);
}
