/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine is there as long as its program runs. When that has ended the machine is switched off: what
 * was started in it, and still runs, is asked to end, and killed a second later.
 */
#include "supervisor/run.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 1000 }; /* ms */

struct run {
	struct supervisor *s;
	pid_t pid;
	int status;
	bool ended;    /* the program */
	bool deserted; /* no process is left */
};

int run_prepare(struct supervisor *s, sigset_t *mask)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, mask) < 0)
		return -errno;
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	/* What its parent leaves behind becomes a child of this process. */
	if (s->signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return -errno;
	return supervisor_wait_for(s, &s->signals);
}

static void reap(struct run *run)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == run->pid) {
			run->status = status;
			run->ended = true;
		}
	run->deserted = pid < 0 && errno == ECHILD;
}

/* A signal of the terminal has reached the program already. */
static void take_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			reap(run);
		else if (info.ssi_code != SI_KERNEL && !run->ended)
			kill(run->pid, (int)info.ssi_signo);
	}
}

static void serve(struct run *run, int timeout)
{
	enum supervisor_event events = supervisor_serve(run->s, timeout);

	if (events & SUPERVISOR_SIGNAL)
		take_signals(run);
	if (events & SUPERVISOR_ALONE)
		reap(run);
}

/* Those whose parent has ended are children here; others turn up as soon as theirs has. */
static void signal_children(int number)
{
	char path[64], word[16];
	FILE *children;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "re");
	while (children && fscanf(children, "%15s", word) == 1) {
		kill((pid_t)strtol(word, NULL, 10), number);
		kill((pid_t)strtol(word, NULL, 10), SIGCONT);
	}
	if (children)
		fclose(children);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* They are asked once each; and as they turn up one after the other, for as long as all may take. */
static void switch_off(struct run *run)
{
	const int64_t end = now() + PATIENCE;
	int64_t again = 0;

	guard_stop(&run->s->guard);
	reap(run);
	while (!run->deserted) {
		int64_t time = now();

		if (time >= again) {
			signal_children(time < end ? SIGTERM : SIGKILL);
			again = time + (time < end ? PATIENCE / 10 : 1);
		}
		serve(run, 10);
		reap(run);
	}
}

int run_command(struct supervisor *s, const struct start *start, int *status)
{
	struct run run = { .s = s };
	int rc = start_command(start, &run.pid, &s->listener);

	if (rc < 0)
		return rc;
	rc = call_prepare(s->listener) ?: guard_start(&s->guard, s->listener) ?:
	     supervisor_wait_for(s, &s->listener);
	if (rc < 0)
		kill(run.pid, SIGKILL);
	while (rc == 0 && !run.ended)
		serve(&run, -1);
	switch_off(&run);
	*status = run.status;
	return rc;
}
