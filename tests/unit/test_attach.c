/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec/relocate/attach.c: a purgatory file becomes a placed, relocated segment
 * with the plan's parameters in it, or the load fails before anything is placed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "kexec/relocate/relocate.h"
#include "sha256.h"
#include "example.h"
#include "make_elf.h"

#define RAM_START 0x100000
#define RAM_END 0x900000
#define CPU_SIZE 152 /* the example's CPU state */
#define HEAD_SIZE 256
#define BRANCH_SIZE 4

static const uint8_t kernel_bytes[] = "a kernel";

struct fixture {
	char file[32];
	struct ctx ctx;
	struct request req;
	struct plan plan;
};

/* A plan as the arch leaves it: one sealed segment, and what purgatory is to do. */
static void start(struct fixture *f, const struct made_elf *m)
{
	struct segment kernel = {
		.name = "kernel",
		.bytes = { kernel_bytes, sizeof(kernel_bytes) },
		.sealed = true,
	};
	int fd;

	memset(f, 0, sizeof(*f));
	strcpy(f->file, "/tmp/purgatory-XXXXXX");
	fd = mkstemp(f->file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, m->data, m->size), m->size);
	close(fd);
	f->req.purgatory = f->file;
	f->plan.wants_purgatory = true;
	f->plan.kernel_entry = 0x1234;
	f->plan.page_size = 4096;
	f->plan.mem_max = UINT64_MAX;
	f->plan.params.flags = PURGATORY_VERIFY;
	f->plan.purgatory_placement.direction = HIGHEST_FIRST;
	range_set_add(&f->ctx.arena, &f->plan.ram, (struct range){ RAM_START, RAM_END });
	assert_int_equal(plan_fix(&f->ctx, &f->plan, &kernel, RAM_START, 4096), 0);
}

static void finish(struct fixture *f)
{
	unlink(f->file);
	arena_free(&f->ctx.arena);
}

static struct made_elf *made_le64_pie(void)
{
	struct made_elf *m = made_pie(EXAMPLE_LE64, true, ORDER_LE, true, 1);

	made_rel(m, PIE_FILE + PIE_TABLE, true, 0, PIE_DATA, EXAMPLE_LE64_RELATIVE, PIE_PARAMS);
	return m;
}

/* The image's digest, with its own field as zeros. */
static void check_digest(const struct fixture *f, const struct segment *s)
{
	const size_t field = PIE_PARAMS + offsetof(struct purgatory_params, digest);
	uint8_t image[PIE_SIZE], digest[SHA256_SIZE];
	struct sha256_engine engine;
	struct sha256 sha;

	sha256_portable(&engine);
	memcpy(image, s->bytes.data, sizeof(image));
	memset(image + field, 0, sizeof(digest));
	sha256_init(&sha);
	sha256_update(&sha, &engine, image, sizeof(image));
	sha256_final(&sha, &engine, digest);
	assert_memory_equal(s->bytes.data + field, digest, sizeof(digest));
	assert_memory_equal(f->plan.purgatory.digest, digest, sizeof(digest));
}

static void check_params(const struct fixture *f, const struct segment *s)
{
	const uint8_t *params = s->bytes.data + PIE_PARAMS;
	const uint8_t *region = params + offsetof(struct purgatory_params, region);

	assert_int_equal(get_le32(params), PURGATORY_VERIFY);
	assert_int_equal(get_le32(params + 4), 1);
	assert_int_equal(get_le64(region), RAM_START);
	assert_int_equal(get_le64(region + 8), sizeof(kernel_bytes));
	assert_int_equal(get_le64(region + 16), f->plan.params.region[0].piece_size);
	assert_string_equal((const char *)region + 24, "kernel");
	assert_int_equal(get_le32(params + 8), 1);
	assert_memory_equal(params + offsetof(struct purgatory_params, piece_digest),
			    f->plan.params.piece_digest[0], PURGATORY_DIGEST_SIZE);
	check_digest(f, s);
}

static int attach(struct fixture *f, uint16_t machine, unsigned int bits, enum byte_order order)
{
	struct purgatory_target target = { machine, bits, order, NULL, NULL };
	const struct arch *const *arch;

	for (arch = arches; *arch; arch++)
		if ((*arch)->e_machine == machine && (*arch)->order == order) {
			target.rel = (*arch)->rel;
			target.write_cpu = (*arch)->write_cpu;
		}
	return purgatory_attach(&f->ctx, &f->req, &target, &f->plan);
}

