/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions.  Each is a fault, because interrupts are off. */
#include "purgatory.h"

void exception_begin(void)
{
	static unsigned int depth;

	if (!depth++)
		return;
	if (depth == 2 && purgatory_params.flags & PURGATORY_REBOOT)
		arch_reset();
	arch_halt();
}
