/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libiommufd in a nutshell: allocate an I/O address space, print its usable ranges, explain failures. */
#include <libiommufd.h>

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static int explain(const char *what, enum iommufd_op op, int error)
{
	struct iommufd_explanation why;

	iommufd_explain(op, error, IOMMUFD_KIND_UNKNOWN, &why);
	fprintf(stderr, "%s: %s\n", what, why.sentence);
	if (why.hint)
		fprintf(stderr, "hint: %s\n", why.hint);
	return 1;
}

int main(void)
{
	struct iommufd_range ranges[16];
	uint64_t alignment;
	uint32_t ioas;
	int fd, rc;

	rc = iommufd_open(NULL, &fd);
	if (rc < 0)
		return explain("/dev/iommu", IOMMUFD_OP_OPEN, rc);
	rc = iommufd_ioas_alloc(fd, &ioas);
	if (rc < 0)
		return explain("ioas alloc", IOMMUFD_OP_IOAS_ALLOC, rc);
	rc = iommufd_ioas_ranges(fd, ioas, ranges, 16, &alignment);
	if (rc < 0)
		return explain("ioas ranges", IOMMUFD_OP_IOAS_RANGES, rc);
	printf("IOAS %" PRIu32 ", aligned to %" PRIu64 "\n", ioas, alignment);
	for (int i = 0; i < rc && i < 16; i++)
		printf("%#" PRIx64 "-%#" PRIx64 "\n", ranges[i].start, ranges[i].last);
	close(fd); /* and with it the IOAS */
	return 0;
}
