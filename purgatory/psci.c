/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "psci.h"
#include "purgatory_abi.h"

#define SYSTEM_RESET 0x84000009u

void psci_reset(uint64_t call)
{
	if (call == PURGATORY_PSCI_HVC)
		firmware_hvc(SYSTEM_RESET);
	else if (call == PURGATORY_PSCI_SMC)
		firmware_smc(SYSTEM_RESET);
}
