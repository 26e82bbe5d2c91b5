/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "context/device.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context/observer.h"
#include "context/taker.h"
#include "util/number.h"

struct device *device_by_fd(const struct context *ctx, int fd)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (device_at(ctx, i)->fd == fd)
			return device_at(ctx, i);
	return NULL;
}

struct device *device_by_cdev(const struct context *ctx, const char *name)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (strcmp(device_at(ctx, i)->info.name, name) == 0)
			return device_at(ctx, i);
	return NULL;
}

struct device *device_by_serial(const struct context *ctx, uint64_t serial)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (device_at(ctx, i)->serial == serial)
			return device_at(ctx, i);
	return NULL;
}

const char *device_kind_name(enum iommufd_device_kind kind)
{
	static const char *const names[] = {
		[IOMMUFD_PHYSICAL] = "physical", [IOMMUFD_EMULATED] = "emulated", [IOMMUFD_NOIOMMU] = "noiommu",
	};

	return kind < ARRAY_SIZE(names) ? names[kind] : NULL;
}

static bool is_address(const char *address, const char *word)
{
	const char domain[] = "0000:";
	bool is_short = strncmp(address, domain, strlen(domain)) == 0;

	return strcasecmp(address, word) == 0 ||
	       (is_short && strcasecmp(address + strlen(domain), word) == 0);
}

struct device *device_by_reference(const struct context *ctx, const char *word)
{
	for (size_t i = 0; i < ctx->devices.count; i++) {
		const struct iommufd_device *info = &device_at(ctx, i)->info;

		if (*word && (strcmp(info->name, word) == 0 || strcmp(info->cdev, word) == 0 ||
			      is_address(info->address, word)))
			return device_at(ctx, i);
	}
	return NULL;
}

static bool has_left_sysfs(const struct device *device)
{
	struct iommufd_device info;
	struct stat st;

	return device->fd >= 0 && fstat(device->fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       iommufd_device_lookup_fd(device->fd, &info) == -ENOTTY;
}

bool device_is_wanted(const struct device *device)
{
	return device->is_wanted || (device->watch != WATCH_ON && has_left_sysfs(device));
}

void context_note_wanted(struct context *ctx)
{
	for (size_t i = 0; i < ctx->devices.count; i++) {
		struct device *device = device_at(ctx, i);

		if (device->is_wanted || !has_left_sysfs(device))
			continue;
		device->is_wanted = true;
		observe_changed(ctx, &device->object);
	}
}

int device_register(struct context *ctx, const char *name, const struct iommufd_device *info, int fd,
		    struct device **ret)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device)
		return -ENOMEM;
	*device = (struct device){ .object = { .type = OBJECT_DEVICE }, .info = *info, .fd = fd };
	if (object_enlist(ctx, &ctx->devices, &device->object, name) < 0) {
		free(device);
		return -ENOMEM;
	}
	device->serial = ++ctx->n_registered;
	*ret = device;
	return 0;
}

void device_drop(struct context *ctx, struct device *device)
{
	observe_gone(ctx, &device->object);
	object_remove(ctx, &device->object);
	object_list_remove(&ctx->devices, &device->object);
	if (!device->borrowed && device->fd >= 0)
		close(device->fd);
	free(device->pasids);
	free(device);
}

int device_bind(struct context *ctx, struct device *device, const unsigned char *token)
{
	uint32_t id;
	int rc = token ? iommufd_device_bind_token(device->fd, ctx->iommufd, token, &id)
		       : iommufd_device_bind(device->fd, ctx->iommufd, &id);

	if (rc < 0)
		return rc;
	device->object.id = id;
	device->attachment = DETACHED;
	taker_forget(ctx, device);
	if (object_add(ctx, &device->object, NULL) < 0)
		return -ENOMEM;
	observe_changed(ctx, &device->object);
	return 0;
}

static bool is_sibling(const struct device *a, const struct device *b)
{
	return a != b && a->info.kind == IOMMUFD_PHYSICAL && b->info.kind == IOMMUFD_PHYSICAL &&
	       a->info.group >= 0 && a->info.group == b->info.group;
}

/*
 * What moved one device of an IOMMU group has moved all of them that were attached, but for those that are on
 * there already: 0 for a move that was seen, in which a number of before is another page table's by now.
 */
static void move_siblings(struct context *ctx, const struct device *device, uint32_t there,
			  device_moved_fn *moved, void *arg)
{
	taker_follow(ctx, device);
	for (size_t i = 0; i < ctx->devices.count; i++) {
		struct device *sibling = device_at(ctx, i);

		if (!is_sibling(device, sibling) || sibling->attachment != ATTACHED ||
		    sibling->pt == there)
			continue;
		sibling->requested_pt = device->requested_pt;
		sibling->pt = device->pt;
		observe_changed(ctx, &sibling->object);
		if (moved)
			moved(arg, sibling);
	}
}

void device_take_group(struct context *ctx, const struct device *device)
{
	if (device->attachment == ATTACHED)
		move_siblings(ctx, device, device->pt, NULL, NULL);
}

