/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Features of devices: what is sent, byte by byte, and what is made of each answer. */
#include <fcntl.h>
#include <unistd.h>

#include "wire.h"

static struct {
	uint32_t state;
	int fd;
	uint64_t u64, other;
} results;

static const struct iommufd_span spans[2] = { { 0x1000, 0x2000 }, { 0x8000, 0x1000 } };
static uint64_t bitmap[2];

static int call_flags(void) { return iommufd_device_migration_flags(FD, &results.u64); }
static int call_state(void) { return iommufd_device_migration_state(FD, &results.state); }
static int call_set_state(void) { return iommufd_device_migration_set_state(FD, 3, &results.fd); }
static int call_size(void) { return iommufd_device_migration_data_size(FD, &results.u64); }
static int call_precopy(void) { return iommufd_migration_precopy(FD, &results.u64, &results.other); }
static int call_start(void) { return iommufd_device_dma_logging_start(FD, spans, 2, &results.u64); }
static int call_stop(void) { return iommufd_device_dma_logging_stop(FD); }
static int call_entry(void) { return iommufd_device_low_power_entry(FD, -1); }
static int call_wakeup(void) { return iommufd_device_low_power_entry(FD, 9); }
static int call_exit(void) { return iommufd_device_low_power_exit(FD); }

static int call_report(void)
{
	return iommufd_device_dma_logging_report(FD, 0x1000, 0x80000, 0x2000, bitmap);
}

struct plain { uint32_t argsz, flags; };
struct with_u64 { uint32_t argsz, flags; uint64_t value; };
struct with_state { uint32_t argsz, flags, state; int32_t fd; };
struct with_control { uint32_t argsz, flags; struct uapi_vfio_device_feature_dma_logging_control data; };
struct with_report { uint32_t argsz, flags; struct uapi_vfio_device_feature_dma_logging_report data; };

enum { GET = 0x10000, SET = 0x20000, PROBE = 0x40000 };

static const struct wrapper wrappers[] = {
	{ "migration flags", call_flags, IOMMUFD_OP_MIGRATION_FLAGS, 0x3b75, BYTES(with_u64, 16, GET | 1,
										   0) },
	{ "migration state", call_state, IOMMUFD_OP_MIGRATION_STATE, 0x3b75,
	  BYTES(with_state, 16, GET | 2, 0, 0) },
	{ "set state", call_set_state, IOMMUFD_OP_MIGRATION_SET_STATE, 0x3b75,
	  BYTES(with_state, 16, SET | 2, 3, -1) },
	{ "data size", call_size, IOMMUFD_OP_MIGRATION_DATA_SIZE, 0x3b75, BYTES(with_u64, 16, GET | 9, 0) },
	{ "precopy", call_precopy, IOMMUFD_OP_MIGRATION_PRECOPY, 0x3b79,
	  BYTES(uapi_vfio_precopy_info, 24, 0, 0, 0) },
	{ "logging start", call_start, IOMMUFD_OP_DMA_LOGGING_START, 0x3b75,
	  BYTES(with_control, 32, SET | 6, { MARK64, 2, 0, (uintptr_t)spans }) },
	{ "logging stop", call_stop, IOMMUFD_OP_DMA_LOGGING_STOP, 0x3b75, BYTES(plain, 8, SET | 7) },
	{ "logging report", call_report, IOMMUFD_OP_DMA_LOGGING_REPORT, 0x3b75,
	  BYTES(with_report, 40, GET | 8, { 0x1000, 0x80000, 0x2000, (uintptr_t)bitmap }) },
	{ "low power entry", call_entry, IOMMUFD_OP_LOW_POWER_ENTRY, 0x3b75, BYTES(plain, 8, SET | 3) },
	{ "with a wake-up", call_wakeup, IOMMUFD_OP_LOW_POWER_WAKEUP, 0x3b75,
	  BYTES(with_state, 16, SET | 4, 9, 0) },
	{ "low power exit", call_exit, IOMMUFD_OP_LOW_POWER_EXIT, 0x3b75, BYTES(plain, 8, SET | 5) },
};

static void test_results(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	ANSWER(struct with_u64 answer = { 16, GET | 1, 0x100000005 });
	assert_int_equal(call_flags(), 0);
	assert_int_equal(results.u64, 0x100000005);
	assert_int_equal(call_size(), 0);
	assert_int_equal(results.u64, 0x100000005);
	ANSWER(struct with_state answer = { 16, GET | 2, IOMMUFD_STATE_RESUMING, -1 });
	assert_int_equal(call_state(), 0);
	assert_int_equal(results.state, IOMMUFD_STATE_RESUMING);
	ANSWER(struct uapi_vfio_precopy_info answer = { 24, 0, 0x1234, 0x5678 });
	assert_int_equal(call_precopy(), 0);
	assert_int_equal(results.u64, 0x1234);
	assert_int_equal(results.other, 0x5678);
	ANSWER(struct with_control answer = { 32, SET | 6, { .page_size = 0x4000 } });
	assert_int_equal(call_start(), 0);
	assert_int_equal(results.u64, 0x4000);
	if (SIZE_MAX > UINT32_MAX)
		assert_int_equal(iommufd_device_dma_logging_start(FD, spans, SIZE_MAX, &results.u64), -E2BIG);
}

