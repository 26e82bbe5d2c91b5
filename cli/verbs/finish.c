/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/finish.h"

#include "context/ioas.h"

int refused(const struct call *call, int i, enum iommufd_op op, int rc)
{
	if (rc >= 0)
		return EXIT_DONE;
	return msg_fail_op(call->output, i < 0 ? NULL : call->args[i], op, rc, call_device_kind(call));
}

int finish(const struct call *call, int i, enum iommufd_op op, int rc)
{
	return refused(call, i, op, rc) ?: print_nothing(call->output);
}

int finish_id(const struct call *call, int i, enum iommufd_op op, int rc, uint32_t id)
{
	return refused(call, i, op, rc) ?: print_id(call->output, id);
}

int keep_derived(const struct call *call, const struct derived *derived)
{
	const char *name = opt_value(call, OPT_NAME);
	int rc = derived_keep(call->ctx, derived, name);

	return rc < 0 ? msg_fail_errno(call->output, name, rc) : EXIT_DONE;
}

int finish_derived(const struct call *call, int i, enum iommufd_op op, int rc, const struct derived *derived)
{
	return refused(call, i, op, rc) ?: keep_derived(call, derived) ?:
	       print_id(call->output, derived->object.id);
}

bool device_is_there(const struct call *call, int i)
{
	struct iommufd_hw_info info;
	int rc = iommufd_hw_info(call->ctx->iommufd, arg_u32(call, i), IOMMUFD_HW_INFO_NONE, NULL, 0, &info);

	return rc == 0;
}

void note_revoked(const struct call *call, const struct device *device)
{
	size_t n = context_revoke(call->ctx, device->info.name);

	if (n)
		msg_note(call->output, "%zu mapping%s of the BARs of '%s' %s revoked: DMA there fails until it is "
			 "unmapped, and mapped anew; '" PROGRAM " show' lists them", n, n == 1 ? "" : "s",
			 device_name(device), n == 1 ? "is" : "are");
}
