/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service manager of the walk: as tests/helpers/supervisor.c, but that it can refuse, stall and die. */
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "walk.h"

enum { MAX_FDS = 253, FIRST_LISTEN_FD = 3, HIGH_FD = 600, START_LIMIT = 60, CATCH_UP = 5, MESSAGE = 4096 };

static const char *socket_path(const struct walk *w, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/notify", w->dir);
	return address->sun_path;
}

void manager_listen(struct walk *w)
{
	struct sockaddr_un address;
	const char *path = socket_path(w, &address);

	unlink(path);
	w->manager.notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (w->manager.notify < 0 ||
	    bind(w->manager.notify, (struct sockaddr *)&address, sizeof(address)) < 0)
		die(FAILED, "%s: %s", path, error_name(errno));
	setenv("NOTIFY_SOCKET", path, 1);
}

static void store(struct walk *w, const char *name, int fd)
{
	struct manager *m = &w->manager;

	for (size_t i = 0; i < m->n_stored; i++)
		if (syscall(SYS_kcmp, getpid(), getpid(), 0 /* KCMP_FILE */, m->stored[i].fd, fd) == 0) {
			close(fd);
			return;
		}
	if (m->n_stored == m->limit) {
		close(fd);
		return;
	}
	if (m->n_stored == STORED)
		fail(w, "the service manager was given more than %d fds", STORED);
	snprintf(m->stored[m->n_stored].name, sizeof(m->stored->name), "%s", name);
	m->stored[m->n_stored++].fd = fd;
}

static void drop(struct manager *m, const char *name)
{
	for (size_t i = m->n_stored; i-- > 0;)
		if (strcmp(m->stored[i].name, name) == 0) {
			close(m->stored[i].fd);
			m->stored[i] = m->stored[--m->n_stored];
		}
}

int manager_stored(const struct walk *w, const char *name)
{
	for (size_t i = 0; i < w->manager.n_stored; i++)
		if (strcmp(w->manager.stored[i].name, name) == 0)
			return w->manager.stored[i].fd;
	return -1;
}

static void obey(struct walk *w, char *text, const int *fds, size_t n_fds)
{
	bool fdstore = false, barrier = false, remove = false;
	const char *name = "stored";

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		fdstore |= strcmp(line, "FDSTORE=1") == 0;
		remove |= strcmp(line, "FDSTOREREMOVE=1") == 0;
		barrier |= strcmp(line, "BARRIER=1") == 0;
		w->manager.ready |= strcmp(line, "READY=1") == 0;
		if (strncmp(line, "FDNAME=", 7) == 0)
			name = line + 7;
	}
	for (size_t i = 0; i < n_fds; i++)
		if (fdstore && !barrier)
			store(w, name, fds[i]);
		else
			close(fds[i]); /* of a barrier: whoever waits sees it end */
	if (remove)
		drop(&w->manager, name);
}

/* One datagram; false: there is none. */
static bool receive(struct walk *w)
{
	char text[MESSAGE + 1];
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control;
	struct iovec part = { text, MESSAGE };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
				 .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(w->manager.notify, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&header);
	int fds[MAX_FDS];
	size_t n_fds = 0;

	if (n < 0)
		return false;
	text[n] = '\0';
	if (c && c->cmsg_type == SCM_RIGHTS) {
		n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), n_fds * sizeof(int));
	}
	obey(w, text, fds, n_fds);
	return true;
}

/* In the child: the stored fds become 3, 4, 5... First out of the way, then to their places. */
static void pass_fds(const struct manager *m)
{
	char number[16], names[STORED * sizeof(m->stored->name)], *at = names;
	int high[STORED];

	*names = '\0';
	for (size_t i = 0; i < m->n_stored; i++) {
		high[i] = fcntl(m->stored[i].fd, F_DUPFD_CLOEXEC, HIGH_FD);
		at += sprintf(at, "%s%s", i ? ":" : "", m->stored[i].name);
	}
	for (size_t i = 0; i < m->n_stored; i++)
		dup2(high[i], FIRST_LISTEN_FD + (int)i);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof(number), "%zu", m->n_stored);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

/* What it says there when it fails is worth to be seen. */
static void redirect(const struct walk *w)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/holder", w->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

/* Now and then it has room for a few more fds only; and one before systemd 254 does not say for how many. */
static void choose_limit(struct walk *w)
{
	char number[24];

	w->manager.limit = once_in(w, 12) ? w->manager.n_stored + 3 + pick(w, 6) : STORED;
	snprintf(number, sizeof(number), "%zu", w->manager.limit);
	setenv("FDSTORE", number, 1);
	if (once_in(w, 40))
		unsetenv("FDSTORE");
}

