/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wrappers of a cdev's ioctls: what each sends, byte by byte, and what it makes of each answer. */
#include <fcntl.h>
#include <unistd.h>

#include "wire.h"

static struct {
	uint32_t id, state;
	int fd;
	uint64_t u64, other;
	struct iommufd_device_caps caps;
	struct iommufd_device_info info;
	struct iommufd_region region;
	struct iommufd_irq irq;
	struct iommufd_reset_device devices[2];
	unsigned int flags;
} results;

static const unsigned char token[16] = { 1, 2, 3 };
static const struct iommufd_span spans[2] = { { 0x1000, 0x2000 }, { 0x8000, 0x1000 } };
static uint64_t bitmap[2];

struct plain { uint32_t argsz, flags; };
struct with_u64 { uint32_t argsz, flags; uint64_t value; };
struct with_state { uint32_t argsz, flags, state; int32_t fd; };
struct with_eventfd { struct uapi_vfio_irq_set head; int32_t eventfd; };
struct with_control { uint32_t argsz, flags; struct uapi_vfio_device_feature_dma_logging_control data; };
struct with_report { uint32_t argsz, flags; struct uapi_vfio_device_feature_dma_logging_report data; };

enum { GET = 0x10000, SET = 0x20000, PROBE = 0x40000 };

/* --- the rows --------------------------------------------------------------------------------------- */

static void test_binding(void **state)
{
	(void)state;
	CHECK(iommufd_device_bind(FD, 12, &results.id), BIND, 0x3b76,
	      SENDS(uapi_vfio_device_bind_iommufd, 16, 0, 12, 0, 0),
	      BACK(uapi_vfio_device_bind_iommufd, .argsz = 16, .out_devid = 3));
	assert_int_equal(results.id, 3);
	CHECK(iommufd_device_bind_token(FD, 12, token, &results.id), BIND_TOKEN, 0x3b76,
	      SENDS(uapi_vfio_device_bind_iommufd, 24, 1, 12, 0, (uintptr_t)token),
	      BACK(uapi_vfio_device_bind_iommufd, .argsz = 24, .out_devid = 3));
	assert_int_equal(results.id, 3);
	CHECK(iommufd_device_attach(FD, &results.id), ATTACH, 0x3b77,
	      SENDS(uapi_vfio_device_attach_iommufd_pt, 12, 0, MARK32, 0),
	      BACK(uapi_vfio_device_attach_iommufd_pt, .argsz = 12, .pt_id = 6));
	assert_int_equal(results.id, 6);
	CHECK(iommufd_device_attach_pasid(FD, 7, &results.id), ATTACH_PASID, 0x3b77,
	      SENDS(uapi_vfio_device_attach_iommufd_pt, 16, 1, MARK32, 7),
	      BACK(uapi_vfio_device_attach_iommufd_pt, .argsz = 16, .pt_id = 6));
	assert_int_equal(results.id, 6);
	CHECK(iommufd_device_detach(FD), DETACH, 0x3b78, SENDS(uapi_vfio_device_detach_iommufd_pt, 8, 0, 0));
	CHECK(iommufd_device_detach_pasid(FD, 7), DETACH_PASID, 0x3b78,
	      SENDS(uapi_vfio_device_detach_iommufd_pt, 12, 1, 7));
}

