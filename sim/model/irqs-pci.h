/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET_IRQS as vfio-pci does it. */
#ifndef IOMMUFD_SIM_IRQS_PCI_H
#define IOMMUFD_SIM_IRQS_PCI_H

struct change;

int irqs_change_pci(const struct change *change);

#endif
