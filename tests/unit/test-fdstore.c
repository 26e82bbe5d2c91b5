/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A holder whose service manager takes only some fds, does not read its socket for a while, or dies. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "holder.h"

enum { ROOM = 64, NAME_ROOM = 64 };

/* What the manager keeps, where the test sees it. */
static struct kept {
	size_t count;
	struct {
		char name[NAME_ROOM];
		int fd;
	} fds[ROOM];
} *kept;

static char address_of_manager[64];
static pid_t manager;
static int manager_socket;

static void keep_fd(const char *name, int fd, size_t limit)
{
	if (kept->count == limit) {
		close(fd);
		return;
	}
	snprintf(kept->fds[kept->count].name, NAME_ROOM, "%s", name);
	kept->fds[kept->count++].fd = fd;
}

static void drop_fd(const char *name)
{
	for (size_t i = kept->count; i-- > 0;)
		if (strcmp(kept->fds[i].name, name) == 0) {
			close(kept->fds[i].fd);
			kept->fds[i] = kept->fds[--kept->count];
		}
}

static void handle_message(char *text, int fd, size_t limit)
{
	char *name = strstr(text, "FDNAME=");

	if (name) {
		name += strlen("FDNAME=");
		name[strcspn(name, "\n")] = '\0';
	}
	if (strncmp(text, "FDSTORE=1", 9) == 0)
		keep_fd(name, fd, limit);
	else if (strncmp(text, "FDSTOREREMOVE=1", 15) == 0)
		drop_fd(name);
	else if (fd >= 0)
		close(fd); /* of a barrier */
}

static void run_manager(size_t limit)
{
	const struct iommufd_session_part part = { (char[512]){ 0 }, 511 };
	int fds[IOMMUFD_SESSION_FDS];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		size_t n = IOMMUFD_SESSION_FDS;
		int len = iommufd_session_receive_packet(manager_socket, &part, 1, fds, &n, 0);

		if (len < 0)
			_exit(1);
		((char *)part.bytes)[len] = '\0';
		handle_message(part.bytes, n ? fds[0] : -1, limit);
	}
}

/* said: it says that it takes so many, as systemd does since 254; 0: nothing. */
static int start(void **state, size_t limit, size_t said)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char number[24];
	int rc;

	snprintf(address_of_manager, sizeof(address_of_manager), "/tmp/test-fdstore.%d", (int)getpid());
	strcpy(address.sun_path, address_of_manager);
	manager_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(manager_socket, (const struct sockaddr *)&address, sizeof(address)), 0);
	kept->count = 0;
	manager = fork();
	if (manager == 0)
		run_manager(limit);
	close(manager_socket);
	unsetenv("FDSTORE");
	if (said) {
		snprintf(number, sizeof(number), "%zu", said);
		setenv("FDSTORE", number, 1);
	}
	rc = holder_setup_with(state, address_of_manager);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("FDSTORE");
	return rc;
}

static int start_telling(void **state)
{
	return start(state, 4, 4);
}

static int start_silent(void **state)
{
	return start(state, 4, 0);
}

static int start_roomy(void **state)
{
	return start(state, ROOM, ROOM);
}

static int start_closed(void **state)
{
	return start(state, 0, 0);
}

/* It takes fds, but of its service's main process, which this is not. */
static int start_of_another(void **state)
{
	return start(state, 0, ROOM);
}

static int teardown(void **state)
{
	kill(manager, SIGKILL);
	waitpid(manager, NULL, 0);
	unlink(address_of_manager);
	close(clients[1]);
	return holder_teardown(state);
}

static bool is_kept(const char *name)
{
	for (size_t i = 0; i < kept->count; i++)
		if (strcmp(kept->fds[i].name, name) == 0)
			return true;
	return false;
}

static bool is_kept_soon(const char *name)
{
	for (int i = 0; i < 50 && !is_kept(name); i++)
		usleep(100000);
	return is_kept(name);
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("expected '%s' in '%s'", part, text);
}

