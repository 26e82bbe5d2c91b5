/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/supervisor.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervisor/made.h"

int supervisor_init(struct supervisor *s, struct sim *sim, FILE *trace)
{
	s->sim = sim;
	s->trace = trace;
	s->listener = -1;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	return s->epoll < 0 ? -errno : files_init(&s->files, s->epoll);
}

void supervisor_fini(struct supervisor *s)
{
	files_fini(&s->files);
	spaces_fini(&s->spaces);
	if (s->listener >= 0)
		close(s->listener);
	close(s->epoll);
}

int supervisor_wait_for(struct supervisor *s, int *fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = fd };

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, *fd, &event) < 0 ? -errno : 0;
}

static void answer(struct supervisor *s, const struct call *call)
{
	switch (call->number) {
	case __NR_ioctl:
		return answer_ioctl(s, call);
	case __NR_write:
		return answer_write(s, call);
	case __NR_pwrite64:
		return answer_pwrite(s, call);
#ifdef __NR_open
	case __NR_open:
#endif
	case __NR_openat:
	case __NR_openat2:
		return answer_open(s, call);
	case __NR_fstat:
	case __NR_newfstatat:
	case __NR_statx:
		return answer_fstat(s, call);
#ifdef __NR_readlink
	case __NR_readlink:
#endif
	case __NR_readlinkat:
		return answer_readlink(s, call);
	default:
		return call_run(call);
	}
}

/* Of a socket: the other end was closed, or something was written to it. */
static void serve_file(struct supervisor *s, struct file *file, uint32_t events)
{
	if (events & (EPOLLHUP | EPOLLERR))
		file_drop(&s->files, file);
	else if (file->kind == FILE_MADE && file->made)
		made_take_responses(file);
}

static void serve_call(struct supervisor *s)
{
	struct call call;

	if (call_receive(s->listener, &call) < 0)
		return;
	s->guard.calls->answering = call.id;
	answer(s, &call);
}

/* A close that is in doubt is asked about again, though nobody calls, where somebody waits for it. */
static int patience(const struct supervisor *s, int timeout)
{
	return s->files.doubtful && s->nodes.leaving ? 1 : timeout;
}

/*
 * What was closed before a call was made is closed here before it is answered: its turn comes first, and in
 * one round there is one call only.
 */
enum supervisor_event supervisor_serve(struct supervisor *s, int timeout)
{
	enum supervisor_event ret = SUPERVISOR_NOTHING;
	struct epoll_event events[64];
	int n = epoll_wait(s->epoll, events, sizeof(events) / sizeof(*events), patience(s, timeout));
	uint32_t calls = 0;

	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr == &s->listener)
			calls = events[i].events;
		else if (events[i].data.ptr == &s->signals)
			ret |= SUPERVISOR_SIGNAL;
		else if (events[i].data.ptr != &s->files)
			serve_file(s, events[i].data.ptr, events[i].events);
	}
	if (n > 1 || (n > 0 && !calls) || s->files.doubtful) {
		made_move(&s->files); /* what was written before it was closed */
		files_reap(&s->files);
		answer_waiting(s);
	}
	if (calls & EPOLLIN)
		serve_call(s);
	else if (calls & EPOLLHUP)
		ret |= SUPERVISOR_ALONE;
	return ret;
}
