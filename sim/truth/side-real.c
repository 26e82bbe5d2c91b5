// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "side.h"
#include "tests/lab.h"

enum { PAGE_SIZE = 4096, EDU_BAR = 1 << 20, CONFIG_REGION = 7, COMMAND = 4, MASTER_AND_MEMORY = 6 };
enum { DMA_SOURCE = 0x80, DMA_TARGET = 0x88, DMA_COUNT = 0x90, DMA_COMMAND = 0x98, EDU_MEMORY = 0x40000 };
enum { DMA_START = 1, DMA_TO_MEMORY = 2, LONGEST_DMA = 10000 };

struct real {
	struct side side;
	int contexts[SIDE_CONTEXTS];
	int cdevs[SIDE_DEVICES][SIDE_OPENS];
	int memfds[SIDE_MEMFDS];
	int event, other;
	int files[SIDE_FILES];
};

static struct real *real_of(struct side *side)
{
	return (struct real *)side; /* its first member */
}

static long result(long rc)
{
	return rc < 0 ? -errno : rc;
}

static bool real_context_open(struct side *side, int context)
{
	return (real_of(side)->contexts[context] = open("/dev/iommu", O_RDWR | O_CLOEXEC)) >= 0;
}

static void real_context_close(struct side *side, int context)
{
	close(real_of(side)->contexts[context]);
}

static long real_context_ioctl(struct side *side, int context, unsigned long request, void *arg)
{
	return result(ioctl(real_of(side)->contexts[context], request, arg));
}

/* The vfioN below the device's directory. */
static int open_cdev(const char *bus, const char *address)
{
	char path[512];
	struct dirent *entry;
	DIR *dir;
	int fd = -1;

	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/vfio-dev", bus, address);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "vfio", 4) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		break;
	}
	if (dir)
		closedir(dir);
	return fd;
}

static long real_cdev_open(struct side *side, int device, int open)
{
	const char *bus = lab_devices[device].kind == SIM_EMULATED ? "mdev" : "pci";
	int fd = open_cdev(bus, lab_devices[device].address);

	real_of(side)->cdevs[device][open] = fd;
	return fd < 0 ? -errno : 0;
}

static void real_cdev_close(struct side *side, int device, int open)
{
	close(real_of(side)->cdevs[device][open]);
}

static long real_cdev_ioctl(struct side *side, int device, int open, unsigned long request, void *arg)
{
	return result(ioctl(real_of(side)->cdevs[device][open], request, arg));
}

static int real_number_of(struct side *side, enum side_fd what, int which)
{
	const struct real *real = real_of(side);

	switch (what) {
	case FD_CONTEXT:
		return real->contexts[which];
	case FD_MEMFD:
		return real->memfds[which];
	case FD_EVENT:
		return real->event;
	case FD_OTHER:
		return real->other;
	default:
		return 1000;
	}
}

static void real_keep(struct side *side, int file, int fd)
{
	real_of(side)->files[file] = fd;
}

static void real_close_file(struct side *side, int file)
{
	close(real_of(side)->files[file]);
}

static long real_read_file(struct side *side, int file, void *to, size_t len)
{
	return result(read(real_of(side)->files[file], to, len));
}

static void one_dma(volatile unsigned char *bar, uint64_t from, uint64_t to, size_t len, unsigned int command)
{
	*(volatile uint64_t *)(bar + DMA_SOURCE) = from;
	*(volatile uint64_t *)(bar + DMA_TARGET) = to;
	*(volatile uint64_t *)(bar + DMA_COUNT) = len;
	*(volatile uint64_t *)(bar + DMA_COMMAND) = DMA_START | command;
	for (int ms = 0; *(volatile uint64_t *)(bar + DMA_COMMAND) & DMA_START; ms++) {
		if (ms == LONGEST_DMA) {
			fprintf(stderr, "truth: the edu does not end its DMA\n");
			exit(2);
		}
		usleep(1000);
	}
}

static void real_dma(struct side *side, int device, int open, uint64_t from, uint64_t to, size_t len)
{
	int fd = real_of(side)->cdevs[device][open];
	uint16_t command = MASTER_AND_MEMORY;
	void *bar = mmap(NULL, EDU_BAR, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (bar == MAP_FAILED ||
	    pwrite(fd, &command, sizeof(command), ((off_t)CONFIG_REGION << 40) + COMMAND) != 2) {
		perror("truth: edu");
		exit(2);
	}
	one_dma(bar, from, EDU_MEMORY, len, 0);
	one_dma(bar, EDU_MEMORY, to, len, DMA_TO_MEMORY);
	munmap(bar, EDU_BAR);
}

static const struct side_ops ops = {
	.context_open = real_context_open,
	.context_close = real_context_close,
	.context_ioctl = real_context_ioctl,
	.cdev_open = real_cdev_open,
	.cdev_close = real_cdev_close,
	.cdev_ioctl = real_cdev_ioctl,
	.fd = real_number_of,
	.keep = real_keep,
	.close_file = real_close_file,
	.read_file = real_read_file,
	.dma = real_dma,
};

/* Root has it, and then there is no limit. */
static bool drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return false;
	data[CAP_IPC_LOCK / 32].effective &= ~(1u << CAP_IPC_LOCK % 32);
	return syscall(SYS_capset, &header, data) == 0;
}

struct side *side_real(unsigned long memlock)
{
	struct rlimit limit = { memlock * PAGE_SIZE, memlock * PAGE_SIZE };
	struct real *real = calloc(1, sizeof(*real));

	if (!real)
		return NULL;
	real->side.ops = &ops;
	for (int i = 0; i < SIDE_MEMFDS; i++) {
		real->memfds[i] = memfd_create("truth", MFD_CLOEXEC);
		if (ftruncate(real->memfds[i], MEMFD_SIZE))
			return NULL;
	}
	real->event = eventfd(0, EFD_CLOEXEC);
	real->other = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (memlock && (setrlimit(RLIMIT_MEMLOCK, &limit) || !drop_ipc_lock())) {
		perror("truth: limit");
		return NULL;
	}
	return &real->side;
}
