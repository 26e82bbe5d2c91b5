/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What went wrong, in words: each failure that the kernel has for a device is explained, and in one style. */
#include "internal.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "unit.h"

enum { LONGEST = 110, HIGHEST_ERRNO = 133 };

#define PHYS IOMMUFD_PHYSICAL
#define EMUL IOMMUFD_EMULATED

static const enum iommufd_device_kind kinds[] = { IOMMUFD_KIND_UNKNOWN, PHYS, EMUL };

struct fact {
	enum iommufd_op op;
	int error;
	const char *when;
};

/* What a device of either kind can be refused with: facts of the kernel, from its source and from running. */
static const struct fact both[] = {
	{ IOMMUFD_OP_BIND, EINVAL, "this cdev, or another one of the device, is bound" },
	{ IOMMUFD_OP_BIND, EBADF, "the iommufd is not open" },
	{ IOMMUFD_OP_BIND, EBADFD, "the iommufd is no iommufd" },
	{ IOMMUFD_OP_BIND, EBUSY, "the device's VFIO group is open" },
	{ IOMMUFD_OP_BIND, ENODEV, "the driver's module is going away" },
	{ IOMMUFD_OP_BIND, ENOTTY, "the cdev is no cdev" },
	{ IOMMUFD_OP_ATTACH, ENOENT, "no such page table" },
	{ IOMMUFD_OP_ATTACH, EINVAL, "not bound" },
	{ IOMMUFD_OP_ATTACH, EADDRINUSE, "existing mappings are in the way" },
	{ IOMMUFD_OP_ATTACH, EBUSY, "someone else attaches, or a reset is under way" },
	{ IOMMUFD_OP_ATTACH, ENOTTY, "the cdev is no cdev" },
	{ IOMMUFD_OP_DETACH, EINVAL, "not bound" },
	{ IOMMUFD_OP_DETACH, ENOTTY, "the cdev is no cdev" },
	{ IOMMUFD_OP_DEVICE_CAPS, EINVAL, "not bound" },
	{ IOMMUFD_OP_DESTROY, ENOENT, "no such object" },
	{ IOMMUFD_OP_DESTROY, EBUSY, "it is in use" },
	{ IOMMUFD_OP_STRICT_ATTACH, EBUSY, "attached elsewhere" },
	{ IOMMUFD_OP_STRICT_REPLACE, EINVAL, "not attached" },
};

