/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/server.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "context/close.h"
#include "resolve/device.h"
#include "session/handout.h"
#include "session/request.h"
#include "session/run.h"
#include "session/socket.h"

enum {
	EVENTS = 64,
	UNREAD_MOST = 128 << 20, /* all that are not read, but for short ones */
	SHORT_ANSWER = 4096,
};

static int watch(const struct holder *h, int operation, int fd, uint32_t events, void *what)
{
	struct epoll_event event = { .events = events, .data.ptr = what };

	return epoll_ctl(h->epoll, operation, fd, &event);
}

static void drop_client(struct holder *h, struct client *client)
{
	if (client->has_them)
		handout_leave(h, client);
	close(client->reply.socket);
	reply_free(&client->reply);
	LIST_REMOVE(client, link);
	if (client->job)
		client->job->client = NULL;
	h->n_clients--;
	free(client);
}

/* What clients have not read may take only so much of this process's memory. */
static void bound_unread(const struct holder *h, struct client *client)
{
	size_t sum = 0;
	const struct client *c;

	if (reply_size(&client->reply) <= SHORT_ANSWER)
		return;
	LIST_FOREACH(c, &h->clients, link)
		sum += reply_size(&c->reply);
	if (sum > UNREAD_MOST)
		reply_cut(&client->reply, EXIT_FAILED,
			  PROGRAM ": the rest of the answer is dropped: the session keeps 128 MiB that its clients "
			  "have not read already (ENOBUFS)\n");
}

/* false: the client is gone. What does not go out at once goes when there is room. */
static bool respond(struct holder *h, struct client *client, int code)
{
	bool alive;

	client->reply.code = code;
	alive = reply_send(&client->reply, &h->out, &h->err, h->fds, h->n_fds);
	if (alive && client->reply.sending) {
		bound_unread(h, client);
		watch(h, EPOLL_CTL_MOD, client->reply.socket, EPOLLOUT, client);
	}
	return alive;
}

static void exchange(struct buffer *a, struct buffer *b)
{
	struct buffer other = *a;

	*a = *b;
	*b = other;
}

/* What the command has printed is kept until its end. Its client is only asked whether it is there. */
static void keep_job(struct holder *h, struct client *client, struct job *job)
{
	exchange(&h->out, &job->out);
	exchange(&h->err, &job->err);
	job->client = client;
	client->job = job;
	watch(h, EPOLL_CTL_MOD, client->reply.socket, 0, client);
}

/* A new command, and what it does before it pauses. *ret: the job of the rest, or NULL. */
static int begin_command(struct holder *h, struct client *client, size_t len, size_t n_fds, struct job **ret)
{
	struct progress progress = { .until = 0 };
	int code = holder_run_packet(h, client, len, n_fds, &progress);

	*ret = code == EXIT_PAUSED ? job_add(&h->jobs, &progress, h->packet, len, n_fds) : NULL;
	/* Without the memory to remember it, all wait for it. */
	progress.paused = true;
	while (code == EXIT_PAUSED && !*ret)
		code = holder_run_packet(h, client, len, n_fds, &progress);
	return code;
}

/* What the command was to have kept; the client is told of what is not. */
static void sync_store(struct holder *h)
{
	fdstore_sync(&h->store, &h->ctx, &(struct output){ .out = &h->out, .err = &h->err });
}

static void end_job(struct holder *h, struct job *job, int code)
{
	struct client *client = job->client;

	job_free(&h->jobs, job);
	if (!client)
		return;
	client->job = NULL;
	watch(h, EPOLL_CTL_MOD, client->reply.socket, EPOLLIN, client);
	if (!respond(h, client, code))
		drop_client(h, client);
}

/* The next one goes on for its turn. */
static void continue_job(struct holder *h)
{
	struct job *job = TAILQ_FIRST(&h->jobs);
	int code;

	holder_reset_output(h);
	exchange(&h->out, &job->out);
	exchange(&h->err, &job->err);
	memcpy(h->packet, job->packet, job->len);
	job->progress.given_up = !job->client;
	code = holder_run_packet(h, job->client, job->len, job->n_fds, &job->progress);
	sync_store(h);
	if (code != EXIT_PAUSED) {
		end_job(h, job, code);
		return;
	}
	exchange(&h->out, &job->out);
	exchange(&h->err, &job->err);
	TAILQ_REMOVE(&h->jobs, job, link);
	TAILQ_INSERT_TAIL(&h->jobs, job, link);
}

/* One command of a client. false: the client is gone, or has sent garbage. */
static bool serve_client(struct holder *h, struct client *client)
{
	const struct iommufd_session_part packet = { h->packet, sizeof(h->packet) };
	int fds[IOMMUFD_SESSION_FDS], len, code;
	size_t n_fds = IOMMUFD_SESSION_FDS;
	struct job *job = NULL;
	bool alive;

	len = iommufd_session_receive_packet(client->reply.socket, &packet, 1, fds, &n_fds,
					     IOMMUFD_SESSION_DONTWAIT);
	if (len == -EAGAIN || len == -EINTR)
		return true;
	if (len == 0 || (len < 0 && len != -EMFILE && len != -EMSGSIZE))
		return false;
	n_fds = len < 0 ? 0 : n_fds;
	for (size_t i = 0; i < n_fds; i++)
		h->passed[i].fd = fds[i];
	holder_reset_output(h);
	if (len == -EMFILE)
		code = holder_refuse(h, "the session cannot take so many fds (EMFILE)");
	else if (len == -EMSGSIZE)
		code = holder_refuse(h, "the command is too long");
	else
		code = begin_command(h, client, (size_t)len, n_fds, &job);
	for (size_t i = 0; i < n_fds; i++)
		if (h->passed[i].fd >= 0)
			close(h->passed[i].fd);
	sync_store(h);
	if (job)
		keep_job(h, client, job);
	alive = job || respond(h, client, code);
	while (h->n_ours)
		close(h->ours[--h->n_ours]);
	return alive;
}

