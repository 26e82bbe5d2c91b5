/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session start: become a holder, in the background or here. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "session.h"
#include "verbs.h"

/* Where the outcome of the start goes: the waiting parent's pipe, and --ready-fd. */
struct ready {
	int pipe, fd;
};

static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Nothing of the terminal, the working directory or the caller's files is kept. */
static int leave_caller(const struct call *call)
{
	int null = openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return msg_fail_errno(call->output, "/dev/null", errno);
	if (chdir("/") < 0)
		return msg_fail_errno(call->output, "/", errno);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	return EXIT_DONE;
}

static void tell_ready(const struct ready *ready, char code)
{
	if (ready->fd >= 0 && code == EXIT_DONE) {
		if (write(ready->fd, "\n", 1) < 0 || close(ready->fd) < 0)
			return; /* whoever asked is gone: not our failure */
	}
	if (ready->pipe >= 0 && write(ready->pipe, &code, 1) >= 0)
		close(ready->pipe);
}

/* Now, and not at the first command. */
static int check_iommufd(const struct call *call)
{
	int rc = iommufd_check(call->ctx->iommufd);

	return rc < 0 ? msg_fail_op(call->output, "/dev/iommu", IOMMUFD_OP_IOAS_ALLOC, rc,
				    IOMMUFD_KIND_UNKNOWN) : EXIT_DONE;
}

static int open_new(const struct call *call, struct holder *h)
{
	const char *mode = option(call, OPT_RLIMIT_MODE);
	struct call held = *call;
	int rc = EXIT_DONE;

	held.ctx = &h->ctx;
	if (h->listener < 0)
		h->listener = place_listen(call, h->name);
	if (h->listener < 0)
		return EXIT_FAILED;
	if (h->ctx.iommufd < 0) {
		rc = context_open(&held);
		if (rc == EXIT_DONE)
			rc = check_iommufd(&held);
		if (rc == EXIT_DONE)
			rc = context_rlimit_mode(&held, mode);
	}
	return rc;
}

/* What was not left for us, and all that a session needs. The socket's name goes again if that fails. */
static int open_missing(const struct call *call, struct holder *h)
{
	int rc = open_new(call, h);

	if (rc == EXIT_DONE && h->keeper.socket >= 0 && keeper_start(&h->keeper, &h->ctx, h->listener) < 0)
		rc = msg_fail_errno(call->output, h->name, errno);
	if (rc == EXIT_DONE)
		rc = holder_prepare(h, call);
	if (rc == EXIT_DONE && !option(call, OPT_FOREGROUND) && !option(call, OPT_RESUME))
		rc = leave_caller(call);
	if (rc != EXIT_DONE && h->listener >= 0)
		place_remove(h->name);
	return rc;
}

