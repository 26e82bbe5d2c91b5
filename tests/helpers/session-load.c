/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load on a session: many clients at once, clients that stall, clients that are killed. What is checked: no
 * command fails, the holder leaks no fd and no memory, and holds what the kernel holds.
 */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: session-load [OPTION...] SESSION\n"
	"  --clients N     so many at once (1000)\n"
	"  --commands N    so many of each (100)\n"
	"  --stalled N     so many that send one byte and stop (500)\n"
	"  --killed N      so many that are killed (1000)\n"
	"  --device DEV    one that is bound there: a client attaches and detaches it; may be repeated\n"
	"  --verify        only compare what the session holds with what the kernel holds\n";

enum { MAX_DEVICES = 8, STACK = 1 << 19, WAVE = 50, ROUNDS = 21, SETTLE_MS = 10000 };
enum { RSS_PERCENT = 5, STALLED_PERCENT = 150 };

static const char *session;
static const char *devices[MAX_DEVICES];
static size_t n_devices;
static pid_t holder;

/* --- one command ---------------------------------------------------------------------------------- */

static int connect_session(void)
{
	int fd, rc = iommufd_session_connect(session, &fd);

	if (rc < 0)
		die(FAILED, "connect: %s", error_name(rc));
	return fd;
}

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

/* Nothing but success is expected; what it printed to the caller, without its newline. */
static void run(int fd, const char *const *words, char *text, size_t room)
{
	struct iommufd_session_reply reply;
	int rc = iommufd_session_run(fd, 0, count_words(words), words, NULL, 0, &reply);

	if (rc < 0)
		die(FAILED, "%s %s: %s", words[0], words[1] ? words[1] : "", error_name(rc));
	if (reply.code)
		die(FAILED, "%s %s: exit code %d: %.*s", words[0], words[1] ? words[1] : "", reply.code,
		    (int)reply.err_len, reply.err);
	if (text) {
		snprintf(text, room, "%.*s", (int)reply.out_len, reply.out);
		text[strcspn(text, "\n")] = '\0';
	}
	iommufd_session_reply_free(&reply);
}

#define RUN(fd, text, ...) run(fd, (const char *const[]){ __VA_ARGS__, NULL }, text, sizeof(text))
#define DO(fd, ...) run(fd, (const char *const[]){ __VA_ARGS__, NULL }, NULL, 0)

/* --- clients at work --------------------------------------------------------------------------------- */

struct client {
	pthread_t thread;
	pthread_barrier_t *barrier;
	size_t index, commands;
};

static void *work(void *arg)
{
	const struct client *client = arg;
	const char *device = client->index < n_devices ? devices[client->index] : NULL;
	int fd = connect_session();
	char id[32] = "";
	size_t done = 0;

	pthread_barrier_wait(client->barrier); /* all are connected */
	while (done < client->commands) {
		RUN(fd, id, "ioas", "alloc");
		DO(fd, "ioas", "ranges", id);
		if (device) {
			DO(fd, "attach", device, id);
			DO(fd, "detach", device);
		} else {
			DO(fd, "mem", "list");
			DO(fd, "session", "show");
		}
		DO(fd, "destroy", id);
		done += 5;
	}
	close(fd);
	return NULL;
}

/* Seconds that it took, from when all were connected. */
static double run_clients(size_t n, size_t commands)
{
	struct client *clients = calloc(n, sizeof(*clients));
	pthread_barrier_t barrier;
	pthread_attr_t attr;
	double start;

	if (!clients)
		die(FAILED, "no memory");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_barrier_init(&barrier, NULL, (unsigned int)n + 1);
	for (size_t i = 0; i < n; i++) {
		int rc;

		clients[i] = (struct client){ .barrier = &barrier, .index = i, .commands = commands };
		rc = pthread_create(&clients[i].thread, &attr, work, &clients[i]);
		if (rc)
			die(FAILED, "thread %zu: %s", i, error_name(rc));
	}
	pthread_barrier_wait(&barrier);
	start = now();
	for (size_t i = 0; i < n; i++)
		pthread_join(clients[i].thread, NULL);
	pthread_barrier_destroy(&barrier);
	pthread_attr_destroy(&attr);
	free(clients);
	return now() - start;
}

#include "session-probe.h"

/* --- the tests --------------------------------------------------------------------------------- */

static void check(bool good, const char *what)
{
	if (!good)
		die(FAILED, "%s", what);
}

/*
 * Once more where it grew: one block at the end of the holder's heap keeps all that is free below it, or not,
 * from round to round. What leaks makes it grow in both.
 */
