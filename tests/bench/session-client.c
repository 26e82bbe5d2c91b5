/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session can do, measured from outside, through the library; and what it is measured with.
 *
 *	session-client bare PATH		the least that it can cost: two processes, two packets
 *	session-client bare-connects PATH		the same, with a connection for each
 *	session-client requests SESSION			one connection: 'ioas alloc' and 'destroy' by turns
 *	session-client pipeline SESSION			the same, without waiting for each answer
 *	session-client connects SESSION			a connection for each request
 *	session-client crowd SESSION CLIENTS REQUESTS	that many processes at once
 *	session-client fill SESSION N			N IOASes, every other one with a name
 *	session-client command SESSION FILE ARG...	a program that uses it, repeated
 *
 * Prints NAME=VALUE lines: nanoseconds of wall time, the 25th percentile of many rounds, and of processor
 * time, of this process and of the holder, in the mean.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libiommufd.h"

enum { ROUNDS = 40, PER_ROUND = 500, PIPELINE = 32 };

static void need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static uint64_t nanoseconds(clockid_t clock)
{
	struct timespec ts;

	need(clock_gettime(clock, &ts) == 0, "clock_gettime");
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* --- a session --------------------------------------------------------------------------------- */

static int connect_to(const char *name)
{
	int fd, rc = iommufd_session_connect(name, &fd);

	errno = -rc;
	need(rc == 0, name);
	return fd;
}

/* The processor time of who listens at the other end. */
static clockid_t clock_of_peer(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	clockid_t clock;

	need(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0, "SO_PEERCRED");
	need(clock_getcpuclockid(peer.pid, &clock) == 0, "the holder's clock");
	return clock;
}

static struct iommufd_session_reply run(int fd, size_t n, const char *const *words)
{
	struct iommufd_session_reply reply;
	int rc = iommufd_session_run(fd, 0, n, words, NULL, 0, &reply);

	errno = -rc;
	need(rc == 0, "iommufd_session_run");
	if (reply.code)
		fprintf(stderr, "exit code %d: %.*s", reply.code, (int)reply.err_len, reply.err);
	if (reply.code)
		exit(1);
	return reply;
}

static const char *const alloc_words[] = { "ioas", "alloc" };

static void alloc(int fd, char *id)
{
	struct iommufd_session_reply reply = run(fd, 2, alloc_words);

	need(reply.out_len > 1 && reply.out_len < 16, "id");
	memcpy(id, reply.out, reply.out_len - 1);
	id[reply.out_len - 1] = '\0';
	iommufd_session_reply_free(&reply);
}

static void destroy(int fd, const char *id)
{
	const char *words[] = { "destroy", id };
	struct iommufd_session_reply reply = run(fd, 2, words);

	iommufd_session_reply_free(&reply);
}

/* --- many rounds of something -------------------------------------------------------------------- */

struct subject {
	const char *session;
	const struct sockaddr_un *bare; /* of a server that does nothing */
	int fd; /* a connection */
	char **words;
};

static void pairs(const struct subject *s)
{
	char id[16];

	for (int i = 0; i < PER_ROUND / 2; i++) {
		alloc(s->fd, id);
		destroy(s->fd, id);
	}
}

static void connect_and_request(const struct subject *s)
{
	char id[16];

	for (int i = 0; i < PER_ROUND; i++) {
		int fd = connect_to(s->session);

		if (i % 2)
			destroy(fd, id);
		else
			alloc(fd, id);
		close(fd);
	}
}

/* PIPELINE requests are under way: a client of its own, for the library waits for each answer. */
static void pipeline(const struct subject *s)
{
	static const char text[] = "ioas\0ranges\0001";
	static const struct iommufd_session_request_header header = {
		.magic = IOMMUFD_SESSION_MAGIC, .protocol = IOMMUFD_SESSION_PROTOCOL, .argc = 3,
	};
	struct iommufd_session_reply_header reply;
	char request[sizeof(header) + sizeof(text)], answer[256];

	memcpy(request, &header, sizeof(header));
	memcpy(request + sizeof(header), text, sizeof(text));
	for (int i = 0; i < PER_ROUND + PIPELINE; i++) {
		if (i < PER_ROUND)
			need(send(s->fd, request, sizeof(request), 0) == sizeof(request), "send");
		if (i < PIPELINE)
			continue;
		need(recv(s->fd, answer, sizeof(answer), 0) > (ssize_t)sizeof(reply), "recv");
		memcpy(&reply, answer, sizeof(reply));
		need(reply.magic == IOMMUFD_SESSION_MAGIC && reply.code == 0, "answer");
	}
}

static void exchange_packets(int fd)
{
	char packet[64] = "";

	need(send(fd, packet, 32, 0) == 32, "send");
	need(recv(fd, packet, sizeof(packet), 0) == 32, "recv");
}

static void exchange(const struct subject *s)
{
	for (int i = 0; i < PER_ROUND; i++)
		exchange_packets(s->fd);
}

static int connect_bare(const struct subject *s)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	need(fd >= 0 && connect(fd, (const struct sockaddr *)s->bare, sizeof(*s->bare)) == 0,
	     s->bare->sun_path);
	return fd;
}

static void connect_and_exchange(const struct subject *s)
{
	for (int i = 0; i < PER_ROUND; i++) {
		int fd = connect_bare(s);

		exchange_packets(fd);
		close(fd);
	}
}