static void pie_file(void **state)
{
	struct made_elf *m = made_le64_pie();
	const struct segment *s;
	struct fixture f;

	(void)state;
	start(&f, m);
	for (uint8_t i = 0; i < CPU_SIZE; i++)
		((uint8_t *)&f.plan.params.cpu)[i] = i;
	if (attach(&f, EXAMPLE_LE64, 64, ORDER_LE))
		fail_msg("%s", f.ctx.err.what);
	assert_int_equal(f.plan.segments, 2);
	s = &f.plan.segment[1];
	assert_string_equal(s->name, "purgatory");
	assert_ptr_equal(s->file, f.file);
	assert_false(s->sealed);
	assert_int_equal(s->range.start, RAM_END - PIE_MEMORY);
	assert_int_equal(s->range.end, RAM_END);
	assert_int_equal(s->bytes.size, PIE_SIZE);
	assert_int_equal(f.plan.entry, s->range.start);
	assert_int_equal(get_le64(s->bytes.data + PIE_DATA), s->range.start + PIE_PARAMS);
	assert_string_equal(f.plan.purgatory.kind, "pie");
	assert_ptr_equal(f.plan.purgatory.file, f.file);
	assert_int_equal(f.plan.purgatory.image_size, PIE_SIZE);
	assert_int_equal(f.plan.purgatory.memory_size, PIE_MEMORY);
	assert_int_equal(f.plan.purgatory.relocations, 1);
	check_params(&f, s);
	assert_memory_equal(s->bytes.data + PIE_PARAMS + offsetof(struct purgatory_params, cpu),
			    &f.plan.params.cpu, CPU_SIZE);
	finish(&f);
	free(m);
}

/* The whole image in .purgatory.head; its image_size is a relocated word. */
static struct made_elf *made_le64_rel(void)
{
	static const char text[] = "\0.purgatory.head\0purgatory_image_end";
	const size_t head = 0x100, strings = 0x1100, symbols = 0x1200, rela = 0x1300, at = 0x1400;
	const size_t image_size = offsetof(struct purgatory_header, image_size);
	struct made_elf *m = calloc(1, sizeof(*m));
	static const struct {
		uint32_t type, flags;
		size_t offset, size;
		uint32_t link, info, entsize;
	} sections[] = {
		{ SHT_PROGBITS, SHF_ALLOC, 0x100, PIE_SIZE, 0, 0, 0 },
		{ SHT_NOBITS, SHF_ALLOC, 0, PIE_MEMORY - PIE_SIZE, 0, 0, 0 },
		{ SHT_STRTAB, 0, 0x1100, sizeof(text), 0, 0, 0 },
		{ SHT_SYMTAB, 0, 0x1200, 2 * sizeof(Elf64_Sym), 3, 0, sizeof(Elf64_Sym) },
		{ SHT_RELA, 0, 0x1300, sizeof(Elf64_Rela), 4, 1, sizeof(Elf64_Rela) },
	};

	m->is64 = true;
	made_ehdr(m, ET_REL, EXAMPLE_LE64);
	MADE_SET(m, 0, Ehdr, e_shoff, at);
	MADE_SET(m, 0, Ehdr, e_shnum, 6);
	MADE_SET(m, 0, Ehdr, e_shstrndx, 3);
	for (unsigned int i = 0; i < 5; i++) {
		size_t sh = at + (i + 1) * sizeof(Elf64_Shdr);

		MADE_SET(m, sh, Shdr, sh_name, i == 0);
		MADE_SET(m, sh, Shdr, sh_type, sections[i].type);
		MADE_SET(m, sh, Shdr, sh_flags, sections[i].flags);
		MADE_SET(m, sh, Shdr, sh_offset, sections[i].offset);
		MADE_SET(m, sh, Shdr, sh_size, sections[i].size);
		MADE_SET(m, sh, Shdr, sh_link, sections[i].link);
		MADE_SET(m, sh, Shdr, sh_info, sections[i].info);
		MADE_SET(m, sh, Shdr, sh_entsize, sections[i].entsize);
	}
	made_header(m, head, EXAMPLE_LE64, 0, PIE_MEMORY, PIE_PARAMS);
	memcpy(m->data + strings, text, sizeof(text));
	MADE_SET(m, symbols + sizeof(Elf64_Sym), Sym, st_name, 17);
	made_rel(m, rela, true, 0, image_size, 1ULL << 32 | EXAMPLE_LE64_PC32, (int64_t)image_size);
	m->size = at + 6 * sizeof(Elf64_Shdr);
	return m;
}