static void test_load(size_t clients, size_t commands)
{
	size_t fds = idle_fds(), before, after, left;
	bool grew = true;
	double seconds;

	run_clients(clients, commands); /* warm up */
	settled_fds(fds);
	for (int round = 0; round < 2 && grew; round++) {
		before = rss();
		seconds = run_clients(clients, commands);
		left = settled_fds(fds);
		after = rss();
		printf("load: %zu clients x %zu commands in %.2f s, %.0f a second; fds %zu before, %zu after; "
		       "RSS %zu kB before, %zu kB after\n",
		       clients, commands, seconds, (double)(clients * commands) / seconds, fds, left, before,
		       after);
		check(left == fds, "the holder leaked fds");
		grew = after * 100 > before * (100 + RSS_PERCENT);
	}
	check(!grew, "the holder's memory grew");
}

/* Seconds that the clients took beside so many stalled ones. */
static double run_beside(size_t n, size_t clients, size_t commands)
{
	int *stalled = calloc(n, sizeof(*stalled));
	double seconds;

	check(stalled != NULL, "no memory");
	for (size_t i = 0; i < n; i++) {
		stalled[i] = connect_session();
		check(send(stalled[i], "x", 1, MSG_NOSIGNAL) == 1, "a client cannot send its one byte");
	}
	seconds = run_clients(clients, commands);
	for (size_t i = 0; i < n; i++)
		close(stalled[i]);
	free(stalled);
	return seconds;
}

/* The median of short rounds of two neighbours: a busy machine is not as fast in each second. */
static void test_stalled(size_t n, size_t clients, size_t commands)
{
	size_t fds = idle_fds(), left = fds;
	double ratio[ROUNDS], middle;

	clients = clients < WAVE ? clients : WAVE;
	for (int round = 0; round < ROUNDS; round++) {
		double without = run_clients(clients, commands);

		ratio[round] = run_beside(n, clients, commands) / without;
		left = settled_fds(fds);
	}
	middle = median(ratio, ROUNDS);
	printf("stalled: %zu clients x %zu commands, beside %zu stalled ones in %.2f of the time, %.2f to %.2f; "
	       "fds %zu before, %zu after\n",
	       clients, commands, n, middle, ratio[0], ratio[ROUNDS - 1], fds, left);
	check(left == fds, "the holder leaked fds");
	check(middle * 100 <= STALLED_PERCENT, "stalled clients slow the others");
}

static void work_until_killed(unsigned int seed)
{
	int fd = connect_session();
	char id[32] = "";

	for (;;) {
		if (*id && rand_r(&seed) % 3 == 0) {
			DO(fd, "destroy", id);
			*id = '\0';
		} else if (rand_r(&seed) % 3 == 0) {
			DO(fd, "show");
		} else {
			RUN(fd, id, "ioas", "alloc");
		}
	}
}

static void kill_wave(size_t n, unsigned int *seed)
{
	pid_t pids[WAVE];

	for (size_t i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die(FAILED, "fork: %s", error_name(errno));
		if (pids[i] == 0) {
			work_until_killed(*seed + (unsigned int)i);
			_exit(0);
		}
	}
	for (size_t i = 0; i < n; i++) {
		int status;

		usleep((useconds_t)(rand_r(seed) % 4000));
		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
		check(WIFSIGNALED(status), "a client ended before it was killed");
	}
}

static void test_killed(size_t n)
{
	size_t fds = idle_fds(), left, count;
	unsigned int seed = (unsigned int)time(NULL);
	double start = now();

	for (size_t done = 0; done < n; done += WAVE)
		kill_wave(n - done < WAVE ? n - done : WAVE, &seed);
	left = settled_fds(fds);
	count = verify();
	printf("killed: %zu clients in %.2f s; %zu IOASes in the session and in the kernel; "
	       "fds %zu before, %zu after\n",
	       n, now() - start, count, fds, left);
	check(left == fds, "the holder leaked fds");
	destroy_all();
	check(verify() == 0, "an IOAS is left");
}

int main(int argc, char **argv)
{
	uint64_t clients = 1000, commands = 100, stalled = 500, killed = 1000;
	bool only_verify = false;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(name, "--verify") == 0) {
			only_verify = true;
			continue;
		}
		i++;
		if (strcmp(name, "--device") == 0 && n_devices < MAX_DEVICES)
			devices[n_devices++] = value;
		else if (strcmp(name, "--clients") == 0)
			clients = need_u64(name, value, 10000);
		else if (strcmp(name, "--commands") == 0)
			commands = need_u64(name, value, 1000000);
		else if (strcmp(name, "--stalled") == 0)
			stalled = need_u64(name, value, 10000);
		else if (strcmp(name, "--killed") == 0)
			killed = need_u64(name, value, 100000);
		else
			i = argc;
	}
	if (i != argc - 1) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	session = argv[i];
	raise_fd_limit();
	if (only_verify) {
		verify();
		return finish();
	}
	holder = find_holder();
	if (clients)
		test_load(clients, commands);
	if (stalled)
		test_stalled(stalled, clients, commands);
	if (killed)
		test_killed(killed);
	return finish();
}
