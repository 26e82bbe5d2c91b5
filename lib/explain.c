/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * (op, errno, kind of device) to sentence and hint. One table in parts: a row for one kind stands before
 * the row for any. SEEN rows are produced on that Linux by the tests of their part, explain-PART.bats;
 * SOURCE rows were read from the kernel's source, because no machine of the lab gives them.
 */
#include "explain.h"

#include <limits.h>
#include <string.h>

static const struct explain_row *const parts[] = {
	explain_basic, explain_space, explain_objects, explain_devices,
};

/* An op that is another one with more said has the rows of that one as well. */
static enum iommufd_op general_op(enum iommufd_op op)
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

static const struct explain_row *find_row(unsigned int op, int error, enum iommufd_device_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		for (const struct explain_row *row = parts[i]; row->sentence; row++)
			if (row->op == op && row->error == error && (row->kind == kind || row->kind == ANY))
				return row;
	return NULL;
}

/* The closest row: of the op, of the op that it is a form of, of any op. */
static const struct explain_row *closest_row(enum iommufd_op op, int error, enum iommufd_device_kind kind)
{
	const struct explain_row *row;

	if (!op_row(op))
		return NULL;
	row = find_row(op, error, kind);
	if (!row && general_op(op) != op)
		row = find_row(general_op(op), error, kind);
	return row ? row : find_row(ANY_OP, error, kind);
}

static struct iommufd_explanation explanation(const struct explain_row *row)
{
	static const char releases[][12] = { [SEEN_6_12] = "6.12", [SEEN_7_2] = "7.2", [SEEN] = "6.12, 7.2" };
	const unsigned int seen = row->evidence & SEEN;

	return (struct iommufd_explanation){
		.sentence = row->sentence,
		.hint = row->hint,
		.evidence = seen ? IOMMUFD_SEEN :
			    row->evidence == FILTER ? IOMMUFD_FILTERED : IOMMUFD_FROM_SOURCE,
		.seen_on = seen ? releases[seen] : NULL,
	};
}

/* Of either sign; abs() has no answer for INT_MIN, which is no errno either. */
static int positive_errno(int error)
{
	return error < 0 && error > INT_MIN ? -error : error;
}

API int iommufd_explain(enum iommufd_op op, int error, enum iommufd_device_kind kind,
			struct iommufd_explanation *ret)
{
	const struct explain_row *row = closest_row(op, positive_errno(error), kind);
	const char *text = strerrordesc_np(positive_errno(error));

	*ret = row ? explanation(row)
		   : (struct iommufd_explanation){ .sentence = text ? text : "unknown error",
						   .evidence = IOMMUFD_FROM_SOURCE };
	return row ? 0 : set_errno(ENOENT);
}

API int iommufd_is_unsupported(enum iommufd_op op, int error)
{
	const struct op *row = op_row(op);

	if (!row)
		return 0;
	switch (positive_errno(error)) {
	case EOPNOTSUPP:
		return 1;
	case ENOTTY:
		return row->enotty == LACKING;
	case ENOENT:
	case ENODEV:
		return op == IOMMUFD_OP_OPEN; /* no driver, or no device node of it */
	default:
		return 0;
	}
}

API const char *iommufd_error_name(int error)
{
	return strerrorname_np(positive_errno(error));
}
