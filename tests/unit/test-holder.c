/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session's holder in a process of its own, with the model's kernel, and two clients of it. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "holder.h"
#include "libiommufd.h"

/* What show tells, but for what was handed over. */
static const char *what_it_has(int client)
{
	char *show = (char *)answer_to(client, "show"), *handed = strstr(show, "HANDED");

	if (handed)
		*handed = '\0';
	return show;
}

/* A device that its taker's connection was to take along has gone another way: the next one stays. */
static void test_moved_device_is_gone(void **state)
{
	(void)state;
	answer_to(clients[0], "bind vfio0 --name one");
	answer_to(clients[1], "session take --move one");
	answer_to(clients[1], "session confirm");
	answer_to(clients[0], "unbind one");
	answer_to(clients[0], "bind vfio2 --name two");
	close(clients[1]);
	usleep(100000);
	assert_non_null(strstr(answer_to(clients[0], "show"), "two"));
}

static void test_moved_device_leaves(void **state)
{
	(void)state;
	answer_to(clients[0], "bind vfio0 --name one");
	answer_to(clients[0], "bind vfio2 --name two");
	answer_to(clients[1], "session take --move one");
	answer_to(clients[1], "session confirm");
	close(clients[1]);
	for (int i = 0; i < 100 && strstr(what_it_has(clients[0]), "one"); i++)
		usleep(100000);
	assert_null(strstr(what_it_has(clients[0]), "one"));
	assert_non_null(strstr(answer_to(clients[0], "show"), "two"));
}

/* An fd may come along for any word: a full pipe in the place of a queue would keep the holder. */
static void test_pipe_is_no_queue(void **state)
{
	static const char *const argv[] = { "fault", "respond", "queue", "1", "success" };
	struct iommufd_session_reply reply;
	char byte;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(iommufd_session_run(clients[0], 0, COUNT(argv), argv,
					     &(struct iommufd_session_word){ 2, ends[1] }, 1, &reply), 0);
	assert_int_equal(reply.code, EXIT_FAILED);
	assert_non_null(memmem(reply.err, reply.err_len, "expected a queue of page faults", 31));
	assert_int_equal(read(ends[0], &byte, 1), -1);
	iommufd_session_reply_free(&reply);
	close(ends[0]);
	close(ends[1]);
	close(clients[1]);
}

/* What the kernel serves as a file may have the holder wait for ever: /proc/kmsg is a regular one. */
static void test_data_is_in_memory(void **state)
{
	static const char *const argv[] = { "hwpt", "invalidate", "1", "--type", "vtd-s1", "--entry", "4", "--data",
					    "file" };
	struct iommufd_session_reply reply;
	int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(iommufd_session_run(clients[0], 0, COUNT(argv), argv,
					     &(struct iommufd_session_word){ 8, fd }, 1, &reply), 0);
	assert_int_equal(reply.code, EXIT_FAILED);
	if (!memmem(reply.err, reply.err_len, "a session reads files in memory only (EINVAL)", 45))
		fail_msg("%.*s", (int)reply.err_len, reply.err);
	iommufd_session_reply_free(&reply);
	close(fd);
	close(clients[1]);
}

/* The client asks for one piece after the other: a long one would keep the others waiting. */
static void test_bitmap_in_pieces(void **state)
{
	static const char *const argv[] = { "hwpt", "dirty", "read", "1", "0", "1T", "--raw" };
	struct iommufd_session_reply reply;

	(void)state;
	assert_int_equal(iommufd_session_run(clients[0], 0, COUNT(argv), argv, NULL, 0, &reply), 0);
	assert_int_equal(reply.code, EXIT_FAILED);
	assert_non_null(memmem(reply.err, reply.err_len, "524288 pages at a time (EFBIG)", 30));
	iommufd_session_reply_free(&reply);
	close(clients[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, holder_setup, holder_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_moved_device_is_gone),
		TEST(test_moved_device_leaves),
		TEST(test_pipe_is_no_queue),
		TEST(test_data_is_in_memory),
		TEST(test_bitmap_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
