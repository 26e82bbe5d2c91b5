/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/spawn.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "persist/listen.h"
#include "resolve/iommufd.h"
#include "session/charge.h"
#include "session/confine.h"
#include "session/handover.h"
#include "session/reexec.h"
#include "session/socket.h"
#include "util/io.h"
#include "util/process.h"

static void raise_limit(enum __rlimit_resource resource)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(resource, &limit);
	}
}

/*
 * A limit that the caller has is an error of the command that meets it, and a timer that was set before
 * exec() is not ours: neither ends what a session holds.
 */
static void outlive_limits(void)
{
	static const int signals[] = { SIGXFSZ, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGPIPE };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	raise_limit(RLIMIT_NOFILE);
	raise_limit(RLIMIT_CPU);
}

/* --ready-fd. Whoever asked may be gone, or have no room by now: not our failure, and not waited for. */
static int tell_ready(const struct spawn *spawn, const struct output *output)
{
	struct pollfd writable = { .fd = spawn->ready_fd, .events = POLLOUT };
	int rc = 0;

	if (spawn->ready_fd < 0)
		return EXIT_DONE;
	if (poll(&writable, 1, 0) > 0)
		rc = write_all(spawn->ready_fd, "\n", 1);
	close(spawn->ready_fd);
	return rc == 0 || rc == -EPIPE || rc == -EAGAIN
		? EXIT_DONE : msg_fail(output, NULL, "--ready-fd: it cannot be written to (%s)",
				       iommufd_error_name(rc));
}

/* The parent that waits, on a pipe. */
static void tell_parent(int pipe, char code)
{
	if (pipe >= 0 && write_all(pipe, &code, 1) == 0)
		close(pipe);
}

