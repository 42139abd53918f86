/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share: a promise that is broken ends the run like a crash. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "kexec/core/bytes.h"
#include "kexec/core/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static inline bool inside(struct bytes outer, struct bytes inner)
{
	return inner.data >= outer.data && inner.size <= outer.size &&
	       (size_t)(inner.data - outer.data) <= outer.size - inner.size;
}

/* Every failure has its code and a sentence. */
static inline void must_explain(int ret, const struct err *err)
{
	must(ret <= 0);
	must(!ret || (err->code == ret && err->what[0]));
}

#endif
