/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attach.h"

#include <errno.h>
#include <stdlib.h>

#include "fault.h"
#include "iova.h"

/* A page table with the devices of a group that go through it. */
struct attachment {
	uint32_t pasid;
	struct hwpt *hwpt;
	struct idev **devices;
	size_t n;
	SLIST_ENTRY(attachment) next;
};

static struct attachment *find(const struct group *group, uint32_t pasid)
{
	struct attachment *attachment;

	SLIST_FOREACH(attachment, &group->attachments, next)
		if (attachment->pasid == pasid)
			return attachment;
	return NULL;
}

struct hwpt *device_hwpt(const struct sim_device *device, uint32_t pasid)
{
	const struct attachment *attachment = device->group ? find(device->group, pasid) : NULL;

	return attachment ? attachment->hwpt : NULL;
}

static bool is_among(const struct attachment *attachment, const struct idev *idev)
{
	for (size_t i = 0; i < attachment->n; i++)
		if (attachment->devices[i] == idev)
			return true;
	return false;
}

bool idev_is_attached(const struct idev *idev)
{
	const struct attachment *attachment = find(idev->device->group, NO_PASID);

	return attachment && is_among(attachment, idev);
}

/* --- may a device go there? -------------------------------------------------------------------------- */

/* Page tables of VT-d suit each of its IOMMUs that is as wide; those of others belong to one. */
static bool suits(const struct hwpt *hwpt, const struct sim_iommu_description *iommu)
{
	const struct sim_iommu_description *own = hwpt->iommu;

	if (own == iommu)
		return true;
	return own->hw_info_type == iommu->hw_info_type && own->hw_info_type == 1 &&
	       own->coherent == iommu->coherent && own->aperture.last == iommu->aperture.last;
}

/* What has PASIDs, and what else is there, have to be made for that. */
static int check_pasid(const struct hwpt *hwpt, const struct idev *idev, uint32_t pasid)
{
	const struct sim_device_description *description = idev->device->description;
	const struct attachment *plain = find(idev->device->group, NO_PASID), *any;

	if (!idev->object.context->sim->version->pasid)
		return 0;
	if (pasid == NO_PASID) {
		SLIST_FOREACH(any, &idev->device->group->attachments, next)
			if (any->pasid != NO_PASID && !hwpt->pasid)
				return -EINVAL;
		return 0;
	}
	if (!hwpt->pasid || (plain && !plain->hwpt->pasid))
		return -EINVAL;
	if (!description->iommu->pasids)
		return -EOPNOTSUPP;
	/* A device without any cannot use one, and is left alone. */
	return description->pasid_bits && pasid >> description->pasid_bits ? -EINVAL : 0;
}

static int check_hwpt(const struct hwpt *hwpt, const struct idev *idev, uint32_t pasid)
{
	const struct sim_iommu_description *iommu = idev->device->description->iommu;
	int rc = check_pasid(hwpt, idev, pasid);

	if (rc)
		return rc;
	if (hwpt->fault && !iommu->page_requests)
		return -ENODEV;
	return suits(hwpt, iommu) ? 0 : -EINVAL;
}

/* --- reserved ranges --------------------------------------------------------------------------------- */

static void unreserve(struct hwpt *hwpt, const struct idev *idev)
{
	ranges_remove(&hwpt_paging(hwpt)->ioas->reserved, idev->device);
}

/* Of one device: each IOAS that it goes through has them. */
static int reserve(struct hwpt *hwpt, const struct idev *idev)
{
	const struct sim_device_description *description = idev->device->description;
	struct ioas *ioas = hwpt_paging(hwpt)->ioas;
	int rc = 0;

	for (size_t i = 0; !rc && i < description->n_reserved; i++)
		rc = iova_reserve(ioas, description->reserved[i].start, description->reserved[i].last,
				  idev->device);
	if (!rc && description->msi.last)
		rc = iova_reserve(ioas, description->msi.start, description->msi.last, idev->device);
	if (rc)
		unreserve(hwpt, idev);
	return rc;
}

