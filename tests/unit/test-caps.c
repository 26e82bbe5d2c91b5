/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capability chains: how they are asked for, and that no chain leads astray. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "libiommufd.h"
#include "uapi/vfio.h"
#include "unit.h"

/* A region with two capabilities, of 32 + 48 + 16 bytes: two areas, and a type. */
struct region {
	struct uapi_vfio_region_info info;
	struct uapi_vfio_region_info_cap_sparse_mmap sparse;
	struct uapi_vfio_region_sparse_mmap_area areas[2];
	struct uapi_vfio_info_cap_header type_head;
	uint32_t type, subtype;
};
static_assert(sizeof(struct region) == 96, "as the kernel lays it out");

static struct region whole;

static struct {
	unsigned int calls;
	uint32_t grows; /* at each call */
	uint32_t asked[3];
	int error, error_at; /* at which call */
} kernel;

int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	uint32_t needed = (uint32_t)sizeof(whole) + kernel.grows * kernel.calls;
	struct uapi_vfio_region_info *info;
	va_list ap;

	(void)fd;
	va_start(ap, request);
	info = va_arg(ap, struct uapi_vfio_region_info *);
	va_end(ap);
	assert_int_equal(request, UAPI_VFIO_DEVICE_GET_REGION_INFO);
	assert_int_equal(info->index, 3);
	assert_int_equal(info->flags, 0);
	kernel.asked[kernel.calls++] = info->argsz;
	errno = kernel.error_at == (int)kernel.calls ? kernel.error : 0;
	if (errno)
		return -1;
	if (info->argsz >= needed) {
		memcpy(info, &whole, sizeof(whole));
		info->argsz = needed;
	} else {
		*info = whole.info;
		info->argsz = needed;
		info->cap_offset = 0;
	}
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	whole = (struct region){
		.info = { 96, 15, 3, 32, 0x4000, 0x30000 },
		.sparse = { { IOMMUFD_REGION_CAP_SPARSE_MMAP, 1, 80 }, 2, 0 },
		.areas = { { 0, 0x1000 }, { 0x3000, 0x1000 } },
		.type_head = { IOMMUFD_REGION_CAP_TYPE, 1, 0 },
		.type = 0x80008086,
		.subtype = 2,
	};
	return 0;
}

static void test_walk(void **state)
{
	uint64_t buf[32];
	struct iommufd_region region;
	struct iommufd_span areas[2];
	struct iommufd_cap cap;
	uint32_t next;

	(void)state;
	assert_int_equal(iommufd_device_region(7, 3, buf, sizeof(buf), &region), 96);
	assert_int_equal(kernel.asked[0], 32);
	assert_int_equal(kernel.asked[1], 96); /* exactly: the last capability is to end there */
	assert_int_equal(region.size, 0x4000);
	next = region.caps;
	assert_int_equal(next, 32);
	assert_int_equal(iommufd_cap_next(buf, 96, &next, &cap), 1);
	assert_int_equal(cap.id, IOMMUFD_REGION_CAP_SPARSE_MMAP);
	assert_int_equal(cap.version, 1);
	assert_int_equal(cap.length, 40);
	assert_int_equal(iommufd_region_areas(&cap, areas, 2), 2);
	assert_int_equal(areas[1].start, 0x3000);
	assert_int_equal(areas[1].length, 0x1000);
	assert_int_equal(iommufd_region_areas(&cap, areas, 1), 2);
	assert_int_equal(iommufd_region_areas(&cap, NULL, 0), 2);
	assert_int_equal(iommufd_cap_next(buf, 96, &next, &cap), 1);
	assert_int_equal(cap.id, IOMMUFD_REGION_CAP_TYPE);
	assert_int_equal(cap.length, 8);
	assert_memory_equal(cap.data, &whole.type, 8);
	assert_int_equal(iommufd_region_areas(&cap, areas, 2), -EINVAL);
	assert_int_equal(iommufd_cap_next(buf, 96, &next, &cap), 0);
	assert_int_equal(iommufd_cap_next(buf, 96, &next, &cap), 0);
}

/* Without room the buffer is left alone, and there is nothing to begin with. */
static void test_room(void **state)
{
	uint64_t buf[12] = { 0 }, untouched[12] = { 0 };
	struct iommufd_region region;

	(void)state;
	assert_int_equal(iommufd_device_region(7, 3, NULL, 0, &region), 96);
	assert_int_equal(region.caps, 0);
	assert_int_equal(region.size, 0x4000);
	assert_int_equal(kernel.calls, 1);
	kernel.calls = 0;
	assert_int_equal(iommufd_device_region(7, 3, buf, 95, &region), 96);
	assert_int_equal(region.caps, 0);
	assert_memory_equal(buf, untouched, sizeof(buf));
	kernel.calls = 0;
	assert_int_equal(iommufd_device_region(7, 3, buf, 96, &region), 96);
	assert_int_equal(region.caps, 32);
}

