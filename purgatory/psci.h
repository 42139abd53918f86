/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reset by firmware (Arm Power State Coordination Interface, DEN 0022). */
#ifndef PURGATORY_PSCI_H
#define PURGATORY_PSCI_H

#include <stdint.h>

/* entry.S: call firmware by the instruction hvc or smc. */
void firmware_hvc(uint32_t function);
void firmware_smc(uint32_t function);

/* Resets the machine by the call PURGATORY_PSCI_*.  Returns only if the reset failed. */
void psci_reset(uint64_t call);

#endif
