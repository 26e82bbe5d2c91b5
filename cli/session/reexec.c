/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/reexec.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context/fds.h"
#include "persist/listen.h"
#include "persist/replay.h"
#include "session/charge.h"
#include "session/handover.h"
#include "util/io.h"

#define CAN_RESUME "the session can go on" /* the answer to --check */

enum { CHECK_TIMEOUT = 5000 };

static void pass_fd(struct journal *journal, const char *name, int fd, bool stored)
{
	journal_line(journal, "F %s %d %d\n", name, fd, stored);
	fd_inherit(fd);
}

static void pass(void *journal, const struct object *object, const char *name, int fd)
{
	pass_fd(journal, name, fd, object->stored || !object->to_store);
}

static void pass_connection(struct journal *journal, int fd)
{
	journal_line(journal, "C %d\n", fd);
	fd_inherit(fd);
}

/* Every fd loses close-on-exec and has its number written down. */
static void pass_all(struct holder *h, struct journal *journal, const struct client *asking)
{
	const struct client *c;
	size_t n = 1;

	pass_fd(journal, IOMMUFD_WORD, h->ctx.iommufd, h->store.own[OWN_IOMMUFD].stored);
	pass_fd(journal, "socket", h->listener, h->store.own[OWN_SOCKET].stored);
	pass_fd(journal, "state", journal->fd, h->store.own[OWN_STATE].stored);
	context_each_fd(&h->ctx, pass, journal);
	pass_connection(journal, asking->reply.socket);
	/* One that has not taken its answer yet is not waited for: it sees the connection end. */
	LIST_FOREACH(c, &h->clients, link)
		if (c != asking && !c->reply.sending && !c->job && n < MAX_CONNECTIONS) {
			pass_connection(journal, c->reply.socket);
			n++;
		}
}

static void keep_one_back(void *arg, const struct object *object, const char *name, int fd)
{
	(void)arg, (void)object, (void)name;
	fd_keep_back(fd);
}

static void keep_all_back(const struct holder *h, const struct journal *journal)
{
	const struct client *c;

	fd_keep_back(h->ctx.iommufd);
	fd_keep_back(h->listener);
	fd_keep_back(journal->fd);
	context_each_fd(&h->ctx, keep_one_back, NULL);
	LIST_FOREACH(c, &h->clients, link)
		fd_keep_back(c->reply.socket);
}

static bool is_handing_over(const struct holder *h)
{
	const struct client *c;

	LIST_FOREACH(c, &h->clients, link)
		for (size_t i = 0; i < c->n_moving; i++)
			if (device_by_serial(&h->ctx, c->moving[i]))
				return true;
	return false;
}

/* Become the program, which goes on with the journal. Not execvp(): a text is no program of a shell's. */
static void exec_holder(const struct holder *h, const char *journal, const char *option, const char *value)
{
	const char *const words[] = { h->program, "session", "start", h->name, "--foreground", "--resume",
				      journal, option, value, NULL };

	execv(h->program, (char *const *)words);
}

/* The rest of the process that asks the program whether it could go on. */
static void ask_program(const struct holder *h, int answer, const char *journal)
{
	char why[128];

	dup2(answer, STDOUT_FILENO);
	dup2(answer, STDERR_FILENO);
	exec_holder(h, journal, "--check", NULL);
	snprintf(why, sizeof(why), "%s (%s)", strerror(errno), iommufd_error_name(errno));
	write_all(answer, why, strlen(why));
	_exit(EXIT_NOT_EXECUTABLE);
}

/* What comes from there until it ends, or the time is over; one line of it. false: the time is over. */
static bool read_answer(int from, char *answer, size_t room)
{
	struct pollfd pollfd = { .fd = from, .events = POLLIN };
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len + 1 < room && poll(&pollfd, 1, CHECK_TIMEOUT) > 0) {
		n = read(from, answer + len, room - len - 1);
		len += n > 0 ? (size_t)n : 0;
	}
	answer[len] = '\0';
	answer[strcspn(answer, "\n")] = '\0';
	return n == 0;
}

