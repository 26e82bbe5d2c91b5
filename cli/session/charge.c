/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/charge.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context/ioas.h"

enum { STACK = 16384, PATIENCE = 30000 }; /* ms: a program that knows nothing of this never lets go */

/*
 * Of the process that shares the address space: it keeps no other fd, and does nothing that the other one
 * could notice. arg: the end of the pipe that it waits at.
 */
static int wait_for_end(void *arg)
{
	const unsigned int fd = *(const int *)arg;
	struct pollfd end = { .fd = (int)fd };

	close_range(0, fd - 1, 0);
	close_range(fd + 1, ~0U, 0);
	poll(&end, 1, PATIENCE);
	return 0;
}

/* Others may have mapped, too, and have ended: the charge of all can only be moved together. */
static bool can_move(const struct context *ctx)
{
	return context_count_state(ctx, MAPPING_CHARGED) && !context_count_state(ctx, MAPPING_ORPHANED) &&
	       !ctx->is_shared && iommufd_probe_op(ctx->iommufd, IOMMUFD_OP_IOAS_CHANGE_PROCESS) == 1;
}

/* Its argument lies behind its stack. */
static pid_t start_keeper(char *stack, int end)
{
	int *arg = (int *)(stack + STACK);

	*arg = end;
	return clone(wait_for_end, stack + STACK, CLONE_VM | SIGCHLD, arg);
}

int charge_keep(const struct context *ctx, struct keeper *keeper)
{
	int ends[2], rc = 0;
	char *stack;
	pid_t pid;

	if (!can_move(ctx))
		return 0;
	stack = malloc(STACK + sizeof(int));
	if (!stack || pipe2(ends, O_CLOEXEC) < 0) {
		free(stack);
		return -errno;
	}
	pid = start_keeper(stack, ends[0]);
	if (pid < 0) {
		rc = -errno;
		close(ends[1]);
		free(stack);
	} else {
		*keeper = (struct keeper){ pid, ends[1], stack };
	}
	close(ends[0]);
	return rc;
}

/* It is waited for: its stack is used until it ends. */
static void end_keeper(pid_t pid, int fd)
{
	close(fd);
	TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
}

void charge_let_go(struct keeper *keeper)
{
	if (keeper->pid)
		end_keeper(keeper->pid, keeper->fd);
	free(keeper->stack);
}

/* The other end of the pipe is closed when it has ended before its time. */
static bool is_kept(const struct holder *h)
{
	struct pollfd end = { .fd = h->keeper_fd };

	return h->keeper > 0 && h->keeper_fd >= 0 && poll(&end, 1, 0) == 0;
}

void charge_take_over(struct holder *h, const struct output *output)
{
	size_t n = context_count_state(&h->ctx, MAPPING_CHARGED);
	int rc = -ESRCH;

	if (n && is_kept(h))
		rc = iommufd_ioas_change_process(h->ctx.iommufd);
	if (h->keeper > 0 && h->keeper_fd >= 0)
		end_keeper(h->keeper, h->keeper_fd);
	h->keeper = 0;
	h->keeper_fd = -1;
	if (!n || rc == 0)
		return;
	msg_note(output, "%zu mappings are not charged to this process (%s): the one that was charged has ended", n,
		 iommufd_error_name(rc));
	context_orphan(&h->ctx);
	if (journal_of(&h->ctx))
		journal_rewrite(journal_of(&h->ctx), &h->ctx);
}
