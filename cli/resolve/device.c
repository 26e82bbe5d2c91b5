/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices of a context: found by any of their names, opened, bound, dropped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "journal.h"
#include "options.h"
#include "verbs.h"

static bool is_called(const struct device *device, const char *ref)
{
	const struct iommufd_device *info = &device->info;

	if (strcmp(info->name, ref) == 0 || strcmp(info->address, ref) == 0)
		return true;
	return *info->cdev && strcmp(info->cdev, ref) == 0;
}

static struct device *find_fd(const struct context *ctx, int fd)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (device_at(ctx, i)->fd == fd)
			return device_at(ctx, i);
	return NULL;
}

static struct device *find_cdev(const struct context *ctx, const char *name)
{
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (strcmp(device_at(ctx, i)->info.name, name) == 0)
			return device_at(ctx, i);
	return NULL;
}

struct device *device_find(const struct call *call, const char *ref)
{
	const struct context *ctx = call->ctx;
	struct object *object = object_by_name(ctx, ref);
	struct iommufd_device info;
	int fd;

	if (object)
		return object->type == OBJECT_DEVICE ? (struct device *)object : NULL;
	if (word_fd(call, ref, &fd)) {
		struct device *device = find_fd(ctx, fd);

		if (device || iommufd_device_lookup_fd(fd, &info) < 0)
			return device;
		return find_cdev(ctx, info.name);
	}
	for (size_t i = 0; i < ctx->devices.count; i++)
		if (is_called(device_at(ctx, i), ref))
			return device_at(ctx, i);
	/* Another spelling, "00:04.0" or a link to the cdev: only sysfs knows. */
	if (!ctx->devices.count || iommufd_device_lookup(ref, &info) < 0)
		return NULL;
	return find_cdev(ctx, info.name);
}

/* A device without a cdev has no VFIO driver: say which driver it has, and how to change that. */
static int fail_no_cdev(const struct call *call, const char *ref)
{
	bool is_short = strchr(ref, ':') == strrchr(ref, ':');
	char driver[64];
	bool has_driver = iommufd_device_driver(ref, driver, sizeof(driver)) == 0;

	msg_fail_op_bare(call->output, ref, IOMMUFD_OP_LOOKUP, ENXIO, IOMMUFD_KIND_UNKNOWN);
	if (!strchr(ref, ':'))
		msg_hint(call->output, "its driver is '%s'", has_driver ? driver : "none");
	else
		msg_hint(call->output,
			 "%s%s; to change that: B=%s%s; cd /sys/bus/pci; echo vfio-pci >devices/$B/driver_override; "
			   "%secho $B >drivers_probe",
		     has_driver ? "its driver is " : "it has no driver", has_driver ? driver : "",
		     is_short ? "0000:" : "", ref, has_driver ? "echo $B >devices/$B/driver/unbind; " : "");
	return EXIT_FAILED;
}

static int lookup(const struct call *call, const char *ref, int fd, struct iommufd_device *info)
{
	int rc = fd >= 0 ? iommufd_device_lookup_fd(fd, info) : iommufd_device_lookup(ref, info);

	if (rc == 0)
		return EXIT_DONE;
	if (rc == -ENXIO)
		return fail_no_cdev(call, ref);
	msg_fail_op(call->output, ref, IOMMUFD_OP_LOOKUP, rc, IOMMUFD_KIND_UNKNOWN);
	return rc == -EINVAL && !is_name(ref) ? EXIT_USAGE : EXIT_FAILED;
}

int device_register(const struct call *call, const char *name, const struct iommufd_device *info, int fd,
		    struct device **ret)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device)
		return msg_fail_errno(call->output, name, ENOMEM);
	*device = (struct device){ .info = *info, .fd = fd };
	device->object.type = OBJECT_DEVICE;
	if (list_add(&call->ctx->devices, &device->object) < 0 ||
	    object_add(call->ctx, &device->object, name) < 0) {
		list_remove(&call->ctx->devices, &device->object);
		free(device);
		return msg_fail_errno(call->output, name, ENOMEM);
	}
	*ret = device;
	return EXIT_DONE;
}

static int check_opened(const struct call *call, const char *ref, const struct iommufd_device *info)
{
	if (find_cdev(call->ctx, info->name))
		return msg_fail(call->output, ref, "this context has the device already, as '%s'",
				info->name);
	return EXIT_DONE;
}

static int open_cdev(const struct call *call, const char *ref, const struct iommufd_device *info, int *ret)
{
	int rc = iommufd_device_open(info, ret);

	return rc < 0 ? msg_fail_op(call->output, ref, IOMMUFD_OP_DEVICE_OPEN, rc, info->kind) : EXIT_DONE;
}