/* -1 where no transfer begins, else an fd that is never 0, 1 or 2. */
static void test_data_fd(void **state)
{
	struct with_state answer = { 16, SET | 2, 3, -1 };
	int low = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.answer = &answer;
	kernel.size = sizeof(answer);
	assert_int_equal(call_set_state(), 0);
	assert_int_equal(results.fd, -1);
	answer.fd = low;
	assert_int_equal(call_set_state(), 0);
	assert_int_equal(results.fd > STDERR_FILENO, 1);
	close(results.fd);
	kernel.answer = NULL;
}

static void test_probe(void **state)
{
	static const struct { int error, rc; } cases[] = {
		{ 0, 1 }, { EBADF, -EBADF }, { EFAULT, -EFAULT }, { EIO, -EIO },
		/* The device is asked then whether it is bound at all. */
		{ EINVAL, -EINVAL }, { ENOTTY, -ENOTTY },
	};
	const struct uapi_vfio_device_feature *sent = (const void *)kernel.sent;

	(void)state;
	for (uint32_t feature = 0; feature <= IOMMUFD_FEATURE_DMA_BUF; feature++)
		for (unsigned int access = 0; access < 4; access++) {
			memset(&kernel, 0, sizeof(kernel));
			kernel.size = sizeof(*sent);
			assert_int_equal(iommufd_device_feature_probe(FD, feature, access), 1);
			assert_int_equal(sent->argsz, 8);
			assert_int_equal(sent->flags, PROBE | access << 16 | feature);
			assert_int_equal(kernel.request, 0x3b75);
		}
	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(&kernel, 0, sizeof(kernel));
		kernel.result = cases[i].error ? -1 : 0;
		kernel.error = cases[i].error;
		assert_int_equal(iommufd_device_feature_probe(FD, IOMMUFD_FEATURE_DMA_BUF, 0), cases[i].rc);
	}
}

/* A bound device that lacks the feature: the first answer is an error, the second is not. */
static void test_probe_says_no(void **state)
{
	static const int errors[] = { ENOTTY, EOPNOTSUPP, EINVAL };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		memset(&kernel, 0, sizeof(kernel));
		kernel.size = sizeof(struct uapi_vfio_device_feature);
		kernel.fails_once = true;
		kernel.result = -1;
		kernel.error = errors[i];
		assert_int_equal(iommufd_device_feature_probe(FD, IOMMUFD_FEATURE_MIGRATION, 0), 0);
		assert_int_equal(kernel.calls, 2);
		assert_int_equal(kernel.request, 0x3b6b);
	}
}

static int dma_buf(int result, int error, size_t n)
{
	memset(&kernel, 0, sizeof(kernel));
	results.fd = MARK;
	kernel.size = 24 + n * 16;
	kernel.result = result;
	kernel.error = error;
	return iommufd_device_dma_buf(FD, 1, spans, n, &results.fd);
}

/* The one ioctl whose answer is an fd. */
static void test_dma_buf(void **state)
{
	static const struct {
		uint32_t argsz, flags, region, open_flags, more, n;
		struct iommufd_span spans[2];
	} sent = { 56, GET | 11, 1, O_RDWR | O_CLOEXEC, 0, 2, { { 0x1000, 0x2000 }, { 0x8000, 0x1000 } } };

	(void)state;
	assert_int_equal(dma_buf(700, 0, 2), 0);
	assert_int_equal(results.fd, 700);
	assert_int_equal(kernel.request, 0x3b75);
	assert_memory_equal(kernel.sent, &sent, sizeof(sent));
	assert_int_equal(dma_buf(-1, ENODEV, 1), -ENODEV);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(results.fd, MARK);
	assert_int_equal(dma_buf(-1, EINVAL, 0), -EINVAL);
	assert_int_equal(iommufd_device_dma_buf(FD, 1, spans, SIZE_MAX, &results.fd), -E2BIG);
}

static void note(void *arg, const struct iommufd_trace *trace)
{
	*(struct iommufd_trace *)arg = *trace;
}

static void test_dma_buf_traced(void **state)
{
	struct iommufd_trace trace = { .result = -1 };

	(void)state;
	iommufd_set_trace(note, &trace);
	assert_int_equal(dma_buf(700, 0, 1), 0);
	iommufd_set_trace(NULL, NULL);
	assert_int_equal(trace.op, IOMMUFD_OP_DMA_BUF);
	assert_int_equal(trace.result, 700);
	assert_int_equal(trace.n_in, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TESTS,
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_data_fd),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_probe_says_no),
		cmocka_unit_test(test_dma_buf),
		cmocka_unit_test(test_dma_buf_traced),
	};

	WIRE_SETUP(wrappers, results);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
