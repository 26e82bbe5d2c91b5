/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What vendors and devices of PCI are called, out of the database of libpci. It is loaded in a process of its
 * own: it ends the process where the database is broken, and needs some megabytes for it.
 */
#ifndef CLI_MACHINE_PCI_NAMES_H
#define CLI_MACHINE_PCI_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct pci_name {
	uint16_t vendor, device;
	const char *text; /* NULL: not known */
};

struct pci_names {
	struct pci_name *items;
	size_t count, room;
	char *text;
};

/* One of those that are wanted; many times the same does no harm. 0, or -ENOMEM. */
int pci_names_want(struct pci_names *names, uint16_t vendor, uint16_t device);
/* Look them all up. 0, or -errno: -ELIBACC: there is no libpci; -EBADMSG: its database is broken. */
int pci_names_read(struct pci_names *names);
/* NULL: not known. */
const char *pci_names_find(const struct pci_names *names, uint16_t vendor, uint16_t device);
void pci_names_free(struct pci_names *names);

#endif
