/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is large in a session, and what it costs: a restart that takes much along, answers that nobody reads.
 * Beside the session nothing else uses its holder.
 */
#include <dirent.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: session-large SESSION restart N   with N memories it takes not much more than in proportion\n"
	"       session-large SESSION unread N    N clients that do not read what is shown of many memories\n"
	"       session-large SESSION wait MS     no large command of another client is waited for so long\n"
	"       session-large verbs               those whose commands may be large\n";

enum { SETTLE_MS = 10000, TIMES = 3 };

static const char *session;
static pid_t holder;

static int connect_session(void)
{
	int fd, rc = iommufd_session_connect(session, &fd);

	if (rc < 0)
		die(FAILED, "connect: %s", error_name(rc));
	return fd;
}

/* Nothing but success is expected. */
static void run(int fd, const char *const *words, size_t n)
{
	struct iommufd_session_reply reply;
	int rc = iommufd_session_run(fd, 0, n, words, NULL, 0, &reply);

	if (rc < 0)
		die(FAILED, "%s %s: %s", words[0], words[1], error_name(rc));
	if (reply.code)
		die(FAILED, "%s %s: exit code %d: %.*s", words[0], words[1], reply.code, (int)reply.err_len,
		    reply.err);
	iommufd_session_reply_free(&reply);
}

#define DO(fd, ...) \
	run(fd, (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *))

#include "session-probe.h"

static void make_memories(int fd, size_t from, size_t to)
{
	char name[64];

	for (size_t i = from; i < to; i++) {
		snprintf(name, sizeof(name), "memory-%050zu", i);
		DO(fd, "mem", "create", name, "4K");
	}
}

/* --- restart ------------------------------------------------------------------------------------------- */

/* Seconds: the shortest of some, as a busy machine makes each of them longer. */
static double time_restart(int fd)
{
	double best = 0;

	for (int i = 0; i < TIMES; i++) {
		double start = now(), took;

		DO(fd, "session", "restart");
		took = now() - start;
		best = i && best < took ? best : took;
	}
	return best;
}

/* Eight times as much: what is linear takes up to 8 times as long, what is quadratic 64 times. */
static void test_restart(size_t n)
{
	enum { TIMES_MORE = 8, MOST = 24 };
	int fd = connect_session();
	double few, many;

	make_memories(fd, 0, n / TIMES_MORE);
	few = time_restart(fd);
	make_memories(fd, n / TIMES_MORE, n);
	many = time_restart(fd);
	printf("restart: %zu memories in %.3f s, %zu in %.3f s\n", n / TIMES_MORE, few, n, many);
	close(fd);
	if (many > few * MOST)
		die(FAILED, "a restart takes %.0f times as long with %d times as much", many / few, TIMES_MORE);
}

/* --- answers that nobody reads ----------------------------------------------------------------------- */

static void send_and_forget(int fd, const char *word)
{
	struct {
		struct iommufd_session_request_header header;
		char text[64];
	} packet = { .header = { .magic = IOMMUFD_SESSION_MAGIC, .protocol = IOMMUFD_SESSION_PROTOCOL,
				 .argc = 1 } };
	const size_t len = strlen(word) + 1;

	memcpy(packet.text, word, len);
	if (send(fd, &packet, sizeof(packet.header) + len, MSG_NOSIGNAL) < 0)
		die(FAILED, "send: %s", error_name(errno));
}

/* When it does not grow any more: all that was sent has been served. */
static size_t settled_rss(void)
{
	return settled(rss, 50);
}

/* As man iommufdctl-session(1) says, and what the holder has besides. */
static void test_unread(size_t n)
{
	enum { MEMORIES = 10000, BOUND_KB = 128 << 10, BESIDE_KB = 32 << 10 };
	int fd = connect_session(), *clients = calloc(n, sizeof(*clients));
	size_t before, after;

	if (!clients)
		die(FAILED, "no memory");
	make_memories(fd, 0, MEMORIES);
	before = rss();
	for (size_t i = 0; i < n; i++) {
		clients[i] = connect_session();
		send_and_forget(clients[i], "show");
	}
	after = settled_rss();
	printf("unread: %zu answers; RSS %zu kB before, %zu kB after\n", n, before, after);
	for (size_t i = 0; i < n; i++)
		close(clients[i]);
	free(clients);
	DO(fd, "show");
	close(fd);
	if (after > before + BOUND_KB + BESIDE_KB)
		die(FAILED, "answers that nobody reads have no bound");
}

