/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uki_parse(), uki_parse_addon() and zboot_parse(): whatever headers say, what is found lies in the
 * file.
 */
#include "fuzz.h"
#include "kexec/image/uki.h"
#include "kexec/image/zboot.h"
#include "kexec/image/pe.h"
#include "tests/unit/peel.h"

static void check_pe(struct bytes bytes)
{
	struct err err = { 0 };
	struct bytes content;
	struct pe pe;
	int ret = pe_parse(bytes, &pe, &err);

	must_explain(ret, &err);
	must(ret || pe_probe(bytes));
	if (ret)
		return;
	must(pe_signed_size(&pe) <= bytes.size);
	for (uint16_t i = 0; i < pe.sections; i++) {
		err = (struct err){ 0 };
		ret = pe_section(&pe, i, &content, &err);
		must_explain(ret, &err);
		must(ret || inside(bytes, content));
	}
}

static void check_parts(struct bytes bytes, const struct uki *uki)
{
	const struct bytes parts[] = { uki->kernel,  uki->initrd, uki->ucode,
				       uki->cmdline, uki->dtb,	  uki->uname };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		must(!parts[i].size || inside(bytes, parts[i]));
}

static void check_uki(struct bytes bytes, uint64_t profile)
{
	struct err err = { 0 };
	struct uki uki;
	int ret = uki_parse(bytes, profile, &uki, &err);

	must(ret <= 1);
	must_explain(ret < 0 ? ret : 0, &err);
	if (ret <= 0)
		return;
	must(uki.kernel.size);
	check_parts(bytes, &uki);
}

static void check_addon(struct bytes bytes)
{
	struct err err = { 0 };
	struct uki uki;
	int ret = uki_parse_addon(bytes, &uki, &err);

	must_explain(ret, &err);
	must(!uki.kernel.size);
	if (!ret)
		check_parts(bytes, &uki);
}

/* The bytes as a UKI and as its add-on. */
static void check_extended(struct bytes bytes)
{
	struct ctx ctx = { 0 };
	struct uki_addon addon = { .name = "ADDON", .file = bytes };
	struct image_rules rules = peel_rules(&ctx, 1u << 20);
	struct image image;
	int ret;

	rules.addon = &addon;
	rules.addons = 1;
	ret = image_peel(&ctx, "FILE", bytes, &rules, &image);
	must_explain(ret, &ctx.err);
	if (!ret && image.cmdline)
		must(strlen(image.cmdline) <= 2 * bytes.size + 1);
	if (!ret && image_was_in(&image, "uki") && image.layers == 1)
		must(!addon.initrd.size || inside(bytes, addon.initrd));
	arena_free(&ctx.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size };
	struct err err = { 0 };
	struct zboot zboot;
	int ret = zboot_parse(bytes, &zboot, &err);

	must_explain(ret, &err);
	must(ret || inside(bytes, zboot.payload));
	check_pe(bytes);
	check_uki(bytes, 0);
	check_uki(bytes, 1);
	check_addon(bytes);
	check_extended(bytes);
	return 0;
}
