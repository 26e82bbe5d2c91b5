/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets with fds: whatever the other end sends, no fd is lost and none is left. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libiommufd.h"
#include "unit.h"

enum { HIGHEST_FD = 1024, MARK = 0x5a };

#define PART(array) { array, sizeof(array) }

static unsigned int interruptions; /* so many calls of the two below end with EINTR */

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	static ssize_t (*next)(int, const struct msghdr *, int);

	if (!next)
		next = (ssize_t (*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
	if (!interruptions)
		return next(fd, message, flags);
	interruptions--;
	errno = EINTR;
	return -1;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	static ssize_t (*next)(int, struct msghdr *, int);

	if (!next)
		next = (ssize_t (*)(int, struct msghdr *, int))dlsym(RTLD_NEXT, "recvmsg");
	if (!interruptions)
		return next(fd, message, flags);
	interruptions--;
	errno = EINTR;
	return -1;
}

static int ends[2];  /* of a session's socket */
static int files[5]; /* what is sent */

static size_t open_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < HIGHEST_FD; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int setup(void **state)
{
	(void)state;
	interruptions = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	for (size_t i = 0; i < COUNT(files); i++)
		files[i] = open(i % 2 ? "/dev/null" : "/dev/zero", O_RDONLY | O_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	for (size_t i = 0; i < COUNT(files); i++)
		close(files[i]);
	return 0;
}

static void send_bytes(const char *bytes, size_t len, size_t n_fds)
{
	const struct iommufd_session_part part = { (void *)bytes, len };

	assert_int_equal(iommufd_session_send_packet(ends[0], &part, 1, files, n_fds, 0), 0);
}

/* Into room for len bytes. */
static int receive(size_t len, int *fds, size_t *n_fds)
{
	char bytes[256];
	const struct iommufd_session_part part = { bytes, len };

	return iommufd_session_receive_packet(ends[1], &part, 1, fds, n_fds, IOMMUFD_SESSION_DONTWAIT);
}

static bool is_same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_rdev == y.st_rdev && x.st_ino == y.st_ino;
}

/* --- bytes ---------------------------------------------------------------------------------------- */

static void test_parts(void **state)
{
	char one[] = { 'a', 'b', 'c' }, two[] = { 'd', 'e' }, head[4], tail[4] = { MARK, MARK, MARK, MARK };
	const struct iommufd_session_part sent[] = { PART(one), { NULL, 0 }, PART(two) };
	const struct iommufd_session_part got[] = { PART(head), PART(tail) };
	size_t n_fds = 0;

	(void)state;
	assert_int_equal(iommufd_session_send_packet(ends[0], sent, COUNT(sent), NULL, 0, 0), 0);
	send_bytes("next", 4, 0);
	assert_int_equal(iommufd_session_receive_packet(ends[1], got, COUNT(got), NULL, &n_fds, 0), 5);
	assert_memory_equal(head, "abcd", 4);
	assert_int_equal(tail[0], 'e');
	assert_int_equal(tail[1], MARK);
	assert_int_equal(receive(4, NULL, &n_fds), 4); /* a packet of its own */
}

static void test_nothing_there(void **state)
{
	int fd = MARK;
	size_t n_fds = 1;

	(void)state;
	errno = 0;
	assert_int_equal(receive(4, &fd, &n_fds), -EAGAIN);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fd, MARK);
	assert_int_equal(n_fds, 1);
	close(ends[0]);
	assert_int_equal(receive(4, &fd, &n_fds), 0);
	assert_int_equal(n_fds, 0);
}

static void test_nobody_there(void **state)
{
	const struct iommufd_session_part part = { (void *)"x", 1 };

	(void)state;
	close(ends[1]);
	errno = 0;
	assert_int_equal(iommufd_session_send_packet(ends[0], &part, 1, files, 1, 0), -EPIPE);
	assert_int_equal(errno, EPIPE);
}

static void test_no_room_to_send(void **state)
{
	char bytes[4096] = { 0 };
	const struct iommufd_session_part part = PART(bytes);
	int rc = 0;

	(void)state;
	for (unsigned int i = 0; i < 10000 && rc == 0; i++)
		rc = iommufd_session_send_packet(ends[0], &part, 1, NULL, 0, IOMMUFD_SESSION_DONTWAIT);
	assert_int_equal(rc, -EAGAIN);
	assert_int_equal(errno, EAGAIN);
}

