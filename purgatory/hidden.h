/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Included before everything else, by the command line.  Hidden visibility for
 * declarations too (-fvisibility=hidden covers definitions only) is what keeps
 * the global offset table and dynamic relocations out of purgatory.
 */
#pragma GCC visibility push(hidden)
