/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes against kernels of several ages, by what the running ones answer for each type of object. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "libiommufd.h"
#include "uapi/iommufd.h"
#include "unit.h"

enum { FD = 77, NO_IOMMUFD = 78 };

enum real {
	ABSENT, IOAS, DEVICE, HWPT, NESTED, NESTED_OTHER, VIOMMU, VIOMMU_OTHER, ACCESS, FAULT, VDEVICE,
	VEVENTQ, REALS,
};

/* By its minor number in Linux 6. */
static struct {
	int release;
	unsigned int calls, made;
	unsigned int starved; /* the number of the call that finds no memory, 0: none */
} kernel;

static uint32_t word(const void *arg, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)arg + offset, sizeof(value));
	return value;
}

static const struct {
	unsigned long request;
	int since;
	uint32_t least;
} ioctls[] = {
	{ UAPI_IOMMU_DESTROY, 2, 8 },		   { UAPI_IOMMU_IOAS_ALLOC, 2, 12 },
	{ UAPI_IOMMU_IOAS_ALLOW_IOVAS, 2, 24 },	   { UAPI_IOMMU_IOAS_COPY, 2, 40 },
	{ UAPI_IOMMU_IOAS_IOVA_RANGES, 2, 32 },	   { UAPI_IOMMU_IOAS_MAP, 2, 40 },
	{ UAPI_IOMMU_IOAS_UNMAP, 2, 24 },	   { UAPI_IOMMU_OPTION, 2, 24 },
	{ UAPI_IOMMU_VFIO_IOAS, 2, 12 },	   { UAPI_IOMMU_HWPT_ALLOC, 6, 24 },
	{ UAPI_IOMMU_GET_HW_INFO, 6, 32 },	   { UAPI_IOMMU_HWPT_SET_DIRTY_TRACKING, 7, 16 },
	{ UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP, 7, 48 }, { UAPI_IOMMU_HWPT_INVALIDATE, 8, 32 },
	{ UAPI_IOMMU_FAULT_QUEUE_ALLOC, 11, 16 },  { UAPI_IOMMU_IOAS_MAP_FILE, 13, 40 },
	{ UAPI_IOMMU_VIOMMU_ALLOC, 13, 24 },	   { UAPI_IOMMU_VDEVICE_ALLOC, 13, 24 },
	{ UAPI_IOMMU_IOAS_CHANGE_PROCESS, 13, 8 }, { UAPI_IOMMU_VEVENTQ_ALLOC, 15, 28 },
	{ UAPI_IOMMU_HW_QUEUE_ALLOC, 17, 40 },	   { UAPI_IOMMU_IOAS_NOIOMMU_GET_PA, 23, 40 },
};

static int invalidate(enum real real)
{
	if (kernel.release < 13 && real != NESTED && real != NESTED_OTHER)
		return ENOENT;
	switch (real) {
	case ABSENT:
		return ENOENT;
	case NESTED:
		return 0;
	case VIOMMU:
		return EOPNOTSUPP;
	default:
		return EINVAL;
	}
}

/* What the columns of the table of answers say; anything else would change something. */
static int answer(unsigned long request, const void *arg)
{
	enum real real;

	switch (request) {
	case UAPI_IOMMU_OPTION:
		real = word(arg, offsetof(struct uapi_iommu_option, object_id));
		assert_int_equal(((const struct uapi_iommu_option *)arg)->op, UAPI_IOMMU_OPTION_GET);
		return word(arg, 4) == IOMMUFD_RLIMIT_MODE || real == IOAS ? 0 : ENOENT;
	case UAPI_IOMMU_GET_HW_INFO:
		real = word(arg, offsetof(struct uapi_iommu_hw_info, dev_id));
		assert_int_equal(word(arg, offsetof(struct uapi_iommu_hw_info, data_len)), 0);
		return real == DEVICE ? 0 : ENOENT;
	case UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP:
		real = word(arg, offsetof(struct uapi_iommu_hwpt_get_dirty_bitmap, hwpt_id));
		assert_int_equal(word(arg, 8), UAPI_IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR);
		assert_int_equal(((const struct uapi_iommu_hwpt_get_dirty_bitmap *)arg)->page_size, 0);
		return real == HWPT ? EINVAL : ENOENT;
	case UAPI_IOMMU_HWPT_INVALIDATE:
		assert_int_equal(word(arg, offsetof(struct uapi_iommu_hwpt_invalidate, entry_num)), 0);
		return invalidate(word(arg, offsetof(struct uapi_iommu_hwpt_invalidate, hwpt_id)));
	case UAPI_IOMMU_HW_QUEUE_ALLOC:
		real = word(arg, offsetof(struct uapi_iommu_hw_queue_alloc, viommu_id));
		assert_int_equal(word(arg, offsetof(struct uapi_iommu_hw_queue_alloc, type)), 0xfffffffe);
		return real == VIOMMU || real == VIOMMU_OTHER ? EOPNOTSUPP : ENOENT;
	default:
		kernel.made++;
		return 0;
	}
}

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	kernel.calls++;
	errno = fd == FD ? ENOTTY : fd == NO_IOMMUFD ? ENOTTY : EBADF;
	for (size_t i = 0; fd == FD && i < COUNT(ioctls); i++)
		if (ioctls[i].request == request && ioctls[i].since <= kernel.release)
			errno = word(arg, 0) < ioctls[i].least ? EINVAL : answer(request, arg);
	if (kernel.calls == kernel.starved)
		errno = ENOMEM;
	return errno ? -1 : 0;
}