/* What no device of either kind is told apart for: each failure that the kernel has for the op. */
static const struct { enum iommufd_op op; int errors[10]; } others[] = {
	{ IOMMUFD_OP_DEVICE_OPEN, { EACCES, ENOENT, ENXIO, ESTALE, ENODEV, EPERM } },
	{ IOMMUFD_OP_OPTION_GET, { ENOENT, EOPNOTSUPP } },
	{ IOMMUFD_OP_OPTION_SET, { ENOENT, EPERM, EBUSY, EINVAL, EADDRINUSE, EOPNOTSUPP } },
	{ IOMMUFD_OP_IOAS_ALLOC, { ENOMEM, EOPNOTSUPP, ENOTTY } },
	{ IOMMUFD_OP_IOAS_RANGES, { ENOENT, EMSGSIZE } },
	{ IOMMUFD_OP_IOAS_MAP, { ENOENT, EINVAL, EEXIST, ENOSPC, EOVERFLOW, EFAULT, ENOMEM } },
	{ IOMMUFD_OP_IOAS_MAP_FILE,
	  { ENOENT, EINVAL, EEXIST, ENOSPC, EOVERFLOW, EFAULT, ENOMEM, EBADF, ENOTTY } },
	{ IOMMUFD_OP_IOAS_UNMAP, { ENOENT, EINVAL, EBUSY, EDEADLK, EOVERFLOW } },
	{ IOMMUFD_OP_IOAS_COPY, { EINVAL, ENOENT, EPERM, EEXIST, ENOSPC, EOVERFLOW, EFAULT, ENOMEM } },
	{ IOMMUFD_OP_IOAS_ALLOW, { EINVAL, ENOENT, EADDRINUSE, ENOMEM } },
	{ IOMMUFD_OP_IOAS_CHANGE_PROCESS, { EINVAL, ENOMEM, ENOTTY } },
	{ IOMMUFD_OP_VFIO_IOAS_GET, { ENODEV } },
	{ IOMMUFD_OP_VFIO_IOAS_SET, { ENOENT } },
	{ IOMMUFD_OP_IOAS_NOIOMMU_GET_PA, { ENOENT, EINVAL, ENOTTY } },
	{ IOMMUFD_OP_HWPT_ALLOC,
	  { ENOENT, EINVAL, EOPNOTSUPP, E2BIG, EIO, EADDRINUSE, ENOMEM, EFAULT, ENOTTY } },
	{ IOMMUFD_OP_HWPT_SET_DIRTY, { ENOENT, EOPNOTSUPP, ENOTTY } },
	{ IOMMUFD_OP_HWPT_DIRTY_BITMAP, { ENOENT, EINVAL, EOPNOTSUPP, EOVERFLOW, ENOTTY } },
	{ IOMMUFD_OP_HWPT_INVALIDATE, { ENOENT, EINVAL, EOPNOTSUPP, ETIMEDOUT, EIO, ENOTTY } },
	{ IOMMUFD_OP_HW_INFO, { ENOENT, EOPNOTSUPP, ENOTTY } },
	{ IOMMUFD_OP_FAULT_ALLOC, { ENOTTY, EMFILE, ENOMEM } },
	{ IOMMUFD_OP_FAULT_READ, { EINVAL, ESPIPE, EBADF } },
	{ IOMMUFD_OP_FAULT_RESPOND, { EINVAL, ESPIPE, EBADF } },
	{ IOMMUFD_OP_VIOMMU_ALLOC, { ENOENT, EINVAL, EOPNOTSUPP, E2BIG, ENOTTY } },
	{ IOMMUFD_OP_VDEVICE_ALLOC, { ENOENT, EINVAL, EEXIST, ENOTTY } },
	{ IOMMUFD_OP_VEVENTQ_ALLOC, { ENOENT, EEXIST, EINVAL, EOPNOTSUPP, EMFILE, ENOTTY } },
	{ IOMMUFD_OP_VEVENTQ_READ, { EINVAL, ESPIPE, EBADF } },
	{ IOMMUFD_OP_HW_QUEUE_ALLOC,
	  { ENOENT, EINVAL, EOPNOTSUPP, EEXIST, EFAULT, ERANGE, EIO, EOVERFLOW, ENOTTY } },
	{ IOMMUFD_OP_BIND_TOKEN, { EINVAL, EACCES, EFAULT, EBADF, EBADFD, EBUSY, ENODEV, ENOTTY } },
	{ IOMMUFD_OP_ATTACH_PASID, { EINVAL, EOPNOTSUPP, ENOENT, EADDRINUSE, EBUSY, ENOSPC, ENOTTY } },
	{ IOMMUFD_OP_DETACH_PASID, { EINVAL, EOPNOTSUPP, ENOTTY } },
	{ IOMMUFD_OP_REGION_INFO, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_IRQ_INFO, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_IRQ_SET, { EINVAL, EBADF, ENOTTY } },
	{ IOMMUFD_OP_RESET, { EINVAL, EAGAIN, ENOTTY } },
	{ IOMMUFD_OP_HOT_RESET_INFO, { EINVAL, ENODEV, ENOTTY, ENOSPC, EAGAIN, EPERM } },
	{ IOMMUFD_OP_HOT_RESET, { EINVAL, ENODEV, ENOTTY, EBUSY, EAGAIN } },
	{ IOMMUFD_OP_FEATURE_PROBE, { EINVAL, ENOTTY, EOPNOTSUPP } },
	{ IOMMUFD_OP_MIGRATION_FLAGS, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_MIGRATION_STATE, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_MIGRATION_SET_STATE, { EINVAL, ENOTTY, EMFILE } },
	{ IOMMUFD_OP_MIGRATION_DATA_SIZE, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_MIGRATION_PRECOPY, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_DMA_LOGGING_START, { EINVAL, ENOTTY, E2BIG, EOVERFLOW } },
	{ IOMMUFD_OP_DMA_LOGGING_STOP, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_DMA_LOGGING_REPORT, { EINVAL, ENOTTY, EOVERFLOW } },
	{ IOMMUFD_OP_LOW_POWER_ENTRY, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_LOW_POWER_WAKEUP, { EINVAL, ENOTTY, EBADF } },
	{ IOMMUFD_OP_LOW_POWER_EXIT, { EINVAL, ENOTTY } },
	{ IOMMUFD_OP_DMA_BUF, { EINVAL, ENODEV, ENOTTY, EOPNOTSUPP, EMFILE } },
};

