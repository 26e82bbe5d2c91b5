/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What "destroy 1" does, COUNT times, and nothing else: the floor for a batch of such lines. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "uapi/iommufd.h"

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (argc != 2 || fd < 0)
		return 2;
	for (unsigned long i = 0; i < count; i++) {
		struct uapi_iommu_destroy arg = { .size = sizeof(arg), .id = 1 };

		if (ioctl(fd, UAPI_IOMMU_DESTROY, &arg) != 0)
			return 1;
	}
	return 0;
}
