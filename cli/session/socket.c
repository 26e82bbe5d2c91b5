/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sessions are found: a directory that nobody else can write, a socket for each. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "session.h"

enum { BACKLOG = 4096 };

bool is_session_name(const char *name)
{
	return is_name(name);
}

static int check_directory(const struct call *call, const char *path, int dir)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return msg_fail_errno(call->output, path, errno);
	if (st.st_uid != geteuid()) {
		msg_fail(call->output, path, "the directory belongs to another user (uid %u)",
			 (unsigned int)st.st_uid);
		msg_hint(call->output, "whoever owns it could take the sessions over: remove it");
		return EXIT_FAILED;
	}
	if (st.st_mode & 077) {
		msg_fail(call->output, path, "others can enter the directory (mode %03o)", st.st_mode & 0777);
		msg_hint(call->output, "chmod 700 %s", path);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

int place_open(const struct call *call, bool create)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int dir, rc = iommufd_session_dir(path, sizeof(path));

	if (rc < 0) {
		msg_fail(call->output, NULL, "there is no directory for sessions (%s)",
			 iommufd_error_name(rc));
		msg_hint(call->output, "set XDG_RUNTIME_DIR, or be root");
		errno = EACCES;
		return -1;
	}
	if (create && mkdir(path, 0700) < 0 && errno != EEXIST) {
		msg_fail_errno(call->output, path, errno);
		errno = EACCES;
		return -1;
	}
	dir = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0) {
		if (!create && errno == ENOENT)
			return -1;
		msg_fail_errno(call->output, path, errno);
		errno = EACCES;
		return -1;
	}
	if (check_directory(call, path, dir) == EXIT_DONE)
		return dir;
	close(dir);
	errno = EACCES;
	return -1;
}

/* What lies where the socket will be: nothing, or the socket of a session that ended. */
static int clear_stale(const struct call *call, int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? EXIT_DONE : msg_fail_errno(call->output, name, errno);
	rc = fstat(fd, &st);
	close(fd);
	if (rc < 0)
		return msg_fail_errno(call->output, name, errno);
	if (!S_ISSOCK(st.st_mode))
		return msg_fail(call->output, name,
				"what lies in the place of the session's socket is no socket");
	if (iommufd_session_connect(name, &fd) == 0) {
		close(fd);
		msg_fail(call->output, name, "the session is running");
		msg_hint(call->output, PROGRAM " session show %s", name);
		return EXIT_FAILED;
	}
	if (errno != ECONNREFUSED)
		return msg_fail_errno(call->output, name, errno);
	return unlinkat(dir, name, 0) < 0 ? msg_fail_errno(call->output, name, errno) : EXIT_DONE;
}

static int bind_socket(const struct call *call, int dir, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool bound;

	/* Through the directory that was checked, whatever its path leads to by now. */
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir, name);
	if (fd < 0)
		return msg_fail_errno(call->output, name, errno), -1;
	umask(0177);
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	if (bound && listen(fd, BACKLOG) == 0)
		return fd;
	msg_fail_errno(call->output, name, errno);
	if (bound)
		unlinkat(dir, name, 0);
	close(fd);
	return -1;
}

int place_listen(const struct call *call, const char *name)
{
	int dir = place_open(call, true), fd = -1;

	if (dir < 0)
		return -1;
	/* The lock is on the directory itself, and ends with its fd: two starts cannot meet. */
	if (flock(dir, LOCK_EX) < 0)
		msg_fail_errno(call->output, name, errno);
	else if (clear_stale(call, dir, name) == EXIT_DONE)
		fd = bind_socket(call, dir, name);
	close(dir);
	return fd;
}

int place_listen_again(int listener)
{
	return listen(listener, BACKLOG);
}

void place_remove(const char *name)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int dir;

	if (iommufd_session_dir(path, sizeof(path)) < 0)
		return;
	dir = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return;
	unlinkat(dir, name, 0);
	close(dir);
}
