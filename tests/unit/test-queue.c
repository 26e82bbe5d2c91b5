/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read from the queues of faults and events, and written to them. A pipe serves as the queue. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "libiommufd.h"
#include "uapi/iommufd.h"
#include "unit.h"

static void make_pipe(int *ends)
{
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
}

static void close_pipe(const int *ends)
{
	close(ends[0]);
	close(ends[1]);
}

static void test_fault_read(void **state)
{
	static const struct uapi_iommu_hwpt_pgfault sent[2] = {
		{ 1, 3, 7, 9, 2, 0, 0x123456789000, 4096, 11 },
		{ 3, 3, 7, 9, 1, 0, 0x5000, 0, 12 },
	};
	static const struct iommufd_fault expected[2] = {
		{ .flags = IOMMUFD_FAULT_PASID, .device = 3, .pasid = 7, .group = 9,
		  .access = IOMMUFD_FAULT_WRITE, .address = 0x123456789000, .length = 4096, .cookie = 11 },
		{ .flags = IOMMUFD_FAULT_PASID | IOMMUFD_FAULT_LAST, .device = 3, .pasid = 7, .group = 9,
		  .access = IOMMUFD_FAULT_READ, .address = 0x5000, .cookie = 12 },
	};
	struct iommufd_fault got[4];
	int ends[2];

	(void)state;
	make_pipe(ends);
	assert_int_equal(write(ends[1], sent, sizeof(sent)), sizeof(sent));
	assert_int_equal(iommufd_fault_read(ends[0], got, 4), 2);
	assert_memory_equal(got, expected, sizeof(expected));
	assert_int_equal(iommufd_fault_read(ends[0], got, 4), -EAGAIN);
	assert_int_equal(write(ends[1], sent, 41), 41); /* no kernel does */
	assert_int_equal(iommufd_fault_read(ends[0], got, 4), -EBADMSG);
	close(ends[1]);
	assert_int_equal(iommufd_fault_read(ends[0], got, 4), 0);
	close(ends[0]);
	assert_int_equal(iommufd_fault_read(ends[0], got, 4), -EBADF);
	assert_int_equal(errno, EBADF);
}

static void test_fault_respond(void **state)
{
	static const struct iommufd_fault_response sent[2] = {
		{ 11, IOMMUFD_FAULT_SUCCESS }, { 12, IOMMUFD_FAULT_INVALID },
	};
	static const struct uapi_iommu_hwpt_page_response expected[2] = { { 11, 0 }, { 12, 1 } };
	struct uapi_iommu_hwpt_page_response got[2];
	int ends[2];

	(void)state;
	make_pipe(ends);
	assert_int_equal(iommufd_fault_respond(ends[1], sent, 2), 2);
	assert_int_equal(read(ends[0], got, sizeof(got)), sizeof(got));
	assert_memory_equal(got, expected, sizeof(expected));
	assert_int_equal(iommufd_fault_respond(ends[0], sent, 1), -EBADF);
	close_pipe(ends);
}

static void test_events(void **state)
{
	static const uint32_t sent[] = { 0, 1, 0xaaaa, 0xbbbb, IOMMUFD_VEVENT_LOST, 2, 0, 3, 0xcccc, 0xdddd };
	struct iommufd_vevent event;
	uint32_t got[16], word;
	size_t offset = 0;
	int ends[2];

	(void)state;
	make_pipe(ends);
	assert_int_equal(write(ends[1], sent, sizeof(sent)), sizeof(sent));
	assert_int_equal(iommufd_veventq_read(ends[0], got, sizeof(got)), sizeof(sent));
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(iommufd_vevent_next(got, sizeof(sent), 8, &offset, &event), 1);
		assert_int_equal(event.sequence, i);
		assert_int_equal(event.flags, i == 2 ? IOMMUFD_VEVENT_LOST : 0);
		assert_int_equal(event.length, i == 2 ? 0 : 8);
	}
	memcpy(&word, event.data, sizeof(word));
	assert_int_equal(word, 0xcccc);
	assert_int_equal(offset, sizeof(sent));
	assert_int_equal(iommufd_vevent_next(got, sizeof(sent), 8, &offset, &event), 0);
	close_pipe(ends);
	assert_int_equal(iommufd_veventq_read(ends[0], got, sizeof(got)), -EBADF);
}

/* Whatever a queue or a caller says, nothing is taken from behind the buffer. */
static void test_hostile_events(void **state)
{
	static const uint32_t bytes[4] = { 0, 1, 2, 3 };
	static const struct { size_t size, length, offset; int rc; } cases[] = {
		{ 16, 8, 0, 1 },	{ 16, 9, 0, -EBADMSG }, { 16, SIZE_MAX, 0, -EBADMSG },
		{ 7, 0, 0, -EBADMSG },	{ 8, 1, 0, -EBADMSG },	{ 16, 0, 12, -EBADMSG },
		{ 16, 8, 16, 0 },	{ 16, 8, 17, 0 },	{ 16, 8, SIZE_MAX, 0 }, { 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct iommufd_vevent event = { .sequence = 0x5a };
		size_t offset = cases[i].offset;

		assert_int_equal(iommufd_vevent_next(bytes, cases[i].size, cases[i].length, &offset, &event),
				 cases[i].rc);
		if (cases[i].rc != 1) {
			assert_int_equal(offset, cases[i].offset);
			assert_int_equal(event.sequence, 0x5a);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fault_read),
		cmocka_unit_test(test_fault_respond),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_hostile_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