/* What only an IOMMU can refuse. */
static const struct fact physical[] = {
	{ IOMMUFD_OP_BIND, EPERM, "no interrupt remapping, or someone else has the group" },
	{ IOMMUFD_OP_BIND, EACCES, "a virtual function without its token" },
	{ IOMMUFD_OP_ATTACH, ENOMEM, "pinning goes beyond RLIMIT_MEMLOCK" },
	{ IOMMUFD_OP_ATTACH, EFAULT, "the mapped memory is gone" },
};

static int explain(enum iommufd_op op, int error, enum iommufd_device_kind kind,
		   struct iommufd_explanation *why)
{
	memset(why, 0x5a, sizeof(*why));
	return iommufd_explain(op, error, kind, why);
}

static void test_no_such_op(void **state)
{
	static const int ops[] = { OP_COUNT, OP_COUNT + 1, UINT8_MAX, 1000, INT_MAX, -1, INT_MIN };
	struct iommufd_explanation why;

	(void)state;
	for (size_t i = 0; i < COUNT(ops); i++) {
		errno = 0;
		assert_int_equal(explain((enum iommufd_op)ops[i], ENOMEM, PHYS, &why), -ENOENT);
		assert_int_equal(errno, ENOENT);
	}
}

static void assert_explained(const struct fact *fact, enum iommufd_device_kind kind)
{
	struct iommufd_explanation why, negative;

	if (explain(fact->op, fact->error, kind, &why) != 0)
		fail_msg("%s: %s of kind %d (%s) is not explained", iommufd_op_name(fact->op),
			 iommufd_error_name(fact->error), kind, fact->when);
	/* Either sign: callers have one or the other. */
	assert_int_equal(explain(fact->op, -fact->error, kind, &negative), 0);
	assert_ptr_equal(why.sentence, negative.sentence);
	assert_ptr_equal(why.hint, negative.hint);
	assert_int_equal(why.evidence, negative.evidence);
}

static void test_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(both); i++) {
		assert_explained(&both[i], PHYS);
		assert_explained(&both[i], EMUL);
	}
	for (size_t i = 0; i < COUNT(physical); i++)
		assert_explained(&physical[i], PHYS);
}

static void test_other_ops(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		for (const int *error = others[i].errors; *error; error++) {
			const struct fact fact = { others[i].op, *error, "anything" };

			assert_explained(&fact, PHYS);
			assert_explained(&fact, EMUL);
		}
}

static void test_physical_only(void **state)
{
	struct iommufd_explanation phys, emul;

	(void)state;
	for (size_t i = 0; i < COUNT(physical); i++) {
		const struct fact *fact = &physical[i];

		explain(fact->op, fact->error, PHYS, &phys);
		explain(fact->op, fact->error, EMUL, &emul);
		assert_case(strcmp(phys.sentence, emul.sentence) != 0, fact->when);
	}
}