static void test_what_a_device_has(void **state)
{
	(void)state;
	CHECK(iommufd_device_caps(FD, &results.caps), DEVICE_CAPS, 0x3b6b,
	      SENDS(uapi_vfio_device_info, 24, 0, 0, 0, 0, 0),
	      BACK(uapi_vfio_device_info, 24, 0x82, 9, 5, 24, 0));
	assert_int_equal(results.caps.flags, 0x82);
	assert_int_equal(results.caps.regions, 9);
	assert_int_equal(results.caps.irqs, 5);
	CHECK(iommufd_device_info(FD, NULL, 0, &results.info), DEVICE_CAPS, 0x3b6b,
	      SENDS(uapi_vfio_device_info, 24, 0, 0, 0, 0, 0),
	      BACK(uapi_vfio_device_info, 24, 3, 9, 5, 0, 0));
	assert_int_equal(results.info.flags, IOMMUFD_DEVICE_RESET | IOMMUFD_DEVICE_PCI);
	assert_int_equal(results.info.regions, 9);
	assert_int_equal(results.info.irqs, 5);
	assert_int_equal(results.info.caps, 0);
	CHECK(iommufd_device_region(FD, 7, NULL, 0, &results.region), REGION_INFO, 0x3b6c,
	      SENDS(uapi_vfio_region_info, 32, 0, 7, 0, 0, 0),
	      BACK(uapi_vfio_region_info, 32, 7, 0, 0, 0x4000, 0x10000000000));
	assert_int_equal(results.region.flags, 7);
	assert_int_equal(results.region.size, 0x4000);
	assert_int_equal(results.region.offset, 0x10000000000);
	CHECK(iommufd_device_irq(FD, 2, &results.irq), IRQ_INFO, 0x3b6d,
	      SENDS(uapi_vfio_irq_info, 16, 0, 2, 0), BACK(uapi_vfio_irq_info, 16, 9, 2, 5));
	assert_int_equal(results.irq.flags, IOMMUFD_IRQ_EVENTFD | IOMMUFD_IRQ_NORESIZE);
	assert_int_equal(results.irq.count, 5);
	CHECK(iommufd_device_irq_eventfd(FD, 4, 12), IRQ_SET, 0x3b6e,
	      SENDS(with_eventfd, { 24, 0x24, 4, 0, 1 }, 12));
	CHECK(iommufd_device_irq_eventfd(FD, 4, -1), IRQ_SET, 0x3b6e,
	      SENDS(with_eventfd, { 24, 0x24, 4, 0, 1 }, -1));
	CHECK(iommufd_device_reset(FD), RESET, 0x3b6f);
	CHECK(iommufd_device_hot_reset_info(FD, results.devices, 2, &results.flags), HOT_RESET_INFO, 0x3b70,
	      SENDS(uapi_vfio_pci_hot_reset_info, 28, 0, 0));
	CHECK(iommufd_device_hot_reset(FD), HOT_RESET, 0x3b71, SENDS(uapi_vfio_pci_hot_reset, 12, 0, 0));
}

static void test_features(void **state)
{
	(void)state;
	CHECK(iommufd_device_migration_flags(FD, &results.u64), MIGRATION_FLAGS, 0x3b75,
	      SENDS(with_u64, 16, GET | 1, 0), BACK(with_u64, 16, GET | 1, 0x100000005));
	assert_int_equal(results.u64, 0x100000005);
	CHECK(iommufd_device_migration_data_size(FD, &results.u64), MIGRATION_DATA_SIZE, 0x3b75,
	      SENDS(with_u64, 16, GET | 9, 0), BACK(with_u64, 16, GET | 9, 0x100000005));
	assert_int_equal(results.u64, 0x100000005);
	CHECK(iommufd_device_migration_state(FD, &results.state), MIGRATION_STATE, 0x3b75,
	      SENDS(with_state, 16, GET | 2, 0, 0),
	      BACK(with_state, 16, GET | 2, IOMMUFD_STATE_RESUMING, -1));
	assert_int_equal(results.state, IOMMUFD_STATE_RESUMING);
	CHECK(iommufd_device_migration_set_state(FD, 3, &results.fd), MIGRATION_SET_STATE, 0x3b75,
	      SENDS(with_state, 16, SET | 2, 3, -1));
	assert_int_equal(results.fd, -1); /* no transfer begins */
	CHECK(iommufd_migration_precopy(FD, &results.u64, &results.other), MIGRATION_PRECOPY, 0x3b79,
	      SENDS(uapi_vfio_precopy_info, 24, 0, 0, 0),
	      BACK(uapi_vfio_precopy_info, 24, 0, 0x1234, 0x5678));
	assert_int_equal(results.u64, 0x1234);
	assert_int_equal(results.other, 0x5678);
	CHECK(iommufd_device_dma_logging_start(FD, spans, 2, &results.u64), DMA_LOGGING_START, 0x3b75,
	      SENDS(with_control, 32, SET | 6, { MARK64, 2, 0, (uintptr_t)spans }),
	      BACK(with_control, 32, SET | 6, { .page_size = 0x4000 }));
	assert_int_equal(results.u64, 0x4000);
	CHECK(iommufd_device_dma_logging_stop(FD), DMA_LOGGING_STOP, 0x3b75, SENDS(plain, 8, SET | 7));
	CHECK(iommufd_device_dma_logging_report(FD, 0x1000, 0x80000, 0x2000, bitmap), DMA_LOGGING_REPORT,
	      0x3b75, SENDS(with_report, 40, GET | 8, { 0x1000, 0x80000, 0x2000, (uintptr_t)bitmap }));
	CHECK(iommufd_device_low_power_entry(FD, -1), LOW_POWER_ENTRY, 0x3b75, SENDS(plain, 8, SET | 3));
	CHECK(iommufd_device_low_power_entry(FD, 9), LOW_POWER_WAKEUP, 0x3b75,
	      SENDS(with_state, 16, SET | 4, 9, 0));
	CHECK(iommufd_device_low_power_exit(FD), LOW_POWER_EXIT, 0x3b75, SENDS(plain, 8, SET | 5));
}

