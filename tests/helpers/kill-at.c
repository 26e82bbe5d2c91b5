/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run a command, and kill it with all that it has started when it changes something for the Nth time: on its
 * way into that system call where N is odd, on its way out of it where N is even.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static const char usage_text[] =
	"usage: kill-at N CMD [ARG]...    0 and the name of the call on stderr: it was killed; 3: it changes less\n";

enum { ENDED_BEFORE = 3, OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
				   PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL };

static const struct {
	unsigned long long nr;
	const char *name;
} calls[] = {
	{ SYS_write, "write" }, { SYS_pwrite64, "pwrite" }, { SYS_ftruncate, "ftruncate" }, { SYS_fsync, "fsync" },
	{ SYS_mkdirat, "mkdirat" }, { SYS_unlinkat, "unlinkat" }, { SYS_renameat, "renameat" },
	{ SYS_renameat2, "renameat2" }, { SYS_fchmod, "fchmod" }, { SYS_fchmodat, "fchmodat" },
	{ SYS_fchownat, "fchownat" }, { SYS_flock, "flock" },
#ifdef SYS_chmod
	{ SYS_chmod, "chmod" }, { SYS_chown, "chown" }, { SYS_rename, "rename" }, { SYS_unlink, "unlink" },
#endif
};

static const char *name_of(unsigned long long nr)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].nr == nr)
			return calls[i].name;
	return NULL;
}

/* The processes that are traced. */
static pid_t pids[64];
static size_t n_pids;

static void note(pid_t pid)
{
	for (size_t i = 0; i < n_pids; i++)
		if (pids[i] == pid)
			return;
	if (n_pids == sizeof(pids) / sizeof(pids[0]))
		die(FAILED, "too many processes");
	pids[n_pids++] = pid;
}

static void kill_all(void)
{
	for (size_t i = 0; i < n_pids; i++)
		kill(pids[i], SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
}

/* Is it the call that counts? entered: the number of the call that each process is in. */
static const char *look(pid_t pid, unsigned long long *entered, bool *ret_enters)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		return NULL;
	*ret_enters = info.op == PTRACE_SYSCALL_INFO_ENTRY;
	if (*ret_enters)
		*entered = info.entry.nr;
	else if (info.op != PTRACE_SYSCALL_INFO_EXIT)
		return NULL;
	return name_of(*entered);
}

static unsigned long long *entered_by(pid_t pid)
{
	static unsigned long long entered[sizeof(pids) / sizeof(pids[0])];
	size_t i = 0;

	note(pid);
	while (pids[i] != pid)
		i++;
	return &entered[i];
}

/* The exit status of the first process, or -1: all were killed. */
static int trace(pid_t first, unsigned long n)
{
	unsigned long count = 0;
	int status, signal;
	bool enters;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid == first)
				return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		signal = WSTOPSIG(status) == (SIGTRAP | 0x80) || WSTOPSIG(status) == SIGTRAP ||
				 WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			const char *name = look(pid, entered_by(pid), &enters);

			/* Each call counts twice: 1 and 2 are those of the first. */
			if (name && ++count == n) {
				fprintf(stderr, "%s %s\n", enters ? "before" : "behind", name);
				kill_all();
				return -1;
			}
		}
		note(pid);
		ptrace(PTRACE_SYSCALL, pid, 0, signal);
	}
	die(FAILED, "waitpid: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	unsigned long n;
	int status;
	pid_t pid;

	if (argc < 3)
		die(USAGE, "%s", usage_text);
	n = need_u64("N", argv[1], 100000);
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	waitpid(pid, &status, __WALL);
	ptrace(PTRACE_SETOPTIONS, pid, 0, OPTIONS);
	ptrace(PTRACE_SYSCALL, pid, 0, 0);
	status = trace(pid, n);
	if (status < 0)
		return 0;
	fprintf(stderr, "it ended with %d\n", status);
	return status ? FAILED : ENDED_BEFORE;
}
