/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attach, replace and detach of a PASID: what a device does for one process has a page table of its own. */
#include "pasid.h"

#include <errno.h>
#include <stdlib.h>

#include "journal.h"
#include "options.h"
#include "table.h"

struct pasid *pasid_find(const struct device *device, uint32_t number)
{
	for (size_t i = 0; i < device->n_pasids; i++)
		if (device->pasids[i].number == number)
			return &device->pasids[i];
	return NULL;
}

int pasid_remember(struct device *device, uint32_t number, uint32_t asked, uint32_t pt)
{
	struct pasid *pasid = pasid_find(device, number);

	if (!pasid) {
		pasid = reallocarray(device->pasids, device->n_pasids + 1, sizeof(*pasid));
		if (!pasid)
			return -ENOMEM;
		device->pasids = pasid;
		pasid += device->n_pasids++;
	}
	*pasid = (struct pasid){ number, asked, pt };
	return 0;
}

void pasid_forget(struct device *device, uint32_t number)
{
	struct pasid *pasid = pasid_find(device, number);

	if (pasid)
		*pasid = device->pasids[--device->n_pasids];
}

static int need_number(const struct call *call, uint32_t *ret)
{
	int rc = need_u32(call, "--pasid", option(call, OPT_PASID), ret);

	if (rc == EXIT_DONE && (!*ret || *ret >= 1U << 20))
		rc = msg_usage(call->output, "--pasid: '%s' is not from 1 to 1048575", option(call,
											      OPT_PASID));
	return rc;
}

static int refuse(const struct call *call, enum iommufd_op op, int error, const struct device *device,
		  const char *verb)
{
	msg_fail_op_bare(call->output, call->args[0], op, error, device->info.kind);
	msg_hint(call->output, PROGRAM " %s %s %s --pasid %s", verb, call->args[0], call->args[1],
		 option(call, OPT_PASID));
	return EXIT_FAILED;
}

int pasid_attach(const struct call *call, struct device *device, uint32_t asked, bool replace)
{
	static const struct column column = { "pt", "PT", COLUMN_NUMBER };
	const struct pasid *now;
	uint32_t number, pt = asked;
	int rc = need_number(call, &number);

	if (rc != EXIT_DONE)
		return rc;
	now = pasid_find(device, number);
	if (!replace && now && now->asked != asked && now->pt != asked)
		return refuse(call, IOMMUFD_OP_STRICT_ATTACH, EBUSY, device, "replace");
	if (replace && !now && device->attachment != ATTACHMENT_UNKNOWN)
		return refuse(call, IOMMUFD_OP_STRICT_REPLACE, EINVAL, device, "attach");
	/* Room for it comes first, so that nothing has to be taken back. */
	if (!now && pasid_remember(device, number, 0, 0) < 0)
		return msg_fail_errno(call->output, call->args[0], ENOMEM);
	rc = iommufd_device_attach_pasid(device->fd, number, &pt);
	if (rc < 0) {
		if (!now)
			pasid_forget(device, number);
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_ATTACH_PASID, rc,
				   device->info.kind);
	}
	pasid_remember(device, number, asked, pt);
	journal_pasid(call->ctx, device, number);
	return print_value(call->output, &column, (struct value){ .number = pt });
}

int pasid_detach(const struct call *call, struct device *device)
{
	uint32_t number;
	int rc = need_number(call, &number);

	if (rc != EXIT_DONE)
		return rc;
	rc = iommufd_device_detach_pasid(device->fd, number);
	if (rc < 0)
		return msg_fail_op(call->output, call->args[0], IOMMUFD_OP_DETACH_PASID, rc,
				   device->info.kind);
	pasid_forget(device, number);
	journal_pasid(call->ctx, device, number);
	return print_nothing(call->output);
}
