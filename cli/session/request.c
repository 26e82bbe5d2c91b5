/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/request.h"
#include <unistd.h>

#include "context/ioas.h"
#include "context/taker.h"

static bool has_request(const struct device *device)
{
	struct iommufd_device_caps caps;
	struct iommufd_irq irq;

	return iommufd_device_caps(device->fd, &caps) == 0 && caps.flags & IOMMUFD_DEVICE_PCI &&
	       iommufd_device_irq(device->fd, IOMMUFD_PCI_IRQ_REQUEST, &irq) == 0 && irq.count &&
	       irq.flags & IOMMUFD_IRQ_EVENTFD;
}

static void watch_device(const struct holder *h, struct device *device)
{
	bool is_on = has_request(device) &&
		     iommufd_device_irq_eventfd(device->fd, IOMMUFD_PCI_IRQ_REQUEST, h->requests) == 0;

	device->watch = is_on ? WATCH_ON : WATCH_NONE;
}

void requests_watch(struct holder *h)
{
	for (size_t i = 0; i < h->ctx.devices.count; i++) {
		struct device *device = device_at(&h->ctx, i);

		if (device->watch == WATCH_UNTRIED && device->object.id &&
		    !taker_of(&h->ctx, device->info.name))
			watch_device(h, device);
	}
}

void request_leave(struct device *device)
{
	if (device->watch == WATCH_ON)
		iommufd_device_irq_eventfd(device->fd, IOMMUFD_PCI_IRQ_REQUEST, -1);
	device->watch = WATCH_UNTRIED;
}

static void release_wanted(struct holder *h, struct device *device)
{
	device_detach(&h->ctx, device);
	context_revoke(&h->ctx, device->info.name);
	msg_note(h->output, "%s%s%s%s is unbound, for the kernel waits for it (--on-request unbind)",
		 device_name(device), *device->info.address ? " (" : "", device->info.address,
		 *device->info.address ? ")" : "");
	device_drop(&h->ctx, device);
	journal_end(&h->ctx);
}

void requests_take(struct holder *h)
{
	uint64_t count;

	if (read(h->requests, &count, sizeof(count)) < 0)
		count = 0; /* none, or those that came while nobody listened */
	context_note_wanted(&h->ctx);
	for (size_t i = h->ctx.devices.count; h->ctx.gives_back && i-- > 0;)
		if (device_at(&h->ctx, i)->is_wanted)
			release_wanted(h, device_at(&h->ctx, i));
	fdstore_sync(&h->store, &h->ctx, h->output);
}
