/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences for options that getopt_long(3) does not accept. */
#include "option_error.h"

#include <string.h>

/* "'--no-ifdown' '--no-sync'" for "--no"; "": no option begins so. */
static const char *options_like(struct arena *arena, const struct option *options, const char *word)
{
	const char *names = "";

	for (; options->name; options++)
		if (!strncmp(options->name, word + 2, strcspn(word + 2, "=")))
			names = arena_join(arena, names, " ",
					   arena_printf(arena, "'--%s'", options->name));
	return names;
}

/* The long option whose argument is wrong; NULL: a word that begins with one "-". */
static const struct option *long_option(const struct option *options, const char *word)
{
	if (strncmp(word, "--", 2))
		return NULL;
	while (options->name && options->val != optopt)
		options++;
	return options->name ? options : NULL;
}

const char *option_error(struct arena *arena, char **argv, const struct option *options,
			 bool lacks_argument)
{
	const char *word = argv[optind - 1], *names;
	const struct option *option = long_option(options, word);

	if (option)
		return arena_printf(arena, "%s: option '--%s' %s an argument", argv[0],
				    option->name, lacks_argument ? "requires" : "doesn't allow");
	if (optopt)
		return arena_printf(arena, "%s: %s -- '%c'", argv[0],
				    lacks_argument ? "option requires an argument"
						   : "invalid option",
				    optopt);
	names = options_like(arena, options, word);
	if (*names)
		return arena_printf(arena, "%s: option '%s' is ambiguous; possibilities: %s",
				    argv[0], word, names);
	return arena_printf(arena, "%s: unrecognized option '%s'", argv[0], word);
}
