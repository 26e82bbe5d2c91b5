/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/trace.h"
#include <string.h>

#include "uapi/iommufd.h"
#include "uapi/vfio.h"

#define ROW(prefix, name) { UAPI_##prefix##name, #prefix #name }

static const struct {
	unsigned long request;
	char name[40];
} names[] = {
	ROW(IOMMU_, DESTROY), ROW(IOMMU_, IOAS_ALLOC), ROW(IOMMU_, IOAS_ALLOW_IOVAS), ROW(IOMMU_, IOAS_COPY),
	ROW(IOMMU_, IOAS_IOVA_RANGES), ROW(IOMMU_, IOAS_MAP), ROW(IOMMU_, IOAS_UNMAP), ROW(IOMMU_, OPTION),
	ROW(IOMMU_, VFIO_IOAS), ROW(IOMMU_, HWPT_ALLOC), ROW(IOMMU_, GET_HW_INFO),
	ROW(IOMMU_, HWPT_SET_DIRTY_TRACKING), ROW(IOMMU_, HWPT_GET_DIRTY_BITMAP),
	ROW(IOMMU_, HWPT_INVALIDATE),
	ROW(IOMMU_, FAULT_QUEUE_ALLOC), ROW(IOMMU_, IOAS_MAP_FILE), ROW(IOMMU_, VIOMMU_ALLOC),
	ROW(IOMMU_, VDEVICE_ALLOC), ROW(IOMMU_, IOAS_CHANGE_PROCESS), ROW(IOMMU_, VEVENTQ_ALLOC),
	ROW(IOMMU_, HW_QUEUE_ALLOC), ROW(IOMMU_, IOAS_NOIOMMU_GET_PA),
	ROW(VFIO_, DEVICE_GET_INFO), ROW(VFIO_, DEVICE_GET_REGION_INFO), ROW(VFIO_, DEVICE_GET_IRQ_INFO),
	ROW(VFIO_, DEVICE_SET_IRQS), ROW(VFIO_, DEVICE_RESET), ROW(VFIO_, DEVICE_GET_PCI_HOT_RESET_INFO),
	ROW(VFIO_, DEVICE_PCI_HOT_RESET), ROW(VFIO_, DEVICE_FEATURE), ROW(VFIO_, DEVICE_BIND_IOMMUFD),
	ROW(VFIO_, DEVICE_ATTACH_IOMMUFD_PT), ROW(VFIO_, DEVICE_DETACH_IOMMUFD_PT),
	ROW(VFIO_, MIG_GET_PRECOPY_INFO),
};

static const char *name_of(unsigned long request)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].request == request)
			return names[i].name;
	return NULL;
}

/* A line is written at once: what was done is in the file, whatever happens next. */
static void end_line(FILE *trace, long rc)
{
	const char *name = rc < 0 ? strerrorname_np((int)-rc) : NULL;

	if (name)
		fprintf(trace, "%s\n", name);
	else
		fprintf(trace, "%ld\n", rc);
	fflush(trace);
}

void trace_open(FILE *trace, pid_t tid, const char *path, long rc)
{
	if (!trace)
		return;
	fprintf(trace, "%d open /dev/%s -> ", (int)tid, path);
	end_line(trace, rc);
}

void trace_ioctl(FILE *trace, pid_t tid, int fd, unsigned long request, long rc)
{
	const char *name = name_of(request);

	if (!trace)
		return;
	if (name)
		fprintf(trace, "%d %s fd=%d -> ", (int)tid, name, fd);
	else
		fprintf(trace, "%d ioctl %#lx fd=%d -> ", (int)tid, request, fd);
	end_line(trace, rc);
}

void trace_write(FILE *trace, pid_t tid, int fd, const char *text, long rc)
{
	if (!trace)
		return;
	fprintf(trace, "%d write fd=%d '%s' -> ", (int)tid, fd, text);
	end_line(trace, rc);
}

void trace_pwrite(FILE *trace, pid_t tid, int fd, uint64_t at, long rc)
{
	if (!trace)
		return;
	fprintf(trace, "%d pwrite fd=%d at=%#llx -> ", (int)tid, fd, (unsigned long long)at);
	end_line(trace, rc);
}
