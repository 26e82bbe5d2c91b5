/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event fds of a device, and one call that changes them: what vfio-pci and mtty do with it is up to them.
 */
#ifndef IOMMUFD_SIM_IRQ_CHANGE_H
#define IOMMUFD_SIM_IRQ_CHANGE_H

#include "call.h"
#include "cdev.h"
#include "uapi/vfio.h"

enum { INTX, MSI, MSIX, ERR, REQ, N_INDEXES };
enum {
	DATA_NONE = 1 << 0, DATA_BOOL = 1 << 1, DATA_EVENTFD = 1 << 2,
	DATA = DATA_NONE | DATA_BOOL | DATA_EVENTFD,
	ACTION_MASK = 1 << 3, ACTION_UNMASK = 1 << 4, ACTION_TRIGGER = 1 << 5,
	ACTION = ACTION_MASK | ACTION_UNMASK | ACTION_TRIGGER,
};
enum { NO_INDEX = -1 };

/* INTx, MSI and MSI-X exclude one another; the others are there beside them. */
struct irqs {
	int enabled;	    /* which of the three, or NO_INDEX */
	uint32_t n_enabled; /* vectors */
	bool masked;  /* INTx */
	bool pending; /* it came while it was masked */
	struct sim_event **events[N_INDEXES];
};

/* One call: what flags say is done for count interrupts of an index from start on. */
struct change {
	struct vfio_call *call;
	struct irqs *irqs;
	struct uapi_vfio_irq_set set;
	const void *data; /* bytes or fds */
};

/* With the lock iova, as all of these. Signals the event; there may be none. */
void irq_fire(struct irqs *irqs, uint32_t index, uint32_t vector);
/* Those of the call that are to be. */
void irq_fire_wanted(const struct change *change);
/* Is the call for the i-th of its interrupts, too? */
bool irq_wanted(const struct change *change, uint32_t i);
bool irq_is_first_alone(const struct change *change);
/* Does it take away all of its index? */
bool irq_disables(const struct change *change);
int irq_fd(const struct change *change, uint32_t i);
/* NULL: none. The reference is taken over. */
void irq_set_event(struct irqs *irqs, uint32_t index, uint32_t vector, struct sim_event *event);
/* The event of a caller's fd: 0, -EBADF, -EINVAL. */
int irq_event_of_fd(struct vfio_call *call, int fd, struct sim_event **event);
void irq_clear(struct sim_device *device, uint32_t index);
int irq_mask_intx(const struct change *change);
int irq_unmask_intx(const struct change *change);

#endif
