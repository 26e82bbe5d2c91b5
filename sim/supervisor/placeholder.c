/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervisor/placeholder.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static int make_pair(int *ours, int *theirs)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	*ours = ends[0];
	*theirs = ends[1];
	return 0;
}

/* A lock far behind all bytes. It belongs to what callers have open, and goes with it. */
static int last_byte_lock(int fd, int command)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = INT64_MAX - 1, .l_len = 1 };

	return fcntl(fd, command, &lock) < 0 ? -errno : lock.l_type;
}

/* Two open descriptions of one file. */
static int make_memory(const char *name, int *ours, int *theirs)
{
	char path[40];

	*ours = memfd_create(name, MFD_CLOEXEC);
	if (*ours < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", *ours);
	*theirs = open(path, O_RDWR | O_CLOEXEC);
	if (*theirs < 0)
		return -errno;
	return last_byte_lock(*theirs, F_OFD_SETLK) < 0 ? -errno : 0;
}

bool placeholder_is_open(int ours)
{
	return last_byte_lock(ours, F_OFD_GETLK) != F_UNLCK;
}

/* A read that finds nothing returns at once. */
static int make_raw(int fd)
{
	struct termios raw = { .c_cflag = CS8 | CREAD | CLOCAL };

	raw.c_cc[VMIN] = raw.c_cc[VTIME] = 0;
	return tcsetattr(fd, TCSANOW, &raw) < 0 ? -errno : 0;
}

int placeholder_find_terminals(void)
{
	int fd = open("/dev/ptmx", O_PATH | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int make_terminal(int terminals, int *ours, int *theirs)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", terminals);
	*ours = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (*ours < 0 || unlockpt(*ours) < 0)
		return -errno;
	*theirs = ioctl(*ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *theirs < 0 ? -errno : make_raw(*theirs);
}

int placeholder_make(enum shape shape, const char *name, int terminals, int *ours, int *theirs)
{
	int rc;

	*ours = *theirs = -1;
	if (shape == SHAPE_PAIR)
		rc = make_pair(ours, theirs);
	else
		rc = shape == SHAPE_MEMORY ? make_memory(name, ours, theirs)
					   : make_terminal(terminals, ours, theirs);
	if (rc < 0) {
		close(*ours);
		close(*theirs);
	}
	return rc;
}
