/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A session goes on in a new process: after a restart by request, or a crash under a service manager. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"
#include "session.h"

static void pass(void *journal, const char *name, int fd)
{
	char line[FDNAME_LENGTH + 32];

	snprintf(line, sizeof(line), "F %s %d", name, fd);
	journal_line(journal, line);
	inherit(fd);
}

static void pass_connection(struct journal *journal, int fd)
{
	char line[32];

	snprintf(line, sizeof(line), "C %d", fd);
	journal_line(journal, line);
	inherit(fd);
}

/* Every fd loses close-on-exec and has its number written down. */
static void pass_all(struct holder *h, struct journal *journal, const struct client *asking)
{
	size_t n = 1;

	pass(journal, "iommufd", h->ctx.iommufd);
	pass(journal, "socket", h->listener);
	journal_each_fd(&h->ctx, pass, journal);
	pass_connection(journal, asking->fd);
	/* One that has not taken its answer yet is not waited for: it sees the connection end. */
	for (const struct client *c = h->clients; c && n < MAX_CONNECTIONS; c = c->next)
		if (c != asking && !c->answering) {
			pass_connection(journal, c->fd);
			n++;
		}
	inherit(journal->fd);
}

static void keep_back(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void keep_one_back(void *arg, const char *name, int fd)
{
	(void)arg;
	(void)name;
	keep_back(fd);
}

static void keep_all_back(const struct holder *h, const struct journal *journal)
{
	keep_back(h->ctx.iommufd);
	keep_back(h->listener);
	keep_back(journal->fd);
	journal_each_fd(&h->ctx, keep_one_back, NULL);
	for (const struct client *c = h->clients; c; c = c->next)
		keep_back(c->fd);
}

static bool is_handing_over(const struct holder *h)
{
	for (const struct client *c = h->clients; c; c = c->next)
		if (c->n_moving)
			return true;
	return false;
}

int holder_restart(struct holder *h, const struct call *call, const struct client *asking)
{
	struct journal fresh, *journal = h->ctx.journal;
	char fd[16];
	const char *words[] = { h->program, "session", "start", h->name, "--foreground", "--resume", fd,
			       NULL };
	int error;

	if (is_handing_over(h))
		return msg_fail(call->output, h->name, "devices are being handed over: try again (EBUSY)");
	if (!journal) {
		journal = &fresh;
		*journal = (struct journal){ 0 };
		if (journal_open(journal, &h->ctx) < 0)
			return msg_fail_errno(call->output, h->name, errno);
	}
	pass_all(h, journal, asking);
	snprintf(fd, sizeof(fd), "%d", journal->fd);
	if (!journal->failed)
		execvp(h->program, (char *const *)words);
	error = journal->failed ? ENOMEM : errno;
	keep_all_back(h, journal);
	if (journal == &fresh)
		close(fresh.fd);
	msg_fail_errno(call->output, h->program, error);
	return EXIT_FAILED;
}

/* The numbers that pass() wrote. */
static int passed_fd(void *arg, const char *name)
{
	struct record record;
	int fd = -1;
	uint32_t number;

	for (const char *line = arg, *end; (end = strchr(line, '\n')); line = end + 1) {
		size_t len = (size_t)(end - line);

		if (*line != 'F' || journal_split(line, len, &record) < 0 || record.count != 3)
			continue;
		if (strcmp(record.words[1], name) == 0 && parse_u32(record.words[2], &number))
			fd = (int)number; /* the last one counts: an earlier restart may have failed */
	}
	if (fd >= 0)
		keep_back(fd);
	return fd;
}

int holder_resume(struct holder *h, const struct call *call, int fd, bool restarted, int *connections,
		  size_t *ret_n)
{
	struct call held = *call;
	struct journal journal = { 0 };
	find_fd_fn *find = restarted ? passed_fd : keeper_listen_fd;
	char *text;
	int rc;

	held.ctx = &h->ctx;
	if (journal_resume(&journal, fd) < 0 || !(text = journal_read(&journal)))
		return msg_fail(call->output, h->name, "what was left is no state of a session");
	h->ctx.iommufd = find(text, "iommufd");
	h->listener = find(text, "socket");
	rc = h->ctx.iommufd < 0 ? -ENOENT
				: journal_restore(&held, &journal, find, text, connections,
						  restarted ? MAX_CONNECTIONS : 0, ret_n);
	free(text);
	if (rc < 0)
		return msg_fail_errno(call->output, h->name, rc);
	for (size_t i = 0; i < *ret_n; i++)
		keep_back(connections[i]);
	keep_back(fd);
	if (h->keeper.socket >= 0)
		h->keeper.journal = journal;
	else
		close(fd);
	return EXIT_DONE;
}
