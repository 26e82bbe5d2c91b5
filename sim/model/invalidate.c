/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invalidate.h"

#include <errno.h>

#include "hwpt.h"
#include "viommu.h"

enum {
	DATA_VTD_S1 = 0,
	DATA_SMMUV3 = 1,
	LEAF = 1, /* the one flag of VT-d's */
	MOST_ENTRIES = 1 << 19,
};

struct vtd_entry {
	uint64_t address;
	uint64_t n_pages;
	uint32_t flags;
	uint32_t reserved;
};

struct smmuv3_entry {
	uint64_t command[2];
};

/* Entries are as long as the caller says: what is not known of them has to be zero. */
static int read_entry(const struct call *call, uint32_t at, void *to, uint32_t len)
{
	const struct uapi_iommu_hwpt_invalidate *arg = &call->invalidate;

	if (arg->entry_len < len)
		return -EINVAL;
	return caller_read_struct(call->caller, arg->data_uptr + (uint64_t)at * arg->entry_len,
				  arg->entry_len, to, len);
}

static int vtd_entry(const struct call *call, uint32_t at)
{
	struct vtd_entry entry;
	int rc = read_entry(call, at, &entry, sizeof(entry));

	if (rc)
		return rc;
	if (entry.flags & ~(uint32_t)LEAF || entry.reserved)
		return -EOPNOTSUPP;
	return entry.address % PAGE || (entry.n_pages == UINT64_MAX && entry.address) ? -EINVAL : 0;
}

static int smmuv3_entry(const struct call *call, uint32_t at)
{
	struct smmuv3_entry entry;

	return read_entry(call, at, &entry, sizeof(entry));
}

static int check_entries(struct call *call, uint32_t type, int (*check)(const struct call *call, uint32_t at),
			 uint32_t *done)
{
	int rc = call->invalidate.data_type == type ? 0 : -EINVAL;

	while (!rc && *done < call->invalidate.entry_num) {
		rc = check(call, *done);
		*done += !rc;
	}
	return rc;
}

static int invalidate(struct call *call, uint32_t *done)
{
	const struct uapi_iommu_hwpt_invalidate *arg = &call->invalidate;
	const struct object *object;

	if (arg->reserved)
		return -EOPNOTSUPP;
	if (arg->entry_num &&
	    (!arg->data_uptr || !arg->entry_len || arg->entry_len > PAGE || arg->entry_num > MOST_ENTRIES))
		return -EINVAL;
	object = object_find(call->context, arg->hwpt_id,
			     call->context->sim->version->invalidate_any ? OBJECT_ANY : OBJECT_HWPT_NESTED);
	if (!object)
		return -ENOENT;
	if (object->type == OBJECT_HWPT_NESTED) {
		if (((const struct hwpt *)object)->viommu)
			return -EOPNOTSUPP;
		return check_entries(call, DATA_VTD_S1, vtd_entry, done);
	}
	if (object->type != OBJECT_VIOMMU)
		return -EINVAL;
	if (!viommu_nests((const struct viommu *)object))
		return -EOPNOTSUPP;
	return check_entries(call, DATA_SMMUV3, smmuv3_entry, done);
}

/* How many were done is said in any case. */
int invalidate_ioctl(struct call *call)
{
	uint32_t done = 0;
	int rc = invalidate(call, &done);

	call->invalidate.entry_num = done;
	return respond(call, invalidate) ? -EFAULT : rc;
}