/* What a crash of the session would lose is named, and no longer when there is room. */
static void test_full(void **state)
{
	(void)state;
	assert_string_equal(said_to(clients[0], "bind vfio0 --name one"), "");
	assert_says(answer_to(clients[0], "session show"), " ok\n");
	assert_says(said_to(clients[0], "bind vfio2 --name two"),
		    "a crash of the session would lose two: the service manager takes no more than 4 fds");
	assert_false(is_kept("dev-vfio2"));
	assert_says(answer_to(clients[0], "session show"), " full\n");
	assert_says(answer_to(clients[0], "session show"), "two");
	assert_string_equal(said_to(clients[0], "unbind one"), "");
	assert_true(is_kept("dev-vfio2"));
	assert_false(is_kept("dev-vfio0"));
	assert_says(answer_to(clients[0], "session show"), " ok\n");
}

/* The store says neither that it is full nor that it is not: what is known must be so all the same. */
static void test_probe_stays_nowhere(void **state)
{
	(void)state;
	answer_to(clients[0], "bind vfio0");
	answer_to(clients[0], "show");
	assert_int_equal(kept->count, 4);
	assert_true(is_kept("iommufd") && is_kept("socket") && is_kept("state") && is_kept("dev-vfio0"));
}

static void test_takes_nothing(void **state)
{
	(void)state;
	assert_says(answer_to(clients[0], "session show"), " full\n");
	assert_says(said_to(clients[0], "mem create m 64K"), "a crash of the session would lose all of it");
	assert_says(said_to(clients[0], "bind vfio0"), "takes no fds");
}

/* Nobody waits for it twice, and what it missed it gets when it reads again, without another command. */
static void test_stalled(void **state)
{
	int64_t start_time;

	(void)state;
	kill(manager, SIGSTOP);
	start_time = milliseconds();
	assert_says(said_to(clients[0], "bind vfio0 --name one"),
		    "a crash of the session would lose one: the service manager does not answer");
	assert_true(milliseconds() - start_time < 3000);
	start_time = milliseconds();
	for (int i = 0; i < 40; i++) {
		char line[64];

		snprintf(line, sizeof(line), "mem create m%d 4K", i);
		assert_says(said_to(clients[0], line), "does not answer");
	}
	assert_true(milliseconds() - start_time < 3000);
	assert_says(answer_to(clients[0], "session show"), " stalled\n");
	assert_says(answer_to(clients[0], "session show"), "m39");
	kill(manager, SIGCONT);
	assert_true(is_kept_soon("mem-40"));
	assert_true(is_kept("dev-vfio0"));
	usleep(1500000); /* it is asked again once a second */
	assert_says(answer_to(clients[0], "session show"), " ok\n");
	assert_string_equal(said_to(clients[0], "mem create last 4K"), "");
	assert_true(is_kept("mem-41"));
}

/* What went while it did not read goes before what came under the same name. */
static void test_stalled_anew(void **state)
{
	(void)state;
	answer_to(clients[0], "bind vfio0 --name one");
	kill(manager, SIGSTOP);
	for (int i = 0; i < 40; i++)
		answer_to(clients[0], i % 2 ? "mem destroy m" : "mem create m 4K");
	assert_says(said_to(clients[0], "unbind one"), "it has vfio0 open until it does");
	answer_to(clients[0], "bind vfio0 --name two");
	answer_to(clients[0], "mem create ram 4K");
	kill(manager, SIGCONT);
	assert_true(is_kept_soon("mem-21"));
	assert_true(is_kept_soon("dev-vfio0"));
	assert_int_equal(kept->count, 5);
}

static void test_gone(void **state)
{
	(void)state;
	answer_to(clients[0], "bind vfio0 --name one");
	kill(manager, SIGKILL);
	waitpid(manager, NULL, 0);
	assert_says(answer_to(clients[0], "session show"), " gone\n");
	assert_says(said_to(clients[0], "bind vfio2 --name two"),
		    "a crash of the session would lose all of it: the service manager is gone");
	assert_says(answer_to(clients[0], "show"), "two");
}

int main(void)
{
#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, teardown)
	const struct CMUnitTest tests[] = {
		{ "test_full", test_full, start_telling, teardown, NULL },
		{ "test_full_silent", test_full, start_silent, teardown, NULL },
		TEST(test_probe_stays_nowhere, start_silent),
		TEST(test_takes_nothing, start_closed),
		{ "test_takes_nothing_of_us", test_takes_nothing, start_of_another, teardown, NULL },
		TEST(test_stalled, start_roomy),
		TEST(test_stalled_anew, start_roomy),
		TEST(test_gone, start_roomy),
	};

	kept = mmap(NULL, sizeof(*kept), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return kept == MAP_FAILED ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
