/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No byte is read of an fd, or written to it, before it is known what the fd is. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"
#include "world.h"

static void assert_kind(int fd, int kind)
{
	assert_true(fd >= 0);
	assert_int_equal(iommufd_fd_kind(fd), kind);
	close(fd);
}

static void test_kinds(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_kind(ends[0], IOMMUFD_FD_STREAM);
	assert_kind(ends[1], IOMMUFD_FD_STREAM);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_kind(ends[0], IOMMUFD_FD_STREAM);
	close(ends[1]);
	assert_kind(open_file(tree_path("file")), IOMMUFD_FD_STREAM);
	assert_kind(open("/dev/urandom", O_RDONLY | O_CLOEXEC), IOMMUFD_FD_STREAM);
	assert_kind(open_file("/dev/full"), IOMMUFD_FD_CDEV);
	assert_kind(eventfd(0, EFD_CLOEXEC), IOMMUFD_FD_OTHER);
	assert_int_equal(iommufd_fd_kind(-1), -EBADF);
	assert_int_equal(errno, EBADF);
}

/* Nothing comes out of an empty pipe, and what is in it stays. */
static void test_queues(void **state)
{
	static const char *const lines[] = {
		"fault respond fd:%d 1 success", "fault read fd:%d", "veventq read fd:%d",
	};
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	for (size_t i = 0; i < COUNT(lines); i++) {
		char line[64], byte;

		snprintf(line, sizeof(line), lines[i], ends[i == 0]);
		assert_int_equal(write(ends[1], "x", 1), 1);
		assert_refused(*state, line, EXIT_FAILED, "the fd is a file, pipe or terminal (EINVAL)");
		assert_int_equal(read(ends[0], &byte, 1), 1);
		assert_int_equal(read(ends[0], &byte, 1), -1);
	}
	close(ends[0]);
	close(ends[1]);
}

/* A BAR is no text, and its registers change when they are read. */
static void test_sources(void **state)
{
	struct world *world = *state;
	int fd = open_file("/dev/zero");
	char line[128];

	ok(world, "mem create m 4K");
	snprintf(line, sizeof(line), "mem write m 0 fd:%d", fd);
	assert_refused(world, line, EXIT_FAILED, "the fd is the cdev of a VFIO device (EINVAL)");
	assert_refused(world, "mem write m 0 /dev/zero", EXIT_FAILED, "the cdev of a VFIO device (EINVAL)");
	snprintf(line, sizeof(line), "fault respond fd:%d 1 success", fd);
	assert_refused(world, line, EXIT_FAILED, "expected a queue of page faults, the fd is the cdev");
	snprintf(line, sizeof(line), "session start --ready-fd %d", fd);
	assert_refused(world, line, EXIT_FAILED, "the fd is the cdev of a VFIO device (EINVAL)");
	world->ctx.kind = CONTEXT_NONE;
	assert_refused(world, "batch /dev/zero", EXIT_FAILED, "the fd is the cdev of a VFIO device (EINVAL)");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kinds, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_queues, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_sources, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
