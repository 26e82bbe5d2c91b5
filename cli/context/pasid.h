/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device has attached under its PASIDs. */
#ifndef CLI_PASID_H
#define CLI_PASID_H

#include "context.h"

struct pasid *pasid_find(const struct device *device, uint32_t number);
/* -ENOMEM; nothing is remembered then. */
int pasid_remember(struct device *device, uint32_t number, uint32_t asked, uint32_t pt);
void pasid_forget(struct device *device, uint32_t number);

/* The verbs, where --pasid was given. */
int pasid_attach(const struct call *call, struct device *device, uint32_t asked, bool replace);
int pasid_detach(const struct call *call, struct device *device);

#endif
