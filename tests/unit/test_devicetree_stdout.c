/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec/devicetree/tree_stdout.c: the port that stdout-path names, and trees that do not lead to it. */
#include "make_devicetree.h"
#include "purgatory_abi.h"

#define PL011 "arm,pl011\0arm,primecell"
#define UART "/bus@10000000/mid/serial@200"

static int setup(void **state)
{
	*state = tree_empty();
	return 0;
}

static int teardown(void **state)
{
	tree_free(*state);
	return 0;
}

static void set_cells(void *fdt, const char *path, const char *name, const uint32_t *cells,
		      size_t count)
{
	uint8_t value[64];

	for (size_t i = 0; i < count; i++)
		put_u32(ORDER_BE, value + 4 * i, cells[i]);
	fdt_ok(fdt_setprop(fdt, fdt_path_offset(fdt, path), name, value, (int)(4 * count)));
}

#define SET_CELLS(fdt, path, name, ...)                                                            \
	set_cells(fdt, path, name, (const uint32_t[]){ __VA_ARGS__ },                              \
		  sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void set_text(void *fdt, const char *path, const char *name, const char *value)
{
	fdt_ok(fdt_setprop(fdt, fdt_path_offset(fdt, path), name, value, (int)strlen(value) + 1));
}

/*
 * Two buses of one cell each below a root of two: UART's 0x200 is 0x8200 on the outer bus,
 * whose 0x1000 is the CPU's 0x210000000.
 */
static void *made(struct tree *t)
{
	void *fdt = make_devicetree(&t->ctx, 2);
	int bus = fdt_add_subnode(fdt, 0, "bus@10000000");
	int mid = fdt_add_subnode(fdt, bus, "mid");

	assert_true(fdt_add_subnode(fdt, mid, "serial@200") > 0);
	made_chosen(fdt);
	assert_true(fdt_add_subnode(fdt, 0, "aliases") > 0);
	for (size_t i = 0; i < 2; i++) {
		const char *path = i ? "/bus@10000000" : "/bus@10000000/mid";

		SET_CELLS(fdt, path, "#address-cells", 1);
		SET_CELLS(fdt, path, "#size-cells", 1);
	}
	/* child, parent, size: the second is the one */
	SET_CELLS(fdt, "/bus@10000000", "ranges", 0x80000000, 0, 0x1000, 0x1000, 0x1000, 2,
		  0x10000000, 0x100000);
	SET_CELLS(fdt, "/bus@10000000/mid", "ranges", 0x200, 0x8200, 0x100);
	SET_CELLS(fdt, UART, "reg", 0x200, 0x100);
	fdt_ok(fdt_setprop(fdt, fdt_path_offset(fdt, UART), "compatible", PL011, sizeof(PL011)));
	set_text(fdt, "/chosen", "stdout-path", UART);
	return fdt;
}

static int find(struct tree *t, const void *fdt, struct tty *tty)
{
	struct devicetree tree = expect_tree(&t->ctx, made_tree_bytes(&t->ctx, fdt));

	err_clear(&t->ctx.err);
	return devicetree_stdout(&t->ctx, &tree, tty);
}

static void expect_port(struct tree *t, const void *fdt, uint32_t kind, uint64_t base,
			uint32_t shift)
{
	struct tty tty;

	if (find(t, fdt, &tty))
		fail_msg("%s", t->ctx.err.what);
	assert_int_equal(tty.kind, kind);
	assert_int_equal(tty.base, base);
	assert_int_equal(tty.shift, shift);
}

static void expect_none(struct tree *t, const void *fdt, int code, const char *words)
{
	struct tty tty;

	assert_int_equal(find(t, fdt, &tty), code);
	assert_contains(t->ctx.err.what, words);
}

static void through_two_buses(void **state)
{
	struct tree *t = *state;
	void *fdt = made(t);

	expect_port(t, fdt, PURGATORY_SERIAL_PL011, 0x210007200, 0);
	fdt_ok(fdt_setprop_empty(fdt, fdt_path_offset(fdt, "/bus@10000000/mid"), "ranges"));
	SET_CELLS(fdt, UART, "reg", 0x8204, 0x100);
	expect_port(t, fdt, PURGATORY_SERIAL_PL011, 0x210007204, 0);
}

static void ways_to_say_it(void **state)
{
	struct tree *t = *state;
	void *fdt = made(t);

	set_text(fdt, "/chosen", "stdout-path", UART ":115200n8");
	expect_port(t, fdt, PURGATORY_SERIAL_PL011, 0x210007200, 0);
	set_text(fdt, "/aliases", "serial0", UART);
	set_text(fdt, "/chosen", "stdout-path", "serial0:115200n8");
	expect_port(t, fdt, PURGATORY_SERIAL_PL011, 0x210007200, 0);
	set_text(fdt, "/chosen", "linux,stdout-path", "/nowhere");
	expect_port(t, fdt, PURGATORY_SERIAL_PL011, 0x210007200, 0);
	fdt_ok(fdt_delprop(fdt, fdt_path_offset(fdt, "/chosen"), "stdout-path"));
	set_text(fdt, "/chosen", "linux,stdout-path", "serial0");
	expect_port(t, fdt, PURGATORY_SERIAL_PL011, 0x210007200, 0);
}

static void leads_nowhere(void **state)
{
	struct tree *t = *state;
	void *fdt = made(t);
	/* alias, and what it stands for */
	static const char *const aliases[][2] = {
		{ "self", "self" },
		{ "self", "" },
		{ "one", "other" },
		{ "self", "serial@200" },
	};

	for (size_t i = 0; i < COUNT(aliases); i++) {
		set_text(fdt, "/aliases", aliases[i][0], aliases[i][1]);
		set_text(fdt, "/aliases", "other", "one");
		set_text(fdt, "/chosen", "stdout-path", aliases[i][0]);
		expect_none(t, fdt, -ENOENT, "no stdout-path that leads to a port");
	}
	set_text(fdt, "/chosen", "stdout-path", "unheard-of");
	expect_none(t, fdt, -ENOENT, "no stdout-path");
	set_text(fdt, "/chosen", "stdout-path", "");
	expect_none(t, fdt, -ENOENT, "no stdout-path");
	fdt_ok(fdt_setprop(fdt, fdt_path_offset(fdt, "/chosen"), "stdout-path", UART,
			   (int)strlen(UART)));
	expect_none(t, fdt, -ENOENT, "no stdout-path"); /* no end of a string */
	set_text(fdt, "/chosen", "stdout-path", "/bus@10000000/serial");
	expect_none(t, fdt, -ENOENT, "/bus@10000000/serial, which is not in TREE");
	fdt_ok(fdt_del_node(fdt, fdt_path_offset(fdt, "/aliases")));
	set_text(fdt, "/chosen", "stdout-path", "serial0");
	expect_none(t, fdt, -ENOENT, "no stdout-path");
	fdt_ok(fdt_del_node(fdt, fdt_path_offset(fdt, "/chosen")));
	expect_none(t, fdt, -ENOENT, "no stdout-path");
}

static void kinds(void **state)
{
	struct tree *t = *state;
	void *fdt = made(t);

	set_text(fdt, UART, "compatible", "arm,sbsa-uart");
	expect_port(t, fdt, PURGATORY_SERIAL_PL011, 0x210007200, 0);
	set_text(fdt, UART, "compatible", "ns16550a");
	expect_port(t, fdt, PURGATORY_SERIAL_8250_MMIO, 0x210007200, 0);
	SET_CELLS(fdt, UART, "reg-offset", 3);
	expect_port(t, fdt, PURGATORY_SERIAL_8250_MMIO, 0x210007203, 0);
	SET_CELLS(fdt, UART, "reg-offset", 0x40);
	set_text(fdt, UART, "compatible", "snps,dw-apb-uart");
	SET_CELLS(fdt, UART, "reg-shift", 2);
	expect_port(t, fdt, PURGATORY_SERIAL_8250_MMIO, 0x210007240, 2);
	SET_CELLS(fdt, UART, "reg-io-width", 4);
	expect_port(t, fdt, PURGATORY_SERIAL_8250_MMIO, 0x210007240, 2);
	SET_CELLS(fdt, UART, "reg-shift", 0);
	expect_none(t, fdt, -ENOTSUP,
		    "cannot print on " UART ": it supports registers of one byte");
	SET_CELLS(fdt, UART, "reg-io-width", 2);
	expect_none(t, fdt, -ENOTSUP, "cannot print");
	SET_CELLS(fdt, UART, "reg-io-width", 1);
	SET_CELLS(fdt, UART, "reg-shift", 60);
	expect_none(t, fdt, -ENOTSUP, "cannot print");
	SET_CELLS(fdt, UART, "reg-shift", 2);
	fdt_ok(fdt_setprop_empty(fdt, fdt_path_offset(fdt, UART), "big-endian"));
	expect_none(t, fdt, -ENOTSUP, "cannot print");
	set_text(fdt, UART, "compatible", "fsl,imx21-uart");
	expect_none(t, fdt, -ENOTSUP, "no driver for stdout-path's " UART);
	fdt_ok(fdt_delprop(fdt, fdt_path_offset(fdt, UART), "compatible"));
	expect_none(t, fdt, -ENOTSUP, "no driver");
}

static void reg_makes_no_sense(void **state)
{
	struct tree *t = *state;
	void *fdt = made(t);

	SET_CELLS(fdt, UART, "reg", 0x200);
	expect_none(t, fdt, -ENXIO,
		    "cannot find the address of serial@200: its reg makes no sense");
	fdt_ok(fdt_setprop(fdt, fdt_path_offset(fdt, UART), "reg", "abcdefg", 7));
	expect_none(t, fdt, -ENXIO, "its reg makes no sense");
	fdt_ok(fdt_delprop(fdt, fdt_path_offset(fdt, UART), "reg"));
	expect_none(t, fdt, -ENXIO, "it has no reg");
	SET_CELLS(fdt, UART, "reg", 0x200, 0x100, 0, 0);
	for (uint32_t cells = 0; cells < 6; cells++) {
		SET_CELLS(fdt, "/bus@10000000/mid", "#address-cells", cells);
		if (cells == 0 || cells > 2)
			expect_none(t, fdt, -ENXIO, "its reg makes no sense");
	}
	SET_CELLS(fdt, "/bus@10000000/mid", "#address-cells", 1);
	SET_CELLS(fdt, "/bus@10000000/mid", "#size-cells", 0);
	expect_none(t, fdt, -ENXIO, "its reg makes no sense");
	/* the root itself is no port */
	fdt_ok(fdt_setprop(fdt, 0, "compatible", PL011, sizeof(PL011)));
	SET_CELLS(fdt, "/", "reg", 0, 0x1000, 0, 0x1000);
	set_text(fdt, "/chosen", "stdout-path", "/");
	expect_none(t, fdt, -ENXIO, "its reg makes no sense");
}

static void ranges_that_do_not_translate(void **state)
{
	static const uint32_t bases[] = { 0, 0x1000 - 1, 0x101000, UINT32_MAX };
	struct tree *t = *state;
	void *fdt = made(t);

	for (size_t i = 0; i < COUNT(bases); i++) {
		SET_CELLS(fdt, "/bus@10000000/mid", "ranges", 0x200, bases[i], 0x100);
		expect_none(t, fdt, -ENXIO,
			    "no entry in ranges of the bus bus@10000000 contains it");
	}
	SET_CELLS(fdt, "/bus@10000000/mid", "ranges", 0x201, 0x8200, 0x100);
	expect_none(t, fdt, -ENXIO, "no entry in ranges of the bus mid contains it");
	SET_CELLS(fdt, "/bus@10000000/mid", "ranges", 0x200, 0x8200);
	expect_none(t, fdt, -ENXIO, "no entry in ranges of the bus mid contains it");
	fdt_ok(fdt_delprop(fdt, fdt_path_offset(fdt, "/bus@10000000/mid"), "ranges"));
	expect_none(t, fdt, -ENXIO, "no entry in ranges of the bus mid contains it");
	SET_CELLS(fdt, "/bus@10000000/mid", "ranges", 0x200, 0x8200, 0x100);
	/* out of 64 bits, and out of what CPUs have */
	SET_CELLS(fdt, "/bus@10000000", "ranges", 0x8000, UINT32_MAX, 0xffffff00, 0x1000);
	expect_none(t, fdt, -ENXIO, "no entry in ranges of the bus bus@10000000 contains it");
	SET_CELLS(fdt, "/bus@10000000", "ranges", 0x8000, 0x100000, 0, 0x1000);
	expect_none(t, fdt, -ENXIO, UART " has no registers in memory");
	SET_CELLS(fdt, "/", "#address-cells", 3);
	expect_none(t, fdt, -ENXIO, "no entry in ranges of the bus bus@10000000 contains it");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(through_two_buses),  TEST(ways_to_say_it),
		TEST(leads_nowhere),	  TEST(kinds),
		TEST(reg_makes_no_sense), TEST(ranges_that_do_not_translate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
