/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "irqs-pci.h"

#include <errno.h>

#include "irq-change.h"

static int trigger_intx(const struct change *change)
{
	struct irqs *irqs = change->irqs;
	struct sim_event *event = NULL;
	int rc = 0;

	if (irqs->enabled == INTX && irq_disables(change)) {
		irq_clear(change->call->device, INTX);
		return 0;
	}
	if ((irqs->enabled != INTX && irqs->enabled != NO_INDEX) || !irq_is_first_alone(change))
		return -EINVAL;
	if (change->set.flags & DATA_EVENTFD) {
		if (irq_fd(change, 0) >= 0)
			rc = irq_event_of_fd(change->call, irq_fd(change, 0), &event);
		if (rc)
			return rc;
		irq_set_event(irqs, INTX, 0, event);
		irqs->enabled = INTX;
		return 0;
	}
	if (irqs->enabled != INTX)
		return -EINVAL;
	irq_fire_wanted(change);
	return 0;
}

/* Where interrupts of this index come and go, more can be had than were enabled first. */
static int set_vector(const struct change *change, uint32_t i)
{
	const struct sim_irq_description *irq = &change->call->device->description->irqs[change->set.index];
	uint32_t vector = change->set.start + i;
	struct sim_event *event = NULL;
	int rc;

	irq_set_event(change->irqs, change->set.index, vector, NULL);
	if (irq_fd(change, i) < 0)
		return 0;
	if (vector >= change->irqs->n_enabled && irq->flags & UAPI_VFIO_IRQ_INFO_NORESIZE)
		return -EINVAL;
	rc = irq_event_of_fd(change->call, irq_fd(change, i), &event);
	irq_set_event(change->irqs, change->set.index, vector, event);
	return rc;
}

static int set_vectors(const struct change *change)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < change->set.count; i++)
		rc = set_vector(change, i);
	while (rc && i--)
		irq_set_event(change->irqs, change->set.index, change->set.start + i, NULL);
	return rc;
}

static int trigger_msi(const struct change *change)
{
	struct irqs *irqs = change->irqs;
	int index = (int)change->set.index;
	bool was_enabled = irqs->enabled == index;
	int rc;

	if (was_enabled && irq_disables(change)) {
		irq_clear(change->call->device, change->set.index);
		return 0;
	}
	if (!was_enabled && irqs->enabled != NO_INDEX)
		return -EINVAL;
	if (change->set.flags & DATA_EVENTFD) {
		if (!was_enabled && !change->set.start && !change->set.count)
			return -ERANGE;
		if (!was_enabled) {
			irqs->enabled = index;
			irqs->n_enabled = change->set.start + change->set.count;
		}
		rc = set_vectors(change);
		if (rc && !was_enabled)
			irq_clear(change->call->device, change->set.index);
		return rc;
	}
	if (!was_enabled)
		return -EINVAL;
	irq_fire_wanted(change);
	return 0;
}

/*
 * An error of the device, or a request to give it back: one event, which can be fired to see whether it
 * works.
 */
static int trigger_single(const struct change *change)
{
	uint32_t index = change->set.index;
	struct sim_event *event = NULL;
	int rc;

	if (change->set.start || change->set.count > 1)
		return -EINVAL;
	if (change->set.flags & DATA_NONE) {
		if (!change->irqs->events[index][0])
			return -EINVAL;
		if (change->set.count)
			irq_fire(change->irqs, index, 0);
		else
			irq_set_event(change->irqs, index, 0, NULL);
		return 0;
	}
	if (!change->set.count)
		return -EINVAL;
	if (change->set.flags & DATA_BOOL) {
		irq_fire_wanted(change);
		return 0;
	}
	if (irq_fd(change, 0) < -1)
		return -EINVAL;
	rc = irq_fd(change, 0) < 0 ? 0 : irq_event_of_fd(change->call, irq_fd(change, 0), &event);
	if (!rc)
		irq_set_event(change->irqs, index, 0, event);
	return rc;
}

int irqs_change_pci(const struct change *change)
{
	uint32_t action = change->set.flags & ACTION;

	if (change->set.index == INTX && action == ACTION_MASK)
		return irq_mask_intx(change);
	if (change->set.index == INTX && action == ACTION_UNMASK)
		return irq_unmask_intx(change);
	if (action != ACTION_TRIGGER)
		return -ENOTTY;
	if (change->set.index == INTX)
		return trigger_intx(change);
	if (change->set.index == MSI || change->set.index == MSIX)
		return trigger_msi(change);
	return change->call->device->description->irqs[change->set.index].error ? -ENOTTY
										: trigger_single(change);
}