static void boot(int release)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.release = release;
}

static void test_ops(void **state)
{
	static const struct { enum iommufd_op op; int since; } cases[] = {
		{ IOMMUFD_OP_DESTROY, 2 },	  { IOMMUFD_OP_OPTION_GET, 2 },
		{ IOMMUFD_OP_OPTION_SET, 2 },	  { IOMMUFD_OP_IOAS_ALLOC, 2 },
		{ IOMMUFD_OP_IOAS_RANGES, 2 },	  { IOMMUFD_OP_IOAS_MAP, 2 },
		{ IOMMUFD_OP_IOAS_MAP_FILE, 13 }, { IOMMUFD_OP_IOAS_UNMAP, 2 },
		{ IOMMUFD_OP_IOAS_COPY, 2 },	  { IOMMUFD_OP_IOAS_ALLOW, 2 },
		{ IOMMUFD_OP_IOAS_CHANGE_PROCESS, 13 }, { IOMMUFD_OP_VFIO_IOAS_GET, 2 },
		{ IOMMUFD_OP_VFIO_IOAS_SET, 2 },  { IOMMUFD_OP_VFIO_IOAS_CLEAR, 2 },
		{ IOMMUFD_OP_HWPT_ALLOC, 6 },	  { IOMMUFD_OP_HWPT_SET_DIRTY, 7 },
		{ IOMMUFD_OP_HWPT_DIRTY_BITMAP, 7 }, { IOMMUFD_OP_HWPT_INVALIDATE, 8 },
		{ IOMMUFD_OP_HW_INFO, 6 },	  { IOMMUFD_OP_FAULT_ALLOC, 11 },
		{ IOMMUFD_OP_VIOMMU_ALLOC, 13 },  { IOMMUFD_OP_VDEVICE_ALLOC, 13 },
		{ IOMMUFD_OP_VEVENTQ_ALLOC, 15 }, { IOMMUFD_OP_HW_QUEUE_ALLOC, 17 },
		{ IOMMUFD_OP_IOAS_NOIOMMU_GET_PA, 23 },
	};

	(void)state;
	for (int release = 2; release <= 23; release++) /* 7.0 is the 20th */
		for (size_t i = 0; i < COUNT(cases); i++) {
			boot(release);
			assert_case(iommufd_probe_op(FD, cases[i].op) == (cases[i].since <= release),
				    iommufd_op_name(cases[i].op));
			assert_int_equal(kernel.made, 0);
		}
}

static void ignore(void *arg, const struct iommufd_trace *trace)
{
	*(size_t *)arg += trace->n_in;
}

/* The trace reads all members of a struct of which four bytes are sent. */
static void test_ops_traced(void **state)
{
	size_t fields = 0;

	(void)state;
	boot(19);
	iommufd_set_trace(ignore, &fields);
	for (int op = 0; iommufd_op_name(op); op++)
		iommufd_probe_op(FD, op);
	iommufd_set_trace(NULL, NULL);
	assert_true(fields > 50);
	assert_int_equal(kernel.made, 0);
}

