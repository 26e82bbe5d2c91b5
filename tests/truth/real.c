/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel of this machine, with the devices of the lab. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "real-access.h"

const char *const device_addresses[N_DEVICES] = {
	[DEVICE_EDU] = "0000:00:04.0",
	[DEVICE_EDU_A] = "0000:02:00.0",
	[DEVICE_EDU_B] = "0000:02:00.1",
	[DEVICE_TESTDEV] = "0000:00:03.0",
	[DEVICE_MTTY] = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
	[DEVICE_MDPY] = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002",
};

struct backend {
	char nodes[N_DEVICES][300];
};

static int result(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

/* The cdev of a device; empty: there is none. */
static void find_node(const char *address, char *node, size_t len)
{
	char path[256];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/vfio-dev",
		 strlen(address) > 12 ? "mdev" : "pci", address);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			snprintf(node, len, "/dev/vfio/devices/%s", entry->d_name);
	if (dir)
		closedir(dir);
}

static struct backend *real_start(const char *kernel)
{
	struct backend *real = calloc(1, sizeof(*real));

	(void)kernel;
	if (access("/dev/iommu", R_OK | W_OK) < 0 || !real) {
		perror("truth: /dev/iommu");
		return NULL;
	}
	for (unsigned int i = 0; i < N_DEVICES; i++)
		find_node(device_addresses[i], real->nodes[i], sizeof(real->nodes[i]));
	return real;
}

static void real_finish(struct backend *real)
{
	free(real);
}

static int real_open_iommu(struct backend *real)
{
	(void)real;
	return result(open("/dev/iommu", O_RDWR | O_CLOEXEC));
}

static int real_open_cdev(struct backend *real, unsigned int device)
{
	return result(open(real->nodes[device], O_RDWR | O_CLOEXEC));
}

static int real_memory(struct backend *real, int memfd, void *mapped, uint64_t len)
{
	(void)real, (void)mapped, (void)len;
	return memfd;
}

static int real_event(struct backend *real)
{
	(void)real;
	return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

static int real_close(struct backend *real, int fd)
{
	(void)real;
	return result(close(fd));
}

static long real_ioctl(struct backend *real, int fd, unsigned long request, uint64_t arg)
{
	(void)real;
	return result(ioctl(fd, request, arg));
}

static int real_poll(struct backend *real, int fd)
{
	struct pollfd one = { .fd = fd, .events = POLLIN | POLLOUT };

	(void)real;
	return poll(&one, 1, 0) < 0 ? -errno : one.revents;
}

/* A queue that is empty would wait: not here. */
static long real_read(struct backend *real, int fd, void *to, size_t len)
{
	if (fd < 0)
		return -EBADF;
	if (!(real_poll(real, fd) & POLLIN))
		return -EAGAIN;
	return result(read(fd, to, len));
}

static long real_write(struct backend *real, int fd, const void *from, size_t len)
{
	(void)real;
	return result(write(fd, from, len));
}

/* --- edu ----------------------------------------------------------------------------------------- */

enum { COMMAND_AT = 4, MEMORY_AND_MASTER = 1 << 1 | 1 << 2 };
enum { EDU_SOURCE = 0x80, EDU_DESTINATION = 0x88, EDU_COUNT = 0x90, EDU_COMMAND = 0x98 };
enum { EDU_RUN = 1, EDU_TO_MEMORY = 2, EDU_BUFFER = 0x40000 };
#define CONFIG_AT ((off_t)7 << 40)

static int edu_set(int fd, off_t at, uint32_t value)
{
	return pwrite(fd, &value, sizeof(value), at) == sizeof(value) ? 0 : -errno;
}

static int edu_transfer(int fd, uint64_t from, uint64_t to, size_t len, uint32_t direction)
{
	uint32_t command = EDU_RUN;
	int rc = edu_set(fd, EDU_SOURCE, (uint32_t)from) ?: edu_set(fd, EDU_DESTINATION, (uint32_t)to) ?:
		 edu_set(fd, EDU_COUNT, (uint32_t)len) ?: edu_set(fd, EDU_COMMAND, EDU_RUN | direction);

	while (rc == 0 && command & EDU_RUN) {
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
		if (pread(fd, &command, sizeof(command), EDU_COMMAND) != sizeof(command))
			rc = -errno;
	}
	return rc;
}

static int real_dma(struct backend *real, int fd, unsigned int device, uint64_t from, uint64_t to,
		    size_t len)
{
	uint16_t command;

	(void)real;
	if (fd < 0)
		return -EBADF;
	if (device > DEVICE_EDU_B)
		return -ENODEV;
	if (pread(fd, &command, sizeof(command), CONFIG_AT + COMMAND_AT) != sizeof(command))
		return -errno;
	command |= MEMORY_AND_MASTER;
	if (pwrite(fd, &command, sizeof(command), CONFIG_AT + COMMAND_AT) != sizeof(command))
		return -errno;
	return edu_transfer(fd, from, EDU_BUFFER, len, 0)
		       ?: edu_transfer(fd, EDU_BUFFER, to, len, EDU_TO_MEMORY);
}

/* ------------------------------------------------------------------------------------------------- */

static void set_capability(struct __user_cap_data_struct *data, unsigned int capability, bool on)
{
	uint32_t bit = 1U << capability % 32;

	data[capability / 32].effective = on ? data[capability / 32].effective | bit
					     : data[capability / 32].effective & ~bit;
}

static int real_limits(struct backend *real, uint64_t pages, bool ipc_lock, bool sys_resource)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	struct rlimit limit = { .rlim_cur = pages * 4096, .rlim_max = RLIM_INFINITY };

	(void)real;
	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 || syscall(SYS_capget, &header, data) < 0)
		return -errno;
	set_capability(data, CAP_IPC_LOCK, ipc_lock);
	set_capability(data, CAP_SYS_RESOURCE, sys_resource);
	return result(syscall(SYS_capset, &header, data));
}

const struct backend_ops backend_real = {
	.name = "real",
	.start = real_start,
	.finish = real_finish,
	.open_iommu = real_open_iommu,
	.open_cdev = real_open_cdev,
	.memory = real_memory,
	.event = real_event,
	.close = real_close,
	.ioctl = real_ioctl,
	.read = real_read,
	.write = real_write,
	.poll = real_poll,
	.dma = real_dma,
	.access_create = real_access_create,
	.access_replace = real_access_replace,
	.access_pin = real_access_pin,
	.access_unpin = real_access_unpin,
	.access_rw = real_access_rw,
	.limits = real_limits,
};