static void rel_file(void **state)
{
	const struct segment *s;
	struct made_elf *m;
	struct fixture f;

	(void)state;
	if (!arch_by_name(EXAMPLE_LE64_NAME))
		skip();
	m = made_le64_rel();
	start(&f, m);
	if (attach(&f, EXAMPLE_LE64, 64, ORDER_LE))
		fail_msg("%s", f.ctx.err.what);
	s = &f.plan.segment[1];
	assert_int_equal(s->range.start, RAM_END - PIE_MEMORY);
	assert_int_equal(s->bytes.size, PIE_SIZE);
	assert_int_equal(get_le32(s->bytes.data + 32), PIE_SIZE);
	assert_int_equal(f.plan.entry, s->range.start);
	assert_string_equal(f.plan.purgatory.kind, "rel");
	assert_int_equal(f.plan.purgatory.relocations, 1);
	check_params(&f, s);
	finish(&f);
	free(m);
}

static void limits_and_alignment(void **state)
{
	struct made_elf *m = made_le64_pie();
	struct fixture f;

	(void)state;
	MADE_SET(m, made_phdr_offset(m, 0), Phdr, p_align, 0x200000);
	start(&f, m);
	placement_limit(&f.plan.purgatory_placement, (struct range){ 0, 0x500000 }, "a test");
	assert_int_equal(attach(&f, EXAMPLE_LE64, 64, ORDER_LE), 0);
	assert_int_equal(f.plan.entry, 0x400000);
	finish(&f);

	start(&f, m);
	placement_limit(&f.plan.purgatory_placement, (struct range){ 0, 0x200000 }, "a test");
	assert_int_equal(attach(&f, EXAMPLE_LE64, 64, ORDER_LE), -EADDRNOTAVAIL);
	assert_int_equal(f.plan.segments, 1);
	finish(&f);
	free(m);
}

/* The kernel's head is copied over the header, all but the branch, as it is in the kernel. */
static void head(void **state)
{
	struct made_elf *m = made_pie(EXAMPLE_BE64, true, ORDER_BE, true, 0);
	uint8_t kernel[HEAD_SIZE];
	const uint8_t *image;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(kernel); i++)
		kernel[i] = (uint8_t)(i + 1);
	start(&f, m);
	f.plan.purgatory_head = (struct bytes){ kernel, sizeof(kernel) };
	f.plan.purgatory_head_kept = BRANCH_SIZE;
	if (attach(&f, EXAMPLE_BE64, 64, ORDER_BE))
		fail_msg("%s", f.ctx.err.what);
	image = f.plan.segment[1].bytes.data;
	assert_memory_equal(image, m->data + PIE_FILE, BRANCH_SIZE);
	assert_memory_equal(image + BRANCH_SIZE, kernel + BRANCH_SIZE,
			    sizeof(kernel) - BRANCH_SIZE);
	assert_memory_equal(image + sizeof(kernel), m->data + PIE_FILE + sizeof(kernel), 16);
	assert_int_equal(get_be32(image + PIE_PARAMS), PURGATORY_VERIFY);
	check_digest(&f, &f.plan.segment[1]);
	finish(&f);
	free(m);
}

static void refused(const struct made_elf *m, uint16_t machine, enum byte_order order,
		    const char *said)
{
	struct fixture f;

	start(&f, m);
	assert_true(attach(&f, machine, 64, order) < 0);
	if (!strstr(f.ctx.err.what, said))
		fail_msg("\"%s\" does not contain \"%s\"", f.ctx.err.what, said);
	assert_int_equal(f.plan.entry, 0);
	finish(&f);
}

static void refuses(void **state)
{
	struct made_elf *m = made_le64_pie();

	(void)state;
	refused(m, EXAMPLE_BE64, ORDER_BE, "not a purgatory for " EXAMPLE_BE64_TITLE);
	free(m);
	m = made_pie(EXAMPLE_BE64, true, ORDER_BE, true, 0);
	refused(m, EXAMPLE_BE64, ORDER_LE, "byte order is not that of the running kernel, little");
	free(m);
	m = made_le64_pie();
	MADE_HEADER(m, PIE_FILE, abi_version, 1);
	refused(m, EXAMPLE_LE64, ORDER_LE, "version 1 of the purgatory ABI");
	MADE_HEADER(m, PIE_FILE, abi_version, PURGATORY_ABI_VERSION + 1);
	refused(m, EXAMPLE_LE64, ORDER_LE, "version 4 of the purgatory ABI");
	MADE_SET(m, 0, Ehdr, e_type, ET_EXEC);
	refused(m, EXAMPLE_LE64, ORDER_LE, "ELF type 2");
	memmove(m->data, m->data + PIE_FILE, PIE_SIZE); /* the flat image */
	m->size = PIE_SIZE;
	refused(m, EXAMPLE_LE64, ORDER_LE, "not an ELF file");
	free(m);
}

