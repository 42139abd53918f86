/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Number of elements of an array whose size the compiler knows. */
#ifndef CORE_ARRAY_H
#define CORE_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