/* What the kernel's ioctls have in common is explained for each, by its own row or by one for any. */
static void test_any_op(void **state)
{
	static const int errors[] = { ENOMEM, EMFILE, EBADF, ENOTTY, EOPNOTSUPP, E2BIG, EFAULT };

	(void)state;
	for (int op = 0; op < OP_COUNT; op++)
		for (size_t i = 0; i < COUNT(errors); i++) {
			const struct fact fact = { (enum iommufd_op)op, errors[i], "any" };

			assert_explained(&fact, PHYS);
			assert_explained(&fact, IOMMUFD_KIND_UNKNOWN);
		}
}

static void test_evidence(void **state)
{
	static const struct {
		enum iommufd_op op;
		int error;
		enum iommufd_evidence evidence;
		const char *seen_on;
	} cases[] = {
		{ IOMMUFD_OP_BIND, EBADFD, IOMMUFD_SEEN, "6.12, 7.2" },
		{ IOMMUFD_OP_IOAS_MAP_FILE, ENOTTY, IOMMUFD_SEEN, "6.12" },
		{ IOMMUFD_OP_IOAS_MAP_FILE, ENOENT, IOMMUFD_SEEN, "7.2" },
		{ IOMMUFD_OP_HW_INFO, ENOTTY, IOMMUFD_FILTERED, NULL },
		{ IOMMUFD_OP_BIND, ENODEV, IOMMUFD_FROM_SOURCE, NULL },
		{ IOMMUFD_OP_BIND, EXDEV, IOMMUFD_FROM_SOURCE, NULL },
	};
	struct iommufd_explanation why;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		explain(cases[i].op, cases[i].error, PHYS, &why);
		assert_int_equal(why.evidence, cases[i].evidence);
		if (cases[i].seen_on)
			assert_string_equal(why.seen_on, cases[i].seen_on);
		else
			assert_null(why.seen_on);
	}
}

/* Where the kinds fail for different reasons, one sentence for both would be wrong for one of them. */
static void test_kinds_differ(void **state)
{
	static const struct fact cases[] = {
		{ IOMMUFD_OP_BIND, EINVAL, "only an IOMMU can lack coherency" },
		{ IOMMUFD_OP_BIND, ENODEV, "only a physical device needs a group" },
		{ IOMMUFD_OP_ATTACH, ENOENT, "a HWPT is no page table for an emulated device" },
		{ IOMMUFD_OP_ATTACH, EINVAL, "only a physical device can be given a wrong type" },
		{ IOMMUFD_OP_ATTACH, EADDRINUSE, "only an IOMMU has reserved ranges" },
		{ IOMMUFD_OP_ATTACH, EBUSY, "only a physical device has a group" },
	};
	struct iommufd_explanation phys, emul;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_case(explain(cases[i].op, cases[i].error, PHYS, &phys) == 0, cases[i].when);
		assert_case(explain(cases[i].op, cases[i].error, EMUL, &emul) == 0, cases[i].when);
		assert_case(strcmp(phys.sentence, emul.sentence) != 0, cases[i].when);
	}
	explain(IOMMUFD_OP_ATTACH, ENOENT, EMUL, &emul);
	assert_non_null(strstr(emul.sentence, "never to a HWPT"));
}

/* A row of a kind of its own must stand before the one for any, or it is never found. */
static void test_rows_of_a_kind_are_found(void **state)
{
	static const struct {
		enum iommufd_op op;
		int error;
		enum iommufd_device_kind kind;
		const char *part;
	} cases[] = {
		{ IOMMUFD_OP_BIND, EINVAL, PHYS, "cache coherent" },
		{ IOMMUFD_OP_BIND, EINVAL, IOMMUFD_KIND_UNKNOWN, "through its group" },
		{ IOMMUFD_OP_BIND, ENODEV, PHYS, "no IOMMU group" },
		{ IOMMUFD_OP_BIND, ENODEV, EMUL, "going away" },
		{ IOMMUFD_OP_ATTACH, EADDRINUSE, PHYS, "reserved ranges" },
		{ IOMMUFD_OP_ATTACH, EADDRINUSE, EMUL, "aligned to pages" },
	};
	struct iommufd_explanation why;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(explain(cases[i].op, cases[i].error, cases[i].kind, &why), 0);
		if (!strstr(why.sentence, cases[i].part))
			fail_msg("'%s' does not say '%s'", why.sentence, cases[i].part);
	}
}