/* In the place of a shell. */
static void run_command(const struct subject *s)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), status;
	pid_t child = vfork();

	need(child >= 0 && null >= 0, "vfork");
	if (child == 0) {
		dup2(null, STDOUT_FILENO);
		execv(s->words[0], s->words);
		_exit(127);
	}
	need(waitpid(child, &status, 0) == child && status == 0, s->words[0]);
	close(null);
}

/* per: how much one round does. */
static void measure(const struct subject *s, void (*round)(const struct subject *), int rounds, int per,
		    clockid_t other)
{
	uint64_t walls[ROUNDS], own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID), others = nanoseconds(other);

	for (int i = 0; i < rounds; i++) {
		uint64_t start = nanoseconds(CLOCK_MONOTONIC);

		round(s);
		walls[i] = (nanoseconds(CLOCK_MONOTONIC) - start) / (uint64_t)per;
	}
	own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - own;
	others = nanoseconds(other) - others;
	qsort(walls, (size_t)rounds, sizeof(*walls), by_value);
	printf("best=%" PRIu64 "\nwall=%" PRIu64 "\nclient_cpu=%" PRIu64 "\nholder_cpu=%" PRIu64 "\n",
	       walls[0],
	       walls[rounds / 4], own / (uint64_t)(rounds * per), others / (uint64_t)(rounds * per));
}

/* One client after the other, without any ado. */
static void serve_bare(int listener)
{
	char packet[64];
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		while (recv(fd, packet, sizeof(packet), 0) == 32)
			need(send(fd, packet, 32, MSG_NOSIGNAL) == 32, "send");
		close(fd);
	}
	_exit(1);
}

static void measure_bare(const char *path, void (*round)(const struct subject *))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct subject s = { .bare = &address };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	clockid_t clock;
	pid_t child;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	need(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	     listen(listener, 16) == 0, path);
	child = fork();
	need(child >= 0, "fork");
	if (child == 0)
		serve_bare(listener);
	need(clock_getcpuclockid(child, &clock) == 0, "the server's clock");
	if (round == exchange)
		s.fd = connect_bare(&s);
	measure(&s, round, ROUNDS, PER_ROUND, clock);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(path);
}

/* --- many clients -------------------------------------------------------------------------------- */

static int be_client(const char *session, int requests, int start)
{
	char id[16], go;
	int fd;

	need(read(start, &go, 1) == 0, "read"); /* the end of the pipe: all go at once */
	fd = connect_to(session);
	for (int i = 0; i < requests / 2; i++) {
		alloc(fd, id);
		destroy(fd, id);
	}
	close(fd);
	return 0;
}

static void crowd(const char *session, int clients, int requests)
{
	int start[2], status, failures = 0;
	uint64_t begin;

	need(pipe(start) == 0, "pipe");
	for (int i = 0; i < clients; i++) {
		pid_t child = fork();

		need(child >= 0, "fork");
		if (child == 0) {
			close(start[1]);
			_exit(be_client(session, requests, start[0]));
		}
	}
	begin = nanoseconds(CLOCK_MONOTONIC);
	close(start[1]);
	while (wait(&status) > 0)
		failures += status != 0;
	printf("wall=%" PRIu64 "\nfailures=%d\n", nanoseconds(CLOCK_MONOTONIC) - begin, failures);
}

static void fill(const char *session, int n)
{
	int fd = connect_to(session);
	clockid_t holder = clock_of_peer(fd);
	uint64_t start = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) + nanoseconds(holder);

	for (int i = 0; i < n; i++) {
		char name[16];
		const char *words[] = { "ioas", "alloc", "--name", name };
		struct iommufd_session_reply reply;

		snprintf(name, sizeof(name), "ioas-%d", i);
		reply = run(fd, i % 2 ? 4 : 2, words);
		iommufd_session_reply_free(&reply);
	}
	printf("cpu=%" PRIu64 "\n", nanoseconds(CLOCK_PROCESS_CPUTIME_ID) + nanoseconds(holder) - start);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	struct subject s = { 0 };

	if (argc < 3)
		return 2;
	if (strcmp(mode, "bare") == 0 && argc == 3) {
		measure_bare(argv[2], exchange);
	} else if (strcmp(mode, "bare-connects") == 0 && argc == 3) {
		measure_bare(argv[2], connect_and_exchange);
	} else if (strcmp(mode, "crowd") == 0 && argc == 5) {
		crowd(argv[2], atoi(argv[3]), atoi(argv[4]));
	} else if (strcmp(mode, "fill") == 0 && argc == 4) {
		fill(argv[2], atoi(argv[3]));
	} else {
		s.session = argv[2];
		s.fd = connect_to(s.session);
		s.words = argv + 3;
		if (strcmp(mode, "requests") == 0)
			measure(&s, pairs, ROUNDS, PER_ROUND, clock_of_peer(s.fd));
		else if (strcmp(mode, "pipeline") == 0)
			measure(&s, pipeline, ROUNDS, PER_ROUND, clock_of_peer(s.fd));
		else if (strcmp(mode, "connects") == 0)
			measure(&s, connect_and_request, ROUNDS, PER_ROUND, clock_of_peer(s.fd));
		else if (strcmp(mode, "command") == 0 && argc > 3)
			measure(&s, run_command, ROUNDS, 1, clock_of_peer(s.fd));
		else
			return 2;
	}
	return 0;
}
