/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim-loop CALL COUNT: the nanoseconds of one of these calls, the best of many short runs. In the
 * simulator, and without it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "uapi/iommufd.h"

enum { RUNS = 200 }; /* short, so that some of them have a processor for themselves */

static int fd, null, memory;
static uint32_t ioas;

static long call_ioctl(void)
{
	struct uapi_iommu_option arg = { .size = sizeof(arg), .op = UAPI_IOMMU_OPTION_GET };

	return ioctl(fd, UAPI_IOMMU_OPTION, &arg);
}

/* A page of a file, of the IOAS that prepare_map() has made. */
static long call_map(void)
{
	struct uapi_iommu_ioas_map_file map = {
		.size = sizeof(map), .flags = 7, .ioas_id = ioas, .fd = memory, .length = 4096, .iova = 4096
	};
	struct uapi_iommu_ioas_unmap unmap = { sizeof(unmap), ioas, 4096, 4096 };

	return ioctl(fd, UAPI_IOMMU_IOAS_MAP_FILE, &map) ?: ioctl(fd, UAPI_IOMMU_IOAS_UNMAP, &unmap);
}

static void prepare_map(void)
{
	struct uapi_iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	memory = memfd_create("memory", MFD_CLOEXEC);
	if (ftruncate(memory, 4096) < 0 || ioctl(fd, UAPI_IOMMU_IOAS_ALLOC, &alloc) < 0)
		exit(1);
	ioas = alloc.out_ioas_id;
}

static long call_open(void)
{
	int opened = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	return close(opened);
}

static long call_getppid(void)
{
	return syscall(SYS_getppid) < 0;
}

/* The filter looks at its arguments. */
static long call_other_ioctl(void)
{
	int n;

	return ioctl(0, 0x541b /* FIONREAD */, &n) == 12345;
}

static long call_open_to_read(void)
{
	return close(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

static long call_fstat(void)
{
	struct stat st;

	return fstat(null, &st);
}

static long call_write(void)
{
	return write(null, "a line\n", 7) != 7;
}

static long call_write_more(void)
{
	char text[80] = "";

	return write(null, text, sizeof(text)) != sizeof(text);
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{ "ioctl", call_ioctl }, { "map", call_map }, /* of an iommufd */
	{ "open", call_open }, { "getppid", call_getppid },
	{ "other-ioctl", call_other_ioctl }, { "open-to-read", call_open_to_read }, { "fstat", call_fstat },
	{ "write", call_write }, { "write-more", call_write_more },
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	double best = 1e18;
	size_t at = 0;

	while (count && at < sizeof(calls) / sizeof(*calls) && strcmp(calls[at].name, argv[1]) != 0)
		at++;
	if (!count || at == sizeof(calls) / sizeof(*calls))
		return 2;
	null = open("/dev/null", O_RDWR);
	fd = at < 2 ? open("/dev/iommu", O_RDWR | O_CLOEXEC) : 0;
	if (calls[at].call == call_map)
		prepare_map();
	for (int run = 0; run < RUNS; run++) {
		double start = now();

		for (unsigned long i = 0; i < count; i++)
			if (calls[at].call() != 0)
				return 1;
		if ((now() - start) / (double)count < best)
			best = (now() - start) / (double)count;
	}
	printf("%.1f\n", best);
	return 0;
}
