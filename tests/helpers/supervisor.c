/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small service manager that speaks systemd's protocol: it keeps the fds that its service stores, and
 * starts it again with them when a signal has killed it.
 */
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: supervisor [--ready-file FILE] [--store-max N] [--silent] [--leave] -- CMD [ARG...]\n"
	"Runs CMD, and again whenever a signal kills it, with the fds that it stored. FILE gets a line with\n"
	"its pid and the number of fds that it came with each time it says that it is ready. SIGTERM goes on\n"
	"to CMD; its exit status is the supervisor's. SIGUSR1: list what is stored on stderr.\n"
	"--store-max: it takes no more than N fds. --silent: and does not say so in the environment, as before\n"
	"systemd 254. --leave: CMD outlives it. One that does not read its socket is a supervisor with SIGSTOP.\n";

enum { MAX_STORED = 65536, FIRST_LISTEN_FD = 3, MESSAGE = 4096 };

struct stored {
	char *name;
	int fd;
};

static struct stored stored[MAX_STORED];
static size_t n_stored, store_max = MAX_STORED;
static bool silent, leave;
static const char *ready_file;
static pid_t child;
static size_t n_passed;

static bool is_same_file(int a, int b)
{
	return syscall(SYS_kcmp, getpid(), getpid(), 0 /* KCMP_FILE */, a, b) == 0;
}

static void store(const char *name, int fd)
{
	if (n_stored >= store_max) { /* also one that it has already, as systemd does */
		close(fd);
		return;
	}
	for (size_t i = 0; i < n_stored; i++)
		if (is_same_file(stored[i].fd, fd)) {
			close(fd);
			return;
		}
	stored[n_stored++] = (struct stored){ strdup(name), fd };
}

static void drop(const char *name)
{
	for (size_t i = n_stored; i-- > 0;)
		if (strcmp(stored[i].name, name) == 0) {
			close(stored[i].fd);
			free(stored[i].name);
			stored[i] = stored[--n_stored]; /* the order is not kept, nobody may rely on it */
		}
}

static void say_ready(void)
{
	FILE *file = ready_file ? fopen(ready_file, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "%d %zu\n", (int)child, n_passed);
	fclose(file);
}

struct message {
	bool fdstore, remove, barrier, ready;
	const char *name;
};

static struct message parse(char *text)
{
	struct message m = { .name = "stored" };

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		m.fdstore |= strcmp(line, "FDSTORE=1") == 0;
		m.remove |= strcmp(line, "FDSTOREREMOVE=1") == 0;
		m.barrier |= strcmp(line, "BARRIER=1") == 0;
		m.ready |= strcmp(line, "READY=1") == 0;
		if (strncmp(line, "FDNAME=", 7) == 0)
			m.name = line + 7;
	}
	return m;
}

/* One datagram; false: there is none. */
static bool receive(int notify)
{
	char text[MESSAGE + 1];
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(253 * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec part = { text, MESSAGE };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(notify, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[253];
	size_t n_fds = 0;
	pid_t from = 0;
	struct message m;

	if (n < 0)
		return false;
	text[n] = '\0';
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_type == SCM_RIGHTS) {
			n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(fds, CMSG_DATA(c), n_fds * sizeof(int));
		} else if (c->cmsg_type == SCM_CREDENTIALS) {
			from = ((struct ucred *)(void *)CMSG_DATA(c))->pid;
		}
	}
	m = parse(text);
	for (size_t i = 0; i < n_fds; i++)
		if (from == child && m.fdstore && !m.barrier)
			store(m.name, fds[i]);
		else
			close(fds[i]); /* of a barrier: whoever waits sees it end */
	if (from == child && m.remove)
		drop(m.name);
	if (from == child && m.ready)
		say_ready();
	return true;
}

static char *join_names(void)
{
	size_t len = 1;
	char *names, *at;

	for (size_t i = 0; i < n_stored; i++)
		len += strlen(stored[i].name) + 1;
	names = at = malloc(len);
	if (!names)
		die(FAILED, "no memory");
	*at = '\0';
	for (size_t i = 0; i < n_stored; i++)
		at += sprintf(at, "%s%s", i ? ":" : "", stored[i].name);
	return names;
}

/* In the child: the stored fds become 3, 4, 5... First out of the way, then to their places. */
static void pass_fds(void)
{
	char number[16], *names = join_names();
	int *high = calloc(n_stored + 1, sizeof(*high));

	for (size_t i = 0; i < n_stored; i++) {
		high[i] = fcntl(stored[i].fd, F_DUPFD_CLOEXEC, FIRST_LISTEN_FD + (int)n_stored);
		if (high[i] < 0)
			die(FAILED, "dup: %s", error_name(errno));
	}
	for (size_t i = 0; i < n_stored; i++)
		dup2(high[i], FIRST_LISTEN_FD + (int)i);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof(number), "%zu", n_stored);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	free(names);
}

static void tell_limit(void)
{
	char number[24];

	if (silent || !store_max)
		return;
	snprintf(number, sizeof(number), "%zu", store_max);
	setenv("FDSTORE", number, 1);
}

static void start(char **words)
{
	n_passed = n_stored;
	child = fork();
	if (child < 0)
		die(FAILED, "fork: %s", error_name(errno));
	if (child)
		return;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!leave)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	tell_limit();
	if (n_stored)
		pass_fds();
	execvp(words[0], words);
	die(FAILED, "%s: %s", words[0], error_name(errno));
}

static int listen_notify(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/supervisor-%d", (int)getpid());
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		die(FAILED, "%s: %s", address.sun_path, error_name(errno));
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	return fd;
}

/* true: the service ended for good, with *ret. What it sent before it died still counts. */
static bool reap(int notify, int *ret)
{
	int status;

	if (waitpid(child, &status, WNOHANG) != child)
		return false;
	while (receive(notify))
		;
	child = 0;
	*ret = WEXITSTATUS(status);
	return !WIFSIGNALED(status);
}

static void handle_signal(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
		kill(child, SIGTERM);
	for (size_t i = 0; i < n_stored && info.ssi_signo == SIGUSR1; i++)
		fprintf(stderr, "stored: %s\n", stored[i].name);
}

static int supervise(int notify, int signals, char **words)
{
	struct pollfd fds[2] = { { notify, POLLIN, 0 }, { signals, POLLIN, 0 } };
	bool timed_out;
	int code;

	for (;;) {
		if (!child)
			start(words);
		timed_out = poll(fds, 2, 1000) == 0;
		while (receive(notify))
			;
		if (fds[1].revents)
			handle_signal(signals);
		if (reap(notify, &code))
			return code;
		if (timed_out && !child)
			fputs("supervisor: a death without a signal\n", stderr);
	}
}

/* How many words are options. */
static int parse_options(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (i + 1 < argc && strcmp(argv[i], "--ready-file") == 0)
			ready_file = argv[++i];
		else if (i + 1 < argc && strcmp(argv[i], "--store-max") == 0)
			store_max = strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--silent") == 0)
			silent = true;
		else if (strcmp(argv[i], "--leave") == 0)
			leave = true;
		else
			break;
	}
	return i;
}

int main(int argc, char **argv)
{
	sigset_t mask;
	int notify, signals, i = parse_options(argc, argv), code;

	if (i + 1 >= argc || strcmp(argv[i], "--") != 0) {
		fputs(usage_text, stderr);
		return USAGE;
	}
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	notify = listen_notify();
	code = supervise(notify, signals, argv + i + 1);
	unlink(getenv("NOTIFY_SOCKET"));
	return code;
}
