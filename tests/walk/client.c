/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to the session. While one waits for an answer the service manager goes on. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "walk.h"

enum { LIMIT = 60 };

/* A connection to a holder that was killed is none any more. */
int client_connect(struct walk *w, int i)
{
	if (w->generations[i] != w->generation)
		client_close(w, i);
	w->generations[i] = w->generation;
	return w->clients[i] >= 0 ? 0 : iommufd_session_connect(w->session, &w->clients[i]);
}

void client_close(struct walk *w, int i)
{
	if (w->clients[i] >= 0)
		close(w->clients[i]);
	w->clients[i] = -1;
}

void wait_for(struct walk *w, int fd)
{
	for (double began = now(); now() - began < LIMIT;) {
		struct pollfd fds[] = {
			{ fd, POLLIN, 0 }, { w->manager.pidfd, POLLIN, 0 }, { w->manager.notify, POLLIN, 0 },
		};

		poll(fds, w->manager.stalls ? 2 : 3, 1000);
		if (fds[0].revents)
			return;
		manager_pump(w);
	}
	fail(w, "no answer within %d s", LIMIT);
}

int client_send(struct walk *w, int i, const struct command *c, unsigned int flags)
{
	struct iommufd_session_request_header header = {
		.magic = IOMMUFD_SESSION_MAGIC, .protocol = IOMMUFD_SESSION_PROTOCOL,
		.flags = (uint16_t)flags, .argc = (uint32_t)c->n, .fds = c->fd_word != 0,
	};
	uint32_t index = (uint32_t)c->fd_word;
	struct iommufd_session_part parts[] = {
		{ &header, sizeof(header) }, { &index, header.fds * sizeof(index) }, { (void *)c->text, 0 },
	};
	int rc = client_connect(w, i);

	if (c->n)
		parts[2].len = (size_t)(c->words[c->n - 1] - c->text) + strlen(c->words[c->n - 1]) + 1;
	if (rc == 0)
		rc = iommufd_session_send_packet(w->clients[i], parts, 3, &w->memory_fd, header.fds, 0);
	return rc;
}

/* 1: there will be more */
static int receive_packet(struct walk *w, int i, struct answer *a)
{
	struct iommufd_session_reply_header header;
	char body[IOMMUFD_SESSION_PACKET];
	const struct iommufd_session_part parts[] = { { &header, sizeof(header) }, { body, sizeof(body) } };
	int fds[IOMMUFD_SESSION_FDS], len;
	size_t n = IOMMUFD_SESSION_FDS;

	wait_for(w, w->clients[i]);
	len = iommufd_session_receive_packet(w->clients[i], parts, 2, fds, &n, 0);
	if (len <= 0)
		return len ? len : -ECONNRESET;
	if (a->out_len + header.out >= sizeof(a->out) || a->err_len + header.err >= sizeof(a->err) ||
	    a->n_fds + n > 8)
		fail(w, "an answer of %d bytes and %zu fds", len, n);
	memcpy(a->out + a->out_len, body, header.out);
	memcpy(a->err + a->err_len, body + header.out, header.err);
	memcpy(a->fds + a->n_fds, fds, n * sizeof(*fds));
	a->out_len += header.out;
	a->err_len += header.err;
	a->n_fds += n;
	a->code = header.code;
	return header.flags & IOMMUFD_SESSION_MORE;
}

int client_receive(struct walk *w, int i, struct answer *a)
{
	int rc;

	a->out_len = a->err_len = a->n_fds = 0;
	while ((rc = receive_packet(w, i, a)) > 0)
		;
	a->out[a->out_len] = a->err[a->err_len] = '\0';
	while (a->n_fds)
		close(a->fds[--a->n_fds]);
	return rc;
}

int client_ask(struct walk *w, int i, const struct command *c, unsigned int flags, struct answer *a)
{
	int rc = client_send(w, i, c, flags);

	rc = rc < 0 ? rc : client_receive(w, i, a);
	if (rc < 0)
		client_close(w, i);
	return rc;
}

static int ask_show(struct walk *w, struct answer *a)
{
	struct command show = { .n = 0 };

	command_words(&show, "show");
	return client_ask(w, 0, &show, IOMMUFD_SESSION_JSON, a);
}

/* Steps that are left of a killing are used up, so that each killing comes at a step that the seed tells. */
void session_show(struct walk *w, struct view *ret)
{
	static struct answer a;

	for (double began = now(); now() - began < LIMIT;) {
		bool armed = w->steps->kill_in;

		if (ask_show(w, &a) < 0)
			sleep_ms(1);
		else if (a.code)
			fail(w, "show: %s", a.err);
		else if (!armed)
			return show_parse(w, a.out, ret);
		manager_pump(w);
	}
	fail(w, "the session does not come to rest");
}

/* A connection may still wait to be accepted, and what came over it to be read. */
void session_settle(struct walk *w)
{
	struct view show;

	for (int i = 0; i < 3; i++)
		session_show(w, &show);
}
