/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies behind mappings: address spaces of callers, and files in memory. And their event fds. */
#ifndef SIM_SUPERVISOR_BACKING_H
#define SIM_SUPERVISOR_BACKING_H

#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "model/model.h"

/* Address spaces and files of which something is mapped, or may be soon. */
struct spaces {
	struct space *first;
	LIST_HEAD(, memory_file) files;
};

/* With a reference; NULL: out of memory, or the process is gone. */
struct sim_backing *spaces_of_process(struct spaces *spaces, pid_t tgid);
void spaces_fini(struct spaces *spaces);

/* What is mapped of this file already, with a reference, or NULL. */
struct sim_backing *backing_find_file(struct spaces *spaces, const struct stat *st);
/* Of a file; 0: none. */
ino_t backing_inode(const struct sim_backing *backing);
/* They take over the fd. NULL: out of memory, and the fd is closed. */
struct sim_backing *backing_of_file(struct spaces *spaces, int fd, const struct stat *st);
struct sim_event *event_of_fd(int fd);

#endif
