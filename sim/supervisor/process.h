/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is found out about the process of a caller: by /proc where that may be read, else by way of its fds.
 */
#ifndef SIM_SUPERVISOR_PROCESS_H
#define SIM_SUPERVISOR_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct process {
	uint32_t uid, gid; /* effective ones, as capabilities */
	uint64_t capabilities;
};

/* As it is now: 0 or -errno. */
int process_look(pid_t tid, struct process *ret);

/* The directories /proc/TID/fd of those who called last: most calls come from one of them. */
struct process_dirs {
	struct process_dir {
		pid_t tid;
		pid_t tgid; /* 0: not looked at yet */
		int fd;
	} dirs[8];
	unsigned int oldest;
};

void process_dirs_fini(struct process_dirs *dirs);
/* fstat() of an fd of it: 0 or -errno. */
int process_stat_fd(struct process_dirs *dirs, pid_t tid, int fd, struct stat *st);
/* The process of a thread one of whose fds was looked at just now, or -errno. */
pid_t process_of_thread(struct process_dirs *dirs, pid_t tid);
/* A copy of an fd of it, or -errno. */
int process_copy_fd(struct process_dirs *dirs, pid_t tid, int fd);

#endif
