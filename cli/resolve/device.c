/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve/device.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "resolve/iommufd.h"
#include "resolve/object.h"
#include "resolve/file.h"
#include "resolve/taker.h"
#include "resolve/why-bind.h"
#include "resolve/why-cdev.h"

struct device *device_by_word(const struct call *call, struct word word)
{
	const struct context *ctx = call->ctx;
	struct object *object = object_by_name(ctx, word.text);
	struct iommufd_device info;
	int fd;

	if (object)
		return object->type == OBJECT_DEVICE ? (struct device *)object : NULL;
	if (word_fd(call, word, &fd)) {
		struct device *device = device_by_fd(ctx, fd);

		if (device || iommufd_device_lookup_fd(fd, &info) < 0)
			return device;
		return device_by_cdev(ctx, info.name);
	}
	/* The numbers of a node tell whose it is, its name does not. */
	if (ctx->devices.count && strchr(word.text, '/') && iommufd_device_lookup(word.text, &info) == 0)
		return device_by_cdev(ctx, info.name);
	return device_by_reference(ctx, word.text);
}

/* fd: open on its cdev, or -1. */
static int look_up(const struct call *call, const char *word, int fd, struct iommufd_device *ret)
{
	int rc = fd >= 0 ? iommufd_device_lookup_fd(fd, ret) : iommufd_device_lookup(word, ret);

	if (rc == 0)
		return EXIT_DONE;
	if (rc == -ENXIO)
		return fail_no_cdev(call, word);
	msg_fail_op(call->output, word, IOMMUFD_OP_LOOKUP, rc, IOMMUFD_KIND_UNKNOWN);
	return rc == -EINVAL && !is_name(word) ? EXIT_USAGE : EXIT_FAILED;
}

/* The very path that was given, however long it is. -ESTALE: by now it is the node of another device. */
static int open_named(const char *path, const struct iommufd_device *info, int *ret)
{
	struct iommufd_device opened;
	int rc, fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	rc = iommufd_device_lookup_fd(fd, &opened);
	if (rc == -ENOTTY || (rc == 0 && strcmp(opened.name, info->name) != 0))
		rc = -ESTALE;
	if (rc < 0)
		close(fd);
	else
		*ret = fd;
	return rc;
}

static int open_cdev(const struct call *call, const char *word, const struct iommufd_device *info, int *ret)
{
	int rc = strchr(word, '/') ? open_named(word, info, ret) : iommufd_device_open(info, ret);

	return rc == 0 ? EXIT_DONE : fail_open_cdev(call, word, info, rc);
}

int open_device(const struct call *call, const char *word, struct iommufd_device *ret, int *ret_fd)
{
	return look_up(call, word, -1, ret) ?: open_cdev(call, word, ret, ret_fd);
}

/* sysfs has lost it, and would have one look for a driver; but the kernel waits for this context. */
static int check_is_not_wanted(const struct call *call, const char *word)
{
	const struct device *device = device_by_reference(call->ctx, word);

	if (!device || !device_is_wanted(device))
		return EXIT_DONE;
	msg_fail(call->output, word, "the kernel waits for its release by this context, which has it as '%s' (EBUSY)",
		 device_name(device));
	msg_hint(call->output, PROGRAM " unbind %s", device_name(device));
	return EXIT_FAILED;
}

static int check_is_new(const struct call *call, const char *word, const struct iommufd_device *info)
{
	if (device_by_cdev(call->ctx, info->name))
		return msg_fail(call->output, word, "this context has the device already, as '%s'",
				info->name);
	return EXIT_DONE;
}

int add_device(const struct call *call, struct word word, const char *name, struct device **ret)
{
	struct iommufd_device info;
	int fd = -1, rc;
	bool given = word_fd(call, word, &fd);

	rc = check_is_not_wanted(call, word.text) ?: look_up(call, word.text, fd, &info) ?:
	     check_is_new(call, word.text, &info);
	if (rc == EXIT_DONE && !given)
		rc = open_cdev(call, word.text, &info, &fd);
	if (rc)
		return rc;
	if (device_register(call->ctx, name, &info, fd, ret) < 0) {
		if (!given)
			close(fd);
		return msg_fail_errno(call->output, name, ENOMEM);
	}
	(*ret)->borrowed = given && !word_take_fd(call, word);
	return EXIT_DONE;
}

int need_device(const struct call *call, struct word word, bool hints, struct object **ret)
{
	struct device *device = device_by_word(call, word);
	struct iommufd_device info;
	int rc, fd = -1;
	bool given = word_fd(call, word, &fd);

	if (!device && object_by_name(call->ctx, word.text))
		return msg_fail(call->output, word.text, "it is no device");
	if (!device && given && !call->request->holder) {
		rc = add_device(call, word, NULL, &device);
		if (rc)
			return rc;
	}
	if (device) {
		*ret = &device->object;
		return EXIT_DONE;
	}
	rc = fail_handed(call, word.text) ?: look_up(call, word.text, fd, &info) ?:
	     fail_handed(call, info.name);
	if (rc)
		return rc;
	msg_fail(call->output, word.text, "the device is not bound in this context");
	if (call->ctx->kind == CONTEXT_INHERITED)
		msg_hint(call->output, "the shell must have it open: exec 4<>%s, then use fd:4", info.cdev);
	else if (hints)
		msg_hint(call->output, PROGRAM " bind %s", word.text);
	return EXIT_FAILED;
}

int need_device_id(const struct call *call, struct word word, uint64_t *ret, struct object **ret_device)
{
	uint32_t id;
	int rc;

	if (parse_u32(word.text, &id)) {
		*ret = id;
		return EXIT_DONE;
	}
	rc = need_device(call, word, true, ret_device);
	if (rc)
		return rc;
	*ret = (*ret_device)->id;
	if (*ret)
		return EXIT_DONE;
	msg_fail(call->output, word.text, "the id of the device is not known here");
	msg_hint(call->output, "bind prints it: name the device by that number");
	return EXIT_FAILED;
}

void note_no_iommu(const struct call *call, const char *name, const struct iommufd_device *info)
{
	if (info->kind == IOMMUFD_NOIOMMU)
		msg_note(call->output, "%s has no IOMMU: it can read and write all of memory, by physical addresses; "
				       "the IOVAs of what it is attached to mean nothing to it", name);
}

/* By a program that it was handed to? */
static int fail_bound_elsewhere(const struct call *call, const char *word, const struct device *device,
				int error)
{
	const struct taker *taker = error == -EINVAL ? taker_by_word(call->ctx, device->info.name) : NULL;

	if (!taker)
		return EXIT_DONE;
	return msg_fail(call->output, word, "it was %s, which has it bound (EINVAL)", taker_text(taker).text);
}

int bind_device(const struct call *call, const char *word, struct device *device, const unsigned char *token)
{
	enum iommufd_op op = token ? IOMMUFD_OP_BIND_TOKEN : IOMMUFD_OP_BIND;
	int rc = need_iommufd(call);

	if (rc)
		return rc;
	rc = device_bind(call->ctx, device, token);
	if (rc == -ENOMEM && device->object.id) {
		msg_fail_errno(call->output, word, ENOMEM);
		if (device->borrowed)
			msg_note(call->output, "left bound by the caller's fd: its id is %u",
				 device->object.id);
		return EXIT_FAILED;
	}
	if (rc < 0)
		return fail_bound_elsewhere(call, word, device, rc) ?:
		       fail_bind(call, word, &device->info, op, rc);
	note_no_iommu(call, device_name(device), &device->info);
	return EXIT_DONE;
}
