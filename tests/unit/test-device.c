/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device is asked beyond bind and attach: what is sent, and what is made of each answer. */
#include "wire.h"

static struct {
	uint32_t id;
	struct iommufd_device_info info;
	struct iommufd_region region;
	struct iommufd_irq irq;
	struct iommufd_reset_device devices[2];
	unsigned int flags;
} results;

static const unsigned char token[16] = { 1, 2, 3 };

static int call_bind(void) { return iommufd_device_bind_token(FD, 12, token, &results.id); }
static int call_attach(void) { return iommufd_device_attach_pasid(FD, 7, &results.id); }
static int call_detach(void) { return iommufd_device_detach_pasid(FD, 7); }

static int call_info(void) { return iommufd_device_info(FD, NULL, 0, &results.info); }
static int call_region(void) { return iommufd_device_region(FD, 7, NULL, 0, &results.region); }
static int call_irq(void) { return iommufd_device_irq(FD, 2, &results.irq); }
static int call_reset(void) { return iommufd_device_reset(FD); }
static int call_hot_reset(void) { return iommufd_device_hot_reset(FD); }

static int call_hot_reset_info(void)
{
	return iommufd_device_hot_reset_info(FD, results.devices, 2, &results.flags);
}

static const struct wrapper wrappers[] = {
	{ "bind with a token", call_bind, IOMMUFD_OP_BIND_TOKEN, 0x3b76,
	  BYTES(uapi_vfio_device_bind_iommufd, 24, 1, 12, 0, (uintptr_t)token) },
	{ "attach pasid", call_attach, IOMMUFD_OP_ATTACH_PASID, 0x3b77,
	  BYTES(uapi_vfio_device_attach_iommufd_pt, 16, 1, MARK32, 7) },
	{ "detach pasid", call_detach, IOMMUFD_OP_DETACH_PASID, 0x3b78,
	  BYTES(uapi_vfio_device_detach_iommufd_pt, 12, 1, 7) },
	{ "info", call_info, IOMMUFD_OP_DEVICE_CAPS, 0x3b6b, BYTES(uapi_vfio_device_info, 24, 0, 0, 0, 0,
								   0) },
	{ "region", call_region, IOMMUFD_OP_REGION_INFO, 0x3b6c,
	  BYTES(uapi_vfio_region_info, 32, 0, 7, 0, 0, 0) },
	{ "irq", call_irq, IOMMUFD_OP_IRQ_INFO, 0x3b6d, BYTES(uapi_vfio_irq_info, 16, 0, 2, 0) },
	{ "reset", call_reset, IOMMUFD_OP_RESET, 0x3b6f, NULL, 0, NULL },
	{ "hot reset info", call_hot_reset_info, IOMMUFD_OP_HOT_RESET_INFO, 0x3b70,
	  BYTES(uapi_vfio_pci_hot_reset_info, 28, 0, 0) },
	{ "hot reset", call_hot_reset, IOMMUFD_OP_HOT_RESET, 0x3b71, BYTES(uapi_vfio_pci_hot_reset, 12, 0,
									   0) },
};

static void test_results(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	ANSWER(struct uapi_vfio_device_bind_iommufd answer = { .argsz = 24, .out_devid = 3 });
	assert_int_equal(call_bind(), 0);
	assert_int_equal(results.id, 3);
	ANSWER(struct uapi_vfio_device_attach_iommufd_pt answer = { .argsz = 16, .pt_id = 6 });
	assert_int_equal(call_attach(), 0);
	assert_int_equal(results.id, 6);
	ANSWER(struct uapi_vfio_irq_info answer = { 16, 9, 2, 5 });
	assert_int_equal(call_irq(), 0);
	assert_int_equal(results.irq.flags, IOMMUFD_IRQ_EVENTFD | IOMMUFD_IRQ_NORESIZE);
	assert_int_equal(results.irq.count, 5);
	ANSWER(struct uapi_vfio_device_info answer = { 24, 3, 9, 5, 0, 0 });
	assert_int_equal(call_info(), 0);
	assert_int_equal(results.info.flags, IOMMUFD_DEVICE_RESET | IOMMUFD_DEVICE_PCI);
	assert_int_equal(results.info.regions, 9);
	assert_int_equal(results.info.irqs, 5);
	assert_int_equal(results.info.caps, 0);
	ANSWER(struct uapi_vfio_region_info answer = { 32, 7, 0, 0, 0x4000, 0x10000000000 });
	assert_int_equal(call_region(), 0);
	assert_int_equal(results.region.flags, 7);
	assert_int_equal(results.region.size, 0x4000);
	assert_int_equal(results.region.offset, 0x10000000000);
}

/* The count is an answer also where there is too little room. */
static void test_hot_reset_info(void **state)
{
	static const struct {
		struct uapi_vfio_pci_hot_reset_info head;
		struct uapi_vfio_pci_dependent_device devices[2];
	} answer = { { 28, 3, 2 }, { { 5, 0, 1, 0x20 }, { (uint32_t)-1, 1, 2, 0x21 } } };
	static const struct uapi_vfio_pci_hot_reset_info more = { 28, 0, 7 }, few = { 28, 0, 1 };

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.answer = &answer;
	kernel.size = sizeof(answer);
	assert_int_equal(call_hot_reset_info(), 2);
	assert_int_equal(results.flags, IOMMUFD_HOT_RESET_IDS | IOMMUFD_HOT_RESET_OWNED);
	assert_int_equal(results.devices[0].id, 5);
	assert_int_equal(results.devices[0].devfn, 0x20);
	assert_int_equal(results.devices[1].id, IOMMUFD_RESET_NOT_OWNED);
	assert_int_equal(results.devices[1].segment, 1);
	assert_int_equal(results.devices[1].bus, 2);
	kernel.answer = &more;
	kernel.size = sizeof(more);
	kernel.result = -1;
	kernel.error = ENOSPC;
	assert_int_equal(call_hot_reset_info(), 7);
	assert_int_equal(iommufd_device_hot_reset_info(FD, NULL, 0, NULL), 7);
	kernel.answer = &few; /* room for two, and one does not fit? */
	assert_int_equal(call_hot_reset_info(), -ENOSPC);
	assert_int_equal(errno, ENOSPC);
	kernel.answer = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TESTS,
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_hot_reset_info),
	};

	WIRE_SETUP(wrappers, results);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