/* --- waiting for others --------------------------------------------------------------------------------- */

/* Each verb whose commands can be large, with one that is, for a kernel that takes 1 ms for a call. */
static const struct {
	const char *verb, *command; /* command: of a shell */
} large[] = {
	{ "mem list", "iommufdctl mem list >/dev/null" },
	{ "mem write", "head -c 64M /dev/zero | iommufdctl mem write big 0 -" },
	{ "mem read", "iommufdctl mem read big 0 64M >/dev/null" },
	{ "ioas map", "iommufdctl ioas map a big --iova 1G --length 12M --piece 4K >/dev/null" },
	{ "show", "iommufdctl show >/dev/null" },
	{ "ioas unmap", "iommufdctl ioas unmap a --all" },
	{ "destroy", "iommufdctl destroy $(for i in $(seq 400); do iommufdctl ioas alloc; done)" },
	{ "hwpt dirty", "iommufdctl hwpt dirty read 99999 0 1T >/dev/null" },
};
enum { N_LARGE = sizeof(large) / sizeof(*large) };

static pid_t start_command(const char *command)
{
	pid_t pid = fork();

	if (pid == 0) {
		setenv("IOMMUFDCTL_SESSION", session, 1);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	if (pid < 0)
		die(FAILED, "fork: %s", error_name(errno));
	return pid;
}

/* The longest time, in ms, that another client waits for a short answer while the command is executed. */
static double longest_wait(int fd, const char *command)
{
	pid_t pid = start_command(command);
	double longest = 0;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		double start = now();

		DO(fd, "session", "show");
		longest = now() - start > longest ? now() - start : longest;
		sleep_ms(1);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die(FAILED, "%s: exit status %d", command, WEXITSTATUS(status));
	return longest * 1000;
}

/* How many of the best times are too long. */
static int count_bad(const double *best, double most)
{
	int bad = 0;

	for (size_t i = 0; i < N_LARGE; i++)
		bad += best[i] > most;
	return bad;
}

/* Once more where it was long: a busy machine has everybody wait now and then, such a command each time. */
static void test_wait(double most)
{
	enum { ROUNDS = 10 };
	int fd = connect_session(), bad = N_LARGE;
	double best[N_LARGE];

	make_memories(fd, 0, 10000);
	DO(fd, "mem", "create", "big", "64M");
	DO(fd, "ioas", "alloc", "--name", "a");
	for (int round = 0; round < ROUNDS && bad; round++) {
		for (size_t i = 0; i < N_LARGE; i++) {
			double ms = longest_wait(fd, large[i].command);

			best[i] = round && best[i] < ms ? best[i] : ms;
		}
		bad = count_bad(best, most);
	}
	for (size_t i = 0; i < N_LARGE; i++)
		printf("wait: %s: %.1f ms\n", large[i].verb, best[i]);
	close(fd);
	if (bad)
		die(FAILED, "%d commands make another client wait for more than %.0f ms", bad, most);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "verbs") == 0) {
		for (size_t i = 0; i < N_LARGE; i++)
			puts(large[i].verb);
		return finish();
	}
	if (argc != 4) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	session = argv[1];
	raise_fd_limit();
	holder = find_holder();
	if (strcmp(argv[2], "restart") == 0)
		test_restart(need_u64("N", argv[3], 1 << 20));
	else if (strcmp(argv[2], "unread") == 0)
		test_unread(need_u64("N", argv[3], 4096));
	else if (strcmp(argv[2], "wait") == 0)
		test_wait((double)need_u64("MS", argv[3], 10000));
	else
		die(USAGE, "%s", usage_text);
	return finish();
}
