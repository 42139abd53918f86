/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The version of a kernel as text: a file must not send escapes to the terminal. */
#include "banner.h"

size_t printable_size(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i] >= ' ' && text[i] <= '~')
		i++;
	return i;
}

const char *printable_text(struct ctx *ctx, const char *text, size_t size)
{
	return arena_strndup(&ctx->arena, text, printable_size(text, size));
}

bool linux_banner(struct bytes bytes, const char **text, size_t *size)
{
	const size_t skip = sizeof(LINUX_BANNER) - 1;
	const char *at = (const char *)bytes.data;
	const char *end = at + bytes.size;

	/* Other programs contain these words, too; only a kernel has its own number after them. */
	while ((at = memmem(at, (size_t)(end - at), LINUX_BANNER, skip))) {
		size_t room = (size_t)(end - at);

		if (room > skip && at[skip] >= '0' && at[skip] <= '9') {
			*text = at;
			*size = printable_size(at,
					       room < LINUX_BANNER_MAX ? room : LINUX_BANNER_MAX);
			return true;
		}
		at += skip;
	}
	return false;
}
