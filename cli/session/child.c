/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/child.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/io.h"

/* A batch that comes from stdin is not the program's input. said: closes with the exec. */
static void become_child(const struct call *call, becoming *start, void *arg, int said)
{
	int rc = EXIT_NOT_EXECUTABLE;

	if (strcmp(call->output->file, STDIN_NAME) == 0) {
		close(STDIN_FILENO);
		if (open("/dev/null", O_RDONLY) != STDIN_FILENO)
			_exit(rc);
	}
	rc = start(call, arg);
	buf_flush(call->output->err);
	write_all(said, "", 1);
	_exit(rc);
}

/* 0, or -errno. *ret_said: it did not become a program, and has said why. */
static int wait_for(pid_t child, int said, int *ret_status, bool *ret_said)
{
	char byte;
	ssize_t n;

	do
		n = read(said, &byte, 1);
	while (n < 0 && errno == EINTR);
	*ret_said = n > 0;
	while (waitpid(child, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* 0, or -errno. Where the caller ignores SIGCHLD no child leaves a status: the program has that back. */
static int run_program(const struct call *call, becoming *start, void *arg, int *ret_status, bool *ret_said)
{
	const struct sigaction keep_status = { .sa_handler = SIG_DFL };
	struct sigaction inherited;
	int said[2], rc;
	pid_t child;

	if (pipe2(said, O_CLOEXEC) < 0)
		return -errno;
	sigaction(SIGCHLD, &keep_status, &inherited);
	child = fork();
	if (child == 0) {
		close(said[0]);
		sigaction(SIGCHLD, &inherited, NULL);
		become_child(call, start, arg, said[1]);
	}
	rc = child < 0 ? -errno : 0;
	close(said[1]);
	if (rc == 0)
		rc = wait_for(child, said[0], ret_status, ret_said);
	close(said[0]);
	sigaction(SIGCHLD, &inherited, NULL);
	return rc;
}

int run_and_wait(const struct call *call, becoming *start, void *arg)
{
	int status, code, rc;
	bool said;

	buf_flush(call->output->out);
	buf_flush(call->output->err);
	rc = run_program(call, start, arg, &status, &said);
	if (rc < 0)
		return msg_fail_errno(call->output, call->args[0], rc);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (WIFSIGNALED(status))
		msg_fail(call->output, call->args[0], "ended by signal %d", WTERMSIG(status));
	else if (code && !said)
		msg_fail(call->output, call->args[0], "ended with %d", code);
	return code;
}
