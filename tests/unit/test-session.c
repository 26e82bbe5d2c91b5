/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client's side of sessions: their names, their directory, and the way to their socket. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "libiommufd.h"
#include "tree.h"
#include "unit.h"

static uid_t user; /* who this process seems to be, to the library */

uid_t geteuid(void)
{
	return user;
}

static int setup(void **state)
{
	(void)state;
	user = getuid() ?: 1; /* sockets of root are below /run, which is not for tests */
	tree_create();
	tree_mkdir("iommufdctl");
	setenv("XDG_RUNTIME_DIR", tree_path("."), 1);
	return 0;
}

static void test_names(void **state)
{
	static const char longest[] = "a23456789012345678901234567890123456789012345678901234567890123";
	static const struct { const char *name; int valid; } cases[] = {
		{ "a", 1 },	  { "default", 1 }, { "_", 1 },	     { "_1", 1 },     { "Vm-0.a_b", 1 },
		{ "z9", 1 },	  { longest, 1 },   { "", 0 },	     { "1", 0 },      { "-a", 0 },
		{ ".", 0 },	  { "..", 0 },	    { ".a", 0 },     { "a/b", 0 },    { "/a", 0 },
		{ "a b", 0 },	  { "a\n", 0 },	    { "a:b", 0 },    { "a@b", 0 },    { "\xc3\xa9", 0 },
		{ "a\xc3\xa9", 0 }, { "a\x7f", 0 }, { "a,b", 0 },    { "a[", 0 },     { "`", 0 },
		{ "a234567890123456789012345678901234567890123456789012345678901234", 0 },
	};

	(void)state;
	assert_int_equal(strlen(longest), 63);
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_case(iommufd_session_name_is_valid(cases[i].name) == cases[i].valid, cases[i].name);
}

/* One rule, whoever asks: the tool makes no session of such a name. */
static void test_no_connection_to_what_is_no_name(void **state)
{
	static const char *const names[] = { "", "1a", "-a", ".a", "a/b", "a b", "a:b" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		int fd = 0x5a;

		errno = 0;
		assert_case(iommufd_session_connect(names[i], &fd) == -EINVAL, names[i]);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(fd, 0x5a);
	}
}

static void test_directory(void **state)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char buf[256] = "untouched", expected[256];

	(void)state;
	snprintf(expected, sizeof(expected), "%s/iommufdctl", runtime);
	assert_int_equal(iommufd_session_dir(buf, strlen(expected)), -ERANGE);
	assert_int_equal(errno, ERANGE);
	assert_string_equal(buf, "untouched");
	assert_int_equal(iommufd_session_dir(buf, strlen(expected) + 1), 0);
	assert_string_equal(buf, expected);
	user = 0;
	assert_int_equal(iommufd_session_dir(buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/run/iommufdctl");
}

static void test_no_directory(void **state)
{
	char buf[64] = "untouched";

	(void)state;
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	assert_int_equal(iommufd_session_dir(buf, sizeof(buf)), -ENOENT);
	unsetenv("XDG_RUNTIME_DIR");
	errno = 0;
	assert_int_equal(iommufd_session_dir(buf, sizeof(buf)), -ENOENT);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(buf, "untouched");
}

/* A session, as far as its socket: what listens below the directory under that name. */
static int listen_as(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/iommufdctl/%s", getenv("XDG_RUNTIME_DIR"),
		 name);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* The kernel gives the lowest fd there is: with stdin closed that is 0, where others read and write. */
static void test_connection_is_no_standard_fd(void **state)
{
	const int saved = dup(STDIN_FILENO), listener = listen_as("vm");
	int fd = -1;

	(void)state;
	close(STDIN_FILENO);
	assert_int_equal(iommufd_session_connect("vm", &fd), 0);
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
	close(fd);
	close(listener);
	if (saved >= 0) {
		assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
		close(saved);
	}
}

static void test_nobody_listens(void **state)
{
	int fd = 0x5a;

	(void)state;
	assert_int_equal(iommufd_session_connect("none", &fd), -ENOENT);
	assert_int_equal(errno, ENOENT);
	close(listen_as("dead"));
	assert_int_equal(iommufd_session_connect("dead", &fd), -ECONNREFUSED);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(fd, 0x5a);
}

/* A holder that is stopped, with as many at its door as there is room for. */
static void test_full_backlog(void **state)
{
	const int listener = listen_as("full");
	struct timespec from, to;
	int waiting[8], fd = 0x5a;

	(void)state;
	for (size_t i = 0; i < 5; i++) /* the 4 of listen_as(), and one */
		assert_int_equal(iommufd_session_connect("full", &waiting[i]), 0);
	clock_gettime(CLOCK_MONOTONIC, &from);
	alarm(30);
	assert_int_equal(iommufd_session_connect("full", &fd), -ETIMEDOUT);
	alarm(0);
	assert_int_equal(errno, ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_in_range(to.tv_sec - from.tv_sec, 1, 10);
	assert_int_equal(fd, 0x5a);
	for (size_t i = 0; i < 5; i++)
		close(waiting[i]);
	close(listener);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, tree_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_names),
		TEST(test_no_connection_to_what_is_no_name),
		TEST(test_directory),
		TEST(test_no_directory),
		TEST(test_connection_is_no_standard_fd),
		TEST(test_nobody_listens),
		TEST(test_full_backlog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