int device_open_ref(const struct call *call, const char *ref, struct iommufd_device *ret, int *ret_fd)
{
	int rc = lookup(call, ref, -1, ret);

	return rc == EXIT_DONE ? open_cdev(call, ref, ret, ret_fd) : rc;
}

int device_add(const struct call *call, const char *ref, const char *name, struct device **ret)
{
	struct iommufd_device info;
	int fd = -1, rc;
	bool given = word_fd(call, ref, &fd);

	rc = check_new_name(call, name);
	if (rc == EXIT_DONE)
		rc = lookup(call, ref, fd, &info);
	if (rc == EXIT_DONE)
		rc = check_opened(call, ref, &info);
	if (rc == EXIT_DONE && !given)
		rc = open_cdev(call, ref, &info, &fd);
	if (rc != EXIT_DONE)
		return rc;
	rc = device_register(call, name, &info, fd, ret);
	if (rc == EXIT_DONE)
		(*ret)->borrowed = given && !take_fd(call, ref);
	else if (!given)
		close(fd);
	return rc;
}

int need_device(const struct call *call, const char *ref, struct device **ret)
{
	struct object *object = object_by_name(call->ctx, ref);
	struct iommufd_device info;
	int fd, rc;

	*ret = device_find(call, ref);
	if (*ret)
		return EXIT_DONE;
	if (object)
		return msg_fail(call->output, ref, "it is no device");
	if (!word_fd(call, ref, &fd))
		fd = -1;
	else if (!call->from->holder)
		return device_add(call, ref, NULL, ret);
	rc = lookup(call, ref, fd, &info);
	if (rc != EXIT_DONE)
		return rc;
	msg_fail(call->output, ref, "the device is not bound in this context");
	if (call->ctx->kind == CONTEXT_INHERITED)
		msg_hint(call->output, "the shell must have it open: exec 4<>%s, then use fd:4", info.cdev);
	else if (call->verb->run != verb_unbind)
		msg_hint(call->output, PROGRAM " bind %s", ref);
	return EXIT_FAILED;
}

void device_drop(struct context *ctx, struct device *device)
{
	journal_gone(ctx, &device->object);
	object_remove(ctx, &device->object);
	list_remove(&ctx->devices, &device->object);
	if (!device->borrowed && device->fd >= 0)
		close(device->fd);
	free(device->pasids);
	free(device);
}

/* "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" as the 16 bytes that it stands for. */
static bool parse_uuid(const char *text, unsigned char *bytes)
{
	size_t digits = 0;

	for (size_t at = 0; at < 36; at++) {
		int value = hex_digit(text[at]);

		if (at == 8 || at == 13 || at == 18 || at == 23) {
			if (text[at] != '-')
				return false;
			continue;
		}
		if (value < 0)
			return false;
		bytes[digits / 2] = (unsigned char)(digits % 2 ? bytes[digits / 2] | value : value << 4);
		digits++;
	}
	return !text[36];
}

static int bind_cdev(const struct call *call, const char *ref, const struct device *device, uint32_t *ret)
{
	const char *token = option(call, OPT_TOKEN);
	unsigned char uuid[16];
	int rc;

	if (token && !parse_uuid(token, uuid))
		return msg_usage(call->output, "--token: '%s' is no UUID", token);
	rc = token ? iommufd_device_bind_token(device->fd, call->ctx->iommufd, uuid, ret)
		   : iommufd_device_bind(device->fd, call->ctx->iommufd, ret);
	if (rc == 0)
		return EXIT_DONE;
	return msg_fail_op(call->output, ref, token ? IOMMUFD_OP_BIND_TOKEN : IOMMUFD_OP_BIND, rc,
			   device->info.kind);
}

int device_bind(const struct call *call, const char *ref, struct device *device)
{
	uint32_t id;
	int rc = context_open(call);

	if (rc == EXIT_DONE)
		rc = bind_cdev(call, ref, device, &id);
	if (rc != EXIT_DONE)
		return rc;
	device->object.id = id;
	device->attachment = DETACHED;
	/* There is no unbind but closing the cdev, so an id that cannot be kept takes the device along. */
	if (object_add(call->ctx, &device->object, NULL) < 0) {
		rc = msg_fail_errno(call->output, ref, ENOMEM);
		if (device->borrowed)
			msg_note(call->output, "left bound by the caller's fd: its id is %u", id);
		return rc;
	}
	journal_object(call->ctx, &device->object);
	return EXIT_DONE;
}
