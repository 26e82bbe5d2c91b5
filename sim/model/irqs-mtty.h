/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET_IRQS as mtty does it. */
#ifndef IOMMUFD_SIM_IRQS_MTTY_H
#define IOMMUFD_SIM_IRQS_MTTY_H

struct change;

int irqs_change_mtty(const struct change *change);

#endif
