/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page table of an IOMMU: of all that an IOAS maps, or nested in such a one, in which case a guest fills
 * it.
 */
#ifndef IOMMUFD_SIM_HWPT_H
#define IOMMUFD_SIM_HWPT_H

#include "device.h"
#include "ioas.h"

struct fault;
struct viommu;

struct hwpt {
	struct object object;
	const struct sim_iommu_description *iommu;
	struct fault *fault; /* where page requests go; NULL */
	bool pasid;	     /* can be together with PASIDs */
	/* paging */
	struct ioas *ioas;
	bool automatic; /* the kernel's: goes with its last device */
	bool nest_parent;
	bool can_track, tracking;
	struct tree dirty; /* pages that a device wrote to */
	bool listed;
	TAILQ_ENTRY(hwpt) next; /* of the same IOAS */
	/* nested */
	struct hwpt *parent;
	struct viommu *viommu; /* NULL */
	uint64_t table; /* of VT-d: the first stage's, an IOVA of the parent */
};

static inline uint64_t hwpt_page_size(const struct hwpt *hwpt)
{
	return hwpt->iommu->page_sizes & -hwpt->iommu->page_sizes;
}

int hwpt_alloc_ioctl(struct call *call);
/*
 * One of an IOAS for a device, all filled. attach: the device is attached to it before that, as the kernel
 * does it for a device that is attached nowhere. 0 or -errno.
 */
int hwpt_paging_alloc(struct ioas *ioas, struct idev *idev, uint32_t flags, bool attach, uint32_t pasid,
		      struct hwpt **hwpt);
/* One that uses it has gone: an automatic one goes with the last. */
void hwpt_put(struct hwpt *hwpt);
/* Itself, or the one that it is nested in. */
struct hwpt *hwpt_paging(struct hwpt *hwpt);

#endif
