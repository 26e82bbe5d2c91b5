/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holder.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context/device.h"
#include "session/server.h"
#include "verbs.h"

int clients[2];
pid_t holder;

static char out[4096], err[4096];

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
	h.ctx.iommufd = open_file(tree_path("dev/iommu"));
	h.rlimit_mode = "user";
	settle_allocator();
	if (holder_prepare(&h, &world->from.output) == 0 &&
	    (!fdstore_exists(&h.store) ||
	     fdstore_start(&h.store, &h.ctx, h.listener, &world->from.output) == 0))
		holder_run(&h, &world->from.output, connections, 2);
	_exit(0);
}

int holder_setup_with(void **state, const char *notify_socket)
{
	int ends[2], connections[2];
	char answer[256];

	*state = world_new(CONTEXT_NONE);
	unsetenv("NOTIFY_SOCKET");
	if (notify_socket)
		setenv("NOTIFY_SOCKET", notify_socket, 1);
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

int holder_setup(void **state)
{
	return holder_setup_with(state, NULL);
}

int holder_teardown(void **state)
{
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	close(clients[0]);
	world_free(*state);
	return 0;
}

static void ask(int client, const char *line)
{
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
	snprintf(err, sizeof(err), "%.*s", (int)reply.err_len, reply.err ?: "");
	while (reply.n_fds)
		close(reply.fds[--reply.n_fds]);
	iommufd_session_reply_free(&reply);
}

const char *answer_to(int client, const char *line)
{
	ask(client, line);
	return out;
}

const char *said_to(int client, const char *line)
{
	ask(client, line);
	return err;
}
