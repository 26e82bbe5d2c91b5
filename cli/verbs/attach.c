/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bind, unbind, attach, replace, detach: the strict rules that the kernel's one ioctl does not show. */
#include "options.h"
#include "context.h"
#include "journal.h"
#include "pasid.h"
#include "table.h"
#include "verbs.h"

#include <errno.h>
#include <string.h>

#define PAGE_TABLES (1U << OBJECT_IOAS | 1U << OBJECT_HWPT)

static const struct column pt_column = { "pt", "PT", COLUMN_NUMBER };

/* Opening the cdev here would unbind it again when a lone command ends. */
static int refuse_lone_bind(const struct call *call, const char *ref)
{
	msg_fail(call->output, ref, "the device would be released when the command ends");
	msg_hint(call->output, "let the shell keep it open: exec 4<>/dev/vfio/devices/vfioN, then bind fd:4");
	return EXIT_USAGE;
}

static int bind_new(const struct call *call, const char *name, struct device **ret)
{
	int rc = device_add(call, call->args[0], name, ret);

	if (rc != EXIT_DONE)
		return rc;
	rc = device_bind(call, call->args[0], *ret);
	if (rc != EXIT_DONE)
		device_drop(call->ctx, *ret);
	return rc;
}

/* A cdev of the caller's that a command before has used: what is known of it outlives a failure. */
static int bind_known(const struct call *call, const char *name, struct device *device)
{
	int rc = check_new_name(call, name);

	if (rc == EXIT_DONE && object_add(call->ctx, &device->object, name) < 0)
		rc = msg_fail_errno(call->output, name, ENOMEM);
	if (rc != EXIT_DONE)
		return rc;
	rc = device_bind(call, call->args[0], device);
	if (rc != EXIT_DONE && !device->object.id)
		object_remove(call->ctx, &device->object);
	return rc;
}

int verb_bind(struct call *call)
{
	const char *ref = call->args[0], *name = option(call, OPT_NAME);
	struct device *device = NULL;
	int fd, rc;
	bool is_fd = strncmp(ref, "fd:", 3) == 0; /* in a session a path comes as an fd, too */

	if (call->ctx->kind == CONTEXT_INHERITED && !is_fd)
		return refuse_lone_bind(call, ref);
	if (is_fd && word_fd(call, ref, &fd))
		device = device_find(call, ref);
	if (device && device->object.id)
		return msg_fail_op(call->output, ref, IOMMUFD_OP_BIND, EINVAL, device->info.kind);
	rc = device ? bind_known(call, name, device) : bind_new(call, name, &device);
	if (rc != EXIT_DONE)
		return rc;
	return print_id(call->output, device->object.id);
}

int verb_unbind(struct call *call)
{
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	if (rc != EXIT_DONE)
		return rc;
	if (device->borrowed) {
		msg_fail(call->output, call->args[0], "whoever opened the cdev keeps it bound");
		msg_hint(call->output, "close it there, in a shell with: exec %d>&-", device->fd);
		return EXIT_FAILED;
	}
	device_drop(call->ctx, device);
	return print_nothing(call->output);
}

static bool is_same(const struct device *device, uint32_t pt)
{
	return pt == device->asked || pt == device->pt;
}

static bool is_sibling(const struct device *a, const struct device *b)
{
	return a != b && a->info.kind == IOMMUFD_PHYSICAL && b->info.kind == IOMMUFD_PHYSICAL &&
	       a->info.group >= 0 && a->info.group == b->info.group;
}

/* The devices of an IOMMU group have one page table: what moved one has moved all that were attached. */
static void move_siblings(const struct call *call, const struct device *moved)
{
	for (size_t i = 0; i < call->ctx->devices.count; i++) {
		struct device *device = device_at(call->ctx, i);

		if (!is_sibling(moved, device) || device->attachment != ATTACHED ||
		    device->pt == moved->pt)
			continue;
		device->asked = moved->asked;
		device->pt = moved->pt;
		journal_object(call->ctx, &device->object);
		msg_note(call->output, "%s moved too: it is in the same IOMMU group, %d",
		     device->object.name ? device->object.name : device->info.address,
		     device->info.group);
	}
}

/* The ioctl of attach and replace. */
static int set_page_table(const struct call *call, struct device *device, uint32_t asked)
{
	struct ioas *ioas = find_ioas(call->ctx, asked);
	uint32_t pt = asked;
	int rc;

	if (ioas)
		ioas_renew(call, ioas);
	rc = iommufd_device_attach(device->fd, &pt);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_ATTACH, rc, device->info.kind);
	/* The number of the HWPT that it is on moves nothing: which IOAS that is of stays known. */
	if (device->attachment != ATTACHED || asked != device->pt)
		device->asked = asked;
	device->pt = pt;
	if (device->attachment == ATTACHED)
		move_siblings(call, device);
	device->attachment = ATTACHED;
	device->let_go = false;
	journal_object(call->ctx, &device->object);
	return print_value(call->output, &pt_column, (struct value){ .number = pt });
}

static int need_both(const struct call *call, struct device **device, uint32_t *pt)
{
	int rc = need_device(call, call->args[0], device);

	return rc == EXIT_DONE ? need_id(call, call->args[1], PAGE_TABLES, pt) : rc;
}

int verb_attach(struct call *call)
{
	struct device *device;
	uint32_t pt;
	int rc = need_both(call, &device, &pt);

	if (rc != EXIT_DONE)
		return rc;
	if (option(call, OPT_PASID))
		return pasid_attach(call, device, pt, false);
	if (device->attachment == ATTACHED && !is_same(device, pt)) {
		msg_fail_op_bare(call->output, call->args[0], IOMMUFD_OP_STRICT_ATTACH, EBUSY,
				 device->info.kind);
		msg_hint(call->output, "it is attached to %u; to move it: " PROGRAM " replace %s %s",
			 device->pt,
		     call->args[0], call->args[1]);
		return EXIT_FAILED;
	}
	return set_page_table(call, device, pt);
}

int verb_replace(struct call *call)
{
	struct device *device;
	uint32_t pt;
	int rc = need_both(call, &device, &pt);

	if (rc != EXIT_DONE)
		return rc;
	if (option(call, OPT_PASID))
		return pasid_attach(call, device, pt, true);
	if (device->attachment == DETACHED) {
		msg_fail_op_bare(call->output, call->args[0], IOMMUFD_OP_STRICT_REPLACE, EINVAL,
				 device->info.kind);
		msg_hint(call->output, "for the first time: " PROGRAM " attach %s %s", call->args[0],
			 call->args[1]);
		return EXIT_FAILED;
	}
	return set_page_table(call, device, pt);
}

int verb_detach(struct call *call)
{
	struct device *device;
	int rc = need_device(call, call->args[0], &device);

	if (rc != EXIT_DONE)
		return rc;
	if (option(call, OPT_PASID))
		return pasid_detach(call, device);
	if (device->attachment == DETACHED)
		msg_verbose(call->output, "nothing to do: '%s' is not attached", call->args[0]);
	else
		rc = iommufd_device_detach(device->fd);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_DETACH, rc, device->info.kind);
	device->attachment = DETACHED;
	device->let_go = true;
	device->asked = device->pt = 0;
	journal_object(call->ctx, &device->object);
	return print_nothing(call->output);
}