/* What is another op with more said has rows of its own, and the other one's for the rest. */
static void test_ops_with_more_said(void **state)
{
	struct iommufd_explanation special, general;

	(void)state;
	assert_int_equal(explain(IOMMUFD_OP_BIND_TOKEN, EBADFD, PHYS, &special), 0);
	assert_int_equal(explain(IOMMUFD_OP_BIND, EBADFD, PHYS, &general), 0);
	assert_string_equal(special.sentence, general.sentence);
	assert_int_equal(explain(IOMMUFD_OP_BIND_TOKEN, EINVAL, PHYS, &special), 0);
	assert_non_null(strstr(special.sentence, "token"));
	assert_int_equal(explain(IOMMUFD_OP_ATTACH_PASID, ENOENT, PHYS, &special), 0);
	assert_int_equal(explain(IOMMUFD_OP_ATTACH_PASID, EINVAL, PHYS, &special), 0);
	assert_non_null(strstr(special.sentence, "PASID"));
	assert_int_equal(explain(IOMMUFD_OP_DETACH_PASID, ENOTTY, EMUL, &special), 0);
	assert_int_equal(explain(IOMMUFD_OP_BIND, EXDEV, PHYS, &general), -ENOENT);
	assert_int_equal(explain(IOMMUFD_OP_BIND_TOKEN, EXDEV, PHYS, &special), -ENOENT);
}

/* A word in capitals throughout is a name. */
static bool begins_low(const char *text)
{
	return !isupper((unsigned char)text[0]) || isupper((unsigned char)text[1]);
}

static void assert_style(const char *text)
{
	char last = *text ? text[strlen(text) - 1] : ' ';

	assert_case(*text, "(empty)");
	assert_case(begins_low(text), text);
	assert_case(last != '.', text);
	assert_case(strlen(text) <= LONGEST, text);
	assert_case(*text != ' ' && last != ' ', text);
	for (; *text; text++)
		assert_in_range(*text, ' ', '~');
}

static void test_style(void **state)
{
	struct iommufd_explanation why;
	int known = 0;

	(void)state;
	for (int op = 0; op < OP_COUNT; op++)
		for (int error = 0; error <= HIGHEST_ERRNO; error++)
			for (size_t k = 0; k < COUNT(kinds); k++) {
				if (explain(op, error, kinds[k], &why) != 0)
					continue;
				known++;
				assert_style(why.sentence);
				if (why.hint)
					assert_style(why.hint);
				assert_in_range(why.evidence, IOMMUFD_SEEN, IOMMUFD_FILTERED);
				assert_non_null(iommufd_error_name(error));
			}
	assert_true(known > 150); /* the loop does see the table */
}

static void test_unknown_cases(void **state)
{
	static const struct { int error; const char *text; } cases[] = {
		{ EXDEV, "Invalid cross-device link" },
		{ -EXDEV, "Invalid cross-device link" },
		{ EIO, "Input/output error" },
		{ 0, "Success" },
		{ 4000, "unknown error" },
		{ -4000, "unknown error" },
		{ INT_MAX, "unknown error" },
		{ INT_MIN, "unknown error" },
	};
	struct iommufd_explanation why;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(explain(IOMMUFD_OP_ATTACH, cases[i].error, PHYS, &why), -ENOENT);
		assert_string_equal(why.sentence, cases[i].text);
		assert_null(why.hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_such_op),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_other_ops),
		cmocka_unit_test(test_physical_only),
		cmocka_unit_test(test_any_op),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_kinds_differ),
		cmocka_unit_test(test_rows_of_a_kind_are_found),
		cmocka_unit_test(test_ops_with_more_said),
		cmocka_unit_test(test_style),
		cmocka_unit_test(test_unknown_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
