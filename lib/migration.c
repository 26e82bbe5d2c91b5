/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Migration of devices. */
#include "internal.h"
#include "uapi/vfio.h"

static_assert(IOMMUFD_MIGRATION_STOP_COPY == UAPI_VFIO_MIGRATION_STOP_COPY, "ABI");
static_assert(IOMMUFD_MIGRATION_P2P == UAPI_VFIO_MIGRATION_P2P, "ABI");
static_assert(IOMMUFD_MIGRATION_PRE_COPY == UAPI_VFIO_MIGRATION_PRE_COPY, "ABI");
#define SAME(state) static_assert((int)IOMMUFD_STATE_##state == UAPI_VFIO_DEVICE_STATE_##state, "ABI")
SAME(ERROR);
SAME(STOP);
SAME(RUNNING);
SAME(STOP_COPY);
SAME(RESUMING);
SAME(RUNNING_P2P);
SAME(PRE_COPY);
SAME(PRE_COPY_P2P);

/* All of them have eight bytes of data. */
struct migration_arg {
	struct uapi_vfio_device_feature head;
	union {
		struct uapi_vfio_device_feature_migration migration;
		struct uapi_vfio_device_feature_mig_state state;
		struct uapi_vfio_device_feature_mig_data_size size;
	};
};
static_assert(sizeof(struct migration_arg) == 16, "ABI");

API int iommufd_device_migration_flags(int cdev, uint64_t *ret_flags)
{
	struct migration_arg arg = { .head = { sizeof(arg), FEATURE_GET(MIGRATION) } };

	return ioctl_u64(IOMMUFD_OP_MIGRATION_FLAGS, cdev, &arg, &arg.migration.flags, ret_flags);
}

API int iommufd_device_migration_state(int cdev, uint32_t *ret_state)
{
	struct migration_arg arg = { .head = { sizeof(arg), FEATURE_GET(MIG_DEVICE_STATE) } };

	return ioctl_u32(IOMMUFD_OP_MIGRATION_STATE, cdev, &arg, &arg.state.device_state, ret_state);
}

API int iommufd_device_migration_set_state(int cdev, uint32_t state, int *ret_fd)
{
	struct migration_arg arg = {
		.head = { sizeof(arg), FEATURE_SET(MIG_DEVICE_STATE) },
		.state = { state, -1 },
	};
	int rc = do_ioctl(IOMMUFD_OP_MIGRATION_SET_STATE, cdev, &arg);

	if (rc < 0)
		return rc;
	if (arg.state.data_fd >= 0)
		return lift_fd(arg.state.data_fd, ret_fd);
	*ret_fd = arg.state.data_fd;
	return 0;
}

API int iommufd_device_migration_data_size(int cdev, uint64_t *ret_bytes)
{
	struct migration_arg arg = { .head = { sizeof(arg), FEATURE_GET(MIG_DATA_SIZE) } };

	return ioctl_u64(IOMMUFD_OP_MIGRATION_DATA_SIZE, cdev, &arg, &arg.size.stop_copy_length, ret_bytes);
}

API int iommufd_migration_precopy(int data_fd, uint64_t *ret_initial, uint64_t *ret_dirty)
{
	struct uapi_vfio_precopy_info arg = { .argsz = sizeof(arg) };
	int rc = do_ioctl(IOMMUFD_OP_MIGRATION_PRECOPY, data_fd, &arg);

	if (rc == 0) {
		*ret_initial = arg.initial_bytes;
		*ret_dirty = arg.dirty_bytes;
	}
	return rc;
}
