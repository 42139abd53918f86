/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The context that every stage gets besides its input: memory, the error, the log. */
#ifndef CORE_CTX_H
#define CORE_CTX_H

#include "arena.h"
#include "err.h"
#include "log.h"

struct watched_file;

struct ctx {
	struct arena arena;
	struct watched_file *watched; /* files whose mapped bytes are in use (file.h) */
	struct err err;
	struct log log;
};

#endif
