/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verbs/finish.h"

int finish_refused(const struct call *call, int i, enum iommufd_op op, int error)
{
	return msg_fail_op(call->output, i < 0 ? NULL : call->args[i], op, error, call_device_kind(call));
}

int finish(const struct call *call, int i, enum iommufd_op op, int rc)
{
	return rc < 0 ? finish_refused(call, i, op, rc) : print_nothing(call->output);
}

int finish_id(const struct call *call, int i, enum iommufd_op op, int rc, uint32_t id)
{
	return rc < 0 ? finish_refused(call, i, op, rc) : print_id(call->output, id);
}

int finish_derived(const struct call *call, int i, enum iommufd_op op, int rc, const struct derived *derived)
{
	const char *name = opt_value(call, OPT_NAME);

	if (rc < 0)
		return finish_refused(call, i, op, rc);
	rc = derived_keep(call->ctx, derived, name);
	return rc < 0 ? msg_fail_errno(call->output, name, rc) : print_id(call->output, derived->object.id);
}