/* The one ioctl of attach and replace, where a strict rule has nothing against it. */
static int set_page_table(struct context *ctx, struct device *device, uint32_t pt, device_moved_fn *moved,
			  void *arg, struct attach_result *ret)
{
	bool moves = device->attachment == ATTACHED;
	uint32_t before = device->pt, now = pt;
	int rc;

	ret->op = IOMMUFD_OP_ATTACH;
	observe_begin_device(ctx, device);
	rc = iommufd_device_attach(device->fd, &now);
	if (rc < 0)
		return rc;
	/*
	 * The number of the HWPT that it is on moves nothing: which IOAS that is of stays known. Where a
	 * program has moved it, the number may be another object's by now.
	 */
	if (!moves || pt != device->pt || object_by_id(ctx, pt))
		device->requested_pt = pt;
	device->pt = now;
	device->attachment = ATTACHED;
	device->detached_by_user = false;
	observe_changed(ctx, &device->object); /* first: after a crash its group follows */
	if (moves)
		move_siblings(ctx, device, now == before ? now : 0, moved, arg);
	ret->pt = now;
	return 0;
}

int device_attach(struct context *ctx, struct device *device, uint32_t pt, device_moved_fn *moved, void *arg,
		  struct attach_result *ret)
{
	ret->op = IOMMUFD_OP_STRICT_ATTACH;
	return device_may_attach(device, pt) ?: set_page_table(ctx, device, pt, moved, arg, ret);
}

int device_replace(struct context *ctx, struct device *device, uint32_t pt, device_moved_fn *moved, void *arg,
		   struct attach_result *ret)
{
	ret->op = IOMMUFD_OP_STRICT_REPLACE;
	return device_may_replace(device) ?: set_page_table(ctx, device, pt, moved, arg, ret);
}

int device_detach(struct context *ctx, struct device *device)
{
	int rc = 0;

	observe_begin_device(ctx, device);
	if (device->attachment != DETACHED)
		rc = iommufd_device_detach(device->fd);
	if (rc < 0)
		return rc;
	device->attachment = DETACHED;
	device->detached_by_user = true;
	device->requested_pt = device->pt = 0;
	observe_changed(ctx, &device->object);
	return 0;
}

void device_page_table_gone(struct context *ctx, uint32_t pt)
{
	for (size_t i = 0; i < ctx->devices.count; i++) {
		struct device *device = device_at(ctx, i);

		if (device->attachment != ATTACHED || device->requested_pt != pt)
			continue;
		device->attachment = DETACHED;
		device->requested_pt = device->pt = 0;
		observe_changed(ctx, &device->object);
	}
}

struct pasid *device_pasid(const struct device *device, uint32_t number)
{
	for (size_t i = 0; i < device->n_pasids; i++)
		if (device->pasids[i].number == number)
			return &device->pasids[i];
	return NULL;
}

int device_remember_pasid(struct device *device, uint32_t number, uint32_t requested_pt, uint32_t pt)
{
	struct pasid *pasid = device_pasid(device, number);

	if (!pasid) {
		pasid = reallocarray(device->pasids, device->n_pasids + 1, sizeof(*pasid));
		if (!pasid)
			return -ENOMEM;
		device->pasids = pasid;
		pasid += device->n_pasids++;
	}
	*pasid = (struct pasid){ number, requested_pt, pt };
	return 0;
}

void device_forget_pasid(struct device *device, uint32_t number)
{
	struct pasid *pasid = device_pasid(device, number);

	if (pasid)
		*pasid = device->pasids[--device->n_pasids];
}

/* Room for it comes before the ioctl, so that nothing has to be taken back. */
static int set_pasid(struct context *ctx, struct device *device, uint32_t number, uint32_t pt,
		     struct attach_result *ret)
{
	bool is_new = !device_pasid(device, number);
	uint32_t now = pt;
	int rc;

	ret->op = IOMMUFD_OP_ATTACH_PASID;
	if (is_new && device_remember_pasid(device, number, 0, 0) < 0)
		return -ENOMEM;
	observe_begin_device(ctx, device);
	rc = iommufd_device_attach_pasid(device->fd, number, &now);
	if (rc < 0) {
		if (is_new)
			device_forget_pasid(device, number);
		return rc;
	}
	device_remember_pasid(device, number, pt, now);
	observe_pasid(ctx, device, number);
	ret->pt = now;
	return 0;
}

int device_attach_pasid(struct context *ctx, struct device *device, uint32_t number, uint32_t pt,
			struct attach_result *ret)
{
	const struct pasid *pasid = device_pasid(device, number);

	ret->op = IOMMUFD_OP_STRICT_ATTACH;
	if (pasid && pasid->requested_pt != pt && pasid->pt != pt)
		return -EBUSY;
	return set_pasid(ctx, device, number, pt, ret);
}

int device_replace_pasid(struct context *ctx, struct device *device, uint32_t number, uint32_t pt,
			 struct attach_result *ret)
{
	ret->op = IOMMUFD_OP_STRICT_REPLACE;
	if (!device_pasid(device, number) && device->attachment != ATTACHMENT_UNKNOWN)
		return -EINVAL;
	return set_pasid(ctx, device, number, pt, ret);
}

int device_detach_pasid(struct context *ctx, struct device *device, uint32_t number)
{
	int rc;

	observe_begin_device(ctx, device);
	rc = iommufd_device_detach_pasid(device->fd, number);
	if (rc < 0)
		return rc;
	device_forget_pasid(device, number);
	observe_pasid(ctx, device, number);
	return 0;
}
