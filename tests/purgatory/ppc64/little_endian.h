/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Included first in the starter for a little-endian purgatory: this guest is big-endian, and the
 * structs of purgatory are not.
 */
_Pragma("scalar_storage_order little-endian")
#include "purgatory_abi.h"
	_Pragma("scalar_storage_order default")
#define PURGATORY_MSR_LE 1
