/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line includes this file before all others.  Hidden visibility keeps
 * the global offset table and dynamic relocations out of purgatory.  It must cover
 * declarations too, and -fvisibility=hidden covers definitions only.
 */
#pragma GCC visibility push(hidden)
