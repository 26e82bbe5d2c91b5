/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/guard.h"
#include <errno.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/call.h"

enum { LISTENER = 0, SUPERVISOR = 1, UNSEEN = 64 };

/* Whoever was being answered would wait for ever. One more may have been told of, and not noted yet. */
static void answer_the_last(const volatile struct guard_calls *calls)
{
	for (uint64_t i = 0; i < UNSEEN; i++)
		call_answer(&(struct call){ .listener = LISTENER, .id = calls->answering + i }, -ENOSYS);
	for (size_t i = 0; i < GUARD_WAITING; i++)
		if (calls->waiting[i])
			call_answer(&(struct call){ .listener = LISTENER, .id = calls->waiting[i] }, -ENOSYS);
}

/* Until nobody is left who could call. */
static void answer_all(void)
{
	struct pollfd wait = { .fd = LISTENER, .events = POLLIN };
	struct call call;

	while (poll(&wait, 1, -1) > 0 && wait.revents & POLLIN) {
		if (call_receive(LISTENER, &call) < 0)
			continue;
		if (call.number == SYS_ioctl)
			call_answer(&call, -ENOSYS);
		else
			call_run(&call);
	}
}

/* It has nothing of the supervisor's but this: files are closed when that one closes them. */
static _Noreturn void stand_guard(int listener, int supervisor, const volatile struct guard_calls *calls)
{
	struct pollfd wait = { .fd = SUPERVISOR, .events = POLLIN };

	if (dup2(listener, LISTENER) < 0 || dup2(supervisor, SUPERVISOR) < 0)
		_exit(EXIT_FAILURE);
	syscall(SYS_close_range, SUPERVISOR + 1, ~0U, 0);
	while (poll(&wait, 1, -1) < 1)
		if (errno != EINTR)
			_exit(EXIT_FAILURE);
	answer_the_last(calls);
	answer_all();
	_exit(EXIT_SUCCESS);
}

int guard_start(struct guard *guard, int listener)
{
	void *shared = mmap(NULL, sizeof(*guard->calls), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);
	int supervisor = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (shared == MAP_FAILED || supervisor < 0)
		return -errno;
	guard->calls = shared;
	guard->pid = fork();
	if (guard->pid == 0)
		stand_guard(listener, supervisor, shared);
	close(supervisor);
	return guard->pid < 0 ? -errno : 0;
}

static bool replace(struct guard *guard, uint64_t id, uint64_t by)
{
	for (size_t i = 0; i < GUARD_WAITING; i++)
		if (guard->calls->waiting[i] == id) {
			guard->calls->waiting[i] = by;
			return true;
		}
	return false;
}

bool guard_wait(struct guard *guard, uint64_t id)
{
	return replace(guard, 0, id);
}

void guard_waited(struct guard *guard, uint64_t id)
{
	replace(guard, id, 0);
}

void guard_stop(struct guard *guard)
{
	if (guard->pid <= 0)
		return;
	kill(guard->pid, SIGKILL);
	waitpid(guard->pid, NULL, 0);
	guard->pid = 0;
}
