/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Relocations in little-endian code, compared with the output of `ld` for the same addresses. */
#ifndef TESTS_REL_SAMPLES_H
#define TESTS_REL_SAMPLES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kexec/arch/arch.h"
#include "kexec/relocate/backend.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT 0x41000000 /* -Ttext */
#define SYM 0x41237ab0 /* --defsym */
#define NEAR 0x40ff0120
#define NEAR2 0x41000400

struct sample {
	uint32_t type;
	uint64_t value;
	uint64_t before;
	uint64_t after;
};

/* The samples lie one after the other, in words of 4 bytes; is_wide: types of 8 bytes, or NULL. */
static void compare(const struct rel_arch *arch, const struct sample *samples, size_t count,
		    bool (*is_wide)(uint32_t type))
{
	uint64_t place = TEXT;

	for (size_t i = 0; i < count; i++) {
		const struct sample *s = &samples[i];
		bool wide = is_wide && is_wide(s->type);
		uint8_t bytes[8];
		struct rel_site site = {
			.bytes = bytes,
			.room = wide ? 8 : 4,
			.place = place,
			.value = s->value,
			.type = s->type,
		};
		uint64_t found;

		put_le64(bytes, s->before);
		assert_int_equal(arch->apply(&site), 1);
		found = wide ? get_le64(bytes) : get_le32(bytes);
		if (found != s->after)
			fail_msg("%s: 0x%llx, ld makes 0x%llx", rel_type_name(arch, s->type),
				 (unsigned long long)found, (unsigned long long)s->after);
		assert_non_null(rel_type_name(arch, s->type));
		site.room--;
		assert_int_equal(arch->apply(&site), -EFBIG);
		place += wide ? 8 : 4;
	}
}

struct edge {
	uint32_t type;
	uint64_t value; /* relative to the place for types that are */
	int result;
};

static int apply_at(const struct rel_arch *arch, uint32_t type, uint64_t place, uint64_t value,
		    uint32_t word)
{
	uint8_t bytes[8];
	struct rel_site site = {
		.bytes = bytes, .room = 8, .place = place, .value = value, .type = type
	};

	put_le64(bytes, word);
	return arch->apply(&site);
}

#endif