static void test_ops_that_cannot_be_probed(void **state)
{
	static const int ops[] = {
		IOMMUFD_OP_OPEN, IOMMUFD_OP_CHECK, IOMMUFD_OP_BIND, IOMMUFD_OP_ATTACH, IOMMUFD_OP_DEVICE_CAPS,
		IOMMUFD_OP_STRICT_ATTACH, IOMMUFD_OP_FAULT_READ, 1000, -1,
	};

	(void)state;
	boot(19);
	for (size_t i = 0; i < COUNT(ops); i++) {
		errno = 0;
		assert_int_equal(iommufd_probe_op(FD, (enum iommufd_op)ops[i]), -EINVAL);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(kernel.calls, 0);
}

/* An fd of another kind has no ioctl of these either; that is not for the kernel to answer for. */
static void test_no_iommufd(void **state)
{
	enum iommufd_object_type type = IOMMUFD_OBJECT_VIOMMU;

	(void)state;
	boot(19);
	assert_int_equal(iommufd_probe_op(NO_IOMMUFD, IOMMUFD_OP_HW_INFO), -ENOTTY);
	assert_int_equal(iommufd_probe_op(-1, IOMMUFD_OP_HW_INFO), -EBADF);
	assert_int_equal(iommufd_probe_id(NO_IOMMUFD, 1, &type), -ENOTTY);
	assert_int_equal(iommufd_probe_id(-1, 1, &type), -EBADF);
	assert_int_equal(type, IOMMUFD_OBJECT_VIOMMU);
}

static void test_ids(void **state)
{
	enum { X = IOMMUFD_OBJECT_UNKNOWN, GONE = IOMMUFD_OBJECT_ABSENT, N = IOMMUFD_OBJECT_HWPT_NESTED,
	       V = IOMMUFD_OBJECT_VIOMMU, NEVER = -1 };
	static const int releases[] = { 2, 6, 7, 8, 12, 13, 15, 17, 19 };
	/* One column for each release: NEVER where it has no such objects. */
	static const int expected[REALS][COUNT(releases)] = {
		[ABSENT] = { GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE, GONE },
		[IOAS] = { 2, 2, 2, 2, 2, 2, 2, 2, 2 },
		[DEVICE] = { NEVER, 3, 3, 3, 3, 3, 3, 3, 3 },
		[HWPT] = { NEVER, NEVER, 4, 4, 4, 4, 4, 4, 4 },
		[NESTED] = { NEVER, NEVER, NEVER, N, N, X, X, N, N },
		[NESTED_OTHER] = { NEVER, NEVER, NEVER, N, N, X, X, X, X },
		[VIOMMU] = { NEVER, NEVER, NEVER, NEVER, NEVER, X, X, V, V },
		[VIOMMU_OTHER] = { NEVER, NEVER, NEVER, NEVER, NEVER, X, X, V, V },
		[ACCESS] = { GONE, GONE, GONE, GONE, GONE, X, X, X, X },
		[FAULT] = { NEVER, NEVER, NEVER, NEVER, GONE, X, X, X, X },
		[VDEVICE] = { NEVER, NEVER, NEVER, NEVER, NEVER, X, X, X, X },
		[VEVENTQ] = { NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, X, X, X },
	};

	(void)state;
	for (uint32_t id = 0; id < REALS; id++)
		for (size_t i = 0; i < COUNT(releases); i++) {
			enum iommufd_object_type type = 99;

			if (expected[id][i] == NEVER)
				continue;
			boot(releases[i]);
			assert_int_equal(iommufd_probe_id(FD, id, &type), 0);
			if ((int)type != expected[id][i])
				fail_msg("object %u on Linux 6.%d is told as %u", id, releases[i], type);
			assert_int_equal(kernel.made, 0);
		}
}

/* A question that finds no memory tells nothing, not even that nobody knows. */
static void test_no_memory(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < REALS; id++) {
		unsigned int calls, n = 1;

		do {
			enum iommufd_object_type type = 99;

			boot(19);
			kernel.starved = n;
			if (iommufd_probe_id(FD, id, &type) == 0)
				assert_true(kernel.calls < n);
			else
				assert_int_equal(errno, ENOMEM);
			calls = kernel.calls;
		} while (calls >= n++);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ops),
		cmocka_unit_test(test_ops_traced),
		cmocka_unit_test(test_ops_that_cannot_be_probed),
		cmocka_unit_test(test_no_iommufd),
		cmocka_unit_test(test_no_memory), cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
