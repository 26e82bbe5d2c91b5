/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fault queues and virtual IOMMUs: what is sent, what comes back, and what is read from the queues. */
#include <fcntl.h>
#include <unistd.h>

#include "wire.h"

static struct {
	uint32_t id;
	int fd;
} results;

static char data[8];

static int call_fault(void) { return iommufd_fault_alloc(FD, &results.id, &results.fd); }
static int call_viommu(void) { return iommufd_viommu_alloc(FD, 1, 2, 1, NULL, 0, &results.id); }
static int call_viommu_data(void) { return iommufd_viommu_alloc(FD, 1, 2, 2, data, 8, &results.id); }
static int call_vdevice(void) { return iommufd_vdevice_alloc(FD, 3, 1, 0x123456789, &results.id); }
static int call_veventq(void) { return iommufd_veventq_alloc(FD, 3, 1, 64, &results.id, &results.fd); }
static int call_hw_queue(void) { return iommufd_hw_queue_alloc(FD, 3, 1, 5, 0x10000, 0x2000, &results.id); }

static const struct uapi_iommu_fault_alloc fault_answer = { 16, 0, 8, 700 };
static const struct uapi_iommu_veventq_alloc veventq_answer = { 32, 0, 3, 1, 64, 8, 700, 0 };

static const struct wrapper wrappers[] = {
	{ "fault alloc", call_fault, IOMMUFD_OP_FAULT_ALLOC, 0x3b8e,
	  BYTES_BACK(uapi_iommu_fault_alloc, &fault_answer, 16, 0, 0, 0) },
	{ "viommu alloc", call_viommu, IOMMUFD_OP_VIOMMU_ALLOC, 0x3b90,
	  BYTES(uapi_iommu_viommu_alloc, 24, 0, 1, 1, 2, 0, 0, 0, 0) },
	{ "viommu alloc with data", call_viommu_data, IOMMUFD_OP_VIOMMU_ALLOC, 0x3b90,
	  BYTES(uapi_iommu_viommu_alloc, 40, 0, 2, 1, 2, 0, 8, 0, (uintptr_t)data) },
	{ "vdevice alloc", call_vdevice, IOMMUFD_OP_VDEVICE_ALLOC, 0x3b91,
	  BYTES(uapi_iommu_vdevice_alloc, 24, 3, 1, 0, 0x123456789) },
	{ "veventq alloc", call_veventq, IOMMUFD_OP_VEVENTQ_ALLOC, 0x3b93,
	  BYTES_BACK(uapi_iommu_veventq_alloc, &veventq_answer, 32, 0, 3, 1, 64, 0, 0, 0) },
	{ "hw queue alloc", call_hw_queue, IOMMUFD_OP_HW_QUEUE_ALLOC, 0x3b94,
	  BYTES(uapi_iommu_hw_queue_alloc, 40, 0, 3, 1, 5, 0, 0x10000, 0x2000) },
};

static void test_results(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	ANSWER(struct uapi_iommu_viommu_alloc answer = { .size = 24, .out_viommu_id = 42 });
	assert_int_equal(call_viommu(), 0);
	assert_int_equal(results.id, 42);
	ANSWER(struct uapi_iommu_vdevice_alloc answer = { .size = 24, .out_vdevice_id = 43 });
	assert_int_equal(call_vdevice(), 0);
	assert_int_equal(results.id, 43);
	ANSWER(struct uapi_iommu_hw_queue_alloc answer = { .size = 40, .out_hw_queue_id = 44 });
	assert_int_equal(call_hw_queue(), 0);
	assert_int_equal(results.id, 44);
	ANSWER(struct uapi_iommu_fault_alloc answer = { 16, 0, 8, 700 });
	assert_int_equal(call_fault(), 0);
	assert_int_equal(results.id, 8);
	assert_int_equal(results.fd, 700);
}

/* The kernel gives the lowest fd there is: with stdin closed that is 0. */
static void test_low_fds_are_lifted(void **state)
{
	const int saved = dup(STDIN_FILENO);
	struct uapi_iommu_fault_alloc answer = { 16, 0, 8, STDIN_FILENO };

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.answer = &answer;
	kernel.size = sizeof(answer);
	close(STDIN_FILENO);
	assert_int_equal(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	assert_int_equal(call_fault(), 0);
	assert_true(results.fd > STDERR_FILENO);
	assert_int_equal(fcntl(results.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	close(results.fd);
	if (saved >= 0) {
		assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
		close(saved);
	}
	kernel.answer = NULL;
}

/* An fd that cannot be handed out takes its queue along. */
static void test_nothing_stays_on_failure(void **state)
{
	static const struct uapi_iommu_fault_alloc answer = { 16, 0, 8, (uint32_t)-1 };

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&results, MARK, sizeof(results));
	kernel.answer = &answer;
	kernel.size = sizeof(answer);
	kernel.size_after = sizeof(struct uapi_iommu_destroy);
	assert_int_equal(call_fault(), -EBADF);
	assert_int_equal(errno, EBADF);
	assert_int_equal(kernel.calls, 2);
	assert_int_equal(kernel.request, UAPI_IOMMU_DESTROY);
	assert_int_equal(((const struct uapi_iommu_destroy *)kernel.sent)->id, 8);
	assert_int_equal(results.id, MARK32);
}

/* --- reading: a pipe serves as the queue -------------------------------------------------------- */

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
	struct iommufd_fault got[4];
	int ends[2];

	(void)state;
	make_pipe(ends);
	assert_int_equal(write(ends[1], sent, sizeof(sent)), sizeof(sent));
	assert_int_equal(iommufd_fault_read(ends[0], got, 4), 2);
	assert_int_equal(got[0].flags, IOMMUFD_FAULT_PASID);
	assert_int_equal(got[0].device, 3);
	assert_int_equal(got[0].pasid, 7);
	assert_int_equal(got[0].group, 9);
	assert_int_equal(got[0].access, IOMMUFD_FAULT_WRITE);
	assert_int_equal(got[0].address, 0x123456789000);
	assert_int_equal(got[0].length, 4096);
	assert_int_equal(got[0].cookie, 11);
	assert_int_equal(got[1].flags, IOMMUFD_FAULT_PASID | IOMMUFD_FAULT_LAST);
	assert_int_equal(got[1].cookie, 12);
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
	static const struct iommufd_fault_response sent[2] = { { 11, IOMMUFD_FAULT_SUCCESS }, { 12, 1 } };
	struct uapi_iommu_hwpt_page_response got[2];
	int ends[2];

	(void)state;
	make_pipe(ends);
	assert_int_equal(iommufd_fault_respond(ends[1], sent, 2), 2);
	assert_int_equal(read(ends[0], got, sizeof(got)), sizeof(got));
	assert_int_equal(got[0].cookie, 11);
	assert_int_equal(got[0].code, 0);
	assert_int_equal(got[1].cookie, 12);
	assert_int_equal(got[1].code, 1);
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
		struct iommufd_vevent event = { .sequence = MARK };
		size_t offset = cases[i].offset;

		assert_int_equal(iommufd_vevent_next(bytes, cases[i].size, cases[i].length, &offset, &event),
				 cases[i].rc);
		if (cases[i].rc != 1) {
			assert_int_equal(offset, cases[i].offset);
			assert_int_equal(event.sequence, MARK);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TESTS,
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_low_fds_are_lifted),
		cmocka_unit_test(test_nothing_stays_on_failure),
		cmocka_unit_test(test_fault_read),
		cmocka_unit_test(test_fault_respond),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_hostile_events),
	};

	WIRE_SETUP(wrappers, results);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
