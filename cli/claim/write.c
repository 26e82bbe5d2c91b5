/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claim/write.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine/files.h"
#include "util/io.h"
#include "util/process.h"

enum { AFTER_SIGNAL_MS = 2000 };
enum { LOCK_FD = 3, ANSWER_FD, FIRST_SURPLUS_FD, OUT_OF_THE_WAY = 16 };

/*
 * The process may outlive its parent: it keeps none of the caller's files, whose readers would wait for it,
 * but the lock, so that nobody else works on the device meanwhile.
 */
static void keep_fds(int lock, int answer)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	lock = fcntl(lock, F_DUPFD, OUT_OF_THE_WAY);
	answer = fcntl(answer, F_DUPFD, OUT_OF_THE_WAY);
	for (int fd = 0; fd < LOCK_FD; fd++)
		dup2(null, fd);
	dup2(lock, LOCK_FD);
	dup2(answer, ANSWER_FD);
	close_range(FIRST_SURPLUS_FD, ~0U, 0);
}

static int write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, text, len);
	close(fd);
	return rc;
}

/* Away from the terminal, whose signals would have it wait without an end. */
static void become_writer(const char *path, const char *text, int lock, int answer)
{
	int rc;

	setsid();
	keep_fds(lock, answer);
	rc = write_file(path, text, strlen(text));
	write_all(ANSWER_FD, &rc, sizeof(rc));
	_exit(0);
}

/* The answer of the process. -ETIMEDOUT: there is none yet; -EIO: it ended without one. */
static int wait_for_answer(int answer, int limit_ms, struct held_signals *signals)
{
	uint64_t end = clock_ms() + (uint64_t)limit_ms;
	struct pollfd fds[] = { { answer, POLLIN }, { signals->fd, POLLIN } };
	int rc;

	for (uint64_t now; (now = clock_ms()) < end;) {
		if (poll(fds, 2, (int)(end - now)) < 0 && errno != EINTR)
			return -errno;
		if (fds[0].revents)
			return read(answer, &rc, sizeof(rc)) == sizeof(rc) ? rc : -EIO;
		if (fds[1].revents && signals_came(signals)) {
			fds[1].fd = -1;
			end = now + AFTER_SIGNAL_MS < end ? now + AFTER_SIGNAL_MS : end;
		}
	}
	return -ETIMEDOUT;
}

int sysfs_write(struct sysfs_write *write, struct held_signals *signals)
{
	char path[PATH_MAX];
	int answer[2], rc = machine_path(IN_SYS, path, sizeof(path), "%s", write->path);
	pid_t child;

	if (rc < 0)
		return rc;
	if (pipe2(answer, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0)
		become_writer(path, write->text, write->lock, answer[1]);
	rc = child < 0 ? -errno : 0;
	close(answer[1]);
	if (rc == 0) {
		rc = wait_for_answer(answer[0], write->limit_ms, signals);
		write->pid = child;
		if (rc != -ETIMEDOUT)
			while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
				;
	}
	close(answer[0]);
	return rc;
}
