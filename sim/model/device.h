/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device of the machine, and what a physical one is to the context that it is bound to. */
#ifndef IOMMUFD_SIM_DEVICE_H
#define IOMMUFD_SIM_DEVICE_H

#include "object.h"

struct access;
struct attachment;
struct hwpt;
struct irqs;
struct logging;
struct stream;
struct vdevice;

/* Devices that the IOMMU cannot tell apart: they have one owner and one page table. */
struct group {
	uint32_t number;
	struct sim_context *owner;
	unsigned int n_bound; /* devices */
	SLIST_HEAD(, attachment) attachments;
	SLIST_ENTRY(group) next;
};

struct sim_device {
	struct sim *sim;
	const struct sim_device_description *description;
	enum sim_driver driver;
	struct group *group; /* NULL of an emulated one */
	unsigned int n_open; /* cdevs */
	struct sim_cdev *bound;	   /* the one that is bound */
	struct idev *idev;	   /* physical, while it is bound */
	struct access *access;	   /* emulated, while it is bound */
	bool attached;		   /* as VFIO sees it */
	uint32_t *pasids;	   /* with which it is attached as well */
	size_t n_pasids;
	bool info_asked;	   /* since it is there */
	bool low_power;
	struct sim_event *wakeup; /* what low power was entered with; NULL */
	struct irqs *irqs;	     /* NULL: no event fds */
	struct logging *logging; /* NULL: off */
	uint32_t migration_state; /* stays when it is closed */
	struct stream *saving, *resuming; /* NULL: not open */
	TAILQ_HEAD(, dma_buf) dma_bufs;
	TAILQ_ENTRY(sim_device) next;
};

/* The object DEVICE. */
struct idev {
	struct object object;
	struct sim_device *device;
	struct vdevice *vdevice;
};

static inline bool is_physical(const struct sim_device *device)
{
	return device->description->kind == SIM_PHYSICAL;
}

/* -EINVAL, -ENODEV, -EPERM, -ENOMEM */
int device_bind(struct sim_device *device, struct sim_context *context);
void device_unbind(struct sim_device *device);
/* Is a device of the group bound to the context? */
bool context_has_group(const struct sim_context *context, const struct group *group);

#endif
