/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sequence runs on: the kernel of this machine, or the model. All return -errno; fds are numbers of
 * its own. */
#ifndef TRUTH_BACKEND_H
#define TRUTH_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backend;

/* Devices by number. */
enum { DEVICE_EDU, DEVICE_EDU_A, DEVICE_EDU_B, DEVICE_TESTDEV, DEVICE_MTTY, DEVICE_MDPY, N_DEVICES };
extern const char *const device_addresses[N_DEVICES];

struct backend_ops {
	const char *name;
	/* kernel: "6.12"; NULL with a message where there is no such backend. */
	struct backend *(*start)(const char *kernel);
	/* What is still open is closed. */
	void (*finish)(struct backend *backend);
	int (*open_iommu)(struct backend *backend);
	int (*open_cdev)(struct backend *backend, unsigned int device);
	/* The memfd becomes the backend's. */
	int (*memory)(struct backend *backend, int memfd, void *mapped, uint64_t len);
	int (*event)(struct backend *backend);
	int (*close)(struct backend *backend, int fd);
	long (*ioctl)(struct backend *backend, int fd, unsigned long request, uint64_t arg);
	long (*read)(struct backend *backend, int fd, void *to, size_t len);
	long (*write)(struct backend *backend, int fd, const void *from, size_t len);
	int (*poll)(struct backend *backend, int fd);
	/* An edu copies: what it cannot read is 0, what it cannot write is left. -ENODEV of others, -EINVAL
	 * unbound. */
	int (*dma)(struct backend *backend, int fd, unsigned int device, uint64_t from, uint64_t to,
		   size_t len);
	/* An access that pins, bound to the context and attached to the IOAS: an fd. */
	int (*access_create)(struct backend *backend, int context, uint32_t ioas);
	int (*access_replace)(struct backend *backend, int access, uint32_t ioas);
	/* The number of what was pinned. */
	long (*access_pin)(struct backend *backend, int access, uint64_t iova, uint64_t length, bool write);
	int (*access_unpin)(struct backend *backend, int access, uint32_t item);
	int (*access_rw)(struct backend *backend, int access, uint64_t iova, void *bytes, uint64_t length,
			 bool write);
	int (*limits)(struct backend *backend, uint64_t pages, bool ipc_lock, bool sys_resource);
};

extern const struct backend_ops backend_real, backend_model;

#endif