static void unreserve_all(struct hwpt *hwpt, const struct attachment *attachment)
{
	for (size_t i = 0; i < attachment->n; i++)
		unreserve(hwpt, attachment->devices[i]);
}

static int reserve_all(struct hwpt *hwpt, const struct attachment *attachment)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < attachment->n; i++)
		rc = reserve(hwpt, attachment->devices[i]);
	if (rc)
		unreserve_all(hwpt, attachment);
	return rc;
}

/* --- attach ------------------------------------------------------------------------------------------ */

static int add_device(struct attachment *attachment, struct idev *idev)
{
	struct idev **devices = realloc(attachment->devices, (attachment->n + 1) * sizeof(*devices));

	if (!devices)
		return -ENOMEM;
	attachment->devices = devices;
	devices[attachment->n++] = idev;
	return 0;
}

/* The first device of a group. */
static int connect_group(struct hwpt *hwpt, struct idev *idev, uint32_t pasid)
{
	struct attachment *attachment;
	int rc = check_hwpt(hwpt, idev, pasid);

	if (rc)
		return rc;
	attachment = calloc(1, sizeof(*attachment));
	if (!attachment)
		return -ENOMEM;
	attachment->pasid = pasid;
	attachment->hwpt = hwpt;
	rc = add_device(attachment, idev);
	if (rc)
		free(attachment);
	else
		SLIST_INSERT_HEAD(&idev->device->group->attachments, attachment, next);
	return rc;
}

static int attach_hwpt(struct hwpt *hwpt, struct idev *idev, uint32_t pasid)
{
	struct attachment *attachment = find(idev->device->group, pasid);
	int rc = 0;

	if (attachment && is_among(attachment, idev))
		return -EBUSY;
	if (attachment && attachment->hwpt != hwpt)
		return -EINVAL;
	if (pasid == NO_PASID)
		rc = reserve(hwpt, idev);
	if (rc)
		return rc;
	rc = attachment ? add_device(attachment, idev) : connect_group(hwpt, idev, pasid);
	if (!rc)
		hwpt->object.users++;
	else if (pasid == NO_PASID)
		unreserve(hwpt, idev);
	return rc;
}

int hwpt_attach(struct hwpt *hwpt, struct idev *idev, uint32_t pasid)
{
	struct sim *sim = idev->object.context->sim;
	int rc;

	lock(&sim->iova);
	rc = attach_hwpt(hwpt, idev, pasid);
	unlock(&sim->iova);
	return rc;
}

static void remove_device(struct group *group, struct attachment *attachment, const struct idev *idev)
{
	size_t kept = 0;

	for (size_t i = 0; i < attachment->n; i++)
		if (attachment->devices[i] != idev)
			attachment->devices[kept++] = attachment->devices[i];
	attachment->n = kept;
	if (kept)
		return;
	SLIST_REMOVE(&group->attachments, attachment, attachment, next);
	free(attachment->devices);
	free(attachment);
}

/* The page table is the caller's to put. */
struct hwpt *hwpt_detach(struct idev *idev, uint32_t pasid)
{
	struct group *group = idev->device->group;
	struct sim *sim = idev->object.context->sim;
	struct attachment *attachment;
	struct hwpt *hwpt;

	lock(&sim->iova);
	attachment = find(group, pasid);
	hwpt = attachment->hwpt;
	remove_device(group, attachment, idev);
	if (pasid == NO_PASID)
		unreserve(hwpt, idev);
	unlock(&sim->iova);
	fault_forget_device(hwpt->fault, idev, pasid);
	return hwpt;
}

void device_detach(struct idev *idev, uint32_t pasid)
{
	hwpt_put(hwpt_detach(idev, pasid));
	idev->object.users--;
}

/* --- replace ----------------------------------------------------------------------------------------- */

