/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/process.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int process_look(pid_t tid, struct process *ret)
{
	char path[40], line[128];
	FILE *file;

	*ret = (struct process){ .tgid = tid };
	snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "Tgid:", 5) == 0)
			ret->tgid = (pid_t)strtol(line + 5, NULL, 10);
		else if (strncmp(line, "Uid:", 4) == 0)
			sscanf(line, "Uid: %*u %u", &ret->uid); /* the effective one */
		else if (strncmp(line, "CapEff:", 7) == 0)
			ret->capabilities = strtoull(line + 7, NULL, 16);
	}
	fclose(file);
	return 0;
}

int process_copy_fd(pid_t tid, int fd)
{
	struct process process;
	int pidfd, copy;

	if (process_look(tid, &process) < 0)
		return -ESRCH;
	pidfd = (int)syscall(SYS_pidfd_open, process.tgid, 0);
	copy = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	copy = copy < 0 ? -errno : copy;
	if (pidfd >= 0)
		close(pidfd);
	return copy;
}

/* Of a process that is not dumpable these belong to root, who is nobody in a user namespace: there a copy is looked at. */
int process_stat_fd(pid_t tid, int fd, struct stat *st)
{
	char path[48];
	int copy, rc;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)tid, fd);
	if (stat(path, st) == 0)
		return 0;
	if (errno != EACCES)
		return -errno;
	copy = process_copy_fd(tid, fd);
	if (copy < 0)
		return copy;
	rc = fstat(copy, st) < 0 ? -errno : 0;
	close(copy);
	return rc;
}
