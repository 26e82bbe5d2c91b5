/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holds a device by nothing but a mapping: binds it, maps its BAR 0, closes the cdev and the iommufd, says so
 * in a line, and stays until its standard input ends.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] = "usage: mapper CDEV\n";

static void bind_device(const char *name, int *ret_device, int *ret_iommufd)
{
	struct iommufd_device info;
	uint32_t id;
	int rc = iommufd_device_lookup(name, &info);

	rc = rc < 0 ? rc : iommufd_open(NULL, ret_iommufd);
	rc = rc < 0 ? rc : iommufd_device_open(&info, ret_device);
	rc = rc < 0 ? rc : iommufd_device_bind(*ret_device, *ret_iommufd, &id);
	if (rc < 0)
		die(FAILED, "%s: %s", name, error_name(rc));
}

int main(int argc, char **argv)
{
	struct iommufd_region region;
	char buf[1024] __attribute__((aligned(8)));
	int device, iommufd;

	if (argc != 2) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	bind_device(argv[1], &device, &iommufd);
	if (iommufd_device_region(device, 0, buf, sizeof(buf), &region) < 0 ||
	    mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, device, (off_t)region.offset) ==
		    MAP_FAILED)
		die(FAILED, "%s: %s", argv[1], error_name(errno));
	close(device);
	close(iommufd);
	puts("mapped");
	fflush(stdout);
	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		;
	return 0;
}