/* A load that asks for verification, and has nothing that is verified. */
static void nothing_to_verify(void **state)
{
	struct made_elf *m = made_le64_pie();
	struct fixture f;

	(void)state;
	start(&f, m);
	f.plan.segment[0].sealed = false;
	assert_int_equal(attach(&f, EXAMPLE_LE64, 64, ORDER_LE), -EINVAL);
	assert_non_null(strstr(f.ctx.err.what, "no segment of this load has a digest"));
	assert_int_equal(f.plan.entry, 0);
	finish(&f);
	start(&f, m);
	f.plan.segment[0].sealed = false;
	f.plan.params.flags = 0;
	assert_int_equal(attach(&f, EXAMPLE_LE64, 64, ORDER_LE), 0);
	check_digest(&f, &f.plan.segment[1]);
	finish(&f);
	free(m);
}

/* The lines that -d prints and the record keeps: those of the regions, then purgatory's own. */
static void digest_lines(void **state)
{
	struct made_elf *m = made_le64_pie();
	struct arena *arena;
	struct fixture f;
	const char *text;

	(void)state;
	start(&f, m);
	arena = &f.ctx.arena;
	assert_int_equal(attach(&f, EXAMPLE_LE64, 64, ORDER_LE), 0);
	text = plan_digest_text(arena, &f.plan, 0);
	/* printf 'a kernel\0' | sha256sum */
	assert_string_equal(text,
			    "kernel [0x100000, 0x100009) "
			    "e653da2e236fc1f572fe02abc593a7c3e2b62df28dfe25b0c116dfeda5d5c831");
	text = plan_digest_text(arena, &f.plan, 1);
	assert_int_equal(strncmp(text, "purgatory [0x8fd000, 0x8fe000) ", 31), 0);
	assert_int_equal(strlen(text + 31), 2 * SHA256_SIZE);
	assert_null(plan_digest_text(arena, &f.plan, 2));
	f.plan.params.flags = 0;
	assert_int_equal(strncmp(plan_digest_text(arena, &f.plan, 0), "purgatory ", 10), 0);
	assert_null(plan_digest_text(arena, &f.plan, 1));
	f.plan.purgatory.kind = NULL;
	assert_null(plan_digest_text(arena, &f.plan, 0));
	finish(&f);
	free(m);
}

static void no_such_built_in(void **state)
{
	struct made_elf *m = made_le64_pie();
	struct fixture f;

	(void)state;
	start(&f, m);
	f.req.purgatory = "pie";
	assert_int_equal(attach(&f, EM_SPARCV9, 64, ORDER_BE), -ENOENT);
	assert_non_null(strstr(f.ctx.err.what, "without a pie purgatory for sparc64"));
	assert_non_null(strstr(f.ctx.err.hint, "--purgatory=FILE"));
	assert_int_equal(attach(&f, EXAMPLE_LE64, 32, ORDER_LE), -ENOENT);
	assert_non_null(strstr(f.ctx.err.what, "without a pie purgatory"));
	f.req.purgatory = "/nonexistent/purgatory.pie";
	assert_int_equal(attach(&f, EXAMPLE_LE64, 64, ORDER_LE), -ENOENT);
	finish(&f);
	free(m);
}

static void not_wanted(void **state)
{
	struct made_elf *m = made_le64_pie();
	struct fixture f;

	(void)state;
	start(&f, m);
	f.plan.wants_purgatory = false;
	assert_int_equal(attach(&f, EXAMPLE_LE64, 64, ORDER_LE), 0);
	assert_int_equal(f.plan.segments, 1);
	assert_int_equal(f.plan.entry, 0x1234);
	assert_null(f.plan.purgatory.kind);
	finish(&f);
	free(m);
}

/* Every image that this build carries can be attached on its machine. */
static void built_in(void **state)
{
	struct made_elf *m = made_le64_pie();
	const struct embedded_purgatory *e;
	struct fixture f;

	(void)state;
	for (e = embedded_purgatories; e->kind; e++) {
		if (!strcmp(e->kind, purgatory_bake.kind))
			continue; /* --purgatory cannot name it: tests/cli/bake.py */
		start(&f, m);
		f.req.purgatory = e->kind;
		if (attach(&f, e->machine, e->bits, e->order))
			fail_msg("%s %u: %s", e->kind, e->machine, f.ctx.err.what);
		assert_string_equal(f.plan.purgatory.kind, e->kind);
		assert_null(f.plan.purgatory.file);
		assert_int_equal(f.plan.entry, f.plan.segment[1].range.start);
		finish(&f);
	}
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pie_file),
		cmocka_unit_test(rel_file),
		cmocka_unit_test(limits_and_alignment),
		cmocka_unit_test(head),
		cmocka_unit_test(refuses),
		cmocka_unit_test(nothing_to_verify),
		cmocka_unit_test(digest_lines),
		cmocka_unit_test(no_such_built_in),
		cmocka_unit_test(not_wanted),
		cmocka_unit_test(built_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
