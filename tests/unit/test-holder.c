/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session's holder in a process of its own, with the fake kernel, and two clients of it. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context/device.h"
#include "session/server.h"
#include "unit.h"
#include "verbs.h"
#include "world.h"

static int clients[2];
static pid_t holder;

/* From now on the next device is where the last one was that went, whether or not calloc() asks the cache. */
static void settle_allocator(void)
{
	void *held[7];

	for (size_t i = 0; i < COUNT(held); i++)
		held[i] = malloc(sizeof(struct device));
	for (size_t i = 0; i < COUNT(held); i++)
		free(held[i]);
	for (size_t i = 0; i < COUNT(held); i++)
		held[i] = calloc(1, sizeof(struct device));
}

static void run_holder(struct world *world, const int *connections)
{
	static struct holder h = { .name = "test", .verbs = verb_groups };
	int ends[2];

	context_init(&h.ctx, CONTEXT_LASTING);
	fdstore_init(&h.store);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0)
		_exit(1);
	h.listener = ends[0];
	h.rlimit_mode = "user";
	settle_allocator();
	if (holder_prepare(&h, &world->from.output) == 0)
		holder_run(&h, &world->from.output, connections, 2);
	_exit(0);
}

static int setup(void **state)
{
	int ends[2], connections[2];
	char answer[256];

	*state = world_new(CONTEXT_NONE);
	unsetenv("NOTIFY_SOCKET");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
		clients[i] = ends[0];
		connections[i] = ends[1];
	}
	holder = fork();
	if (holder == 0) {
		close(clients[0]);
		close(clients[1]);
		run_holder(*state, connections);
	}
	close(connections[0]);
	close(connections[1]);
	assert_true(recv(clients[0], answer, sizeof(answer), 0) > 0); /* of its restart */
	return 0;
}

static int teardown(void **state)
{
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	close(clients[0]);
	world_free(*state);
	return 0;
}

/* What the holder printed on the words of a line; valid until the next call. */
static const char *answer_to(int client, const char *line)
{
	static char out[4096];
	struct iommufd_session_reply reply;
	const char *argv[16];
	char words[256];
	size_t n = 0;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[n++] = word;
	assert_int_equal(iommufd_session_run(client, 0, n, argv, NULL, 0, &reply), 0);
	if (reply.code)
		fail_msg("%s: %.*s", line, (int)reply.err_len, reply.err);
	snprintf(out, sizeof(out), "%.*s", (int)reply.out_len, reply.out ?: "");
	while (reply.n_fds)
		close(reply.fds[--reply.n_fds]);
	iommufd_session_reply_free(&reply);
	return out;
}

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_moved_device_is_gone),
		TEST(test_moved_device_leaves),
		TEST(test_pipe_is_no_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
