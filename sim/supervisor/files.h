/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated files that somebody has open, and when the last copy of each is gone, in whatever process
 * and in flight, too. What callers have is a placeholder: the other end of one is told, and one of memory
 * is watched.
 */
#ifndef SIM_SUPERVISOR_FILES_H
#define SIM_SUPERVISOR_FILES_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "devices/device.h"
#include "supervisor/placeholder.h"
#include "supervisor/process.h"

enum file_kind { FILE_IOMMUFD, FILE_CDEV, FILE_MADE /* by an ioctl: a queue, a stream, a dma-buf */ };

struct file {
	struct file *next;
	dev_t dev; /* of the placeholder: what tells it from all other files */
	ino_t ino;
	enum file_kind kind;
	union {
		struct sim_context *context;
		struct sim_cdev *cdev;
		struct sim_file *made;
	};
	const char *path;	/* what it was opened as; NULL: not opened */
	dev_t rdev;		/* the number that it has to callers */
	struct device *device;	/* of a cdev */
	int fd;			/* the other end, or the memory */
	int watch;		/* of inotify; -1: none */
	bool doubtful;		/* something of it was closed, and not yet what the caller has */
	bool ready;		/* a queue that has something */
	off_t taken;		/* of what callers wrote into a stream: so much has reached the model */
};

enum { FILES_BUCKETS = 256 };

struct files {
	struct file *buckets[FILES_BUCKETS];
	size_t doubtful, streams; /* streams: and queues */
	struct process_dirs dirs;
	int terminals; /* < 0: there are none */
	int inotify, epoll; /* what is to be waited for; data.ptr is the file */
};

int files_init(struct files *files, int epoll);
/* Closes all of them. */
void files_fini(struct files *files);

/*
 * A new one and, in *placeholder, what is to become the caller's; it is closed by who called this. Until a
 * copy was given away, file_drop() undoes it. 0 or -errno.
 */
int file_open(struct files *files, enum file_kind kind, enum shape shape, const char *name,
	      struct file **file, int *placeholder);
/* What it stands for is closed in the model. */
void file_drop(struct files *files, struct file *file);

/* NULL: none of ours. */
struct file *files_find(const struct files *files, const struct stat *st);
struct file *files_of_fd(struct files *files, pid_t tid, int fd);
/* The last copies of these were closed: their turn comes before the next call's. */
void files_reap(struct files *files);

#endif
