/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/reexec.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context/fds.h"
#include "persist/replay.h"
#include "session/handover.h"

static void pass(void *journal, const char *name, int fd)
{
	journal_line(journal, "F %s %d\n", name, fd);
	fd_inherit(fd);
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

	pass(journal, "iommufd", h->ctx.iommufd);
	pass(journal, "socket", h->listener);
	context_each_fd(&h->ctx, pass, journal);
	pass_connection(journal, asking->reply.socket);
	/* One that has not taken its answer yet is not waited for: it sees the connection end. */
	LIST_FOREACH(c, &h->clients, link)
		if (c != asking && !c->reply.sending && n < MAX_CONNECTIONS) {
			pass_connection(journal, c->reply.socket);
			n++;
		}
	fd_inherit(journal->fd);
}

static void keep_one_back(void *arg, const char *name, int fd)
{
	(void)arg;
	(void)name;
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
		if (c->n_moving)
			return true;
	return false;
}

int holder_reexec(struct holder *h, const struct output *output, const struct client *asking)
{
	struct journal fresh = { .fd = -1 }, *journal = journal_of(&h->ctx);
	char fd[16];
	const char *words[] = { h->program, "session", "start", h->name, "--foreground", "--resume", fd,
				NULL };
	int error;

	if (is_handing_over(h))
		return msg_fail(output, h->name, "devices are being handed over: try again (EBUSY)");
	if (!journal) {
		journal = &fresh;
		if (journal_open(journal, &h->ctx) < 0)
			return msg_fail_errno(output, h->name, errno);
	}
	pass_all(h, journal, asking);
	snprintf(fd, sizeof(fd), "%d", journal->fd);
	if (!journal->failed)
		execvp(h->program, (char *const *)words);
	error = journal->failed ? ENOMEM : errno;
	keep_all_back(h, journal);
	if (journal == &fresh)
		close(fresh.fd);
	return msg_fail_errno(output, h->program, error);
}

/* The numbers that pass() wrote. */
static int passed_fd(void *arg, const char *name)
{
	char record[FDNAME_LENGTH + 8];
	int fd = -1, len = snprintf(record, sizeof(record), "F %s ", name);

	/* The last one counts: an earlier restart may have failed. */
	for (const char *line = arg, *end; (end = strchr(line, '\n')); line = end + 1)
		if (strncmp(line, record, (size_t)len) == 0)
			sscanf(line + len, "%d", &fd);
	if (fd >= 0)
		fd_keep_back(fd);
	return fd;
}

int holder_resume(struct holder *h, const struct output *output, int fd, bool restarted, int *connections,
		  size_t *ret_n)
{
	struct journal journal = { .fd = -1 };
	find_fd_fn *find = restarted ? passed_fd : fdstore_listen_fd;
	char *text;
	int rc = -ENOENT;

	if (journal_resume(&journal, fd) < 0 || !(text = journal_read(&journal)))
		return msg_fail(output, h->name, "what was left is no state of a session");
	h->ctx.iommufd = find(text, "iommufd");
	h->listener = find(text, "socket");
	if (h->ctx.iommufd >= 0)
		rc = journal_replay(&h->ctx, output, &journal, find, text, connections,
				    restarted ? MAX_CONNECTIONS : 0, ret_n);
	free(text);
	if (rc < 0)
		return msg_fail_errno(output, h->name, rc);
	for (size_t i = 0; i < *ret_n; i++)
		fd_keep_back(connections[i]);
	fd_keep_back(fd);
	if (h->store.socket >= 0)
		h->store.journal = journal;
	else
		close(fd);
	return EXIT_DONE;
}
