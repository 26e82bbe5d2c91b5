/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a device still the one that was claimed, or has another card taken its place? */
#ifndef CLI_CLAIM_IDENTITY_H
#define CLI_CLAIM_IDENTITY_H

#include "claim/record.h"
#include "machine/device.h"

/* How is it now? As two looks agree: it may be changing, or memory may be short. false: there is none. */
bool claim_look(const char *bus, const char *address, struct machine_device *ret);

/* What the device is and how it is, in a record: all of it but the driver that it is to have. */
void claim_describe(const struct machine_device *device, struct claim *ret);

/* Is it the same device, as far as both tell? */
bool claim_is_of(const struct claim *claim, const struct machine_device *device);

/* Is the record of this boot of the machine? */
bool claim_is_current(const struct claim *claim);

#endif
