/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "irqs-mtty.h"

#include <errno.h>

#include "irq-change.h"

static int trigger_mtty(const struct change *change)
{
	struct irqs *irqs = change->irqs;
	int index = (int)change->set.index;
	struct sim_event *event = NULL;
	int rc;

	if (irqs->enabled == index && irq_disables(change)) {
		irq_clear(change->call->device, change->set.index);
		return 0;
	}
	if ((irqs->enabled != index && irqs->enabled != NO_INDEX) || !irq_is_first_alone(change))
		return -EINVAL;
	if (change->set.flags & DATA_EVENTFD) {
		irq_clear(change->call->device, change->set.index);
		if (irq_fd(change, 0) < 0)
			return 0;
		rc = irq_event_of_fd(change->call, irq_fd(change, 0), &event);
		if (rc)
			return rc;
		irq_set_event(irqs, change->set.index, 0, event);
		irqs->enabled = index;
		return 0;
	}
	if (irqs->enabled != index)
		return -EINVAL;
	irq_fire_wanted(change);
	return 0;
}

int irqs_change_mtty(const struct change *change)
{
	uint32_t action = change->set.flags & ACTION;

	if (change->set.index > MSI)
		return -ENOTTY;
	if (action == ACTION_TRIGGER)
		return trigger_mtty(change);
	if (action != ACTION_MASK && action != ACTION_UNMASK)
		return 0;
	if (change->set.index == MSI)
		return -ENOTTY;
	return action == ACTION_MASK ? irq_mask_intx(change) : irq_unmask_intx(change);
}