/* Who may wait begins again; who may not is told, and has nothing done. */
static void test_interrupted(void **state)
{
	char bytes[4];
	const struct iommufd_session_part part = PART(bytes);
	size_t n_fds = 0;

	(void)state;
	interruptions = 3;
	assert_int_equal(iommufd_session_send_packet(ends[0], &part, 1, NULL, 0, 0), 0);
	interruptions = 3;
	assert_int_equal(iommufd_session_receive_packet(ends[1], &part, 1, NULL, &n_fds, 0), 4);
	assert_int_equal(interruptions, 0);
	interruptions = 2;
	assert_int_equal(iommufd_session_send_packet(ends[0], &part, 1, NULL, 0, IOMMUFD_SESSION_DONTWAIT),
			 -EINTR);
	assert_int_equal(receive(4, NULL, &n_fds), -EINTR);
	assert_int_equal(errno, EINTR);
	assert_int_equal(receive(4, NULL, &n_fds), -EAGAIN);
}

static void test_limits(void **state)
{
	static int fds[IOMMUFD_SESSION_FDS + 1];
	const struct iommufd_session_part parts[IOMMUFD_SESSION_PARTS + 1] = { { (void *)"x", 1 } };
	size_t n_fds = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = files[0];
	assert_int_equal(iommufd_session_send_packet(ends[0], parts, COUNT(parts), NULL, 0, 0), -E2BIG);
	assert_int_equal(iommufd_session_send_packet(ends[0], parts, 1, fds, COUNT(fds), 0), -E2BIG);
	assert_int_equal(errno, E2BIG);
	assert_int_equal(iommufd_session_send_packet(ends[0], parts, 1, NULL, 0, 2), -EINVAL);
	assert_int_equal(iommufd_session_receive_packet(ends[1], parts, COUNT(parts), NULL, &n_fds, 0),
			 -E2BIG);
	assert_int_equal(iommufd_session_receive_packet(ends[1], parts, 1, NULL, &n_fds, 2), -EINVAL);
	assert_int_equal(iommufd_session_send_packet(ends[0], parts, COUNT(parts) - 1, NULL, 0, 0), 0);
}

/* --- fds ------------------------------------------------------------------------------------------ */

