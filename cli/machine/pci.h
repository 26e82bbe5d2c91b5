/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What PCI has of a device beside its ids: resets, power, address translation, and other functions. */
#ifndef CLI_MACHINE_PCI_H
#define CLI_MACHINE_PCI_H

#include "machine/device.h"

enum machine_capability {
	CAPABILITY_UNKNOWN, /* the configuration space is shown to root alone */
	CAPABILITY_NONE,
	CAPABILITY_OFF,
	CAPABILITY_ON,
};

struct machine_pci {
	char resets[64];  /* in the order that they are tried: "flr bus"; empty: none, or not known */
	char power[16];	  /* "D0"; empty: not known */
	char runtime[16]; /* "active", "suspended"; the same */
	int32_t vfs, total_vfs; /* -1: it has none, or is one */
	enum machine_capability ats, pri, pasid;
	unsigned int pasid_bits;
};

void machine_pci(const struct machine_device *device, struct machine_pci *ret);

/* What another device is to this one: "pf", "vf" (its physical, a virtual function), "consumer", "supplier". */
typedef bool machine_relation_fn(void *arg, const char *relation, const char *bus, const char *address);
/* Call fn for each, until it says false: its physical or virtual functions, and what depends on what. */
void machine_each_relation(const struct machine_device *device, machine_relation_fn *fn, void *arg);

#endif