/* All of the group moves. What is reserved in an IOAS that both page tables are of, stays. */
static int replace(struct attachment *attachment, struct hwpt *hwpt, struct idev *idev)
{
	struct hwpt *old = attachment->hwpt;
	bool moves = hwpt_paging(old)->ioas != hwpt_paging(hwpt)->ioas && attachment->pasid == NO_PASID;
	int rc = moves ? reserve_all(hwpt, attachment) : 0;

	if (rc)
		return rc;
	rc = check_hwpt(hwpt, idev, attachment->pasid);
	if (rc) {
		if (moves)
			unreserve_all(hwpt, attachment);
		return rc;
	}
	if (moves)
		unreserve_all(old, attachment);
	attachment->hwpt = hwpt;
	hwpt->object.users += attachment->n;
	old->object.users -= attachment->n - 1; /* the last one's is put by the caller */
	return 0;
}

/* *old: what is to be put; NULL where nothing changed. */
static int hwpt_replace(struct hwpt *hwpt, struct idev *idev, uint32_t pasid, struct hwpt **old)
{
	struct sim *sim = idev->object.context->sim;
	struct attachment *attachment;
	int rc;

	lock(&sim->iova);
	attachment = find(idev->device->group, pasid);
	if (!attachment || !is_among(attachment, idev)) {
		rc = -EINVAL;
	} else if (attachment->hwpt == hwpt) {
		rc = 0;
	} else {
		*old = attachment->hwpt;
		rc = replace(attachment, hwpt, idev);
	}
	unlock(&sim->iova);
	if (!rc && *old)
		fault_forget_device((*old)->fault, idev, pasid);
	return rc;
}

/* --- of an IOAS or a page table ---------------------------------------------------------------------- */

struct change {
	struct idev *idev;
	uint32_t pasid;
	bool replace;
	struct hwpt *old;
};

static int change_hwpt(struct change *change, struct hwpt *hwpt)
{
	if (change->replace)
		return hwpt_replace(hwpt, change->idev, change->pasid, &change->old);
	return hwpt_attach(hwpt, change->idev, change->pasid);
}

/* An automatic page table of an IOAS that suits the device, or a new one. -EINVAL: it does not suit. */
static int change_to_ioas(struct change *change, struct ioas *ioas, uint32_t *pt_id)
{
	struct hwpt *hwpt;
	int rc;

	TAILQ_FOREACH(hwpt, &ioas->hwpts, next) {
		if (!hwpt->automatic)
			continue;
		rc = change_hwpt(change, hwpt);
		if (rc == -EINVAL)
			continue;
		if (!rc)
			*pt_id = hwpt->object.id;
		return rc;
	}
	change->old = NULL;
	rc = hwpt_paging_alloc(ioas, change->idev, 0, !change->replace, change->pasid, &hwpt);
	if (rc)
		return rc;
	if (change->replace)
		rc = change_hwpt(change, hwpt);
	if (rc) {
		object_free(&hwpt->object);
		return rc;
	}
	hwpt->automatic = true;
	*pt_id = hwpt->object.id;
	return 0;
}

static int change_pt(struct change *change, uint32_t *pt_id)
{
	struct object *object = object_find(change->idev->object.context, *pt_id, OBJECT_ANY);
	int rc;

	if (!object)
		return -ENOENT;
	switch (object->type) {
	case OBJECT_HWPT_PAGING:
	case OBJECT_HWPT_NESTED:
		rc = change_hwpt(change, (struct hwpt *)object);
		break;
	case OBJECT_IOAS:
		rc = change_to_ioas(change, (struct ioas *)object, pt_id);
		break;
	default:
		return -EINVAL;
	}
	if (!rc && change->old)
		hwpt_put(change->old);
	return rc;
}

int device_attach(struct idev *idev, uint32_t pasid, uint32_t *pt_id)
{
	struct change change = { .idev = idev, .pasid = pasid };
	int rc = change_pt(&change, pt_id);

	if (!rc)
		idev->object.users++;
	return rc;
}

int device_replace(struct idev *idev, uint32_t pasid, uint32_t *pt_id)
{
	struct change change = { .idev = idev, .pasid = pasid, .replace = true };

	return change_pt(&change, pt_id);
}