static void test_fds(void **state)
{
	int fds[COUNT(files)] = { 0 };
	size_t n_fds = COUNT(fds);

	(void)state;
	send_bytes("x", 1, 3);
	assert_int_equal(receive(1, fds, &n_fds), 1);
	assert_int_equal(n_fds, 3);
	for (size_t i = 0; i < n_fds; i++) {
		assert_true(is_same_file(fds[i], files[i]));
		assert_int_equal(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		close(fds[i]);
	}
	send_bytes("x", 1, 0);
	n_fds = COUNT(fds);
	assert_int_equal(receive(1, fds, &n_fds), 1);
	assert_int_equal(n_fds, 0);
}

static void test_as_many_as_there_can_be(void **state)
{
	static int fds[IOMMUFD_SESSION_FDS];
	const struct iommufd_session_part part = { (void *)"x", 1 };
	const size_t before = open_fds();
	size_t n_fds = COUNT(fds);

	(void)state;
	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = files[i % COUNT(files)];
	assert_int_equal(iommufd_session_send_packet(ends[0], &part, 1, fds, COUNT(fds), 0), 0);
	assert_int_equal(receive(1, fds, &n_fds), 1);
	assert_int_equal(n_fds, COUNT(fds));
	assert_int_equal(open_fds(), before + COUNT(fds));
	for (size_t i = 0; i < n_fds; i++)
		close(fds[i]);
}

/* What a packet must not do to its receiver: leave fds that nobody knows of. */
static void test_no_fd_is_left(void **state)
{
	static const struct {
		const char *name;
		size_t len, n_fds, bytes, room; /* sent; room to receive */
		int rc;
		size_t n_got;
	} cases[] = {
		{ "more than there is room for", 1, 5, 1, 2, 1, 2 },
		{ "no room", 1, 5, 1, 0, 1, 0 },
		{ "an empty packet", 0, 2, 16, 5, 0, 0 },
		{ "an empty packet, and no room", 0, 5, 16, 0, 0, 0 },
		{ "too long a packet", 9, 5, 8, 5, -EMSGSIZE, MARK },
		{ "too long for no room", 9, 5, 8, 0, -EMSGSIZE, MARK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const size_t before = open_fds();
		size_t n_fds = cases[i].room;
		int fds[COUNT(files)] = { MARK, MARK, MARK, MARK, MARK };

		send_bytes("123456789", cases[i].len, cases[i].n_fds);
		assert_case(receive(cases[i].bytes, fds, &n_fds) == cases[i].rc, cases[i].name);
		if (cases[i].rc < 0) {
			assert_case(errno == -cases[i].rc, cases[i].name);
			assert_case(n_fds == cases[i].room, cases[i].name);
			n_fds = 0;
		} else {
			assert_case(n_fds == cases[i].n_got, cases[i].name);
		}
		assert_case(open_fds() == before + n_fds, cases[i].name);
		assert_case(n_fds == COUNT(fds) || fds[n_fds] == MARK, cases[i].name);
		for (size_t fd = 0; fd < n_fds; fd++)
			close(fds[fd]);
	}
}

/* The kernel hands out as many as it may and says that there were more. */
static void test_too_few_fds_in_this_process(void **state)
{
	struct rlimit old, low;
	int fds[COUNT(files)] = { MARK }, limit = 0;
	const size_t before = open_fds();
	size_t n_fds = COUNT(fds), n_free = 0;

	(void)state;
	send_bytes("x", 1, 5);
	while (n_free < 2)
		n_free += fcntl(limit++, F_GETFD) < 0;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = (struct rlimit){ (rlim_t)limit, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	errno = 0;
	assert_int_equal(receive(1, fds, &n_fds), -EMFILE);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(open_fds(), before);
	assert_int_equal(fds[0], MARK);
	assert_int_equal(n_fds, COUNT(fds));
}

/* Each of several control messages has fds. */
static void test_several_control_messages(void **state)
{
	union {
		struct cmsghdr header;
		char room[3 * CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec part = { (void *)"x", 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	const size_t before = open_fds();
	int fds[COUNT(files)];
	size_t n_fds = 2;

	(void)state;
	for (size_t i = 0; i < 3; i++, header = CMSG_NXTHDR(&message, header)) {
		*header = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(header), &files[i], sizeof(int));
	}
	assert_int_equal(sendmsg(ends[0], &message, 0), 1);
	assert_int_equal(receive(1, fds, &n_fds), 1);
	assert_int_equal(n_fds, 2);
	assert_int_equal(open_fds(), before + 2);
	assert_true(is_same_file(fds[1], files[1]));
	close(fds[0]);
	close(fds[1]);
}

/* What is printed on one of them would reach the device. */
static void test_no_standard_fds(void **state)
{
	const int saved = dup(STDIN_FILENO);
	size_t n_fds = 2;
	int fds[2];

	(void)state;
	send_bytes("x", 1, 2);
	close(STDIN_FILENO);
	assert_int_equal(receive(1, fds, &n_fds), 1);
	assert_int_equal(n_fds, 2);
	assert_true(fds[0] > STDERR_FILENO && fds[1] > STDERR_FILENO);
	assert_true(is_same_file(fds[0], files[0]) && is_same_file(fds[1], files[1]));
	assert_int_equal(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	close(fds[0]);
	close(fds[1]);
	if (saved >= 0) {
		assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
		close(saved);
	}
}

/* As a service manager's is. */
static void test_datagrams(void **state)
{
	const struct iommufd_session_part part = { (void *)"FDSTORE=1", 9 };
	char bytes[16];
	const struct iommufd_session_part got = PART(bytes);
	size_t n_fds = 1;
	int pair[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(iommufd_session_send_packet(pair[0], &part, 1, files, 1, 0), 0);
	assert_int_equal(iommufd_session_receive_packet(pair[1], &got, 1, &fd, &n_fds, 0), 9);
	assert_int_equal(n_fds, 1);
	assert_true(is_same_file(fd, files[0]));
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_parts),
		TEST(test_nothing_there),
		TEST(test_nobody_there),
		TEST(test_no_room_to_send),
		TEST(test_interrupted),
		TEST(test_limits),
		TEST(test_fds),
		TEST(test_as_many_as_there_can_be),
		TEST(test_no_fd_is_left),
		TEST(test_too_few_fds_in_this_process),
		TEST(test_several_control_messages),
		TEST(test_no_standard_fds),
		TEST(test_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
