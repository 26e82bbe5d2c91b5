/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * (op, errno, kind of device) to sentence and hint. One table: a row for one kind stands before the row
 * for any. SEEN rows are produced by tests/e2e/explain.bats on a running kernel; SOURCE rows were read
 * from the kernel's source because no lab machine gives them, or no verb asks.
 */
#include "internal.h"

#include <limits.h>
#include <string.h>

#define ANY IOMMUFD_KIND_UNKNOWN
#define PHYS IOMMUFD_PHYSICAL
#define EMUL IOMMUFD_EMULATED
#define SEEN IOMMUFD_SEEN
#define SOURCE IOMMUFD_FROM_SOURCE
#define OP(name) IOMMUFD_OP_##name

static const struct row {
	uint8_t op, kind, evidence;
	short error;
	const char *sentence, *hint;
} rows[] = {
	{ OP(OPEN), ANY, SEEN, ENOENT, "this kernel offers no iommufd",
	  "load it with 'modprobe iommufd', or use a kernel with CONFIG_IOMMUFD" },
	{ OP(OPEN), ANY, SEEN, ENODEV, "the node is there, but no iommufd driver behind it",
	  "load it with 'modprobe iommufd'" },
	{ OP(OPEN), ANY, SEEN, EACCES, "permission denied",
	  "be root, or let a udev rule give your group the node" },

	{ OP(CHECK), ANY, SEEN, EBADF, "no such fd is open",
	  "open it in the shell: exec 3<>/dev/iommu, then --iommufd fd:3" },
	{ OP(CHECK), ANY, SEEN, ENOTTY, "the fd is not an open /dev/iommu",
	  "where the driver is missing, a shell's '<>' makes a plain file: see 'ls -l /dev/iommu'" },

	{ OP(DEVICE_OPEN), ANY, SEEN, EACCES, "permission denied on the device's cdev",
	  "be root, or let a udev rule give you the node below /dev/vfio/devices" },
	{ OP(DEVICE_OPEN), ANY, SEEN, ENOENT, "the device has no node below /dev/vfio/devices",
	  "is udev or devtmpfs running here, or is this a container without the node?" },
	{ OP(DEVICE_OPEN), ANY, SOURCE, ENODEV, "the device is going away", NULL },

	{ OP(LOOKUP), ANY, SEEN, EINVAL, "not a device: expected vfioN, a cdev's path, BDF, UUID, fd:N or a name",
	  "'iommufdctl list' shows the devices" },
	{ OP(LOOKUP), ANY, SEEN, ENODEV, "no such device", "'iommufdctl list' shows the devices" },
	{ OP(LOOKUP), ANY, SEEN, ENXIO, "the device has no VFIO cdev", NULL },
	{ OP(LOOKUP), ANY, SEEN, ENOTTY, "not the cdev of a VFIO device",
	  "cdevs are the files /dev/vfio/devices/vfioN" },
	{ OP(LOOKUP), ANY, SEEN, EBADF, "no such fd is open",
	  "open it in the shell: exec 4<>/dev/vfio/devices/vfio0, then fd:4" },

	{ OP(DESTROY), ANY, SEEN, ENOENT, "no object has this id", "'iommufdctl show' lists the objects" },
	{ OP(DESTROY), ANY, SEEN, EBUSY, "the object is in use",
	  "detach what is attached to it; a bound device ends by unbind, its page table by detach" },

	{ OP(OPTION_GET), ANY, SEEN, ENOENT, "no IOAS has this id", "'iommufdctl show' lists the objects" },
	{ OP(OPTION_SET), ANY, SOURCE, ENOENT, "no IOAS has this id", NULL },
	{ OP(OPTION_SET), ANY, SEEN, EPERM, "setting this needs CAP_SYS_RESOURCE", "run it as root" },
	{ OP(OPTION_SET), ANY, SEEN, EBUSY, "it cannot be changed once the context holds an object",
	  "set it first, before any bind or ioas alloc" },
	{ OP(OPTION_SET), ANY, SOURCE, EINVAL, "the option does not take this value", NULL },

	{ OP(IOAS_ALLOC), ANY, SEEN, ENOTTY, "the file is not an iommufd",
	  "a plain file lies where the node should be? see 'ls -l /dev/iommu'" },
	{ OP(IOAS_ALLOC), ANY, SOURCE, ENOMEM, "the kernel is out of memory", NULL },

	{ OP(IOAS_RANGES), ANY, SEEN, ENOENT, "no IOAS has this id", "'iommufdctl show' lists the objects" },

	{ OP(IOAS_MAP), ANY, SEEN, ENOENT, "no IOAS has this id", "'iommufdctl show' lists the objects" },
	{ OP(IOAS_MAP), ANY, SEEN, EINVAL, "the IOVA range is unaligned, empty, or outside what the IOAS allows",
	  "'iommufdctl ioas ranges IOAS' shows the ranges and their alignment" },
	{ OP(IOAS_MAP), ANY, SEEN, EEXIST, "the IOVA range overlaps a mapping",
	  "'iommufdctl show' lists the mappings; without --iova the kernel picks a free range" },
	{ OP(IOAS_MAP), ANY, SEEN, EOVERFLOW, "the range runs past the end of the address space", NULL },
	{ OP(IOAS_MAP), ANY, SEEN, ENOSPC, "no free IOVA range is long enough",
	  "'iommufdctl ioas ranges IOAS' shows what is usable" },
	{ OP(IOAS_MAP), ANY, SEEN, EFAULT, "the memory cannot be pinned", NULL },
	{ OP(IOAS_MAP), ANY, SEEN, ENOMEM, "pinning the memory failed: RLIMIT_MEMLOCK, or out of memory",
	  "raise 'ulimit -l', or have CAP_IPC_LOCK" },

	{ OP(IOAS_MAP_FILE), ANY, SEEN, ENOTTY, "this kernel cannot map a file (needs Linux 6.13)", NULL },
	{ OP(IOAS_MAP_FILE), ANY, SEEN, ENOENT, "no IOAS has this id", "'iommufdctl show' lists the objects" },
	{ OP(IOAS_MAP_FILE), ANY, SEEN, EINVAL,
	  "the IOVA range is unaligned, empty, beyond the file, or outside what the IOAS allows",
	  "'iommufdctl ioas ranges IOAS' shows the ranges and their alignment" },
	{ OP(IOAS_MAP_FILE), ANY, SEEN, EEXIST, "the IOVA range overlaps a mapping",
	  "'iommufdctl show' lists the mappings; without --iova the kernel picks a free range" },
	{ OP(IOAS_MAP_FILE), ANY, SEEN, EOVERFLOW, "the range runs past the end of the address space", NULL },
	{ OP(IOAS_MAP_FILE), ANY, SEEN, ENOSPC,
	  "no free IOVA range is long enough, or the memory's file system is full",
	  "'iommufdctl ioas ranges IOAS' shows what is usable" },
	{ OP(IOAS_MAP_FILE), ANY, SOURCE, EBADF, "not an open file that can be mapped", NULL },
	{ OP(IOAS_MAP_FILE), ANY, SEEN, ENOMEM, "pinning the memory failed: RLIMIT_MEMLOCK, or out of memory",
	  "raise 'ulimit -l', or have CAP_IPC_LOCK" },

	{ OP(IOAS_UNMAP), ANY, SEEN, ENOENT, "no such mapping: nothing is there, or one lies only half inside",
	  "'iommufdctl show' lists the mappings; they are unmapped whole" },
	{ OP(IOAS_UNMAP), ANY, SEEN, EINVAL, "the length is 0 or the range is unaligned", NULL },
	{ OP(IOAS_UNMAP), ANY, SEEN, EOVERFLOW, "the range runs past the end of the address space", NULL },
	{ OP(IOAS_UNMAP), ANY, SOURCE, EBUSY, "the range is being changed by someone else", "try again" },
	{ OP(IOAS_UNMAP), ANY, SOURCE, EDEADLK, "an emulated device does not let go of its pages", NULL },

	{ OP(BIND), PHYS, SEEN, EINVAL, "the device is bound already, or its IOMMU is not cache coherent",
	  "a device is bound through one open cdev only: 'fuser -v CDEV' shows who has it" },
	{ OP(BIND), EMUL, SEEN, EINVAL, "the device is bound already",
	  "a device is bound through one open cdev only: 'fuser -v CDEV' shows who has it" },
	{ OP(BIND), ANY, SOURCE, EINVAL, "the device is bound already, or the fd was opened through its group",
	  "a device is bound through one open cdev only: 'fuser -v CDEV' shows who has it" },
	{ OP(BIND), ANY, SEEN, ENOTTY, "the fd is not the cdev of a VFIO device",
	  "cdevs are the files /dev/vfio/devices/vfioN" },
	{ OP(BIND), ANY, SOURCE, EBADF, "the iommufd is not open", NULL },
	{ OP(BIND), ANY, SEEN, EBADFD, "the context's fd is not an iommufd", NULL },
	{ OP(BIND), ANY, SEEN, EBUSY, "the device's VFIO group is in use",
	  "close the program that has /dev/vfio/GROUP open" },
	{ OP(BIND), PHYS, SEEN, EPERM,
	  "no interrupt remapping, or another driver or another iommufd owns a device of its IOMMU group",
	  "'iommufdctl list' shows the group; all its devices go to VFIO and to one iommufd" },
	{ OP(BIND), PHYS, SOURCE, ENODEV, "the device has no IOMMU group: no IOMMU, or it is switched off",
	  "boot with intel_iommu=on (or the like) and the IOMMU enabled in the firmware" },
	{ OP(BIND), ANY, SOURCE, ENODEV, "the device's driver is going away", NULL },
	{ OP(BIND), PHYS, SOURCE, EACCES, "this virtual function needs the token of its physical function",
	  NULL },
	{ OP(BIND), ANY, SOURCE, ENOMEM, "the kernel is out of memory", NULL },

	{ OP(ATTACH), PHYS, SEEN, ENOENT, "no IOAS or HWPT has this id", "'iommufdctl show' lists the objects" },
	{ OP(ATTACH), EMUL, SEEN, ENOENT,
	  "no IOAS has this id; an emulated device attaches to an IOAS, never to a HWPT",
	  "'iommufdctl show' lists the objects" },
	{ OP(ATTACH), ANY, SOURCE, ENOENT, "no page table has this id", "'iommufdctl show' lists the objects" },
	{ OP(ATTACH), PHYS, SEEN, EINVAL,
	  "it is not bound, the id is no IOAS or HWPT that fits it, or its group is attached elsewhere",
	  "bind it first; devices of one IOMMU group share one page table, replace moves them together" },
	{ OP(ATTACH), EMUL, SEEN, EINVAL, "the device is not bound", "bind it first" },
	{ OP(ATTACH), PHYS, SEEN, EADDRINUSE, "a mapping of the IOAS lies in the device's reserved ranges",
	  "'iommufdctl ioas ranges IOAS' and /sys/kernel/iommu_groups/N/reserved_regions" },
	{ OP(ATTACH), EMUL, SEEN, EADDRINUSE, "a mapping of the IOAS is not aligned to pages", NULL },
	{ OP(ATTACH), PHYS, SEEN, ENOMEM,
	  "pinning the memory of the IOAS failed: RLIMIT_MEMLOCK, or out of memory",
	  "raise 'ulimit -l', or have CAP_IPC_LOCK" },
	{ OP(ATTACH), PHYS, SEEN, EFAULT, "memory that is mapped in the IOAS is gone",
	  "its process ended or unmapped it: unmap that IOVA range, then attach again" },
	{ OP(ATTACH), PHYS, SEEN, ENOSPC, "the file system of memory that is mapped in the IOAS is full",
	  "pages are taken from it when the first device is attached: make room there" },
	{ OP(ATTACH), PHYS, SOURCE, EBUSY,
	  "the device is being reset, or its group is attached outside this context", "try again" },
	{ OP(ATTACH), EMUL, SOURCE, EBUSY, "another attach or detach of it is under way", "try again" },
	{ OP(ATTACH), ANY, SEEN, ENOTTY, "the fd is not the cdev of a VFIO device", NULL },

	{ OP(DETACH), ANY, SEEN, EINVAL, "the device is not bound", NULL },
	{ OP(DETACH), ANY, SEEN, ENOTTY, "the fd is not the cdev of a VFIO device", NULL },
	{ OP(DEVICE_CAPS), ANY, SOURCE, EINVAL, "the device is not bound", "bind it first" },

	{ OP(STRICT_ATTACH), ANY, SEEN, EBUSY, "the device is attached to another page table",
	  "to move it without a gap: iommufdctl replace" },
	{ OP(STRICT_REPLACE), ANY, SEEN, EINVAL, "the device is not attached, there is nothing to replace",
	  "for the first time: iommufdctl attach" },
};

static const struct row *find(enum iommufd_op op, int error, enum iommufd_device_kind kind)
{
	for (const struct row *row = rows; row < rows + ARRAY_SIZE(rows); row++)
		if (row->op == op && row->error == error && (row->kind == kind || row->kind == ANY))
			return row;
	return NULL;
}

/* Of either sign; abs() has no answer for INT_MIN, which is no errno either. */
static int positive(int error)
{
	return error < 0 && error > INT_MIN ? -error : error;
}

API int iommufd_explain(enum iommufd_op op, int error, enum iommufd_device_kind kind,
			struct iommufd_explanation *ret)
{
	const struct row *row = find(op, positive(error), kind);
	const char *text = strerrordesc_np(positive(error));

	*ret = row ? (struct iommufd_explanation){ row->sentence, row->hint, row->evidence }
		   : (struct iommufd_explanation){ text ? text : "unknown error", NULL, SOURCE };
	return row ? 0 : -ENOENT;
}

API const char *iommufd_error_name(int error)
{
	return strerrorname_np(positive(error));
}
