/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * walk --vmm CONTROL [iommufd FD] [CDEV FD]...: a program that was handed fds, as a VMM is, and does with
 * them what it is told. It says that it runs, and ends when nobody tells it any more.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"
#include "walk.h"

struct fds {
	int iommufd, devices[DEVICES], memory;
};

static void sort_out(int argc, char **argv, struct fds *fds)
{
	*fds = (struct fds){ .iommufd = -1, .memory = memfd_create("vmm", MFD_CLOEXEC) };
	for (int i = 3; i + 1 < argc; i += 2) {
		int fd = need_fd(argv[i], argv[i + 1]), device = device_index(argv[i]);

		if (device < 0)
			fds->iommufd = fd;
		else
			fds->devices[device] = fd;
	}
	if (fds->memory < 0 || ftruncate(fds->memory, PAGE) < 0)
		die(FAILED, "memory: %s", error_name(errno));
}

static struct vmm_report obey(const struct fds *fds, const struct vmm_order *order)
{
	struct vmm_report report = { .id = order->id };
	uint64_t iova = order->iova;

	switch (order->op) {
	case VMM_ATTACH:
		report.rc = iommufd_device_attach(fds->devices[order->device], &report.id);
		break;
	case VMM_DETACH:
		report.rc = iommufd_device_detach(fds->devices[order->device]);
		break;
	case VMM_ALLOC:
		report.rc = iommufd_ioas_alloc(fds->iommufd, &report.id);
		break;
	case VMM_MAP:
		report.rc = iommufd_ioas_map_file(fds->iommufd, order->id,
						  IOMMUFD_MAP_READ | IOMMUFD_MAP_WRITE | IOMMUFD_MAP_FIXED,
						  fds->memory, 0, PAGE, &iova);
	}
	return report;
}

int vmm_main(int argc, char **argv)
{
	struct vmm_report report = { 0 };
	struct vmm_order order;
	struct fds fds;
	int control;

	if (argc < 3)
		return USAGE;
	control = need_fd("CONTROL", argv[2]);
	sort_out(argc, argv, &fds);
	do {
		if (write(control, &report, sizeof(report)) != sizeof(report))
			return FAILED;
		if (read(control, &order, sizeof(order)) != sizeof(order))
			return 0;
		report = obey(&fds, &order);
	} while (true);
}
