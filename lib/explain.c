/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * (op, errno, kind of device) to sentence and hint. One table in parts: a row for one kind stands before
 * the row for any. SEEN rows are produced by tests/e2e/explain.bats on a running kernel; SOURCE rows were
 * read from the kernel's source because no lab machine gives them, or no verb asks.
 */
#include "explain.h"

#include <limits.h>
#include <string.h>

static const struct explain_row *find_in(const struct explain_row *row, enum iommufd_op op, int error,
					 enum iommufd_device_kind kind)
{
	for (; row->sentence; row++)
		if (row->op == op && row->error == error && (row->kind == kind || row->kind == ANY))
			return row;
	return NULL;
}

/* An op that is another one with more said has the rows of that one as well. */
static enum iommufd_op general(enum iommufd_op op)
{
	switch (op) {
	case OP(BIND_TOKEN):
		return OP(BIND);
	case OP(ATTACH_PASID):
		return OP(ATTACH);
	case OP(DETACH_PASID):
		return OP(DETACH);
	case OP(MIGRATION_FLAGS) ... OP(MIGRATION_DATA_SIZE):
	case OP(DMA_LOGGING_START) ... OP(DMA_BUF):
		return OP(FEATURE_PROBE);
	default:
		return op;
	}
}

static const struct explain_row *find(enum iommufd_op op, int error, enum iommufd_device_kind kind)
{
	const struct explain_row *row = find_in(explain_basic, op, error, kind);

	if (!row)
		row = find_in(explain_objects, op, error, kind);
	if (!row)
		row = find_in(explain_devices, op, error, kind);
	return row || general(op) == op ? row : find(general(op), error, kind);
}

/* Of either sign; abs() has no answer for INT_MIN, which is no errno either. */
static int positive(int error)
{
	return error < 0 && error > INT_MIN ? -error : error;
}

API int iommufd_explain(enum iommufd_op op, int error, enum iommufd_device_kind kind,
			struct iommufd_explanation *ret)
{
	const struct explain_row *row = find(op, positive(error), kind);
	const char *text = strerrordesc_np(positive(error));

	*ret = row ? (struct iommufd_explanation){ row->sentence, row->hint, row->evidence }
		   : (struct iommufd_explanation){ text ? text : "unknown error", NULL, SOURCE };
	return row ? 0 : -ENOENT;
}

API const char *iommufd_error_name(int error)
{
	return strerrorname_np(positive(error));
}
