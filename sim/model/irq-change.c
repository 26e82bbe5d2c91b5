/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "irq-change.h"

#include <errno.h>

/* --- event fds --------------------------------------------------------------------------------------- */

void irq_fire(struct irqs *irqs, uint32_t index, uint32_t vector)
{
	struct sim_event *event = irqs->events[index][vector];

	if (event)
		event->ops->signal(event);
}

void irq_set_event(struct irqs *irqs, uint32_t index, uint32_t vector, struct sim_event *event)
{
	struct sim_event **at = &irqs->events[index][vector], *old = *at;

	*at = event;
	if (old)
		old->ops->free(old);
}

int irq_event_of_fd(struct vfio_call *call, int fd, struct sim_event **event)
{
	struct sim_fd what = { 0 };
	int rc = call->caller->ops->fd(call->caller, fd, SIM_FD_EVENT, &what);

	if (rc)
		return rc;
	if (what.kind != SIM_FD_EVENT)
		return -EINVAL;
	*event = what.event;
	return 0;
}

void irq_clear(struct sim_device *device, uint32_t index)
{
	for (uint32_t i = 0; i < device->description->irqs[index].count; i++)
		irq_set_event(device->irqs, index, i, NULL);
	if (device->irqs->enabled == (int)index) {
		device->irqs->enabled = NO_INDEX;
		device->irqs->masked = device->irqs->pending = false;
	}
}

/* --- what is in a call ------------------------------------------------------------------------------- */

int irq_fd(const struct change *change, uint32_t i)
{
	return ((const int32_t *)change->data)[i];
}

bool irq_wanted(const struct change *change, uint32_t i)
{
	return change->set.flags & DATA_NONE || ((const uint8_t *)change->data)[i];
}

bool irq_is_first_alone(const struct change *change)
{
	return change->set.start == 0 && change->set.count == 1;
}

bool irq_disables(const struct change *change)
{
	return change->set.count == 0 && change->set.flags & DATA_NONE;
}

void irq_fire_wanted(const struct change *change)
{
	for (uint32_t i = 0; i < change->set.count; i++)
		if (irq_wanted(change, i))
			irq_fire(change->irqs, change->set.index, change->set.start + i);
}

/* --- INTx -------------------------------------------------------------------------------------------- */

int irq_mask_intx(const struct change *change)
{
	if (change->irqs->enabled != INTX || !irq_is_first_alone(change))
		return -EINVAL;
	if (change->set.flags & DATA_EVENTFD)
		return -ENOTTY;
	if (irq_wanted(change, 0))
		change->irqs->masked = true;
	return 0;
}

int irq_unmask_intx(const struct change *change)
{
	struct irqs *irqs = change->irqs;

	if (irqs->enabled != INTX || !irq_is_first_alone(change))
		return -EINVAL;
	if (change->set.flags & DATA_EVENTFD)
		return irq_fd(change, 0) < 0 && is_physical(change->call->device) ? 0 : -ENOTTY;
	if (irq_wanted(change, 0)) {
		irqs->masked = irqs->pending;
		if (irqs->pending)
			irq_fire(irqs, INTX, 0);
		irqs->pending = false;
	}
	return 0;
}
