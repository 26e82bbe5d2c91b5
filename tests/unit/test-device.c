/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device is asked beyond bind and attach: what is sent, and what is made of each answer. */
#include "wire.h"

static struct {
	uint32_t id;
} results;

static const unsigned char token[16] = { 1, 2, 3 };

static int call_bind(void) { return iommufd_device_bind_token(FD, 12, token, &results.id); }
static int call_attach(void) { return iommufd_device_attach_pasid(FD, 7, &results.id); }
static int call_detach(void) { return iommufd_device_detach_pasid(FD, 7); }

static const struct wrapper wrappers[] = {
	{ "bind with a token", call_bind, IOMMUFD_OP_BIND_TOKEN, 0x3b76,
	  BYTES(uapi_vfio_device_bind_iommufd, 24, 1, 12, 0, (uintptr_t)token) },
	{ "attach pasid", call_attach, IOMMUFD_OP_ATTACH_PASID, 0x3b77,
	  BYTES(uapi_vfio_device_attach_iommufd_pt, 16, 1, MARK32, 7) },
	{ "detach pasid", call_detach, IOMMUFD_OP_DETACH_PASID, 0x3b78,
	  BYTES(uapi_vfio_device_detach_iommufd_pt, 12, 1, 7) },
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TESTS,
		cmocka_unit_test(test_results),
	};

	WIRE_SETUP(wrappers, results);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