static bool is_allowed(int fd)
{
	struct ucred peer;

	return session_peer(fd, &peer) && (peer.uid == 0 || peer.uid == geteuid());
}

static struct client *add_client(struct holder *h, int fd)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client || watch(h, EPOLL_CTL_ADD, fd, EPOLLIN, client) < 0) {
		free(client);
		return NULL;
	}
	client->reply = (struct reply){ .socket = fd, .out = { .fd = -1 }, .err = { .fd = -1 } };
	LIST_INSERT_HEAD(&h->clients, client, link);
	h->n_clients++;
	return client;
}

/* A silent refusal would leave the client to guess. */
static void turn_away(struct holder *h, int fd, const char *why)
{
	struct reply reply = { .socket = fd, .out = { .fd = -1 }, .err = { .fd = -1 } };

	holder_reset_output(h);
	reply.code = holder_refuse(h, why);
	reply_send(&reply, &h->out, &h->err, NULL, 0);
	reply_free(&reply);
	close(fd);
}

static void accept_client(struct holder *h)
{
	int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		close(h->spare);
		fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			turn_away(h, fd, "the session has no more fds (EMFILE)");
		h->spare = openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);
	} else if (fd >= 0 && !is_allowed(fd)) {
		close(fd);
	} else if (fd >= 0 && !add_client(h, fd)) {
		turn_away(h, fd, "the session has no memory for another connection (ENOMEM)");
	}
}

/* false: the client is gone, or has sent garbage. */
static bool handle_client(struct holder *h, struct client *client, uint32_t events)
{
	if (events & EPOLLOUT) {
		bool alive = reply_send_more(&client->reply);

		if (alive && !client->reply.sending)
			watch(h, EPOLL_CTL_MOD, client->reply.socket, EPOLLIN, client);
		return alive;
	}
	return events & EPOLLIN && serve_client(h, client);
}

static void handle_event(struct holder *h, const struct epoll_event *event)
{
	struct client *client = event->data.ptr;

	if (event->data.ptr == &h->listener)
		accept_client(h);
	else if (event->data.ptr == &h->signals)
		h->stopping = true;
	else if (event->data.ptr == &h->requests)
		requests_take(h);
	else if (!handle_client(h, client, event->events))
		drop_client(h, client);
}

/* Signals that end the session come as events; those that a client or a terminal could cause end nothing. */
static int watch_signals(void)
{
	sigset_t ending, blocked;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	blocked = ending;
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGPIPE);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	return signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

int holder_prepare(struct holder *h, const struct output *output)
{
	h->signals = watch_signals();
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->spare = openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);
	h->requests = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	h->output = output;
	if (h->signals < 0 || h->epoll < 0 || h->spare < 0 || h->requests < 0 ||
	    watch(h, EPOLL_CTL_ADD, h->requests, EPOLLIN, &h->requests) < 0 ||
	    watch(h, EPOLL_CTL_ADD, h->listener, EPOLLIN, &h->listener) < 0 ||
	    watch(h, EPOLL_CTL_ADD, h->signals, EPOLLIN, &h->signals) < 0)
		return msg_fail_errno(output, h->name, errno);
	h->out.fd = h->err.fd = -1;
	TAILQ_INIT(&h->jobs);
	return EXIT_DONE;
}

/* The clients of the process before this one; the first is told what came of its restart. */
static void adopt_clients(struct holder *h, const int *connections, size_t n)
{
	int code = h->restart_failed ? holder_refuse(h, h->restart_failed) : EXIT_DONE;

	for (size_t i = 0; i < n; i++) {
		struct client *client = add_client(h, connections[i]);

		if (!client)
			close(connections[i]);
		else if (i == 0 && !respond(h, client, code))
			drop_client(h, client);
	}
}

void holder_release(struct holder *h)
{
	context_free(&h->ctx);
	while (!LIST_EMPTY(&h->clients))
		drop_client(h, LIST_FIRST(&h->clients));
	while (h->jobs.tqh_last && !TAILQ_EMPTY(&h->jobs)) /* a holder that came to nothing has no list */
		job_free(&h->jobs, TAILQ_FIRST(&h->jobs));
}

int holder_run(struct holder *h, const struct output *output, const int *connections, size_t n_connections)
{
	struct epoll_event events[EVENTS];
	int n, rc = EXIT_DONE;

	adopt_clients(h, connections, n_connections);
	requests_watch(h);
	requests_take(h);
	while (rc == EXIT_DONE && !h->stopping) {
		n = epoll_wait(h->epoll, events, EVENTS,
			       TAILQ_EMPTY(&h->jobs) ? fdstore_retry_in(&h->store) : 0);
		if (n == 0 && TAILQ_EMPTY(&h->jobs))
			fdstore_retry(&h->store, &h->ctx);
		/* A client is dropped only when its own event is handled, so no event is stale. */
		for (int i = 0; i < n && !h->stopping; i++)
			handle_event(h, &events[i]);
		if (n < 0 && errno != EINTR)
			rc = msg_fail_errno(output, h->name, errno);
		if (!TAILQ_EMPTY(&h->jobs) && !h->stopping)
			continue_job(h);
	}
	if (h->forgetting)
		fdstore_forget_all(&h->store, &h->ctx);
	h->ctx.observer = NULL;
	free(h->out.buf);
	free(h->err.buf);
	return rc;
}
