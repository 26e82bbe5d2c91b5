/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices of a context, and the strict rules of attach, replace and detach, which the kernel's one ioctl
 * does not show: attach when nothing is attached, or the same; replace needs something to be replaced; detach
 * is idempotent. What is attached to one PASID of a device follows the same rules, apart from the device.
 */
#ifndef CLI_CONTEXT_DEVICE_H
#define CLI_CONTEXT_DEVICE_H

#include <errno.h>

#include "context/context.h"

enum attachment {
	ATTACHMENT_UNKNOWN, /* an inherited cdev: the kernel does not tell */
	DETACHED,
	ATTACHED,
};

/* Is the context told by an interrupt when the kernel waits for the device's release? */
enum release_watch {
	WATCH_UNTRIED,
	WATCH_ON,
	WATCH_NONE, /* it has no such interrupt */
};

/* What is attached for one PASID of a device. */
struct pasid {
	uint32_t number, requested_pt, pt;
};

struct device {
	struct object object;
	struct iommufd_device info;
	uint64_t serial; /* which one it was is told by this, when it may be gone: others get its address */
	int fd;
	bool borrowed; /* fd:N of the caller: never closed here */
	enum attachment attachment;
	uint32_t requested_pt, pt; /* what was asked for, and what the kernel made of it */
	bool detached_by_user;	   /* whoever prepared it is done with it */
	bool is_wanted;		   /* the kernel waits for its release */
	enum release_watch watch;
	struct pasid *pasids;
	size_t n_pasids;
};

static inline struct device *device_at(const struct context *ctx, size_t i)
{
	return (struct device *)ctx->devices.items[i];
}

/* NULL: this context has none of that fd, of a cdev of that name ("vfio0"). */
struct device *device_by_fd(const struct context *ctx, int fd);
struct device *device_by_serial(const struct context *ctx, uint64_t serial);
struct device *device_by_cdev(const struct context *ctx, const char *name);
/* Whose cdev, its path or address the word is; "00:04.0" is an address, too. The device itself may be gone. */
struct device *device_by_reference(const struct context *ctx, const char *word);
/* What people call it by: its name here, or its cdev's. */
static inline const char *device_name(const struct device *device)
{
	return device->object.name ?: device->info.name;
}

/* "physical", ... NULL: unknown */
const char *device_kind_name(enum iommufd_device_kind kind);

/* Make an open device known, under a name that may be NULL. -ENOMEM; fd stays the caller's then. */
int device_register(struct context *ctx, const char *name, const struct iommufd_device *info, int fd,
		    struct device **ret);
/* Forget a device and close its cdev, unless it is borrowed. */
void device_drop(struct context *ctx, struct device *device);

/*
 * Does the kernel wait for its release, as after 'echo ADDRESS >/sys/.../unbind'? Its entry in sysfs is gone
 * then, and nothing but closing its cdev ends that. Where no interrupt tells, sysfs is asked.
 */
bool device_is_wanted(const struct device *device);
/* The interrupt came, for one of the devices: note those whose entry in sysfs is gone by now. */
void context_note_wanted(struct context *ctx);

/*
 * Bind a device that is not bound; token: 16 bytes, or NULL. With -ENOMEM and an id the device is bound and
 * its id cannot be kept: there is no unbind but closing the cdev.
 */
int device_bind(struct context *ctx, struct device *device, const unsigned char *token);

/* 0, or why a strict rule refuses it: -EBUSY (attached elsewhere), -EINVAL (nothing to be replaced). */
static inline int device_may_attach(const struct device *device, uint32_t pt)
{
	bool is_same = pt == device->requested_pt || pt == device->pt;

	return device->attachment == ATTACHED && !is_same ? -EBUSY : 0;
}

static inline int device_may_replace(const struct device *device)
{
	return device->attachment == DETACHED ? -EINVAL : 0;
}

/* A sibling, a device of the same IOMMU group, has moved along: a group has one page table. */
typedef void device_moved_fn(void *arg, const struct device *sibling);

struct attach_result {
	enum iommufd_op op; /* who refused: a strict rule, or the kernel */
	uint32_t pt; /* on what it is now: of an IOAS the kernel makes a HWPT for a physical device */
};

/* pt: an IOAS or HWPT. moved is called for each sibling that moved. 0, or -errno with ret->op. */
int device_attach(struct context *ctx, struct device *device, uint32_t pt, device_moved_fn *moved, void *arg,
		  struct attach_result *ret);
int device_replace(struct context *ctx, struct device *device, uint32_t pt, device_moved_fn *moved, void *arg,
		   struct attach_result *ret);
/* 0 also where nothing is attached; the kernel is not asked then. */
int device_detach(struct context *ctx, struct device *device);

/* Its group is where it is: after a crash in the middle of a move this is told of some of them alone. */
void device_take_group(struct context *ctx, const struct device *device);

/*
 * The kernel has destroyed it: what was attached to it has been moved by a program that has it, too. Another
 * object may have its number next.
 */
void device_page_table_gone(struct context *ctx, uint32_t pt);

/* NULL: nothing is known to be attached for that PASID. */
struct pasid *device_pasid(const struct device *device, uint32_t number);
/* What is attached for a PASID now. -ENOMEM; nothing is remembered then. */
int device_remember_pasid(struct device *device, uint32_t number, uint32_t requested_pt, uint32_t pt);
void device_forget_pasid(struct device *device, uint32_t number);

int device_attach_pasid(struct context *ctx, struct device *device, uint32_t number, uint32_t pt,
			struct attach_result *ret);
int device_replace_pasid(struct context *ctx, struct device *device, uint32_t number, uint32_t pt,
			 struct attach_result *ret);
int device_detach_pasid(struct context *ctx, struct device *device, uint32_t number);

#endif
