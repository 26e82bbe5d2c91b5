/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "irqs.h"

#include <errno.h>
#include <stdlib.h>

#include "irq-change.h"
#include "irqs-mtty.h"
#include "irqs-pci.h"

static struct irqs *irqs_of(struct sim_device *device)
{
	const struct sim_device_description *description = device->description;
	struct irqs *irqs = calloc(1, sizeof(*irqs));

	if (device->irqs || !irqs) {
		free(irqs);
		return device->irqs;
	}
	irqs->enabled = NO_INDEX;
	device->irqs = irqs;
	for (uint32_t i = 0; i < description->n_irqs && i < N_INDEXES; i++) {
		irqs->events[i] = calloc(description->irqs[i].count + 1, sizeof(irqs->events[i][0]));
		if (!irqs->events[i]) {
			irqs_close(device);
			return NULL;
		}
	}
	return irqs;
}

void irqs_close(struct sim_device *device)
{
	struct irqs *irqs = device->irqs;

	if (!irqs)
		return;
	lock(&device->sim->iova);
	for (uint32_t i = 0; i < N_INDEXES; i++) {
		if (irqs->events[i])
			irq_clear(device, i);
		free(irqs->events[i]);
	}
	device->irqs = NULL;
	unlock(&device->sim->iova);
	free(irqs);
}

/* INTx of vfio-pci is masked as soon as it came, until the caller unmasks it; what mtty masks is lost. */
static void come(struct sim_device *device, uint32_t index, uint32_t vector)
{
	struct irqs *irqs = device->irqs;
	bool masked = index == INTX && irqs->masked;

	if (!masked)
		irq_fire(irqs, index, vector);
	if (index != INTX || irqs->enabled != INTX || !is_physical(device))
		return;
	irqs->pending = masked;
	irqs->masked = true;
}

void sim_irq_fire(struct sim_device *device, uint32_t index, uint32_t vector)
{
	lock(&device->sim->iova);
	if (device->irqs && index < N_INDEXES && index < device->description->n_irqs &&
	    vector < device->description->irqs[index].count)
		come(device, index, vector);
	unlock(&device->sim->iova);
}

/* --- the call ---------------------------------------------------------------------------------------- */

/* How many an index has, as the driver counts them: mtty takes the number of its indexes for that. */
static uint32_t count_of(const struct sim_device *device, uint32_t index)
{
	const struct sim_device_description *description = device->description;

	if (is_physical(device))
		return index < description->n_irqs ? description->irqs[index].count : 0;
	return description->info_first && !device->info_asked ? 0 : description->n_irqs;
}

/* *len: of the data behind the struct. */
static int check_irq_set(const struct sim_device *device, const struct uapi_vfio_irq_set *set, size_t *len)
{
	uint32_t count = count_of(device, set->index), data = set->flags & DATA;

	if (set->argsz < sizeof(*set) || set->index >= device->description->n_irqs ||
	    set->index >= N_INDEXES || set->count >= UINT32_MAX - set->start ||
	    set->flags & ~(uint32_t)(DATA | ACTION))
		return -EINVAL;
	if (set->start >= count || set->start + set->count > count)
		return -EINVAL;
	if (data != DATA_NONE && data != DATA_BOOL && data != DATA_EVENTFD)
		return -EINVAL;
	*len = data == DATA_NONE ? 0 : set->count * (data == DATA_BOOL ? sizeof(uint8_t) : sizeof(int32_t));
	return set->argsz - sizeof(*set) < *len ? -EINVAL : 0;
}

static int change_irqs(struct change *change)
{
	struct sim_device *device = change->call->device;
	int rc;

	change->irqs = irqs_of(device);
	if (!change->irqs)
		return -ENOMEM;
	lock(&device->sim->iova);
	rc = is_physical(device) ? irqs_change_pci(change) : irqs_change_mtty(change);
	unlock(&device->sim->iova);
	return rc;
}

int set_irqs_ioctl(struct vfio_call *call)
{
	struct change change = { .call = call };
	size_t len = 0;
	void *data;
	int rc;

	if (!call->device->description->irqs)
		return -EINVAL;
	if (caller_read(call->caller, call->address, &change.set, sizeof(change.set)))
		return -EFAULT;
	rc = check_irq_set(call->device, &change.set, &len);
	if (rc)
		return rc;
	data = calloc(1, len + 1);
	if (!data)
		return -ENOMEM;
	change.data = data;
	rc = caller_read(call->caller, call->address + sizeof(change.set), data, len);
	if (!rc)
		rc = change_irqs(&change);
	free(data);
	return rc;
}