static void start(struct walk *w)
{
	struct manager *m = &w->manager;

	choose_limit(w);
	m->ready = false;
	m->holder = fork();
	if (m->holder < 0)
		die(FAILED, "fork: %s", error_name(errno));
	if (m->holder) {
		close(m->pidfd);
		m->pidfd = (int)syscall(SYS_pidfd_open, m->holder, 0);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (m->n_stored)
		pass_fds(m);
	redirect(w);
	setenv("FAKE_KILL", "1", 1);
	execl(w->program, "iommufdctl", "session", "start", w->session, "--foreground", NULL);
	die(FAILED, "%s: %s", w->program, error_name(errno));
}

/* What it does not keep is gone with the holder; who asked for it was told. */
static void note_lost(struct walk *w)
{
	char name[32];

	if (!w->manager.gone)
		journal_read(w);
	for (int i = 0; i < DEVICES; i++) {
		snprintf(name, sizeof(name), "dev-%s", machine[i].cdev);
		w->lost[i] |= w->model.session.devices[i].id && manager_stored(w, name) < 0;
	}
	for (int i = 0; i < MEMORIES; i++)
		w->lost_memory[i] |= w->model.session.memories[i] && !journal_is_kept(w, i);
	journal_note_dead(w);
}

/* What it sent before it died still counts. */
static void reap(struct walk *w)
{
	struct manager *m = &w->manager;
	int status;

	if (waitpid(m->holder, &status, WNOHANG) != m->holder)
		return;
	while (receive(w))
		;
	m->holder = 0;
	if (m->ends)
		return;
	note_lost(w);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail(w, "the session ended, and nobody killed it: status %#x", status);
	w->crashes++;
	w->generation++;
	restore_program(w);
	start(w);
}

void manager_pump(struct walk *w)
{
	while (!w->manager.stalls && receive(w))
		;
	if (w->manager.holder)
		reap(w);
}

void manager_await_ready(struct walk *w)
{
	struct pollfd from = { w->manager.notify, POLLIN, 0 };

	for (double began = now(); !w->manager.ready;) {
		poll(&from, 1, 1);
		manager_pump(w);
		if (now() - began > START_LIMIT)
			fail(w, "the session does not start");
	}
}

void manager_start_holder(struct walk *w)
{
	start(w);
	manager_await_ready(w);
}

static void wait_for_end(struct walk *w)
{
	struct pollfd end = { w->manager.pidfd, POLLIN, 0 };

	if (poll(&end, 1, START_LIMIT * 1000) != 1)
		fail(w, "the session does not end");
}

void manager_kill_holder(struct walk *w)
{
	kill(w->manager.holder, SIGKILL);
	wait_for_end(w);
	manager_pump(w);
}

void manager_stop_holder(struct walk *w)
{
	w->manager.ends = true;
	if (w->manager.holder)
		kill(w->manager.holder, SIGTERM);
	while (w->manager.holder) {
		sleep_ms(1);
		manager_pump(w);
	}
}

void manager_forget(struct walk *w)
{
	for (size_t i = 0; i < w->manager.n_stored; i++)
		close(w->manager.stored[i].fd);
	w->manager.n_stored = 0;
	close(w->manager.notify);
	manager_listen(w);
	w->manager.gone = true;
}

static void wait_for_news(struct walk *w)
{
	struct pollfd from = { w->manager.notify, POLLIN, 0 };

	poll(&from, 1, 100);
	manager_pump(w);
}

static bool is_expected(const struct walk *w, const char *name)
{
	unsigned int serial;

	if (strcmp(name, "iommufd") == 0 || strcmp(name, "socket") == 0 || strcmp(name, "state") == 0)
		return true;
	if (strncmp(name, "dev-", 4) == 0 && device_index(name + 4) >= 0)
		return w->model.session.devices[device_index(name + 4)].id != 0;
	return sscanf(name, "mem-%u", &serial) == 1;
}

/* However often a client maps its own memory, it is one. */
static size_t count_wanted(const struct walk *w)
{
	const struct view *v = &w->model.session;
	size_t n = 3 + journal_has_unnamed(w);

	for (int i = 0; i < DEVICES; i++)
		n += v->devices[i].id != 0;
	for (int i = 0; i < MEMORIES; i++)
		n += v->memories[i] && !w->dead_memory[i];
	return n;
}

/* It keeps what the session has, each once, and nothing else; after a stall not at once. */
void manager_check(struct walk *w)
{
	const struct manager *m = &w->manager;
	size_t n = count_wanted(w);

	manager_pump(w);
	for (double began = now(); m->n_stored < n && m->n_stored < m->limit && now() - began < CATCH_UP;)
		wait_for_news(w);
	for (size_t i = 0; i < m->n_stored; i++)
		if (!is_expected(w, m->stored[i].name))
			fail(w, "the service manager keeps %s", m->stored[i].name);
	if (m->n_stored != n && m->n_stored != m->limit)
		fail(w, "the service manager keeps %zu fds, of %zu", m->n_stored, n);
}
