/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/handout.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "context/observer.h"
#include "context/taker.h"
#include "resolve/device.h"
#include "resolve/fd.h"
#include "session/request.h"
#include "session/socket.h"
#include "util/process.h"

/* 0: it cannot be seen from here. */
static pid_t peer_of(const struct client *client)
{
	struct ucred peer;

	return session_peer(client->reply.socket, &peer) ? peer.pid : 0;
}

int handout_find(const struct call *call, struct word word, struct outgoing *ret)
{
	*ret = (struct outgoing){ .fd = -1 };
	ret->device = device_by_word(call, word);
	return need_fd(call, word, &ret->fd);
}

int handout_open(const struct call *call, const char *word, struct device *device, struct outgoing *ret)
{
	int rc;

	*ret = (struct outgoing){ .fd = -1, .device = device, .is_opened = true };
	rc = open_device(call, device ? device->info.name : word, &ret->info, &ret->fd);
	if (rc == EXIT_DONE)
		note_no_iommu(call, device ? device_name(device) : word, &ret->info);
	return rc;
}

static const char *what_it_is(const struct holder *h, const struct outgoing *out)
{
	if (out->device)
		return out->device->info.name;
	if (out->is_opened)
		return out->info.name;
	return out->fd == h->ctx.iommufd ? IOMMUFD_WORD : NULL;
}

/* Before the client has the fd: a crash from here on finds it written down. */
static int note_taker(struct holder *h, const struct client *client, const struct outgoing *out)
{
	const char *what = what_it_is(h, out);
	struct taker taker = { .pid = peer_of(client), .group = -1 };

	if (!what)
		return 0;
	snprintf(taker.what, sizeof(taker.what), "%s", what);
	if (taker.pid)
		taker.start = process_start(taker.pid);
	if (out->is_opened && !out->device) {
		taker.moved = true;
		taker.group = out->info.kind == IOMMUFD_PHYSICAL ? out->info.group : -1;
		snprintf(taker.address, sizeof(taker.address), "%s", out->info.address);
	}
	if (taker_add(&h->ctx, &taker) < 0)
		return -ENOMEM;
	observe_taken(&h->ctx, &taker);
	return 0;
}

int handout_send(struct call *call, const struct outgoing *list, size_t n, enum handout how)
{
	struct holder *h = call->request->holder;
	struct client *client = call->request->client;
	int rc = 0;

	client->n_moving = 0;
	client->has_them = false;
	client->unbinds = how == HANDOUT_UNBIND;
	for (size_t i = 0; i < n; i++) {
		h->fds[i] = list[i].fd;
		if (list[i].is_opened)
			h->ours[h->n_ours++] = list[i].fd;
		rc = rc ?: note_taker(h, client, &list[i]);
		if (list[i].device)
			request_leave(list[i].device);
		if (list[i].device && how != HANDOUT_SHARE)
			client->moving[client->n_moving++] = list[i].device->serial;
	}
	if (rc == 0)
		h->n_fds = n;
	else
		client->n_moving = 0;
	return rc < 0 ? msg_fail_errno(call->output, NULL, rc) : EXIT_DONE;
}

void handout_leave(struct holder *h, struct client *client)
{
	for (size_t i = 0; i < client->n_moving; i++) {
		struct device *device = device_by_serial(&h->ctx, client->moving[i]);

		if (!device)
			continue;
		if (client->unbinds)
			device->requested_pt = device->pt = 0;
		taker_moves(&h->ctx, device, peer_of(client));
		device_drop(&h->ctx, device);
	}
	client->n_moving = 0;
}

void handout_confirm(struct holder *h, struct client *client)
{
	client->has_them = true;
	if (client->unbinds)
		handout_leave(h, client);
}

int holder_hand_out_fd(struct call *call, int fd, uint64_t about)
{
	struct holder *h = call->request->holder;

	h->fds[0] = fd;
	h->n_fds = 1;
	buf_u64(call->output->out, about);
	buf_char(call->output->out, '\n');
	return EXIT_DONE;
}

int holder_give_fd(struct call *call, int fd, uint64_t about)
{
	struct holder *h = call->request->holder;

	h->ours[h->n_ours++] = fd;
	return holder_hand_out_fd(call, fd, about);
}