/* --- what no row can say ---------------------------------------------------------------------------- */

/* The count is an answer also where there is too little room. */
static void test_hot_reset_info(void **state)
{
	static const struct {
		struct uapi_vfio_pci_hot_reset_info head;
		struct uapi_vfio_pci_dependent_device devices[2];
	} answer = { { 28, 3, 2 }, { { 5, 0, 1, 0x20 }, { (uint32_t)-1, 1, 2, 0x21 } } };
	static const struct uapi_vfio_pci_hot_reset_info more = { 28, 0, 7 }, few = { 28, 0, 1 };

	(void)state;
	kernel_answers(&answer, sizeof(answer));
	assert_int_equal(iommufd_device_hot_reset_info(FD, results.devices, 2, &results.flags), 2);
	assert_int_equal(results.flags, IOMMUFD_HOT_RESET_IDS | IOMMUFD_HOT_RESET_OWNED);
	assert_int_equal(results.devices[0].id, 5);
	assert_int_equal(results.devices[0].devfn, 0x20);
	assert_int_equal(results.devices[1].id, IOMMUFD_RESET_NOT_OWNED);
	assert_int_equal(results.devices[1].segment, 1);
	assert_int_equal(results.devices[1].bus, 2);
	kernel_answers(&more, sizeof(more));
	kernel_refuses(ENOSPC);
	assert_int_equal(iommufd_device_hot_reset_info(FD, results.devices, 2, &results.flags), 7);
	assert_int_equal(iommufd_device_hot_reset_info(FD, NULL, 0, NULL), 7);
	kernel.answer = &few; /* room for two, and one does not fit? */
	assert_int_equal(iommufd_device_hot_reset_info(FD, results.devices, 2, &results.flags), -ENOSPC);
	assert_int_equal(errno, ENOSPC);
}

/* A transfer's fd is never 0, 1 or 2. */
static void test_data_fd(void **state)
{
	struct with_state answer = { 16, SET | 2, 3, -1 };

	(void)state;
	answer.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	kernel_answers(&answer, sizeof(answer));
	assert_int_equal(iommufd_device_migration_set_state(FD, 3, &results.fd), 0);
	assert_true(results.fd > STDERR_FILENO);
	close(results.fd);
}

static void test_more_ranges_than_fit(void **state)
{
	(void)state;
	kernel_answers(NULL, 0);
	if (SIZE_MAX > UINT32_MAX)
		assert_int_equal(iommufd_device_dma_logging_start(FD, spans, SIZE_MAX, &results.u64), -E2BIG);
	assert_int_equal(kernel.calls, 0);
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
	for (uint32_t feature = 0; feature <= IOMMUFD_FEATURE_ZPCI_ERROR; feature++)
		for (unsigned int access = 0; access < 4; access++) {
			kernel_answers(NULL, sizeof(*sent));
			assert_int_equal(iommufd_device_feature_probe(FD, feature, access), 1);
			assert_int_equal(sent->argsz, 8);
			assert_int_equal(sent->flags, PROBE | access << 16 | feature);
			assert_int_equal(kernel.request, 0x3b75);
		}
	for (size_t i = 0; i < COUNT(cases); i++) {
		kernel_answers(NULL, 0);
		kernel_refuses(cases[i].error);
		assert_int_equal(iommufd_device_feature_probe(FD, IOMMUFD_FEATURE_DMA_BUF, 0), cases[i].rc);
	}
}

/* A bound device that lacks the feature: the first answer is an error, the second is not. */
static void test_probe_says_no(void **state)
{
	static const int errors[] = { ENOTTY, EOPNOTSUPP, EINVAL };

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		kernel_answers(NULL, sizeof(struct uapi_vfio_device_feature));
		kernel_refuses(errors[i]);
		kernel.fails_once = true;
		assert_int_equal(iommufd_device_feature_probe(FD, IOMMUFD_FEATURE_MIGRATION, 0), 0);
		assert_int_equal(kernel.calls, 2);
		assert_int_equal(kernel.request, 0x3b6b);
	}
}

static int dma_buf(int result, int error, size_t n)
{
	kernel_answers(NULL, 24 + n * 16);
	kernel.result = result;
	kernel.error = error;
	results.fd = MARK;
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
		cmocka_unit_test(test_binding),
		cmocka_unit_test(test_what_a_device_has),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_hot_reset_info),
		cmocka_unit_test(test_data_fd),
		cmocka_unit_test(test_more_ranges_than_fit),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_probe_says_no),
		cmocka_unit_test(test_dma_buf),
		cmocka_unit_test(test_dma_buf_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