/* Nothing of the terminal, the working directory or the caller's files is kept. */
static int leave_caller(const struct spawn *spawn, const struct output *output)
{
	int rc, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return msg_fail_errno(output, "/dev/null", errno);
	/* What fails is said while there is somebody to read it. */
	rc = chdir("/") < 0 ? msg_fail_errno(output, "/", errno) : tell_ready(spawn, output);
	for (int fd = 0; fd < 3 && rc == EXIT_DONE; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	return rc;
}

static int open_new(const struct spawn *spawn, const struct output *output, struct holder *h)
{
	int rc;

	if (h->listener < 0)
		h->listener = session_listen(output, h->name);
	if (h->listener < 0)
		return EXIT_FAILED;
	if (h->ctx.iommufd >= 0)
		return EXIT_DONE;
	rc = open_iommufd(&h->ctx, output);
	if (rc)
		return rc;
	/* Now, and not at the first command. */
	rc = iommufd_check(h->ctx.iommufd);
	if (rc < 0)
		return msg_fail_op(output, "/dev/iommu", IOMMUFD_OP_IOAS_ALLOC, rc, IOMMUFD_KIND_UNKNOWN);
	return opt_rlimit_mode(spawn->call, &h->ctx);
}

/* What was not left for us, and all that a session needs. The socket's name goes again if that fails. */
static int open_missing(const struct spawn *spawn, const struct output *output, struct holder *h)
{
	int rc = open_new(spawn, output, h);

	/* The store comes last: it writes the journal anew, without the way back to the program of before. */
	rc = rc ?: holder_prepare(h, output);
	if (rc == EXIT_DONE && fdstore_exists(&h->store) &&
	    fdstore_start(&h->store, &h->ctx, h->listener, output) < 0)
		rc = msg_fail_errno(output, h->name, errno);
	if (rc == EXIT_DONE && !spawn->foreground && spawn->resume_fd < 0)
		rc = leave_caller(spawn, output);
	else if (rc == EXIT_DONE)
		rc = tell_ready(spawn, output);
	if (rc != EXIT_DONE && h->listener >= 0 && spawn->back_fd < 0)
		session_unlink(h->name);
	return rc;
}

/* What another process left for us, if anything: the journal's fd, or -1. An exit code, with its message. */
static int resume(const struct spawn *spawn, const struct output *output, struct holder *h, int *connections,
		  size_t *n, int *ret)
{
	struct kept_fds kept = { NULL };
	int rc = EXIT_DONE;
	bool stored;

	*ret = spawn->resume_fd;
	if (*ret >= 0)
		return holder_resume(h, output, *ret, NULL, connections, n);
	if (listen_fds(&kept) < 0)
		rc = msg_fail_errno(output, h->name, ENOMEM);
	else if ((*ret = kept_find(&kept, "state", &stored)) >= 0)
		rc = holder_resume(h, output, *ret, &kept, connections, n);
	kept_free(&kept);
	return rc;
}

/* All that is left for us, and what is not is made new. */
static int open_session(const struct spawn *spawn, const struct output *output, struct holder *h,
			int *connections, size_t *n)
{
	uint64_t per_process = 0;
	int fd, rc;

	h->listener = h->keeper_fd = -1;
	fdstore_init(&h->store);
	rc = resume(spawn, output, h, connections, n, &fd);
	if (rc)
		return rc;
	if (spawn->on_request)
		h->ctx.gives_back = spawn->on_request == REQUEST_UNBIND;
	/* An orderly end removed the socket's name, though the service manager kept the socket. */
	if (h->listener >= 0 && (session_lost_socket(h->name) || session_listen_again(h->listener) < 0)) {
		close(h->listener);
		h->listener = -1;
	}
	rc = open_missing(spawn, output, h);
	if (rc)
		return rc;
	if (fd >= 0 && !fdstore_exists(&h->store))
		close(fd);
	iommufd_option_get(h->ctx.iommufd, IOMMUFD_RLIMIT_MODE, 0, &per_process);
	h->rlimit_mode = per_process ? "process" : "user";
	h->ctx.charges_process = per_process && !process_may_lock();
	charge_take_over(h, output);
	return EXIT_DONE;
}

/* The program's own path, now: later it may have been replaced. The kernel marks what was replaced by now. */
static char *program_path(void)
{
	static const char mark[] = " (deleted)";
	char path[4096];
	ssize_t n = readlinkat(AT_FDCWD, "/proc/self/exe", path, sizeof(path)), end;

	if (n <= 0 || (size_t)n == sizeof(path))
		return NULL;
	path[n] = '\0';
	end = n - (ssize_t)strlen(mark);
	if (end > 0 && strcmp(path + end, mark) == 0 && access(path, F_OK) < 0)
		path[end] = '\0';
	return strdup(path);
}

/* open_session(), or back to the program that was here before, with what was said. */
static int take_over(const struct spawn *spawn, struct holder *h, int *connections, size_t *n)
{
	struct output output = *spawn->call->output;
	struct buffer said = { .fd = -1 };
	int rc;

	if (spawn->back_fd < 0)
		return open_session(spawn, &output, h, connections, n);
	fd_keep_back(spawn->back_fd);
	output.err = &said;
	rc = open_session(spawn, &output, h, connections, n);
	buf_char(&said, '\0');
	if (rc)
		holder_go_back(h, spawn->resume_fd, spawn->back_fd, said.error ? "it failed" : said.buf);
	else if (!said.error)
		buf_str(spawn->call->output->err, said.buf);
	buf_flush(spawn->call->output->err);
	close(spawn->back_fd);
	free(said.buf);
	return rc;
}

static int serve(const struct spawn *spawn, struct holder *h, int parent, int *connections)
{
	size_t n = 0;
	int rc;

	if (spawn->check)
		return holder_check_resume(h, spawn->call->output, spawn->resume_fd);
	rc = take_over(spawn, h, connections, &n);
	if (rc)
		return rc;
	confine(spawn->call->output);
	tell_parent(parent, EXIT_DONE);
	fdstore_ready(&h->store);
	rc = holder_run(h, spawn->call->output, connections, n);
	session_unlink(h->name);
	return rc;
}

static int hold(const struct spawn *spawn, int parent)
{
	struct holder *h = calloc(1, sizeof(*h));
	int *connections = calloc(MAX_CONNECTIONS, sizeof(*connections));
	char *program = program_path();
	int rc;

	prctl(PR_SET_DUMPABLE, 0L); /* before there is anything to be seen */
	if (h && connections && program) {
		h->name = spawn->name;
		h->verbs = spawn->call->request->verbs;
		h->program = program;
		h->restart_failed = spawn->why;
		context_init(&h->ctx, CONTEXT_LASTING);
		outlive_limits();
		rc = serve(spawn, h, parent, connections);
		holder_release(h);
	} else {
		rc = msg_fail_errno(spawn->call->output, spawn->name, ENOMEM);
	}
	free(program);
	free(connections);
	free(h);
	return rc;
}

int session_hold(const struct spawn *spawn)
{
	return hold(spawn, -1);
}

/* In the child. Its end of the pipe is all that it keeps of the caller's fds, but for the standard ones. */
static void run_child(const struct spawn *spawn, int parent)
{
	struct spawn here = *spawn;
	int rc, last = parent;

	setsid();
	if (here.ready_fd >= 0) {
		last = parent + 1;
		if (here.ready_fd != last)
			here.ready_fd = dup2(here.ready_fd, last);
	}
	close_range((unsigned int)last + 1, ~0U, 0);
	for (int fd = 3; fd < parent; fd++)
		close(fd);
	rc = hold(&here, parent);
	tell_parent(parent, (char)rc);
	_exit(rc);
}

int session_start(const struct spawn *spawn)
{
	const struct output *output = spawn->call->output;
	int ends[2];
	char code = EXIT_FAILED;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return msg_fail_errno(output, spawn->name, errno);
	/* The child has a copy of what is not printed yet, and prints it before its messages. */
	buf_flush(output->out);
	child = fork();
	if (child == 0)
		run_child(spawn, ends[1]);
	if (child < 0)
		msg_fail_errno(output, spawn->name, errno);
	close(ends[1]);
	if (child > 0 && read(ends[0], &code, 1) != 1)
		msg_fail(output, spawn->name, "the session ended while it started");
	close(ends[0]);
	return code;
}
