/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared inside libiommufd; never installed. */
#ifndef LIBIOMMUFD_INTERNAL_H
#define LIBIOMMUFD_INTERNAL_H

#include <errno.h>
#include <stdbool.h>

#include "libiommufd.h"

#define API __attribute__((visibility("default")))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum { OP_COUNT = IOMMUFD_OP_IOAS_NOIOMMU_GET_PA + 1, OP_FIELDS = 8 };

enum field_flow { FIELD_IN = 1, FIELD_OUT = 2, FIELD_BOTH = 3 };

/* A member of an ioctl's struct, for the trace. Names stand inside: a pointer is relocated at each start. */
struct op_field {
	char name[21];
	uint8_t offset;
	uint8_t size; /* 1, 2, 4 or 8; 0 ends the list */
	uint8_t flow;
};

/*
 * What ENOTTY says of an op. WRONG_FD: that the fd is something else, for each kernel that has an iommufd, or
 * a cdev, has the op. LACKING: that this kernel, driver or device does not have it.
 */
enum enotty { WRONG_FD, LACKING };

/* What is known of one op: the row that the funnel, the trace and the explanations share. */
struct op {
	char name[48];
	char since[8];
	enum enotty enotty;
	unsigned long request; /* 0: not an ioctl */
	struct op_field fields[OP_FIELDS];
};

/* NULL when op is out of range. */
extern const struct op op_rows[OP_COUNT];
static inline const struct op *op_row(enum iommufd_op op)
{
	return (unsigned int)op < OP_COUNT ? &op_rows[op] : NULL;
}

/* Set errno and return -error: the tail of every failing function. */
static inline int set_errno(int error)
{
	errno = error;
	return -error;
}

/* The one ioctl of the library. arg: the struct of op, its size member filled. 0 or -errno; of DMA_BUF the
 * fd. */
int do_ioctl(enum iommufd_op op, int fd, void *arg);

/* The same, for the one member of arg that is of interest afterwards. A failure leaves *ret as it is. */
int ioctl_u32(enum iommufd_op op, int fd, void *arg, const uint32_t *member, uint32_t *ret);
int ioctl_u64(enum iommufd_op op, int fd, void *arg, const uint64_t *member, uint64_t *ret);

/* ioctl.c: the user namespace that owns another namespace, as an fd, or -errno. It is not traced. */
int owner_of_namespace(int ns);

/* The flags of VFIO_DEVICE_FEATURE, to read or to set what has that name in uapi/vfio.h. */
#define FEATURE_GET(name) (UAPI_VFIO_DEVICE_FEATURE_GET | UAPI_VFIO_DEVICE_FEATURE_##name)
#define FEATURE_SET(name) (UAPI_VFIO_DEVICE_FEATURE_SET | UAPI_VFIO_DEVICE_FEATURE_##name)

/* Close fd, and return rc. errno is that of rc again, where it is one. */
int close_after(int fd, int rc);

/*
 * Hand fd out, but not as 0, 1 or 2: what is printed there would reach the device. 0 or -errno; on failure fd
 * is closed.
 */
int lift_fd(int fd, int *ret_fd);

/* Open for reading and writing, as such an fd. */
int open_high(const char *path, int *ret_fd);

/*
 * Hand out what the kernel made: a queue, by its id and by its fd, which is lifted. A queue without its fd is
 * of no use: where that fails, the queue is destroyed.
 */
int hand_out_queue(int iommufd, uint32_t id, uint32_t fd, uint32_t *ret_id, int *ret_fd);

/* Read what a queue has, at most size bytes. The bytes, or -errno. */
int read_queue(int fd, void *buf, size_t size);

/* names.c: the decimal number that all of text is, or -1. */
int32_t parse_decimal(const char *text);
/* Has text this form? "x" in form stands for a hexadecimal digit. buf gets a copy of text in lower case. */
bool match_form(const char *text, const char *form, char *buf);
/* "vfioN", or "noiommu-vfioN" */
bool is_cdev_name(const char *name);

/* sysfs.c: call fn for each device that has a VFIO driver, in no order, until it fails. 0 or -errno. */
typedef int device_fn(void *arg, const struct iommufd_device *device);
int each_device(device_fn *fn, void *arg);

/* sysfs.c: is fd open on the cdev of that name? -ESTALE: on another one, or on none. */
int check_cdev(int fd, const char *name);

/* The root of /dev, redirected for tests; the environment of a privileged caller is ignored. */
const char *dev_root(void);

#endif