static void test_answers_that_change(void **state)
{
	uint64_t buf[12];
	struct iommufd_region region = { .size = 0x5a };

	(void)state;
	kernel.grows = 16; /* between the two */
	assert_int_equal(iommufd_device_region(7, 3, buf, sizeof(buf), &region), 112);
	assert_int_equal(region.caps, 0);
	setup(NULL);
	kernel.grows = 0x80000000;
	assert_int_equal(iommufd_device_region(7, 3, buf, sizeof(buf), &region), -EOVERFLOW);
	setup(NULL);
	region.size = 0x5a;
	kernel.error_at = 2;
	kernel.error = EINVAL;
	assert_int_equal(iommufd_device_region(7, 3, buf, sizeof(buf), &region), -EINVAL);
	assert_int_equal(region.size, 0x5a);
	setup(NULL);
	whole.info.flags = 7; /* no chain, whatever else is said */
	assert_int_equal(iommufd_device_region(7, 3, buf, sizeof(buf), &region), 0);
	assert_int_equal(region.caps, 0);
	assert_int_equal(kernel.calls, 1);
}

/* Every chain of two links in 32 bytes that begins anywhere: it ends, and stays inside. */
static void test_hostile_chains(void **state)
{
	unsigned char bytes[32];

	(void)state;
	for (uint32_t first = 0; first < 40; first++)
		for (uint32_t to = 0; to < 40; to++) {
			struct uapi_vfio_info_cap_header head = { 9, 1, to };
			uint32_t next = first;
			struct iommufd_cap cap;
			int rc, n = 0;

			memset(bytes, 0, sizeof(bytes));
			if (first + sizeof(head) <= sizeof(bytes))
				memcpy(bytes + first, &head, sizeof(head));
			while ((rc = iommufd_cap_next(bytes, sizeof(bytes), &next, &cap)) == 1) {
				const unsigned char *data = cap.data;

				assert_true(++n <= 4);
				assert_true(data >= bytes && data + cap.length <= bytes + sizeof(bytes));
			}
			assert_true(rc == 0 || (rc == -EBADMSG && errno == EBADMSG));
			if (first && (first > 24 || (to && to < first + 8)))
				assert_int_equal(rc, -EBADMSG);
		}
}

static void test_hostile_offsets(void **state)
{
	static const uint32_t offsets[] = {
		1, 7, 9, 15, 16, 17, INT_MAX, (uint32_t)INT_MAX + 1, UINT32_MAX - 7, UINT32_MAX,
	};
	static const unsigned char bytes[16] = { [12] = 0xff, [13] = 0xff, [14] = 0xff, [15] = 0xff };
	struct iommufd_cap cap;

	(void)state;
	for (size_t i = 0; i < COUNT(offsets); i++) {
		uint32_t next = offsets[i];

		cap.id = 0x5a;
		if (iommufd_cap_next(bytes, sizeof(bytes), &next, &cap) == 1)
			continue; /* it does fit */
		assert_int_equal(next, offsets[i]);
		assert_int_equal(cap.id, 0x5a);
	}
	for (size_t size = 0; size < 16; size++) {
		uint32_t next = 8;

		assert_int_equal(iommufd_cap_next(bytes, size, &next, &cap), -EBADMSG);
	}
}

static void test_hostile_areas(void **state)
{
	static const struct { uint32_t count; size_t length; int rc; } cases[] = {
		{ 0, 8, 0 },		{ 1, 24, 1 },		   { 1, 23, -EBADMSG },
		{ 2, 24, -EBADMSG },	{ UINT32_MAX, 24, -EBADMSG }, { 0x10000000, 24, -EBADMSG },
		{ 0, 7, -EBADMSG },	{ 0, 0, -EBADMSG },	   { 1, 40, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t data[10] = { cases[i].count };
		struct iommufd_cap cap = { IOMMUFD_REGION_CAP_SPARSE_MMAP, 1, data, cases[i].length };
		struct iommufd_span areas[4];

		assert_int_equal(iommufd_region_areas(&cap, areas, COUNT(areas)), cases[i].rc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_walk, setup),
		cmocka_unit_test_setup(test_room, setup),
		cmocka_unit_test_setup(test_answers_that_change, setup),
		cmocka_unit_test_setup(test_hostile_chains, setup),
		cmocka_unit_test_setup(test_hostile_offsets, setup),
		cmocka_unit_test_setup(test_hostile_areas, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