/* Is there something under the socket's name? */
static bool has_name(const char *name)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)], path[2 * sizeof(dir)];
	int fd;

	if (iommufd_session_dir(dir, sizeof(dir)) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = openat(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What another process left for us, if anything; else all is made new. */
static int open_session(const struct call *call, struct holder *h, int *connections, size_t *n)
{
	const char *resume = option(call, OPT_RESUME);
	uint64_t per_process = 0;
	uint32_t state;
	int fd = keeper_listen_fd(NULL, "state"), rc = EXIT_DONE;

	h->listener = -1;
	keeper_init(&h->keeper);
	if (resume)
		fd = parse_u32(resume, &state) ? (int)state : -1;
	if (fd >= 0)
		rc = holder_resume(h, call, fd, resume, connections, n);
	/* An orderly end removed the socket's name, though the service manager kept the socket. */
	if (rc == EXIT_DONE && h->listener >= 0 &&
	    (!has_name(h->name) || place_listen_again(h->listener) < 0)) {
		close(h->listener);
		h->listener = -1;
	}
	if (rc == EXIT_DONE)
		rc = open_missing(call, h);
	if (rc == EXIT_DONE)
		iommufd_option_get(h->ctx.iommufd, IOMMUFD_RLIMIT_MODE, 0, &per_process);
	h->rlimit_mode = per_process ? "process" : "user";
	return rc;
}

/* The program's own path, now: later it may have been replaced. */
static char *program_path(void)
{
	char path[4096];
	ssize_t n = readlinkat(AT_FDCWD, "/proc/self/exe", path, sizeof(path));

	return n > 0 && (size_t)n < sizeof(path) ? strndup(path, (size_t)n) : NULL;
}

static int serve(const struct call *call, struct holder *h, const struct ready *ready)
{
	int *connections = calloc(MAX_CONNECTIONS, sizeof(*connections));
	size_t n = 0;
	int rc;

	if (!connections || !h->program)
		return msg_fail_errno(call->output, h->name, ENOMEM);
	rc = open_session(call, h, connections, &n);
	if (rc == EXIT_DONE) {
		prctl(PR_SET_DUMPABLE, 0L);
		tell_ready(ready, EXIT_DONE);
		keeper_ready(&h->keeper);
		rc = holder_run(h, call, connections, n);
		place_remove(h->name);
		holder_release(h);
	}
	free(connections);
	return rc;
}

static int hold(const struct call *call, const char *name, const struct ready *ready)
{
	struct holder *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return msg_fail_errno(call->output, name, ENOMEM);
	h->name = name;
	h->program = program_path();
	context_init(&h->ctx, CONTEXT_LASTING);
	raise_fd_limit();
	rc = serve(call, h, ready);
	context_free(&h->ctx);
	free(h->program);
	free(h);
	return rc;
}

/* In the child. Its end of the pipe is all that it keeps of the caller's fds, but for the standard ones. */
static void run_child(const struct call *call, const char *name, struct ready *ready)
{
	int rc;

	setsid();
	if (ready->fd >= 0) {
		if (ready->fd != ready->pipe + 1)
			ready->fd = dup2(ready->fd, ready->pipe + 1);
		close_range((unsigned int)ready->fd + 1, ~0U, 0);
	} else {
		close_range((unsigned int)ready->pipe + 1, ~0U, 0);
	}
	for (int fd = 3; fd < ready->pipe; fd++)
		close(fd);
	rc = hold(call, name, ready);
	tell_ready(ready, (char)rc);
	_exit(rc);
}

static int start_in_background(const struct call *call, const char *name, int ready_fd)
{
	struct ready ready = { .fd = ready_fd };
	int ends[2];
	char code = EXIT_FAILED;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return msg_fail_errno(call->output, name, errno);
	ready.pipe = ends[1];
	child = fork();
	if (child < 0) {
		msg_fail_errno(call->output, name, errno);
		close(ends[0]);
		close(ends[1]);
		return EXIT_FAILED;
	}
	if (child == 0)
		run_child(call, name, &ready);
	close(ends[1]);
	if (read(ends[0], &code, 1) != 1)
		msg_fail(call->output, name, "the session ended while it started");
	close(ends[0]);
	return code == EXIT_DONE ? print_nothing(call->output) : code;
}

int verb_session_start(struct call *call)
{
	const char *name = call->n_args ? call->args[0] : session_named(call);
	const char *ready_text = option(call, OPT_READY_FD), *mode = option(call, OPT_RLIMIT_MODE);
	struct ready ready = { .pipe = -1, .fd = -1 };
	uint32_t fd;

	name = name ? name : DEFAULT_SESSION;
	if (!is_session_name(name))
		return msg_usage(call->output, "'%s' is no name of a session", name);
	if (mode && !is_rlimit_mode(mode))
		return msg_usage(call->output, "--rlimit-mode: '%s' is neither 'user' nor 'process'", mode);
	if (ready_text) {
		if (!parse_u32(ready_text, &fd) || fd < 3 || fcntl((int)fd, F_GETFD) < 0)
			return msg_usage(call->output, "--ready-fd: '%s' is no open fd of 3 or more",
					 ready_text);
		ready.fd = (int)fd;
	}
	return option(call, OPT_FOREGROUND) ? hold(call, name, &ready)
					    : start_in_background(call, name, ready.fd);
}