/* Why the program cannot go on with this session, "": it can. */
static void judge(bool in_time, int status, char *answer, size_t room)
{
	if (!in_time)
		snprintf(answer, room, "it does not answer (ETIMEDOUT)");
	else if (WIFSIGNALED(status))
		snprintf(answer, room, "it was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == EXIT_DONE && strcmp(answer, CAN_RESUME) == 0)
		*answer = '\0';
	else if (!*answer || WEXITSTATUS(status) == EXIT_DONE)
		snprintf(answer, room, "it is no " PROGRAM " that knows how to go on");
}

/* A program that cannot go on is found out while this one still can. An exit code, with its message. */
static int check_program(const struct holder *h, const struct output *output, const char *journal)
{
	char answer[256];
	int ends[2], status = 0;
	bool in_time;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return msg_fail_errno(output, h->program, errno);
	child = fork();
	if (child == 0)
		ask_program(h, ends[1], journal);
	close(ends[1]);
	in_time = child < 0 || read_answer(ends[0], answer, sizeof(answer));
	close(ends[0]);
	if (child < 0)
		return msg_fail_errno(output, h->program, errno);
	if (!in_time)
		kill(child, SIGKILL);
	if (TEMP_FAILURE_RETRY(waitpid(child, &status, 0)) < 0)
		status = 0; /* whoever started this process ignores its children: the answer counts */
	judge(in_time, status, answer, sizeof(answer));
	return *answer ? msg_fail(output, h->program, "%s", answer) : EXIT_DONE;
}

/* The program that runs here, whatever lies at its path now: -1 with a message. */
static int open_self(const struct output *output)
{
	int fd = openat(AT_FDCWD, "/proc/self/exe", O_PATH | O_CLOEXEC);

	if (fd < 0)
		msg_fail_errno(output, "/proc/self/exe", errno);
	return fd;
}

/* With all fds written down. Returns only when it failed, with its message. */
static int reexec(struct holder *h, const struct output *output, struct journal *journal)
{
	struct keeper keeper = { .fd = -1 };
	char journal_fd[16], back_fd[16];
	int rc, back;

	if (journal->failed)
		return msg_fail_errno(output, h->name, ENOMEM);
	snprintf(journal_fd, sizeof(journal_fd), "%d", journal->fd);
	rc = check_program(h, output, journal_fd);
	back = rc ? -1 : open_self(output);
	if (back < 0)
		return EXIT_FAILED;
	snprintf(back_fd, sizeof(back_fd), "%d", back);
	fd_inherit(back);
	rc = charge_keep(&h->ctx, &keeper);
	if (keeper.pid) {
		pass_fd(journal, "charge", keeper.fd, false);
		journal_line(journal, "K %d\n", (int)keeper.pid);
	}
	if (rc == 0) {
		exec_holder(h, journal_fd, "--back", back_fd);
		rc = -errno;
	}
	rc = msg_fail_errno(output, h->program, rc);
	charge_let_go(&keeper);
	close(back);
	return rc;
}

int holder_reexec(struct holder *h, const struct output *output, const struct client *asking)
{
	struct journal fresh = { .fd = -1 }, *journal = journal_of(&h->ctx);
	uint64_t end;
	int rc;

	if (is_handing_over(h))
		return msg_fail(output, h->name, "devices are being handed over: try again (EBUSY)");
	/* What it was not told would be forgotten. */
	if (h->store.notify.stalled)
		return msg_fail(output, h->name, "the service manager does not answer: try again (EBUSY)");
	if (!journal) {
		journal = &fresh;
		if (journal_open(journal, &h->ctx) < 0)
			return msg_fail_errno(output, h->name, errno);
	}
	end = journal->end;
	pass_all(h, journal, asking);
	rc = reexec(h, output, journal);
	keep_all_back(h, journal);
	journal_cut(journal, end);
	if (journal == &fresh)
		close(fresh.fd);
	return rc;
}

/* The fd of a record, "F NAME FD STORED" or "C FD". Not sscanf(), which measures all that follows. */
static int recorded_fd(const char *record, char **ret_behind)
{
	const char *at = record + 1;

	if (*record == 'F')
		at += 1 + strcspn(at + 1, " \n");
	return (int)strtol(at, ret_behind, 10);
}

static int kept_by_record(struct kept_fds *kept, const char *record)
{
	char *behind;
	int fd = recorded_fd(record, &behind);

	return kept_add(kept, record + 2, strcspn(record + 2, " \n"), fd, strtol(behind, NULL, 10) != 0);
}

/* What pass() wrote. 0, or -errno. */
static int passed_fds(const struct journal *journal, struct kept_fds *ret)
{
	char *text = journal_read(journal);
	int rc = text ? 0 : -EIO;

	for (const char *line = text, *end; rc == 0 && (end = strchr(line, '\n')); line = end + 1)
		if (*line == 'F')
			rc = kept_by_record(ret, line);
	free(text);
	return rc;
}

static int find_own(struct holder *h, const struct kept_fds *kept, const char *name, int which)
{
	bool stored = false;
	int fd = kept_find(kept, name, &stored);

	h->store.own[which].stored = fd >= 0 && stored;
	return fd;
}

/*
 * What the journal at fd says becomes the context. kept: what a service manager kept, NULL: the journal has
 * the numbers. An exit code, with its message.
 */
static int replay(struct holder *h, struct replay *r, int fd, const struct kept_fds *kept,
		  struct journal *journal)
{
	struct kept_fds passed = { NULL };
	bool stored;
	int rc = 0;

	if (iommufd_fd_kind(fd) != IOMMUFD_FD_STREAM || journal_resume(journal, fd) < 0)
		return msg_fail(r->output, h->name, "what was left is no state of a session");
	if (!kept)
		rc = passed_fds(journal, &passed);
	r->kept = kept ?: &passed;
	r->crashed = kept;
	h->ctx.iommufd = find_own(h, r->kept, IOMMUFD_WORD, OWN_IOMMUFD);
	h->listener = find_own(h, r->kept, "socket", OWN_SOCKET);
	find_own(h, r->kept, "state", OWN_STATE);
	h->keeper_fd = kept_find(r->kept, "charge", &stored);
	if (rc == 0)
		rc = h->ctx.iommufd < 0 ? -ENOENT : journal_replay(r, journal);
	kept_free(&passed);
	r->kept = NULL;
	return rc < 0 ? msg_fail_errno(r->output, h->name, rc) : EXIT_DONE;
}

int holder_resume(struct holder *h, const struct output *output, int fd, const struct kept_fds *kept,
		  int *connections, size_t *ret_n)
{
	struct journal journal = { .fd = -1 };
	struct replay r = { .ctx = &h->ctx, .output = output, .clients = connections,
			    .max_clients = kept ? 0 : MAX_CONNECTIONS };
	int rc = replay(h, &r, fd, kept, &journal);

	if (rc)
		return rc;
	h->keeper = r.keeper;
	replay_reconcile(&r);
	*ret_n = r.n_clients;
	for (size_t i = 0; i < r.n_clients; i++)
		fd_keep_back(connections[i]);
	fd_keep_back(fd);
	h->store.journal = journal;
	return EXIT_DONE;
}

int holder_check_resume(struct holder *h, const struct output *output, int fd)
{
	struct journal journal = { .fd = -1 };
	struct replay r = { .ctx = &h->ctx, .output = output };
	int rc = replay(h, &r, fd, NULL, &journal);

	if (rc || r.n_lost)
		return rc ?: EXIT_FAILED;
	buf_str(output->out, CAN_RESUME "\n");
	return EXIT_DONE;
}

void holder_go_back(const struct holder *h, int fd, int back, const char *why)
{
	char number[16];
	const char *const words[] = { PROGRAM, "session", "start", h->name, "--foreground", "--resume", number,
				      "--why", why, NULL };
	struct journal journal;
	char *text = journal_resume(&journal, fd) == 0 ? journal_read(&journal) : NULL;

	for (const char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1)
		if (*line == 'F' || *line == 'C')
			fd_inherit(recorded_fd(line, NULL));
	fd_inherit(fd);
	snprintf(number, sizeof(number), "%d", fd);
	fexecve(back, (char *const *)words, environ);
	free(text);
}
