/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel knows and what an iommufd holds, by ioctls that fail before they do anything. Never by
 * DESTROY, nor by an attach. Not by VEVENTQ_ALLOC of a type that is none: that makes a queue of it.
 */
#include "internal.h"
#include "uapi/iommufd.h"

/* As large as any: the trace reads the members of the op. */
union any_arg {
	uint32_t size;
	struct uapi_iommu_hwpt_alloc largest;
	struct uapi_iommu_hwpt_get_dirty_bitmap or_this;
};

static bool is_iommufd_op(const struct op *row)
{
	return row && row->request >= UAPI_IOMMU_DESTROY && row->request <= UAPI_IOMMU_IOAS_NOIOMMU_GET_PA;
}

API int iommufd_probe_op(int fd, enum iommufd_op op)
{
	/* The size is looked at before anything else, and no ioctl is content with its own size member. */
	union any_arg arg = { .size = sizeof(arg.size) };
	int rc;

	if (!is_iommufd_op(op_row(op)))
		return set_errno(EINVAL);
	rc = do_ioctl(op, fd, &arg);
	if (rc == -EINVAL)
		return 1;
	if (rc == -ENOTTY)
		return iommufd_check(fd);
	return rc == 0 ? set_errno(EBADE) : rc;
}

/* Each is of the device 0, which never exists: a kernel that knows the use looks for it. */
static int try_use(int fd, enum iommufd_use use)
{
	struct uapi_iommu_hwpt_alloc hwpt = { .size = sizeof(hwpt), .fault_id = 1 };
	struct uapi_iommu_hw_info info = { .size = sizeof(info),
					   .flags = UAPI_IOMMU_HW_INFO_FLAG_INPUT_TYPE };
	struct uapi_iommu_viommu_alloc viommu = { .size = sizeof(viommu), .type = 1, .data_len = 1 };

	switch (use) {
	case IOMMUFD_USE_HWPT_FAULTS:
		return do_ioctl(IOMMUFD_OP_HWPT_ALLOC, fd, &hwpt);
	case IOMMUFD_USE_HW_INFO_TYPE:
		return do_ioctl(IOMMUFD_OP_HW_INFO, fd, &info);
	case IOMMUFD_USE_VIOMMU_DATA:
		return do_ioctl(IOMMUFD_OP_VIOMMU_ALLOC, fd, &viommu);
	}
	return set_errno(EINVAL);
}

API int iommufd_probe_use(int fd, enum iommufd_use use)
{
	int rc = try_use(fd, use);

	if (rc == -ENOENT)
		return 1;
	if (rc == -E2BIG || rc == -EOPNOTSUPP)
		return 0;
	if (rc == -ENOTTY)
		return iommufd_check(fd);
	return rc == 0 ? set_errno(EBADE) : rc;
}

static int ask_ioas(int fd, uint32_t id)
{
	uint64_t value;

	return iommufd_option_get(fd, IOMMUFD_HUGE_PAGES, id, &value);
}

static int ask_device(int fd, uint32_t id)
{
	struct iommufd_hw_info info;
	int rc = iommufd_hw_info(fd, id, IOMMUFD_HW_INFO_NONE, NULL, 0, &info);

	return rc == -EOPNOTSUPP ? 0 : rc; /* the driver's answer: there is a device */
}

/* A page size of 0 is wrong for each HWPT. */
static int ask_hwpt(int fd, uint32_t id)
{
	return iommufd_hwpt_dirty_bitmap(fd, id, IOMMUFD_DIRTY_NO_CLEAR, 0, 0, 0, NULL);
}

static int ask_any(int fd, uint32_t id)
{
	uint32_t none = 0;

	return iommufd_hwpt_invalidate(fd, id, 0, NULL, 0, &none);
}

/* A type that no vIOMMU has. */
static int ask_viommu(int fd, uint32_t id)
{
	uint32_t never;

	return iommufd_hw_queue_alloc(fd, id, 0xfffffffe, 0, 0, 1, &never);
}

/* No object of the type has the id, or the kernel has no such type. */
static bool is_no(int rc)
{
	return rc == -ENOENT || rc == -ENOTTY;
}

/* any: what invalidation of nothing said. */
static int tell_rest(int fd, uint32_t id, int any, enum iommufd_object_type *ret)
{
	bool takes_invalidation = any == 0 || any == -EOPNOTSUPP;
	int rc = iommufd_probe_op(fd, IOMMUFD_OP_VIOMMU_ALLOC);

	if (rc < 0)
		return rc;
	/* Before there were vIOMMUs, only nested HWPTs were looked up. */
	if (rc == 0) {
		*ret = IOMMUFD_OBJECT_HWPT_NESTED;
		return 0;
	}
	rc = ask_viommu(fd, id);
	if (rc == -ENOMEM)
		return rc;
	if (rc == -EOPNOTSUPP)
		*ret = IOMMUFD_OBJECT_VIOMMU;
	else if (rc == -ENOENT && takes_invalidation)
		*ret = IOMMUFD_OBJECT_HWPT_NESTED;
	else
		*ret = IOMMUFD_OBJECT_UNKNOWN;
	return 0;
}

static const struct {
	int (*ask)(int fd, uint32_t id);
	int yes;
	enum iommufd_object_type type;
} questions[] = {
	{ ask_ioas, 0, IOMMUFD_OBJECT_IOAS },
	{ ask_device, 0, IOMMUFD_OBJECT_DEVICE },
	{ ask_hwpt, -EINVAL, IOMMUFD_OBJECT_HWPT },
};

API int iommufd_probe_id(int fd, uint32_t id, enum iommufd_object_type *ret)
{
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		rc = questions[i].ask(fd, id);
		if (rc == questions[i].yes) {
			*ret = questions[i].type;
			return 0;
		}
		/* The first one every iommufd knows. */
		if (!is_no(rc) || (i == 0 && rc == -ENOTTY))
			return rc;
	}
	rc = ask_any(fd, id);
	if (rc == 0 || rc == -EINVAL || rc == -EOPNOTSUPP)
		return tell_rest(fd, id, rc, ret);
	if (!is_no(rc))
		return rc;
	*ret = IOMMUFD_OBJECT_ABSENT;
	return 0;
}
